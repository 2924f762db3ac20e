//! What each operation tells, as sequences, held against the table in `docs/events.md`.

use std::sync::Arc;
use std::time::Duration;

use crate::commit::tests::scenario;
use crate::event::{Event, EventKind};
use crate::mutate::{Mutation, SetIncluded};
use crate::ops::{
    ConstantsRequest, DetailsRequest, DoctorRequest, ListRequest, Operation, OperationClass, PackContents,
    Status, ValidateRequest,
};
use crate::project::Project;
use crate::storage::faulty::{Failure, FaultyStorage, Repeat};
use crate::testing::Fixture;

const PAGE: &str = include_str!("../../../../docs/events.md");
const COLUMNS: [&str; 4] = ["done", "nothing to do", "stopped early", "stopped late"];

/// Operations of which the page tells two stories, with how it calls the second one.
const TWICE: [(Operation, &str); 2] = [
    (Operation::Doctor, "`doctor` with `fix`"),
    (Operation::Reconcile, "`reconcile` of what was interrupted"),
];

/// What the page says of an operation in a column: alternatives of an event, one after the other.
/// Nothing where there is a dash.
fn page(operation: Operation, column: &str) -> Vec<&'static str> {
    told_of(&format!("`{}`", operation.as_str()), column)
}

/// The same of a mutation: what mends is not what looks.
fn page_of_change(operation: Operation, column: &str) -> Vec<&'static str> {
    match operation {
        Operation::Doctor => told_of(TWICE[0].1, column),
        operation => page(operation, column),
    }
}

fn told_of(story: &str, column: &str) -> Vec<&'static str> {
    let heading = format!("| operation | {} |\n", COLUMNS.join(" | "));
    let (_, table) = PAGE.split_once(&heading).expect("the page has the table");
    let mut rows = table.lines().skip(1).take_while(|line| line.starts_with('|'));
    let first = format!("| {story} |");
    let row = rows.find(|row| row.starts_with(&first)).unwrap_or_else(|| panic!("no row {first}"));
    let at = COLUMNS.iter().position(|name| *name == column).unwrap();
    row.split('|').nth(at + 2).unwrap().split('`').skip(1).step_by(2).collect()
}

/// What was told, without progress. The numbers have no holes, the operation is one, and what ends it is
/// told once and last.
#[track_caller]
fn story(events: &[Event]) -> Vec<&'static str> {
    for (n, event) in (1..).zip(events) {
        assert_eq!(event.sequence, n, "{events:?}");
        assert_eq!(event.operation_id, events[0].operation_id);
    }
    let kinds = events.iter().filter(|event| event.kind.is_lifecycle()).map(|event| event.kind.name());
    let kinds: Vec<&str> = kinds.collect();
    let ends: &[&str] = match kinds.first() {
        Some(&"build_started") => &["build_finished"],
        _ => &["action_applied", "action_failed"],
    };
    let ended = kinds.iter().position(|kind| ends.contains(kind));
    // What only looks may tell what it found, and is done with that.
    let only_looked = !kinds.contains(&"preview_ready") && kinds.first() != Some(&"build_started");
    assert!(ended.map_or(only_looked, |at| at + 1 == kinds.len()), "{kinds:?}");
    kinds
}

#[track_caller]
fn check(fixture: &Fixture, operation: Operation, column: &str) {
    let told = story(&fixture.events.all());
    assert_eq!(told, page(operation, column), "{operation:?}, {column}");
}

#[track_caller]
fn check_change(fixture: &Fixture, operation: Operation, column: &str) {
    let told = story(&fixture.events.all());
    assert_eq!(told, page_of_change(operation, column), "{operation:?}, {column}");
}

#[test]
fn the_page_tells_the_story_of_every_operation() {
    for operation in Operation::ALL {
        let done = page(operation, "done");
        assert!(!done.is_empty() || operation.class() == OperationClass::ReadOnly, "{operation:?}");
        assert!(page(operation, "stopped early").contains(&"action_failed"), "{operation:?}");
    }
    for (_, second) in TWICE {
        assert!(!told_of(second, "done").is_empty());
    }
}

