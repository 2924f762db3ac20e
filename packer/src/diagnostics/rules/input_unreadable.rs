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
    if is_circle(why) {
        let message = format!("the input `{file}` cannot be read: its link leads back to itself");
        return Finding::new(Code::InputUnreadable, Anchor::Input(input), message)
            .label("a link in a circle")
            .help("Put the file itself there, or make the link point to a file in the same asset folder.");
    }
    Finding::new(
        Code::InputUnreadable,
        Anchor::Input(input),
        format!("the input `{file}` cannot be read: {why}"),
    )
    .label("cannot be read")
    .help("Check the file's permissions, and whether another program holds it open.")
}

/// Whether the system gave up on links, in the words of POSIX's `ELOOP`; the standard library has no
/// stable name for that error.
fn is_circle(why: &str) -> bool {
    let why = why.to_ascii_lowercase();
    why.starts_with("too many") && why.contains("links")
}
