//! `format-not-of-type`: type and format are both known and do not belong together.

use super::super::{Code, Finding};
use super::{Sink, declared, output_member};
use crate::family;
use crate::snapshot::Snapshot;

pub(super) fn check(snapshot: &Snapshot, out: &mut Sink) {
    for (n, _, declaration) in declared(snapshot) {
        let (Some(of_type), Some(of_format)) =
            (family::by_name(&declaration.family), family::by_format(&declaration.format))
        else {
            continue;
        };
        if of_type.name() == of_format.name() {
            continue;
        }
        let finding = Finding::new(
            Code::FormatNotOfType,
            output_member("format"),
            format!("a `{}` is not written as `{}`", of_type.name(), of_format.format()),
        )
        .label(format!("this is the format of `{}`", of_format.name()))
        .help(format!(
            "Write `\"{}\"`, or set `type` to `\"{}\"`.",
            of_type.format(),
            of_format.name()
        ));
        out.declaration(n, finding);
    }
}
