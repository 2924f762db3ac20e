//! Ctrl-C, and being asked to end: what is under way stops between two of its steps.
//!
//! | it comes | then |
//! | --- | --- |
//! | before a project is open | the system ends the process |
//! | at a question | the process ends at once; nothing was changed |
//! | at any other time | every operation is asked to stop; its response says what came of it |
//! | once more | the process ends at once |
//!
//! Where something was named that has to be done before the process ends at once, it is done.
//!
//! All end with 130. To end at once is safe at any time: a change that was decided is settled by
//! whoever opens the project next, and what a pack staged is swept by the next one. The same goes for
//! SIGTERM and SIGHUP, on Windows for Ctrl-Break and a console that is closed.
//!
//! # Where the guarantee stops
//!
//! Where one of these signals is ignored when the process starts, as under `nohup` or in the
//! background of a script, none of them is taken over: each does what it did.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use prometeu_packer::Cancel;

use crate::exit;
use crate::printer::Printer;
use crate::shell::Shell;

/// What comes again so soon is the same: a program between us and the terminal may pass on what the
/// terminal has sent to both.
const ECHO: Duration = Duration::from_millis(200);

/// What was heard, and whom to tell.
#[derive(Debug, Default)]
pub(crate) struct Interrupt {
    cancel: Cancel,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// Since when operations are asked to stop.
    asked: Option<Instant>,
    /// Whether a person is being asked something.
    at_question: bool,
    /// What else is to be done when operations are asked to stop.
    then: Option<Then>,
    /// What has to be done before the process ends at once.
    at_last: Option<Then>,
}

/// Something to do.
struct Then(Box<dyn FnOnce() + Send>);

impl fmt::Debug for Then {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Then")
    }
}

/// Begins to listen, for all that is done with a project from now on. Gives what to open it with.
pub(crate) fn heed(printer: &Printer) -> Cancel {
    let heard = printer.clone();
    let listening = ctrlc::try_set_handler(move || heard.shell().interrupt().heard(heard.shell()));
    // Somebody wants these signals to be ignored, or we listen already.
    drop(listening);
    printer.shell().interrupt().cancel.clone()
}

impl Interrupt {
    /// Called in a thread of its own, for each signal.
    fn heard(&self, shell: &Shell) {
        // Held to the end of the process where it ends: an answer that is typed now comes too late.
        let mut state = self.state();
        if state.at_question {
            shell.err("");
            end(shell, state.at_last.take(), "nothing was changed");
        }
        match state.asked {
            Some(asked) if asked.elapsed() < ECHO => {}
            Some(_) => {
                end(shell, state.at_last.take(), "the next command settles what was under way");
            }
            None => {
                state.asked = Some(Instant::now());
                self.cancel.all();
                if let Some(Then(then)) = state.then.take() {
                    then();
                }
            }
        }
    }

    /// Has something done when operations are asked to stop; at once when they have been.
    pub(crate) fn then(&self, then: impl FnOnce() + Send + 'static) {
        let mut state = self.state();
        if state.asked.is_some() {
            then();
        } else {
            state.then = Some(Then(Box::new(then)));
        }
    }

    /// Has something done before the process ends at once, should it come to that.
    pub(crate) fn at_last(&self, at_last: impl FnOnce() + Send + 'static) {
        self.state().at_last = Some(Then(Box::new(at_last)));
    }

    /// Whether operations were asked to stop.
    pub(crate) fn was_heard(&self) -> bool {
        self.state().asked.is_some()
    }

    /// Asks a person something by `ask`, before anything is changed. Does not come back when the process
    /// is interrupted meanwhile, or has been.
    pub(crate) fn at_question<T>(&self, shell: &Shell, ask: impl FnOnce() -> T) -> T {
        let mut state = self.state();
        if state.asked.is_some() {
            end(shell, state.at_last.take(), "nothing was changed");
        }
        state.at_question = true;
        drop(state);
        let answer = ask();
        self.state().at_question = false;
        answer
    }

    /// Nothing panics while it holds the state, and each change of it is one step.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn end(shell: &Shell, at_last: Option<Then>, what: &str) -> ! {
    if let Some(Then(at_last)) = at_last {
        at_last();
    }
    shell.release();
    // The line must not be drawn once more, behind what is said last.
    shell.live().end();
    shell.interrupted(what);
    std::process::exit(exit::INTERRUPTED.code().into())
}
