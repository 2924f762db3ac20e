//! What a plan writes is read back before the plan is shown: a change must never leave a document
//! that the packer itself cannot read, since nothing but an editor would lead out of that.

use super::Refused;
use crate::id::AssetUuid;
use crate::ops::{Blocker, BlockerCode};
use crate::schema::registry::{self, Registry};
use crate::schema::{Document, declaration};
use crate::workspace::layout::REGISTRY_FILE;

/// That `text` is read, and as `registry`.
pub(super) fn check_registry(text: &str, registry: &Registry) -> Result<(), Refused> {
    check_size(
        text,
        Document::Registry,
        REGISTRY_FILE,
        "Delete the entries of assets that are gone, or divide the project in two.",
    )?;
    let (_, reading) = registry::read_bytes(text.as_bytes().to_vec());
    if reading.registry.map(anywhere) == Some(anywhere(registry.clone())) {
        return Ok(());
    }
    Err(unreadable(REGISTRY_FILE, reading.findings.first().map(|finding| finding.message.as_str())))
}

/// The registry, wherever its entries stand in the text.
fn anywhere(mut registry: Registry) -> Registry {
    registry.assets.sort_by_key(|entry| entry.asset_id);
    registry.assets.iter_mut().for_each(|entry| entry.position = 0);
    registry
}

/// That the declaration `text`, at `path`, is read, and says who the asset is.
pub(super) fn check_declaration(
    text: &str,
    path: &str,
    uuid: impl Into<Option<AssetUuid>>,
    name: Option<&str>,
) -> Result<(), Refused> {
    check_size(text, Document::Declaration, path, "Shorten it: data belongs into input files.")?;
    let (_, reading) = declaration::read_bytes(text.as_bytes().to_vec());
    if (reading.asset_uuid, reading.name.as_deref()) == (uuid.into(), name) {
        return Ok(());
    }
    Err(unreadable(path, reading.findings.first().map(|finding| finding.message.as_str())))
}

fn check_size(text: &str, document: Document, path: &str, help: &str) -> Result<(), Refused> {
    let (size, limit) = (text.len(), document.limit());
    if size <= limit {
        return Ok(());
    }
    let message = format!("`{path}` would have {size} bytes then, and one of more than {limit} is not read");
    Err(Blocker::new(BlockerCode::InvalidArgument, message).help(help).at(path).into())
}

fn unreadable(path: &str, why: Option<&str>) -> Refused {
    let why = why.unwrap_or("it would say something else than was asked for");
    let message = format!("`{path}` could not be read any more after this change: {why}");
    let help = "Run `cargo prometeu doctor` to see what is wrong with it now, and mend that first.";
    Blocker::new(BlockerCode::InvalidArgument, message).help(help).at(path).into()
}
