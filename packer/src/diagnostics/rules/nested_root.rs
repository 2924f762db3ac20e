//! `nested-root`: a registered root lies inside another one, so files would have two owners.

use super::super::{Code, Finding};
use super::{Sink, entry_member};
use crate::snapshot::Snapshot;

pub(super) fn check(snapshot: &Snapshot, out: &mut Sink) {
    let roots: std::collections::BTreeSet<&str> =
        snapshot.assets.iter().map(|asset| asset.entry.root.as_str()).collect();
    for asset in &snapshot.assets {
        let root = asset.entry.root.as_str();
        let above = root.match_indices('/').map(|(at, _)| &root[..at]).find(|above| roots.contains(above));
        let Some(above) = above else { continue };
        let finding = Finding::new(
            Code::NestedRoot,
            entry_member(asset, "root"),
            format!("`{root}` lies inside the asset `{above}`"),
        )
        .label("inside another asset root")
        .help("Move one of the two folders, and set its `root` here to the new place.");
        out.registry(finding);
    }
}
