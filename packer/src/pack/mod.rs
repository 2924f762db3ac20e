//! From a pack set to `assets.pa` and its companions.
//!
//! ```text
//! Snapshot ─▶ contents: what can be kept, what must be made (known, record) ─▶ Header::plan
//!          ─▶ ahead: content is checked before anything is written ─▶ kept: what the last pack still holds
//!          ─▶ emit: header and payloads, each to its place ─▶ companion ─▶ publish: one set, or nothing
//! ```
//!
//! Guarantees: the bytes are a function of the pack set's declarations and inputs, and of nothing
//! else; each thread makes one payload at a time, which is held whole only where its family needs it or
//! where it was checked ahead; a set is published after all of it is on disk, durably, and not at all when it
//! is already there.
//!
//! The record only saves work. Without it, or with a damaged one, the same bytes come out.

mod again;
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
#[cfg(feature = "authoring")]
mod standing;
mod tally;

pub(crate) use again::Glass;
pub(crate) use contents::{Content, Contents, Looking, Unplannable, header, resolve};
pub(crate) use emit::{Payload, findings, inspect};
pub(crate) use facts::Facts;
pub use fingerprint::DirtyReason;
#[cfg(feature = "authoring")]
pub(crate) use fingerprint::RACY_MILLIS;
pub(crate) use inputs::AssetInputs;
pub(crate) use known::Known;
pub(crate) use produce::{Failure, Gate, LastSet, Place, Planned, Produced, Production};
pub(crate) use publish::create_dirs;
pub use record::RecordId;
pub(crate) use record::{Record, RecordedAsset, record_path};
#[cfg(feature = "authoring")]
pub(crate) use standing::standing;
#[cfg(feature = "authoring")]
pub use standing::{LastPack, Standing};
pub(crate) use tally::Tally;

/// The file names of a set, in the order in which they are published: the last one names the digest
/// of the first, so a set is whole when they agree.
pub const SET: [&str; 4] = ["assets.pa", TABLE, PRELOAD, METADATA];

const TABLE: &str = "asset_table.json";
const PRELOAD: &str = "preload.json";
const METADATA: &str = "asset_table_metadata.json";
