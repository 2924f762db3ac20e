//! `legacy-name`: words of an older version, each with its word of today.

use super::super::{Anchor, Code, Finding, Pointer};
use super::{Sink, declared};
use crate::schema::declaration::Declaration;
use crate::snapshot::Snapshot;

/// Old names, each with its new one.
type Names = &'static [(&'static str, &'static str)];

/// Of `type`.
pub(super) const TYPES: Names = &[("tile_bank", "glyph_bank")];
/// Of `output.format`.
pub(super) const FORMATS: Names = &[("TILES/indexed_v1", "GLYPH/indexed_v1")];
/// Of `output.codec`.
pub(super) const CODECS: Names = &[("RAW", "NONE")];

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

/// Whether a rule about unknown names can leave this one, in the member that had those, to `legacy-name`.
pub(super) fn is_legacy(names: Names, used: &str) -> bool {
    renamed(names, used).is_some()
}

fn renamed(names: Names, used: &str) -> Option<&'static str> {
    names.iter().find(|(old, _)| *old == used).map(|(_, new)| *new)
}
