//! From a pack set to `assets.pa` and its companions.
//!
//! ```text
//! Snapshot ─▶ contents: what can be kept, what must be made (record) ─▶ Header::plan
//!          ─▶ ahead: content is checked before anything is written
//!          ─▶ emit: header and payloads, streamed ─▶ companion ─▶ publish: one set, or nothing
//! ```
//!
//! Guarantees: the bytes are a function of the pack set's declarations and inputs, and of nothing
//! else; one payload is in the making at a time and none is held whole unless its family needs it;
//! a set is published after all of it is on disk, durably, and not at all when it is already there.
//!
//! The record only saves work. Without it, or with a damaged one, the same bytes come out.

mod ahead;
mod companion;
mod contents;
mod emit;
mod inputs;
mod produce;
mod publish;
mod record;

use std::fmt;

pub(crate) use contents::{Content, Contents, Unplannable, header, resolve};
pub(crate) use emit::{Payload, findings, inspect};
pub(crate) use inputs::AssetInputs;
pub(crate) use produce::{Failure, Gate, LastSet, Place, Planned, Produced, Production};
pub(crate) use publish::create_dirs;
pub(crate) use record::{RACY_MILLIS, record_path};

/// The file names of a set, in the order in which they are published: the last one names the digest
/// of the first, so a set is whole when they agree.
pub const SET: [&str; 4] = ["assets.pa", "asset_table.json", "preload.json", "asset_table_metadata.json"];

/// Why an asset's payload had to be made instead of kept.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum DirtyReason {
    /// No earlier pack is on record here.
    NoRecord,
    /// The asset was not in the last pack.
    NewAsset,
    /// A member of the declaration that reaches the payload has another value.
    DeclarationChanged,
    /// An input has another content.
    InputChanged {
        /// The input as declared.
        file: String,
    },
    /// The last pack no longer holds what was recorded of it.
    LastPackChanged,
    /// The caller asked for a pack from the sources alone.
    Requested,
}

impl fmt::Display for DirtyReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoRecord => f.write_str("no earlier pack is on record"),
            Self::NewAsset => f.write_str("it was not in the last pack"),
            Self::DeclarationChanged => f.write_str("its declaration changed"),
            Self::InputChanged { file } => write!(f, "`{file}` changed"),
            Self::LastPackChanged => f.write_str("the last pack was changed by somebody else"),
            Self::Requested => f.write_str("everything was asked for anew"),
        }
    }
}
