//! `verify`: what a pack and a project have alike, and every way in which they can differ.

use serde_json::{Value, json};

use crate::harness::Place;

const PACK: &str = "build/assets.pa";

/// A project of three blobs and a bank of tiles, packed.
fn packed() -> Place {
    let place = Place::blobs(&["a", "b", "ui/c"]);
    place.ok(&["create", "ui/tiles", "--type", "glyph_bank"]);
    place.ok(&["pack"]);
    place
}

/// Checks what differs after `change`: root or name, kind, member and message of each difference.
fn check(change: impl Fn(&Place), expected: &[(&str, &str, &str, &str)]) {
    let place = packed();
    place
        .ok(&["verify", PACK])
        .says("Verified build/assets.pa is what the project makes, 4 assets")
        .prints_nothing();
    change(&place);
    let before = place.listing();
    let (run, lines) = place.json(&["verify", PACK]);
    assert_eq!((run.code, lines.len()), (1, 1), "{run:?}");
    let response = &lines[0];
    assert_eq!(
        [&response["operation"], &response["operation_class"], &response["status"], &response["same"]],
        [&json!("verify"), &json!("read_only"), &json!("blocked"), &json!(false)]
    );
    let mut found = Vec::new();
    for asset in response["differing"].as_array().unwrap() {
        let name = asset["root"].as_str().or_else(|| asset["asset_name"].as_str()).unwrap();
        for difference in asset["differences"].as_array().unwrap() {
            let text = |member: &str| difference[member].as_str().unwrap_or_default().to_owned();
            found.push((name.to_owned(), text("kind"), text("member"), text("message")));
        }
    }
    let found: Vec<_> =
        found.iter().map(|(name, kind, member, message)| (&**name, &**kind, &**member, &**message)).collect();
    assert_eq!(found, expected);
    let run = place.run(&["verify", PACK]).code(1).says("is not what the project makes");
    assert!(expected.iter().all(|(.., message)| run.stdout.contains(message)), "{}", run.stdout);
    assert_eq!(place.listing(), before, "nothing is left behind");
}

#[test]
fn another_payload_is_told_with_its_first_byte_and_what_the_header_says_of_it() {
    check(
        |place| place.write("assets/a/data.txt", "put your own files here!!"),
        &[("a", "payload", "", "its payload differs from byte 0 on: both have 25 bytes")],
    );
    check(
        |place| {
            let text = place.read("assets/b/data.txt");
            place.write("assets/b/data.txt", format!("{text}and more"));
        },
        &[
            (
                "b",
                "payload",
                "",
                "its payload differs from byte 25 on: 33 bytes in the project, 25 in the pack",
            ),
            ("b", "header", "decoded_size", "`decoded_size` is `33` in the project, and `25` in the pack"),
            (
                "b",
                "metadata",
                "blobs.0.length",
                "`metadata.blobs.0.length` is `33` in the project, and `25` in the pack",
            ),
        ],
    );
}

#[test]
fn another_name_other_metadata_and_another_slot_are_told() {
    check(
        |place| place.edit("assets/ui/c/asset.json", "\"name\": \"c\"", "\"name\": \"see\""),
        &[("ui/c", "asset_name", "", "its name is `see` in the project, and `c` in the pack")],
    );
    check(
        |place| {
            place.edit(
                "assets/a/asset.json",
                "\"codec\": \"NONE\"",
                "\"codec\": \"NONE\", \"metadata\": { \"mood\": \"dark\" }",
            );
        },
        &[("a", "metadata", "mood", "`metadata.mood` is `dark` in the project, and none in the pack")],
    );
    check(
        |place| place.edit("assets/a/asset.json", "\"enabled\": false", "\"enabled\": true"),
        &[("a", "preload", "", "its preload slot is `0` in the project, and none in the pack")],
    );
}

#[test]
fn what_only_one_of_them_has_is_told_with_what_became_of_it() {
    check(
        |place| drop(place.ok(&["create", "new", "--type", "blob_bank"])),
        &[("new", "missing_in_pack", "", "it is not in the pack")],
    );
    check(
        |place| drop(place.ok(&["exclude", "b"])),
        &[("b", "not_in_project", "", "it is in the pack, and the project keeps it out of builds")],
    );
    check(
        |place| drop(place.ok(&["forget", "b", "--yes"])),
        &[("b", "not_in_project", "", "it is in the pack, and the project does not pack such an asset")],
    );
}

#[test]
fn an_asset_with_another_id_is_that_asset() {
    check(
        |place| {
            place.ok(&["forget", "b", "--yes"]);
            place.ok(&["register", "b"]);
        },
        &[("b", "asset_id", "", "its id is `5` in the project, and `2` in the pack")],
    );
}

#[test]
fn an_asset_of_another_family_under_the_same_id_is_told_by_its_bank() {
    let place = packed();
    // By hand: a bank of tiles where a blob was, with its uuid.
    let uuid = |text: &str| {
        let (_, rest) = text.split_once("\"asset_uuid\": \"").unwrap();
        rest[..36].to_owned()
    };
    let tiles = place.read("assets/ui/tiles/asset.json");
    let own = place.read("assets/a/asset.json");
    let text = tiles.replace(&uuid(&tiles), &uuid(&own)).replace("\"name\": \"tiles\"", "\"name\": \"a\"");
    place.write("assets/a/asset.json", text);
    std::fs::copy(place.path("assets/ui/tiles/tile.png"), place.path("assets/a/tile.png")).unwrap();
    let run = place.run(&["verify", PACK]).code(1);
    run.prints("a (asset 1)\n").prints("  `bank_type` is `GLYPH` in the project, and `BLOB` in the pack\n");
}

