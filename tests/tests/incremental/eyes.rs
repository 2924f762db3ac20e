//! File systems that see less: clocks that tick slowly, files without a number or a second time.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use prometeu_packer::storage::{Entry, Input, LockKind, Output, Rename, Source, Stamp, Stat, Storage};

/// How much of a stamp is seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Eyes {
    /// The clock of the file system goes forward by so many nanoseconds at once.
    pub(crate) tick: i128,
    /// Whether a file has a number, and a time of its last change of attributes.
    pub(crate) knows_files: bool,
}

/// What a project can be on. The last one is Windows on a stick.
pub(crate) const ALL: [Eyes; 4] = [
    Eyes { tick: 1, knows_files: true },
    Eyes { tick: 4_000_000, knows_files: true },
    Eyes { tick: 1_000_000_000, knows_files: true },
    Eyes { tick: 2_000_000_000, knows_files: false },
];

/// Files as they are seen by such eyes.
#[derive(Debug)]
pub(crate) struct Seen {
    pub(crate) files: Arc<dyn Storage>,
    pub(crate) eyes: Eyes,
}

#[derive(Debug)]
struct SeenInput(Box<dyn Input>, Eyes);

impl Eyes {
    fn see(self, stamp: Stamp) -> Stamp {
        let ticked = |time: i128| time - time.rem_euclid(self.tick);
        let modified = ticked(stamp.modified);
        if self.knows_files {
            Stamp { modified, changed: ticked(stamp.changed), ..stamp }
        } else {
            Stamp { size: stamp.size, modified, ..Stamp::default() }
        }
    }
}

impl Source for Seen {
    fn stat(&self, path: &Path) -> io::Result<Option<Stat>> {
        let stat = self.files.stat(path)?;
        Ok(stat.map(|stat| Stat { stamp: self.eyes.see(stat.stamp), ..stat }))
    }

    fn resolve(&self, path: &Path) -> io::Result<PathBuf> {
        self.files.resolve(path)
    }

    fn walk(&self, folder: &Path, enter: &mut dyn FnMut(&Path) -> bool) -> io::Result<Vec<Entry>> {
        self.files.walk(folder, enter)
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn Input>> {
        Ok(Box::new(SeenInput(self.files.open(path)?, self.eyes)))
    }
}

impl Input for SeenInput {
    fn stamp(&self) -> io::Result<Stamp> {
        Ok(self.1.see(self.0.stamp()?))
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        self.0.read_at(buffer, offset)
    }

    fn try_lock(&self, kind: LockKind) -> io::Result<bool> {
        self.0.try_lock(kind)
    }

    fn place(&self) -> Option<PathBuf> {
        self.0.place()
    }

    fn file(&self) -> Option<&File> {
        self.0.file()
    }
}

impl Storage for Seen {
    fn create_dir(&self, path: &Path) -> io::Result<()> {
        self.files.create_dir(path)
    }

    fn create(&self, path: &Path) -> io::Result<Box<dyn Output>> {
        self.files.create(path)
    }

    fn rename(&self, from: &Path, to: &Path, how: Rename) -> io::Result<()> {
        self.files.rename(from, to, how)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.files.remove(path)
    }

    fn sync(&self, path: &Path) -> io::Result<()> {
        self.files.sync(path)
    }
}
