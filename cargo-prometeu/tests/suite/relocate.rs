//! `relocate`, `include` and `exclude`: what they change, what they leave, who has to agree.

use serde_json::Value;

use crate::harness::Place;

/// The registry as a value.
fn registry(place: &Place) -> Value {
    serde_json::from_str(&place.read("assets/.prometeu/index.json")).unwrap()
}

#[test]
fn a_relocated_asset_keeps_its_id_its_uuid_and_its_bytes() {
    let place = Place::project();
    place.ok(&["create", "ui/atlas", "--type", "glyph_bank"]);
    place.ok(&["create", "story", "--type", "blob_bank"]);
    place.write("assets/ui/atlas/notes/unused.txt", "mine");
    place.ok(&["pack"]);
    let (pack, before) = (std::fs::read(place.path("build/assets.pa")).unwrap(), registry(&place));
    let files = ["asset.json", "tile.png", "notes/unused.txt"];
    let read =
        |root: &str| files.map(|file| std::fs::read(place.path(&format!("assets/{root}/{file}"))).unwrap());
    let bytes = read("ui/atlas");

    place
        .ok(&["relocate", "ui/atlas", "art/pixel/atlas", "--yes"])
        .says("Moved `ui/atlas` to `art/pixel/atlas`")
        .says("a game calls it `assets::art::pixel::ATLAS` now")
        .says("what still says `assets::ui::ATLAS`")
        .says("`cargo prometeu relocate art/pixel/atlas ui/atlas` moves it back")
        .prints_nothing();
    assert_eq!(read("art/pixel/atlas"), bytes);
    assert!(!place.path("assets/ui/atlas").exists());
    let mut expected = before.clone();
    expected["assets"][0]["root"] = "art/pixel/atlas".into();
    assert_eq!(registry(&place), expected, "the root, and nothing else");

    place.ok(&["doctor"]).says("2 assets, nothing wrong");
    place.ok(&["show", "1"]).prints("constant   assets::art::pixel::ATLAS\n");
    place.ok(&["pack"]);
    assert_eq!(
        std::fs::read(place.path("build/assets.pa")).unwrap(),
        pack,
        "no byte of the pack is about roots"
    );
    assert!(place.read("build/asset_table_metadata.json").contains("\"root\":\"art/pixel/atlas\""));

    place.ok(&["relocate", "art/pixel/atlas", "ui/atlas", "--yes"]);
    assert_eq!((registry(&place), read("ui/atlas")), (before, bytes));
}

#[test]
fn a_relocation_that_is_only_shown_writes_nothing() {
    let place = Place::blobs(&["ui/atlas"]);
    let before = place.listing();
    place
        .ok(&["relocate", "ui/atlas", "art/atlas", "--dry-run"])
        .prints(
            "move `ui/atlas` to `art/atlas`\n  create assets/art/\n  move   assets/ui/atlas/ -> assets/art/atlas/\n  \
             edit   assets/.prometeu/index.json\nplan ",
        )
        .says("nothing was written");
    let (run, lines) = place.json(&["relocate", "ui/atlas", "art/atlas", "--dry-run"]);
    assert_eq!(run.code, 0);
    let response = lines.last().unwrap();
    assert_eq!(
        (&response["operation"], &response["operation_class"]),
        (&"relocate_asset".into(), &"workspace_mutation".into())
    );
    let plan = &response["plan"];
    assert_eq!(plan["needs_consent"], true);
    let moved = serde_json::json!({
        "path": "assets/art/atlas", "kind": "move_folder", "from": "assets/ui/atlas", "expected": "absent"
    });
    assert_eq!(plan["edits"][1], moved);
    assert!(plan["edits"][0].get("from").is_none());
    assert_eq!(place.listing(), before);
}

