//! `quarantine`, `remove` and `restore`, and what `list --quarantined` shows.

use std::fs;

use serde_json::json;

use crate::circle::Circle;
use crate::harness::Place;

const INDEX: &str = "assets/.prometeu/index.json";

/// A folder beside the asset `a` that nobody registered, with a uuid of its own.
fn loose(place: &Place, root: &str) {
    let declaration = place.read("assets/other/asset.json").replacen("-7", "-4", 1);
    place.write(&format!("assets/{root}/asset.json"), declaration);
    place.write(&format!("assets/{root}/data.txt"), "loose");
}

#[test]
fn an_asset_goes_into_quarantine_and_comes_back_to_the_byte() {
    let place = Place::blobs(&["other"]);
    place.lived_in("ui/atlas");
    place.ok(&["exclude", "ui/atlas"]);
    Circle {
        change: &["quarantine", "ui/atlas"],
        plan: "quarantine `ui/atlas` (asset 2) as `2-atlas`\n  \
               move   assets/ui/atlas/ -> assets/.prometeu/quarantine/2-atlas/root/\n  \
               edit   assets/.prometeu/index.json\n",
        asks: true,
        done: " Quarantined `ui/atlas` (asset 2) as `2-atlas`\n",
        back: "restore 2-atlas",
        spends: 0,
        operation: ("quarantine_asset", "workspace_mutation"),
    }
    .check(&place);
}

#[test]
fn a_removed_asset_lies_in_quarantine_and_comes_back_to_the_byte() {
    let place = Place::blobs(&["other"]);
    place.lived_in("ui/atlas");
    Circle {
        change: &["remove", "2"],
        plan: "remove `ui/atlas` (asset 2) into quarantine as `2-atlas`\n  \
               move   assets/ui/atlas/ -> assets/.prometeu/quarantine/2-atlas/root/\n  \
               edit   assets/.prometeu/index.json\n",
        asks: true,
        done: "     Removed `ui/atlas` (asset 2) into quarantine as `2-atlas`\n",
        back: "restore 2-atlas",
        spends: 0,
        operation: ("remove_asset", "workspace_mutation"),
    }
    .check(&place);
    place.ok(&["remove", "2", "--yes"]).says("it lies in `assets/.prometeu/quarantine/2-atlas/root`\n");
    assert!(place.path("assets/.prometeu/quarantine/2-atlas/root/asset.json").is_file());
    place.ok(&["create", "new", "--type", "blob_bank"]).says("as asset 3");
}

#[test]
fn a_folder_that_nobody_registered_goes_into_quarantine_and_comes_back() {
    let place = Place::blobs(&["other"]);
    loose(&place, "ui/draft");
    Circle {
        change: &["quarantine", "./assets/ui/draft/"],
        plan: "quarantine `ui/draft` as `unregistered-draft`\n  \
               move   assets/ui/draft/ -> assets/.prometeu/quarantine/unregistered-draft/root/\n",
        asks: true,
        done: " Quarantined `ui/draft` as `unregistered-draft`\n",
        back: "restore unregistered-draft",
        spends: 0,
        operation: ("quarantine_asset", "workspace_mutation"),
    }
    .check(&place);
    let inside = place.run_in("assets/ui", &["quarantine", "draft", "--yes"]).code(0);
    assert!(inside.stderr.contains("Quarantined `ui/draft`"), "{}", inside.stderr);
}

#[test]
fn a_folder_is_put_away_and_not_the_asset_that_has_its_root_for_a_name() {
    let place = Place::blobs(&["other"]);
    place.ok(&["create", "ui/atlas", "--type", "blob_bank", "--name", "draft"]);
    loose(&place, "draft");
    place.ok(&["quarantine", "draft", "--yes"]).says("Quarantined `draft` as `unregistered-draft`");
    assert!(place.path("assets/ui/atlas/asset.json").is_file());
    place.ok(&["forget", "draft", "--yes"]).says("Forgot `ui/atlas` (asset 2)");
}

#[test]
fn a_restored_asset_can_be_put_away_again_by_undo() {
    let place = Place::blobs(&["other"]);
    place.lived_in("ui/atlas");
    place.ok(&["quarantine", "2", "--yes"]);
    Circle {
        change: &["restore", "2-atlas"],
        plan: "restore `ui/atlas` (asset 2)\n  \
               move   assets/.prometeu/quarantine/2-atlas/root/ -> assets/ui/atlas/\n  \
               edit   assets/.prometeu/index.json\n",
        asks: true,
        done: "    Restored `ui/atlas` (asset 2)\n",
        back: "undo",
        spends: 0,
        operation: ("restore_asset", "workspace_mutation"),
    }
    .check(&place);
    for name in ["2", "ui/atlas", "./assets/ui/atlas", "assets/.prometeu/quarantine/2-atlas/", "2-atlas"] {
        place.ok(&["restore", name, "--dry-run"]).prints("restore `ui/atlas` (asset 2)\n");
    }
    let (run, lines) = place.json(&["restore", "2", "--dry-run"]);
    let edits = lines.last().unwrap()["plan"]["edits"].as_array().unwrap().clone();
    let kinds: Vec<&str> = edits.iter().map(|edit| edit["kind"].as_str().unwrap()).collect();
    let expected = ["move_folder", "remove_file", "remove_folder", "remove_folder", "replace_file"];
    assert_eq!((run.code, &kinds[..]), (0, &expected[..]));
    place
        .ok(&["restore", "2", "--dry-run", "-v"])
        .prints("  remove assets/.prometeu/quarantine/2-atlas/record.json\n");
}

