//! What is told of each pack, in few lines; and what is not.
//!
//! | what came of it | is told |
//! | --- | --- |
//! | another pack | what changed, then the pack, as `pack` tells it |
//! | the same pack | one line, and none when only an editor kept something for itself |
//! | nothing, because something is wrong | what changed, and then what is wrong, as `pack` tells it |
//! | what was told last | nothing |
//!
//! Warnings are told when they are others than last time: a save is no reason to read them again.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;

use prometeu_packer::diagnostics::render::visible;
use prometeu_packer::ops::{PackResult, Response, Status};
use serde_json::Map;

use super::glance::Glance;
use super::words;
use crate::commands::pack;
use crate::printer::{Printer, display_path, human};
use crate::shell::Shell;

/// The file of the set that a game reads.
pub(super) const PACK: &str = "assets.pa";

/// Tells.
#[derive(Debug)]
pub(super) struct Teller {
    out: PathBuf,
    /// The program that is to run beside it.
    program: Option<String>,
    /// What was there when something was told last.
    before: Glance,
    /// How the last pack went that was told.
    last: Last,
    /// All that was found then, of warnings also while all was well.
    found: String,
    /// Whether somebody took the last pack away.
    is_gone: bool,
    /// How many packs were made while another program drew on the terminal.
    unseen: usize,
    /// What it was warned of then, which no pack makes old.
    warnings: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Last {
    /// There was none.
    None,
    Well,
    Trouble,
}

impl Teller {
    pub(super) fn new(out: &Path, program: Option<&OsString>) -> Self {
        let program = program.map(|program| visible(&program.to_string_lossy()));
        Self {
            out: out.to_owned(),
            program,
            before: Glance::default(),
            last: Last::None,
            found: String::new(),
            is_gone: false,
            unseen: 0,
            warnings: Vec::new(),
        }
    }

    /// All of this is known.
    pub(super) fn has_told(&mut self, now: Glance) {
        self.before = now;
    }

    /// Whether something is not as it was when something was told last.
    pub(super) fn is_anything_new(&self, now: &Glance) -> bool {
        !now.since(&self.before).is_empty() || now.has_assets != self.before.has_assets
    }

    /// Whether the last pack was made.
    pub(super) fn is_well(&self) -> bool {
        self.last == Last::Well
    }

    /// Whether somebody took the last pack away, which is a change as well.
    pub(super) fn pack_is_gone(&mut self, is_gone: bool) {
        self.is_gone = is_gone;
    }

    /// Whether a line would stand in a picture that the program draws, which `runs`.
    pub(super) fn is_drawn_over(&self, runs: bool) -> bool {
        runs && is_raw()
    }

    /// Warns of something beside the packs; once the terminal is free where a program draws there, which `runs`.
    pub(super) fn warn(&mut self, shell: &Shell, words: String, runs: bool) {
        if shell.is_holding() || self.is_drawn_over(runs) {
            self.warnings.push(words);
        } else {
            shell.warn(words);
        }
    }

    /// Tells what a pack came to that was made of what is there `now`.
    pub(super) fn tell(&mut self, printer: &Printer, response: &Response<PackResult>, now: &Glance) {
        let changes = now.since(&self.before);
        let mut beside = Map::new();
        beside.insert("changes".to_owned(), super::members(&changes, &self.before, now));
        let last = if response.status == Status::Ok { Last::Well } else { Last::Trouble };
        let found = found(response);
        let mut told = words::Told::of(&changes, &self.before, now);
        if self.is_gone && told.words.is_empty() {
            told.words = format!("{}, which is gone", display_path(&self.out.join(PACK)));
            told.is_news = true;
        }
        printer.response_beside(response, beside, |shell, response| {
            let is_known = found == self.found;
            if last == Last::Trouble && last == self.last && is_known && !told.is_news {
                return;
            }
            // Of what is held back only the last trouble is still worth telling once the terminal is free.
            shell.forget_held();
            self.print(shell, response, &told, is_known);
            if shell.is_holding() {
                self.unseen += 1;
                if last == Last::Well {
                    shell.forget_held();
                }
            }
        });
        self.before = now.clone();
        (self.last, self.found) = (last, found);
    }

