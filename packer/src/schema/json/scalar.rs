//! The reader of [`json`](super): strings, numbers and words.

use std::ops::Range;

use super::parse::{Parser, is_quote, shown};
use super::{Kind, Node};

impl Parser<'_> {
    /// The string that begins here with any kind of quote; the result's kind is a string.
    pub(super) fn string(&mut self) -> Node {
        let start = self.at;
        let Some(quote) = self.peek() else { return Node { range: start..start, kind: Kind::Null } };
        self.at += quote.len_utf8();
        // Typographic quotes come in pairs, and in any mixture.
        let ends = |c: char| if quote.is_ascii() { c == quote } else { is_quote(c) && c != '\'' };
        let mut value = String::new();
        let mut control_seen = false;
        loop {
            let here = self.at;
            let Some(c) = self.peek() else {
                self.never_closed(start, &mut value);
                break;
            };
            if c == '\n' || self.text[here..].starts_with("\r\n") {
                self.never_closed(start, &mut value);
                break;
            }
            self.at += c.len_utf8();
            if ends(c) {
                if quote != '"' {
                    let help = "Write `\"` at both ends.";
                    self.report(start..self.at, "a string stands in plain double quotes", None, help);
                }
                break;
            }
            match c {
                '\\' => self.escape(here, &mut value),
                '\0'..='\u{1f}' => {
                    value.push(c);
                    if !control_seen {
                        control_seen = true;
                        let written =
                            if c == '\t' { "\\t".to_owned() } else { format!("\\u{:04x}", u32::from(c)) };
                        let message =
                            format!("a string holds the control character U+{:04X} as it is", u32::from(c));
                        self.report(
                            here..self.at,
                            message,
                            None,
                            format!("Write `{written}`, or remove it."),
                        );
                    }
                }
                _ => value.push(c),
            }
        }
        Node { range: start..self.at, kind: Kind::String(value) }
    }

    /// A string that meets the end of its line. When the next line goes on as a new member, value or
    /// bracket would, only the quote was forgotten; else nothing is certain any more.
    fn never_closed(&mut self, start: usize, value: &mut String) {
        let line = self.text[start..self.at].trim_end();
        let line = line.strip_suffix(',').unwrap_or(line).trim_end();
        let end = start + line.len();
        let help = "End it with `\"`; a line end inside a string is written `\\n`.";
        self.report(start..end.max(start + 1), "this string is never closed", None, help);
        let next = self.text[self.at..].trim_start().chars().next();
        if end > start + 1 && matches!(next, Some('"' | '}' | ']')) {
            let spare = self.text[end..self.at].len();
            value.truncate(value.len().saturating_sub(spare));
            self.at = end;
        } else {
            self.stop();
        }
    }

    /// What follows the `\` at `start`.
    fn escape(&mut self, start: usize, value: &mut String) {
        let Some(c) = self.peek().filter(|c| *c != '\n') else { return };
        self.at += c.len_utf8();
        match c {
            '"' | '\\' | '/' => value.push(c),
            'b' => value.push('\u{8}'),
            'f' => value.push('\u{c}'),
            'n' => value.push('\n'),
            'r' => value.push('\r'),
            't' => value.push('\t'),
            'u' => value.push(self.unicode_escape(start)),
            _ => {
                let message = format!("`\\{}` is no escape in JSON", shown(c));
                let help = "Write `\\\\` for a backslash; the parts of a path are separated by `/`.";
                self.report(start..self.at, message, None, help);
                value.push('\\');
                value.push(c);
            }
        }
    }

    fn unicode_escape(&mut self, start: usize) -> char {
        let Some(first) = self.four_digits() else {
            let help = "Write four of 0-9, a-f, as in `\\u00e9`.";
            self.report(start..self.at, "`\\u` is not followed by four hexadecimal digits", None, help);
            return char::REPLACEMENT_CHARACTER;
        };
        if let Some(c) = char::from_u32(first) {
            return c;
        }
        let after_first = self.at;
        if first < 0xdc00 && self.text[self.at..].starts_with("\\u") {
            self.at += 2;
            match self.four_digits() {
                Some(second @ 0xdc00..=0xdfff) => {
                    let scalar = 0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00);
                    return char::from_u32(scalar).expect("a pair of surrogates is a character");
                }
                _ => self.at = after_first,
            }
        }
        let message =
            format!("`\\u{first:04x}` is one half of a pair of surrogates, and the other is not here");
        let help = "Write the character itself, or both halves of the pair.";
        self.report(start..self.at, message, None, help);
        char::REPLACEMENT_CHARACTER
    }

    /// Four hexadecimal digits, or as many as there are passed over.
    fn four_digits(&mut self) -> Option<u32> {
        let rest = &self.text.as_bytes()[self.at..];
        let length = rest.iter().take(4).take_while(|byte| byte.is_ascii_hexdigit()).count();
        let digits = &self.text[self.at..self.at + length];
        self.at += length;
        if length == 4 { u32::from_str_radix(digits, 16).ok() } else { None }
    }

    /// The number that begins here with a digit, a sign or a point.
    pub(super) fn number(&mut self) -> Node {
        let range = self.word_range();
        let spelling = &self.text[range.clone()];
        // A path that begins like a number: `./heart.png`, `8x8/heart.png`.
        if self.text[range.end..].starts_with(['/', '\\']) && !self.at_comment() {
            return self.bare(range.start);
        }
        if is_number(spelling) {
            return Node { range, kind: Kind::Number(spelling.to_owned()) };
        }
        if matches!(spelling.trim_start_matches(['-', '+']), "NaN" | "nan" | "Infinity" | "inf") {
            self.no_such_number(range.clone());
            return Node { range, kind: Kind::Null };
        }
        let (message, repaired) = what_is_wrong(spelling);
        let message = format!("{message}: `{spelling}`");
        let (kind, help) = match repaired {
            Some(number) => (Kind::Number(number.clone()), format!("Write `{number}`.")),
            None => (Kind::Null, "Write a decimal number, or a string in double quotes.".to_owned()),
        };
        self.report(range.clone(), message, None, help);
        Node { range, kind }
    }

    /// `true`, `false`, `null`, or a word that stands where a value should.
    pub(super) fn word(&mut self) -> Node {
        let range = self.word_range();
        let word = &self.text[range.clone()];
        let kind = match word {
            "true" => Kind::Bool(true),
            "false" => Kind::Bool(false),
            "null" => Kind::Null,
            "True" | "TRUE" => self.spelt(&range, "true", Kind::Bool(true)),
            "False" | "FALSE" => self.spelt(&range, "false", Kind::Bool(false)),
            "Null" | "NULL" | "None" | "nil" | "undefined" => self.spelt(&range, "null", Kind::Null),
            "NaN" | "nan" | "Infinity" | "inf" => {
                self.no_such_number(range.clone());
                Kind::Null
            }
            _ if self.at_comment() => return self.unquoted(range),
            _ => return self.bare(range.start),
        };
        Node { range, kind }
    }

    fn spelt(&mut self, range: &Range<usize>, right: &str, kind: Kind) -> Kind {
        let message = format!("`{}` is spelt `{right}` in JSON", &self.text[range.clone()]);
        self.report(range.clone(), message, None, format!("Write `{right}`."));
        kind
    }

    fn no_such_number(&mut self, range: Range<usize>) {
        let message = format!("JSON has no number `{}`", &self.text[range.clone()]);
        self.report(range, message, None, "Write a finite decimal number.");
    }
}

