//! `doctor`: everything that is wrong with what is managed, content included.

use std::collections::BTreeSet;

use crate::diagnostics::{Code, Diagnostic, Finding, Severity};
use crate::pack::{self, Content, DirtyReason, Failure};
use crate::snapshot::{Document, Report, Snapshot};
use crate::storage::Source;

/// What to look for.
#[derive(Debug, Clone, Copy, Default)]
pub struct DoctorRequest {
    /// Warnings block like errors.
    pub strict: bool,
}

/// Reads every registered asset, included or not, down to its pictures.
///
/// # Errors
///
/// When an input changed while it was read: its path.
pub(crate) fn doctor(
    snapshot: &Snapshot,
    source: &dyn Source,
    request: DoctorRequest,
) -> Result<Vec<Diagnostic>, Failure> {
    let mut reports = snapshot.reports.clone();
    reports.extend(look_into(snapshot, source, 0..snapshot.assets.len())?.1);
    // Stable: what reading found comes before what the content shows.
    reports.sort_by_key(|report| report.asset.map_or(0, |asset| asset + 1));
    Ok(reports.iter().map(|report| snapshot.diagnose(report, request.strict)).collect())
}

/// Looks into the content of those of `positions` that are sound so far: what is in them, and what is
/// wrong with it.
///
/// # Errors
///
/// When an input changed while it was read: its path.
pub(crate) fn look_into<'a>(
    snapshot: &'a Snapshot,
    source: &'a dyn Source,
    positions: impl IntoIterator<Item = usize>,
) -> Result<(Vec<Content<'a>>, Vec<Report>), Failure> {
    let sound = sound(snapshot, positions);
    let mut contents = pack::resolve(snapshot, source, sound, &Err(DirtyReason::Requested))?;
    let mut findings = std::mem::take(&mut contents.findings);
    for content in &mut contents.assets {
        let found = pack::inspect(content)?;
        findings.extend(found.into_iter().map(|finding| (content.asset, finding)));
    }
    Ok((contents.assets, reports(findings)))
}

/// Findings of content are about the declaration.
pub(crate) fn reports(findings: impl IntoIterator<Item = (usize, Finding)>) -> Vec<Report> {
    let document = Document::Declaration;
    let report = |(asset, finding)| Report { asset: Some(asset), document, finding, in_builds: true };
    findings.into_iter().map(report).collect()
}

/// Errors of the rules that say nothing about files: families look into those all the same.
const APART_FROM_FILES: [Code; 2] = [Code::ArtifactUnknownFile, Code::ArtifactIndexDuplicate];

/// Those of `positions` in which neither reading nor the rules found an error that could make wrong
/// what their families would say.
pub(crate) fn sound(snapshot: &Snapshot, positions: impl IntoIterator<Item = usize>) -> Vec<usize> {
    let stands_in_the_way =
        |code: Code| code.severity() == Severity::Error && !APART_FROM_FILES.contains(&code);
    let in_builds = snapshot.reports.iter().filter(|report| report.in_builds);
    let errors = in_builds.filter(|report| stands_in_the_way(report.finding.code));
    let broken: BTreeSet<usize> = errors.filter_map(|report| report.asset).collect();
    positions.into_iter().filter(|position| !broken.contains(position)).collect()
}
