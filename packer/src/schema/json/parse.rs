//! The reader of [`json`](super): arrays, objects, and what stands between values.
//!
//! A reader that cannot go on moves to the end of the text and says nothing more ([`Parser::stop`]),
//! so that every loop ends there and hands up what it has.

use std::collections::BTreeSet;
use std::ops::Range;

use super::{Kind, MAX_DEPTH, MAX_PROBLEMS, Member, Node, Parsed, Problem};

pub(super) struct Parser<'a> {
    pub(super) text: &'a str,
    /// The next byte to read.
    pub(super) at: usize,
    /// The closing brackets that are still to come, the outermost first.
    closers: Vec<char>,
    problems: Vec<Problem>,
    whole: bool,
    stopped: bool,
    /// One problem each speaks for all comments and all odd blanks of a text.
    comment_seen: bool,
    blank_seen: bool,
}

pub(super) fn read(text: &str) -> Parsed {
    let mut parser = Parser {
        text,
        at: 0,
        closers: Vec::new(),
        problems: Vec::new(),
        whole: true,
        stopped: false,
        comment_seen: false,
        blank_seen: false,
    };
    let root = parser.document();
    let Parser { mut problems, whole, .. } = parser;
    problems.sort_by_key(|problem| problem.range.start);
    Parsed { root, problems, whole }
}

