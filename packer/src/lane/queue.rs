//! The turn within a process: first come, first served, and nobody has to wait for ever.
//!
//! A thread joins the line, waits until it is first for as long as it likes, and leaves the line by
//! dropping its place, whether it had its turn, lost its patience or panicked. So there is nothing to
//! poison, and nothing to repair.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// A line of threads.
#[derive(Debug, Default)]
pub(super) struct Queue {
    line: Mutex<Line>,
    moved: Condvar,
}

#[derive(Debug, Default)]
struct Line {
    next: u64,
    waiting: VecDeque<u64>,
}

/// A place in the line, until it is dropped.
#[derive(Debug)]
#[must_use = "the place is given up when this is dropped"]
pub(super) struct Ticket<'q> {
    queue: &'q Queue,
    number: u64,
}

impl Queue {
    /// Takes the last place.
    pub(super) fn join(&self) -> Ticket<'_> {
        let mut line = self.line();
        let number = line.next;
        line.next += 1;
        line.waiting.push_back(number);
        Ticket { queue: self, number }
    }

    /// Nothing panics while it holds the line, and each change of it is one step.
    fn line(&self) -> MutexGuard<'_, Line> {
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Ticket<'_> {
    /// Whether this is the first place, now or within that time.
    pub(super) fn is_first_within(&self, time: Duration) -> bool {
        let behind = |line: &mut Line| line.waiting.front() != Some(&self.number);
        let waited = self.queue.moved.wait_timeout_while(self.queue.line(), time, behind);
        let (_line, result) = waited.unwrap_or_else(PoisonError::into_inner);
        !result.timed_out()
    }
}

impl Drop for Ticket<'_> {
    fn drop(&mut self) {
        self.queue.line().waiting.retain(|number| *number != self.number);
        self.queue.moved.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Duration = Duration::ZERO;

    #[test]
    fn places_are_served_in_the_order_in_which_they_were_taken() {
        let queue = Queue::default();
        let (first, second, third) = (queue.join(), queue.join(), queue.join());
        assert!(first.is_first_within(NOW) && !second.is_first_within(NOW) && !third.is_first_within(NOW));
        drop(first);
        assert!(second.is_first_within(NOW) && !third.is_first_within(NOW));
    }

    #[test]
    fn who_loses_patience_holds_nobody_up() {
        let queue = Queue::default();
        let (first, second, third) = (queue.join(), queue.join(), queue.join());
        assert!(!second.is_first_within(Duration::from_millis(2)));
        drop(second);
        drop(first);
        assert!(third.is_first_within(NOW));
    }

    #[test]
    fn a_thread_that_waits_is_woken_when_its_turn_comes() {
        let queue = Queue::default();
        let first = queue.join();
        let second = queue.join();
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| second.is_first_within(Duration::from_secs(60)));
            drop(first);
            assert!(waiting.join().unwrap());
        });
    }
}
