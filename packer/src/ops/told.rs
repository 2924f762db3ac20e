//! What a look into the content adds to what the rules have told of the same assets. Whoever packs,
//! names, validates or examines them asks here, so that all of them find the same.

use std::collections::BTreeSet;

use crate::diagnostics::{Anchor, Code, Finding, Severity};
use crate::pack::{Content, Failure, Looking, Unplannable, header, inspect};
use crate::snapshot::{Document, Report, Snapshot};

/// What only a look into the content shows, and what only all assets together get wrong. `done` is told
/// of each asset.
///
/// # Errors
///
/// When an input is not what it was when the snapshot was made; and when `looking` says to stop.
pub(crate) fn rest(
    looking: Looking<'_>,
    contents: &mut [Content<'_>],
    told: &Told,
    done: &mut dyn FnMut(usize),
) -> Result<Vec<Report>, Failure> {
    let positions: Vec<usize> = contents.iter().map(|content| content.asset).collect();
    let mut findings = inspect(contents, looking.workers, &mut |n, _| done(positions[n]))?;
    if let Err(Unplannable::Content(asset, finding)) = header(contents.iter(), looking.snapshot) {
        findings.push((asset, *finding));
    }
    Ok(told.reports(findings))
}

/// What the rules have told of inputs that cannot be used; families need not tell it again.
#[derive(Debug)]
pub(crate) struct Told(BTreeSet<(usize, usize)>);

impl Told {
    /// By asset and input.
    pub(crate) fn of(snapshot: &Snapshot) -> Self {
        let reports = snapshot.reports.iter().filter(|report| is_of_one_input(&report.finding));
        let mut told = BTreeSet::new();
        told.extend(reports.filter_map(|report| Some((report.asset?, input(&report.finding)?))));
        Self(told)
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
