//! An incremental pack is the full one: whatever was done to a project, its outputs and its cache
//! between two packs, what comes out is what a pack from nothing makes of it, byte for byte and word
//! for word.
//!
//! Histories of edits are made up by chance and played, most of them in memory, on file systems with
//! better and worse clocks, some on the disk. After each step an incremental pack is held against a full
//! one into an empty folder, without a cache; and against a comparison (`pack --check`) before and after.
//!
//! A reason that is told for a payload that was made is held against what was done: it must be true,
//! and there must be none where nothing changed.
//!
//! Not tried, because nobody can see it and nothing promises it: a file that is edited to the same size
//! with its time set back, or exchanged for one of the same size and time, on a system that tells no
//! more of a file than these two; and outputs that somebody damages within the very tick of the clock
//! in which they were written.
//!
//! A run that hunts: `INCREMENTAL_SEED=7 INCREMENTAL_HISTORIES=20000 cargo test -p packer-tests --test
//! incremental`. What it finds is told as the shortest history that shows it, with its number, which
//! `INCREMENTAL_FIRST` begins with.

#![cfg(unix)] // links are made by hand, and processes killed
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod corners;
mod declarations;
mod disk;
mod eyes;
mod files;
mod ground;
mod judge;
mod links;
mod outputs;
mod play;
mod registry;
mod spelt;
mod steps;
mod world;

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use packer_tests::dice::Dice;
use packer_tests::say;

use self::play::Tally;

/// What the histories of a run begin with; `INCREMENTAL_SEED` is another one, as a plain number.
const SEED: u64 = 0x01c4_e3e7_7a11;

/// So many histories in memory; `INCREMENTAL_HISTORIES` is another number.
const HISTORIES: usize = 500;

/// So many on the disk; `INCREMENTAL_ON_DISK` is another number.
const ON_DISK: usize = 40;

/// So many stories of what is wrong are told at most.
const MOST_STORIES: usize = 5;

/// A number that whoever hunts can set.
fn number(name: &str, usual: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(usual)
}

/// Plays that many histories, so many at a time, and says what they came to.
///
/// # Panics
///
/// When something was wrong in one, with the shortest stories.
fn campaign(
    name: &str,
    threads: usize,
    count: usize,
    seed: u64,
    play: impl Fn(usize, u64) -> Result<Tally, String> + Sync,
) -> Tally {
    let all = Mutex::new((Tally::default(), Vec::new()));
    let first = usize::try_from(number("INCREMENTAL_FIRST", 0)).unwrap();
    let (next, count) = (AtomicUsize::new(first), first + count);
    let work = || {
        loop {
            let n = next.fetch_add(1, Ordering::Relaxed);
            if n >= count || all.lock().unwrap().1.len() >= MOST_STORIES {
                break;
            }
            let played = play(n, Dice::new(seed.wrapping_add(n as u64)).throw());
            let (tally, wrong) = &mut *all.lock().unwrap();
            match played {
                Ok(played) => tally.add(&played),
                Err(story) => wrong.push(format!("number {n}, {story}")),
            }
        }
    };
    std::thread::scope(|scope| (0..threads).for_each(|_| drop(scope.spawn(work))));
    let (tally, wrong) = all.into_inner().unwrap();
    assert!(wrong.is_empty(), "{name}, seed {seed:#x}:\n\n{}", wrong.join("\n\n"));
    let Tally { histories, packed, blocked, failed, disturbed } = tally;
    let of_these = format!("packs: {packed} made, {blocked} blocked, {failed} failed, {disturbed} disturbed");
    say(&format!("{name}: {histories} histories, 0 failed, seed {seed:#x} ({of_these})"));
    tally
}

#[test]
fn after_any_history_an_incremental_pack_is_the_full_one() {
    let (seed, count) = (number("INCREMENTAL_SEED", SEED), number("INCREMENTAL_HISTORIES", HISTORIES as u64));
    let count = usize::try_from(count).unwrap();
    let tally = campaign("incremental, in memory", 2, count, seed, |n, seed| {
        let eyes = eyes::ALL[n % eyes::ALL.len()];
        let ground = move || ground::Ground { place: ground::Place::Memory(Default::default()), eyes };
        play::play(seed, &ground, 12, play::disturb)
    });
    // A suite that hardly packs proves nothing.
    assert!(tally.packed > 4 * tally.histories && tally.blocked > tally.histories, "{tally:?}");
}

#[test]
fn on_a_disk_with_a_clock_and_after_a_kill_as_well() {
    let (seed, count) = (number("INCREMENTAL_SEED", SEED), number("INCREMENTAL_ON_DISK", ON_DISK as u64));
    // More at a time than there are processors: each waits for the disk and the clock most of the time.
    let tally = campaign("incremental, on the disk", 4, usize::try_from(count).unwrap(), seed, |_, seed| {
        play::play(seed, &disk::ground, 8, disk::disturb)
    });
    assert!(tally.packed > 3 * tally.histories && tally.disturbed > tally.histories, "{tally:?}");
}
