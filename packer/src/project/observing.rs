//! Observing and refreshing: what the disk looks like now, beside what reads are served from.
//!
//! An observation never tells of a state that is not visible yet. The journal is looked at before and
//! after it, and so is whether this project is making a change or has published a snapshot meanwhile:
//! then what was seen is dropped, and looked at anew.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::answer::Answer;
use super::{Project, counted, held};
use crate::Error;
use crate::cancel::Token;
use crate::commit::journal::{Found, Journal};
use crate::event::{AffectedAsset, EventKind, Teller};
use crate::id::Generation;
use crate::mutate::{EditKind, Plan};
use crate::observe::{self, AssetChange, ChangeKind, Observation};
use crate::ops::{Operation, Refreshed, Response, WorkspaceStatus, status};
use crate::snapshot::{Snapshot, State};
use crate::workspace::Scope;

/// How often something is looked at anew because of changes meanwhile.
const LOOKS: u32 = 20;

/// How long to sleep before looking anew.
const PAUSE: Duration = Duration::from_millis(1);

/// How many changes this project has begun to make, and how many of them are visible or given up.
#[derive(Debug, Default)]
pub(super) struct Changing {
    begun: AtomicU64,
    ended: AtomicU64,
}

/// A change that this project makes.
#[must_use = "the change ends when this is dropped"]
pub(super) struct Made<'a>(&'a Changing);

impl Changing {
    /// A change begins; it ends once what it did is visible.
    pub(super) fn begin(&self) -> Made<'_> {
        self.begun.fetch_add(1, Ordering::SeqCst);
        Made(self)
    }

    /// How many there were, unless one is being made.
    fn count(&self) -> Option<u64> {
        let ended = self.ended.load(Ordering::SeqCst);
        (self.begun.load(Ordering::SeqCst) == ended).then_some(ended)
    }
}

impl Drop for Made<'_> {
    fn drop(&mut self) {
        self.0.ended.fetch_add(1, Ordering::SeqCst);
    }
}

/// What was observed, and the snapshot that shows it.
type Observed = (Observation, Arc<Snapshot>);

impl Project {
    /// What the disk looks like now, beside the snapshot that reads are served from. Publishes nothing,
    /// unless nobody has read the whole workspace yet.
    ///
    /// # Errors
    ///
    /// When the registry or `assets/` cannot be read.
    pub fn observe(&self) -> Result<Observation, Error> {
        Ok(self.observed(&Token::default())?.0)
    }

    /// Says how the project relates to the disk, how much there is, and what contradicts each other.
    pub fn workspace_status(&self) -> Response<WorkspaceStatus> {
        let mut teller = self.teller(self.host.ids.operation_id());
        self.answer(Operation::WorkspaceStatus, &mut teller, |teller| {
            let (observation, snapshot) = self.observed(&teller.token)?;
            let mut diagnostics = status::diagnostics(&snapshot);
            self.explain(&mut diagnostics);
            let summary = status::summary(&observation, &snapshot);
            let proposed = status::ways(&observation);
            let generation = observation.generation;
            let affected = affected(&observation.changes);
            let answer = Answer::ok(summary, status::status(observation, &snapshot));
            Ok(Answer { diagnostics, proposed, affected, generation: Some(generation), ..answer })
        })
    }

    /// Reads the disk and publishes what is there as a new generation; tells what differs from the one
    /// before.
    pub fn refresh_workspace(&self) -> Response<Refreshed> {
        let mut teller = self.teller(self.host.ids.operation_id());
        self.answer(Operation::Refresh, &mut teller, |teller| {
            let before = held(&self.current).snapshot.clone();
            let snapshot = self.refresh_for(Scope::Workspace, &teller.token)?;
            let before = before.filter(|before| before.scope == Scope::Workspace);
            let (changes, registry_changed) =
                before.map_or_else(Default::default, |before| observe::changes(&before, &snapshot));
            tell_changes(&changes, teller);
            tell_state(teller, Some((snapshot.state.clone(), snapshot.generation)));
            let state = snapshot.state.clone();
            let summary = status::in_words(&state, &changes, registry_changed, snapshot.assets.len());
            let affected = affected(&changes);
            let diagnostics = self.unfinished(&snapshot);
            let answer = Answer::ok(summary, Refreshed { state, changes, registry_changed });
            Ok(Answer { affected, diagnostics, ..answer }.from(&snapshot))
        })
    }

    /// Observes, and tells as one operation what is new beside what was `told` last. Tells nothing when
    /// the disk cannot be looked at, or `token` says to stop.
    pub(crate) fn tell_observation(&self, told: &mut Option<Observation>, token: &Token) {
        let Ok(Some((now, _))) = self.try_observe(token) else { return };
        let is_new = |change: &&AssetChange| {
            told.as_ref()
                .is_none_or(|told| told.generation != now.generation || !told.changes.contains(*change))
        };
        let changes: Vec<AssetChange> = now.changes.iter().filter(is_new).cloned().collect();
        let state_is_new = match told {
            None => now.state != State::Current,
            Some(told) => {
                told.state != now.state
                    || told.divergences != now.divergences
                    || (now.state == State::Stale && told.generation != now.generation)
            }
        };
        if !changes.is_empty() || state_is_new {
            let mut teller = self.teller(self.host.ids.operation_id());
            tell_changes(&changes, &mut teller);
            if state_is_new {
                tell_state(&mut teller, Some((now.state.clone(), now.generation)));
            }
        }
        *told = Some(now);
    }

