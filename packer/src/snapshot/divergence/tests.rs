//! Each divergence from files in memory, in its words, and each of its ways out taken.

mod many;

use crate::mutate::{
    AdoptAsset, Adoption, ForgetAsset, Mutation, QuarantineAsset, ReconcileAssets, RestoreAsset,
};
use crate::ops::{Action, Argument, DoctorRequest, Operation, Status};
use crate::path::AssetPath;
use crate::project::Project;
use crate::snapshot::State;
use crate::storage::Rename;
use crate::testing::{Fixture, blob, entry, uuid};

/// The mutation that an action is.
pub(crate) fn mutation(action: &Action) -> Option<Mutation> {
    let value = |name| action.arguments.iter().find(|(key, _)| *key == name).map(|(_, value)| value);
    let text = |name| value(name).map(ToString::to_string);
    Some(match action.operation {
        Operation::InitWorkspace => Mutation::InitWorkspace,
        Operation::ForgetAsset => Mutation::ForgetAsset(ForgetAsset { asset: text("asset").unwrap() }),
        Operation::RestoreAsset => Mutation::RestoreAsset(RestoreAsset { entry: text("entry").unwrap() }),
        Operation::AdoptAsset => Mutation::AdoptAsset(AdoptAsset {
            root: AssetPath::parse(&text("root").unwrap()).unwrap(),
            adoption: match value("as").unwrap() {
                Argument::Text(new) if new == "new" => Adoption::New,
                asset => Adoption::Existing(asset.to_string()),
            },
        }),
        Operation::Reconcile => Mutation::Reconcile(ReconcileAssets {
            assets: match value("assets") {
                Some(Argument::List(ids)) => ids.clone(),
                _ => Vec::new(),
            },
        }),
        _ => return None,
    })
}

/// Takes every way out that is proposed, each on files of its own: it does something, and needs the
/// consent and is of the class that was said.
#[track_caller]
pub(crate) fn take_every_way(fixture: &Fixture) -> usize {
    let ways = fixture.project().workspace_status().proposed_actions;
    for way in &ways {
        let Some(mutation) = mutation(way) else { continue };
        let other = fixture.on(fixture.files.fork());
        let plan = other.project().preview(&mutation, None);
        assert_eq!(plan.status, Status::Ok, "{}: {:?}", way.action_id, plan.blockers);
        let plan = plan.payload.unwrap().plan;
        assert!(!plan.is_done(), "{} has nothing to do", way.action_id);
        assert_eq!(plan.needs_consent(), way.needs_consent, "{}", way.action_id);
        assert_eq!(plan.class, way.operation_class, "{}", way.action_id);
        assert!(way.command().is_some(), "{}", way.action_id);
        let response = other.project().change(&mutation, true);
        assert_eq!(response.status, Status::Ok, "{}: {:?}", way.action_id, response.blockers);
    }
    take_all_advice(fixture);
    ways.len()
}

/// The mutation that a command is, as far as its words are whole.
fn typed(command: &str) -> Option<Mutation> {
    let words: Vec<&str> = command.split(' ').collect();
    let root = |text: &str| AssetPath::parse(text).ok();
    Some(match words[..] {
        ["adopt", at, "--as-new"] => {
            Mutation::AdoptAsset(AdoptAsset { root: root(at)?, adoption: Adoption::New })
        }
        ["adopt", at, "--as", asset] if at != "NEW_ROOT" => {
            let adoption = Adoption::Existing(asset.into());
            Mutation::AdoptAsset(AdoptAsset { root: root(at)?, adoption })
        }
        ["register", at] => {
            Mutation::RegisterAsset(crate::mutate::RegisterAsset { root: root(at)?, included: true })
        }
        ["forget", asset] => Mutation::ForgetAsset(ForgetAsset { asset: asset.into() }),
        ["reconcile", ref assets @ ..] if !assets.is_empty() => {
            let assets = assets.iter().map(ToString::to_string).collect();
            Mutation::Reconcile(ReconcileAssets { assets })
        }
        _ => return None,
    })
}

