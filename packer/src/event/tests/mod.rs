//! Sinks that are slow, full, hang or panic, and many who tell at once: whoever tells goes on, and what
//! the sink sees is whole.

mod delivery;
mod page;
mod sinks;

use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use uuid::Uuid;

use super::{Delivery, Event, EventKind, EventSink, Numbers, Progress, Teller};
use crate::Clock;
use crate::cancel::Token;
use crate::id::OperationId;

/// Longer than any test takes on a busy machine.
const LONG: Duration = Duration::from_secs(60);

/// A sink that waits at a gate with each event, and keeps what came through.
#[derive(Debug, Default)]
struct Gated {
    gate: Mutex<Gate>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Gate {
    is_open: bool,
    has_come: bool,
    through: Vec<Event>,
}

impl EventSink for Gated {
    fn take(&self, event: &Event) {
        let mut gate = self.gate.lock().unwrap();
        gate.has_come = true;
        self.changed.notify_all();
        let mut gate = self.changed.wait_while(gate, |gate| !gate.is_open).unwrap();
        gate.through.push(event.clone());
    }
}

impl Gated {
    fn open(&self) {
        self.gate.lock().unwrap().is_open = true;
        self.changed.notify_all();
    }

    /// Waits until an event stands at the gate.
    fn wait_for_one(&self) {
        let gate = self.gate.lock().unwrap();
        let (gate, _) = self.changed.wait_timeout_while(gate, LONG, |gate| !gate.has_come).unwrap();
        assert!(gate.has_come);
    }

    fn through(&self) -> Vec<Event> {
        self.gate.lock().unwrap().through.clone()
    }
}

#[derive(Debug)]
struct NoClock;

impl Clock for NoClock {
    fn now_millis(&self) -> u64 {
        1_767_225_600_000
    }
}

/// An operation that is told of.
#[derive(Debug, Clone)]
struct Told {
    id: OperationId,
    numbers: Arc<Numbers>,
}

impl Told {
    fn new(n: u128) -> Self {
        Self { id: OperationId::from(Uuid::from_u128(n)), numbers: Arc::default() }
    }

    fn teller<'a>(&self, delivery: &'a Delivery) -> Teller<'a> {
        Teller {
            delivery,
            clock: &NoClock,
            project_id: "/game",
            operation_id: self.id,
            numbers: Arc::clone(&self.numbers),
            token: Token::default(),
        }
    }

    /// Tells something that is never lost.
    fn step(&self, delivery: &Delivery, n: u64) {
        self.teller(delivery).tell(EventKind::BuildStarted, n.to_string());
    }

    fn progress(&self, delivery: &Delivery, done: u64) {
        let progress = Progress { done, total: 10_000, unit: "assets" };
        let summary = done.to_string();
        self.teller(delivery).tell_of(EventKind::ProgressUpdated, summary, Vec::new(), Some(progress));
    }
}

/// The numbers of those events, which must be 1, 2, 3, … in the order in which they came.
fn check_numbers<'a>(events: impl IntoIterator<Item = &'a Event>) {
    for (n, event) in (1..).zip(events) {
        assert_eq!(event.sequence, n, "{event:?}");
    }
}

/// What was told as summaries, of lifecycle events or of progress.
fn summaries(events: &[Event], lifecycle: bool) -> Vec<u64> {
    let chosen = events.iter().filter(|event| event.kind.is_lifecycle() == lifecycle);
    chosen.map(|event| event.summary.parse().unwrap()).collect()
}
