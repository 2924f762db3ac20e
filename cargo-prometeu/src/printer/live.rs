//! A line on stderr that is written anew while an operation goes on, where a person looks on.
//!
//! On a terminal only, and not when somebody asked for each step or for quiet: what is no terminal gets
//! none of it. Any other event takes the line away before it is told, so nothing is written into it; who
//! prints something else calls [`Live::clear`] first.

use std::io::{self, IsTerminal as _, Write as _};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use prometeu_packer::diagnostics::render::visible;
use prometeu_packer::event::{Event, EventKind, EventSink, Progress};

use super::{Printer, width};
use crate::shell::Verbosity;

/// How often the line is written at most, but for the last step.
const PAUSE: Duration = Duration::from_millis(50);

/// What the line is wide at most, also on a wide terminal.
const WIDEST: usize = 78;

/// What it is wide where nobody knows how wide the terminal is: few are narrower.
const UNKNOWN: usize = 40;

/// How many characters the bar has; the second where the line is narrow.
const BARS: (usize, usize) = (24, 8);

/// From which width on the line has room for the longer bar.
const WIDE: usize = 60;

/// The line; clones share it.
#[derive(Debug, Clone)]
pub(crate) struct Live {
    events: Arc<dyn EventSink>,
    is_on: bool,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    verb: &'static str,
    /// The asset that the last event with one was about.
    asset: String,
    shown: Option<Instant>,
}

impl Live {
    /// One for a printer, to which all events go as well.
    pub(crate) fn new(printer: &Printer) -> Self {
        let is_on = printer.for_people()
            && printer.shell().verbosity() == Verbosity::Normal
            && io::stderr().is_terminal()
            && std::env::var_os("TERM").is_none_or(|terminal| terminal != "dumb");
        Self { events: printer.events(), is_on, state: Arc::default() }
    }

    /// What the steps from now on are called: `Packing`.
    pub(crate) fn begin(&self, verb: &'static str) {
        self.clear();
        self.with(|state| state.verb = verb);
    }

    /// Takes the line away.
    pub(crate) fn clear(&self) {
        self.with(|state| {
            if state.shown.take().is_some() {
                write("");
            }
        });
    }

    fn with<T>(&self, work: impl FnOnce(&mut State) -> T) -> T {
        work(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn step(&self, event: &Event, progress: Progress) {
        self.with(|state| {
            if let Some(asset) = event.affected_assets.first() {
                state.asset = visible(asset.root.as_str());
            }
            let is_last = progress.done == progress.total;
            if !is_last && state.shown.is_some_and(|shown| shown.elapsed() < PAUSE) {
                return;
            }
            // It may be made wider or narrower at any time. A line that fills its last column breaks on some.
            let width = width::of_stderr().map_or(UNKNOWN, |columns| columns.saturating_sub(1));
            write(&line(state.verb, progress, &state.asset, width.min(WIDEST)));
            state.shown = Some(Instant::now());
        });
    }
}

impl EventSink for Live {
    fn take(&self, event: &Event) {
        match (&event.kind, event.progress) {
            _ if !self.is_on => {}
            (EventKind::ProgressUpdated, Some(progress)) => return self.step(event, progress),
            (EventKind::CacheHit { .. } | EventKind::CacheMiss { .. }, _) => {
                // The step that it belongs to comes next, and these lines are for those who asked.
                let asset = event.affected_assets.first().map(|asset| visible(asset.root.as_str()));
                return self.with(|state| state.asset = asset.unwrap_or_default());
            }
            _ => self.clear(),
        }
        self.events.take(event);
    }
}

/// `     Packing [=====>        ] 3/7: ui/atlas`, as cargo draws it, in at most `width` characters, so that
/// it never breaks into two lines, of which one would stay.
fn line(verb: &str, progress: Progress, asset: &str, width: usize) -> String {
    let bar = if width < WIDE { BARS.1 } else { BARS.0 };
    let (done, total) = (progress.done.min(progress.total), progress.total.max(1));
    let full = usize::try_from(done * bar as u64 / total).unwrap_or(bar);
    let bar = match bar.checked_sub(full + 1) {
        None => "=".repeat(bar),
        Some(rest) => format!("{}>{}", "=".repeat(full), " ".repeat(rest)),
    };
    let text = format!("{verb:>12} [{bar}] {done}/{}: {asset}", progress.total);
    match text.char_indices().nth(width) {
        None => text,
        Some(_) if width < 3 => String::new(),
        Some(_) => text.chars().take(width - 3).chain("...".chars()).collect(),
    }
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
        let at = |done, total| Progress { done, total, unit: "assets" };
        assert_eq!(
            line("Packing", at(3, 8), "ui/atlas", WIDEST),
            "     Packing [=========>              ] 3/8: ui/atlas"
        );
        assert_eq!(line("Packing", at(8, 8), "b", WIDEST), "     Packing [========================] 8/8: b");
        assert!(line("Packing", at(0, 0), "", WIDEST).ends_with("0/0: "));
        assert_eq!(line("Packing", at(3, 8), "ui/atlas", 43), "     Packing [===>    ] 3/8: ui/atlas");
        assert_eq!(line("Packing", at(3, 8), "ui/atlas", 30), "     Packing [===>    ] 3/8...");
        let long = line("Packing", at(1, 8), &"é".repeat(200), WIDEST);
        assert_eq!((long.chars().count(), long.ends_with("é...")), (WIDEST, true));
        for width in 0..90 {
            assert!(line("Packing", at(1, 8), &"é".repeat(200), width).chars().count() <= width);
        }
    }
}
