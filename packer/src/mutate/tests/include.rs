//! Plans to include and exclude, and what every plan that changes an entry asks of the registry.

use super::{check_refused, edits, entries, new_registry, planned, refused, relocate, set_included};
use crate::ops::{BlockerCode, OperationClass, Status};
use crate::testing::{Fixture, blob, entry, uuid};

#[test]
fn a_registry_that_does_not_say_which_asset_is_which_is_not_changed() {
    for (first, second, words) in [
        (entry(1, "a", true), entry(1, "b", true), "`a` and `b` both have id 1"),
        (entry(1, "a", true), entry(2, "a", true), "assets 1 and 2 both claim `a`"),
        (entry(1, "a", true), entry(2, "b", true).replace(&uuid(2), &uuid(1)), "have the same uuid"),
    ] {
        let fixture = Fixture::blobs(&["a", "b"]);
        fixture.registry(&[first, second]);
        for mutation in [relocate("a", "c"), set_included(&["a"], false)] {
            let blockers = refused(&fixture, &mutation);
            let message = &blockers[0].message;
            assert!(message.starts_with("nothing in the registry can be changed: "), "{message}");
            assert!(message.contains(words), "{message}");
            assert_eq!(blockers[0].path.as_deref(), Some("assets/.prometeu/index.json"));
        }
    }
    let fixture = Fixture::empty();
    check_refused(
        &fixture,
        &relocate("a", "b"),
        BlockerCode::InvalidArgument,
        "In a new project run `cargo prometeu init`",
    );
}

#[test]
fn an_asset_that_nobody_knows_is_told_with_the_nearest() {
    let fixture = Fixture::blobs(&["ui/atlas"]);
    fixture.declare("loose", &blob(&uuid(7), "loose"));
    for (name, words) in [
        ("ui/atlsa", "Did you mean `ui/atlas`?"),
        ("7", "`cargo prometeu list` shows what there is"),
        ("assets/loose/", "`assets/loose` is not registered: `cargo prometeu register loose` takes it in"),
    ] {
        check_refused(&fixture, &relocate(name, "b"), BlockerCode::UnknownAsset, words);
        check_refused(&fixture, &set_included(&[name], true), BlockerCode::UnknownAsset, words);
    }
    let blockers = refused(&fixture, &set_included(&["x", "ui/atlas", "y"], false));
    let messages: Vec<&str> = blockers.iter().map(|blocker| blocker.message.as_str()).collect();
    assert_eq!(
        messages,
        ["no asset has the id, uuid, root or name `x`", "no asset has the id, uuid, root or name `y`"]
    );
    check_refused(&fixture, &set_included(&[], true), BlockerCode::InvalidArgument, "no asset is named");
}

#[test]
fn assets_are_excluded_and_included_by_one_edit_of_the_registry() {
    let fixture = Fixture::blobs(&["a", "b", "c"]);
    let mutation = set_included(&["c", "1", "a", &uuid(3)], false);
    let plan = planned(&fixture, &mutation);
    assert_eq!(edits(&plan), ["replace_file assets/.prometeu/index.json, content"]);
    assert_eq!(plan.title, "exclude 2 assets from builds");
    assert_eq!(plan.class, OperationClass::RegistryMutation);
    assert!(!plan.needs_consent() && !mutation.may_need_consent());
    let registry = new_registry(&plan);
    assert_eq!(entries(&registry), ["-1 a", "2 b", "-3 c"]);
    assert_eq!(registry.next_asset_id, 4);
    assert_eq!(fixture.project().apply(&plan, false).status, Status::Ok);
    assert_eq!(fixture.diagnostics(), []);

    // What is so already is no part of the change, and of the plan neither.
    let plan = planned(&fixture, &set_included(&["b", "c"], false));
    assert_eq!(plan.title, "exclude `b` (asset 2)");
    let roots: Vec<&str> = plan.affected_assets.iter().map(|asset| asset.root.as_str()).collect();
    assert_eq!(roots, ["b"]);
    let plan = planned(&fixture, &set_included(&["a", "b", "c"], true));
    assert_eq!(plan.title, "include 2 assets in builds");
    assert_eq!(entries(&new_registry(&plan)), ["1 a", "2 b", "3 c"]);
}

#[test]
fn assets_that_are_so_already_are_a_plan_without_edits() {
    let fixture = Fixture::blobs(&["a", "b"]);
    let plan = planned(&fixture, &set_included(&["a"], true));
    assert!(plan.is_done());
    assert_eq!(plan.title, "`a` (asset 1) is included already");
    let plan = planned(&fixture, &set_included(&["b", "a"], true));
    assert_eq!(plan.title, "these 2 assets are included already");
    assert_eq!(plan.affected_assets.len(), 2);
}

#[test]
fn an_asset_that_is_broken_or_gone_can_be_kept_out_of_builds() {
    let fixture = Fixture::blobs(&["a", "b", "b/inner"]);
    fixture.files.delete("/game/assets/a");
    fixture.declare("b", "{");
    let plan = planned(&fixture, &set_included(&["a", "b"], false));
    assert_eq!(fixture.project().apply(&plan, false).status, Status::Ok);
    let blocking: Vec<_> = fixture.diagnostics().into_iter().filter(|found| found.blocking).collect();
    assert_eq!(blocking.len(), 1, "only `nested-root`, which is about the registry: {blocking:?}");
}
