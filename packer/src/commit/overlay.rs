//! The project as it was before the change that is under way, for those who only read.
//!
//! A change is visible to others when it is acknowledged. Until then a reader sees each file with the
//! content that the journal keeps of it, a moved folder where it was, and a new root not at all;
//! whatever somebody else wrote, as it is. Nothing is locked and nothing is written, so this also works
//! in a checkout that cannot be written, where nobody will ever finish the change.
//!
//! The folders that a change makes on the way to a root are shown: they hold nothing, and mean nothing.
//! An entry in quarantine means something, and is not there before it is whole. Folders that a change
//! removed are shown with what was in them.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use super::journal::{Change, Move, Step};
use super::place::Place;
use super::standing::{Eyes, Standing};
use crate::Error;
use crate::storage::{Entry, FileKind, Input, LockKind, Source, Stamp, Stat};
use crate::workspace::Layout;

/// What a reader sees while a change is under way.
#[derive(Debug)]
pub(crate) struct Before<'a> {
    source: &'a dyn Source,
    layout: &'a Layout,
    change: &'a Change,
    /// How far the change was.
    standings: Vec<Standing>,
    /// Files with their content before; `None` where there was none.
    files: Vec<(PathBuf, Option<Vec<u8>>)>,
    /// Folders that were moved: where they were, and where they are.
    moved: Vec<(PathBuf, PathBuf)>,
    /// Roots and entries that were not there.
    hidden: Vec<PathBuf>,
    /// Folders that were there.
    removed: Vec<PathBuf>,
}

/// Where to look for something.
enum Seen<'a> {
    /// Nowhere: it was not there.
    Nothing,
    /// In the journal.
    Kept(&'a [u8]),
    /// A folder that is gone.
    Folder,
    /// There.
    At(PathBuf),
}

impl<'a> Before<'a> {
    /// Looks how far the change is.
    ///
    /// # Errors
    ///
    /// When the file system refuses to say.
    pub(crate) fn new(source: &'a dyn Source, layout: &'a Layout, change: &'a Change) -> Result<Self, Error> {
        let standings = standings(source, layout, change)?;
        let (mut files, mut moved) = (Vec::new(), Vec::new());
        let (mut hidden, mut removed) = (Vec::new(), Vec::new());
        for (step, standing) in change.steps.iter().zip(&standings) {
            match step {
                // Also of a file that stands as before: it may be replaced while it is read.
                Step::File { place, before, .. } if *standing != Standing::Foreign => {
                    let content = before.as_ref().map(|content| content.clone().into_bytes());
                    files.push((place.path(layout), content));
                }
                Step::Move(Move { from, to, .. }) if *standing == Standing::After => match from {
                    Place::Staged(_) => hidden.push(to.path(layout)),
                    from => moved.push((from.path(layout), to.path(layout))),
                },
                // Also of one that is not there yet: it may come while this is read.
                Step::Folder { place: place @ Place::Entry(_), after: true }
                    if *standing != Standing::Foreign =>
                {
                    hidden.push(place.path(layout));
                }
                Step::Folder { place, after: false } if *standing == Standing::After => {
                    removed.push(place.path(layout));
                }
                _ => {}
            }
        }
        Ok(Self { source, layout, change, standings, files, moved, hidden, removed })
    }

    /// Whether the change is as far as it was: otherwise what was read through this may be of two
    /// moments.
    ///
    /// # Errors
    ///
    /// When the file system refuses to say.
    pub(crate) fn is_still(&self) -> Result<bool, Error> {
        Ok(standings(self.source, self.layout, self.change)? == self.standings)
    }

    fn see(&self, path: &Path) -> Seen<'_> {
        if let Some((_, content)) = self.files.iter().find(|(file, _)| file == path) {
            return content.as_ref().map_or(Seen::Nothing, |content| Seen::Kept(content));
        }
        if let Some((from, to)) = self.moved.iter().find(|(from, _)| path.starts_with(from)) {
            return Seen::At(exchanged(path, from, to));
        }
        let gone = self.hidden.iter().chain(self.moved.iter().map(|(_, to)| to));
        if gone.into_iter().any(|gone| path.starts_with(gone)) {
            return Seen::Nothing;
        }
        if self.removed.iter().any(|removed| removed == path) {
            return Seen::Folder;
        }
        Seen::At(path.to_path_buf())
    }

    /// The place as it was called before.
    fn as_it_was(&self, place: PathBuf) -> PathBuf {
        for (from, to) in &self.moved {
            // What was moved is resolved to where it is; links above it are the same for both.
            let (Ok(real), Some(above)) = (self.source.resolve(to), from.parent()) else { continue };
            if place.starts_with(&real)
                && let (Ok(above), Some(name)) = (self.resolve(above), from.file_name())
            {
                return exchanged(&place, &real, &above.join(name));
            }
        }
        place
    }
}

fn standings(source: &dyn Source, layout: &Layout, change: &Change) -> Result<Vec<Standing>, Error> {
    change.steps.iter().map(|step| Eyes { source, layout }.standing(step)).collect()
}

fn exchanged(path: &Path, from: &Path, to: &Path) -> PathBuf {
    match path.strip_prefix(from) {
        Ok(rest) if rest.as_os_str().is_empty() => to.to_path_buf(),
        Ok(rest) => to.join(rest),
        Err(_) => path.to_path_buf(),
    }
}