#[test]
fn a_mutation_that_changes_something_tells_its_plan_what_reads_see_and_that_it_was_applied() {
    for scenario in scenario::ALL {
        // Before anybody has read, and after.
        for is_read in [false, true] {
            let fixture = (scenario.before)();
            let project = fixture.project();
            if is_read {
                let _ = project.list_assets(&ListRequest::default());
            }
            drop(fixture.events.all());
            let response = scenario.change(&project);
            let events = fixture.events.all();
            assert_eq!(story(&events), page_of_change(response.operation, "done"), "{}", scenario.name);
            let generation = project.list_assets(&ListRequest::default()).generation;
            let state = project.snapshot().unwrap().state.as_str();
            let state = EventKind::SnapshotStateChanged { state, generation };
            assert_eq!(events[1].kind, state, "{}", scenario.name);
            assert_eq!(response.generation, generation);
        }
    }
}

#[test]
fn a_plan_that_is_shown_and_applied_tells_the_same_story() {
    for scenario in scenario::ALL {
        let fixture = (scenario.before)();
        let project = fixture.project();
        drop(fixture.events.all());
        let plan = project.preview(&(scenario.mutation)(), None).payload.unwrap().plan;
        assert_eq!(project.apply(&plan, true).status, Status::Ok);
        check_change(&fixture, plan.operation, "done");
    }
}

#[test]
fn a_mutation_with_nothing_to_do_tells_that_it_is_done() {
    let fixture = Fixture::blobs(&["a"]);
    let include = Mutation::SetIncluded(SetIncluded { assets: vec!["a".into()], included: true });
    for mutation in [Mutation::InitWorkspace, include] {
        assert_eq!(fixture.project().change(&mutation, true).status, Status::Ok);
        check(&fixture, mutation.operation(), "nothing to do");
    }
    let idle = Operation::ALL.into_iter().filter(|operation| !page(*operation, "nothing to do").is_empty());
    assert_eq!(
        idle.collect::<Vec<_>>(),
        [Operation::InitWorkspace, Operation::SetIncluded, Operation::Refresh, Operation::Pack]
    );
}

#[test]
fn a_mutation_that_is_stopped_before_its_plan_tells_that_alone() {
    for scenario in scenario::ALL {
        let fixture = (scenario.before)();
        let project = fixture.project();
        drop(fixture.events.all());
        fixture.cancel.all();
        let response = scenario.change(&project);
        assert_eq!(response.status, Status::Failed);
        check_change(&fixture, response.operation, "stopped early");
    }
}

#[test]
fn a_mutation_that_is_refused_or_fails_after_its_plan_tells_its_plan_and_why() {
    for scenario in scenario::ALL {
        // Nobody agrees.
        let fixture = (scenario.before)();
        let project = fixture.project();
        drop(fixture.events.all());
        let plan = project.preview(&(scenario.mutation)(), None).payload.unwrap().plan;
        let declined = project.decline(&plan);
        assert_eq!(declined.status, Status::Blocked);
        let events = fixture.events.all();
        assert_eq!(events.last().unwrap().kind, EventKind::ActionFailed { code: "consent-required" });
        assert_eq!(story(&events), page_of_change(plan.operation, "stopped late"), "{}", scenario.name);
        // The disk is full.
        let fixture = (scenario.before)();
        let disk = FaultyStorage::new(&fixture.files).fail_change(0, Failure::Enospc, Repeat::ForGood);
        let project = fixture.project_on(Arc::new(disk), Duration::ZERO);
        drop(fixture.events.all());
        let plan = project.preview(&(scenario.mutation)(), None).payload.unwrap().plan;
        assert_eq!(project.apply(&plan, true).status, Status::Failed, "{}", scenario.name);
        check_change(&fixture, plan.operation, "stopped late");
    }
}

