//! Simulated crashes: every change, before every call that changes something, killed or with the
//! power cut, and again in the recovery of that.
//!
//! A trial makes a change on a disk that keeps a copy of itself before every call. Each copy is left by
//! a kill in one state, and by a power cut in many: any legal choice among what was not synced. Each
//! of those is judged: opened, it is the project before the change or after it, the latter for certain
//! once it was acknowledged; opened again, nothing changes; the next change works and leaves nothing
//! of ours behind. While it is recovered it is copied before every call in turn.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::readers::decided;
use super::scenario::{ALL, Scenario, Visible, visible};
use super::suite::{on_all_cores, say, scale, seed};
use crate::commit::journal::{Found, Journal};
use crate::diagnostics::Code;
use crate::mutate::Mutation;
use crate::ops::Status;
use crate::storage::faulty::{Call, FaultyStorage};
use crate::storage::memory::MemoryStorage;
use crate::testing::Fixture;
use crate::workspace::{Layout, Scope};

const INDEX: &str = "/game/assets/.prometeu/index.json";
const JOURNAL: &str = "/game/assets/.prometeu/local/journal";

/// A change that crashes, and how thoroughly.
#[derive(Debug, Clone, Copy)]
pub(super) struct Trial {
    pub(super) scenario: Scenario,
    /// Whether the lane's files are there already.
    pub(super) lane: bool,
    /// Whether the file system can exchange names.
    pub(super) exchange: bool,
    /// How many states of each power cut are looked at.
    pub(super) limit: usize,
    /// How many states of each power cut in a recovery are looked at; 0 for none. Of each moment one
    /// state is recovered with crashes.
    pub(super) nested: usize,
    pub(super) seed: u64,
}

/// How many states were judged.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Judged {
    pub(super) kills: usize,
    pub(super) cuts: usize,
    pub(super) in_recovery: usize,
    pub(super) edited: usize,
}

impl Judged {
    fn all(self) -> usize {
        self.kills + self.cuts + self.in_recovery + self.edited
    }

    fn add(&mut self, other: Self) {
        self.kills += other.kills;
        self.cuts += other.cuts;
        self.in_recovery += other.in_recovery;
        self.edited += other.edited;
    }
}

/// The project before and after the change.
#[derive(Debug)]
struct Ends {
    old: Visible,
    new: Visible,
    /// What is wrong with it before, or after: what is mended is wrong again when that is taken back.
    known: Vec<Code>,
}

/// What is there at one moment.
struct Moment {
    files: MemoryStorage,
    /// What is about to be done.
    next: String,
    acknowledged: bool,
    /// Whether somebody may have seen the state after the change.
    was_seen: bool,
}

impl Trial {
    /// Runs it on a disk that `spoil` may spoil; what went wrong first.
    pub(super) fn run(&self, spoil: impl FnOnce(FaultyStorage) -> FaultyStorage) -> Result<Judged, String> {
        let fixture = (self.scenario.before)();
        if self.lane {
            fixture.lane();
        }
        let fixture =
            if self.exchange { fixture } else { fixture.on(fixture.files.fork().without_exchange()) };
        let (old, known) = (visible(&fixture.files), known(&self.scenario, &fixture));
        let (disk, moments) = recorded(&fixture.files, spoil);
        let response = self.scenario.change(&fixture.project_on(Arc::new(disk), Duration::ZERO));
        if response.status != Status::Ok {
            return Err(format!("without a crash: {:?}", response.blockers));
        }
        self.judge_all(&fixture, &Ends { old, new: visible(&fixture.files), known }, take(&moments))
    }

    /// The same for the recovery of the change, which was decided and no more, by a process that died
    /// before even its journal was durable.
    pub(super) fn run_recovery(
        &self,
        spoil: impl FnOnce(FaultyStorage) -> FaultyStorage,
    ) -> Result<Judged, String> {
        let fixture = decided(&self.scenario);
        let (old, known) = (visible(&fixture.files), known(&self.scenario, &fixture));
        let (disk, moments) = recorded(&fixture.files, spoil);
        let recovered = fixture.project_on(Arc::new(disk), Duration::ZERO).take_recovered();
        if !recovered.as_ref().is_some_and(|recovered| recovered.finished) {
            return Err(format!("without a crash: {recovered:?}"));
        }
        self.judge_all(&fixture, &Ends { old, new: visible(&fixture.files), known }, take(&moments))
    }

