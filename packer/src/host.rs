//! What the host gives a project: time and new identities.
//!
//! The library reads no clock and makes no random numbers of its own, so a test can fix both, and
//! nothing that leaves can depend on them unseen.

use std::fmt::Debug;

use crate::id::{AssetUuid, OperationId};

/// Tells the time.
pub trait Clock: Send + Sync + Debug {
    /// Milliseconds since 1970.
    fn now_millis(&self) -> u64;
}

/// Makes identities that nobody else has.
pub trait IdSource: Send + Sync + Debug {
    /// A new asset uuid, version 7.
    fn asset_uuid(&self) -> AssetUuid;

    /// A new operation id.
    fn operation_id(&self) -> OperationId;
}

/// The clock of the system.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now_millis(&self) -> u64 {
        #[expect(clippy::disallowed_methods, reason = "this is the clock that the others are told to use")]
        let now = std::time::SystemTime::now();
        let since = now.duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
    }
}
