//! Plans to put a root out of the way, and to bring it back.

use super::{
    INDEX, changed, check_refused, done, edits, entries, forget, new_registry, orphan, planned, quarantine,
    refused, register, registry_now, relocate, restore, text,
};
use crate::mutate::{Mutation, QuarantineAsset, Undo};
use crate::ops::{BlockerCode, Operation, OperationClass, Status};
use crate::testing::{Fixture, blob, entry, uuid};

const ENTRY: &str = "assets/.prometeu/quarantine/1-atlas";

#[track_caller]
fn check_wrong(fixture: &Fixture, mutation: &Mutation, words: &str) {
    check_refused(fixture, mutation, BlockerCode::InvalidArgument, words);
}

#[track_caller]
fn check_taken(fixture: &Fixture, mutation: &Mutation, words: &str) {
    check_refused(fixture, mutation, BlockerCode::AlreadyExists, words);
}

/// With `ui/atlas`, asset 1, in quarantine.
fn away() -> Fixture {
    let fixture = Fixture::blobs(&["ui/atlas", "b"]);
    done(&fixture, &quarantine("1"));
    fixture
}

#[test]
fn a_root_goes_into_quarantine_with_a_record_of_its_place_and_its_entry() {
    let fixture = Fixture::blobs(&["ui/atlas", "b"]);
    let plan = planned(&fixture, &quarantine("ui/atlas"));
    assert_eq!(
        edits(&plan),
        [
            "create_folder assets/.prometeu/quarantine, folder-or-absent".to_owned(),
            format!("create_folder {ENTRY}, absent"),
            format!("create_file {ENTRY}/record.json, absent"),
            format!("move_folder {ENTRY}/root from assets/ui/atlas, absent"),
            "replace_file assets/.prometeu/index.json, content".to_owned(),
        ]
    );
    assert_eq!(plan.title, "quarantine `ui/atlas` (asset 1) as `1-atlas`");
    assert_eq!(plan.class, OperationClass::WorkspaceMutation);
    let registry = new_registry(&plan);
    assert_eq!((entries(&registry), registry.next_asset_id), (vec!["2 b".into()], 3));
    for name in ["1", &uuid(1), "assets/ui/atlas/"] {
        assert!(plan.plan_id.same_plan(&planned(&fixture, &quarantine(name)).plan_id), "{name}");
    }
    done(&fixture, &quarantine("1"));
    assert_eq!(
        text(&fixture, &format!("{ENTRY}/record.json")),
        format!(
            "{{\n  \"schema_version\": 1,\n  \"root\": \"ui/atlas\",\n  \"asset_id\": 1,\n  \
             \"included_in_build\": true,\n  \"asset_uuid\": \"{}\"\n}}\n",
            uuid(1)
        )
    );
    assert_eq!(text(&fixture, &format!("{ENTRY}/root/data.txt")), "ui/atlas");
    assert_eq!(fixture.diagnostics(), []);
}

/// `names` in one plan.
fn quarantine_all(names: &[&str]) -> Mutation {
    let assets = names.iter().map(ToString::to_string).collect();
    Mutation::QuarantineAsset(QuarantineAsset { assets })
}

