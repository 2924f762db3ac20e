//! A text file as it was read: its words and its lines.

use std::sync::Arc;

/// The text of a declaration or a registry, with its lines known. Cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceText(Arc<str>);

/// A place as editors count it: both from 1, columns in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct LineColumn {
    /// From 1.
    pub line: u32,
    /// From 1, in Unicode scalar values.
    pub column: u32,
}
