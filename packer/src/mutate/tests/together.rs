//! What all plans have in common: consent, names, events, ways back, and a registry to be trusted.

use super::{
    adopt_as, adopt_as_new, changed, copied, done, forget, orphan, planned, purge, quarantine, refused,
    register, registry_now, relocate, remove, restore, root, set_included, text,
};
use crate::mutate::{CreateAsset, Mutation};
use crate::ops::{BlockerCode, Operation, Status};
use crate::testing::{Fixture, entry, uuid};

/// A change, and the project for it.
type Case = (fn() -> Fixture, Mutation);

fn away() -> Fixture {
    after(copied(), &quarantine("c"))
}

fn after(fixture: Fixture, mutation: &Mutation) -> Fixture {
    done(&fixture, mutation);
    fixture
}

fn create(at: &str) -> Mutation {
    Mutation::CreateAsset(CreateAsset { root: root(at), family: "blob_bank".into(), name: None, from: None })
}

/// Changes that take something from an asset, or move something.
fn with_consent() -> Vec<Case> {
    vec![
        (copied, forget("a")),
        (copied, remove("a")),
        (copied, purge("a")),
        (copied, relocate("a", "d")),
        (copied, quarantine("a")),
        (copied, quarantine("b")),
        (away, restore("c")),
        (copied, adopt_as("b", "a")),
        (|| after(copied(), &create("d")), Mutation::UNDO_LAST),
        (|| after(copied(), &adopt_as_new("b")), Mutation::UNDO_LAST),
        (|| after(copied(), &adopt_as("b", "a")), Mutation::UNDO_LAST),
        (|| after(copied(), &relocate("a", "d")), Mutation::UNDO_LAST),
        (|| after(copied(), &purge("a")), Mutation::UNDO_LAST),
        (away, Mutation::UNDO_LAST),
        (|| after(away(), &restore("c")), Mutation::UNDO_LAST),
    ]
}

/// Changes that only add something, or can be seen at a glance.
fn without_consent() -> Vec<Case> {
    vec![
        (copied, create("d")),
        (copied, adopt_as_new("b")),
        (copied, set_included(&["a"], false)),
        (Fixture::empty, Mutation::InitWorkspace),
        (|| after(copied(), &set_included(&["a"], false)), Mutation::UNDO_LAST),
        (|| after(copied(), &forget("a")), Mutation::UNDO_LAST),
        (|| after(Fixture::empty(), &Mutation::InitWorkspace), Mutation::UNDO_LAST),
    ]
}

#[test]
fn what_takes_something_from_an_asset_or_moves_it_needs_consent_and_nothing_else_does() {
    for (fixture, mutation) in with_consent() {
        let fixture = fixture();
        assert!(mutation.may_need_consent());
        let plan = planned(&fixture, &mutation);
        assert!(plan.needs_consent(), "{}", plan.title);
        let before = fixture.files.paths();
        let seen = fixture.project().apply_seen(&mutation, &plan.plan_id, false);
        let responses =
            [fixture.project().apply(&plan, false), fixture.project().change(&mutation, false), seen];
        for response in responses {
            assert_eq!(response.status, Status::Blocked);
            let [blocker] = &response.blockers[..] else { panic!("{:?}", response.blockers) };
            assert_eq!(blocker.code, BlockerCode::ConsentRequired);
            assert_eq!(blocker.message, format!("to {} needs consent", plan.title));
        }
        let of_people = |paths: &[std::path::PathBuf]| {
            paths.iter().filter(|path| !path.starts_with("/game/assets/.prometeu/local")).count()
        };
        assert_eq!(of_people(&fixture.files.paths()), of_people(&before), "{}", plan.title);
        assert_eq!(fixture.project().apply(&plan, true).status, Status::Ok);
    }
    for (fixture, mutation) in without_consent() {
        let fixture = fixture();
        let plan = planned(&fixture, &mutation);
        assert!(!plan.needs_consent(), "{}", plan.title);
        assert_eq!(fixture.project().apply(&plan, false).status, Status::Ok, "{}", plan.title);
    }
}

