//! What goes out: one queue and one thread that writes it, so that lines are whole, an event comes before
//! the answer of its operation, and nobody who works waits for a host that reads slowly.
//!
//! While the queue is long, a `progress_updated` takes the place of the last one of its operation that
//! is still in there: that is the one kind of event of which a host needs the latest only. Every other
//! line is kept until it is written. What is merged leaves no hole: the numbers of later events of the
//! operation close up, when they are written. So that all this stays bounded, [`Outbox::wait_for_room`]
//! keeps new requests out while much is unread.
//!
//! Once the host reads no more (a pipe that broke), what is left is dropped and [`Outbox::is_closed`].

use std::collections::{BTreeMap, VecDeque};
use std::io::Write;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use prometeu_packer::event::{Event, EventKind, EventSink};
use prometeu_packer::id::OperationId;

use super::rpc;

/// How many lines wait before progress is merged. A host that reads sees every event.
const LONG: usize = 256;

/// How many bytes may wait before requests do.
const ROOM: usize = 8 << 20;

/// Of how many operations it is known that their numbers closed up.
const KNOWN: usize = 4096;

/// Lines on their way out.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    lines: VecDeque<Line>,
    /// Of the lines that are in the queue or being written, about.
    bytes: usize,
    /// Nothing will be added.
    ended: bool,
    /// Everything was written, or nobody reads it.
    closed: bool,
}

#[derive(Debug)]
enum Line {
    /// An answer.
    Text(String),
    /// An event, and how many of its operation were left out right before it.
    Event { event: Box<Event>, left_out: u64 },
}

/// By how much the numbers of operations close up, in what was written so far.
#[derive(Debug, Default)]
struct Shifts(BTreeMap<OperationId, u64>);

impl EventSink for Outbox {
    fn take(&self, event: &Event) {
        self.add(Line::Event { event: Box::new(event.clone()), left_out: 0 });
    }

    fn is_immediate(&self) -> bool {
        true
    }
}

impl Line {
    /// About how much it holds.
    fn bytes(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            Self::Event { event, .. } => 512 + event.summary.len() + 256 * event.affected_assets.len(),
        }
    }

    /// Whose event it is.
    fn operation(&self) -> Option<OperationId> {
        match self {
            Self::Text(_) => None,
            Self::Event { event, .. } => Some(event.operation_id),
        }
    }

    /// Whose progress it tells.
    fn progress(&self) -> Option<OperationId> {
        match self {
            Self::Event { event, .. } if matches!(event.kind, EventKind::ProgressUpdated) => {
                Some(event.operation_id)
            }
            _ => None,
        }
    }
}

impl Shifts {
    /// The line as it is written.
    fn text(&mut self, line: Line) -> String {
        let (mut event, left_out) = match line {
            Line::Text(text) => return text,
            Line::Event { event, left_out } => (event, left_out),
        };
        if left_out > 0 {
            *self.0.entry(event.operation_id).or_default() += left_out;
            if self.0.len() > KNOWN {
                // Ids sort by time: the oldest has ended long since.
                self.0.pop_first();
            }
        }
        event.sequence -= self.0.get(&event.operation_id).copied().unwrap_or(0).min(event.sequence);
        rpc::event(&event)
    }
}

impl State {
    /// Adds a line, while the queue is long in the stead of an older one.
    fn add(&mut self, mut line: Line) {
        if self.lines.len() >= LONG
            && let Some(operation) = line.progress()
            && let Some(place) = self.lines.iter().rposition(|other| other.progress() == Some(operation))
            && let Some(old) = self.lines.remove(place)
        {
            self.bytes -= old.bytes();
            let Line::Event { left_out: before, .. } = old else { return };
            // Whatever comes next of the operation closes the gap.
            let later = self.lines.range_mut(place..).find(|later| later.operation() == Some(operation));
            if let Line::Event { left_out, .. } = later.unwrap_or(&mut line) {
                *left_out += before + 1;
            }
        }
        self.bytes += line.bytes();
        self.lines.push_back(line);
    }
}

impl Outbox {
    /// Puts a line at the end of the queue.
    pub(crate) fn push(&self, text: String) {
        self.add(Line::Text(text));
    }

    fn add(&self, line: Line) {
        let mut state = self.state();
        if state.closed || state.ended {
            return;
        }
        state.add(line);
        drop(state);
        self.changed.notify_all();
    }

    /// Waits until not too much is unread, or nothing will be read any more.
    pub(crate) fn wait_for_room(&self) {
        let state = self.state();
        let is_full = |state: &mut State| state.bytes > ROOM && !state.closed && !state.ended;
        drop(self.changed.wait_while(state, is_full).unwrap_or_else(PoisonError::into_inner));
    }

    /// Whether the host reads no more.
    pub(crate) fn is_closed(&self) -> bool {
        self.state().closed
    }

    /// Writes what comes, until [`Outbox::end`] and everything is written, or the host reads no more.
    pub(crate) fn write_all(&self, out: &mut impl Write) {
        let mut shifts = Shifts::default();
        loop {
            let state = self.state();
            let is_idle = |state: &mut State| state.lines.is_empty() && !state.ended;
            let mut state = self.changed.wait_while(state, is_idle).unwrap_or_else(PoisonError::into_inner);
            let lines = std::mem::take(&mut state.lines);
            if lines.is_empty() {
                state.closed = true;
                self.changed.notify_all();
                return;
            }
            drop(state);
            let bytes: usize = lines.iter().map(Line::bytes).sum();
            for line in lines {
                let text = shifts.text(line);
                let written = out.write_all(text.as_bytes()).and_then(|()| out.write_all(b"\n"));
                if written.is_err() {
                    return self.close();
                }
            }
            if out.flush().is_err() {
                return self.close();
            }
            self.state().bytes -= bytes;
            self.changed.notify_all();
        }
    }