/// Takes every advice that `doctor` gives about who lives where: none is refused, or does nothing.
#[track_caller]
fn take_all_advice(fixture: &Fixture) {
    // Where the registry contradicts itself, that is told first, and refuses what is told of folders.
    let snapshot = fixture.project().snapshot().unwrap();
    if snapshot.reports.iter().any(|report| report.asset.is_none()) {
        return;
    }
    let doctor = fixture.project().doctor(DoctorRequest { workspace: true, strict: false });
    let about_identity =
        ["root-missing", "copied-root", "relocated-root", "orphan-declaration", "uuid-mismatch"];
    for found in doctor.diagnostics.iter().filter(|found| about_identity.contains(&found.code.as_str())) {
        let help = found.help.as_deref().unwrap();
        for command in help.split('`').filter_map(|words| words.strip_prefix("cargo prometeu ")) {
            // Before which something has to be done in the files.
            let is_conditional = help.contains(&format!("first; then `cargo prometeu {command}"))
                || help.contains(&format!("writes one; then `cargo prometeu {command}"));
            let Some(mutation) = typed(command).filter(|_| !is_conditional) else { continue };
            let plan = fixture.on(fixture.files.fork()).project().preview(&mutation, None);
            assert_eq!(plan.status, Status::Ok, "{}: {help}: {:?}", found.message, plan.blockers);
            assert!(!plan.payload.unwrap().plan.is_done(), "{}: {help}", found.message);
        }
    }
}

/// What `doctor` advises about a folder or an asset.
#[track_caller]
fn check_advice(fixture: &Fixture, code: &str, words: &str) {
    take_all_advice(fixture);
    let doctor = fixture.project().doctor(DoctorRequest { workspace: true, strict: false });
    let mut of_code = doctor.diagnostics.iter().filter(|found| found.code.as_str() == code);
    let helps: Vec<&str> = of_code.by_ref().map(|found| found.help.as_deref().unwrap()).collect();
    assert!(helps.iter().any(|help| help.contains(words)), "{code}: no `{words}` in {helps:?}");
}

#[test]
fn what_is_advised_about_a_folder_is_what_is_offered() {
    let hidden = Fixture::blobs(&["a", "ui/b"]);
    by_hand(&hidden, "a", ".hidden");
    check_advice(&hidden, "relocated-root", "Move or rename it, to where an asset can be; then");
    let reserved = Fixture::blobs(&["a"]);
    copy(&reserved, 1, "CON");
    check_advice(&reserved, "copied-root", "`CON` cannot be an asset root");
    let inside = Fixture::blobs(&["a", "b"]);
    by_hand(&inside, "a", "b/a");
    check_advice(&inside, "root-missing", "It is in `b/a`: move that to where an asset can be");
    let case = Fixture::blobs(&["ui/a"]);
    copy(&case, 7, "UI/b");
    check_advice(&case, "orphan-declaration", "`UI` and `ui` are one name on Windows and macOS");
    let around = Fixture::blobs(&["ui/a"]);
    copy(&around, 7, "ui");
    check_advice(&around, "orphan-declaration", "has the asset `ui/a` inside");
    let broken = Fixture::blobs(&["a"]);
    broken.declare("b", "{");
    check_advice(
        &broken,
        "orphan-declaration",
        "Mend its `asset.json` first; then `cargo prometeu register b`",
    );
    let over = Fixture::blobs(&["a", "b"]);
    over.files.delete("/game/assets/a");
    by_hand(&over, "b", "a");
    let words =
        "run `cargo prometeu forget 1` if it is gone; then `cargo prometeu reconcile` lets asset 2 follow";
    check_advice(&over, "uuid-mismatch", words);
    let spaces = Fixture::blobs(&["a"]);
    copy(&spaces, 1, "my atlas");
    check_advice(&spaces, "copied-root", "Run `cargo prometeu adopt 'my atlas' --as-new` to make");
    let lost = Fixture::blobs(&["a"]);
    lost.files.delete("/game/assets/.prometeu/index.json");
    let doctor = lost.project().doctor(DoctorRequest { workspace: true, strict: false });
    assert_eq!(doctor.diagnostics.len(), 1, "one error, no noise: {:?}", doctor.diagnostics);
}

