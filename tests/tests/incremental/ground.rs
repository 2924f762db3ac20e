//! What a history is played on: files in memory with a clock of their own, or the disk of this
//! machine. Here is what people do with their own tools, the same on both.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use prometeu_packer::Clock;
use prometeu_packer::host::SystemClock;
use prometeu_packer::storage::memory::MemoryStorage;
use prometeu_packer::storage::os::OsStorage;
use prometeu_packer::storage::{FileKind, Rename, Storage, read_up_to};

use super::disk::Disk;
use super::eyes::{Eyes, Seen};

/// Files, and how much a project sees of them.
#[derive(Debug, Clone)]
pub(crate) struct Ground {
    pub(crate) place: Place,
    pub(crate) eyes: Eyes,
}

/// Where the files are.
#[derive(Debug, Clone)]
pub(crate) enum Place {
    /// In memory, below `/`.
    Memory(MemoryStorage),
    /// On the disk, below a folder.
    Disk(Arc<Disk>),
}

/// The time of the files in memory.
#[derive(Debug)]
struct MemoryClock(MemoryStorage);

impl Clock for MemoryClock {
    fn now_millis(&self) -> u64 {
        u64::try_from(self.0.now() / 1_000_000).unwrap_or(0)
    }
}

/// The time of this machine and almost two seconds. A stamp is believed when it is two seconds older
/// than the record of it; this disk's own clock ticks a hundred times a second at least, and nobody
/// wants to wait for two seconds before each step.
#[derive(Debug)]
struct FastClock;

/// How much younger than a record a stamp on the disk may be and still be believed.
const YOUNG: Duration = Duration::from_millis(60);

impl Clock for FastClock {
    fn now_millis(&self) -> u64 {
        SystemClock.now_millis() + 2000 - u64::try_from(YOUNG.as_millis()).unwrap_or(0)
    }
}

impl Ground {
    /// The folder below which everything is.
    pub(crate) fn top(&self) -> PathBuf {
        match &self.place {
            Place::Memory(_) => PathBuf::from("/"),
            Place::Disk(disk) => disk.top(),
        }
    }

    /// Where a pack from nothing goes: a folder that is not there.
    pub(crate) fn fresh(&self) -> PathBuf {
        match &self.place {
            Place::Memory(_) => PathBuf::from("/fresh"),
            Place::Disk(disk) => disk.fresh(),
        }
    }

    /// The files as they are.
    pub(crate) fn files(&self) -> Arc<dyn Storage> {
        match &self.place {
            Place::Memory(files) => Arc::new(files.clone()),
            Place::Disk(_) => Arc::new(OsStorage),
        }
    }

    /// The files as a project sees them.
    pub(crate) fn seen(&self) -> Arc<dyn Storage> {
        self.seen_through(self.files())
    }

    /// Files as a project sees them that go through something else first.
    pub(crate) fn seen_through(&self, files: Arc<dyn Storage>) -> Arc<dyn Storage> {
        match self.place {
            Place::Memory(_) => Arc::new(Seen { files, eyes: self.eyes }),
            Place::Disk(_) => files,
        }
    }

    pub(crate) fn clock(&self) -> Arc<dyn Clock> {
        match &self.place {
            Place::Memory(files) => Arc::new(MemoryClock(files.clone())),
            Place::Disk(_) => Arc::new(FastClock),
        }
    }

    /// The files in memory, where they are there.
    pub(crate) fn memory(&self) -> Option<&MemoryStorage> {
        match &self.place {
            Place::Memory(files) => Some(files),
            Place::Disk(_) => None,
        }
    }

    /// A copy in which one can work without a trace; on the disk, the disk itself.
    pub(crate) fn aside(&self) -> Self {
        match &self.place {
            Place::Memory(files) => Self { place: Place::Memory(files.fork()), ..self.clone() },
            Place::Disk(_) => self.clone(),
        }
    }

    /// Lets time pass, in nanoseconds. On the disk it passes by itself.
    pub(crate) fn pass(&self, nanos: i128) {
        if let Place::Memory(files) = &self.place {
            files.pass(nanos);
        }
    }

    /// Lets enough time pass that stamps are believed, if only this one writes.
    pub(crate) fn settle(&self) {
        match &self.place {
            Place::Memory(files) => files.pass(10_000_000_000),
            Place::Disk(_) => std::thread::sleep(YOUNG + Duration::from_millis(10)),
        }
    }
}

/// Looking.
impl Ground {
    /// The kind of what is there, a link not followed.
    pub(crate) fn kind(&self, path: &Path) -> Option<FileKind> {
        Some(self.files().stat(path).ok()??.kind)
    }

    pub(crate) fn is_file(&self, path: &Path) -> bool {
        self.kind(path) == Some(FileKind::File)
    }

    /// The content of a file; nothing of a link.
    pub(crate) fn read(&self, path: &Path) -> Option<Vec<u8>> {
        self.is_file(path).then(|| read_up_to(&*self.files(), path, 1 << 30).ok())?.map(|(bytes, _)| bytes)
    }

    /// Everything below a folder, links as links; nothing when it is not there.
    pub(crate) fn list(&self, folder: &Path) -> Vec<(PathBuf, FileKind)> {
        let entries = self.files().walk(folder, &mut |_| true).unwrap_or_default();
        entries.into_iter().map(|entry| (entry.path, entry.kind)).collect()
    }

    /// The time of the last change of what is there.
    pub(crate) fn modified(&self, path: &Path) -> Option<i128> {
        Some(self.files().stat(path).ok()??.stamp.modified)
    }
}

