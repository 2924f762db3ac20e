//! What the suites share: a seed, a line for each, both cores, and what must hold of any project that
//! a suite has been at.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use super::scenario::{Visible, visible};
use crate::commit::journal::{Found, Journal};
use crate::storage::faulty::Call;
use crate::storage::memory::MemoryStorage;
use crate::workspace::Layout;

/// What the environment says.
#[expect(clippy::disallowed_methods, reason = "a test is asked for another seed this way")]
fn variable(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{name} is a number")))
}

/// The seed of all suites, unless `PROMETEU_TEST_SEED` says another.
pub(super) fn seed() -> u64 {
    variable("PROMETEU_TEST_SEED").unwrap_or(20_260_101)
}

/// How many times the usual number of sampled cases: `PROMETEU_TEST_SCALE`, for a night's run.
pub(super) fn scale() -> usize {
    variable("PROMETEU_TEST_SCALE").map_or(1, |scale| usize::try_from(scale).expect("it is small"))
}

/// Says a line that is also seen when all is well: what a test prints is shown of one that fails.
pub(in crate::commit) fn say(line: &str) {
    // Nobody can be told when standard error is gone.
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// Counts the cases of a suite, and keeps what failed.
#[derive(Debug, Default)]
pub(super) struct Tally {
    cases: AtomicU64,
    failed: AtomicU64,
    messages: Mutex<Vec<String>>,
}

/// So many failures are told in full.
const TOLD: usize = 8;

impl Tally {
    /// One case: it fails by a panic, and the next one goes on.
    pub(super) fn case(&self, case: impl FnOnce()) {
        self.cases.fetch_add(1, Ordering::Relaxed);
        let Err(panic) = catch_unwind(AssertUnwindSafe(case)) else { return };
        self.failed.fetch_add(1, Ordering::Relaxed);
        let text = panic.downcast_ref::<String>().cloned();
        let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
        let mut messages = self.messages.lock().unwrap_or_else(PoisonError::into_inner);
        let text = text.unwrap_or_default();
        // One of each sort is enough.
        let sort = |text: &str| {
            let line = text.lines().last().unwrap_or_default();
            line.chars().filter(|c| !c.is_ascii_digit()).take(60).collect::<String>()
        };
        if messages.len() < TOLD && messages.iter().all(|told| sort(told) != sort(&text)) {
            messages.push(text);
        }
    }

    /// A case that may turn out to be none.
    pub(super) fn sampled(&self, case: impl FnOnce() -> bool) {
        let mut is_one = true;
        self.case(|| is_one = case());
        if !is_one {
            self.cases.fetch_sub(1, Ordering::Relaxed);
        }
    }

    /// How many cases there were.
    pub(super) fn cases(&self) -> u64 {
        self.cases.load(Ordering::Relaxed)
    }

    /// Says how the suite went, in one line, and fails when a case did.
    #[track_caller]
    pub(super) fn report(&self, name: &str) {
        let failed = self.failed.load(Ordering::Relaxed);
        say(&format!("{name}: {} cases, {failed} failed, seed {}", self.cases(), seed()));
        let messages = self.messages.lock().unwrap_or_else(PoisonError::into_inner);
        assert_eq!(failed, 0, "{}", messages.join("\n\n"));
    }
}

/// Does the work of every job, on as many threads as there are cores.
pub(super) fn on_all_cores<T: Sync>(jobs: &[T], work: impl Fn(&T) + Sync) {
    let next = AtomicUsize::new(0);
    let worker = || {
        while let Some(job) = jobs.get(next.fetch_add(1, Ordering::Relaxed)) {
            work(job);
        }
    };
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..cores {
            scope.spawn(worker);
        }
    });
}

/// `SplitMix64`: what it draws depends on nothing but the seed.
#[derive(Debug, Clone)]
pub(super) struct Random(u64);

impl Random {
    /// One for each of many cases of a suite.
    pub(super) fn of(case: impl Hash) -> Self {
        let mut hasher = DefaultHasher::new();
        (seed(), case).hash(&mut hasher);
        Self(hasher.finish())
    }

