//! `uuid-mismatch`: the registry and the declaration disagree about who lives here.

use super::super::{Anchor, Code, Finding, Pointer};
use super::Sink;
use crate::snapshot::Snapshot;

pub(super) fn check(snapshot: &Snapshot, out: &mut Sink) {
    for (n, asset) in snapshot.assets.iter().enumerate() {
        let Some(read) = asset.loaded.read() else { continue };
        // Without a tree nothing is known of the member; the syntax error has been told.
        let Some(tree) = &read.reading.tree else { continue };
        let expected = asset.entry.asset_uuid;
        let finding = match read.reading.asset_uuid {
            Some(found) if found == expected => continue,
            Some(found) => Finding::new(
                Code::UuidMismatch,
                Anchor::Value(Pointer::root().key("asset_uuid")),
                format!("the registry expects `{expected}` in this folder, but `{found}` lives here"),
            )
            .label("another asset")
            .help(if snapshot.assets.iter().any(|other| other.entry.asset_uuid == found) {
                format!(
                    "If folders changed places, `cargo prometeu reconcile` lets their entries follow. If this is asset {} all the same, write its own uuid here: `{expected}`.",
                    asset.id()
                )
            } else {
                format!(
                    "If this is asset {0}, write its own uuid here, `{expected}`; `cargo prometeu adopt {1} --as {0}` does that. If another asset was put into its folder, move that one to a folder of its own, and put the right one back.",
                    asset.id(),
                    asset.entry.root
                )
            }),
            // It is there and malformed: the reader has said so.
            None if tree.member("asset_uuid").is_some() => continue,
            None => Finding::new(
                Code::UuidMismatch,
                Anchor::Value(Pointer::root()),
                format!("asset {} is registered, but its declaration carries no `asset_uuid`", asset.id()),
            )
            .help(format!(
                "Add the line `\"asset_uuid\": \"{expected}\",`; `cargo prometeu adopt {} --as {}` does that.",
                asset.entry.root,
                asset.id()
            )),
        };
        out.declaration(n, finding);
    }
}
