//! Which asset of one side is which of the other.
//!
//! | they are one | because |
//! | --- | --- |
//! | have one uuid | that is what a uuid is for |
//! | have one id, and one name or payload, where a side knows no uuids | nobody recycles ids |
//! | have one name and one payload, which no others have, where all else failed | it was registered anew, or renumbered |
//! | have one id, where a side knows no uuids | nothing speaks for anything else |
//!
//! In this order; who has a partner is out. A pack without its companion knows no uuids. The payload alone proves
//! nothing: two people who begin an asset begin with the same placeholder.

use std::collections::BTreeMap;

use prometeu_packer::Digest;

use super::{Asset, Side};

/// Of each asset of `old` its partner in `new`, by position.
pub(super) fn of(old: &Side, new: &Side) -> Vec<Option<usize>> {
    let mut pairs =
        Pairs { old, new, partners: vec![None; old.assets.len()], taken: vec![false; new.assets.len()] };
    pairs.by(Asset::uuid, |_, _| true);
    pairs.by(|asset| Some(asset.id()), |old, new| no_uuid(old, new) && is_alike(old, new));
    pairs.by_payload();
    pairs.by(|asset| Some(asset.id()), no_uuid);
    pairs.partners
}

/// Two different uuids under one id are two assets.
fn no_uuid(old: &Asset, new: &Asset) -> bool {
    old.uuid().is_none() || new.uuid().is_none()
}

fn is_alike(old: &Asset, new: &Asset) -> bool {
    old.entry.asset_name == new.entry.asset_name || old.digest == new.digest
}

struct Pairs<'s> {
    old: &'s Side,
    new: &'s Side,
    partners: Vec<Option<usize>>,
    /// Which of the new ones have one.
    taken: Vec<bool>,
}

impl Pairs<'_> {
    fn old_left(&self) -> Vec<usize> {
        (0..self.partners.len()).filter(|n| self.partners[*n].is_none()).collect()
    }

    fn new_left(&self) -> Vec<usize> {
        (0..self.taken.len()).filter(|n| !self.taken[*n]).collect()
    }

    fn pair(&mut self, old: usize, new: usize) {
        self.partners[old] = Some(new);
        self.taken[new] = true;
    }

    /// Pairs those of which a key is the same, if `are_one` agrees. No side has a key twice.
    fn by<K: Ord>(&mut self, key: impl Fn(&Asset) -> Option<K>, are_one: impl Fn(&Asset, &Asset) -> bool) {
        let (old, new) = (self.old, self.new);
        let keys = self.new_left().into_iter().filter_map(|n| Some((key(&new.assets[n])?, n)));
        let keys: BTreeMap<K, usize> = keys.collect();
        for n in self.old_left() {
            let asset = &old.assets[n];
            let found = key(asset).and_then(|key| keys.get(&key).copied());
            if let Some(found) = found.filter(|found| are_one(asset, &new.assets[*found])) {
                self.pair(n, found);
            }
        }
    }

    /// Pairs those whose name and payload say that they are one: not of an asset that is there and kept out of
    /// builds, and not an empty one.
    fn by_payload(&mut self) {
        let (old, new) = (self.old, self.new);
        let left = |side: &Side, other: &Side, left: Vec<usize>| {
            let mut found: BTreeMap<(String, String, Digest), Vec<usize>> = BTreeMap::new();
            for n in left {
                let asset = &side.assets[n];
                if asset.size() > 0 && !other.keeps_out(asset) {
                    let (bank, name) = (asset.entry.bank_type.clone(), asset.entry.asset_name.clone());
                    found.entry((bank, name, asset.digest)).or_default().push(n);
                }
            }
            found
        };
        let there = left(new, old, self.new_left());
        for (payload, here) in left(old, new, self.old_left()) {
            if let ([one], Some([other])) = (&here[..], there.get(&payload).map(Vec::as_slice)) {
                self.pair(*one, *other);
            }
        }
    }
}
