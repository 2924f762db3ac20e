//! `show`.

use crate::harness::Place;

/// What is printed of an asset but for its uuid and time, which differ with every run.
fn stable(stdout: &str) -> String {
    let lines = stdout.lines().filter(|line| !line.starts_with("uuid ") && !line.starts_with("modified "));
    lines.flat_map(|line| [line, "\n"]).collect()
}

#[test]
fn an_asset_is_shown_with_its_files_and_its_names_in_rust() {
    let place = Place::project();
    place.ok(&["create", "ui/atlas", "--type", "glyph_bank"]);
    let declaration = "assets/ui/atlas/asset.json";
    place.edit(declaration, "\"tile.png\"", "\"tile.png\", \"note.txt\"");
    place.edit(
        declaration,
        "\"output\"",
        "\"artifacts\": [{ \"file\": \"tile.png\", \"index\": 0 }],\n  \"output\"",
    );
    place.write("assets/ui/atlas/note.txt", "not a picture");
    let size = std::fs::metadata(place.path("assets/ui/atlas/tile.png")).unwrap().len();
    let shown = place.ok(&["show", "ui/atlas"]);
    assert_eq!(shown.stderr, "");
    assert_eq!(
        stable(&shown.stdout),
        format!(
            "\
root       ui/atlas
id         1
name       atlas
type       glyph_bank, GLYPH/indexed_v1
build      included
payload    34.8 kB, 67.6 kB in memory
share      100.0 % of 34.8 kB
artifacts  1, may be 1 to 256
constant   assets::ui::ATLAS

FILE      ROLE      SIZE
tile.png  sprites  {size} B
note.txt  sprites   13 B  not packed

INDEX  CONSTANT                 FILE
    0  assets::ui::atlas::TILE  tile.png
"
        )
    );
}

#[test]
fn an_asset_is_known_by_its_id_its_uuid_its_name_and_every_path_to_it() {
    let place = Place::project();
    place.ok(&["create", "ui/atlas", "--type", "blob_bank", "--name", "pictures"]);
    let uuid = place.json(&["show", "1"]).1.pop().unwrap()["asset_uuid"].as_str().unwrap().to_owned();
    let whole = place.path("assets/ui/atlas");
    for words in
        ["1", &uuid, "pictures", "ui/atlas", "assets/ui/atlas/", "./assets/ui/atlas", whole.to_str().unwrap()]
    {
        place.ok(&["show", words]).prints("root       ui/atlas\n");
    }
    place.run_in("assets/ui", &["show", "atlas"]).code(0).prints("root       ui/atlas\n");
    place.run_in("assets/ui/atlas", &["show", "."]).code(0).prints("root       ui/atlas\n");
}

#[test]
fn an_asset_that_nobody_knows_is_misuse_and_names_the_nearest() {
    let place = Place::blobs(&["ui/atlas", "b"]);
    place.run(&["show", "ui/atlass"]).code(2).says("help: Did you mean `ui/atlas`?").prints_nothing();
    let (run, lines) = place.json(&["show", "ui/atlass"]);
    assert_eq!((run.code, &lines.last().unwrap()["blockers"][0]["code"]), (2, &"unknown-asset".into()));

    place.edit("assets/b/asset.json", "\"name\": \"b\"", "\"name\": \"atlas\"");
    place.run(&["show", "atlas"]).code(2).says("2 assets have the name `atlas`").says("`ui/atlas`, `b`");
}

#[test]
fn a_broken_asset_is_shown_with_what_is_wrong_and_that_is_no_failure() {
    let place = Place::blobs(&["a"]);
    place.edit("assets/a/asset.json", "data.txt", "none.txt");
    let shown = place.ok(&["show", "a"]);
    let shown =
        shown.prints("FILE      ROLE   SIZE\nnone.txt  files     -\n").prints("error[input-missing]: ");
    assert!(!shown.stdout.contains("payload") && !shown.stdout.contains("INDEX"), "{}", shown.stdout);
    let (_, lines) = place.json(&["show", "a"]);
    let response = lines.last().unwrap();
    assert_eq!((&response["status"], &response["diagnostics"][0]["blocking"]), (&"ok".into(), &true.into()));
    assert!(response.get("payload_size").is_none(), "what is not known is left out");

    place.write("assets/.prometeu/index.json", "{");
    place.run(&["show", "a"]).code(1).says("error[registry-invalid]").prints_nothing();
}

#[test]
fn a_name_that_would_reach_into_the_terminal_is_escaped() {
    let place = Place::blobs(&["a"]);
    place.edit("assets/a/asset.json", "\"name\": \"a\"", "\"name\": \"\\u001b[2Ja\"");
    let shown = place.ok(&["show", "1"]);
    assert!(!shown.stdout.contains('\u{1b}'), "{:?}", shown.stdout);
}