#[test]
fn several_go_together_each_as_its_own_entry_and_come_back_together_or_one_by_one() {
    let fixture = Fixture::blobs(&["a", "ui/atlas", "b"]);
    // Two that would be called the same, and one that a person put there once.
    orphan(&fixture, "x/loose", &uuid(7));
    orphan(&fixture, "y/loose", &uuid(8));
    let before = fixture.files.content(INDEX);
    let names = ["3", "y/loose", "ui/atlas", "x/loose", "b"];
    let plan = planned(&fixture, &quarantine_all(&names));
    assert_eq!(plan.title, "quarantine 4 assets", "`3` and `b` are one");
    assert!(plan.needs_consent());
    let moves: Vec<String> = edits(&plan).into_iter().filter(|edit| edit.starts_with("move")).collect();
    let to = |entry: &str, root: &str| {
        format!("move_folder assets/.prometeu/quarantine/{entry}/root from assets/{root}, absent")
    };
    assert_eq!(
        moves,
        [
            to("2-atlas", "ui/atlas"),
            to("3-b", "b"),
            to("unregistered-loose", "x/loose"),
            to("unregistered-loose-2", "y/loose"),
        ]
    );
    assert_eq!(entries(&new_registry(&plan)), ["1 a"]);
    assert_eq!(plan.way_back().map(|action| action.operation), Some(Operation::Undo));

    done(&fixture, &quarantine_all(&names));
    assert_eq!(fixture.diagnostics(), []);
    done(&fixture, &Mutation::Undo(Undo { change: None }));
    assert_eq!(fixture.files.content(INDEX), before);
    assert_eq!(text(&fixture, "assets/y/loose/data.txt"), "y/loose");

    done(&fixture, &quarantine_all(&names));
    done(&fixture, &restore("y/loose"));
    done(&fixture, &restore("3"));
    assert_eq!(entries(&registry_now(&fixture)), ["1 a", "3 b"]);
}

#[test]
fn every_name_that_leads_nowhere_is_told_and_then_nothing_moves() {
    let fixture = Fixture::blobs(&["a"]);
    let blockers = refused(&fixture, &quarantine_all(&["a", "nowhere", "9"]));
    assert_eq!(blockers.len(), 2, "{blockers:?}");
    assert!(blockers.iter().all(|blocker| blocker.code == BlockerCode::UnknownAsset), "{blockers:?}");
    check_wrong(&fixture, &quarantine_all(&[]), "no asset is named");
}

#[test]
fn nobody_is_told_to_move_away_what_assets_are_made_of() {
    let fixture = Fixture::blobs(&["sky/heavens", "sky/hills"]);
    fixture.write("assets/notes/idea.txt", "mine");
    let told = |name: &str, words: &str| {
        check_refused(&fixture, &quarantine(name), BlockerCode::UnknownAsset, words);
    };
    told("sky", "`cargo prometeu quarantine sky/heavens sky/hills`");
    fixture.write("assets/sky/hills/parts/x.txt", "x");
    told("sky/hills/parts", "`cargo prometeu why assets/sky/hills/parts`");
    told("notes", "Move it away by hand");
}

#[test]
fn of_two_within_each_other_the_inner_one_goes_along_with_the_outer() {
    let fixture = Fixture::blobs(&["b"]);
    orphan(&fixture, "out", &uuid(7));
    orphan(&fixture, "out/in", &uuid(8));
    orphan(&fixture, "outer", &uuid(9));
    let plan = planned(&fixture, &quarantine_all(&["out/in", "out", "outer"]));
    let affected: Vec<&str> = plan.affected_assets.iter().map(|asset| asset.root.as_str()).collect();
    assert_eq!(affected, ["out", "outer"]);
    done(&fixture, &quarantine_all(&["out/in", "out", "outer"]));
    let kept = "assets/.prometeu/quarantine/unregistered-out/root/in/data.txt";
    assert_eq!(text(&fixture, kept), "out/in");
}

#[test]
fn a_root_that_nobody_registered_goes_into_quarantine_and_comes_back_without_an_entry() {
    let fixture = Fixture::blobs(&["b"]);
    orphan(&fixture, "ui/loose", &uuid(7));
    let before = fixture.files.content(INDEX);
    let plan = planned(&fixture, &quarantine("assets/ui/loose/"));
    assert_eq!(plan.title, "quarantine `ui/loose` as `unregistered-loose`");
    assert_eq!(plan.edits.len(), 4, "the registry is not touched");
    assert!(plan.affected_assets[0].asset_id.is_none());
    done(&fixture, &quarantine("ui/loose"));
    let plan = planned(&fixture, &restore("ui/loose"));
    assert_eq!(plan.title, "restore `ui/loose`");
    done(&fixture, &restore("ui/loose"));
    assert_eq!(text(&fixture, "assets/ui/loose/data.txt"), "ui/loose");
    assert_eq!(fixture.files.content(INDEX), before);
}

