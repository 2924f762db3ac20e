//! Why nothing was built, as text for people.
//!
//! Drawn like the compiler's own errors, whether cargo prints it, or a `main` returns it, or somebody
//! unwraps it: `Debug` is the same text as `Display`.

use std::fmt;

use prometeu_packer::diagnostics::render::{Style, render_all, visible};
use prometeu_packer::diagnostics::{Diagnostic, Severity};
use prometeu_packer::ops::Blocker;

use crate::directive::Refused;
use crate::environment;

/// How many diagnostics are drawn; of the others it is said how many there are.
const DRAWN: usize = 20;

/// Source lines are trimmed to this many columns. Cargo puts the package's name before each line, and
/// does not tell a build script how wide the terminal is.
const WIDTH: usize = 100;

/// Why there is no pack, or why there are no constants.
///
/// Both `Display` and `Debug` are the full text, over several lines, so that it can be read wherever it
/// ends up.
#[derive(Clone)]
pub struct Error(Box<Reason>);

#[derive(Clone)]
enum Reason {
    /// What is wrong with the assets.
    Content {
        /// At least one.
        blocking: Vec<Diagnostic>,
        /// Warnings about the same files: a misspelt member is why another one is missing.
        related: Vec<Diagnostic>,
    },
    /// What stood in the way otherwise.
    Other(Problem),
}

/// A failure that is not about content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    /// From the lists of codes.
    pub(crate) code: &'static str,
    /// What is wrong.
    pub(crate) message: String,
    /// Where, unless the message says so.
    pub(crate) path: Option<String>,
    /// What to do next.
    pub(crate) help: String,
}

impl Error {
    /// What stops the build, when that is something about the assets; else empty.
    #[must_use]
    pub fn diagnostics(&self) -> &[Diagnostic] {
        match &*self.0 {
            Reason::Content { blocking, .. } => blocking,
            Reason::Other(_) => &[],
        }
    }

    pub(crate) fn of_content(diagnostics: Vec<Diagnostic>) -> Self {
        let (blocking, mut related): (Vec<_>, Vec<_>) =
            diagnostics.into_iter().partition(|diagnostic| diagnostic.blocking);
        related.retain(|other| blocking.iter().any(|diagnostic| diagnostic.file == other.file));
        Self(Box::new(Reason::Content { blocking, related }))
    }

    /// The full text, with or without the compiler's colours.
    pub(crate) fn draw(&self, color: bool) -> String {
        match &*self.0 {
            Reason::Content { blocking, related } => draw_diagnostics(blocking, related, color),
            Reason::Other(problem) => problem.draw(color),
        }
    }
}

fn draw_diagnostics(blocking: &[Diagnostic], related: &[Diagnostic], color: bool) -> String {
    let style = Style { color, width: WIDTH };
    let mut text = render_all(blocking.iter().chain(related).take(DRAWN), &style);
    if let Some(more @ 1..) = blocking.len().checked_sub(DRAWN) {
        text.push_str(&format!("\n\n... and {more} more; `cargo prometeu doctor` shows them all"));
    }
    if blocking.iter().any(|diagnostic| diagnostic.severity == Severity::Warning) {
        text.push_str(&format!("\n\nthis build is strict (`{}`), so warnings stop it", environment::STRICT));
    }
    text
}

impl Problem {
    fn draw(&self, color: bool) -> String {
        // As the compiler colours its own.
        let paint = |sequence: &str, text: &str| {
            if color { format!("{sequence}{text}\u{1b}[0m") } else { text.to_owned() }
        };
        let (red, blue, bold) = ("\u{1b}[1m\u{1b}[91m", "\u{1b}[1m\u{1b}[94m", "\u{1b}[1m");
        let mut text = paint(red, &format!("error[{}]", self.code));
        text.push_str(&paint(bold, &format!(": {}", visible(&self.message))));
        if let Some(path) = &self.path {
            text.push_str(&format!("\n {} {}", paint(blue, "-->"), visible(path)));
        }
        let (bar, equals) = (paint(blue, "|"), paint(blue, "="));
        text.push_str(&format!("\n  {bar}\n  {equals} {}: {}", paint(bold, "help"), visible(&self.help)));
        text
    }
}

impl From<Problem> for Error {
    fn from(problem: Problem) -> Self {
        Self(Box::new(Reason::Other(problem)))
    }
}

impl From<Blocker> for Problem {
    fn from(blocker: Blocker) -> Self {
        // Most messages name their path already.
        let path = blocker.path.filter(|path| !blocker.message.contains(path.as_str()));
        let help = blocker.help.unwrap_or_else(|| {
            format!("Build again once that is cured. `{}=1` builds without assets.", environment::SKIP)
        });
        Self { code: blocker.code.as_str(), message: blocker.message, path, help }
    }
}

impl From<prometeu_packer::Error> for Error {
    fn from(error: prometeu_packer::Error) -> Self {
        Problem::from(Blocker::from(&error)).into()
    }
}

impl From<Refused> for Error {
    fn from(Refused { path, reason }: Refused) -> Self {
        Problem {
            code: "name-invalid",
            message: format!("the path `{path}` {reason}"),
            path: None,
            help: "Rename that folder, or build somewhere else. Cargo reads paths line by line and cuts \
                   spaces off, so it would take this one for something else."
                .to_owned(),
        }
        .into()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.draw(false))
    }
}

/// The same text as [`Display`](fmt::Display), on lines of its own: it is what a `main` that returns an
/// error and `unwrap` print.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the assets cannot be built\n\n{self}\n")
    }
}

impl std::error::Error for Error {}