#[test]
fn the_same_request_on_the_same_files_is_the_same_plan_and_on_another_registry_another() {
    for (fixture, mutation) in with_consent().into_iter().chain(without_consent()) {
        let fixture = fixture();
        let plan = planned(&fixture, &mutation);
        assert!(plan.plan_id.same_plan(&planned(&fixture, &mutation).plan_id), "{}", plan.title);
        let writes_registry = plan.edits.iter().any(|edit| edit.path.ends_with("index.json"));
        if !writes_registry || mutation == Mutation::InitWorkspace {
            continue;
        }
        let index = "/game/assets/.prometeu/index.json";
        let mut text = fixture.files.content(index).unwrap();
        text.push(b'\n');
        fixture.files.write(index, text);
        let again = fixture.project().preview(&mutation, None).payload;
        assert!(again.is_none_or(|again| !again.plan.plan_id.same_plan(&plan.plan_id)), "{}", plan.title);
        let response = fixture.project().apply(&plan, true);
        assert_eq!(response.blockers[0].code, BlockerCode::PlanOutdated, "{}", plan.title);
    }
}

#[test]
fn plans_that_do_different_things_to_one_asset_have_different_names() {
    let fixture = copied();
    let plans: Vec<_> = [
        forget("a"),
        remove("a"),
        purge("a"),
        quarantine("a"),
        quarantine("b"),
        quarantine("c"),
        adopt_as_new("b"),
        adopt_as("b", "a"),
        relocate("a", "d"),
        set_included(&["a"], false),
    ]
    .map(|mutation| planned(&fixture, &mutation))
    .into();
    for (n, plan) in plans.iter().enumerate() {
        for other in &plans[..n] {
            assert!(!plan.plan_id.same_plan(&other.plan_id), "{} and {}", plan.title, other.title);
        }
    }
}

#[test]
fn each_change_tells_its_plan_and_that_it_was_applied() {
    for (fixture, mutation) in with_consent().into_iter().chain(without_consent()) {
        let fixture = fixture();
        fixture.events.all();
        let response = changed(&fixture, &mutation);
        let told = fixture.events.all();
        let kinds: Vec<_> = told.iter().map(|event| (event.kind.name(), event.sequence)).collect();
        let story = [("preview_ready", 1), ("snapshot_state_changed", 2), ("action_applied", 3)];
        assert_eq!(kinds, story, "{}", response.summary);
        assert!(told.iter().all(|event| event.operation_id == response.operation_id));
        for event in [&told[0], &told[2]] {
            assert_eq!(event.affected_assets, response.affected_assets);
            assert_eq!(event.summary, response.summary);
        }
        assert_eq!(response.applied_actions[0].operation, mutation.operation());
    }
}

#[test]
fn a_change_that_is_refused_tells_why_and_nothing_else() {
    let fixture = copied();
    for mutation in
        [forget("x"), remove("x"), quarantine("x"), restore("x"), adopt_as_new("a"), Mutation::UNDO_LAST]
    {
        let response = fixture.project().change(&mutation, true);
        let told = fixture.events.all();
        let kinds: Vec<_> = told.iter().map(|event| (event.kind.name(), event.sequence)).collect();
        assert_eq!(kinds, [("action_failed", 1)], "{:?}", response.blockers);
    }
}

#[test]
fn an_answer_names_the_way_back() {
    for (fixture, mutation) in with_consent().into_iter().chain(without_consent()) {
        let fixture = fixture();
        let response = changed(&fixture, &mutation);
        if mutation == Mutation::UNDO_LAST {
            assert_eq!(response.proposed_actions, [], "it is done again instead");
            continue;
        }
        let [back] = &response.proposed_actions[..] else { panic!("{:?}", response.proposed_actions) };
        assert_eq!(back.title, format!("take back: {}", response.summary));
        let undone = match (&mutation, back.operation) {
            (Mutation::QuarantineAsset(_) | Mutation::RemoveAsset(_), Operation::RestoreAsset) => {
                restore(&back.arguments[0].1.to_string())
            }
            (_, Operation::Undo) => Mutation::UNDO_LAST,
            other => panic!("{other:?}"),
        };
        let plan = planned(&fixture, &undone);
        assert_eq!(plan.needs_consent(), back.needs_consent, "{}", back.title);
        done(&fixture, &undone);
    }
}

