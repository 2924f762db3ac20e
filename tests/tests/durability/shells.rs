//! A minute in one project with several shells open: two that change it, one that builds, one that looks,
//! and a person with an editor.
//!
//! The shells run the shipped command, with mutations as the dice say; each works on roots of its own, so
//! what it must find is known after every command. The person saves, makes, deletes and moves files by
//! hand, in roots that nobody else touches and in ones that a shell takes in at that very moment.
//! `PROMETEU_TEST_SECONDS` says for how long.
//!
//! # What is asked
//!
//! - Every command ends with 0, 1 (findings, an outdated plan), 3 (consent) or 75 (somebody else has the
//!   lock). Two may end otherwise: one that meets a person's edits again and again with 4, an edit conflict,
//!   and `undo` with 2, when another shell has just taken back the last change and none is left.
//! - What was acknowledged is there, and what was not is not.
//! - Whatever the person saved and did not replace or delete is still there: under its name, as a
//!   `.conflict-` file, or in quarantine.
//!
//! The person never writes into a file in two goes while it may be exchanged: what comes after the exchange
//! goes into a file that has no name any more, as `docs/durability.md` says.

mod person;
mod shell;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use packer_format::Pack;
use packer_tests::dice::Dice;
use packer_tests::{say, tally};

use self::person::{Person, words_in};
use self::shell::{Shelf, Shell};
use super::checkout::{Checkout, Run};

const SEED: u64 = 0x0e11_0005;

/// Shells that change the project.
const SHELLS: u64 = 2;

/// Everybody's project, and what they did to it.
struct Project {
    checkout: Checkout,
    until: Instant,
    is_over: AtomicBool,
    /// Roots that the person has just made, for the shells to take in.
    offered: Mutex<VecDeque<String>>,
    /// How often each command ended with each code.
    codes: Mutex<BTreeMap<(String, i32), usize>>,
    /// How the shells leave their roots.
    shelves: Mutex<Vec<(String, Shelf)>>,
    acknowledged: AtomicUsize,
    packs: AtomicUsize,
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn seconds() -> u64 {
    std::env::var("PROMETEU_TEST_SECONDS").map_or(60, |text| text.parse().expect("a number of seconds"))
}

impl Project {
    fn is_over(&self) -> bool {
        self.is_over.load(Ordering::Acquire) || Instant::now() > self.until
    }

    /// Runs a command to its end, and counts how that was.
    fn runs(&self, command: Command, name: &str, codes: &[i32]) -> Run {
        let run = Run::of(command);
        let code = run.status.code().unwrap_or_else(|| panic!("{name}: {run:?}"));
        *held(&self.codes).entry((name.to_owned(), code)).or_default() += 1;
        assert!(codes.contains(&code), "{name}: {run:?}");
        let conflict = ["Nothing was overwritten.", "Wait until the other program is done"];
        assert!(code != 4 || conflict.iter().any(|words| run.stderr.contains(words)), "{name}: {run:?}");
        run
    }

    fn command(&self, arguments: &[&str], codes: &[i32]) -> (i32, Run) {
        let name = match arguments {
            ["undo", flag, ..] => &format!("undo {flag}"),
            arguments => arguments[0],
        };
        let run = self.runs(self.checkout.command(arguments), name, codes);
        (run.status.code().unwrap_or_default(), run)
    }

    /// A shell that builds: as a build script does, and by command.
    fn builds(&self) {
        let out = self.checkout.top.join("out");
        while !self.is_over() {
            let script = self.runs(self.checkout.build(&out), "a build script", &[0, 1]);
            let by_command = ["pack", "--out", out.to_str().unwrap()];
            let (code, _) = self.command(&by_command, &[0, 1, 4, 75]);
            if code == 0 || script.status.success() {
                let bytes = fs::read(out.join("assets.pa")).unwrap();
                Pack::new(&bytes).unwrap().verify_gaps().unwrap();
                self.packs.fetch_add(1, Ordering::Relaxed);
            }
        }
    }

