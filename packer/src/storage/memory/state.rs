//! The written image: finding what a path leads to, and changing it.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::io;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use super::Counts;
use super::crash::Story;
use super::pending::{Change, Lasting, Pending};
use super::tree::{Content, Listing, Node, ROOT, Table};
use crate::storage::{Rename, is_absent};

#[derive(Debug, Clone)]
pub(super) struct State {
    nodes: Table<Node>,
    pub(super) written: Table<Listing>,
    /// `None` while nothing is pending: then it is as `written`.
    pub(super) durable: Option<Table<Listing>>,
    /// In the order in which they were done.
    pub(super) pending: Vec<Pending>,
    /// Numbers of operations given so far.
    pub(super) operations: u64,
    /// Files whose written content is not durable.
    pub(super) unsynced: BTreeSet<u64>,
    /// Nanoseconds; every change takes one more.
    pub(super) now: i128,
    /// The greatest node number given so far.
    inodes: u64,
    /// How many nodes there were after the last sweep.
    swept: usize,
    pub(super) counts: Counts,
    /// Holders of the lock on each node; an exclusive one counts as `u32::MAX`.
    pub(super) locks: BTreeMap<u64, u32>,
    /// How often each file is open.
    pub(super) handles: BTreeMap<u64, u32>,
    pub(super) without_exchange: bool,
    /// How a power cut left this.
    pub(super) story: Option<Arc<Story>>,
}

/// What a path leads to.
#[derive(Debug)]
pub(super) struct Trail {
    /// The folders on the way from the root and the place itself.
    inodes: Vec<u64>,
    place: PathBuf,
}

/// An entry that is there or could be; every link above it is followed, itself not.
#[derive(Debug)]
pub(super) struct Spot {
    /// From the root to the folder that it lies in.
    above: Vec<u64>,
    name: OsString,
    pub(super) inode: Option<u64>,
}

impl Default for State {
    fn default() -> Self {
        let root = Node { content: Content::Folder, modified: 0, changed: 0 };
        Self {
            nodes: Table::of_root(root),
            written: Table::of_root(Listing::default()),
            durable: None,
            pending: Vec::new(),
            operations: 0,
            unsynced: BTreeSet::new(),
            now: 0,
            inodes: ROOT,
            swept: 0,
            counts: Counts::default(),
            locks: BTreeMap::new(),
            handles: BTreeMap::new(),
            without_exchange: false,
            story: None,
        }
    }
}

impl Trail {
    fn root(path: &Path) -> Self {
        // A relative path begins at the root as well: there is no current folder here.
        let place = if path.has_root() { PathBuf::from("/") } else { PathBuf::new() };
        Self { inodes: vec![ROOT], place }
    }

    pub(super) fn inode(&self) -> u64 {
        *self.inodes.last().expect("the root is never taken away")
    }

    pub(super) fn into_place(self) -> PathBuf {
        self.place
    }
}

impl Spot {
    fn folder(&self) -> u64 {
        *self.above.last().expect("it begins with the root")
    }

    fn change(&self, is: Option<u64>) -> Change {
        Change { folder: self.folder(), name: self.name.clone(), was: self.inode, is }
    }
}

/// Looking.
impl State {
    pub(super) fn node(&self, inode: u64) -> Option<&Node> {
        self.nodes.get(inode)
    }

    pub(super) fn node_mut(&mut self, inode: u64) -> Option<&mut Node> {
        self.nodes.get_mut(inode)
    }

    pub(super) fn is_folder(&self, inode: u64) -> bool {
        matches!(self.node(inode), Some(Node { content: Content::Folder, .. }))
    }

    pub(super) fn listing(&self, folder: u64) -> Listing {
        self.written.get(folder).cloned().unwrap_or_default()
    }

    /// Follows the links in every part of `path`.
    pub(super) fn follow(&self, path: &Path) -> io::Result<Trail> {
        let mut trail = Trail::root(path);
        self.follow_on(&mut trail, path, &mut 40)?;
        Ok(trail)
    }

    fn follow_on(&self, trail: &mut Trail, path: &Path, links: &mut u32) -> io::Result<()> {
        for part in path.components() {
            let name = match part {
                Component::Prefix(_) | Component::CurDir => continue,
                Component::RootDir => {
                    trail.inodes.truncate(1);
                    trail.place = PathBuf::from("/");
                    continue;
                }
                Component::ParentDir => {
                    if trail.inodes.len() > 1 {
                        trail.inodes.pop();
                        trail.place.pop();
                    }
                    continue;
                }
                Component::Normal(name) => name,
            };
            let folder = trail.inode();
            let found = self.written.get(folder).and_then(|listing| listing.get(name)).copied();
            let Some(inode) = found else {
                let kind = if self.is_folder(folder) {
                    io::ErrorKind::NotFound
                } else {
                    io::ErrorKind::NotADirectory
                };
                return Err(kind.into());
            };
            if let Some(Node { content: Content::Link(target), .. }) = self.node(inode) {
                *links = links.checked_sub(1).ok_or_else(|| io::Error::other("too many links"))?;
                self.follow_on(trail, target, links)?;
            } else {
                trail.inodes.push(inode);
                trail.place.push(name);
            }
        }
        Ok(())
    }

