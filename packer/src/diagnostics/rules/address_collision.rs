//! `address-collision`: two folders that would be one Rust module, or two roots one constant.

use std::collections::BTreeMap;

use super::super::{Code, Finding};
use super::{Sink, entry_member};
use crate::address;
use crate::snapshot::Snapshot;

pub(super) fn check(snapshot: &Snapshot, out: &mut Sink) {
    // What each module path stands for. A root is the module of its own artifacts, and its constant
    // collides exactly where that module does.
    let mut folders: BTreeMap<Vec<String>, &str> = BTreeMap::new();
    for n in snapshot.pack_set() {
        let asset = &snapshot.assets[n];
        let root = asset.entry.root.as_str();
        let address = address::of_root(&asset.entry.root);
        let ends = root.match_indices('/').map(|(at, _)| at).chain([root.len()]);
        let mut path = Vec::new();
        for (end, module) in ends.zip(address.modules.iter().chain([&address.module])) {
            let folder = &root[..end];
            path.push(module.clone());
            let first = *folders.entry(path.clone()).or_insert(folder);
            if first == folder {
                continue;
            }
            let finding = Finding::new(
                Code::AddressCollision,
                entry_member(asset, "root"),
                format!("the folders `{first}` and `{folder}` would both be `{}` in Rust", path.join("::")),
            )
            .label("the same identifier")
            .help("Rename one of the two folders, and set the `root` of the assets in it to the new name.");
            out.entry(n, finding);
            break;
        }
    }
}
