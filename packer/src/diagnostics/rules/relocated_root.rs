//! `relocated-root`: an asset is gone from its root, and exactly one folder that nobody registered
//! carries its uuid: it was moved by hand. It blocks through `root-missing`; this says where it is, and `snapshot::advice`
//! what to do about it.

use super::super::{Anchor, Code, Finding, Pointer};
use super::Sink;
use crate::snapshot::{OwnRoot, Snapshot};

pub(super) fn check(snapshot: &Snapshot, out: &mut Sink) {
    if snapshot.unregistered.is_none() {
        return;
    }
    let carriers = snapshot.carriers();
    for asset in snapshot.assets.iter().filter(|asset| snapshot.own_root(asset) == OwnRoot::Gone) {
        let (id, root) = (asset.id(), &asset.entry.root);
        let Some(to) = carriers.only_elsewhere(asset) else { continue };
        let Some(n) = to.unregistered else { continue };
        let folder = to.folder;
        let finding = Finding::new(
            Code::RelocatedRoot,
            Anchor::Value(Pointer::root().key("asset_uuid")),
            format!("asset {id} is in `{folder}`, and registered in `{root}`, where it is not"),
        )
        .label("the uuid of that asset");
        out.unregistered(n, finding);
    }
}
