//! Opening a project, and what is done about a change that was interrupted.
//!
//! Whoever opens a project to work with it finishes what a crash interrupted, or takes it back; a build
//! repairs nothing. Where that cannot be done now (the checkout cannot be written, somebody else is at
//! work, the journal cannot be followed), the project opens all the same: reads show it as it was
//! before the change and say so, and the next mutation tries again.

use std::path::Path;
use std::sync::Mutex;
use std::time::Duration;

use super::{Current, Project, held};
use crate::commit::journal::Found;
use crate::commit::{self, Recovered};
use crate::event::EventKind;
use crate::lane::{Claim, Lane, Turn, Wait};
use crate::ops::Operation;
use crate::workspace::Layout;
use crate::{Error, Host};

impl Project {
    /// Opens the project in `folder`, and settles a change that was interrupted. Whether there is a
    /// project shows in the answers: an empty folder can be opened to be initialised.
    ///
    /// # Errors
    ///
    /// When there is no such folder.
    pub fn open(host: Host, folder: &Path) -> Result<Self, Error> {
        let project = Self::open_for_build(host, folder)?;
        project.recover_if_free();
        Ok(project)
    }

    /// Opens the project in `folder` to build from it: nothing is repaired, and nothing written below
    /// `assets/` unless a mutation is asked for.
    ///
    /// # Errors
    ///
    /// When there is no such folder.
    pub fn open_for_build(host: Host, folder: &Path) -> Result<Self, Error> {
        let resolved = host.storage.resolve(folder).map_err(|error| Error::io("open", folder, error))?;
        let project_id = resolved.display().to_string();
        Ok(Self {
            host,
            layout: Layout::new(folder),
            project_id,
            current: Mutex::new(Current::default()),
            refreshing: Mutex::new(()),
            lane: Lane::default(),
            recovered: Mutex::new(None),
        })
    }

    /// What was done about an interrupted change since the last time this was asked.
    pub fn take_recovered(&self) -> Option<Recovered> {
        held(&self.recovered).take()
    }

    /// Settles an interrupted change, unless its writer is still at work or it cannot be done now.
    fn recover_if_free(&self) {
        match self.journal() {
            Ok(Found::Journal(journal)) if !journal.is_clean() => {}
            // What is wrong otherwise is told by whoever reads.
            _ => return,
        }
        let operation_id = self.host.ids.operation_id();
        let claim = Claim { process: &self.host.process, operation: Operation::Reconcile, operation_id };
        let mut nobody = |_| {};
        let wait = Wait::new(&*self.host.clock, Duration::ZERO, &mut nobody);
        if let Ok(Ok(turn)) = self.lane.take(&*self.host.storage, &self.layout, &claim, wait) {
            drop(self.recover(&turn));
        }
    }

    /// Settles an interrupted change, and tells; the number of the last change.
    pub(super) fn recover(&self, turn: &Turn<'_>) -> Result<u64, Error> {
        let (sequence, recovered) = commit::recover(turn)?;
        if let Some(recovered) = recovered {
            self.refresh_after_commit();
            let summary = recovered.to_string();
            let kind = if recovered.finished {
                EventKind::ActionApplied { action_id: recovered.plan_id.to_string() }
            } else {
                EventKind::ActionFailed { code: "edit-conflict" }
            };
            self.teller(self.host.ids.operation_id()).tell(kind, summary);
            *held(&self.recovered) = Some(recovered);
        }
        Ok(sequence)
    }
}
