//! One id for each asset, and none that another one ever had in base.

use std::collections::BTreeMap;

use super::asset::Asset;
use super::{Contradiction, Reason, Renumbered};
use crate::id::{AssetId, AssetUuid};
use crate::schema::registry::Registry;

/// Gives each asset an id of its own, from `next` on where two have one. Yields the id of the next
/// registration, and who was renumbered.
pub(super) fn settle(assets: &mut [Asset], base: &Registry, mut next: u32) -> (u32, Vec<Renumbered>) {
    let given: BTreeMap<AssetId, AssetUuid> =
        base.assets.iter().map(|entry| (entry.asset_id, entry.asset_uuid)).collect();
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
        claimants.sort_by_key(|n| (assets[*n].base_id != Some(id), assets[*n].uuid));
        let first = claimants.first().map(|n| &assets[*n]);
        // An id of base stays with whom it had there, or with nobody.
        let keeper = first.filter(|first| given.get(&id).is_none_or(|uuid| *uuid == first.uuid));
        let by = keeper.map(|keeper| keeper.place().clone());
        for n in claimants.into_iter().skip(usize::from(by.is_some())) {
            let asset = &mut assets[n];
            let Ok(to) = AssetId::try_from(u64::from(next)) else {
                let root = asset.place().clone();
                asset.contradictions.push(Contradiction::NoIdLeft { root, taken: id });
                continue;
            };
            next += 1;
            asset.renumber(to);
            let (asset_uuid, root) = (asset.uuid, asset.place().clone());
            // The other id that it lost is told with the one that it has now.
            for known in
                renumbered.iter_mut().filter(|known: &&mut Renumbered| known.asset_uuid == asset_uuid)
            {
                known.to = to;
            }
            let reason = by.clone().map_or(Reason::Spent, |by| Reason::Taken { by });
            renumbered.push(Renumbered { asset_uuid, root, from: id, to, reason });
        }
    }
    (next, renumbered)
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
