//! Files of the operating system.
//!
//! [`Rename::Exchange`] and a [`Rename::New`] in one step need the crate's feature `authoring`,
//! Linux or one of Apple's systems, and a file system that has them: ext4, XFS, btrfs, tmpfs,
//! overlayfs and APFS do. Elsewhere an exchange is unsupported. A new name is then given to a file by
//! a second name and the removal of the first, where there are second names, so that a crash may
//! leave both; else, and to a folder, by a look and a rename, so that what somebody puts there
//! between the two is replaced.
//!
//! Where a signal can interrupt a call, it is tried again: by std when it opens, syncs and writes
//! with `write_all`, and here when it reads, writes at a place or copies. The others do not wait, and
//! are not interrupted on a local disk.

mod places;
mod rename;
#[cfg(all(test, unix))]
mod tests;

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use walkdir::WalkDir;

use super::{Entry, FileKind, Input, LockKind, Output, Rename, Source, Stamp, Stat, Storage, is_absent};

/// The operating system's file system.
#[derive(Debug, Clone, Copy, Default)]
pub struct OsStorage;

/// A file that was opened to be read, and its stamp at that moment.
#[derive(Debug)]
struct OsInput(File, Stamp);

#[derive(Debug)]
struct OsOutput(File);

impl Source for OsStorage {
    fn stat(&self, path: &Path) -> io::Result<Option<Stat>> {
        match fs::symlink_metadata(path) {
            Ok(metadata) => Ok(Some(Stat { kind: kind(metadata.file_type()), stamp: stamp(&metadata) })),
            // `a.txt/b` where a.txt is a file: nothing is there either.
            Err(error) if is_absent(&error) => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn resolve(&self, path: &Path) -> io::Result<PathBuf> {
        fs::canonicalize(path)
    }

    fn walk(&self, folder: &Path, enter: &mut dyn FnMut(&Path) -> bool) -> io::Result<Vec<Entry>> {
        // `WalkDir` takes a file for a folder that holds nothing.
        if !fs::metadata(folder)?.is_dir() {
            return Err(io::ErrorKind::NotADirectory.into());
        }
        let mut entries: Vec<Entry> = Vec::new();
        let mut walk = WalkDir::new(folder).min_depth(1).sort_by_file_name().into_iter();
        while let Some(step) = walk.next() {
            let error = match step {
                Ok(entry) => {
                    let kind = kind(entry.file_type());
                    if kind == FileKind::Folder && !enter(entry.path()) {
                        walk.skip_current_dir();
                    }
                    entries.push(Entry { path: entry.into_path(), kind, unreadable: None });
                    continue;
                }
                Err(error) => error,
            };
            let path = error.path().unwrap_or(folder).to_path_buf();
            // Without the path, which is in the entry.
            let cause =
                error.into_io_error().unwrap_or_else(|| io::Error::other("a link leads back to itself"));
            match entries.last_mut() {
                _ if path == folder => return Err(cause),
                Some(last) if last.path == path => last.unreadable = Some(cause),
                // It vanished between listing and looking: then it is not there.
                _ if cause.kind() == io::ErrorKind::NotFound => {}
                _ => entries.push(Entry { path, kind: FileKind::Other, unreadable: Some(cause) }),
            }
        }
        Ok(entries)
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn Input>> {
        let mut options = OpenOptions::new();
        options.read(true);
        never_wait(&mut options);
        let file = options.open(path)?;
        let metadata = file.metadata()?;
        if !metadata.is_file() {
            return Err(not_a_regular_file());
        }
        Ok(Box::new(OsInput(file, stamp(&metadata))))
    }
}

impl Input for OsInput {
    fn stamp(&self) -> io::Result<Stamp> {
        Ok(stamp(&self.0.metadata()?))
    }

    fn opened(&self) -> io::Result<Stamp> {
        Ok(self.1)
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        let mut done = 0;
        while done < buffer.len() {
            match read_some_at(&self.0, &mut buffer[done..], offset + done as u64) {
                Ok(0) => break,
                Ok(n) => done += n,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(done)
    }

    fn try_lock(&self, kind: LockKind) -> io::Result<bool> {
        let locked = match kind {
            LockKind::Shared => self.0.try_lock_shared(),
            LockKind::Exclusive => self.0.try_lock(),
        };
        match locked {
            Ok(()) => Ok(true),
            Err(TryLockError::WouldBlock) => Ok(false),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    #[cfg(any(target_os = "linux", target_os = "android"))]
    fn place(&self) -> Option<PathBuf> {
        use std::os::fd::AsRawFd as _;
        fs::read_link(format!("/proc/self/fd/{}", self.0.as_raw_fd())).ok()
    }

    fn file(&self) -> Option<&File> {
        Some(&self.0)
    }
}

impl Storage for OsStorage {
    fn create_dir(&self, path: &Path) -> io::Result<()> {
        match fs::create_dir(path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && path.is_dir() => Ok(()),
            other => other,
        }
    }

    fn create(&self, path: &Path) -> io::Result<Box<dyn Output>> {
        Ok(Box::new(OsOutput(File::create_new(path)?)))
    }

    fn rename(&self, from: &Path, to: &Path, how: Rename) -> io::Result<()> {
        rename::rename(from, to, how)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        let removed = match self.stat(path)? {
            None => return Ok(()),
            Some(Stat { kind: FileKind::Folder, .. }) => fs::remove_dir(path),
            Some(_) => fs::remove_file(path),
        };
        match removed {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            other => other,
        }
    }

    fn sync(&self, path: &Path) -> io::Result<()> {
        if cfg!(windows) && path.is_dir() {
            return Ok(());
        }
        let open = |write: bool| {
            let mut options = OpenOptions::new();
            options.read(!write).write(write);
            never_wait(&mut options);
            options.open(path)
        };
        // Windows flushes only what is open for writing. Elsewhere either will do, and a folder can
        // only be read.
        let file = match open(cfg!(windows)) {
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
                open(!cfg!(windows)).map_err(|_| error)
            }
            other => other,
        };
        file?.sync_all()
    }
}

impl Write for OsOutput {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

impl Output for OsOutput {
    fn write_all_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        places::write_all_at(&self.0, bytes, offset)
    }

    fn copy_at(&self, from: &dyn Input, start: u64, length: u64, offset: u64) -> io::Result<()> {
        places::copy_at(&self.0, from, start, length, offset)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.0.sync_all()
    }

    fn take_rights_of(&mut self, path: &Path) -> io::Result<()> {
        self.0.set_permissions(fs::metadata(path)?.permissions())
    }
}

fn not_a_regular_file() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, "not a regular file")
}

fn kind(file_type: fs::FileType) -> FileKind {
    if file_type.is_file() {
        FileKind::File
    } else if file_type.is_dir() {
        FileKind::Folder
    } else if file_type.is_symlink() {
        FileKind::Link
    } else {
        FileKind::Other
    }
}

#[cfg(unix)]
fn stamp(metadata: &fs::Metadata) -> Stamp {
    use std::os::unix::fs::MetadataExt;
    let nanos = |seconds: i64, nanos: i64| i128::from(seconds) * 1_000_000_000 + i128::from(nanos);
    Stamp {
        size: metadata.size(),
        modified: nanos(metadata.mtime(), metadata.mtime_nsec()),
        changed: nanos(metadata.ctime(), metadata.ctime_nsec()),
        inode: metadata.ino(),
        device: metadata.dev(),
    }
}

#[cfg(not(unix))]
fn stamp(metadata: &fs::Metadata) -> Stamp {
    let signed = |nanos: u128| i128::try_from(nanos).unwrap_or(i128::MAX);
    let modified = match metadata.modified().map(|time| time.duration_since(std::time::UNIX_EPOCH)) {
        Ok(Ok(after)) => signed(after.as_nanos()),
        Ok(Err(before)) => -signed(before.duration().as_nanos()),
        Err(_) => 0,
    };
    Stamp { size: metadata.len(), modified, ..Stamp::default() }
}

#[cfg(unix)]
fn read_some_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, buffer, offset)
}

#[cfg(windows)]
fn read_some_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, buffer, offset)
}

/// Opening a pipe for reading waits until somebody writes into it, unless it is asked not to.
#[cfg(any(target_os = "linux", target_os = "android"))]
fn never_wait(options: &mut OpenOptions) {
    const O_NONBLOCK: i32 = 0o4000;
    std::os::unix::fs::OpenOptionsExt::custom_flags(options, O_NONBLOCK);
}

#[cfg(target_vendor = "apple")]
fn never_wait(options: &mut OpenOptions) {
    const O_NONBLOCK: i32 = 4;
    std::os::unix::fs::OpenOptionsExt::custom_flags(options, O_NONBLOCK);
}

#[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
fn never_wait(_options: &mut OpenOptions) {}
