//! What is printed to cargo, one typed function a directive.
//!
//! Cargo reads a build script's output line by line, cuts white space off both ends of each line, and
//! obeys every line that begins with `cargo::`. So a path with a line end in it could give it orders,
//! and one that ends with a space would name another file. Such a path is refused here, whoever let
//! it through before; words for people are escaped instead.

use std::io::{self, Write};
use std::path::Path;

use prometeu_packer::diagnostics::render::visible;

/// Lines for cargo, in order, not yet printed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Directives(String);

/// A path that cannot be told to cargo.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refused {
    /// The path, fit to be shown.
    pub(crate) path: String,
    /// What is wrong with it: `the path … <reason>`.
    pub(crate) reason: &'static str,
}

/// Lines that were made here once.
impl From<String> for Directives {
    fn from(lines: String) -> Self {
        Self(lines)
    }
}

impl Directives {
    /// The compiler of this package gets the variable.
    pub(crate) fn rustc_env(&mut self, variable: &'static str, value: &Path) -> Result<(), Refused> {
        let value = checked(value)?;
        self.line("rustc-env", &format!("{variable}={value}"));
        Ok(())
    }

    /// The script runs again when something at that path changed; for a folder, anywhere below it.
    /// A relative path begins at the package's folder.
    pub(crate) fn rerun_if_changed(&mut self, path: &Path) -> Result<(), Refused> {
        self.line("rerun-if-changed", checked(path)?);
        Ok(())
    }

    /// The script runs again when the variable has another value.
    pub(crate) fn rerun_if_env_changed(&mut self, variable: &'static str) {
        self.line("rerun-if-env-changed", variable);
    }

    /// A warning of one line.
    pub(crate) fn warning(&mut self, words: &str) {
        self.line("warning", &visible(words));
    }

    /// An error, which stops the build; one directive for each line of the text, whose colours are
    /// kept.
    pub(crate) fn error(&mut self, text: &str) {
        for line in text.lines() {
            let escaped: Vec<String> = line.split('\u{1b}').map(visible).collect();
            self.line("error", &escaped.join("\u{1b}"));
        }
    }

    fn line(&mut self, directive: &str, value: &str) {
        self.0.push_str("cargo::");
        self.0.push_str(directive);
        self.0.push('=');
        self.0.push_str(value);
        self.0.push('\n');
    }

    /// What would be printed.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// Prints it all at once. When nobody reads it there is nobody to tell, so `print!`, which panics
    /// then, is not the means.
    pub(crate) fn print(&self) {
        let mut stdout = io::stdout().lock();
        drop(stdout.write_all(self.0.as_bytes()).and_then(|()| stdout.flush()));
    }
}

/// The path as text, if cargo would read it as it is.
pub(crate) fn checked(path: &Path) -> Result<&str, Refused> {
    let refused = |reason| Err(Refused { path: visible(&path.to_string_lossy()), reason });
    let Some(text) = path.to_str() else { return refused("is not UTF-8") };
    if text.chars().any(char::is_control) {
        return refused("holds a control character");
    }
    // As cargo's own `str::trim`: not spaces alone.
    if text.trim() != text {
        return refused("begins or ends with a space");
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_directive_is_one_line_of_its_own() {
        let mut directives = Directives::default();
        directives.rustc_env("PROMETEU_ASSETS_PA", Path::new("/o ut/é/assets.pa")).unwrap();
        directives.rerun_if_changed(Path::new("assets/ui")).unwrap();
        directives.rerun_if_env_changed("PROMETEU_SKIP");
        directives.warning("two\nlines");
        directives.error("error: é\n  | \u{1b}[1mbold\u{1b}[0m\n\nend");
        assert_eq!(
            directives.as_str(),
            "cargo::rustc-env=PROMETEU_ASSETS_PA=/o ut/é/assets.pa\n\
             cargo::rerun-if-changed=assets/ui\n\
             cargo::rerun-if-env-changed=PROMETEU_SKIP\n\
             cargo::warning=two\\nlines\n\
             cargo::error=error: é\n\
             cargo::error=  | \u{1b}[1mbold\u{1b}[0m\n\
             cargo::error=\n\
             cargo::error=end\n"
        );
    }

    #[track_caller]
    fn check_refused(path: &str, reason: &str) {
        let mut directives = Directives::default();
        let refused = directives.rerun_if_changed(Path::new(path)).unwrap_err();
        assert_eq!(refused.reason, reason);
        assert!(!refused.path.chars().any(char::is_control), "{:?}", refused.path);
        assert_eq!(directives.rustc_env("PROMETEU_ASSETS_PA", Path::new(path)), Err(refused));
        assert_eq!(directives, Directives::default(), "nothing of it is printed");
    }

    #[test]
    fn a_path_that_would_forge_a_directive_is_refused() {
        check_refused("a\ncargo::rustc-env=PATH=/evil", "holds a control character");
        check_refused("a\rb", "holds a control character");
        check_refused("a\u{85}b", "holds a control character");
        check_refused("\u{1b}[2Ja", "holds a control character");
    }

    #[test]
    fn a_path_that_cargo_would_cut_is_refused() {
        check_refused(" a", "begins or ends with a space");
        check_refused("a ", "begins or ends with a space");
        check_refused("a\u{3000}", "begins or ends with a space");
    }

    #[cfg(unix)]
    #[test]
    fn a_path_that_is_not_text_is_refused() {
        use std::os::unix::ffi::OsStrExt as _;
        let path = Path::new(std::ffi::OsStr::from_bytes(b"a\xff"));
        assert_eq!(checked(path).unwrap_err().reason, "is not UTF-8");
    }

    #[test]
    fn words_cannot_end_their_line() {
        let mut directives = Directives::default();
        directives.warning("a\rcargo::error=b");
        directives.error("a\u{85}b\u{2028}c\u{b}d");
        assert_eq!(
            directives.as_str(),
            "cargo::warning=a\\rcargo::error=b\ncargo::error=a\\u{85}b\\u{2028}c\\u{b}d\n"
        );
    }
}
