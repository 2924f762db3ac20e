//! A disk that fails when it is told to, for tests: a [`MemoryStorage`] behind a count of calls.
//!
//! Every call is counted, from 0: those of [`Source`] and [`Storage`], and those on the open files
//! that they hand out (but not [`Input::place`], which asks no disk). At a call of one's choice it
//! can fail, or the process can die; before every call a hook can look at the files, copy them or
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

#[cfg(test)]
mod tests;

use std::fmt;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::memory::MemoryStorage;
use super::{Entry, FileKind, Input, LockKind, Output, Rename, Source, Stamp, Stat, Storage};

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

/// What becomes of a call.
enum Verdict {
    Go(Call),
    Fail(io::Error),
    /// The process dies in it.
    Die,
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
    /// [`is_killed`] knows, and change nothing. With `half_written`, a write that dies stores the
    /// first half of its bytes.
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
}

impl FaultyStorage {
    fn run(&self) -> MutexGuard<'_, Run> {
        self.run.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts a call, and says whether it may be done.
    fn step(&self, method: Method, path: &Path) -> io::Result<Call> {
        self.step_to(method, path, None)
    }

    fn step_to(&self, method: Method, path: &Path, to: Option<&Path>) -> io::Result<Call> {
        match self.verdict(method, path, to) {
            Verdict::Go(call) => Ok(call),
            Verdict::Fail(error) => Err(error),
            Verdict::Die => Err(io::Error::other(Killed)),
        }
    }

    fn verdict(&self, method: Method, path: &Path, to: Option<&Path>) -> Verdict {
        let mut run = self.run();
        if run.dead {
            return Verdict::Fail(io::Error::other(Killed));
        }
        let next = |count: &mut u64| {
            *count += 1;
            *count - 1
        };
        let call = Call {
            index: run.calls.len() as u64,
            change: method.changes().then(|| next(&mut run.changes)),
            nth: match method {
                Method::Sync | Method::SyncOutput => Some(next(&mut run.syncs)),
                Method::Rename(_) => Some(next(&mut run.renames)),
                _ => None,
            },
            method,
            path: path.to_owned(),
            to: to.map(Path::to_owned),
        };
        run.calls.push(call.clone());
        // The hook may ask how many calls there were.
        drop(run);
        if let Some(Hook(hook)) = &self.script.hook {
            hook(&self.memory, &call);
        }
        if self.script.death.is_some_and(|(index, _)| index == call.index) {
            self.run().dead = true;
            return Verdict::Die;
        }
        match self.script.faults.iter().find(|fault| fault.strikes(&call)) {
            Some(fault) => Verdict::Fail(fault.failure.error()),
            None => Verdict::Go(call),
        }
    }

    /// Makes something durable by `sync`, unless this is the one to be skipped.
    fn sync_by(&self, method: Method, path: &Path, sync: impl FnOnce() -> io::Result<()>) -> io::Result<()> {
        let call = self.step(method, path)?;
        if call.nth == self.script.skipped_sync { Ok(()) } else { sync() }
    }

