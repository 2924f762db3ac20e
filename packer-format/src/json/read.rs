//! The reading half of canonical JSON: one pass, no look back, time linear in the text.
//!
//! Memory is bounded by the text: nothing is reserved by a number that the text states, and each
//! value, the two bytes of `0,` at the least, costs a fixed number of bytes.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use super::{MAX_DEPTH, MAX_INT, Object, Value};

/// Why a text is not canonical JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Error {
    /// Which byte, counted from the start of the text.
    pub offset: usize,
    /// What is wrong there.
    pub kind: ErrorKind,
}

/// What is wrong with a text that is not canonical JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The text ends inside a value.
    End,
    /// This byte cannot stand here.
    Byte(u8),
    /// White space between values.
    WhiteSpace,
    /// Bytes that are not UTF-8.
    Utf8,
    /// A control character that is not escaped.
    Control,
    /// An escape that is not JSON's, or not the shortest for its character.
    Escape,
    /// A number with a fraction or an exponent.
    Fraction,
    /// A number with a needless zero, or `-0`.
    Zero,
    /// A number above 2^53 - 1 in size.
    Range,
    /// A key that sorts before the one in front of it.
    KeyOrder,
    /// A key for the second time.
    DuplicateKey,
    /// More than 64 arrays and objects inside each other.
    Depth,
    /// More values than a pack may have in its metadata.
    TooMany,
    /// Something behind the value.
    Trailing,
}

/// Reads the one value that `text` spells.
///
/// # Errors
///
/// The first place at which `text` is not what [`to_string`](super::to_string) would write.
pub fn read(text: &[u8]) -> Result<Value, Error> {
    let mut reader = Reader::new(text, usize::MAX);
    let value = reader.value(MAX_DEPTH)?;
    reader.end()?;
    Ok(value)
}

/// A position in a text, moved on by what is read.
pub(crate) struct Reader<'t> {
    text: &'t [u8],
    at: usize,
    /// How many more values may come.
    left: usize,
}

impl<'t> Reader<'t> {
    /// At the start of `text`, of which it reads at most `values` by [`Self::value`].
    pub(crate) const fn new(text: &'t [u8], values: usize) -> Self {
        Self { text, at: 0, left: values }
    }

    /// How many bytes have been read.
    pub(crate) const fn offset(&self) -> usize {
        self.at
    }

