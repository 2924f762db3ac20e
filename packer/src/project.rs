//! A project: the one door to its operations.
//!
//! Opened once with everything it is to use (storage, clock, identities, the host's event sink), it
//! keeps the current snapshot and answers requests. It is `Send + Sync`; reads share the snapshot,
//! writers take turns.
//!
//! What guarantees hold is said where they are made: `pack::publish`, `commit`, `lane`. How snapshots
//! come to be is in `reading`, how a project is opened for a build in `opening`, what packs in
//! `packing`, what names in `naming`, how an answer becomes a response in `answer`.
//!
//! With the feature `authoring`: the snapshot that reads share is in `serving`, what only asks in
//! `asking`, how the last pack stands in `standing`, what looks for trouble in `checking`, what observes
//! in `observing`, what changes the project in `mutations`, what a host changes with it in `beside`,
//! changes that nobody makes in `refusing`, how events are numbered in `numbering`, what is done about
//! an interrupted change in `recovery`, and what a project keeps for all that in `writing`. Without it,
//! `build_only` has nothing in their place.

mod answer;
#[cfg(feature = "authoring")]
mod asking;
#[cfg(feature = "authoring")]
mod beside;
#[cfg(not(feature = "authoring"))]
mod build_only;
#[cfg(feature = "authoring")]
mod checking;
#[cfg(feature = "authoring")]
mod mutations;
mod naming;
#[cfg(feature = "authoring")]
mod numbering;
#[cfg(feature = "authoring")]
mod observing;
mod opening;
mod packing;
mod reading;
#[cfg(feature = "authoring")]
mod recovery;
#[cfg(feature = "authoring")]
mod refusing;
#[cfg(feature = "authoring")]
mod serving;
#[cfg(feature = "authoring")]
mod standing;
#[cfg(feature = "authoring")]
mod writing;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

#[cfg(feature = "authoring")]
pub use self::beside::Beside;
#[cfg(not(feature = "authoring"))]
use self::build_only::{Writing, tell_difference};
#[cfg(feature = "authoring")]
use self::observing::tell_difference;
#[cfg(feature = "authoring")]
use self::writing::Writing;
use crate::Error;
use crate::cancel::{Cancel, Token};
use crate::diagnostics::{Diagnostic, Severity};
use crate::event::{AffectedAsset, Deliveries, Delivery, EventKind, EventSink, NoEvents, Teller};
use crate::host::{Clock, IdSource, SystemClock, UpTo, Workers};
use crate::id::{Generation, OperationId};
use crate::lane::{self, Visit, Wait};
use crate::pack::{Looking, Tally};
use crate::snapshot::Snapshot;
use crate::storage::counted::Counts;
use crate::storage::os::OsStorage;
use crate::storage::{Source, Storage};
use crate::workspace::Layout;

/// How often a pack begins anew because something moved while it was read.
const ATTEMPTS: u32 = 4;

/// What a project works with.
#[derive(Debug, Clone)]
pub struct Host {
    /// Its files.
    pub storage: Arc<dyn Storage>,
    /// Its time.
    pub clock: Arc<dyn Clock>,
    /// Its new identities.
    pub ids: Arc<dyn IdSource>,
    /// Who gives leave for threads.
    pub workers: Arc<dyn Workers>,
    /// Who hears its events. A project that is dropped waits for a sink that is not immediate, until it
    /// has taken them all and for at most two seconds.
    pub events: Arc<dyn EventSink>,
    /// How long to wait for another process.
    pub patience: Duration,
    /// Through which its operations can be asked to stop.
    pub cancel: Cancel,
    /// What others are told who wait for this process: `cargo prometeu, process 4242`.
    pub process: String,
}

/// A project that is open.
#[derive(Debug)]
pub struct Project {
    host: Host,
    /// What the storage was asked.
    counts: Arc<Counts>,
    /// What looking into content cost.
    tally: Tally,
    layout: Layout,
    project_id: String,
    current: Mutex<Current>,
    /// Held from reading the disk to publishing what was read: a later generation never shows an
    /// earlier state.
    refreshing: Mutex<()>,
    /// What it knows as one that makes changes.
    writing: Writing,
    /// The way of events to whoever hears them.
    delivery: Arc<Delivery>,
}

