//! `doctor`: everything that is wrong with what is managed, content included; and when it is asked for the
//! whole workspace, what is untidy in it.

use std::collections::BTreeSet;

use crate::diagnostics::{Anchor, Code, Diagnostic, Finding, Severity, hygiene};
use crate::mutate::fix::Mendable;
use crate::ops::Action;
use crate::pack::{self, Content, DirtyReason, Failure, Looking, Unplannable, header};
use crate::snapshot::{Document, Report, Snapshot};

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
        reports.extend(Told::of(snapshot).reports([(asset, finding)]));
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
    for divergence in snapshot.divergences() {
        let id = divergence.asset.as_ref().and_then(|asset| asset.asset_id);
        if !request.workspace && !id.is_some_and(|id| missing.contains(&id)) {
            continue;
        }
        for way in divergence.ways {
            if fixes.iter().all(|known| known.action_id != way.action_id) {
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

/// What the rules have told of inputs that cannot be used; families need not tell it again.
#[derive(Debug)]
pub(crate) struct Told(BTreeSet<(usize, usize)>);

impl Told {
    /// By asset and input.
    pub(crate) fn of(snapshot: &Snapshot) -> Self {
        let reports = snapshot.reports.iter().filter(|report| is_of_one_input(&report.finding));
        Self(reports.filter_map(|report| Some((report.asset?, input(&report.finding)?))).collect())
    }

    /// Findings of content, which are about the declaration, without those that were told.
    pub(crate) fn reports(&self, findings: impl IntoIterator<Item = (usize, Finding)>) -> Vec<Report> {
        let is_new = |(asset, finding): &(usize, Finding)| {
            let told = input(finding).is_some_and(|input| self.0.contains(&(*asset, input)));
            !(told && is_of_one_input(finding))
        };
        let report = |(asset, finding)| {
            let document = Document::Declaration;
            Report { asset: Some(asset), document, finding, in_builds: true }
        };
        findings.into_iter().filter(is_new).map(report).collect()
    }
}

/// Errors of the rules that say nothing about files: families look into those all the same.
const APART_FROM_FILES: [Code; 2] = [Code::ArtifactUnknownFile, Code::ArtifactIndexDuplicate];

/// Errors that keep a family from one input, and from no other.
const OF_ONE_INPUT: [Code; 4] =
    [Code::InputMissing, Code::InputNotAFile, Code::InputOutsideRoot, Code::InputUnreadable];

fn is_of_one_input(finding: &Finding) -> bool {
    OF_ONE_INPUT.contains(&finding.code) && input(finding).is_some()
}

fn input(finding: &Finding) -> Option<usize> {
    match finding.anchor {
        Anchor::Input(input) => Some(input),
        _ => None,
    }
}

/// Those of `positions` in which neither reading nor the rules found an error that could make wrong
/// what their families would say.
pub(crate) fn sound(snapshot: &Snapshot, positions: impl IntoIterator<Item = usize>) -> Vec<usize> {
    let stands_in_the_way = |finding: &Finding| {
        let is_apart = APART_FROM_FILES.contains(&finding.code) || is_of_one_input(finding);
        finding.code.severity() == Severity::Error && !is_apart
    };
    let in_builds = snapshot.reports.iter().filter(|report| report.in_builds);
    let errors = in_builds.filter(|report| stands_in_the_way(&report.finding));
    let broken: BTreeSet<usize> = errors.filter_map(|report| report.asset).collect();
    positions.into_iter().filter(|position| !broken.contains(position)).collect()
}
