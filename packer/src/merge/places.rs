//! Places that two assets of different sides cannot both have, and which conflicts are one.

use std::collections::{BTreeMap, BTreeSet};

use super::asset::Asset;
use super::{Contradiction, Side};
use crate::id::AssetId;
use crate::path::AssetPath;
use crate::spelling;

/// Adds to the assets what contradicts between them, and yields those that have to be decided together.
pub(super) fn groups(assets: &mut [Asset]) -> Vec<BTreeSet<usize>> {
    let (ours, theirs) = (places(assets, Side::Ours), places(assets, Side::Theirs));
    // Two assets, and whose lies around the other; of base, when they are in one folder.
    let mut pairs: Vec<(usize, usize, Side)> = Vec::new();
    for (key, there) in &theirs {
        let same = ours.get(key).into_iter().flatten().map(|a| (*a, Side::Base));
        let around =
            folders_above(key).filter_map(|above| ours.get(above)).flatten().map(|a| (*a, Side::Ours));
        for (a, outer) in same.chain(around) {
            pairs.extend(there.iter().map(|b| (a, *b, outer)));
        }
    }
    for (key, here) in &ours {
        for a in folders_above(key).filter_map(|above| theirs.get(above)).flatten() {
            pairs.extend(here.iter().map(|b| (*a, *b, Side::Theirs)));
        }
    }
    pairs.retain(|(a, b, _)| a != b);
    for (a, b, outer) in &pairs {
        let of = |n: usize, side: Side| named(&assets[n], side);
        let contradiction = match outer {
            Side::Base => Contradiction::OneFolder { ours: of(*a, Side::Ours), theirs: of(*b, Side::Theirs) },
            outer => {
                let other = if *outer == Side::Ours { Side::Theirs } else { Side::Ours };
                Contradiction::Nested { outer: of(*a, *outer), inner: of(*b, other), outer_of: *outer }
            }
        };
        assets[*a].contradictions.push(contradiction);
    }
    let mut groups: Vec<BTreeSet<usize>> = Vec::new();
    let alone = (0..assets.len()).filter(|n| !assets[*n].contradictions.is_empty());
    let together = alone.map(|n| (n, n)).chain(pairs.iter().map(|(a, b, _)| (*a, *b)));
    for (a, b) in together.collect::<Vec<_>>() {
        let touched = groups.extract_if(.., |group| group.contains(&a) || group.contains(&b));
        let group = touched.flatten().chain([a, b]).collect();
        groups.push(group);
    }
    for group in &groups {
        for n in group {
            assets[*n].in_conflict = true;
        }
    }
    groups.sort_by_key(|group| group.iter().map(|n| assets[*n].id).min());
    groups
}

/// The places that one side alone gives to assets, in the spelling that all of one name have in common.
fn places(assets: &[Asset], side: Side) -> BTreeMap<String, Vec<usize>> {
    let mut places: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (n, asset) in assets.iter().enumerate() {
        if let Some(root) = asset.place_of(side) {
            places.entry(spelling::key(root.as_str())).or_default().push(n);
        }
    }
    places
}

/// The folders that a root lies in.
fn folders_above(root: &str) -> impl Iterator<Item = &str> {
    root.match_indices('/').map(|(at, _)| &root[..at])
}

fn named(asset: &Asset, side: Side) -> (AssetId, AssetPath) {
    (asset.id, asset.place_of(side).unwrap_or_else(|| asset.place()).clone())
}
