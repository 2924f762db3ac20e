//! `copied-root`: somebody copied an asset's folder, uuid and all, and the asset is in its place. Only a
//! walk over all of `assets/` shows it; no build is touched by it. What to do about it, `snapshot::advice` says.

use std::collections::BTreeSet;

use super::super::{Anchor, Code, Finding, Pointer};
use super::Sink;
use crate::snapshot::{Asset, OwnRoot, Snapshot};

pub(super) fn check(snapshot: &Snapshot, out: &mut Sink) {
    if snapshot.unregistered.is_none() {
        return;
    }
    let carriers = snapshot.carriers();
    // A copy of what is registered several times is told once.
    let mut seen = BTreeSet::new();
    let is_first =
        |asset: &&Asset| snapshot.own_root(asset) == OwnRoot::InPlace && seen.insert(asset.entry.asset_uuid);
    for asset in snapshot.assets.iter().filter(is_first) {
        let (id, root) = (asset.id(), &asset.entry.root);
        for copy in carriers.elsewhere(asset) {
            let Some(n) = copy.unregistered else { continue };
            let folder = copy.folder;
            let finding = Finding::new(
                Code::CopiedRoot,
                Anchor::Value(Pointer::root().key("asset_uuid")),
                format!("`{folder}` is a copy of asset {id} (`{root}`): it carries the same uuid"),
            )
            .label("the uuid of that asset");
            out.unregistered(n, finding);
        }
    }
}
