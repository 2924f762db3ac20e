//! Reading: snapshots, each of them of one moment between two changes.
//!
//! Nobody who reads needs a lock. The journal is looked at before and after: when it says the same, and
//! that nothing is under way, what was read is of one moment; while a change is under way, the project
//! is read as it was before (`commit::overlay`). Who is outrun by one change after the other asks for
//! the lock of builds after a while, where there is one. Only edits that are made past
//! the packer, with people's own tools, can come in between; they are found where it matters, by the
//! digests of what is packed.

use std::sync::{Arc, MutexGuard};
use std::time::Duration;

use super::{Current, Project, held, tell_difference};
use crate::Error;
use crate::cancel::Token;
use crate::commit::journal::{Change, Found, Journal};
use crate::commit::overlay::Before;
use crate::event::{EventKind, Teller};
use crate::id::Generation;
use crate::lane::{self, Busy, TELL_AFTER, Visit, Wait};
use crate::lock::Patience;
use crate::pack::Known;
use crate::snapshot::{Snapshot, State};
use crate::storage::Source;
use crate::workspace::{Layout, LoadedWorkspace, Means, Scope, load, read_registry};

/// How often a reading begins anew because a change was made meanwhile.
pub(super) const READINGS: u32 = 50;

/// After so many a reader keeps writers out for one reading, if it may.
const OUTRUN: u32 = 10;

/// How often a journal that cannot be followed is read, before that is believed.
const DOUBTS: u32 = 3;

/// How long to sleep before reading anew.
pub(super) const PAUSE: Duration = Duration::from_millis(1);

/// What was read, of one moment between two changes.
#[derive(Debug)]
pub(super) struct Loaded {
    pub(super) workspace: LoadedWorkspace,
    pub(super) state: State,
    /// The change before which that is.
    pub(super) pending: Option<Arc<Change>>,
    /// When the reading began.
    read_at: u64,
}

