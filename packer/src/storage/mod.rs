//! The one door to files.
//!
//! Two traits, so that a type says what its holder may do: a [`Source`] reads, a [`Storage`] also
//! writes. Only `commit`, `pack::publish`, `pack::record`, `cache` and the lane ever receive a [`Storage`]. [`os`] is the real one. Its twins for tests are [`memory`], which knows what a
//! crash loses, and [`faulty`], which fails when it is told to. [`counted`] stands before any of them
//! and counts.
//!
//! # The contract of an implementation
//!
//! - No method depends on the process's current folder unless the path it was given does.
//! - A read never blocks on something that is not a regular file (a pipe, a device).
//! - [`Storage::create`] never opens what exists; [`Storage::rename`] is one step in each of its
//!   forms, also for those who look on.
//! - A new file is written in one of two ways, never in both: from its start to its end
//!   ([`io::Write`]), or at places ([`Output::write_all_at`], [`Output::copy_at`]) in any order and by
//!   several threads at once. What nobody wrote before the last written byte reads as zeros. Threads
//!   that write the same place at once may leave either's bytes there, or some of both.
//! - Content is durable after [`Output::sync`] or [`Storage::sync`] of the file, and reachable after a
//!   crash once [`Storage::sync`] of its folder returned. A rename from one folder to another is
//!   durable once both are synced. Nothing else promises durability: after a crash, un-synced content
//!   may be old, new, cut short or zeros, and each un-synced directory entry may be old or new, but a
//!   rename has happened as a whole or not at all.
//!
//! # Where the guarantee stops
//!
//! On Windows a folder cannot be synced through std, so [`Storage::sync`] of one does nothing there:
//! a commit is whole, but the last one may be lost with the power. A disk that lies about flushing
//! is believed.
//!
//! Names are exchanged in one step, and given only when they are free, where the system can do that:
//! [`os`] says where, and what is done elsewhere.

pub mod counted;
#[cfg(any(test, feature = "testing"))]
pub mod faulty;
#[cfg(any(test, feature = "testing"))]
pub mod memory;
pub mod os;
#[cfg(test)]
mod tests;

use std::any::Any;
use std::fmt::Debug;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

/// Reading.
pub trait Source: Send + Sync + Debug {
    /// What stands at `path`, a link not followed; `None` when nothing does.
    ///
    /// # Errors
    ///
    /// When the file system refuses to say.
    fn stat(&self, path: &Path) -> io::Result<Option<Stat>>;

    /// The place that `path` leads to, every link followed.
    ///
    /// # Errors
    ///
    /// When there is no such place, or links run in a circle.
    fn resolve(&self, path: &Path) -> io::Result<PathBuf>;

    /// Everything below `folder`, parents before children, siblings in byte order of their names.
    /// Links are listed as links and not entered; a folder is entered when `enter` says so.
    ///
    /// # Errors
    ///
    /// When `folder` cannot be listed. A folder further down that cannot be listed is an entry
    /// whose [`Entry::unreadable`] says why.
    fn walk(&self, folder: &Path, enter: &mut dyn FnMut(&Path) -> bool) -> io::Result<Vec<Entry>>;

    /// Opens a regular file, links followed, without ever waiting for a writer at its other end.
    ///
    /// # Errors
    ///
    /// When there is none, or it may not be read; [`io::ErrorKind::InvalidInput`] for anything that
    /// is not a regular file.
    fn open(&self, path: &Path) -> io::Result<Box<dyn Input>>;
}

/// An open file, for reading, by several threads at once. (It is [`Any`] so that a storage which stands
/// before another can find its own files among those that are given to [`Output::copy_at`].)
pub trait Input: Any + Send + Sync + Debug {
    /// Its stamp now.
    ///
    /// # Errors
    ///
    /// When the file system refuses to say.
    fn stamp(&self) -> io::Result<Stamp>;

    /// Its stamp when it was opened, or at some moment since.
    ///
    /// # Errors
    ///
    /// When the file system refuses to say.
    fn opened(&self) -> io::Result<Stamp> {
        self.stamp()
    }

    /// Fills `buffer` from `offset`; fewer bytes only at the end of the file.
    ///
    /// # Errors
    ///
    /// When reading fails.
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize>;

    /// Takes the advisory lock on the file, unless somebody holds one against it; whether it was
    /// taken. It ends when this is dropped, and with the process however that ends. To be asked once
    /// of each open file.
    ///
    /// # Errors
    ///
    /// When the file system has no locks.
    fn try_lock(&self, kind: LockKind) -> io::Result<bool>;

    /// Where this very file lies now, every link followed; `None` where the system does not tell
    /// that of an open file.
    fn place(&self) -> Option<PathBuf> {
        None
    }

