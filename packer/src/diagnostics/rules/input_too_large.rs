//! `input-too-large`: an input is larger than its family takes.

use super::super::{Anchor, Code, Finding};
use super::{Sink, inputs};
use crate::snapshot::Snapshot;
use crate::workspace::InputFile;

pub(super) fn check(snapshot: &Snapshot, out: &mut Sink) {
    for input in inputs(snapshot) {
        let InputFile::There(stamp) = input.file else { continue };
        let Some(family) = input.of.family() else { continue };
        let (family, limit) = (family.name(), family.input_limit());
        if stamp.size <= limit {
            continue;
        }
        let finding = Finding::new(
            Code::InputTooLarge,
            Anchor::Input(input.input),
            format!(
                "the input `{}` has {} bytes, and a file of a `{family}` may have {limit}",
                input.declared.file, stamp.size
            ),
        )
        .label("too large")
        .help("Split it into several files, or take it out of `inputs`.");
        out.declaration(input.asset, finding);
    }
}