#[test]
fn doctor_offers_the_ways_out_after_its_fixes_each_once() {
    let fixture = Fixture::blobs(&["a", "b"]);
    by_hand(&fixture, "a", "x");
    copy(&fixture, 2, "y");
    let offered = |workspace| {
        let ways = fixture.project().doctor(DoctorRequest { workspace, strict: false }).proposed_actions;
        ways.into_iter().map(|way| way.action_id).collect::<Vec<_>>()
    };
    assert_eq!(offered(false), ["reconcile:1"]);
    assert_eq!(offered(true), ["reconcile:1", "adopt_asset:y:new", "adopt_asset:y:2"]);
}

/// Divergences as `kind: message`, and the names of the ways out; each way is taken.
#[track_caller]
fn check(fixture: &Fixture, expected: &[&str], ways: &[&str]) {
    let status = fixture.project().workspace_status();
    assert_eq!(status.status, Status::Ok);
    let found = &status.payload.as_ref().unwrap().divergences;
    let told: Vec<String> =
        found.iter().map(|found| format!("{}: {}", found.kind.as_str(), found.message)).collect();
    assert_eq!(told, expected);
    let names: Vec<&str> = status.proposed_actions.iter().map(|way| way.action_id.as_str()).collect();
    assert_eq!(names, ways);
    let state = if expected.is_empty() { State::Current } else { State::Diverged };
    assert_eq!(status.payload.unwrap().state, state);
    take_every_way(fixture);
}

fn by_hand(fixture: &Fixture, from: &str, to: &str) {
    let at = |root: &str| std::path::Path::new("/game/assets").join(root);
    fixture.files.folder(at(to).parent().unwrap());
    fixture.files.rename_by_hand(at(from), at(to), Rename::New).unwrap();
}

fn exchange(fixture: &Fixture, one: &str, other: &str) {
    let at = |root: &str| std::path::Path::new("/game/assets").join(root);
    fixture.files.rename_by_hand(at(one), at(other), Rename::Exchange).unwrap();
}

fn copy(fixture: &Fixture, n: u32, to: &str) {
    fixture.write(&format!("assets/{to}/data.txt"), to);
    fixture.declare(to, &blob(&uuid(n), to));
}

fn reconciled(project: &Project) -> Vec<String> {
    let done = project.change(&Mutation::Reconcile(ReconcileAssets::default()), true);
    assert_eq!(done.status, Status::Ok, "{:?}", done.blockers);
    let snapshot = project.refresh(crate::workspace::Scope::Workspace).unwrap();
    snapshot.assets.iter().map(|asset| format!("{} {}", asset.id(), asset.entry.root)).collect()
}

#[test]
fn a_project_in_order_has_none() {
    let fixture = Fixture::blobs(&["a", "ui/b"]);
    copy(&fixture, 7, "new");
    check(&fixture, &[], &[]);
}

#[test]
fn where_no_registry_is_one_can_be_made_and_takes_consent_while_folders_carry_uuids() {
    let empty = Fixture::empty();
    let words = "registry-missing: there is no folder `assets` here, so there is nothing to pack";
    check(&empty, &[words], &["init_workspace"]);
    assert!(!empty.project().workspace_status().proposed_actions[0].needs_consent);
    let lost = Fixture::blobs(&["a"]);
    lost.files.delete("/game/assets/.prometeu/index.json");
    check(&lost, &["registry-missing: this project has no registry"], &["init_workspace"]);
    assert!(lost.project().workspace_status().proposed_actions[0].needs_consent);
    let refused = lost.project().change(&Mutation::InitWorkspace, false);
    assert_eq!(refused.blockers[0].code, crate::ops::BlockerCode::ConsentRequired);
}