    pub(super) fn spot(&self, path: &Path) -> io::Result<Spot> {
        let (Some(parent), Some(name)) = (path.parent(), path.file_name()) else {
            return Err(io::ErrorKind::InvalidInput.into());
        };
        let above = self.follow(parent)?;
        let folder = above.inode();
        if !self.is_folder(folder) {
            return Err(io::ErrorKind::NotADirectory.into());
        }
        let inode = self.written.get(folder).and_then(|listing| listing.get(name)).copied();
        Ok(Spot { above: above.inodes, name: name.to_owned(), inode })
    }

    pub(super) fn paths(&self) -> Vec<PathBuf> {
        let mut paths = vec![PathBuf::from("/")];
        self.paths_below(ROOT, Path::new("/"), &mut paths);
        paths
    }

    fn paths_below(&self, folder: u64, path: &Path, paths: &mut Vec<PathBuf>) {
        for (name, inode) in self.listing(folder).iter() {
            let path = path.join(name);
            paths.push(path.clone());
            self.paths_below(*inode, &path, paths);
        }
    }
}

/// Changing.
impl State {
    /// Makes a new node at a free or taken entry.
    pub(super) fn make(&mut self, spot: &Spot, content: Content, lasting: Lasting) -> u64 {
        self.now += 1;
        self.inodes += 1;
        let inode = self.inodes;
        let makes = matches!(content, Content::Folder).then_some(inode);
        self.nodes.insert(inode, Node { content, modified: self.now, changed: self.now });
        if makes.is_some() {
            self.written.insert(inode, Listing::default());
        }
        self.operate(vec![spot.change(Some(inode))], makes, &[], lasting);
        self.touch(spot.folder());
        inode
    }

    /// Puts something at `path` by hand.
    pub(super) fn put(&mut self, path: &Path, content: Content) {
        if let Some(parent) = path.parent() {
            self.put_folders(parent);
        }
        let spot = self.spot(path).expect("a path with a name, in a folder");
        let over_a_folder = spot.inode.is_some_and(|inode| self.is_folder(inode));
        assert!(!over_a_folder, "{} is a folder", path.display());
        self.make(&spot, content, Lasting::AtOnce);
        self.sweep();
    }

    pub(super) fn put_folders(&mut self, path: &Path) {
        match self.follow(path) {
            Ok(trail) => assert!(self.is_folder(trail.inode()), "{} is no folder", path.display()),
            Err(error) => {
                assert_eq!(error.kind(), io::ErrorKind::NotFound, "{}", path.display());
                self.put_folders(path.parent().expect("the root is there"));
                let spot = self.spot(path).expect("its parent was just made");
                self.make(&spot, Content::Folder, Lasting::AtOnce);
            }
        }
    }

    /// Removes what is at `spot`, and all that it holds, by hand.
    pub(super) fn delete(&mut self, spot: &Spot) {
        let Some(inode) = spot.inode else { return };
        for (name, inside) in self.listing(inode).iter() {
            let mut above = spot.above.clone();
            above.push(inode);
            self.delete(&Spot { above, name: name.clone(), inode: Some(*inside) });
        }
        self.unlink(spot, Lasting::AtOnce);
    }

    pub(super) fn remove(&mut self, path: &Path) -> io::Result<()> {
        let spot = match self.spot(path) {
            Ok(spot) => spot,
            Err(error) if is_absent(&error) => {
                return Ok(());
            }
            Err(error) => return Err(error),
        };
        let Some(inode) = spot.inode else { return Ok(()) };
        if self.written.get(inode).is_some_and(|listing| !listing.is_empty()) {
            return Err(io::ErrorKind::DirectoryNotEmpty.into());
        }
        self.unlink(&spot, Lasting::WhenSynced);
        Ok(())
    }

    fn unlink(&mut self, spot: &Spot, lasting: Lasting) {
        self.now += 1;
        self.operate(vec![spot.change(None)], None, &[], lasting);
        self.touch(spot.folder());
    }

