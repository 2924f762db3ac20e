//! The reference page, `docs/diagnostics.md`, held against the codes. The page is where causes, examples
//! and cures are written; there is no second copy of them in the code, and `cargo prometeu explain` reads
//! them from there.

use super::{Category, Code, Severity};

const PAGE: &str = include_str!("../../../docs/diagnostics.md");

/// One section of the page.
struct Section {
    code: &'static str,
    /// The line under the heading.
    class: &'static str,
    meaning: &'static str,
    /// What follows, one paragraph each.
    rest: Vec<&'static str>,
}

fn sections() -> Vec<Section> {
    let (_, sections) = PAGE.split_once("\n### `").unwrap();
    let section = |text: &'static str| {
        // The last of a chapter is followed by the next chapter.
        let text = text.split("\n## ").next().unwrap();
        let mut paragraphs = text.trim().split("\n\n");
        let mut next = || paragraphs.next().unwrap();
        let code = next().strip_suffix('`').unwrap();
        Section { code, class: next(), meaning: next(), rest: paragraphs.collect() }
    };
    sections.split("\n### `").map(section).collect()
}

fn code(name: &str) -> Code {
    *Code::ALL.iter().find(|code| code.as_str() == name).unwrap()
}

/// Whether the page says that a finding of this code stops every build; `None` where that depends on
/// what it is about.
pub(super) fn stops_every_build(code: Code) -> Option<bool> {
    let section = sections().into_iter().find(|section| section.code == code.as_str()).unwrap();
    let stops = section.class.rsplit(" · ").next().unwrap();
    (!stops.contains(", ")).then_some(stops == "stops every build")
}

#[test]
fn the_page_has_every_code_once_and_in_order() {
    let on_page: Vec<&str> = sections().iter().map(|section| section.code).collect();
    let known: Vec<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
    assert_eq!(on_page, known);
}

#[test]
fn each_section_states_class_and_meaning_of_its_code() {
    for section in sections() {
        let code = code(section.code);
        let stops = match (code.category(), code.severity()) {
            (Category::Hygiene, _) | (_, Severity::Info) => "never stops a build",
            (_, Severity::Warning) => "stops a build only in strict mode",
            (_, Severity::Error) if section.class.contains("stops every build") => "stops every build",
            (_, Severity::Error) => "stops builds that pack the asset",
        };
        let class = format!("{} · {} · {stops}", code.severity(), code.category());
        assert!(section.class.starts_with(&class), "{}: `{}` is not `{class}`", section.code, section.class);
        assert_eq!(section.meaning, code.meaning(), "{}", section.code);
    }
}

#[test]
fn each_section_has_a_cause_an_example_and_a_cure() {
    for Section { code, rest, .. } in sections() {
        let [cause, example @ .., cure] = &rest[..] else { panic!("{code}: {rest:?}") };
        for (paragraph, begins) in [(cause, "**Cause:** "), (cure, "**Cure:** ")] {
            let words = paragraph.strip_prefix(begins).unwrap_or_else(|| panic!("{code}: {paragraph}"));
            assert!(words.len() > 20 && words.ends_with('.'), "{code}: {words}");
        }
        // That it is a true one is tried with the command.
        let [first, .., last] = example else { panic!("{code}: {example:?}") };
        assert!(first.starts_with("**Example:** ") && last.ends_with("```"), "{code}: {example:?}");
    }
}

#[test]
fn the_page_names_only_commands_that_exist() {
    let known = [
        "init",
        "create",
        "register",
        "adopt",
        "forget",
        "remove",
        "relocate",
        "list",
        "doctor",
        "explain",
        "pack",
        "inspect",
        "status",
        "reconcile",
        "refresh",
    ];
    for (at, _) in PAGE.match_indices("`cargo prometeu ") {
        let command = PAGE[at..].split([' ', '`']).nth(3).unwrap();
        assert!(known.contains(&command), "there is no `cargo prometeu {command}`");
    }
}
