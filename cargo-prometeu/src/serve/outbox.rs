//! What goes out: one queue and one thread that writes it, so that lines are whole, an event comes before
//! the answer of its operation, and nobody who works waits for a host that reads slowly.
//!
//! While the queue is long, a `progress_updated` takes the place of the last one of its operation that
//! is still in there: that is the one kind of event of which a host needs the latest only. Every other
//! line is kept until it is written. So that this stays bounded, [`Outbox::wait_for_room`] keeps new
//! requests out while much is unread.
//!
//! Once the host reads no more (a pipe that broke), what is left is dropped and [`Outbox::is_closed`].

use std::collections::VecDeque;
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

/// Lines on their way out.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    lines: VecDeque<Line>,
    /// Of the lines that are in the queue or being written.
    bytes: usize,
    /// Nothing will be added.
    ended: bool,
    /// Everything was written, or nobody reads it.
    closed: bool,
}

#[derive(Debug)]
struct Line {
    text: String,
    /// Whose progress it tells.
    progress: Option<OperationId>,
}

impl EventSink for Outbox {
    fn take(&self, event: &Event) {
        let is_progress = matches!(event.kind, EventKind::ProgressUpdated);
        self.add(Line { text: rpc::event(event), progress: is_progress.then_some(event.operation_id) });
    }
}

impl Outbox {
    /// Puts a line at the end of the queue.
    pub(crate) fn push(&self, text: String) {
        self.add(Line { text, progress: None });
    }

    fn add(&self, line: Line) {
        let mut state = self.state();
        if state.closed || state.ended {
            return;
        }
        if line.progress.is_some() && state.lines.len() >= LONG {
            let earlier = state.lines.iter().rposition(|other| other.progress == line.progress);
            if let Some(merged) = earlier.and_then(|earlier| state.lines.remove(earlier)) {
                state.bytes -= merged.text.len();
            }
        }
        state.bytes += line.text.len();
        state.lines.push_back(line);
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
            for line in &lines {
                let written = out.write_all(line.text.as_bytes()).and_then(|()| out.write_all(b"\n"));
                if written.is_err() {
                    return self.close();
                }
            }
            if out.flush().is_err() {
                return self.close();
            }
            self.state().bytes -= lines.iter().map(|line| line.text.len()).sum::<usize>();
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
            outbox.take(&event(1 << 100, n.into(), kind));
        }
        let lines = written(&outbox);
        let of = |kind: &str| {
            let events = lines.iter().map(|line| &line["params"]).filter(|event| event["kind"] == kind);
            events.map(|event| event["sequence"].as_u64().unwrap()).collect::<Vec<_>>()
        };
        assert_eq!(of("build_started").len(), 40);
        // Each operation's latest, and what there was before the queue was long.
        assert!(of("progress_updated").len() <= 1_980 + LONG, "{}", of("progress_updated").len());
        let long = Uuid::from_u128(1 << 100).to_string();
        let told: Vec<u64> = lines
            .iter()
            .filter(|line| line["params"]["operation_id"] == long.as_str())
            .map(|line| line["params"]["sequence"].as_u64().unwrap())
            .collect();
        assert!(told.is_sorted() && told.last() == Some(&2_000), "{told:?}");
        assert!(told.contains(&1_999), "the last progress is there");
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
