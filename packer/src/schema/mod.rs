//! The two written formats: `asset.json` (a person's) and `index.json` (the packer's).
//!
//! Reading keeps places: a [`SourceText`] knows its lines, a [`json::Node`] its byte range. A
//! problem of the content is a [`Finding`](crate::diagnostics::Finding), never an `Err`, and one
//! reading reports all problems of a file. Writing is canonical for the registry
//! (`Registry::to_text`) and keeps a person's own layout for a declaration (`edit`).
//!
//! Not here: what names mean (families), what is on disk (workspace), how places are drawn
//! (`diagnostics::render`).

pub mod declaration;
pub mod json;
pub mod registry;
mod source;

pub use source::{LineColumn, SourceText};

/// The `schema_version` that this packer reads and writes, of both files.
pub const SCHEMA_VERSION: u32 = 1;
