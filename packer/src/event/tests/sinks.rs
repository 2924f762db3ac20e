//! The sinks that are ready.

use std::io::{self, Write};

use super::*;
use crate::event::{Channel, JsonLines};

/// Takes some lines and then fails, or panics.
#[derive(Debug, Default)]
struct Torn {
    lines: Vec<u8>,
    left: usize,
    panics: bool,
}

impl Write for Torn {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.left == 0 {
            assert!(!self.panics, "a writer panics, as a test wants it to");
            return Err(io::Error::new(io::ErrorKind::StorageFull, "full"));
        }
        self.left -= 1;
        self.lines.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What a stream holds after five events.
fn written(writer: Torn) -> (Vec<u8>, Option<io::ErrorKind>) {
    let sink = Arc::new(JsonLines::new(writer));
    let delivery = Delivery::new(Arc::clone(&sink) as Arc<dyn EventSink>);
    let told = Told::new(1);
    (1..=5).for_each(|n| told.step(&delivery, n));
    assert!(delivery.settle(LONG));
    let failure = sink.failure().map(|error| error.kind());
    assert!(sink.failure().is_none(), "it is said once");
    drop(delivery);
    // The thread lets go of it a moment later.
    let mut sink = sink;
    let sink = loop {
        match Arc::try_unwrap(sink) {
            Ok(sink) => break sink,
            Err(shared) => sink = shared,
        }
        std::thread::yield_now();
    };
    (sink.into_inner().lines, failure)
}

#[test]
fn each_event_is_one_line_that_is_flushed() {
    let (lines, failure) = written(Torn { left: 5, ..Torn::default() });
    assert_eq!(failure, None);
    let lines = String::from_utf8(lines).unwrap();
    assert!(lines.ends_with('\n'));
    for (n, line) in (1_u64..).zip(lines.lines()) {
        let event: serde_json::Value = serde_json::from_str(line).unwrap();
        assert_eq!((&event["sequence"], &event["summary"]), (&n.into(), &n.to_string().into()));
    }
    assert_eq!(lines.lines().count(), 5);
}

#[test]
fn a_stream_that_is_torn_gets_nothing_more_and_says_why() {
    let (lines, failure) = written(Torn { left: 2, ..Torn::default() });
    assert_eq!(failure, Some(io::ErrorKind::StorageFull));
    assert_eq!(lines.split(|byte| *byte == b'\n').count(), 2 + 1);
    let (lines, failure) = written(Torn { left: 2, panics: true, ..Torn::default() });
    assert_eq!(failure, None, "a panic is all that was said");
    assert_eq!(lines.split(|byte| *byte == b'\n').count(), 2 + 1);
}

#[test]
fn a_channel_gives_events_as_they_were_told_and_may_be_hung_up() {
    let (sink, events) = Channel::unbounded();
    assert!(sink.is_immediate());
    let delivery = Delivery::new(Arc::new(sink));
    let told = Told::new(1);
    told.progress(&delivery, 1);
    told.progress(&delivery, 2);
    told.step(&delivery, 3);
    let seen: Vec<Event> = events.try_iter().collect();
    check_numbers(&seen);
    assert_eq!(seen.len(), 3, "nothing is merged");
    drop(events);
    told.step(&delivery, 4);
}

#[test]
fn a_channel_that_is_full_makes_nobody_wait_and_merges_progress() {
    let (sink, events) = Channel::bounded(1);
    assert!(!sink.is_immediate());
    let delivery = Delivery::new(Arc::new(sink));
    let told = Told::new(1);
    for n in 0..10_000 {
        told.progress(&delivery, n);
    }
    told.step(&delivery, 10_000);
    let mut seen = Vec::new();
    while seen.last().is_none_or(|event: &Event| !event.kind.is_lifecycle()) {
        seen.push(events.recv_timeout(LONG).unwrap());
    }
    check_numbers(&seen);
    // One in the channel, one in the sink's hand, and the newest; the thread may have come late.
    assert!((2..=4).contains(&seen.len()), "{}", seen.len());
    assert_eq!(seen[seen.len() - 2].summary, "9999");
    drop(events);
    told.step(&delivery, 10_001);
    assert!(delivery.settle(LONG), "nobody is there to be waited for");
}
