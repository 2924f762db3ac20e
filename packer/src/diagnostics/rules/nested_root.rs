//! `nested-root`: a registered root lies inside another one, so files would have two owners; or, where
//! all of `assets/` was walked, a root holds a second `asset.json` that nobody registered. A build
//! does not look for that one, so it does not stop for it either.

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
    let mut first: BTreeMap<&str, usize> = BTreeMap::new();
    for (n, asset) in snapshot.assets.iter().enumerate() {
        first.entry(asset.entry.root.as_str()).or_insert(n);
    }
    for (found, _) in snapshot.unregistered.iter().flatten() {
        let inner = &found.folder;
        let above = inner.match_indices('/').filter_map(|(at, _)| first.get(&inner[..at]));
        let Some(n) = above.min().copied() else { continue };
        let above = &snapshot.assets[n];
        let root = &above.entry.root;
        let finding = Finding::new(
            Code::NestedRoot,
            entry_member(above, "root"),
            format!("the asset `{root}` holds a second `asset.json`, in `{inner}`"),
        )
        .label("has another root inside")
        .help(format!(
            "Move `assets/{inner}` out of it by hand and register it there, or delete that `asset.json`. Builds do not see it, and do not stop for it."
        ));
        out.entry_of_walk(n, finding);
    }
}