#[test]
fn an_asset_that_came_back_from_elsewhere_while_it_lies_in_quarantine_can_have_its_id_again() {
    let fixture = Fixture::blobs(&["a", "b"]);
    let quarantine = Mutation::QuarantineAsset(QuarantineAsset { assets: vec!["1".into()] });
    assert_eq!(fixture.project().change(&quarantine, true).status, Status::Ok);
    copy(&fixture, 1, "a");
    let words = "put-back: `a` is not registered, and carries the uuid of asset 1, which lies in quarantine as \
                 `1-a`: it was put back by hand";
    check(&fixture, &[words], &["adopt_asset:a:1", "adopt_asset:a:new"]);
    let refused = |mutation: &Mutation, words: &str| {
        let response = fixture.project().change(mutation, true);
        assert_eq!(response.status, Status::Blocked);
        let blocker = &response.blockers[0];
        assert_eq!(blocker.code, crate::ops::BlockerCode::AlreadyExists);
        assert!(blocker.help.as_ref().unwrap().contains(words), "{blocker:?}");
    };
    let root = AssetPath::parse("a").unwrap();
    refused(
        &Mutation::RegisterAsset(crate::mutate::RegisterAsset { root: root.clone(), included: true }),
        "`cargo prometeu adopt a --as 1` gives it its entry and its id back",
    );
    refused(
        &Mutation::RestoreAsset(RestoreAsset { entry: "1".into() }),
        "`cargo prometeu adopt a --as 1` gives it the entry and the id back",
    );
    let back = Mutation::AdoptAsset(AdoptAsset { root, adoption: Adoption::Existing("1".into()) });
    assert_eq!(fixture.project().change(&back, true).status, Status::Ok);
    assert_eq!(reconciled(&fixture.project()), ["1 a", "2 b"]);
    let words = "in-quarantine: asset 1 is registered in `a`, and lies in quarantine as `1-a` as well; delete \
                 `assets/.prometeu/quarantine/1-a` if that is not needed any more";
    check(&fixture, &[words], &[]);
}

#[test]
fn an_asset_under_a_name_that_no_root_can_have_is_told_where_it_is() {
    let fixture = Fixture::blobs(&["a"]);
    by_hand(&fixture, "a", "x\ny");
    let words =
        "obstructed: asset 1 is not in `a` any more, but in `x\ny`, which no asset root can be called";
    check(&fixture, &[words], &["forget_asset:1"]);
}

#[test]
fn of_two_entries_in_one_root_the_one_that_lives_elsewhere_follows() {
    let fixture = Fixture::blobs(&["a", "b"]);
    fixture.registry(&[entry(1, "a", true), entry(2, "a", true)]);
    let told = [
        "duplicate-root: assets 1 and 2 are both registered in `a`",
        "moved: asset 2 is in `b` now, and something else lives in `a`",
    ];
    check(&fixture, &told, &["reconcile:2"]);
    assert_eq!(reconciled(&fixture.project()), ["1 a", "2 b"]);
    check(&fixture, &[], &[]);
}

#[test]
fn a_uuid_that_is_none_is_written_back_if_somebody_says_so() {
    let fixture = Fixture::blobs(&["a"]);
    fixture.edit("a", &uuid(1), "zzz");
    let words =
        "uuid-absent: the `asset.json` in `a` does not say that it is asset 1: its `asset_uuid` is no uuid";
    check(&fixture, &[words], &["adopt_asset:a:1", "forget_asset:1"]);
}

#[test]
fn a_declaration_that_is_a_link_is_told_in_one_way() {
    let fixture = Fixture::blobs(&["a"]);
    fixture.files.delete("/game/assets/a/asset.json");
    fixture.files.link("/game/assets/a/asset.json", "data.txt");
    let words = "declaration-missing: `assets/a/asset.json` of asset 1 is not a regular file";
    check(&fixture, &[words], &[]);
}

