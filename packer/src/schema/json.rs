//! Strict JSON (RFC 8259) with byte ranges, for people's files.
//!
//! [`read`] accepts exactly JSON, nested at most [`MAX_DEPTH`] deep, without a member twice in one
//! object. Where a text is not JSON it says what people need to hear (a comma is missing, comments
//! are not JSON), and reads on where the meaning is plain, so that one reading reports several
//! problems. Where it is not plain, [`Parsed::whole`] is false and the tree is what was read until
//! then: good for showing a name, not for saying that a member is missing.
//!
//! Linear time in the length of the text, but for a sort of each object's keys. The depth is checked
//! before descending, so no text overflows the stack.
//!
//! Not here: what members mean; numbers as numbers (a [`Kind::Number`] keeps its spelling).

mod bare;
mod parse;
mod scalar;
#[cfg(test)]
mod tests;

use std::ops::Range;

use crate::diagnostics::Pointer;

/// The deepest nesting of arrays and objects that is read.
pub const MAX_DEPTH: usize = 64;

/// After so many problems in one text the reader stops.
pub const MAX_PROBLEMS: usize = 20;

/// A value and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// The bytes of the value, from its first to past its last.
    pub range: Range<usize>,
    /// What it is.
    pub kind: Kind,
}

/// The kinds of JSON values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// `null`
    Null,
    /// `true`, `false`
    Bool(bool),
    /// A number as it was spelt; JSON's grammar holds.
    Number(String),
    /// A string, its escapes resolved.
    String(String),
    /// An array.
    Array(Vec<Node>),
    /// An object in written order, without duplicate keys.
    Object(Vec<Member>),
}

/// One member of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Its name, escapes resolved.
    pub key: String,
    /// The bytes of the name with its quotes.
    pub key_range: Range<usize>,
    /// Its value.
    pub value: Node,
}

/// One place where a text is not JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The bytes to underline; empty for something that is missing there.
    pub range: Range<usize>,
    /// What is wrong.
    pub message: String,
    /// A few words under the caret.
    pub label: Option<&'static str>,
    /// What to do.
    pub help: String,
}

/// What reading a text gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parsed {
    /// The value of the text, as far as it could be read.
    pub root: Option<Node>,
    /// Where the text is not JSON, in the order of the text; none means that it is.
    pub problems: Vec<Problem>,
    /// Whether `root` holds everything that the text says, so that what it lacks is really missing.
    pub whole: bool,
}

/// Reads `text` as one JSON value.
#[must_use]
pub fn read(text: &str) -> Parsed {
    parse::read(text)
}

/// `text` as a JSON string, escaped minimally.
#[must_use]
pub fn quote(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for c in text.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\u{8}' => quoted.push_str("\\b"),
            '\u{c}' => quoted.push_str("\\f"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            '\0'..='\u{1f}' => quoted.push_str(&format!("\\u{:04x}", u32::from(c))),
            _ => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

impl Node {
    /// The member `key`, when this is an object that has it.
    #[must_use]
    pub fn member(&self, key: &str) -> Option<&Member> {
        self.as_object()?.iter().find(|member| member.key == key)
    }

    /// The value of the member `key`, when this is an object that has it.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.member(key).map(|member| &member.value)
    }

    /// The text, when this is a string.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        if let Kind::String(text) = &self.kind { Some(text) } else { None }
    }

    /// The spelling, when this is a number.
    #[must_use]
    pub fn as_number(&self) -> Option<&str> {
        if let Kind::Number(spelling) = &self.kind { Some(spelling) } else { None }
    }

    /// The truth, when this is one.
    #[must_use]
    pub fn as_bool(&self) -> Option<bool> {
        if let Kind::Bool(truth) = self.kind { Some(truth) } else { None }
    }

    /// The elements, when this is an array.
    #[must_use]
    pub fn as_array(&self) -> Option<&[Self]> {
        if let Kind::Array(elements) = &self.kind { Some(elements) } else { None }
    }

    /// The members in written order, when this is an object.
    #[must_use]
    pub fn as_object(&self) -> Option<&[Member]> {
        if let Kind::Object(members) = &self.kind { Some(members) } else { None }
    }

    /// The whole number, when this is a number without fraction and exponent that fits.
    #[must_use]
    pub fn as_integer(&self) -> Option<i64> {
        // JSON's grammar holds, so what parses has no fraction, exponent or `+`.
        self.as_number()?.parse().ok()
    }

    /// What this is, in words: "a string".
    #[must_use]
    pub const fn kind_name(&self) -> &'static str {
        match self.kind {
            Kind::Null => "`null`",
            Kind::Bool(true) => "`true`",
            Kind::Bool(false) => "`false`",
            Kind::Number(_) => "a number",
            Kind::String(_) => "a string",
            Kind::Array(_) => "an array",
            Kind::Object(_) => "an object",
        }
    }

    /// The value at `pointer`.
    #[must_use]
    pub fn at(&self, pointer: &Pointer) -> Option<&Self> {
        let found = self.deepest(pointer);
        found.exact.then_some(found.node)
    }

    /// The deepest value on the way to `pointer` that is there.
    #[must_use]
    pub fn deepest(&self, pointer: &Pointer) -> Deepest<'_> {
        let mut found = Deepest { node: self, member: None, exact: true };
        for token in pointer.tokens() {
            let (node, member) = match &found.node.kind {
                Kind::Object(_) => match found.node.member(&token) {
                    Some(member) => (&member.value, Some(member)),
                    None => return Deepest { exact: false, ..found },
                },
                Kind::Array(elements) => match token.parse::<usize>().ok().and_then(|n| elements.get(n)) {
                    Some(element) => (element, None),
                    None => return Deepest { exact: false, ..found },
                },
                _ => return Deepest { exact: false, ..found },
            };
            found = Deepest { node, member, exact: true };
        }
        found
    }
}

/// Where the way of a [`Pointer`] through a document ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deepest<'a> {
    /// The value there.
    pub node: &'a Node,
    /// The member whose value it is; `None` for the root and for elements of arrays.
    pub member: Option<&'a Member>,
    /// Whether the pointer was followed to its end.
    pub exact: bool,
}
