//! Several at a time on a real disk. Stores share nothing but the folder, so a thread with its own is
//! as good as a process; real processes do it as well.

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use super::{key, payload};
use crate::cache::{Store, clear, usage};
use crate::storage::os::OsStorage;

const BUDGET: u64 = 60 * 1064;

/// Where a process of [`many_processes_never_read_wrong_bytes`] is told its folder and its number.
const FOLDER: &str = "PACKER_TEST_CACHE_FOLDER";

/// Gets and puts two hundred and forty payloads with several stores, one after the other; how many were found.
fn work(cache: &Path, seed: u32) -> u32 {
    let mut found = 0;
    let mut dice = seed;
    for _ in 0..12 {
        let store = Store::open(&OsStorage, cache, BUDGET);
        for _ in 0..20 {
            dice = dice.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let n = (dice >> 16) % 90;
            match store.get(key(n)) {
                Some(bytes) => {
                    assert!(bytes == payload(n), "payload {n} is not what was put");
                    found += 1;
                }
                None => store.put(key(n), &payload(n)),
            }
        }
    }
    found
}

/// What a folder is like after all of them are done.
fn check_after(cache: &Path, workers: u64) {
    let held = usage(&OsStorage, cache).unwrap();
    let bound = BUDGET + workers * BUDGET / 4;
    assert!(held.total().bytes <= bound, "{held:?} of {bound}");
    assert!(held.payloads.files > 0, "{held:?}");
    let cleared = clear(&OsStorage, cache).unwrap();
    assert_eq!((cleared.removed, cleared.left.len()), (held, 0));
    assert_eq!(std::fs::read_dir(cache).unwrap().count(), 0);
}

#[test]
fn many_threads_never_read_wrong_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let found = AtomicU32::new(0);
    std::thread::scope(|scope| {
        for seed in 0..4 {
            let (found, folder) = (&found, folder.path());
            scope.spawn(move || found.fetch_add(work(folder, seed), Ordering::Relaxed));
        }
    });
    assert!(found.into_inner() > 100, "they used what others put");
    check_after(folder.path(), 4);
}

#[test]
fn threads_of_one_store_share_it() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&OsStorage, folder.path(), BUDGET);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for n in 0..200 {
                    store.put(key(n), &payload(n));
                    let found = store.get(key(n));
                    assert!(found.is_none() || found == Some(payload(n)), "{n}");
                }
            });
        }
    });
    drop(store);
    check_after(folder.path(), 4);
}

#[test]
fn somebody_who_clears_the_cache_meanwhile_costs_time_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    std::thread::scope(|scope| {
        let folder = folder.path();
        let workers: Vec<_> = (0..3).map(|seed| scope.spawn(move || work(folder, seed))).collect();
        while workers.iter().any(|worker| !worker.is_finished()) {
            clear(&OsStorage, folder).unwrap();
        }
    });
    let store = Store::open(&OsStorage, folder.path(), BUDGET);
    store.put(key(0), &payload(0));
    assert_eq!(store.get(key(0)), Some(payload(0)));
}

#[test]
fn many_processes_never_read_wrong_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let processes: Vec<_> = (0..3)
        .map(|seed| {
            Command::new(std::env::current_exe().unwrap())
                .args(["--exact", "cache::tests::together::one_of_many_processes", "--include-ignored"])
                .env(FOLDER, format!("{seed}:{}", folder.path().display()))
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap()
        })
        .collect();
    for process in processes {
        let output = process.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success() && said.contains("1 passed"), "{said}");
    }
    check_after(folder.path(), 3);
}

#[test]
#[ignore = "it is a process of `many_processes_never_read_wrong_bytes`"]
#[expect(clippy::disallowed_methods, reason = "how else would a test's process know where to work")]
fn one_of_many_processes() {
    let Ok(told) = std::env::var(FOLDER) else { return };
    let (seed, folder) = told.split_once(':').unwrap();
    work(Path::new(folder), seed.parse().unwrap());
}

#[cfg(unix)]
#[test]
fn a_read_only_folder_is_read() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let cache = folder.path();
    let put = |n| Store::open(&OsStorage, cache, BUDGET).put(key(n), &payload(n));
    put(0);
    let shard =
        |n| super::place("young", key(n)).strip_prefix(super::CACHE).unwrap().parent().unwrap().to_owned();
    let folders = [shard(0), "payloads-v1/young".into(), "payloads-v1".into(), "".into()];
    let rights = |mode| {
        for part in &folders {
            std::fs::set_permissions(cache.join(part), std::fs::Permissions::from_mode(mode)).unwrap();
        }
    };
    rights(0o555);
    put(1);
    let store = Store::open(&OsStorage, cache, BUDGET);
    let found = (store.get(key(0)), store.get(key(1)));
    // Who may do everything is not stopped by rights.
    let may_write = std::fs::File::create_new(cache.join("probe")).is_ok();
    rights(0o755);
    assert_eq!(found.0, Some(payload(0)));
    assert!(found.1.is_none() || may_write);
}
