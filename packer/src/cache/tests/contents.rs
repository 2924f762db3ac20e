//! Usage and clearing.

use std::path::{Path, PathBuf};

use super::{CACHE, files_in, held, put};
use crate::Error;
use crate::cache::{BUDGET, Cleared, Held, Usage, clear, usage};
use crate::storage::faulty::{Failure, FaultyStorage, Method, Repeat};
use crate::storage::memory::MemoryStorage;

const RECORD: &str = "/cache/pack-0123456789abcdef.record";

/// What a killed command left.
const SCRATCH: &str = "/cache/scratch-01920000000070008000000000000001";

fn some(files: u64, bytes: u64) -> Held {
    Held { files, bytes }
}

/// A folder with some of everything that is ours.
fn full() -> (MemoryStorage, Usage) {
    let files = MemoryStorage::default();
    put(&files, BUDGET, 0..3);
    files.write(RECORD, vec![0; 10]);
    files.write("/cache/.pack-0123456789abcdef.record.pm-00000000-0000-0000-0000-000000000001", "ab");
    files.write("/cache/payloads-v1/young/ab/.x.pm-1-1", "cde");
    files.write("/cache/payloads-v1/.old.pm-1-1/ab/cd", "f");
    files.write("/cache/payloads-v0/anything/at/all", "ghij");
    files.write(format!("{SCRATCH}/lock"), "");
    files.write(format!("{SCRATCH}/tree/assets/a"), "klmno");
    files.link("/cache/payloads-v0/link", "/theirs");
    files.write("/theirs/file", "theirs");
    let usage = Usage {
        records: some(1, 10),
        payloads: some(3, 3 * 1064),
        // A link among them is one, and what it leads to is not.
        leftovers: some(7, 2 + 3 + 1 + 4 + 5 + size_of_link(&files)),
    };
    (files, usage)
}

fn size_of_link(files: &MemoryStorage) -> u64 {
    use crate::storage::Source as _;
    files.stat(Path::new("/cache/payloads-v0/link")).unwrap().unwrap().stamp.size
}

#[test]
fn everything_of_ours_is_counted_and_then_removed() {
    let (files, expected) = full();
    assert_eq!(usage(&files, Path::new(CACHE)).unwrap(), expected);
    assert_eq!(expected.total().files, 11);
    let cleared = clear(&files, Path::new(CACHE)).unwrap();
    assert_eq!(cleared, Cleared { removed: expected, left: Vec::new() });
    assert_eq!(files_in(&files), Vec::<PathBuf>::new());
    assert!(files.paths().contains(&PathBuf::from(CACHE)), "the folder itself stays");
    assert_eq!(files.content("/theirs/file").as_deref(), Some(&b"theirs"[..]));
    assert_eq!(usage(&files, Path::new(CACHE)).unwrap(), Usage::default());
    assert_eq!(clear(&files, Path::new(CACHE)).unwrap(), Cleared::default());
}

#[test]
fn what_a_command_is_at_work_in_stays() {
    use crate::storage::{LockKind, Source as _};
    let (files, _) = full();
    let lock = files.open(&Path::new(SCRATCH).join("lock")).unwrap();
    assert!(lock.try_lock(LockKind::Exclusive).unwrap());
    let cleared = clear(&files, Path::new(CACHE)).unwrap();
    assert_eq!(cleared.left, [Path::new(SCRATCH)]);
    assert_eq!(files.content(format!("{SCRATCH}/tree/assets/a")).as_deref(), Some(&b"klmno"[..]));
    drop(lock);
    assert!(clear(&files, Path::new(CACHE)).unwrap().left.is_empty());
    assert_eq!(files_in(&files), Vec::<PathBuf>::new());
}

#[test]
fn a_cleared_cache_works_on() {
    let (files, _) = full();
    clear(&files, Path::new(CACHE)).unwrap();
    put(&files, BUDGET, 3..5);
    assert_eq!(held(&files, 0..5), [3, 4]);
}

