//! Plans to take in a root whose uuid a registered asset holds.

use super::{
    adopt_as, adopt_as_new, check_refused, copied, done, edits, entries, new_registry, orphan, planned,
    registry_now, text,
};
use crate::mutate::{Mutation, Undo};
use crate::ops::{BlockerCode, OperationClass, Status};
use crate::testing::{Fixture, blob, entry, uuid};

#[track_caller]
fn check_wrong(fixture: &Fixture, mutation: &Mutation, words: &str) {
    check_refused(fixture, mutation, BlockerCode::InvalidArgument, words);
}

#[test]
fn a_copy_becomes_an_asset_of_its_own_with_a_fresh_uuid_and_the_next_id() {
    let fixture = copied();
    let before = text(&fixture, "assets/b/asset.json");
    let plan = planned(&fixture, &adopt_as_new("b"));
    assert_eq!(
        edits(&plan),
        ["replace_file assets/b/asset.json, content", "replace_file assets/.prometeu/index.json, content"]
    );
    assert_eq!(plan.title, "adopt `b` as new asset 3");
    assert_eq!(plan.class, OperationClass::WorkspaceMutation, "it writes into a person's file");
    let registry = new_registry(&plan);
    assert_eq!(
        (entries(&registry), registry.next_asset_id),
        (vec!["1 a".into(), "2 c".into(), "3 b".into()], 4)
    );
    let fresh = registry.assets[2].asset_uuid.to_string();
    assert!([1, 2].iter().all(|n| uuid(*n) != fresh));

    assert_eq!(fixture.project().apply(&plan, false).status, Status::Ok);
    assert_eq!(text(&fixture, "assets/b/asset.json"), before.replace(&uuid(1), &fresh), "and nothing else");
    assert_eq!(fixture.diagnostics(), []);
}

#[test]
fn a_root_that_was_moved_by_hand_is_the_asset_again_under_its_id() {
    let fixture = copied();
    fixture.files.delete("/game/assets/a");
    let plan = planned(&fixture, &adopt_as("b", "1"));
    assert_eq!(edits(&plan), ["replace_file assets/.prometeu/index.json, content"]);
    assert_eq!(plan.title, "adopt `b` as asset 1, which was `a`");
    assert_eq!(plan.class, OperationClass::RegistryMutation);
    let registry = new_registry(&plan);
    assert_eq!((entries(&registry), registry.next_asset_id), (vec!["1 b".into(), "2 c".into()], 3));
    assert_eq!(registry.assets[0].asset_uuid.to_string(), uuid(1));
    done(&fixture, &adopt_as("b", "1"));
    assert_eq!(fixture.diagnostics(), []);
}

#[test]
fn a_copy_may_take_the_place_of_the_asset_whose_files_stay() {
    let fixture = copied();
    done(&fixture, &adopt_as("b", "a"));
    assert_eq!(entries(&registry_now(&fixture)), ["1 b", "2 c"]);
    assert_eq!(text(&fixture, "assets/a/data.txt"), "a");
}

#[test]
fn an_asset_that_is_there_already_is_adopted_by_a_plan_without_edits() {
    let fixture = copied();
    let plan = planned(&fixture, &adopt_as("a", "1"));
    assert!(plan.is_done() && !plan.needs_consent());
    assert_eq!(plan.title, "asset 1 is in `a` already");
}

#[test]
fn a_root_is_adopted_as_new_only_when_it_carries_the_uuid_of_a_registered_asset() {
    let fixture = copied();
    fixture.declare("anonymous", &anonymous("x"));
    orphan(&fixture, "stranger", &uuid(9));
    let none = "`anonymous` carries no uuid, so it is no copy | `cargo prometeu register anonymous`";
    check_wrong(&fixture, &adopt_as_new("anonymous"), none);
    let nobody = "no registered asset holds the uuid of `stranger` | `cargo prometeu register stranger`";
    check_wrong(&fixture, &adopt_as_new("stranger"), nobody);
}

