//! Readers while changes are made, one after the other: each sees a state that was committed, whole,
//! and none sees an earlier one than before.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use super::suite::{say, seed};
use crate::diagnostics::Code;
use crate::mutate::{Mutation, RelocateAsset, SetIncluded};
use crate::ops::{ListRequest, Status};
use crate::path::AssetPath;
use crate::project::Project;
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

#[test]
fn a_project_can_be_shared_between_threads() {
    fn shared<T: Send + Sync + 'static>() {}
    shared::<Project>();
    shared::<Arc<crate::snapshot::Snapshot>>();
}
