//! Getting, putting, and what goes when there is no room.

use std::path::Path;

use super::{CACHE, bytes_in, files_in, held, key, payload, place, put, store};
use crate::Digest;
use crate::cache::{BUDGET, Store, payload_key};
use crate::storage::Source as _;
use crate::storage::memory::MemoryStorage;

/// What one payload of these tests takes.
const ENTRY: u64 = 1064;

const NONE: [u32; 0] = [];

#[test]
fn what_was_put_is_got_by_another_process_and_with_its_digest() {
    let files = MemoryStorage::default();
    put(&files, BUDGET, 0..3);
    assert_eq!(held(&files, 0..5), [0, 1, 2]);
    let found = store(&files, BUDGET).get_with_digest(key(1));
    assert_eq!(found, Some((payload(1), Digest::of(&payload(1)))));
    assert_eq!(files.content(place("young", key(1))).unwrap().len() as u64, ENTRY);
}

#[test]
fn an_empty_payload_is_one() {
    let files = MemoryStorage::default();
    store(&files, BUDGET).put(key(0), b"");
    assert_eq!(store(&files, BUDGET).get(key(0)), Some(Vec::new()));
}

#[test]
fn a_store_that_is_not_used_touches_nothing_and_one_that_only_misses_makes_nothing() {
    let files = MemoryStorage::default();
    drop(store(&files, BUDGET));
    assert_eq!(files.take_counts(), Default::default());
    assert_eq!(store(&files, BUDGET).get(key(0)), None);
    assert_eq!(files.paths(), [Path::new("/")]);
}

#[test]
fn nothing_is_synced() {
    let files = MemoryStorage::default();
    put(&files, 20 * ENTRY, 0..40);
    assert_eq!(files.take_counts().synced, 0);
}

#[test]
fn a_key_depends_on_every_digest_and_on_their_order() {
    let [a, b, c] = [0, 1, 2].map(key);
    let keys = [
        payload_key(&a, &[]),
        payload_key(&a, &[b]),
        payload_key(&b, &[a]),
        payload_key(&a, &[b, c]),
        payload_key(&a, &[c, b]),
        payload_key(&a, &[b, c, c]),
    ];
    for (n, one) in keys.iter().enumerate() {
        assert!(!keys[n + 1..].contains(one), "{n}");
    }
    assert_eq!(payload_key(&a, &[b, c]), keys[3]);
}

/// Damages the entry of payload 0, which is then not there any more, and can be put again.
fn check_damaged(generation: &str, what: &str, damage: impl Fn(&mut Vec<u8>)) {
    let files = MemoryStorage::default();
    put(&files, BUDGET, 0..2);
    let (young, entry) = (place("young", key(0)), place(generation, key(0)));
    let mut bytes = files.content(&young).unwrap();
    files.delete(&young);
    damage(&mut bytes);
    files.write(&entry, bytes);
    assert_eq!(held(&files, 0..2), [1], "{what} in {generation}");
    assert_eq!(files.content(&entry), None, "{what} in {generation}: it is gone");
    put(&files, BUDGET, [0]);
    assert_eq!(held(&files, 0..2), [0, 1], "{what} in {generation}");
}

#[test]
fn a_damaged_entry_is_removed_and_is_as_good_as_none() {
    for generation in ["young", "old"] {
        for at in [0, 1, 999, 1000, 1031, 1032, 1063] {
            check_damaged(generation, &format!("a flipped bit at {at}"), |bytes| bytes[at] ^= 1);
        }
        for length in [0, 1, 63, 64, 1000, 1063] {
            check_damaged(generation, &format!("cut to {length}"), |bytes| bytes.truncate(length));
        }
        check_damaged(generation, "a byte too many", |bytes| bytes.push(0));
        check_damaged(generation, "zeros", |bytes| bytes.fill(0));
        // It is whole, and its digest is right: but of another key.
        check_damaged(generation, "another entry", |bytes| {
            let files = MemoryStorage::default();
            put(&files, BUDGET, [1]);
            *bytes = files.content(place("young", key(1))).unwrap();
        });
    }
}

