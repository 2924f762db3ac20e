//! `input-missing`: a declared input is not on disk.

use super::super::{Anchor, Code, Finding};
use super::{Sink, inputs};
use crate::snapshot::Snapshot;
use crate::workspace::InputFile;

pub(super) fn check(snapshot: &Snapshot, out: &mut Sink) {
    for input in inputs(snapshot).filter(|input| *input.file == InputFile::Missing) {
        let file = &input.declared.file;
        let finding = Finding::new(
            Code::InputMissing,
            Anchor::Input(input.input),
            format!("the input `{file}` is not in `assets/{}`", input.of.entry.root),
        )
        .label("no such file")
        .help("Put the file there, or correct the path; upper and lower case count.");
        out.declaration(input.asset, finding);
    }
}
