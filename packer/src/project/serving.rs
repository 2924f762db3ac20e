//! Serving: the snapshot that reads share, and looks that publish none.

use std::sync::Arc;

use super::reading::{Ahead, Delay, Files, PAUSE, READINGS};
use super::{Current, Project, held};
use crate::Error;
use crate::cancel::Token;
use crate::commit::journal::Found;
use crate::diagnostics::{Code, Diagnostic};
use crate::event::Teller;
use crate::id::Generation;
use crate::lane::Busy;
use crate::snapshot::{Snapshot, State};
use crate::storage::Source;
use crate::workspace::Scope;

impl Project {
    /// The current snapshot; the first call reads one.
    ///
    /// # Errors
    ///
    /// When the registry or `assets/` cannot be read.
    pub fn snapshot(&self) -> Result<Arc<Snapshot>, Error> {
        self.snapshot_for(&Token::default())
    }

    /// [`Project::snapshot`] for an operation, which may be asked to stop.
    pub(super) fn snapshot_for(&self, token: &Token) -> Result<Arc<Snapshot>, Error> {
        let current = held(&self.current).snapshot.clone();
        match current {
            Some(snapshot) if snapshot.scope == Scope::Workspace => {
                if self.is_as_it_was(&snapshot) {
                    return Ok(snapshot);
                }
                // Of a broken disk the last snapshot is what there is.
                match self.refresh_for(Scope::Workspace, token) {
                    Err(Error::Cancelled) => Err(Error::Cancelled),
                    refreshed => refreshed.or(Ok(snapshot)),
                }
            }
            _ => self.refresh_for(Scope::Workspace, token),
        }
    }

    /// Whether what kept a snapshot from being current still does; one that is current is until somebody
    /// asks for more. Where the journal cannot be read, the last snapshot is what there is.
    fn is_as_it_was(&self, snapshot: &Snapshot) -> bool {
        if snapshot.state.is_settled() && !self.is_unsettled() {
            return true;
        }
        match self.journal() {
            Ok(Found::Journal(now)) => {
                now.pending.as_deref().is_some() && now.pending.as_deref() == snapshot.pending.as_deref()
            }
            Ok(Found::Damaged(now)) => matches!(&snapshot.state, State::Failed { why } if *why == now),
            Err(_) => true,
        }
    }

    /// Publishes what a commit left; those who read go on with the old snapshot until the new one is
    /// there. When the disk cannot be read now, the old one is served no more.
    ///
    /// Gives what reads see now, unless that is not known.
    pub(super) fn refresh_after_commit(&self) -> Option<(State, Generation)> {
        let scope = held(&self.current).snapshot.as_ref().map(|snapshot| snapshot.scope);
        if let Ok(snapshot) = self.refresh(scope.unwrap_or(Scope::Workspace)) {
            return Some((snapshot.state.clone(), snapshot.generation));
        }
        let mut current = held(&self.current);
        let generation = current.generation.map_or(Generation::FIRST, Generation::next);
        *current = Current { generation: Some(generation), snapshot: None };
        None
    }

    /// Reads the disk for nobody but the caller, who says which number that has.
    pub(super) fn read(&self, scope: Scope, number: Generation, token: &Token) -> Result<Snapshot, Error> {
        Ok(self.load(scope, None, token)?.assemble(self.layout.clone(), scope, number))
    }

    /// Reads the disk for a plan, which is checked again before it is applied. Nobody else sees this
    /// snapshot; it has the number of the current one.
    ///
    /// A change whose writer is at work is waited for: a plan for the project before it would be outdated
    /// when it is applied. Who works for longer than anybody waits is named.
    ///
    /// # Errors
    ///
    /// [`Error::Journal`] when the journal cannot be followed.
    pub(super) fn look(
        &self,
        scope: Scope,
        teller: &mut Teller<'_>,
    ) -> Result<Result<Snapshot, Busy>, Error> {
        let mut delay = self.delay();
        loop {
            let loaded = self.load(scope, None, &teller.token)?;
            if let State::Failed { why } = loaded.state {
                return Err(Error::Journal { path: self.layout.journal(), why });
            }
            match self.ahead_of(&loaded, &delay)? {
                Ahead::Writer(busy) if delay.is_over() => return Ok(Err(busy)),
                Ahead::Writer(busy) => delay.pause(&busy, teller),
                Ahead::Anew if !delay.is_over() => {}
                Ahead::Anew | Ahead::Nobody => {
                    return Ok(Ok(loaded.assemble(self.layout.clone(), scope, self.generation())));
                }
            }
        }
    }

    /// Looks into files that no snapshot holds, at the moment of one.
    ///
    /// # Errors
    ///
    /// As `look`; when changes go on all the while.
    pub(super) fn looked_into<T>(
        &self,
        mut look: impl FnMut(&dyn Source) -> Result<T, Error>,
    ) -> Result<(Arc<Snapshot>, T), Error> {
        let mut snapshot = self.snapshot()?;
        for n in 0..READINGS {
            if n > 0 {
                std::thread::sleep(PAUSE);
                snapshot = self.refresh(snapshot.scope)?;
            }
            let journal = self.journal()?;
            let is_of_snapshot = match &journal {
                Found::Journal(journal) => journal.pending.as_deref() == snapshot.pending.as_deref(),
                Found::Damaged(_) => true,
            };
            if !is_of_snapshot {
                continue;
            }
            let files = self.files(&snapshot)?;
            let found = look(files.source());
            let is_still = match &files {
                Files::Now(_) => true,
                Files::Before(before) => before.is_still()?,
            };
            if is_still && self.journal()? == journal {
                return Ok((snapshot, found?));
            }
        }
        Err(Error::Unstable { path: self.layout.journal() })
    }
}

impl Delay {
    /// Says of a change that it is under way, where its writer has outlasted this.
    pub(super) fn explain(&self, diagnostics: &mut [Diagnostic]) {
        let Some(busy) = &self.outlasted else { return };
        for diagnostic in diagnostics.iter_mut().filter(|found| found.code == Code::JournalUnfinished) {
            diagnostic.message = format!("a change is under way: {}", busy.message());
            diagnostic.help = busy.blocker().help;
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::mutate::{CreateAsset, Mutation};
    use crate::ops::{ListRequest, Status};
    use crate::path::AssetPath;
    use crate::testing::{Fixture, request};
    use crate::workspace::Scope;

    fn create(n: u32) -> Mutation {
        let root = AssetPath::parse(&format!("new/a{n}")).unwrap();
        Mutation::CreateAsset(CreateAsset { root, family: "blob_bank".into(), name: None, from: None })
    }

    #[test]
    fn each_change_and_each_reading_is_one_generation() {
        let fixture = Fixture::blobs(&["a"]);
        let project = fixture.project();
        let listed = || project.list_assets(&ListRequest::default()).generation.get();
        let changed = |n| {
            let response = project.change(&create(n), false);
            assert_eq!(response.status, Status::Ok, "{:?}", response.blockers);
            response.generation.get()
        };
        let mut seen = vec![changed(1), listed(), changed(2), listed(), changed(3), changed(4), listed()];
        seen.push(project.refresh(Scope::Workspace).unwrap().generation.get());
        seen.push(listed());
        assert_eq!(seen, [1, 1, 2, 2, 3, 4, 4, 5, 5]);
        seen = vec![project.pack(&request()).generation.get(), changed(5), changed(6), listed()];
        assert_eq!(seen, [6, 7, 8, 8], "a pack keeps what was known of the workspace");
    }
}
