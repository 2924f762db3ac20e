//! Which entries of the registry can follow their folders without anybody's choice: the asset is not
//! in its root, exactly one declaration on disk carries its uuid, and that folder can be a root once
//! all the others have followed theirs. So two that changed places, or three in a ring, follow as well.

use std::collections::{BTreeMap, BTreeSet};

use super::Snapshot;
use crate::diagnostics::Code;
use crate::diagnostics::rules::case_collision::Spellings;
use crate::path::AssetPath;
use crate::spelling;
use crate::workspace::layout::CONTROL;

/// What makes entries something else than one asset in one place each.
const AMBIGUOUS: [Code; 2] = [Code::DuplicateAssetId, Code::DuplicateAssetUuid];

impl Snapshot {
    /// The assets, as positions in [`Snapshot::assets`], with the root that each can follow to; of
    /// `only` those, if it is given. None where two entries share an id or a uuid: then nobody knows
    /// which of them it is. Of two that share a root, the one that lives elsewhere can follow.
    pub(crate) fn followers(&self, only: Option<&BTreeSet<usize>>) -> BTreeMap<usize, AssetPath> {
        if self.reports.iter().any(|report| AMBIGUOUS.contains(&report.finding.code)) {
            return BTreeMap::new();
        }
        let carriers = self.carriers();
        let mut moving: BTreeMap<usize, AssetPath> = BTreeMap::new();
        for (n, asset) in self.assets.iter().enumerate() {
            if only.is_some_and(|only| !only.contains(&n)) || !self.own_root(asset).has_left() {
                continue;
            }
            if let Some(carrier) = carriers.only_elsewhere(asset)
                && let Some(root) = carrier.root.filter(|root| root.unfit_for_root().is_none())
            {
                moving.insert(n, root.clone());
            }
        }
        // Who cannot move keeps a root that another one may have wanted.
        while !moving.is_empty() {
            let stuck = self.stuck(&moving);
            if stuck.is_empty() {
                break;
            }
            moving.retain(|n, _| !stuck.contains(n));
        }
        moving
    }

    /// Those of `moving` whose new roots do not go together with the roots that all would have.
    fn stuck(&self, moving: &BTreeMap<usize, AssetPath>) -> Vec<usize> {
        let root = |n: usize| moving.get(&n).unwrap_or(&self.assets[n].entry.root);
        // Those that stay are first, and in the right.
        let (go, stay): (Vec<usize>, Vec<usize>) =
            (0..self.assets.len()).partition(|n| moving.contains_key(n));
        let mut taken: BTreeSet<&str> = stay.iter().map(|n| root(*n).as_str()).collect();
        let mut spellings = Spellings::beside(CONTROL);
        for n in &stay {
            spellings.add(root(*n));
        }
        let mut stuck = Vec::new();
        for n in &go {
            let new = root(*n);
            let below = format!("{new}/");
            let holds_another =
                taken.range(below.as_str()..).next().is_some_and(|other| other.starts_with(&below));
            let is_own = new.parts().next() == Some(CONTROL);
            if is_own || holds_another || taken.contains(new.as_str()) || spellings.add(new).is_some() {
                stuck.push(*n);
            }
        }
        // Of two that move, one into the other, the inner one cannot.
        taken.extend(go.iter().map(|n| root(*n).as_str()));
        for n in go {
            let new = root(n).as_str();
            if new.match_indices('/').any(|(at, _)| taken.contains(&new[..at])) && !stuck.contains(&n) {
                stuck.push(n);
            }
        }
        stuck
    }

    /// For each follower itself and those who have to go with it, because they have what it follows to,
    /// in their order. By names as all systems tell them apart.
    pub(crate) fn groups(&self, moving: &BTreeMap<usize, AssetPath>) -> BTreeMap<usize, BTreeSet<usize>> {
        let old = moving.keys().map(|n| (spelling::key(self.assets[*n].entry.root.as_str()), *n));
        let old: BTreeMap<String, usize> = old.collect();
        let in_the_way = |n: usize| -> Vec<usize> {
            let new = spelling::key(moving[&n].as_str());
            let above = new.match_indices('/').filter_map(|(at, _)| old.get(&new[..at]));
            let below = format!("{new}/");
            let inside = old.range(below.clone()..).take_while(|(root, _)| root.starts_with(&below));
            above.chain(old.get(&new)).chain(inside.map(|(_, n)| n)).copied().collect()
        };
        let group = |n: &usize| {
            let mut group = BTreeSet::from([*n]);
            let mut next = vec![*n];
            while let Some(n) = next.pop() {
                next.extend(in_the_way(n).into_iter().filter(|other| group.insert(*other)));
            }
            (*n, group)
        };
        moving.keys().map(group).collect()
    }
}
