//! The piece of source that is drawn under a diagnostic: one line for each of its places, and what is near
//! between them.
//!
//! Of a long line only the neighbourhood of the place is drawn, since a whole file can stand on one line.

use std::collections::BTreeMap;
use std::ops::Range;

use annotate_snippets::{Annotation, AnnotationKind, Snippet as Source};

use super::super::{Diagnostic, Related, Snippet};
use super::{is_invisible, visible};
use crate::schema::{LineColumn, SourceText};

/// Characters of a source line that are drawn on either side of the place, at most: a whole file can
/// stand on one line.
const CONTEXT: usize = 200;

/// The source of a diagnostic with what it underlines: first that of its own file, then that of others.
/// `places` gets what stands over those as it is drawn and as it should be: a column that was counted in a
/// piece of a long line is another one.
pub(super) fn sources<'a>(
    diagnostic: &Diagnostic,
    line: Line,
    places: &mut Vec<(String, String)>,
) -> (Source<'a, Annotation<'a>>, Vec<Source<'a, Annotation<'a>>>) {
    let snippet = diagnostic.snippet.as_ref();
    let label = snippet.and_then(|snippet| snippet.label.as_deref()).map(visible);
    let mut piece = Piece::new(line, label);
    let mut others = Vec::new();
    for related in &diagnostic.related {
        let Some(other) = &related.snippet else { continue };
        let Some(line) = Line::of(other) else { continue };
        let words = visible(&related.message);
        if diagnostic.file.as_ref() == Some(&related.file) {
            match piece.take_in(line, words, other) {
                Ok(()) => {}
                Err((line, words)) => others.push((related, line, words)),
            }
        } else {
            others.push((related, line, words));
        }
    }
    let other = |(related, line, words): (&Related, Line, String)| {
        let file = visible(&related.file);
        if let Some(column) = related.column.filter(|column| *column as usize != line.column()) {
            let place = |column: usize| format!("::: {file}:{}:{column}", line.number);
            places.push((place(line.column()), place(column as usize)));
        }
        let annotation = AnnotationKind::Context.span(line.underlined).label(words);
        Source::source(line.text).line_start(line.number).path(file).annotation(annotation)
    };
    (piece.source(), others.into_iter().map(other).collect())
}

/// One piece of source with several places.
struct Piece {
    /// By number, the lines that have a place.
    lines: BTreeMap<usize, Line>,
    /// Line, bytes in it, words, and whether it is the diagnostic's own place.
    places: Vec<(usize, Range<usize>, Option<String>, AnnotationKind)>,
    /// The text that is between the lines.
    between: Option<SourceText>,
}

/// Lines between two places that are drawn as they are; of more there is a mark instead.
const NEAR: usize = 4;

/// Lines between two places of one piece at most: each is counted when it is drawn, and a registry may have
/// a hundred thousand of them, and as many findings.
const FAR: usize = 2_000;

impl Piece {
    fn new(line: Line, label: Option<String>) -> Self {
        let place = (line.number, line.underlined.clone(), label, AnnotationKind::Primary);
        Self { lines: BTreeMap::from([(line.number, line)]), places: vec![place], between: None }
    }

    /// Takes in a place of the same file; gives it back where it cannot be shown in this piece.
    fn take_in(&mut self, line: Line, words: String, snippet: &Snippet) -> Result<(), (Line, String)> {
        if self.lines.keys().all(|number| number.abs_diff(line.number) > FAR) {
            return Err((line, words));
        }
        let underlined = match self.lines.get(&line.number) {
            // A long line is drawn around one place; another one may be outside of that.
            Some(drawn) => match drawn.part(snippet) {
                Some(part) => part,
                None => return Err((line, words)),
            },
            None => line.underlined.clone(),
        };
        self.places.push((line.number, underlined, Some(words), AnnotationKind::Context));
        self.lines.entry(line.number).or_insert(line);
        self.between = Some(snippet.text.clone());
        Ok(())
    }