/// The grammar of RFC 8259, section 6.
fn is_number(spelling: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let unsigned = spelling.strip_prefix('-').unwrap_or(spelling);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    digits(whole)
        && (whole == "0" || !whole.starts_with('0'))
        && fraction.is_none_or(digits)
        && exponent.is_none_or(|exponent| digits(exponent.strip_prefix(['+', '-']).unwrap_or(exponent)))
}

/// The rule that a number breaks, and its right spelling where that is plain.
fn what_is_wrong(spelling: &str) -> (&'static str, Option<String>) {
    let (sign, unsigned) = match spelling.as_bytes().first() {
        Some(b'-') => ("-", &spelling[1..]),
        Some(b'+') => ("", &spelling[1..]),
        _ => ("", spelling),
    };
    let hexadecimal = unsigned.strip_prefix("0x").or_else(|| unsigned.strip_prefix("0X"));
    if let Some(digits) = hexadecimal {
        let value = u64::from_str_radix(digits, 16).ok();
        return ("JSON has decimal numbers only", value.map(|value| format!("{sign}{value}")));
    }
    let plain: String = unsigned.chars().filter(|c| *c != '_').collect();
    let exponent = plain.find(['e', 'E']).unwrap_or(plain.len());
    let (mantissa, exponent) = plain.split_at(exponent);
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    let kept = whole.trim_start_matches('0');
    let kept = if kept.is_empty() { "0" } else { kept };
    let repaired = match fraction {
        Some(fraction) => {
            format!("{sign}{kept}.{}{exponent}", if fraction.is_empty() { "0" } else { fraction })
        }
        None => format!("{sign}{kept}{exponent}"),
    };
    let has_digits = mantissa.bytes().any(|byte| byte.is_ascii_digit());
    if !has_digits || !is_number(&repaired) {
        return ("this is no number", None);
    }
    let message = if plain.len() != unsigned.len() {
        "a number has no `_` in it"
    } else if spelling.starts_with('+') {
        "a number has no `+` in front of it"
    } else if whole.is_empty() {
        "a number has a digit before its point"
    } else if fraction == Some("") {
        "a number has a digit after its point"
    } else {
        "a number has no zero in front of it"
    };
    (message, Some(repaired))
}
