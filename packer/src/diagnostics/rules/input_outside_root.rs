//! `input-outside-root`: a link leads out of the asset root. (A path that says so itself, with `..`
//! or from `/`, is found where the declaration is read.)

use super::super::{Anchor, Code, Finding};
use super::{Sink, inputs};
use crate::snapshot::Snapshot;
use crate::workspace::InputFile;

pub(super) fn check(snapshot: &Snapshot, out: &mut Sink) {
    for input in inputs(snapshot).filter(|input| *input.file == InputFile::Outside) {
        let file = &input.declared.file;
        let finding = Finding::new(
            Code::InputOutsideRoot,
            Anchor::Input(input.input),
            format!("the input `{file}` is a link that leads out of `assets/{}`", input.of.entry.root),
        )
        .label("leads outside")
        .help("Copy the file into the asset's folder: an asset packs only what it holds.");
        out.declaration(input.asset, finding);
    }
}
