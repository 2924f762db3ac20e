//! Files in memory that a test can give the traits of a disk which it does not have.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use crate::cancel::Token;
use crate::diagnostics::Diagnostic;
use crate::host::Alone;
use crate::id::Generation;
use crate::ops::DoctorRequest;
use crate::ops::doctor::doctor;
use crate::pack::{Looking, Tally};
use crate::snapshot::{Snapshot, State};
use crate::storage::memory::MemoryStorage;
use crate::storage::{Entry, Input, Source, Stat};
use crate::testing::Fixture;
use crate::workspace::{Layout, Means, Scope, load};

/// The files of a fixture, seen through a disk of one's own making.
#[derive(Debug)]
pub(in crate::diagnostics) struct Pretend {
    pub(super) files: MemoryStorage,
    /// Files that are larger than memory would like.
    pub(super) sizes: BTreeMap<PathBuf, u64>,
    /// A file that is there and cannot be opened.
    pub(super) locked: Option<PathBuf>,
    /// A folder that may not be entered.
    pub(super) closed: Option<PathBuf>,
    /// A folder that may not be listed.
    pub(in crate::diagnostics) unlistable: Option<PathBuf>,
    /// Names are kept in their own spelling, and found by another that is the same by this.
    pub(super) same_name: fn(&str, &str) -> bool,
}

impl Pretend {
    pub(in crate::diagnostics) fn new(fixture: &Fixture) -> Self {
        Self {
            files: fixture.files.clone(),
            sizes: BTreeMap::new(),
            locked: None,
            closed: None,
            unlistable: None,
            same_name: |_, _| false,
        }
    }

    /// What `doctor` says of the project on this disk.
    pub(super) fn doctor(&self) -> Vec<Diagnostic> {
        self.look(Scope::Managed, DoctorRequest::default())
    }

    /// The same for another request, of a project of which so much was looked at.
    pub(in crate::diagnostics) fn look(&self, scope: Scope, request: DoctorRequest) -> Vec<Diagnostic> {
        let layout = Layout::new("/game");
        let loaded = load(&Means::plain(self), &layout, scope).unwrap();
        let snapshot = Snapshot::assemble(loaded, layout, scope, Generation::FIRST, State::Current);
        let (token, tally) = (Token::default(), Tally::default());
        let looking = Looking {
            snapshot: &snapshot,
            files: self,
            workers: &Alone,
            token: &token,
            tally: &tally,
            known: None,
        };
        doctor(looking, request).unwrap().diagnostics
    }

    fn real(&self, path: &Path) -> PathBuf {
        let same = |other: &PathBuf| (self.same_name)(other.to_str().unwrap(), path.to_str().unwrap());
        self.files.paths().into_iter().find(same).unwrap_or_else(|| path.to_owned())
    }
}

impl Source for Pretend {
    fn stat(&self, path: &Path) -> io::Result<Option<Stat>> {
        if self.closed.as_deref().is_some_and(|closed| path != closed && path.starts_with(closed)) {
            return Err(io::ErrorKind::PermissionDenied.into());
        }
        let mut stat = self.files.stat(&self.real(path))?;
        if let (Some(stat), Some(size)) = (&mut stat, self.sizes.get(path)) {
            stat.stamp.size = *size;
        }
        Ok(stat)
    }

    fn resolve(&self, path: &Path) -> io::Result<PathBuf> {
        self.files.resolve(&self.real(path))
    }

    fn walk(&self, folder: &Path, enter: &mut dyn FnMut(&Path) -> bool) -> io::Result<Vec<Entry>> {
        let mut entries = self.files.walk(&self.real(folder), &mut |folder| {
            self.unlistable.as_deref() != Some(folder) && enter(folder)
        })?;
        for entry in entries.iter_mut().filter(|entry| Some(&entry.path) == self.unlistable.as_ref()) {
            entry.unreadable = Some(io::ErrorKind::PermissionDenied.into());
        }
        Ok(entries)
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn Input>> {
        if self.locked.as_deref() == Some(path) {
            return Err(io::ErrorKind::PermissionDenied.into());
        }
        self.files.open(&self.real(path))
    }
}
