//! The cache folder in memory; side by side on a real disk in [`together`].

mod contents;
mod faults;
mod store;
mod together;

use std::path::{Path, PathBuf};

use super::Store;
use crate::Digest;
use crate::storage::Source as _;
use crate::storage::memory::MemoryStorage;

/// The cache folder of these tests.
pub(super) const CACHE: &str = "/cache";

/// The key of the `n`th payload.
pub(super) fn key(n: u32) -> Digest {
    Digest::of(format!("key {n}").as_bytes())
}

/// The `n`th payload: 1,000 bytes.
pub(super) fn payload(n: u32) -> Vec<u8> {
    format!("{n:010}").repeat(100).into_bytes()
}

/// The store on `files`, meant to hold `budget` bytes.
pub(super) fn store(files: &MemoryStorage, budget: u64) -> Store<'_> {
    Store::open(files, Path::new(CACHE), budget)
}

/// Puts those payloads, as one process does.
pub(super) fn put(files: &MemoryStorage, budget: u64, numbers: impl IntoIterator<Item = u32>) {
    let store = store(files, budget);
    numbers.into_iter().for_each(|n| store.put(key(n), &payload(n)));
}

/// Which of those payloads are there; each must be right. Nothing is put by that.
pub(super) fn held(files: &MemoryStorage, numbers: impl IntoIterator<Item = u32>) -> Vec<u32> {
    let store = store(files, super::BUDGET);
    let is_there = |n: &u32| {
        let found = store.get(key(*n));
        assert!(found.is_none() || found == Some(payload(*n)), "payload {n} is not what was put");
        found.is_some()
    };
    numbers.into_iter().filter(is_there).collect()
}

/// Where the entry of a key lies.
pub(super) fn place(generation: &str, key: Digest) -> PathBuf {
    let name = key.to_string();
    Path::new(CACHE).join("payloads-v1").join(generation).join(&name[..2]).join(&name[2..])
}

/// The paths of everything in the cache folder that is no folder.
pub(super) fn files_in(files: &MemoryStorage) -> Vec<PathBuf> {
    let is_file = |path: &PathBuf| files.content(path).is_some();
    files.paths().into_iter().filter(|path| path.starts_with(CACHE) && is_file(path)).collect()
}

/// Bytes of all payloads, wherever they are.
pub(super) fn bytes_in(files: &MemoryStorage) -> u64 {
    let sizes = files_in(files).into_iter().map(|path| files.stat(&path).unwrap().unwrap().stamp.size);
    sizes.sum()
}
