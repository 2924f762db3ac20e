//! The two streams: results on stdout, status on stderr, with cargo's verbs and colours.
//!
//! `anstream` decides about colours (`--color`, `NO_COLOR`, `CLICOLOR`, pipes, old Windows). A
//! reader that goes away (`| head -1`) ends the output and nothing else; any other failure of
//! stdout is remembered, so that the process cannot end as if all had been said.

use std::fmt::Display;
use std::io::{self, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use anstream::AutoStream;
use anstyle::Style;
use clap::ColorChoice;
use clap_cargo::style;
use prometeu_packer::diagnostics::render;

use crate::interrupt::Interrupt;
use crate::printer::live::Live;

/// How much is said on stderr.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Verbosity {
    /// Errors only.
    Quiet,
    /// What a person at work wants to know.
    Normal,
    /// Each step.
    Verbose,
}

/// How findings are told among words for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Drawing {
    /// With their source, as the compiler draws its own.
    Whole,
    /// One line each.
    Lines,
    /// In a document that has stdout for itself.
    Apart,
}

/// Stdout and stderr.
#[derive(Debug)]
pub(crate) struct Shell {
    verbosity: Verbosity,
    drawing: Drawing,
    color: anstream::ColorChoice,
    out: Mutex<Out>,
    interrupt: Interrupt,
    live: Live,
    /// Lines for stderr that are held back, while they are.
    held: Mutex<Option<Vec<String>>>,
    /// Where the project is that is talked of.
    project: Mutex<Option<PathBuf>>,
}

/// What became of stdout.
#[derive(Debug, Default)]
struct Out {
    /// Nobody reads it any more.
    closed: bool,
    failed: Option<io::Error>,
}

impl Shell {
    pub(crate) fn new(color: ColorChoice, verbosity: Verbosity, drawing: Drawing) -> Self {
        let color = match color {
            ColorChoice::Auto => anstream::ColorChoice::Auto,
            ColorChoice::Always => anstream::ColorChoice::Always,
            ColorChoice::Never => anstream::ColorChoice::Never,
        };
        Self {
            verbosity,
            drawing,
            color,
            out: Mutex::default(),
            interrupt: Interrupt::default(),
            live: Live::default(),
            held: Mutex::default(),
            project: Mutex::default(),
        }
    }

    /// The same, and where a person looks on they see how far it is. Who wants each step, or none, does not.
    pub(crate) fn with_progress(self) -> Self {
        let is_wanted = self.verbosity == Verbosity::Normal;
        let live = if is_wanted { Live::of_stderr(self.err_style().color) } else { Live::default() };
        Self { live, ..self }
    }

    /// The line that shows how far it is.
    pub(crate) const fn live(&self) -> &Live {
        &self.live
    }

    /// How much is said.
    pub(crate) const fn verbosity(&self) -> Verbosity {
        self.verbosity
    }

    /// How findings are told.
    pub(crate) const fn drawing(&self) -> Drawing {
        self.drawing
    }

    /// From now on paths are those of the project in this folder.
    pub(crate) fn is_about(&self, project: &Path) {
        *self.project.lock().unwrap_or_else(PoisonError::into_inner) = Some(project.to_path_buf());
    }

