//! The parts of `docs/command-line.md` that are made of the grammar: the same words as `--help` and the manual
//! pages, set for a page.
//!
//! Our own and not of a library: a page in which thirty commands repeat the flags that all of them take says
//! too little on each screen.

use std::fmt::Write as _;

use clap::builder::StyledStr;
use clap::{Arg, Command};

use crate::cli::{self, examples};
use crate::exit;

/// The usage of all commands.
pub(super) fn usage() -> String {
    let mut command = built();
    let mut text = format!("```text\n{}\n\n", usage_of(&mut command));
    for flag in command.get_arguments().filter(|flag| flag.is_global_set()) {
        writeln!(text, "{}", indented(flag)).expect("a text takes everything");
    }
    text + "```\n"
}

/// One line a command.
pub(super) fn overview() -> String {
    let mut text = "| command | does |\n| --- | --- |\n".to_owned();
    for command in built().get_subcommands().filter(|command| is_ours(command)) {
        let name = command.get_name();
        let about = prose(command.get_about());
        writeln!(text, "| [`{name}`](#{name}) | {about} |").expect("a text takes everything");
    }
    text
}

/// A section a command.
pub(super) fn sections() -> String {
    let mut command = built();
    let sections = command.get_subcommands_mut().filter(|command| is_ours(command)).map(section);
    sections.collect::<Vec<_>>().join("\n")
}

/// The exit codes.
pub(super) fn codes() -> String {
    let row = |(exit, meaning): &(exit::Exit, &str)| format!("| {} | {meaning} |\n", exit.code());
    format!("| code | means |\n| --- | --- |\n{}", exit::ALL.iter().map(row).collect::<String>())
}

/// The grammar with what clap adds, such as the usage of each command.
fn built() -> Command {
    let mut command = cli::command();
    command.build();
    command
}

fn is_ours(command: &Command) -> bool {
    command.get_name() != "help" && !command.is_hide_set()
}

fn section(command: &mut Command) -> String {
    let mut text = format!("### {}\n\n", command.get_name());
    let about = command.get_long_about().or(command.get_about());
    let about = about.map_or_else(String::new, ToString::to_string);
    for paragraph in about.split("\n\n") {
        let stop = if paragraph.ends_with('.') { "" } else { "." };
        write!(text, "{}{stop}\n\n", escaped(paragraph)).expect("a text takes everything");
    }
    writeln!(text, "```text\n{}\n```", usage_of(command)).expect("a text takes everything");
    let own: Vec<&Arg> = command.get_arguments().filter(|argument| is_own(argument)).collect();
    let mut rows: Vec<String> = own.iter().map(|argument| row(argument)).collect();
    for action in command.get_subcommands().filter(|action| is_ours(action)) {
        rows.push(format!("| `{}` | {} |\n", action.get_name(), prose(action.get_about())));
    }
    if !rows.is_empty() {
        write!(text, "\n| | |\n| --- | --- |\n{}", rows.concat()).expect("a text takes everything");
    }
    let agrees = |command: &Command| {
        let consent = command.get_arguments().filter(|argument| is_consent(argument));
        let consent: Vec<String> = consent.map(|argument| format!("`{}`", spelt(argument))).collect();
        (!consent.is_empty()).then(|| consent.join(", "))
    };
    let consent = agrees(command).or_else(|| command.get_subcommands().find_map(agrees));
    if let Some(consent) = consent {
        writeln!(text, "\nAnd [how it is agreed to](#plans-and-consent): {consent}.")
            .expect("a text takes everything");
    }
    if let Some((_, examples)) = examples::ALL.iter().find(|(name, _)| *name == command.get_name()) {
        let width = examples.iter().map(|(typed, _)| typed.len()).max().unwrap_or(0);
        let lines = examples.iter().map(|(typed, what)| format!("{typed:width$}  # {what}\n"));
        write!(text, "\n```sh\n{}```\n", lines.collect::<String>()).expect("a text takes everything");
    }
    text
}

/// `cargo prometeu create [OPTIONS] --type <FAMILY> <ROOT>`
fn usage_of(command: &mut Command) -> String {
    let usage = command.render_usage().to_string();
    usage.strip_prefix("Usage: ").unwrap_or(&usage).trim_end().to_owned()
}

fn is_consent(argument: &Arg) -> bool {
    argument.get_help_heading() == Some("Consent")
}

/// Whether it is of this command and no other.
fn is_own(argument: &Arg) -> bool {
    !argument.is_global_set()
        && !is_consent(argument)
        && !["help", "version"].contains(&argument.get_id().as_str())
}

fn row(argument: &Arg) -> String {
    let help = prose(argument.get_help());
    let values: Vec<String> = match argument.get_num_args() {
        Some(range) if range.takes_values() && !argument.is_hide_possible_values_set() => {
            let values = argument.get_possible_values();
            values.iter().map(|value| format!("`{}`", value.get_name())).collect()
        }
        _ => Vec::new(),
    };
    let values = if values.is_empty() { String::new() } else { format!(": {}", values.join(", ")) };
    format!("| `{}` | {help}{values} |\n", spelt(argument))
}

/// `--from FILE…`, `-y, --yes`, `ROOT…`
fn spelt(argument: &Arg) -> String {
    let takes_values = argument.get_action().takes_values();
    let range = argument.get_num_args().filter(|_| takes_values);
    let several = range.is_some_and(|range| range.max_values() > 1)
        || (argument.is_positional() && matches!(argument.get_action(), clap::ArgAction::Append));
    let several = if several { "…" } else { "" };
    let names = argument.get_value_names().unwrap_or_default();
    let value = names.first().map_or_else(|| argument.get_id().as_str().to_uppercase(), ToString::to_string);
    let Some(long) = argument.get_long() else { return format!("{value}{several}") };
    let short = argument.get_short().map_or_else(String::new, |short| format!("-{short}, "));
    match range {
        None => format!("{short}--{long}"),
        Some(range) if range.min_values() == 0 => format!("{short}--{long}[={value}]"),
        Some(_) => format!("{short}--{long} {value}{several}"),
    }
}

/// A flag that all commands take, on lines of its own.
fn indented(flag: &Arg) -> String {
    let help = flag.get_help().map_or_else(String::new, ToString::to_string);
    format!("  {:<28}  {help}", spelt(flag))
}

fn prose(help: Option<&StyledStr>) -> String {
    escaped(&help.map_or_else(String::new, ToString::to_string))
}

/// As a table takes it, and with flags and files as code.
fn escaped(words: &str) -> String {
    let is_code = |word: &str| {
        let bare = word.trim_matches(|c: char| ",;:.()".contains(c));
        let is_flag = bare.starts_with('-') && bare.len() > 1;
        let is_file = bare.starts_with("asset") && (bare.contains('.') || bare.contains('/'))
            || ["index.json", "Cargo.toml"].contains(&bare);
        (is_flag || is_file) && !word.contains('`')
    };
    let mut in_code = false;
    let mut words_out: Vec<String> = Vec::new();
    for word in words.split_whitespace() {
        let outside = !in_code;
        in_code ^= word.matches('`').count() % 2 == 1;
        words_out.push(if outside && is_code(word) {
            let bare = word.trim_matches(|c: char| ",;:.()".contains(c));
            word.replacen(bare, &format!("`{bare}`"), 1)
        } else {
            word.to_owned()
        });
    }
    words_out.join(" ").replace('|', "\\|")
}
