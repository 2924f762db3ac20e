//! What somebody asks about, which need not be an asset: nearest to what was typed first.
//!
//! A path comes before a name: the folder is what the person sees.

use std::ffi::OsStr;

use prometeu_packer::Project;
use prometeu_packer::id::AssetUuid;
use prometeu_packer::ops::Blocker;
use prometeu_packer::path::AssetPath;
use prometeu_packer::quarantine::Quarantined;
use prometeu_packer::snapshot::{AssetQuery, Lookup, Snapshot};

use crate::{project, root};

/// What was asked about.
#[derive(Debug)]
pub(super) enum Meant {
    /// A registered asset, by words that mean no other one; with the file in it that was named.
    Asset { words: String, file: Option<String> },
    /// A folder with a declaration that nobody registered.
    Unregistered(AssetPath),
    /// Something in quarantine.
    Quarantined(Quarantined),
    /// A folder without a declaration; with the roots of the assets below it.
    Folder { root: AssetPath, holds: Vec<AssetPath> },
}

/// Finds it. What nobody knows is left to the library, which says so.
///
/// # Errors
///
/// When the current folder cannot be told.
pub(super) fn find(project: &Project, snapshot: &Snapshot, typed: &OsStr) -> Result<Meant, Blocker> {
    let text = typed.to_string_lossy().into_owned();
    let layout = project.layout();
    let is_path = text.parse::<u32>().is_err() && AssetUuid::parse(&text).is_none();
    let path = match is_path {
        true => root::resolve(layout, &project::current_dir()?, typed).ok(),
        false => None,
    };
    let registered = |root: &AssetPath| snapshot.assets.iter().any(|asset| asset.entry.root == *root);
    let asset = |words: String| Meant::Asset { words, file: None };
    if snapshot.registry().is_none() {
        // Nobody knows who is registered, and the library says why.
        return Ok(asset(text));
    }
    if let Some(root) = &path {
        if registered(root) {
            return Ok(asset(format!("assets/{root}")));
        }
        if layout.declaration(root).symlink_metadata().is_ok() {
            return Ok(Meant::Unregistered(root.clone()));
        }
    }
    if !matches!(snapshot.find(AssetQuery(&text)), Lookup::Unknown(_)) {
        return Ok(asset(text));
    }
    let away = project.list_quarantined().payload.unwrap_or_default();
    let is_away = |found: &Quarantined| {
        let of_record = found.record.as_ref().is_ok_and(|record| {
            let id = record.registered.as_ref();
            id.is_some_and(|id| id.asset_id.to_string() == text || id.asset_uuid.to_string() == text)
                || Some(&record.root) == path.as_ref()
        });
        found.entry == text || of_record
    };
    if let Some(found) = away.into_iter().find(is_away) {
        return Ok(Meant::Quarantined(found));
    }
    let Some(root) = path else { return Ok(asset(text)) };
    let around = snapshot.assets.iter().map(|asset| &asset.entry.root).find(|around| around.contains(&root));
    if let Some(around) = around {
        let file = root.as_str()[around.as_str().len() + 1..].to_owned();
        return Ok(Meant::Asset { words: format!("assets/{around}"), file: Some(file) });
    }
    if layout.root(&root).is_dir() {
        let roots = snapshot.assets.iter().map(|asset| &asset.entry.root);
        let holds = roots.filter(|below| root.contains(below)).cloned().collect();
        return Ok(Meant::Folder { root, holds });
    }
    Ok(asset(text))
}
