//! Drawings, character for character.

use super::*;
use crate::diagnostics::{Anchor, Code, Finding, Pointer, Related, Snippet, place};
use crate::path::AssetPath;
use crate::schema::json;
use crate::schema::{LineColumn, SourceText};

const TEXT: &str = "{\n  \"name\": \"a\",\n\t\"imputs\": {\n\t}\n}\n";

fn diagnostic(text: &str, finding: Finding) -> Diagnostic {
    let text = SourceText::new(text);
    let range = place(&finding.anchor, json::read(text.as_str()).root.as_ref(), &text, &[]);
    let LineColumn { line, column } = text.line_column(range.start);
    Diagnostic {
        code: finding.code,
        severity: finding.code.severity(),
        blocking: true,
        asset_id: None,
        asset_uuid: None,
        asset_root: None,
        file: Some("assets/ui/atlas/asset.json".to_owned()),
        line: Some(line),
        column: Some(column),
        message: finding.message,
        help: finding.help,
        related: Vec::new(),
        fix: None,
        snippet: Some(Snippet { text, range, label: finding.label }),
    }
}

fn check(diagnostic: &Diagnostic, expected: &str) {
    let drawn = render(diagnostic, &Style { color: false, width: 80 });
    assert_eq!(drawn, expected.trim_matches('\n'), "drawn:\n{drawn}");
}

