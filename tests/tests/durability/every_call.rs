//! Every mutation, killed at each of its system calls that says or leaves something, and then what
//! recovers from that, killed at each of its own that leaves something.
//!
//! Where [`super::killed`] takes what the clock gives, here no change is left out: the calls of a run that
//! nobody disturbs are counted, and as many runs die, one at each. In memory, where the system has such
//! a folder: what counts is the order of the calls, not what they cost.

use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::process::{Child, Command, Output};
use std::time::{Duration, Instant};

use packer_tests::dice::Dice;
use packer_tests::strace::{Call, Strace, calls};
use packer_tests::{journal, skip, tally};

use super::checkout::{HUNG, in_memory, start};
use super::kinds::{Before, KINDS, Kind, Recovered, Scene};

const SEED: u64 = 0x0e11_0003;

/// Of each mutation, how many of the interrupted changes it can leave are recovered from under fire.
const SAMPLED: usize = 2;

/// Of the calls that only open what is there, one in so many is taken: between them nothing changes.
const OPENS: usize = 3;

/// What a mutation came to, call by call.
#[derive(Debug, Default)]
struct Seen {
    /// Kills of the mutation.
    kills: usize,
    /// How many of them left a change that was decided and not done.
    pending: usize,
    /// Kills of what recovers.
    again: usize,
    /// Kills after which the project was as before.
    old: usize,
}

/// Runs it to its end, and everything that it started with it.
#[track_caller]
fn run(mut command: Command, name: &str) -> Output {
    // A group of its own: the tracer can be killed with what it traces.
    command.process_group(0);
    let mut child = start(command);
    let begun = Instant::now();
    while child.try_wait().unwrap().is_none() {
        if begun.elapsed() > HUNG {
            kill_group(&mut child);
            panic!("{name}: it hangs: {:?}", child.wait_with_output());
        }
        std::thread::sleep(Duration::from_micros(200));
    }
    child.wait_with_output().unwrap()
}

fn kill_group(child: &mut Child) {
    let group = format!("-{}", child.id());
    // Without the program, at least the child itself dies.
    let _ = Command::new("kill").args(["-KILL", "--", &group]).status();
    let _ = child.kill();
}

/// One mutation at the range.
struct Range<'a> {
    strace: &'a Strace,
    scene: Scene,
}

impl Range<'_> {
    /// The calls of that command when nobody disturbs it.
    fn calls_of(&self, arguments: &[&str]) -> Vec<Call> {
        let log = self.scene.checkout.top.join("calls");
        let command = self.strace.listening(&self.scene.checkout.command(arguments), &log);
        let name = self.scene.kind.name;
        let output = run(command, name);
        assert!(output.status.success(), "{name}: {output:?}");
        calls(&std::fs::read_to_string(log).unwrap())
    }

    /// Kills that command at that call: what it had said by then, or nothing when it came to its end.
    fn kill(&self, arguments: &[&str], at: &Call, name: &str) -> Output {
        let output = run(self.strace.killing(&self.scene.checkout.command(arguments), at), name);
        assert_eq!(output.status.signal(), Some(9), "{name}: it did not get there: {output:?}");
        output
    }

    /// The mutation, at each of its calls.
    fn mutation(&self, dice: &mut Dice, seen: &mut Seen) {
        let Kind { name, command, .. } = self.scene.kind;
        self.scene.reset();
        let mut points = self.calls_of(command);
        points.retain(|at| at.changes || at.name != "openat" || dice.once_in(OPENS));
        let mut interrupted = Vec::new();
        let mut was_new = false;
        for (n, at) in points.iter().enumerate() {
            let name = format!("{name}, killed at {} {}, call {n}", at.name, at.nth);
            self.scene.reset();
            let output = self.kill(command, at, &name);
            let told = !output.stderr.is_empty() || !output.stdout.is_empty();
            let decided = journal::is_pending(&self.scene.checkout.project);
            if decided {
                interrupted.push(at);
            }
            // Whoever comes next recovers, whatever it came for.
            let next = if n % 2 == 0 { self.scene.reading() } else { self.scene.diagnosing() };
            let Recovered { is_new, .. } = self.scene.recovers(next, &name);
            assert!(is_new || !(told || decided), "{name}: what was decided is gone: {output:?}");
            assert!(is_new || !was_new, "{name}: a later kill left an earlier state");
            was_new = is_new;
            seen.kills += 1;
            seen.pending += usize::from(decided);
            seen.old += usize::from(!is_new);
        }
        // What comes after an `init` that died is an `init`.
        let was_old = seen.old > 0 || self.scene.kind.project == Before::Nothing;
        assert!(was_new && was_old && !interrupted.is_empty(), "{name}: {seen:?}");
        dice.shuffle(&mut interrupted);
        for at in interrupted.into_iter().take(SAMPLED) {
            self.recovery(at, seen);
        }
    }

    /// What recovers from a kill at that call, at each of its own.
    fn recovery(&self, first: &Call, seen: &mut Seen) {
        let Kind { name, command, .. } = self.scene.kind;
        let name = format!("{name}, killed at {} {}", first.name, first.nth);
        let interrupt = || {
            self.scene.reset();
            self.kill(command, first, &name);
        };
        interrupt();
        let next = self.scene.reading();
        for at in self.calls_of(next).into_iter().filter(|at| at.changes) {
            let name = format!("{name}; what recovered was killed at {} {}", at.name, at.nth);
            interrupt();
            self.kill(next, &at, &name);
            let Recovered { is_new, .. } = self.scene.recovers(next, &name);
            assert!(is_new, "{name}: what was decided is gone");
            seen.again += 1;
        }
    }
}

#[test]
fn a_command_killed_at_any_system_call_leaves_the_project_before_it_or_after_it() {
    let suite = "durability, killed at every system call";
    let strace = match Strace::find() {
        Ok(strace) => strace,
        Err(why) => return skip(suite, &why),
    };
    let begun = Instant::now();
    let queue = std::sync::atomic::AtomicUsize::new(0);
    let worker = || {
        let mut all = Seen::default();
        while let Some(kind) = KINDS.get(queue.fetch_add(1, std::sync::atomic::Ordering::Relaxed)) {
            let mut seen = Seen::default();
            let mut dice = Dice::new(SEED + kind.name.len() as u64);
            Range { strace: &strace, scene: Scene::new(kind, &in_memory()) }.mutation(&mut dice, &mut seen);
            println!("{}: {seen:?}", kind.name);
            all.add(&seen);
        }
        all
    };
    let mut all = Seen::default();
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..2).map(|_| scope.spawn(worker)).collect();
        for worker in workers {
            all.add(&worker.join().unwrap());
        }
    });
    println!("all, in {}, {:?}: {all:?}", in_memory().display(), begun.elapsed());
    assert!(all.kills + all.again >= 1000, "{all:?}");
    tally(suite, all.kills + all.again, SEED);
}

impl Seen {
    fn add(&mut self, other: &Self) {
        self.kills += other.kills;
        self.pending += other.pending;
        self.again += other.again;
        self.old += other.old;
    }
}
