//! A disk that fails when it is told to, for tests: a [`MemoryStorage`] behind a count of calls.
//!
//! Every call is counted, from 0: those of [`Source`] and [`Storage`], and those on the open files
//! that they hand out (but not [`Input::place`], which asks no disk; and [`Output::copy_at`] is one
//! call, however often it reads). At a call of one's choice it can fail, or the process can die; before every call a hook can look at the files, copy them or
//! change them as another program would; and it can be sabotaged, so that a test can prove that it
//! would see a sync that is missing or a rename that is not one step.
//!
//! A test runs its workload once without faults, asks for [`FaultyStorage::calls`], and then runs it
//! again for each of them.
//!
//! # Where it stops
//!
//! A call that fails changes nothing, and so does one at which the process dies; but see
//! [`FaultyStorage::die_at`]. Nothing is interrupted in its midst.

mod calls;
#[cfg(test)]
mod tests;

use std::fmt;
use std::io;
#[cfg(doc)]
use std::io::Write;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::Rename;
use super::memory::MemoryStorage;
#[cfg(doc)]
use super::{Input, Output, Source, Storage};

/// Files in memory, on a disk with faults. Clones share the files, the faults and the count.
#[derive(Debug, Clone)]
pub struct FaultyStorage {
    memory: MemoryStorage,
    script: Script,
    run: Arc<Mutex<Run>>,
}

/// A call, before it is done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// Its number among all, from 0.
    pub index: u64,
    /// Its number among those that change something or make it durable, from 0; `None` for one that
    /// only looks.
    pub change: Option<u64>,
    /// Its number among the syncs (of either sort) or among the renames, from 0; `None` for others.
    pub nth: Option<u64>,
    /// What is called.
    pub method: Method,
    /// The path given to it, or of the open file.
    pub path: PathBuf,
    /// The new name in a rename.
    pub to: Option<PathBuf>,
}

/// What is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// [`Source::stat`].
    Stat,
    /// [`Source::resolve`].
    Resolve,
    /// [`Source::walk`].
    Walk,
    /// [`Source::open`].
    Open,
    /// [`Input::stamp`].
    Stamp,
    /// [`Input::read_at`].
    ReadAt,
    /// [`Input::try_lock`].
    TryLock,
    /// [`Storage::create_dir`].
    CreateDir,
    /// [`Storage::create`].
    Create,
    /// [`Storage::rename`].
    Rename(Rename),
    /// [`Storage::remove`].
    Remove,
    /// [`Storage::sync`].
    Sync,
    /// [`Write::write`] on an [`Output`].
    Write,
    /// [`Output::write_all_at`].
    WriteAt,
    /// [`Output::copy_at`].
    CopyAt,
    /// [`Output::sync`].
    SyncOutput,
    /// [`Output::take_rights_of`].
    TakeRightsOf,
}

/// How a call fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// The device reports an error.
    Eio,
    /// It is full.
    Enospc,
    /// Permission denied.
    Eacces,
    /// It cannot be written.
    Erofs,
    /// Too many open files.
    Emfile,
    /// Interrupted by a signal.
    Eintr,
    /// Any other kind.
    Kind(io::ErrorKind),
}

/// How long a fault lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repeat {
    /// One call fails.
    Once,
    /// That call and every later one fail; of [`Failure::Eintr`], which callers meet by trying again,
    /// every second one.
    ForGood,
}

#[derive(Debug, Clone, Default)]
struct Script {
    faults: Vec<Fault>,
    /// At which call, and whether half of its bytes are stored.
    death: Option<(u64, bool)>,
    hook: Option<Hook>,
    skipped_sync: Option<u64>,
    torn_rename: Option<u64>,
}

#[derive(Debug, Clone)]
struct Fault {
    at: At,
    failure: Failure,
    repeat: Repeat,
}

#[derive(Debug, Clone, Copy)]
enum At {
    Call(u64),
    Change(u64),
}

#[derive(Clone)]
struct Hook(Arc<HookFn>);

type HookFn = dyn Fn(&MemoryStorage, &Call) + Send + Sync;

#[derive(Debug, Default)]
struct Run {
    calls: Vec<Call>,
    changes: u64,
    syncs: u64,
    renames: u64,
    dead: bool,
}

/// The error of every call from the death of the process on.
#[derive(Debug)]
struct Killed;

impl fmt::Display for Killed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the process was killed")
    }
}

impl std::error::Error for Killed {}

impl fmt::Debug for Hook {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Hook")
    }
}

/// Whether this is the error of a call at or after [`FaultyStorage::die_at`].
#[must_use]
pub fn is_killed(error: &io::Error) -> bool {
    matches!(error.get_ref(), Some(inner) if inner.is::<Killed>())
}

impl Failure {
    /// Those that a file system is known to answer with.
    pub const ALL: [Self; 6] =
        [Self::Eio, Self::Enospc, Self::Eacces, Self::Erofs, Self::Emfile, Self::Eintr];

    /// The error itself, on Unix with the system's own number.
    #[must_use]
    pub fn error(self) -> io::Error {
        // These numbers are the same on Linux and on Apple's systems.
        let (number, kind) = match self {
            Self::Eio => (5, io::ErrorKind::Other),
            Self::Enospc => (28, io::ErrorKind::StorageFull),
            Self::Eacces => (13, io::ErrorKind::PermissionDenied),
            Self::Erofs => (30, io::ErrorKind::ReadOnlyFilesystem),
            Self::Emfile => (24, io::ErrorKind::Other),
            Self::Eintr => (4, io::ErrorKind::Interrupted),
            Self::Kind(kind) => return kind.into(),
        };
        if cfg!(unix) { io::Error::from_raw_os_error(number) } else { kind.into() }
    }
}

