//! Plans on a project in memory: what they would do, and what they refuse.

use std::sync::Arc;
use std::time::Duration;

use super::{CreateAsset, EditKind, Expected, Mutation, Plan, RegisterAsset, RelocateAsset, SetIncluded};
use crate::ops::{Blocker, BlockerCode, Operation, OperationClass, Preview, Response, Status};
use crate::path::AssetPath;
use crate::schema::{SourceText, registry};
use crate::storage::faulty::{Failure, FaultyStorage, Repeat};
use crate::testing::{Fixture, blob, entry, uuid};

fn relocate(asset: &str, new_root: &str) -> Mutation {
    Mutation::RelocateAsset(RelocateAsset {
        asset: asset.to_owned(),
        new_root: AssetPath::parse(new_root).unwrap(),
    })
}

fn set_included(assets: &[&str], included: bool) -> Mutation {
    Mutation::SetIncluded(SetIncluded {
        assets: assets.iter().map(|asset| (*asset).to_owned()).collect(),
        included,
    })
}

#[track_caller]
fn planned(fixture: &Fixture, mutation: &Mutation) -> Plan {
    let response = fixture.project().preview(mutation, None);
    assert_eq!(response.status, Status::Ok, "{:?}", response.blockers);
    response.payload.unwrap().plan
}

/// The blockers of a mutation that is refused and changes nothing.
#[track_caller]
fn refused(fixture: &Fixture, mutation: &Mutation) -> Vec<Blocker> {
    let before = fixture.files.paths();
    let response = fixture.project().preview(mutation, None);
    assert_eq!(response.status, Status::Blocked, "{:?}", response.payload);
    assert_eq!(fixture.files.paths(), before);
    assert!(response.blockers.iter().all(|blocker| blocker.help.is_some()), "{:?}", response.blockers);
    response.blockers
}

/// That `mutation` is refused for one reason, in these words.
#[track_caller]
fn check_refused(fixture: &Fixture, mutation: &Mutation, code: BlockerCode, words: &str) {
    let blockers = refused(fixture, mutation);
    let [blocker] = &blockers[..] else { panic!("{blockers:?}") };
    assert_eq!(blocker.code, code, "{blocker:?}");
    let told = format!("{} | {}", blocker.message, blocker.help.as_deref().unwrap_or_default());
    assert!(told.contains(words), "no `{words}` in `{told}`");
}

/// The edits in one line each: kind, path, what is expected (a digest is left out).
fn edits(plan: &Plan) -> Vec<String> {
    let one = |edit: &super::FileEdit| {
        let from = match &edit.kind {
            EditKind::MoveFolder { from } => format!(" from {from}"),
            _ => String::new(),
        };
        let expected = match edit.expected {
            Expected::Content(_) => "content".to_owned(),
            other => other.to_string(),
        };
        format!("{} {}{from}, {expected}", edit.kind.as_str(), edit.path)
    };
    plan.edits.iter().map(one).collect()
}

/// The registry that a plan would write.
fn new_registry(plan: &Plan) -> registry::Registry {
    let EditKind::ReplaceFile(bytes) = &plan.edits.last().unwrap().kind else { panic!("{plan:?}") };
    let text = String::from_utf8(bytes.clone()).unwrap();
    let registry = registry::read(&SourceText::new(text.clone())).registry.unwrap();
    assert_eq!(registry.to_text(), text, "the text is canonical");
    registry
}

/// Each entry as `id root` with a `-` before what is excluded.
fn entries(registry: &registry::Registry) -> Vec<String> {
    let entry = |entry: &registry::Entry| {
        format!("{}{} {}", if entry.included_in_build { "" } else { "-" }, entry.asset_id, entry.root)
    };
    registry.assets.iter().map(entry).collect()
}

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
        "Run `cargo prometeu init` first",
    );
}