#[test]
fn a_relocation_that_nobody_agreed_to_is_refused_with_both_ways_to_agree() {
    let place = Place::blobs(&["a"]);
    let before = place.listing();
    let run = place
        .run(&["relocate", "a", "b"])
        .code(3)
        .says("note: move `a` to `b`\n  move   assets/a/ -> assets/b/\n")
        .says("needs a yes, and nobody can be asked here")
        .says("`--yes`")
        .prints_nothing();
    let plan = run.stderr.split("`--plan ").nth(1).unwrap().split('`').next().unwrap();

    let (json, lines) = place.json(&["relocate", "a", "b"]);
    assert_eq!((json.code, json.stderr.as_str()), (3, ""));
    let response = lines.last().unwrap();
    assert_eq!(
        (&response["status"], &response["blockers"][0]["code"]),
        (&"blocked".into(), &"consent-required".into())
    );
    assert_eq!(response["proposed_actions"][0]["action_id"], response["plan"]["plan_id"]);
    assert!(lines.iter().all(|line| line["operation_id"] == response["operation_id"]), "{lines:?}");
    assert_eq!(place.listing(), before);

    place.ok(&["relocate", "a", "b", "--plan", plan]).says("Moved `a` to `b`");
}

#[test]
fn consent_is_for_the_plan_that_was_seen() {
    let place = Place::blobs(&["a", "b"]);
    let seen = place.ok(&["relocate", "a", "c", "--dry-run"]).plan_id();
    place.ok(&["exclude", "b"]);
    let before = place.listing();
    place
        .run(&["relocate", "a", "c", "--plan", &seen])
        .code(1)
        .says("the plan is another one by now")
        .prints_nothing();
    place.run(&["relocate", "a", "d", "--plan", &seen]).code(1);
    place.run(&["exclude", "a", "--plan", &seen]).code(1);
    assert_eq!(place.listing(), before);
    let seen = place.ok(&["relocate", "a", "c", "--dry-run"]).plan_id();
    place.ok(&["relocate", "1", "./assets/c", "--plan", &seen]).says("Moved `a` to `c`");
}

#[test]
fn where_the_asset_is_already_nobody_has_to_agree() {
    let place = Place::blobs(&["a"]);
    let before = place.listing();
    for flags in [&[][..], &["--yes"], &["--dry-run"]] {
        place
            .ok(&[&["relocate", "a", "assets/a"], flags].concat())
            .says("nothing to do: asset 1 is in `a` already")
            .prints_nothing();
    }
    assert_eq!(place.listing(), before);
}

#[test]
fn what_is_in_the_way_of_a_relocation_is_told_and_nothing_moves() {
    let place = Place::blobs(&["ui/atlas", "ui/hud"]);
    std::fs::create_dir(place.path("assets/empty")).unwrap();
    place.write("assets/drawer/note.txt", "mine");
    let before = place.listing();
    for (new_root, words) in [
        ("ui/hud", "`ui/hud` is registered already, as asset 2"),
        ("empty", "It is an empty folder: delete it"),
        ("drawer", "write `drawer/atlas`"),
        ("drawer/note.txt/x", "`assets/drawer/note.txt` is not a folder"),
        ("ui/atlas/inner", "lies inside `ui/atlas`"),
        ("nul", "a device's name on Windows"),
        (".prometeu/quarantine/x", "the packer's own folder"),
        ("../x", "outside of `assets/`"),
    ] {
        place.run(&["relocate", "ui/atlas", new_root, "--yes"]).code(2).says(words).says("help: ");
    }
    place.run(&["relocate", "ui/atls", "art"]).code(2).says("Did you mean `ui/atlas`?");
    place.run(&["relocate", "ui/atlas"]).code(2).says("<NEW_ROOT>");
    assert_eq!(place.listing(), before);
}

#[test]
#[cfg(unix)]
fn a_relocation_follows_no_link() {
    let place = Place::blobs(&["a", "b"]);
    std::fs::create_dir(place.path("elsewhere")).unwrap();
    std::os::unix::fs::symlink("../elsewhere", place.path("assets/link")).unwrap();
    std::fs::rename(place.path("assets/b"), place.path("elsewhere/b")).unwrap();
    std::os::unix::fs::symlink("../elsewhere/b", place.path("assets/b")).unwrap();
    place.run(&["relocate", "a", "link/a", "--yes"]).code(2).says("`assets/link` is a link");
    place.run(&["relocate", "b", "c", "--yes"]).code(2).says("`assets/b` is reached through a link");
    assert!(place.path("assets/a/asset.json").is_file() && place.path("elsewhere/b/asset.json").is_file());
}