#[test]
fn where_the_registry_cannot_be_trusted_no_asset_is_touched() {
    let mutations = [
        forget("a"),
        remove("a"),
        purge("a"),
        quarantine("a"),
        quarantine("b"),
        adopt_as_new("b"),
        adopt_as("b", "1"),
        restore("c"),
        restore("1"),
    ];
    let twice = [entry(1, "a", true), entry(1, "c", true)].join(",");
    let twice = format!(r#"{{"schema_version": 1, "next_asset_id": 3, "assets": [{twice}]}}"#);
    for text in ["<<<<<<< ours", "{}", &twice, r#"{"schema_version": 2, "next_asset_id": 3, "assets": []}"#] {
        let fixture = away();
        fixture.write("assets/.prometeu/index.json", text);
        for mutation in &mutations {
            let blockers = refused(&fixture, mutation);
            let message = &blockers[0].message;
            assert!(
                message.starts_with("nothing in the registry can be changed: "),
                "{mutation:?}: {message}"
            );
            assert_eq!(blockers[0].code, BlockerCode::InvalidArgument);
            assert_eq!(blockers[0].path.as_deref(), Some("assets/.prometeu/index.json"));
        }
    }
    let fixture = away();
    fixture.files.delete("/game/assets/.prometeu/index.json");
    for mutation in &mutations {
        let blockers = refused(&fixture, mutation);
        let help = blockers[0].help.as_deref().unwrap();
        assert!(
            help.starts_with("Where there was a registry before, restore `assets/"),
            "{mutation:?}: {help}"
        );
    }
}

#[test]
fn an_asset_that_nobody_knows_is_told_with_the_nearest_by_every_change_of_one() {
    let fixture = Fixture::blobs(&["ui/atlas"]);
    for mutation in [
        forget("ui/atlsa"),
        remove("ui/atlsa"),
        purge("ui/atlsa"),
        quarantine("ui/atlsa"),
        adopt_as("b", "ui/atlsa"),
    ] {
        let blockers = refused(&fixture, &mutation);
        assert_eq!(blockers[0].code, BlockerCode::UnknownAsset, "{mutation:?}");
        assert_eq!(blockers[0].help.as_deref(), Some("Did you mean `ui/atlas`?"));
    }
    orphan(&fixture, "loose", &uuid(7));
    for mutation in [forget("loose"), remove("loose"), purge("loose")] {
        let help = refused(&fixture, &mutation).remove(0).help.unwrap();
        assert_eq!(help, "`assets/loose` is not registered: `cargo prometeu register loose` takes it in.");
    }
}

#[test]
fn an_id_is_never_given_again_whatever_is_taken_back_between() {
    let fixture = Fixture::blobs(&["a"]);
    let mut ids = Vec::new();
    let steps = [
        create("b"),
        Mutation::UNDO_LAST,
        create("b"),
        forget("b"),
        register("b"),
        purge("b"),
        create("b"),
        quarantine("b"),
        create("c"),
        Mutation::UNDO_LAST,
        create("c"),
    ];
    for mutation in steps {
        let response = changed(&fixture, &mutation);
        if matches!(mutation, Mutation::CreateAsset(_) | Mutation::RegisterAsset(_)) {
            ids.push(response.affected_assets[0].asset_id.unwrap().get());
        }
    }
    assert_eq!(ids, [2, 3, 4, 5, 6, 7]);
    assert_eq!(registry_now(&fixture).next_asset_id, 8);
}

#[test]
fn an_id_that_is_dropped_is_spent_also_where_two_branches_met_and_left_the_allocator_behind() {
    for mutation in [forget("4"), remove("4"), purge("4"), quarantine("4")] {
        let fixture = Fixture::blobs(&["a", "b", "c", "d"]);
        let registry = text(&fixture, "assets/.prometeu/index.json");
        let behind = registry.replace("\"next_asset_id\": 5", "\"next_asset_id\": 3");
        assert_ne!(registry, behind);
        fixture.write("assets/.prometeu/index.json", behind);
        done(&fixture, &mutation);
        assert_eq!(registry_now(&fixture).next_asset_id, 5, "{mutation:?}");
    }
}
