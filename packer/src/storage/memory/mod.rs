//! A file system in memory, for tests: ordered, with a clock of its own, countable, and with an
//! exact notion of what a crash loses.
//!
//! # The model
//!
//! Two images are kept of everything: what was *written*, which is what every call sees, and what
//! is *durable*.
//!
//! - A file's content becomes durable by [`Output::sync`] or [`Storage::sync`] of the file, its name
//!   does not. A new file's durable content is empty.
//! - Making, removing and renaming are operations, each on one or two entries (a folder and a name).
//!   An operation is durable once every folder that it touched was synced after it. What it depends
//!   on becomes durable with it: earlier operations on the same entry, the emptying of a folder that
//!   it removes, and the moves of the folders above the place that it moves a folder to. Not so the
//!   making of the folder that the entry lies in: that is an entry of the folder above, and when it
//!   is lost, what lies inside is lost with it, synced or not.
//! - After a power cut ([`MemoryStorage::crash_states`]) any set of un-synced operations may have
//!   survived that holds what its members depend on, and the folders that they lie in; an operation survives as a whole or not at all.
//!   Content that was not synced is what was durable, what was written, the first half of it, or
//!   zeros.
//! - After a kill ([`MemoryStorage::killed`]) all that was written is there.
//! - What people do with their own tools ([`MemoryStorage::write`], [`folder`](MemoryStorage::folder),
//!   [`delete`](MemoryStorage::delete), [`rename_by_hand`](MemoryStorage::rename_by_hand), ...) is
//!   durable at once, so that a test can tell our losses from theirs.
//!
//! No more than 256 operations stay un-synced; of more, the older half become durable, as they do
//! on a real disk after a while.
//!
//! Not modelled: rights, free space, hard links, and contents torn at other places than the middle.
//! It is stricter than an operating system in one thing: a folder never replaces an empty one.
//!
//! Copies ([`MemoryStorage::fork`]) share contents and listings until one of them changes.

mod access;
mod crash;
mod pending;
mod state;
#[cfg(test)]
mod tests;
mod tree;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub use self::crash::CrashStates;
use self::pending::Lasting;
use self::state::State;
use self::tree::Content;
#[cfg(doc)]
use super::{Input, Output};
use super::{Rename, Source, Storage};

/// Files in memory. Clones share them; a [`fork`](MemoryStorage::fork) does not.
#[derive(Debug, Clone, Default)]
pub struct MemoryStorage(Arc<Mutex<State>>);

/// How often each kind of call was made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// [`Source::open`].
    pub opened: u32,
    /// Bytes given by [`Input::read_at`].
    pub bytes_read: u64,
    /// [`Storage::create`].
    pub created: u32,
    /// [`Storage::rename`].
    pub renamed: u32,
    /// [`Output::sync`] and [`Storage::sync`].
    pub synced: u32,
}

/// What people do, and what can be looked at.
impl MemoryStorage {
    /// Writes a file and its missing folders, as a person's tool would: by a new file in the place of
    /// what was there.
    ///
    /// # Panics
    ///
    /// When something that is no folder is in the way.
    pub fn write(&self, path: impl AsRef<Path>, bytes: impl Into<Vec<u8>>) {
        self.state().put(path.as_ref(), Content::durable_file(bytes.into()));
    }

    /// Writes over a file that is there, as editors do that save in place; durably at once.
    ///
    /// # Errors
    ///
    /// When there is nothing.
    pub fn write_in_place(&self, path: impl AsRef<Path>, bytes: &[u8]) -> io::Result<()> {
        let path = path.as_ref();
        self.stat(path)?.ok_or(io::ErrorKind::NotFound)?;
        self.overwrite(path, bytes)?;
        self.sync(path)?;
        // What it is called is durable as well, as of everything that is done by hand.
        path.parent().map_or(Ok(()), |folder| self.sync(folder))
    }

    /// Makes a folder and its missing parents; one that is there stays as it is.
    ///
    /// # Panics
    ///
    /// When something that is no folder is in the way.
    pub fn folder(&self, path: impl AsRef<Path>) {
        self.state().put_folders(path.as_ref());
    }

    /// Makes a symbolic link.
    ///
    /// # Panics
    ///
    /// When something that is no folder is in the way.
    pub fn link(&self, path: impl AsRef<Path>, target: impl Into<PathBuf>) {
        self.state().put(path.as_ref(), Content::Link(target.into().into()));
    }

