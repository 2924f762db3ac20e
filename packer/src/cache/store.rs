//! One store of payloads: getting and putting.

use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use super::{OLD, Places, YOUNG, temporary, trim};
use crate::digest::{Digest, Hasher};
use crate::storage::{FileKind, Rename, Storage, read_up_to};

/// How many bytes a store is meant to hold, unless somebody says otherwise.
pub const BUDGET: u64 = 256 << 20;

/// What stands behind the payload in an entry: the key, and the payload's SHA-256.
const TRAILER: usize = 64;

/// The largest entry, in bytes. What the store is for is far smaller, and it is read whole.
const LIMIT: u64 = 64 << 20;

/// Payloads by what they are made of, below a cache folder. See [the module](super).
///
/// Threads may share it. When it is dropped, and it has put something, it makes room.
#[derive(Debug)]
pub struct Store<'a> {
    storage: &'a dyn Storage,
    places: Places,
    budget: u64,
    /// Whether the folder is one, or none yet: known from the first use on.
    is_ours: OnceLock<bool>,
    /// What tells this store's temporary names from those of other processes.
    random: u64,
    /// How many temporary names it has given.
    named: AtomicU64,
    /// Bytes put since room was made.
    put: AtomicU64,
    /// Something could not be written: then nothing more is.
    is_closed: AtomicBool,
}

/// The key of a payload: `asset` is the digest of everything but the inputs' content that it depends
/// on, `inputs` are the digests of those in declared order.
#[must_use]
pub fn payload_key(asset: &Digest, inputs: &[Digest]) -> Digest {
    let mut hasher = Hasher::default();
    // The digests are as long as each other, and the text is always the same: nothing runs together.
    hasher.update(concat!("payload ", env!("CARGO_PKG_VERSION"), "\n").as_bytes());
    for digest in std::iter::once(asset).chain(inputs) {
        hasher.update(digest.as_bytes());
    }
    hasher.finish()
}

impl<'a> Store<'a> {
    /// The store in that cache folder, which need not be there yet. Nothing is touched before something
    /// is asked for. `budget` is what it is meant to hold, in bytes; with 0 nothing is put.
    #[must_use]
    pub fn open(storage: &'a dyn Storage, cache: &Path, budget: u64) -> Self {
        Self {
            storage,
            places: Places::new(cache),
            budget,
            is_ours: OnceLock::new(),
            // The name of a file that is gone again: it reaches nothing that leaves.
            random: RandomState::new().build_hasher().finish(),
            named: AtomicU64::new(0),
            put: AtomicU64::new(0),
            is_closed: AtomicBool::new(false),
        }
    }

    /// The payload that was put for `key`.
    #[must_use]
    pub fn get(&self, key: Digest) -> Option<Vec<u8>> {
        self.get_with_digest(key).map(|(payload, _)| payload)
    }

    /// The payload that was put for `key`, and its SHA-256: it is computed to prove the payload, and
    /// who packs needs it as well.
    #[must_use]
    pub fn get_with_digest(&self, key: Digest) -> Option<(Vec<u8>, Digest)> {
        if !self.is_ours() {
            return None;
        }
        let young = self.entry(YOUNG, &key);
        if let Some(found) = self.read(&young, &key) {
            return Some(found);
        }
        let old = self.entry(OLD, &key);
        let found = self.read(&old, &key)?;
        // It was used: it outlives the generation. Where that cannot be, it is just not younger.
        if self.is_own_place(&old) && self.make_folders(&young).is_ok() {
            drop(self.storage.rename(&old, &young, Rename::Replace));
        }
        Some(found)
    }

    /// Keeps `payload` for `key`.
    pub fn put(&self, key: Digest, payload: &[u8]) {
        self.put_with_digest(key, payload, Digest::of(payload));
    }

    /// Keeps `payload` for `key`; `digest` is the payload's SHA-256. With another one it is never found
    /// again.
    pub fn put_with_digest(&self, key: Digest, payload: &[u8], digest: Digest) {
        let size = (payload.len() + TRAILER) as u64;
        // What fills half of the budget by itself would only drive the rest out.
        let largest = LIMIT.min(self.budget / 2);
        if self.is_closed.load(Ordering::Relaxed) || size > largest || !self.is_ours() {
            return;
        }
        match self.write(&self.entry(YOUNG, &key), payload, &trailer(&key, &digest)) {
            Ok(()) => {
                let put = self.put.fetch_add(size, Ordering::Relaxed) + size;
                if put > self.budget / 8 {
                    self.make_room();
                }
            }
            // Somebody else's generations moved on between two steps.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            // A full disk, or a folder that is not to be written, is so for the next payload as well.
            Err(_) => self.is_closed.store(true, Ordering::Relaxed),
        }
    }

