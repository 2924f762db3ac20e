//! Diagnostics: everything that can be wrong with people's content, as data.
//!
//! Three stages. Readers, rules and families make [`Finding`]s, which have a [`Code`] and no place.
//! The snapshot turns them into [`Diagnostic`]s, which have file, line and column and know whether
//! they block. `render` draws them the way the compiler draws its own.
//!
//! What only `doctor` looks for when it is asked for the whole workspace is in `hygiene`, which walks and
//! reads; rules do neither.
//!
//! To add a check: a line in `code.rs`, a file in `rules/` with one function, a line in its list, a
//! row in `rules/tests/table.rs` that provokes it beside its innocent neighbour, and a section in
//! `docs/diagnostics.md`, where cause, example and cure are written.

mod code;
mod finding;
#[cfg(feature = "authoring")]
pub(crate) mod hygiene;
#[cfg(test)]
mod page;
mod place;
pub mod render;
pub(crate) mod rules;

pub use code::{Category, Code, Severity};
pub use finding::{Anchor, Elsewhere, Finding, Pointer};
pub use place::place;

use std::ops::Range;

use crate::id::{AssetId, AssetUuid};
use crate::path::AssetPath;
use crate::schema::SourceText;

/// A finding with its place and its consequence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// What kind of thing is wrong.
    pub code: Code,
    /// How loud it is.
    pub severity: Severity,
    /// Whether it stops a build as things are: an error of the registry or of an asset of the pack
    /// set, or in strict mode a warning of those.
    pub blocking: bool,
    /// The asset it belongs to, when it is registered.
    pub asset_id: Option<AssetId>,
    /// The uuid that the registry has for that asset. Not part of the responses: there `affected_assets` and
    /// lists have it.
    pub asset_uuid: Option<AssetUuid>,
    /// The asset root it belongs to.
    pub asset_root: Option<AssetPath>,
    /// The file it is about, relative to the project, with `/`.
    pub file: Option<String>,
    /// The line from 1.
    pub line: Option<u32>,
    /// The column from 1, in characters.
    pub column: Option<u32>,
    /// What was found.
    pub message: String,
    /// What to do next.
    pub help: Option<String>,
    /// The other places that it is about, where two disagree.
    pub related: Vec<Related>,
    /// The action that mends it: its `action_id` among the proposed actions of the same response.
    pub fix: Option<String>,
    /// The text to show, with the bytes to underline and the words under them.
    pub snippet: Option<Snippet>,
}

/// Another place that a diagnostic is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Related {
    /// The file, relative to the project, with `/`.
    pub file: String,
    /// The line from 1.
    pub line: Option<u32>,
    /// The column from 1, in characters.
    pub column: Option<u32>,
    /// What is there, in a few words.
    pub message: String,
    /// The text to show; the words under it are the message.
    pub snippet: Option<Snippet>,
}

/// A part of a text to show under a diagnostic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snippet {
    /// The whole text of the file.
    pub text: SourceText,
    /// The bytes to underline.
    pub range: Range<usize>,
    /// Words under the caret.
    pub label: Option<String>,
}