#[test]
fn an_asset_that_nobody_knows_is_told_with_the_nearest() {
    let fixture = Fixture::blobs(&["ui/atlas"]);
    fixture.declare("loose", &blob(&uuid(7), "loose"));
    for (name, words) in [
        ("ui/atlsa", "Did you mean `ui/atlas`?"),
        ("7", "`cargo prometeu list` shows what there is"),
        ("assets/loose/", "`assets/loose` is not registered: `cargo prometeu register` takes it in"),
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

/// A registry in one line of as many entries as give it about `size` bytes.
fn compact(size: usize) -> String {
    let entry = |n: usize| {
        let uuid = uuid(u32::try_from(n).unwrap());
        format!(r#"{{"asset_id":{n},"included_in_build":true,"root":"r/{n:06}","asset_uuid":"{uuid}"}}"#)
    };
    let count = size / (entry(100_000).len() + 1);
    let entries: Vec<String> = (1..=count).map(entry).collect();
    let next = count + 1;
    format!(r#"{{"schema_version":1,"next_asset_id":{next},"assets":[{}]}}"#, entries.join(","))
}

#[test]
fn a_change_after_which_a_document_could_not_be_read_is_refused_with_the_sizes() {
    let fixture = Fixture::blobs(&["a"]);
    let index = "assets/.prometeu/index.json";
    fixture.write(index, compact(900_000));
    assert!(planned(&fixture, &set_included(&["1"], true)).is_done(), "the registry as it is can be read");
    check_refused(
        &fixture,
        &set_included(&["1"], false),
        BlockerCode::InvalidArgument,
        "bytes then, and one of more than 1048576 is not read | Delete the entries",
    );
    fixture.declare("new", &blob(&uuid(900_000), "new"));
    let register = |root: &str| {
        Mutation::RegisterAsset(RegisterAsset { root: AssetPath::parse(root).unwrap(), included: true })
    };
    for mutation in [relocate("1", "moved"), register("new")] {
        if matches!(mutation, Mutation::RelocateAsset(_)) {
            fixture.declare("r/000001", &blob(&uuid(1), "one"));
        }
        check_refused(
            &fixture,
            &mutation,
            BlockerCode::InvalidArgument,
            "`assets/.prometeu/index.json` would have",
        );
    }

    let fixture = Fixture::blobs(&["a"]);
    let anonymous = blob(&uuid(2), "b").replace(&format!("\"asset_uuid\": \"{}\",", uuid(2)), "");
    assert!(!anonymous.contains("asset_uuid"));
    let filled = |size: usize| anonymous.clone() + &" ".repeat(size - anonymous.len());
    fixture.declare("b", &filled(SourceText::LIMIT));
    check_refused(
        &fixture,
        &register("b"),
        BlockerCode::InvalidArgument,
        "`assets/b/asset.json` would have 10486",
    );
    fixture.declare("b", &filled(SourceText::LIMIT - 100));
    assert_eq!(planned(&fixture, &register("b")).edits.len(), 2);

    let create = CreateAsset {
        root: AssetPath::parse("c").unwrap(),
        family: "blob_bank".to_owned(),
        name: Some("n".repeat(SourceText::LIMIT)),
        from: None,
    };
    let words = "`assets/c/asset.json` would have";
    check_refused(&fixture, &Mutation::CreateAsset(create), BlockerCode::InvalidArgument, words);
}

#[test]
fn a_new_root_has_a_fit_name_and_one_that_is_registered_keeps_its_own() {
    let names = [".git", "ui/.hidden", "PROMET~1", "a\u{200b}b", "\u{202e}gpj", &"n".repeat(201)];
    let fixture = Fixture::blobs(&["a"]);
    for (n, name) in (50..).zip(names) {
        fixture.declare(name, &blob(&uuid(n), "new"));
        let root = AssetPath::parse(name).unwrap();
        let create =
            CreateAsset { root: root.clone(), family: "blob_bank".to_owned(), name: None, from: None };
        for mutation in [
            Mutation::CreateAsset(create),
            Mutation::RegisterAsset(RegisterAsset { root, included: true }),
            relocate("a", name),
        ] {
            check_refused(&fixture, &mutation, BlockerCode::InvalidArgument, "cannot be an asset root: ");
        }
    }
    let fixture = Fixture::blobs(&names);
    assert_eq!(fixture.diagnostics(), []);
    let words = "has a name under which nothing is moved | Rename it by hand";
    check_refused(&fixture, &relocate("1", "git"), BlockerCode::InvalidArgument, words);
    assert_eq!(planned(&fixture, &set_included(&[".git"], false)).edits.len(), 1);
}

/// Previews of `mutation` on a disk of which each call fails once, and each for good: the plan is the
/// same then, or the answer names the path and says why.
#[track_caller]
fn check_failing_disk(fixture: &Fixture, mutation: &Mutation) {
    let disk = FaultyStorage::new(&fixture.files);
    let project = fixture.project_on(Arc::new(disk.clone()), Duration::ZERO);
    let opened = disk.calls();
    let healthy = project.preview(mutation, None);
    let mut told = 0;
    for at in opened..disk.calls() {
        for repeat in [Repeat::Once, Repeat::ForGood] {
            let failing = FaultyStorage::new(&fixture.files).fail_call(at, Failure::Eio, repeat);
            let project = fixture.project_on(Arc::new(failing), Duration::ZERO);
            let response = project.preview(mutation, None);
            let call = || disk.log().get(usize::try_from(at).unwrap()).cloned();
            if response.status == healthy.status {
                let same = |response: &Response<Preview>| {
                    response.payload.as_ref().map(|preview| edits(&preview.plan))
                };
                assert_eq!(same(&response), same(&healthy), "{:?}", call());
                continue;
            }
            let [blocker] = &response.blockers[..] else { panic!("{:?}: {response:?}", call()) };
            assert_eq!(
                (response.status, blocker.code),
                (Status::Failed, BlockerCode::IoError),
                "{:?}",
                call()
            );
            assert!(blocker.path.as_deref().is_some_and(|path| path.starts_with("/game")), "{blocker:?}");
            let why = Failure::Eio.error().to_string();
            assert!(blocker.message.ends_with(&why), "no `{why}` in {blocker:?}");
            told += 1;
        }
    }
    assert!(told > 0, "no call of {mutation:?} was one whose failure had to be told");
}

#[test]
fn what_cannot_be_looked_at_is_told_with_its_path_and_never_taken_for_absent() {
    let fixture = Fixture::blobs(&["a", "ui/b"]);
    fixture.declare("new", &blob(&uuid(7), "new"));
    fixture.write("assets/new/data.txt", "new");
    let root = |root: &str| AssetPath::parse(root).unwrap();
    let create = |at: &str| {
        let family = "blob_bank".to_owned();
        Mutation::CreateAsset(CreateAsset { root: root(at), family, name: None, from: None })
    };
    fixture.files.folder("/game/assets/empty");
    for mutation in [
        Mutation::RegisterAsset(RegisterAsset { root: root("new"), included: true }),
        create("ui/deep/c"),
        create("empty"),
        relocate("a", "ui/deep/c"),
        set_included(&["a"], false),
    ] {
        check_failing_disk(&fixture, &mutation);
    }
}
