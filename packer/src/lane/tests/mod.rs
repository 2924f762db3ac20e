//! The lane in memory and on a disk, with threads for processes; `tests/lane.rs` has real ones.

mod cancelled;
mod telling;
mod watched;

use std::fs::File;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Barrier};
use std::time::Duration;

use self::watched::{Refusal, Watched};
use super::turn::make_real;
use super::*;
use crate::id::OperationId;
use crate::ops::{ConstantsRequest, Operation, PackContents, Status};
use crate::storage::memory::MemoryStorage;
use crate::storage::os::OsStorage;
use crate::testing::Fixture;

const NONE: Duration = Duration::ZERO;
const LONG: Duration = Duration::from_secs(60);
const NOW: u64 = 1_800_000_012_345;

#[derive(Debug)]
struct At(u64);

impl Clock for At {
    fn now_millis(&self) -> u64 {
        self.0
    }
}

fn claim() -> Claim<'static> {
    let operation_id = OperationId::from(uuid::Uuid::from_u128(7));
    Claim { process: "cargo prometeu, process 4242", operation: Operation::RegisterAsset, operation_id }
}

/// A project in memory that was never changed here.
fn fresh() -> (MemoryStorage, Layout) {
    let files = MemoryStorage::default();
    files.folder("/game");
    files.write("/game/assets/.prometeu/index.json", "");
    (files, Layout::new("/game"))
}

/// One that was.
fn used() -> (MemoryStorage, Layout) {
    let (files, layout) = fresh();
    drop(take(&Lane::default(), &files, &layout, NONE).unwrap());
    (files, layout)
}

fn take<'a>(
    lane: &'a Lane,
    storage: &'a dyn Storage,
    layout: &'a Layout,
    patience: Duration,
) -> Result<Turn<'a>, Busy> {
    lane.take(storage, layout, &claim(), Wait::new(&At(NOW), patience, &mut |_| {})).unwrap()
}

fn enter(storage: &dyn Storage, layout: &Layout, patience: Duration) -> Visit {
    visit(storage, layout, Wait::new(&At(NOW), patience, &mut |_| {})).unwrap()
}

fn is_held(visit: &Visit) -> bool {
    matches!(visit, Visit::Held(_))
}

/// Runs `check` in memory and on a disk.
fn both(check: impl Fn(&dyn Storage, &Layout)) {
    let (files, layout) = fresh();
    check(&files, &layout);
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(folder.path().join("assets/.prometeu")).unwrap();
    File::create_new(folder.path().join("assets/.prometeu/index.json")).unwrap();
    check(&OsStorage, &Layout::new(folder.path()));
}

#[test]
fn writers_exclude_each_other_across_threads_and_handles() {
    both(|storage, layout| {
        let lanes = [Lane::default(), Lane::default()];
        let (inside, turns) = (AtomicBool::new(false), AtomicU32::new(0));
        std::thread::scope(|scope| {
            for n in 0..6 {
                let (lane, inside, turns) = (&lanes[n % 2], &inside, &turns);
                scope.spawn(move || {
                    for _ in 0..5 {
                        let turn = take(lane, storage, layout, LONG).unwrap();
                        assert!(!inside.swap(true, Ordering::SeqCst), "two writers at once");
                        std::thread::yield_now();
                        inside.store(false, Ordering::SeqCst);
                        turns.fetch_add(1, Ordering::SeqCst);
                        drop(turn);
                    }
                });
            }
        });
        assert_eq!(turns.into_inner(), 30);
    });
}

#[test]
fn builds_share_the_lane_and_keep_writers_out_and_the_reverse() {
    both(|storage, layout| {
        let lane = Lane::default();
        let turn = take(&lane, storage, layout, NONE).unwrap();
        assert!(matches!(enter(storage, layout, Duration::from_millis(3)), Visit::Busy(_)));
        drop(turn);
        let builds = [enter(storage, layout, NONE), enter(storage, layout, LONG)];
        assert!(builds.iter().all(is_held));
        assert!(take(&lane, storage, layout, Duration::from_millis(3)).is_err());
        drop(builds);
        assert!(take(&lane, storage, layout, NONE).is_ok());
    });
}

