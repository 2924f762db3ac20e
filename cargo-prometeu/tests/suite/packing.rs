//! `pack`, its cache and its check; `inspect`.

use crate::harness::Place;

#[test]
fn a_second_pack_keeps_what_did_not_change() {
    let place = Place::blobs(&["a", "b"]);
    place
        .ok(&["pack", "-v"])
        .says("      Packed a (first pack here)")
        .says("2 assets (all made) in ")
        .prints_nothing();
    place.ok(&["pack"]).says("(all kept)");
    place.write("assets/b/data.txt", "something longer than before");
    place
        .ok(&["pack", "-v"])
        .says("       Fresh a\n")
        .says("      Packed b (data.txt changed)\n")
        .says("(1 kept, 1 made)");
}

#[test]
fn the_set_goes_where_it_is_asked_to() {
    let place = Place::blobs(&["a"]);
    place.run_in("assets", &["pack", "--out", "../dist/pack"]).code(0);
    for name in ["assets.pa", "asset_table.json", "preload.json", "asset_table_metadata.json"] {
        assert!(place.path("dist/pack").join(name).is_file(), "{name}");
    }
    assert!(!place.path("build/assets.pa").exists());
}

#[test]
fn the_cache_is_where_cargo_puts_things_or_where_the_variable_says() {
    let place = Place::package();
    place.ok(&["init", "--yes"]);
    place.ok(&["pack"]);
    assert!(place.path("target/prometeu").is_dir() && !place.path("build/.cache").exists());
    let output = place.command(&["pack"]).env("PROMETEU_CACHE_DIR", place.path("mine")).output().unwrap();
    assert!(output.status.success() && place.path("mine").is_dir());

    let place = Place::project();
    place.ok(&["pack"]).says("the pack is empty");
    assert!(place.path("build/.cache").is_dir());
}

#[test]
fn a_check_says_what_differs_how_to_heal_it_and_writes_nothing() {
    let place = Place::blobs(&["a"]);
    let before = place.listing();
    place
        .run(&["pack", "--check"])
        .code(1)
        .says("`build/assets.pa` is missing")
        .says("Run `cargo prometeu pack`");
    assert_eq!(place.listing(), before);
    place.ok(&["pack"]);
    let before = place.listing();
    place
        .ok(&["pack", "--check"])
        .says("build/assets.pa: it is what the sources make, 1 asset")
        .prints_nothing();
    place.write("assets/a/data.txt", "changed");
    place.run(&["pack", "--check"]).code(1).says("`build/assets.pa` is not what the sources make");
    let (run, lines) = place.json(&["pack", "--check"]);
    assert_eq!((run.code, &lines.last().unwrap()["artifact"]["changed"]), (1, &true.into()));
    place.write("assets/a/data.txt", "Put your own bytes here.\n");
    assert_eq!(place.listing(), before);
}

#[test]
fn findings_stop_a_pack_and_leave_the_last_one() {
    let place = Place::blobs(&["a"]);
    place.ok(&["pack"]);
    let before = std::fs::read(place.path("build/assets.pa")).unwrap();
    std::fs::remove_file(place.path("assets/a/data.txt")).unwrap();
    place
        .run(&["pack"])
        .code(1)
        .says("error[input-missing]: ")
        .says(" --> assets/a/asset.json:6:")
        .says("error: nothing was packed: 1 error in 1 asset")
        .prints_nothing();
    assert_eq!(std::fs::read(place.path("build/assets.pa")).unwrap(), before);
}

#[test]
fn strict_lets_warnings_block_by_flag_and_by_variable() {
    let place = Place::blobs(&["a"]);
    place.edit("assets/a/asset.json", "\"name\"", "\"nmae\": 1,\n  \"name\"");
    place.ok(&["pack"]).says("warning[unknown-member]").says("Finished");
    place.ok(&["doctor"]).prints("warning[unknown-member]");
    for command in ["pack", "doctor"] {
        place.run(&[command, "--strict"]).code(1);
        let by_variable = |value: &str| {
            place.command(&[command]).env("PROMETEU_STRICT", value).output().unwrap().status.code()
        };
        assert_eq!(by_variable("1"), Some(1), "{command}");
        assert_eq!(by_variable("0"), Some(0), "{command}");
        assert_eq!(by_variable(""), Some(0), "{command}");
    }
}

#[test]
fn a_pack_is_shown_as_a_game_would_read_it() {
    let place = Place::blobs(&["a"]);
    place.edit("assets/a/asset.json", "\"enabled\": false", "\"enabled\": true");
    let (_, lines) = place.json(&["pack"]);
    let digest = lines.last().unwrap()["artifact"]["digest"].as_str().unwrap().to_owned();
    place
        .ok(&["inspect", "build/assets.pa"])
        .prints("ID  NAME  BANK  SIZE  OFFSET  PRELOAD\n 1  a     BLOB  25 B    4096  slot 0\n")
        .prints("build/assets.pa: 4.1 kB, 1 asset, 1 preloaded\n")
        .prints(&format!("digest {digest}\n"));
    let (run, lines) = place.json(&["inspect", "build/assets.pa"]);
    assert_eq!((run.code, lines.len()), (0, 1));
    let shown = &lines[0];
    assert_eq!(shown["artifact"]["digest"], digest.as_str());
    assert_eq!(shown["artifact"]["size"], 4121);
    assert_eq!(shown["asset_table"][0]["metadata"]["blobs"]["0"]["length"], 25);
    assert_eq!(shown["preload"][0]["slot"], 0);
}

#[test]
fn a_damaged_pack_is_a_finding_and_a_missing_one_a_mistake() {
    let place = Place::blobs(&["a"]);
    place.ok(&["pack"]);
    let mut bytes = std::fs::read(place.path("build/assets.pa")).unwrap();
    bytes.pop();
    place.write("short.pa", &bytes);
    place.write("text.pa", "not a pack, and long enough to see it");
    place
        .run(&["inspect", "short.pa"])
        .code(1)
        .says("`short.pa` cannot be read: the pack ends after 4120 bytes");
    place.run(&["inspect", "text.pa"]).code(1).says("begins with `not ` instead of `PMPA`").prints_nothing();
    place.run(&["inspect", "none.pa"]).code(2).says("there is no pack `none.pa`").says("help: ");
    place.run(&["inspect", "build"]).code(2).says("Name the pack in it: `build/assets.pa`");
    let (run, lines) = place.json(&["inspect", "text.pa"]);
    assert_eq!((run.code, &lines[0]["status"]), (1, &"blocked".into()));
    let (run, lines) = place.json(&["inspect", "none.pa"]);
    assert_eq!((run.code, &lines[0]["blockers"][0]["code"]), (2, &"invalid-argument".into()));
}

#[test]
#[cfg(unix)]
fn a_folder_that_cannot_be_written_is_a_failure() {
    let place = Place::blobs(&["a"]);
    // A file where the folder should be: nobody may write into that, root neither.
    place.write("build", "");
    place.run(&["pack"]).code(4).says("failed to ").says("build");
    let (run, lines) = place.json(&["pack"]);
    assert_eq!(run.code, 4);
    assert_eq!(lines.last().unwrap()["status"], "failed");
}
