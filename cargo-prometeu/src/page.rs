//! `docs/command-line.md` says what the binary does: checked here, where both can be seen.
//!
//! Its parts between `<!-- begin generated: … -->` and `<!-- end generated -->` are made of the grammar; with
//! `PROMETEU_WRITE_REFERENCE` in the environment they are written anew. All else is written by hand.

mod reference;

use std::fs;

use crate::{cli, exit};

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/command-line.md");

/// With this variable the page is written anew, for a person to look at.
const BLESS: &str = "PROMETEU_WRITE_REFERENCE";

/// A part of the page: its name, and what makes it.
type Part = (&'static str, fn() -> String);

const PARTS: [Part; 4] = [
    ("usage", reference::usage),
    ("commands", reference::overview),
    ("exit codes", reference::codes),
    ("reference", reference::sections),
];

#[test]
fn the_parts_of_the_page_that_are_made_of_the_grammar_are_what_it_makes() {
    // As it is now, which may be newer than this binary.
    let page = fs::read_to_string(FILE).expect("the page is in the checkout").replace("\r\n", "\n");
    let mut now = page.clone();
    for (name, make) in PARTS {
        let (begin, end) = (format!("<!-- begin generated: {name} -->\n\n"), "\n<!-- end generated -->\n");
        let (before, rest) =
            now.split_once(&begin).unwrap_or_else(|| panic!("the page has no part `{name}`"));
        let (_, after) = rest.split_once(end).unwrap_or_else(|| panic!("the part `{name}` has no end"));
        now = format!("{before}{begin}{}{end}{after}", make());
    }
    if std::env::var_os(BLESS).is_some() {
        fs::write(FILE, &now).expect("the page can be written");
    } else if let Some((is, made)) = page.lines().zip(now.lines()).find(|(is, made)| is != made) {
        panic!(
            "the page says\n{is}\nand the grammar\n{made}\n`{BLESS}=1 cargo test -p cargo-prometeu page` writes it anew"
        );
    } else {
        assert_eq!(page.len(), now.len(), "`{BLESS}=1 cargo test -p cargo-prometeu page` writes it anew");
    }
}

#[test]
fn every_command_and_every_flag_has_words() {
    let command = cli::command();
    for command in command.get_subcommands() {
        let name = command.get_name();
        assert!(command.get_about().is_some(), "`{name}` says nothing of itself");
        for argument in command.get_arguments() {
            assert!(argument.get_help().is_some(), "`{name}` says nothing of `{}`", argument.get_id());
        }
    }
}

#[test]
fn every_exit_code_is_told_once() {
    let mut codes: Vec<u8> = exit::ALL.iter().map(|(exit, _)| exit.code()).collect();
    codes.dedup();
    assert!(codes.is_sorted() && codes.len() == exit::ALL.len(), "{codes:?}");
}

#[test]
fn the_page_on_operations_names_the_commands_that_there_are_and_every_one_that_changes_a_project() {
    let page = include_str!("../../docs/operations.md");
    let (_, table) = page.split_once("| operation | class | consent | command |").unwrap();
    let rows = table.lines().skip(2).take_while(|line| line.starts_with('|'));
    let mut named: Vec<(&str, bool)> = Vec::new();
    for row in rows {
        let cells: Vec<&str> = row.trim_matches('|').split(" | ").map(str::trim).collect();
        let [operation, class, _, commands] = cells[..] else { continue };
        let commands = commands.split(", ").map(|command| command.trim_matches('`'));
        // To look is all that doctor does but for its flag.
        let changes = class.ends_with("_mutation`") || operation == "`doctor`";
        named.extend(commands.filter_map(|command| Some((command.split(' ').next()?, changes))));
        named.retain(|(name, _)| !["", "|"].contains(name));
    }
    let command = cli::command();
    for (name, _) in &named {
        let is_known = command.get_subcommands().any(|command| command.get_name() == *name);
        assert!(is_known, "the page names `{name}`, which is no command");
    }
    // What can be asked for its plan changes something.
    let plans =
        |command: &&clap::Command| command.get_arguments().any(|flag| flag.get_long() == Some("dry-run"));
    for command in command.get_subcommands().filter(plans) {
        let name = command.get_name();
        assert!(named.contains(&(name, true)), "the page lacks `{name}`");
    }
}
