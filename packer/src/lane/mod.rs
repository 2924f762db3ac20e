//! The lane: one writer of a project at a time, across threads and processes.
//!
//! A writer takes a [`Turn`] and has it until it drops it; a build makes a [`visit`], which it shares
//! with other builds and with no writer. Both wait for a bounded time and are then told who they
//! waited for. Plain reads need nothing of it and wait for nobody.
//!
//! # The order
//!
//! | | writer | build |
//! | --- | --- | --- |
//! | 1 | its place in the line of its own process ([`queue`]) | |
//! | 2 | `gate`, alone, kept | `gate`, shared |
//! | 3 | `lock`, alone, kept | `lock`, shared, kept |
//! | 4 | writes `holder.json` | lets go of `gate` |
//!
//! *Nobody waits in a circle.* A writer takes the three in this order and waits for one only while
//! it holds those before it. A build holds nothing while it waits: when `lock` is refused it lets go
//! of `gate` too, and asks for both again.
//!
//! *Builds starve no writer.* Whoever holds `gate` alone lets no further build through, so what is
//! left in front of `lock` are the builds that were in already. A build holds `gate` for no longer than
//! it takes to try `lock` once, so the gate itself is free again at once, however many builds come.
//!
//! *Writers that wait fail no build.* A build that has waited at the gate for all of its patience
//! tries `lock` without it: it is refused only when a writer holds `lock` at that moment. Writers and
//! builds have the same patience, so a writer that this build would pass by has given up before.
//!
//! # Files
//!
//! All in `assets/.prometeu/local/`, and made by writers alone. `gate` and `lock` are made once and
//! never removed; they end with their process, however that ends. `gate` is made once the folders
//! above it are durable, so whoever finds it need not sync them again: what a commit puts beside it
//! does not vanish with a folder. A build without `lock` holds nothing and looks again before it
//! publishes; one without `gate` takes `lock` alone. `holder.json` is for people: see [`holder`].
//!
//! # Where the guarantee stops
//!
//! Writers of different processes have their turns in no order. Whoever removes `lock` *and* `gate`
//! while they are held lets a second writer in; [`Turn::confirm`] finds out. Within a process the line
//! is one for each [`Lane`]; two of them on one project go by the files, like two processes.

mod busy;
#[cfg(feature = "authoring")]
mod claim;
mod holder;
#[cfg(feature = "authoring")]
mod queue;
#[cfg(test)]
mod tests;
#[cfg(feature = "authoring")]
mod turn;

use std::fmt;
use std::io;
use std::path::Path;
use std::time::Duration;

pub(crate) use self::busy::Busy;
use self::busy::Who;
#[cfg(feature = "authoring")]
pub(crate) use self::claim::Claim;
#[cfg(feature = "authoring")]
pub(crate) use self::turn::{Lane, Turn};
use crate::Error;
use crate::cancel::Token;
use crate::host::Clock;
use crate::lock::{LockGuard, Patience, has_no_locks, try_lock};
use crate::storage::{LockKind, Storage, is_absent};
use crate::workspace::Layout;

/// After so long people want to know what they wait for.
pub(crate) const TELL_AFTER: Duration = Duration::from_millis(500);

/// One wait: how long it may be, and who hears of it when it gets long.
pub(crate) struct Wait<'a> {
    clock: &'a dyn Clock,
    patience: Patience,
    tell_after: Duration,
    /// Told once: then it is gone.
    tell: Option<&'a mut dyn FnMut(String)>,
    /// Whether who waits was asked to stop.
    token: Token,
}

/// What a build holds.
#[derive(Debug)]
pub(crate) enum Visit {
    /// The lock, together with other builds.
    Held(#[expect(dead_code, reason = "held until it is dropped")] LockGuard),
    /// Nothing: look again before publishing.
    NoLock {
        /// Whether there is a lock file, one that we cannot lock. Where there was none, one that came
        /// meanwhile tells of a writer.
        has_file: bool,
    },
    /// Nothing: a writer held it for longer than the build would wait.
    Busy(Busy),
}

impl<'a> Wait<'a> {
    /// Begins to wait for at most `patience`. When half a second has passed, `tell` is called once,
    /// with one line that says who is waited for.
    pub(crate) fn new(clock: &'a dyn Clock, patience: Duration, tell: &'a mut dyn FnMut(String)) -> Self {
        let (patience, token) = (Patience::new(patience), Token::default());
        Self { clock, patience, tell_after: TELL_AFTER, tell: Some(tell), token }
    }