    /// Makes a pipe, which is neither file nor folder.
    ///
    /// # Panics
    ///
    /// When something that is no folder is in the way.
    pub fn pipe(&self, path: impl AsRef<Path>) {
        self.state().put(path.as_ref(), Content::Pipe);
    }

    /// Removes a file, or a folder with all that it holds; nothing where nothing is.
    pub fn delete(&self, path: impl AsRef<Path>) {
        let mut state = self.state();
        if let Ok(spot) = state.spot(path.as_ref()) {
            state.delete(&spot);
        }
    }

    /// Renames a file or a folder as a person's tool would, durably at once.
    ///
    /// # Errors
    ///
    /// As for [`Storage::rename`].
    pub fn rename_by_hand(
        &self,
        from: impl AsRef<Path>,
        to: impl AsRef<Path>,
        how: Rename,
    ) -> io::Result<()> {
        self.state().rename(from.as_ref(), to.as_ref(), how, Lasting::AtOnce)
    }

    /// The content of a file, when there is one.
    #[must_use]
    pub fn content(&self, path: impl AsRef<Path>) -> Option<Vec<u8>> {
        let state = self.state();
        let inode = state.spot(path.as_ref()).ok()?.inode?;
        match &state.node(inode)?.content {
            Content::File { written, .. } => Some(written.to_vec()),
            _ => None,
        }
    }

    /// Every path that is there, parents before children.
    #[must_use]
    pub fn paths(&self) -> Vec<PathBuf> {
        self.state().paths()
    }

    /// Gives a file or folder this modification time, in nanoseconds since 1970.
    pub fn set_modified(&self, path: impl AsRef<Path>, nanos: i128) {
        let mut state = self.state();
        let inode = state.spot(path.as_ref()).ok().and_then(|spot| spot.inode);
        if let Some(node) = inode.and_then(|inode| state.node_mut(inode)) {
            node.modified = nanos;
        }
    }

    /// Lets time pass, in nanoseconds.
    pub fn pass(&self, nanos: i128) {
        self.state().now += nanos;
    }

    /// The time of the last change, in nanoseconds since 1970.
    #[must_use]
    pub fn now(&self) -> i128 {
        self.state().now
    }

    /// What was called since the last time this was asked.
    pub fn take_counts(&self) -> Counts {
        std::mem::take(&mut self.state().counts)
    }
}

/// Copies, crashes, and lesser file systems.
impl MemoryStorage {
    /// An independent copy, with the same un-synced operations and contents. Locks that are held stay
    /// held in it, and nobody can let them go: as if another process held them.
    #[must_use]
    pub fn fork(&self) -> Self {
        let mut state = self.state().clone();
        state.handles.clear();
        Self(Arc::new(Mutex::new(state)))
    }

    /// What is there after the process was killed: an independent copy in which everything written is
    /// there, what was not synced may still be lost to a later power cut, and no lock is held.
    #[must_use]
    pub fn killed(&self) -> Self {
        let killed = self.fork();
        killed.state().locks.clear();
        killed
    }

    /// What may be there after a power cut now: independent copies in which everything is durable, no
    /// lock is held, and the clock goes on.
    ///
    /// All of them, when there are at most `limit`. Otherwise a sample of `limit` drawn with `seed`,
    /// which begins with: nothing un-synced survived; all of it did; the first operations did, for
    /// each number of them, once with the contents that are durable and once with those written.
    /// These first ones are given even when they alone are more than `limit`.
    ///
    /// States with the same files and contents are mostly given once: sets of operations that leave
    /// the same entries behind, and equal contents of a file, are merged.
    #[must_use]
    pub fn crash_states(&self, limit: usize, seed: u64) -> CrashStates {
        CrashStates::of(self.state().clone(), limit, seed)
    }

    /// How this state came to be, when [`MemoryStorage::crash_states`] made it or what it is a copy of:
    /// a line for each operation and each content that was un-synced at the power cut. For the
    /// message of a failed test.
    #[must_use]
    pub fn crash_story(&self) -> Vec<String> {
        self.state().story.as_ref().map(|story| story.lines()).unwrap_or_default()
    }

    /// How many operations on entries, and how many contents, are not durable.
    #[must_use]
    pub fn unsynced(&self) -> (usize, usize) {
        let state = self.state();
        (state.pending.len(), state.unsynced.len())
    }

    /// From now on this storage, its clones and its copies cannot exchange names:
    /// [`io::ErrorKind::Unsupported`].
    #[must_use]
    pub fn without_exchange(self) -> Self {
        self.state().without_exchange = true;
        self
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A test's thread may have panicked while it held the lock; what it left is still whole.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
