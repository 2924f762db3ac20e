//! On a disk that fails: every call of a workload in turn, in each way, and every death.

use std::path::Path;

use super::{CACHE, held, key, payload, put};
use crate::cache::Store;
use crate::storage::Storage;
use crate::storage::faulty::{Failure, FaultyStorage, Repeat};
use crate::storage::memory::MemoryStorage;

const BUDGET: u64 = 10 * 1064;

/// A store in which one entry is young and damaged, and some are old.
fn begun() -> MemoryStorage {
    let files = MemoryStorage::default();
    put(&files, BUDGET, 0..6);
    put(&files, super::super::BUDGET, [6]);
    let entry = super::place("young", key(6));
    let mut bytes = files.content(&entry).unwrap();
    bytes[10] ^= 1;
    files.write(entry, bytes);
    assert_eq!(files.paths().iter().filter(|path| path.ends_with("old")).count(), 1);
    files
}

/// Everything that a store does: gets from both generations, a damaged entry, puts, generations
/// passing. Whatever is answered must be right.
fn work(storage: &dyn Storage) {
    let store = Store::open(storage, Path::new(CACHE), BUDGET);
    for n in [0, 1, 6, 100] {
        let found = store.get(key(n));
        assert!(found.is_none() || found == Some(payload(n)), "payload {n} is not what was put");
    }
    for n in 6..12 {
        store.put(key(n), &payload(n));
    }
}

#[test]
fn whatever_call_fails_every_answer_is_right_and_the_store_works_on() {
    let calls = {
        let disk = FaultyStorage::new(&begun());
        work(&disk);
        assert!(disk.renames().len() >= 9, "entries, and generations: {:?}", disk.renames());
        disk.calls()
    };
    for call in 0..calls {
        // The store tells apart what is not there, and nothing else.
        for failure in [Failure::Eio, Failure::Kind(std::io::ErrorKind::NotFound)] {
            for repeat in [Repeat::Once, Repeat::ForGood] {
                let files = begun();
                work(&FaultyStorage::new(&files).fail_call(call, failure, repeat));
                check_after(&files, &format!("call {call} {failure:?} {repeat:?}"));
            }
        }
    }
}

#[test]
fn whenever_the_process_dies_what_it_leaves_is_right_and_goes() {
    let calls = {
        let disk = FaultyStorage::new(&begun());
        work(&disk);
        disk.calls()
    };
    for call in 0..calls {
        for half_written in [false, true] {
            let files = begun();
            work(&FaultyStorage::new(&files).die_at(call, half_written));
            check_after(&files.killed(), &format!("death at {call}"));
        }
    }
}

#[test]
fn after_a_power_cut_everything_that_is_found_is_right() {
    let files = MemoryStorage::default();
    put(&files, BUDGET, 0..8);
    let mut found = std::collections::BTreeSet::new();
    for state in files.crash_states(300, 7) {
        found.insert(held(&state, 0..8).len());
    }
    // Else nothing of it was cut.
    assert!(found.len() > 2, "{found:?}");
}

#[test]
fn a_folder_that_cannot_be_written_is_read_and_tried_once() {
    let files = begun();
    let disk = FaultyStorage::new(&files).fail_change(0, Failure::Erofs, Repeat::ForGood);
    let store = Store::open(&disk, Path::new(CACHE), BUDGET);
    for n in 0..6 {
        assert_eq!(store.get(key(n)), Some(payload(n)));
    }
    let before = disk.changes();
    for n in 20..40 {
        store.put(key(n), &payload(n));
    }
    assert_eq!(disk.changes(), before + 1, "one attempt is enough to know it");
    drop(store);
    assert_eq!(disk.changes(), before + 1);
}

/// What a sound process finds and does in what another one left.
fn check_after(files: &MemoryStorage, what: &str) {
    held(files, (0..12).chain([100]));
    put(files, BUDGET, 20..40);
    assert_eq!(held(files, 35..40).len(), 5, "{what}");
    assert!(super::bytes_in(files) <= BUDGET * 5 / 4, "{what}");
    let left = super::files_in(files).into_iter().find(|path| path.to_str().unwrap().contains(".pm-"));
    assert_eq!(left, None, "{what}");
}