#[test]
fn a_moved_folder_is_followed() {
    let fixture = Fixture::blobs(&["a", "b"]);
    by_hand(&fixture, "a", "ui/a");
    check(&fixture, &["moved: asset 1 was moved from `a` to `ui/a`"], &["reconcile:1"]);
    assert_eq!(reconciled(&fixture.project()), ["1 ui/a", "2 b"]);
    check(&fixture, &[], &[]);
}

#[test]
fn those_that_changed_places_go_together() {
    let fixture = Fixture::blobs(&["a", "b", "c"]);
    exchange(&fixture, "a", "b");
    exchange(&fixture, "b", "c");
    let says =
        |id, to, from| format!("moved: asset {id} is in `{to}` now, and something else lives in `{from}`");
    let told = [says(1, "c", "a"), says(2, "a", "b"), says(3, "b", "c")];
    check(&fixture, &told.each_ref().map(String::as_str), &["reconcile:1+2+3"]);
    assert_eq!(reconciled(&fixture.project()), ["1 c", "2 a", "3 b"]);
    check(&fixture, &[], &[]);
}

#[test]
fn a_folder_that_moved_to_where_another_one_was_waits_for_a_word_about_that() {
    let fixture = Fixture::blobs(&["a", "b"]);
    fixture.files.delete("/game/assets/a");
    by_hand(&fixture, "b", "a");
    check(
        &fixture,
        &[
            "swapped: `a` should be asset 1, but carries the uuid of asset 2",
            "obstructed: asset 2 is not in `b` any more, but in `a`, which is registered as asset 1",
        ],
        &["forget_asset:1", "forget_asset:2"],
    );
    assert_eq!(reconciled(&fixture.project()), ["1 a", "2 b"]);
    drop(fixture.project().change(&Mutation::ForgetAsset(ForgetAsset { asset: "1".into() }), true));
    assert_eq!(reconciled(&fixture.project()), ["2 a"]);
    check(&fixture, &[], &[]);
}

#[test]
fn a_folder_that_was_put_into_another_asset_has_to_be_moved_out_by_a_person() {
    let fixture = Fixture::blobs(&["a", "b"]);
    by_hand(&fixture, "a", "b/a");
    let words = "obstructed: asset 1 is not in `a` any more, but in `b/a`, inside asset 2 (`b`)";
    check(&fixture, &[words], &["forget_asset:1"]);
    assert_eq!(reconciled(&fixture.project()), ["1 a", "2 b"]);
}

#[test]
fn a_folder_that_is_gone_or_in_several_places_is_followed_nowhere() {
    let fixture = Fixture::blobs(&["a", "b", "c"]);
    fixture.files.delete("/game/assets/a");
    fixture.files.delete("/game/assets/c/asset.json");
    by_hand(&fixture, "b", "x");
    copy(&fixture, 2, "y");
    check(
        &fixture,
        &[
            "missing: the folder `a` of asset 1 is gone, and no other one carries its uuid",
            "moved-somewhere: asset 2 is not in `b` any more, and 2 folders carry its uuid: `x` and `y`",
            "declaration-missing: `assets/c` of asset 3 holds no `asset.json`",
        ],
        &["forget_asset:1", "adopt_asset:x:2", "adopt_asset:y:2", "forget_asset:2", "forget_asset:3"],
    );
    assert_eq!(reconciled(&fixture.project()), ["1 a", "2 b", "3 c"]);
}

#[test]
fn what_is_no_folder_may_be_there_and_is_followed_nowhere() {
    let fixture = Fixture::blobs(&["a"]);
    by_hand(&fixture, "a", "x");
    fixture.files.link("/game/assets/a", "x");
    let words = "not-a-folder: `assets/a` of asset 1 is reached through a link, and links are not followed";
    check(&fixture, &[words], &["adopt_asset:x:1"]);
    assert_eq!(reconciled(&fixture.project()), ["1 a"]);
}