impl Method {
    /// Whether it changes something or makes it durable.
    #[must_use]
    pub fn changes(self) -> bool {
        match self {
            Self::Stat
            | Self::Resolve
            | Self::Walk
            | Self::Open
            | Self::Stamp
            | Self::ReadAt
            | Self::TryLock => false,
            Self::CreateDir
            | Self::Create
            | Self::Rename(_)
            | Self::Remove
            | Self::Sync
            | Self::Write
            | Self::WriteAt
            | Self::CopyAt
            | Self::SyncOutput
            | Self::TakeRightsOf => true,
        }
    }

    /// Whether it is a sync, of either sort.
    #[must_use]
    pub fn is_sync(self) -> bool {
        matches!(self, Self::Sync | Self::SyncOutput)
    }
}

/// Setting it up.
impl FaultyStorage {
    /// A disk without faults. It shares the files with `memory`.
    #[must_use]
    pub fn new(memory: &MemoryStorage) -> Self {
        Self { memory: memory.clone(), script: Script::default(), run: Arc::default() }
    }

    /// Has call `index` fail. Several faults can be set.
    #[must_use]
    pub fn fail_call(self, index: u64, failure: Failure, repeat: Repeat) -> Self {
        self.with_fault(Fault { at: At::Call(index), failure, repeat })
    }

    /// As [`FaultyStorage::fail_call`], but only the calls that change something are counted, and fail.
    #[must_use]
    pub fn fail_change(self, index: u64, failure: Failure, repeat: Repeat) -> Self {
        self.with_fault(Fault { at: At::Change(index), failure, repeat })
    }

    /// Has the process die at call `index`: that one and all later ones fail with an error that
    /// [`is_killed`] knows, and change nothing. With `half_written`, a write or a copy that dies
    /// stores the first half of its bytes.
    ///
    /// What the dead process leaves is [`MemoryStorage::killed`]: until the workload has dropped its
    /// open files, its locks are held in the storage itself.
    #[must_use]
    pub fn die_at(mut self, index: u64, half_written: bool) -> Self {
        self.script.death = Some((index, half_written));
        self
    }

    /// Calls `hook` before each call, also before those that will fail, but no more after the death of
    /// the process. It may look at the files, copy them and change them.
    #[must_use]
    pub fn before_each(mut self, hook: impl Fn(&MemoryStorage, &Call) + Send + Sync + 'static) -> Self {
        self.script.hook = Some(Hook(Arc::new(hook)));
        self
    }

    /// Sabotage: the sync of this number answers that it is done, and does nothing.
    #[must_use]
    pub fn skip_sync(mut self, nth: u64) -> Self {
        self.script.skipped_sync = Some(nth);
        self
    }

    /// Sabotage: the rename of this number is done in several steps, none of them synced. The
    /// target is truncated and written in place, then the source removed; in an exchange both are
    /// written in place. A folder is made anew and its entries moved one by one; folders are
    /// exchanged by way of a third name.
    #[must_use]
    pub fn tear_rename(mut self, nth: u64) -> Self {
        self.script.torn_rename = Some(nth);
        self
    }

    fn with_fault(mut self, fault: Fault) -> Self {
        self.script.faults.push(fault);
        self
    }
}

/// Asking what happened.
impl FaultyStorage {
    /// The files.
    #[must_use]
    pub fn memory(&self) -> &MemoryStorage {
        &self.memory
    }

    /// How many calls there were, the dying one included.
    #[must_use]
    pub fn calls(&self) -> u64 {
        self.run().calls.len() as u64
    }

    /// Every call, in order.
    #[must_use]
    pub fn log(&self) -> Vec<Call> {
        self.run().calls.clone()
    }

    /// How many calls changed something or made it durable.
    #[must_use]
    pub fn changes(&self) -> u64 {
        self.run().changes
    }

    /// What was synced, in order: one path for each number of [`FaultyStorage::skip_sync`].
    #[must_use]
    pub fn syncs(&self) -> Vec<PathBuf> {
        let syncs = |call: &&Call| call.method.is_sync();
        self.run().calls.iter().filter(syncs).map(|call| call.path.clone()).collect()
    }

    /// What was renamed to what, and how, in order: one for each number of
    /// [`FaultyStorage::tear_rename`].
    #[must_use]
    pub fn renames(&self) -> Vec<(PathBuf, PathBuf, Rename)> {
        let rename = |call: &Call| match (call.method, &call.to) {
            (Method::Rename(how), Some(to)) => Some((call.path.clone(), to.clone(), how)),
            _ => None,
        };
        self.run().calls.iter().filter_map(rename).collect()
    }

    /// Whether the process has died.
    #[must_use]
    pub fn died(&self) -> bool {
        self.run().dead
    }

    fn run(&self) -> MutexGuard<'_, Run> {
        self.run.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Fault {
    fn strikes(&self, call: &Call) -> bool {
        let (at, number) = match self.at {
            At::Call(at) => (at, Some(call.index)),
            At::Change(at) => (at, call.change),
        };
        number.and_then(|number| number.checked_sub(at)).is_some_and(|since| match self.repeat {
            Repeat::Once => since == 0,
            Repeat::ForGood => self.failure != Failure::Eintr || since % 2 == 0,
        })
    }
}
