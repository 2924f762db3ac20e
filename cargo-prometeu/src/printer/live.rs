//! A line on stderr that is written anew while an operation goes on, where a person looks on.
//!
//! As cargo's: nothing of work that is done within half a second, then at most ten times a second, and gone
//! before anything else is written, which [`Live::apart`] sees to. What is no terminal gets none of it, nor
//! does a dumb one, a machine that builds (`CI`), or who asked for each step or for quiet;
//! `CARGO_TERM_PROGRESS_WHEN` and `CARGO_TERM_PROGRESS_WIDTH` say otherwise.
//!
//! An operation that says nothing for long is shown all the same, by a thread that does nothing else.

use std::io::{self, IsTerminal as _, Write as _};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use clap_cargo::style;
use prometeu_packer::event::Progress;

use super::{cargo_term, width};

/// How long work lasts at least of which something is shown.
const DELAY: Duration = Duration::from_millis(500);

/// How often the line is written at most.
const PAUSE: Duration = Duration::from_millis(100);

/// What the line is wide at most, also on a wide terminal.
const WIDEST: usize = 78;

/// What it is wide where nobody knows how wide the terminal is: few are narrower.
const UNKNOWN: usize = 40;

/// How many columns the verb takes.
const VERB: usize = 12;

/// How many characters the bar has; the second where the line is narrow.
const BARS: (usize, usize) = (24, 8);

/// From which width on the line has room for the longer bar.
const WIDE: usize = 60;

/// The line; clones share it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Live {
    is_on: bool,
    is_coloured: bool,
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    /// Wakes the thread when its work is over.
    over: Condvar,
}

#[derive(Debug, Default)]
struct State {
    /// What goes on, if anything does.
    work: Option<Work>,
    /// How much was begun so far, so that a thread knows its own.
    begun: u64,
    /// Whether the line stands there.
    is_shown: bool,
}

#[derive(Debug)]
struct Work {
    verb: &'static str,
    began: Instant,
    /// When the line was written last.
    drawn: Option<Instant>,
    /// The asset that the last event with one was about.
    asset: String,
    progress: Option<Progress>,
}

impl Live {
    /// One that is shown where stderr is such that a person looks on, with its verb in colour or not.
    pub(crate) fn of_stderr(is_coloured: bool) -> Self {
        let is_set = |name| std::env::var_os(name).is_some();
        let is_on = match std::env::var("CARGO_TERM_PROGRESS_WHEN").as_deref() {
            Ok("never") => false,
            Ok("always") => true,
            _ => {
                let is_dumb = std::env::var_os("TERM").is_some_and(|terminal| terminal == "dumb");
                io::stderr().is_terminal() && !is_dumb && !is_set("CI") && !is_set("TF_BUILD")
            }
        };
        Self { is_on, is_coloured, shared: Arc::default() }
    }

    /// What is done from now on is called so: `Packing`.
    pub(crate) fn begin(&self, verb: &'static str) {
        if !self.is_on {
            return;
        }
        let begun = {
            let mut state = self.shared.state();
            state.take_away();
            state.begun += 1;
            let asset = String::new();
            state.work = Some(Work { verb, began: Instant::now(), drawn: None, asset, progress: None });
            state.begun
        };
        let (shared, is_coloured) = (Arc::clone(&self.shared), self.is_coloured);
        // Without a thread there is a line as soon as the operation says something.
        drop(
            std::thread::Builder::new()
                .name("progress".to_owned())
                .spawn(move || shared.tick(begun, is_coloured)),
        );
    }

    /// The asset that is worked on.
    pub(crate) fn asset(&self, root: impl FnOnce() -> String) {
        if let Some(work) =
            self.is_on.then(|| self.shared.state()).as_mut().and_then(|state| state.work.as_mut())
        {
            work.asset = root();
        }
    }

    /// How far it is.
    pub(crate) fn step(&self, progress: Progress) {
        if !self.is_on {
            return;
        }
        let mut state = self.shared.state();
        if let Some(work) = &mut state.work {
            work.progress = Some(progress);
            state.draw(Instant::now(), self.is_coloured);
        }
    }

    /// It is done.
    pub(crate) fn end(&self) {
        if self.is_on {
            let mut state = self.shared.state();
            state.take_away();
            state.work = None;
            self.shared.over.notify_all();
        }
    }

    /// Takes the line away, until it is written next.
    pub(crate) fn clear(&self) {
        self.apart(|| ());
    }

    /// Has something written where the line does not stand, and will not while that is done.
    pub(crate) fn apart<T>(&self, write: impl FnOnce() -> T) -> T {
        if !self.is_on {
            return write();
        }
        let mut state = self.shared.state();
        state.take_away();
        write()
    }
}

impl Shared {
    /// Nothing panics while it holds the state, and each change of it is one step.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Draws the line while the work goes on that was begun as the so manieth.
    fn tick(&self, begun: u64, is_coloured: bool) {
        let mut state = self.state();
        loop {
            let Some(work) = state.work.as_ref().filter(|_| state.begun == begun) else { return };
            let due = work.due();
            let left = due.saturating_duration_since(Instant::now());
            let waited = self.over.wait_timeout(state, left.max(Duration::from_millis(1)));
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
            if state.begun == begun {
                state.draw(Instant::now(), is_coloured);
            }
        }
    }
}