    /// The operating system's file behind this one, so that the system can copy from it by itself;
    /// `None` where there is none. Its cursor is moved by [`Output::copy_at`] and by nobody else.
    fn file(&self) -> Option<&File> {
        None
    }
}

/// Reading and writing.
pub trait Storage: Source {
    /// Makes one folder. It is no error when it is there already.
    ///
    /// # Errors
    ///
    /// When it cannot be made, or something else has its name.
    fn create_dir(&self, path: &Path) -> io::Result<()>;

    /// Makes a new, empty file for writing.
    ///
    /// # Errors
    ///
    /// When anything has that name already.
    fn create(&self, path: &Path) -> io::Result<Box<dyn Output>>;

    /// Gives the file or folder at `from` the name `to`; `how` says what becomes of what has that
    /// name.
    ///
    /// # Errors
    ///
    /// When it cannot be done; then both are as they were. [`io::ErrorKind::Unsupported`] where the
    /// system cannot exchange names in one step.
    fn rename(&self, from: &Path, to: &Path, how: Rename) -> io::Result<()>;

    /// Removes a file, or an empty folder. It is no error when nothing is there.
    ///
    /// # Errors
    ///
    /// When it cannot be removed.
    fn remove(&self, path: &Path) -> io::Result<()>;

    /// Makes the content of a file durable, or the entries of a folder.
    ///
    /// # Errors
    ///
    /// When the device reports an error: then nothing is known of what was written before.
    fn sync(&self, path: &Path) -> io::Result<()>;
}

/// A file that is being written, in one of the two ways of the contract above.
pub trait Output: io::Write + Send + Sync + Debug {
    /// Writes all of `bytes` at `offset`, in bytes from the start of the file, which grows as it must.
    /// No bytes change nothing.
    ///
    /// # Errors
    ///
    /// When writing fails: then any part of it may have been written.
    fn write_all_at(&self, bytes: &[u8], offset: u64) -> io::Result<()>;

    /// Copies `length` bytes, which begin at `start` in `from`, to `offset` in this file. Where the
    /// system can, it does so by itself, and where the file system can, both files share the blocks.
    ///
    /// # Errors
    ///
    /// [`io::ErrorKind::UnexpectedEof`] when `from` ends before; else when reading or writing fails.
    /// Any part of it may have been copied then.
    fn copy_at(&self, from: &dyn Input, start: u64, length: u64, offset: u64) -> io::Result<()> {
        copy_by_reading(from, start, length, offset, &mut |bytes, offset| self.write_all_at(bytes, offset))
    }

    /// Makes what was written so far durable.
    ///
    /// # Errors
    ///
    /// When the device reports an error. The file must not be used any more: a second sync may
    /// succeed although the bytes are lost.
    fn sync(&mut self) -> io::Result<()>;

    /// Lets the same people read and write it as the file at `path`, where there are such rights.
    ///
    /// # Errors
    ///
    /// When the rights cannot be read or given.
    fn take_rights_of(&mut self, path: &Path) -> io::Result<()> {
        let _ = path;
        Ok(())
    }
}

/// What a rename does with what has the new name already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rename {
    /// A file takes the place of a file.
    Replace,
    /// Nothing may be there: [`io::ErrorKind::AlreadyExists`] otherwise. Where the system cannot make
    /// sure of that in one step, it is looked at just before.
    New,
    /// Both are there, and change names.
    Exchange,
}

/// How a lock is shared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LockKind {
    /// Together with other shared ones: a build.
    Shared,
    /// Alone: a mutation.
    Exclusive,
}

/// What stands at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stat {
    /// Of which kind.
    pub kind: FileKind,
    /// Its stamp.
    pub stamp: Stamp,
}

/// Kinds of directory entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileKind {
    /// A regular file.
    File,
    /// A folder.
    Folder,
    /// A symbolic link.
    Link,
    /// A pipe, a socket, a device.
    Other,
}

/// What the file system says of a file without reading it. Equal stamps mean "surely unchanged"
/// only when they are old enough: see `pack::fingerprint`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Stamp {
    /// Bytes.
    pub size: u64,
    /// Last change of the content, in nanoseconds since 1970.
    pub modified: i128,
    /// Last change of content or attributes, in nanoseconds since 1970; 0 where unknown.
    pub changed: i128,
    /// The file's number on its device; 0 where unknown.
    pub inode: u64,
    /// The device; 0 where unknown.
    pub device: u64,
}

/// One thing found by [`Source::walk`].
#[derive(Debug)]
pub struct Entry {
    /// Its path, beginning with the walked folder.
    pub path: PathBuf,
    /// Of which kind.
    pub kind: FileKind,
    /// Why its inside is not listed, for a folder that could not be.
    pub unreadable: Option<io::Error>,
}