/// What reads are served from.
#[derive(Debug, Default)]
struct Current {
    /// The number of the last snapshot that was published.
    generation: Option<Generation>,
    /// That snapshot, unless the project was changed since and nobody has read it.
    snapshot: Option<Arc<Snapshot>>,
}

impl Host {
    /// The operating system's files and clock, and nobody who listens.
    #[must_use]
    pub fn system(ids: Arc<dyn IdSource>) -> Self {
        Self {
            storage: Arc::new(OsStorage),
            clock: Arc::new(SystemClock),
            ids,
            workers: Arc::new(UpTo::available()),
            events: Arc::new(NoEvents),
            patience: Duration::from_secs(10),
            cancel: Cancel::default(),
            process: format!("process {}", std::process::id()),
        }
    }
}

impl Project {
    /// Where its files lie.
    #[must_use]
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// What its events call it: its canonical path.
    #[must_use]
    pub fn project_id(&self) -> &str {
        &self.project_id
    }

    /// Waits until the sink has taken every event that was told before this call, for at most `within`;
    /// whether it has. For hosts that pass on a response after its events. An immediate sink has them
    /// already.
    pub fn deliver_events(&self, within: Duration) -> bool {
        self.delivery.settle(within)
    }

    /// [`Project::deliver_events`] for whoever does not hold the project.
    #[must_use]
    pub fn deliveries(&self) -> Deliveries {
        Deliveries(Arc::downgrade(&self.delivery))
    }

    /// Who looks into the content of a snapshot's assets.
    fn looking<'a>(&'a self, snapshot: &'a Snapshot, files: &'a dyn Source, token: &'a Token) -> Looking<'a> {
        Looking { snapshot, files, workers: &*self.host.workers, token, tally: &self.tally, known: None }
    }

    /// Keeps writers out for a build, and tells who it waits for.
    fn visit(&self, teller: &mut Teller<'_>) -> Result<Visit, Error> {
        let (token, wait) = (teller.token.clone(), &mut waiting(teller));
        lane::visit(&*self.host.storage, &self.layout, self.wait(&token, wait))
    }

    fn wait<'a>(&'a self, token: &Token, tell: &'a mut dyn FnMut(String)) -> Wait<'a> {
        Wait::new(&*self.host.clock, self.host.patience, tell).of(token)
    }

    fn teller(&self, operation_id: OperationId) -> Teller<'_> {
        Teller {
            delivery: &self.delivery,
            clock: &*self.host.clock,
            project_id: &self.project_id,
            operation_id,
            numbers: Arc::default(),
            token: self.host.cancel.begin(operation_id),
        }
    }
}

/// What was behind a lock whose holder panicked is still whole: it is replaced in one step.
fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn counted(count: usize, thing: &str) -> String {
    if count == 1 { format!("1 {thing}") } else { format!("{count} {thing}s") }
}

/// Tells who an operation waits for.
fn waiting(teller: &mut Teller<'_>) -> impl FnMut(String) {
    |summary| teller.tell(EventKind::ProgressUpdated, summary)
}

fn tell_diagnostics(teller: &mut Teller<'_>, diagnostics: &[Diagnostic]) {
    let blocking = diagnostics.iter().filter(|diagnostic| diagnostic.blocking).count();
    let warnings = diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Warning).count();
    let summary =
        crate::diagnostics::render::summary(diagnostics).unwrap_or_else(|| "nothing wrong".to_owned());
    // In the order of the diagnostics, each once; what belongs to no asset affects them all.
    let mut affected: Vec<AffectedAsset> = Vec::new();
    for diagnostic in diagnostics {
        let Some(root) = &diagnostic.asset_root else { continue };
        if !affected.iter().rev().any(|asset| asset.root == *root) {
            let (asset_id, root) = (diagnostic.asset_id, root.clone());
            affected.push(AffectedAsset { asset_id, asset_uuid: None, root });
        }
    }
    teller.tell_of(EventKind::DiagnosticsUpdated { blocking, warnings }, summary, affected, None);
}