#[test]
fn what_cannot_be_read_is_adopted_as_nothing() {
    let fixture = copied();
    fixture.declare("broken", "{");
    fixture.files.folder("/game/assets/bare");
    check_wrong(&fixture, &adopt_as_new("broken"), "`broken` carries no uuid");
    check_wrong(&fixture, &adopt_as("broken", "1"), "`assets/broken/asset.json` cannot be read");
    for adopt in [adopt_as_new as fn(&str) -> Mutation, |root| adopt_as(root, "1")] {
        check_wrong(&fixture, &adopt("bare"), "`assets/bare` holds no `asset.json` that can be read");
        check_refused(
            &fixture,
            &adopt("gone"),
            BlockerCode::UnknownAsset,
            "there is no folder `assets/gone`",
        );
    }
}

#[test]
fn a_folder_is_the_asset_that_somebody_says_and_gets_its_uuid() {
    for (at, text) in [("bare", anonymous("x")), ("stranger", blob(&uuid(9), "x"))] {
        let fixture = copied();
        fixture.write(&format!("assets/{at}/data.txt"), "x");
        fixture.declare(at, &text);
        let plan = planned(&fixture, &adopt_as(at, "1"));
        assert_eq!((plan.class, plan.needs_consent()), (OperationClass::WorkspaceMutation, true));
        done(&fixture, &adopt_as(at, "1"));
        assert_eq!(entries(&registry_now(&fixture)), [format!("1 {at}"), "2 c".to_owned()]);
        let now = uuid(1);
        assert!(self::text(&fixture, &format!("assets/{at}/asset.json")).contains(&now), "{at}");
        assert_eq!(fixture.diagnostics(), []);
    }
}

#[test]
fn an_asset_whose_uuid_was_edited_or_removed_in_its_own_root_gets_it_back() {
    let removed = format!("  \"asset_uuid\": \"{}\",\n", uuid(1));
    for (from, to) in [(uuid(1), uuid(9)), (removed, String::new()), (uuid(1), "nonsense".to_owned())] {
        let fixture = Fixture::blobs(&["a", "c"]);
        let before = fixture.files.content(super::INDEX).unwrap();
        fixture.edit("a", &from, &to);
        assert!(!fixture.diagnostics().is_empty());
        let plan = planned(&fixture, &adopt_as("a", "1"));
        assert_eq!(edits(&plan), ["replace_file assets/a/asset.json, content"]);
        assert!(plan.needs_consent());
        done(&fixture, &adopt_as("a", "1"));
        assert_eq!(fixture.diagnostics(), []);
        assert_eq!(fixture.files.content(super::INDEX).unwrap(), before);
        done(&fixture, &Mutation::Undo(Undo::default()));
        assert!(text(&fixture, "assets/a/asset.json").contains(&to));
    }
}

#[test]
fn a_root_that_carries_the_uuid_of_an_asset_that_may_be_there_is_not_written_over() {
    let fixture = Fixture::blobs(&["a", "c"]);
    fixture.edit("a", &uuid(1), &uuid(2));
    // It may be that one, which is not in its own place.
    fixture.files.delete("/game/assets/c");
    let words = "`a` carries the uuid of asset 2, not that of asset 1 | Move it to a folder of its own";
    check_wrong(&fixture, &adopt_as("a", "1"), words);
    // Asset 2 lacks nothing where it is in its own place.
    let fixture = Fixture::blobs(&["a", "c"]);
    fixture.edit("a", &uuid(1), &uuid(2));
    done(&fixture, &adopt_as("a", "1"));
    assert_eq!(fixture.diagnostics(), []);
}

#[test]
fn a_registered_root_that_shares_its_id_gets_one_of_its_own_and_keeps_its_uuid() {
    let fixture = Fixture::blobs(&["a", "b"]);
    fixture.registry(&[entry(1, "a", true), entry(2, "b", false).replace("_id\": 2", "_id\": 1")]);
    let plan = planned(&fixture, &adopt_as_new("b"));
    assert_eq!(plan.title, "adopt `b` as new asset 3");
    assert_eq!((plan.class, plan.needs_consent()), (OperationClass::RegistryMutation, false));
    done(&fixture, &adopt_as_new("b"));
    assert_eq!(entries(&registry_now(&fixture)), ["1 a", "-3 b"]);
    assert_eq!(fixture.diagnostics(), []);
    let words = "one id was given to two assets before it | Nothing was changed";
    check_wrong(&fixture, &Mutation::Undo(Undo::default()), words);
}

