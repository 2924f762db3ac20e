//! Events: the story of an operation while it happens.
//!
//! The host hands in an [`EventSink`] when it opens a project; the packer makes no bus of its own.
//! Every operation gets a `Teller`. An event is told after what it tells is true.
//!
//! | file | holds |
//! | --- | --- |
//! | `teller` | who tells the events of one operation, and their numbers |
//! | `delivery` | how an event gets from there to the sink, and what may be lost on the way |
//! | `sinks` | sinks that are ready: [`NoEvents`], [`Channel`], [`JsonLines`] |
//! | `json` | the one place where an envelope becomes JSON |
//!
//! # What a sink can rely on
//!
//! - Within one operation, events come in the order in which they happened, numbered from 1 without a
//!   hole, one at a time.
//! - Every event that is not `progress_updated` comes, exactly once. Of the `progress_updated` of one
//!   operation that wait for a sink that is slow, only the newest does.
//!
//! # What an operation can rely on
//!
//! No sink holds it up or breaks it: one that may wait is called from a thread of its own, and the panic
//! of any costs that sink the event, and nobody else anything. This stops where a sink says that it
//! [is immediate](EventSink::is_immediate) and is not, and where the program is built to abort on panics.

mod delivery;
#[cfg(feature = "authoring")]
mod json;
#[cfg(feature = "authoring")]
mod sinks;
mod teller;

#[cfg(test)]
mod tests;

pub use delivery::Deliveries;
pub(crate) use delivery::Delivery;
#[cfg(feature = "authoring")]
pub use sinks::{Channel, JsonLines};
pub(crate) use teller::{Numbers, Teller};

use std::fmt::Debug;

use crate::id::{AssetId, AssetUuid, Generation, OperationId};
use crate::path::AssetPath;

/// Takes events in. The packer never reads anything back.
///
/// A sink that is not immediate is called from one thread of the project, which starts with the first
/// event. It may wait for as long as it likes: nobody but those who ask for it
/// ([`Project::deliver_events`](crate::Project::deliver_events)) waits for it.
pub trait EventSink: Send + Sync + Debug {
    /// Called once for each event, in order of `sequence` within an operation. When it panics, this
    /// event is lost to it and the next one comes all the same.
    fn take(&self, event: &Event);

    /// Whether `take` never waits for anybody: not for a reader, a disk, or a lock that is held for
    /// longer than a moment, and asks nothing of the project. It is then called by whoever tells, at
    /// once, and no thread is started. To say so and wait holds up the operation that tells. Asked once,
    /// when the project is opened.
    fn is_immediate(&self) -> bool {
        false
    }

    /// Whether anybody hears what is told: where nobody does, events are not put into words. Asked once,
    /// when the project is opened.
    fn is_heard(&self) -> bool {
        true
    }
}

/// A sink for hosts that do not listen. Starts no thread.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoEvents;

impl EventSink for NoEvents {
    fn take(&self, _event: &Event) {}

    fn is_immediate(&self) -> bool {
        true
    }

    fn is_heard(&self) -> bool {
        false
    }
}

/// One event in its envelope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// The project: its canonical path.
    pub project_id: String,
    /// The operation that tells it; stable from its preview to its end.
    pub operation_id: OperationId,
    /// From 1, without holes within one operation.
    pub sequence: u64,
    /// What happened.
    pub kind: EventKind,
    /// Milliseconds since 1970. Informative: order comes from `sequence`.
    pub timestamp: u64,
    /// One line for people.
    pub summary: String,
    /// How far a long operation is.
    pub progress: Option<Progress>,
    /// Which assets it is about.
    pub affected_assets: Vec<AffectedAsset>,
}

/// What happened, with the data that belongs to it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum EventKind {
    /// A root is there that was not, or carries a declaration now.
    AssetDiscovered,
    /// Files of an asset are not what they were, or are gone.
    AssetChanged,
    /// A build began.
    BuildStarted,
    /// A build ended.
    BuildFinished {
        /// `ok`, `blocked` or `failed`.
        status: crate::ops::Status,
    },
    /// An asset's payload was taken from what is already known.
    CacheHit {
        /// Which asset.
        asset_id: AssetId,
    },
    /// An asset's payload had to be made.
    CacheMiss {
        /// Which asset.
        asset_id: AssetId,
        /// Why.
        reason: crate::pack::DirtyReason,
    },
    /// A plan can be looked at.
    PreviewReady {
        /// Its name, for `apply`.
        plan_id: String,
    },
    /// The diagnostics are known anew.
    DiagnosticsUpdated {
        /// How many block a build.
        blocking: usize,
        /// How many warn.
        warnings: usize,
    },
    /// A mutation is durable and visible.
    ActionApplied {
        /// Which one.
        action_id: String,
    },
    /// An operation ended without having done what it was asked.
    ActionFailed {
        /// A blocker's or a failure's code.
        code: &'static str,
    },
    /// Another snapshot is what reads see from now on.
    SnapshotStateChanged {
        /// [`State::as_str`](crate::snapshot::State::as_str): `current` where it shows what is there.
        state: &'static str,
        /// Its number.
        generation: Generation,
    },
    /// A long operation came further.
    ProgressUpdated,
}

/// How far an operation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// How much is done.
    pub done: u64,
    /// Of how much.
    pub total: u64,
    /// Of what: `assets`.
    pub unit: &'static str,
}

/// An asset that an operation is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AffectedAsset {
    /// Its id, once it has one.
    pub asset_id: Option<AssetId>,
    /// Its uuid, once it has one.
    pub asset_uuid: Option<AssetUuid>,
    /// Its folder.
    pub root: AssetPath,
}

impl EventKind {
    /// The kind's name in `kind`.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::AssetDiscovered => "asset_discovered",
            Self::AssetChanged => "asset_changed",
            Self::BuildStarted => "build_started",
            Self::BuildFinished { .. } => "build_finished",
            Self::CacheHit { .. } => "cache_hit",
            Self::CacheMiss { .. } => "cache_miss",
            Self::PreviewReady { .. } => "preview_ready",
            Self::DiagnosticsUpdated { .. } => "diagnostics_updated",
            Self::ActionApplied { .. } => "action_applied",
            Self::ActionFailed { .. } => "action_failed",
            Self::SnapshotStateChanged { .. } => "snapshot_state_changed",
            Self::ProgressUpdated => "progress_updated",
        }
    }

    /// Whether an event of this kind always reaches the sink: all but `progress_updated`, of which a
    /// newer one may take the place of one that still waits.
    #[must_use]
    pub const fn is_lifecycle(&self) -> bool {
        !matches!(self, Self::ProgressUpdated)
    }
}
