//! A file system in memory, for tests: ordered, with a clock of its own, and countable.
//!
//! It keeps what was written; it does not model what a crash would lose.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{Entry, FileKind, Input, LockKind, Output, Rename, Source, Stamp, Stat, Storage};

/// Files in memory. Clones share them.
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

#[derive(Debug, Default)]
struct State {
    nodes: BTreeMap<PathBuf, Node>,
    /// Nanoseconds; every change takes one more.
    now: i128,
    inodes: u64,
    counts: Counts,
    /// Holders of the lock on each inode; an exclusive one counts as `u32::MAX`.
    locks: BTreeMap<u64, u32>,
}

#[derive(Debug, Clone)]
struct Node {
    content: Content,
    modified: i128,
    changed: i128,
    inode: u64,
}

#[derive(Debug, Clone)]
enum Content {
    File(Arc<Mutex<Vec<u8>>>),
    Folder,
    Link(PathBuf),
    Pipe,
}

impl MemoryStorage {
    /// Writes a file and its missing folders, as a person's tool would.
    pub fn write(&self, path: impl AsRef<Path>, bytes: impl Into<Vec<u8>>) {
        self.put(path.as_ref(), Content::File(Arc::new(Mutex::new(bytes.into()))));
    }

    /// Makes a folder and its missing parents.
    pub fn folder(&self, path: impl AsRef<Path>) {
        self.put(path.as_ref(), Content::Folder);
    }

    /// Makes a symbolic link.
    pub fn link(&self, path: impl AsRef<Path>, target: impl Into<PathBuf>) {
        self.put(path.as_ref(), Content::Link(target.into()));
    }

    /// Makes a pipe, which is neither file nor folder.
    pub fn pipe(&self, path: impl AsRef<Path>) {
        self.put(path.as_ref(), Content::Pipe);
    }

    /// Removes a file, or a folder with all that it holds.
    pub fn delete(&self, path: impl AsRef<Path>) {
        self.state().nodes.retain(|have, _| !have.starts_with(path.as_ref()));
    }

    /// The content of a file, when there is one.
    #[must_use]
    pub fn content(&self, path: impl AsRef<Path>) -> Option<Vec<u8>> {
        match &self.state().nodes.get(path.as_ref())?.content {
            Content::File(bytes) => Some(lock(bytes).clone()),
            _ => None,
        }
    }

    /// Every path that is there.
    #[must_use]
    pub fn paths(&self) -> Vec<PathBuf> {
        self.state().nodes.keys().cloned().collect()
    }

    /// Gives a file or folder this modification time, in nanoseconds since 1970.
    pub fn set_modified(&self, path: impl AsRef<Path>, nanos: i128) {
        if let Some(node) = self.state().nodes.get_mut(path.as_ref()) {
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

    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.0)
    }

    fn put(&self, path: &Path, content: Content) {
        let mut state = self.state();
        let missing: Vec<_> =
            path.ancestors().skip(1).filter(|folder| !state.nodes.contains_key(*folder)).collect();
        for folder in missing.into_iter().rev() {
            state.insert(folder, Content::Folder);
        }
        state.insert(path, content);
    }
}

/// A test's thread may have panicked while it held the lock; what it left is still whole.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl State {
    fn insert(&mut self, path: &Path, content: Content) {
        self.now += 1;
        self.inodes += 1;
        let node = Node { content, modified: self.now, changed: self.now, inode: self.inodes };
        self.nodes.insert(path.to_path_buf(), node);
        self.touch_parent(path);
    }

    fn touch_parent(&mut self, path: &Path) {
        let now = self.now;
        if let Some(parent) = path.parent().and_then(|parent| self.nodes.get_mut(parent)) {
            parent.modified = now;
            parent.changed = now;
        }
    }

    /// Follows the links in every part of `path`.
    fn resolve(&self, path: &Path, depth: u32) -> io::Result<PathBuf> {
        if depth > 40 {
            return Err(io::Error::other("too many links"));
        }
        let mut place = PathBuf::new();
        for (n, part) in path.components().enumerate() {
            match part {
                Component::ParentDir => {
                    place.pop();
                    continue;
                }
                Component::CurDir => continue,
                part => place.push(part),
            }
            match self.nodes.get(&place).map(|node| &node.content) {
                Some(Content::Link(target)) => {
                    let from = place.parent().unwrap_or(Path::new("/")).join(target);
                    let rest: PathBuf = path.components().skip(n + 1).collect();
                    return self.resolve(&from.join(rest), depth + 1);
                }
                None if place.parent().is_some() => return Err(io::ErrorKind::NotFound.into()),
                _ => {}
            }
        }
        Ok(place)
    }
}

impl Node {
    fn stat(&self) -> Stat {
        let (kind, size) = match &self.content {
            Content::File(bytes) => (FileKind::File, lock(bytes).len() as u64),
            Content::Folder => (FileKind::Folder, 0),
            Content::Link(_) => (FileKind::Link, 0),
            Content::Pipe => (FileKind::Other, 0),
        };
        let stamp =
            Stamp { size, modified: self.modified, changed: self.changed, inode: self.inode, device: 1 };
        Stat { kind, stamp }
    }
}

impl Source for MemoryStorage {
    fn stat(&self, path: &Path) -> io::Result<Option<Stat>> {
        let state = self.state();
        // Links in the folders above are followed, as an operating system does.
        let place = match (path.parent(), path.file_name()) {
            (Some(parent), Some(name)) => match state.resolve(parent, 0) {
                Ok(parent) => parent.join(name),
                Err(_) => return Ok(None),
            },
            _ => path.to_path_buf(),
        };
        Ok(state.nodes.get(&place).map(Node::stat))
    }

