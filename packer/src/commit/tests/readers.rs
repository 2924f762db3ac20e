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
use crate::ops::{ListRequest, Status};
use crate::path::AssetPath;
use crate::project::Project;
use crate::snapshot::State;
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
    position(states, seen.registry.bytes.as_deref().unwrap())
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

const INDEX: &str = "/game/assets/.prometeu/index.json";

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

#[test]
fn who_reads_while_a_change_goes_on_sees_nothing_of_it() {
    let tally = Tally::default();
    on_all_cores(ALL, |scenario| {
        let decided = decided(scenario);
        let (old, new) = {
            let done = decided.on(decided.files.fork());
            drop(done.project());
            (decided.files.content(INDEX), done.files.content(INDEX))
        };
        let calls = |open: fn(&Fixture, FaultyStorage)| {
            let fixture = decided.on(decided.files.fork());
            let disk = FaultyStorage::new(&fixture.files);
            open(&fixture, disk.clone());
            disk.calls()
        };
        let read = |fixture: &Fixture, disk: FaultyStorage| {
            let host = fixture.host_on(Arc::new(disk), Duration::ZERO);
            Project::open_for_build(host, Path::new("/game")).unwrap().refresh(Scope::Workspace).unwrap()
        };
        let reads = calls(|fixture, disk| {
            let host = fixture.host_on(Arc::new(disk), Duration::ZERO);
            drop(
                Project::open_for_build(host, Path::new("/game")).unwrap().refresh(Scope::Workspace).unwrap(),
            );
        });
        let steps = calls(|fixture, disk| drop(fixture.project_on(Arc::new(disk), Duration::ZERO)));
        for at in 0..reads {
            for step in (0..=steps).step_by(7) {
                tally.case(|| {
                    let fixture = decided.on(decided.files.fork());
                    let writer = fixture.clone();
                    // Before one call of the reader, the change goes on for so many calls.
                    let disk = FaultyStorage::new(&fixture.files).before_each(move |files, call| {
                        if call.index == at {
                            let disk = FaultyStorage::new(files).die_at(step, false);
                            drop(writer.open_on(Arc::new(disk), Duration::ZERO));
                        }
                    });
                    let seen = read(&fixture, disk);
                    let what = format!("{}, before call {at}, {step} calls on", scenario.name);
                    let is_current = seen.state == State::Current;
                    let shown = &seen.registry.bytes;
                    assert_eq!(shown, if is_current { &new } else { &old }, "{what}");
                    let allowed = [Code::JournalUnfinished, Code::RegistryMissing];
                    let mut found = seen.reports.iter().map(|report| report.finding.code);
                    assert_eq!(found.find(|code| !allowed.contains(code)), None, "{what}");
                });
            }
        }
    });
    tally.report("readings while a change goes on");
    assert!(tally.cases() > 2_000);
}

#[test]
fn a_project_can_be_shared_between_threads() {
    fn shared<T: Send + Sync + 'static>() {}
    shared::<Project>();
    shared::<Arc<crate::snapshot::Snapshot>>();
}
