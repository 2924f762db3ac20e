//! `why`: each verdict, of whatever somebody may ask about.

use serde_json::{Value, json};

use crate::harness::Place;

/// A project of a blob that is preloaded, a bank of tiles, and a blob that is kept out of builds.
fn game() -> Place {
    let place = Place::blobs(&["ui/text", "old"]);
    place.ok(&["create", "ui/tiles", "--type", "glyph_bank"]);
    place.edit("assets/ui/text/asset.json", "\"enabled\": false", "\"enabled\": true");
    place.ok(&["exclude", "old"]);
    place
}

/// Checks the verdict on `asset`, the words about it and the next step.
#[track_caller]
fn check(place: &Place, asset: &str, verdict: &str, message: &str, help: Option<&str>) -> Value {
    let before = place.listing();
    let (run, lines) = place.json(&["why", asset]);
    assert_eq!(lines.len(), 1, "a program hears of nothing that it did not ask for");
    let response = lines[0].clone();
    assert_eq!((run.code, &response["operation"]), (0, &json!("why")), "{run:?}");
    assert_eq!([&response["verdict"], &response["message"]], [&json!(verdict), &json!(message)]);
    assert_eq!(response.get("help").and_then(Value::as_str), help);
    let run = place.run(&["why", asset]).code(0).prints(message);
    assert!(help.is_none_or(|help| run.stderr.contains(help)), "{}", run.stderr);
    assert_eq!(place.listing(), before);
    response
}

#[test]
fn an_asset_in_the_pack_says_what_it_brings_by_whatever_it_is_called() {
    let place = game();
    let uuid = place.json(&["show", "ui/text"]).1.last().unwrap()["asset_uuid"].as_str().unwrap().to_owned();
    for asset in ["1", "text", "ui/text", "assets/ui/text/", &uuid] {
        let response = check(
            &place,
            asset,
            "packed",
            "`ui/text` (asset 1) is in the pack: it is registered, included, and nothing stands in its way",
            Some("`cargo prometeu exclude 1` keeps it out of builds."),
        );
        assert_eq!(response["reasons"], json!([]));
        let known = &response["asset"];
        assert_eq!(
            [&known["payload_size"], &known["preload_slot"], &known["constant"]],
            [&json!(25), &json!(0), &json!("ui::TEXT")]
        );
    }
    place
        .ok(&["why", "1"])
        .prints("payload    25 B, less than 1 % of all payloads\n")
        .prints("preload    yes, slot 0\n")
        .prints("constants  assets::ui::TEXT, and 1 artifact in it\n")
        .prints("inputs     data.txt (25 B)\n")
        .prints("changed    just now, 20");
    place.ok(&["why", "ui/tiles"]).prints("payload    34.8 kB, 67.6 kB in memory, 99 % of all payloads\n");
}

#[test]
fn what_is_kept_out_is_told_with_the_way_in() {
    let place = game();
    check(
        &place,
        "old",
        "excluded",
        "`old` (asset 2) is not in the pack: it is kept out of builds",
        Some("`cargo prometeu include 2` takes it in."),
    );
    place.edit("assets/old/asset.json", "\"NONE\"", "\"ZIP\"");
    let message = "`old` (asset 2) is not in the pack: it is kept out of builds; what is wrong with it stops \
                   nothing now";
    let response = check(&place, "old", "excluded", message, Some("`cargo prometeu include 2` takes it in."));
    assert_eq!(response["reasons"][0]["code"], "unknown-codec");
}

#[test]
fn an_asset_that_stops_the_pack_is_told_apart_from_one_that_others_hold_up() {
    let place = game();
    place.edit("assets/ui/text/asset.json", "\"NONE\"", "\"ZIP\"");
    let message = "`ui/text` (asset 1) would be in the pack, and keeps it from being made: 1 finding";
    let response = check(&place, "1", "blocks", message, None);
    assert_eq!(
        [&response["reasons"][0]["code"], &response["reasons"][0]["line"]],
        [&json!("unknown-codec"), &json!(9)]
    );
    place
        .ok(&["why", "1"])
        .prints("error[unknown-codec]: there is no codec `ZIP`")
        .prints("assets/ui/text/asset.json:9:14");
    check(
        &place,
        "ui/tiles",
        "held_up",
        "`ui/tiles` (asset 3) is in order, but no pack can be made: `ui/text` stands in the way",
        Some("`cargo prometeu validate` shows what stands in the way."),
    );
    std::fs::rename(place.path("assets/ui/tiles"), place.path("assets/moved")).unwrap();
    let message = "`ui/tiles` (asset 3) would be in the pack, and keeps it from being made: 1 finding";
    let response = check(&place, "3", "blocks", message, None);
    assert_eq!(response["reasons"][0]["code"], "root-missing");
}