    /// The folder of the project that is talked of, once there is one.
    pub(crate) fn project(&self) -> Option<PathBuf> {
        self.project.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What becomes of Ctrl-C.
    pub(crate) const fn interrupt(&self) -> &Interrupt {
        &self.interrupt
    }

    /// How diagnostics are drawn on stdout.
    pub(crate) fn out_style(&self) -> render::Style {
        self.style(AutoStream::choice(&io::stdout()))
    }

    /// How diagnostics are drawn on stderr.
    pub(crate) fn err_style(&self) -> render::Style {
        self.style(AutoStream::choice(&io::stderr()))
    }

    fn style(&self, detected: anstream::ColorChoice) -> render::Style {
        let choice = if self.color == anstream::ColorChoice::Auto { detected } else { self.color };
        render::Style { color: choice != anstream::ColorChoice::Never, ..render::Style::default() }
    }

    /// One result, on stdout, where that is for people.
    pub(crate) fn print(&self, line: impl Display) {
        if self.drawing != Drawing::Apart {
            self.document(line);
        }
    }

    /// A line on stdout, for whoever reads that.
    pub(crate) fn document(&self, line: impl Display) {
        let mut state = self.out_state();
        if state.closed || state.failed.is_some() {
            return;
        }
        let mut out = AutoStream::new(io::stdout(), self.color);
        let mut write = || writeln!(out, "{line}").and_then(|()| out.flush());
        // Whoever reads a pipe may take long, and must not keep who was asked to end from saying so.
        let written = if io::stdout().is_terminal() {
            self.live.apart(write)
        } else {
            self.live.clear();
            write()
        };
        match written {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => state.closed = true,
            Err(error) => state.failed = Some(error),
        }
    }

    /// Why stdout could not take everything in, if it could not.
    pub(crate) fn out_failure(&self) -> Option<io::Error> {
        self.out_state().failed.take()
    }

    fn out_state(&self) -> MutexGuard<'_, Out> {
        self.out.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether status lines are left out.
    pub(crate) fn is_quiet(&self) -> bool {
        self.verbosity < Verbosity::Normal
    }

    /// A status line with its verb: `    Finished`.
    pub(crate) fn status(&self, verb: &str, message: impl Display) {
        if self.verbosity >= Verbosity::Normal {
            let style = style::HEADER;
            self.err(format_args!("{style}{verb:>12}{style:#} {message}"));
        }
    }

    /// A status line for those who asked for more.
    pub(crate) fn detail(&self, verb: &str, message: impl Display) {
        if self.verbosity >= Verbosity::Verbose {
            self.status(verb, message);
        }
    }

    /// An error, however quiet.
    pub(crate) fn error(&self, message: impl Display) {
        self.labelled("error", style::ERROR, message);
    }

    /// That the person stopped it, and what that came to, however quiet.
    pub(crate) fn interrupted(&self, message: impl Display) {
        self.labelled("interrupted", style::WARN, message);
    }

    /// The next step after an error, however quiet.
    pub(crate) fn help(&self, message: impl Display) {
        self.labelled("help", style::TRANSIENT, message);
    }

    /// Something that a person should know and that stops nothing.
    pub(crate) fn warn(&self, message: impl Display) {
        if self.verbosity >= Verbosity::Normal {
            self.labelled("warning", style::WARN, message);
        }
    }

    /// The same, however quiet: it is about something of a person's that nobody will ask for again.
    pub(crate) fn alert(&self, message: impl Display) {
        self.labelled("warning", style::WARN, message);
    }

    /// What was left to the person.
    pub(crate) fn note(&self, message: impl Display) {
        if self.verbosity >= Verbosity::Normal {
            self.labelled("note", style::NOTE, message);
        }
    }

    /// A likely next command.
    pub(crate) fn hint(&self, message: impl Display) {
        if self.verbosity >= Verbosity::Normal {
            self.labelled("hint", style::TRANSIENT, message);
        }
    }

    fn labelled(&self, label: &str, style: Style, message: impl Display) {
        self.err(format_args!("{style}{label}{style:#}: {message}"));
    }

    /// From now on lines for stderr are held back: another program draws there.
    pub(crate) fn hold(&self) {
        self.held().get_or_insert_default();
    }

    /// Whether they are.
    pub(crate) fn is_holding(&self) -> bool {
        self.held().is_some()
    }

    /// Tells what was held back, and nothing is from now on.
    pub(crate) fn release(&self) {
        self.take_held().into_iter().for_each(|line| self.err(line));
    }

    /// What was held back; nothing is from now on.
    pub(crate) fn take_held(&self) -> Vec<String> {
        self.held().take().unwrap_or_default()
    }

    /// Forgets what was held back so far.
    pub(crate) fn forget_held(&self) {
        if let Some(held) = &mut *self.held() {
            held.clear();
        }
    }

    fn held(&self) -> MutexGuard<'_, Option<Vec<String>>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A line on stderr as it is. That nobody reads it is no reason to stop.
    pub(crate) fn err(&self, line: impl Display) {
        if let Some(held) = &mut *self.held() {
            return held.push(line.to_string());
        }
        let mut err = AutoStream::new(io::stderr(), self.color);
        self.live.apart(|| drop(writeln!(err, "{line}")));
    }

    /// An empty line between what was drawn and its summary.
    pub(crate) fn gap(&self) {
        if self.verbosity >= Verbosity::Normal && self.drawing == Drawing::Whole {
            self.err("");
        }
    }

    /// Whether somebody sits there who can be asked.
    #[expect(clippy::unused_self, reason = "who can be asked is the shell's to know")]
    pub(crate) fn can_ask(&self) -> bool {
        io::stdin().is_terminal() && io::stderr().is_terminal()
    }

    /// Asks a question before anything is changed; an empty line answers it with `default`, and anything
    /// but a yes with no. The end of input is a no; Ctrl-C ends the process.
    pub(crate) fn ask(&self, question: &str, default: bool) -> bool {
        let mut err = AutoStream::new(io::stderr(), self.color);
        let bold = Style::new().bold();
        let answers = if default { "[Y/n]" } else { "[y/N]" };
        let mut answer = String::new();
        let read = self.interrupt.at_question(self, || {
            drop(write!(err, "{bold}{question}{bold:#} {answers} ").and_then(|()| err.flush()));
            io::stdin().read_line(&mut answer)
        });
        match read {
            Ok(0) | Err(_) => {
                self.err("");
                false
            }
            Ok(_) => match answer.trim().to_lowercase().as_str() {
                "" => default,
                answer => matches!(answer, "y" | "yes"),
            },
        }
    }
}
