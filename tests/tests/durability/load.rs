//! Thousands of changes by several processes, hundreds of thousands of readings beside them, and
//! `kill -9` into all of it.
//!
//! Each writer has assets of its own ([`packer_tests::load`]), so what the project must be is known after
//! every kill: everything that was acknowledged, and of what was under way all or nothing. Two writers go
//! through the library in a program of their own, since ten thousand starts of the command would take
//! too long; one is the command itself. Readers look for anything torn, and for anything that went back.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{BufRead as _, BufReader};
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::{Child, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use packer_tests::dice::Dice;
use packer_tests::load::{Lot, PAIR, Step, View, host, put, root};
use packer_tests::{cargo, say, tally};
use prometeu_packer::Project;
use prometeu_packer::mutate::Mutation;
use prometeu_packer::ops::Status;

use super::checkout::{Checkout, HUNG, in_memory, start};

const SEED: u64 = 0x0e11_0004;

/// Writers that go through the library.
const WORKERS: usize = 2;

/// And the one that is the command.
const WRITERS: usize = WORKERS + 1;

/// How long a process lives until it is killed, at most, in microseconds.
const LIFE: usize = 800_000;

/// From here on nothing goes on any more, however busy the machine is.
const LIMIT: Duration = Duration::from_secs(900);

/// What is asked of a campaign: it goes on until there were as many.
struct Goal {
    commits: usize,
    snapshots: usize,
}

/// A campaign against one project.
struct Campaign {
    checkout: Checkout,
    begun: Instant,
    is_over: AtomicBool,
    /// The number of the last process.
    processes: AtomicU32,
    /// How far each writer's root has moved, as far as that was acknowledged.
    moved: Vec<AtomicU64>,
    /// Every id that was ever given out.
    ids: Mutex<BTreeSet<u32>>,
    commits: AtomicUsize,
    /// Of those, the ones by the command.
    by_command: AtomicUsize,
    kills: AtomicUsize,
    /// Kills in a change that was then found done, and not done.
    finished: AtomicUsize,
    undone: AtomicUsize,
    from_disk: AtomicUsize,
    from_memory: AtomicUsize,
    /// How long the lock of a killed holder was not free, in microseconds.
    locked: Mutex<Vec<u64>>,
}

/// A writer's lot as it was acknowledged, and what it began after that.
#[derive(Debug)]
struct Account {
    lot: Lot,
    begun: Option<Step>,
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Campaign {
    fn new(parent: &Path) -> Self {
        let checkout = Checkout::empty(parent);
        checkout.ok(&["init", "--yes"]);
        let mut next_id = 1;
        for writer in 0..WRITERS {
            for name in ["at0", PAIR] {
                checkout.ok(&["create", &root(writer, name), "--type", "blob_bank"]);
                next_id += 1;
            }
        }
        Self {
            checkout,
            begun: Instant::now(),
            is_over: AtomicBool::new(false),
            processes: AtomicU32::new(0),
            moved: (0..WRITERS).map(|_| AtomicU64::new(0)).collect(),
            ids: Mutex::new((1..next_id).collect()),
            commits: AtomicUsize::new(0),
            by_command: AtomicUsize::new(0),
            kills: AtomicUsize::new(0),
            finished: AtomicUsize::new(0),
            undone: AtomicUsize::new(0),
            from_disk: AtomicUsize::new(0),
            from_memory: AtomicUsize::new(0),
            locked: Mutex::new(Vec::new()),
        }
    }

    fn is_over(&self) -> bool {
        self.is_over.load(Ordering::Acquire)
    }

    /// Everything at once, until the goal is reached or somebody has failed.
    fn run(&self, goal: &Goal, seed: u64) {
        let dice = |n: usize| Dice::new(seed + n as u64);
        std::thread::scope(|scope| {
            let mut threads = Vec::new();
            for writer in 0..WORKERS {
                threads.push(scope.spawn(move || self.guarded(|| self.works(writer, &mut dice(writer)))));
            }
            threads.push(scope.spawn(move || self.guarded(|| self.commands(WORKERS, &mut dice(WORKERS)))));
            threads.push(scope.spawn(move || self.guarded(|| self.reads(&mut dice(WRITERS)))));
            threads.push(scope.spawn(move || self.guarded(|| self.watches())));
            while !self.is_over() {
                std::thread::sleep(Duration::from_millis(10));
                let snapshots = &[&self.from_disk, &self.from_memory];
                let snapshots: usize = snapshots.iter().map(|count| count.load(Ordering::Relaxed)).sum();
                let commits = self.commits.load(Ordering::Relaxed);
                let is_done = commits >= goal.commits && snapshots >= goal.snapshots;
                if is_done || self.begun.elapsed() > LIMIT {
                    self.is_over.store(true, Ordering::Release);
                }
            }
            for thread in threads {
                if let Err(panic) = thread.join() {
                    std::panic::resume_unwind(panic);
                }
            }
        });
        assert!(self.begun.elapsed() <= LIMIT, "after {LIMIT:?}: {}", self.said());
    }

    /// Who fails ends it for all.
    fn guarded(&self, work: impl FnOnce()) {
        struct Ends<'a>(&'a AtomicBool);
        impl Drop for Ends<'_> {
            fn drop(&mut self) {
                self.0.store(true, Ordering::Release);
            }
        }
        let _ends = Ends(&self.is_over);
        work();
    }

    fn next_process(&self) -> u32 {
        1 + self.processes.fetch_add(1, Ordering::Relaxed)
    }

    /// A process of the library's, not yet begun.
    fn work(&self, mode: &str, writer: Option<usize>) -> Child {
        let mut work = cargo::scrubbed(env!("CARGO_BIN_EXE_work"));
        work.arg(mode).arg(&self.checkout.project).arg(WRITERS.to_string());
        work.arg(self.next_process().to_string()).args(writer.map(|writer| writer.to_string()));
        work.stdout(Stdio::piped()).stderr(Stdio::inherit()).spawn().unwrap()
    }

    /// What the project is once whatever was interrupted is settled.
    fn settled(&self) -> View {
        let project = Project::open(host(self.next_process()), &self.checkout.project).unwrap();
        // It has nothing to do, and gets a turn all the same, in which everything is settled first.
        let response = project.change(&Mutation::InitWorkspace, false);
        assert_eq!(response.status, Status::Ok, "{response:?}");
        View::read(&project, WRITERS).unwrap_or_else(|why| panic!("torn: {why}"))
    }

    /// A writer that goes through the library, one process after the other.
    fn works(&self, writer: usize, dice: &mut Dice) {
        let mut account = self.open_account();
        while !self.is_over() {
            let mut child = self.work("write", Some(writer));
            let process = child.id();
            let said = BufReader::new(child.stdout.take().unwrap());
            account = std::thread::scope(|scope| {
                let listening = scope.spawn(|| self.listen(writer, said, account));
                let aimed = dice.once_in(2);
                std::thread::sleep(Duration::from_micros(dice.below(LIFE) as u64));
                if aimed {
                    self.await_holder(process);
                }
                self.kill(&mut child);
                listening.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
            });
            self.settle(writer, &mut account);
        }
    }

    /// A writer that is the command.
    fn commands(&self, writer: usize, dice: &mut Dice) {
        let mut account = self.open_account();
        let mut turn = 0;
        while !self.is_over() {
            let step = account.lot.next(turn);
            turn += 1;
            if let Step::Make(number) = step {
                put(&self.checkout.project, writer, number).unwrap();
            }
            account.begun = Some(step);
            let mut child = start(self.checkout.command(&step.command(writer, &account.lot)));
            if dice.once_in(8) {
                // Longer than it takes, for it may have to wait.
                std::thread::sleep(Duration::from_micros(dice.below(LIFE / 20) as u64));
                self.kill(&mut child);
            }
            let ended = super::checkout::Run::end(child, Instant::now());
            match ended.status.code() {
                Some(0) => {
                    self.by_command.fetch_add(1, Ordering::Relaxed);
                    let text = ended.text();
                    // Not what it says of somebody else's change that it finished before.
                    let mut own = text.lines().map(str::trim).filter(|line| line.starts_with("Registered "));
                    let id = own.find_map(|line| line.split("as asset ").nth(1)).map(|rest| {
                        let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
                        rest[..digits].parse().unwrap()
                    });
                    self.done(writer, &mut account, step, id.filter(|_| matches!(step, Step::Make(_))));
                }
                // Somebody else had the lock all the time.
                Some(75) => account.begun = None,
                code => {
                    assert_eq!((code, ended.status.signal()), (None, Some(9)), "{step}: {ended:?}");
                    self.settle(writer, &mut account);
                }
            }
        }
    }

    /// A reader of the disk, one process after the other.
    fn reads(&self, dice: &mut Dice) {
        while !self.is_over() {
            let mut child = self.work("read", None);
            let said = BufReader::new(child.stdout.take().unwrap());
            std::thread::scope(|scope| {
                let listening = scope.spawn(|| {
                    for line in said.lines().map_while(Result::ok) {
                        self.hears(&line);
                    }
                });
                std::thread::sleep(Duration::from_micros(2 * dice.below(LIFE) as u64));
                child.kill().unwrap();
                child.wait().unwrap();
                self.kills.fetch_add(1, Ordering::Relaxed);
                listening.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            });
        }
    }

    /// A reader that knows what was acknowledged before it began to read.
    fn watches(&self) {
        let project = Project::open_for_build(host(self.next_process()), &self.checkout.project).unwrap();
        let mut last: Option<View> = None;
        while !self.is_over() {
            let moved: Vec<u64> = self.moved.iter().map(|at| at.load(Ordering::Acquire)).collect();
            let view = View::read(&project, WRITERS).unwrap_or_else(|why| panic!("torn: {why}"));
            for (writer, (lot, at)) in view.lots.iter().zip(moved).enumerate() {
                assert!(lot.at >= at, "writer {writer}: lost: {lot:?}, and {at} was acknowledged");
            }
            if let Some(last) = &last {
                view.follows(last).unwrap_or_else(|why| panic!("went back: {why}"));
            }
            last = Some(view);
            self.from_disk.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn open_account(&self) -> Account {
        Account { lot: Lot { included: true, ..Lot::default() }, begun: None }
    }

    /// Hears a worker out.
    fn listen(&self, writer: usize, said: impl std::io::BufRead, mut account: Account) -> Account {
        for line in said.lines().map_while(Result::ok) {
            if let Some(step) = line.strip_prefix("try ") {
                account.begun = Some(step.parse().unwrap());
            } else if let Some(done) = line.strip_prefix("done ") {
                let (step, id) = match done.split_once(" as ") {
                    Some((step, id)) => (step, Some(id.parse().unwrap())),
                    None => (done, None),
                };
                let step = step.parse().unwrap();
                assert_eq!(account.begun, Some(step));
                self.done(writer, &mut account, step, id);
            } else {
                self.hears(&line);
            }
        }
        account
    }

    fn hears(&self, line: &str) {
        assert!(!line.starts_with("wrong"), "{line}");
        let mut counts = line.strip_prefix("read ").unwrap_or_default().split(' ').map(str::parse::<usize>);
        if let (Some(Ok(disk)), Some(Ok(memory))) = (counts.next(), counts.next()) {
            self.from_disk.fetch_add(disk, Ordering::Relaxed);
            self.from_memory.fetch_add(memory, Ordering::Relaxed);
        }
    }

    /// What was begun was acknowledged.
    fn done(&self, writer: usize, account: &mut Account, step: Step, id: Option<u32>) {
        account.lot = account.lot.after(step, id);
        account.begun = None;
        if let Some(id) = id {
            self.given(id);
        }
        self.moved[writer].store(account.lot.at, Ordering::Release);
        self.commits.fetch_add(1, Ordering::Relaxed);
    }

    fn given(&self, id: u32) {
        assert!(held(&self.ids).insert(id), "the id {id} was given out twice");
    }

    /// After a kill: everything that was acknowledged is there, and what was begun is there or not.
    fn settle(&self, writer: usize, account: &mut Account) {
        let found = self.settled().lots.swap_remove(writer);
        if found == account.lot {
            self.undone.fetch_add(usize::from(account.begun.is_some()), Ordering::Relaxed);
            account.begun = None;
            return;
        }
        let id = match account.begun {
            Some(Step::Make(number)) => found.made.get(&number).copied(),
            _ => None,
        };
        let after = account.begun.map(|step| account.lot.after(step, id));
        assert_eq!(Some(&found), after.as_ref(), "writer {writer}: lost or torn: {account:?}");
        if let Some(id) = id {
            self.given(id);
        }
        self.moved[writer].store(found.at, Ordering::Release);
        self.finished.fetch_add(1, Ordering::Relaxed);
        *account = Account { lot: found, begun: None };
    }

    /// Waits a little until that process has the lock.
    fn await_holder(&self, process: u32) {
        let begun = Instant::now();
        while !self.is_holder(process) && begun.elapsed() < Duration::from_millis(50) {
            std::thread::sleep(Duration::from_micros(100));
        }
    }

    /// Whether the last one that wrote down its name and did not take it away is that process.
    fn is_holder(&self, process: u32) -> bool {
        let holder = self.checkout.path("assets/.prometeu/local/holder.json");
        fs::read_to_string(holder).is_ok_and(|text| text.contains(&format!("process {process}\"")))
    }

    /// Kills it, and looks how long it takes until the lock can be had, if it was the one that had it.
    fn kill(&self, child: &mut Child) {
        let lock = File::open(self.checkout.path("assets/.prometeu/local/lock")).unwrap();
        let killed = Instant::now();
        child.kill().unwrap();
        let free = loop {
            if lock.try_lock().is_ok() {
                break killed.elapsed();
            }
            assert!(killed.elapsed() < HUNG, "the lock is not free {HUNG:?} after its holder was killed");
            std::thread::yield_now();
        };
        // Nobody can have had it since without writing another name there.
        let was_holder = self.is_holder(child.id());
        lock.unlock().unwrap();
        if was_holder {
            held(&self.locked).push(u64::try_from(free.as_micros()).unwrap());
        }
        child.wait().unwrap();
        self.kills.fetch_add(1, Ordering::Relaxed);
    }

    /// That everything is as it was acknowledged, when all is quiet.
    fn ends_well(&self) {
        let view = self.settled();
        for (lot, at) in view.lots.iter().zip(&self.moved) {
            assert_eq!(lot.at, at.load(Ordering::Acquire), "lost: {view:?}");
        }
        assert!(held(&self.ids).iter().all(|id| *id < view.next_id), "{view:?}");
        self.checkout.ok(&["doctor"]);
        self.checkout.ok(&["create", "zz/next", "--type", "blob_bank"]);
        self.checkout.has_no_leftovers("at the end");
    }

    fn said(&self) -> String {
        let count = |count: &AtomicUsize| count.load(Ordering::Relaxed);
        let mut locked = held(&self.locked).clone();
        locked.sort_unstable();
        let millis = |micros: Option<&u64>| micros.map_or(0.0, |micros| *micros as f64 / 1000.0);
        format!(
            "{} acknowledged commits ({} by the command), {} kills ({} in a change that was then done, {} in one \
             that was not), {} snapshots ({} from disk), 0 lost, 0 torn, 0 duplicate ids among {}, lock free after \
             at most {:.1} ms (median {:.1} ms, {} holders killed)",
            count(&self.commits),
            count(&self.by_command),
            count(&self.kills),
            count(&self.finished),
            count(&self.undone),
            count(&self.from_disk) + count(&self.from_memory),
            count(&self.from_disk),
            held(&self.ids).len(),
            millis(locked.last()),
            millis(locked.get(locked.len() / 2)),
            locked.len(),
        )
    }
}

#[test]
fn nothing_acknowledged_is_lost_and_nothing_torn_is_seen_while_processes_are_killed_under_load() {
    let places = [
        (in_memory(), Goal { commits: 9_600, snapshots: 190_000 }),
        (std::env::temp_dir(), Goal { commits: 400, snapshots: 10_000 }),
    ];
    let mut cases = 0;
    for (n, (place, goal)) in places.iter().enumerate() {
        let campaign = Campaign::new(place);
        campaign.run(goal, SEED + 0x100 * n as u64);
        campaign.ends_well();
        let said = campaign.said();
        say(&format!(
            "durability, under load: {said}, in {}, {:.0?}",
            place.display(),
            campaign.begun.elapsed()
        ));
        cases += campaign.commits.into_inner();
        cases += campaign.from_disk.into_inner() + campaign.from_memory.into_inner();
    }
    tally("durability, under load", cases, SEED);
}
