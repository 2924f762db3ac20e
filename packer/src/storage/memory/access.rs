//! The storage traits over the written image.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use super::MemoryStorage;
use super::pending::Lasting;
use super::state::State;
use super::tree::{Content, Node};
use crate::storage::{Entry, FileKind, Input, LockKind, Output, Rename, Source, Stamp, Stat, Storage};

impl Source for MemoryStorage {
    fn stat(&self, path: &Path) -> io::Result<Option<Stat>> {
        let state = self.state();
        let inode = match path.file_name() {
            Some(_) => state.spot(path).map(|spot| spot.inode),
            None => state.follow(path).map(|trail| Some(trail.inode())),
        };
        let Ok(Some(inode)) = inode else { return Ok(None) };
        Ok(state.node(inode).map(|node| node.stat(inode)))
    }

    fn resolve(&self, path: &Path) -> io::Result<PathBuf> {
        Ok(self.state().follow(path)?.into_place())
    }

    fn walk(&self, folder: &Path, enter: &mut dyn FnMut(&Path) -> bool) -> io::Result<Vec<Entry>> {
        let state = self.state();
        let inode = state.follow(folder)?.inode();
        if !state.is_folder(inode) {
            return Err(io::ErrorKind::NotADirectory.into());
        }
        drop(state);
        let mut entries = Vec::new();
        self.walk_below(inode, folder, enter, &mut entries);
        Ok(entries)
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn Input>> {
        let mut state = self.state();
        state.counts.opened += 1;
        let inode = state.follow(path)?.inode();
        match state.node(inode) {
            Some(Node { content: Content::File { .. }, .. }) => {
                let handle = Handle::new(self, &mut state, inode);
                Ok(Box::new(MemoryInput { handle, held: Mutex::new(None) }))
            }
            _ => Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file")),
        }
    }
}

impl MemoryStorage {
    /// `enter` may look at this storage, so it is asked while nothing is locked.
    fn walk_below(
        &self,
        folder: u64,
        path: &Path,
        enter: &mut dyn FnMut(&Path) -> bool,
        entries: &mut Vec<Entry>,
    ) {
        let listing = self.state().listing(folder);
        for (name, inode) in listing.iter() {
            let Some(kind) = self.state().node(*inode).map(|node| node.stat(*inode).kind) else { continue };
            let path = path.join(name);
            let inside = (kind == FileKind::Folder && enter(&path)).then(|| path.clone());
            entries.push(Entry { path, kind, unreadable: None });
            if let Some(path) = inside {
                self.walk_below(*inode, &path, enter, entries);
            }
        }
    }

    /// Writes over a file in place, un-synced, or makes it: the thing that nobody should do.
    pub(in crate::storage) fn overwrite(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let mut state = self.state();
        let spot = state.spot(path)?;
        let inode = match spot.inode {
            Some(inode) => inode,
            None => state.make(&spot, new_file(), Lasting::WhenSynced),
        };
        state.write(inode, bytes, true);
        Ok(())
    }
}

/// An open file. It keeps the file from being forgotten when it loses its name.
#[derive(Debug)]
struct Handle {
    storage: MemoryStorage,
    inode: u64,
}

impl Handle {
    fn new(storage: &MemoryStorage, state: &mut State, inode: u64) -> Self {
        *state.handles.entry(inode).or_default() += 1;
        Self { storage: storage.clone(), inode }
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        let mut state = self.storage.state();
        if let Some(count) = state.handles.get_mut(&self.inode) {
            *count -= 1;
            if *count == 0 {
                state.handles.remove(&self.inode);
            }
        }
    }
}

#[derive(Debug)]
struct MemoryInput {
    handle: Handle,
    /// The lock that was taken through this.
    held: Mutex<Option<LockKind>>,
}

impl Input for MemoryInput {
    fn stamp(&self) -> io::Result<Stamp> {
        let state = self.handle.storage.state();
        let node = state.node(self.handle.inode).ok_or(io::ErrorKind::NotFound)?;
        Ok(node.stat(self.handle.inode).stamp)
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        let mut state = self.handle.storage.state();
        let Some(Node { content: Content::File { written, .. }, .. }) = state.node(self.handle.inode) else {
            return Err(io::ErrorKind::NotFound.into());
        };
        let from = usize::try_from(offset).unwrap_or(usize::MAX).min(written.len());
        let count = buffer.len().min(written.len() - from);
        buffer[..count].copy_from_slice(&written[from..from + count]);
        state.counts.bytes_read += count as u64;
        Ok(count)
    }

    fn try_lock(&self, kind: LockKind) -> io::Result<bool> {
        let mut state = self.handle.storage.state();
        let holders = state.locks.entry(self.handle.inode).or_default();
        match kind {
            LockKind::Exclusive if *holders == 0 => *holders = u32::MAX,
            LockKind::Shared if *holders != u32::MAX => *holders += 1,
            _ => return Ok(false),
        }
        *self.held.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = Some(kind);
        Ok(true)
    }
}

impl Drop for MemoryInput {
    fn drop(&mut self) {
        let held = *self.held.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let mut state = self.handle.storage.state();
        if let (Some(kind), Some(holders)) = (held, state.locks.get_mut(&self.handle.inode)) {
            *holders = if kind == LockKind::Exclusive { 0 } else { holders.saturating_sub(1) };
            if *holders == 0 {
                state.locks.remove(&self.handle.inode);
            }
        }
    }
}

#[derive(Debug)]
struct MemoryOutput(Handle);

impl Write for MemoryOutput {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.storage.state().write(self.0.inode, bytes, false);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Output for MemoryOutput {
    fn write_all_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        self.0.storage.state().write_at(self.0.inode, bytes, offset)
    }

    fn sync(&mut self) -> io::Result<()> {
        let mut state = self.0.storage.state();
        state.counts.synced += 1;
        state.sync_file(self.0.inode);
        Ok(())
    }
}

fn new_file() -> Content {
    Content::durable_file(Vec::new())
}

impl Storage for MemoryStorage {
    fn create_dir(&self, path: &Path) -> io::Result<()> {
        let mut state = self.state();
        let spot = state.spot(path)?;
        if spot.inode.is_none() {
            state.make(&spot, Content::Folder, Lasting::WhenSynced);
            return Ok(());
        }
        match state.follow(path) {
            Ok(trail) if state.is_folder(trail.inode()) => Ok(()),
            _ => Err(io::ErrorKind::AlreadyExists.into()),
        }
    }

    fn create(&self, path: &Path) -> io::Result<Box<dyn Output>> {
        let mut state = self.state();
        state.counts.created += 1;
        let spot = state.spot(path)?;
        if spot.inode.is_some() {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        let inode = state.make(&spot, new_file(), Lasting::WhenSynced);
        Ok(Box::new(MemoryOutput(Handle::new(self, &mut state, inode))))
    }

    fn rename(&self, from: &Path, to: &Path, how: Rename) -> io::Result<()> {
        let mut state = self.state();
        state.counts.renamed += 1;
        state.rename(from, to, how, Lasting::WhenSynced)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.state().remove(path)
    }

    fn sync(&self, path: &Path) -> io::Result<()> {
        let mut state = self.state();
        state.counts.synced += 1;
        let inode = state.follow(path)?.inode();
        if state.is_folder(inode) {
            state.sync_folder(inode);
        } else {
            state.sync_file(inode);
        }
        Ok(())
    }
}
