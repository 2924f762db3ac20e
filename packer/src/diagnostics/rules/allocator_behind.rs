//! `allocator-behind`: the next registration would hand out an id that is taken.

use super::super::{Anchor, Code, Finding, Pointer};
use super::Sink;
use crate::snapshot::Snapshot;

pub(super) fn check(snapshot: &Snapshot, out: &mut Sink) {
    let Some(registry) = snapshot.registry() else { return };
    let Some(highest) = registry.assets.iter().map(|entry| entry.asset_id.get()).max() else { return };
    if registry.next_asset_id > highest {
        return;
    }
    let next = registry.next_asset_id;
    let anchor = Anchor::Value(Pointer::root().key("next_asset_id"));
    let finding = Finding::new(
        Code::AllocatorBehind,
        anchor,
        format!("`next_asset_id` is {next}, but id {highest} is in use"),
    )
    .label("must be above every id")
    .help(format!(
        "Write {}, or a greater number if an asset with a greater id was ever removed: no id is used twice. `cargo prometeu doctor --fix` does.",
        highest + 1
    ));
    out.registry(finding);
}
