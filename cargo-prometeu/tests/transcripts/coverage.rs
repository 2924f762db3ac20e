//! That nothing is left out: each command, and each code that a process ends with, in both forms.

use std::collections::BTreeSet;
use std::process::Command;

use crate::files;
use crate::session::{Form, words};

/// Codes of which there is no transcript, and why.
const WITHOUT: [(i32, &str); 1] = [(101, "nobody knows a bug that he does not mend")];

/// What a page shows: the command of each line of ours, and the code that it ended with.
#[derive(Debug, Default)]
struct Shown {
    commands: BTreeSet<String>,
    codes: BTreeSet<i32>,
}

fn shown(form: Form, all: &BTreeSet<String>) -> Shown {
    let mut shown = Shown::default();
    for path in files(form) {
        let page = std::fs::read_to_string(&path).unwrap();
        let mut typed = None;
        for line in page.lines() {
            if let Some(line) = line.strip_prefix("$ ") {
                typed = line.contains("cargo prometeu").then(|| words(line));
            } else if let Some(code) = line.strip_prefix("? ").and_then(|code| code.parse().ok()) {
                let typed: Vec<String> = typed.take().expect("a code is a command's");
                // The first word that is one, since flags may stand before it.
                shown.commands.extend(typed.into_iter().find(|word| all.contains(word)));
                shown.codes.insert(code);
            }
        }
    }
    shown
}

/// What the command prints about itself.
fn help(argument: &str) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-prometeu"));
    let output = command.arg(argument).env_clear().output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

/// The first word of each item under a heading; the lines on which an item goes on are indented by more than any
/// name is.
fn listed<'a>(help: &'a str, heading: &str) -> impl Iterator<Item = &'a str> {
    let from = help.split_once(heading).unwrap_or_else(|| panic!("no `{heading}` in:\n{help}")).1;
    let lines = from.lines().skip(1).take_while(|line| line.starts_with(' '));
    let items = lines.filter(|line| !line.starts_with("      "));
    items.filter_map(|item| item.split_whitespace().next())
}

#[test]
fn every_command_and_every_exit_code_is_shown_to_people_and_to_programs() {
    let (short, long) = (help("-h"), help("--help"));
    let commands: BTreeSet<String> =
        listed(&short, "Commands:").filter(|name| *name != "help").map(str::to_owned).collect();
    let codes: BTreeSet<i32> = listed(&long, "Exit codes:").map(|code| code.parse().unwrap()).collect();
    assert!(commands.contains("pack") && codes.contains(&75), "{commands:?} {codes:?}");
    let without: BTreeSet<i32> = WITHOUT.iter().map(|(code, _)| *code).collect();
    let expected: BTreeSet<i32> = codes.difference(&without).copied().collect();
    for form in [Form::Human, Form::Json] {
        let shown = shown(form, &commands);
        let missing: Vec<&String> = commands.difference(&shown.commands).collect();
        assert!(missing.is_empty(), "no transcript in `{}` has {missing:?}", form.folder());
        assert_eq!(shown.codes, expected, "in `{}`", form.folder());
    }
    let names = |form| files(form).into_iter().map(|path| path.file_name().unwrap().to_owned());
    assert!(names(Form::Human).eq(names(Form::Json)), "each session is there in both forms");
    let count = files(Form::Human).len();
    println!("{} transcripts, {} commands, {} exit codes", 2 * count, commands.len(), expected.len());
}
