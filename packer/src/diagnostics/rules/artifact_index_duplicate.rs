//! `artifact-index-duplicate`: two entries of `artifacts` state one index.
//!
//! It follows from the declaration alone, also from one with another member that is broken. That a
//! sheet reaches into another artifact shows only in the picture; its family says so.

use std::collections::BTreeMap;

use super::super::{Anchor, Code, Finding};
use super::{Sink, declared};
use crate::schema::declaration::{Artifact, Declaration};
use crate::snapshot::Snapshot;

pub(super) fn check(snapshot: &Snapshot, out: &mut Sink) {
    for (n, _, declaration) in declared(snapshot) {
        findings(declaration).into_iter().for_each(|finding| out.declaration(n, finding));
    }
}

/// One for each entry whose index an earlier one has, in their order.
pub(crate) fn findings(declaration: &Declaration) -> Vec<Finding> {
    let mut first: BTreeMap<u32, &Artifact> = BTreeMap::new();
    let mut twice = Vec::new();
    for artifact in declaration.artifacts.iter().flatten() {
        match first.get(&artifact.index) {
            Some(holder) => twice.push((*holder, artifact)),
            None => drop(first.insert(artifact.index, artifact)),
        }
    }
    let free = (0_u32..).zip(first.keys()).take_while(|(n, index)| n == *index).count();
    let mut help = format!("another index: the lowest that no entry states is {free}.");
    if declaration.family == "glyph_bank" {
        help += " A sheet takes one for each of its tiles.";
    }
    let duplicate = |(holder, artifact): (&Artifact, &Artifact)| {
        let taken = &holder.file;
        let message = format!("`{taken}` and `{}` both have the index {}", artifact.file, artifact.index);
        Finding::new(Code::ArtifactIndexDuplicate, Anchor::Value(artifact.pointer.key("index")), message)
            .label(format!("taken by `{taken}`"))
            .also(Anchor::Value(holder.pointer.key("index")), "first taken here")
            .help(format!("Give `{}` {help}", artifact.file))
    };
    twice.into_iter().map(duplicate).collect()
}
