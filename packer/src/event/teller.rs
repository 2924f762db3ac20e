//! Who tells the events of one operation, and their numbers.

use std::sync::{Arc, Mutex, PoisonError};

use super::{AffectedAsset, Delivery, Event, EventKind, Progress};
use crate::Clock;
use crate::cancel::Token;
use crate::id::OperationId;

/// Tells the events of one operation.
#[derive(Debug)]
pub(crate) struct Teller<'a> {
    pub(crate) delivery: &'a Delivery,
    pub(crate) clock: &'a dyn Clock,
    pub(crate) project_id: &'a str,
    pub(crate) operation_id: OperationId,
    /// Shared by all who tell of the operation.
    pub(crate) numbers: Arc<Numbers>,
    /// Whether the operation was asked to stop: whoever tells what it does can also say that.
    pub(crate) token: Token,
}

/// The numbers of one operation's events: how many of them its sink was given.
#[derive(Debug, Default)]
pub(crate) struct Numbers(pub(crate) Mutex<u64>);

impl Teller<'_> {
    /// Whether anybody hears what is told.
    pub(crate) fn is_heard(&self) -> bool {
        self.delivery.is_heard()
    }

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
        if !self.is_heard() {
            return;
        }
        let event = Event {
            project_id: self.project_id.to_owned(),
            operation_id: self.operation_id,
            // It gets its number where it is handed over.
            sequence: 0,
            kind,
            timestamp: self.clock.now_millis(),
            summary: summary.into(),
            progress,
            affected_assets,
        };
        self.delivery.deliver(event, &self.numbers);
    }
}

impl Numbers {
    /// Gives the next number to `take`. Nobody gets another one until that is done, so that no event
    /// overtakes the one before it.
    pub(crate) fn next<T>(&self, take: impl FnOnce(u64) -> T) -> T {
        // A number that was given is spent, also when the one who took it panicked.
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *last += 1;
        take(*last)
    }
}
