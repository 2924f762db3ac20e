//! Actions: what can be done, or was, as data that a program can send back as it is.

use std::fmt;

use super::{Operation, OperationClass};
use crate::id::AssetId;

/// One thing that can be, or was, done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Action {
    /// Its name within the response: the plan's id.
    pub action_id: String,
    /// The operation that does it.
    pub operation: Operation,
    /// With which arguments, by name.
    pub arguments: Arguments,
    /// What it may change.
    pub operation_class: OperationClass,
    /// Whether somebody must agree first.
    pub needs_consent: bool,
    /// One line for people.
    pub title: String,
}

/// The arguments of a request, by name.
pub type Arguments = Vec<(&'static str, Argument)>;

/// The value of an argument, as a program would pass it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Argument {
    /// A root, a name, the word `new`.
    Text(String),
    /// An id, a number of pixels.
    Number(u64),
    /// Yes or no.
    Flag(bool),
    /// Several of a kind.
    List(Vec<String>),
}

impl From<String> for Argument {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&str> for Argument {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<u32> for Argument {
    fn from(number: u32) -> Self {
        Self::Number(number.into())
    }
}

impl From<AssetId> for Argument {
    fn from(id: AssetId) -> Self {
        id.get().into()
    }
}

impl From<bool> for Argument {
    fn from(flag: bool) -> Self {
        Self::Flag(flag)
    }
}

impl From<Vec<String>> for Argument {
    fn from(list: Vec<String>) -> Self {
        Self::List(list)
    }
}

/// As it is typed; of a list one a line.
impl fmt::Display for Argument {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Number(number) => number.fmt(f),
            Self::Flag(flag) => flag.fmt(f),
            Self::List(list) => f.write_str(&list.join("\n")),
        }
    }
}
