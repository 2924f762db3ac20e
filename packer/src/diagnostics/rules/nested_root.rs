//! `nested-root`: a registered root lies inside another one, so files would have two owners. A second `asset.json`
//! that nobody registered owns nothing and stops nothing: `orphan-declaration`.

use std::collections::BTreeMap;

use super::super::{Code, Finding};
use super::{Sink, entry_member};
use crate::snapshot::{Asset, Snapshot};

pub(super) fn check(snapshot: &Snapshot, out: &mut Sink) {
    let roots: BTreeMap<&str, &Asset> =
        snapshot.assets.iter().map(|asset| (asset.entry.root.as_str(), asset)).collect();
    for asset in &snapshot.assets {
        let root = asset.entry.root.as_str();
        let above = root.match_indices('/').map(|(at, _)| &root[..at]).find_map(|above| roots.get(above));
        let Some(above) = above else { continue };
        let finding = Finding::new(
            Code::NestedRoot,
            entry_member(asset, "root"),
            format!("`{root}` lies inside the asset `{}`", above.entry.root),
        )
        .label("inside another asset root")
        .also_registered(entry_member(above, "root"), "the root that it lies in")
        .help(format!("`cargo prometeu relocate {} NEW_ROOT` moves it out of there.", asset.id()));
        out.registry(finding);
    }
}