    /// An observation with what shows it. While this project makes one change after the other, what
    /// reads are served from is what there is to tell of.
    fn observed(&self, token: &Token) -> Result<Observed, Error> {
        for n in 0..LOOKS {
            if n > 0 {
                std::thread::sleep(PAUSE);
            }
            if let Some(observed) = self.try_observe(token)? {
                return Ok(observed);
            }
        }
        let snapshot = self.snapshot_for(token)?;
        Ok((as_it_was(&snapshot), snapshot))
    }

    /// One look; none when something was changed or published meanwhile.
    fn try_observe(&self, token: &Token) -> Result<Option<Observed>, Error> {
        token.check()?;
        let Some(changes) = self.writing.changing.count() else { return Ok(None) };
        let snapshot = self.snapshot_for(token)?;
        let is_quiet = || {
            let current = held(&self.current).snapshot.clone();
            self.writing.changing.count() == Some(changes)
                && current.is_some_and(|current| Arc::ptr_eq(&current, &snapshot))
        };
        let journal = self.journal()?;
        if matches!(&journal, Found::Journal(Journal { pending: None, .. })) && snapshot.state.is_settled() {
            let is_as_seen = observe::is_as_seen(&*self.host.storage, &snapshot, &|| token.check());
            if self.journal()? == journal && is_as_seen? {
                return Ok(is_quiet().then(|| (as_it_was(&snapshot), Arc::clone(&snapshot))));
            }
        }
        let now = self.read(Scope::Workspace, snapshot.generation, token)?;
        if !is_quiet() {
            return Ok(None);
        }
        let (changes, registry_changed) = observe::changes(&snapshot, &now);
        let state = match &now.state {
            State::Current if changes.is_empty() && !registry_changed => State::Current,
            State::Current => State::Stale,
            other => other.clone(),
        };
        let divergences = now.divergences();
        let generation = snapshot.generation;
        let observation = Observation { generation, state, changes, registry_changed, divergences };
        Ok(Some((observation, Arc::new(now))))
    }
}

/// What is told where nothing differs.
fn as_it_was(snapshot: &Snapshot) -> Observation {
    Observation {
        generation: snapshot.generation,
        state: snapshot.state.clone(),
        changes: Vec::new(),
        registry_changed: false,
        divergences: snapshot.divergences(),
    }
}

fn affected(changes: &[AssetChange]) -> Vec<AffectedAsset> {
    changes.iter().filter_map(AssetChange::affected).collect()
}

/// Tells what differs between two snapshots that were published one after the other, where both looked at
/// the whole workspace: what somebody did to the files must not go by because an operation read them
/// for purposes of its own.
pub(super) fn tell_difference(before: Option<&Snapshot>, now: &Snapshot, teller: &mut Teller<'_>) {
    let Some(before) = before.filter(|_| now.scope == Scope::Workspace) else { return };
    if before.scope != Scope::Workspace {
        return;
    }
    let (changes, registry_changed) = observe::changes(before, now);
    if registry_changed || !changes.is_empty() || before.state != now.state {
        tell_changes(&changes, teller);
        tell_state(teller, Some((now.state.clone(), now.generation)));
    }
}

/// Tells what differs and is none of what a plan was about.
pub(super) fn tell_others(before: &Snapshot, now: &Snapshot, plan: &Plan, teller: &mut Teller<'_>) {
    if before.scope != Scope::Workspace || now.scope != Scope::Workspace {
        return;
    }
    let is_of_plan = |change: &AssetChange| {
        let is_named = |folder: &str| {
            let path = format!("assets/{folder}");
            plan.edits.iter().any(|edit| edit.path == path || edit.path.starts_with(&format!("{path}/")))
                || plan.affected_assets.iter().any(|asset| asset.root.as_str() == folder)
                || plan
                    .edits
                    .iter()
                    .any(|edit| matches!(&edit.kind, EditKind::MoveFolder { from } if *from == path))
        };
        let is_same = |id| plan.affected_assets.iter().any(|asset| asset.asset_id == Some(id));
        let was = match &change.kind {
            ChangeKind::Moved { from } => is_named(from),
            _ => false,
        };
        was || is_named(&change.folder) || change.asset_id.is_some_and(is_same)
    };
    let (mut changes, _) = observe::changes(before, now);
    changes.retain(|change| !is_of_plan(change));
    tell_changes(&changes, teller);
}

/// Tells what reads see from now on, where that is known.
pub(super) fn tell_state(teller: &mut Teller<'_>, seen: Option<(State, Generation)>) {
    let Some((state, generation)) = seen else { return };
    let state = state.as_str();
    let summary = format!("reads see generation {generation}, which is {state}");
    teller.tell(EventKind::SnapshotStateChanged { state, generation }, summary);
}

/// Tells what came, and what is not what or where it was.
pub(super) fn tell_changes(changes: &[AssetChange], teller: &mut Teller<'_>) {
    let (added, others): (Vec<_>, Vec<_>) =
        changes.iter().cloned().partition(|change| change.kind == ChangeKind::Added);
    for (kind, changes, said) in
        [(EventKind::AssetDiscovered, added, "discovered"), (EventKind::AssetChanged, others, "changed")]
    {
        if !changes.is_empty() {
            let summary = format!("{} {said}", counted(changes.len(), "asset"));
            teller.tell_of(kind, summary, affected(&changes), None);
        }
    }
}