impl Source for Before<'_> {
    fn stat(&self, path: &Path) -> io::Result<Option<Stat>> {
        match self.see(path) {
            Seen::Nothing => Ok(None),
            Seen::Kept(bytes) => Ok(Some(Stat { kind: FileKind::File, stamp: stamp(bytes) })),
            Seen::Folder => Ok(Some(Stat { kind: FileKind::Folder, stamp: Stamp::default() })),
            Seen::At(path) => self.source.stat(&path),
        }
    }

    fn resolve(&self, path: &Path) -> io::Result<PathBuf> {
        match self.see(path) {
            Seen::Nothing => Err(io::ErrorKind::NotFound.into()),
            Seen::Kept(_) | Seen::Folder => {
                let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else {
                    return Err(io::ErrorKind::NotFound.into());
                };
                Ok(self.resolve(folder)?.join(name))
            }
            Seen::At(place) => Ok(self.as_it_was(self.source.resolve(&place)?)),
        }
    }

    fn walk(&self, folder: &Path, enter: &mut dyn FnMut(&Path) -> bool) -> io::Result<Vec<Entry>> {
        let mut entries = Vec::new();
        match self.see(folder) {
            Seen::Nothing | Seen::Kept(_) => return Err(io::ErrorKind::NotFound.into()),
            Seen::Folder => {}
            Seen::At(real) => {
                let called = |path: &Path| exchanged(path, &real, folder);
                for entry in self.source.walk(&real, &mut |path| {
                    let path = called(path);
                    !matches!(self.see(&path), Seen::Nothing) && enter(&path)
                })? {
                    let path = called(&entry.path);
                    if !matches!(self.see(&path), Seen::Nothing) {
                        entries.push(Entry { path, ..entry });
                    }
                }
            }
        }
        let is_entered = |path: &Path, enter: &mut dyn FnMut(&Path) -> bool| {
            let mut above =
                path.ancestors().skip(1).take_while(|above| above.starts_with(folder) && *above != folder);
            path.starts_with(folder) && path != folder && above.all(enter)
        };
        for removed in &self.removed {
            // Somebody may have made it anew.
            let is_listed = entries.iter().any(|entry| entry.path == *removed);
            if !is_listed && is_entered(removed, enter) {
                let (path, kind) = (removed.clone(), FileKind::Folder);
                entries.push(Entry { path, kind, unreadable: None });
            }
        }
        for (from, to) in &self.moved {
            if !is_entered(from, enter) {
                continue;
            }
            entries.push(Entry { path: from.clone(), kind: FileKind::Folder, unreadable: None });
            if enter(from) {
                let inside = self.source.walk(to, &mut |path| enter(&exchanged(path, to, from)))?;
                entries.extend(
                    inside.into_iter().map(|entry| Entry { path: exchanged(&entry.path, to, from), ..entry }),
                );
            }
        }
        // `Path` orders by components: parents precede children, siblings go by name.
        entries.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(entries)
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn Input>> {
        match self.see(path) {
            Seen::Nothing | Seen::Folder => Err(io::ErrorKind::NotFound.into()),
            Seen::Kept(bytes) => Ok(Box::new(Kept { bytes: bytes.to_vec(), place: self.resolve(path).ok() })),
            Seen::At(place) if place == path => self.source.open(path),
            Seen::At(place) => {
                let input = self.source.open(&place)?;
                let place = input.place().map(|place| self.as_it_was(place));
                Ok(Box::new(Moved { input, place }))
            }
        }
    }
}

/// There is no file with that content, so it has no time and no number.
fn stamp(bytes: &[u8]) -> Stamp {
    Stamp { size: bytes.len() as u64, ..Stamp::default() }
}

/// A content that the journal keeps.
#[derive(Debug)]
struct Kept {
    bytes: Vec<u8>,
    /// Where the file of that name lies, every link above it followed.
    place: Option<PathBuf>,
}

impl Input for Kept {
    fn stamp(&self) -> io::Result<Stamp> {
        Ok(stamp(&self.bytes))
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        let rest =
            usize::try_from(offset).ok().and_then(|offset| self.bytes.get(offset..)).unwrap_or_default();
        let count = rest.len().min(buffer.len());
        buffer[..count].copy_from_slice(&rest[..count]);
        Ok(count)
    }

    fn try_lock(&self, _kind: LockKind) -> io::Result<bool> {
        Err(io::ErrorKind::Unsupported.into())
    }

    fn place(&self) -> Option<PathBuf> {
        self.place.clone()
    }
}

/// A file in a folder that was moved, called as it was.
#[derive(Debug)]
struct Moved {
    input: Box<dyn Input>,
    place: Option<PathBuf>,
}

impl Input for Moved {
    fn stamp(&self) -> io::Result<Stamp> {
        self.input.stamp()
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        self.input.read_at(buffer, offset)
    }

    fn try_lock(&self, kind: LockKind) -> io::Result<bool> {
        self.input.try_lock(kind)
    }

    fn place(&self) -> Option<PathBuf> {
        self.place.clone()
    }

    fn file(&self) -> Option<&File> {
        self.input.file()
    }
}
