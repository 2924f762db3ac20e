//! What the host gives a project: time, new identities and threads.
//!
//! The library reads no clock and makes no random numbers of its own, so a test can fix both, and
//! nothing that leaves can depend on them unseen.

use std::fmt::Debug;
use std::num::NonZero;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

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

/// Says how many threads an operation may use.
pub trait Workers: Send + Sync + Debug {
    /// Leave for one thread more than those that have it, until it is dropped; `None` when there is
    /// none to give now. Never waits. An operation's own thread needs none.
    fn hire(&self) -> Option<Box<dyn Send + Sync>>;
}

/// No leave for anybody: one thread does everything.
#[derive(Debug, Clone, Copy, Default)]
pub struct Alone;

impl Workers for Alone {
    fn hire(&self) -> Option<Box<dyn Send + Sync>> {
        None
    }
}

/// Leave for a fixed number of threads, all that ask together; clones share it.
#[derive(Debug, Clone)]
pub struct UpTo(Arc<AtomicUsize>);

/// Given back when it is dropped.
#[derive(Debug)]
struct Leave(Arc<AtomicUsize>);

impl UpTo {
    /// So many threads, of which the first is whoever asks.
    #[must_use]
    pub fn new(threads: usize) -> Self {
        Self(Arc::new(AtomicUsize::new(threads.saturating_sub(1))))
    }

    /// As many as the system says can run at once.
    #[must_use]
    pub fn available() -> Self {
        Self::new(std::thread::available_parallelism().map_or(1, NonZero::get))
    }
}

impl Workers for UpTo {
    fn hire(&self) -> Option<Box<dyn Send + Sync>> {
        let taken = self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1));
        taken.is_ok().then(|| Box::new(Leave(Arc::clone(&self.0))) as Box<dyn Send + Sync>)
    }
}

impl Drop for Leave {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}