    /// Judges what each of these moments may leave, and the end.
    fn judge_all(&self, fixture: &Fixture, ends: &Ends, moments: Vec<Moment>) -> Result<Judged, String> {
        let end = Moment {
            files: fixture.files.fork(),
            next: "the end".to_owned(),
            acknowledged: true,
            was_seen: true,
        };
        let mut judged = Judged::default();
        let mut seed = self.seed;
        // By the registry; a change of something else shows when it was acknowledged.
        let of = |ends: &Visible| ends.get(Path::new(INDEX)).cloned();
        let shows = of(&ends.old) != of(&ends.new);
        for mut moment in moments.into_iter().chain([end]) {
            // What somebody could see is durable, whether it was acknowledged yet or not.
            moment.was_seen =
                moment.acknowledged || shows && fixture.on(moment.files.killed()).shows(&ends.new);
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            judged.kills += 1;
            self.judge(fixture, ends, &moment, moment.files.killed())?;
            let states: Vec<MemoryStorage> = moment.files.crash_states(self.limit, seed).collect();
            judged.cuts += states.len();
            let again =
                states.get(usize::try_from(seed >> 33).unwrap() % states.len()).map(MemoryStorage::fork);
            for state in states {
                self.judge(fixture, ends, &moment, state)?;
            }
            if self.nested > 0 {
                let again = again.filter(|_| seed & 1 << 32 == 0).unwrap_or_else(|| moment.files.killed());
                judged.in_recovery += self.judge_recovery(fixture, ends, &moment, &again, seed)?;
            }
            if moment.acknowledged {
                self.judge_edited(fixture, ends, &moment, &mut judged)?;
            }
        }
        Ok(judged)
    }

    fn judge(
        &self,
        fixture: &Fixture,
        ends: &Ends,
        moment: &Moment,
        state: MemoryStorage,
    ) -> Result<(), String> {
        let left = state.fork();
        let told = |why: String| self.told(moment, &left, &why);
        let there = fixture.on(state);
        judge_reader(&there, ends, moment.acknowledged).map_err(told)?;
        judge_recovered(&there, ends, moment.was_seen).map_err(told)?;
        judge_next(&there).map_err(told)
    }

    /// Recovers what a crash left, with a crash before every call of that; how many states there were.
    fn judge_recovery(
        &self,
        fixture: &Fixture,
        ends: &Ends,
        moment: &Moment,
        state: &MemoryStorage,
        seed: u64,
    ) -> Result<usize, String> {
        if is_clean(state) {
            return Ok(0);
        }
        let (disk, moments) = recorded(&state.fork(), |disk| disk);
        drop(fixture.on(disk.memory().clone()).project_on(Arc::new(disk), Duration::ZERO));
        let mut judged = 0;
        for again in take(&moments) {
            let mut states: Vec<MemoryStorage> = again.files.crash_states(self.nested, seed).collect();
            // The sample begins with the extremes and the prefixes; a few of all are enough here.
            while states.len() > self.nested {
                states.swap_remove(usize::try_from(seed >> 32).unwrap() % states.len());
            }
            states.push(again.files.killed());
            judged += states.len();
            for state in states {
                let left = state.fork();
                judge_recovered(&fixture.on(state), ends, moment.was_seen).map_err(|why| {
                    self.told(moment, &left, &format!("and in recovery, before {}: {why}", again.next))
                })?;
            }
        }
        Ok(judged)
    }

    fn told(&self, moment: &Moment, state: &MemoryStorage, why: &str) -> String {
        let story = state.crash_story().join("\n  ");
        format!("{}, before {}: {why}\n  {story}", self.scenario.name, moment.next)
    }

    /// After the change was acknowledged a person undoes a part of it by hand, and then the power fails:
    /// nothing may come back.
    fn judge_edited(
        &self,
        fixture: &Fixture,
        ends: &Ends,
        moment: &Moment,
        judged: &mut Judged,
    ) -> Result<(), String> {
        let Some(Some(before)) = ends.old.get(Path::new(INDEX)) else { return Ok(()) };
        let files = moment.files.fork();
        files.write(INDEX, before.clone());
        let mut wanted = ends.new.clone();
        wanted.insert(INDEX.into(), Some(before.clone()));
        for state in files.crash_states(self.limit, self.seed) {
            judged.edited += 1;
            let story = state.crash_story();
            let there = fixture.on(state.killed());
            drop(there.project());
            if visible(&there.files) != wanted {
                let story = story.join("\n  ");
                return Err(format!("{}: what a person undid came back\n  {story}", self.scenario.name));
            }
        }
        Ok(())
    }
}

impl Fixture {
    /// Whether somebody who reads sees the registry of that state.
    fn shows(&self, state: &Visible) -> bool {
        let seen = self.project_for_build().refresh(Scope::Workspace);
        let registry = state.get(Path::new(INDEX)).cloned().flatten();
        seen.is_ok_and(|seen| seen.registry.bytes() == registry.as_deref())
    }
}

/// What is wrong before a change, and after one that nobody interrupts.
fn known(scenario: &Scenario, before: &Fixture) -> Vec<Code> {
    let after = before.on(before.files.fork());
    drop(scenario.change(&after.project()));
    [found(before), found(&after)].concat()
}

/// What a reader finds wrong.
fn found(fixture: &Fixture) -> Vec<Code> {
    let seen = fixture.project_for_build().refresh(Scope::Workspace);
    seen.map(|seen| seen.reports.iter().map(|report| report.finding.code).collect()).unwrap_or_default()
}