#[test]
fn a_uuid_that_was_edited_or_removed_is_written_back_if_somebody_says_so() {
    let fixture = Fixture::blobs(&["a", "b"]);
    fixture.edit("a", &uuid(1), &uuid(9));
    fixture.edit("b", &format!("\"asset_uuid\": \"{}\",", uuid(2)), "");
    let changed = format!(
        "uuid-changed: `a` should be asset 1, but carries the uuid `{}`, which is no asset's",
        uuid(9)
    );
    let absent = "uuid-absent: the `asset.json` in `b` does not say that it is asset 2: it carries no uuid";
    let ways = ["adopt_asset:a:1", "forget_asset:1", "adopt_asset:b:2", "forget_asset:2"];
    check(&fixture, &[&changed, absent], &ways);
}

#[test]
fn an_asset_without_a_uuid_is_not_followed_to_a_copy_of_it() {
    let fixture = Fixture::blobs(&["a"]);
    copy(&fixture, 1, "copy");
    fixture.edit("a", &format!("\"asset_uuid\": \"{}\",", uuid(1)), "");
    let absent = "uuid-absent: the `asset.json` in `a` does not say that it is asset 1: it carries no uuid";
    check(&fixture, &[absent], &["adopt_asset:a:1", "adopt_asset:copy:1", "forget_asset:1"]);
}

#[test]
fn a_copy_has_two_ways_out() {
    let fixture = Fixture::blobs(&["a", "b"]);
    copy(&fixture, 1, "ui/copy");
    copy(&fixture, 2, "a/inside");
    check(
        &fixture,
        &[
            "copied: `a/inside` carries the uuid of asset 2, which is in its place in `b`: it is a copy",
            "copied: `ui/copy` carries the uuid of asset 1, which is in its place in `a`: it is a copy",
        ],
        &["adopt_asset:ui/copy:new", "adopt_asset:ui/copy:1"],
    );
    let snapshot = fixture.project().snapshot().unwrap();
    let found: Vec<_> = snapshot.everything().map(|report| snapshot.diagnose(report, false)).collect();
    let codes: Vec<_> = found.iter().map(|found| (found.code.as_str(), found.blocking)).collect();
    assert_eq!(codes, [("copied-root", false), ("copied-root", false)]);
}

#[test]
fn a_moved_folder_is_told_as_one_where_it_is() {
    let fixture = Fixture::blobs(&["a"]);
    by_hand(&fixture, "a", "x");
    let snapshot = fixture.project().snapshot().unwrap();
    let found: Vec<_> = snapshot.everything().map(|report| snapshot.diagnose(report, false)).collect();
    let places: Vec<_> =
        found.iter().map(|found| (found.code.as_str(), found.file.as_deref().unwrap())).collect();
    let expected =
        [("root-missing", "assets/.prometeu/index.json"), ("relocated-root", "assets/x/asset.json")];
    assert_eq!(places, expected);
}

#[test]
fn what_is_registered_and_in_quarantine_comes_back_where_its_place_is_free() {
    let fixture = Fixture::blobs(&["a", "b"]);
    let registry = fixture.files.content("/game/assets/.prometeu/index.json").unwrap();
    let quarantine = Mutation::QuarantineAsset(QuarantineAsset { assets: vec!["1".into()] });
    assert_eq!(fixture.project().change(&quarantine, true).status, Status::Ok);
    // As a merge leaves it.
    fixture.write("assets/.prometeu/index.json", registry);
    let words = "in-quarantine: asset 1 is registered in `a`, and lies in quarantine as `1-a` as well";
    check(&fixture, &[words], &["restore_asset:1-a", "forget_asset:1"]);
    fixture.files.folder("/game/assets/a");
    let bare = "declaration-missing: `assets/a` of asset 1 holds no `asset.json`";
    check(&fixture, &[bare, words], &["forget_asset:1"]);
}

