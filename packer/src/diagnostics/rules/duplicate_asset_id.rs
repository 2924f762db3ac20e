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
        let highest = snapshot.assets.iter().map(|asset| asset.id().get()).max().unwrap_or(0);
        let next = snapshot.registry().map_or(0, |registry| registry.next_asset_id).max(highest + 1);
        let finding = Finding::new(
            Code::DuplicateAssetId,
            entry_member(second, "asset_id"),
            format!("`{}` and `{}` both have id {}", first.entry.root, second.entry.root, first.id()),
        )
        .label("already taken")
        .help(format!(
            "The asset that was there first keeps the id. Write `\"asset_id\": {next}` for the other one, and `\"next_asset_id\": {}` above.",
            u64::from(next) + 1
        ));
        out.registry(finding);
    }
}
