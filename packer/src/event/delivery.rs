//! How an event gets from who tells it to the sink.
//!
//! To an immediate sink it is handed at once. For every other one there is a queue, and one thread that
//! empties it: whoever tells leaves the event there and goes on.
//!
//! | what waits | when the sink is slow |
//! | --- | --- |
//! | a lifecycle event | is kept until it is taken |
//! | `progress_updated` | is dropped when the same operation tells a newer one, which waits at the end |
//!
//! So the newer progress never comes before anything that was told earlier, and the last one always
//! comes. An event gets its number when it leaves the queue: what was dropped never had one, and the
//! sink sees no holes. Numbering and handing over are one step ([`Numbers`]), so two threads that tell
//! of one operation cannot overtake each other in between.
//!
//! # Where the guarantee stops
//!
//! The queue lives in memory: what a sink that hangs has not taken when the process ends is lost, and a
//! project that is closed waits for its sink for [`FAREWELL`] only. Lifecycle events are one for each
//! asset that is packed and a handful for any other operation; nothing bounds how many operations a host
//! does while its sink hangs. Where the system gives no thread, events wait until it does.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::thread::{self, ThreadId};
use std::time::Duration;

use super::{Event, EventSink, Numbers};
use crate::id::OperationId;

/// How long a project that is closed waits for its sink.
pub(crate) const FAREWELL: Duration = Duration::from_secs(2);

/// The way to one sink.
#[derive(Debug)]
pub(crate) struct Delivery {
    is_heard: bool,
    is_immediate: bool,
    line: Arc<Line>,
}

/// Asks whether a project's sink has taken its events: for whoever prints what a project answers and
/// does not hold the project. See [`Project::deliveries`](crate::Project::deliveries).
#[derive(Debug, Clone)]
pub struct Deliveries(pub(crate) Weak<Delivery>);

/// What the thread shares with those who tell.
#[derive(Debug)]
struct Line {
    sink: Arc<dyn EventSink>,
    queue: Mutex<Queue>,
    /// Something was told or taken, or nothing will be told any more.
    changed: Condvar,
}

/// What waits, and who empties it.
#[derive(Debug, Default)]
struct Queue {
    /// How many places were given out.
    told: u64,
    /// By place.
    waiting: BTreeMap<u64, Waiting>,
    /// The place of the one `progress_updated` of an operation that waits.
    progress: BTreeMap<OperationId, u64>,
    /// The place of the event that the sink has now.
    taking: Option<u64>,
    /// How many wait until something was taken.
    settling: usize,
    courier: Option<ThreadId>,
    is_closed: bool,
}

#[derive(Debug)]
struct Waiting {
    event: Event,
    numbers: Arc<Numbers>,
}

impl Delivery {
    /// The way to `sink`. Starts nothing yet.
    pub(crate) fn new(sink: Arc<dyn EventSink>) -> Self {
        let (is_immediate, is_heard) = (sink.is_immediate(), sink.is_heard());
        let line = Line { sink, queue: Mutex::default(), changed: Condvar::new() };
        Self { is_immediate, is_heard, line: Arc::new(line) }
    }

    /// Whether anybody hears.
    pub(super) fn is_heard(&self) -> bool {
        self.is_heard
    }

    /// Sends an event on its way, which gets its number there. Never waits, and never panics, but for
    /// what an immediate sink does to those who tell of the same operation.
    pub(super) fn deliver(&self, mut event: Event, numbers: &Arc<Numbers>) {
        if self.is_immediate {
            numbers.next(|sequence| {
                event.sequence = sequence;
                hand_over(&*self.line.sink, &event);
            });
            return;
        }
        let mut queue = self.line.queue();
        // Who has something to take looks for more by itself: a call for each event costs more than it.
        let may_sleep = queue.waiting.is_empty();
        queue.push(Waiting { event, numbers: Arc::clone(numbers) });
        self.start(&mut queue);
        drop(queue);
        if may_sleep {
            self.line.changed.notify_all();
        }
    }

