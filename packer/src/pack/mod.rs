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
mod compare;
mod contents;
mod emit;
mod facts;
mod fingerprint;
mod inputs;
mod kept;
mod known;
mod produce;
mod publish;
mod record;
mod tally;

pub(crate) use contents::{Content, Contents, Looking, Unplannable, header, resolve};
pub(crate) use emit::{Payload, findings, inspect};
pub(crate) use facts::Facts;
pub use fingerprint::DirtyReason;
pub(crate) use fingerprint::RACY_MILLIS;
pub(crate) use inputs::AssetInputs;
pub(crate) use known::Known;
pub(crate) use produce::{Failure, Gate, LastSet, Place, Planned, Produced, Production};
pub(crate) use publish::create_dirs;
pub(crate) use record::{Record, RecordedAsset, record_path};
pub(crate) use tally::Tally;

/// The file names of a set, in the order in which they are published: the last one names the digest
/// of the first, so a set is whole when they agree.
pub const SET: [&str; 4] = ["assets.pa", "asset_table.json", "preload.json", "asset_table_metadata.json"];