    pub(super) fn rename(&mut self, from: &Path, to: &Path, how: Rename, lasting: Lasting) -> io::Result<()> {
        if how == Rename::Exchange && self.without_exchange {
            return Err(io::ErrorKind::Unsupported.into());
        }
        let from = self.spot(from)?;
        let moved = from.inode.ok_or(io::ErrorKind::NotFound)?;
        let to = self.spot(to)?;
        match (how, to.inode) {
            (Rename::New, Some(_)) => return Err(io::ErrorKind::AlreadyExists.into()),
            (Rename::Exchange, None) => return Err(io::ErrorKind::NotFound.into()),
            (_, Some(other)) if other == moved => return Ok(()),
            (Rename::Replace, Some(other)) => match (self.is_folder(moved), self.is_folder(other)) {
                (false, false) => {}
                (false, true) => return Err(io::ErrorKind::IsADirectory.into()),
                (true, false) => return Err(io::ErrorKind::NotADirectory.into()),
                (true, true) => return Err(io::ErrorKind::DirectoryNotEmpty.into()),
            },
            _ => {}
        }
        let back = to.inode.filter(|_| how == Rename::Exchange);
        // No folder can come to lie in itself.
        if to.above.contains(&moved) || back.is_some_and(|other| from.above.contains(&other)) {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        let mut above: &[u64] = &[];
        let both;
        if from.folder() != to.folder() {
            match (self.is_folder(moved), back.is_some_and(|other| self.is_folder(other))) {
                (true, false) => above = &to.above,
                (false, true) => above = &from.above,
                (true, true) => {
                    both = [&*from.above, &*to.above].concat();
                    above = &both;
                }
                (false, false) => {}
            }
        }
        self.now += 1;
        self.operate(vec![from.change(back), to.change(Some(moved))], None, above, lasting);
        let now = self.now;
        for inode in [Some(moved), back].into_iter().flatten() {
            if let Some(node) = self.node_mut(inode) {
                node.changed = now;
            }
        }
        self.touch(from.folder());
        self.touch(to.folder());
        Ok(())
    }

    /// Gives a file this written content, or appends to it.
    pub(super) fn write(&mut self, inode: u64, bytes: &[u8], from_the_start: bool) {
        self.now += 1;
        let now = self.now;
        let Some(Node { content: Content::File { written, .. }, modified, changed }) =
            self.nodes.get_mut(inode)
        else {
            return;
        };
        (*modified, *changed) = (now, now);
        if from_the_start {
            *written = Arc::default();
        }
        Arc::make_mut(written).extend_from_slice(bytes);
        self.unsynced.insert(inode);
    }

    /// Puts bytes at a place of a file; what lies between its end and the place becomes zeros.
    pub(super) fn write_at(&mut self, inode: u64, bytes: &[u8], offset: u64) -> io::Result<()> {
        // A file of more is a mistake of the test, and would only be noticed by the machine.
        const LARGEST: usize = u32::MAX as usize;
        let from = usize::try_from(offset).unwrap_or(usize::MAX);
        let end = from.checked_add(bytes.len()).filter(|end| *end <= LARGEST);
        let end = end.ok_or(io::ErrorKind::FileTooLarge)?;
        if bytes.is_empty() {
            return Ok(());
        }
        self.now += 1;
        let now = self.now;
        if let Some(Node { content: Content::File { written, .. }, modified, changed }) =
            self.nodes.get_mut(inode)
        {
            (*modified, *changed) = (now, now);
            let written = Arc::make_mut(written);
            let beyond = end.saturating_sub(written.len());
            // Not `resize`, which goes byte by byte where nothing is optimised.
            written.append(&mut vec![0; beyond]);
            written[from..end].copy_from_slice(bytes);
            self.unsynced.insert(inode);
        }
        Ok(())
    }

    /// Makes what was written into a file durable.
    pub(super) fn sync_file(&mut self, inode: u64) {
        if self.unsynced.remove(&inode)
            && let Some(Node { content: Content::File { written, durable }, .. }) = self.nodes.get_mut(inode)
        {
            *durable = Arc::clone(written);
        }
    }

    /// Something in a folder changed.
    fn touch(&mut self, folder: u64) {
        let now = self.now;
        if let Some(node) = self.node_mut(folder) {
            (node.modified, node.changed) = (now, now);
        }
    }

    /// Forgets the nodes that nothing leads to, when there may be many.
    pub(super) fn sweep(&mut self) {
        if self.nodes.len() < 2 * self.swept + 64 {
            return;
        }
        let mut live: BTreeSet<u64> = self.handles.keys().copied().collect();
        live.extend(reachable(&self.written));
        if let Some(durable) = &self.durable {
            live.extend(reachable(durable));
        }
        let changes = self.pending.iter().flat_map(|pending| &pending.operation.changes);
        live.extend(changes.flat_map(|change| [Some(change.folder), change.was, change.is]).flatten());
        self.nodes.retain(|inode| live.contains(&inode));
        self.written.retain(|inode| live.contains(&inode));
        if let Some(durable) = &mut self.durable {
            durable.retain(|inode| live.contains(&inode));
        }
        self.unsynced.retain(|inode| live.contains(inode));
        self.swept = self.nodes.len();
    }
}

/// Everything that an image leads to.
pub(super) fn reachable(folders: &Table<Listing>) -> BTreeSet<u64> {
    let mut found = BTreeSet::from([ROOT]);
    let mut open = vec![ROOT];
    while let Some(folder) = open.pop() {
        for inode in folders.get(folder).into_iter().flat_map(|listing| listing.values()) {
            if found.insert(*inode) {
                open.push(*inode);
            }
        }
    }
    found
}
