//! `address-collision`: two folders that would be one Rust module, or two roots one constant.

use std::cell::LazyCell;
use std::collections::BTreeMap;

use super::super::{Code, Finding};
use super::case_collision::other_root;
use super::{Holders, Sink, entry_member};
use crate::address;
use crate::snapshot::Snapshot;
use crate::spelling;

pub(super) fn check(snapshot: &Snapshot, out: &mut Sink) {
    // What each module path stands for, a root being the module of its own artifacts, and what each
    // constant does: `ß` and `ss` are two modules, but one constant.
    let mut folders: BTreeMap<String, &str> = BTreeMap::new();
    let mut constants: BTreeMap<String, &str> = BTreeMap::new();
    let holders = LazyCell::new(|| {
        Holders::of(snapshot.pack_set().map(|n| (n, snapshot.assets[n].entry.root.as_str())))
    });
    for n in snapshot.pack_set() {
        let asset = &snapshot.assets[n];
        let root = asset.entry.root.as_str();
        let address = address::of_root(&asset.entry.root);
        let ends = root.match_indices('/').map(|(at, _)| at).chain([root.len()]);
        let mut path = String::new();
        let mut collision = None;
        for (end, module) in ends.zip(address.modules.iter().chain([&address.module])) {
            let folder = &root[..end];
            path.push_str(if path.is_empty() { "" } else { "::" });
            path.push_str(module);
            let first = *folders.entry(path.clone()).or_insert(folder);
            if differ(first, folder) {
                collision = Some((first, folder, path));
                break;
            }
        }
        let first = *constants.entry(address.to_string()).or_insert(root);
        if collision.is_none() && differ(first, root) {
            collision = Some((first, root, address.to_string()));
        }
        let Some((first, second, identifier)) = collision else { continue };
        let mut finding = Finding::new(
            Code::AddressCollision,
            entry_member(asset, "root"),
            format!("the folders `{first}` and `{second}` would both be `{identifier}` in Rust"),
        )
        .label("the same identifier")
        .help(other_root(asset));
        if let Some(holder) = holders.of_name(first) {
            let there = entry_member(&snapshot.assets[holder], "root");
            finding = finding.also_registered(there, format!("`{first}` is here"));
        }
        out.entry(n, finding);
    }
}

/// Names that are one name on some systems are told by `case-collision`, once.
fn differ(first: &str, second: &str) -> bool {
    first != second && spelling::key(first) != spelling::key(second)
}
