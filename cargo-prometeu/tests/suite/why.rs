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
        "`ui/tiles` (asset 3) is in order, and no pack is made while `assets/ui/text` keeps it from being made",
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
        Some("`cargo prometeu register loose` takes it in."),
    );
    place.write("assets/copy/asset.json", place.read("assets/old/asset.json"));
    place.write("assets/copy/data.txt", "x");
    check(
        &place,
        "assets/copy",
        "unregistered",
        "`copy` is not in the pack: it carries the uuid of asset 2, which is at `old`",
        Some("`cargo prometeu adopt copy --as-new` makes it an asset of its own."),
    );
    std::fs::remove_dir_all(place.path("assets/old")).unwrap();
    check(
        &place,
        "copy",
        "unregistered",
        "`copy` is not in the pack: it carries the uuid of asset 2, whose folder is not at `old`",
        Some("`cargo prometeu reconcile` lets the registry follow it."),
    );
    place.write("assets/loose/asset.json", "{");
    let run =
        place.run(&["why", "loose"]).code(0).prints("`loose` is not in the pack: it is not registered, and ");
    run.says("Mend that, and `cargo prometeu register loose` takes it in.");
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
