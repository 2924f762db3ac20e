//! Canonical JSON: the one spelling of a value that the header of a pack and its companions use.
//!
//! No white space; keys sorted by code point, no key twice; whole numbers of at most 2^53 - 1 in
//! size, without fraction or exponent; strings in UTF-8 with the shortest escapes (`\"`, `\\`,
//! `\b`, `\f`, `\n`, `\r`, `\t`, `\u00xx` in lower case for the other control characters, nothing
//! else escaped); at most [`MAX_DEPTH`] containers inside each other.
//!
//! [`read`] accepts exactly what [`to_string`] writes. So one value has one byte string, and two
//! packs can be compared by their bytes. This is no reader for JSON that people write.

mod object;
mod read;
mod write;

#[cfg(test)]
mod tests;

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

pub use object::{Members, Object, object};
pub(crate) use read::Reader;
pub use read::{Error, ErrorKind, read};
pub use write::{to_string, write, write_object, write_string};

/// How many arrays and objects may stand inside each other.
pub const MAX_DEPTH: usize = 64;

/// The largest size of a number: 2^53 - 1, up to which every reader of JSON is exact.
pub const MAX_INT: i64 = (1 << 53) - 1;

/// A value of canonical JSON. Numbers are integers; there are no floats in a pack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A whole number, at most 2^53 - 1 in size.
    Int(i64),
    /// A string of Unicode scalar values.
    String(String),
    /// Values in declared order.
    Array(Vec<Value>),
    /// Members by key.
    Object(Object),
}

/// Why a value has no canonical spelling, see [`Value::check`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unwritable {
    /// A number above [`MAX_INT`] in size.
    Int(i64),
    /// More containers inside each other than there may be.
    Depth,
}

impl Value {
    /// The number, if it is one.
    #[must_use]
    pub const fn as_int(&self) -> Option<i64> {
        if let Self::Int(n) = self { Some(*n) } else { None }
    }

    /// The text, if it is a string.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        if let Self::String(text) = self { Some(text) } else { None }
    }

    /// The elements, if it is an array.
    #[must_use]
    pub fn as_array(&self) -> Option<&[Self]> {
        if let Self::Array(values) = self { Some(values) } else { None }
    }

    /// The members, if it is an object.
    #[must_use]
    pub const fn as_object(&self) -> Option<&Object> {
        if let Self::Object(members) = self { Some(members) } else { None }
    }

    /// Whether the value can be written: its numbers in range, and no more than `depth` containers
    /// inside each other, its own included.
    ///
    /// # Errors
    ///
    /// The first part that stands in the way.
    pub fn check(&self, depth: usize) -> Result<(), Unwritable> {
        match self {
            Self::Null | Self::Bool(_) | Self::String(_) => Ok(()),
            Self::Int(n) if n.unsigned_abs() > MAX_INT.unsigned_abs() => Err(Unwritable::Int(*n)),
            Self::Int(_) => Ok(()),
            Self::Array(values) => check_each(values.iter(), depth),
            Self::Object(members) => check_each(members.values(), depth),
        }
    }
}

/// How many values there are in one container, and in all containers in it. Recurses as deep as they
/// stand inside each other, so check that first.
pub(crate) fn count<'v>(values: impl Iterator<Item = &'v Value>) -> usize {
    let inside = |value: &'v Value| match value {
        Value::Array(values) => count(values.iter()),
        Value::Object(members) => count(members.values()),
        _ => 0,
    };
    values.map(|value| 1 + inside(value)).sum()
}

/// Checks the values of one container; `depth` is what is left for it.
pub(crate) fn check_each<'v>(
    mut values: impl Iterator<Item = &'v Value>,
    depth: usize,
) -> Result<(), Unwritable> {
    let inside = depth.checked_sub(1).ok_or(Unwritable::Depth)?;
    values.try_for_each(|value| value.check(inside))
}

/// The canonical spelling.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write(self, f)
    }
}

impl fmt::Display for Unwritable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Int(n) => write!(f, "the number {n} is larger than 2^53 - 1"),
            Self::Depth => write!(f, "more than {MAX_DEPTH} arrays and objects stand inside each other"),
        }
    }
}

impl core::error::Error for Unwritable {}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}

impl From<i32> for Value {
    fn from(value: i32) -> Self {
        Self::Int(value.into())
    }
}

impl From<u32> for Value {
    fn from(value: u32) -> Self {
        Self::Int(value.into())
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::String(value.to_string())
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Self::String(value)
    }
}

impl From<Vec<Self>> for Value {
    fn from(value: Vec<Self>) -> Self {
        Self::Array(value)
    }
}

impl From<Object> for Value {
    fn from(value: Object) -> Self {
        Self::Object(value)
    }
}
