//! Nodes by number, and what folders hold: the parts of an image that copies share.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::Path;
use std::sync::Arc;

use crate::storage::{FileKind, Stamp, Stat};

/// The folder that everything lies in.
pub(super) const ROOT: u64 = 1;

/// What a folder holds: node numbers by name.
pub(super) type Listing = Arc<BTreeMap<OsString, u64>>;

/// A file, folder, link or pipe, whatever its names.
#[derive(Debug, Clone)]
pub(super) struct Node {
    pub(super) content: Content,
    pub(super) modified: i128,
    pub(super) changed: i128,
}

#[derive(Debug, Clone)]
pub(super) enum Content {
    File { written: Arc<Vec<u8>>, durable: Arc<Vec<u8>> },
    Folder,
    Link(Arc<Path>),
    Pipe,
}

impl Content {
    pub(super) fn durable_file(bytes: Vec<u8>) -> Self {
        let written = Arc::new(bytes);
        Self::File { durable: Arc::clone(&written), written }
    }
}

impl Node {
    pub(super) fn stat(&self, inode: u64) -> Stat {
        let (kind, size) = match &self.content {
            Content::File { written, .. } => (FileKind::File, written.len() as u64),
            Content::Folder => (FileKind::Folder, 0),
            Content::Link(_) => (FileKind::Link, 0),
            Content::Pipe => (FileKind::Other, 0),
        };
        let stamp = Stamp { size, modified: self.modified, changed: self.changed, inode, device: 1 };
        Stat { kind, stamp }
    }
}

/// Values by node number, shared between copies until one of them changes. Numbers only grow, so a
/// sorted list serves: it is copied faster than a map, and a new node goes to its end.
#[derive(Debug, Clone)]
pub(super) struct Table<T>(Arc<Vec<(u64, T)>>);

impl<T: Clone> Table<T> {
    pub(super) fn of_root(value: T) -> Self {
        Self(Arc::new(vec![(ROOT, value)]))
    }

    pub(super) fn get(&self, inode: u64) -> Option<&T> {
        self.place(inode).ok().map(|at| &self.0[at].1)
    }

    pub(super) fn get_mut(&mut self, inode: u64) -> Option<&mut T> {
        let at = self.place(inode).ok()?;
        Some(&mut Arc::make_mut(&mut self.0)[at].1)
    }

    pub(super) fn insert(&mut self, inode: u64, value: T) {
        let place = self.place(inode);
        let list = Arc::make_mut(&mut self.0);
        match place {
            Ok(at) => list[at].1 = value,
            Err(at) => list.insert(at, (inode, value)),
        }
    }

    pub(super) fn retain(&mut self, keep: impl Fn(u64) -> bool) {
        Arc::make_mut(&mut self.0).retain(|(inode, _)| keep(*inode));
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    fn place(&self, inode: u64) -> Result<usize, usize> {
        self.0.binary_search_by_key(&inode, |(have, _)| *have)
    }
}
