//! A terminal as a screen: two pixels a character, drawn with `▀` in two colours.
//!
//! The picture is made as large as the terminal allows: one pixel a pixel where there is room,
//! otherwise each as the mean of a small square, and where that would be a blur, a part of the
//! garden around Wick. Only characters that changed are sent. The terminal is given back as it was
//! when [`Screen`] is dropped and when the game panics; a signal that kills at once is beyond this
//! file, and `reset` cures what it leaves.

use std::fmt::Write as _;
use std::io::{self, IsTerminal, Write};
use std::panic;
use std::sync::atomic::{AtomicBool, Ordering};

use crossterm::event::{KeyboardEnhancementFlags, PopKeyboardEnhancementFlags, PushKeyboardEnhancementFlags};
use crossterm::terminal::{
    self, BeginSynchronizedUpdate, DisableLineWrap, EnableLineWrap, EndSynchronizedUpdate,
    EnterAlternateScreen, LeaveAlternateScreen,
};
use crossterm::{cursor, execute};

use crate::art::Rgb;
use crate::canvas::{Canvas, HEIGHT, WIDTH};

/// Whether the terminal is this game's and must be given back.
static TAKEN: AtomicBool = AtomicBool::new(false);

/// The smallest part of the garden that is shown rather than a blur of more, in pixels.
const PART: (usize, usize) = (150, 84);

/// Whether this process has a terminal to play in, by the usual signs.
pub(crate) fn is_there() -> bool {
    let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    let plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    io::stdout().is_terminal() && io::stdin().is_terminal() && !dumb && !plain
}

/// How much of the garden a terminal shows, and how closely.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Fit {
    /// The canvas to paint, in pixels.
    pub(crate) canvas: (usize, usize),
    /// Each shown pixel is the mean of a square of so many.
    pub(crate) shrink: usize,
    /// Free characters to the left and above.
    margin: (usize, usize),
}

impl Fit {
    /// For a terminal of so many columns and rows, the last of which is for words.
    pub(crate) fn new(columns: usize, rows: usize) -> Self {
        let room = (columns.max(1), rows.saturating_sub(1).max(1) * 2);
        let enough = |shrink: &usize| room.0 * shrink >= PART.0 && room.1 * shrink >= PART.1;
        let shrink = (1..=3).find(enough).unwrap_or(3);
        // Whole squares only, and an even number of rows of them.
        let canvas = ((room.0 * shrink).min(WIDTH), (room.1 * shrink).min(HEIGHT));
        let shown = (canvas.0 / shrink, canvas.1 / shrink / 2 * 2);
        let margin = ((room.0 - shown.0) / 2, (room.1 - shown.1) / 4);
        Self { canvas: (shown.0 * shrink, shown.1 * shrink), shrink, margin }
    }
}

/// What stands in one character of the terminal.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Cell {
    upper: Rgb,
    lower: Rgb,
}

/// The terminal while the game has it.
pub(crate) struct Screen {
    before: Vec<Option<Cell>>,
    columns: usize,
    words: String,
    depth: Depth,
    /// Whether the terminal says when a key is let go.
    pub(crate) tells_releases: bool,
}

/// How many colours the terminal has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Depth {
    /// 24 bit.
    True,
    /// The 216 of the colour cube.
    Cube,
}

impl Screen {
    /// Takes the terminal.
    pub(crate) fn open() -> io::Result<Self> {
        let usual = panic::take_hook();
        panic::set_hook(Box::new(move |what| {
            give_back();
            usual(what);
        }));
        terminal::enable_raw_mode()?;
        TAKEN.store(true, Ordering::Relaxed);
        // From here on, dropping gives the terminal back, also when one of these lines fails.
        let mut screen = Self {
            before: Vec::new(),
            columns: 0,
            words: String::new(),
            depth: depth(std::env::var("COLORTERM").ok().as_deref(), cfg!(windows)),
            tells_releases: false,
        };
        execute!(io::stdout(), EnterAlternateScreen, cursor::Hide, DisableLineWrap)?;
        if terminal::supports_keyboard_enhancement().unwrap_or(false) {
            let flags = KeyboardEnhancementFlags::DISAMBIGUATE_ESCAPE_CODES
                | KeyboardEnhancementFlags::REPORT_EVENT_TYPES;
            execute!(io::stdout(), PushKeyboardEnhancementFlags(flags))?;
            screen.tells_releases = true;
        }
        screen.tells_releases |= cfg!(windows);
        Ok(screen)
    }

    /// What fits into the terminal as it is now.
    pub(crate) fn fit(&mut self) -> io::Result<Fit> {
        let (columns, rows) = terminal::size()?;
        let (columns, rows) = (usize::from(columns), usize::from(rows));
        if self.columns != columns || self.before.len() != columns * rows {
            self.columns = columns;
            self.before = vec![None; columns * rows];
            self.words.clear();
            execute!(io::stdout(), terminal::Clear(terminal::ClearType::All))?;
        }
        Ok(Fit::new(columns, rows))
    }

