//! A text file as it was read: its words and its lines.
//!
//! [`SourceText::read`] turns the bytes of a file into a text, or says in words why they are none:
//! too many, empty, not UTF-8, the pointer of a large-file store, or a merge that nobody resolved.
//! Whatever it finds, it also yields a text in which the finding can be shown.
//!
//! Not here: JSON. A UTF-8 byte-order mark is for [`json`](super::json), which can read on after it.

use std::ops::Range;
use std::sync::Arc;

use crate::diagnostics::{Anchor, Code, Finding};

/// The text of a declaration or a registry. Cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceText {
    words: Arc<str>,
    /// Where the bytes at [`STEP`], 2 × [`STEP`], … stand, so that a place is found without reading
    /// all that is before it: a text of 1 MiB may hold a finding at every twentieth byte.
    marks: Arc<[LineColumn]>,
}

/// Bytes from one mark of a [`SourceText`] to the next.
const STEP: usize = 4_096;

/// A place as editors count it: both from 1, columns in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct LineColumn {
    /// From 1.
    pub line: u32,
    /// From 1, in Unicode scalar values.
    pub column: u32,
}

/// Which of the two written formats a text should be; the codes of what is wrong follow from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Document {
    /// `asset.json`
    Declaration,
    /// `index.json`
    Registry,
}

/// Bytes that are no text to read JSON from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable {
    /// What can be shown of them: with U+FFFD where they are not UTF-8, empty when they are too many.
    pub text: SourceText,
    /// Why; its anchor are bytes of `text`.
    pub finding: Finding,
}

impl Document {
    /// The code of a text that is not what it should be.
    #[must_use]
    pub const fn invalid(self) -> Code {
        match self {
            Self::Declaration => Code::DeclarationInvalid,
            Self::Registry => Code::RegistryInvalid,
        }
    }

    /// The most bytes of such a text: 1 MiB for a declaration, 16 MiB for the registry of all assets.
    #[must_use]
    pub const fn limit(self) -> usize {
        match self {
            Self::Declaration => 1 << 20,
            Self::Registry => 16 << 20,
        }
    }

    const fn conflict_markers(self) -> Code {
        match self {
            Self::Declaration => Code::DeclarationInvalid,
            Self::Registry => Code::RegistryConflictMarkers,
        }
    }

    const fn how_to_start_over(self) -> &'static str {
        match self {
            Self::Declaration => {
                "restore it from version control, or write a declaration that begins with `{ \"schema_version\": 1,`"
            }
            Self::Registry => "restore `assets/.prometeu/index.json` from version control",
        }
    }
}

impl SourceText {
    /// The most bytes that any document may have, the registry's: 16 MiB, which hold some 80,000 assets.
    /// To read one byte more is enough to know that a file is too large.
    pub const LIMIT: usize = Document::Registry.limit();

    /// A text that is already one.
    #[must_use]
    pub fn new(text: impl Into<Arc<str>>) -> Self {
        let words = text.into();
        let (mut at, mut from) = (LineColumn { line: 1, column: 1 }, 0);
        let offsets = (STEP..words.len()).step_by(STEP).map(|offset| floor_char_boundary(&words, offset));
        let marks = offsets.map(|offset| {
            at = at.after(&words[from..offset]);
            from = offset;
            at
        });
        let marks = marks.collect();
        Self { words, marks }
    }

