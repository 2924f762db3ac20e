//! Somebody exchanges files for links that lead outside, over and over, while the packer works.
//!
//! A check of a path tells nothing of what is opened a moment later. Here, whatever was opened is
//! known by its bytes: those from outside carry a secret.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use packer_tests::packing::{on_disk, request};
use packer_tests::{assets, tally};
use prometeu_packer::ops::Status;

use super::siege::{Siege, blob, judge};

/// For each place that is exchanged.
const TIME: Duration = Duration::from_millis(1_500);

/// Exchanges what stands at `place` for a link to `target`, and back, until told to stop.
fn swap(place: &Path, target: &Path, stop: &AtomicBool) {
    let beside = |name: &str| place.parent().unwrap().join(name);
    let (real, link) = (beside("real one"), beside("false one"));
    symlink(target, &link).unwrap();
    while !stop.load(Ordering::Relaxed) {
        fs::rename(place, &real).unwrap();
        fs::rename(&link, place).unwrap();
        std::hint::spin_loop();
        fs::rename(place, &link).unwrap();
        fs::rename(&real, place).unwrap();
    }
}

fn besiege(place: &str, target: &str) -> usize {
    let siege = Siege::new();
    siege.write("assets/a/sub/map.txt", "#..#\n");
    siege.write("assets/a/asset.json", assets::text(&blob(&["map.txt", "sub/map.txt"])));
    let place = siege.path(place);
    let target = siege.outside.join(target);
    let stop = AtomicBool::new(false);
    let mut packed = 0;
    let mut attempts = 0;
    std::thread::scope(|scope| {
        scope.spawn(|| swap(&place, &target, &stop));
        let begun = Instant::now();
        // The other thread ends also when an assertion fails here.
        let result = std::panic::catch_unwind(|| {
            let (mut packed, mut attempts) = (0, 0);
            while begun.elapsed() < TIME {
                let name = format!("swapping `{}` for `{}`", place.display(), target.display());
                let verdict =
                    judge(&name, &on_disk(&siege.project), &request(&siege.out, Some(&siege.cache)));
                packed += usize::from(verdict.status == Status::Ok);
                attempts += 1;
                siege.nothing_leaked(&name);
                // The next attempt begins from the sources.
                let _ = fs::remove_dir_all(&siege.cache);
                let _ = fs::remove_dir_all(&siege.out);
            }
            (packed, attempts)
        });
        stop.store(true, Ordering::Relaxed);
        match result {
            Ok(counts) => (packed, attempts) = counts,
            Err(panic) => std::panic::resume_unwind(panic),
        }
    });
    assert!(packed < attempts || attempts == 0, "nothing was ever exchanged under it");
    attempts
}

#[test]
fn an_input_that_is_exchanged_never_brings_bytes_from_outside() {
    let attempts = besiege("assets/a/map.txt", "map.txt");
    tally("hostile, an input exchanged while packing", attempts, 0);
}

#[test]
fn a_folder_that_is_exchanged_never_brings_bytes_from_outside() {
    let attempts = besiege("assets/a/sub", "");
    tally("hostile, a folder exchanged while packing", attempts, 0);
}

#[test]
fn a_root_that_is_exchanged_never_brings_bytes_from_outside() {
    let attempts = besiege("assets/a", "a");
    tally("hostile, a root exchanged while packing", attempts, 0);
}

#[test]
fn a_declaration_that_is_exchanged_never_brings_bytes_from_outside() {
    let attempts = besiege("assets/a/asset.json", "asset.json");
    tally("hostile, a declaration exchanged while packing", attempts, 0);
}

#[test]
fn a_registry_that_is_exchanged_never_brings_bytes_from_outside() {
    let attempts = besiege("assets/.prometeu/index.json", "index.json");
    tally("hostile, a registry exchanged while packing", attempts, 0);
}