#[test]
fn a_pack_that_is_laid_out_in_another_way_is_none() {
    let place = Place::blobs(&["a", "b"]);
    place.ok(&["pack"]);
    let mut pack = std::fs::read(place.path(PACK)).unwrap();
    let at = pack.windows(11).position(|bytes| bytes == b"\"offset\":32").unwrap();
    pack[at + 9..at + 11].copy_from_slice(b"48");
    let second = 4096 + 32;
    pack.splice(second..second, [0; 16]);
    place.write("moved.pa", pack);
    let run = place.run(&["verify", "moved.pa"]).code(1).prints_nothing();
    run.says("the payload of asset 2 starts at 48, by the layout rule at 32; pack again");
}

#[test]
fn a_bad_pack_a_missing_one_and_a_project_that_does_not_pack_are_told_apart() {
    let place = packed();
    place.write("bad.pa", "no pack");
    place.run(&["verify", "bad.pa"]).code(1).says("`bad.pa` cannot be read");
    place.run(&["verify", "none.pa"]).code(2).says("there is no pack `none.pa`");
    place.run(&["verify", "build"]).code(2).says("Name the pack in it");
    place.run(&["verify"]).code(2);
    let mut bytes = std::fs::read(place.path(PACK)).unwrap();
    bytes.pop();
    place.write("cut.pa", bytes);
    place.run(&["verify", "cut.pa"]).code(1).says("`cut.pa` cannot be read");
    place.edit("assets/a/asset.json", "\"NONE\"", "\"ZIP\"");
    let run = place.run(&["verify", PACK]).code(1).says("there is no codec `ZIP`");
    run.says("nothing is known of build/assets.pa: the project does not pack");
}

#[test]
fn cargo_says_where_the_build_script_has_put_the_pack() {
    let place = Place::package();
    place.write(
        "assets/.prometeu/index.json",
        "{\"schema_version\": 1, \"next_asset_id\": 1, \"assets\": []}",
    );
    place.ok(&["create", "a", "--type", "blob_bank"]);
    place.write("Cargo.toml", "[package]\nname = \"game\"\nversion = \"0.1.0\"\nedition = \"2021\"\n");
    place.run(&["verify", "--built"]).code(1).says("the package `game` has no build script");
    // What stands for a build script that packs, and does not notice edits.
    place.ok(&["pack"]);
    place.write(
        "build.rs",
        "fn main() {\n    let out = std::path::PathBuf::from(std::env::var(\"OUT_DIR\").unwrap());\n    \
         println!(\"cargo::rerun-if-changed=build.rs\");\n    \
         if std::path::Path::new(\"build/assets.pa\").exists() {\n        \
         std::fs::copy(\"build/assets.pa\", out.join(\"assets.pa\")).unwrap();\n    }\n}\n",
    );
    let run = place
        .run(&["verify", "--built"])
        .code(0)
        .says("cargo says that the pack of `game` is target/debug/build/game-");
    run.says("is what the project makes, 1 asset");
    place.run(&["verify", "--built", "--profile", "release"]).code(0).says("is target/release/build/game-");
    place.write("assets/a/data.txt", "edited");
    let run = place.run(&["verify", "--built"]).code(1).prints("a (asset 1)\n").prints("its payload differs");
    run.says("The build script did not notice a change");
    let (run, lines) = place.json(&["verify", "--built"]);
    let path = lines.last().map_or(Value::Null, |line| line["artifact"]["path"].clone());
    assert!(run.code == 1 && path.as_str().unwrap().ends_with("/out/assets.pa"), "{run:?}");
    place.write("build.rs", "fn main() { panic!(\"no luck today\") }\n");
    let run = place.run(&["verify", "--built"]).code(1).says("no luck today");
    run.says("`cargo build` did not come as far as a pack of `game`");
}

#[test]
fn a_project_that_does_not_pack_is_told_as_an_answer_of_verify() {
    let place = packed();
    place.edit("assets/a/asset.json", "BLOB/raw_v1", "BLOB/raw_v9");
    let (run, lines) = place.json(&["verify", PACK]);
    let answer = &lines[0];
    assert_eq!((run.code, &answer["operation"], &answer["status"]), (1, &json!("verify"), &json!("blocked")));
    assert_eq!(answer["diagnostics"][0]["code"], "unknown-format");
    place
        .run(&["verify", PACK])
        .code(1)
        .says("nothing is known of build/assets.pa: the project does not pack");
}

#[test]
fn what_can_be_named_is_said_and_a_profile_of_a_pack_is_refused() {
    let place = packed();
    place.run(&["verify"]).code(2).says("<PACK|--built>");
    place.run(&["verify", PACK, "--profile", "release"]).code(2).says("--profile");
    place.run(&["verify", "--profile", "release"]).code(2).says("--built");
    place.run(&["verify", PACK, "--built"]).code(2).says("cannot be used with");
}
