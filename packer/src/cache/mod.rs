//! The cache folder: what is in it, how big it is, how it is emptied; and the store of payloads.
//!
//! ```text
//! <cache>/
//!   pack-<16 hex>.record         the record of one output folder (`pack::record`)
//!   payloads-v1/                 payloads by what they are made of (`Store`)
//!     young/ab/<62 hex>          used of late: key `ab…`
//!     old/ab/<62 hex>            not used since `young` began
//!     .old.pm-<16 hex>/          a generation on its way out; left over only when a process was killed
//!   scratch-<32 hex>/            what a command makes on its way and takes away again; its file `lock` is locked
//!                                while that command is at work, and what is not was left by a killed one
//! ```
//!
//! The folder is `OUT_DIR`, `<target directory>/prometeu/`, or one that somebody named for all of their
//! projects. Nothing in it is an authority: whoever deletes any of it, at any moment, loses time and
//! nothing else.
//!
//! # What the store is for
//!
//! For payloads that cost more to make than to read: tile banks, which are decoded, matched and
//! packed. Sounds and blobs are their inputs' own bytes, and are taken from there. Its key is
//! [`payload_key`]: over everything that such a payload depends on.
//!
//! | what a payload depends on | in the key as |
//! | --- | --- |
//! | the packer | its version |
//! | type, format, `Family::version`, `output.metadata`, `output.pipeline`, inputs and artifacts by name | the asset's key, see `pack::fingerprint` |
//! | each input's content | its SHA-256, in declared order |
//!
//! A payload comes without what was said about it: one that was made with a warning is not to be put,
//! since it would come back without.
//!
//! # Guarantees
//!
//! - What [`Store::get`] gives is what [`Store::put`] was given for that key: each entry holds its key
//!   and its own digest, both are checked, and a damaged entry is removed.
//! - No trouble reaches the caller: it is a payload that is not there, or one that is not kept.
//! - Any number of processes use one folder at a time, without locks: each step is a rename or a
//!   removal, and who comes too late for it has missed a payload.
//! - What was not used while half of the budget was put is gone; the folder holds no more than the
//!   budget and, for each process at work, a quarter of it.
//! - Links are never written through, and nothing behind one is removed.
//!
//! # Where they stop
//!
//! - An entry proves that it was not damaged, not who made it: who may write into the folder decides
//!   what is in it, as with cargo's target directory.
//! - Nothing is synced. After a power cut entries may be cut short or zeros; they are found out.
//! - On Windows a folder in which somebody has a file open cannot be renamed: then what is old stays
//!   until the next time.

#[cfg(feature = "authoring")]
mod contents;
#[cfg(feature = "authoring")]
mod scratch;
mod store;
#[cfg(test)]
mod tests;
mod trim;

#[cfg(feature = "authoring")]
pub use contents::{Cleared, Held, Usage, clear, usage};
#[cfg(feature = "authoring")]
pub use scratch::{SCRATCH_LOCK, is_scratch, scratch_name};
pub use store::{BUDGET, Store, payload_key};

use std::path::{Path, PathBuf};

/// The store of this version, by its folder's name.
///
/// - 1: `<payload><key: 32 bytes><SHA-256 of the payload: 32 bytes>` an entry.
const STORE: &str = "payloads-v1";

/// The generation of what was used of late.
const YOUNG: &str = "young";

/// The generation before.
const OLD: &str = "old";

/// A name for something on its way, which no other process has: `random` is this one's own, `n` counts
/// within it.
fn temporary(of: &str, random: u64, n: u64) -> String {
    format!(".{of}.pm-{random:016x}-{n}")
}

/// The places of one store.
#[derive(Debug, Clone)]
struct Places {
    folder: PathBuf,
}

impl Places {
    fn new(cache: &Path) -> Self {
        Self { folder: cache.join(STORE) }
    }

    fn generation(&self, generation: &str) -> PathBuf {
        self.folder.join(generation)
    }
}
