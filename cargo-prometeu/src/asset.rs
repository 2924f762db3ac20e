//! Which asset a person means: an id, a uuid, a root, a path to it, or a name.
//!
//! What those words mean is the library's to say. Here a path from the current folder becomes the
//! root that it leads to, when an asset is there; an id and a uuid are never taken for paths. Who asks
//! for something that lies in quarantine is told so.

use std::ffi::OsStr;

use prometeu_packer::Project;
use prometeu_packer::event::AffectedAsset;
use prometeu_packer::id::AssetUuid;
use prometeu_packer::ops::{Blocker, BlockerCode};
use prometeu_packer::path::AssetPath;
use prometeu_packer::quarantine::Quarantined;
use prometeu_packer::snapshot::{AssetQuery, Lookup, Snapshot};

use crate::{project, root};
use prometeu_packer::ops::quoted;

/// The words by which the library finds the registered asset that `typed` means.
///
/// # Errors
///
/// When it is no text, the project cannot be read, or what is meant lies in quarantine.
pub(crate) fn resolve(project: &Project, typed: &OsStr) -> Result<String, Blocker> {
    let text = text(typed)?;
    let snapshot = project.snapshot().map_err(|error| Blocker::from(&error))?;
    let root = root(project, typed, text)?;
    let is_registered = |root: &AssetPath| snapshot.assets.iter().any(|asset| asset.entry.root == *root);
    match &root {
        // A root may look like an id, or be the name of another asset.
        Some(root) if is_registered(root) => return Ok(format!("assets/{root}")),
        _ => {}
    }
    match away(project, &snapshot, text, root.as_ref()) {
        Some(blocker) => Err(blocker),
        None => Ok(text.to_owned()),
    }
}

/// The same, or the root of a folder with a declaration that nobody registered, such that it means
/// nothing else.
///
/// # Errors
///
/// As [`resolve`].
pub(crate) fn resolve_or_unregistered(project: &Project, typed: &OsStr) -> Result<String, Blocker> {
    let text = text(typed)?;
    let snapshot = project.snapshot().map_err(|error| Blocker::from(&error))?;
    let is_loose = |root: &AssetPath| {
        snapshot.assets.iter().all(|asset| asset.entry.root != *root)
            && project.layout().root(root).symlink_metadata().is_ok_and(|found| found.is_dir())
            && project.layout().declaration(root).symlink_metadata().is_ok()
    };
    match root(project, typed, text)? {
        // An asset may have this root for its name.
        Some(root) if is_loose(&root) => Ok(format!("assets/{root}")),
        _ => resolve(project, typed),
    }
}

/// The words by which the library finds what `typed` means among what lies in quarantine.
///
/// # Errors
///
/// When it is no text, or the current folder cannot be told.
pub(crate) fn resolve_quarantined(project: &Project, typed: &OsStr) -> Result<String, Blocker> {
    let Some(text) = typed.to_str() else {
        let message = format!("nothing in quarantine is called `{}`", typed.to_string_lossy());
        return Err(Blocker::new(BlockerCode::UnknownAsset, message)
            .help("`cargo prometeu list --quarantined` shows what lies there."));
    };
    let entries = project.list_quarantined().payload.unwrap_or_default();
    let root = root(project, typed, text)?;
    let was_there = |found: &Quarantined| match (&found.record, &root) {
        (Ok(record), Some(root)) => record.root == *root,
        _ => false,
    };
    match root.as_ref().filter(|_| entries.iter().any(was_there)) {
        Some(root) if entries.iter().all(|found| found.entry != text) => Ok(root.to_string()),
        _ => Ok(text.to_owned()),
    }
}

fn text(typed: &OsStr) -> Result<&str, Blocker> {
    typed.to_str().ok_or_else(|| {
        let message = format!("`{}` names no asset: it is not UTF-8", typed.to_string_lossy());
        Blocker::new(BlockerCode::UnknownAsset, message)
            .help("`cargo prometeu list` shows the assets with their ids, which are easy to type.")
    })
}

/// The root that `typed` leads to from the current folder, unless it is an id or a uuid.
fn root(project: &Project, typed: &OsStr, text: &str) -> Result<Option<AssetPath>, Blocker> {
    if text.parse::<u32>().is_ok() || AssetUuid::parse(text).is_some() {
        return Ok(None);
    }
    Ok(root::resolve(project.layout(), &project::current_dir()?, typed).ok())
}

/// What to say about an asset that nobody knows, when it lies in quarantine.
fn away(project: &Project, snapshot: &Snapshot, text: &str, root: Option<&AssetPath>) -> Option<Blocker> {
    snapshot.registry()?;
    if !matches!(snapshot.find(AssetQuery(text)), Lookup::Unknown(_)) {
        return None;
    }
    // Somebody may have put another folder there.
    let root = root.filter(|root| project.layout().root(root).symlink_metadata().is_err());
    let entries = project.list_quarantined().payload?;
    let is_meant = |found: &&Quarantined| {
        let Ok(record) = &found.record else { return false };
        let id = record.registered.as_ref();
        id.is_some_and(|id| id.asset_id.to_string() == text || id.asset_uuid.to_string() == text)
            || root == Some(&record.root)
    };
    let mut meant = entries.iter().filter(is_meant);
    let (found, others) = (meant.next()?, meant.count());
    let record = found.record.as_ref().ok()?;
    let what = match &record.registered {
        Some(registered) => format!("Asset {} (`{}`)", registered.asset_id, record.root),
        None => format!("`{}`", record.root),
    };
    let entry = &found.entry;
    let help = if let (0, Some(in_the_way)) = (others, &found.in_the_way) {
        let message = &in_the_way.message;
        format!("{what} lies in quarantine as `{entry}`, and cannot be restored: {message}.")
    } else if others == 0 {
        format!("{what} lies in quarantine as `{entry}`: `cargo prometeu restore {entry}` brings it back.")
    } else {
        format!("{what} lies in quarantine: `cargo prometeu list --quarantined` shows it.")
    };
    let message = format!("no asset has the id, uuid, root or name `{text}`");
    Some(Blocker::new(BlockerCode::UnknownAsset, message).help(help))
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
            _ => quoted(root),
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
