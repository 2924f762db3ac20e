//! `orphan-declaration`: a folder that could be an asset and is none. One that carries the uuid of a
//! registered asset is a copy of it, or where it was moved: that has codes of its own. One inside a
//! registered root is told as `nested-root`. What to do about it, `snapshot::advice` says.

use super::super::{Anchor, Code, Finding};
use super::Sink;
use crate::snapshot::{Asset, Snapshot};
use crate::workspace::{LoadedDeclaration, RootFolder};

pub(super) fn check(snapshot: &Snapshot, out: &mut Sink) {
    // While nobody knows what is registered, nothing is known not to be.
    if snapshot.registry().is_none() {
        return;
    }
    for (n, (found, read)) in snapshot.unregistered.iter().flatten().enumerate() {
        let folder = &found.folder;
        let uuid = read.as_ref().and_then(|read| read.reading.asset_uuid);
        let holder = snapshot.assets.iter().find(|asset| Some(asset.entry.asset_uuid) == uuid);
        let is_inside = snapshot.assets.iter().any(|asset| {
            let below = folder.strip_prefix(asset.entry.root.as_str());
            below.is_some_and(|below| below.starts_with('/'))
        });
        if is_inside || holder.is_some_and(|asset| is_told(snapshot, asset)) {
            continue;
        }
        let message = format!("`assets/{folder}` holds an `asset.json` and is not registered");
        out.unregistered(n, Finding::new(Code::OrphanDeclaration, Anchor::File, message));
    }
}

/// Whether a folder with the uuid of this asset is told as its copy, or as where it was moved.
fn is_told(snapshot: &Snapshot, asset: &Asset) -> bool {
    let uuid = Some(asset.entry.asset_uuid);
    let carries = |read: &LoadedDeclaration| read.reading.asset_uuid == uuid;
    let is_in_place = asset.loaded.read().is_some_and(carries);
    let elsewhere = snapshot.unregistered.iter().flatten().filter_map(|(_, read)| read.as_ref());
    let is_moved =
        asset.loaded.folder == RootFolder::Missing && elsewhere.filter(|read| carries(read)).count() == 1;
    is_in_place || is_moved
}
