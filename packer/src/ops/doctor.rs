//! `doctor`: everything that is wrong with what is managed, content included.

use crate::diagnostics::{Diagnostic, Severity};
use crate::pack::{self, DirtyReason, Failure};
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
    reports.extend(content_reports(snapshot, source, 0..snapshot.assets.len())?);
    // Stable: what reading found comes before what the content shows.
    reports.sort_by_key(|report| report.asset.map_or(0, |asset| asset + 1));
    Ok(reports.iter().map(|report| snapshot.diagnose(report, request.strict)).collect())
}

/// What the content of these assets shows. An asset that has errors already is not looked into:
/// what its family would say of it could be wrong.
pub(crate) fn content_reports(
    snapshot: &Snapshot,
    source: &dyn Source,
    positions: impl IntoIterator<Item = usize>,
) -> Result<Vec<Report>, Failure> {
    let sound = positions.into_iter().filter(|position| !has_errors(snapshot, *position));
    let mut contents = pack::resolve(snapshot, source, sound, &Err(DirtyReason::Requested))?;
    let mut findings = std::mem::take(&mut contents.findings);
    for content in &mut contents.assets {
        let payload =
            pack::make(&mut std::io::sink(), content, DirtyReason::Requested).map_err(Failure::from)?;
        findings.extend(payload.findings.into_iter().map(|finding| (content.asset, finding)));
    }
    Ok(reports(findings))
}

/// Findings of content are about the declaration.
pub(crate) fn reports(findings: Vec<(usize, crate::diagnostics::Finding)>) -> Vec<Report> {
    let report = |(asset, finding)| Report { asset: Some(asset), document: Document::Declaration, finding };
    findings.into_iter().map(report).collect()
}

/// Whether reading or the rules found an error in that asset.
pub(crate) fn has_errors(snapshot: &Snapshot, position: usize) -> bool {
    snapshot
        .reports
        .iter()
        .any(|report| report.asset == Some(position) && report.finding.code.severity() == Severity::Error)
}
