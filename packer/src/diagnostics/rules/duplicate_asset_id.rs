//! `duplicate-asset-id`: two entries claim one identity, as two branches that each registered do.

use super::super::{Code, Finding};
use super::{Sink, entry_member};
use crate::id::AssetId;
use crate::snapshot::Snapshot;

pub(super) fn check(snapshot: &Snapshot, out: &mut Sink) {
    let highest = snapshot.assets.iter().map(|asset| asset.id().get()).max().unwrap_or(0);
    let next = snapshot.registry().map_or(0, |registry| registry.next_asset_id).max(highest + 1);
    for pair in snapshot.assets.windows(2) {
        let [first, second] = pair else { continue };
        if first.id() != second.id() {
            continue;
        }
        let cure = if next <= AssetId::MAX.get() {
            format!(
                "Write `\"asset_id\": {next}` for the other one, and `\"next_asset_id\": {}` above.",
                next + 1
            )
        } else {
            format!(
                "Give the other one an id that no asset ever had; there is none above {}, so it cannot be the \
                 next one.",
                AssetId::MAX
            )
        };
        let finding = Finding::new(
            Code::DuplicateAssetId,
            entry_member(second, "asset_id"),
            format!("`{}` and `{}` both have id {}", first.entry.root, second.entry.root, first.id()),
        )
        .label("already taken")
        .also_registered(entry_member(first, "asset_id"), "first given here")
        .help(format!("The asset that was there first keeps the id. {cure}"));
        out.registry(finding);
    }
}