impl Parser<'_> {
    fn document(&mut self) -> Option<Node> {
        if self.text.starts_with('\u{feff}') {
            self.at = '\u{feff}'.len_utf8();
            let help = "Save it as UTF-8 without a byte-order mark; editors also call that `UTF-8` in contrast to `UTF-8 with BOM`.";
            self.report(0..self.at, "this file begins with a byte-order mark", None, help);
        }
        self.skip_to_value();
        let root = self.value();
        if root.is_none() {
            self.unexpected("a value belongs here");
        }
        self.skip_space();
        if let Some(c) = self.peek() {
            let rest = self.text[self.at..].lines().next().map_or(0, |line| line.trim_end().len());
            let range = self.at..self.at + rest;
            if matches!(c, '}' | ']') {
                let message = format!("this `{c}` closes nothing");
                self.report(
                    self.at..self.at + 1,
                    message,
                    None,
                    "Remove it, or add the bracket that it should close.",
                );
            } else {
                let help = "A file holds one value: remove what follows, or move it inside the last bracket.";
                self.report(range, "there is more text after the end of the value", None, help);
            }
            self.stop();
        }
        root
    }

    /// The value that begins here, if one does.
    fn value(&mut self) -> Option<Node> {
        let c = self.peek()?;
        let node = match c {
            '{' => self.container('}'),
            '[' => self.container(']'),
            '-' | '+' | '.' | '0'..='9' => self.number(),
            _ if is_quote(c) => self.string(),
            _ if is_word_start(c) => self.word(),
            '#' => self.bare(self.at),
            _ => return None,
        };
        Some(node)
    }

    fn container(&mut self, closer: char) -> Node {
        let open = self.at;
        if self.closers.len() == MAX_DEPTH {
            let message = format!("values are nested deeper than {MAX_DEPTH}");
            self.report(
                open..open + 1,
                message,
                None,
                "Nest less: nothing that the packer reads is that deep.",
            );
            self.stop();
            return Node { range: open..open + 1, kind: Kind::Null };
        }
        self.at += 1;
        self.closers.push(closer);
        let kind = match closer {
            '}' => Kind::Object(self.members(open)),
            _ => Kind::Array(self.elements(open)),
        };
        self.closers.pop();
        Node { range: open..self.at, kind }
    }

    fn elements(&mut self, open: usize) -> Vec<Node> {
        let mut elements: Vec<Node> = Vec::new();
        let mut comma = None;
        loop {
            self.skip_to_value();
            if self.closes(open, ']', comma) {
                return elements;
            }
            let Some(element) = self.value() else {
                self.unexpected(if comma.is_none() && !elements.is_empty() {
                    "`,` or `]` belongs here"
                } else {
                    "a value belongs here"
                });
                continue;
            };
            self.separated(elements.last(), comma);
            elements.push(element);
            comma = self.comma("a value", [Self::at_color, Self::at_sharp_word]);
        }
    }

    fn members(&mut self, open: usize) -> Vec<Member> {
        let mut members: Vec<Member> = Vec::new();
        let mut comma = None;
        loop {
            self.skip_space();
            if self.closes(open, '}', comma) {
                break;
            }
            let Some((key, key_range)) = self.key() else {
                self.unexpected(if comma.is_none() && !members.is_empty() {
                    "`,` or `}` belongs here"
                } else {
                    "the name of a member belongs here, in double quotes"
                });
                continue;
            };
            self.separated(members.last().map(|member| &member.value), comma);
            self.skip_space();
            match self.peek() {
                Some(':') => self.at += 1,
                Some('=') => {
                    self.report(
                        self.at..self.at + 1,
                        "a name and its value are joined by `:`",
                        None,
                        "Write `:`.",
                    );
                    self.at += 1;
                }
                None | Some(',' | '}' | ']') => {}
                Some(_) => {
                    let end = key_range.end;
                    self.report(
                        end..end,
                        "a colon is missing after this name",
                        Some("`:` belongs here"),
                        "Add a `:`.",
                    );
                }
            }
            self.skip_to_value();
            let value = self.value().unwrap_or_else(|| {
                match self.peek() {
                    None | Some(',' | '}' | ']') => {
                        let message = format!("the member `{key}` has no value");
                        self.report(
                            key_range.clone(),
                            message,
                            None,
                            "Add `:` and its value, or remove the name.",
                        );
                    }
                    Some(_) => self.unexpected("a value belongs here"),
                }
                // The problem covers this range, so nobody complains about the `null`.
                Node { range: key_range.clone(), kind: Kind::Null }
            });
            members.push(Member { key, key_range, value });
            comma = self.comma("a member", [|_| false; 2]);
        }
        self.without_duplicates(members)
    }

    /// The comma after a value, if there is one; of several in a row, the last. `values` say whether a
    /// `#` before the comma, and one behind it, begins the next value.
    fn comma(&mut self, what: &str, values: [fn(&Self) -> bool; 2]) -> Option<usize> {
        let [before, behind] = values;
        let mut comma = None;
        self.skip_space_up_to(before);
        while self.peek() == Some(',') {
            if comma.is_some() {
                let message = format!("{what} is missing between two commas");
                self.report(self.at..self.at + 1, message, None, "Remove one of the commas.");
            }
            comma = Some(self.at);
            self.at += 1;
            self.skip_space_up_to(behind);
        }
        comma
    }

    /// Whether the container that began at `open` ends here, by its own bracket, by another, or with
    /// the text.
    fn closes(&mut self, open: usize, closer: char, comma: Option<usize>) -> bool {
        let opener = &self.text[open..=open];
        let here = self.at..self.at + 1;
        match self.peek() {
            Some(c) if c == closer => {
                if let Some(comma) = comma {
                    let help = format!("Remove it: in JSON no comma stands before `{closer}`.");
                    self.report(comma..comma + 1, "a comma follows the last value", None, help);
                }
                self.at += 1;
                true
            }
            Some(c @ ('}' | ']')) => {
                let message = format!("this `{c}` cannot close the `{opener}` of line {}", self.line(open));
                let outer = &self.closers[..self.closers.len() - 1];
                if outer.contains(&c) {
                    self.report(
                        here,
                        message,
                        None,
                        format!("Close the `{opener}` with `{closer}` before it."),
                    );
                } else {
                    self.report(here, message, None, format!("Write `{closer}`."));
                    self.at += 1;
                }
                self.whole = false;
                true
            }
            Some(_) => false,
            None => {
                let missing: String = self.closers.iter().rev().collect();
                let message = match self.closers.len() {
                    1 => format!("this `{opener}` is never closed"),
                    2 => format!("this `{opener}` and the bracket around it are never closed"),
                    n => format!("this `{opener}` and the {} brackets around it are never closed", n - 1),
                };
                let help = format!("Add `{missing}` at the end, or what is missing of it where it belongs.");
                self.report(open..open + 1, message, None, help);
                self.stop();
                true
            }
        }
    }

    /// Says so when no comma separates the next value from `previous`.
    fn separated(&mut self, previous: Option<&Node>, comma: Option<usize>) {
        let (Some(previous), None) = (previous, comma) else { return };
        let end = previous.range.end;
        let label = Some("`,` belongs here");
        self.report(end..end, "a comma is missing after this value", label, "Add a `,` between the two.");
    }

    fn key(&mut self) -> Option<(String, Range<usize>)> {
        let c = self.peek()?;
        if is_quote(c) {
            let node = self.string();
            let Kind::String(key) = node.kind else { return None };
            return Some((key, node.range));
        }
        if !is_word_start(c) {
            return None;
        }
        let range = self.word_range();
        let key = self.text[range.clone()].to_owned();
        let help = format!("Write `\"{key}\"`.");
        self.report(range.clone(), "the name of a member stands in double quotes", None, help);
        Some((key, range))
    }

    fn without_duplicates(&mut self, members: Vec<Member>) -> Vec<Member> {
        let mut order: Vec<&Member> = members.iter().collect();
        order.sort_by(|a, b| a.key.cmp(&b.key));
        let twice: Vec<(String, Range<usize>, usize)> = order
            .chunk_by(|a, b| a.key == b.key)
            .flat_map(|same| same.iter().skip(1).map(|member| (same[0], *member)))
            .map(|(first, again)| (again.key.clone(), again.key_range.clone(), first.key_range.start))
            .collect();
        if twice.is_empty() {
            return members;
        }
        let dropped: BTreeSet<usize> = twice.iter().map(|(_, range, _)| range.start).collect();
        for (key, range, first) in twice {
            let help = format!("Remove one of the two; the first is on line {}.", self.line(first));
            self.report(range, format!("the member `{key}` is here twice"), None, help);
        }
        members.into_iter().filter(|member| !dropped.contains(&member.key_range.start)).collect()
    }

    fn skip_space(&mut self) {
        self.skip_space_up_to(|_| false);
    }

    /// Skips to where a value should stand: there a `#` may begin one that lacks its quotes.
    fn skip_to_value(&mut self) {
        self.skip_space_up_to(Self::at_sharp_word);
    }

    /// Skips blanks and comments, but for a `#` that is no comment by `is_value`.
    fn skip_space_up_to(&mut self, is_value: fn(&Self) -> bool) {
        while let Some(c) = self.peek() {
            let start = self.at;
            match c {
                ' ' | '\t' | '\n' | '\r' => self.at += 1,
                '#' if is_value(self) => return,
                '#' => self.comment("\n"),
                '/' if self.text[start..].starts_with("//") => self.comment("\n"),
                '/' if self.text[start..].starts_with("/*") => self.comment("*/"),
                _ if c.is_whitespace() || matches!(c, '\u{feff}' | '\u{200b}') => {
                    self.at += c.len_utf8();
                    if !self.blank_seen {
                        self.blank_seen = true;
                        let message = format!("this blank is U+{:04X}, not a space", u32::from(c));
                        let help = "Replace it, and others like it, by plain spaces.";
                        self.report(start..self.at, message, None, help);
                    }
                }
                _ => return,
            }
        }
    }

    fn comment(&mut self, end: &str) {
        let start = self.at;
        let first_line = start..start + self.text[start..].lines().next().map_or(1, str::len);
        let Some(length) = self.text[start..].find(end) else {
            if end == "*/" {
                self.report(
                    start..start + 2,
                    "this comment is never closed",
                    None,
                    "JSON has no comments: remove it.",
                );
                self.stop();
            } else {
                self.at = self.text.len();
                self.say_comment(first_line);
            }
            return;
        };
        self.at = start + length + end.len();
        self.say_comment(first_line.start..first_line.end.min(self.at));
    }

    fn say_comment(&mut self, range: Range<usize>) {
        if !self.comment_seen {
            self.comment_seen = true;
            self.report(range, "JSON has no comments", None, "Remove this one, and others in this file.");
        }
    }

    /// The character that cannot stand here, after which nothing can be read.
    fn unexpected(&mut self, belongs: &'static str) {
        let (range, message) = match self.peek() {
            Some(c) => (self.at..self.at + c.len_utf8(), format!("`{}` cannot stand here", shown(c))),
            None => (self.at..self.at, "the text ends too early".to_owned()),
        };
        self.report(
            range,
            message,
            Some(belongs),
            "Correct it; the rest of the file is read when this is right.",
        );
        self.stop();
    }

    pub(super) fn report(
        &mut self,
        range: Range<usize>,
        message: impl Into<String>,
        label: Option<&'static str>,
        help: impl Into<String>,
    ) {
        if self.stopped {
            return;
        }
        if self.problems.len() == MAX_PROBLEMS {
            self.stop();
            return;
        }
        self.problems.push(Problem { range, message: message.into(), label, help: help.into() });
    }

    /// Reads no further, and keeps silent.
    pub(super) fn stop(&mut self) {
        self.at = self.text.len();
        self.stopped = true;
        self.whole = false;
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    fn line(&self, offset: usize) -> usize {
        self.text[..offset].bytes().filter(|byte| *byte == b'\n').count() + 1
    }

    /// The word that begins here, which is passed over.
    pub(super) fn word_range(&mut self) -> Range<usize> {
        let rest = &self.text[self.at..];
        let in_word = |c: char| is_word_start(c) || c.is_alphanumeric() || matches!(c, '-' | '+' | '.');
        let length = rest.find(|c| !in_word(c)).unwrap_or(rest.len());
        let range = self.at..self.at + length;
        self.at = range.end;
        range
    }
}

/// A character for a message: itself, or an escape of what has no picture.
pub(super) fn shown(c: char) -> String {
    if c.is_control() { c.escape_debug().to_string() } else { c.to_string() }
}

pub(super) fn is_quote(c: char) -> bool {
    matches!(c, '"' | '\'' | '\u{2018}' | '\u{2019}' | '\u{201c}' | '\u{201d}')
}

fn is_word_start(c: char) -> bool {
    c.is_alphabetic() || matches!(c, '_' | '$')
}