#[test]
fn a_change_that_breaks_tells_what_reads_see_before_that_it_failed() {
    let scenario = scenario::ALL.iter().find(|scenario| scenario.name == "relocate beside").unwrap();
    let mut broken = 0;
    for at in 1..200 {
        let fixture = (scenario.before)();
        fixture.lane();
        let disk = FaultyStorage::new(&fixture.files).fail_change(at, Failure::Eio, Repeat::ForGood);
        let project = fixture.project_on(Arc::new(disk), Duration::ZERO);
        let _ = project.list_assets(&ListRequest::default());
        drop(fixture.events.all());
        let response = scenario.change(&project);
        let events = fixture.events.all();
        let told = story(&events);
        match response.status {
            Status::Ok => assert_eq!(told, page(response.operation, "done")),
            _ if told.len() == 2 => assert_eq!(told, page(response.operation, "stopped late")),
            _ => {
                assert_eq!(told, ["preview_ready", "snapshot_state_changed", "action_failed"]);
                let state = project.snapshot().unwrap().state.as_str();
                let generation = project.list_assets(&ListRequest::default()).generation;
                assert_eq!(events[1].kind, EventKind::SnapshotStateChanged { state, generation });
                assert_eq!(state, "reconciling");
                broken += 1;
            }
        }
    }
    assert!(broken > 0, "no change ever broke");
}

#[test]
fn a_change_after_which_nothing_can_be_read_tells_no_state() {
    let fixture = Fixture::blobs(&["a"]);
    fixture.lane();
    let exclude = Mutation::SetIncluded(SetIncluded { assets: vec!["a".into()], included: false });
    let calls = || {
        let fixture = Fixture::blobs(&["a"]);
        fixture.lane();
        let disk = FaultyStorage::new(&fixture.files);
        let project = fixture.project_on(Arc::new(disk.clone()), Duration::ZERO);
        let _ = project.list_assets(&ListRequest::default());
        assert_eq!(project.change(&exclude, true).status, Status::Ok);
        disk.calls()
    };
    let mut untold = 0;
    for at in 0..calls() {
        let fixture = Fixture::blobs(&["a"]);
        fixture.lane();
        let disk = FaultyStorage::new(&fixture.files).fail_call(at, Failure::Eio, Repeat::Once);
        let Ok(project) = fixture.open_on(Arc::new(disk), Duration::ZERO) else { continue };
        let _ = project.list_assets(&ListRequest::default());
        drop(fixture.events.all());
        if project.change(&exclude, true).status != Status::Ok {
            continue;
        }
        match &story(&fixture.events.all())[..] {
            ["preview_ready", "action_applied"] => untold += 1,
            told => assert_eq!(told, page(Operation::SetIncluded, "done")),
        }
    }
    assert!(untold > 0, "the snapshot could always be read");
}

#[test]
fn a_read_tells_what_it_found_or_nothing_and_that_it_was_stopped() {
    type Read = fn(&Project) -> Status;
    let reads: [(Operation, Read); 8] = [
        (Operation::ListAssets, |project| project.list_assets(&ListRequest::default()).status),
        (Operation::ListQuarantined, |project| project.list_quarantined().status),
        (Operation::GetAssetDetails, |project| {
            project.get_asset_details(&DetailsRequest { asset: "a".into() }).status
        }),
        (Operation::Constants, |project| {
            let contents = PackContents::PackSet;
            project.constants(ConstantsRequest { strict: false, contents }).status
        }),
        (Operation::Doctor, |project| project.doctor(DoctorRequest::default()).status),
        (Operation::WorkspaceStatus, |project| project.workspace_status().status),
        (Operation::PackSummary, |project| project.pack_summary().status),
        (Operation::ValidatePack, |project| project.validate_pack(ValidateRequest::default()).status),
    ];
    for (operation, read) in reads {
        let fixture = Fixture::blobs(&["a"]);
        assert_eq!(read(&fixture.project()), Status::Ok);
        check(&fixture, operation, "done");
        fixture.cancel.all();
        assert_eq!(read(&fixture.project()), Status::Failed);
        check(&fixture, operation, "stopped early");
    }
}

#[test]
fn a_refresh_tells_which_assets_are_not_as_they_were_and_then_the_state() {
    let fixture = Fixture::blobs(&["a"]);
    let project = fixture.project();
    let _ = project.list_assets(&ListRequest::default());
    drop(fixture.events.all());
    assert_eq!(project.refresh_workspace().status, Status::Ok);
    check(&fixture, Operation::Refresh, "nothing to do");
    fixture.later();
    fixture.edit("a", "data.txt", "gone.txt");
    fixture.declare("b", "{}");
    assert_eq!(project.refresh_workspace().status, Status::Ok);
    let mut told = story(&fixture.events.all());
    told[..2].sort_unstable();
    let mut page = page(Operation::Refresh, "done");
    page[..2].sort_unstable();
    assert_eq!(told, page);
    fixture.cancel.all();
    assert_eq!(project.refresh_workspace().status, Status::Failed);
    check(&fixture, Operation::Refresh, "stopped early");
}

