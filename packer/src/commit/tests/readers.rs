//! Readers while changes are made, one after the other: each sees a state that was committed, whole,
//! and none sees an earlier one than before.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use super::scenario::{ALL, Scenario};
use super::suite::{Tally, is_settled, on_all_cores, say, seed};
use crate::diagnostics::Code;
use crate::mutate::{Mutation, RelocateAsset, SetIncluded};
use crate::ops::list::{AssetRow, list};
use crate::ops::{ListRequest, Status};
use crate::path::AssetPath;
use crate::project::Project;
use crate::quarantine::Quarantined;
use crate::storage::faulty::FaultyStorage;
use crate::testing::Fixture;
use crate::workspace::Scope;

/// How many changes are made.
const CHANGES: usize = 300;

fn changes() -> impl Iterator<Item = Mutation> {
    let relocate = |to: &str| {
        let new_root = AssetPath::parse(to).unwrap();
        Mutation::RelocateAsset(RelocateAsset { asset: "1".into(), new_root })
    };
    let include =
        |included| Mutation::SetIncluded(SetIncluded { assets: vec!["2".into(), "3".into()], included });
    let round = move |n: usize| match n % 4 {
        0 => relocate("moved/deep/a"),
        1 => include(false),
        2 => relocate("a"),
        _ => include(true),
    };
    (0..CHANGES).map(round)
}

/// The registry's text of every committed state, the first included.
fn committed() -> Vec<Vec<u8>> {
    let fixture = Fixture::blobs(&["a", "b", "c"]);
    let project = fixture.project();
    let text = || fixture.files.content("/game/assets/.prometeu/index.json").unwrap();
    let mut states = vec![text()];
    for change in changes().take(4) {
        assert_eq!(project.change(&change, true).status, Status::Ok);
        states.push(text());
    }
    states
}

/// The position of a registry's text in the round of states: the first one as a person wrote it, then
/// four that come again and again.
fn position(states: &[Vec<u8>], text: &[u8]) -> usize {
    states.iter().position(|state| state == text).unwrap_or_else(|| {
        panic!("a state that nobody committed: {}", String::from_utf8_lossy(text));
    })
}

fn check(project: &Project, states: &[Vec<u8>]) -> usize {
    let seen = project.refresh(Scope::Workspace).unwrap();
    // While a change is under way they see the state before it, and that this is so.
    let mut found = seen.reports.iter().filter(|report| report.finding.code != Code::JournalUnfinished);
    assert_eq!(found.next(), None, "a mixture of two states");
    assert_eq!(seen.assets.len(), 3);
    position(states, seen.registry.bytes().unwrap())
}

