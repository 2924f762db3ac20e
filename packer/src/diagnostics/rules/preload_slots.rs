//! `preload-slots`: the runtime has 16 slots for glyph banks, and each preload takes one.

use super::super::{Anchor, Code, Finding, Pointer};
use super::Sink;
use crate::snapshot::Snapshot;

/// Slots of the runtime by bank type; other types are not bounded by it.
const SLOTS: &[(&str, usize)] = &[("GLYPH", 16)];

pub(super) fn check(snapshot: &Snapshot, out: &mut Sink) {
    for (bank_type, slots) in SLOTS {
        let preloaded = snapshot.pack_set().filter(|n| {
            let asset = &snapshot.assets[*n];
            asset.is_preloaded() && asset.family().is_some_and(|family| family.bank_type() == *bank_type)
        });
        let preloaded: Vec<usize> = preloaded.collect();
        if preloaded.len() <= *slots {
            continue;
        }
        let count = preloaded.len();
        for asset in &preloaded[*slots..] {
            let anchor = Anchor::Value(Pointer::root().key("preload").key("enabled"));
            let finding = Finding::new(
                Code::PreloadSlots,
                anchor,
                format!("{count} assets ask for preload, but the runtime has {slots} `{bank_type}` slots"),
            )
            .label("no slot left for this one")
            .help("Set `\"enabled\": false` in assets that can be loaded later.");
            out.declaration(*asset, finding);
        }
    }
}