impl Work {
    /// When the line may be written next.
    fn due(&self) -> Instant {
        self.drawn.map_or(self.began + DELAY, |drawn| drawn + PAUSE)
    }
}

impl State {
    fn draw(&mut self, now: Instant, is_coloured: bool) {
        let Some(work) = self.work.as_mut().filter(|work| work.due() <= now) else { return };
        work.drawn = Some(now);
        // It may be made wider or narrower at any time. A line that fills its last column breaks on some.
        let columns = cargo_term::progress_width().or_else(width::of_stderr);
        let width = columns.map_or(UNKNOWN, |columns| columns.saturating_sub(1));
        let line = line(work.verb, work.progress, &work.asset, width.min(WIDEST));
        write(&if is_coloured { coloured(&line) } else { line });
        self.is_shown = true;
    }

    fn take_away(&mut self) {
        if std::mem::take(&mut self.is_shown) {
            write("");
        }
    }
}

/// `     Packing [=====>        ] 3/7: ui/atlas`, as cargo draws it, in at most `width` columns, so that
/// it never breaks into two lines, of which one would stay.
fn line(verb: &str, progress: Option<Progress>, asset: &str, width: usize) -> String {
    let text = match progress {
        // Nobody knows yet how much it is.
        None => format!("{verb:>VERB$} {asset}"),
        Some(progress) => {
            let bar = if width < WIDE { BARS.1 } else { BARS.0 };
            let (done, total) = (progress.done.min(progress.total), progress.total.max(1));
            let full = usize::try_from(done * bar as u64 / total).unwrap_or(bar);
            let bar = match bar.checked_sub(full + 1) {
                None => "=".repeat(bar),
                Some(rest) => format!("{}>{}", "=".repeat(full), " ".repeat(rest)),
            };
            format!("{verb:>VERB$} [{bar}] {done}/{}: {asset}", progress.total)
        }
    };
    let text = text.trim_end().trim_end_matches(':');
    if width::of_text(text) <= width {
        return text.to_owned();
    }
    let Some(room) = width.checked_sub(3) else { return String::new() };
    // By the whole, since a character may be wider or narrower beside another.
    let ends = text.char_indices().map(|(at, _)| at);
    let end = ends.take_while(|&end| width::of_text(&text[..end]) <= room).last().unwrap_or(0);
    format!("{}...", &text[..end])
}

/// With the verb in the colour that cargo has for what goes on.
fn coloured(line: &str) -> String {
    let (verb, rest) = line.split_at(line.char_indices().nth(VERB).map_or(line.len(), |(at, _)| at));
    let style = style::TRANSIENT;
    format!("{style}{verb}{style:#}{rest}")
}

/// Writes over the line. That nobody reads it is no reason to stop.
fn write(line: &str) {
    let mut err = io::stderr().lock();
    drop(write!(err, "\r\x1b[2K{line}").and_then(|()| err.flush()));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_shows_how_far_it_is_and_fits_into_a_terminal() {
        let at = |done, total| Some(Progress { done, total, unit: "assets" });
        assert_eq!(
            line("Packing", at(3, 8), "ui/atlas", WIDEST),
            "     Packing [=========>              ] 3/8: ui/atlas"
        );
        assert_eq!(line("Packing", at(8, 8), "b", WIDEST), "     Packing [========================] 8/8: b");
        assert!(line("Packing", at(0, 0), "", WIDEST).ends_with("0/0"));
        assert_eq!(line("Packing", None, "", WIDEST), "     Packing");
        assert_eq!(line("Packing", at(3, 8), "ui/atlas", 43), "     Packing [===>    ] 3/8: ui/atlas");
        assert_eq!(line("Packing", at(3, 8), "ui/atlas", 30), "     Packing [===>    ] 3/8...");
        let long = line("Packing", at(1, 8), &"é".repeat(200), WIDEST);
        assert_eq!((long.chars().count(), long.ends_with("é...")), (WIDEST, true));
        let wide = line("Packing", at(1, 8), &"界".repeat(200), WIDEST);
        assert!(wide.ends_with("界...") && width::of_text(&wide) > WIDEST - 2, "{wide}");
        for width in 0..90 {
            for asset in ["é", "e\u{301}", "界", "👩‍🚀", "a界"] {
                let line = line("Packing", at(1, 8), &asset.repeat(200), width);
                assert!(width::of_text(&line) <= width, "{width}: {line}");
            }
        }
    }

    #[test]
    fn the_verb_alone_has_a_colour() {
        let shown = coloured("     Packing [>       ] 1/8: é");
        assert!(shown.ends_with("m [>       ] 1/8: é") && shown.starts_with('\x1b'), "{shown:?}");
        assert!(coloured("   ").ends_with('m'));
    }

    #[test]
    fn the_line_waits_for_work_that_lasts_and_is_not_written_too_often() {
        let began = Instant::now();
        let mut work = Work { verb: "Packing", began, drawn: None, asset: String::new(), progress: None };
        assert_eq!(work.due() - began, DELAY);
        work.drawn = Some(began + DELAY);
        assert_eq!(work.due() - began, DELAY + PAUSE);
    }
}