#[test]
fn an_entry_gets_the_first_name_that_is_free() {
    let fixture = Fixture::blobs(&["ui/Big Atlas"]);
    for (taken, name) in [(0, "1-big_atlas"), (1, "1-big_atlas-2"), (2, "1-big_atlas-3")] {
        let title = planned(&fixture, &quarantine("1")).title;
        assert!(title.ends_with(&format!(" as `{name}`")), "{title}");
        // Whatever it is that has the name.
        match taken {
            0 => fixture.write(&format!("assets/.prometeu/quarantine/{name}"), "a file"),
            1 => fixture.files.link(format!("/game/assets/.prometeu/quarantine/{name}"), "nowhere"),
            _ => {}
        }
    }
}

#[test]
fn what_is_restored_is_as_it_was_and_nothing_is_left_in_quarantine() {
    let fixture = away();
    let plan = planned(&fixture, &restore("1-atlas"));
    assert_eq!(
        edits(&plan),
        [
            format!("move_folder assets/ui/atlas from {ENTRY}/root, absent"),
            format!("remove_file {ENTRY}/record.json, content"),
            format!("remove_folder {ENTRY}, folder-or-absent"),
            "remove_folder assets/.prometeu/quarantine, folder-or-absent".to_owned(),
            "replace_file assets/.prometeu/index.json, content".to_owned(),
        ]
    );
    assert_eq!(plan.title, "restore `ui/atlas` (asset 1)");
    for name in ["1", &uuid(1), "ui/atlas", "assets/ui/atlas/", ENTRY] {
        assert!(plan.plan_id.same_plan(&planned(&fixture, &restore(name)).plan_id), "{name}");
    }
    done(&fixture, &restore("1"));
    let registry = registry_now(&fixture);
    assert_eq!((entries(&registry), registry.next_asset_id), (vec!["1 ui/atlas".into(), "2 b".into()], 3));
    assert!(fixture.files.paths().iter().all(|path| !path.ends_with("quarantine")));
    assert_eq!(fixture.diagnostics(), []);
}

#[test]
fn an_asset_that_was_excluded_is_excluded_when_it_is_back() {
    let fixture = Fixture::blobs(&["a", "b"]);
    fixture.registry(&[entry(1, "a", false), entry(2, "b", true)]);
    done(&fixture, &quarantine("a"));
    done(&fixture, &restore("a"));
    assert_eq!(entries(&registry_now(&fixture)), ["-1 a", "2 b"]);
}

#[test]
fn a_way_that_is_gone_is_made_again_and_one_that_is_closed_is_told() {
    let fixture = away();
    fixture.files.delete("/game/assets/ui");
    let first = &edits(&planned(&fixture, &restore("1")))[0];
    assert_eq!(first, "create_folder assets/ui, folder-or-absent");
    fixture.write("assets/ui", "a file");
    check_taken(&fixture, &restore("1"), "`assets/ui/atlas` cannot be made: `assets/ui` is not a folder");
    fixture.files.delete("/game/assets/ui");
    fixture.files.link("/game/assets/ui", "b");
    check_taken(&fixture, &restore("1"), "`assets/ui` is a link, and links are not followed");
    fixture.files.delete("/game/assets/ui");
    fixture.declare("ui", &blob(&uuid(7), "ui"));
    check_taken(&fixture, &restore("1"), "`assets/ui` holds an `asset.json` of its own");
}

#[test]
fn nothing_is_restored_over_what_is_there() {
    let words = "`assets/ui/atlas` is there already | Nothing is ever moved over what is there";
    for make in [
        (|fixture: &Fixture| fixture.files.folder("/game/assets/ui/atlas")) as fn(&Fixture),
        |fixture| fixture.write("assets/ui/atlas", "a file"),
        |fixture| fixture.files.link("/game/assets/ui/atlas", "nowhere"),
        |fixture| orphan(fixture, "ui/atlas", &uuid(7)),
    ] {
        let fixture = away();
        make(&fixture);
        check_taken(&fixture, &restore("1"), words);
    }
}