#[test]
fn an_entry_of_another_version_is_neither_used_nor_touched() {
    let files = MemoryStorage::default();
    put(&files, BUDGET, [0]);
    let entry = files.content(place("young", key(0))).unwrap();
    files.delete(Path::new(CACHE).join("payloads-v1"));
    let other = place("young", key(0)).to_str().unwrap().replace("v1", "v2");
    files.write(&other, entry.clone());
    assert_eq!(held(&files, [0]), NONE);
    put(&files, 4 * ENTRY, 1..9);
    assert_eq!(files.content(&other), Some(entry));
}

/// With `path` in the way of a store, in which nothing can then be put or found; it stays.
fn check_obstacle(what: &str, path: &Path, obstruct: impl Fn(&MemoryStorage)) {
    let files = MemoryStorage::default();
    files.write("/elsewhere/theirs", "theirs");
    obstruct(&files);
    let before = files.stat(path).unwrap().unwrap();
    put(&files, 4 * ENTRY, 0..9);
    assert_eq!(held(&files, 0..9), NONE, "{what}");
    assert_eq!(files.stat(path).unwrap().unwrap().kind, before.kind, "{what}");
    assert_eq!(files.content("/elsewhere/theirs").as_deref(), Some(&b"theirs"[..]), "{what}");
    let elsewhere = files.paths().into_iter().filter(|path| path.starts_with("/elsewhere"));
    assert_eq!(elsewhere.count(), 2, "{what}: nothing is written behind a link");
}

#[test]
fn what_stands_in_the_place_of_a_folder_stays_and_nothing_is_kept() {
    let store = Path::new(CACHE).join("payloads-v1");
    for path in [Path::new(CACHE), &store, &store.join("young")] {
        check_obstacle("a file", path, |files| files.write(path, "theirs"));
        if path != Path::new(CACHE) {
            check_obstacle("a link", path, |files| files.link(path, "/elsewhere"));
        }
        check_obstacle("a link to nowhere", path, |files| files.link(path, "/nowhere"));
        check_obstacle("a pipe", path, |files| files.pipe(path));
    }
}

#[test]
fn a_cache_folder_behind_a_link_is_one() {
    let files = MemoryStorage::default();
    files.folder("/disk");
    files.link(CACHE, "/disk");
    put(&files, BUDGET, [0]);
    assert_eq!(held(&files, [0]), [0]);
    assert!(files.paths().iter().any(|path| path.starts_with("/disk/payloads-v1/young")));
}

#[test]
fn links_inside_are_read_and_never_written_through() {
    let files = MemoryStorage::default();
    put(&files, BUDGET, 0..2);
    // A whole shard elsewhere, with one sound entry and one that is not.
    for n in 0..2 {
        let entry = place("young", key(n));
        let mut bytes = files.content(&entry).unwrap();
        bytes[0] ^= u8::try_from(n).unwrap();
        let shard = entry.parent().unwrap();
        let theirs = Path::new("/theirs").join(n.to_string());
        files.delete(shard);
        files.write(theirs.join(entry.file_name().unwrap()), bytes);
        files.link(shard, &theirs);
    }
    let theirs = || files.paths().into_iter().filter(|path| path.starts_with("/theirs")).collect::<Vec<_>>();
    let before = theirs();
    assert_eq!(held(&files, 0..2), [0]);
    put(&files, BUDGET, [1]);
    assert_eq!(held(&files, 0..2), [0]);
    assert_eq!(theirs(), before, "what is behind a link is not removed, and nothing is added");
}

