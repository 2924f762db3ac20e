//! Plans to take back the last change.

use super::{
    INDEX, adopt_as, adopt_as_new, check_refused, copied, done, edits, entries, forget, orphan, planned,
    purge, quarantine, register, registry_now, relocate, remove, restore, root, set_included, text,
};
use crate::mutate::{CreateAsset, Mutation, PlanId, Undo};
use crate::ops::BlockerCode;
use crate::testing::{Fixture, blob, entry, uuid};

fn create(at: &str) -> Mutation {
    Mutation::CreateAsset(CreateAsset { root: root(at), family: "blob_bank".into(), name: None, from: None })
}

#[track_caller]
fn check_outdated(fixture: &Fixture, words: &str) {
    check_refused(fixture, &Mutation::UNDO_LAST, BlockerCode::PlanOutdated, words);
}

/// The same project after a change.
fn after(fixture: Fixture, mutation: &Mutation) -> Fixture {
    done(&fixture, mutation);
    fixture
}

#[test]
fn where_nothing_was_changed_nothing_can_be_taken_back() {
    let words = "there is no change that could be taken back | Only the last change of this checkout";
    let fixture = Fixture::blobs(&["a"]);
    check_refused(&fixture, &Mutation::UNDO_LAST, BlockerCode::InvalidArgument, words);
    done(&fixture, &forget("a"));
    done(&fixture, &Mutation::UNDO_LAST);
    check_refused(&fixture, &Mutation::UNDO_LAST, BlockerCode::InvalidArgument, words);
}

#[test]
fn a_request_that_changed_nothing_is_not_the_last_change() {
    let fixture = after(Fixture::blobs(&["a", "b"]), &set_included(&["a"], false));
    done(&fixture, &set_included(&["a"], false));
    done(&fixture, &relocate("b", "b"));
    assert_eq!(planned(&fixture, &Mutation::UNDO_LAST).title, "take back: exclude `a` (asset 1)");
    done(&fixture, &Mutation::UNDO_LAST);
    assert_eq!(entries(&registry_now(&fixture)), ["1 a", "2 b"]);
}

#[test]
fn what_a_person_laid_out_in_the_registry_comes_back_to_the_byte_but_for_the_next_id() {
    let fixture = Fixture::blobs(&["a"]);
    let entry = entry(1, "a", true);
    let by_hand = format!("{{ \"assets\": [\n{entry}\n\n],\t\"next_asset_id\":  2 , \"schema_version\":1}}");
    fixture.write("assets/.prometeu/index.json", by_hand.as_str());
    for (mutation, next) in [(create("b"), 3), (set_included(&["a"], false), 3), (create("c"), 4)] {
        done(&fixture, &mutation);
        assert_ne!(text(&fixture, "assets/.prometeu/index.json").lines().count(), 3);
        done(&fixture, &Mutation::UNDO_LAST);
        let wanted = by_hand.replace("  2 ,", &format!("  {next} ,"));
        assert_eq!(text(&fixture, "assets/.prometeu/index.json"), wanted, "{mutation:?}");
    }
}

#[test]
fn an_id_that_was_given_stays_spent() {
    let fixture = after(Fixture::blobs(&["a"]), &create("b"));
    done(&fixture, &Mutation::UNDO_LAST);
    done(&fixture, &create("b"));
    assert_eq!(entries(&registry_now(&fixture)), ["1 a", "3 b"]);
}

#[test]
fn what_somebody_changed_elsewhere_in_the_registry_since_is_kept() {
    let fixture = after(Fixture::blobs(&["a", "b", "c"]), &forget("a"));
    let edited = text(&fixture, "assets/.prometeu/index.json")
        .replacen("\"included_in_build\": true", "\"included_in_build\": false", 1)
        .replace("\"next_asset_id\": 4", "\"next_asset_id\": 9");
    fixture.write("assets/.prometeu/index.json", edited);
    done(&fixture, &Mutation::UNDO_LAST);
    let registry = registry_now(&fixture);
    assert_eq!(
        (entries(&registry), registry.next_asset_id),
        (vec!["1 a".into(), "-2 b".into(), "3 c".into()], 9)
    );
    assert_eq!(registry.to_text().into_bytes(), fixture.files.content(INDEX).unwrap());
}

#[test]
fn an_entry_that_is_not_as_it_was_left_is_not_given_back() {
    let words = "the last change cannot be taken back (exclude `a` (asset 1)): `assets/.prometeu/index.json` is not \
                 as it left it | Nothing was changed.";
    let fixture = after(Fixture::blobs(&["a", "b"]), &set_included(&["a"], false));
    fixture.registry(&[entry(1, "a", true), entry(2, "b", true)]);
    check_outdated(&fixture, words);
    fixture.registry(&[entry(1, "moved", false), entry(2, "b", true)]);
    check_outdated(&fixture, words);
    fixture.registry(&[entry(2, "b", true)]);
    check_outdated(&fixture, words);
}

