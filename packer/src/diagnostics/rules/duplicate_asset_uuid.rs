//! `duplicate-asset-uuid`: two entries name one anchor.

use std::collections::BTreeMap;

use super::super::{Code, Finding};
use super::{Sink, entry_member};
use crate::snapshot::Snapshot;

pub(super) fn check(snapshot: &Snapshot, out: &mut Sink) {
    let mut seen = BTreeMap::new();
    for asset in &snapshot.assets {
        let uuid = asset.entry.asset_uuid;
        let Some(first) = seen.insert(uuid, asset) else { continue };
        seen.insert(uuid, first);
        let finding = Finding::new(
            Code::DuplicateAssetUuid,
            entry_member(asset, "asset_uuid"),
            format!(
                "assets {} (`{}`) and {} (`{}`) have the same uuid",
                first.id(),
                first.entry.root,
                asset.id(),
                asset.entry.root
            ),
        )
        .label("already taken")
        .also_registered(entry_member(first, "asset_uuid"), "first registered here")
        .help(format!(
            "One of the two is a copy. If it is `{0}`, delete its entry here; then `cargo prometeu adopt {0} --as-new` makes it an asset of its own.",
            asset.entry.root
        ));
        out.registry(finding);
    }
}