#[test]
fn a_folder_that_nobody_registered_says_what_it_is() {
    let place = game();
    place.ok(&["create", "loose", "--type", "blob_bank"]);
    place.ok(&["forget", "loose", "--yes"]);
    check(
        &place,
        "loose",
        "unregistered",
        "`loose` is not in the pack: it is not registered",
        Some("`cargo prometeu register loose` makes it an asset. Or leave it, or delete it."),
    );
    place.write("assets/copy/asset.json", place.read("assets/old/asset.json"));
    place.write("assets/copy/data.txt", "x");
    check(
        &place,
        "assets/copy",
        "unregistered",
        "`copy` is not in the pack: it carries the uuid of asset 2, which is at `old`",
        Some(
            "Run `cargo prometeu adopt copy --as-new` to make `copy` an asset of its own. Or run `cargo prometeu adopt copy \
             --as 2` to take `copy` for asset 2. Or delete it.",
        ),
    );
    std::fs::remove_dir_all(place.path("assets/old")).unwrap();
    check(
        &place,
        "copy",
        "unregistered",
        "`copy` is not in the pack: it carries the uuid of asset 2, whose folder is not at `old`",
        Some(
            "Run `cargo prometeu reconcile 2` to let asset 2 follow to `copy`. Or move it back to `assets/old`.",
        ),
    );
    place.write("assets/loose/asset.json", "{");
    let run =
        place.run(&["why", "loose"]).code(0).prints("`loose` is not in the pack: it is not registered, and ");
    run.says("Mend its `asset.json` first; then `cargo prometeu register loose` makes it an asset.");
}

#[test]
fn what_lies_in_quarantine_is_found_by_id_root_and_entry() {
    let place = game();
    place.ok(&["remove", "ui/text", "--yes"]);
    for asset in ["1", "ui/text", "1-text"] {
        check(
            &place,
            asset,
            "quarantined",
            "`ui/text` (asset 1) is not in the pack: it lies in quarantine as `1-text`",
            Some("`cargo prometeu restore 1-text` brings it back."),
        );
    }
}

#[test]
fn a_folder_and_a_file_are_told_by_the_asset_that_they_belong_to() {
    let place = game();
    place.write("assets/art/sketch.txt", "x");
    place.write("assets/ui/tiles/notes.txt", "x");
    check(
        &place,
        "ui",
        "no_asset",
        "`ui` is a folder around 2 assets, and no asset itself",
        Some("Ask about one of them: `ui/text`, `ui/tiles`."),
    );
    place
        .ok(&["why", "assets/art"])
        .prints("`art` is not in the pack: it has no `asset.json`, and so is no asset");
    for (file, words) in [
        ("tile.png", "`tile.png` is packed as its artifact 0, `assets::ui::tiles::TILE`\n"),
        ("asset.json", "`asset.json` is its declaration, which is not packed itself\n"),
        ("notes.txt", "`notes.txt` is none of its inputs, so it is not packed\n"),
        ("gone.png", "`gone.png` is not there, and is none of its inputs, so it is not packed\n"),
    ] {
        let run = place.run_in("assets/ui/tiles", &["why", file]).code(0);
        run.prints("`ui/tiles` (asset 3) is in the pack").prints(words);
    }
}

#[test]
fn what_nobody_knows_is_a_mistyped_word() {
    let place = game();
    place
        .run(&["why", "ui/tile"])
        .code(2)
        .says("no asset has the id, uuid, root or name `ui/tile`")
        .says("`ui/tiles`");
    let (run, lines) = place.json(&["why", "nobody"]);
    assert_eq!((run.code, &lines.last().unwrap()["blockers"][0]["code"]), (2, &json!("unknown-asset")));
    place.write("assets/.prometeu/index.json", "{");
    place.run(&["why", "old"]).code(1).says("registry");
}