#[test]
fn a_root_or_a_uuid_that_another_asset_has_by_now_is_not_given_back() {
    let fixture = after(Fixture::blobs(&["a", "b"]), &forget("a"));
    fixture.registry(&[entry(2, "b", true), entry(3, "a", true)]);
    let blockers = fixture.project().preview(&Mutation::UNDO_LAST, None).blockers;
    assert_eq!(blockers[0].code, BlockerCode::AlreadyExists, "{blockers:?}");
    assert_eq!(blockers[0].message, "`a` is registered already, as asset 3");
    fixture.registry(&[entry(2, "b", true), entry(3, "c", true).replace(&uuid(3), &uuid(1))]);
    check_outdated(&fixture, "`assets/a` is not as it left it");
}

#[test]
fn a_registry_that_cannot_be_read_is_not_written() {
    let fixture = after(Fixture::blobs(&["a"]), &forget("a"));
    fixture.write("assets/.prometeu/index.json", "<<<<<<< ours");
    let words = "nothing in the registry can be changed: ";
    check_refused(&fixture, &Mutation::UNDO_LAST, BlockerCode::InvalidArgument, words);
    let fixture = after(Fixture::empty(), &Mutation::InitWorkspace);
    fixture.write("assets/.prometeu/index.json", "");
    check_outdated(&fixture, "`assets/.prometeu/index.json` is not as it left it");
}

#[test]
fn a_new_root_goes_only_when_it_holds_what_was_made_and_nothing_else() {
    for edit in [
        (|fixture: &Fixture| fixture.write("assets/new/b/note.txt", "mine")) as fn(&Fixture),
        |fixture| fixture.files.folder("/game/assets/new/b/folder"),
        |fixture| fixture.edit("new/b", "\"name\": \"b\"", "\"name\": \"c\""),
        |fixture| fixture.files.delete("/game/assets/new/b/asset.json"),
        |fixture| fixture.files.delete("/game/assets/new/b"),
        |fixture| {
            fixture.files.delete("/game/assets/new/b");
            fixture.files.link("/game/assets/new/b", "/game/assets/a");
        },
    ] {
        let fixture = after(Fixture::blobs(&["a"]), &create("new/b"));
        edit(&fixture);
        check_outdated(&fixture, "`assets/new/b` is not as it left it");
    }
    // What else lies in the folder that it made stays, and the folder with it.
    let fixture = after(Fixture::blobs(&["a"]), &create("new/b"));
    fixture.write("assets/new/note.txt", "mine");
    done(&fixture, &Mutation::UNDO_LAST);
    assert_eq!(text(&fixture, "assets/new/note.txt"), "mine");
    assert_eq!(fixture.files.content("/game/assets/new/b/asset.json"), None);
}

#[test]
fn a_uuid_that_was_written_goes_only_from_the_text_into_which_it_was_written() {
    let declaration = blob(&uuid(7), "b");
    let anonymous = declaration.replace(&format!("  \"asset_uuid\": \"{}\",\n", uuid(7)), "");
    let fixture = Fixture::blobs(&["a"]);
    fixture.declare("b", &anonymous);
    done(&fixture, &register("b"));
    fixture.edit("b", "\"name\": \"b\"", "\"name\": \"mine\"");
    check_outdated(&fixture, "`assets/b/asset.json` is not as it left it");
    fixture.edit("b", "\"name\": \"mine\"", "\"name\": \"b\"");
    done(&fixture, &Mutation::UNDO_LAST);
    assert_eq!(text(&fixture, "assets/b/asset.json"), anonymous);

    let fixture = copied();
    let before = text(&fixture, "assets/b/asset.json");
    done(&fixture, &adopt_as_new("b"));
    done(&fixture, &Mutation::UNDO_LAST);
    assert_eq!(text(&fixture, "assets/b/asset.json"), before);
    assert_eq!(entries(&registry_now(&fixture)), ["1 a", "2 c"]);
}

