//! One id for each asset, and none that a side gave to another one, which is gone.
//!
//! Base need not be an ancestor of ours: in a rebase and a cherry-pick it is the parent of the commit that is taken
//! over. So an id that base gave to another asset proves nothing by itself, where that one has another id by now.

use std::collections::{BTreeMap, BTreeSet};

use super::asset::Asset;
use super::{Contradiction, Reason, Renumbered, Side, next};
use crate::id::AssetId;
use crate::schema::registry::Registry;

/// Gives each asset an id of its own, from the first free one on where two have one. Yields the id of the next
/// registration, and who was renumbered.
pub(super) fn settle(assets: &mut [Asset], [base, ours, theirs]: [&Registry; 3]) -> (u32, Vec<Renumbered>) {
    let mut free = [base, ours, theirs].into_iter().map(next).max().unwrap_or(1);
    let ids =
        |registry: &Registry| registry.assets.iter().map(|entry| entry.asset_id).collect::<BTreeSet<_>>();
    let (in_ours, in_theirs) = (ids(ours), ids(theirs));
    // Whether the side that does not know this new asset gave its id to one that is gone again.
    let is_spent = |asset: &Asset| {
        let (other, in_other) = match asset.new_of() {
            Some(Side::Ours) => (theirs, &in_theirs),
            Some(Side::Theirs) => (ours, &in_ours),
            _ => return false,
        };
        (next(base)..next(other)).contains(&asset.id.get()) && !in_other.contains(&asset.id)
    };
    let mut claims: BTreeMap<AssetId, Vec<usize>> = BTreeMap::new();
    for (n, asset) in assets.iter().enumerate() {
        claims.entry(asset.id).or_default().push(n);
    }
    let mut renumbered = Vec::new();
    for asset in assets.iter() {
        // Each side registered it: one of the two ids is dropped.
        if let Some(from) = asset.other_id {
            let (asset_uuid, root, to) = (asset.uuid, asset.place().clone(), asset.id);
            renumbered.push(Renumbered { asset_uuid, root, from, to, reason: Reason::TwoIds });
        }
    }
    for (id, mut claimants) in claims {
        claimants.sort_by_key(|n| (is_spent(&assets[*n]), assets[*n].base_id != Some(id), assets[*n].uuid));
        let keeper = claimants.first().map(|n| &assets[*n]).filter(|first| !is_spent(first));
        let by = keeper.map(|keeper| (keeper.place().clone(), keeper.base_id.is_none()));
        for n in claimants.into_iter().skip(usize::from(by.is_some())) {
            let asset = &mut assets[n];
            let Ok(to) = AssetId::try_from(u64::from(free)) else {
                let root = asset.place().clone();
                asset.contradictions.push(Contradiction::NoIdLeft { root, taken: id });
                continue;
            };
            free += 1;
            asset.renumber(to);
            let (asset_uuid, root) = (asset.uuid, asset.place().clone());
            // The other id that it lost is told with the one that it has now.
            for known in
                renumbered.iter_mut().filter(|known: &&mut Renumbered| known.asset_uuid == asset_uuid)
            {
                known.to = to;
            }
            let is_new = asset.base_id.is_none();
            let reason = by.clone().map_or(Reason::Spent, |(by, keeper_is_new)| Reason::Taken {
                by,
                as_new: is_new && keeper_is_new,
            });
            renumbered.push(Renumbered { asset_uuid, root, from: id, to, reason });
        }
    }
    (free, renumbered)
}

impl Asset {
    /// Gives it another id, also where its contradictions name it.
    fn renumber(&mut self, to: AssetId) {
        self.id = to;
        for contradiction in &mut self.contradictions {
            match contradiction {
                Contradiction::Dropped { asset_id, .. }
                | Contradiction::TwoPlaces { asset_id, .. }
                | Contradiction::Participation { asset_id, .. } => *asset_id = to,
                // Found after every asset has its id.
                Contradiction::OneFolder { .. }
                | Contradiction::Nested { .. }
                | Contradiction::NoIdLeft { .. } => {}
            }
        }
    }
}
