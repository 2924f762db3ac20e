//! Golden texts: what people see, kept as files and compared letter by letter.
//!
//! Paths and times of the machine become placeholders first ([`Redactions`]). With
//! `PACKER_TESTS_BLESS=1` the files are written anew instead of compared; the diff is then for a
//! person to read.

use std::fs;
use std::path::Path;

use crate::checkout;

/// Words of this machine, and the placeholders that stand for them in golden texts.
#[derive(Debug, Clone, Default)]
pub struct Redactions(Vec<(String, String)>);

impl Redactions {
    /// None yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// `path` becomes `placeholder`, such as `[ROOT]`, however its separators are spelt.
    #[must_use]
    pub fn path(mut self, path: &Path, placeholder: &str) -> Self {
        let text = path.display().to_string();
        assert!(!text.is_empty(), "an empty path stands everywhere");
        self.0.push((text.replace('\\', "/"), placeholder.to_owned()));
        self.0.push((text, placeholder.to_owned()));
        // The longest first: a folder must not be replaced inside the path of its child.
        self.0.sort_by_key(|(text, _)| std::cmp::Reverse(text.len()));
        self
    }

    /// The text with placeholders, without cargo's lines about waiting for another cargo, and with
    /// every time span as cargo prints it (`in 0.08s`) as `[ELAPSED]`.
    #[must_use]
    pub fn apply(&self, text: &str) -> String {
        let mut text = text.replace("\r\n", "\n");
        for (word, placeholder) in &self.0 {
            text = text.replace(word, placeholder);
        }
        let mut out = String::new();
        for line in text.lines().filter(|line| !line.contains("Blocking waiting for file lock")) {
            out.push_str(&elapsed(line));
            out.push('\n');
        }
        out
    }
}

/// The line with `in <number>s` or `in <number>ms` as `in [ELAPSED]`.
fn elapsed(line: &str) -> String {
    let mut words: Vec<String> = line.split(' ').map(str::to_owned).collect();
    for n in 1..words.len() {
        let number = words[n].trim_end_matches("ms").trim_end_matches('s');
        if words[n - 1] == "in" && number.len() < words[n].len() && number.parse::<f64>().is_ok() {
            words[n] = "[ELAPSED]".to_owned();
        }
    }
    words.join(" ")
}

/// Compares `text` with the golden file `tests/golden/<name>`.
///
/// # Panics
///
/// When they differ, with both texts, or when the file cannot be read or written.
pub fn check(name: &str, text: &str) {
    check_file(&checkout().join("tests/golden").join(name), text);
}

/// Compares `text` with a golden file anywhere.
///
/// # Panics
///
/// As [`check`].
pub fn check_file(path: &Path, text: &str) {
    if std::env::var_os("PACKER_TESTS_BLESS").is_some_and(|value| !value.is_empty()) {
        let folder = path.parent().expect("a golden file lies in a folder");
        fs::create_dir_all(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
        fs::write(path, text).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        return;
    }
    let golden = fs::read_to_string(path).unwrap_or_else(|e| {
        panic!("{}: {e}\nPACKER_TESTS_BLESS=1 writes it. The text is:\n{text}", path.display())
    });
    assert!(
        golden.replace("\r\n", "\n") == text,
        "the text is not that of {}; if it is better, PACKER_TESTS_BLESS=1 takes it.\n\
         --- golden\n{golden}--- now\n{text}---",
        path.display()
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_redacted_after_its_child() {
        let redactions =
            Redactions::new().path(Path::new("/t"), "[TMP]").path(Path::new("/t/game"), "[ROOT]");
        assert_eq!(redactions.apply("see /t/game/assets and /t/x"), "see [ROOT]/assets and [TMP]/x\n");
    }

    #[test]
    fn time_spans_are_redacted_and_other_numbers_are_not() {
        let text = "Finished `dev` profile target(s) in 0.08s\n3 assets in 12ms\nin 2 places";
        let redacted = "Finished `dev` profile target(s) in [ELAPSED]\n3 assets in [ELAPSED]\nin 2 places\n";
        assert_eq!(Redactions::new().apply(text), redacted);
    }

    #[test]
    fn waiting_for_another_cargo_leaves_no_trace() {
        let text = "one\n    Blocking waiting for file lock on build directory\ntwo";
        assert_eq!(Redactions::new().apply(text), "one\ntwo\n");
    }
}
