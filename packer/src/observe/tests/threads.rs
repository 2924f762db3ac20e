//! An observer at work beside others.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::super::Observer;
use crate::event::{Event, EventKind};
use crate::mutate::{CreateAsset, Mutation};
use crate::ops::Status;
use crate::path::AssetPath;
use crate::testing::{Fixture, blob, uuid};

const SOON: Duration = Duration::from_millis(1);

fn create(n: u32) -> Mutation {
    let root = AssetPath::parse(&format!("new/a{n}")).unwrap();
    Mutation::CreateAsset(CreateAsset { root, family: "blob_bank".into(), name: None, from: None })
}

/// Waits until `is_told` of what was told since the last time this was asked; all of that.
#[track_caller]
fn wait(fixture: &Fixture, is_told: impl Fn(&[Event]) -> bool) -> Vec<Event> {
    let began = Instant::now();
    let mut told = Vec::new();
    while !is_told(&told) {
        assert!(began.elapsed() < Duration::from_secs(30), "never told: {told:?}");
        std::thread::sleep(SOON);
        told.extend(fixture.events.all());
    }
    told
}

fn has(told: &[Event], kind: &str) -> bool {
    told.iter().any(|event| event.kind.name() == kind)
}

fn has_state(told: &[Event], wanted: &str) -> bool {
    let is_it =
        |kind: &EventKind| matches!(kind, EventKind::SnapshotStateChanged { state, .. } if *state == wanted);
    told.iter().any(|event| is_it(&event.kind))
}

#[test]
fn beside_the_projects_own_changes_an_observer_has_nothing_to_tell() {
    let fixture = Fixture::blobs(&["a"]);
    let project = Arc::new(fixture.project());
    project.snapshot().unwrap();
    let observer = Observer::start(Arc::clone(&project), Duration::ZERO).unwrap();
    let mut own = std::collections::BTreeSet::new();
    let mut last = 0;
    for n in 0..40 {
        let response = project.change(&create(n), false);
        assert_eq!(response.status, Status::Ok, "{:?}", response.blockers);
        assert!(response.generation.get() >= last, "a generation never goes back");
        last = response.generation.get();
        own.insert(response.operation_id);
    }
    drop(observer);
    let told = fixture.events.all();
    let others: Vec<&Event> = told.iter().filter(|event| !own.contains(&event.operation_id)).collect();
    assert!(others.is_empty(), "{others:?}");
    assert_eq!(told.len(), 120, "a plan, a state and an end of each change");
}

#[test]
fn what_somebody_else_does_is_told_once_and_as_one_operation() {
    let fixture = Fixture::blobs(&["a"]);
    fixture.later();
    let project = Arc::new(fixture.project());
    project.snapshot().unwrap();
    let observer = Observer::start(Arc::clone(&project), SOON).unwrap();
    fixture.write("assets/b/data.txt", "b");
    fixture.declare("b", &blob(&uuid(7), "b"));
    let told = wait(&fixture, |told| has_state(told, "stale") && has(told, "asset_discovered"));
    let of = told.iter().find(|event| has(std::slice::from_ref(event), "asset_discovered")).unwrap();
    assert_eq!(of.affected_assets[0].root.as_str(), "b");
    assert_eq!(of.sequence, 1);
    std::thread::sleep(Duration::from_millis(30));
    let again = fixture.events.all();
    assert!(!has(&again, "asset_discovered"), "{again:?}");
    let refreshed = project.refresh_workspace();
    let told = wait(&fixture, |told| {
        has_state(told, "current") && told.iter().any(|event| event.operation_id != refreshed.operation_id)
    });
    let generation = |event: &Event| match event.kind {
        EventKind::SnapshotStateChanged { generation, .. } => Some(generation),
        _ => None,
    };
    assert!(told.iter().filter_map(generation).all(|told| told == refreshed.generation), "{told:?}");
    drop(observer);
}

#[test]
fn another_process_is_never_seen_halfway() {
    let fixture = Fixture::blobs(&["a"]);
    fixture.lane();
    let project = Arc::new(fixture.project());
    project.snapshot().unwrap();
    let observer = Observer::start(Arc::clone(&project), Duration::ZERO).unwrap();
    let other = fixture.on(fixture.files.clone());
    let writer = other.patient_project(Duration::from_secs(60));
    for n in 0..25 {
        let response = writer.change(&create(n), false);
        assert_eq!(response.status, Status::Ok, "{:?}", response.blockers);
    }
    let told = wait(&fixture, |told| has_state(told, "stale"));
    drop(observer);
    // Half of a change would be a folder that nobody registered, or an entry without its folder.
    assert!(!has_state(&told, "diverged"), "{told:?}");
    let seen = project.observe().unwrap();
    assert_eq!((seen.state.as_str(), seen.divergences.len()), ("stale", 0));
    assert_eq!(seen.changes.len(), 25);
}

#[test]
fn an_observer_outlives_a_project_whose_folder_is_gone_and_comes_back() {
    let fixture = Fixture::blobs(&["a"]);
    fixture.later();
    let project = Arc::new(fixture.project());
    project.snapshot().unwrap();
    let observer = Observer::start(Arc::clone(&project), SOON).unwrap();
    let [here, away] = ["/game/assets", "/game/away"];
    fixture.files.rename_by_hand(here, away, crate::storage::Rename::New).unwrap();
    let gone = wait(&fixture, |told| has(told, "asset_changed"));
    assert!(has(&gone, "snapshot_state_changed"), "{gone:?}");
    fixture.files.rename_by_hand(away, here, crate::storage::Rename::New).unwrap();
    drop(wait(&fixture, |told| has_state(told, "current")));
    drop(observer);
}

#[test]
fn an_observer_looks_when_it_is_asked_and_ends_when_it_is_dropped() {
    let fixture = Fixture::blobs(&["a"]);
    fixture.later();
    let project = Arc::new(fixture.project());
    project.snapshot().unwrap();
    let observer = Observer::start(Arc::clone(&project), Duration::from_secs(3_600)).unwrap();
    std::thread::sleep(Duration::from_millis(30));
    fixture.edit("a", "\"name\": \"a\"", "\"name\": \"b\"");
    observer.look_now();
    drop(wait(&fixture, |told| has(told, "asset_changed")));
    let began = Instant::now();
    drop(observer);
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    assert_eq!(Arc::strong_count(&project), 1);
}