#[test]
fn a_folder_that_was_moved_by_hand_is_told_from_one_that_is_gone() {
    let place = Place::blobs(&["a"]);
    std::fs::rename(place.path("assets/a"), place.path("assets/b")).unwrap();
    place.run(&["relocate", "a", "b", "--yes"]).code(2).says("`assets/b` carries its uuid");
    place.run(&["relocate", "a", "c", "--yes"]).code(2).says("there is nothing to move");
}

#[test]
fn excluded_assets_are_left_out_until_they_are_included_again() {
    let place = Place::blobs(&["a", "b", "c"]);
    place
        .ok(&["exclude", "c", "assets/a/", "1"])
        .says("Excluded 2 assets from builds")
        .says("`cargo prometeu include a c` takes them in again")
        .prints_nothing();
    let value = registry(&place);
    let included: Vec<_> =
        value["assets"].as_array().unwrap().iter().map(|entry| entry["included_in_build"] == true).collect();
    assert_eq!((included, &value["next_asset_id"]), (vec![false, true, false], &4.into()));
    place.ok(&["pack"]).says("1 asset");
    place.ok(&["list", "--excluded"]).says("2 assets, 2 excluded");

    let before = place.listing();
    place.ok(&["exclude", "a"]).says("nothing to do: `a` (asset 1) is excluded already");
    place
        .ok(&["include", "a", "b", "c", "--dry-run"])
        .prints("include 2 assets in builds\n  asset 1 `a`\n  asset 3 `c`\n  edit   assets/.prometeu/index.json\nplan ");
    place.run(&["include", "a", "nowhere", "c"]).code(2).says("root or name `nowhere`");
    assert_eq!(place.listing(), before, "all or none");

    let seen = place.ok(&["include", "a", "c", "--dry-run"]).plan_id();
    place.ok(&["include", "3", "1", "--plan", &seen]).says("Included 2 assets in builds");
    place.ok(&["pack"]).says("3 assets");
    place.ok(&["exclude", "b", "--yes"]).says("Excluded `b` (asset 2)");
    place.run(&["exclude"]).code(2).says("<ASSET>");
}

#[test]
fn assets_that_are_one_commit_are_one_response() {
    let place = Place::blobs(&["a", "b"]);
    let (run, lines) = place.json(&["exclude", "a", "b"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    let responses: Vec<&Value> = lines.iter().filter(|line| line["reason"] == "response").collect();
    let [response] = responses[..] else { panic!("{responses:?}") };
    assert_eq!(
        (&response["operation"], &response["operation_class"]),
        (&"set_included".into(), &"registry_mutation".into())
    );
    assert_eq!(response["affected_assets"].as_array().unwrap().len(), 2);
    assert_eq!(
        response["applied_actions"][0]["arguments"],
        serde_json::json!({ "assets": ["1", "2"], "included": false })
    );
    assert_eq!(response["plan"]["edits"].as_array().unwrap().len(), 1);
}

#[test]
fn a_registry_that_cannot_be_read_stops_every_change_with_its_reason() {
    let place = Place::blobs(&["a"]);
    place.edit("assets/.prometeu/index.json", "\"next_asset_id\": 2", "\"next_asset_id\": true");
    let before = place.listing();
    for change in [&["relocate", "a", "b", "--yes"][..], &["exclude", "a"], &["include", "a"]] {
        place
            .run(change)
            .code(1)
            .says("nothing in the registry can be changed: `next_asset_id` must be a whole number")
            .says("`cargo prometeu doctor`");
    }
    assert_eq!(place.listing(), before);
}
