//! Indices of artifacts, seen through `blob_bank` (one artifact a file) and, for sheets, through
//! `glyph_bank`.

use super::png_writer::Png;
use super::*;

/// The outcome of blobs `a` to `f` with those artifacts.
fn number(artifacts: &serde_json::Value) -> Outcome {
    let files = ["a", "b", "c", "d", "e", "f"];
    let declaration = declare("blob_bank", &files, &json!({ "artifacts": artifacts }));
    pack(&declaration, &files.map(|file| file.as_bytes().to_vec()))
}

/// The outcome of a bank of 8x8 tiles with pictures of that many cells side by side.
fn sheets(cells: &[u32], artifacts: &serde_json::Value) -> Outcome {
    let names = ["a.png", "b.png", "c.png"];
    let pipeline = json!({ "palettes": [{ "index": 0, "palette": { "colors": ["#000000"] } }] });
    let members = json!({ "metadata": { "tile_size": 8 }, "pipeline": pipeline, "artifacts": artifacts });
    let files: Vec<_> = cells.iter().map(|n| Png::plain(8 * n, 8, [0; 3]).file()).collect();
    pack(&declare("glyph_bank", &names[..cells.len()], &members), &files)
}

fn indices(outcome: Outcome) -> Vec<(usize, u32, u32)> {
    let artifacts = outcome.probe.expect("numbered").artifacts;
    artifacts.into_iter().map(|artifact| (artifact.input, artifact.index, artifact.count)).collect()
}

#[test]
fn without_a_list_inputs_count_in_declared_order_and_sheets_take_their_cells() {
    assert_eq!(indices(sheets(&[1, 4, 1], &json!(null))), [(0, 0, 1), (1, 1, 4), (2, 5, 1)]);
}

#[test]
fn with_a_list_its_order_means_nothing() {
    let list = json!([{ "file": "c.png", "index": 5 }, { "file": "a.png", "index": 4 }, { "file": "b.png", "index": 0 }]);
    assert_eq!(indices(sheets(&[1, 4, 1], &list)), [(1, 0, 4), (0, 4, 1), (2, 5, 1)]);
}

#[test]
fn a_file_may_be_two_artifacts() {
    let list = json!([{ "file": "b", "index": 0 }, { "file": "b", "index": 1 }]);
    assert_eq!(indices(number(&list)), [(1, 0, 1), (1, 1, 1)]);
}

#[test]
fn a_duplicate_index_names_both_files() {
    let list = json!([{ "file": "a", "index": 0 }, { "file": "b", "index": 1 }, { "file": "c", "index": 0 }]);
    let outcome = number(&list);
    assert_eq!(outcome.codes(), ["artifact-index-duplicate /artifacts/2/index"]);
    let (message, help) = outcome.only("artifact-index-duplicate");
    assert_eq!(message, "`a` and `c` both have the index 0");
    assert_eq!(help, "Give `c` another index: the lowest that no entry states is 2.");
}

#[test]
fn a_sheet_that_reaches_into_the_next_artifact_is_a_duplicate() {
    let list = json!([{ "file": "a.png", "index": 2 }, { "file": "b.png", "index": 0 }]);
    let outcome = sheets(&[1, 4], &list);
    assert_eq!(outcome.codes(), ["artifact-index-duplicate /artifacts/1/index"]);
    let (message, _) = outcome.only("artifact-index-duplicate");
    assert_eq!(message, "`a.png` takes the index 2, and `b.png` takes the indices 0 to 3");
}

#[test]
fn of_a_sheet_and_others_each_overlap_is_told_once() {
    let list = json!([
        { "file": "a.png", "index": 0 },
        { "file": "b.png", "index": 0 },
        { "file": "c.png", "index": 2 },
        { "file": "c.png", "index": 2 },
    ]);
    let outcome = sheets(&[1, 4, 1], &list);
    let duplicate = |n: u32| format!("artifact-index-duplicate /artifacts/{n}/index");
    assert_eq!(outcome.codes(), [duplicate(1), duplicate(3), duplicate(2)]);
    let labels: Vec<_> = outcome.findings.iter().map(|finding| finding.label.as_deref().unwrap()).collect();
    assert_eq!(labels, ["taken by `a.png`", "taken by `c.png`", "taken by `b.png`"]);
}

#[test]
fn everything_inside_a_sheet_is_a_duplicate_of_it() {
    let list = json!([
        { "file": "a.png", "index": 0 },
        { "file": "b.png", "index": 1 },
        { "file": "c.png", "index": 3 },
    ]);
    let outcome = sheets(&[4, 1, 1], &list);
    let duplicate = |n: u32| format!("artifact-index-duplicate /artifacts/{n}/index");
    assert_eq!(outcome.codes(), [duplicate(1), duplicate(2)]);
    assert!(outcome.findings.iter().all(|finding| finding.label.as_deref() == Some("taken by `a.png`")));
}

#[test]
fn a_gap_names_the_first_missing_index_and_who_comes_after() {
    let list = json!([{ "file": "a", "index": 0 }, { "file": "b", "index": 3 }, { "file": "c", "index": 9 }]);
    let outcome = number(&list);
    assert_eq!(outcome.codes(), ["artifact-index-gap /artifacts/1/index"]);
    let (message, help) = outcome.only("artifact-index-gap");
    assert_eq!(message, "no artifact has the indices 1 to 2: the next is `b` with 3");
    assert!(help.contains("give `b` the index 1"), "{help}");

    let from_one = number(&json!([{ "file": "a", "index": 1 }]));
    let (message, _) = from_one.only("artifact-index-gap");
    assert_eq!(message, "no artifact has the index 0: the next is `a` with 1");
}

#[test]
fn the_highest_index_there_is_overflows_nothing() {
    let list = json!([{ "file": "a.png", "index": u32::MAX }]);
    assert_eq!(sheets(&[4], &list).codes(), ["artifact-index-gap /artifacts/0/index"]);
}

#[test]
fn an_artifact_that_is_no_input_is_told_the_nearest_one() {
    let list = json!([{ "file": "a.pgn", "index": 0 }, { "file": "quite other", "index": 1 }]);
    let outcome = sheets(&[1, 1], &list);
    assert_eq!(
        outcome.codes(),
        ["artifact-unknown-file /artifacts/0/file", "artifact-unknown-file /artifacts/1/file"]
    );
    assert_eq!(outcome.findings[0].help.as_deref(), Some("Did you mean `a.png`?"));
    assert_eq!(outcome.findings[0].message, "the artifact `a.pgn` is not one of the inputs");
}

#[test]
fn a_hole_behind_a_file_of_unknown_extent_is_not_called_a_gap() {
    let list = json!([{ "file": "a.png", "index": 0 }, { "file": "gone.png", "index": 1 }, { "file": "b.png", "index": 9 }]);
    assert_eq!(sheets(&[1, 1], &list).codes(), ["artifact-unknown-file /artifacts/1/file"]);
}

#[test]
fn a_full_bank_says_where_it_was_full() {
    // 1024 tiles of 8x8 fill a bank.
    let full = sheets(&[1000, 24], &json!(null));
    assert!(full.findings.is_empty());
    let outcome = sheets(&[1000, 24, 2], &json!(null));
    assert_eq!(outcome.codes(), ["artifact-count input 2"]);
    let (message, help) = outcome.only("artifact-count");
    assert_eq!(message, "1026 tiles are too many: the bank is full at 1024, reached in `c.png`");
    assert_eq!(help, "Move some tiles to another bank.");
}
