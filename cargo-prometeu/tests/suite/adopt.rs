//! `adopt` and `forget`.

use std::fs;

use serde_json::Value;

use crate::circle::Circle;
use crate::harness::Place;

/// A copy of the asset `a`, made by hand.
fn copy_of_a(place: &Place, root: &str) {
    fs::create_dir_all(place.path(&format!("assets/{root}"))).unwrap();
    for file in ["asset.json", "data.txt"] {
        fs::copy(place.path(&format!("assets/a/{file}")), place.path(&format!("assets/{root}/{file}")))
            .unwrap();
    }
}

#[test]
fn a_copy_becomes_an_asset_of_its_own() {
    let place = Place::blobs(&["a", "other"]);
    copy_of_a(&place, "ui/copy");
    Circle {
        change: &["adopt", "ui/copy", "--as-new"],
        plan: "adopt `ui/copy` as new asset 3\n  edit   assets/ui/copy/asset.json: a uuid of its own\n  \
               edit   assets/.prometeu/index.json\n",
        asks: false,
        done: "     Adopted `ui/copy` as new asset ",
        back: "undo",
        spends: 1,
        operation: ("adopt_asset", "workspace_mutation"),
    }
    .check(&place);
    place.ok(&["adopt", "./assets/ui/copy/", "--as-new"]).says("as new asset 6");
    let uuid = |root: &str| {
        let text = place.read(&format!("assets/{root}/asset.json"));
        serde_json::from_str::<Value>(&text).unwrap()["asset_uuid"].clone()
    };
    assert_ne!(uuid("ui/copy"), uuid("a"));
    place.ok(&["doctor"]).says("3 assets, nothing wrong");
    place.ok(&["pack"]).says("3 assets");
}

#[test]
fn an_asset_that_was_moved_by_hand_is_followed_and_keeps_its_id() {
    let place = Place::blobs(&["a", "other"]);
    fs::create_dir(place.path("assets/art")).unwrap();
    fs::rename(place.path("assets/a"), place.path("assets/art/b")).unwrap();
    place
        .run(&["doctor"])
        .code(1)
        .prints("Run `cargo prometeu reconcile 1` to let asset 1 follow to `art/b`");
    Circle {
        change: &["adopt", "art/b", "--as", "1"],
        plan: "adopt `art/b` as asset 1, which was `a`\n  \
               edit   assets/.prometeu/index.json: asset 1 is in `art/b` then, and no file moves\n",
        asks: true,
        done: "     Adopted `art/b` as asset 1, which was `a`\n",
        back: "undo",
        spends: 0,
        operation: ("adopt_asset", "registry_mutation"),
    }
    .check(&place);
    place
        .ok(&["adopt", "art/b", "--as", "a", "--yes"])
        .says("a game calls it `assets::art::B` now; the compiler points at what still says `assets::A`");
    place.ok(&["doctor"]).says("2 assets, nothing wrong");
    place.ok(&["adopt", "art/b", "--as", "1"]).says("nothing to do: asset 1 is in `art/b` already");
}

#[test]
fn the_folder_that_an_asset_leaves_stays() {
    let place = Place::blobs(&["a", "other"]);
    copy_of_a(&place, "b");
    place
        .ok(&["adopt", "b", "--as", "1", "--yes"])
        .says("`assets/a` is as it was, and not registered any more");
    place.ok(&["list"]).prints(" 1  b").prints(" -  a");
}

#[test]
fn what_a_folder_is_has_to_be_said_and_has_to_be_so() {
    let place = Place::blobs(&["a", "other"]);
    copy_of_a(&place, "b");
    let before = place.tree();
    place.run(&["adopt", "b"]).code(2).says("<--as-new|--as <ASSET>>");
    place.run(&["adopt", "b", "--as-new", "--as", "1"]).code(2).says("cannot be used with");
    place
        .run(&["adopt", "b", "--as", "other", "--yes"])
        .code(2)
        .says("carries the uuid of asset 1, not that of");
    place
        .run(&["adopt", "b", "--as", "9", "--yes"])
        .code(2)
        .says("no asset has the id, uuid, root or name `9`");
    place.run(&["adopt", "nowhere", "--as-new"]).code(2).says("there is no folder `assets/nowhere`");
    place.run(&["adopt", "a", "--as-new"]).code(2).says("`a` is registered already, as asset 1");
    place.run(&["register", "b"]).code(2).says("`cargo prometeu adopt b --as-new`");
    assert_eq!(place.tree(), before);
}

