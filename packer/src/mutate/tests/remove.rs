//! Plans to forget and to remove an asset.

use super::{
    check_refused, done, edits, entries, forget, new_registry, planned, purge, register, registry_now,
    remove, text,
};
use crate::ops::{BlockerCode, OperationClass, Status};
use crate::testing::{Fixture, uuid};

#[test]
fn an_asset_that_is_forgotten_keeps_every_file_and_never_gets_its_id_again() {
    let fixture = Fixture::blobs(&["a", "b"]);
    let plan = planned(&fixture, &forget("b"));
    assert_eq!(edits(&plan), ["replace_file assets/.prometeu/index.json, content"]);
    assert_eq!((plan.title.as_str(), plan.class), ("forget `b` (asset 2)", OperationClass::RegistryMutation));
    assert_eq!(plan.affected_assets[0].asset_uuid.unwrap().to_string(), uuid(2));
    let registry = new_registry(&plan);
    assert_eq!((entries(&registry), registry.next_asset_id), (vec!["1 a".into()], 3));

    let files = fixture.files.paths().len();
    done(&fixture, &forget("b"));
    assert!(fixture.files.paths().len() >= files);
    assert_eq!(text(&fixture, "assets/b/data.txt"), "b");
    done(&fixture, &register("b"));
    assert_eq!(entries(&registry_now(&fixture)), ["1 a", "3 b"]);
}

#[test]
fn an_asset_that_is_removed_goes_into_quarantine_with_its_record() {
    let fixture = Fixture::blobs(&["ui/a", "b"]);
    let plan = planned(&fixture, &remove("ui/a"));
    assert_eq!(
        edits(&plan),
        [
            "create_folder assets/.prometeu/quarantine, folder-or-absent",
            "create_folder assets/.prometeu/quarantine/1-a, absent",
            "create_file assets/.prometeu/quarantine/1-a/record.json, absent",
            "move_folder assets/.prometeu/quarantine/1-a/root from assets/ui/a, absent",
            "replace_file assets/.prometeu/index.json, content",
        ]
    );
    assert_eq!(plan.title, "remove `ui/a` (asset 1) into quarantine as `1-a`");
    assert_eq!(entries(&new_registry(&plan)), ["2 b"]);
}

#[test]
fn an_asset_that_is_removed_for_good_leaves_only_what_takes_it_back() {
    let fixture = Fixture::blobs(&["a", "b"]);
    let plan = planned(&fixture, &purge("1"));
    assert_eq!(
        edits(&plan),
        [
            "move_folder assets/.prometeu/local/removed/OPERATION from assets/a, absent",
            "replace_file assets/.prometeu/index.json, content",
        ]
    );
    assert_eq!(plan.title, "remove `a` (asset 1) for good");
    done(&fixture, &purge("1"));
    let left = |name: &str| fixture.files.paths().iter().filter(|path| path.ends_with(name)).count();
    assert_eq!((left("assets/a"), left("data.txt")), (0, 2));
    assert_eq!(fixture.diagnostics(), []);
    done(&fixture, &forget("b"));
    assert_eq!(left("data.txt"), 1, "it is gone with the next change");
}

#[test]
fn what_came_into_a_root_after_it_was_looked_at_is_not_removed_for_good() {
    for edit in [
        (|fixture: &Fixture| fixture.write("assets/a/new.txt", "mine")) as fn(&Fixture),
        |fixture| fixture.write("assets/a/data.txt", "b"),
        |fixture| fixture.files.delete("/game/assets/a/data.txt"),
        |fixture| fixture.files.folder("/game/assets/a/notes"),
    ] {
        let fixture = Fixture::blobs(&["a"]);
        let plan = planned(&fixture, &purge("a"));
        assert!(plan.plan_id.same_plan(&planned(&fixture, &purge("a")).plan_id));
        fixture.later();
        edit(&fixture);
        assert!(!plan.plan_id.same_plan(&planned(&fixture, &purge("a")).plan_id), "it is another plan");
        let declaration = fixture.files.content("/game/assets/a/asset.json");
        let response = fixture.project().apply(&plan, true);
        assert_eq!(response.blockers[0].code, BlockerCode::PlanOutdated);
        assert_eq!(response.blockers[0].path.as_deref(), Some("assets/a"));
        assert_eq!(fixture.files.content("/game/assets/a/asset.json"), declaration);
        // Into quarantine it may go: nothing of it is lost there.
        done(&fixture, &remove("a"));
    }
}

#[test]
fn an_asset_whose_folder_is_gone_loses_its_entry() {
    for mutation in [remove("a"), purge("a"), forget("a")] {
        let fixture = Fixture::blobs(&["a", "b"]);
        fixture.files.delete("/game/assets/a");
        let plan = planned(&fixture, &mutation);
        assert_eq!(edits(&plan), ["replace_file assets/.prometeu/index.json, content"]);
        assert_eq!(plan.class, OperationClass::RegistryMutation);
        assert!(plan.needs_consent());
        assert_eq!(fixture.project().apply(&plan, true).status, Status::Ok);
        assert_eq!(fixture.diagnostics(), []);
    }
}

#[test]
fn what_stands_in_the_place_of_a_root_is_not_removed() {
    let fixture = Fixture::blobs(&["a"]);
    fixture.files.delete("/game/assets/a");
    fixture.files.link("/game/assets/a", "elsewhere");
    for mutation in [remove("a"), purge("a")] {
        let words =
            "`assets/a` is reached through a link, and links are not followed | Put the folder itself";
        check_refused(&fixture, &mutation, BlockerCode::InvalidArgument, words);
    }
    fixture.files.delete("/game/assets/a");
    fixture.write("assets/a", "a file");
    for mutation in [remove("a"), purge("a")] {
        let words = "`assets/a` is not a folder | An asset root is a folder with an `asset.json`";
        check_refused(&fixture, &mutation, BlockerCode::InvalidArgument, words);
    }
}

#[test]
fn an_asset_inside_another_one_is_not_removed_with_it() {
    let fixture = Fixture::blobs(&["a", "a/inner"]);
    for mutation in [remove("a"), purge("a")] {
        let words =
            "the asset `a/inner` lies inside `a`, and would move with it | Move asset 2 out of it first";
        check_refused(&fixture, &mutation, BlockerCode::InvalidArgument, words);
    }
    done(&fixture, &purge("a/inner"));
    done(&fixture, &purge("a"));
}
