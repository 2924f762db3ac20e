//! The whole cache folder, for people: what it holds, and how it is emptied.
//!
//! The folder may be one in which somebody keeps other things as well. What counts and what is removed
//! goes by name and kind: folders `payloads-v…` and `scratch-<32 hex>`, files `pack-<16 hex>.record`, and the
//! temporary files of those. Everything else is somebody else's, and so is a link, whatever its name. A scratch
//! folder in which somebody is at work is counted and left alone.

use std::io;
use std::ops::AddAssign;
use std::path::{Path, PathBuf};

use super::scratch::{is_in_use, is_scratch};
use super::{OLD, STORE, YOUNG};
use crate::Error;
use crate::storage::{Entry, FileKind, Source, Storage, is_absent};
use crate::workspace::layout::is_temporary;

/// What the names of all stores of payloads begin with, whatever their version.
const STORES: &str = "payloads-v";

/// What a cache folder holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Usage {
    /// Records of packs, one for each output folder.
    pub records: Held,
    /// Payloads that this version can use.
    pub payloads: Held,
    /// What is of no use any more, or soon will be: temporary files of processes, payloads of other versions.
    pub leftovers: Held,
}

/// Some files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Held {
    /// How many.
    pub files: u64,
    /// Their sizes together.
    pub bytes: u64,
}

/// What was removed from a cache folder.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Cleared {
    /// What was in the files that are gone.
    pub removed: Usage,
    /// What has a name of ours and was left alone: a link, a file in a folder's place or the other
    /// way about, and folders in which somebody put a payload meanwhile, or is at work.
    pub left: Vec<PathBuf>,
}

impl Usage {
    /// All of it together.
    #[must_use]
    pub fn total(&self) -> Held {
        let mut total = self.records;
        total += self.payloads;
        total += self.leftovers;
        total
    }
}

impl AddAssign for Held {
    fn add_assign(&mut self, other: Self) {
        self.files += other.files;
        self.bytes += other.bytes;
    }
}

/// Which of the three a file is.
#[derive(Debug, Clone, Copy)]
enum Of {
    Records,
    Payloads,
    Leftovers,
}

/// What something in the cache folder is by its name and kind.
enum Thing {
    /// A file of ours.
    File(Of),
    /// A store, of this version or another.
    Store,
    /// What a command made on its way.
    Scratch,
    /// Something else in the place of one of ours.
    InTheWay,
    /// Somebody else's.
    Foreign,
}

/// What the cache in `folder` holds. Where there is no folder it holds nothing.
///
/// # Errors
///
/// When the folder cannot be read.
pub fn usage(source: &dyn Source, folder: &Path) -> Result<Usage, Error> {
    let mut usage = Usage::default();
    for entry in listing(source, folder)? {
        match thing(&entry) {
            Thing::File(of) => usage.add(of, held(source, &entry.path)),
            Thing::Store | Thing::Scratch => {
                for file in below(source, &entry.path)? {
                    if file.kind != FileKind::Folder {
                        usage.add(of(&file.path, &entry.path), held(source, &file.path));
                    }
                }
            }
            Thing::InTheWay | Thing::Foreign => {}
        }
    }
    Ok(usage)
}

/// Empties the cache in `folder` of what is ours. The folder itself stays. Builds may be at work in it:
/// they lose time.
///
/// # Errors
///
/// When something cannot be read or removed; what came before it is gone then.
pub fn clear(storage: &dyn Storage, folder: &Path) -> Result<Cleared, Error> {
    let mut cleared = Cleared::default();
    for entry in listing(storage, folder)? {
        match thing(&entry) {
            Thing::File(of) => cleared.remove(storage, &entry, of)?,
            Thing::Scratch if is_in_use(storage, &entry.path) => cleared.left.push(entry.path),
            Thing::Store | Thing::Scratch => {
                // What is in a folder comes before it.
                for inner in below(storage, &entry.path)?.iter().rev() {
                    cleared.remove(storage, inner, of(&inner.path, &entry.path))?;
                }
                cleared.remove(storage, &entry, Of::Leftovers)?;
            }
            Thing::InTheWay => cleared.left.push(entry.path),
            Thing::Foreign => {}
        }
    }
    Ok(cleared)
}

