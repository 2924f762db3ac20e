//! The words of a line as a shell passes them, and as the grammar wants them.
//!
//! Each shell has its own idea of what a word is. Bash hands over text, with quotes and backslashes,
//! broken at `=`, and takes text back; `PowerShell` loses an empty word unless something stands before it.

use std::ffi::OsString;
use std::path::Path;

use super::Shell;

/// The words up to the one that is being typed, which is the last.
#[derive(Debug)]
pub(super) struct Words {
    /// `cargo-prometeu`, and what follows it.
    pub(super) all: Vec<OsString>,
    /// What stands before the last word and is no part of what the shell replaces, as `--family=`.
    glued: usize,
    /// Whether the person has begun the last word with a quotation mark.
    quoted: bool,
}

impl Words {
    /// Reads them; nothing when there is no such word, or none of them is for us.
    pub(super) fn read(shell: Shell, words: &[OsString], index: usize) -> Option<Self> {
        let words = words.get(..=index)?;
        let mut all: Vec<String> =
            words.iter().map(|word| word.to_str().map(str::to_owned)).collect::<Option<_>>()?;
        if shell == Shell::Power {
            let last = all.last_mut()?;
            *last = last.strip_prefix('=').unwrap_or(last).to_owned();
        }
        let (mut glued, mut quoted) = (0, false);
        if shell == Shell::Bash {
            quoted = all.last()?.starts_with(['"', '\'']);
            let mut joined = Vec::new();
            let mut words = all.iter().map(|word| unquoted(word)).peekable();
            while let Some(mut word) = words.next() {
                if word.starts_with("--") && words.peek().is_some_and(|next| next == "=") {
                    word.push_str(&words.next().unwrap_or_default());
                    glued = word.len();
                    word.push_str(&words.next().unwrap_or_default());
                } else {
                    glued = 0;
                }
                joined.push(word);
            }
            all = joined;
        }
        let ours = below(&all)?;
        let command = OsString::from("cargo-prometeu");
        Some(Self {
            all: std::iter::once(command).chain(ours.iter().map(OsString::from)).collect(),
            glued,
            quoted,
        })
    }

    /// Where the word stands that is being typed.
    pub(super) fn index(&self) -> usize {
        self.all.len() - 1
    }

    /// As far as it was typed.
    pub(super) fn typed(&self) -> &str {
        self.all.last().and_then(|word| word.to_str()).unwrap_or_default()
    }

    /// The value of the last flag of one of these names before the word that is being typed.
    pub(super) fn value_of(&self, names: &[&str]) -> Option<&OsString> {
        let before = &self.all[..self.index()];
        let at = before.iter().rposition(|word| names.iter().any(|name| word == name))?;
        before.get(at + 1)
    }

    /// `value` as text of a line of bash, without what stands there already.
    pub(super) fn as_bash_takes_it(&self, value: &str) -> String {
        let value = value.get(self.glued..).unwrap_or_default();
        if self.quoted {
            return value.to_owned();
        }
        let mut text = String::new();
        for character in value.chars() {
            if !(character.is_alphanumeric() || "-_./=+,:@%".contains(character)) {
                text.push('\\');
            }
            text.push(character);
        }
        text
    }
}

/// The words behind the ones that call us: `cargo +nightly prometeu`, `cargo-prometeu prometeu`, or the
/// `prometeu` that zsh's completion of cargo leaves.
fn below(words: &[String]) -> Option<&[String]> {
    let (first, rest) = words.split_first()?;
    let is_cargo = Path::new(first).file_stem().is_some_and(|name| name == "cargo");
    let ours = |word: &String| word == "prometeu";
    let rest = if is_cargo {
        let command =
            rest.iter().position(|word| !word.starts_with(['+', '-'])).filter(|at| ours(&rest[*at]))?;
        &rest[command + 1..]
    } else if rest.len() > 1 && rest.first().is_some_and(ours) {
        &rest[1..]
    } else {
        rest
    };
    (!rest.is_empty()).then_some(rest)
}

/// A word of bash without its quotation marks and backslashes.
fn unquoted(word: &str) -> String {
    let mut text = String::new();
    let mut quote = None;
    let mut characters = word.chars();
    while let Some(character) = characters.next() {
        match (character, quote) {
            ('\\', None | Some('"')) => text.extend(characters.next()),
            ('"' | '\'', None) => quote = Some(character),
            (character, Some(open)) if character == open => quote = None,
            (character, _) => text.push(character),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bash_breaks_words_at_equals_signs_and_gets_the_rest_of_its_own_word() {
        let read = |words: &[&str]| {
            let words: Vec<OsString> = words.iter().map(OsString::from).collect();
            Words::read(Shell::Bash, &words, words.len() - 1).unwrap()
        };
        let words = read(&["cargo", "prometeu", "list", "--family", "=", "so"]);
        assert_eq!(words.typed(), "--family=so");
        assert_eq!(words.as_bash_takes_it("--family=sound_bank"), "sound_bank");
        let words = read(&["cargo-prometeu", "list", "--family", "="]);
        assert_eq!(words.typed(), "--family=");
        let words = read(&["cargo-prometeu", "show", "my\\ ro"]);
        assert_eq!(words.typed(), "my ro");
        assert_eq!(words.as_bash_takes_it("my root/$x"), "my\\ root/\\$x");
        let words = read(&["cargo-prometeu", "show", "\"my ro"]);
        assert_eq!((words.typed(), words.as_bash_takes_it("my root")), ("my ro", "my root".to_owned()));
    }
}
