//! What a project does not do where it is only built from: it makes no change and settles none, so it
//! never failed to, and nobody hears what differs between two looks at the whole workspace.

use super::Project;
use crate::commit::journal::Journal;
use crate::diagnostics::Diagnostic;
use crate::event::Teller;
use crate::snapshot::Snapshot;

/// Nothing: no changes are made.
#[derive(Debug, Default)]
pub(super) struct Writing {}

impl Project {
    pub(super) fn forget_settled(&self, _journal: &Journal) {
        let Writing {} = self.writing;
    }

    pub(super) fn is_unsettled(&self) -> bool {
        let Writing {} = self.writing;
        false
    }

    pub(super) fn explain(&self, _diagnostics: &mut [Diagnostic]) {
        let Writing {} = self.writing;
    }
}

pub(super) fn tell_difference(_before: Option<&Snapshot>, _now: &Snapshot, _teller: &mut Teller<'_>) {}
