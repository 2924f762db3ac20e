//! How wide the terminals are behind the streams, where that can be told, and how wide a text is on them.

use std::io::{self, IsTerminal as _};

use unicode_width::UnicodeWidthStr as _;

/// How many characters a line on stdout may have; `None` where nothing breaks it.
pub(crate) fn of_stdout() -> Option<usize> {
    if io::stdout().is_terminal() { columns(&io::stdout()) } else { None }
}

/// How many characters a line on stderr may have; `None` where that cannot be told.
pub(crate) fn of_stderr() -> Option<usize> {
    columns(&io::stderr())
}

/// How many columns a text takes on a terminal: two for a wide character, none for a mark on another.
pub(crate) fn of_text(text: &str) -> usize {
    text.width()
}

#[cfg(unix)]
fn columns(stream: &impl std::os::fd::AsFd) -> Option<usize> {
    let size = rustix::termios::tcgetwinsize(stream).ok()?;
    // A terminal that nobody told its size says 0.
    (size.ws_col > 0).then_some(usize::from(size.ws_col))
}

#[cfg(not(unix))]
fn columns<S>(_: &S) -> Option<usize> {
    None
}
