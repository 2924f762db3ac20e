//! `legacy-name`: words of an older version, each with its word of today.

use super::super::{Anchor, Code, Finding, Pointer};
use super::{Sink, declared};
use crate::schema::declaration::Declaration;
use crate::snapshot::Snapshot;

/// Old and new names: of `type`, of `output.format`, of `output.codec`.
const TYPES: &[(&str, &str)] = &[("tile_bank", "glyph_bank")];
const FORMATS: &[(&str, &str)] = &[("TILES/indexed_v1", "GLYPH/indexed_v1")];
const CODECS: &[(&str, &str)] = &[("RAW", "NONE")];

/// An old name where it stands.
pub(crate) struct Used<'a> {
    /// The old name.
    pub(crate) old: &'a str,
    /// What it is called today.
    pub(crate) new: &'static str,
    /// The value's place.
    pub(crate) at: Pointer,
}

pub(super) fn check(snapshot: &Snapshot, out: &mut Sink) {
    for (n, _, declaration) in declared(snapshot) {
        for Used { old, new, at } in used(declaration) {
            let message = format!("`{old}` is an old name; it is `{new}` now");
            let finding = Finding::new(Code::LegacyName, Anchor::Value(at), message).label("old name").help(
                format!("Write `\"{new}\"`; nothing else changes. `cargo prometeu doctor --fix` does."),
            );
            out.declaration(n, finding);
        }
    }
}

/// The old names of a declaration.
pub(crate) fn used(declaration: &Declaration) -> impl Iterator<Item = Used<'_>> {
    let output = Pointer::root().key("output");
    let members = [
        (TYPES, &declaration.family, Pointer::root().key("type")),
        (FORMATS, &declaration.format, output.key("format")),
        (CODECS, &declaration.codec, output.key("codec")),
    ];
    members.into_iter().filter_map(|(names, old, at)| Some(Used { old, new: renamed(names, old)?, at }))
}

/// Whether a rule about unknown names can leave this one to `legacy-name`.
pub(super) fn is_legacy(used: &str) -> bool {
    [TYPES, FORMATS, CODECS].iter().any(|names| renamed(names, used).is_some())
}

fn renamed(names: &[(&str, &'static str)], used: &str) -> Option<&'static str> {
    names.iter().find(|(old, _)| *old == used).map(|(_, new)| *new)
}
