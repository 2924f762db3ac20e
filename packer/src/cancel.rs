//! Cancellation: a host asks, and an operation stops between two of its steps.
//!
//! An operation that stops leaves everything as it was: what it staged is swept, its locks are free, and
//! it answers `failed` with the code `cancelled`. It is never stopped once it is decided, in a change
//! by its journal, in a pack by the first file that is published: then it is finished, and answers
//! `ok`.
//!
//! | an operation that | asks |
//! | --- | --- |
//! | begins | first of all |
//! | waits for somebody | at each try, at most 50 ms apart |
//! | reads a project | between two assets, and two folders of the walk |
//! | looks into content | before each input is opened, and at every 256 KiB |
//! | packs | between two assets as well, and last before the first file is published |
//! | makes a root | between two files, and last before the journal is written |
//!
//! Asking costs one load without ordering: nothing else is told by it.
//!
//! # Where the guarantee stops
//!
//! A call of the file system is not interrupted, nor is a picture in the midst of being decoded, or a
//! plan in the making. The folders and files of the lane itself are made before and stay. What
//! an earlier operation left unfinished is settled all the same, before the one that was asked to stop
//! gets that far.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use crate::Error;
use crate::id::OperationId;

/// Asks operations to stop. Clones ask the same ones; it may be done from any thread.
#[derive(Debug, Clone, Default)]
pub struct Cancel(Arc<Mutex<Operations>>);

/// The operations that can be asked.
#[derive(Debug, Default)]
struct Operations {
    /// Whether all are to stop, also those that will begin.
    all: bool,
    /// Those that run, and some that have ended since one began.
    running: Vec<(OperationId, Weak<AtomicBool>)>,
    /// Those that somebody holds a place for, and some that nobody does any more.
    reserved: Vec<(OperationId, Weak<AtomicBool>)>,
}

/// A place for an operation that has not begun yet. While it is held, what begins under its id was asked
/// to stop when the place was.
#[derive(Debug)]
#[must_use = "dropped, it holds nothing"]
pub struct Reservation(#[expect(dead_code, reason = "held for as long as this is")] Token);

/// Whether one operation was asked to stop. The default was not, and never is.
#[derive(Debug, Clone, Default)]
pub(crate) struct Token(Arc<AtomicBool>);

impl Cancel {
    /// Asks every operation to stop that runs, and every one that will ever begin: what somebody wants
    /// who ends the process.
    pub fn all(&self) {
        let mut operations = self.operations();
        operations.all = true;
        for token in operations.running.iter().filter_map(|(_, token)| token.upgrade()) {
            Token(token).ask();
        }
    }

    /// Asks one operation to stop, which its events name; whether it runs. A preview and each
    /// application of its plan run one after the other under the same id: it is asked what runs now.
    pub fn operation(&self, operation_id: OperationId) -> bool {
        let operations = self.operations();
        let meant = operations.running.iter().filter(|(id, _)| *id == operation_id);
        let running: Vec<_> = meant.filter_map(|(_, token)| token.upgrade()).collect();
        let runs = !running.is_empty();
        running.into_iter().for_each(|token| Token(token).ask());
        runs
    }

    /// Holds a place for an operation that will begin: from now on it can be asked to stop by
    /// [`Cancel::operation`], as if it ran.
    ///
    /// For a host that takes requests while others are under way: what is asked of one that has not got its
    /// turn counts when it has.
    pub fn reserve(&self, operation_id: OperationId) -> Reservation {
        let token = self.begin(operation_id);
        let mut operations = self.operations();
        operations.reserved.retain(|(_, token)| token.strong_count() > 0);
        operations.reserved.push((operation_id, Arc::downgrade(&token.0)));
        Reservation(token)
    }

    /// An operation begins, and runs until the last clone of its token is dropped.
    pub(crate) fn begin(&self, operation_id: OperationId) -> Token {
        let mut operations = self.operations();
        let mut places = operations.reserved.iter().filter(|(id, _)| *id == operation_id);
        if let Some(place) = places.find_map(|(_, place)| place.upgrade()) {
            return Token(place);
        }
        let token = Token(Arc::new(AtomicBool::new(operations.all)));
        operations.running.retain(|(_, token)| token.strong_count() > 0);
        operations.running.push((operation_id, Arc::downgrade(&token.0)));
        token
    }

    /// Nothing panics while it holds them, and each change of them is one step.
    fn operations(&self) -> MutexGuard<'_, Operations> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Token {
    /// Goes on, unless the operation was asked to stop.
    ///
    /// # Errors
    ///
    /// [`Error::Cancelled`] when it was.
    pub(crate) fn check(&self) -> Result<(), Error> {
        if self.is_asked() { Err(Error::Cancelled) } else { Ok(()) }
    }

    /// Asks the operation to stop.
    pub(crate) fn ask(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether the operation was asked to stop.
    pub(crate) fn is_asked(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn id(n: u128) -> OperationId {
        OperationId::from(Uuid::from_u128(n))
    }

    #[test]
    fn one_operation_is_asked_while_it_runs_and_no_other() {
        let cancel = Cancel::default();
        let (one, other) = (cancel.begin(id(1)), cancel.begin(id(2)));
        assert!(cancel.clone().operation(id(1)) && !cancel.operation(id(3)));
        assert_eq!((one.is_asked(), other.is_asked()), (true, false));
        drop(one);
        assert!(!cancel.operation(id(1)), "it has ended");
        assert!(
            !cancel.begin(id(1)).is_asked(),
            "what is asked of a preview is not asked of its application"
        );
    }

    #[test]
    fn an_operation_runs_until_all_who_work_for_it_are_done() {
        let cancel = Cancel::default();
        let token = cancel.begin(id(1));
        let clone = token.clone();
        drop(token);
        assert!(cancel.operation(id(1)) && clone.is_asked());
    }

    #[test]
    fn all_are_those_that_run_and_those_that_will_begin() {
        let cancel = Cancel::default();
        let running = cancel.begin(id(1));
        cancel.all();
        assert!(running.is_asked() && cancel.begin(id(2)).is_asked());
        assert!(matches!(running.check(), Err(Error::Cancelled)));
        assert!(!Token::default().is_asked());
    }

    #[test]
    fn what_is_asked_of_a_place_is_asked_of_what_begins_there() {
        let cancel = Cancel::default();
        let place = cancel.reserve(id(1));
        let (early, other) = (cancel.begin(id(1)), cancel.begin(id(2)));
        assert!(!early.is_asked());
        assert!(cancel.operation(id(1)));
        assert!(early.is_asked() && cancel.begin(id(1)).is_asked() && !other.is_asked());
        drop((place, early));
        assert!(!cancel.operation(id(1)), "nobody holds a place for it");
        assert!(!cancel.begin(id(1)).is_asked());
        cancel.all();
        drop(cancel.reserve(id(3)));
        assert!(cancel.begin(id(3)).is_asked());
    }

    #[test]
    fn what_has_ended_is_forgotten() {
        let cancel = Cancel::default();
        (0..1_000).for_each(|n| drop(cancel.begin(id(n))));
        (0..1_000).for_each(|n| drop(cancel.reserve(id(n))));
        assert_eq!(cancel.operations().running.len(), 1);
        assert_eq!(cancel.operations().reserved.len(), 1);
    }
}
