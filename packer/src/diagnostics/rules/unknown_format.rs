//! `unknown-format`: `output.format` is no format that this packer writes.

use super::super::{Code, Finding};
use super::legacy_name::{FORMATS, is_legacy};
use super::{Sink, declared, output_member};
use crate::family::{self, Family};
use crate::schema::suggest::nearest;
use crate::snapshot::Snapshot;

pub(super) fn check(snapshot: &Snapshot, out: &mut Sink) {
    for (n, _, declaration) in declared(snapshot) {
        let used = declaration.format.as_str();
        if family::by_format(used).is_some() || is_legacy(FORMATS, used) || used.is_empty() {
            continue;
        }
        let own = family::by_name(&declaration.family).map(Family::format);
        let help = match (own, nearest(used, family::ALL.iter().map(|family| family.format()))) {
            (Some(format), _) => format!("Write `\"{format}\"`, the format of a `{}`.", declaration.family),
            (None, Some(format)) => format!("Did you mean `{format}`?"),
            (None, None) => {
                "Write the format of its type, for example `\"GLYPH/indexed_v1\"` for `glyph_bank`."
                    .to_owned()
            }
        };
        let finding = Finding::new(
            Code::UnknownFormat,
            output_member("format"),
            format!("there is no format `{used}`"),
        )
        .label("unknown format")
        .help(help);
        out.declaration(n, finding);
    }
}
