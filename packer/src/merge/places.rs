//! Places that two assets of different sides cannot both have, and which conflicts are one.

use std::collections::{BTreeMap, BTreeSet};

use super::asset::Asset;
use super::{Contradiction, Side};
use crate::id::AssetId;
use crate::path::AssetPath;
use crate::spelling;

/// Adds to the assets what contradicts between them, and yields those that have to be decided together.
pub(super) fn groups(assets: &mut [Asset]) -> Vec<BTreeSet<usize>> {
    let mut pairs = Vec::new();
    {
        let (ours, theirs) = (Places::of(assets, Side::Ours), Places::of(assets, Side::Theirs));
        for (key, there) in &theirs.0 {
            for outer in prefixes(key).filter_map(|prefix| ours.0.get(prefix)).flatten() {
                let pair = there.iter().map(|inner| (*outer, *inner, Side::Ours));
                pairs.extend(pair);
            }
            let same = ours.0.get(key).into_iter().flatten();
            pairs.extend(same.flat_map(|a| there.iter().map(|b| (*a, *b, Side::Base))));
        }
        for (key, here) in &ours.0 {
            for outer in prefixes(key).filter_map(|prefix| theirs.0.get(prefix)).flatten() {
                pairs.extend(here.iter().map(|inner| (*outer, *inner, Side::Theirs)));
            }
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

/// The places that one side alone gives to assets, in one spelling.
struct Places(BTreeMap<String, Vec<usize>>);

impl Places {
    fn of(assets: &[Asset], side: Side) -> Self {
        let mut places: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (n, asset) in assets.iter().enumerate() {
            if let Some(root) = asset.place_of(side) {
                places.entry(spelling::key(root.as_str())).or_default().push(n);
            }
        }
        Self(places)
    }
}

/// The folders that a root lies in.
fn prefixes(key: &str) -> impl Iterator<Item = &str> {
    key.match_indices('/').map(|(at, _)| &key[..at])
}

fn named(asset: &Asset, side: Side) -> (AssetId, AssetPath) {
    (asset.id, asset.place_of(side).unwrap_or_else(|| asset.place()).clone())
}