#[test]
fn a_turn_makes_what_is_missing_and_a_build_makes_nothing() {
    let (files, layout) = fresh();
    files.delete("/game/assets");
    let before = files.paths();
    assert!(matches!(enter(&files, &layout, LONG), Visit::NoLock { has_file: false }));
    assert_eq!(files.paths(), before);
    drop(take(&Lane::default(), &files, &layout, NONE).unwrap());
    let made: Vec<_> = files.paths().into_iter().filter(|path| !before.contains(path)).collect();
    let local = Path::new("/game/assets/.prometeu/local");
    let made: Vec<_> = made.iter().filter_map(|path| path.strip_prefix(local).ok()).collect();
    assert_eq!(made, ["", ".gitignore", "gate", "lock"].map(Path::new));
    assert_eq!(files.content(local.join(".gitignore")).unwrap(), b"*\n");
    files.write(local.join(".gitignore"), "mine");
    drop(take(&Lane::default(), &files, &layout, NONE).unwrap());
    assert_eq!(files.content(local.join(".gitignore")).unwrap(), b"mine");
}

#[test]
fn new_folders_are_synced_before_the_gate_is_made_and_known_ones_are_not_synced_again() {
    let (files, layout) = fresh();
    let watched = Watched::new(&files);
    drop(take(&Lane::default(), &watched, &layout, NONE).unwrap());
    let calls = watched.calls();
    let gate = calls.iter().position(|call| call == "create /game/assets/.prometeu/local/gate").unwrap();
    for folder in ["/game", "/game/assets", "/game/assets/.prometeu"] {
        let synced = calls.iter().position(|call| *call == format!("sync {folder}")).unwrap();
        assert!(synced < gate, "{calls:?}");
    }
    let watched = Watched::new(&files);
    drop(take(&Lane::default(), &watched, &layout, NONE).unwrap());
    let calls = watched.calls();
    assert!(!calls.iter().any(|call| call.starts_with("sync")), "{calls:?}");
    // Somebody died between making a folder and syncing it.
    files.delete("/game/assets/.prometeu/local/gate");
    let watched = Watched::new(&files);
    drop(take(&Lane::default(), &watched, &layout, NONE).unwrap());
    assert_eq!(watched.calls().iter().filter(|call| call.starts_with("sync")).count(), 3);
}

#[test]
fn no_link_is_followed_to_a_lock() {
    let local = "/game/assets/.prometeu/local";
    for (link, target) in [
        ("/game/assets/.prometeu", "/else"),
        (local, "/else"),
        (&format!("{local}/gate"), "/else/file"),
        (&format!("{local}/lock"), "/else/file"),
    ] {
        let (files, layout) = used();
        files.write("/else/file", "");
        files.delete(link);
        files.link(link, target);
        let before: Vec<_> = files.paths().into_iter().filter(|path| path.starts_with("/else")).collect();
        let lane = Lane::default();
        let refused = lane.take(&files, &layout, &claim(), Wait::new(&At(NOW), NONE, &mut |_| {}));
        assert!(refused.is_err(), "{link}");
        let after: Vec<_> = files.paths().into_iter().filter(|path| path.starts_with("/else")).collect();
        assert_eq!(after, before, "{link}");
    }
    let (files, layout) = fresh();
    files.delete("/game/assets");
    files.folder("/art/.prometeu");
    files.link("/game/assets", "/art");
    // Memory makes nothing behind a link; what matters is that `assets` itself may be one.
    assert!(make_real(&files, &layout.assets()).is_ok());
}

