//! `summary`, `validate`, and the wizard that walks from one to the other.

use serde_json::{Value, json};

use crate::harness::Place;

fn break_b(place: &Place) {
    place.edit("assets/b/asset.json", "NONE", "ZSTD");
}

fn members(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

#[test]
fn a_summary_is_a_row_for_each_asset_that_would_be_packed() {
    let place = Place::blobs(&["a", "b"]);
    place.ok(&["create", "ui/atlas", "--type", "glyph_bank"]);
    place.ok(&["exclude", "b"]);
    let shown = place.ok(&["summary"]).says("     Summary 2 assets\n");
    assert_eq!(
        shown.stdout,
        "\
ID  NAME   TYPE                       ARTIFACTS  CHANGED
 1  a      blob_bank   [#---------]  1 of 65536  just now
 3  atlas  glyph_bank  [#---------]  1 of   256  just now
"
    );
    Place::project().ok(&["summary"]).says("the pack is empty").prints_nothing();
}

#[test]
fn the_summary_and_the_validation_have_the_members_that_are_agreed_on() {
    let place = Place::blobs(&["a", "b"]);
    let summary = place.json(&["summary"]).1.pop().unwrap();
    assert_eq!(
        (&summary["operation"], &summary["operation_class"]),
        (&json!("pack_summary"), &json!("read_only"))
    );
    assert_eq!(summary["total_included"], 2);
    let asset = &summary["assets"][0];
    let mut expected = vec![
        "asset_family",
        "asset_id",
        "asset_name",
        "artifact_count",
        "last_modified",
        "max_artifact_count",
        "min_artifact_count",
    ];
    expected.sort_unstable();
    assert_eq!(members(asset), expected);
    assert_eq!(asset["max_artifact_count"], 65_536);
    assert!(asset["last_modified"].as_u64().unwrap() > 1_700_000_000_000);

    let (run, mut lines) = place.json(&["validate"]);
    let green = lines.pop().unwrap();
    assert_eq!((run.code, &green["status"], &green["assets"]), (0, &json!("ok"), &json!([])));
    break_b(&place);
    let (run, mut lines) = place.json(&["validate"]);
    let red = lines.pop().unwrap();
    assert_eq!((run.code, &red["status"], &red["diagnostics"]), (1, &json!("blocked"), &json!([])));
    let asset = &red["assets"][0];
    assert_eq!(members(asset), ["asset_id", "asset_name", "asset_path", "diagnostics", "last_modified"]);
    assert_eq!((&asset["asset_id"], &asset["asset_path"]), (&json!(2), &json!("assets/b")));
    assert_eq!(asset["diagnostics"][0]["code"], "unknown-codec");
    assert_eq!(red["assets"].as_array().unwrap().len(), 1);
    std::fs::write(place.path("assets/b/asset.json"), "{").unwrap();
    let asset = &place.json(&["summary"]).1.pop().unwrap()["assets"][1];
    assert_eq!((&asset["asset_name"], &asset["asset_family"]), (&Value::Null, &Value::Null));
    assert_eq!((&asset["artifact_count"], &asset["max_artifact_count"]), (&json!(0), &json!(0)));
}

#[test]
fn a_validation_is_green_or_draws_what_blocks() {
    let place = Place::blobs(&["a", "b"]);
    place.ok(&["validate"]).says("   Validated 2 assets can be packed\n").prints_nothing();
    place.edit("assets/a/asset.json", "\"preload\"", "\"mood\": 1, \"preload\"");
    place.ok(&["validate"]).prints_nothing();
    place.run(&["validate", "--strict"]).code(1).prints("warning[unknown-member]");
    break_b(&place);
    place
        .run(&["validate"])
        .code(1)
        .prints("error[unknown-codec]: there is no codec `ZSTD`")
        .prints(" --> assets/b/asset.json:")
        .says("error: 1 finding stops the pack (1 error in 1 asset)\n");
}

#[test]
fn the_wizard_walks_through_its_phases_without_a_question_where_nobody_sits() {
    let place = Place::blobs(&["a", "b"]);
    let run = place.ok(&["wizard"]);
    let phases = ["     Summary 2", "   Validated 2", "     Packing 2 assets into build\n", "    Finished 2"];
    let at = phases.map(|phase| run.stderr.find(phase).unwrap_or_else(|| panic!("{phase}: {}", run.stderr)));
    assert!(at.is_sorted(), "{}", run.stderr);
    assert!(run.stderr.contains("(all made) in ") && !run.stderr.contains(['\r', '\x1b']), "{}", run.stderr);
    run.prints("build/assets.pa ").prints("build/asset_table_metadata.json").prints("  written\n");
    place.ok(&["wizard"]).says("(all kept)").prints("  as it was\n");
    place.ok(&["wizard", "--out", "dist"]).prints("dist/assets.pa");
}

#[test]
fn a_red_validation_ends_the_wizard_before_anything_is_written() {
    let place = Place::blobs(&["a", "b"]);
    break_b(&place);
    let before = place.listing();
    let run = place.run(&["wizard", "--yes"]).code(1).says("note: packing does not begin\n");
    assert!(!run.stderr.contains("Packing"), "{}", run.stderr);
    run.prints("error[unknown-codec]");
    assert_eq!(place.listing(), before);
    let (run, lines) = place.json(&["wizard"]);
    assert_eq!((run.code, place.listing()), (1, before));
    let responses: Vec<&Value> = lines.iter().filter(|line| line["reason"] == "response").collect();
    assert_eq!(responses.len(), 2);
}

#[test]
fn for_programs_the_wizard_is_its_events_and_its_three_responses() {
    let place = Place::blobs(&["a", "b"]);
    let (run, lines) = place.json(&["wizard"]);
    assert_eq!((run.code, &*run.stderr), (0, ""));
    let of = |reason: &str, member: &str| -> Vec<String> {
        let lines = lines.iter().filter(|line| line["reason"] == reason);
        lines.map(|line| line[member].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(of("response", "operation"), ["pack_summary", "validate_pack", "pack"]);
    let kinds = of("event", "kind");
    let count = |kind: &str| kinds.iter().filter(|other| *other == kind).count();
    assert_eq!((count("cache_miss"), count("build_finished")), (2, 1));
    // Of two assets that are checked, and then packed; what waits may be replaced by what comes after it.
    assert!((2..=4).contains(&count("progress_updated")), "{kinds:?}");
    let result = lines.last().unwrap();
    for member in ["artifact", "companions", "total_assets", "duration_ms", "cache"] {
        assert!(result.get(member).is_some(), "{member}");
    }
    assert!(result["artifact"]["digest"].as_str().unwrap().starts_with("pmpa-tree-1:"));
    assert_eq!((&result["total_assets"], &result["cache"]), (&json!(2), &json!({ "hits": 0, "misses": 2 })));
}

#[cfg(unix)]
#[test]
fn a_person_is_asked_before_packing_and_may_say_no() {
    use crate::signals::Terminal;

    let place = Place::blobs(&["a", "b"]);
    let mut terminal = Terminal::start(&place, &["wizard", "--color", "never"]);
    let asked = terminal.read("[Y/n] ");
    assert!(asked.ends_with("Pack 2 assets? [Y/n] "), "{asked}");
    terminal.type_line("n");
    assert!(terminal.read("never to be read").ends_with("note: nothing was packed\r\n"));
    assert_eq!(terminal.code(), Some(3));
    assert!(!place.path("build").exists());

    let mut terminal = Terminal::start(&place, &["wizard", "--color", "never"]);
    terminal.read("[Y/n] ");
    terminal.type_line("");
    let rest = terminal.read("never to be read");
    assert!(rest.contains("    Finished 2 assets (all made)"), "{rest}");
    // What is soon done is not worth a line that shows how far it is.
    assert!(!rest.contains('\x1b'), "{rest:?}");
    assert_eq!(terminal.code(), Some(0));

    let mut terminal = Terminal::start(&place, &["wizard", "--yes", "--color", "never"]);
    let shown = terminal.read("never to be read");
    assert!(shown.contains("(all kept)") && !shown.contains('?'), "{shown}");
    assert_eq!(terminal.code(), Some(0));
}
