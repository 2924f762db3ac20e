//! What a merge must come to, told in another way than the library does: their changes are made again on
//! top of ours, one after the other, and whatever cannot be made again contradicts.

use std::collections::BTreeMap;

use prometeu_packer::schema::SourceText;
use prometeu_packer::schema::registry;

/// An entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) id: u32,
    pub(crate) root: String,
    pub(crate) included: bool,
}

/// A registry: the next id, and the entries by their uuids.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct State {
    pub(crate) next: u32,
    pub(crate) entries: BTreeMap<String, Entry>,
}

impl State {
    /// Reads the text of a registry without a finding.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let registry = registry::read(&SourceText::new(text)).registry?;
        let entries = registry.assets.iter().map(|entry| {
            let (id, root) = (entry.asset_id.get(), entry.root.to_string());
            (entry.asset_uuid.to_string(), Entry { id, root, included: entry.included_in_build })
        });
        Some(Self { next: registry.next_asset_id, entries: entries.collect() })
    }

    /// Whether all that became of an asset is that another one has its id now.
    fn made_way(&self, uuid: &str, was: &Entry) -> bool {
        self.entries.get(uuid).is_some_and(|here| (&here.root, here.included) == (&was.root, was.included))
            && self.entries.iter().any(|(other, entry)| other != uuid && entry.id == was.id)
    }
}

/// What ours and theirs come to; `None` when a person has to decide.
pub(crate) fn expected(base: &State, ours: &State, theirs: &State) -> Option<State> {
    let mut merged = ours.clone();
    merged.next = ours.next.max(theirs.next);
    let mut arrived = Vec::new();
    for (uuid, there) in &theirs.entries {
        let was = base.entries.get(uuid);
        match (merged.entries.get_mut(uuid), was) {
            // They did nothing with it.
            (_, Some(was)) if was == there => {}
            (Some(here), was) => {
                if was.is_none_or(|was| was.root != there.root) {
                    let is_ours = was.is_none_or(|was| was.root != here.root);
                    if is_ours && here.root != there.root {
                        return None;
                    }
                    here.root.clone_from(&there.root);
                }
                if was.is_none_or(|was| was.included != there.included) {
                    let is_ours = was.is_none_or(|was| was.included != here.included);
                    if is_ours && here.included != there.included {
                        return None;
                    }
                    here.included = there.included;
                }
                match was {
                    Some(was) if was.id == there.id => {}
                    Some(was) if was.id == here.id => arrived.push((there.id, uuid.clone())),
                    _ => here.id = here.id.min(there.id),
                }
            }
            (None, None) => {
                merged.entries.insert(uuid.clone(), there.clone());
                arrived.push((there.id, uuid.clone()));
            }
            // We dropped what made way on their side, and nothing else happened to it.
            (None, Some(was)) if theirs.made_way(uuid, was) => {}
            // We dropped what they changed.
            (None, Some(_)) => return None,
        }
    }
    for (uuid, was) in &base.entries {
        if theirs.entries.contains_key(uuid) {
            continue;
        }
        match ours.entries.get(uuid) {
            Some(here) if here != was && !ours.made_way(uuid, was) => return None,
            _ => drop(merged.entries.remove(uuid)),
        }
    }
    for (id, uuid) in &arrived {
        merged.entries.get_mut(uuid)?.id = *id;
    }
    let spent = [spent(base, ours, theirs), spent(base, theirs, ours)].concat();
    number(&mut merged, &spent);
    let roots: Vec<String> = merged.entries.values().map(|entry| format!("{}/", entry.root)).collect();
    let meets = |n: usize| roots.iter().enumerate().any(|(m, other)| n != m && roots[n].starts_with(other));
    (0..roots.len()).all(|n| !meets(n)).then_some(merged)
}

/// What `one` alone registered under an id that `other` gave out as well, and has no more.
fn spent(base: &State, one: &State, other: &State) -> Vec<String> {
    let is_new = |uuid: &str| !base.entries.contains_key(uuid) && !other.entries.contains_key(uuid);
    let is_gone = |id: u32| id < other.next && other.entries.values().all(|entry| entry.id != id);
    let spent = one
        .entries
        .iter()
        .filter(|(uuid, entry)| is_new(uuid.as_str()) && entry.id >= base.next && is_gone(entry.id));
    spent.map(|(uuid, _)| uuid.clone()).collect()
}

/// Gives one of two that have one id the next, the one with the larger uuid; and so whoever has a spent one. No
/// test gives an id of base to another asset.
fn number(merged: &mut State, spent: &[String]) {
    let entries = merged.entries.iter();
    let mut by_id: Vec<(u32, bool, String)> =
        entries.map(|(uuid, entry)| (entry.id, spent.contains(uuid), uuid.clone())).collect();
    by_id.sort();
    let mut kept = None;
    for (id, is_spent, uuid) in by_id {
        if !is_spent && kept != Some(id) {
            kept = Some(id);
            continue;
        }
        merged.entries.get_mut(&uuid).expect("it is one of them").id = merged.next;
        merged.next += 1;
    }
}