    /// The same wait, which ends when an operation is asked to stop.
    pub(crate) fn of(self, token: &Token) -> Self {
        Self { token: token.clone(), ..self }
    }

    fn is_over(&self) -> bool {
        self.patience.left().is_zero()
    }

    fn tell_when_due(&mut self, who: impl FnOnce() -> Who) {
        if self.patience.waited() >= self.tell_after
            && let Some(tell) = self.tell.take()
        {
            tell(self.busy(who()).waiting());
        }
    }

    fn pause(&mut self, who: impl FnOnce() -> Who) -> Result<(), Error> {
        self.token.check()?;
        self.tell_when_due(who);
        self.patience.pause();
        Ok(())
    }

    fn busy(&self, who: Who) -> Busy {
        Busy { who, waited: self.patience.waited(), now: self.clock.now_millis() }
    }
}

impl fmt::Debug for Wait<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wait").field("patience", &self.patience).finish_non_exhaustive()
    }
}

/// Waits until no writer is at work, and keeps writers out. Makes no file.
///
/// # Errors
///
/// When there is a lock file that cannot be looked at, or is none; [`Error::Cancelled`].
pub(crate) fn visit(storage: &dyn Storage, layout: &Layout, mut wait: Wait<'_>) -> Result<Visit, Error> {
    let (gate, lock) = (layout.gate(), layout.lock());
    let who = || who_holds(storage, layout, Who::WaitingWriter);
    let shared = |path: &Path| match try_lock(storage, path, LockKind::Shared, false) {
        Ok(Some(guard)) => Ok(Tried::Held(guard)),
        Ok(None) => Ok(Tried::Refused),
        Err(error) if is_absent(&error) => Ok(Tried::NoLock { has_file: false }),
        Err(error) if is_unlockable(&error) => Ok(Tried::NoLock { has_file: true }),
        Err(error) => Err(Error::io("lock", path, error)),
    };
    loop {
        let is_last = wait.is_over();
        let passed = shared(&gate)?;
        if is_last || !matches!(passed, Tried::Refused) {
            match shared(&lock)? {
                Tried::Held(guard) => return Ok(Visit::Held(guard)),
                Tried::NoLock { has_file } => return Ok(Visit::NoLock { has_file }),
                Tried::Refused if is_last => return Ok(Visit::Busy(wait.busy(who()))),
                Tried::Refused => {}
            }
        }
        drop(passed);
        wait.pause(who)?;
    }
}

/// The writer that is at work, for who reads and does not ask for the lock; `waited` is how long it
/// has waited for it. A lock file that cannot be locked tells nothing: then there may be one.
pub(crate) fn writer(
    storage: &dyn Storage,
    layout: &Layout,
    clock: &dyn Clock,
    waited: Duration,
) -> Option<Busy> {
    let who = match try_lock(storage, &layout.lock(), LockKind::Shared, false) {
        Ok(Some(_shared)) => return None,
        Ok(None) => Who::Writer(holder::read(storage, layout)),
        Err(error) if is_absent(&error) => return None,
        Err(_) => Who::Writer(None),
    };
    Some(Busy { who, waited, now: clock.now_millis() })
}

/// What came of trying a lock file that need not be there.
enum Tried {
    Held(LockGuard),
    Refused,
    NoLock { has_file: bool },
}

/// Who keeps others waiting. `holder.json` is believed only while a writer does hold the lock: what a
/// killed one left says nothing about the builds that came after it.
fn who_holds(storage: &dyn Storage, layout: &Layout, unless_writer: Who) -> Who {
    match try_lock(storage, &layout.lock(), LockKind::Shared, false) {
        Ok(Some(_shared)) => unless_writer,
        Ok(None) => Who::Writer(holder::read(storage, layout)),
        Err(_) => Who::Writer(None),
    }
}

/// Whether a lock file is there that we cannot lock, as in a place that is not ours: that is no reason
/// not to build.
fn is_unlockable(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::PermissionDenied || has_no_locks(error)
}
