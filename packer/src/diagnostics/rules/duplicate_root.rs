//! `duplicate-root`: two entries name one folder.

use std::collections::BTreeMap;

use super::super::{Code, Finding};
use super::{Sink, entry_member};
use crate::snapshot::Snapshot;

pub(super) fn check(snapshot: &Snapshot, out: &mut Sink) {
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    for (n, asset) in snapshot.assets.iter().enumerate() {
        let first = *seen.entry(asset.entry.root.as_str()).or_insert(n);
        if first == n {
            continue;
        }
        let first = &snapshot.assets[first];
        let finding = Finding::new(
            Code::DuplicateRoot,
            entry_member(asset, "root"),
            format!("assets {} and {} both claim `{}`", first.id(), asset.id(), asset.entry.root),
        )
        .label("already claimed")
        .also_registered(entry_member(first, "root"), "first claimed here")
        .help(
            "A folder holds one asset: correct the `root` of one of the two entries, or delete that entry.",
        );
        out.registry(finding);
    }
}
