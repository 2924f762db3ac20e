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
            outer => Contradiction::Nested {
                outer: of(*a, *outer),
                inner: of(*b, outer.other()),
                outer_of: *outer,
            },
        };
        assets[*a].contradictions.push(contradiction);
    }
    for n in (0..assets.len()).filter(|n| !assets[*n].contradictions.is_empty()).collect::<Vec<_>>() {
        assets[n].in_conflict = true;
    }
    let mut together = Together((0..assets.len()).collect());
    for (a, b, _) in &pairs {
        assets[*b].in_conflict = true;
        together.join(*a, *b);
    }
    let mut groups: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
    for n in (0..assets.len()).filter(|n| assets[*n].in_conflict) {
        groups.entry(together.first(n)).or_default().insert(n);
    }
    let mut groups: Vec<BTreeSet<usize>> = groups.into_values().collect();
    groups.sort_by_key(|group| group.iter().map(|n| assets[*n].id).min());
    groups
}

/// Which of many are together: each names one before it that is together with it, or itself.
struct Together(Vec<usize>);

impl Together {
    /// Who stands for all that are together with that one.
    fn first(&mut self, mut n: usize) -> usize {
        while self.0[n] != n {
            self.0[n] = self.0[self.0[n]];
            n = self.0[n];
        }
        n
    }

    fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.first(a), self.first(b));
        self.0[a.max(b)] = a.min(b);
    }
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