    /// Lets generations pass, if this has put something since it last did.
    fn make_room(&self) {
        if self.put.swap(0, Ordering::Relaxed) > 0 {
            let doomed = self.places.folder.join(self.temporary(OLD));
            trim::trim(self.storage, &self.places, self.budget, &doomed);
        }
    }

    fn entry(&self, generation: &str, key: &Digest) -> PathBuf {
        let name = key.to_string();
        let (shard, rest) = name.split_at(2);
        self.places.generation(generation).join(shard).join(rest)
    }

    fn temporary(&self, of: &str) -> String {
        temporary(of, self.random, self.named.fetch_add(1, Ordering::Relaxed))
    }

    /// A link, or a file, in the store's place is not used at all.
    fn is_ours(&self) -> bool {
        let look = || match self.storage.stat(&self.places.folder) {
            Ok(found) => found.is_none_or(|stat| stat.kind == FileKind::Folder),
            Err(_) => false,
        };
        *self.is_ours.get_or_init(look)
    }

    /// Reads an entry and proves it. Links are followed: what is proved may lie anywhere.
    fn read(&self, entry: &Path, key: &Digest) -> Option<(Vec<u8>, Digest)> {
        let (mut bytes, _) = read_up_to(self.storage, entry, LIMIT).ok()?;
        let Some((end, digest)) = proved(&bytes, key) else {
            if self.is_own_place(entry) {
                drop(self.storage.remove(entry));
            }
            return None;
        };
        bytes.truncate(end);
        Some((bytes, digest))
    }

    /// Writes an entry in one step.
    fn write(&self, entry: &Path, payload: &[u8], trailer: &[u8]) -> io::Result<()> {
        self.make_folders(entry)?;
        let name = entry.file_name().and_then(|name| name.to_str()).ok_or(io::ErrorKind::InvalidInput)?;
        let staged = entry.with_file_name(self.temporary(name));
        let mut file = self.storage.create(&staged)?;
        let written = file.write_all(payload).and_then(|()| file.write_all(trailer));
        drop(file);
        let placed = written.and_then(|()| self.storage.rename(&staged, entry, Rename::Replace));
        if placed.is_err() {
            drop(self.storage.remove(&staged));
        }
        placed
    }

    /// Makes the folders that an entry lies in, unless something else is in their place.
    fn make_folders(&self, entry: &Path) -> io::Result<()> {
        let shard = entry.parent().ok_or(io::ErrorKind::InvalidInput)?;
        let generation = shard.parent().ok_or(io::ErrorKind::InvalidInput)?;
        let mut may_be_missing = false;
        for folder in [generation, shard] {
            match self.storage.stat(folder)? {
                Some(stat) if stat.kind == FileKind::Folder => {}
                Some(_) => return Err(io::ErrorKind::NotADirectory.into()),
                None => may_be_missing = true,
            }
        }
        if may_be_missing { crate::pack::create_dirs(self.storage, shard) } else { Ok(()) }
    }

    /// Whether no link leads from the store to the entry's folder.
    fn is_own_place(&self, entry: &Path) -> bool {
        let is_folder = |folder: &Path| matches!(self.storage.stat(folder), Ok(Some(stat)) if stat.kind == FileKind::Folder);
        entry.ancestors().skip(1).take(2).all(is_folder)
    }
}

impl Drop for Store<'_> {
    fn drop(&mut self) {
        self.make_room();
    }
}

fn trailer(key: &Digest, digest: &Digest) -> [u8; TRAILER] {
    let mut trailer = [0; TRAILER];
    trailer[..32].copy_from_slice(key.as_bytes());
    trailer[32..].copy_from_slice(digest.as_bytes());
    trailer
}

/// Where the payload ends in an entry, and its digest, if it is the whole entry of that key.
fn proved(entry: &[u8], key: &Digest) -> Option<(usize, Digest)> {
    let end = entry.len().checked_sub(TRAILER)?;
    let (payload, stated) = entry.split_at(end);
    // Cheap ones first.
    if stated[..32] != *key.as_bytes() {
        return None;
    }
    let digest = Digest::of(payload);
    (stated[32..] == *digest.as_bytes()).then_some((end, digest))
}