#[test]
fn what_somebody_else_keeps_in_the_folder_is_neither_counted_nor_removed() {
    let files = MemoryStorage::default();
    let theirs = [
        "/cache/assets.pa",
        "/cache/assets.rs",
        "/cache/.staging/1/assets.pa",
        "/cache/pack-0123456789abcde.record",
        "/cache/pack-0123456789ABCDEF.record",
        "/cache/pack-0123456789abcdef.record.bak",
        "/cache/.notes.pm-5",
        "/cache/payloads/x",
        "/cache/payloads-v/x",
        "/cache/payloads-v1.bak/x",
        "/cache/my-payloads-v1/x",
        "/cache/scratch-1/x",
        "/cache/scratch-/x",
    ];
    theirs.iter().for_each(|path| files.write(path, "theirs"));
    let before = files.paths();
    assert_eq!(usage(&files, Path::new(CACHE)).unwrap(), Usage::default());
    assert_eq!(clear(&files, Path::new(CACHE)).unwrap(), Cleared::default());
    assert_eq!(files.paths(), before);
}

#[test]
fn what_has_a_name_of_ours_and_another_kind_is_left_alone_and_named() {
    let files = MemoryStorage::default();
    files.write("/theirs/young/ab/file", "theirs");
    files.write("/theirs/record", "theirs");
    files.link("/cache/payloads-v1", "/theirs");
    files.write("/cache/payloads-v2", "a file");
    files.link(RECORD, "/theirs/record");
    files.write("/cache/pack-fedcba9876543210.record/inside", "a folder");
    let before = files.paths();
    assert_eq!(usage(&files, Path::new(CACHE)).unwrap(), Usage::default());
    let mut left = clear(&files, Path::new(CACHE)).unwrap().left;
    left.sort();
    let names =
        ["pack-0123456789abcdef.record", "pack-fedcba9876543210.record", "payloads-v1", "payloads-v2"];
    assert_eq!(left, names.map(|name| Path::new(CACHE).join(name)));
    assert_eq!(files.paths(), before);
}

#[test]
fn where_no_folder_is_there_is_no_cache() {
    let files = MemoryStorage::default();
    files.write("/file", "x");
    for folder in ["/nowhere", "/file", "/file/below"] {
        assert_eq!(usage(&files, Path::new(folder)).unwrap(), Usage::default(), "{folder}");
        assert_eq!(clear(&files, Path::new(folder)).unwrap(), Cleared::default(), "{folder}");
    }
    assert_eq!(files.content("/file").as_deref(), Some(&b"x"[..]));
}

#[test]
fn whoever_puts_something_while_it_is_cleared_keeps_it() {
    let (files, _) = full();
    // Just before the store's folder itself is removed.
    let disk = FaultyStorage::new(&files).before_each(|files, call| {
        if call.method == Method::Remove && call.path.ends_with("payloads-v1") {
            put(files, BUDGET, [7]);
        }
    });
    let cleared = clear(&disk, Path::new(CACHE)).unwrap();
    assert_eq!(cleared.left, [Path::new("/cache/payloads-v1")]);
    assert_eq!(held(&files, 0..9), [7]);
}

#[test]
fn what_cannot_be_read_or_removed_is_said_with_its_path() {
    let calls = {
        let disk = FaultyStorage::new(&full().0);
        clear(&disk, Path::new(CACHE)).unwrap();
        disk.calls()
    };
    let mut refused = 0;
    for call in 0..calls {
        let (files, _) = full();
        let disk = FaultyStorage::new(&files).fail_call(call, Failure::Eacces, Repeat::Once);
        match clear(&disk, Path::new(CACHE)) {
            Ok(_) => {}
            Err(Error::Io { path, .. }) => {
                refused += 1;
                assert!(path.starts_with(CACHE), "{path:?}");
            }
            Err(other) => panic!("{other}"),
        }
        clear(&files, Path::new(CACHE)).unwrap();
        assert_eq!(files_in(&files), Vec::<PathBuf>::new(), "call {call}: the next time all of it goes");
    }
    assert!(refused > 9, "{refused}");
}
