//! `kill -9` in the middle of every mutation, and whatever command comes next.
//!
//! On the disk that temporary files lie on, so that what is synced takes the time that it takes.

use std::os::unix::process::ExitStatusExt as _;
use std::process::Child;
use std::time::{Duration, Instant};

use packer_tests::dice::Dice;
use packer_tests::{journal, tally};

use super::checkout::{HUNG, start};
use super::kinds::{KINDS, Recovered, Scene};

const SEED: u64 = 0x0e11_0002;

/// Rounds of each mutation that are killed after any time at all.
const AT_RANDOM: usize = 18;

/// Rounds of each mutation that are killed so soon after its journal says `pending`, in microseconds.
const AIMED: [u64; 14] = [0, 0, 0, 50, 100, 150, 200, 300, 400, 600, 800, 1200, 1800, 2500];

/// One mutation under fire.
struct Target(Scene);

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

impl Target {
    fn begin(&self) -> Child {
        self.0.reset();
        start(self.0.checkout.command(self.0.kind.command))
    }

    /// Kills it after that time.
    fn kill_after(&self, delay: Duration, seen: &mut Seen) {
        let mut child = self.begin();
        std::thread::sleep(delay);
        child.kill().unwrap();
        self.look(child, &format!("{}, killed after {delay:?}", self.0.kind.name), seen);
    }

    /// Kills it so long after the change was decided.
    fn kill_in_the_change(&self, delay: Duration, seen: &mut Seen) {
        let mut child = self.begin();
        let name = self.0.kind.name;
        let begun = Instant::now();
        while !journal::is_pending(&self.0.checkout.project) && child.try_wait().unwrap().is_none() {
            if begun.elapsed() > HUNG {
                child.kill().unwrap();
                panic!("{name}: it hangs: {:?}", child.wait_with_output());
            }
        }
        let decided = Instant::now();
        while decided.elapsed() < delay {
            std::hint::spin_loop();
        }
        child.kill().unwrap();
        self.look(child, &format!("{name}, killed {delay:?} into the change"), seen);
    }

    fn look(&self, child: Child, name: &str, seen: &mut Seen) {
        let ended = child.wait_with_output().unwrap();
        let acknowledged = ended.status.success();
        assert!(acknowledged || ended.status.signal() == Some(9), "{name}: {ended:?}");
        let checkout = &self.0.checkout;
        let decided = journal::is_pending(&checkout.project);
        let next = self.0.reading();
        if decided && seen.pending.is_multiple_of(2) {
            // The one that recovers is killed as well, once it had time to begin.
            let mut child = start(checkout.command(next));
            std::thread::sleep(Duration::from_micros(1500 + 250 * seen.pending as u64));
            child.kill().unwrap();
            child.wait_with_output().unwrap();
            seen.again += usize::from(journal::is_pending(&checkout.project));
        }
        let Recovered { is_new, after } = self.0.recovers(next, name);
        assert!(is_new || !(acknowledged || decided), "{name}: what was decided is gone");
        seen.rounds += 1;
        seen.pending += usize::from(decided);
        *(if is_new { &mut seen.new } else { &mut seen.old }) += 1;
        seen.next = seen.next.max(after.took);
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
    let target = Target(Scene::new(&KINDS[n], &std::env::temp_dir()));
    let mut dice = Dice::new(SEED + n as u64);
    let mut seen = Seen::default();
    for _ in 0..AT_RANDOM {
        let most = usize::try_from(target.0.took.as_micros()).unwrap();
        target.kill_after(Duration::from_micros(dice.below(most + 1) as u64), &mut seen);
    }
    for micros in AIMED {
        target.kill_in_the_change(Duration::from_micros(micros), &mut seen);
    }
    assert!(seen.pending > 0, "{}: no kill came into the change", KINDS[n].name);
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
                println!("{}: {seen:?}", KINDS[*n].name);
                all.add(&seen);
            }
        });
    }
    println!("all, in {}, {:?}: {all:?}", std::env::temp_dir().display(), begun.elapsed());
    tally("durability, killed in a change", all.rounds, SEED);
}
