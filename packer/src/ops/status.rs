//! `workspace_status`: how the project relates to the disk. It answers whatever state the project is in.

use std::collections::BTreeSet;

use crate::diagnostics::{Code, Diagnostic, Severity};
use crate::observe::{AssetChange, ChangeKind, Observation};
use crate::ops::{Action, Operation, OperationClass};
use crate::snapshot::{DIVERGENCE_CODES, Divergence, Snapshot, State};

/// How a project relates to the disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkspaceStatus {
    /// The state of what reads are served from.
    pub state: State,
    /// What on disk differs from that, by asset.
    pub changes: Vec<AssetChange>,
    /// Whether the registry's text is another one.
    pub registry_changed: bool,
    /// What contradicts each other on disk.
    pub divergences: Vec<Divergence>,
    /// How much there is on disk.
    pub counts: Counts,
}

/// How much there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Registered assets.
    pub assets: usize,
    /// Those that builds take in.
    pub included: usize,
    /// Folders with a declaration that nobody registered.
    pub unregistered: usize,
    /// Entries in quarantine.
    pub quarantined: usize,
    /// Findings that stop a build, as far as no content is looked into.
    pub blocking: usize,
    /// Warnings, likewise.
    pub warnings: usize,
}

/// What is wrong with identity, as diagnostics say it.
pub(crate) fn diagnostics(snapshot: &Snapshot) -> Vec<Diagnostic> {
    let is_of_state = |code: Code| DIVERGENCE_CODES.contains(&code) || code == Code::JournalUnfinished;
    let reports = snapshot.everything().filter(|report| is_of_state(report.finding.code));
    reports.map(|report| snapshot.diagnose(report, false)).collect()
}

pub(crate) fn status(observation: Observation, snapshot: &Snapshot) -> WorkspaceStatus {
    let found = snapshot.diagnostics(false);
    let warnings = found.iter().filter(|found| found.severity == Severity::Warning).count();
    let Observation { state, changes, registry_changed, divergences, .. } = observation;
    let counts = Counts {
        assets: snapshot.assets.len(),
        included: snapshot.pack_set().count(),
        unregistered: snapshot.unregistered.as_ref().map_or(0, Vec::len),
        quarantined: snapshot.quarantined.as_ref().map_or(0, Vec::len),
        blocking: found.iter().filter(|found| found.blocking).count(),
        warnings,
    };
    WorkspaceStatus { state, changes, registry_changed, divergences, counts }
}

/// What could be done about it: the ways out of each divergence, and a new reading of what is stale.
pub(crate) fn ways(observation: &Observation) -> Vec<Action> {
    let mut ways: Vec<Action> = Vec::new();
    if !observation.changes.is_empty() || observation.registry_changed {
        ways.push(Action {
            action_id: Operation::Refresh.as_str().to_owned(),
            operation: Operation::Refresh,
            arguments: Vec::new(),
            operation_class: OperationClass::ReadOnly,
            needs_consent: false,
            title: "read the disk again".to_owned(),
        });
    }
    let reconciled = observation.divergences.iter().flat_map(|divergence| &divergence.ways);
    let reconciled =
        reconciled.filter(|way| way.operation == Operation::Reconcile && !way.arguments.is_empty());
    let several: BTreeSet<&str> = reconciled.clone().map(|way| way.action_id.as_str()).collect();
    if several.len() > 1 {
        ways.push(Action {
            action_id: Operation::Reconcile.as_str().to_owned(),
            operation: Operation::Reconcile,
            arguments: Vec::new(),
            operation_class: Operation::Reconcile.class(),
            needs_consent: reconciled.clone().any(|way| way.needs_consent),
            title: "let the registry follow everything that was moved".to_owned(),
        });
    }
    let mut known: BTreeSet<String> = ways.iter().map(|way| way.action_id.clone()).collect();
    let all = observation.divergences.iter().flat_map(|divergence| &divergence.ways);
    ways.extend(all.filter(|way| known.insert(way.action_id.clone())).cloned());
    ways
}

/// `12 assets, diverged: 2 contradictions, 3 changed`.
pub(crate) fn summary(observation: &Observation, snapshot: &Snapshot) -> String {
    let Observation { state, changes, registry_changed, divergences, .. } = observation;
    if snapshot.registry().is_none() {
        let there = snapshot.unregistered.as_ref().map_or(0, Vec::len);
        let there =
            if there == 1 { "1 declaration is".to_owned() } else { format!("{there} declarations are") };
        return format!("no registry that can be read, {}: {there} there", state.as_str());
    }
    let words = in_words(state, changes, *registry_changed, snapshot.assets.len());
    match divergences.len() {
        0 => words,
        1 => format!("{words}; 1 contradiction between the registry and the disk"),
        count => format!("{words}; {count} contradictions between the registry and the disk"),
    }
}

/// `12 assets, stale: 1 moved, 2 changed`.
pub(crate) fn in_words(state: &State, changes: &[AssetChange], registry: bool, assets: usize) -> String {
    let count = |name: &str| changes.iter().filter(|change| change.kind.as_str() == name).count();
    let kinds = [
        ChangeKind::Moved { from: String::new() },
        ChangeKind::Added,
        ChangeKind::Changed,
        ChangeKind::Removed,
    ];
    let counted = kinds.iter().map(|kind| (count(kind.as_str()), kind.as_str()));
    let mut parts: Vec<String> =
        counted.filter(|(count, _)| *count > 0).map(|(count, kind)| format!("{count} {kind}")).collect();
    if registry {
        parts.push("another registry".to_owned());
    }
    let assets = if assets == 1 { "1 asset".to_owned() } else { format!("{assets} assets") };
    let parts = if parts.is_empty() { String::new() } else { format!(": {}", parts.join(", ")) };
    format!("{assets}, {}{parts}", state.as_str())
}
