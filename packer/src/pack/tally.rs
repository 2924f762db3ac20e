//! What packing costs besides calls of the file system, counted.

use std::sync::atomic::{AtomicU64, Ordering};

/// Grows while an operation works, from all its threads.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    hashed: AtomicU64,
    encoded: AtomicU64,
}

impl Tally {
    /// So many bytes were hashed.
    pub(super) fn hash(&self, bytes: u64) {
        self.hashed.fetch_add(bytes, Ordering::Relaxed);
    }

    /// A payload was made.
    pub(super) fn encode(&self) {
        self.encoded.fetch_add(1, Ordering::Relaxed);
    }

    /// Bytes of inputs and payloads that were hashed.
    pub(crate) fn hashed(&self) -> u64 {
        self.hashed.load(Ordering::Relaxed)
    }

    /// Payloads that families made, those included that were made for a look alone.
    pub(crate) fn encoded(&self) -> u64 {
        self.encoded.load(Ordering::Relaxed)
    }
}