#[test]
fn nothing_is_restored_over_what_is_there_by_now() {
    let place = Place::blobs(&["a", "other"]);
    place.ok(&["remove", "a", "--yes"]);
    place.write("assets/a/mine.txt", "mine");
    let before = place.tree();
    place.run(&["restore", "1-a", "--yes"]).code(2).says("`assets/a` is there already").says("help: ");
    place
        .run(&["restore", "9", "--yes"])
        .code(2)
        .says("nothing in quarantine is called `9`")
        .says("In quarantine are `1-a`");
    assert_eq!(place.tree(), before);
}

#[test]
fn an_asset_that_lies_in_quarantine_is_told_to_who_asks_for_it() {
    let place = Place::blobs(&["ui/atlas", "other"]);
    let uuid = place.json(&["show", "1"]).1.pop().unwrap()["asset_uuid"].as_str().unwrap().to_owned();
    place.ok(&["remove", "1", "--yes"]);
    let back = "help: Asset 1 (`ui/atlas`) lies in quarantine as `1-atlas`: `cargo prometeu restore 1-atlas` \
                brings it back.\n";
    for name in ["1", &uuid, "ui/atlas", "./assets/ui/atlas"] {
        for command in [&["show", name][..], &["relocate", name, "x"], &["quarantine", name]] {
            place.run(command).code(2).says("no asset has the id, uuid, root or name").says(back);
        }
    }
    let (run, lines) = place.json(&["forget", "1"]);
    let response = lines.last().unwrap();
    assert_eq!((run.code, &response["operation"]), (2, &"forget_asset".into()));
    assert_eq!(response["blockers"][0]["code"], "unknown-asset");
    // Another folder in its place is what is meant then.
    loose(&place, "ui/atlas");
    place.run(&["show", "ui/atlas"]).code(2).says("`cargo prometeu register ui/atlas`");
    place.run(&["show", "3"]).code(2).says("`cargo prometeu list` shows what there is");
}

#[test]
fn what_lies_in_quarantine_is_listed_also_what_cannot_be_restored() {
    let place = Place::blobs(&["ui/atlas", "b", "other"]);
    let nothing = place.ok(&["list", "--quarantined"]).prints_nothing();
    assert_eq!(nothing.stderr, "      Listed nothing: the quarantine is empty\n");
    loose(&place, "draft");
    place.ok(&["exclude", "b"]);
    for name in ["ui/atlas", "b", "draft"] {
        place.ok(&["quarantine", name, "--yes"]);
    }
    place.write("assets/.prometeu/quarantine/9-broken/record.json", "{");
    let record = place.read("assets/.prometeu/quarantine/2-b/record.json");
    place.write("assets/.prometeu/quarantine/2-b-2/record.json", record);
    fs::create_dir(place.path("assets/.prometeu/quarantine/9-empty")).unwrap();
    let listed = place
        .ok(&["list", "--quarantined"])
        .says("Listed 6 entries in quarantine, 3 that cannot be restored")
        .says("`cargo prometeu restore 1-atlas` brings it back");
    let lines: Vec<&str> = listed.stdout.lines().collect();
    assert_eq!(lines[0], "ENTRY               WAS AT    ID  STATE");
    assert_eq!(lines[1], "1-atlas             ui/atlas   1");
    assert_eq!(lines[2], "2-b                 b          2  excluded");
    assert_eq!(lines[3], "2-b-2               -          -  cannot be restored: it holds no folder `root`");
    let broken = "9-broken            -          -  cannot be restored: its `record.json` is not JSON";
    assert!(lines[4].starts_with(broken), "{}", lines[4]);
    assert_eq!(lines[5], "9-empty             -          -  cannot be restored: it holds no `record.json`");
    assert_eq!(lines[6], "unregistered-draft  draft      -  not registered");
    place.ok(&["list", "--quarantined", "-v"]).prints("UUID\n");
    place.run(&["list", "--quarantined", "--excluded"]).code(2);

    let (run, lines) = place.json(&["list", "--quarantined"]);
    let response = lines.last().unwrap();
    assert_eq!((run.code, &response["operation"]), (0, &"list_quarantined".into()));
    let found = &response["quarantined"];
    assert_eq!(found[1]["asset_uuid"].as_str().unwrap().len(), 36);
    let mut excluded = found[1].clone();
    excluded.as_object_mut().unwrap().remove("asset_uuid");
    assert_eq!(excluded, json!({ "entry": "2-b", "root": "b", "asset_id": 2, "included_in_build": false }));
    assert_eq!(found[4], json!({ "entry": "9-empty", "problem": "it holds no `record.json`" }));
    assert_eq!(found[5], json!({ "entry": "unregistered-draft", "root": "draft" }));
    place.run(&["restore", "9-broken", "--yes"]).code(2).says("`9-broken` cannot be restored");
}

