//! A project: the one door to its operations.
//!
//! Opened once with everything it is to use (storage, clock, identities, the host's event sink), it
//! keeps the current snapshot and answers requests. It is `Send + Sync`; reads share the snapshot,
//! writers take turns.
//!
//! What guarantees hold is said where they are made: `pack::publish`, `commit`, `lane`. How snapshots
//! come to be is in `reading`, what changes the project in `mutations`, how the events of
//! that are numbered in `numbering`, what is done about an interrupted change in `recovery`.

mod mutations;
mod numbering;
mod reading;
mod recovery;

use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use self::numbering::Numbering;
use self::recovery::Unsettled;
use crate::Error;
use crate::cancel::{Cancel, Token};
use crate::commit::Recovered;
use crate::diagnostics::{Diagnostic, Severity};
use crate::event::{AffectedAsset, EventKind, EventSink, NoEvents, Teller};
use crate::host::{Clock, IdSource, SystemClock};
use crate::id::{Generation, OperationId};
use crate::lane::{self, Lane, Visit, Wait};
use crate::lock::{self, Shared};
use crate::ops::pack::{Attempt, attempt, place_of};
use crate::ops::{
    Action, AssetDetails, AssetRow, Blocker, BlockerCode, Constants, ConstantsRequest, DetailsRequest,
    DoctorRequest, ListRequest, Operation, PackContents, PackGoal, PackRequest, PackResult, Response, Status,
    constants, details, doctor, list,
};
use crate::pack::{Failure, Place, record_path};
use crate::quarantine::{self, Quarantined};
use crate::snapshot::Snapshot;
use crate::storage::os::OsStorage;
use crate::storage::{LockKind, Storage};
use crate::workspace::{Layout, Scope};

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
    /// Who hears its events.
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
    layout: Layout,
    project_id: String,
    current: Mutex<Current>,
    /// Held from reading the disk to publishing what was read: a later generation never shows an
    /// earlier state.
    refreshing: Mutex<()>,
    /// One writer at a time.
    lane: Lane,
    /// What was done about an interrupted change, until somebody asks.
    recovered: Mutex<Option<Recovered>>,
    /// Why a change stays interrupted that this project tried to settle, or to make.
    unsettled: Mutex<Option<Unsettled>>,
    /// How far the events of mutations are numbered.
    numbering: Numbering,
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

    /// Lists assets. Without a registry that can be read it is blocked, and lists what is
    /// unregistered.
    pub fn list_assets(&self, request: &ListRequest) -> Response<Vec<AssetRow>> {
        let mut teller = self.teller(self.host.ids.operation_id());
        self.answer(Operation::ListAssets, &mut teller, |teller| {
            let snapshot = self.snapshot_for(&teller.token)?;
            let rows = list::list(&snapshot, request);
            if snapshot.registry().is_none() {
                // A list without the registered assets must not look like one of all assets.
                return Ok(Answer { payload: Some(rows), ..Answer::without_registry(&snapshot) });
            }
            let summary = counted(rows.len(), "asset");
            let diagnostics = self.unfinished(&snapshot);
            Ok(Answer { diagnostics, ..Answer::ok(summary, rows) }.from(&snapshot))
        })
    }

    /// Lists what was put out of the way, by name.
    pub fn list_quarantined(&self) -> Response<Vec<Quarantined>> {
        let mut teller = self.teller(self.host.ids.operation_id());
        self.answer(Operation::ListQuarantined, &mut teller, |_| {
            let (snapshot, found) = self.looked_into(|source| {
                let found = quarantine::list(source, &self.layout);
                found.map_err(|error| Error::io("list", self.layout.quarantine(), error))
            })?;
            let summary = match found.len() {
                0 => "nothing in quarantine".to_owned(),
                1 => "1 root in quarantine".to_owned(),
                count => format!("{count} roots in quarantine"),
            };
            let diagnostics = self.unfinished(&snapshot);
            Ok(Answer { diagnostics, ..Answer::ok(summary, found) }.from(&snapshot))
        })
    }

    /// Shows one asset. What is wrong with it blocks nothing here; without a registry that can be read
    /// nobody knows it, and that does.
    pub fn get_asset_details(&self, request: &DetailsRequest) -> Response<AssetDetails> {
        let mut teller = self.teller(self.host.ids.operation_id());
        self.answer(Operation::GetAssetDetails, &mut teller, |teller| {
            let mut snapshot = self.snapshot_for(&teller.token)?;
            for _ in 0..ATTEMPTS {
                if snapshot.registry().is_none() {
                    return Ok(Answer::without_registry(&snapshot));
                }
                let position = match details::find(&snapshot, &request.asset) {
                    Ok(position) => position,
                    Err(blocker) => return Ok(Answer::blocked(blocker).from(&snapshot)),
                };
                let entry = &snapshot.assets[position].entry;
                match details::details(&snapshot, self.files(&snapshot)?.source(), position, &teller.token) {
                    Err(Failure::Changed { .. }) => {}
                    Err(Failure::Error(error)) => return Err(error),
                    Ok((details, found)) => {
                        let diagnostics = [self.unfinished(&snapshot), found].concat();
                        let affected = vec![AffectedAsset {
                            asset_id: Some(entry.asset_id),
                            asset_uuid: Some(entry.asset_uuid),
                            root: entry.root.clone(),
                        }];
                        let wrong = crate::diagnostics::render::summary(&diagnostics);
                        let summary =
                            format!("`{}`: {}", entry.root, wrong.as_deref().unwrap_or("nothing wrong"));
                        let answer = Answer { affected, diagnostics, ..Answer::ok(summary, details) };
                        return Ok(answer.from(&snapshot));
                    }
                }
                snapshot = self.refresh_for(Scope::Workspace, &teller.token)?;
            }
            Err(Error::Unstable { path: self.layout.assets() })
        })
    }

    /// Says what a game calls its assets, from the declarations alone.
    pub fn constants(&self, request: ConstantsRequest) -> Response<Constants> {
        let mut teller = self.teller(self.host.ids.operation_id());
        self.answer(Operation::Constants, &mut teller, |teller| {
            let mut moved = self.layout.registry();
            let mut delay = self.delay();
            for _ in 0..ATTEMPTS {
                let lock = match self.visit(teller)? {
                    Visit::Busy(busy) => return Ok(Answer::blocked(busy.blocker())),
                    lock => lock,
                };
                let watch = self.watch(&lock)?;
                let snapshot = self.refresh_when_settled(Scope::Declarations, &mut delay, teller)?;
                if let (Some(unfinished), PackContents::PackSet) = (self.pending(&snapshot), request.contents)
                {
                    return Ok(Answer::unfinished(unfinished).from(&snapshot));
                }
                let files = self.files(&snapshot)?;
                let attempt = constants::attempt(&snapshot, files.source(), request, &teller.token);
                let (constants, diagnostics) = match attempt {
                    Ok(attempt) => attempt,
                    Err(Failure::Changed { asset, input }) => {
                        moved = place_of(&snapshot, asset, input);
                        continue;
                    }
                    Err(Failure::Error(error)) => return Err(error),
                };
                if !self.is_as(&watch, &snapshot) {
                    moved = self.layout.registry();
                    continue;
                }
                let Some(constants) = constants else {
                    let summary = crate::diagnostics::render::summary(&diagnostics).unwrap_or_default();
                    let answer = Answer { status: Status::Blocked, diagnostics, ..Answer::empty(summary) };
                    return Ok(answer.from(&snapshot));
                };
                let summary = format!("names of {}", counted(constants.assets.len(), "asset"));
                return Ok(Answer { diagnostics, ..Answer::ok(summary, constants) }.from(&snapshot));
            }
            Err(Error::Unstable { path: moved })
        })
    }

    /// Looks for everything that is wrong with what is managed.
    pub fn doctor(&self, request: DoctorRequest) -> Response<()> {
        let mut teller = self.teller(self.host.ids.operation_id());
        self.answer(Operation::Doctor, &mut teller, |teller| {
            let mut delay = self.delay();
            for _ in 0..ATTEMPTS {
                let snapshot = self.refresh_when_settled(Scope::Workspace, &mut delay, teller)?;
                let files = self.files(&snapshot)?;
                let mut diagnostics = match doctor::doctor(&snapshot, files.source(), request, &teller.token)
                {
                    Ok(diagnostics) => diagnostics,
                    Err(Failure::Changed { .. }) => continue,
                    Err(Failure::Error(error)) => return Err(error),
                };
                self.explain(&mut diagnostics);
                delay.explain(&mut diagnostics);
                tell_diagnostics(teller, &diagnostics);
                let blocking = diagnostics.iter().any(|diagnostic| diagnostic.blocking);
                let status = if blocking { Status::Blocked } else { Status::Ok };
                let summary = crate::diagnostics::render::summary(&diagnostics)
                    .unwrap_or_else(|| format!("{}, nothing wrong", counted(snapshot.assets.len(), "asset")));
                let mut answer = Answer::ok(summary, ());
                answer.status = status;
                answer.diagnostics = diagnostics;
                return Ok(answer.from(&snapshot));
            }
            Err(Error::Unstable { path: self.layout.assets() })
        })
    }

    /// Packs.
    pub fn pack(&self, request: &PackRequest) -> Response<PackResult> {
        let operation_id = self.host.ids.operation_id();
        let mut teller = self.teller(operation_id);
        let started = self.host.clock.now_millis();
        teller.tell(EventKind::BuildStarted, "packing");
        let mut response = self.answer(Operation::Pack, &mut teller, |teller| {
            for folder in [Some(&request.out_dir), request.cache_dir.as_ref()].into_iter().flatten() {
                if self.is_among_assets(folder) {
                    let message = format!("`{}` lies among the assets", folder.display());
                    let blocker = Blocker::new(BlockerCode::InvalidArgument, message).help(
                        "Choose a folder elsewhere: what a build writes must not be among what it reads.",
                    );
                    return Ok(Answer::blocked(blocker));
                }
            }
            self.try_pack(request, operation_id, started, teller)
        });
        if let Some(result) = &mut response.payload {
            result.duration_ms = self.host.clock.now_millis().saturating_sub(started);
        }
        teller.tell(EventKind::BuildFinished { status: response.status }, response.summary.clone());
        response
    }

    fn try_pack(
        &self,
        request: &PackRequest,
        operation: OperationId,
        started: u64,
        teller: &mut Teller<'_>,
    ) -> Result<Answer<PackResult>, Error> {
        let storage = &*self.host.storage;
        let record = request.cache_dir.as_deref().map(|cache| record_path(cache, &request.out_dir));
        let mut moved = self.layout.assets();
        let mut delay = self.delay();
        for _ in 0..ATTEMPTS {
            let lock = match self.visit(teller)? {
                Visit::Busy(busy) => return Ok(Answer::blocked(busy.blocker())),
                lock => lock,
            };
            let kind = match request.goal {
                PackGoal::Publish => LockKind::Exclusive,
                PackGoal::Check => LockKind::Shared,
            };
            let token = teller.token.clone();
            let output = lock::output(storage, &request.out_dir, kind, self.host.patience, &token);
            let _output = match output? {
                Shared::Busy => return Ok(self.busy(&request.out_dir)),
                lock => lock,
            };
            let started = if moved == self.layout.assets() { started } else { self.host.clock.now_millis() };
            let watch = self.watch(&lock)?;
            let snapshot = self.refresh_when_settled(Scope::Build, &mut delay, teller)?;
            if let (Some(unfinished), PackContents::PackSet) = (self.pending(&snapshot), request.contents) {
                tell_diagnostics(teller, std::slice::from_ref(&unfinished));
                return Ok(Answer::unfinished(unfinished).from(&snapshot));
            }
            let files = self.files(&snapshot)?;
            let (out, record) = (&*request.out_dir, record.as_deref());
            let place = Place { storage, out, record, operation, started, token: &token };
            let still = || self.is_as(&watch, &snapshot);
            match attempt(&snapshot, files.source(), request, place, &still, teller)? {
                Attempt::Moved(path) => moved = path,
                Attempt::Blocked(diagnostics) => {
                    tell_diagnostics(teller, &diagnostics);
                    let summary = crate::diagnostics::render::summary(&diagnostics).unwrap_or_default();
                    let answer = Answer { status: Status::Blocked, diagnostics, ..Answer::empty(summary) };
                    return Ok(answer.from(&snapshot));
                }
                Attempt::Packed(result, diagnostics) => {
                    tell_diagnostics(teller, &diagnostics);
                    let summary = format!(
                        "{} in {}",
                        counted(result.total_assets, "asset"),
                        result.artifact.path.display()
                    );
                    let mut answer = Answer::ok(summary, *result);
                    answer.diagnostics = diagnostics;
                    return Ok(answer.from(&snapshot));
                }
            }
        }
        Err(Error::Unstable { path: moved })
    }

    /// Whether a folder, which need not be there yet, lies in `assets/` or leads there.
    fn is_among_assets(&self, folder: &Path) -> bool {
        let storage = &*self.host.storage;
        let Ok(assets) = storage.resolve(&self.layout.assets()) else { return false };
        // By links where it is there, by its words where it is not: `new/../assets`.
        let leads = |folder: &Path| {
            let there = folder.ancestors().find_map(|above| storage.resolve(above).ok());
            there.is_some_and(|there| there.starts_with(&assets))
        };
        let mut words = PathBuf::new();
        for part in folder.components() {
            match part {
                Component::ParentDir => drop(words.pop()),
                part => words.push(part),
            }
        }
        leads(folder) || leads(&words)
    }

    fn busy<T>(&self, out: &Path) -> Answer<T> {
        let waited = self.host.patience.as_secs();
        let message = format!("another process has been packing into `{}` for {waited} s", out.display());
        let blocker = Blocker::new(BlockerCode::ProjectLocked, message);
        Answer::blocked(
            blocker.help("Wait until it is done and run this again.").at(out.display().to_string()),
        )
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
            sink: &*self.host.events,
            clock: &*self.host.clock,
            project_id: &self.project_id,
            operation_id,
            sequence: Numbering::of_one_call(),
            token: self.host.cancel.begin(operation_id),
        }
    }

    /// Turns whatever an operation came to into its response.
    fn answer<T>(
        &self,
        operation: Operation,
        teller: &mut Teller<'_>,
        work: impl FnOnce(&mut Teller<'_>) -> Result<Answer<T>, Error>,
    ) -> Response<T> {
        let answer = teller.token.check().and_then(|()| work(teller)).unwrap_or_else(|error| Answer {
            // A journal that cannot be followed and a project that cannot be written are refused
            // preconditions.
            status: match error {
                Error::Journal { .. } | Error::ReadOnly { .. } => Status::Blocked,
                _ => Status::Failed,
            },
            blockers: vec![Blocker::from(&error)],
            ..Answer::empty(error.to_string())
        });
        if let (Some(blocker), false) = (answer.blockers.first(), answer.status == Status::Ok) {
            teller.tell(EventKind::ActionFailed { code: blocker.code.as_str() }, blocker.message.clone());
        }
        let generation = answer.generation.unwrap_or_else(|| self.generation());
        Response {
            status: answer.status,
            operation,
            operation_id: teller.operation_id,
            generation,
            summary: answer.summary,
            affected_assets: answer.affected,
            diagnostics: answer.diagnostics,
            proposed_actions: answer.proposed,
            applied_actions: answer.applied,
            blockers: answer.blockers,
            payload: answer.payload,
        }
    }
}

