//! Canonical JSON: the one spelling of a value that the header of a pack and its companions use.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

/// The members of an object, sorted by code point, which is how canonical JSON writes them.
pub type Object = BTreeMap<String, Value>;

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