    fn source<'a>(self) -> Source<'a, Annotation<'a>> {
        let first = self.lines.keys().next().copied().unwrap_or(1);
        let mut text = String::new();
        let mut starts = BTreeMap::new();
        let mut last: Option<&Line> = None;
        for (number, line) in &self.lines {
            if let Some(last) = last {
                text.push('\n');
                // Far from any place nothing is drawn, and only the count of the lines matters.
                let whole = self.between.as_ref().filter(|_| number - last.number <= NEAR);
                let mut end = last.end;
                for _ in last.number + 1..*number {
                    if let Some(whole) = whole {
                        let ending = if whole.as_str()[end..].starts_with("\r\n") { 2 } else { 1 };
                        let near = whole.line_range(end + ending);
                        text.push_str(&drawable(first_of(&whole.as_str()[near.clone()])));
                        end = near.end;
                    }
                    text.push('\n');
                }
            }
            starts.insert(*number, text.len());
            text.push_str(&line.text);
            last = Some(line);
        }
        let annotation =
            |(number, range, words, kind): (usize, Range<usize>, Option<String>, AnnotationKind)| {
                let start = starts.get(&number).copied().unwrap_or(0);
                let annotation = kind.span(start + range.start..start + range.end);
                match words {
                    Some(words) => annotation.label(words),
                    None => annotation,
                }
            };
        let annotations: Vec<Annotation<'a>> = self.places.into_iter().map(annotation).collect();
        Source::source(text).line_start(first).annotations(annotations)
    }
}

/// The one line of a snippet that is drawn.
pub(super) struct Line {
    text: String,
    /// From 1.
    number: usize,
    /// Bytes of `text`.
    underlined: Range<usize>,
    /// The bytes of the whole text that are drawn, and where in `text` they begin.
    shown: Range<usize>,
    begins: usize,
    /// Where the line ends in the whole text.
    end: usize,
}

impl Line {
    /// `None` for an empty text, in which nothing can be pointed at.
    pub(super) fn of(snippet: &Snippet) -> Option<Self> {
        let whole = snippet.text.as_str();
        if whole.is_empty() {
            return None;
        }
        let LineColumn { line, .. } = snippet.text.line_column(snippet.range.start);
        let mut range = snippet.text.line_range(snippet.range.start);
        if whole[range.clone()].starts_with('\u{feff}') && range.start == 0 {
            // Editors show no byte-order mark, and count no column for it.
            range.start = '\u{feff}'.len_utf8();
        }
        let start = snippet.range.start.clamp(range.start, range.end);
        let end = snippet.range.end.clamp(start, range.end);
        let before = &whole[range.start..start];
        let skipped = before.char_indices().rev().nth(CONTEXT).map(|(at, c)| at + c.len_utf8());
        let mut text = String::new();
        if skipped.is_some() {
            text.push('…');
        }
        let begins = text.len();
        text.push_str(&drawable(&before[skipped.unwrap_or(0)..]));
        let underlined = text.len();
        text.push_str(&drawable(first_of(&whole[start..end])));
        let underlined = underlined..text.len();
        let mut shown_end = start + first_of(&whole[start..end]).len();
        if shown_end == end {
            let after = first_of(&whole[end..range.end]);
            text.push_str(&drawable(after));
            shown_end += after.len();
        }
        let shown = range.start + skipped.unwrap_or(0)..shown_end;
        Some(Self { text, number: line as usize, underlined, shown, begins, end: range.end })
    }

    /// Where the place is drawn, in characters from 1.
    pub(super) fn column(&self) -> usize {
        self.text[..self.underlined.start].chars().count() + 1
    }

    /// The bytes of the drawn text for another place of the same line, where they are drawn.
    fn part(&self, snippet: &Snippet) -> Option<Range<usize>> {
        let Range { start, end } = snippet.range;
        if start < self.shown.start || end > self.shown.end || start > end {
            return None;
        }
        let whole = snippet.text.as_str();
        let start_drawn = self.begins + drawable(&whole[self.shown.start..start]).len();
        Some(start_drawn..start_drawn + drawable(&whole[start..end]).len())
    }
}

/// As many characters of a line as are drawn at most.
fn first_of(part: &str) -> &str {
    part.char_indices().nth(CONTEXT).map_or(part, |(at, _)| &part[..at])
}

/// Source for drawing: one character for each, so that carets stand where they should. The drawing
/// has pictures of its own for ASCII's control characters, and widens tabs.
fn drawable(source: &str) -> String {
    source.chars().map(|c| if is_invisible(c) && !c.is_ascii() { '\u{fffd}' } else { c }).collect()
}
