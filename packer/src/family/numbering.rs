//! Which input is which artifact: the rule of indices that all families share.
//!
//! Indices run from 0 without gap or duplicate. With `artifacts` in the declaration each entry
//! states its index and the list's order means nothing; without it the inputs are taken in declared
//! order. An input that holds several artifacts (a sheet) takes that many indices from its own on.
//!
//! An input that no entry names is not packed. A file may be named twice with different indices:
//! it then fills both places.
//!
//! What the declaration alone shows, a file that is no input and an index that is stated twice, the
//! rules have told before; here no artifacts come of it.
//!
//! Two steps, because a family learns how many artifacts a file holds only by looking into it:
//! [`choose`] says which files to look into, [`number`] gives them their indices.
//!
//! Who needs no payload and only the indices gets them from [`first_indices`], which looks into as
//! few files as can be, mostly into none.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use super::{Family, Inputs, NumberedArtifact, Stop};
use crate::diagnostics::{Anchor, Code, Finding, Pointer};
use crate::schema::declaration::{Artifact, Declaration};

/// One entry of `artifacts`, or one input where there is no such list.
#[derive(Debug)]
pub(super) struct Choice<'a> {
    /// Which input; `None` for a file that is not among them.
    pub(super) input: Option<usize>,
    /// The file as declared.
    pub(super) file: &'a str,
    /// The index that the declaration states.
    index: Option<u32>,
    /// Where to point when the index is wrong.
    anchor: Anchor,
}

/// How many artifacts a bank may hold, and how to say so.
#[derive(Debug)]
pub(super) struct Capacity {
    /// Fewest and most.
    pub(super) limits: RangeInclusive<u32>,
    /// What one artifact is called, in the plural: `tiles`.
    pub(super) unit: &'static str,
    /// What to do when there are too many: one sentence.
    pub(super) cure: String,
}

/// A choice on its place.
struct Placed<'a> {
    choice: &'a Choice<'a>,
    /// Where it stands in the list.
    position: usize,
    /// Its indices; wide enough for every declared index and every sheet.
    start: u64,
    end: u64,
    /// Whether `end` is known, and not merely at least this.
    exact: bool,
}

/// The artifacts that the declaration asks for, in its order.
pub(super) fn choose<'a>(declaration: &'a Declaration) -> Vec<Choice<'a>> {
    let Some(artifacts) = &declaration.artifacts else {
        let inputs = declaration.inputs.iter().enumerate();
        return inputs
            .map(|(n, input)| Choice {
                input: Some(n),
                file: &input.file,
                index: None,
                anchor: Anchor::Input(n),
            })
            .collect();
    };
    let mut inputs = BTreeMap::new();
    for (n, input) in declaration.inputs.iter().enumerate() {
        inputs.entry(input.file.as_str()).or_insert(n);
    }
    let choice = |artifact: &'a Artifact| Choice {
        input: inputs.get(artifact.file.as_str()).copied(),
        file: &artifact.file,
        index: Some(artifact.index),
        anchor: Anchor::Value(artifact.pointer.key("index")),
    };
    artifacts.iter().map(choice).collect()
}

/// Gives each choice its indices. `counts` stands beside `choices`: how many artifacts each holds,
/// `None` where that could not be found out (and was reported).
///
/// Pushes `artifact-index-duplicate` for sheets that overlap, `artifact-index-gap` (the first one) and `artifact-count`.
/// Yields the artifacts by increasing index, and `None` when anything about them is wrong or unknown.
pub(super) fn number(
    declaration: &Declaration,
    choices: &[Choice<'_>],
    counts: &[Option<u32>],
    capacity: &Capacity,
    findings: &mut Vec<Finding>,
) -> Option<Vec<NumberedArtifact>> {
    let before = findings.len();
    let placed = place(choices, counts);
    check_count(declaration, &placed, capacity, findings);
    check_indices(&placed, findings);

    let twice = placed.windows(2).any(|pair| pair[0].start == pair[1].start);
    if findings.len() > before || twice || placed.iter().any(|placed| !placed.exact) {
        return None;
    }
    let artifact = |placed: &Placed<'_>| {
        Some(NumberedArtifact {
            input: placed.choice.input?,
            index: u32::try_from(placed.start).ok()?,
            count: u32::try_from(placed.end - placed.start).ok()?,
        })
    };
    placed.iter().map(artifact).collect()
}

