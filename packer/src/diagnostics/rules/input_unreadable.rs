//! `input-unreadable`: the file system will not say what an input is.

use super::super::{Anchor, Code, Finding};
use super::{Sink, inputs};
use crate::snapshot::Snapshot;
use crate::workspace::InputFile;

pub(super) fn check(snapshot: &Snapshot, out: &mut Sink) {
    for input in inputs(snapshot) {
        let InputFile::Unreadable(why) = input.file else { continue };
        out.declaration(input.asset, finding(input.input, &input.declared.file, why));
    }
}

/// The finding, also for an input that turns out unreadable when it is opened.
pub(crate) fn finding(input: usize, file: &str, why: &str) -> Finding {
    Finding::new(
        Code::InputUnreadable,
        Anchor::Input(input),
        format!("the input `{file}` cannot be read: {why}"),
    )
    .label("cannot be read")
    .help("Check the file's permissions, and whether another program holds it open.")
}
