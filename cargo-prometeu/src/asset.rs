//! Which registered asset a person means: an id, a uuid, a root, a path to it, or a name.
//!
//! What those words mean is the library's to say. Here a path from the current folder becomes the
//! root that it leads to, when an asset is registered there; an id and a uuid are never taken for
//! paths.

use std::ffi::OsStr;

use prometeu_packer::Project;
use prometeu_packer::id::AssetUuid;
use prometeu_packer::ops::{Blocker, BlockerCode};

use crate::{project, root};

/// The words by which the library finds what `typed` means.
///
/// # Errors
///
/// When it is no text, or the project cannot be read.
pub(crate) fn resolve(project: &Project, typed: &OsStr) -> Result<String, Blocker> {
    let Some(text) = typed.to_str() else {
        let message = format!("`{}` names no asset: it is not UTF-8", typed.to_string_lossy());
        return Err(Blocker::new(BlockerCode::UnknownAsset, message)
            .help("`cargo prometeu list` shows the assets with their ids, which are easy to type."));
    };
    if text.parse::<u32>().is_ok() || AssetUuid::parse(text).is_some() {
        return Ok(text.to_owned());
    }
    let here = project::current_dir()?;
    let snapshot = project.snapshot().map_err(|error| Blocker::from(&error))?;
    let root = root::resolve(project.layout(), &here, typed).ok();
    let registered = root.filter(|root| snapshot.assets.iter().any(|asset| asset.entry.root == *root));
    Ok(registered.map_or_else(|| text.to_owned(), |root| root.to_string()))
}
