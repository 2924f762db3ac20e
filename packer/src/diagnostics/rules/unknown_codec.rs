//! `unknown-codec`: the runtime reads `NONE` and nothing else.

use super::super::{Code, Finding};
use super::legacy_name::{CODECS, is_legacy};
use super::{Sink, declared, output_member};
use crate::snapshot::Snapshot;

pub(super) fn check(snapshot: &Snapshot, out: &mut Sink) {
    for (n, _, declaration) in declared(snapshot) {
        let used = declaration.codec.as_str();
        if used == "NONE" || is_legacy(CODECS, used) || used.is_empty() {
            continue;
        }
        let finding =
            Finding::new(Code::UnknownCodec, output_member("codec"), format!("there is no codec `{used}`"))
                .label("unknown codec")
                .help("Write `\"NONE\"`: packs are not compressed, and no other codec exists.");
        out.declaration(n, finding);
    }
}