#[test]
fn readers_see_committed_states_only_whole_and_in_order() {
    let states = committed();
    let fixture = Fixture::blobs(&["a", "b", "c"]);
    fixture.lane();
    let writer = fixture.patient_project(Duration::from_secs(60));
    let (done, made) = (AtomicBool::new(false), AtomicUsize::new(0));
    let (read, served) = (AtomicUsize::new(0), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        // Each with a project of its own, as another process has; and one who shares the writer's.
        for _ in 0..3 {
            scope.spawn(|| {
                let project = fixture.project_for_build();
                while !done.load(Ordering::Acquire) {
                    // A state comes again only after four changes, so who sees an earlier one than
                    // was committed when it began has been shown the past.
                    let before = made.load(Ordering::Acquire);
                    let at = check(&project, &states);
                    let after = made.load(Ordering::Acquire);
                    let possible: Vec<usize> =
                        (before..=after + 1).map(|n| if n == 0 { 0 } else { (n - 1) % 4 + 1 }).collect();
                    assert!(possible.contains(&at), "{at} is not among {possible:?}");
                    read.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        scope.spawn(|| {
            let mut last = None;
            while !done.load(Ordering::Acquire) {
                let response = writer.list_assets(&ListRequest::default());
                assert_eq!(response.status, Status::Ok, "{:?}", response.blockers);
                assert!(last <= Some(response.generation), "a generation went back");
                last = Some(response.generation);
                served.fetch_add(1, Ordering::Relaxed);
            }
        });
        for change in changes() {
            let response = writer.change(&change, true);
            assert_eq!(response.status, Status::Ok, "{:?}", response.blockers);
            made.fetch_add(1, Ordering::Release);
        }
        done.store(true, Ordering::Release);
    });
    let (read, served) = (read.into_inner(), served.into_inner());
    assert!(read > CHANGES && served > CHANGES, "{read}, {served}");
    say(&format!(
        "readers during {CHANGES} changes: {} cases, 0 failed, seed {} ({read} from the disk, {served} from a \
         snapshot)",
        read + served,
        seed()
    ));
}

/// The project of a scenario once its change is decided, and nothing of it done.
pub(super) fn decided(scenario: &Scenario) -> Fixture {
    (1..)
        .map(|at| {
            let fixture = (scenario.before)();
            fixture.lane();
            let disk = FaultyStorage::new(&fixture.files).die_at(at, false);
            drop(scenario.change(&fixture.project_on(Arc::new(disk), Duration::ZERO)));
            fixture.on(fixture.files.killed())
        })
        .find(|fixture| !is_settled(&fixture.files))
        .expect("some call is the one after which it is decided")
}

/// What a reader sees: the registry's text, every asset, and what is wrong. Not that a change is under
/// way, which some see and some do not.
#[derive(Debug, Clone, PartialEq, Eq)]
struct View {
    registry: Option<String>,
    assets: Vec<AssetRow>,
    found: Vec<(Code, Option<String>)>,
}

/// Reads the project on that disk, and says whether a change was under way.
fn read(fixture: &Fixture, disk: FaultyStorage) -> (View, bool) {
    let host = fixture.host_on(Arc::new(disk), Duration::ZERO);
    let seen = Project::open_for_build(host, Path::new("/game")).unwrap().refresh(Scope::Workspace);
    let seen = seen.unwrap_or_else(|error| panic!("reading fails: {error:?}"));
    let diagnostics = seen.diagnostics(false).into_iter();
    let found = diagnostics.map(|found| (found.code, found.file));
    let view = View {
        registry: seen.registry.text.as_ref().map(|text| text.as_str().to_owned()),
        // What is read from the journal's copy while a change is under way has no times.
        assets: list(&seen, &ListRequest::default())
            .into_iter()
            .map(|row| AssetRow { last_modified: None, ..row })
            .collect(),
        found: found.filter(|(code, _)| *code != Code::JournalUnfinished).collect(),
    };
    let hidden = view.assets.iter().find(|row| row.root.starts_with('.'));
    assert_eq!(hidden, None, "what is the packer's own is no asset");
    (view, seen.pending.is_some())
}

/// Lists what is in quarantine, and says whether a change was under way.
fn read_quarantine(fixture: &Fixture, disk: FaultyStorage) -> (Vec<Quarantined>, bool) {
    let host = fixture.host_on(Arc::new(disk), Duration::ZERO);
    let listed = Project::open_for_build(host, Path::new("/game")).unwrap().list_quarantined();
    assert_eq!(listed.status, Status::Ok, "{:?}", listed.blockers);
    let is_pending = listed.diagnostics.iter().any(|found| found.code == Code::JournalUnfinished);
    (listed.payload.unwrap(), is_pending)
}

/// That who reads while a change goes on sees the project before it or after it, and before it as long
/// as it is told to be under way. Before each call of the reader, the change goes on for so many calls.
fn check_readings<V: PartialEq + std::fmt::Debug>(
    tally: &Tally,
    scenario: &Scenario,
    read: fn(&Fixture, FaultyStorage) -> (V, bool),
) {
    let decided = decided(scenario);
    let calm = |fixture: &Fixture| read(fixture, FaultyStorage::new(&fixture.files));
    let (old, _) = calm(&(scenario.before)());
    let (new, _) = {
        let done = decided.on(decided.files.fork());
        drop(done.project());
        calm(&done)
    };
    let calls = |open: &dyn Fn(&Fixture, FaultyStorage)| {
        let fixture = decided.on(decided.files.fork());
        let disk = FaultyStorage::new(&fixture.files);
        open(&fixture, disk.clone());
        disk.calls()
    };
    let reads = calls(&|fixture, disk| drop(read(fixture, disk)));
    let steps = calls(&|fixture, disk| drop(fixture.project_on(Arc::new(disk), Duration::ZERO)));
    for at in 0..reads {
        // Another few steps each time, so that together they are all of them.
        for step in (at % STRIDE..=steps).step_by(usize::try_from(STRIDE).unwrap()) {
            tally.case(|| {
                let fixture = decided.on(decided.files.fork());
                let writer = fixture.clone();
                let disk = FaultyStorage::new(&fixture.files).before_each(move |files, call| {
                    if call.index == at {
                        let disk = FaultyStorage::new(files).die_at(step, false);
                        drop(writer.open_on(Arc::new(disk), Duration::ZERO));
                    }
                });
                let (seen, is_pending) = read(&fixture, disk);
                let is_whole = seen == old || (seen == new && !is_pending);
                let what = || format!("{}, before call {at}, {step} calls on", scenario.name);
                assert!(is_whole, "{}: {seen:?} is neither {old:?} nor {new:?}", what());
            });
        }
    }
}

/// From one number of calls of the change to the next.
const STRIDE: u64 = 17;

/// Changes of which a reader may see more than it should: that a folder is gone which the change removes,
/// or nothing but that the root was just removed for good.
const NOT_YET: &[&str] =
    &["undo a relocation", "undo a creation", "remove for good", "create in an empty folder"];

/// Changes that show a reader an entry in quarantine which holds nothing yet or any more, or that the root
/// was just moved.
const NOT_YET_IN_QUARANTINE: &[&str] = &[
    "remove",
    "remove for good",
    "quarantine",
    "quarantine beside another",
    "quarantine an orphan",
    "restore",
    "restore below folders that are gone",
    "undo a quarantine",
    "undo a restoration",
    "undo a removal for good",
];

fn check_all(what: &str, is_one: impl Fn(&str) -> bool, check: impl Fn(&Tally, &Scenario) + Sync) {
    let tally = Tally::default();
    let scenarios: Vec<&Scenario> = ALL.iter().filter(|scenario| is_one(scenario.name)).collect();
    assert!(!scenarios.is_empty());
    on_all_cores(&scenarios, |scenario| check(&tally, scenario));
    tally.report(what);
    assert!(tally.cases() > 70 * scenarios.len() as u64, "{}", tally.cases());
}

#[test]
fn who_reads_while_a_change_goes_on_sees_nothing_of_it() {
    let check = |tally: &Tally, scenario: &Scenario| check_readings(tally, scenario, read);
    check_all("readings while a change goes on", |name| !NOT_YET.contains(&name), check);
}

#[test]
fn who_reads_while_a_change_removes_something_sees_nothing_of_it() {
    let check = |tally: &Tally, scenario: &Scenario| check_readings(tally, scenario, read);
    check_all("readings while a change removes something", |name| NOT_YET.contains(&name), check);
}

#[test]
fn who_lists_the_quarantine_while_something_else_is_changed_sees_nothing_of_it() {
    let check = |tally: &Tally, scenario: &Scenario| check_readings(tally, scenario, read_quarantine);
    let is_one = |name: &str| ["exclude two", "relocate beside", "forget"].contains(&name);
    check_all("lists of the quarantine while something else is changed", is_one, check);
}

#[test]
fn who_lists_the_quarantine_while_it_is_changed_sees_nothing_of_it() {
    let check = |tally: &Tally, scenario: &Scenario| check_readings(tally, scenario, read_quarantine);
    let is_one = |name: &str| NOT_YET_IN_QUARANTINE.contains(&name);
    check_all("lists of the quarantine while it is changed", is_one, check);
}

#[test]
fn a_project_can_be_shared_between_threads() {
    fn shared<T: Send + Sync + 'static>() {}
    shared::<Project>();
    shared::<Arc<crate::snapshot::Snapshot>>();
}