#[test]
fn what_somebody_did_meanwhile_is_told_by_whoever_reads_it() {
    type Reads = fn(&Project) -> Status;
    let readers: [Reads; 3] = [
        |project| project.doctor(DoctorRequest::default()).status,
        |project| project.pack(&crate::testing::request()).status,
        |project| {
            let exclude = SetIncluded { assets: vec!["b".into()], included: false };
            project.change(&Mutation::SetIncluded(exclude), false).status
        },
    ];
    for read in readers {
        let fixture = Fixture::blobs(&["a", "b"]);
        let project = fixture.project();
        let _ = project.list_assets(&ListRequest::default());
        drop(fixture.events.all());
        fixture.later();
        fixture.edit("a", "\"name\": \"a\"", "\"name\": \"A\"");
        assert_eq!(read(&project), Status::Ok);
        let told = fixture.events.all();
        story(&told);
        let changed: Vec<&str> = told
            .iter()
            .filter(|event| event.kind.name() == "asset_changed")
            .flat_map(|event| event.affected_assets.iter().map(|asset| asset.root.as_str()))
            .collect();
        assert_eq!(changed, ["a"]);
        assert_eq!(told.iter().filter(|event| event.kind.name() == "snapshot_state_changed").count(), 1);
    }
}

#[test]
fn a_pack_tells_when_it_began_what_it_did_and_how_it_ended() {
    let fixture = Fixture::blobs(&["a", "b"]);
    let done = page(Operation::Pack, "done");
    assert_eq!(done, ["build_started", "cache_hit", "cache_miss", "diagnostics_updated", "build_finished"]);
    for asset in ["cache_miss", "cache_hit"] {
        let response = fixture.pack();
        assert_eq!(response.status, Status::Ok);
        let events = fixture.events.all();
        assert_eq!(story(&events), [done[0], asset, asset, done[3], done[4]]);
        let of_assets = events.iter().filter(|event| event.kind.name() == asset);
        let roots: Vec<&str> = of_assets.map(|event| event.affected_assets[0].root.as_str()).collect();
        assert_eq!(roots, ["a", "b"]);
        let counted = events.iter().filter_map(|event| event.progress);
        let counted: Vec<_> =
            counted.map(|progress| (progress.done, progress.total, progress.unit)).collect();
        assert_eq!(counted, [(1, 2, "assets"), (2, 2, "assets")]);
        fixture.later();
    }
    fixture.edit("b", "data.txt", "gone.txt");
    assert_eq!(fixture.pack().status, Status::Blocked);
    let events = fixture.events.all();
    assert_eq!(story(&events), page(Operation::Pack, "stopped late"));
    let roots: Vec<&str> = events[1].affected_assets.iter().map(|asset| asset.root.as_str()).collect();
    assert_eq!(roots, ["b"], "only what something is wrong with");
    fixture.cancel.all();
    assert_eq!(fixture.pack().status, Status::Failed);
    check(&fixture, Operation::Pack, "stopped early");
}

#[test]
fn what_was_interrupted_is_settled_under_an_operation_of_its_own() {
    let scenario = scenario::ALL.iter().find(|scenario| scenario.name == "register").unwrap();
    let mut finished = 0;
    for at in 1..200 {
        let fixture = (scenario.before)();
        fixture.lane();
        let disk = FaultyStorage::new(&fixture.files).die_at(at, false);
        drop(scenario.change(&fixture.project_on(Arc::new(disk), Duration::ZERO)));
        let left = fixture.on(fixture.files.killed());
        let recovered = left.project().take_recovered();
        let events = left.events.all();
        match recovered {
            None => assert_eq!(events, []),
            Some(recovered) => {
                let column = if recovered.finished { "done" } else { "stopped late" };
                assert_eq!(story(&events), told_of(TWICE[1].1, column), "died at call {at}");
                finished += usize::from(recovered.finished);
            }
        }
    }
    assert!(finished > 0, "nothing was ever interrupted");
}
