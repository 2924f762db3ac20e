//! Plans to move a root.

use super::{check_refused, edits, entries, new_registry, planned, relocate};
use crate::ops::{BlockerCode, Operation, OperationClass, Response, Status};
use crate::testing::{Fixture, blob, uuid};

#[test]
fn a_relocation_makes_the_way_then_moves_then_registers() {
    let fixture = Fixture::blobs(&["ui/atlas", "sound"]);
    let plan = planned(&fixture, &relocate("ui/atlas", "art/new/atlas"));
    assert_eq!(
        edits(&plan),
        [
            "create_folder assets/art, folder-or-absent",
            "create_folder assets/art/new, folder-or-absent",
            "move_folder assets/art/new/atlas from assets/ui/atlas, absent",
            "replace_file assets/.prometeu/index.json, content",
        ]
    );
    assert_eq!(plan.title, "move `ui/atlas` to `art/new/atlas`");
    assert!(plan.needs_consent());
    assert_eq!(plan.class, OperationClass::WorkspaceMutation);
    let registry = new_registry(&plan);
    assert_eq!(entries(&registry), ["1 art/new/atlas", "2 sound"]);
    assert_eq!(registry.next_asset_id, 3, "the allocator is not touched");
    assert_eq!(registry.assets[0].asset_uuid.to_string(), uuid(1));
    let affected = &plan.affected_assets[0];
    assert_eq!((affected.asset_id.unwrap().get(), affected.root.as_str()), (1, "art/new/atlas"));
}

#[test]
fn a_relocation_is_one_plan_whatever_the_asset_is_called_and_another_for_another_place() {
    let fixture = Fixture::blobs(&["ui/atlas", "sound"]);
    let plan = planned(&fixture, &relocate("ui/atlas", "art"));
    for name in ["1", &uuid(1), "assets/ui/atlas/"] {
        let same = planned(&fixture, &relocate(name, "art"));
        assert!(plan.plan_id.same_plan(&same.plan_id), "{name}");
    }
    for other in [relocate("ui/atlas", "arts"), relocate("sound", "art")] {
        assert!(!plan.plan_id.same_plan(&planned(&fixture, &other).plan_id), "{other:?}");
    }
}

#[test]
fn a_relocation_without_consent_is_refused() {
    let fixture = Fixture::blobs(&["a"]);
    let mutation = relocate("a", "b");
    let plan = planned(&fixture, &mutation);
    let project = fixture.project();
    let before = fixture.files.paths();
    let codes = |response: Response<_>| response.blockers.into_iter().map(|b| b.code).collect::<Vec<_>>();
    assert_eq!(codes(project.apply(&plan, false)), [BlockerCode::ConsentRequired]);
    assert_eq!(codes(project.apply_seen(&mutation, &plan.plan_id, false)), [BlockerCode::ConsentRequired]);
    assert!(mutation.may_need_consent());
    // Nothing in a plan says that it needs none while it moves something.
    let mut forged = plan;
    (forged.class, forged.operation) = (OperationClass::RegistryMutation, Operation::SetIncluded);
    forged.arguments.clear();
    assert_eq!(codes(project.apply(&forged, false)), [BlockerCode::ConsentRequired]);
    assert_eq!(fixture.files.paths(), before);
}

#[test]
fn an_asset_that_is_there_already_is_a_plan_without_edits_that_nobody_needs_to_agree_to() {
    let fixture = Fixture::blobs(&["ui/atlas"]);
    let plan = planned(&fixture, &relocate("1", "ui/atlas"));
    assert!(plan.is_done() && !plan.needs_consent());
    assert_eq!(plan.title, "asset 1 is in `ui/atlas` already");
    assert_eq!(fixture.project().apply(&plan, false).status, Status::Ok);
}

#[test]
fn what_is_on_disk_is_never_moved_over_or_into() {
    let fixture = Fixture::blobs(&["ui/atlas"]);
    fixture.files.folder("/game/assets/empty");
    fixture.write("assets/full/note.txt", "mine");
    fixture.write("assets/file", "mine");
    fixture.files.link("/game/assets/link", "nowhere");
    fixture.files.folder("/game/assets/drawer");
    fixture.files.link("/game/assets/drawer/link", "/elsewhere");
    fixture.declare("orphan", &blob(&uuid(7), "orphan"));
    for (new_root, words) in [
        ("empty", "`assets/empty` is there already | It is an empty folder: delete it"),
        ("full", "`assets/full` is there already | To put the asset into that folder, write `full/atlas`"),
        ("file", "`assets/file` is there already"),
        ("link", "`assets/link` is there already"),
        ("link/atlas", "`assets/link/atlas` cannot be made: `assets/link` is a link"),
        ("drawer/link/atlas", "`assets/drawer/link` is a link, and links are not followed"),
        ("file/atlas", "`assets/file` is not a folder"),
        ("orphan", "`assets/orphan` is there already"),
        ("orphan/atlas", "`assets/orphan` holds an `asset.json` of its own"),
    ] {
        check_refused(&fixture, &relocate("1", new_root), BlockerCode::AlreadyExists, words);
    }
}