    /// A shell that only looks.
    fn looks(&self) {
        while !self.is_over() {
            self.command(&["list"], &[0]);
            self.command(&["doctor"], &[0, 1, 4]);
            self.command(&["show", "hand/edited"], &[0, 1, 4]);
        }
    }
}

/// All that lies under `assets/` but the packer's own files, in one.
fn everything(folder: &Path, all: &mut Vec<u8>) {
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let path = entry.path();
        if path.ends_with(".prometeu/local") {
        } else if path.is_dir() {
            everything(&path, all);
        } else {
            all.extend(fs::read(path).unwrap());
        }
    }
}

#[test]
fn several_shells_and_a_person_work_on_one_project_for_a_minute_and_nothing_is_lost() {
    let checkout = Checkout::empty(&std::env::temp_dir());
    checkout.ok(&["init", "--yes"]);
    for root in ["hand/edited", "hand/moved"] {
        checkout.ok(&["create", root, "--type", "blob_bank"]);
    }
    let project = Project {
        until: Instant::now() + Duration::from_secs(seconds()),
        is_over: AtomicBool::new(false),
        offered: Mutex::new(VecDeque::new()),
        codes: Mutex::new(BTreeMap::new()),
        shelves: Mutex::new(Vec::new()),
        acknowledged: AtomicUsize::new(0),
        packs: AtomicUsize::new(0),
        checkout,
    };
    let mut person = Person::new(&project, Dice::new(SEED));
    std::thread::scope(|scope| {
        let project = &project;
        // Who fails ends it for all.
        let guarded = move |work: &mut dyn FnMut()| {
            struct Ends<'a>(&'a AtomicBool);
            impl Drop for Ends<'_> {
                fn drop(&mut self) {
                    self.0.store(true, Ordering::Release);
                }
            }
            let ends = Ends(&project.is_over);
            work();
            if !std::thread::panicking() {
                std::mem::forget(ends);
            }
        };
        for shell in 0..SHELLS {
            let dice = Dice::new(SEED + 1 + shell);
            scope.spawn(move || {
                guarded(&mut || {
                    let left = Shell::new(project, shell, dice.clone()).works();
                    held(&project.shelves).push(left);
                });
            });
        }
        scope.spawn(move || guarded(&mut || project.builds()));
        scope.spawn(move || guarded(&mut || project.looks()));
        let person = &mut person;
        scope.spawn(move || {
            guarded(&mut || {
                while !project.is_over() {
                    person.does();
                    std::thread::sleep(Duration::from_millis(2));
                }
            });
        });
    });

    for (folder, shelf) in held(&project.shelves).iter() {
        assert_eq!(Shelf::read(&project, folder), *shelf, "at the end");
    }
    let checkout = &project.checkout;
    let mut all = Vec::new();
    everything(&checkout.path("assets"), &mut all);
    let all = String::from_utf8(all).unwrap();
    let all: BTreeSet<String> = words_in(&all).into_iter().collect();
    let lost: Vec<&String> = person.stands.difference(&all).collect();
    assert!(lost.is_empty(), "lost: {lost:?}");
    checkout.ok(&["create", "zz/next", "--type", "blob_bank"]);
    checkout.has_no_leftovers("at the end");

    let codes = held(&project.codes).clone();
    let commands: usize = codes.values().sum();
    let conflicts = all_conflicts(&checkout.path("assets"));
    let mut by_code: BTreeMap<i32, usize> = BTreeMap::new();
    for ((_, code), count) in &codes {
        *by_code.entry(*code).or_default() += count;
    }
    let acknowledged = project.acknowledged.load(Ordering::Relaxed);
    let packs = project.packs.load(Ordering::Relaxed);
    println!("{codes:?}");
    say(&format!(
        "durability, several shells: {commands} commands in {} s, by exit code {by_code:?}, {acknowledged} \
         acknowledged changes, {packs} packs, {} saves by hand of which {} stand, 0 lost, {conflicts} kept as \
         `.conflict-`",
        seconds(),
        person.saves,
        person.stands.len(),
    ));
    assert!(acknowledged > 0 && packs > 0 && !person.stands.is_empty(), "{codes:?}");
    tally("durability, several shells for a while", commands, SEED);
}

/// How many files the packer has put beside others.
fn all_conflicts(folder: &Path) -> usize {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries
        .map(|path| {
            let is_conflict = path.to_string_lossy().contains(".conflict-");
            usize::from(is_conflict) + if path.is_dir() { all_conflicts(&path) } else { 0 }
        })
        .sum()
}