/// How many inputs, from the first on, decide by their content which indices the declaration's
/// artifacts have: none where `artifacts` states them, or where each input is one artifact; else all
/// but the last, after which nothing comes.
pub(crate) fn deciding_inputs(declaration: &Declaration) -> usize {
    let family = super::by_name(&declaration.family);
    let follow = family.is_some_and(Family::artifacts_follow_content);
    if follow && declaration.artifacts.is_none() { declaration.inputs.len().saturating_sub(1) } else { 0 }
}

/// Each artifact's input and its index (for a sheet that of its first cell), by increasing index.
/// Reads no file but [`deciding_inputs`].
///
/// Pushes what is certainly wrong without a look into the others: `artifact-index-duplicate` and
/// `artifact-index-gap`, and what a deciding input gets wrong. What it yields then is worthless. Not here: how many artifacts there are in all.
///
/// # Errors
///
/// [`Stop`] where a deciding input could not be read.
pub(crate) fn first_indices(
    family: &dyn Family,
    declaration: &Declaration,
    inputs: &mut dyn Inputs,
    findings: &mut Vec<Finding>,
) -> Result<Vec<(usize, u32)>, Stop> {
    let choices = choose(declaration);
    let deciding = deciding_inputs(declaration);
    let mut counts = Vec::with_capacity(choices.len());
    for choice in &choices {
        counts.push(match choice.input {
            Some(_) if !family.artifacts_follow_content() => Some(1),
            Some(input) if input < deciding => {
                family.count_artifacts(declaration, input, inputs, findings)?
            }
            _ => None,
        });
    }
    let placed = place(&choices, &counts);
    check_indices(&placed, findings);
    let index = |placed: &Placed<'_>| Some((placed.choice.input?, u32::try_from(placed.start).ok()?));
    Ok(placed.iter().filter_map(index).collect())
}

/// How many indices the artifacts take together, from the headers of files whose content decides that,
/// and of no others. For a list, not for a payload: what nobody can look into counts as one artifact, and
/// what is wrong is told by who packs.
pub(crate) fn count(family: &dyn Family, declaration: &Declaration, inputs: &mut dyn Inputs) -> u32 {
    let mut counts = BTreeMap::new();
    let mut count = |input: usize| {
        if !family.artifacts_follow_content() {
            return 1;
        }
        *counts.entry(input).or_insert_with(|| {
            let counted = family.count_artifacts(declaration, input, inputs, &mut Vec::new());
            counted.ok().flatten().unwrap_or(1)
        })
    };
    let choices = choose(declaration);
    choices.iter().fold(0, |sum: u32, choice| sum.saturating_add(choice.input.map_or(1, &mut count)))
}