#[test]
fn a_forgotten_asset_keeps_its_files_and_loses_its_id() {
    let place = Place::blobs(&["other"]);
    place.lived_in("ui/atlas");
    Circle {
        change: &["forget", "./assets/ui/atlas"],
        plan: "forget `ui/atlas` (asset 2)\n  edit   assets/.prometeu/index.json: asset 2 loses its entry and its \
               id, and every file stays\n",
        asks: true,
        done: "      Forgot `ui/atlas` (asset 2)\n",
        back: "undo",
        spends: 0,
        operation: ("forget_asset", "registry_mutation"),
    }
    .check(&place);
    let mut before = place.tree();
    place
        .ok(&["forget", "2", "--yes"])
        .says("every file stays; `cargo prometeu register ui/atlas` takes it in again, with a new id")
        .says("a game has no `assets::ui::ATLAS` any more");
    let mut after = place.tree();
    for tree in [&mut before, &mut after] {
        assert!(tree.remove(&place.path("assets/.prometeu/index.json")).is_some());
    }
    assert_eq!(after, before);
    place.run(&["forget", "2", "--yes"]).code(2).says("no asset has the id, uuid, root or name `2`");
    place.ok(&["register", "ui/atlas"]).says("Registered `ui/atlas` as asset 3");
}

#[test]
fn a_registry_that_cannot_be_read_stops_what_would_change_it_with_its_reason() {
    let place = Place::blobs(&["a", "other"]);
    copy_of_a(&place, "b");
    place.ok(&["quarantine", "other", "--yes"]);
    place.edit("assets/.prometeu/index.json", "\"next_asset_id\": 3", "\"next_asset_id\": true");
    let before = place.tree();
    for change in [
        &["adopt", "b", "--as-new"][..],
        &["adopt", "b", "--as", "1", "--yes"],
        &["forget", "1", "--yes"],
        &["restore", "2-other", "--yes"],
    ] {
        place
            .run(change)
            .code(1)
            .says("`next_asset_id` must be a whole number")
            .says("`cargo prometeu doctor`");
    }
    assert_eq!(place.tree(), before);
}

/// As two branches leave them that no driver has merged.
#[test]
fn what_was_shared_is_not_promised_to_be_brought_back() {
    for shared in ["asset_id", "asset_uuid"] {
        let place = Place::blobs(&["a", "b"]);
        let registry = place.read("assets/.prometeu/index.json");
        let values: Vec<&str> = registry
            .lines()
            .filter_map(|line| line.trim().strip_prefix(&format!("\"{shared}\": ")))
            .collect();
        let [one, other] = values[..] else { panic!("{registry}") };
        let same = registry.replace(&format!("\"{shared}\": {other}"), &format!("\"{shared}\": {one}"));
        place.write("assets/.prometeu/index.json", same);
        let run = place.ok(&["adopt", "b", "--as-new"]);
        assert!(!run.stderr.contains("undo"), "{run:?}");
        let undo = place.run(&["undo", "--yes"]);
        assert_ne!(undo.code, 0, "{undo:?}");
        place.write(
            "assets/.prometeu/index.json",
            registry.replace(&format!("\"{shared}\": {other}"), &format!("\"{shared}\": {one}")),
        );
        let (_, lines) = place.json(&["adopt", "b", "--as-new"]);
        assert_eq!(lines.last().unwrap()["proposed_actions"], serde_json::json!([]), "{shared}");
    }
}

#[test]
fn a_root_around_another_declaration_is_refused_and_nothing_advises_it() {
    let place = Place::blobs(&["a", "b"]);
    for root in ["a", "b"] {
        place.ok(&["forget", root, "--yes"]);
    }
    fs::create_dir_all(place.path("assets/a/deep")).unwrap();
    fs::rename(place.path("assets/b"), place.path("assets/a/deep/b")).unwrap();
    let words = "`a` holds a second `asset.json`, in `a/deep/b`";
    let run = place.run(&["register", "a"]);
    assert_ne!(run.code, 0, "{run:?}");
    run.says(words).says("asset roots do not lie inside each other");
    place.run(&["doctor", "--workspace"]).prints(&format!("{words}: move or rename it first"));
    // The inner one can be, and then the outer one cannot.
    place.ok(&["register", "a/deep/b"]);
    place.run(&["register", "a"]).says("the asset `a/deep/b` lies inside `a`");
    // Nor can a copy be around one.
    place.ok(&["forget", "a/deep/b", "--yes"]);
    place.ok(&["create", "c", "--type", "blob_bank"]);
    place.write("assets/a/asset.json", place.read("assets/c/asset.json"));
    place.run(&["adopt", "a", "--as-new"]).says(words);
}
