//! Every structural code, provoked through a whole project: its [row](rows) holds for it, and all of them
//! read alike.

mod disk;
mod project;
mod rows;

use std::collections::BTreeSet;
use std::path::PathBuf;

use crate::commit::tests::scenario::visible;
use crate::diagnostics::page;
use crate::diagnostics::{Category, Code, Diagnostic, Severity};
use crate::mutate::{Fix, Mutation, SAFE};
use crate::ops::{DoctorRequest, Status};
use crate::testing::Fixture;

pub(super) use project::{ATLAS, INDEX, LEVEL, in_order, picture, sounds, wav};
pub(super) use rows::{Row, TABLE};

/// `file:line:column words`, after the code where it is not `code`.
fn shown(code: Code, diagnostic: &Diagnostic) -> String {
    let Diagnostic { file, line, column, snippet, .. } = diagnostic;
    let mut text = if diagnostic.code == code { String::new() } else { format!("{} ", diagnostic.code) };
    text += file.as_deref().unwrap_or_default();
    if let (Some(line), Some(column), Some(snippet)) = (line, column, snippet) {
        let words = &snippet.text.as_str()[snippet.range.clone()];
        text += &format!(":{line}:{column} {words}");
    }
    text
}

/// What is found in a whole project, which must be what stops its pack.
fn found(fixture: &Fixture, code: Code) -> Vec<String> {
    let project = fixture.project();
    let mut diagnostics = project.doctor(DoctorRequest::default()).diagnostics;
    // Only `doctor` proposes to mend it.
    diagnostics.iter_mut().for_each(|found| found.fix = None);
    let packed = fixture.pack();
    assert_eq!(packed.diagnostics, diagnostics, "{code}: a pack finds what `doctor` finds");
    let blocking = diagnostics.iter().any(|diagnostic| diagnostic.blocking);
    assert_eq!(packed.status, if blocking { Status::Blocked } else { Status::Ok }, "{code}");
    crate::ops::tests::agrees(&project, &packed, false);
    diagnostics.iter().map(|diagnostic| shown(code, diagnostic)).collect()
}

#[test]
fn every_code_has_its_place_and_spares_its_neighbour() {
    let healthy = found(&in_order(), Code::RegistryMissing);
    assert_eq!(healthy, [""; 0], "the project is in order before anything is done to it");
    let mut wrong = Vec::new();
    for Row { code, harm, places, neighbour } in TABLE {
        let fixture = in_order();
        harm(&fixture);
        let found_places = found(&fixture, *code);
        if found_places != *places {
            wrong.push(format!("{code}: {found_places:#?}, not {places:#?}"));
        }
        let fixture = in_order();
        neighbour(&fixture);
        let found_beside = found(&fixture, *code);
        if !found_beside.is_empty() {
            wrong.push(format!("the neighbour of {code}: {found_beside:#?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_stops_a_build_of_nothing_is_what_the_page_says_stops_every_build() {
    for Row { code, harm, places, .. } in TABLE {
        let fixture = in_order();
        harm(&fixture);
        if let Some(index) = fixture.files.content(format!("/game/{INDEX}")) {
            let index = String::from_utf8(index).unwrap();
            fixture
                .write(INDEX, index.replace("\"included_in_build\": true", "\"included_in_build\": false"));
        }
        let stops = page::stops_every_build(*code).unwrap_or(places[0].starts_with(INDEX));
        let packed = fixture.pack();
        assert_eq!(packed.status, if stops { Status::Blocked } else { Status::Ok }, "{code} {places:?}");
        if !stops {
            assert_eq!(packed.diagnostics, [], "{code}: a build does not talk about what it does not pack");
        }
    }
}

#[test]
fn what_can_be_mended_is_mended_and_no_other_file_is_touched() {
    let mut mended = BTreeSet::new();
    for Row { code, harm, .. } in TABLE {
        let fixture = in_order();
        harm(&fixture);
        let project = fixture.project();
        let response = project.doctor(DoctorRequest::default());
        let fixes: BTreeSet<&str> =
            response.diagnostics.iter().filter_map(|found| found.fix.as_deref()).collect();
        for fix in fixes {
            assert!(response.proposed_actions.iter().any(|action| action.action_id == fix), "{fix}");
            let before = visible(&fixture.files);
            let fix = Mutation::Fix(Fix::These(vec![fix.to_owned()]));
            let response = project.change(&fix, false);
            assert_eq!(response.status, Status::Ok, "{code}: {:?}", response.blockers);
            let [edit] = &*response.payload.unwrap().plan.edits else { panic!("{code}: one edit") };
            let after = visible(&fixture.files);
            let differ = |path: &&PathBuf| before.get(*path) != after.get(*path);
            let touched: Vec<&PathBuf> = before.keys().chain(after.keys()).filter(differ).collect();
            let edited = PathBuf::from(format!("/game/{}", edit.path));
            assert_eq!(touched, [&edited, &edited], "{code}");
            let left = project.doctor(DoctorRequest::default()).diagnostics;
            assert!(left.iter().all(|found| found.code != *code), "{code}: {left:?}");
            mended.insert(*code);
        }
    }
    assert_eq!(mended, SAFE.iter().map(|safe| safe.code).collect(), "every kind was tried");
}

#[test]
fn no_structural_code_is_without_its_row() {
    let rows = TABLE.iter().map(|row| row.code);
    let tests = [Code::InputUnreadable, Code::InputTooLarge];
    let provoked: BTreeSet<Code> = rows.chain(tests).collect();
    let all: BTreeSet<Code> =
        Code::ALL.iter().copied().filter(|code| code.category() == Category::Structural).collect();
    assert_eq!(provoked, all);
}

#[test]
fn every_message_reads_like_the_others_and_says_what_to_do() {
    for Row { code, harm, .. } in TABLE {
        let fixture = in_order();
        harm(&fixture);
        for found in fixture.project().doctor(DoctorRequest::default()).diagnostics {
            let message = &found.message;
            assert!(!message.ends_with(['.', '!', ' ']), "{code}: {message}");
            assert!(!message.starts_with(char::is_uppercase), "{code}: {message}");
            let help = found.help.as_deref().unwrap_or_else(|| panic!("{code} has no help: {message}"));
            assert!(help.ends_with(['.', '?']), "{code}: {help}");
            assert!(!help.starts_with(char::is_lowercase), "{code}: {help}");
            assert_eq!(found.severity == Severity::Error, found.blocking, "{code}");
        }
    }
}
