//! `artifact-unknown-file`: an entry of `artifacts` names a file that is none of the inputs.
//!
//! It follows from the declaration alone, also from one with another member that is broken; where
//! the inputs themselves are, nobody knows what was meant to be among them.

use std::collections::BTreeSet;

use super::super::{Anchor, Code, Finding};
use super::{Sink, declared};
use crate::schema::declaration::Declaration;
use crate::schema::json::Node;
use crate::schema::suggest::nearest;
use crate::snapshot::Snapshot;

pub(super) fn check(snapshot: &Snapshot, out: &mut Sink) {
    for (n, asset, declaration) in declared(snapshot) {
        let Some(read) = asset.loaded.read() else { continue };
        let has_all = || read.tree().is_some_and(|tree| has_all_inputs(declaration, tree));
        // Where nothing was found wrong, all were read.
        if read.reading.findings.is_empty() || has_all() {
            findings(declaration).for_each(|finding| out.declaration(n, finding));
        }
    }
}

/// Whether every input that the text lists could be read.
fn has_all_inputs(declaration: &Declaration, tree: &Node) -> bool {
    let roles = tree.get("inputs").and_then(Node::as_object);
    let listed = roles.and_then(|roles| {
        let counts = roles.iter().map(|role| role.value.as_array().map(<[Node]>::len));
        counts.sum::<Option<usize>>()
    });
    listed == Some(declaration.inputs.len())
}

/// One for each such entry, in their order.
pub(crate) fn findings(declaration: &Declaration) -> impl Iterator<Item = Finding> + '_ {
    let inputs: BTreeSet<&str> = declaration.inputs.iter().map(|input| input.file.as_str()).collect();
    let unknown =
        declaration.artifacts.iter().flatten().filter(move |artifact| !inputs.contains(&*artifact.file));
    unknown.map(|artifact| {
        let file = &artifact.file;
        let help = match nearest(file, declaration.inputs.iter().map(|input| input.file.as_str())) {
            Some(name) => format!("Did you mean `{name}`?"),
            None => format!("Add `{file}` to a list of `inputs`, or name a file that stands there."),
        };
        Finding::new(
            Code::ArtifactUnknownFile,
            Anchor::Value(artifact.pointer.key("file")),
            format!("the artifact `{file}` is not one of the inputs"),
        )
        .help(help)
    })
}