/// A disk that is copied before each call that changes something.
fn recorded(
    files: &MemoryStorage,
    spoil: impl FnOnce(FaultyStorage) -> FaultyStorage,
) -> (FaultyStorage, Arc<Mutex<Vec<Moment>>>) {
    let moments = Arc::new(Mutex::new(Vec::new()));
    let keep = Arc::clone(&moments);
    let disk = spoil(FaultyStorage::new(files)).before_each(move |files, call: &Call| {
        if call.change.is_some() {
            let next = format!("{:?} {}", call.method, call.path.display());
            keep.lock().unwrap().push(Moment {
                files: files.fork(),
                next,
                acknowledged: false,
                was_seen: false,
            });
        }
    });
    (disk, moments)
}

fn take(moments: &Mutex<Vec<Moment>>) -> Vec<Moment> {
    std::mem::take(&mut *moments.lock().unwrap())
}

fn is_clean(files: &MemoryStorage) -> bool {
    matches!(Journal::read(files, &Layout::new("/game")), Ok(Found::Journal(journal)) if journal.is_clean())
}

/// Somebody who only reads sees the old state or the new one, and nothing in between.
fn judge_reader(there: &Fixture, ends: &Ends, acknowledged: bool) -> Result<(), String> {
    let seen = there.project_for_build().refresh(Scope::Workspace).map_err(|error| error.to_string())?;
    let shown = seen.registry.bytes().map(<[u8]>::to_vec);
    let of = |ends: &Visible| ends.get(Path::new(INDEX)).cloned().flatten();
    if shown != of(&ends.new) && (acknowledged || shown != of(&ends.old)) {
        return Err("a reader sees neither the old nor the new registry".to_owned());
    }
    let allowed = [Code::JournalUnfinished, Code::RegistryMissing];
    let is_new = |code: Code| !allowed.contains(&code) && !ends.known.contains(&code);
    match seen.reports.iter().find(|report| is_new(report.finding.code)) {
        Some(report) => Err(format!("a reader finds {}", report.finding.code)),
        None => Ok(()),
    }
}

/// Whoever opens the project finds one of the two, and so does the next one.
fn judge_recovered(there: &Fixture, ends: &Ends, was_seen: bool) -> Result<(), String> {
    drop(there.project());
    let settled = visible(&there.files);
    if settled != ends.new && (was_seen || settled != ends.old) {
        return Err(format!("neither old nor new: {}", difference(&settled, &ends.old, &ends.new)));
    }
    if !is_clean(&there.files) {
        return Err("the journal is not clean".to_owned());
    }
    let journal = there.files.content(JOURNAL);
    drop(there.project());
    if visible(&there.files) != settled || there.files.content(JOURNAL) != journal {
        return Err("a second recovery changed something".to_owned());
    }
    Ok(())
}

/// The next change works, and leaves nothing of ours behind.
fn judge_next(there: &Fixture) -> Result<(), String> {
    // Done already or not, it takes the lane.
    let response = there.project().change(&Mutation::InitWorkspace, true);
    if response.status != Status::Ok {
        return Err(format!("the next change is refused: {:?}", response.blockers));
    }
    left_over(&there.files).map_or(Ok(()), |left| Err(format!("{left} is left over")))
}

/// Something of ours that should be gone.
pub(super) fn left_over(files: &MemoryStorage) -> Option<String> {
    let local = Path::new("/game/assets/.prometeu/local");
    let kept = ["", "lock", "gate", ".gitignore", "journal", "staged", "removed", "last-change"]
        .map(|name| local.join(name));
    files.paths().into_iter().find_map(|path| {
        // What the last change has removed for good can still be taken back.
        let removed = path.starts_with(&kept[6]);
        let ours = path.starts_with(local) && !kept.contains(&path) && !removed;
        (ours || path.to_string_lossy().contains(".pm-")).then(|| path.display().to_string())
    })
}

fn difference(found: &Visible, old: &Visible, new: &Visible) -> String {
    let of = |other: &Visible| {
        let paths: BTreeSet<_> = found.keys().chain(other.keys()).collect();
        let differ = paths.into_iter().filter(|path| found.get(*path) != other.get(*path));
        differ.map(|path| path.display().to_string()).collect::<Vec<_>>().join(", ")
    };
    format!("unlike the old in {}; unlike the new in {}", of(old), of(new))
}

#[test]
fn a_crash_at_any_point_leaves_the_old_state_or_the_new_one_and_never_loses_an_acknowledged_one() {
    let seed = seed();
    let mut trials = Vec::new();
    for scenario in ALL {
        for (lane, exchange) in [(true, true), (false, true), (true, false)] {
            let (limit, nested) = (60 * scale(), 7 * scale());
            trials.push(Trial { scenario: *scenario, lane, exchange, limit, nested, seed });
        }
    }
    let sum = Mutex::new(Judged::default());
    on_all_cores(&trials, |trial| {
        let judged = trial.run(|disk| disk).unwrap_or_else(|why| panic!("seed {seed}: {trial:?}\n{why}"));
        sum.lock().unwrap().add(judged);
    });
    let sum = sum.into_inner().unwrap();
    let (all, Judged { kills, cuts, in_recovery, edited }) = (sum.all(), sum);
    say(&format!(
        "crashes of a change: {all} cases, 0 failed, seed {seed} ({kills} kills, {cuts} power cuts, \
         {in_recovery} in a recovery, {edited} after an edit)"
    ));
    assert!(all >= 100_000, "{all}");
}
