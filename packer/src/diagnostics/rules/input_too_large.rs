//! `input-too-large`: an input is larger than its family takes.

use super::super::{Anchor, Code, Finding};
use super::{Sink, inputs};
use crate::family::{self, Family};
use crate::snapshot::Snapshot;
use crate::workspace::InputFile;

pub(super) fn check(snapshot: &Snapshot, out: &mut Sink) {
    for input in inputs(snapshot) {
        let InputFile::There(stamp) = input.file else { continue };
        let family = input.of.declaration().and_then(|declaration| family::by_name(&declaration.family));
        let Some(limit) = family.map(Family::input_limit) else { continue };
        if stamp.size <= limit {
            continue;
        }
        let finding = Finding::new(
            Code::InputTooLarge,
            Anchor::Input(input.input),
            format!("the input `{}` has {} bytes, more than {limit}", input.declared.file, stamp.size),
        )
        .label("too large")
        .help("Split the file, or take it out of the pack.");
        out.declaration(input.asset, finding);
    }
}