#[test]
fn a_root_goes_back_only_to_a_place_where_nothing_is() {
    let moved = || after(Fixture::blobs(&["ui/a", "b"]), &relocate("1", "new/a"));
    let fixture = moved();
    fixture.write("assets/ui/a/data.txt", "saved late");
    check_outdated(&fixture, "`assets/ui/a` is not as it left it");
    let fixture = moved();
    fixture.files.delete("/game/assets/new/a");
    check_outdated(&fixture, "`assets/new/a` is not as it left it");
    let fixture = moved();
    fixture.files.delete("/game/assets/ui");
    fixture.write("assets/ui", "a file");
    check_outdated(&fixture, "`assets/new/a` is not as it left it");
    // What was changed inside of it moves with it.
    let fixture = moved();
    fixture.files.delete("/game/assets/ui");
    fixture.write("assets/new/a/data.txt", "mine");
    done(&fixture, &Mutation::UNDO_LAST);
    assert_eq!(text(&fixture, "assets/ui/a/data.txt"), "mine");
    assert!(fixture.files.paths().iter().all(|path| !path.ends_with("new")), "the folder that it made goes");
    for gone in [purge("b"), quarantine("b"), remove("b")] {
        let fixture = after(Fixture::blobs(&["b"]), &gone);
        fixture.files.folder("/game/assets/b");
        check_outdated(&fixture, "`assets/b` is not as it left it");
        fixture.files.delete("/game/assets/b");
        done(&fixture, &Mutation::UNDO_LAST);
        assert_eq!(fixture.diagnostics(), []);
    }
}

#[test]
fn what_was_restored_goes_back_only_to_a_name_that_is_free() {
    let entry = "assets/.prometeu/quarantine/1-a";
    let restored = || {
        let fixture = after(Fixture::blobs(&["a"]), &quarantine("a"));
        after(fixture, &restore("a"))
    };
    let fixture = restored();
    fixture.write(&format!("{entry}/root/theirs.txt"), "theirs");
    check_outdated(&fixture, &format!("`{entry}/root` is not as it left it"));
    let fixture = restored();
    fixture.write(&format!("{entry}/record.json"), "theirs");
    check_outdated(&fixture, &format!("`{entry}/record.json` is not as it left it"));
    for taken in [entry, "assets/.prometeu/quarantine"] {
        let fixture = restored();
        fixture.write(taken, "a file");
        check_outdated(&fixture, &format!("`{taken}"));
    }
    // An empty folder is no obstacle, and something beside the root neither.
    let fixture = restored();
    fixture.write(&format!("{entry}/note.txt"), "theirs");
    done(&fixture, &Mutation::UNDO_LAST);
    assert_eq!(text(&fixture, &format!("{entry}/root/data.txt")), "a");
    assert_eq!(text(&fixture, &format!("{entry}/note.txt")), "theirs");
}

#[test]
fn the_plan_does_each_step_the_other_way_round() {
    let fixture = after(Fixture::blobs(&["a"]), &quarantine("a"));
    let entry = "assets/.prometeu/quarantine/1-a";
    assert_eq!(
        edits(&planned(&fixture, &Mutation::UNDO_LAST)),
        [
            format!("move_folder assets/a from {entry}/root, absent"),
            format!("remove_file {entry}/record.json, content"),
            format!("remove_folder {entry}, folder-or-absent"),
            "remove_folder assets/.prometeu/quarantine, folder-or-absent".to_owned(),
            "replace_file assets/.prometeu/index.json, content".to_owned(),
        ]
    );
    let fixture = after(copied(), &adopt_as("b", "1"));
    let plan = planned(&fixture, &Mutation::UNDO_LAST);
    assert_eq!(edits(&plan), ["replace_file assets/.prometeu/index.json, content"]);
    assert_eq!(plan.affected_assets[0].root.as_str(), "a");
}

#[test]
fn an_asset_that_nobody_registered_is_named_by_the_plan_that_brings_it_back() {
    let fixture = Fixture::blobs(&["a"]);
    orphan(&fixture, "loose", &uuid(7));
    done(&fixture, &quarantine("loose"));
    let plan = planned(&fixture, &Mutation::UNDO_LAST);
    assert_eq!(plan.affected_assets[0].root.as_str(), "loose");
    assert!(plan.affected_assets[0].asset_id.is_none());
}

#[test]
fn who_means_one_change_does_not_take_back_another() {
    let fixture = Fixture::blobs(&["a", "b"]);
    let exclude = |root: &str| {
        let response = fixture.project().change(&set_included(&[root], false), true);
        let action = &response.proposed_actions[0];
        let argument = action.arguments.iter().find(|(name, _)| *name == "change").unwrap();
        Mutation::Undo(Undo { change: PlanId::parse(&argument.1.to_string()) })
    };
    let (first, second) = (exclude("a"), exclude("b"));
    assert_ne!(first, Mutation::UNDO_LAST, "the action names the change");
    let words = "another change is the last one by now: exclude `b` (asset 2) | Nothing was changed.";
    check_refused(&fixture, &first, BlockerCode::PlanOutdated, words);
    done(&fixture, &second);
    let words = "that change is not the last one any more | Nothing was changed.";
    check_refused(&fixture, &second, BlockerCode::PlanOutdated, words);
}
