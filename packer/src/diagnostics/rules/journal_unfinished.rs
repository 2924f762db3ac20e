//! `journal-unfinished`: a change was interrupted, so nobody knows yet what the project holds.

use super::super::{Anchor, Code, Finding};
use super::Sink;
use crate::commit::journal;
use crate::snapshot::{Snapshot, State};

pub(super) fn check(snapshot: &Snapshot, out: &mut Sink) {
    let (message, help) = match &snapshot.state {
        State::Reconciling { title } => (
            format!("a change was interrupted: {}", title.escape_debug()),
            "Run `cargo prometeu doctor`: it finishes the change, or takes it back.",
        ),
        State::Failed { why } => (format!("the journal cannot be followed: {why}"), journal::help(why)),
        State::Current | State::Stale | State::Diverged => return,
    };
    out.journal(Finding::new(Code::JournalUnfinished, Anchor::File, message).help(help));
}
