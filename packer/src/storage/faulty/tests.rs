//! Each fault strikes where it was told to, and nowhere else.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use super::{Failure, FaultyStorage, Method, Repeat, is_killed};
use crate::storage::memory::MemoryStorage;
use crate::storage::{Input, LockKind, Rename, Source, Stamp, Storage, read_up_to, replace_durably};
use crate::testing::Fixture;

/// A disk over `/d/file`, with the content `old`.
fn disk() -> FaultyStorage {
    let files = MemoryStorage::default();
    files.write("/d/file", "old");
    FaultyStorage::new(&files)
}

fn path() -> &'static Path {
    Path::new("/d/file")
}

/// The workload: reads the file and replaces it.
fn replace(disk: &FaultyStorage) -> io::Result<()> {
    let held = disk.open(path())?;
    held.try_lock(LockKind::Exclusive)?;
    read_up_to(disk, path(), 10)?;
    replace_durably(disk, path(), ".t", b"new!")
}

fn content(files: &MemoryStorage) -> String {
    String::from_utf8(files.content(path()).unwrap()).unwrap()
}

#[test]
fn every_call_is_counted_and_told() {
    let disk = disk();
    replace(&disk).unwrap();
    let methods: Vec<Method> = disk.log().iter().map(|call| call.method).collect();
    use Method::*;
    let expected = [
        Open,
        TryLock,
        Open,
        Stamp,
        ReadAt,
        Remove,
        Create,
        Stat,
        TakeRightsOf,
        Write,
        SyncOutput,
        Rename(super::Rename::Replace),
        Sync,
    ];
    assert_eq!(methods, expected);
    assert_eq!((disk.calls(), disk.changes()), (13, 7));
    assert_eq!(disk.syncs(), ["/d/.t", "/d"].map(PathBuf::from));
    assert_eq!(disk.renames(), [("/d/.t".into(), "/d/file".into(), super::Rename::Replace)]);
    let numbers: Vec<_> = disk.log().iter().map(|call| (call.index, call.change, call.nth)).collect();
    assert_eq!(
        numbers[9..],
        [(9, Some(3), None), (10, Some(4), Some(0)), (11, Some(5), Some(0)), (12, Some(6), Some(1))]
    );
}

#[test]
fn a_call_fails_once_or_for_good_and_changes_nothing() {
    for n in 0..13 {
        for failure in Failure::ALL {
            let disk = disk().fail_call(n, failure, Repeat::Once);
            let result = replace(&disk);
            // What is interrupted is tried again where std promises that: in `write_all`.
            if (failure, n) == (Failure::Eintr, 9) {
                result.unwrap();
                assert_eq!(disk.calls(), 14);
                continue;
            }
            let error = result.unwrap_err();
            assert_eq!(error.kind(), failure.error().kind(), "at {n}");
            if cfg!(unix) {
                assert_eq!(error.raw_os_error(), failure.error().raw_os_error(), "at {n}");
            }
            assert_eq!(content(disk.memory()), if n == 12 { "new!" } else { "old" }, "at {n}");
            assert!(replace(&disk).is_ok(), "the fault is over");
        }
        let disk = disk().fail_call(n, Failure::Enospc, Repeat::ForGood);
        assert!(replace(&disk).is_err() && replace(&disk).is_err());
    }
    let interrupted = disk().fail_change(3, Failure::Eintr, Repeat::ForGood);
    assert!(replace(&interrupted).is_err(), "a sync is not tried again, and nothing waits for ever");
    let read_only = disk().fail_change(0, Failure::Erofs, Repeat::ForGood);
    assert!(replace(&read_only).is_err());
    assert!(read_up_to(&read_only, path(), 10).is_ok(), "whatever only looks goes on");
}

#[test]
fn a_process_dies_at_any_call_and_does_nothing_afterwards() {
    for n in 0..13 {
        for half_written in [false, true] {
            let disk = disk().die_at(n, half_written);
            assert!(is_killed(&replace(&disk).unwrap_err()), "at {n}");
            assert!(disk.died());
            assert!(is_killed(&disk.stat(path()).unwrap_err()));
            assert_eq!(disk.calls(), n + 1, "the dead call nobody");
            let left = disk.memory().killed();
            assert_eq!(content(&left), if n == 12 { "new!" } else { "old" }, "at {n}");
            let staged = left.content("/d/.t").map(|bytes| bytes.len());
            let expected = match n {
                0..=6 | 12 => None,
                9 if half_written => Some(2),
                7..=9 => Some(0),
                _ => Some(4),
            };
            assert_eq!(staged, expected, "at {n}");
        }
    }
    assert!(!is_killed(&io::Error::other("another")));
}

#[test]
fn a_hook_sees_the_files_before_each_call_and_may_change_them() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let keep = Arc::clone(&seen);
    let disk = disk().before_each(move |files, call| {
        keep.lock().unwrap().push((call.index, files.fork()));
        if call.method == Method::Stat {
            files.write("/d/file", "theirs");
        }
    });
    replace(&disk).unwrap();
    let seen = seen.lock().unwrap();
    let contents: BTreeSet<(u64, String)> =
        seen.iter().map(|(index, files)| (*index, content(files))).collect();
    assert_eq!(contents.len(), 13);
    assert!(contents.contains(&(7, "old".into())) && contents.contains(&(8, "theirs".into())));
    assert_eq!(content(disk.memory()), "new!");
}