    /// For people; what was found may be `known` to them.
    fn print(&self, shell: &Shell, response: &Response<PackResult>, told: &words::Told, is_known: bool) {
        let was_trouble = self.last == Last::Trouble;
        let warn = || {
            if !is_known {
                human::trouble(shell, response);
            }
        };
        let pack = display_path(&self.out.join(PACK));
        match response.payload.as_ref().filter(|_| response.status == Status::Ok) {
            Some(result) => {
                let is_new = pack::files(result).any(|file| file.changed);
                let again = if was_trouble { "; all is well again" } else { "" };
                let is_first = self.last == Last::None;
                if !is_new && !is_first {
                    if was_trouble {
                        tell_changes(shell, told);
                        shell.status("Unchanged", format_args!("{pack}; all is well again"));
                    } else if told.is_news {
                        shell.status("Unchanged", format_args!("{pack}, after {}", told.words));
                    }
                    return warn();
                }
                tell_changes(shell, told);
                warn();
                shell.status("Packed", format_args!("{}{again}", pack::in_words(result)));
                if result.total_assets == 0 {
                    shell.hint(pack::EMPTY);
                }
            }
            None => {
                tell_changes(shell, told);
                human::trouble(shell, response);
                if response.status == Status::Blocked && response.blockers.is_empty() {
                    shell.error(format_args!("nothing was packed: {}", pack::stopped(response)));
                }
                let then = match (&self.program, &self.last) {
                    (Some(program), Last::None) => format!("; `{program}` starts once there is a pack"),
                    (_, Last::None) => String::new(),
                    _ => format!("; {pack} is as it was"),
                };
                shell.status("Waiting", format_args!("for changes{then}"));
            }
        }
    }

    /// Tells what was held back while the program drew on the terminal, and how much there was.
    pub(super) fn release(&mut self, shell: &Shell) {
        let held = shell.take_held();
        let program = self.program.as_deref().unwrap_or_default();
        match std::mem::take(&mut self.unseen) {
            0 => {}
            1 => shell.status("Watched", format_args!("one change while `{program}` had the terminal")),
            n => shell.status("Watched", format_args!("{n} changes while `{program}` had the terminal")),
        }
        self.warnings.drain(..).for_each(|warning| shell.warn(warning));
        held.into_iter().for_each(|line| shell.err(line));
    }

    /// Tells that the program ended.
    pub(super) fn ended(&self, printer: &Printer, status: ExitStatus) {
        let Some(program) = &self.program else { return };
        let shell = printer.shell();
        let how = match status.code() {
            Some(0) => String::new(),
            Some(code) => format!(" with exit code {code}"),
            None => format!(" by {status}"),
        };
        shell.status("Ended", format_args!("`{program}`{how}"));
    }
}

fn tell_changes(shell: &Shell, told: &words::Told) {
    if !told.words.is_empty() {
        shell.status("Changed", &told.words);
    }
}

/// All that was found, to be held against what was found before.
fn found(response: &Response<PackResult>) -> String {
    let found = response.diagnostics.iter().map(|found| format!("{found:?}"));
    found.chain(response.blockers.iter().map(|blocker| format!("{blocker:?}"))).collect()
}

/// Whether a program took the terminal for itself that standard error goes to: it gets each key, and draws.
#[cfg(unix)]
fn is_raw() -> bool {
    use rustix::termios::{LocalModes, tcgetattr};
    let modes = tcgetattr(std::io::stderr()).map(|terminal| terminal.local_modes);
    modes.is_ok_and(|modes| !modes.contains(LocalModes::ICANON))
}

#[cfg(not(unix))]
fn is_raw() -> bool {
    false
}
