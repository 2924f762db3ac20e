//! A crew: the threads of one operation, who share a list of work.
//!
//! The thread that calls always works; each further one needs leave from the host's [`Workers`], asked
//! for once, never waited for, and given back at the end. Where there is little to do nobody is asked,
//! and no thread is started. Who is free takes the next item, so the order of the list is the order in
//! which work begins.
//!
//! Guarantees: what comes out, and in which order it is told, is the same however many work; of several
//! errors the one of the first item is told, since nobody begins an item after one that failed, and
//! those before it are finished.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::channel;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::host::Workers;

/// The most threads that one operation has, however many a host would give: beyond, they wait for the
/// same disk.
const MOST: usize = 16;

/// Who works for an operation.
pub(crate) struct Crew {
    /// Leave for threads besides the caller's.
    more: Vec<Box<dyn Send + Sync>>,
}

impl Crew {
    /// As many as the host gives leave for, and as `shares` pieces of work keep busy: one who works
    /// alone has one share.
    pub(crate) fn of(workers: &dyn Workers, shares: usize) -> Self {
        let wanted = shares.min(MOST).saturating_sub(1);
        Self { more: (0..wanted).map_while(|_| workers.hire()).collect() }
    }

    /// Does `work` with each of `items`, and tells `told` of each result in their order, as soon as
    /// those before it are there.
    ///
    /// # Errors
    ///
    /// The first item's whose work failed.
    pub(crate) fn each<T: Send, R: Send, E: Send>(
        &self,
        items: impl IntoIterator<Item = T, IntoIter: Send>,
        work: impl Fn(usize, T) -> Result<R, E> + Sync,
        told: &mut dyn FnMut(usize, &R),
    ) -> Result<Vec<R>, E> {
        let items = items.into_iter().enumerate();
        if self.more.is_empty() {
            let done = items.map(|(n, item)| work(n, item).inspect(|result| told(n, result)));
            return done.collect();
        }
        let queue = Mutex::new(items);
        let done = Mutex::new(Vec::new());
        let failed = AtomicBool::new(false);
        // Nothing is left half done by a panic in one of the two.
        let one = || {
            if failed.load(Ordering::Relaxed) {
                return false;
            }
            let Some((n, item)) = held(&queue).next() else { return false };
            let result = work(n, item);
            failed.fetch_or(result.is_err(), Ordering::Relaxed);
            held(&done).push((n, result));
            true
        };
        let mut order = InOrder { done: Vec::new(), first: 0 };
        self.all_do(&one, &mut || {
            // Let go of at once: others have results to put there.
            let waiting = std::mem::take(&mut *held(&done));
            for (n, result) in waiting {
                order.add(n, result, told);
            }
        });
        order.done.into_iter().flatten().collect()
    }

    /// All call `one` until it says that there is nothing left to do; the caller's thread calls `look`
    /// after each call, its own and others', until they have come to their ends.
    ///
    /// Of no type that a caller has: what is made of threads and channels is compiled once.
    fn all_do(&self, one: &(dyn Fn() -> bool + Sync), look: &mut dyn FnMut()) {
        let (sender, receiver) = channel();
        std::thread::scope(|scope| {
            for _ in &self.more {
                let sender = sender.clone();
                let work = move || {
                    while one() {
                        // Who listens is the caller, and outlives this.
                        let _ = sender.send(());
                    }
                };
                // Where the system has no thread to give, those who are there do the work.
                if std::thread::Builder::new().spawn_scoped(scope, work).is_err() {
                    break;
                }
            }
            while one() {
                look();
            }
            drop(sender);
            for () in &receiver {
                look();
            }
        });
    }
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Results that come in any order, told in theirs.
struct InOrder<R, E> {
    done: Vec<Option<Result<R, E>>>,
    /// The first that was not told yet.
    first: usize,
}

impl<R, E> InOrder<R, E> {
    fn add(&mut self, n: usize, result: Result<R, E>, told: &mut dyn FnMut(usize, &R)) {
        if self.done.len() <= n {
            self.done.resize_with(n + 1, || None);
        }
        self.done[n] = Some(result);
        while let Some(Some(Ok(result))) = self.done.get(self.first) {
            told(self.first, result);
            self.first += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::UpTo;

    /// Runs items of which some fail, with so many threads; what was told and what came out.
    fn run(
        threads: usize,
        items: usize,
        fails: &(dyn Fn(usize) -> bool + Sync),
    ) -> (Vec<usize>, Result<Vec<usize>, usize>) {
        let crew = Crew::of(&UpTo::new(threads), usize::MAX);
        assert_eq!(crew.more.len() + 1, threads);
        let mut told = Vec::new();
        let work = |n: usize, item: usize| {
            if n.is_multiple_of(3) {
                std::thread::yield_now();
            }
            if fails(n) { Err(n) } else { Ok(item * 2) }
        };
        let done = crew.each(0..items, work, &mut |n, result| {
            assert_eq!(*result, n * 2);
            told.push(n);
        });
        (told, done)
    }

    #[test]
    fn results_are_told_and_given_in_order_however_many_work() {
        for threads in [1, 2, 8] {
            for items in [0, 1, 2, 100] {
                let (told, done) = run(threads, items, &|_| false);
                assert_eq!(told, (0..items).collect::<Vec<_>>());
                assert_eq!(done, Ok((0..items).map(|n| n * 2).collect()));
            }
        }
    }

    #[test]
    fn of_several_errors_the_first_items_is_told() {
        for threads in [1, 2, 8] {
            for _ in 0..50 {
                let (told, done) = run(threads, 60, &|n| n == 20 || n > 21);
                assert_eq!(done, Err(20));
                assert_eq!(told, (0..20).collect::<Vec<_>>());
            }
        }
    }

    #[test]
    fn a_host_gives_leave_for_so_many_at_once_and_gets_it_back() {
        let host = UpTo::new(3);
        let crew = Crew::of(&host, usize::MAX);
        assert_eq!(crew.more.len(), 2);
        assert_eq!(Crew::of(&host, usize::MAX).more.len(), 0);
        drop(crew);
        assert_eq!(Crew::of(&host, 2).more.len(), 1);
        assert_eq!(Crew::of(&host, 1).more.len(), 0);
        assert_eq!(Crew::of(&host, 0).more.len(), 0);
        assert_eq!(Crew::of(&UpTo::new(1000), usize::MAX).more.len() + 1, MOST);
    }
}
