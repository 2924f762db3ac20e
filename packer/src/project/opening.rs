//! Opening a project to build from it, and what a build is told of a change that was interrupted.

use std::path::Path;
use std::sync::{Arc, Mutex};

use super::{Current, Project, Writing};
use crate::diagnostics::{Anchor, Code, Diagnostic, Finding};
use crate::event::Delivery;
use crate::pack::Tally;
use crate::snapshot::{Document, Report, Snapshot};
use crate::storage::counted::{Counted, Counts};
use crate::workspace::Layout;
use crate::{Error, Host};

impl Project {
    /// Opens the project in `folder` to build from it: nothing is repaired, and nothing written below
    /// `assets/` unless a mutation is asked for.
    ///
    /// # Errors
    ///
    /// When there is no such folder.
    pub fn open_for_build(host: Host, folder: &Path) -> Result<Self, Error> {
        let counts = Arc::new(Counts::default());
        let storage = Arc::new(Counted::new(host.storage, Arc::clone(&counts)));
        let host = Host { storage, ..host };
        let resolved = host.storage.resolve(folder).map_err(|error| Error::io("open", folder, error))?;
        let project_id = resolved.display().to_string();
        let delivery = Arc::new(Delivery::new(Arc::clone(&host.events)));
        Ok(Self {
            host,
            counts,
            tally: Tally::default(),
            layout: Layout::new(folder),
            project_id,
            current: Mutex::new(Current::default()),
            refreshing: Mutex::new(()),
            writing: Writing::default(),
            delivery,
        })
    }

    /// The change before which a snapshot shows the project.
    pub(super) fn pending(&self, snapshot: &Snapshot) -> Option<Diagnostic> {
        let mut reports = snapshot.reports.iter();
        let report = reports.find(|report| report.finding.code == Code::JournalUnfinished).cloned();
        // The last snapshot that could be read may be of the time before.
        let report = report.or_else(|| self.is_unsettled().then(interrupted))?;
        let mut diagnostic = snapshot.diagnose(&report, false);
        self.explain(std::slice::from_mut(&mut diagnostic));
        Some(diagnostic)
    }
}

/// What the rules would find in a snapshot, if one could be read.
fn interrupted() -> Report {
    let finding = Finding::new(Code::JournalUnfinished, Anchor::File, "a change was interrupted");
    Report { asset: None, document: Document::Journal, finding, in_builds: true }
}