    /// The text that `bytes` spell.
    ///
    /// # Errors
    ///
    /// [`Unreadable`] for more than [`Document::limit`] bytes, an empty file, the pointer of a
    /// large-file store, UTF-16, bytes that are not UTF-8, and conflict markers of a merge.
    pub fn read(bytes: Vec<u8>, document: Document) -> Result<Self, Box<Unreadable>> {
        let invalid = |anchor, message: String| Finding::new(document.invalid(), anchor, message);
        let unreadable = |text: Self, finding| Err(Box::new(Unreadable { text, finding }));
        if bytes.len() > document.limit() {
            let message = format!("this file is larger than {} MiB", document.limit() >> 20);
            let finding = invalid(Anchor::File, message)
                .help("Keep data in input files; a declaration or registry of this size is not read.");
            return unreadable(Self::new(""), finding);
        }
        if bytes.iter().all(|byte| *byte == 0) && !bytes.is_empty() {
            let finding = invalid(
                Anchor::File,
                "this file holds nothing but zero bytes, as a crash of the machine can leave it".to_owned(),
            )
            .help(sentence(document.how_to_start_over()));
            return unreadable(Self::new(""), finding);
        }
        if let Some(text) = utf16(&bytes) {
            let finding = invalid(Anchor::Bytes(0..0), "this file is UTF-16 text, not UTF-8".to_owned())
                .help("Save it as UTF-8, without a byte-order mark.");
            return unreadable(Self::new(text), finding);
        }
        let text = match String::from_utf8(bytes) {
            Ok(text) => Self::new(text),
            Err(error) => {
                let start = error.utf8_error().valid_up_to();
                let byte = error.as_bytes()[start];
                // Up to `start` the lossy text has the same bytes, and there it has a U+FFFD.
                let text = Self::new(String::from_utf8_lossy(error.as_bytes()));
                let anchor = Anchor::Bytes(start..start + char::REPLACEMENT_CHARACTER.len_utf8());
                let LineColumn { line, column } = text.line_column(start);
                let message =
                    format!("this file is not UTF-8: byte 0x{byte:02x} at line {line}, column {column}");
                let finding = invalid(anchor, message)
                    .label("not UTF-8")
                    .help("Save it as UTF-8, without a byte-order mark.");
                return unreadable(text, finding);
            }
        };
        let whole = text.as_str();
        if whole.trim().is_empty() {
            let finding = invalid(Anchor::File, "this file is empty".to_owned())
                .help(sentence(document.how_to_start_over()));
            return unreadable(text, finding);
        }
        if is_large_file_pointer(whole.as_bytes()) {
            let first_line = 0..whole.lines().next().map_or(0, str::len);
            let finding = invalid(
                Anchor::Bytes(first_line),
                "this file is the pointer of a large file, not its content".to_owned(),
            )
            .help("Run `git lfs pull` to fetch the content.");
            return unreadable(text, finding);
        }
        if let Some((first, count)) = conflict_markers(whole) {
            let conflicts = if count == 1 { "a conflict".to_owned() } else { format!("{count} conflicts") };
            let finding = Finding::new(
                document.conflict_markers(),
                Anchor::Bytes(first),
                format!("this file holds the markers of {conflicts} that a merge left"),
            )
            .label("the first marker")
            .help(match document {
                Document::Declaration => {
                    "Keep the lines that are right, and delete those that begin with `<<<<<<<`, `=======` and `>>>>>>>`."
                }
                Document::Registry => {
                    "Keep the entries that a side registered or changed, each with an `asset_id` of its own, and leave out those that a side removed. Then delete the lines that begin with `<<<<<<<`, `=======` and `>>>>>>>`."
                }
            });
            return unreadable(text, finding);
        }
        Ok(text)
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.words
    }

    /// Where the byte at `offset` stands. A line ends with `\n` or `\r\n`; an offset within a
    /// character counts as that character, one past the end as the end. A byte-order mark takes no
    /// column, as in editors.
    #[must_use]
    pub fn line_column(&self, offset: usize) -> LineColumn {
        let offset = floor_char_boundary(&self.words, offset);
        let step = (offset / STEP).min(self.marks.len());
        let mark = step.checked_sub(1).map_or(LineColumn { line: 1, column: 1 }, |n| self.marks[n]);
        let (before, behind) = self.words.split_at(offset);
        let mut at = mark.after(&before[floor_char_boundary(&self.words, step * STEP)..]);
        // Between `\r` and `\n` is still the end of the line's words.
        if before.ends_with('\r') && behind.starts_with('\n') {
            at.column -= 1;
        }
        if at.line == 1 && before.starts_with('\u{feff}') {
            at.column -= 1;
        }
        at
    }

    /// The bytes of the line that holds `offset`, without its end.
    #[must_use]
    pub fn line_range(&self, offset: usize) -> Range<usize> {
        let offset = floor_char_boundary(&self.words, offset);
        let start = self.words[..offset].rfind('\n').map_or(0, |newline| newline + 1);
        let end = self.words[offset..].find('\n').map_or(self.words.len(), |newline| offset + newline);
        let end = if self.words[start..end].ends_with('\r') { end - 1 } else { end };
        start..end
    }
}

impl LineColumn {
    /// The place behind `words`, which begin here.
    fn after(self, words: &str) -> Self {
        let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        let lines = words.bytes().filter(|byte| *byte == b'\n').count();
        let (column, rest) = match words.rfind('\n') {
            Some(newline) => (1, &words[newline + 1..]),
            None => (self.column, words),
        };
        let column = number(rest.chars().count()).saturating_add(column);
        Self { line: self.line.saturating_add(number(lines)), column }
    }
}

/// Whether a file that begins with `head` is the pointer that a large-file store leaves in place of
/// the content (git-lfs, specification of the pointer file). 64 bytes of it are enough.
#[must_use]
pub fn is_large_file_pointer(head: &[u8]) -> bool {
    head.starts_with(b"version https://git-lfs.github.com/spec/")
}

/// The end of the last character that ends at or before `offset`.
pub(crate) fn floor_char_boundary(text: &str, offset: usize) -> usize {
    let mut offset = offset.min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    offset
}