    /// Takes nothing more in, and waits until everything is written; at most `patience`.
    pub(crate) fn end(&self, patience: Duration) {
        let mut state = self.state();
        state.ended = true;
        self.changed.notify_all();
        let until = Instant::now() + patience;
        while !state.closed {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return;
            }
            state = self.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    fn close(&self) {
        let mut state = self.state();
        state.closed = true;
        state.lines.clear();
        state.bytes = 0;
        drop(state);
        self.changed.notify_all();
    }

    /// Nothing panics while it holds the state, and each change of it is one step.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use serde_json::Value;
    use uuid::Uuid;

    use super::*;

    fn event(operation: u128, sequence: u64, kind: EventKind) -> Event {
        Event {
            project_id: "/game".into(),
            operation_id: OperationId::from(Uuid::from_u128(operation)),
            sequence,
            kind,
            timestamp: 0,
            summary: "x".into(),
            progress: None,
            affected_assets: Vec::new(),
        }
    }

    fn written(outbox: &Outbox) -> Vec<Value> {
        let mut out = Vec::new();
        outbox.state().ended = true;
        outbox.write_all(&mut out);
        String::from_utf8(out).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    #[test]
    fn a_host_that_reads_is_told_everything_in_order() {
        let outbox = Outbox::default();
        (1..100).for_each(|n| outbox.take(&event(1, n, EventKind::ProgressUpdated)));
        outbox.push("{}".into());
        let lines = written(&outbox);
        assert_eq!(lines.len(), 100);
        assert!((1..100).all(|n| lines[n - 1]["params"]["sequence"] == n));
        assert_eq!(lines[99], serde_json::json!({}));
    }

    #[test]
    fn of_a_host_that_does_not_read_the_progress_is_merged_and_nothing_else() {
        let outbox = Outbox::default();
        for n in 1..=2_000_u32 {
            let kind = if n % 100 == 0 { EventKind::BuildStarted } else { EventKind::ProgressUpdated };
            outbox.take(&event(n.into(), 1, kind.clone()));
            outbox.take(&Event { timestamp: n.into(), ..event(1 << 100, n.into(), kind) });
        }
        let lines = written(&outbox);
        let of = |kind: &str| {
            let events = lines.iter().map(|line| &line["params"]).filter(|event| event["kind"] == kind);
            events.map(|event| event["sequence"].as_u64().unwrap()).collect::<Vec<_>>()
        };
        assert_eq!(of("build_started").len(), 40);
        // That of each operation, and of the long one what there was before the queue was long.
        assert_eq!(of("progress_updated").len(), 1_980 + LONG / 2 - 1);
        let long = Uuid::from_u128(1 << 100).to_string();
        let long = |line: &&Value| line["params"]["operation_id"] == long.as_str();
        let told: Vec<[u64; 2]> = lines
            .iter()
            .filter(long)
            .map(|line| ["sequence", "timestamp"].map(|name| line["params"][name].as_u64().unwrap()))
            .collect();
        assert!(told.iter().zip(1..).all(|([sequence, _], n)| *sequence == n), "no holes: {told:?}");
        assert!(told.is_sorted_by_key(|[_, time]| *time), "in order: {told:?}");
        let last: Vec<u64> = told.iter().rev().map(|[_, time]| *time).take(2).collect();
        assert_eq!(last, [2_000, 1_999], "the last progress is there");
    }

    #[test]
    fn an_operation_that_goes_on_is_numbered_on_after_what_was_left_out() {
        let outbox = Outbox::default();
        (0..LONG).for_each(|_| outbox.push("{}".into()));
        (1..=10).for_each(|n| outbox.take(&event(1, n, EventKind::ProgressUpdated)));
        outbox.take(&event(1, 11, EventKind::BuildStarted));
        let mut shifts = Shifts::default();
        let mut texts = |outbox: &Outbox| -> Vec<u64> {
            let lines = std::mem::take(&mut outbox.state().lines);
            let texts = lines.into_iter().map(|line| shifts.text(line));
            let read = texts.map(|text| serde_json::from_str::<Value>(&text).unwrap());
            read.filter_map(|line| line["params"]["sequence"].as_u64()).collect()
        };
        assert_eq!(texts(&outbox), [1, 2]);
        outbox.take(&event(1, 12, EventKind::BuildStarted));
        outbox.take(&event(2, 1, EventKind::BuildStarted));
        assert_eq!(texts(&outbox), [3, 1]);
    }

    #[test]
    fn a_pipe_that_breaks_ends_it_and_what_comes_then_is_dropped() {
        struct Broken;
        impl Write for Broken {
            fn write(&mut self, _bytes: &[u8]) -> io::Result<usize> {
                Err(io::ErrorKind::BrokenPipe.into())
            }

            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let outbox = Outbox::default();
        outbox.push("x".repeat(2 * ROOM));
        outbox.write_all(&mut Broken);
        assert!(outbox.is_closed());
        outbox.push("y".into());
        outbox.wait_for_room();
        outbox.end(Duration::from_secs(60));
        assert_eq!(outbox.state().lines.len(), 0);
    }
}