    /// Waits until everything that was told before this call was taken, for at most `within`. Whether it
    /// was. The sink itself is told `false` at once: it cannot wait for itself.
    pub(crate) fn settle(&self, within: Duration) -> bool {
        let mut queue = self.line.queue();
        if !queue.holds_any_before(queue.told) {
            return true;
        }
        if !self.start(&mut queue) || queue.courier == Some(thread::current().id()) {
            return false;
        }
        let now = queue.told;
        queue.settling += 1;
        let waited = self.line.changed.wait_timeout_while(queue, within, |queue| queue.holds_any_before(now));
        let (mut queue, _) = waited.unwrap_or_else(PoisonError::into_inner);
        queue.settling -= 1;
        !queue.holds_any_before(now)
    }

    /// Sees to it that there is a thread; whether there is.
    fn start(&self, queue: &mut Queue) -> bool {
        if queue.courier.is_none() {
            let line = Arc::clone(&self.line);
            let started = thread::Builder::new().name("prometeu events".to_owned()).spawn(move || line.run());
            queue.courier = started.ok().map(|thread| thread.thread().id());
        }
        queue.courier.is_some()
    }
}

impl Deliveries {
    /// Waits until the sink has taken every event that was told before this call, for at most `within`;
    /// whether it has. An immediate sink has them already. The sink itself is told `false` at once, where
    /// it has something left to take.
    pub fn wait(&self, within: Duration) -> bool {
        self.0.upgrade().is_none_or(|delivery| delivery.settle(within))
    }
}

#[cfg(test)]
impl Delivery {
    /// How many events wait for the sink.
    pub(super) fn waiting(&self) -> usize {
        self.line.queue().waiting.len()
    }

    /// Whether a thread was started.
    pub(super) fn has_thread(&self) -> bool {
        self.line.queue().courier.is_some()
    }
}

impl Drop for Delivery {
    /// Waits a moment for what is still to be taken. The thread stays until the sink has all of it.
    fn drop(&mut self) {
        self.settle(FAREWELL);
        self.line.queue().is_closed = true;
        self.line.changed.notify_all();
    }
}

impl Line {
    /// Hands one event after the other to the sink, until there are none and no more will come.
    fn run(&self) {
        let mut queue = self.queue();
        loop {
            if let Some(Waiting { mut event, numbers }) = queue.pop() {
                drop(queue);
                event.sequence = numbers.next(|sequence| sequence);
                hand_over(&*self.sink, &event);
                queue = self.queue();
                queue.taking = None;
                if queue.settling > 0 {
                    self.changed.notify_all();
                }
            } else if queue.is_closed {
                return;
            } else {
                queue = self.changed.wait(queue).unwrap_or_else(PoisonError::into_inner);
            }
        }
    }

    /// Nothing panics while it holds the queue, and each change of it is whole.
    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Queue {
    /// Puts an event at the end, in the stead of the progress of its operation that it makes old.
    fn push(&mut self, new: Waiting) {
        let place = self.told;
        self.told += 1;
        if !new.event.kind.is_lifecycle()
            && let Some(old) = self.progress.insert(new.event.operation_id, place)
        {
            self.waiting.remove(&old);
        }
        self.waiting.insert(place, new);
    }

    /// Takes out the event that waits longest.
    fn pop(&mut self) -> Option<Waiting> {
        let (place, next) = self.waiting.pop_first()?;
        if !next.event.kind.is_lifecycle() {
            self.progress.remove(&next.event.operation_id);
        }
        self.taking = Some(place);
        Some(next)
    }

    /// Whether the sink has not taken all that was told before the one with this place.
    fn holds_any_before(&self, place: u64) -> bool {
        let first = self.waiting.keys().next().copied();
        [self.taking, first].into_iter().flatten().any(|waiting| waiting < place)
    }
}

/// Gives an event to the sink. What it does with it is its own matter: a panic is not the operation's.
fn hand_over(sink: &dyn EventSink, event: &Event) {
    drop(catch_unwind(AssertUnwindSafe(|| sink.take(event))));
}
