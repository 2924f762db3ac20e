//! What somebody asks about, which need not be an asset: nearest to what was typed first.
//!
//! A path comes before a name: the folder is what the person sees.

use std::ffi::OsStr;

use prometeu_packer::Project;
use prometeu_packer::id::AssetUuid;
use prometeu_packer::ops::{Blocker, ListRequest};
use prometeu_packer::path::AssetPath;
use prometeu_packer::quarantine::Quarantined;
use prometeu_packer::snapshot::{AssetQuery, Lookup, Snapshot};
use prometeu_packer::workspace::layout::CONTROL;

use crate::{project, root};

/// What was asked about.
#[derive(Debug)]
pub(super) enum Meant {
    /// A registered asset, by words that mean no other one; with the file in it that was named.
    Asset { words: String, file: Option<String> },
    /// A folder with a declaration that nobody registered; with the file in it that was named.
    Unregistered { root: AssetPath, file: Option<String> },
    /// Something in quarantine; with the file in it that was named.
    Quarantined { found: Quarantined, file: Option<String> },
    /// A folder without a declaration; with the roots of the assets below it, and of those that nobody registered.
    Folder { root: AssetPath, holds: Vec<String>, loose: Vec<String> },
    /// A file that belongs to no asset.
    Loose(AssetPath),
    /// The packer's own folder, or something in it, by its path from there.
    Own(String),
    /// `assets/` itself.
    All,
}

/// Finds it. What nobody knows is left to the library, which says so.
///
/// # Errors
///
/// When the current folder cannot be told.
pub(super) fn find(project: &Project, snapshot: &Snapshot, typed: &OsStr) -> Result<Meant, Blocker> {
    let text = typed.to_string_lossy().into_owned();
    let layout = project.layout();
    let here = project::current_dir()?;
    let is_path = text.parse::<u32>().is_err() && AssetUuid::parse(&text).is_none();
    let path = match is_path {
        true => root::resolve(layout, &here, typed).ok(),
        false => None,
    };
    let own = path.as_ref().and_then(|path| match path.as_str().split_once('/') {
        Some((CONTROL, rest)) => Some(rest.to_owned()),
        None if path.as_str() == CONTROL => Some(String::new()),
        _ => None,
    });
    let away = || project.list_quarantined().payload.unwrap_or_default();
    if let Some(own) = own {
        return Ok(in_own(own, away()));
    }
    let registered = |root: &AssetPath| snapshot.assets.iter().any(|asset| asset.entry.root == *root);
    let asset = |words: String| Meant::Asset { words, file: None };
    if snapshot.registry().is_none() {
        // Nobody knows who is registered, and the library says why.
        return Ok(asset(text));
    }
    let declares = |root: &AssetPath| layout.declaration(root).symlink_metadata().is_ok();
    if let Some(root) = &path {
        if registered(root) {
            return Ok(asset(format!("assets/{root}")));
        }
        if declares(root) {
            return Ok(Meant::Unregistered { root: root.clone(), file: None });
        }
    }
    if !matches!(snapshot.find(AssetQuery(&text)), Lookup::Unknown(_)) {
        return Ok(asset(text));
    }
    let is_away = |found: &Quarantined| {
        let of_record = found.record.as_ref().is_ok_and(|record| {
            let id = record.registered.as_ref();
            id.is_some_and(|id| id.asset_id.to_string() == text || id.asset_uuid.to_string() == text)
                || Some(&record.root) == path.as_ref()
        });
        found.entry == text || of_record
    };
    if let Some(found) = away().into_iter().find(is_away) {
        return Ok(Meant::Quarantined { found, file: None });
    }
    let Some(root) = path else {
        let is_all = is_path && here.join(typed).canonicalize().ok() == layout.assets().canonicalize().ok();
        return Ok(if is_all { Meant::All } else { asset(text) });
    };
    // The nearest folder above it that is somebody's.
    for around in above(&root) {
        let file = Some(root.as_str()[around.as_str().len() + 1..].to_owned());
        if registered(&around) {
            return Ok(Meant::Asset { words: format!("assets/{around}"), file });
        }
        if declares(&around) && layout.root(&root).symlink_metadata().is_ok() {
            return Ok(Meant::Unregistered { root: around, file });
        }
    }
    let place = layout.root(&root);
    if place.is_dir() {
        let inside =
            |folder: &str| folder.strip_prefix(root.as_str()).is_some_and(|rest| rest.starts_with('/'));
        let holds = snapshot.assets.iter().map(|asset| asset.entry.root.to_string());
        let holds = holds.filter(|below| inside(below)).collect();
        let request = ListRequest { unregistered: true, ..ListRequest::default() };
        let loose = project.list_assets(&request).payload.unwrap_or_default().into_iter().map(|row| row.root);
        let loose = loose.filter(|below| inside(below)).collect();
        return Ok(Meant::Folder { root, holds, loose });
    }
    Ok(if place.symlink_metadata().is_ok() { Meant::Loose(root) } else { asset(text) })
}

/// Something in the packer's own folder, by its path from there.
fn in_own(path: String, away: Vec<Quarantined>) -> Meant {
    let Some(inside) = path.strip_prefix("quarantine/") else { return Meant::Own(path) };
    let (entry, rest) = inside.split_once('/').unwrap_or((inside, ""));
    let file = rest.strip_prefix("root/").or(Some(rest)).filter(|rest| !["", "root"].contains(rest));
    let file = file.map(str::to_owned);
    match away.into_iter().find(|found| found.entry == entry) {
        Some(found) => Meant::Quarantined { found, file },
        None => Meant::Own(path),
    }
}

/// The folders that a path lies in, the nearest first.
fn above(path: &AssetPath) -> impl Iterator<Item = AssetPath> + '_ {
    let text = path.as_str();
    text.rmatch_indices('/').filter_map(move |(at, _)| AssetPath::parse(&text[..at]).ok())
}