/// What people do.
impl Ground {
    /// Gives what is there another time of its last change.
    pub(crate) fn set_modified(&self, path: &Path, nanos: i128) {
        match &self.place {
            Place::Memory(files) => files.set_modified(path, nanos),
            Place::Disk(_) => {
                let since = Duration::from_nanos(u64::try_from(nanos).unwrap());
                let times = fs::FileTimes::new().set_modified(SystemTime::UNIX_EPOCH + since);
                // A folder can be opened for reading only, and whoever owns a file may set its times.
                fs::File::open(path).and_then(|file| file.set_times(times)).unwrap();
            }
        }
    }

    /// Writes a file as editors do that replace it, with its missing folders; whatever stands in the
    /// way goes.
    pub(crate) fn write(&self, path: &Path, bytes: &[u8]) {
        self.clear(path);
        match &self.place {
            Place::Memory(files) => files.write(path, bytes),
            Place::Disk(_) => {
                let aside = path.with_file_name(".being-written");
                fs::write(&aside, bytes).unwrap();
                self.rename(&aside, path);
            }
        }
    }

    /// Writes over a file that is there, as editors do that save in place; a new one where none is.
    pub(crate) fn write_in_place(&self, path: &Path, bytes: &[u8]) {
        if !self.is_file(path) {
            return self.write(path, bytes);
        }
        match &self.place {
            Place::Memory(files) => files.write_in_place(path, bytes).unwrap(),
            Place::Disk(_) => fs::write(path, bytes).unwrap(),
        }
    }

    /// Makes a folder and those above it.
    pub(crate) fn folder(&self, path: &Path) {
        self.clear(path);
        match &self.place {
            Place::Memory(files) => files.folder(path),
            Place::Disk(_) => fs::create_dir_all(path).unwrap(),
        }
    }

    /// Puts a link there.
    pub(crate) fn link(&self, path: &Path, target: &Path) {
        self.clear(path);
        match &self.place {
            Place::Memory(files) => files.link(path, target),
            Place::Disk(_) => std::os::unix::fs::symlink(target, path).unwrap(),
        }
    }

    /// Removes whatever is there, with all that it holds.
    pub(crate) fn delete(&self, path: &Path) {
        match (&self.place, self.kind(path)) {
            (_, None) => {}
            (Place::Memory(files), _) => files.delete(path),
            (Place::Disk(_), Some(FileKind::Folder)) => fs::remove_dir_all(path).unwrap(),
            (Place::Disk(_), _) => fs::remove_file(path).unwrap(),
        }
    }

    /// Gives a file or folder another name; what has it goes.
    pub(crate) fn rename(&self, from: &Path, to: &Path) {
        if from == to || to.starts_with(from) || self.kind(from).is_none() {
            return;
        }
        self.clear(to);
        self.delete(to);
        match &self.place {
            Place::Memory(files) => files.rename_by_hand(from, to, Rename::Replace).unwrap(),
            Place::Disk(_) => self.files().rename(from, to, Rename::Replace).unwrap(),
        }
    }

    /// Two files or folders change names.
    pub(crate) fn swap(&self, one: &Path, two: &Path) {
        if one.starts_with(two) || two.starts_with(one) {
            return;
        }
        let aside = one.with_file_name(".being-swapped");
        self.rename(one, &aside);
        self.rename(two, one);
        self.rename(&aside, two);
    }

    /// Copies a folder or a file, and its times if they are to be kept.
    pub(crate) fn copy(&self, from: &Path, to: &Path, keeping_times: bool) {
        let inside = self.list(from);
        match self.read(from) {
            Some(bytes) => self.write(to, &bytes),
            None => self.folder(to),
        }
        for (path, kind) in &inside {
            let to = to.join(path.strip_prefix(from).unwrap());
            match (kind, self.read(path)) {
                (FileKind::File, Some(bytes)) => self.write(&to, &bytes),
                (FileKind::Folder, _) => self.folder(&to),
                // Links and pipes stay behind.
                _ => {}
            }
        }
        if keeping_times {
            // Folders last: writing into them gave them another time.
            let all = inside.iter().rev().map(|(path, _)| path.as_path()).chain([from]);
            for path in all {
                let to = to.join(path.strip_prefix(from).unwrap());
                if let (Some(time), Some(FileKind::File | FileKind::Folder)) =
                    (self.modified(path), self.kind(&to))
                {
                    self.set_modified(&to, time);
                }
            }
        }
    }

    /// Makes way for something at `path`: folders above it that are none go, what has the name and is
    /// no file goes.
    fn clear(&self, path: &Path) {
        let top = self.top();
        let mut above: Vec<&Path> =
            path.ancestors().skip(1).take_while(|above| above.starts_with(&top) && *above != top).collect();
        above.reverse();
        for folder in above {
            let leads = self.files().resolve(folder).ok();
            let is_folder = leads.is_some_and(|place| self.kind(&place) == Some(FileKind::Folder));
            if self.kind(folder).is_some() && !is_folder {
                self.delete(folder);
            }
        }
        match (&self.place, path.parent()) {
            (_, None) => {}
            (Place::Memory(files), Some(folder)) => files.folder(folder),
            (Place::Disk(_), Some(folder)) => fs::create_dir_all(folder).unwrap(),
        }
        if !matches!(self.kind(path), None | Some(FileKind::File)) {
            self.delete(path);
        }
    }
}