/// Whether a refusal says that nothing is there: also below a file, where nothing can be.
pub(crate) fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

/// Reads a file of at most `limit` bytes whole; of a longer one `limit + 1` bytes, so that the
/// caller can tell.
///
/// # Errors
///
/// When the file cannot be opened or read.
pub fn read_up_to(source: &dyn Source, path: &Path, limit: u64) -> io::Result<(Vec<u8>, Stamp)> {
    read_input(&*source.open(path)?, limit)
}

/// [`read_up_to`] of a file that was opened already.
///
/// # Errors
///
/// When it cannot be read.
pub fn read_input(input: &dyn Input, limit: u64) -> io::Result<(Vec<u8>, Stamp)> {
    let stamp = input.opened()?;
    let wanted = stamp.size.min(limit + 1);
    let mut bytes = vec![0; usize::try_from(wanted).map_err(|_| io::ErrorKind::FileTooLarge)?];
    let read = input.read_at(&mut bytes, 0)?;
    bytes.truncate(read);
    Ok((bytes, stamp))
}

/// What [`Output::copy_at`] promises, through one buffer of at most 1 MiB; `write` is given bytes and
/// where they go.
fn copy_by_reading(
    from: &dyn Input,
    start: u64,
    length: u64,
    offset: u64,
    write: &mut dyn FnMut(&[u8], u64) -> io::Result<()>,
) -> io::Result<()> {
    const PIECE: usize = 1 << 20;
    // The length may be anything: it is a caller's, and perhaps a damaged file's.
    let mut buffer = vec![0; usize::try_from(length).map_or(PIECE, |length| length.min(PIECE))];
    let mut done = 0;
    while done < length {
        let wanted = usize::try_from(length - done).map_or(buffer.len(), |rest| rest.min(buffer.len()));
        let (Some(at), Some(to)) = (start.checked_add(done), offset.checked_add(done)) else {
            return Err(io::ErrorKind::FileTooLarge.into());
        };
        let read = from.read_at(&mut buffer[..wanted], at)?;
        write(&buffer[..read], to)?;
        if read < wanted {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        done += read as u64;
    }
    Ok(())
}

/// Opens a regular file that lies in `folder`, which is a resolved path.
///
/// What a path leads to may change between a look at it and its opening, so it is the opened file
/// that is asked for its place. Where the system does not tell that, the path is resolved anew and
/// must lead to the same file: then somebody who exchanges folders for links at just the right
/// moments, twice, is not found out.
///
/// # Errors
///
/// As for [`Source::open`]; [`io::ErrorKind::InvalidInput`] for a file that lies elsewhere.
pub fn open_below(source: &dyn Source, folder: &Path, path: &Path) -> io::Result<Box<dyn Input>> {
    let input = source.open(path)?;
    let elsewhere = || io::Error::new(io::ErrorKind::InvalidInput, "it lies somewhere else, behind a link");
    let place = match input.place() {
        Some(place) => place,
        None => {
            let place = source.resolve(path)?;
            let there = source.stat(&place)?.map(|stat| stat.stamp);
            if there != Some(input.stamp()?) {
                return Err(elsewhere());
            }
            place
        }
    };
    if place.starts_with(folder) { Ok(input) } else { Err(elsewhere()) }
}

/// Puts `bytes` at `path` so that a crash leaves the old file or the new one, and the new one is
/// there for good when this returns: temporary file beside it, write, sync, rename, sync of the
/// folder. A file that is replaced keeps its rights. `temporary` is the file name to use meanwhile.
///
/// # Errors
///
/// When a step fails. The temporary file is gone, unless removing it failed as well.
pub fn replace_durably(storage: &dyn Storage, path: &Path, temporary: &str, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().ok_or(io::ErrorKind::InvalidInput)?;
    let staged = folder.join(temporary);
    // The name is the caller's own: what has it was left by a crash of the same operation.
    storage.remove(&staged)?;
    let write = || {
        let mut file = storage.create(&staged)?;
        if storage.stat(path)?.is_some() {
            file.take_rights_of(path)?;
        }
        file.write_all(bytes)?;
        file.sync()?;
        drop(file);
        storage.rename(&staged, path, Rename::Replace)
    };
    let written = write();
    if let Err(error) = written {
        // The first error is the one to tell.
        drop(storage.remove(&staged));
        return Err(error);
    }
    storage.sync(folder)
}

/// Writes a new file and syncs its content. The folder's entry is the caller's duty.
///
/// # Errors
///
/// When a step fails; the file may be there in part.
pub fn write_synced(storage: &dyn Storage, path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = storage.create(path)?;
    file.write_all(bytes)?;
    file.sync()
}
