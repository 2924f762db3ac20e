//! Which registered asset a person means: an id, a uuid, a root, a path to it, or a name.
//!
//! What those words mean is the library's to say. Here a path from the current folder becomes the
//! root that it leads to, when an asset is registered there; an id and a uuid are never taken for
//! paths.

use std::ffi::OsStr;

use prometeu_packer::Project;
use prometeu_packer::event::AffectedAsset;
use prometeu_packer::id::AssetUuid;
use prometeu_packer::ops::{Blocker, BlockerCode};

use crate::root::quoted;
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

/// The assets as a shell takes them, each so that it means no other one: its root, or its id where
/// the root could be read as something else.
pub(crate) fn exactly(assets: &[AffectedAsset]) -> String {
    let exactly = |asset: &AffectedAsset| {
        let root = asset.root.as_str();
        let is_root =
            quoted(root) == root && root.parse::<u32>().is_err() && AssetUuid::parse(root).is_none();
        match asset.asset_id {
            Some(id) if !is_root => id.to_string(),
            _ => root.to_owned(),
        }
    };
    assets.iter().map(exactly).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use prometeu_packer::id::AssetId;
    use prometeu_packer::path::AssetPath;

    use super::*;

    #[test]
    fn an_asset_is_named_by_its_root_unless_that_could_mean_something_else() {
        let asset = |root: &str| AffectedAsset {
            asset_id: Some(AssetId::try_from(7).unwrap()),
            asset_uuid: None,
            root: AssetPath::parse(root).unwrap(),
        };
        let roots = ["ui/atlas", "3", "6f1c2d1e-8a34-4b7e-9d0a-2f5b7c9e1a44", "-x", "two words"];
        assert_eq!(exactly(&roots.map(asset)), "ui/atlas 7 7 7 7");
    }
}