#[test]
fn what_belongs_to_no_asset_gets_the_true_answer() {
    let place = game();
    place.ok(&["create", "loose", "--type", "blob_bank"]);
    place.ok(&["forget", "loose", "--yes"]);
    place.write("assets/loose/sub/notes.txt", "x");
    place.write("assets/readme.txt", "x");
    place.write("assets/box/shelf/data.txt", "x");
    // Files of a folder that nobody registered.
    for (file, words) in [
        ("data.txt", "lies in it, and of a folder that nobody registered nothing is packed"),
        ("sub/notes.txt", "lies in it, and of a folder that nobody registered nothing is packed"),
        ("sub", "lies in it, and of a folder that nobody registered nothing is packed"),
        ("asset.json", "is its declaration, which is not packed itself"),
    ] {
        let run = place.ok(&["why", &format!("assets/loose/{file}")]);
        run.prints("`loose` is not in the pack: it is not registered\n")
            .prints(&format!("`{file}` {words}\n"))
            .says("`cargo prometeu register loose`");
    }
    check(
        &place,
        "assets/readme.txt",
        "no_asset",
        "`readme.txt` is not in the pack: it lies in the folder of no asset",
        Some(
            "Move it into the folder of one and name it among the inputs in that `asset.json`, or make one of it: \
             `cargo prometeu create ROOT --type FAMILY --from assets/readme.txt`.",
        ),
    );
    place.ok(&["create", "ui/of-it", "--type", "blob_bank", "--from", "assets/readme.txt"]);
    for (folder, message, help) in [
        (
            "assets",
            "`assets/` is the folder of all assets, and no asset itself",
            "`cargo prometeu list` shows them",
        ),
        ("assets/box", "`box` is not in the pack: it has no `asset.json`, and so is no asset", "Write one"),
    ] {
        place.ok(&["why", folder]).prints(message).says(help);
    }
    std::fs::create_dir(place.path("assets/group")).unwrap();
    std::fs::rename(place.path("assets/loose"), place.path("assets/group/loose")).unwrap();
    place
        .ok(&["why", "group"])
        .prints("`group` is a folder around 1 folder that nobody registered, and no asset itself")
        .says("Ask about one of them: `group/loose`.");
    // A second declaration inside of an asset.
    std::fs::rename(place.path("assets/group/loose"), place.path("assets/old/inner")).unwrap();
    place
        .ok(&["why", "old/inner"])
        .prints("`old/inner` is not in the pack: it lies inside the asset `old`, whose own `asset.json` is the one that counts")
        .says("move or rename it first");
    // A folder of an asset, with inputs in it.
    place.write("assets/old/more/data.txt", "x");
    place.edit("assets/old/asset.json", "\"data.txt\"", "\"more/data.txt\"");
    place.ok(&["why", "assets/old/more"]).prints("`more` is a folder in it, with 1 of its inputs\n");
}

#[test]
fn the_packers_own_files_are_left_to_it() {
    let place = game();
    place.ok(&["remove", "ui/text", "--yes"]);
    for (path, words, help) in [
        ("", "it is the packer's own folder", "leave what is in it to `cargo prometeu`"),
        ("/index.json", "it is the registry, which says what the pack is made of", "`cargo prometeu list`"),
        ("/local/lock", "it is of this checkout alone", "Leave it to `cargo prometeu`"),
        (
            "/quarantine",
            "it is where assets lie that were put out of the way",
            "`cargo prometeu list --quarantined`",
        ),
        ("/notes.txt", "it lies in the packer's own folder", "Move it to where it belongs"),
    ] {
        let asset = format!("assets/.prometeu{path}");
        let run =
            place.ok(&["why", &asset]).prints(&format!("`{asset}` is not in the pack: {words}")).says(help);
        assert!(!run.stderr.contains("register"), "{run:?}");
    }
    for path in ["1-text", "1-text/root", "1-text/root/data.txt", "1-text/record.json"] {
        let run = place.ok(&["why", &format!("assets/.prometeu/quarantine/{path}")]);
        run.prints("`ui/text` (asset 1) is not in the pack: it lies in quarantine as `1-text`")
            .says("`cargo prometeu restore 1-text` brings it back.");
    }
}

#[test]
fn a_reason_has_all_the_members_of_a_finding() {
    let place = game();
    place.edit("assets/ui/text/asset.json", "\"NONE\"", "\"ZIP\"");
    let (_, lines) = place.json(&["why", "1"]);
    let reason = &lines[0]["reasons"][0];
    assert_eq!((&reason["category"], &reason["asset_id"]), (&json!("structural"), &json!(1)));
    assert_eq!((&reason["asset_root"], &reason["related"]), (&json!("ui/text"), &json!([])));
}
