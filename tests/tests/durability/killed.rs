//! `kill -9` in the middle of every mutation, and whatever command comes next.
//!
//! On the disk that temporary files lie on, so that what is synced takes the time that it takes.

use std::fs;
use std::os::unix::process::ExitStatusExt as _;
use std::process::Child;
use std::time::{Duration, Instant};

use packer_tests::dice::Dice;
use packer_tests::{journal, tally};

use super::checkout::{Checkout, HUNG, State, copy, start};

const SEED: u64 = 0x0e11_0002;

/// Rounds of each mutation that are killed after any time at all.
const AT_RANDOM: usize = 18;

/// Rounds of each mutation that are killed so soon after its journal says `pending`, in microseconds.
const AIMED: [u64; 14] = [0, 0, 0, 50, 100, 150, 200, 300, 400, 600, 800, 1200, 1800, 2500];

const KINDS: [(&str, &[&str]); 9] = [
    ("init", &["init", "--yes"]),
    ("create", &["create", "ui/new", "--type", "blob_bank"]),
    ("create from files", &["create", "copy", "--type", "blob_bank", "--from", "assets/b/map.txt"]),
    ("register", &["register", "b"]),
    ("register and anchor", &["register", "b"]),
    ("relocate", &["relocate", "a", "deep/er/z", "--yes"]),
    ("relocate and fold", &["relocate", "a", "A2", "--yes"]),
    ("exclude", &["exclude", "a"]),
    ("include", &["include", "a"]),
];

/// One mutation, the project before it, and what it makes of that.
struct Kind {
    name: &'static str,
    command: &'static [&'static str],
    checkout: Checkout,
    old: State,
    new: State,
    /// How long it takes when nobody kills it.
    took: Duration,
}

/// What the rounds came to.
#[derive(Debug, Default)]
struct Seen {
    rounds: usize,
    /// How often the change was decided and not done.
    pending: usize,
    /// How often it was still so after the one that recovers was killed as well.
    again: usize,
    old: usize,
    new: usize,
    /// The longest that a mutation took afterwards.
    next: Duration,
}

impl Kind {
    fn new(name: &'static str, command: &'static [&'static str]) -> Self {
        let parent = std::env::temp_dir();
        let checkout = match name {
            "init" => Checkout::empty(&parent),
            _ => Checkout::new(&parent, name != "register and anchor"),
        };
        if name == "include" {
            checkout.ok(&["exclude", "a"]);
        }
        fs::create_dir_all(checkout.path("assets")).unwrap();
        copy(&checkout.path("assets"), &checkout.top.join("before"));
        let old = checkout.state();
        let took = checkout.ok(command).took;
        let new = checkout.state();
        assert_ne!(old, new, "{name}");
        Self { name, command, checkout, old, new, took }
    }

    fn begin(&self) -> Child {
        let assets = self.checkout.path("assets");
        fs::remove_dir_all(&assets).unwrap();
        copy(&self.checkout.top.join("before"), &assets);
        start(self.checkout.command(self.command))
    }

    /// Kills it after that time.
    fn kill_after(&self, delay: Duration, seen: &mut Seen) {
        let mut child = self.begin();
        std::thread::sleep(delay);
        child.kill().unwrap();
        self.look(child, &format!("{}, killed after {delay:?}", self.name), seen);
    }

    /// Kills it so long after the change was decided.
    fn kill_in_the_change(&self, delay: Duration, seen: &mut Seen) {
        let mut child = self.begin();
        let begun = Instant::now();
        while !journal::is_pending(&self.checkout.project) && child.try_wait().unwrap().is_none() {
            assert!(begun.elapsed() < HUNG, "{}: it hangs", self.name);
        }
        let decided = Instant::now();
        while decided.elapsed() < delay {
            std::hint::spin_loop();
        }
        child.kill().unwrap();
        self.look(child, &format!("{}, killed {delay:?} into the change", self.name), seen);
    }

    fn look(&self, child: Child, name: &str, seen: &mut Seen) {
        let ended = child.wait_with_output().unwrap();
        let acknowledged = ended.status.success();
        assert!(acknowledged || ended.status.signal() == Some(9), "{name}: {ended:?}");
        let checkout = &self.checkout;
        let decided = journal::is_pending(&checkout.project);
        // Where there is no registry yet, the next command is the same once more.
        let next: &[&str] = if self.name == "init" { self.command } else { &["list"] };
        if decided && seen.pending.is_multiple_of(2) {
            // The one that recovers is killed as well, once it had time to begin.
            let mut child = start(checkout.command(next));
            std::thread::sleep(Duration::from_micros(1500 + 250 * seen.pending as u64));
            child.kill().unwrap();
            child.wait_with_output().unwrap();
        }
        let pending = journal::is_pending(&checkout.project);
        seen.again += usize::from(decided && pending && seen.pending.is_multiple_of(2));
        let run = checkout.run(next);
        assert!(run.status.success(), "{name}: {run:?}");
        let recovered = run.stderr.lines().filter(|line| line.starts_with("   Recovered ")).count();
        assert_eq!(recovered, usize::from(pending), "{name}: {run:?}");
        let state = checkout.state();
        let is_new = state == self.new;
        assert!(
            is_new || state == self.old,
            "{name}: neither the state before nor the one after: {state:#?}"
        );
        assert!(is_new || !(acknowledged || decided), "{name}: what was decided is gone");

        // Nobody left a lock behind, nor anything else.
        let next = checkout.ok(&["create", "zz/next", "--type", "blob_bank"]);
        checkout.has_no_leftovers(name);
        assert!(!journal::is_pending(&checkout.project), "{name}");
        seen.rounds += 1;
        seen.pending += usize::from(decided);
        *(if is_new { &mut seen.new } else { &mut seen.old }) += 1;
        seen.next = seen.next.max(next.took);
    }
}

impl Seen {
    fn add(&mut self, other: &Self) {
        self.rounds += other.rounds;
        self.pending += other.pending;
        self.again += other.again;
        self.old += other.old;
        self.new += other.new;
        self.next = self.next.max(other.next);
    }
}

/// All rounds of one mutation.
fn kill(n: usize) -> Seen {
    let (name, command) = KINDS[n];
    let kind = Kind::new(name, command);
    let mut dice = Dice::new(SEED + n as u64);
    let mut seen = Seen::default();
    for _ in 0..AT_RANDOM {
        let most = usize::try_from(kind.took.as_micros()).unwrap();
        kind.kill_after(Duration::from_micros(dice.below(most + 1) as u64), &mut seen);
    }
    for micros in AIMED {
        kind.kill_in_the_change(Duration::from_micros(micros), &mut seen);
    }
    assert!(seen.pending > 0, "{name}: no kill came into the change");
    seen
}

#[test]
fn a_killed_command_leaves_the_project_before_it_or_after_it_and_the_next_one_says_what_it_recovered() {
    let begun = Instant::now();
    let mut all = Seen::default();
    // Two at a time: the disk is waited for more than anything else.
    for several in (0..KINDS.len()).collect::<Vec<_>>().chunks(2) {
        std::thread::scope(|scope| {
            let kinds: Vec<_> = several.iter().map(|n| scope.spawn(|| kill(*n))).collect();
            for (n, kind) in several.iter().zip(kinds) {
                let seen = kind.join().unwrap();
                println!("{}: {seen:?}", KINDS[*n].0);
                all.add(&seen);
            }
        });
    }
    println!("all, in {}, {:?}: {all:?}", std::env::temp_dir().display(), begun.elapsed());
    tally("durability, killed in a change", all.rounds, SEED);
}