    /// What has not been read yet.
    pub(crate) fn rest(&self) -> &'t [u8] {
        &self.text[self.at..]
    }

    /// Moves past `literal` if it stands here.
    pub(crate) fn eat(&mut self, literal: &str) -> bool {
        let found = self.rest().starts_with(literal.as_bytes());
        if found {
            self.at += literal.len();
        }
        found
    }

    /// Fails if anything is left.
    pub(crate) fn end(&self) -> Result<(), Error> {
        match self.rest().first() {
            None => Ok(()),
            Some(b' ' | b'\t' | b'\n' | b'\r') => Err(self.error(ErrorKind::WhiteSpace)),
            Some(_) => Err(self.error(ErrorKind::Trailing)),
        }
    }

    /// Reads a value in which at most `depth` containers may stand inside each other.
    pub(crate) fn value(&mut self, depth: usize) -> Result<Value, Error> {
        self.left = self.left.checked_sub(1).ok_or_else(|| self.error(ErrorKind::TooMany))?;
        match self.rest().first() {
            Some(b'"') => self.string().map(Value::String),
            Some(b'{') => self.object(depth).map(Value::Object),
            Some(b'[') => self.array(depth).map(Value::Array),
            Some(b'-' | b'0'..=b'9') => self.int().map(Value::Int),
            _ if self.eat("true") => Ok(Value::Bool(true)),
            _ if self.eat("false") => Ok(Value::Bool(false)),
            _ if self.eat("null") => Ok(Value::Null),
            _ => Err(self.unexpected()),
        }
    }

    fn array(&mut self, depth: usize) -> Result<Vec<Value>, Error> {
        let inside = depth.checked_sub(1).ok_or_else(|| self.error(ErrorKind::Depth))?;
        self.expect("[")?;
        let mut values = Vec::new();
        if self.eat("]") {
            return Ok(values);
        }
        loop {
            values.push(self.value(inside)?);
            if !self.eat(",") {
                self.expect("]")?;
                return Ok(values);
            }
        }
    }

    /// Reads an object in which at most `depth` containers may stand inside each other.
    pub(crate) fn object(&mut self, depth: usize) -> Result<Object, Error> {
        let inside = depth.checked_sub(1).ok_or_else(|| self.error(ErrorKind::Depth))?;
        self.expect("{")?;
        if self.eat("}") {
            return Ok(Object::new());
        }
        let mut members: Vec<(String, Value)> = Vec::new();
        loop {
            let at = self.at;
            let key = self.string()?;
            match members.last().map(|(last, _)| key.cmp(last)) {
                None | Some(core::cmp::Ordering::Greater) => {}
                Some(core::cmp::Ordering::Equal) => {
                    return Err(Error { offset: at, kind: ErrorKind::DuplicateKey });
                }
                Some(core::cmp::Ordering::Less) => {
                    return Err(Error { offset: at, kind: ErrorKind::KeyOrder });
                }
            }
            self.expect(":")?;
            let value = self.value(inside)?;
            members.push((key, value));
            if !self.eat(",") {
                self.expect("}")?;
                return Ok(Object::sorted(members));
            }
        }
    }

    /// Reads a whole number.
    pub(crate) fn int(&mut self) -> Result<i64, Error> {
        let start = self.at;
        let negative = self.eat("-");
        let digits = self.rest().iter().take_while(|byte| byte.is_ascii_digit()).count();
        let (number, rest) = self.rest().split_at(digits);
        let first = *number.first().ok_or_else(|| self.unexpected())?;
        if first == b'0' && (negative || digits > 1) {
            return Err(Error { offset: start, kind: ErrorKind::Zero });
        }
        if let Some(b'.' | b'e' | b'E') = rest.first() {
            return Err(Error { offset: start, kind: ErrorKind::Fraction });
        }
        let size = number
            .iter()
            .try_fold(0_i64, |n, digit| n.checked_mul(10)?.checked_add((digit - b'0').into()))
            .filter(|n| *n <= MAX_INT)
            .ok_or(Error { offset: start, kind: ErrorKind::Range })?;
        self.at += digits;
        Ok(if negative { -size } else { size })
    }

    /// Reads a string with its quotes.
    pub(crate) fn string(&mut self) -> Result<String, Error> {
        self.expect("\"")?;
        let mut string = String::new();
        loop {
            let special = |byte: &u8| *byte == b'"' || *byte == b'\\' || *byte < 0x20;
            let rest = self.rest();
            let plain = &rest[..rest.iter().position(special).unwrap_or(rest.len())];
            let text = core::str::from_utf8(plain)
                .map_err(|e| Error { offset: self.at + e.valid_up_to(), kind: ErrorKind::Utf8 })?;
            string.push_str(text);
            self.at += plain.len();
            match self.rest().first() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(string);
                }
                Some(b'\\') => string.push(self.escape()?),
                Some(_) => return Err(self.error(ErrorKind::Control)),
                None => return Err(self.error(ErrorKind::End)),
            }
        }
    }

    /// Reads one escape, of which each character has exactly one.
    fn escape(&mut self) -> Result<char, Error> {
        let wrong = self.error(ErrorKind::Escape);
        let (length, byte) = match self.rest() {
            [_, b'"', ..] => (2, b'"'),
            [_, b'\\', ..] => (2, b'\\'),
            [_, b'b', ..] => (2, 0x08),
            [_, b'f', ..] => (2, 0x0c),
            [_, b'n', ..] => (2, b'\n'),
            [_, b'r', ..] => (2, b'\r'),
            [_, b't', ..] => (2, b'\t'),
            [_, b'u', b'0', b'0', high @ b'0'..=b'1', low @ (b'0'..=b'9' | b'a'..=b'f'), ..] => {
                let low = if low.is_ascii_digit() { low - b'0' } else { low - b'a' + 10 };
                let byte = (high - b'0') * 16 + low;
                if matches!(byte, 0x08 | 0x0c | b'\n' | b'\r' | b'\t') {
                    return Err(wrong);
                }
                (6, byte)
            }
            [_] => return Err(Error { offset: self.text.len(), kind: ErrorKind::End }),
            _ => return Err(wrong),
        };
        self.at += length;
        Ok(char::from(byte))
    }

    fn expect(&mut self, literal: &str) -> Result<(), Error> {
        if self.eat(literal) { Ok(()) } else { Err(self.unexpected()) }
    }

    fn unexpected(&self) -> Error {
        self.error(match self.rest().first() {
            None => ErrorKind::End,
            Some(b' ' | b'\t' | b'\n' | b'\r') => ErrorKind::WhiteSpace,
            Some(byte) => ErrorKind::Byte(*byte),
        })
    }

    const fn error(&self, kind: ErrorKind) -> Error {
        Error { offset: self.at, kind }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not canonical JSON at byte {}: {}", self.offset, self.kind)
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::End => "the text ends inside a value",
            Self::Byte(byte) => return write!(f, "`{}` cannot stand here", byte.escape_ascii()),
            Self::WhiteSpace => "white space has no place between values",
            Self::Utf8 => "the bytes are not UTF-8",
            Self::Control => "a control character must be escaped",
            Self::Escape => "not the shortest escape of its character",
            Self::Fraction => "numbers are whole, without fraction or exponent",
            Self::Zero => "a number has no needless zero and no minus before 0",
            Self::Range => "numbers are at most 2^53 - 1 in size",
            Self::KeyOrder => "keys are sorted by code point",
            Self::DuplicateKey => "the key stands here for the second time",
            Self::Depth => "at most 64 arrays and objects stand inside each other",
            Self::TooMany => "the metadata of a pack has at most 2097152 values",
            Self::Trailing => "nothing may follow the value",
        })
    }
}

impl core::error::Error for Error {}
