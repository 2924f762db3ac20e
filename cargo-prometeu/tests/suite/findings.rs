//! `doctor` and `list`.

use crate::harness::Place;

#[test]
fn doctor_prints_findings_as_results_and_its_verdict_as_status() {
    let place = Place::blobs(&["a"]);
    place.edit("assets/a/asset.json", "blob_bank", "blob_bnk");
    place
        .run(&["doctor"])
        .code(1)
        .prints("error[unknown-type]: ")
        .prints(" --> assets/a/asset.json:5:11\n")
        .prints("^^^^^^^^^^")
        .prints("help: ")
        .says("error: 1 finding stops the build (1 error in 1 asset)");
    let quiet = place.run(&["doctor", "-q"]).code(1);
    assert_eq!(quiet.stderr.lines().count(), 1, "{}", quiet.stderr);
}

#[test]
fn doctor_ends_the_same_in_every_format() {
    let place = Place::blobs(&["a"]);
    assert_eq!(place.json(&["doctor"]).0.code, 0);
    place.edit("assets/a/asset.json", "data.txt", "none.txt");
    let (run, lines) = place.json(&["doctor"]);
    assert_eq!(run.code, 1);
    let found = &lines.last().unwrap()["diagnostics"][0];
    for (member, value) in [
        ("code", "input-missing"),
        ("severity", "error"),
        ("category", "structural"),
        ("asset_root", "a"),
        ("file", "assets/a/asset.json"),
    ] {
        assert_eq!(found[member], value, "{found}");
    }
    assert_eq!(
        (&found["blocking"], &found["asset_id"], &found["line"]),
        (&true.into(), &1.into(), &6.into())
    );
    assert_eq!(place.run(&["doctor"]).code, 1);
}

#[test]
fn a_list_shows_where_each_asset_is_and_how_it_stands() {
    let place = Place::blobs(&["a", "b"]);
    place.edit("assets/.prometeu/index.json", "\"included_in_build\": true", "\"included_in_build\": false");
    place.edit("assets/b/asset.json", "data.txt", "none.txt");
    place.write("assets/c/asset.json", "{");
    let run = place.ok(&["list"]).says("Listed 3 assets, 1 excluded, 1 not registered, 2 with errors");
    let expected = "\
ID  ROOT  TYPE       NAME  ARTIFACTS  SIZE  CHANGED   STATE
 1  a     blob_bank  a             1  25 B  just now  excluded
 2  b     blob_bank  b             1   0 B  just now  1 error
 -  c     -          -             0   0 B  just now  not registered, \
its `asset.json` cannot be read: this `{` is never closed
";
    assert_eq!(run.stdout, expected);
    assert_eq!(place.ok(&["ls", "--unregistered"]).stdout.lines().count(), 2);
    assert_eq!(place.ok(&["list", "--excluded"]).stdout.lines().count(), 2);
    assert_eq!(
        place.ok(&["list", "--family", "glyph_bank"]).prints_nothing().stderr,
        "      Listed 0 assets\n"
    );
    assert_eq!(place.ok(&["list", "-q"]).stderr, "");
    let uuid =
        place.ok(&["list", "-v"]).stdout.lines().nth(1).unwrap().split_whitespace().last().unwrap().len();
    assert_eq!(uuid, 36);
}

#[test]
fn without_a_project_every_command_says_where_it_looked() {
    let place = Place::empty();
    for arguments in [
        &["list"][..],
        &["doctor"],
        &["pack"],
        &["register", "a"],
        &["create", "a", "--type", "blob_bank"],
        &["adopt", "a", "--as-new"],
        &["forget", "a"],
        &["remove", "a"],
        &["quarantine", "a"],
        &["restore", "a"],
        &["undo"],
        &["list", "--quarantined"],
    ] {
        place.run(arguments).code(2).says("no project in").says("`cargo prometeu init`").prints_nothing();
        let (run, lines) = place.json(arguments);
        assert_eq!((run.code, &lines[0]["status"]), (2, &"blocked".into()));
    }
    place.run(&["list", "--project", "none"]).code(2).says("there is no folder `none`");
    place.run(&["list", "-m", "none.toml"]).code(2).says("there is no manifest `none.toml`");
    place.run(&["list", "--project", "."]).code(2).says("there is no folder `assets`");
}

#[test]
fn assets_without_a_registry_are_a_finding() {
    let place = Place::empty();
    place.write("assets/a/asset.json", "{}");
    place.run(&["doctor"]).code(1).prints("error[registry-missing]").prints("`cargo prometeu init`");
    place.run(&["pack"]).code(1).says("error[registry-missing]");
    place.run(&["list"]).code(1).says("error[registry-missing]").prints(" -  a");
}

#[test]
fn the_project_is_found_from_below_and_by_its_names() {
    let place = Place::package();
    place.ok(&["init", "--yes"]);
    place.ok(&["create", "a", "--type", "blob_bank"]);
    place.run_in("src", &["list"]).code(0).prints(" 1  a");
    place.run_in("assets/a", &["list"]).code(0).prints(" 1  a");
    place.run_in("..", &["list", "--project", "game"]).code(0).prints(" 1  a");
    place.run_in("..", &["list", "-m", "game/Cargo.toml"]).code(0).prints(" 1  a");
    place.run_in("src", &["-p", "game", "list"]).code(0).prints(" 1  a");
    place.run_in("..", &["--manifest-path", "game/Cargo.toml", "list", "-p", "game"]).code(0).prints(" 1  a");
}

#[test]
fn doctor_hints_at_folders_that_nobody_registered_and_finds_nothing_in_them() {
    let place = Place::blobs(&["a"]);
    assert!(!place.ok(&["doctor"]).stderr.contains("not registered"));
    place.write("assets/b/asset.json", "{");
    place
        .ok(&["doctor"])
        .prints_nothing()
        .says("1 folder holds an `asset.json` and is not registered: `cargo prometeu list --unregistered`");
    place.write("assets/c/asset.json", "{");
    place.ok(&["doctor"]).says("2 folders hold an `asset.json` and are not registered");
    let (run, _) = place.json(&["doctor"]);
    assert_eq!(run.stderr, "");
}