    fn resolve(&self, path: &Path) -> io::Result<PathBuf> {
        self.state().resolve(path, 0)
    }

    fn walk(&self, folder: &Path, enter: &mut dyn FnMut(&Path) -> bool) -> io::Result<Vec<Entry>> {
        let state = self.state();
        match state.nodes.get(folder).map(|node| &node.content) {
            None => return Err(io::ErrorKind::NotFound.into()),
            Some(Content::Folder) => {}
            Some(_) => return Err(io::ErrorKind::NotADirectory.into()),
        }
        let mut entries = Vec::new();
        let mut closed: Vec<&Path> = Vec::new();
        // `Path` orders by components, so parents precede children and siblings go by name.
        for (path, node) in &state.nodes {
            let inside = path.starts_with(folder) && path != folder;
            if !inside || closed.iter().any(|above| path.starts_with(above)) {
                continue;
            }
            let kind = node.stat().kind;
            if kind == FileKind::Folder && !enter(path) {
                closed.push(path);
            }
            entries.push(Entry { path: path.clone(), kind, unreadable: None });
        }
        Ok(entries)
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn Input>> {
        let mut state = self.state();
        state.counts.opened += 1;
        let place = state.resolve(path, 0)?;
        let node = state.nodes.get(&place).ok_or(io::ErrorKind::NotFound)?;
        match &node.content {
            Content::File(bytes) => Ok(Box::new(MemoryInput {
                bytes: Arc::clone(bytes),
                stamp: node.stat().stamp,
                held: Mutex::new(false),
                storage: self.clone(),
            })),
            _ => Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file")),
        }
    }
}

#[derive(Debug)]
struct MemoryInput {
    bytes: Arc<Mutex<Vec<u8>>>,
    stamp: Stamp,
    /// Whether the lock was taken through this.
    held: Mutex<bool>,
    storage: MemoryStorage,
}

impl Input for MemoryInput {
    fn stamp(&self) -> io::Result<Stamp> {
        Ok(self.stamp)
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        let bytes = lock(&self.bytes);
        let from = usize::try_from(offset).unwrap_or(usize::MAX).min(bytes.len());
        let count = buffer.len().min(bytes.len() - from);
        buffer[..count].copy_from_slice(&bytes[from..from + count]);
        drop(bytes);
        self.storage.state().counts.bytes_read += count as u64;
        Ok(count)
    }

    fn try_lock(&self, kind: LockKind) -> io::Result<bool> {
        let mut state = self.storage.state();
        let holders = state.locks.entry(self.stamp.inode).or_default();
        match kind {
            LockKind::Exclusive if *holders == 0 => *holders = u32::MAX,
            LockKind::Shared if *holders != u32::MAX => *holders += 1,
            _ => return Ok(false),
        }
        *lock(&self.held) = true;
        Ok(true)
    }
}

impl Drop for MemoryInput {
    fn drop(&mut self) {
        if *lock(&self.held)
            && let Some(holders) = self.storage.state().locks.get_mut(&self.stamp.inode)
        {
            *holders = if *holders == u32::MAX { 0 } else { *holders - 1 };
        }
    }
}

#[derive(Debug)]
struct MemoryOutput {
    bytes: Arc<Mutex<Vec<u8>>>,
    storage: MemoryStorage,
}

impl Write for MemoryOutput {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        lock(&self.bytes).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Output for MemoryOutput {
    fn sync(&mut self) -> io::Result<()> {
        self.storage.state().counts.synced += 1;
        Ok(())
    }
}

impl Storage for MemoryStorage {
    fn create_dir(&self, path: &Path) -> io::Result<()> {
        let mut state = self.state();
        match state.nodes.get(path).map(|node| &node.content) {
            Some(Content::Folder) => return Ok(()),
            Some(_) => return Err(io::ErrorKind::AlreadyExists.into()),
            None => {}
        }
        if path.parent().is_some_and(|parent| !state.nodes.contains_key(parent)) {
            return Err(io::ErrorKind::NotFound.into());
        }
        state.insert(path, Content::Folder);
        Ok(())
    }

    fn create(&self, path: &Path) -> io::Result<Box<dyn Output>> {
        let mut state = self.state();
        state.counts.created += 1;
        if state.nodes.contains_key(path) {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        if path.parent().is_some_and(|parent| !state.nodes.contains_key(parent)) {
            return Err(io::ErrorKind::NotFound.into());
        }
        let bytes = Arc::new(Mutex::new(Vec::new()));
        state.insert(path, Content::File(Arc::clone(&bytes)));
        Ok(Box::new(MemoryOutput { bytes, storage: self.clone() }))
    }

    fn rename(&self, from: &Path, to: &Path, how: Rename) -> io::Result<()> {
        let mut state = self.state();
        state.counts.renamed += 1;
        if how == Rename::New && state.nodes.contains_key(to) {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        let node = state.nodes.remove(from).ok_or(io::ErrorKind::NotFound)?;
        state.now += 1;
        let changed = state.now;
        let replaced = state.nodes.insert(to.to_path_buf(), Node { changed, ..node });
        if how == Rename::Exchange {
            state.nodes.insert(from.to_path_buf(), replaced.ok_or(io::ErrorKind::NotFound)?);
        }
        state.touch_parent(from);
        state.touch_parent(to);
        Ok(())
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        let mut state = self.state();
        if state.nodes.keys().any(|have| have.starts_with(path) && have != path) {
            return Err(io::ErrorKind::DirectoryNotEmpty.into());
        }
        state.nodes.remove(path);
        state.touch_parent(path);
        Ok(())
    }

    fn sync(&self, _path: &Path) -> io::Result<()> {
        self.state().counts.synced += 1;
        Ok(())
    }
}
