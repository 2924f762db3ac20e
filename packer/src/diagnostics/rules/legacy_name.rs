//! `legacy-name`: words of an older version, each with its word of today.

use super::super::{Anchor, Code, Finding, Pointer};
use super::{Sink, declared, output_member};
use crate::snapshot::Snapshot;

/// Old and new names: of `type`, of `output.format`, of `output.codec`.
const TYPES: &[(&str, &str)] = &[("tile_bank", "glyph_bank")];
const FORMATS: &[(&str, &str)] = &[("TILES/indexed_v1", "GLYPH/indexed_v1")];
const CODECS: &[(&str, &str)] = &[("RAW", "NONE")];

pub(super) fn check(snapshot: &Snapshot, out: &mut Sink) {
    for (n, _, declaration) in declared(snapshot) {
        let members = [
            (TYPES, &declaration.family, Anchor::Value(Pointer::root().key("type"))),
            (FORMATS, &declaration.format, output_member("format")),
            (CODECS, &declaration.codec, output_member("codec")),
        ];
        for (names, used, anchor) in members {
            let Some(new) = renamed(names, used) else { continue };
            let finding =
                Finding::new(Code::LegacyName, anchor, format!("`{used}` is an old name; it is `{new}` now"))
                    .label("old name")
                    .help(format!("Write `\"{new}\"`; nothing else changes."));
            out.declaration(n, finding);
        }
    }
}

/// Whether a rule about unknown names can leave this one to `legacy-name`.
pub(super) fn is_legacy(used: &str) -> bool {
    [TYPES, FORMATS, CODECS].iter().any(|names| renamed(names, used).is_some())
}

fn renamed(names: &[(&str, &'static str)], used: &str) -> Option<&'static str> {
    names.iter().find(|(old, _)| *old == used).map(|(_, new)| *new)
}