#[test]
fn an_asset_that_is_registered_there_by_now_keeps_its_root() {
    let blocker = |fixture: &Fixture| {
        let blockers = fixture.project().preview(&restore("1-atlas"), None).blockers;
        assert_eq!(blockers[0].code, BlockerCode::AlreadyExists);
        blockers[0].message.clone()
    };
    let fixture = away();
    orphan(&fixture, "ui/atlas", &uuid(7));
    done(&fixture, &register("ui/atlas"));
    assert_eq!(blocker(&fixture), "`ui/atlas` is registered already, as asset 3");
    let fixture = away();
    done(&fixture, &relocate("b", "ui/atlas/b"));
    assert_eq!(blocker(&fixture), "the asset `ui/atlas/b` lies inside `ui/atlas`");
    let fixture = away();
    fixture.files.delete("/game/assets/ui");
    done(&fixture, &relocate("b", "ui"));
    assert_eq!(blocker(&fixture), "`ui/atlas` lies inside the asset `ui`");
}

#[test]
fn an_id_or_a_uuid_that_is_taken_by_now_is_not_given_twice() {
    let fixture = away();
    // As another branch brings it.
    orphan(&fixture, "copy", &uuid(1));
    let entry_of_copy = entry(7, "copy", true).replace(&uuid(7), &uuid(1));
    fixture.write(
        "assets/.prometeu/index.json",
        format!(r#"{{"schema_version": 1, "next_asset_id": 8, "assets": [{entry_of_copy}]}}"#),
    );
    let words = "`copy` has the uuid of `ui/atlas` by now | Forget that one, or make it an asset of its own";
    check_taken(&fixture, &restore("1-atlas"), words);
    done(&fixture, &forget("copy"));
    done(&fixture, &restore("1-atlas"));

    let fixture = away();
    fixture.registry(&[entry(1, "b", true).replace(&uuid(1), &uuid(2))]);
    let words =
        "`b` has the id of `ui/atlas` by now | Two branches gave it out. Forget the one that is registered";
    check_taken(&fixture, &restore("1-atlas"), words);
}

#[test]
fn a_registry_that_never_knew_of_the_id_gives_none_below_it_afterwards() {
    let fixture = Fixture::blobs(&["a", "b", "c"]);
    done(&fixture, &quarantine("c"));
    fixture
        .write("assets/.prometeu/index.json", r#"{"schema_version": 1, "next_asset_id": 1, "assets": []}"#);
    done(&fixture, &restore("3"));
    assert_eq!(registry_now(&fixture).next_asset_id, 4);
}

#[test]
fn an_entry_that_cannot_be_followed_is_refused_with_what_is_wrong_in_it() {
    let record = format!("{ENTRY}/record.json");
    let with = |from: &str, to: &str, words: &str| {
        let fixture = away();
        let good = text(&fixture, &record);
        assert!(good.contains(from), "{good}");
        fixture.write(&record, good.replace(from, to));
        let blockers = refused(&fixture, &restore("1-atlas"));
        let blocker = &blockers[0];
        assert_eq!(blocker.code, BlockerCode::InvalidArgument);
        let told = &blocker.message;
        assert!(told.starts_with("`1-atlas` cannot be restored: its `record.json` "), "{told}");
        assert!(told.contains(words), "no `{words}` in `{told}`");
        assert_eq!(
            blocker.help.as_deref(),
            Some(
                "Bring it back from version control, or move what is left of it back yourself and register it."
            )
        );
        assert_eq!(blocker.path.as_deref(), Some(ENTRY));
    };
    with("ui/atlas", "../../elsewhere", "names the root `../../elsewhere`");
    with("ui/atlas", "/etc", "names the root `/etc`");
    with("\"schema_version\": 1", "\"schema_version\": 2", "is not of `schema_version` 1");
    with("\"asset_id\": 1", "\"asset_id\": 0", "holds no `asset_id` that can be one");
    with("\"asset_id\": 1", "\"asset_id\": -1", "holds no `asset_id` that can be one");
    with("\"asset_id\": 1,", "", "holds no `asset_id` that can be one");
    with("}", "", "is not JSON in line");
    with("\"root\"", "\"sum\": 1, \"root\"", "has an unknown member `sum`");

    let fixture = away();
    fixture.files.delete(format!("/game/{record}"));
    check_wrong(&fixture, &restore("1-atlas"), "`1-atlas` cannot be restored: it holds no `record.json`");
    let fixture = away();
    fixture.files.delete(format!("/game/{ENTRY}/root"));
    check_wrong(&fixture, &restore("1-atlas"), "`1-atlas` cannot be restored: it holds no folder `root`");
    fixture.files.link(format!("/game/{ENTRY}/root"), "/game/assets/b");
    check_wrong(&fixture, &restore("1-atlas"), "`1-atlas` cannot be restored: it holds no folder `root`");
    let fixture = away();
    fixture.write("assets/.prometeu/quarantine/Mine!/record.json", text(&fixture, &record));
    check_wrong(
        &fixture,
        &restore("Mine!"),
        "`Mine!` cannot be restored: no entry of the packer's has such a name",
    );
}

#[test]
fn a_record_that_names_the_packers_own_folder_brings_nothing_there() {
    let id = "0be00000-0000-7000-8000-000000000001";
    let [staged, removed] = ["staged", "removed"].map(|name| format!(".prometeu/local/{name}/{id}"));
    for root in [".prometeu/local/staged", &staged, &removed, ".prometeu/x", ".git/hooks", ".x/y", "a/../b"] {
        let fixture = away();
        let record = format!("{ENTRY}/record.json");
        // As of a root that nobody registered, so that no registry is written that could not be read.
        fixture.write(&record, format!("{{\"schema_version\": 1, \"root\": \"{root}\"}}"));
        fixture.files.folder("/game/assets/.prometeu/local/staged");
        fixture.files.folder("/game/assets/.prometeu/local/removed");
        let before = fixture.files.paths();
        let response = fixture.project().change(&restore("1-atlas"), true);
        assert_eq!(response.status, Status::Blocked, "{root}");
        assert_eq!(
            response.blockers[0].code,
            BlockerCode::InvalidArgument,
            "{root}: {:?}",
            response.blockers
        );
        let own = |path: &&std::path::PathBuf| !path.starts_with("/game/assets/.prometeu/local");
        let now = fixture.files.paths();
        assert_eq!(now.iter().filter(own).collect::<Vec<_>>(), before.iter().filter(own).collect::<Vec<_>>());
    }
}

#[test]
fn an_entry_that_nobody_knows_is_told_with_those_that_there_are() {
    let fixture = Fixture::blobs(&["a", "b"]);
    let unknown = |fixture: &Fixture, name: &str, words: &str| {
        check_refused(fixture, &restore(name), BlockerCode::UnknownAsset, words);
    };
    unknown(&fixture, "a", "nothing in quarantine is called `a` | Nothing is in quarantine.");
    done(&fixture, &quarantine("a"));
    unknown(&fixture, "b", "nothing in quarantine is called `b` | In quarantine are `1-a`.");
    for n in 2..=7 {
        fixture.files.folder(format!("/game/assets/.prometeu/quarantine/x{n}"));
    }
    unknown(&fixture, "b", "In quarantine are `1-a`, `x2`, `x3`, `x4`, `x5` and 2 more.");
}

#[test]
fn a_name_that_several_entries_have_is_not_guessed_at() {
    let fixture = away();
    orphan(&fixture, "ui/atlas", &uuid(7));
    done(&fixture, &quarantine("ui/atlas"));
    let words = "`ui/atlas` may mean 2 entries in quarantine | Name one of `1-atlas`, `unregistered-atlas`.";
    check_wrong(&fixture, &restore("ui/atlas"), words);
    done(&fixture, &restore("unregistered-atlas"));
    check_taken(&fixture, &restore("ui/atlas"), "`assets/ui/atlas` is there already");
}

#[test]
fn a_root_is_put_away_alone_and_whole() {
    let fixture = Fixture::blobs(&["a", "a/inner", "b"]);
    let words = "the asset `a/inner` lies inside `a`, and would move with it | Move asset 2 out of it first";
    check_wrong(&fixture, &quarantine("a"), words);
    orphan(&fixture, "b/part", &uuid(7));
    let words = "`b/part` is a part of the asset `b` | Its files may be inputs of that asset";
    check_wrong(&fixture, &quarantine("b/part"), words);
    let fixture = Fixture::blobs(&["a"]);
    orphan(&fixture, "outer", &uuid(8));
    orphan(&fixture, "outer/c", &uuid(9));
    done(&fixture, &register("outer/c"));
    check_wrong(&fixture, &quarantine("outer"), "the asset `outer/c` lies inside `outer`");
}

#[test]
fn what_is_no_root_is_not_put_away() {
    let fixture = Fixture::blobs(&["gone"]);
    fixture.files.delete("/game/assets/gone");
    check_wrong(&fixture, &quarantine("gone"), "is not there, so there is nothing to move");
    fixture.write("assets/notes/idea.txt", "mine");
    orphan(&fixture, "real/loose", &uuid(7));
    fixture.files.link("/game/assets/link", "real");
    let words = "`assets/notes` holds no `asset.json`, so it is no asset | Move it away by hand";
    check_refused(&fixture, &quarantine("notes"), BlockerCode::UnknownAsset, words);
    for name in ["link/loose", "link"] {
        let words = format!("`assets/{name}` is reached through a link, and links are not followed");
        check_wrong(&fixture, &quarantine(name), &words);
    }
    for name in ["nowhere", "../game", ".prometeu"] {
        let words = format!("no asset has the id, uuid, root or name `{name}`");
        check_refused(&fixture, &quarantine(name), BlockerCode::UnknownAsset, &words);
    }
    orphan(&fixture, ".hidden", &uuid(8));
    check_wrong(&fixture, &quarantine(".hidden"), "`.hidden` has a name under which nothing is moved");
}

#[test]
fn an_id_in_quarantine_is_given_to_nobody_also_where_the_registry_knows_nothing_of_it() {
    let fixture = away();
    let registry = text(&fixture, "assets/.prometeu/index.json");
    // As of a branch that never had it.
    let older = registry.replace(
        &format!("\"next_asset_id\": {}", registry_now(&fixture).next_asset_id),
        "\"next_asset_id\": 3",
    );
    let older = older.replace("\"asset_id\": 1,", "\"asset_id\": 2,");
    fixture.write("assets/.prometeu/index.json", older);
    let record = format!("{ENTRY}/record.json");
    fixture.write(&record, text(&fixture, &record).replace("\"asset_id\": 1", "\"asset_id\": 9"));
    orphan(&fixture, "late", &uuid(8));
    let response = changed(&fixture, &register("late"));
    assert_eq!(response.affected_assets[0].asset_id.unwrap().get(), 10, "{:?}", response.blockers);
}

#[test]
fn an_asset_that_is_registered_and_in_quarantine_is_told_the_way_out() {
    let fixture = Fixture::blobs(&["ui/atlas", "b"]);
    let before = text(&fixture, "assets/.prometeu/index.json");
    done(&fixture, &quarantine("ui/atlas"));
    fixture.write("assets/.prometeu/index.json", before.replace("ui/atlas", "art/atlas"));
    let words = "asset 1 lies in quarantine as `1-atlas`, and is registered at `art/atlas` | `cargo prometeu forget 1`";
    check_taken(&fixture, &restore("1"), words);
    done(&fixture, &forget("1"));
    done(&fixture, &restore("1"));
    assert_eq!(fixture.diagnostics(), []);
}

#[test]
fn of_an_asset_whose_entry_a_merge_brought_back_only_the_folder_is_missing() {
    let fixture = Fixture::blobs(&["ui/atlas", "b"]);
    let before = text(&fixture, "assets/.prometeu/index.json");
    done(&fixture, &quarantine("ui/atlas"));
    fixture.write("assets/.prometeu/index.json", before.clone());
    let plan = planned(&fixture, &restore("1"));
    assert!(edits(&plan).iter().all(|edit| !edit.contains("index.json")), "{:?}", edits(&plan));
    done(&fixture, &restore("1"));
    assert_eq!(text(&fixture, "assets/.prometeu/index.json"), before);
    assert_eq!(fixture.diagnostics(), []);
}
