//! Events: the story of an operation while it happens.
//!
//! The host hands in an [`EventSink`] when it opens a project; the packer makes no bus of its own.
//! Every operation gets a `Teller`, which numbers its events from 1 without holes. An event is
//! told after what it tells is true.
//!
//! Not here: threads and queues. A sink is called on the thread that works, so it should be quick;
//! one that is slow may merge `progress_updated` events, and no others.

use std::fmt::Debug;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::Clock;
use crate::cancel::Token;
use crate::id::{AssetId, AssetUuid, Generation, OperationId};
use crate::path::AssetPath;

/// Takes events in. The packer never reads anything back.
pub trait EventSink: Send + Sync + Debug {
    /// Called once for each event, in order of `sequence` within an operation.
    fn take(&self, event: &Event);
}

/// A sink for hosts that do not listen.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoEvents;

impl EventSink for NoEvents {
    fn take(&self, _event: &Event) {}
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
    /// A new snapshot is what reads see.
    SnapshotStateChanged {
        /// `current` for a snapshot that was just read.
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
}

/// Tells the events of one operation.
#[derive(Debug)]
pub(crate) struct Teller<'a> {
    pub(crate) sink: &'a dyn EventSink,
    pub(crate) clock: &'a dyn Clock,
    pub(crate) project_id: &'a str,
    pub(crate) operation_id: OperationId,
    /// The number of the last event, shared by all who tell of the operation.
    pub(crate) sequence: Arc<AtomicU64>,
    /// Whether the operation was asked to stop: whoever tells what it does can also say that.
    pub(crate) token: Token,
}

impl Teller<'_> {
    /// Tells that `kind` happened.
    pub(crate) fn tell(&mut self, kind: EventKind, summary: impl Into<String>) {
        self.tell_of(kind, summary, Vec::new(), None);
    }

    /// Tells that `kind` happened to `affected_assets`.
    pub(crate) fn tell_of(
        &mut self,
        kind: EventKind,
        summary: impl Into<String>,
        affected_assets: Vec<AffectedAsset>,
        progress: Option<Progress>,
    ) {
        let sequence = self.sequence.fetch_add(1, Ordering::Relaxed) + 1;
        self.sink.take(&Event {
            project_id: self.project_id.to_owned(),
            operation_id: self.operation_id,
            sequence,
            kind,
            timestamp: self.clock.now_millis(),
            summary: summary.into(),
            progress,
            affected_assets,
        });
    }
}