#[test]
fn what_is_removed_for_good_can_be_taken_back_until_the_next_change() {
    let place = Place::blobs(&["other"]);
    place.ok(&["create", "ui/atlas", "--type", "blob_bank"]);
    place.write("assets/ui/atlas/data.txt", "0123456789");
    let size = 10 + place.read("assets/ui/atlas/asset.json").len();
    Circle {
        change: &["remove", "ui/atlas", "--purge"],
        plan: &format!(
            "remove `ui/atlas` (asset 2) for good\n  remove assets/ui/atlas/: 2 files, {size} B; `undo` can bring \
             them back until the next change\n  edit   assets/.prometeu/index.json\n"
        ),
        asks: true,
        done: "     Removed `ui/atlas` (asset 2) for good\n",
        back: "undo",
        spends: 0,
        operation: ("remove_asset", "workspace_mutation"),
    }
    .check(&place);

    let removed = place.path("assets/.prometeu/local/removed");
    let waiting = || fs::read_dir(&removed).map_or(0, Iterator::count);
    place.ok(&["remove", "2", "--purge", "--yes"]);
    assert!(!place.path("assets/ui/atlas").exists());
    assert_eq!(waiting(), 1);
    place.ok(&["exclude", "other"]);
    assert_eq!(waiting(), 0, "the next change deletes them");
    place.ok(&["undo", "--yes"]).says("Undid the change: exclude `other`");
    place.run(&["undo", "--yes"]).code(2).says("there is no change that could be taken back");
    place.ok(&["create", "new", "--type", "blob_bank"]).says("as asset 3");
}

#[test]
fn what_came_in_after_somebody_agreed_is_not_deleted() {
    let place = Place::blobs(&["a", "other"]);
    let seen = place.ok(&["remove", "a", "--purge", "--dry-run"]).plan_id();
    place.write("assets/a/new.txt", "mine");
    let before = place.tree();
    place.run(&["remove", "a", "--purge", "--plan", &seen]).code(1).says("the plan is another one by now");
    assert_eq!(place.tree(), before);
}

#[test]
fn what_a_removal_takes_it_names_before_and_after() {
    let place = Place::blobs(&["a", "other"]);
    fs::remove_dir_all(place.path("assets/a")).unwrap();
    place
        .ok(&["remove", "a", "--dry-run"])
        .prints("remove `a` (asset 1), whose folder is gone\n  edit   assets/.prometeu/index.json\nplan ");
    place.run(&["quarantine", "a", "--yes"]).code(2).says("nothing to move");
    place
        .ok(&["remove", "a", "--yes"])
        .says("     Removed `a` (asset 1), whose folder is gone\n")
        .says("hint: `cargo prometeu undo` takes this back\n")
        .says("a game has no `assets::A` any more");
    assert!(!place.read(INDEX).contains("\"root\": \"a\""));
}

/// Each of them is refused by `restore`, with the same words.
#[test]
fn what_cannot_come_back_as_things_are_is_not_shown_as_if_it_could() {
    let place = Place::blobs(&["a", "other"]);
    place.ok(&["remove", "a", "--yes"]);
    place.ok(&["list", "--quarantined"]).says("`cargo prometeu restore 1-a` brings it back");
    let refused = |why: &str| {
        let run =
            place.ok(&["list", "--quarantined"]).says("1 entry in quarantine, 1 that cannot be restored");
        let run = run.prints(&format!("cannot be restored: {why}"));
        assert!(!run.stderr.contains("brings it back"), "{run:?}");
        let (_, lines) = place.json(&["list", "--quarantined"]);
        assert_eq!(lines.last().unwrap()["quarantined"][0]["problem"], why);
        place.ok(&["why", "1-a"]).says(&format!("It cannot be restored as things are: {why}."));
        let run =
            place.run(&["show", "1"]).code(2).says("lies in quarantine as `1-a`, and cannot be restored: ");
        assert!(!run.stderr.contains("brings it back"), "{run:?}");
        place.run(&["restore", "1-a", "--yes"]).says(why);
    };
    place.write("assets/a/data.txt", "somebody else's");
    refused("`assets/a` is there already");
    fs::remove_dir_all(place.path("assets/a")).unwrap();
    place.ok(&["relocate", "other", "a", "--yes"]);
    refused("`a` is registered already, as asset 2");
    place.ok(&["relocate", "a", "other", "--yes"]);
    // Two branches gave out one id.
    let registry = place.read(INDEX).replace("\"asset_id\": 2,", "\"asset_id\": 1,");
    place.write(INDEX, registry);
    let why = "`other` has the id of `a` by now";
    place.ok(&["list", "--quarantined"]).prints(&format!("cannot be restored: {why}"));
}
