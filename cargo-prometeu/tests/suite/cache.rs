//! `cache` and `cache clear`: where it is, what it holds, and that nothing depends on it.

use std::path::Path;

use serde_json::Value;

use crate::harness::{Place, Run};

/// The response of a command with the variable.
fn with_variable(place: &Place, value: &Path, arguments: &[&str]) -> Value {
    let arguments = [&["--message-format", "json"], arguments].concat();
    let mut command = place.command(&arguments);
    let run = Run::of(command.env("PROMETEU_CACHE_DIR", value).output().unwrap()).code(0);
    serde_json::from_str(run.stdout.lines().last().unwrap()).unwrap()
}

fn response(place: &Place, arguments: &[&str]) -> Value {
    let (run, lines) = place.json(arguments);
    assert_eq!((run.code, &*run.stderr), (0, ""));
    lines.last().unwrap().clone()
}

#[test]
fn the_cache_is_told_with_its_place_and_what_it_holds() {
    let place = Place::package();
    place.ok(&["init", "--yes"]);
    place.ok(&["cache"]).prints("target/prometeu\nit is in cargo's target directory\nit is empty\n");
    place.ok(&["pack"]);
    place
        .ok(&["cache"])
        .prints("target/prometeu\nit is in cargo's target directory\n\n")
        .prints("\nrecords of packs      1 ")
        .prints("\npayloads              0 ")
        .says("hint: `cargo prometeu cache clear` empties it");
    place.ok(&["pack", "--out", "elsewhere"]);
    let told = response(&place, &["cache"]);
    assert_eq!((&told["operation"], &told["operation_class"]), (&"cache".into(), &"read_only".into()));
    let folder = place.path("target/prometeu");
    assert_eq!(
        told["folder"],
        serde_json::json!({ "path": folder.to_str().unwrap(), "because": "target_directory" })
    );
    assert_eq!(told["usage"]["records"]["files"], 2);
    assert_eq!(told["usage"]["total"], told["usage"]["records"]);
    let sizes = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().metadata().unwrap().len());
    assert_eq!(told["usage"]["total"]["bytes"], sizes.sum::<u64>());
}

#[test]
fn it_is_where_a_pack_puts_it() {
    let named = |place: &Place| response(place, &["cache"])["folder"].clone();
    let place = Place::blobs(&["a"]);
    place.ok(&["pack"]);
    assert_eq!(named(&place)["because"], "no_manifest");
    assert_eq!(named(&place)["path"], place.path("build/.cache").to_str().unwrap());
    assert_eq!(response(&place, &["cache"])["usage"]["records"]["files"], 1);

    // A relative folder begins at the project's, as for a build script, wherever one is.
    let mut command = place.command(&["pack"]);
    command.env("PROMETEU_CACHE_DIR", "../shared").current_dir(place.path("assets/a"));
    Run::of(command.output().unwrap()).code(0);
    assert!(place.path("../shared").is_dir());
    for value in ["../shared", place.path("../shared").to_str().unwrap()] {
        let told = with_variable(&place, Path::new(value), &["cache"]);
        assert_eq!(
            (&told["folder"]["because"], &told["usage"]["records"]["files"]),
            (&"variable".into(), &1.into())
        );
    }
    // An empty variable names nothing.
    assert_eq!(with_variable(&place, Path::new(""), &["cache"])["folder"]["because"], "no_manifest");

    let broken = Place::package();
    broken.ok(&["init", "--yes"]);
    broken.write("Cargo.toml", "[package\n");
    assert_eq!(named(&broken)["because"], "cargo_cannot_tell");
    assert_eq!(named(&broken)["path"], broken.path("build/.cache").to_str().unwrap());
    broken.ok(&["cache"]).prints("cargo cannot tell its target directory: ");
}

#[test]
fn a_cleared_cache_costs_time_and_no_byte() {
    let place = Place::blobs(&["a", "b"]);
    place.ok(&["pack"]);
    let pack = std::fs::read(place.path("build/assets.pa")).unwrap();
    place.write("build/.cache/notes.txt", "mine");
    place.write("build/.cache/payloads-v1/young/ab/x", "damaged");
    place.write("build/.cache/payloads-v0/of-another-version", "old");
    place.ok(&["cache"]).prints("\nof no use any more      2 ");
    place
        .ok(&["cache", "clear"])
        .says("     Removed 3 files, ")
        .says(" from build/.cache\n")
        .prints_nothing();
    let left: Vec<_> = std::fs::read_dir(place.path("build/.cache")).unwrap().collect();
    assert_eq!(left.len(), 1, "what is not ours stays");
    assert_eq!(place.read("build/.cache/notes.txt"), "mine");
    place.ok(&["cache", "clear"]).says("Finished build/.cache is empty, nothing to do");
    place.ok(&["pack"]).says("(all made)");
    assert!(std::fs::read(place.path("build/assets.pa")).unwrap() == pack);
    place.ok(&["pack"]).says("(all kept)");

    let cleared = response(&place, &["cache", "clear"]);
    assert_eq!(
        (&cleared["operation"], &cleared["operation_class"]),
        (&"clear_cache".into(), &"build".into())
    );
    assert_eq!(
        (&cleared["removed"]["total"]["files"], &cleared["left"]),
        (&1.into(), &serde_json::json!([]))
    );
}

#[test]
fn neither_a_broken_registry_nor_an_interrupted_change_stands_in_the_way() {
    let place = Place::blobs(&["a"]);
    place.ok(&["pack"]);
    place.write("assets/.prometeu/index.json", "{");
    let before = place.listing();
    place.ok(&["cache"]).prints("records of packs");
    assert_eq!(place.listing(), before, "to look changes nothing");
    place.ok(&["cache", "clear"]).says("Removed 1 file");
    Place::empty().run(&["cache"]).code(2).says("there is no project in");
    let (run, lines) = Place::empty().json(&["cache", "clear"]);
    assert_eq!((run.code, &lines[0]["operation"]), (2, &"clear_cache".into()));
    assert_eq!(lines[0]["blockers"][0]["code"], "invalid-argument");
}

#[cfg(unix)]
#[test]
fn a_link_with_a_name_of_ours_is_left_alone_and_told() {
    let place = Place::blobs(&["a"]);
    place.write("theirs/young/ab/file", "theirs");
    place.write("cache/pack-0123456789abcdef.record", "x");
    std::os::unix::fs::symlink(place.path("theirs"), place.path("cache/payloads-v1")).unwrap();
    let cleared = with_variable(&place, &place.path("cache"), &["cache", "clear"]);
    assert_eq!(cleared["left"], serde_json::json!([place.path("cache/payloads-v1").to_str().unwrap()]));
    assert_eq!(cleared["removed"]["total"]["files"], 1);
    assert_eq!(place.read("theirs/young/ab/file"), "theirs");
    let mut command = place.command(&["cache", "clear"]);
    let run = Run::of(command.env("PROMETEU_CACHE_DIR", place.path("cache")).output().unwrap());
    run.code(0).says("warning: `cache/payloads-v1` was left alone");
}
