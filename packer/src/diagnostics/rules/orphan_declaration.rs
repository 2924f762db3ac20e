//! `orphan-declaration`: a folder that could be an asset and is none. One that carries the uuid of a
//! registered asset is a copy of it, or where it was moved: that has codes of its own. One inside a
//! registered root can be none before it was moved out. What to do about it, `snapshot::advice` says.

use std::collections::{BTreeMap, BTreeSet};

use super::super::{Anchor, Code, Finding};
use super::Sink;
use crate::id::AssetUuid;
use crate::snapshot::{Asset, Snapshot};
use crate::workspace::RootFolder;

pub(super) fn check(snapshot: &Snapshot, out: &mut Sink) {
    // While nobody knows what is registered, nothing is known not to be.
    if snapshot.registry().is_none() {
        return;
    }
    let roots: BTreeSet<&str> = snapshot.assets.iter().map(|asset| asset.entry.root.as_str()).collect();
    let mut holders = BTreeMap::new();
    for asset in &snapshot.assets {
        holders.entry(asset.entry.asset_uuid).or_insert(asset);
    }
    let mut carriers: BTreeMap<AssetUuid, usize> = BTreeMap::new();
    for uuid in
        snapshot.unregistered.iter().flatten().filter_map(|(_, read)| read.as_ref()?.reading.asset_uuid)
    {
        *carriers.entry(uuid).or_default() += 1;
    }
    for (n, (found, read)) in snapshot.unregistered.iter().flatten().enumerate() {
        let folder = &found.folder;
        let uuid = read.as_ref().and_then(|read| read.reading.asset_uuid);
        let is_told = uuid.is_some_and(|uuid| {
            holders.get(&uuid).is_some_and(|asset| is_told(asset, carriers.get(&uuid).copied().unwrap_or(0)))
        });
        if is_told {
            continue;
        }
        let mut above = folder.match_indices('/').map(|(at, _)| &folder[..at]);
        let message = match above.find(|above| roots.contains(above)) {
            Some(around) => format!(
                "`assets/{folder}` holds a second `asset.json` inside the asset `{around}`, and is not registered"
            ),
            None => format!("`assets/{folder}` holds an `asset.json` and is not registered"),
        };
        out.unregistered(n, Finding::new(Code::OrphanDeclaration, Anchor::File, message));
    }
}

/// Whether a folder with the uuid of this asset, one of so many that nobody registered, is told as its
/// copy, or as where it was moved.
fn is_told(asset: &Asset, carriers: usize) -> bool {
    let uuid = Some(asset.entry.asset_uuid);
    let is_in_place = asset.loaded.read().is_some_and(|read| read.reading.asset_uuid == uuid);
    is_in_place || (asset.loaded.folder == RootFolder::Missing && carriers == 1)
}
