//! `explain`, and that its examples are true: each is done to a project that is in order, and `doctor`
//! says of it what the page says, word for word.

use std::process::{Command, Stdio};
use std::sync::LazyLock;

use crate::harness::{Place, Run};

const PAGE_FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/diagnostics.md");

/// The page as it is now, which may be newer than this binary.
static PAGE: LazyLock<String> = LazyLock::new(|| std::fs::read_to_string(PAGE_FILE).unwrap());

/// With this variable the page is written anew from what `doctor` says, for a person to look at.
const BLESS: &str = "PROMETEU_WRITE_EXAMPLES";

/// What stands under one code between `**Example:**` and `**Cure:**`: a lead and a block each.
struct Example {
    code: &'static str,
    parts: Vec<(&'static str, &'static str, &'static str)>,
}

fn examples() -> Vec<Example> {
    let (_, sections) = PAGE.split_once("\n### `").unwrap();
    let example = |section: &'static str| {
        let (code, rest) = section.split_once('`').unwrap();
        let (_, example) =
            rest.split_once("**Example:** ").unwrap_or_else(|| panic!("{code} has no example"));
        let (example, _) = example.split_once("\n\n**Cure:**").unwrap();
        let mut pieces = example.split("```");
        let mut parts = Vec::new();
        while let (Some(lead), Some(block)) = (pieces.next(), pieces.next()) {
            let (language, text) = block.split_once('\n').unwrap();
            parts.push((lead.trim(), language, text.trim_end_matches('\n')));
        }
        Example { code, parts }
    };
    sections.split("\n### `").map(example).collect()
}

/// The first of the words in code for which `is_meant`.
fn in_code(lead: &str, is_meant: impl Fn(&str) -> bool) -> &str {
    let found = lead.split('`').skip(1).step_by(2).find(|words| is_meant(words));
    found.unwrap_or_else(|| panic!("`{lead}` names nothing of the kind"))
}

/// A project that is in order, with three assets, and pictures beside it that are not.
fn in_order() -> Place {
    let place = Place::empty();
    let from = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/explained");
    let mut folders = vec![from.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(&from).unwrap().to_str().unwrap().replace('\\', "/");
                place.write(&name, std::fs::read(&path).unwrap());
            }
        }
    }
    place
}

/// Does to a project what a part of an example says.
fn harm(place: &Place, (lead, language, text): (&str, &str, &str)) {
    if language == "sh" {
        // The words as they stand there, in a shell for which `cargo prometeu` is this binary.
        let script = format!(
            "set -e\ncargo() {{ shift; \"{}\" \"$@\"; }}\n{text}",
            env!("CARGO_BIN_EXE_cargo-prometeu")
        );
        let mut shell = Command::new("sh");
        shell.args(["-c", &script]).current_dir(place.path("")).stdin(Stdio::null());
        Run::of(shell.output().unwrap()).code(0);
        return;
    }
    let file = in_code(lead, |words| words.ends_with(&format!(".{language}")));
    let fragment = with_all_lines(text);
    let path = place.path(file);
    match std::fs::read_to_string(&path) {
        Ok(whole) => place.write(file, merged(&whole, &fragment)),
        Err(_) => place.write(file, fragment + "\n"),
    }
}