/// What an operation came to, before it becomes a response.
struct Answer<T> {
    status: Status,
    /// The snapshot that it was given from, where it was given from one.
    generation: Option<Generation>,
    summary: String,
    affected: Vec<AffectedAsset>,
    diagnostics: Vec<Diagnostic>,
    proposed: Vec<Action>,
    applied: Vec<Action>,
    blockers: Vec<Blocker>,
    payload: Option<T>,
}

impl<T> Answer<T> {
    fn empty(summary: String) -> Self {
        Self {
            status: Status::Ok,
            generation: None,
            summary,
            affected: Vec::new(),
            diagnostics: Vec::new(),
            proposed: Vec::new(),
            applied: Vec::new(),
            blockers: Vec::new(),
            payload: None,
        }
    }

    fn ok(summary: String, payload: T) -> Self {
        Self { payload: Some(payload), ..Self::empty(summary) }
    }

    /// Says from which snapshot it is given.
    fn from(self, snapshot: &Snapshot) -> Self {
        Self { generation: Some(snapshot.generation), ..self }
    }

    /// Blocked by what is wrong with the registry.
    fn without_registry(snapshot: &Snapshot) -> Self {
        let of_registry = snapshot.reports.iter().filter(|report| report.asset.is_none());
        let diagnostics: Vec<Diagnostic> =
            of_registry.map(|report| snapshot.diagnose(report, false)).collect();
        let summary = crate::diagnostics::render::summary(&diagnostics).unwrap_or_default();
        Self { status: Status::Blocked, diagnostics, ..Self::empty(summary) }.from(snapshot)
    }

    /// Blocked by a change that was interrupted: what a build would read is neither before nor after it.
    fn unfinished(diagnostic: Diagnostic) -> Self {
        let diagnostics = vec![diagnostic];
        let summary = crate::diagnostics::render::summary(&diagnostics).unwrap_or_default();
        Self { status: Status::Blocked, diagnostics, ..Self::empty(summary) }
    }

    fn blocked(blocker: Blocker) -> Self {
        Self::refused(vec![blocker])
    }

    fn refused(blockers: Vec<Blocker>) -> Self {
        let summary = match blockers.as_slice() {
            [] => String::new(),
            [only] => only.message.clone(),
            [first, rest @ ..] => format!("{}, and {} more", first.message, rest.len()),
        };
        Self { status: Status::Blocked, blockers, ..Self::empty(summary) }
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
    teller.tell(EventKind::DiagnosticsUpdated { blocking, warnings }, summary);
}
