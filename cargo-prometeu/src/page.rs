//! `docs/command-line.md` says what the binary does: checked here, where both can be seen.

use crate::{cli, exit};

const PAGE: &str = include_str!("../../docs/command-line.md");

/// The lines of the page that begin a table row with `cell`.
fn row(cell: &str) -> Option<&'static str> {
    PAGE.lines().find(|line| line.strip_prefix("| ").is_some_and(|line| line.starts_with(cell)))
}

#[test]
fn the_page_has_every_command_with_its_flags() {
    let command = cli::command();
    for command in command.get_subcommands().filter(|command| command.get_name() != "help") {
        let name = command.get_name();
        let row = row(&format!("`{name} ")).or_else(|| row(&format!("`{name}`")));
        let row = row.unwrap_or_else(|| panic!("no row for `{name}`"));
        let is_its_own = |flag: &&clap::Arg| {
            let heading = flag.get_help_heading();
            heading != Some("Consent")
                && !flag.is_global_set()
                && !["help", "version"].contains(&flag.get_id().as_str())
        };
        for flag in command.get_arguments().filter(is_its_own) {
            let named = match flag.get_long() {
                Some(long) => format!("--{long}"),
                None => flag.get_value_names().map_or_else(String::new, |names| names[0].to_string()),
            };
            assert!(row.contains(&named), "`{name}`: the page lacks `{named}`");
        }
    }
}

#[test]
fn the_page_names_every_flag() {
    let command = cli::command();
    let flags =
        command.get_arguments().chain(command.get_subcommands().flat_map(clap::Command::get_arguments));
    for flag in flags.filter_map(clap::Arg::get_long).filter(|flag| !["help", "version"].contains(flag)) {
        assert!(PAGE.contains(&format!("--{flag}")), "the page lacks `--{flag}`");
    }
}

#[test]
fn the_page_has_every_exit_code_with_its_meaning_and_no_other() {
    for (exit, meaning) in exit::ALL {
        let code = exit.code();
        let row = row(&format!("{code} |")).unwrap_or_else(|| panic!("no row for {code}"));
        assert!(row.contains(meaning), "{code}: `{meaning}` is not `{row}`");
    }
    let codes = PAGE.lines().filter(|line| {
        let first = line.strip_prefix("| ").and_then(|line| line.split(' ').next());
        first.is_some_and(|first| first.parse::<u32>().is_ok())
    });
    assert_eq!(codes.count(), exit::ALL.len());
}

#[test]
fn the_page_has_no_command_that_does_not_exist() {
    let command = cli::command();
    let section = PAGE.split("## ").find(|section| section.starts_with("Commands")).unwrap();
    let rows: Vec<&str> = section.lines().filter(|line| line.starts_with("| `")).collect();
    assert_eq!(rows.len(), command.get_subcommands().filter(|command| command.get_name() != "help").count());
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
