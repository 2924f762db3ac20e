//! What findings say to do: each help names a command or an edit, whatever is broken; and where two places
//! disagree, the other one is shown.

use std::collections::BTreeSet;

use super::table::{ATLAS, INDEX, LEVEL, Row, TABLE, in_order, sounds, wav};
use crate::diagnostics::{Code, Diagnostic};
use crate::ops::DoctorRequest;
use crate::schema::json::{self, Kind, Node};
use crate::testing::Fixture;

/// Verbs that an edit begins with, as helps have them.
const EDITS: &[&str] = &[
    "Add", "Allow", "Begin", "Choose", "Close", "Convert", "Copy", "Correct", "Crop", "Declare", "Delete",
    "End", "Export", "Extend", "Flatten", "Give", "Keep", "Let", "List", "Make", "Merge", "Move", "Name",
    "Put", "Remove", "Rename", "Repaint", "Replace", "Restore", "Save", "Set", "Split", "Swap", "Take",
    "Turn", "Update", "Write",
];

/// Whether a help says what to do: a command in backticks, or a sentence that begins with an edit, also after
/// `If …,` or `Or`; or a question that gives the name that was meant.
fn advises(help: &str) -> bool {
    let commands = help.split('`').skip(1).step_by(2);
    let is_command = |words: &str| {
        ["cargo prometeu ", "git ", "ffmpeg ", "sox "].iter().any(|program| words.starts_with(program))
    };
    let begins = |sentence: &str| {
        let sentence = sentence.trim_start();
        let sentence =
            ["or ", "Or ", "then "].iter().find_map(|word| sentence.strip_prefix(word)).unwrap_or(sentence);
        let verb = sentence.split(|c: char| !c.is_alphabetic()).next().unwrap_or_default();
        EDITS.iter().any(|edit| edit.eq_ignore_ascii_case(verb))
    };
    commands.into_iter().any(is_command)
        || help.split([':', '.', ',', ';']).any(begins)
        || help.starts_with("Did you mean `")
}

fn doctor(fixture: &Fixture) -> Vec<Diagnostic> {
    fixture.project().doctor(DoctorRequest { workspace: true, ..DoctorRequest::default() }).diagnostics
}

/// Adds what is found whose help is no advice.
fn note(found: &[Diagnostic], what: &str, wrong: &mut BTreeSet<String>) {
    for diagnostic in found {
        match diagnostic.help.as_deref() {
            Some(help) if advises(help) => {}
            help => drop(wrong.insert(format!(
                "{} after {what}:\n  {}\n  help: {help:?}",
                diagnostic.code, diagnostic.message
            ))),
        }
    }
}

#[test]
fn every_row_of_the_table_says_what_to_do() {
    let mut wrong = BTreeSet::new();
    for Row { code, harm, .. } in TABLE {
        let fixture = in_order();
        harm(&fixture);
        note(&doctor(&fixture), code.as_str(), &mut wrong);
    }
    assert!(wrong.is_empty(), "{}", wrong.into_iter().collect::<Vec<_>>().join("\n"));
}

/// Every value of a document, by its bytes; and every member, with its key.
fn parts(node: &Node, all: &mut Vec<std::ops::Range<usize>>) {
    all.push(node.range.clone());
    match &node.kind {
        Kind::Array(items) => items.iter().for_each(|item| parts(item, all)),
        Kind::Object(members) => {
            for member in members {
                all.push(member.key_range.clone());
                all.push(member.key_range.start..member.value.range.end);
                parts(&member.value, all);
            }
        }
        _ => {}
    }
}

/// What a part of a document is replaced by.
const SLIPS: &[&str] =
    &["", "null", "-1", "1.5", "99999999999999999999", "\"\"", "\"x\"", "[]", "{}", "[7]", "tru", "\"a", ","];

/// Makes a project in order.
type Make = fn() -> Fixture;

#[test]
fn whatever_is_broken_in_a_document_the_help_says_what_to_do() {
    let mut wrong = BTreeSet::new();
    let (mut tried, mut codes) = (0, BTreeSet::new());
    let bank: Make = || {
        let fixture = in_order();
        sounds(&fixture, &wav(1, 22_050, &[0; 8]));
        fixture
    };
    let documents: [(&str, Make); 4] =
        [(ATLAS, in_order), (LEVEL, in_order), (LEVEL, bank), (INDEX, in_order)];
    for (file, fixture) in documents {
        let sound = fixture();
        let text = String::from_utf8(sound.files.content(format!("/game/{file}")).unwrap()).unwrap();
        let mut ranges = Vec::new();
        parts(json::read(&text).root.as_ref().unwrap(), &mut ranges);
        for range in ranges {
            for slip in SLIPS {
                let broken = format!("{}{slip}{}", &text[..range.start], &text[range.end..]);
                sound.write(file, broken);
                sound.later();
                let found = doctor(&sound);
                codes.extend(found.iter().map(|found| found.code));
                note(&found, &format!("`{}` became `{slip}`", &text[range.clone()]), &mut wrong);
                tried += 1;
            }
        }
    }
    // What a message or a place varies in is no other advice.
    let mut told = BTreeSet::new();
    wrong.retain(|wrong| told.insert(wrong.rsplit("help: ").next().unwrap_or_default().to_owned()));
    assert!(wrong.is_empty(), "{}", wrong.into_iter().collect::<Vec<_>>().join("\n"));
    assert!(tried > 1000 && codes.len() > 20, "{tried} {codes:?}");
}

#[test]
fn where_two_places_disagree_the_other_one_is_shown() {
    let two = [
        Code::DuplicateAssetId,
        Code::DuplicateAssetUuid,
        Code::DuplicateRoot,
        Code::NestedRoot,
        Code::UuidMismatch,
        Code::CaseCollision,
        Code::ArtifactIndexDuplicate,
        Code::AddressCollision,
    ];
    let mut seen = BTreeSet::new();
    for Row { code, harm, .. } in TABLE {
        let fixture = in_order();
        harm(&fixture);
        for found in doctor(&fixture).iter().filter(|found| found.code == *code) {
            assert_eq!(found.related.is_empty(), !two.contains(code), "{code}");
            for other in &found.related {
                let snippet = other.snippet.as_ref().unwrap();
                let at = snippet.text.line_column(snippet.range.start);
                assert_eq!((other.line, other.column), (Some(at.line), Some(at.column)), "{code}");
                assert_ne!(
                    (Some(&other.file), other.line, other.column),
                    (found.file.as_ref(), found.line, found.column)
                );
                let words = &snippet.text.as_str()[snippet.range.clone()];
                let own = found.snippet.as_ref().map(|own| &own.text.as_str()[own.range.clone()]);
                match code {
                    Code::DuplicateAssetId
                    | Code::DuplicateAssetUuid
                    | Code::DuplicateRoot
                    | Code::ArtifactIndexDuplicate => {
                        assert_eq!(Some(words), own, "{code}: the same words twice");
                    }
                    _ => assert_ne!(Some(words), own, "{code}"),
                }
                assert!(
                    !other.message.ends_with('.') && !other.message.starts_with(char::is_uppercase),
                    "{}",
                    other.message
                );
            }
            seen.insert(*code);
        }
    }
    assert!(two.iter().all(|code| seen.contains(code)), "{seen:?}");
}
