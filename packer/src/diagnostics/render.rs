//! Diagnostics as text, drawn the way the compiler draws its own.
//!
//! One line of source with a caret, the place in a form that editors and terminals open, the next
//! step as `= help:`. Whatever people's files hold, a terminal gets no control character and no
//! change of writing direction from it: those are shown escaped. A long source line is trimmed
//! around the caret.
//!
//! Not here: where a finding stands ([`place`](super::place)); what is printed where (the edges).

mod source;

use std::collections::BTreeSet;

use annotate_snippets::renderer::Renderer;
use annotate_snippets::{Group, Level, Origin, Padding};

use self::source::{Line, sources};
use super::{Diagnostic, Severity};

/// How diagnostics are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// Whether to write the compiler's colours as ANSI sequences.
    pub color: bool,
    /// Columns of the terminal; longer source lines are trimmed around the caret.
    pub width: usize,
}

impl Default for Style {
    /// No colour, and the compiler's width where there is no terminal.
    fn default() -> Self {
        Self { color: false, width: annotate_snippets::renderer::DEFAULT_TERM_WIDTH }
    }
}

/// `diagnostic` as the compiler would draw it, without a line end after the last line.
///
/// The other places that it is about are drawn with it: in one piece of source where they are in the same
/// file, else below it with their own.
#[must_use]
pub fn render(diagnostic: &Diagnostic, style: &Style) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Info => Level::INFO,
    };
    let title = level.primary_title(visible(&diagnostic.message)).id(diagnostic.code.as_str());
    let mut group = Group::with_title(title);
    let help = diagnostic.help.as_deref().map(|help| Level::HELP.message(visible(help)));
    let file = diagnostic.file.as_deref().map(visible);
    let line = diagnostic.snippet.as_ref().and_then(Line::of);
    let mut drawn_column = None;
    let mut places = Vec::new();
    match (line, &file) {
        (Some(line), file) => {
            drawn_column = Some(line.column());
            let (first, rest) = sources(diagnostic, line, &mut places);
            group = group.element(first.path(file.as_deref())).elements(rest);
        }
        (None, Some(file)) => {
            let mut origin = Origin::path(file.as_str());
            if let (Some(line), column) = (diagnostic.line, diagnostic.column.unwrap_or(1)) {
                origin = origin.line(line as usize).char_column(column as usize);
            }
            group = group.element(origin);
            if help.is_some() {
                group = group.element(Padding);
            }
        }
        (None, None) => {}
    }
    group = group.elements(help);
    let renderer = if style.color { Renderer::styled() } else { Renderer::plain() };
    let drawn = renderer.term_width(style.width).render(&[group]);
    // The drawing leaves blanks at some line ends, which copies and golden texts would keep.
    // Without source the drawing has no gutter; the compiler's is one blank wide then.
    let gutter = if drawn_column.is_some() { "" } else { " " };
    let mut lines: Vec<String> = drawn.lines().map(|line| line.trim_end().to_owned()).collect();
    for line in lines.iter_mut().skip(1) {
        line.insert_str(0, gutter);
    }
    // The title is one line, since line ends in it are escaped; the place is the next. A column that
    // was counted in a piece of a long line is set right there.
    if let (Some(drawn), Some(line), Some(column), Some(place)) =
        (drawn_column, diagnostic.line, diagnostic.column, lines.get_mut(1))
        && drawn != column as usize
        && file.is_some()
    {
        *place = place.replacen(&format!(":{line}:{drawn}"), &format!(":{line}:{column}"), 1);
    }
    for (drawn, place) in places {
        if let Some(line) = lines.iter_mut().skip(1).find(|line| line.trim_start() == drawn) {
            *line = line.replacen(&drawn, &place, 1);
        }
    }
    lines.join("\n")
}

/// Several of them, with an empty line between two.
#[must_use]
pub fn render_all<'a>(diagnostics: impl IntoIterator<Item = &'a Diagnostic>, style: &Style) -> String {
    let drawn: Vec<String> = diagnostics.into_iter().map(|diagnostic| render(diagnostic, style)).collect();
    drawn.join("\n\n")
}

/// What they come to: "3 errors, 1 warning in 2 assets"; `None` when there is nothing.
#[must_use]
pub fn summary<'a>(diagnostics: impl IntoIterator<Item = &'a Diagnostic>) -> Option<String> {
    let (mut errors, mut warnings, mut notes) = (0, 0, 0);
    let mut roots = BTreeSet::new();
    for diagnostic in diagnostics {
        match diagnostic.severity {
            Severity::Error => errors += 1,
            Severity::Warning => warnings += 1,
            Severity::Info => notes += 1,
        }
        roots.extend(&diagnostic.asset_root);
    }
    let counts = [(errors, "error"), (warnings, "warning"), (notes, "note")];
    let counts: Vec<String> =
        counts.into_iter().filter(|(count, _)| *count > 0).map(|(count, what)| plural(count, what)).collect();
    if counts.is_empty() {
        return None;
    }
    let place =
        if roots.is_empty() { String::new() } else { format!(" in {}", plural(roots.len(), "asset")) };
    Some(format!("{}{place}", counts.join(", ")))
}

fn plural(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

/// Whether a terminal would obey `c` rather than show it: control characters, and those that turn
/// the direction of writing or break lines.
fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
        || matches!(c, '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// Words for a terminal: what it would obey is escaped as Rust spells it.
#[must_use]
pub fn visible(words: &str) -> String {
    if !words.contains(is_invisible) {
        return words.to_owned();
    }
    let mut shown = String::with_capacity(words.len() + 8);
    for c in words.chars() {
        if is_invisible(c) { shown.extend(c.escape_default()) } else { shown.push(c) }
    }
    shown
}

#[cfg(test)]
mod tests;