#[test]
fn what_is_used_survives_what_is_put_and_what_is_not_used_goes() {
    let files = MemoryStorage::default();
    let budget = 40 * ENTRY;
    // Two are used all the time, the others once.
    for round in 0..20 {
        put(
            &files,
            budget,
            [0, 1].into_iter().filter(|_| round == 0).chain(100 + 10 * round..110 + 10 * round),
        );
        assert_eq!(held(&files, 0..2), [0, 1], "round {round}");
        assert!(bytes_in(&files) <= budget * 5 / 4, "round {round}: {} bytes", bytes_in(&files));
    }
    assert_eq!(held(&files, 100..110), NONE, "nobody asked for these again");
    assert_eq!(held(&files, 290..300).len(), 10, "these were just put");
}

#[test]
fn one_process_that_puts_more_than_the_budget_stays_within_it() {
    let files = MemoryStorage::default();
    let budget = 40 * ENTRY;
    let store = store(&files, budget);
    for n in 0..500 {
        store.put(key(n), &payload(n));
        assert!(bytes_in(&files) <= budget * 5 / 4, "after {n}: {} bytes", bytes_in(&files));
    }
    drop(store);
    assert!(held(&files, 480..500).len() == 20);
    assert!(files_in(&files).len() >= 20, "it is not emptied altogether");
}

#[test]
fn a_payload_that_would_drive_out_the_rest_is_not_kept() {
    let files = MemoryStorage::default();
    put(&files, 4 * ENTRY, [0]);
    let store = store(&files, 4 * ENTRY);
    store.put(key(1), &vec![1; 3000]);
    assert_eq!(store.get(key(1)), None);
    put(&files, 0, [2]);
    assert_eq!(held(&files, 0..3), [0]);
}

#[test]
fn a_small_budget_does_not_lose_what_a_large_one_kept() {
    let files = MemoryStorage::default();
    put(&files, BUDGET, 0..10);
    let small = store(&files, 0);
    for n in 0..10 {
        assert_eq!(small.get(key(n)), Some(payload(n)));
    }
}

#[test]
fn only_who_puts_something_makes_room() {
    let files = MemoryStorage::default();
    put(&files, BUDGET, 0..10);
    let before = files.paths();
    drop(store(&files, 4 * ENTRY).get(key(0)));
    assert_eq!(files.paths(), before);
    put(&files, 4 * ENTRY, [10]);
    assert_eq!(files.stat(&place("old", key(0))).unwrap().map(|stat| stat.stamp.size), Some(ENTRY));
    assert_eq!(held(&files, 0..11).len(), 11);
}

#[test]
fn what_killed_processes_left_goes_with_its_generation() {
    let files = MemoryStorage::default();
    put(&files, BUDGET, [0]);
    let entry = place("young", key(0));
    let leftover = entry.with_file_name(format!(".{}.pm-0123456789abcdef-7", &key(0).to_string()[2..]));
    files.write(&leftover, vec![0; 3 * 1064]);
    let doomed = Path::new(CACHE).join("payloads-v1/.old.pm-0123456789abcdef-8");
    files.write(doomed.join("ab/entry"), "x");
    files.write("/theirs/file", "theirs");
    files.link(doomed.join("ab/link"), "/theirs");
    // It counts like everything else, so that generations pass, and it with them.
    put(&files, 5 * ENTRY, [1]);
    assert_eq!(files.stat(&doomed).unwrap(), None);
    assert_eq!(files.content("/theirs/file").as_deref(), Some(&b"theirs"[..]));
    assert_eq!(files.content(&leftover), None);
    put(&files, 5 * ENTRY, 2..6);
    let left: Vec<_> =
        files_in(&files).into_iter().filter(|path| path.to_str().unwrap().contains(".pm-")).collect();
    assert_eq!(left, Vec::<std::path::PathBuf>::new());
}

#[test]
fn a_temporary_name_is_not_taken_twice_and_never_left() {
    let files = MemoryStorage::default();
    // Two processes put the same at the same time.
    let (one, two) = (store(&files, BUDGET), Store::open(&files, Path::new(CACHE), BUDGET));
    for n in 0..5 {
        one.put(key(n), &payload(n));
        two.put(key(n), &payload(n));
    }
    assert_eq!(files_in(&files).len(), 5);
}