    fn torn_rename(&self, from: &Path, to: &Path, how: Rename) -> io::Result<()> {
        let memory = &self.memory;
        let kind = |path| io::Result::Ok(memory.stat(path)?.map(|stat| stat.kind));
        let (source, target) = (kind(from)?.ok_or(io::ErrorKind::NotFound)?, kind(to)?);
        let content = |path| memory.content(path).unwrap_or_default();
        match (how, target) {
            (Rename::New, Some(_)) => Err(io::ErrorKind::AlreadyExists.into()),
            (Rename::Exchange, None) => Err(io::ErrorKind::NotFound.into()),
            (Rename::Exchange, Some(FileKind::File)) if source == FileKind::File => {
                let (new, old) = (content(from), content(to));
                memory.overwrite(to, &new)?;
                memory.overwrite(from, &old)
            }
            (Rename::Exchange, Some(_)) => {
                let mut third = to.as_os_str().to_owned();
                third.push(".third");
                let third = Path::new(&third);
                memory.rename(to, third, Rename::New)?;
                memory.rename(from, to, Rename::New)?;
                memory.rename(third, from, Rename::New)
            }
            (_, None | Some(FileKind::File)) if source == FileKind::File => {
                memory.overwrite(to, &content(from))?;
                memory.remove(from)
            }
            (_, None) if source == FileKind::Folder => {
                memory.create_dir(to)?;
                for entry in memory.walk(from, &mut |_| false)? {
                    let name = entry.path.file_name().ok_or(io::ErrorKind::InvalidInput)?;
                    memory.rename(&entry.path, &to.join(name), Rename::New)?;
                }
                memory.remove(from)
            }
            _ => memory.rename(from, to, how),
        }
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

impl Source for FaultyStorage {
    fn stat(&self, path: &Path) -> io::Result<Option<Stat>> {
        self.step(Method::Stat, path)?;
        self.memory.stat(path)
    }

    fn resolve(&self, path: &Path) -> io::Result<PathBuf> {
        self.step(Method::Resolve, path)?;
        self.memory.resolve(path)
    }

    fn walk(&self, folder: &Path, enter: &mut dyn FnMut(&Path) -> bool) -> io::Result<Vec<Entry>> {
        self.step(Method::Walk, folder)?;
        self.memory.walk(folder, enter)
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn Input>> {
        self.step(Method::Open, path)?;
        let input = self.memory.open(path)?;
        Ok(Box::new(FaultyInput { input, path: path.to_owned(), disk: self.clone() }))
    }
}

#[derive(Debug)]
struct FaultyInput {
    input: Box<dyn Input>,
    path: PathBuf,
    disk: FaultyStorage,
}

impl Input for FaultyInput {
    fn stamp(&self) -> io::Result<Stamp> {
        self.disk.step(Method::Stamp, &self.path)?;
        self.input.stamp()
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        self.disk.step(Method::ReadAt, &self.path)?;
        self.input.read_at(buffer, offset)
    }

    fn try_lock(&self, kind: LockKind) -> io::Result<bool> {
        self.disk.step(Method::TryLock, &self.path)?;
        self.input.try_lock(kind)
    }

    fn place(&self) -> Option<PathBuf> {
        self.input.place()
    }
}

impl Storage for FaultyStorage {
    fn create_dir(&self, path: &Path) -> io::Result<()> {
        self.step(Method::CreateDir, path)?;
        self.memory.create_dir(path)
    }

    fn create(&self, path: &Path) -> io::Result<Box<dyn Output>> {
        self.step(Method::Create, path)?;
        let output = self.memory.create(path)?;
        Ok(Box::new(FaultyOutput { output, path: path.to_owned(), disk: self.clone() }))
    }

    fn rename(&self, from: &Path, to: &Path, how: Rename) -> io::Result<()> {
        let call = self.step_to(Method::Rename(how), from, Some(to))?;
        if call.nth == self.script.torn_rename {
            self.torn_rename(from, to, how)
        } else {
            self.memory.rename(from, to, how)
        }
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.step(Method::Remove, path)?;
        self.memory.remove(path)
    }

    fn sync(&self, path: &Path) -> io::Result<()> {
        self.sync_by(Method::Sync, path, || self.memory.sync(path))
    }
}

#[derive(Debug)]
struct FaultyOutput {
    output: Box<dyn Output>,
    path: PathBuf,
    disk: FaultyStorage,
}

impl Write for FaultyOutput {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.disk.verdict(Method::Write, &self.path, None) {
            Verdict::Go(_) => self.output.write(bytes),
            Verdict::Fail(error) => Err(error),
            Verdict::Die => {
                if self.disk.script.death.is_some_and(|(_, half_written)| half_written) {
                    self.output.write_all(&bytes[..bytes.len() / 2])?;
                }
                Err(io::Error::other(Killed))
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.output.flush()
    }
}

impl Output for FaultyOutput {
    fn sync(&mut self) -> io::Result<()> {
        let output = &mut self.output;
        self.disk.sync_by(Method::SyncOutput, &self.path, || output.sync())
    }

    fn take_rights_of(&mut self, path: &Path) -> io::Result<()> {
        self.disk.step(Method::TakeRightsOf, path)?;
        self.output.take_rights_of(path)
    }
}
