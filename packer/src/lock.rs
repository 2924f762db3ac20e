//! The project's lock: one writer at a time, across processes.
//!
//! A mutation holds it alone, builds share it. It is the operating system's lock on
//! `assets/.prometeu/local/lock`, so it ends with its process, however that ends; the file itself is
//! never removed and means nothing by being there.
//!
//! A build never makes the file: in a fresh clone it reads without the lock, and looks again before
//! it publishes.

use std::io;
use std::path::Path;
use std::time::Duration;

use crate::Error;
use crate::pack::create_dirs;
use crate::storage::{FileKind, Input, LockKind, Storage};
use crate::workspace::Layout;

/// How long to sleep between two tries.
const STEP: Duration = Duration::from_millis(20);

/// Holds a lock until it is dropped.
#[derive(Debug)]
#[must_use = "the lock ends when the guard is dropped"]
pub(crate) struct LockGuard(#[expect(dead_code, reason = "held until it is dropped")] Box<dyn Input>);

/// The lock for a mutation; `None` when somebody else held it for all of `patience`.
///
/// # Errors
///
/// When the file cannot be made or the file system has no locks.
pub(crate) fn exclusive(
    storage: &dyn Storage,
    layout: &Layout,
    patience: Duration,
) -> Result<Option<LockGuard>, Error> {
    let folders = [layout.assets(), layout.control(), layout.local()];
    for folder in &folders {
        make_real(storage, folder).map_err(|error| Error::io("create", folder, error))?;
    }
    wait(storage, &layout.lock(), LockKind::Exclusive, true, patience)
}

/// Makes a folder that is not there. What is there is one, and no link to one, which would have us
/// write elsewhere; `assets` itself may lie elsewhere, if a person wants it so.
fn make_real(storage: &dyn Storage, folder: &Path) -> io::Result<()> {
    match storage.stat(folder)?.map(|stat| stat.kind) {
        Some(FileKind::Folder) => Ok(()),
        Some(FileKind::Link) if folder.ends_with("assets") => Ok(()),
        Some(_) => {
            Err(io::Error::new(io::ErrorKind::NotADirectory, "not a folder, and links are not followed"))
        }
        None => storage.create_dir(folder),
    }
}

/// The lock for a build. Without a lock file there is nothing to hold.
///
/// # Errors
///
/// When the file system refuses.
pub(crate) fn shared(storage: &dyn Storage, layout: &Layout, patience: Duration) -> Result<Shared, Error> {
    match or_none(wait(storage, &layout.lock(), LockKind::Shared, false, patience)) {
        // Whoever cannot lock can still look again before publishing.
        Err(Error::Io { source, .. })
            if matches!(source.kind(), io::ErrorKind::PermissionDenied | io::ErrorKind::Unsupported) =>
        {
            Ok(Shared::NoLock)
        }
        other => other,
    }
}

/// Where there is no lock file, there is nothing to hold.
fn or_none(locked: Result<Option<LockGuard>, Error>) -> Result<Shared, Error> {
    match locked {
        Ok(Some(guard)) => Ok(Shared::Held(guard)),
        Ok(None) => Ok(Shared::Busy),
        Err(Error::Io { source, .. })
            if matches!(source.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) =>
        {
            Ok(Shared::NoLock)
        }
        Err(error) => Err(error),
    }
}

/// The lock on an output folder: one pack at a time is looked at, published there and recorded, else
/// the record of one could be taken for the set of another. A comparison shares it, and makes no
/// file. The lock file is `.lock` in that folder.
///
/// # Errors
///
/// When the folder or the file cannot be made.
pub(crate) fn output(
    storage: &dyn Storage,
    out: &Path,
    kind: LockKind,
    patience: Duration,
) -> Result<Shared, Error> {
    let create = kind == LockKind::Exclusive;
    if create {
        create_dirs(storage, out).map_err(|error| Error::io("create", out, error))?;
    }
    or_none(wait(storage, &out.join(".lock"), kind, create, patience))
}

/// What a build holds.
#[derive(Debug)]
pub(crate) enum Shared {
    /// The lock.
    Held(#[expect(dead_code, reason = "held until it is dropped")] LockGuard),
    /// Nothing, since there is no lock file.
    NoLock,
    /// Nothing: somebody changed the project for longer than the build would wait.
    Busy,
}

fn wait(
    storage: &dyn Storage,
    path: &Path,
    kind: LockKind,
    create: bool,
    patience: Duration,
) -> Result<Option<LockGuard>, Error> {
    let mut left = patience;
    loop {
        let locked = try_lock(storage, path, kind, create).map_err(|error| Error::io("lock", path, error))?;
        if locked.is_some() || left.is_zero() {
            return Ok(locked);
        }
        std::thread::sleep(STEP.min(left));
        left = left.saturating_sub(STEP);
    }
}

/// The lock on the file at `path`, if nobody holds one against it.
pub(crate) fn try_lock(
    storage: &dyn Storage,
    path: &Path,
    kind: LockKind,
    create: bool,
) -> io::Result<Option<LockGuard>> {
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
    let file = storage.open(path)?;
    if !file.try_lock(kind)? {
        return Ok(None);
    }
    // Somebody may have put another file in its place while we opened this one: a lock on a file
    // that lost its name excludes nobody.
    let held = file.stamp()?;
    let named = storage.stat(path)?.map(|stat| (stat.stamp.inode, stat.stamp.device));
    Ok((named == Some((held.inode, held.device))).then(|| LockGuard(file)))
}
