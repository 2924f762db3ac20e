//! `uuid-mismatch`: the registry and the declaration disagree about who lives here.

use std::cell::OnceCell;
use std::collections::BTreeSet;

use super::super::{Anchor, Code, Finding, Pointer};
use super::{Sink, entry_member};
use crate::ops::quoted;
use crate::snapshot::{Asset, Snapshot};
use crate::workspace::LoadedDeclaration;

pub(super) fn check(snapshot: &Snapshot, out: &mut Sink) {
    let adopts = adopts(snapshot);
    let uuids: BTreeSet<_> = snapshot.assets.iter().map(|asset| asset.entry.asset_uuid).collect();
    for (n, asset) in snapshot.assets.iter().enumerate() {
        let Some(read) = asset.loaded.read() else { continue };
        let expected = asset.entry.asset_uuid;
        if read.reading.asset_uuid == Some(expected) {
            continue;
        }
        // Without a tree nothing is known of the member; the syntax error has been told.
        let Some(tree) = read.tree() else { continue };
        let finding = match read.reading.asset_uuid {
            Some(found) => Finding::new(
                Code::UuidMismatch,
                Anchor::Value(Pointer::root().key("asset_uuid")),
                format!("the registry expects `{expected}` in this folder, but `{found}` lives here"),
            )
            .label("another asset")
            .also_registered(entry_member(asset, "asset_uuid"), "registered with this uuid")
            .help(if uuids.contains(&found) {
                format!(
                    "If folders changed places, `cargo prometeu reconcile` lets their entries follow. If this is asset {} all the same, write its own uuid here: `{expected}`.",
                    asset.id()
                )
            } else {
                let command = adopts(asset).map_or_else(String::new, |adopt| format!("; `{adopt}` does that"));
                format!(
                    "If this is asset {}, write its own uuid here, `{expected}`{command}. If another asset was put into its folder, move that one to a folder of its own, and put the right one back.",
                    asset.id()
                )
            }),
            // It is there and malformed: the reader has said so.
            None if tree.member("asset_uuid").is_some() => continue,
            None => Finding::new(
                Code::UuidMismatch,
                Anchor::Value(Pointer::root()),
                format!("asset {} is registered, but its declaration carries no `asset_uuid`", asset.id()),
            )
            .also_registered(entry_member(asset, "asset_uuid"), "registered with this uuid")
            .help(format!(
                "Add the line `\"asset_uuid\": \"{expected}\",`{}.",
                adopts(asset).map_or_else(String::new, |adopt| format!("; `{adopt}` does that"))
            )),
        };
        out.declaration(n, finding);
    }
}

/// The command that writes the uuid of an asset back; none while entries share what only one may have, and
/// where the declaration has to be mended first.
fn adopts(snapshot: &Snapshot) -> impl Fn(&Asset) -> Option<String> {
    let is_sound = OnceCell::new();
    move |asset| {
        let is_sound = *is_sound.get_or_init(|| are_apart(snapshot));
        let root = quoted(asset.entry.root.as_str());
        let can_be_written = asset.loaded.read().is_some_and(LoadedDeclaration::is_json);
        (is_sound && can_be_written).then(|| format!("cargo prometeu adopt {root} --as {}", asset.id()))
    }
}

/// Whether no two entries share an id, a uuid or a root.
fn are_apart(snapshot: &Snapshot) -> bool {
    let mut seen = BTreeSet::new();
    let mut entries = snapshot.assets.iter().map(|asset| &asset.entry);
    entries.all(|entry| {
        let (id, uuid, root) = (entry.asset_id, entry.asset_uuid, &entry.root);
        [format!("id {id}"), format!("uuid {uuid}"), format!("root {root}")]
            .into_iter()
            .all(|name| seen.insert(name))
    })
}
