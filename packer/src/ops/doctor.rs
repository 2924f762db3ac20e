//! `doctor`: everything that is wrong with what is managed, content included; and when it is asked for the
//! whole workspace, what is untidy in it.

use std::collections::BTreeSet;

use super::told::{Told, sound};
use crate::diagnostics::{Code, Diagnostic, hygiene};
use crate::mutate::fix::Mendable;
use crate::ops::Action;
use crate::pack::{self, Content, DirtyReason, Failure, Looking, Unplannable, header};
use crate::snapshot::{Report, Snapshot};

/// What to look for.
#[derive(Debug, Clone, Copy, Default)]
pub struct DoctorRequest {
    /// Warnings block like errors, and what is untidy counts.
    pub strict: bool,
    /// Whether to look for what is untidy as well: walks all of `assets/`, and reads files that may be
    /// equal.
    pub workspace: bool,
}

/// What doctor comes to.
#[derive(Debug)]
pub(crate) struct Checkup {
    /// Everything that is wrong. What can be mended without a person's judgement names the action that
    /// does.
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// Those actions, and of several one that does all.
    pub(crate) fixes: Vec<Action>,
}

/// Reads every registered asset, included or not, down to its pictures.
///
/// # Errors
///
/// When an input changed while it was read: its path; and when `token` says to stop.
pub(crate) fn doctor(looking: Looking<'_>, request: DoctorRequest) -> Result<Checkup, Failure> {
    let Looking { snapshot, files, token, .. } = looking;
    let mut reports = snapshot.reports.clone();
    let (contents, found) = look_into(looking, 0..snapshot.assets.len())?;
    reports.extend(found);
    // What only all of them together get wrong.
    let in_build = contents.iter().filter(|content| snapshot.assets[content.asset].entry.included_in_build);
    if let Err(Unplannable::Content(asset, finding)) = header(in_build, snapshot) {
        reports.extend(Told::of(snapshot).reports([(asset, *finding)]));
    }
    // Stable: what reading found comes before what the content shows.
    reports.sort_by_key(|report| report.asset.map_or(0, |asset| asset + 1));
    if request.workspace {
        let untidy = hygiene::look(snapshot, files, token).map_err(Failure::Error)?;
        let mut untidy = [&snapshot.hygiene[..], &untidy].concat();
        // Stable: of one kind in the order of the assets.
        untidy.sort_by_key(|report| report.finding.code);
        reports.extend(untidy);
    }
    // Without quarantine nobody knows whose a uuid is; that it cannot be listed stops no look.
    let mendable = Mendable::of(snapshot, files).unwrap_or_else(|_| Mendable::nothing(snapshot));
    let diagnose =
        |report| Diagnostic { fix: mendable.fix(report), ..snapshot.diagnose(report, request.strict) };
    Ok(Checkup { diagnostics: reports.iter().map(diagnose).collect(), fixes: mendable.actions() })
}

/// The fixes, and after them the ways out of what registry and disk contradict each other about: all of
/// them for the whole workspace, else those for assets that are not where they should be.
pub(crate) fn with_ways(mut fixes: Vec<Action>, snapshot: &Snapshot, request: DoctorRequest) -> Vec<Action> {
    let missing: BTreeSet<_> = snapshot
        .reports
        .iter()
        .filter(|report| report.finding.code == Code::RootMissing)
        .filter_map(|report| Some(snapshot.assets[report.asset?].id()))
        .collect();
    let mut known: BTreeSet<String> = fixes.iter().map(|fix| fix.action_id.clone()).collect();
    for divergence in snapshot.divergences() {
        let id = divergence.asset.as_ref().and_then(|asset| asset.asset_id);
        if !request.workspace && !id.is_some_and(|id| missing.contains(&id)) {
            continue;
        }
        for way in divergence.ways {
            if known.insert(way.action_id.clone()) {
                fixes.push(way);
            }
        }
    }
    fixes
}

/// Looks into the content of those of `positions` that are sound so far: what is in them, and what is
/// wrong with it.
///
/// # Errors
///
/// When an input changed while it was read: its path; and when `token` says to stop.
pub(crate) fn look_into<'a>(
    looking: Looking<'a>,
    positions: impl IntoIterator<Item = usize>,
) -> Result<(Vec<Content<'a>>, Vec<Report>), Failure> {
    let snapshot = looking.snapshot;
    let mut contents = pack::resolve(looking, &sound(snapshot, positions), &Err(DirtyReason::Requested))?;
    let mut findings = std::mem::take(&mut contents.findings);
    findings.extend(pack::inspect(&mut contents.assets, looking.workers, &mut |_, _| {})?);
    Ok((contents.assets, Told::of(snapshot).reports(findings)))
}