#[test]
fn a_byte_order_mark_is_not_drawn_and_not_counted() {
    let text = "\u{feff}{\"a\": 1}\n";
    let mark = Finding::new(Code::DeclarationInvalid, Anchor::Bytes(0..3), "this file begins with a mark");
    check(
        &diagnostic(text, mark),
        "
error[declaration-invalid]: this file begins with a mark
 --> assets/ui/atlas/asset.json:1:1
  |
1 | {\"a\": 1}
  | ^
",
    );
    let key = Finding::new(Code::UnknownMember, Anchor::Bytes(4..7), "unknown member `a`");
    check(
        &diagnostic(text, key),
        "
warning[unknown-member]: unknown member `a`
 --> assets/ui/atlas/asset.json:1:2
  |
1 | {\"a\": 1}
  |  ^^^
",
    );
}

#[test]
fn a_key_is_underlined_with_its_label_and_the_next_step() {
    let anchor = Anchor::Key(Pointer::root().key("imputs"));
    let finding = Finding::new(Code::UnknownMember, anchor, "unknown member `imputs`")
        .label("did you mean `inputs`?")
        .help("Rename it to `inputs`, or remove it.");
    check(
        &diagnostic(TEXT, finding),
        "
warning[unknown-member]: unknown member `imputs`
 --> assets/ui/atlas/asset.json:3:2
  |
3 |     \"imputs\": {
  |     ^^^^^^^^ did you mean `inputs`?
  |
  = help: Rename it to `inputs`, or remove it.
",
    );
}

#[test]
fn of_an_object_only_the_opening_bracket_is_underlined() {
    let finding = Finding::new(Code::DeclarationInvalid, Anchor::Value(Pointer::root()), "`type` is missing");
    check(
        &diagnostic(TEXT, finding),
        "
error[declaration-invalid]: `type` is missing
 --> assets/ui/atlas/asset.json:1:1
  |
1 | {
  | ^
",
    );
}

#[test]
fn what_is_missing_after_the_end_of_a_line_gets_a_caret_there() {
    let finding =
        Finding::new(Code::DeclarationInvalid, Anchor::Bytes(15..15), "a comma is missing after this value")
            .label("`,` belongs here");
    check(
        &diagnostic("{\n  \"name\": \"a\"\n}\n", finding),
        "
error[declaration-invalid]: a comma is missing after this value
 --> assets/ui/atlas/asset.json:2:14
  |
2 |   \"name\": \"a\"
  |              ^ `,` belongs here
",
    );
}

#[test]
fn a_range_over_several_lines_shows_its_first_line() {
    let finding = Finding::new(Code::DeclarationInvalid, Anchor::Bytes(4..40), "message");
    let drawn = render(&diagnostic(TEXT, finding), &Style::default());
    assert!(drawn.ends_with("2 |   \"name\": \"a\",\n  |   ^^^^^^^^^^^^"), "{drawn}");
}

#[test]
fn the_gutter_is_as_wide_as_the_number_of_the_line() {
    let text = format!("{}x", "\n".repeat(99));
    let finding = Finding::new(Code::DeclarationInvalid, Anchor::Bytes(99..100), "message").help("Help.");
    check(
        &diagnostic(&text, finding),
        "
error[declaration-invalid]: message
   --> assets/ui/atlas/asset.json:100:1
    |
100 | x
    | ^
    |
    = help: Help.
",
    );
}

#[test]
fn a_long_line_is_trimmed_around_the_caret_and_keeps_its_true_column() {
    let text = format!("{{\"a\": \"{}\", x: 3, \"c\": \"{}\"}}", "é".repeat(30_000), "y".repeat(400));
    let start = text.find('x').unwrap();
    let finding =
        Finding::new(Code::DeclarationInvalid, Anchor::Bytes(start..start + 1), "message").label("here");
    let drawn = render(&diagnostic(&text, finding), &Style { color: false, width: 60 });
    assert!(drawn.contains("asset.json:1:30011"), "{drawn}");
    assert!(drawn.contains("éé\", x: 3, \"c\": \"yyy"), "{drawn}");
    assert!(drawn.contains("^ here"), "{drawn}");
    assert!(drawn.lines().all(|line| line.chars().count() <= 80), "{drawn}");
}

#[test]
fn without_a_snippet_the_file_stands_alone() {
    let finding = Finding::new(Code::RootMissing, Anchor::File, "the root `ui/atlas` is not a folder");
    let mut diagnostic = diagnostic("", finding);
    (diagnostic.line, diagnostic.column, diagnostic.snippet) = (None, None, None);
    diagnostic.file = Some("assets/ui/atlas".to_owned());
    check(&diagnostic, "error[root-missing]: the root `ui/atlas` is not a folder\n --> assets/ui/atlas");
    diagnostic.help = Some("Restore the folder.".to_owned());
    check(
        &diagnostic,
        "
error[root-missing]: the root `ui/atlas` is not a folder
 --> assets/ui/atlas
  |
  = help: Restore the folder.
",
    );
    diagnostic.file = None;
    check(
        &diagnostic,
        "
error[root-missing]: the root `ui/atlas` is not a folder
  |
  = help: Restore the folder.
",
    );
}

#[test]
fn an_empty_text_shows_no_line() {
    let finding = Finding::new(Code::DeclarationInvalid, Anchor::File, "this file is empty");
    check(
        &diagnostic("", finding),
        "error[declaration-invalid]: this file is empty\n --> assets/ui/atlas/asset.json:1:1",
    );
}

#[test]
fn nothing_from_a_file_can_forge_output() {
    let text = "{\"a\": \"\u{202e}\u{1b}[31m\u{9b}31m\u{200f}\u{7f}\"}";
    let finding =
        Finding::new(Code::DeclarationInvalid, Anchor::Bytes(1..4), "`\u{1b}]0;x\u{7}\ncargo::error=`")
            .label("\u{202e}\r")
            .help("Rename `\u{2066}\u{9b}2J`.");
    let mut diagnostic = diagnostic(text, finding);
    diagnostic.file = Some("assets/a\nb\u{1b}[2J/asset.json".to_owned());
    for color in [false, true] {
        let drawn = render(&diagnostic, &Style { color, width: 100 });
        let obeyed: Vec<char> =
            drawn.chars().filter(|c| is_invisible(*c) && *c != '\n' && (*c != '\u{1b}' || !color)).collect();
        assert_eq!(obeyed, [], "{drawn}");
        assert_eq!(drawn.lines().count(), 7, "{drawn}");
        for forged in ["\u{1b}]", "\u{1b}[2J", "\u{1b}[31m"] {
            assert!(!drawn.contains(forged), "{drawn}");
        }
    }
    check(
        &diagnostic,
        r#"
error[declaration-invalid]: `\u{1b}]0;x\u{7}\ncargo::error=`
 --> assets/a\nb\u{1b}[2J/asset.json:1:2
  |
1 | {"a": "�␛[31m�31m�␡"}
  |  ^^^ \u{202e}\r
  |
  = help: Rename `\u{2066}\u{9b}2J`.
"#,
    );
    assert_eq!(visible("héllo `x` 𝄞"), "héllo `x` 𝄞", "what terminals show stays as it is");
}

#[test]
fn colours_are_the_compilers() {
    let finding = Finding::new(Code::DeclarationInvalid, Anchor::Value(Pointer::root()), "message");
    let drawn = render(&diagnostic(TEXT, finding), &Style { color: true, width: 80 });
    // What rustc 1.95 writes for its own errors, byte for byte.
    assert!(
        drawn.starts_with(
            "\u{1b}[1m\u{1b}[91merror[declaration-invalid]\u{1b}[0m\u{1b}[1m: message\u{1b}[0m\n \u{1b}[1m\u{1b}[94m--> \u{1b}[0massets/"
        ),
        "{drawn:?}"
    );
}

#[test]
fn several_are_set_apart_and_summed_up() {
    let at = |code, root: &str| {
        let mut diagnostic = diagnostic(TEXT, Finding::new(code, Anchor::File, "message"));
        diagnostic.asset_root = AssetPath::parse(root).ok();
        diagnostic
    };
    let all = [
        at(Code::ImageSize, "a"),
        at(Code::ImageSize, "a"),
        at(Code::UnknownMember, "b"),
        at(Code::ImageSize, "b"),
    ];
    assert_eq!(render_all(&all, &Style::default()).matches("\n\n").count(), 3);
    assert_eq!(summary(&all).unwrap(), "3 errors, 1 warning in 2 assets");
    assert_eq!(summary(&all[..1]).unwrap(), "1 error in 1 asset");
    assert_eq!(summary(&[at(Code::RegistryInvalid, "")]).unwrap(), "1 error");
    assert_eq!(summary(&[]), None);
}

/// A diagnostic at `own` of a text with other places in it, each with words.
#[track_caller]
fn two_places(text: &str, own: &str, others: &[(&str, &str)], expected: &str) {
    let at = |words: &str| {
        let start = text.rfind(words).unwrap();
        start..start + words.len()
    };
    let finding =
        Finding::new(Code::DuplicateAssetId, Anchor::Bytes(at(own)), "message").label("taken").help("Help.");
    let mut diagnostic = diagnostic(text, finding);
    let source = SourceText::new(text);
    let related = |(words, message): &(&str, &str)| {
        let range = at(words);
        let LineColumn { line, column } = source.line_column(range.start);
        Related {
            file: diagnostic.file.clone().unwrap(),
            line: Some(line),
            column: Some(column),
            message: (*message).to_owned(),
            snippet: Some(Snippet { text: source.clone(), range, label: None }),
        }
    };
    diagnostic.related = others.iter().map(related).collect();
    check(&diagnostic, expected);
}

#[test]
fn two_places_of_a_file_are_drawn_in_one_piece_of_it() {
    let far = format!("{{\n  \"a\": 1,\n{}  \"b\": 2\n}}\n", "  \"x\": 0,\n".repeat(30));
    two_places(
        &far,
        "\"b\"",
        &[("\"a\"", "first here")],
        "
error[duplicate-asset-id]: message
  --> assets/ui/atlas/asset.json:33:3
   |
 2 |   \"a\": 1,
   |   --- first here
...
33 |   \"b\": 2
   |   ^^^ taken
   |
   = help: Help.
",
    );
    for end in ["\n", "\r\n"] {
        let near = ["{", "  \"a\": 1,", "  \"x\": 0,", "  \"b\": 2", "}"].join(end);
        two_places(
            &near,
            "\"a\"",
            &[("\"b\"", "and here")],
            "
error[duplicate-asset-id]: message
 --> assets/ui/atlas/asset.json:2:3
  |
2 |   \"a\": 1,
  |   ^^^ taken
3 |   \"x\": 0,
4 |   \"b\": 2
  |   --- and here
  |
  = help: Help.
",
        );
    }
    two_places(
        "[{ \"n\": 0 }, { \"m\": 0 }]",
        "\"m\"",
        &[("\"n\"", "first here")],
        "
error[duplicate-asset-id]: message
 --> assets/ui/atlas/asset.json:1:16
  |
1 | [{ \"n\": 0 }, { \"m\": 0 }]
  |    ---         ^^^ taken
  |    |
  |    first here
  |
  = help: Help.
",
    );
}

#[test]
fn places_that_are_far_apart_on_one_line_are_drawn_each_by_itself() {
    let text = format!("{{\"a\": 1, {}\"b\": 2}}", "\"x\": 0, ".repeat(1000));
    let own = Finding::new(Code::DuplicateAssetId, Anchor::Bytes(text.len() - 7..text.len() - 4), "message");
    let mut found = diagnostic(&text, own);
    let source = SourceText::new(&*text);
    found.related = vec![Related {
        file: found.file.clone().unwrap(),
        line: Some(1),
        column: Some(2),
        message: "first here".to_owned(),
        snippet: Some(Snippet { text: source, range: 1..4, label: None }),
    }];
    let drawn = render(&found, &Style { color: false, width: 60 });
    for words in
        ["asset.json:1:8010\n", "\"b\": 2}", "::: assets/ui/atlas/asset.json:1:2\n", "--- first here"]
    {
        assert!(drawn.contains(words), "no `{words}` in:\n{drawn}");
    }
}

#[test]
fn what_is_very_far_away_is_a_piece_by_itself() {
    let far = format!("{{\n  \"a\": 1,\n{}  \"b\": 2\n}}\n", "\n".repeat(5000));
    two_places(
        &far,
        "\"b\"",
        &[("\"a\"", "first here")],
        "
error[duplicate-asset-id]: message
    --> assets/ui/atlas/asset.json:5003:3
     |
5003 |   \"b\": 2
     |   ^^^ taken
     |
    ::: assets/ui/atlas/asset.json:2:3
     |
   2 |   \"a\": 1,
     |   --- first here
     |
     = help: Help.
",
    );
}

#[test]
fn a_place_in_another_file_is_drawn_with_its_own() {
    let finding = Finding::new(Code::UuidMismatch, Anchor::Bytes(2..8), "message").label("another");
    let mut found = diagnostic("{\n  \"name\": \"a\"\n}\n", finding);
    let registry = SourceText::new("{\n  \"assets\": \"\u{1b}\u{202e}\"\n}\n");
    found.related = vec![Related {
        file: "assets/.prometeu/index.json".to_owned(),
        line: Some(2),
        column: Some(3),
        message: "registered \u{1b} here".to_owned(),
        snippet: Some(Snippet { text: registry, range: 4..12, label: None }),
    }];
    let drawn = render(&found, &Style { color: false, width: 80 });
    let (_, other) = drawn.split_once(":::").unwrap();
    assert!(other.starts_with(" assets/.prometeu/index.json:2:3\n"), "{drawn}");
    assert!(
        other.ends_with("  \"assets\": \"␛\u{fffd}\"\n  |   -------- registered \\u{1b} here"),
        "{drawn}"
    );
}