    /// Shows a canvas that was painted for `fit`, and words on the last row.
    pub(crate) fn show(&mut self, canvas: &Canvas, fit: Fit, words: &str) -> io::Result<()> {
        let mut out = String::new();
        let (mut last, mut pen) = (None, None);
        let rows = fit.canvas.1 / fit.shrink / 2;
        for row in 0..rows {
            for column in 0..fit.canvas.0 / fit.shrink {
                let cell = Cell {
                    upper: mean(canvas, column, row * 2, fit.shrink),
                    lower: mean(canvas, column, row * 2 + 1, fit.shrink),
                };
                let (x, y) = (column + fit.margin.0, row + fit.margin.1);
                let Some(before) = self.before.get_mut(y * self.columns + x) else { continue };
                if before.replace(cell) == Some(cell) {
                    continue;
                }
                if last != Some((x, y)) {
                    let _ = write!(out, "\x1b[{};{}H", y + 1, x + 1);
                }
                if pen != Some(cell) {
                    self.depth.paint(&mut out, cell);
                    pen = Some(cell);
                }
                out.push('▀');
                last = Some((x + 1, y));
            }
        }
        if self.words != words {
            let row = self.before.len() / self.columns.max(1);
            let words_that_fit: String = words.chars().take(self.columns).collect();
            let _ = write!(out, "\x1b[0m\x1b[{row};1H\x1b[2K{words_that_fit}");
            words.clone_into(&mut self.words);
        }
        let mut terminal = io::stdout().lock();
        execute!(terminal, BeginSynchronizedUpdate)?;
        terminal.write_all(out.as_bytes())?;
        execute!(terminal, EndSynchronizedUpdate)
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        give_back();
    }
}

/// Undoes all that [`Screen::open`] does, once: leaving the other screen a second time would put the
/// cursor back over what a panic has said meanwhile.
fn give_back() {
    if !TAKEN.swap(false, Ordering::Relaxed) {
        return;
    }
    // Nothing can be done about a terminal that is gone. The first is apart because consoles of
    // Windows refuse it, and the rest must happen all the same.
    let _ = execute!(io::stdout(), PopKeyboardEnhancementFlags);
    let _ = execute!(io::stdout(), EnableLineWrap, cursor::Show, LeaveAlternateScreen);
    let _ = terminal::disable_raw_mode();
}

impl Depth {
    fn paint(self, out: &mut String, Cell { upper, lower }: Cell) {
        let _ = match self {
            Self::True => {
                let ([r, g, b], [s, h, c]) = (upper, lower);
                write!(out, "\x1b[38;2;{r};{g};{b};48;2;{s};{h};{c}m")
            }
            Self::Cube => write!(out, "\x1b[38;5;{};48;5;{}m", cube(upper), cube(lower)),
        };
    }
}

/// How many colours a terminal has that calls itself so.
fn depth(colorterm: Option<&str>, windows: bool) -> Depth {
    let says_true = matches!(colorterm, Some("truecolor" | "24bit"));
    if says_true || windows { Depth::True } else { Depth::Cube }
}

/// The nearest colour of the cube, whose sides stand at 0, 95, 135, 175, 215 and 255.
fn cube(colour: Rgb) -> u16 {
    let [r, g, b] = colour.map(|part| match part {
        0..48 => 0,
        48..115 => 1,
        115..155 => 2,
        155..195 => 3,
        195..235 => 4,
        235.. => 5,
    });
    16 + 36 * r + 6 * g + b
}

/// The mean of a square of the canvas.
fn mean(canvas: &Canvas, column: usize, row: usize, shrink: usize) -> Rgb {
    if shrink == 1 {
        return canvas.get(column, row);
    }
    let mut sum = [0_usize; 3];
    for n in 0..shrink * shrink {
        let pixel = canvas.get(column * shrink + n % shrink, row * shrink + n / shrink);
        for (sum, part) in sum.iter_mut().zip(pixel) {
            *sum += usize::from(part);
        }
    }
    sum.map(|sum| u8::try_from(sum / (shrink * shrink)).unwrap_or(u8::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_large_terminal_shows_the_whole_screen_in_its_middle() {
        let fit = Fit::new(400, 121);
        assert_eq!(fit, Fit { canvas: (320, 180), shrink: 1, margin: (40, 15) });
    }

    #[test]
    fn a_usual_terminal_shows_a_part_of_the_garden() {
        assert_eq!(Fit::new(80, 24), Fit { canvas: (160, 92), shrink: 2, margin: (0, 0) });
        assert_eq!(Fit::new(200, 50), Fit { canvas: (200, 98), shrink: 1, margin: (0, 0) });
    }

    #[test]
    fn what_is_shown_fits_any_terminal() {
        for columns in 0..420 {
            for rows in 0..130 {
                let fit = Fit::new(columns, rows);
                let (wide, high) = (fit.canvas.0 / fit.shrink, fit.canvas.1 / fit.shrink);
                assert!(wide + fit.margin.0 <= columns.max(1), "{columns} x {rows}: {fit:?}");
                assert!(
                    high / 2 + fit.margin.1 <= rows.saturating_sub(1).max(1),
                    "{columns} x {rows}: {fit:?}"
                );
            }
        }
    }

    #[test]
    fn colours_become_their_nearest_in_the_cube() {
        assert_eq!(cube([0, 0, 0]), 16);
        assert_eq!(cube([255, 255, 255]), 231);
        assert_eq!(cube([95, 135, 175]), 67);
        assert_eq!(depth(Some("truecolor"), false), Depth::True);
        assert_eq!(depth(None, false), Depth::Cube);
    }
}
