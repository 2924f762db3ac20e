//! The writer's half of the lane: a turn, and the folders and files that make it one.

use std::io;
use std::path::Path;
use std::time::Duration;

use super::busy::Who;
use super::claim::{self, Claim};
use super::queue::{Queue, Ticket};
use super::{Busy, Wait, who_holds};
use crate::Error;
use crate::cancel::Token;
use crate::id::OperationId;
use crate::lock::{LONGEST_PAUSE, LockGuard, has_no_locks, try_lock};
use crate::storage::{FileKind, LockKind, Storage, replace_durably};
use crate::workspace::Layout;
use crate::workspace::layout::temporary_name;

/// Keeps this checkout's own files out of version control.
const IGNORE_ALL: &[u8] = b"*\n";

/// The lane of one project, for the threads of this process.
#[derive(Debug, Default)]
pub(crate) struct Lane(Queue);

/// A writer's turn. Whoever has one is alone in changing the project.
///
/// It ends when this is dropped, also by a panic: `holder.json` goes first, then the locks, then the
/// place in the line.
#[derive(Debug)]
#[must_use = "the turn ends when this is dropped"]
pub(crate) struct Turn<'a> {
    storage: &'a dyn Storage,
    layout: &'a Layout,
    token: Token,
    // Dropped in this order.
    lock: LockGuard,
    _gate: LockGuard,
    _place: Ticket<'a>,
}

impl Wait<'_> {
    /// How long to wait in one go: until patience ends or somebody is to be told, and no longer than
    /// whoever asks it to stop has to wait for that.
    fn stretch(&self) -> Duration {
        let left = self.patience.left().min(LONGEST_PAUSE);
        let until_told = self.tell_after.saturating_sub(self.patience.waited());
        if self.tell.is_some() { left.min(until_told) } else { left }
    }
}

impl Lane {
    /// Waits for a turn; [`Busy`] when somebody else had the lane for too long.
    ///
    /// Makes what is missing of the lane's own files and of the folders above them.
    ///
    /// # Errors
    ///
    /// When they cannot be made, or the file system has no locks; [`Error::Cancelled`].
    pub(crate) fn take<'a>(
        &'a self,
        storage: &'a dyn Storage,
        layout: &'a Layout,
        claim: &Claim<'_>,
        mut wait: Wait<'_>,
    ) -> Result<Result<Turn<'a>, Busy>, Error> {
        let who = || who_holds(storage, layout, Who::Builds);
        let place = self.0.join();
        while !place.is_first_within(wait.stretch()) {
            if wait.is_over() {
                return Ok(Err(wait.busy(who())));
            }
            wait.token.check()?;
            wait.tell_when_due(who);
        }
        wait.token.check()?;
        make_folders(storage, layout)?;
        let mut alone = |path: &Path| -> Result<Result<LockGuard, Busy>, Error> {
            loop {
                let is_last = wait.is_over();
                match try_lock(storage, path, LockKind::Exclusive, true) {
                    Ok(Some(guard)) => return Ok(Ok(guard)),
                    Ok(None) if is_last => return Ok(Err(wait.busy(who()))),
                    Ok(None) => wait.pause(who)?,
                    Err(error) => return Err(Error::io("lock", path, explained(error))),
                }
            }
        };
        let gate = match alone(&layout.gate())? {
            Ok(gate) => gate,
            Err(busy) => return Ok(Err(busy)),
        };
        let lock = match alone(&layout.lock())? {
            Ok(lock) => lock,
            Err(busy) => return Ok(Err(busy)),
        };
        ignore_local(storage, layout, claim.operation_id)?;
        claim::write(storage, layout, claim, wait.clock.now_millis());
        Ok(Ok(Turn { storage, layout, token: wait.token, lock, _gate: gate, _place: place }))
    }
}

impl<'a> Turn<'a> {
    /// The files that may be changed now.
    pub(crate) fn storage(&self) -> &'a dyn Storage {
        self.storage
    }

    /// Where they lie.
    pub(crate) fn layout(&self) -> &'a Layout {
        self.layout
    }

    /// Goes on, unless the operation whose turn this is was asked to stop.
    ///
    /// # Errors
    ///
    /// [`Error::Cancelled`] when it was.
    pub(crate) fn check(&self) -> Result<(), Error> {
        self.token.check()
    }

    /// Makes sure that nobody took the lock's file away, and with it what the turn is worth. To be
    /// asked before the first change.
    ///
    /// # Errors
    ///
    /// [`Error::EditConflict`] when somebody did.
    pub(crate) fn confirm(&self) -> Result<(), Error> {
        let path = self.layout.lock();
        match self.lock.has_name(self.storage, &path) {
            Ok(true) => Ok(()),
            Ok(false) => Err(Error::EditConflict { path }),
            Err(error) => Err(Error::io("look at", path, error)),
        }
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        claim::remove(self.storage, self.layout);
    }
}

impl Busy {
    /// Whether it was a writer, who has the project's state in its own hands.
    pub(crate) fn is_writer(&self) -> bool {
        !matches!(self.who, Who::Builds)
    }
}

/// A file system without locks says so in many words; these are ours.
fn explained(error: io::Error) -> io::Error {
    if !has_no_locks(&error) {
        return error;
    }
    io::Error::new(io::ErrorKind::Unsupported, format!("this file system has no file locks ({error})"))
}

/// Makes the folders that are missing. They are durable before the gate is made, whoever makes it.
fn make_folders(storage: &dyn Storage, layout: &Layout) -> Result<(), Error> {
    let folders = [layout.assets(), layout.control(), layout.local()];
    for folder in &folders {
        make_real(storage, folder).map_err(|error| Error::io("create", folder, error))?;
    }
    let gate = layout.gate();
    let found = storage.stat(&gate).map_err(|error| Error::io("look at", &gate, error))?;
    if found.is_none() {
        for parent in [layout.project(), &folders[0], &folders[1]] {
            storage.sync(parent).map_err(|error| Error::io("sync", parent, error))?;
        }
    }
    Ok(())
}

/// Makes a folder that is not there. What is there is one, and no link to one, which would have us
/// write elsewhere; `assets` itself may lie elsewhere, if a person wants it so.
pub(super) fn make_real(storage: &dyn Storage, folder: &Path) -> io::Result<()> {
    match storage.stat(folder)?.map(|stat| stat.kind) {
        Some(FileKind::Folder) => Ok(()),
        Some(FileKind::Link) if folder.ends_with("assets") => Ok(()),
        Some(_) => {
            Err(io::Error::new(io::ErrorKind::NotADirectory, "not a folder, and links are not followed"))
        }
        None => storage.create_dir(folder),
    }
}

/// Makes `local/.gitignore`, when it is missing: nothing there is for version control.
fn ignore_local(storage: &dyn Storage, layout: &Layout, operation: OperationId) -> Result<(), Error> {
    let path = layout.local().join(".gitignore");
    let found = storage.stat(&path).map_err(|error| Error::io("look at", &path, error))?;
    if found.is_some() {
        return Ok(());
    }
    replace_durably(storage, &path, &temporary_name(".gitignore", operation), IGNORE_ALL)
        .map_err(|error| Error::io("write", &path, error))
}
