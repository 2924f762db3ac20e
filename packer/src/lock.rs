//! A lock on a file, and how long to wait for one.
//!
//! It is the operating system's advisory lock, so it ends with its process, however that ends; the
//! file itself is made once, never removed and never read, and means nothing by being there. Nobody
//! takes a lock away from who has it.
//!
//! A lock that was given is one on the file that has the name: when somebody removed or replaced the
//! file meanwhile, the lock is asked for anew.
//!
//! Here too: the lock on an output folder. The project's own locks, and in which order they are
//! taken, are `lane`'s.
//!
//! # Where the guarantee stops
//!
//! Whoever removes a lock file while it is held lets the next one in; the holder can find that out
//! with [`LockGuard::has_name`]. On Windows files have no number that std would tell, so a replaced
//! file is not noticed. A network file system may hold up even a lock that is only tried.

use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::Error;
use crate::cancel::Token;
use crate::pack::create_dirs;
use crate::storage::{FileKind, Input, LockKind, Source, Storage, is_absent};

/// How long to sleep after the first try; twice as long after each further one.
const FIRST_PAUSE: Duration = Duration::from_millis(1);

/// The longest sleep between two tries, and so the longest time until somebody who waits sees that he
/// was asked to stop.
pub(crate) const LONGEST_PAUSE: Duration = Duration::from_millis(50);

/// How often one try begins anew because the file was exchanged meanwhile.
const EXCHANGES: u32 = 8;

/// Holds a lock until it is dropped.
#[derive(Debug)]
#[must_use = "the lock ends when the guard is dropped"]
pub(crate) struct LockGuard(Box<dyn Input>);

impl LockGuard {
    /// Whether the locked file is still the one at `path`: a lock on a file that lost its name
    /// excludes nobody.
    pub(crate) fn has_name(&self, source: &dyn Source, path: &Path) -> io::Result<bool> {
        let held = self.0.stamp()?;
        let named = source.stat(path)?.map(|stat| (stat.stamp.inode, stat.stamp.device));
        Ok(named == Some((held.inode, held.device)))
    }
}

/// How long somebody waits, and how long that has been.
#[derive(Debug)]
pub(crate) struct Patience {
    began: Instant,
    whole: Duration,
    pause: Duration,
}

impl Patience {
    /// Begins to wait, for at most `whole`.
    pub(crate) fn new(whole: Duration) -> Self {
        Self { began: Instant::now(), whole, pause: FIRST_PAUSE }
    }

    /// How long it has been.
    pub(crate) fn waited(&self) -> Duration {
        self.began.elapsed()
    }

    /// How long it may still be. A try that began when nothing was left is the last.
    pub(crate) fn left(&self) -> Duration {
        self.whole.saturating_sub(self.waited())
    }

    /// Sleeps between two tries.
    pub(crate) fn pause(&mut self) {
        std::thread::sleep(self.pause.min(self.left()));
        self.pause = (self.pause * 2).min(LONGEST_PAUSE);
    }
}

/// The lock on an output folder: one pack at a time is looked at, published there and recorded, else
/// the record of one could be taken for the set of another. A comparison shares it, and makes no
/// file. The lock file is `.lock` in that folder.
///
/// # Errors
///
/// When the folder or the file cannot be made; [`Error::Cancelled`].
pub(crate) fn output(
    storage: &dyn Storage,
    out: &Path,
    kind: LockKind,
    patience: Duration,
    token: &Token,
) -> Result<Shared, Error> {
    let create = kind == LockKind::Exclusive;
    if create {
        create_dirs(storage, out).map_err(|error| Error::io("create", out, error))?;
    }
    let path = out.join(".lock");
    let mut patience = Patience::new(patience);
    loop {
        let is_last = patience.left().is_zero();
        match try_lock(storage, &path, kind, create) {
            Ok(Some(guard)) => return Ok(Shared::Held(guard)),
            Ok(None) if is_last => return Ok(Shared::Busy),
            Ok(None) => {
                token.check()?;
                patience.pause();
            }
            Err(error) if is_absent(&error) => return Ok(Shared::NoLock),
            Err(error) => return Err(Error::io("lock", path, error)),
        }
    }
}

/// What a pack holds of its output folder.
#[derive(Debug)]
pub(crate) enum Shared {
    /// The lock.
    Held(#[expect(dead_code, reason = "held until it is dropped")] LockGuard),
    /// Nothing, since there is no lock file.
    NoLock,
    /// Nothing: somebody packed there for longer than this pack would wait.
    Busy,
}

/// The lock on the file at `path`, if nobody holds one against it.
pub(crate) fn try_lock(
    storage: &dyn Storage,
    path: &Path,
    kind: LockKind,
    create: bool,
) -> io::Result<Option<LockGuard>> {
    for _ in 0..EXCHANGES {
        // Looked at before it is opened: a link would have us lock what it leads to.
        match storage.stat(path)?.map(|stat| stat.kind) {
            Some(FileKind::File) => {}
            Some(_) => return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file")),
            None if create => match storage.create(path) {
                // Somebody else was quicker.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                created => drop(created?),
            },
            None => return Err(io::ErrorKind::NotFound.into()),
        }
        let file = match storage.open(path) {
            // Somebody removed it meanwhile.
            Err(error) if create && error.kind() == io::ErrorKind::NotFound => continue,
            opened => LockGuard(opened?),
        };
        if !file.0.try_lock(kind)? {
            return Ok(None);
        }
        // Somebody may have put another file in its place while we opened this one.
        if file.has_name(storage, path)? {
            return Ok(Some(file));
        }
    }
    Ok(None)
}

/// Whether `error`, of trying a lock, says that the file system gives none.
pub(crate) fn has_no_locks(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::Unsupported
        || error.raw_os_error().is_some_and(|code| NO_LOCKS.contains(&code))
}

/// Codes that std has no kind for: no lock service (`ENOLCK`), no locks on this kind of file
/// (`EOPNOTSUPP`), and none to be had alone through a file that is open for reading (`EBADF`), which
/// is what NFS answers.
#[cfg(any(target_os = "linux", target_os = "android"))]
const NO_LOCKS: [i32; 3] = [37, 95, 9];
#[cfg(target_vendor = "apple")]
const NO_LOCKS: [i32; 3] = [77, 102, 9];
/// `ERROR_INVALID_FUNCTION`, which is what a file system without locks answers.
#[cfg(windows)]
const NO_LOCKS: [i32; 1] = [1];
#[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple", windows)))]
const NO_LOCKS: [i32; 0] = [];
