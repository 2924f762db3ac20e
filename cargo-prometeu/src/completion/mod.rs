//! What the words of a command line can go on with, for the shells.
//!
//! `completions SHELL` prints a [script](Shell::script), which asks this program at each key:
//! `cargo-prometeu __complete SHELL INDEX -- WORDS…`, where the word at `INDEX` is the one that is being
//! typed. The answer is a line for each candidate: the value, a tab and a few words on it. So there is
//! one grammar for all shells, and the assets are those of the project at hand.
//!
//! Guarantees: it changes nothing, opens no project and waits for no lock. Whatever is wrong, there
//! are fewer candidates and no message: nobody asked for one in the middle of a line.

mod names;
mod words;

use std::ffi::OsString;

use clap::ValueEnum;
use clap_complete::engine::{self, CompletionCandidate};

use crate::cli;
use words::Words;

/// The first argument by which a script asks. It is no command: nobody types it.
pub(crate) const ASK: &str = "__complete";

/// A shell that can be taught.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Shell {
    Bash,
    Zsh,
    Fish,
    #[value(name = "powershell", alias = "pwsh")]
    Power,
    Elvish,
}

impl Shell {
    /// What the shell reads when it starts.
    pub(crate) const fn script(self) -> &'static str {
        match self {
            Self::Bash => include_str!("cargo-prometeu.bash"),
            Self::Zsh => include_str!("cargo-prometeu.zsh"),
            Self::Fish => include_str!("cargo-prometeu.fish"),
            Self::Power => include_str!("cargo-prometeu.ps1"),
            Self::Elvish => include_str!("cargo-prometeu.elv"),
        }
    }
}

/// What a script asked with these arguments of the process is told, if it was one that asked.
pub(crate) fn asked(arguments: &[OsString]) -> Option<Vec<String>> {
    let (_, arguments) = arguments.split_first()?;
    let (first, arguments) = arguments.split_first()?;
    (first == ASK).then(|| candidates(arguments).unwrap_or_default())
}

/// The lines for `SHELL INDEX -- WORDS…`; nothing for what makes no sense.
fn candidates(arguments: &[OsString]) -> Option<Vec<String>> {
    let [shell, index, dashes, words @ ..] = arguments else { return None };
    let shell = Shell::from_str(shell.to_str()?, false).ok()?;
    let index: usize = index.to_str()?.parse().ok()?;
    if dashes != "--" {
        return None;
    }
    let words = Words::read(shell, words, index)?;
    let mut command = names::taught(cli::command(), &words);
    let here = std::env::current_dir().ok();
    let mut found = engine::complete(&mut command, words.all.clone(), words.index(), here.as_deref()).ok()?;
    if !words.typed().starts_with('-') {
        // Flags are for who begins one, when there is anything else.
        let is_flag = |found: &CompletionCandidate| found.get_value().to_string_lossy().starts_with('-');
        if found.iter().any(|found| !is_flag(found)) {
            found.retain(|found| !is_flag(found));
        }
    }
    Some(found.iter().filter_map(|found| line(shell, &words, found)).collect())
}

/// A candidate's line. What would break out of it is left out: an odd name can be typed by hand.
fn line(shell: Shell, words: &Words, candidate: &CompletionCandidate) -> Option<String> {
    let value = candidate.get_value().to_str()?;
    if value.chars().any(char::is_control) {
        return None;
    }
    if shell == Shell::Bash {
        return Some(words.as_bash_takes_it(value));
    }
    let help = candidate.get_help().map(ToString::to_string).unwrap_or_default();
    let help = help.lines().next().unwrap_or_default().replace('\t', " ");
    Some(format!("{value}\t{help}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What `words` can go on with, the last of them being typed.
    fn values(words: &[&str]) -> Vec<String> {
        let index = (words.len() - 1).to_string();
        let asked = ["cargo-prometeu", ASK, "fish", &index, "--"];
        let arguments: Vec<OsString> = asked.iter().chain(words).map(OsString::from).collect();
        let lines = super::asked(&arguments).unwrap();
        lines.iter().map(|line| line.split('\t').next().unwrap().to_owned()).collect()
    }

    #[test]
    fn every_way_of_calling_it_is_completed() {
        for before in [
            &["cargo-prometeu"][..],
            &["cargo-prometeu", "prometeu"],
            &["cargo", "prometeu"],
            &["/home/me/.cargo/bin/cargo", "+nightly", "prometeu"],
            &["prometeu"],
        ] {
            assert_eq!(values(&[before, &["doc"]].concat()), ["doctor"], "{before:?}");
            assert_eq!(values(&[before, &["completions", "po"]].concat()), ["powershell"], "{before:?}");
            assert_eq!(
                values(&[before, &["-v", "create", "x", "--type", "s"]].concat()),
                ["sound_bank"],
                "{before:?}"
            );
        }
        assert!(values(&["cargo", "bui"]).is_empty());
    }

    #[test]
    fn flags_are_for_who_begins_one() {
        assert!(values(&["cargo-prometeu", ""]).iter().all(|value| !value.starts_with('-')));
        assert!(values(&["cargo-prometeu", "doctor", "--st"]).contains(&"--strict".to_owned()));
    }

    #[test]
    fn whatever_is_asked_is_answered_in_silence() {
        for arguments in [
            &["cargo-prometeu", ASK][..],
            &["cargo-prometeu", ASK, "bash"],
            &["cargo-prometeu", ASK, "tcsh", "1", "--", "cargo-prometeu", ""],
            &["cargo-prometeu", ASK, "bash", "-1", "--", "cargo-prometeu", ""],
            &["cargo-prometeu", ASK, "bash", "99", "--", "cargo-prometeu", ""],
            &["cargo-prometeu", ASK, "bash", "1", "--"],
            &["cargo-prometeu", ASK, "bash", "1", "cargo-prometeu", ""],
        ] {
            let arguments: Vec<OsString> = arguments.iter().map(OsString::from).collect();
            assert_eq!(asked(&arguments).unwrap(), Vec::<String>::new(), "{arguments:?}");
        }
        assert_eq!(asked(&["cargo-prometeu".into(), "list".into()]), None);
    }
}
