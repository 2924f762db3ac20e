//! `input-not-a-file`: a folder, a pipe or a device where a file should be.

use super::super::{Anchor, Code, Finding};
use super::{Sink, inputs};
use crate::snapshot::Snapshot;
use crate::storage::FileKind;
use crate::workspace::InputFile;

pub(super) fn check(snapshot: &Snapshot, out: &mut Sink) {
    for input in inputs(snapshot) {
        let InputFile::NotAFile(kind) = input.file else { continue };
        let file = &input.declared.file;
        let (what, help) = match kind {
            FileKind::Folder => ("a folder", "List the files inside it one by one."),
            _ => ("not a regular file", "Only regular files can be packed."),
        };
        let finding = Finding::new(
            Code::InputNotAFile,
            Anchor::Input(input.input),
            format!("the input `{file}` is {what}"),
        )
        .label("not a file")
        .help(help);
        out.declaration(input.asset, finding);
    }
}