/// The files as a snapshot shows them.
#[derive(Debug)]
pub(super) enum Files<'a> {
    /// As they are.
    Now(&'a dyn Source),
    /// As they were before the change that is under way.
    Before(Before<'a>),
}

/// How long an operation waits for writers: once, however often it begins anew.
#[derive(Debug)]
pub(super) struct Delay {
    patience: Patience,
    is_told: bool,
    /// The writer who is still at work before whose change the last reading was.
    pub(super) outlasted: Option<Busy>,
}

/// What stands between a reading and the project as it will be.
#[derive(Debug)]
pub(super) enum Ahead {
    /// A writer, who is at work.
    Writer(Busy),
    /// What was read is over: read anew.
    Anew,
    /// Nobody: nothing is under way, or it was interrupted.
    Nobody,
}

/// What a build that holds no lock saw when it began.
#[derive(Debug)]
pub(super) struct Watch(Option<Seen>);

#[derive(Debug, PartialEq, Eq)]
struct Seen {
    lock: bool,
    journal: Found,
}

impl Project {
    /// Reads the disk as far as `scope` says and publishes what it finds as the next generation.
    ///
    /// # Errors
    ///
    /// When the registry or `assets/` cannot be read; [`Error::Unstable`] when others change the
    /// project all the time.
    pub fn refresh(&self, scope: Scope) -> Result<Arc<Snapshot>, Error> {
        self.refresh_for(scope, &Token::default())
    }

    /// [`Project::refresh`] for an operation, which may be asked to stop.
    pub(super) fn refresh_for(&self, scope: Scope, token: &Token) -> Result<Arc<Snapshot>, Error> {
        let turn = held(&self.refreshing);
        let loaded = self.load(scope, None, token)?;
        Ok(self.publish(loaded, scope, &turn))
    }

    /// Makes what was read the next generation, in the same turn.
    fn publish(&self, loaded: Loaded, scope: Scope, _turn: &MutexGuard<'_, ()>) -> Arc<Snapshot> {
        let mut current = held(&self.current);
        let generation = match (current.generation, &current.snapshot) {
            // A commit has counted it, and nobody has read since.
            (Some(generation), None) => generation,
            (Some(generation), Some(_)) => generation.next(),
            (None, _) => Generation::FIRST,
        };
        let snapshot = Arc::new(loaded.assemble(self.layout.clone(), scope, generation));
        *current = Current { generation: Some(generation), snapshot: Some(Arc::clone(&snapshot)) };
        snapshot
    }

    /// The number of the current snapshot.
    pub(super) fn generation(&self) -> Generation {
        held(&self.current).generation.unwrap_or(Generation::FIRST)
    }

    /// [`Project::refresh`] for whoever is asked what is wrong, or builds: a change whose writer is at
    /// work is none of it, and is waited for. Only what is read last is published. A build need not read
    /// what is `known`.
    pub(super) fn refresh_when_settled(
        &self,
        scope: Scope,
        known: Option<&Known<'_>>,
        delay: &mut Delay,
        teller: &mut Teller<'_>,
    ) -> Result<Arc<Snapshot>, Error> {
        let all = held(&self.current).snapshot.as_ref().map(|known| known.scope).filter(|all| all.is_whole());
        // A build sees no more of what it looks at when more is looked at, and others see no less.
        let scope = all.filter(|_| scope == Scope::Build).unwrap_or(scope);
        loop {
            let turn = held(&self.refreshing);
            let loaded = self.load(scope, known, &teller.token)?;
            match self.ahead_of(&loaded, delay)? {
                Ahead::Writer(busy) if !delay.is_over() => {
                    // Others read meanwhile.
                    drop(turn);
                    delay.pause(&busy, teller);
                }
                Ahead::Anew if !delay.is_over() => {}
                ahead => {
                    delay.outlasted = match ahead {
                        Ahead::Writer(busy) => Some(busy),
                        Ahead::Anew | Ahead::Nobody => None,
                    };
                    let before = held(&self.current).snapshot.clone();
                    let snapshot = self.publish(loaded, scope, &turn);
                    drop(turn);
                    tell_difference(before.as_deref(), &snapshot, teller);
                    return Ok(snapshot);
                }
            }
        }
    }

    /// How long an operation that begins now waits for writers.
    pub(super) fn delay(&self) -> Delay {
        Delay { patience: Patience::new(self.host.patience), is_told: false, outlasted: None }
    }

    /// Whether what was read is before a change whose writer is at work. A writer holds the lock until
    /// its change is done.
    pub(super) fn ahead_of(&self, loaded: &Loaded, delay: &Delay) -> Result<Ahead, Error> {
        let Some(change) = &loaded.pending else { return Ok(Ahead::Nobody) };
        if self.is_unsettled() {
            return Ok(Ahead::Nobody);
        }
        let waited = delay.patience.waited();
        if let Some(busy) = lane::writer(&*self.host.storage, &self.layout, &*self.host.clock, waited) {
            return Ok(Ahead::Writer(busy));
        }
        // It may have ended between the reading and the look at the lock.
        let is_still =
            matches!(self.journal()?, Found::Journal(now) if now.pending.as_deref() == Some(&**change));
        Ok(if is_still { Ahead::Nobody } else { Ahead::Anew })
    }

    /// Remembers what would tell a change that is made while a build holds no lock.
    pub(super) fn watch(&self, lock: &Visit) -> Result<Watch, Error> {
        Ok(Watch(match lock {
            // As it was found when it was asked for: one that came since counts.
            Visit::NoLock { has_file } => Some(Seen { lock: *has_file, journal: self.journal()? }),
            Visit::Held(_) | Visit::Busy(_) => None,
        }))
    }

    /// Whether a build may publish what it made of a snapshot: it holds the lock, or nobody has changed
    /// the project since it began.
    pub(super) fn is_as(&self, watch: &Watch, snapshot: &Snapshot) -> bool {
        if watch.0.is_none() {
            return true;
        }
        let files = self.files(snapshot);
        let is_same = files.is_ok_and(|files| {
            let source = files.source();
            let assets = source.resolve(&self.layout.assets());
            let now = assets.ok().and_then(|assets| read_registry(source, &self.layout, &assets));
            now.as_ref().map(|(bytes, _)| &**bytes) == snapshot.registry.bytes()
        });
        self.is_still(watch) && is_same
    }

    /// Whether nobody has changed the project since it was watched.
    pub(super) fn is_still(&self, Watch(watch): &Watch) -> bool {
        watch.as_ref().is_none_or(|before| self.seen().is_ok_and(|now| now == *before))
    }

    fn seen(&self) -> Result<Seen, Error> {
        let path = self.layout.lock();
        let lock = self.host.storage.stat(&path).map_err(|error| Error::io("look at", path, error))?;
        Ok(Seen { lock: lock.is_some(), journal: self.journal()? })
    }

    /// Everything as it is at one moment between two changes.
    pub(super) fn load(
        &self,
        scope: Scope,
        known: Option<&Known<'_>>,
        token: &Token,
    ) -> Result<Loaded, Error> {
        let goes_on = || token.check();
        let workers = &*self.host.workers;
        let load = |source: &dyn Source, known| {
            load(&Means { source, known, workers, goes_on: &goes_on }, &self.layout, scope)
        };
        let source: &dyn Source = &*self.host.storage;
        let mut doubts = 0;
        let mut quiet = None;
        for n in 0..READINGS {
            token.check()?;
            if n > 0 {
                std::thread::sleep(PAUSE);
            }
            if n >= OUTRUN && !matches!(quiet, Some(Visit::Held(_))) {
                let mut nobody = |_| {};
                // One try: a writer who publishes what it did waits for us, with the lock in hand.
                let wait = Wait::new(&*self.host.clock, Duration::ZERO, &mut nobody);
                // Whoever cannot have it goes on without.
                quiet = lane::visit(&*self.host.storage, &self.layout, wait).ok();
            }
            let read_at = self.host.clock.now_millis();
            let journal = self.journal()?;
            let (loaded, state) = match &journal {
                Found::Journal(Journal { pending: None, .. }) => (load(source, known), State::Current),
                Found::Journal(Journal { pending: Some(change), .. }) => {
                    let before = Before::new(source, &self.layout, change)?;
                    let loaded = load(&before, None);
                    // The journal stays the same while the change goes on.
                    if !before.is_still()? {
                        continue;
                    }
                    (loaded, State::Reconciling { title: change.title.clone() })
                }
                Found::Damaged(why) => {
                    doubts += 1;
                    if doubts < DOUBTS {
                        continue;
                    }
                    (load(source, None), State::Failed { why: why.clone() })
                }
            };
            if self.journal()? == journal {
                if let Found::Journal(journal) = &journal {
                    self.forget_settled(journal);
                }
                let pending = match journal {
                    Found::Journal(Journal { pending: Some(change), .. }) => Some(Arc::from(change)),
                    _ => None,
                };
                return Ok(Loaded { workspace: loaded?, state, pending, read_at });
            }
        }
        Err(Error::Unstable { path: self.layout.journal() })
    }

    /// The files that a snapshot was read from: what is looked into later is of the same moment.
    ///
    /// # Errors
    ///
    /// When the file system refuses to say how far a change is.
    pub(super) fn files<'a>(&'a self, snapshot: &'a Snapshot) -> Result<Files<'a>, Error> {
        let source: &dyn Source = &*self.host.storage;
        let Some(change) = &snapshot.pending else { return Ok(Files::Now(source)) };
        Before::new(source, &self.layout, change).map(Files::Before)
    }

    /// What the journal says now.
    pub(super) fn journal(&self) -> Result<Found, Error> {
        let read = Journal::read(&*self.host.storage, &self.layout);
        read.map_err(|error| Error::io("read", self.layout.journal(), error))
    }
}

impl Loaded {
    pub(super) fn assemble(self, layout: Layout, scope: Scope, generation: Generation) -> Snapshot {
        let mut snapshot = Snapshot::assemble(self.workspace, layout, scope, generation, self.state);
        (snapshot.pending, snapshot.read_at) = (self.pending, self.read_at);
        snapshot
    }
}

impl Files<'_> {
    /// Where to read them.
    pub(super) fn source(&self) -> &dyn Source {
        match self {
            Self::Now(source) => *source,
            Self::Before(before) => before,
        }
    }
}

impl Delay {
    pub(super) fn is_over(&self) -> bool {
        self.patience.left().is_zero()
    }

    /// Sleeps between two readings, and tells once for whom when that gets long.
    pub(super) fn pause(&mut self, busy: &Busy, teller: &mut Teller<'_>) {
        if !self.is_told && self.patience.waited() >= TELL_AFTER {
            self.is_told = true;
            teller.tell(EventKind::ProgressUpdated, busy.waiting());
        }
        self.patience.pause();
    }
}
