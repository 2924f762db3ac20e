//! Every change can be taken back.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::scenario::{self, Scenario, Visible, visible};
use super::suite::{difference, is_settled, say};
use crate::commit::journal::{Change, Journal, Move, Step};
use crate::commit::place::Place;
use crate::digest::Digest;
use crate::id::OperationId;
use crate::mutate::{CreateAsset, Mutation, PlanId, RemoveAsset};
use crate::ops::{BlockerCode, Operation, Status};
use crate::path::AssetPath;
use crate::schema::registry;
use crate::storage::faulty::FaultyStorage;
use crate::testing::Fixture;

const REGISTRY: &str = "/game/assets/.prometeu/index.json";

/// What people see, with the ids of `spent` spent, where an entry came or went.
fn but_for_spent_ids(mut seen: Visible, spent: &Visible) -> Visible {
    let next = |seen: &Visible| {
        let bytes = seen.get(Path::new(REGISTRY))?.clone()?;
        let registry = registry::read_bytes(bytes.clone()).1.registry?;
        let ids: Vec<_> = registry.assets.iter().map(|entry| entry.asset_id).collect();
        Some((registry.next_asset_id, String::from_utf8(bytes).ok()?, ids))
    };
    if let (Some((before, text, ids)), Some((after, _, then))) = (next(&seen), next(spent))
        && ids != then
    {
        let [before, after] = [before, after].map(|next| format!("\"next_asset_id\": {next}"));
        assert!(text.contains(&before), "{text}");
        seen.insert(REGISTRY.into(), Some(text.replace(&before, &after).into_bytes()));
    }
    seen
}

fn check_back(scenario: &Scenario, fixture: &Fixture, back: &Mutation, before: &Visible, after: &Visible) {
    let response = fixture.project().change(back, true);
    assert_eq!(response.status, Status::Ok, "{}: {:?}", scenario.name, response.blockers);
    let (is, should) = (visible(&fixture.files), but_for_spent_ids(before.clone(), after));
    assert!(is == should, "{}: {back:?}\n{}", scenario.name, difference(&is, &should));
}

#[test]
fn every_change_is_taken_back_to_the_byte_but_for_ids_that_are_spent() {
    let mut cases = 0;
    for scenario in scenario::ALL {
        let fixture = (scenario.before)();
        let before = visible(&fixture.files);
        let response = scenario.change(&fixture.project());
        assert_eq!(response.status, Status::Ok, "{}: {:?}", scenario.name, response.blockers);
        let after = visible(&fixture.files);
        assert_ne!(before, after, "{}", scenario.name);
        let Some(way_back) = response.proposed_actions.first() else {
            assert_eq!(response.operation, Operation::Undo);
            let again = fixture.project().change(&Mutation::UNDO_LAST, true);
            assert_eq!(again.blockers[0].code, BlockerCode::InvalidArgument, "{:?}", again.blockers);
            assert_eq!(visible(&fixture.files), after);
            continue;
        };
        if way_back.operation == Operation::RestoreAsset {
            let copy = fixture.on(fixture.files.fork());
            let entry = way_back.arguments[0].1.to_string();
            let restore = Mutation::RestoreAsset(crate::mutate::RestoreAsset { entry });
            let restored = copy.project().change(&restore, true);
            assert_eq!(restored.status, Status::Ok, "{}: {:?}", scenario.name, restored.blockers);
            let (is, mut should) = (visible(&copy.files), before.clone());
            // Its entries are the same; its layout is the packer's own.
            let registry = |seen: &Visible| {
                let bytes = seen[Path::new(REGISTRY)].clone().unwrap();
                registry::read_bytes(bytes).1.registry.unwrap().to_text()
            };
            assert_eq!(registry(&is), registry(&should), "{}", scenario.name);
            should.insert(REGISTRY.into(), is[Path::new(REGISTRY)].clone());
            assert!(is == should, "{}: {}", scenario.name, difference(&is, &should));
            cases += 1;
        }
        check_back(scenario, &fixture, &Mutation::UNDO_LAST, &before, &after);
        cases += 1;
    }
    say(&format!("changes taken back: {cases} cases, 0 failed"));
}

