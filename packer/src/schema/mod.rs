//! The two written formats: `asset.json` (a person's) and `index.json` (the packer's).
//!
//! Reading keeps places: a [`SourceText`] knows its lines, a [`json::Node`] its byte range. A
//! problem of the content is a [`Finding`](crate::diagnostics::Finding), never an `Err`, and one
//! reading reports all problems of a file. Writing is canonical for the registry
//! (`Registry::to_text`) and keeps a person's own layout for a declaration (`edit`).
//!
//! Not here: what names mean (families), what is on disk (workspace), how places are drawn
//! (`diagnostics::render`).

mod check;
pub mod declaration;
#[cfg(feature = "authoring")]
pub mod edit;
pub mod json;
pub mod registry;
mod source;
pub mod suggest;
mod version;

pub use source::{Document, LineColumn, SourceText, Unreadable, is_large_file_pointer};

/// The `schema_version` that this packer reads and writes, of both files.
pub const SCHEMA_VERSION: u32 = 1;

/// Properties are tried with the same cases in every run; a failure names the seed by this line.
#[cfg(test)]
pub(crate) fn properties(cases: u32) -> proptest::test_runner::Config {
    proptest::test_runner::Config {
        cases,
        failure_persistence: None,
        rng_seed: proptest::test_runner::RngSeed::Fixed(0x0198_c0de),
        ..Default::default()
    }
}
