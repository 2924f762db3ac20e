//! A disk for these tests.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use crate::storage::memory::MemoryStorage;
use crate::storage::{Entry, Input, LockKind, Output, Rename, Source, Stamp, Stat, Storage};

/// A disk that says what was done to it, or has no locks.
#[derive(Debug)]
pub(super) struct Watched {
    pub(super) files: MemoryStorage,
    pub(super) calls: std::sync::Mutex<Vec<String>>,
    pub(super) refusal: Option<Refusal>,
    /// How often a file that was just opened is replaced by another.
    pub(super) exchanges: AtomicU32,
}

/// How a file system says that it has no locks.
#[derive(Debug, Clone, Copy)]
pub(super) enum Refusal {
    Kind,
    Code(i32),
}

impl Watched {
    pub(super) fn new(files: &MemoryStorage) -> Self {
        let exchanges = AtomicU32::new(0);
        Self { files: files.clone(), calls: Default::default(), refusal: None, exchanges }
    }

    pub(super) fn calls(&self) -> Vec<String> {
        self.calls.lock().unwrap().clone()
    }

    fn note(&self, what: &str, path: &Path) {
        self.calls.lock().unwrap().push(format!("{what} {}", path.display()));
    }
}

#[derive(Debug)]
struct Lockless(Box<dyn Input>, Refusal);

impl Input for Lockless {
    fn stamp(&self) -> io::Result<Stamp> {
        self.0.stamp()
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        self.0.read_at(buffer, offset)
    }

    fn try_lock(&self, _kind: LockKind) -> io::Result<bool> {
        Err(match self.1 {
            Refusal::Kind => io::ErrorKind::Unsupported.into(),
            Refusal::Code(code) => io::Error::from_raw_os_error(code),
        })
    }
}

impl Source for Watched {
    fn stat(&self, path: &Path) -> io::Result<Option<Stat>> {
        self.files.stat(path)
    }

    fn resolve(&self, path: &Path) -> io::Result<PathBuf> {
        self.files.resolve(path)
    }

    fn walk(&self, folder: &Path, enter: &mut dyn FnMut(&Path) -> bool) -> io::Result<Vec<Entry>> {
        self.files.walk(folder, enter)
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn Input>> {
        let input = self.files.open(path)?;
        if self.exchanges.load(Ordering::SeqCst) > 0 {
            self.exchanges.fetch_sub(1, Ordering::SeqCst);
            self.files.delete(path);
            self.files.write(path, "");
        }
        Ok(match self.refusal {
            Some(refusal) => Box::new(Lockless(input, refusal)),
            None => input,
        })
    }
}

impl Storage for Watched {
    fn create_dir(&self, path: &Path) -> io::Result<()> {
        self.note("folder", path);
        self.files.create_dir(path)
    }

    fn create(&self, path: &Path) -> io::Result<Box<dyn Output>> {
        self.note("create", path);
        self.files.create(path)
    }

    fn rename(&self, from: &Path, to: &Path, how: Rename) -> io::Result<()> {
        self.note("rename", to);
        self.files.rename(from, to, how)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.note("remove", path);
        self.files.remove(path)
    }

    fn sync(&self, path: &Path) -> io::Result<()> {
        self.note("sync", path);
        self.files.sync(path)
    }
}