    pub(super) fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `count`, which is not 0.
    pub(super) fn below(&mut self, count: usize) -> usize {
        usize::try_from(self.draw() % count as u64).expect("it is below a usize")
    }

    pub(super) fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }
}

/// What people see, with the uuids that a fixture makes up all alike: a change that begins anew draws
/// further ones. The two folders that the lane makes on its way to its own are left out.
pub(super) fn seen(files: &MemoryStorage) -> Visible {
    let mut seen = visible(files);
    for folder in ["/game/assets", "/game/assets/.prometeu"] {
        seen.remove(Path::new(folder));
    }
    for bytes in seen.values_mut().flatten() {
        *bytes = anonymous(bytes);
    }
    seen
}

/// The same bytes, made-up uuids all alike.
pub(super) fn anonymous(bytes: &[u8]) -> Vec<u8> {
    const MADE_UP: &[u8] = b"a55e0000-";
    const LENGTH: usize = 36;
    let mut bytes = bytes.to_vec();
    let mut at = 0;
    while at + LENGTH <= bytes.len() {
        if bytes[at..].starts_with(MADE_UP) {
            bytes[at + MADE_UP.len()..at + LENGTH].fill(b'x');
            at += LENGTH;
        }
        at += 1;
    }
    bytes
}

/// The call at which a writer has the lane: it writes down who it is.
pub(super) fn taken(calls: &[Call]) -> usize {
    let is_holder = |path: &PathBuf| path.ends_with("holder.json");
    calls.iter().position(|call| call.to.as_ref().is_some_and(is_holder)).expect("a writer says who it is")
}

/// Every path with its content: two that are equal go the same way from here.
pub(super) fn fingerprint(files: &MemoryStorage) -> u64 {
    let mut hasher = DefaultHasher::new();
    for path in files.paths() {
        files.content(&path).hash(&mut hasher);
        path.hash(&mut hasher);
    }
    hasher.finish()
}

/// What the journal says.
pub(super) fn journal(files: &MemoryStorage) -> Found {
    Journal::read(files, &Layout::new(Path::new("/game"))).expect("memory is read")
}

/// Whether nothing is under way.
pub(super) fn is_settled(files: &MemoryStorage) -> bool {
    matches!(journal(files), Found::Journal(journal) if journal.is_clean())
}

/// That nothing of ours lies about: no temporary file, nothing staged, no change under way, nobody who
/// is said to hold the lane.
#[track_caller]
pub(super) fn check_tidy(files: &MemoryStorage, case: &dyn Fn() -> String) {
    let ours = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let staged = Path::new("/game/assets/.prometeu/local/staged");
        name.contains(".pm-") || name == "holder.json" || (path.starts_with(staged) && path != staged)
    };
    let left: Vec<PathBuf> =
        files.paths().into_iter().filter(|path| path.starts_with("/game")).filter(ours).collect();
    assert_eq!(left, [] as [PathBuf; 0], "{}: left behind", case());
    assert!(is_settled(files), "{}: {:?}", case(), journal(files));
}

/// In what two states differ, for the message of a failed case.
pub(super) fn difference(is: &Visible, should: &Visible) -> String {
    let shown = |bytes: Option<&Option<Vec<u8>>>| match bytes {
        None => "nothing".to_owned(),
        Some(None) => "no file".to_owned(),
        Some(Some(bytes)) => format!("{:?}", String::from_utf8_lossy(&bytes[..bytes.len().min(400)])),
    };
    let both: BTreeMap<&PathBuf, ()> = is.keys().chain(should.keys()).map(|path| (path, ())).collect();
    let lines = both.keys().filter(|path| is.get(**path) != should.get(**path)).map(|path| {
        format!("  {}: is {}, should be {}", path.display(), shown(is.get(*path)), shown(should.get(*path)))
    });
    lines.collect::<Vec<_>>().join("\n")
}