/// The choices on their places, by increasing index.
fn place<'a>(choices: &'a [Choice<'a>], counts: &[Option<u32>]) -> Vec<Placed<'a>> {
    let mut next = 0;
    let mut placed = Vec::with_capacity(choices.len());
    for (position, (choice, count)) in choices.iter().zip(counts).enumerate() {
        let start = choice.index.map_or(next, u64::from);
        next = start + u64::from(count.unwrap_or(1));
        placed.push(Placed { choice, position, start, end: next, exact: count.is_some() });
    }
    placed.sort_by_key(|placed| (placed.start, placed.position));
    placed
}

fn check_count(
    declaration: &Declaration,
    placed: &[Placed<'_>],
    capacity: &Capacity,
    findings: &mut Vec<Finding>,
) {
    let (least, most) = (u64::from(*capacity.limits.start()), u64::from(*capacity.limits.end()));
    let unit = capacity.unit;
    let total: u64 = placed.iter().map(|placed| placed.end - placed.start).sum();
    if total < least {
        let list = if declaration.artifacts.is_some() { "artifacts" } else { "inputs" };
        findings.push(
            Finding::new(
                Code::ArtifactCount,
                Anchor::Value(Pointer::root().key(list)),
                format!(
                    "`{list}` names no file, and a `{}` without {unit} cannot be packed",
                    declaration.family
                ),
            )
            .help(format!("Add a file to `{list}`.")),
        );
    }
    let mut sum = 0;
    let first_over = placed.iter().find(|placed| {
        sum += placed.end - placed.start;
        sum > most
    });
    if let Some(over) = first_over {
        findings.push(
            Finding::new(
                Code::ArtifactCount,
                over.choice.anchor.clone(),
                format!(
                    "{total} {unit} are too many: the bank is full at {most}, reached in `{}`",
                    over.choice.file
                ),
            )
            .help(capacity.cure.clone()),
        );
    }
}

fn check_indices(placed: &[Placed<'_>], findings: &mut Vec<Finding>) {
    let mut reach: Option<&Placed<'_>> = None; // the one that reaches furthest so far
    let free = free_index(placed);
    let mut gap_told = false;
    let mut exact = true;
    let mut last = None;
    for this in placed {
        let end = reach.map_or(0, |reach| reach.end);
        match reach {
            // A rule has told it.
            _ if last.replace(this.start) == Some(this.start) => {}
            Some(holder) if this.start < end => findings.push(duplicate(holder, this, free)),
            _ if this.start > end && exact && !gap_told => {
                gap_told = true;
                findings.push(gap(end, this));
            }
            _ => {}
        }
        // Past a file of unknown extent a hole may be that file's own.
        exact &= this.exact;
        if this.end >= end {
            reach = Some(this);
        }
    }
}

/// The lowest index that no artifact has; `placed` is by increasing start.
fn free_index(placed: &[Placed<'_>]) -> u64 {
    placed.iter().fold(0, |free, placed| if placed.start <= free { free.max(placed.end) } else { free })
}

/// Of two that overlap and begin at different indices: the holder is a sheet.
fn duplicate(holder: &Placed<'_>, this: &Placed<'_>, free: u64) -> Finding {
    let (first, second) = if holder.position < this.position { (holder, this) } else { (this, holder) };
    let message = format!(
        "`{}` takes {}, and `{}` takes {}",
        first.choice.file,
        first.span(),
        second.choice.file,
        second.span()
    );
    Finding::new(Code::ArtifactIndexDuplicate, second.choice.anchor.clone(), message)
        .label(format!("taken by `{}`", first.choice.file))
        .also(first.choice.anchor.clone(), format!("takes {}", first.span()))
        .help(format!("Give `{}` other indices: the first that none has is {free}.", second.choice.file))
}

fn gap(missing: u64, after: &Placed<'_>) -> Finding {
    let what = match after.start - missing {
        1 => format!("no artifact has the index {missing}"),
        _ => format!("no artifact has the indices {missing} to {}", after.start - 1),
    };
    Finding::new(
        Code::ArtifactIndexGap,
        after.choice.anchor.clone(),
        format!("{what}: the next is `{}` with {}", after.choice.file, after.start),
    )
    .help(format!(
        "Indices run from 0 without gaps: give `{}` the index {missing}, or another artifact the missing one.",
        after.choice.file
    ))
}

impl Placed<'_> {
    fn span(&self) -> String {
        match self.end - self.start {
            1 => format!("the index {}", self.start),
            _ => format!("the indices {} to {}", self.start, self.end - 1),
        }
    }
}
