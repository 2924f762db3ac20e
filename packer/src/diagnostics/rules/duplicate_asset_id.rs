//! `duplicate-asset-id`: two entries claim one identity, as two branches that each registered do.

use super::super::{Code, Finding};
use super::{Sink, entry_member};
use crate::snapshot::Snapshot;

pub(super) fn check(snapshot: &Snapshot, out: &mut Sink) {
    for pair in snapshot.assets.windows(2) {
        let [first, second] = pair else { continue };
        if first.id() != second.id() {
            continue;
        }
        let next = snapshot.registry().map_or(0, |registry| registry.next_asset_id);
        let finding = Finding::new(
            Code::DuplicateAssetId,
            entry_member(second, "asset_id"),
            format!("`{}` and `{}` both have id {}", first.entry.root, second.entry.root, first.id()),
        )
        .label("already taken")
        .help(format!(
            "Keep the id of the asset that was there first; give the other one id {next} and raise `next_asset_id` by one."
        ));
        out.registry(finding);
    }
}