#[test]
fn a_registered_root_that_shares_its_uuid_gets_one_of_its_own_and_keeps_its_id() {
    let fixture = Fixture::blobs(&["a", "b"]);
    fixture.edit("b", &uuid(2), &uuid(1));
    fixture.registry(&[entry(1, "a", true), entry(2, "b", true).replace(&uuid(2), &uuid(1))]);
    let plan = planned(&fixture, &adopt_as_new("b"));
    assert_eq!(plan.title, "adopt `b` as asset 2 with a uuid of its own");
    assert_eq!(plan.class, OperationClass::WorkspaceMutation);
    done(&fixture, &adopt_as_new("b"));
    assert_eq!(entries(&registry_now(&fixture)), ["1 a", "2 b"]);
    assert_eq!(fixture.diagnostics(), []);
}

#[test]
fn a_uuid_that_only_the_entry_says_to_be_shared_is_corrected_there() {
    let fixture = Fixture::blobs(&["a", "b"]);
    fixture.registry(&[entry(1, "a", true), entry(2, "b", true).replace(&uuid(2), &uuid(1))]);
    let before = text(&fixture, "assets/b/asset.json");
    done(&fixture, &adopt_as_new("b"));
    assert_eq!(text(&fixture, "assets/b/asset.json"), before);
    assert_eq!(fixture.diagnostics(), []);
}

/// A declaration without a uuid.
fn anonymous(name: &str) -> String {
    blob(&uuid(9), name).replace(&format!("\"asset_uuid\": \"{}\",", uuid(9)), "")
}

#[test]
fn a_root_is_not_adopted_as_an_asset_whose_uuid_it_does_not_carry() {
    let fixture = copied();
    let words = "`b` carries the uuid of asset 1, not that of asset 2 | As asset 1 it can be adopted";
    check_wrong(&fixture, &adopt_as("b", "c"), words);
    check_refused(&fixture, &adopt_as("b", "7"), BlockerCode::UnknownAsset, "no asset has the id");
}

#[test]
fn a_root_that_is_registered_or_lies_in_one_that_is_cannot_be_adopted() {
    let fixture = copied();
    orphan(&fixture, "c/inner", &uuid(1));
    for (mutation, words) in [
        (adopt_as_new("a"), "`a` is registered already, as asset 1"),
        (adopt_as("c", "1"), "`c` is registered already, as asset 2"),
        (adopt_as_new("c/inner"), "`c/inner` lies inside the asset `c` | Choose another folder"),
        (adopt_as("c/inner", "1"), "`c/inner` lies inside the asset `c`"),
    ] {
        let blockers = fixture.project().preview(&mutation, None).blockers;
        let [blocker] = &blockers[..] else { panic!("{mutation:?}: {blockers:?}") };
        assert_eq!(blocker.code, BlockerCode::AlreadyExists);
        let told = format!("{} | {}", blocker.message, blocker.help.as_deref().unwrap_or_default());
        assert!(told.contains(words), "no `{words}` in `{told}`");
    }
    check_wrong(&fixture, &adopt_as_new(".prometeu/x"), "`.prometeu` is the packer's own folder");
}

#[test]
fn a_root_behind_a_link_is_not_adopted() {
    let fixture = copied();
    fixture.files.link("/game/assets/link", "b");
    let words = "`assets/link` is reached through a link, and links are not followed | Put the folder itself";
    check_wrong(&fixture, &adopt_as("link", "1"), words);
}

#[test]
fn an_adoption_is_for_the_declaration_that_it_was_planned_from() {
    for mutation in [adopt_as_new("b"), adopt_as("b", "1")] {
        let fixture = copied();
        let plan = planned(&fixture, &mutation);
        fixture.edit("b", "\"name\": \"b\"", "\"name\": \"c\"");
        let other = planned(&fixture, &mutation);
        assert!(!plan.plan_id.same_plan(&other.plan_id), "{mutation:?}");
        let response = fixture.project().apply(&plan, true);
        assert_eq!(response.blockers[0].code, BlockerCode::PlanOutdated);
        assert_eq!(response.blockers[0].path.as_deref(), Some("assets/b/asset.json"));
        assert_eq!(fixture.project().apply(&other, true).status, Status::Ok);
    }
}