impl Usage {
    fn add(&mut self, of: Of, held: Held) {
        match of {
            Of::Records => self.records += held,
            Of::Payloads => self.payloads += held,
            Of::Leftovers => self.leftovers += held,
        }
    }
}

impl Cleared {
    fn remove(&mut self, storage: &dyn Storage, entry: &Entry, of: Of) -> Result<(), Error> {
        let held = if entry.kind == FileKind::Folder { Held::default() } else { held(storage, &entry.path) };
        match storage.remove(&entry.path) {
            Ok(()) => self.removed.add(of, held),
            // A build put something into it meanwhile. It is as disposable as the rest was.
            Err(error) if error.kind() == io::ErrorKind::DirectoryNotEmpty => {
                self.left.push(entry.path.clone());
            }
            Err(error) => return Err(Error::io("remove", &entry.path, error)),
        }
        Ok(())
    }
}

fn listing(source: &dyn Source, folder: &Path) -> Result<Vec<Entry>, Error> {
    match source.walk(folder, &mut |_| false) {
        Ok(entries) => Ok(entries),
        // What is no folder holds no cache.
        Err(error) if is_absent(&error) => Ok(Vec::new()),
        Err(error) => Err(Error::io("read", folder, error)),
    }
}

/// Everything in a store's folder, which is one and no link.
fn below(source: &dyn Source, store: &Path) -> Result<Vec<Entry>, Error> {
    let entries = match source.walk(store, &mut |_| true) {
        Ok(entries) => entries,
        // Somebody else clears it as well.
        Err(error) if is_absent(&error) => return Ok(Vec::new()),
        Err(error) => return Err(Error::io("read", store, error)),
    };
    let readable = |mut entry: Entry| match entry.unreadable.take() {
        Some(error) if !is_absent(&error) => Err(Error::io("read", &entry.path, error)),
        _ => Ok(entry),
    };
    entries.into_iter().map(readable).collect()
}

/// One file; nothing when it is gone by now.
fn held(source: &dyn Source, path: &Path) -> Held {
    let stat = source.stat(path).ok().flatten();
    stat.map_or_else(Held::default, |stat| Held { files: 1, bytes: stat.stamp.size })
}

fn thing(entry: &Entry) -> Thing {
    let Some(name) = entry.path.file_name().and_then(|name| name.to_str()) else { return Thing::Foreign };
    let folder = if name.strip_prefix(STORES).is_some_and(is_number) {
        Some(Thing::Store)
    } else {
        is_scratch(name).then_some(Thing::Scratch)
    };
    if let Some(folder) = folder {
        return if entry.kind == FileKind::Folder { folder } else { Thing::InTheWay };
    }
    let of = if is_record(name) {
        Of::Records
    } else if is_temporary(name) && name[1..].split(".pm-").next().is_some_and(is_record) {
        Of::Leftovers
    } else {
        return Thing::Foreign;
    };
    if entry.kind == FileKind::File { Thing::File(of) } else { Thing::InTheWay }
}

/// Whether a file in a store is a payload of this version.
fn of(file: &Path, store: &Path) -> Of {
    let in_order = store.file_name().is_some_and(|name| name == STORE)
        && file.strip_prefix(store).is_ok_and(|path| {
            let parts: Vec<&str> = path.iter().map(|part| part.to_str().unwrap_or_default()).collect();
            matches!(parts[..], [YOUNG | OLD, shard, rest]
                if is_hex(shard, 2) && is_hex(rest, 62))
        });
    if in_order { Of::Payloads } else { Of::Leftovers }
}

/// `pack-<16 hex>.record`
fn is_record(name: &str) -> bool {
    let digits = name.strip_prefix("pack-").and_then(|name| name.strip_suffix(".record"));
    digits.is_some_and(|digits| is_hex(digits, 16))
}

pub(super) fn is_hex(text: &str, length: usize) -> bool {
    text.len() == length && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}
