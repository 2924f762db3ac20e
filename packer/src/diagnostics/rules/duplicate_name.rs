//! `duplicate-name`: a name that several assets have names none of them.

use std::collections::BTreeMap;

use super::super::{Anchor, Code, Finding, Pointer};
use super::{Sink, listed};
use crate::snapshot::Snapshot;

pub(super) fn check(snapshot: &Snapshot, out: &mut Sink) {
    if snapshot.unregistered.is_none() {
        // A build does not ask how tidy it is.
        return;
    }
    let mut by_name: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (n, asset) in snapshot.assets.iter().enumerate() {
        if let Some(name) = asset.name() {
            by_name.entry(name).or_default().push(n);
        }
    }
    for (name, assets) in by_name.into_iter().filter(|(_, assets)| assets.len() > 1) {
        let places: Vec<String> = assets
            .iter()
            .map(|n| &snapshot.assets[*n])
            .map(|asset| format!("{} (`assets/{}`)", asset.id(), asset.entry.root))
            .collect();
        let all = if places.len() == 2 { "both" } else { "all" };
        let message = format!("assets {} are {all} called `{name}`", listed(&places));
        let finding = Finding::new(Code::DuplicateName, Anchor::Value(Pointer::root().key("name")), message)
            .label("not a name that only one has")
            .help("Give all but one another `name`: a command that is told this one cannot know which is meant.");
        let last = *assets.last().expect("there are two");
        out.declaration(last, finding);
    }
}