/// With the lines that a line `…` stands for: those between its neighbours, which differ in their index.
fn with_all_lines(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let index = |line: &str| -> u32 {
        line.split_once("\"index\": ").unwrap().1.split(',').next().unwrap().parse().unwrap()
    };
    let mut all: Vec<String> = Vec::new();
    for (n, line) in lines.iter().enumerate() {
        if line.trim() == "…" {
            let (before, after) = (lines[n - 1], lines[n + 1]);
            let first = index(before);
            all.extend(
                (first + 1..index(after))
                    .map(|n| before.replacen(&format!("\"index\": {first}"), &format!("\"index\": {n}"), 1)),
            );
        } else {
            all.push((*line).to_owned());
        }
    }
    all.join("\n")
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

/// What a line of JSON is the member of.
fn key(line: &str) -> Option<&str> {
    line.trim_start().strip_prefix('"')?.split_once("\":").map(|(key, _)| key)
}

/// `whole` with the members of `fragment` in the place of those that have their names: in the object that
/// has the most of its lines, or else of its names.
fn merged(whole: &str, fragment: &str) -> String {
    let lines: Vec<&str> = whole.lines().collect();
    let level = fragment.lines().filter(|line| key(line).is_some()).map(indent).min().unwrap();
    let heads: Vec<&str> =
        fragment.lines().filter(|line| indent(line) == level && key(line).is_some()).collect();
    let object = |at: usize| {
        let is_outside = |line: &&str| indent(line) < level;
        let start = lines[..at].iter().rposition(is_outside).map_or(0, |n| n + 1);
        let end = lines[at..].iter().position(is_outside).map_or(lines.len(), |n| at + n);
        start..end
    };
    let is_head = |line: &str, head: &&str| indent(line) == level && key(line) == key(head);
    let score = |range: &std::ops::Range<usize>| {
        let same = lines[range.clone()].iter().filter(|line| heads.contains(*line)).count();
        let named =
            lines[range.clone()].iter().filter(|line| heads.iter().any(|head| is_head(line, head))).count();
        (same, named)
    };
    let candidates =
        (0..lines.len()).filter(|at| heads.iter().any(|head| is_head(lines[*at], head))).map(object);
    // The first of the best.
    let best = candidates.reduce(|best, next| if score(&next) > score(&best) { next } else { best });
    let best = best.unwrap_or_else(|| panic!("no place for {fragment}"));
    let mut made: Vec<&str> = lines[..best.start].to_vec();
    let (mut is_in, mut is_told) = (false, false);
    for line in &lines[best.clone()] {
        if indent(line) == level && key(line).is_some() {
            is_in = heads.iter().any(|head| is_head(line, head));
            if is_in && !is_told {
                made.push(fragment);
                is_told = true;
            }
        }
        if !is_in {
            made.push(line);
        }
    }
    made.extend(&lines[best.end..]);
    made.join("\n") + "\n"
}

/// Whether this system and user can do what the example does.
#[expect(clippy::print_stderr, reason = "what was not tried is said")]
fn can_be_done(example: &Example) -> bool {
    let is_root = || std::fs::read_dir("/root").is_ok();
    let of_a_shell = example.parts.iter().any(|(_, language, _)| *language == "sh");
    let modes = example.parts.iter().any(|(_, _, text)| text.contains("chmod"));
    let can = (cfg!(target_os = "linux") || !of_a_shell) && !(modes && is_root());
    if !can {
        eprintln!("NOT TRIED: the example of `{}`, which this system or user cannot do", example.code);
    }
    can
}

#[test]
fn doctor_says_of_every_example_what_the_page_says() {
    in_order().ok(&["doctor", "--strict"]).prints_nothing();
    let mut page = PAGE.clone();
    let mut wrong = Vec::new();
    let mut tried = 0;
    for example in examples() {
        if !can_be_done(&example) {
            continue;
        }
        tried += 1;
        let place = in_order();
        let ((lead, language, said), harms) = example.parts.split_last().unwrap();
        assert_eq!((*language, harms.is_empty()), ("text", false), "{}", example.code);
        harms.iter().for_each(|part| harm(&place, *part));
        let arguments: Vec<&str> =
            in_code(lead, |words| words.starts_with("cargo prometeu doctor")).split(' ').skip(2).collect();
        let run = place.run(&arguments);
        // Over findings of tidiness stands their count.
        let says = run.stdout.trim_end().lines().filter(|line| !line.starts_with("tidiness: "));
        let says = says.collect::<Vec<_>>().join("\n");
        let says = says.trim().replace("\n\n\n", "\n\n");
        let (_, lines) = place.json(&arguments);
        let codes: Vec<&str> = lines.last().unwrap()["diagnostics"]
            .as_array()
            .unwrap()
            .iter()
            .map(|f| f["code"].as_str().unwrap())
            .collect();
        // One root cannot be claimed by two entries and carry the uuids of both; one that moved is missing.
        let also = match example.code {
            "duplicate-root" => "uuid-mismatch",
            "relocated-root" => "root-missing",
            _ => "",
        };
        let is_of_it =
            codes.contains(&example.code) && codes.iter().all(|code| [example.code, also].contains(code));
        if !is_of_it {
            wrong.push(format!("`{}`: {codes:?}", example.code));
        }
        if says != *said {
            let section = page.find(&format!("\n### `{}`\n", example.code)).unwrap();
            let block = format!("```text\n{said}\n```\n\n**Cure:**");
            let at = section + page[section..].find(&block).unwrap();
            page.replace_range(at..at + block.len(), &format!("```text\n{says}\n```\n\n**Cure:**"));
            wrong.push(format!("`{}` of the page:\n{said}\nbut doctor says:\n{says}\n", example.code));
        }
    }
    if std::env::var_os(BLESS).is_some() {
        std::fs::write(PAGE_FILE, &page).unwrap();
        // What the binary is made of.
        std::fs::write(concat!(env!("CARGO_MANIFEST_DIR"), "/pages/diagnostics.txt"), &page).unwrap();
    }
    assert!(
        wrong.is_empty(),
        "{}\n(`{BLESS}=1` writes them into the page, to be looked at)",
        wrong.join("\n")
    );
    assert!(tried > 20, "{tried}");
}

#[test]
fn a_fragment_takes_the_place_of_the_members_that_it_names() {
    let whole = "{\n  \"a\": 1,\n  \"list\": [\n    {\n      \"b\": 1,\n      \"c\": 2\n    },\n    {\n      \"b\": 2,\n      \"c\": 3\n    }\n  ],\n  \"d\": {}\n}";
    let check = |fragment: &str, part: &str| {
        let merged = merged(whole, fragment);
        assert!(merged.contains(part), "{merged}");
    };
    check("  \"a\": 2,\n  \"new\": 3,", "{\n  \"a\": 2,\n  \"new\": 3,\n  \"list\": [");
    check(
        "      \"b\": 1,\n      \"c\": 3",
        "      \"b\": 1,\n      \"c\": 3\n    },\n    {\n      \"b\": 2",
    );
    check(
        "      \"b\": 7,\n      \"c\": 3",
        "      \"c\": 2\n    },\n    {\n      \"b\": 7,\n      \"c\": 3",
    );
    check("  \"list\": [],", "\"a\": 1,\n  \"list\": [],\n  \"d\": {}");
    check("<<<<\n  \"a\": 2,\n>>>>", "{\n<<<<\n  \"a\": 2,\n>>>>\n  \"list\"");
}

#[test]
fn a_code_is_explained_without_a_project() {
    let place = Place::empty();
    std::fs::remove_dir(place.path("")).unwrap();
    std::fs::create_dir(place.path("")).unwrap();
    let run = place.ok(&["explain", "palette-count"]);
    for words in [
        "error[palette-count]: A glyph bank declares more palettes than 64.\n",
        "\nCause\n  ",
        "\nExample\n  ",
        "\nCure\n  Merge palettes",
    ] {
        assert!(run.stdout.contains(words), "no `{words}` in:\n{}", run.stdout);
    }
    assert!(!run.stdout.contains('\u{1b}') && run.stderr.is_empty(), "{run:?}");
    assert_eq!(place.ok(&["explain", "error[palette-count]"]).stdout, run.stdout);
    place.ok(&["explain", "palette-count", "--color", "always"]).prints("\u{1b}[1m");
    for (typed, near) in
        [("palete-count", "There is `palette-count`"), ("E0308", "Run `cargo prometeu explain`")]
    {
        place
            .run(&["explain", typed])
            .code(2)
            .says(&format!("there is no code `{typed}`"))
            .says(near)
            .prints_nothing();
    }
}

#[test]
fn all_codes_are_listed_in_their_groups() {
    let place = Place::empty();
    let run = place.ok(&["explain"]).says("cargo prometeu explain CODE");
    let is_heading = |line: &&str| !line.starts_with(' ') && !line.is_empty();
    let listed: Vec<&str> = run.stdout.lines().filter(is_heading).collect();
    let headings =
        PAGE.lines().filter_map(|line| line.strip_prefix("## ")).filter(|name| listed.contains(name));
    assert_eq!(listed, headings.collect::<Vec<_>>());
    for example in examples() {
        assert!(run.stdout.contains(&format!("\n  {} ", example.code)), "{}", example.code);
    }
    let lines = run.stdout.lines().filter(|line| line.starts_with(' '));
    assert_eq!(lines.count(), examples().len(), "one line each, where no terminal is");
}

#[test]
fn a_program_gets_one_object() {
    let place = Place::empty();
    let (run, lines) = place.json(&["explain", "unknown-codec"]);
    assert_eq!((run.code, lines.len()), (0, 1));
    let response = &lines[0];
    for (member, value) in [
        ("operation", "explain"),
        ("code", "unknown-codec"),
        ("group", "Declarations"),
        ("severity", "error"),
        ("category", "structural"),
        ("stops", "stops builds that pack the asset"),
    ] {
        assert_eq!(response[member], value, "{response}");
    }
    assert_eq!(response["example"][1]["language"], "json");
    assert!(response["cause"].is_string() && response["cure"].is_string());
    let (_, lines) = place.json(&["explain"]);
    assert_eq!(lines[0]["codes"].as_array().unwrap().len(), examples().len());
    let (run, lines) = place.json(&["explain", "nonsense"]);
    assert_eq!((run.code, &lines[0]["blockers"][0]["code"]), (2, &"invalid-argument".into()));
}