#[test]
fn a_writer_gets_in_after_the_builds_that_were_there_however_many_come() {
    both(|storage, layout| {
        let lane = Lane::default();
        drop(take(&lane, storage, layout, NONE).unwrap());
        let (started, stop, builds) = (Barrier::new(5), AtomicBool::new(false), AtomicU32::new(0));
        let waited_for = std::thread::scope(|scope| {
            for n in 0..4 {
                let (started, stop, builds) = (&started, &stop, &builds);
                scope.spawn(move || {
                    // So that there is always one: each takes its next before it lets go of its last.
                    let mut build = enter(storage, layout, LONG);
                    started.wait();
                    std::thread::sleep(Duration::from_millis(n));
                    while !stop.load(Ordering::SeqCst) {
                        std::thread::sleep(Duration::from_millis(4));
                        let next = visit_at_gate(storage, layout);
                        builds.fetch_add(u32::from(next.is_some()), Ordering::SeqCst);
                        build = next.unwrap_or_else(|| {
                            // The gate is closed; who waits there must let go of nothing else.
                            drop(std::mem::replace(&mut build, Visit::NoLock { has_file: false }));
                            enter(storage, layout, LONG)
                        });
                    }
                    drop(build);
                });
            }
            started.wait();
            let before = builds.load(Ordering::SeqCst);
            let turn = take(&lane, storage, layout, LONG);
            let after = builds.load(Ordering::SeqCst);
            stop.store(true, Ordering::SeqCst);
            drop(turn.unwrap());
            after - before
        });
        // A writer that only tried `lock` again and again would see it held by somebody for ever.
        assert!(waited_for < 200, "{waited_for} builds overtook the writer");
        println!("{waited_for} builds came before the writer");
    });
}

/// A build that is let through at once, or not at all.
fn visit_at_gate(storage: &dyn Storage, layout: &Layout) -> Option<Visit> {
    let gate = try_lock(storage, &layout.gate(), LockKind::Shared, false).unwrap()?;
    let lock = try_lock(storage, &layout.lock(), LockKind::Shared, false).unwrap();
    drop(gate);
    lock.map(Visit::Held)
}

#[test]
fn without_the_gate_the_same_stream_of_builds_starves_a_writer() {
    // The counterpart of the test above: overlapping builds that pass by the gate never leave the
    // lock free.
    let (files, layout) = used();
    let lane = Lane::default();
    let mut build = Some(enter(&files, &layout, NONE));
    for _ in 0..20 {
        let next = try_lock(&files, &layout.lock(), LockKind::Shared, false).unwrap().map(Visit::Held);
        drop(std::mem::replace(&mut build, next));
        assert!(take(&lane, &files, &layout, NONE).is_err());
    }
}

#[test]
fn no_further_build_comes_in_while_a_writer_waits_but_none_is_refused_for_that() {
    let (files, layout) = used();
    let build = enter(&files, &layout, NONE);
    let lane = Lane::default();
    std::thread::scope(|scope| {
        let writer = scope.spawn(|| take(&lane, &files, &layout, LONG).map(drop));
        while visit_at_gate(&files, &layout).is_some() {
            std::thread::yield_now();
        }
        let patient = scope.spawn(|| enter(&files, &layout, Duration::from_millis(30)));
        assert!(is_held(&patient.join().unwrap()), "its patience ended before the writer's");
        assert!(!writer.is_finished());
        drop(build);
        writer.join().unwrap().unwrap();
    });
}

#[test]
fn a_panic_within_a_turn_leaves_the_lane_as_it_was() {
    both(|storage, layout| {
        let lane = Lane::default();
        let panicked = std::thread::scope(|scope| {
            let panics = scope.spawn(|| {
                let _turn = take(&lane, storage, layout, NONE).unwrap();
                // Not `panic!`, whose message would stand in the output of every run.
                std::panic::resume_unwind(Box::new("a bug"));
            });
            panics.join().is_err()
        });
        assert!(panicked);
        assert_eq!(storage.stat(&layout.holder()).unwrap(), None);
        assert!(take(&lane, storage, layout, NONE).is_ok());
        assert!(is_held(&enter(storage, layout, NONE)));
    });
}