#[test]
fn what_was_removed_for_good_is_gone_with_the_next_change() {
    let purge = scenario::ALL.iter().find(|scenario| scenario.name == "remove for good").unwrap();
    let fixture = (purge.before)();
    assert_eq!(purge.change(&fixture.project()).status, Status::Ok);
    let kept = || fixture.files.paths().into_iter().filter(|path| path.ends_with("notes/idea.txt")).count();
    assert_eq!(kept(), 1, "it can be taken back");
    let root = AssetPath::parse("next").unwrap();
    let next = CreateAsset { root, family: "blob_bank".into(), name: None, from: None };
    assert_eq!(fixture.project().change(&Mutation::CreateAsset(next), false).status, Status::Ok);
    assert_eq!(kept(), 0, "{:?}", fixture.files.paths());
}

#[test]
fn a_way_back_that_somebody_else_wrote_removes_nothing() {
    let fixture = Fixture::blobs(&["a"]);
    fixture.lane();
    fixture.write("assets/wip/asset.json", "{}");
    let operation = OperationId::parse("0be00000-0000-7000-8000-000000000009").unwrap();
    let plan_id = PlanId::parse(&format!("{}.{operation}", Digest::of(b"x"))).unwrap();
    let step = Step::Move(Move {
        from: Place::Removed(operation),
        to: Place::Folder(AssetPath::parse("wip").unwrap()),
        made: Vec::new(),
        onto_empty: false,
        folder: None,
        tree: None,
    });
    let change = Change { plan_id, title: "something harmless".into(), takes_back: false, steps: vec![step] };
    let clean = Journal::clean(7, Some(operation));
    fixture.write("assets/.prometeu/local/journal", clean.encode());
    fixture.write("assets/.prometeu/local/last-change", clean.begun(Box::new(change)).encode());
    let response = fixture.project().change(&Mutation::UNDO_LAST, true);
    assert_eq!(response.blockers[0].code, BlockerCode::InvalidArgument, "{:?}", response.blockers);
    assert!(fixture.files.content("/game/assets/wip/asset.json").is_some());
}

#[test]
fn a_removal_that_is_taken_back_loses_nothing_although_its_old_place_is_a_link_by_now() {
    let purge = Mutation::RemoveAsset(RemoveAsset { asset: "ui/c".into(), purge: true });
    let mut given_back = 0;
    for at in 1..200 {
        let fixture = Fixture::blobs(&["a", "ui/c"]);
        fixture.lane();
        fixture.files.folder("/game/elsewhere");
        let disk = FaultyStorage::new(&fixture.files).die_at(at, false);
        drop(fixture.project_on(Arc::new(disk.clone()), Duration::ZERO).change(&purge, true));
        if !disk.died() {
            break;
        }
        let left = fixture.on(fixture.files.killed());
        let is_away = left.files.content("/game/assets/ui/c/data.txt").is_none();
        if !is_away || is_settled(&left.files) || left.shows_no("ui/c") {
            continue;
        }
        left.files.delete("/game/assets/ui");
        left.files.link("/game/assets/ui", "/game/elsewhere");
        drop(left.project());
        // Whoever comes next sweeps what nobody wants.
        assert_eq!(left.project().change(&Mutation::InitWorkspace, false).status, Status::Ok);
        let is_kept = |path: &std::path::PathBuf| left.files.content(path).as_deref() == Some(b"ui/c");
        assert!(left.files.paths().iter().any(is_kept), "died at {at}: {:?}", left.files.paths());
        given_back += 1;
    }
    assert!(given_back > 0);
}

impl Fixture {
    /// Whether the registry names no such root any more.
    fn shows_no(&self, root: &str) -> bool {
        let bytes = self.files.content(REGISTRY).unwrap();
        registry::read_bytes(bytes).1.registry.unwrap().assets.iter().all(|entry| entry.root.as_str() != root)
    }
}

#[test]
fn a_removal_whose_way_back_cannot_be_written_promises_none_and_deletes_nothing_yet() {
    let purge = scenario::ALL.iter().find(|scenario| scenario.name == "remove for good").unwrap();
    let fixture = (purge.before)();
    // Nothing can take the place of a folder.
    fixture.write("assets/.prometeu/local/last-change/x", "");
    let response = purge.change(&fixture.project());
    assert_eq!((response.status, response.proposed_actions.len()), (Status::Ok, 0));
    let is_idea = |path: &std::path::PathBuf| path.ends_with("notes/idea.txt");
    assert!(fixture.files.paths().iter().any(is_idea), "{:?}", fixture.files.paths());
}