#[test]
fn a_registry_that_contradicts_itself_is_named_with_what_can_be_done() {
    let fixture = Fixture::blobs(&["a", "b"]);
    let second = |change: &dyn Fn(String) -> String| {
        fixture.registry(&[entry(1, "a", true), change(entry(2, "b", true))]);
    };
    second(&|text| text.replace("\"asset_id\": 2", "\"asset_id\": 1"));
    let ways = ["adopt_asset:a:new", "adopt_asset:b:new"];
    check(&fixture, &["duplicate-asset-id: `a` and `b` are both registered as asset 1"], &ways);
    second(&|text| text.replace(&uuid(2), &uuid(1)));
    let status = fixture.project().workspace_status();
    let kinds: Vec<_> = status.payload.unwrap().divergences.iter().map(|found| found.kind.as_str()).collect();
    assert_eq!(kinds, ["duplicate-asset-uuid"]);
    take_every_way(&fixture);
    second(&|text| text.replace("\"b\"", "\"a\""));
    let told = fixture.project().workspace_status().payload.unwrap().divergences;
    assert_eq!(told[0].message, "assets 1 and 2 are both registered in `a`");
    fixture.write("assets/.prometeu/index.json", "<<<<<<< ours\n{}\n=======\n{}\n>>>>>>> theirs\n");
    let told = fixture.project().workspace_status().payload.unwrap().divergences;
    assert_eq!(told[0].kind.as_str(), "registry-conflict-markers");
    fixture.files.delete("/game/assets/.prometeu/index.json");
    check(&fixture, &["registry-missing: this project has no registry"], &["init_workspace"]);
}

#[test]
fn an_allocator_that_is_behind_is_raised_without_consent() {
    let fixture = Fixture::blobs(&["a", "b"]);
    let entries = [entry(1, "a", true), entry(2, "b", true)].join(",");
    fixture.write(
        "assets/.prometeu/index.json",
        format!(r#"{{"schema_version":1,"next_asset_id":2,"assets":[{entries}]}}"#),
    );
    let words = "allocator-behind: in the registry, `next_asset_id` is 2, but id 2 is in use";
    check(&fixture, &[words], &["reconcile"]);
    let done = fixture.project().change(&Mutation::Reconcile(ReconcileAssets::default()), false);
    assert_eq!(done.summary, "reconcile the registry: `next_asset_id` is 3 now");
    check(&fixture, &[], &[]);
}

#[test]
fn what_is_left_to_a_person_is_told_by_preview_and_change_alike() {
    let fixture = Fixture::blobs(&["a", "b"]);
    by_hand(&fixture, "a", "x");
    fixture.files.delete("/game/assets/b");
    let reconcile = Mutation::Reconcile(ReconcileAssets::default());
    let preview = fixture.project().preview(&reconcile, None);
    let applied = fixture.project().change(&reconcile, true);
    for (diagnostics, actions) in
        [(preview.diagnostics, preview.proposed_actions), (applied.diagnostics, applied.proposed_actions)]
    {
        let codes: Vec<_> = diagnostics.iter().map(|found| (found.code.as_str(), found.asset_id)).collect();
        assert_eq!(codes, [("root-missing", crate::id::AssetId::try_from(2).ok())]);
        assert!(actions.iter().any(|way| way.action_id == "forget_asset:2"), "{actions:?}");
    }
    let again = fixture.project().change(&reconcile, true);
    assert_eq!((again.status, again.diagnostics.len()), (Status::Ok, 1));
    assert!(again.payload.unwrap().plan.is_done());
    let one = |asset: &str| Mutation::Reconcile(ReconcileAssets { assets: vec![asset.into()] });
    assert_eq!(fixture.project().change(&one("2"), true).status, Status::Ok);
    assert_eq!(fixture.project().change(&one("7"), true).status, Status::Blocked);
}