#[cfg(unix)]
#[test]
fn a_lock_file_that_is_removed_while_it_is_held_is_made_anew_and_its_holder_finds_out() {
    both(|storage, layout| {
        let (lane, other) = (Lane::default(), Lane::default());
        let turn = take(&lane, storage, layout, NONE).unwrap();
        assert!(turn.confirm().is_ok());
        storage.remove(&layout.lock()).unwrap();
        assert!(matches!(turn.confirm(), Err(Error::EditConflict { .. })));
        assert!(take(&other, storage, layout, NONE).is_err(), "the gate is still held");
        storage.remove(&layout.gate()).unwrap();
        let next = take(&other, storage, layout, NONE).unwrap();
        assert!(next.confirm().is_ok());
        assert!(matches!(turn.confirm(), Err(Error::EditConflict { .. })));
        drop(turn);
        assert!(take(&lane, storage, layout, NONE).is_err(), "the new files are locked as well");
        drop(next);
        assert!(take(&lane, storage, layout, NONE).is_ok());
    });
}

#[test]
fn a_lock_file_that_is_replaced_while_it_is_asked_for_is_asked_for_anew() {
    let (files, layout) = used();
    let disk = |exchanges| Watched { exchanges: AtomicU32::new(exchanges), ..Watched::new(&files) };
    let once = disk(1);
    let first = try_lock(&once, &layout.lock(), LockKind::Exclusive, false).unwrap();
    let first = first.expect("nobody held the second file either");
    assert!(first.has_name(&files, &layout.lock()).unwrap());
    assert!(try_lock(&files, &layout.lock(), LockKind::Shared, false).unwrap().is_none());
    drop(first);
    let for_ever = disk(u32::MAX);
    assert!(try_lock(&for_ever, &layout.lock(), LockKind::Exclusive, true).unwrap().is_none());
}

#[test]
fn a_checkout_without_a_gate_is_built_under_the_lock_alone() {
    let (files, layout) = used();
    files.delete(layout.gate());
    let build = enter(&files, &layout, NONE);
    assert!(is_held(&build));
    assert!(files.content(layout.gate()).is_none(), "a build makes nothing");
    assert!(take(&Lane::default(), &files, &layout, NONE).is_err());
    drop(build);
    files.delete(layout.lock());
    assert!(matches!(enter(&files, &layout, NONE), Visit::NoLock { has_file: false }));
}

#[test]
fn where_there_are_no_locks_changes_are_refused_in_plain_words_and_builds_go_on() {
    let (files, layout) = used();
    let codes = NO_LOCK_CODES.iter().map(|code| Refusal::Code(*code));
    for refusal in codes.chain([Refusal::Kind]) {
        let lockless = Watched { refusal: Some(refusal), ..Watched::new(&files) };
        let lane = Lane::default();
        let refused = lane.take(&lockless, &layout, &claim(), Wait::new(&At(NOW), LONG, &mut |_| {}));
        let refused = refused.expect_err("no lock, no change");
        assert_eq!(refused.code(), "io-error");
        assert_eq!(refused.path(), layout.gate());
        assert!(refused.to_string().contains("this file system has no file locks"), "{refused}");
        assert!(refused.help().is_some_and(|help| help.contains("local disk")));
        assert!(matches!(enter(&lockless, &layout, NONE), Visit::NoLock { has_file: true }));
    }
}

#[test]
fn a_project_whose_lock_cannot_be_taken_is_read_all_the_same() {
    let fixture = Fixture::blobs(&["a"]);
    fixture.lane();
    let lockless = Watched { refusal: Some(Refusal::Kind), ..Watched::new(&fixture.files) };
    let project = fixture.project_on(Arc::new(lockless), NONE);
    let request = ConstantsRequest { strict: false, contents: PackContents::PackSet };
    assert_eq!(project.constants(request).status, Status::Ok);
}

/// What Linux answers that std has no kind for.
#[cfg(target_os = "linux")]
const NO_LOCK_CODES: [i32; 3] = [37, 95, 9];
#[cfg(not(target_os = "linux"))]
const NO_LOCK_CODES: [i32; 0] = [];
