//! Strict JSON with byte ranges, for people's files.

use std::ops::Range;

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
