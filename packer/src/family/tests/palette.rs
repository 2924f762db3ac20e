//! Palettes: what is wrong with them, exactly where.

use serde_json::Value as Json;

use super::png_writer::Png;
use super::*;

/// A bank of one black tile with that `output.pipeline`.
fn bank(pipeline: &Json) -> Outcome {
    let members = json!({ "metadata": { "tile_size": 8 }, "pipeline": pipeline });
    pack(&declare("glyph_bank", &["a.png"], &members), &[Png::plain(8, 8, [0; 3]).file()])
}

fn palettes(list: &Json) -> Outcome {
    bank(&json!({ "palettes": list }))
}

/// A bank with one palette of those colours.
fn colors(colors: &Json) -> Outcome {
    palettes(&json!([{ "index": 0, "palette": { "colors": colors } }]))
}

fn palette(index: impl Into<Json>) -> Json {
    json!({ "index": index.into(), "palette": { "colors": ["#000000"] } })
}

#[test]
fn one_palette_of_one_colour_is_enough_and_64_of_16_are_the_most() {
    assert!(colors(&json!(["#000000"])).findings.is_empty());
    let sixteen = vec!["#000000"; 16];
    let list: Vec<_> = (0..64).map(|n| json!({ "index": n, "palette": { "colors": sixteen } })).collect();
    let outcome = palettes(&json!(list));
    assert!(outcome.findings.is_empty(), "{:?}", outcome.findings);
    assert_eq!(outcome.probe.unwrap().metadata["palette_authored"], Value::Int(64));
}

#[test]
fn a_bank_without_palettes_is_shown_how_to_declare_one() {
    let missing = |pipeline: &Json, message: &str, help: &str| {
        let outcome = bank(pipeline);
        assert_eq!(outcome.codes(), ["palette-missing /output/pipeline/palettes"]);
        let (found, found_help) = outcome.only("palette-missing");
        assert_eq!(found, message);
        assert!(found_help.starts_with(help), "{found_help}");
    };
    missing(&json!({}), "`output.pipeline` has no `palettes`", "Declare at least one:");
    missing(&json!({ "palletes": [] }), "`output.pipeline` has no `palettes`", "Did you mean `palettes`");
    missing(&json!({ "palettes": [] }), "`palettes` is empty, and a glyph bank has at least 1", "Declare");
    missing(&json!({ "palettes": "p.gpl" }), "`palettes` is a string, not a list", "Declare");

    let members = json!({ "metadata": { "tile_size": 8 } });
    let nothing = pack(&declare("glyph_bank", &["a.png"], &members), &[Png::plain(8, 8, [0; 3]).file()]);
    nothing.only("palette-missing");
}

#[test]
fn the_65th_palette_is_one_too_many() {
    let list: Vec<_> = (0..65).map(palette).collect();
    assert_eq!(palettes(&json!(list)).codes(), ["palette-count /output/pipeline/palettes/64"]);
}

#[test]
fn a_palette_index_is_a_whole_number_from_0_to_63_of_its_own() {
    let wrong = |index: Json, message: &str| {
        let outcome = palettes(&json!([palette(7), palette(index)]));
        assert_eq!(outcome.codes(), ["palette-index-invalid /output/pipeline/palettes/1/index"]);
        assert_eq!(outcome.only("palette-index-invalid").0, message);
    };
    wrong(json!(64), "the palette index 64 is not one of 0 to 63");
    wrong(json!(-1), "the palette index -1 is not one of 0 to 63");
    wrong(json!(1.5), "the palette index 1.5 is not one of 0 to 63");
    wrong(json!("1"), "the palette index is a string, not a number from 0 to 63");
    wrong(json!(7), "the palette index 7 is taken by entry 0 of the list");
    assert!(palettes(&json!([palette(7), palette(63)])).findings.is_empty());

    let absent = palettes(&json!([{ "palette": { "colors": ["#000000"] } }]));
    assert_eq!(absent.only("palette-index-invalid").0, "the palette has no `index`");
    let misspelt = palettes(&json!([{ "indxex": 0, "palette": { "colors": ["#000000"] } }]));
    assert_eq!(misspelt.only("palette-index-invalid").1, "Did you mean `index` by `indxex`?");
    let no_object = palettes(&json!(["#000000"]));
    assert_eq!(no_object.codes(), ["palette-index-invalid /output/pipeline/palettes/0"]);
}

#[test]
fn a_colour_is_a_hash_and_six_digits_in_either_case() {
    assert!(colors(&json!(["#000000", "#FfEc27"])).findings.is_empty());
    let wrong = |color: Json, message: &str, help: &str| {
        let outcome = colors(&json!(["#000000", color]));
        let place = "palette-colors-invalid /output/pipeline/palettes/0/palette/colors/1";
        assert_eq!(outcome.codes(), [place]);
        let found = outcome.only("palette-colors-invalid");
        assert_eq!(found.0, message);
        assert!(found.1.contains(help), "{}", found.1);
    };
    wrong(json!("ff004d"), "`ff004d` is not a colour", "Write `#ff004d`.");
    wrong(json!("0xff004d"), "`0xff004d` is not a colour", "Write `#ff004d`.");
    wrong(json!("#f0d"), "`#f0d` is not a colour", "`#ff00dd`");
    wrong(json!("#ff004d80"), "`#ff004d80` is not a colour", "Leave the alpha out: `#ff004d`");
    wrong(json!("red"), "`red` is not a colour", "six hexadecimal digits");
    wrong(json!("#+f004d"), "`#+f004d` is not a colour", "six hexadecimal digits");
    wrong(json!("#ffäää"), "`#ffäää` is not a colour", "six hexadecimal digits");
    wrong(json!(""), "`` is not a colour", "six hexadecimal digits");
    wrong(json!(16), "a number is not a colour", "six hexadecimal digits");
}

#[test]
fn a_palette_has_1_to_16_colours() {
    let at = "/output/pipeline/palettes/0/palette/colors";
    let many = colors(&json!(vec!["#000000"; 17]));
    assert_eq!(many.codes(), [format!("palette-colors-invalid {at}/16")]);
    assert_eq!(many.only("palette-colors-invalid").0, "the palette has 17 colours, and 16 is the most");
    assert_eq!(colors(&json!([])).codes(), [format!("palette-colors-invalid {at}")]);
    assert_eq!(colors(&json!("#000000")).codes(), [format!("palette-colors-invalid {at}")]);

    let typo = palettes(&json!([{ "index": 0, "palette": { "colours": ["#000000"] } }]));
    let (message, help) = typo.only("palette-colors-invalid");
    assert_eq!(message, "the palette has no `palette.colors`");
    assert_eq!(help, "Did you mean `colors` by `colours`?");
    let flat = palettes(&json!([{ "index": 0, "colors": ["#000000"] }]));
    assert_eq!(flat.only("palette-colors-invalid").0, "the palette has no `palette`");
}

#[test]
fn every_problem_of_the_palettes_is_told_at_once() {
    let list =
        json!([palette(0), palette(0), { "index": 99, "palette": { "colors": ["x", "#000000", "y"] } }]);
    let at = "/output/pipeline/palettes";
    assert_eq!(
        palettes(&list).codes(),
        [
            format!("palette-index-invalid {at}/1/index"),
            format!("palette-index-invalid {at}/2/index"),
            format!("palette-colors-invalid {at}/2/palette/colors/0"),
            format!("palette-colors-invalid {at}/2/palette/colors/2"),
        ]
    );
}
