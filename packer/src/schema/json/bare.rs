//! The reader of [`json`](super): words that stand where a value should, without their quotes.
//!
//! Paths and colours are the ones that people write. A `#` begins a colour here and a comment in
//! other languages; what it is follows from its place and from what comes behind it.

use std::ops::Range;

use super::parse::{Parser, is_quote};
use super::{Kind, Node, quote};

impl Parser<'_> {
    /// The word that begins at `start` and lacks its quotes, whatever characters it has.
    pub(super) fn bare(&mut self, start: usize) -> Node {
        let rest = &self.text[start..];
        let mut length = bare_length(rest);
        // What separates values elsewhere does so here as well.
        length = rest[..length].find(';').unwrap_or(length);
        length = rest[..length].strip_suffix(':').map_or(length, str::len);
        self.at = start + length;
        self.unquoted(start..self.at)
    }

    /// Says of the word at `range` that it lacks its quotes, and takes it for the string.
    pub(super) fn unquoted(&mut self, range: Range<usize>) -> Node {
        let spelling = &self.text[range.clone()];
        let word = spelling.strip_suffix('"').unwrap_or(spelling).to_owned();
        let message = match is_color(spelling) {
            true => "a colour stands in double quotes",
            false => "a string stands in double quotes",
        };
        self.report(range.clone(), message, None, format!("Write `{}`.", quote(&word)));
        Node { range, kind: Kind::String(word) }
    }

    /// Whether a comment of another language begins here.
    pub(super) fn at_comment(&self) -> bool {
        let rest = &self.text[self.at..];
        rest.starts_with("//") || rest.starts_with("/*")
    }

    /// Whether a colour begins here, `#` and six digits, without its quotes.
    pub(super) fn at_color(&self) -> bool {
        let rest = &self.text[self.at..];
        is_color(&rest[..bare_length(rest)])
    }

    /// Whether the `#` here begins a value without its quotes, and not a comment: a colour, or a word
    /// that ends its value, where it does not begin its line as comments do.
    pub(super) fn at_sharp_word(&self) -> bool {
        let rest = &self.text[self.at..];
        let length = bare_length(rest);
        if length < 2 || self.at_color() {
            return length >= 2;
        }
        match rest[length..].trim_start_matches([' ', '\t', '\r']).chars().next() {
            Some(',' | ']' | '}') => true,
            None | Some('\n') => {
                let line = self.text[..self.at].rsplit('\n').next().unwrap_or_default();
                !line.trim().is_empty()
            }
            Some(_) => false,
        }
    }
}

/// Bytes of the word that begins `text` and should have stood in quotes: up to the next bracket,
/// comma or blank, and with a closing quote when that alone is there.
fn bare_length(text: &str) -> usize {
    let ends = |c: char| matches!(c, ',' | '[' | ']' | '{' | '}') || c.is_whitespace();
    let length = text.find(|c| ends(c) || is_quote(c)).unwrap_or(text.len());
    match text[length..].strip_prefix('"') {
        Some(rest) if length > 0 && rest.chars().next().is_none_or(ends) => length + 1,
        _ => length,
    }
}

/// `#` and six or eight hexadecimal digits, with or without a closing quote.
fn is_color(word: &str) -> bool {
    let digits = word.strip_suffix('"').unwrap_or(word).strip_prefix('#');
    digits.is_some_and(|digits| {
        matches!(digits.len(), 6 | 8) && digits.bytes().all(|digit| digit.is_ascii_hexdigit())
    })
}