#[test]
fn without_any_one_of_its_syncs_a_replacement_can_be_lost() {
    let after = |disk: &FaultyStorage| -> BTreeSet<String> {
        replace(disk).unwrap();
        disk.memory().crash_states(100, 1).map(|state| content(&state)).collect()
    };
    let set = |contents: &[&str]| contents.iter().map(|&text| text.to_owned()).collect::<BTreeSet<_>>();
    assert_eq!(after(&disk()), set(&["new!"]));
    assert_eq!(after(&disk().skip_sync(0)), set(&["", "ne", "new!", "\0\0\0\0"]));
    assert_eq!(after(&disk().skip_sync(1)), set(&["old", "new!"]));
    let torn = |disk: FaultyStorage| after(&disk.tear_rename(0));
    assert_eq!(torn(disk()), set(&["old", "ne", "new!", "\0\0\0\0"]));
}

#[test]
fn a_torn_rename_ends_like_a_whole_one_and_can_be_seen_half_done() {
    for how in [Rename::New, Rename::Replace, Rename::Exchange] {
        for folders in [false, true] {
            let files = MemoryStorage::default();
            let put = |name: &str| match folders {
                true => files.write(format!("/{name}/one"), name),
                false => files.write(format!("/{name}"), name),
            };
            put("from");
            let taken = match how {
                Rename::New => false,
                Rename::Replace => !folders,
                Rename::Exchange => true,
            };
            if taken {
                put("to");
            }
            let look = |files: &MemoryStorage| -> Vec<_> {
                files.paths().into_iter().map(|path| (files.content(&path), path)).collect()
            };
            let rename =
                |disk: &FaultyStorage| disk.rename(Path::new("/from"), Path::new("/to"), how).unwrap();
            let whole = FaultyStorage::new(&files.fork());
            rename(&whole);
            let torn = FaultyStorage::new(&files.fork()).tear_rename(0);
            rename(&torn);
            assert_eq!(look(torn.memory()), look(whole.memory()), "{how:?}");
            let count = |disk: &FaultyStorage| {
                let states = disk.memory().crash_states(1000, 1);
                states.map(|state| look(&state)).collect::<BTreeSet<_>>().len()
            };
            assert_eq!(count(&whole), 2, "old or new: {how:?}");
            assert!(count(&torn) > 2, "{how:?}");
        }
    }
}

#[test]
fn a_project_can_be_opened_on_what_a_crash_left() {
    let fixture = Fixture::blobs(&["a"]);
    let disk = FaultyStorage::new(&fixture.files);
    let whole = fixture.project_on(Arc::new(disk.clone()), std::time::Duration::ZERO);
    drop(whole);
    assert!(disk.calls() > 0);
    for state in fixture.files.crash_states(10, 1) {
        assert_eq!(fixture.on(state).diagnostics(), fixture.diagnostics());
    }
}

/// A workload that writes at places: four calls that only look or make, and four that store.
fn assemble(disk: &FaultyStorage) -> io::Result<()> {
    let from = disk.open(path())?;
    let mut output = disk.create(Path::new("/d/new"))?;
    output.write_all_at(b"head", 0)?;
    output.copy_at(&*from, 1, 2, 4)?;
    output.sync()
}

#[test]
fn writing_at_a_place_and_copying_are_one_call_each_and_fail_like_writes() {
    use Method::*;
    let new = |disk: &FaultyStorage| disk.memory().content("/d/new").map(|bytes| bytes.len());
    let whole = disk();
    assemble(&whole).unwrap();
    let methods: Vec<_> = whole.log().iter().map(|call| (call.method, call.change)).collect();
    let expected =
        [(Open, None), (Create, Some(0)), (WriteAt, Some(1)), (CopyAt, Some(2)), (SyncOutput, Some(3))];
    assert_eq!(methods, expected);
    assert_eq!(whole.memory().content("/d/new").unwrap(), b"headld");
    for (n, left) in [(2, 0), (3, 4)] {
        for failure in Failure::ALL {
            let disk = disk().fail_call(n, failure, Repeat::Once);
            let result = assemble(&disk);
            // As in the real storage, which tries that again.
            if failure == Failure::Eintr {
                result.unwrap();
                assert_eq!((disk.calls(), new(&disk)), (6, Some(6)));
            } else {
                assert_eq!(result.unwrap_err().kind(), failure.error().kind(), "at {n}");
                assert_eq!(new(&disk), Some(left), "a call that fails changes nothing");
            }
        }
        for (half_written, half) in [(false, left), (true, left + if n == 2 { 2 } else { 1 })] {
            let disk = disk().die_at(n, half_written);
            assert!(is_killed(&assemble(&disk).unwrap_err()), "at {n}");
            assert_eq!(new(&disk), Some(half), "at {n}");
        }
    }
}

/// An open file behind something that nobody sees through: its reads are calls of their own.
#[derive(Debug)]
struct Veiled(Box<dyn Input>);

impl Input for Veiled {
    fn stamp(&self) -> io::Result<Stamp> {
        self.0.stamp()
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        self.0.read_at(buffer, offset)
    }

    fn try_lock(&self, kind: LockKind) -> io::Result<bool> {
        self.0.try_lock(kind)
    }
}

#[test]
fn a_copy_from_what_is_interrupted_each_time_ends() {
    let disk = disk().fail_call(3, Failure::Eintr, Repeat::ForGood);
    let from = Veiled(disk.open(path()).unwrap());
    let output = disk.create(Path::new("/d/new")).unwrap();
    let error = output.copy_at(&from, 0, 3, 0).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::Interrupted);
}
