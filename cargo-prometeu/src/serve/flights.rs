//! Requests in flight: taken, waiting for their turn, under way; asked to stop by their id.
//!
//! What only reads and what does more wait in two queues, so that neither a read nor a preview ever waits
//! behind writers who wait for the project. A request is in flight from when it is taken until its answer is on its way out;
//! its id may be used again then. It can be asked to stop all that time: its operation has a place
//! reserved, so that what is asked of one that has not begun counts when it does.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use prometeu_packer::id::OperationId;
use prometeu_packer::{Cancel, Reservation};

use super::rpc::{Id, Kind, Problem};
use super::session::Call;

/// How many may be in flight.
pub(crate) const MOST: usize = 1024;

/// How often the end of the last one is looked for, beside being told.
const LOOK: Duration = Duration::from_millis(20);

/// A request.
#[derive(Debug)]
pub(crate) struct Flight {
    /// Absent in a notification.
    pub(crate) id: Option<Id>,
    pub(crate) call: Call,
    /// The operation that it is.
    pub(crate) operation_id: OperationId,
}

/// A request that has got its turn.
#[derive(Debug)]
pub(crate) struct Turn {
    pub(crate) flight: Flight,
    number: u64,
    /// Held until it has ended.
    _place: Reservation,
}

/// What a queue is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Queue {
    /// Reads and previews, which wait for nobody.
    Reads,
    /// Applications of plans and builds, which wait for each other.
    Works,
}

/// All of them.
#[derive(Debug)]
pub(crate) struct Flights {
    cancel: Cancel,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    /// Those that wait: reads, works.
    waiting: [VecDeque<Turn>; 2],
    /// Those that wait and those that are under way: number, id, operation.
    taken: Vec<(u64, Option<Id>, OperationId)>,
    /// The number of the last one.
    last: u64,
    /// No more are taken.
    is_closed: bool,
}

impl Flights {
    pub(crate) fn new(cancel: Cancel) -> Self {
        Self { cancel, state: Mutex::default(), changed: Condvar::new() }
    }

    /// Takes a request.
    ///
    /// # Errors
    ///
    /// When too many are in flight, one of them has its id, or the session is ending.
    pub(crate) fn take(&self, flight: Flight) -> Result<(), Problem> {
        let mut state = self.state();
        if state.is_closed {
            let problem = Problem::new(Kind::Request, "the session is ending");
            return Err(problem.help("Start another process for more."));
        }
        let is_taken =
            |id: &Id| *id != Id::Null && state.taken.iter().any(|(_, other, _)| other.as_ref() == Some(id));
        if let Some(id) = flight.id.as_ref().filter(|id| is_taken(id)) {
            let problem = Problem::new(Kind::Request, format!("a request with the id {id} is in flight"));
            return Err(problem.help("Give each request an id of its own until it is answered."));
        }
        if state.taken.len() >= MOST {
            let problem = Problem::new(Kind::Busy, format!("{MOST} requests are in flight"));
            return Err(problem.help("Wait for answers, and send this one again."));
        }
        state.last += 1;
        let number = state.last;
        state.taken.push((number, flight.id.clone(), flight.operation_id));
        let place = self.cancel.reserve(flight.operation_id);
        let queue = flight.call.queue();
        state.waiting[queue as usize].push_back(Turn { flight, number, _place: place });
        drop(state);
        self.changed.notify_all();
        Ok(())
    }

    /// The next request whose turn it is; `None` when there will be none.
    pub(crate) fn next(&self, queue: Queue) -> Option<Turn> {
        let state = self.state();
        let is_idle = |state: &mut State| state.waiting[queue as usize].is_empty() && !state.is_closed;
        let mut state = self.changed.wait_while(state, is_idle).unwrap_or_else(PoisonError::into_inner);
        state.waiting[queue as usize].pop_front()
    }

    /// A request has ended, and `answer` sends its answer. Its id is free when that is on its way.
    pub(crate) fn land(&self, turn: Turn, answer: impl FnOnce()) {
        let mut state = self.state();
        answer();
        let number = turn.number;
        state.taken.retain(|(taken, _, _)| *taken != number);
        drop(state);
        drop(turn);
        self.changed.notify_all();
    }

    /// Asks the request with that id to stop. One that has ended, or never was, is not asked.
    pub(crate) fn cancel(&self, id: &Id) {
        let state = self.state();
        for (_, _, operation_id) in state.taken.iter().filter(|(_, other, _)| other.as_ref() == Some(id)) {
            self.cancel.operation(*operation_id);
        }
    }

    /// Takes no more requests.
    pub(crate) fn close(&self) {
        self.state().is_closed = true;
        self.changed.notify_all();
    }

    /// Asks all to stop that are in flight.
    pub(crate) fn cancel_all(&self) {
        self.cancel.all();
    }

    /// Waits until none is in flight: at most `patience`, and no longer when `is_over`.
    pub(crate) fn wait_for_all(&self, patience: Duration, is_over: impl Fn() -> bool) {
        let until = Instant::now() + patience;
        let mut state = self.state();
        while !state.taken.is_empty() && Instant::now() < until {
            state = self.changed.wait_timeout(state, LOOK).unwrap_or_else(PoisonError::into_inner).0;
            drop(state);
            if is_over() {
                return;
            }
            state = self.state();
        }
    }

    /// Nothing panics while it holds the state but an answer, which comes before the change.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