#[test]
fn a_relocation_keeps_clear_of_itself_and_of_other_assets() {
    let fixture = Fixture::blobs(&["ui/atlas", "ui/hud", "gone"]);
    fixture.files.delete("/game/assets/gone");
    let taken = |new_root, words| {
        check_refused(&fixture, &relocate("1", new_root), BlockerCode::AlreadyExists, words);
    };
    taken("ui/hud", "`ui/hud` is registered already, as asset 2");
    taken("ui/hud/atlas", "`ui/hud/atlas` lies inside the asset `ui/hud`");
    taken("gone", "registered already, as asset 3");
    let fixture = Fixture::blobs(&["ui/atlas", "deep/er/one"]);
    fixture.files.delete("/game/assets/deep");
    check_refused(
        &fixture,
        &relocate("1", "deep/er"),
        BlockerCode::AlreadyExists,
        "the asset `deep/er/one` lies inside `deep/er`",
    );
    let wrong = |new_root, words| {
        check_refused(&fixture, &relocate("1", new_root), BlockerCode::InvalidArgument, words);
    };
    wrong("ui/atlas/inner", "lies inside `ui/atlas`, the asset that is to move");
    wrong("ui", "is a folder above `ui/atlas`");
    wrong(".prometeu/atlas", "the packer's own folder");
    wrong("art/nul", "a device's name on Windows");
    wrong("art/a:b", "holds `:`");
    wrong("DEEP/two", "`DEEP` and `deep` are one name on Windows and macOS");
}

#[test]
fn an_asset_may_be_spelt_anew_in_another_letter_case() {
    let fixture = Fixture::blobs(&["ui/atlas"]);
    let plan = planned(&fixture, &relocate("1", "UI/Atlas"));
    assert_eq!(
        edits(&plan)[..2],
        [
            "create_folder assets/UI, folder-or-absent",
            "move_folder assets/UI/Atlas from assets/ui/atlas, absent"
        ]
    );
    let plan = planned(&fixture, &relocate("1", "ui/Atlas"));
    assert_eq!(edits(&plan).len(), 2);
    let fixture = Fixture::blobs(&["ui/atlas", "ui/hud"]);
    let words = "`UI` and `ui` are one name on Windows and macOS";
    check_refused(&fixture, &relocate("1", "UI/atlas"), BlockerCode::InvalidArgument, words);
}

#[test]
fn a_folder_that_is_not_in_its_place_is_not_moved_and_the_help_says_where_it_is() {
    let fixture = Fixture::blobs(&["a"]);
    fixture.files.delete("/game/assets/a");
    let refused =
        |words: &str| check_refused(&fixture, &relocate("1", "b"), BlockerCode::InvalidArgument, words);
    let follow = "If it was moved by hand, `cargo prometeu adopt NEW_ROOT --as 1` follows it";
    refused(&format!("there is nothing to move | {follow}"));
    fixture.declare("b", &blob(&uuid(2), "b"));
    refused(&format!("there is nothing to move | {follow}"));
    fixture.declare("b", &blob(&uuid(1), "a"));
    refused("`assets/b` carries its uuid: if it was moved there by hand, `cargo prometeu adopt b --as 1`");
    fixture.files.link("/game/assets/a", "b");
    refused("`assets/a` is reached through a link");
    fixture.files.delete("/game/assets/a");
    fixture.write("assets/a", "a file");
    refused("`assets/a` is not a folder");
}

#[test]
fn what_is_wrong_inside_an_asset_does_not_keep_it_from_moving() {
    let fixture = Fixture::blobs(&["a"]);
    for text in ["{", "{}", ""] {
        fixture.declare("a", text);
        assert_eq!(planned(&fixture, &relocate("a", "b")).edits.len(), 2, "{text}");
    }
    fixture.files.delete("/game/assets/a/asset.json");
    assert_eq!(planned(&fixture, &relocate("a", "b")).edits.len(), 2);
}

#[test]
fn roots_that_lie_inside_each_other_or_collide_are_moved_apart() {
    let fixture = Fixture::blobs(&["a", "a/inner", "b", "B"]);
    let nested = "the asset `a/inner` lies inside `a`, and would move with it | Move asset 2 out of it first";
    check_refused(&fixture, &relocate("1", "c"), BlockerCode::InvalidArgument, nested);
    let plan = planned(&fixture, &relocate("2", "c"));
    assert_eq!(entries(&new_registry(&plan)), ["1 a", "2 c", "3 b", "4 B"]);
    let plan = planned(&fixture, &relocate("4", "d"));
    assert_eq!(entries(&new_registry(&plan)), ["1 a", "2 a/inner", "3 b", "4 d"]);
}