fn sentence(words: &str) -> String {
    let mut chars = words.chars();
    let first = chars.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(chars).chain(['.']).collect()
}

/// The text of UTF-16 bytes, for showing. The first two characters of JSON are ASCII, so a zero
/// byte in the first pair tells UTF-16 without a mark (the rule of RFC 4627, section 3).
fn utf16(bytes: &[u8]) -> Option<String> {
    let (big, body) = match bytes {
        [0xff, 0xfe, body @ ..] => (false, body),
        [0xfe, 0xff, body @ ..] => (true, body),
        [first, 0, ..] if *first != 0 => (false, bytes),
        [0, second, ..] if *second != 0 => (true, bytes),
        _ => return None,
    };
    let units = body.chunks_exact(2).map(|pair| {
        let low_first = u16::from(pair[0]) | u16::from(pair[1]) << 8;
        if big { low_first.swap_bytes() } else { low_first }
    });
    Some(char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)).collect())
}

/// The first line that only a merge writes, and how many conflicts begin. No such line can be JSON:
/// a string holds no line end, and nothing else holds these characters.
fn conflict_markers(text: &str) -> Option<(Range<usize>, usize)> {
    let is_marker = |line: &str, sign: &str| {
        line.strip_prefix(sign).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
    };
    let mut first = None;
    let mut opened = 0;
    let mut offset = 0;
    for line in text.split('\n') {
        let words = line.strip_suffix('\r').unwrap_or(line);
        let opens = is_marker(words, "<<<<<<<");
        opened += usize::from(opens);
        if opens || is_marker(words, ">>>>>>>") || is_marker(words, "|||||||") || words == "=======" {
            first.get_or_insert(offset..offset + words.len());
        }
        offset += line.len() + 1;
    }
    first.map(|range| (range, opened.max(1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_in_a_long_text_is_the_one_that_counting_from_the_start_gives() {
        let line = "é\t\r\nab\n".repeat(300);
        for words in
            [line.repeat(5) + &"🎮x".repeat(4_000) + &line, "x".repeat(STEP * 2), "\n".repeat(STEP + 1)]
        {
            let text = SourceText::new(words.as_str());
            for offset in
                (0..words.len() + 2).step_by(61).chain(STEP - 9..STEP + 9).chain(2 * STEP - 3..2 * STEP + 3)
            {
                let before = &words[..floor_char_boundary(&words, offset)];
                let mut counted = LineColumn { line: 1, column: 1 }.after(before);
                counted.column -= u32::from(before.ends_with('\r'));
                assert_eq!(text.line_column(offset), counted, "at {offset}");
            }
        }
    }

    #[test]
    fn a_byte_order_mark_takes_no_column() {
        let text = SourceText::new("\u{feff}\r\na");
        assert_eq!([0, 3, 4].map(|offset| text.line_column(offset)), [LineColumn { line: 1, column: 1 }; 3]);
        assert_eq!(text.line_column(6), LineColumn { line: 2, column: 2 });
        assert_eq!(SourceText::new("\u{feff}ab").line_column(4), LineColumn { line: 1, column: 2 });
    }

    #[test]
    fn lines_and_columns_count_from_one_in_characters() {
        let text = SourceText::new("aé𝄞b\r\nc\n\nd");
        for (offset, line, column) in [
            (0, 1, 1),
            (1, 1, 2),
            (2, 1, 2), // within é
            (3, 1, 3),
            (7, 1, 4),
            (8, 1, 5),  // the \r
            (9, 1, 5),  // the \n of \r\n: still the same line end
            (10, 2, 1), // c
            (11, 2, 2),
            (12, 3, 1),
            (13, 4, 1),
            (14, 4, 2),
            (900, 4, 2), // past the end
        ] {
            assert_eq!(text.line_column(offset), LineColumn { line, column }, "byte {offset}");
        }
        assert_eq!(SourceText::new("").line_column(0), LineColumn { line: 1, column: 1 });
        assert_eq!(
            SourceText::new("a\rb").line_column(2),
            LineColumn { line: 1, column: 3 },
            "a lone \\r ends no line"
        );
        assert_eq!(
            [text.line_range(3), text.line_range(10), text.line_range(12), text.line_range(99)],
            [0..8, 10..11, 12..12, 13..14]
        );
    }

    /// The message, the code, and what is underlined.
    fn check(bytes: &[u8], document: Document, code: Code, message: &str, underlined: &str) {
        let unreadable = SourceText::read(bytes.to_vec(), document).expect_err(message);
        let Finding { code: found, anchor, message: words, help, .. } = unreadable.finding;
        assert_eq!((found, words.as_str()), (code, message));
        assert!(help.is_some_and(|help| help.ends_with('.')), "{message}");
        let range = if let Anchor::Bytes(range) = anchor { range } else { 0..0 };
        assert_eq!(&unreadable.text.as_str()[range], underlined, "{message}");
    }

    fn check_both(bytes: &[u8], message: &str, underlined: &str) {
        check(bytes, Document::Declaration, Code::DeclarationInvalid, message, underlined);
        check(bytes, Document::Registry, Code::RegistryInvalid, message, underlined);
    }

    #[test]
    fn bytes_that_are_no_text_are_told_apart_in_words() {
        check_both(b"", "this file is empty", "");
        check_both(b" \r\n\t", "this file is empty", "");
        for document in [Document::Declaration, Document::Registry] {
            let words = format!("this file is larger than {} MiB", document.limit() >> 20);
            let unreadable = SourceText::read(vec![b' '; document.limit() + 1], document).unwrap_err();
            assert_eq!(unreadable.finding.message, words);
            assert!(SourceText::read(vec![b'x'; document.limit()], document).is_ok());
        }
        check_both(
            &[0; 512],
            "this file holds nothing but zero bytes, as a crash of the machine can leave it",
            "",
        );
        let pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 3\n";
        check_both(
            pointer,
            "this file is the pointer of a large file, not its content",
            "version https://git-lfs.github.com/spec/v1",
        );
        let utf16 = |little: bool, mark: bool| -> Vec<u8> {
            let text = if mark { "\u{feff}{}" } else { "{}" };
            let units = text.encode_utf16().map(|unit| if little { unit } else { unit.swap_bytes() });
            units.flat_map(u16::to_le_bytes).collect()
        };
        for (little, mark) in [(true, true), (false, true), (true, false), (false, false)] {
            check_both(&utf16(little, mark), "this file is UTF-16 text, not UTF-8", "");
            let shown = SourceText::read(utf16(little, mark), Document::Registry).expect_err("UTF-16").text;
            assert_eq!(shown.as_str(), "{}");
        }
    }

    #[test]
    fn the_first_byte_that_is_not_utf_8_has_a_place() {
        check_both(
            b"{\n \"\xc3\xa9\": \"\xe9\"}",
            "this file is not UTF-8: byte 0xe9 at line 2, column 8",
            "\u{fffd}",
        );
        check_both(b"\xc3", "this file is not UTF-8: byte 0xc3 at line 1, column 1", "\u{fffd}");
        // Surrogates spelt in UTF-8 are not UTF-8.
        check_both(b"\"\xed\xa0\x80\"", "this file is not UTF-8: byte 0xed at line 1, column 2", "\u{fffd}");
    }

    #[test]
    fn the_markers_of_a_merge_are_recognised_at_line_starts() {
        let registry = Code::RegistryConflictMarkers;
        let one = "this file holds the markers of a conflict that a merge left";
        let two = "this file holds the markers of 2 conflicts that a merge left";
        for (text, message, first) in [
            ("{\n<<<<<<< HEAD\n1\n=======\n2\n>>>>>>> other\n}", one, "<<<<<<< HEAD"),
            ("{\r\n<<<<<<<\r\n=======\r\n>>>>>>>\r\n}", one, "<<<<<<<"),
            ("<<<<<<< a\n=======\n>>>>>>> b\n<<<<<<< a\n=======\n>>>>>>> b", two, "<<<<<<< a"),
            ("{\n=======\n}", one, "======="),
            ("{\n>>>>>>> b\n}", one, ">>>>>>> b"),
            ("{\n||||||| base\n}", one, "||||||| base"),
        ] {
            check(text.as_bytes(), Document::Registry, registry, message, first);
            check(text.as_bytes(), Document::Declaration, Code::DeclarationInvalid, message, first);
        }
    }

    #[test]
    fn their_innocent_neighbours_are_read() {
        let full = format!("{{{}}}", " ".repeat(Document::Declaration.limit() - 2));
        for text in [
            "{}",
            "{\"a\": \"<<<<<<< HEAD\"}",
            "{\n  \"=======\": \"\n=======x\"}",
            " <<<<<<< HEAD",
            "<<<<<<<<",
            "{\"version\": \"version https://git-lfs.github.com/spec/v1\"}",
            "\u{feff}{}",
            "{\"a\": \"\0\0\0\"}",
            "é",
            &full,
        ] {
            let read = SourceText::read(text.as_bytes().to_vec(), Document::Declaration);
            assert_eq!(read.as_ref().map(SourceText::as_str), Ok(text));
        }
        assert!(is_large_file_pointer(b"version https://git-lfs.github.com/spec/v1\noid"));
        assert!(!is_large_file_pointer(b"\x89PNG"));
    }
}
