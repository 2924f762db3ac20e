//! Two registries that grew apart from one: what both sides did, as one registry; what cannot be both,
//! as conflicts in words.
//!
//! An asset is known by its uuid, and its entry is merged member by member. Of one asset:
//!
//! | base | ours | theirs | merged |
//! | --- | --- | --- | --- |
//! | there | as base | as base | as base |
//! | there | gone | as base, or gone | gone |
//! | there | changed | as base | as ours |
//! | there | moved | included or excluded | both |
//! | there | changed | changed alike | so |
//! | there | moved | moved elsewhere | conflict: one asset has one place |
//! | there | changed | gone | conflict: nobody knows whether the change still matters |
//! | there | made way: another asset has its id | gone | gone |
//! | there | another id | another id | the smaller id, told |
//! | not there | added | not there | added |
//! | not there | added | added alike | added |
//! | not there | added with an id | added with another id | added with the smaller one, told |
//! | not there | added | added, in another place or with another part in builds | conflict |
//!
//! Each row holds with ours and theirs exchanged. Then, between assets that come from different sides:
//!
//! | two assets | merged |
//! | --- | --- |
//! | have one id | who had it in base keeps it, else the smaller uuid; the other gets the next free one, told |
//! | a new one has an id that the other side gave to one that is gone | it gets the next free one, told: ids are not given twice |
//! | have one root, but for spelling, or one lies in the other | conflict |
//!
//! The smaller uuid is a rule that both people come to, whoever merges whose work; and as the uuids
//! that the packer makes begin with their time, it is the asset that was made first. `next_asset_id` is
//! the highest of all, so that no id of either side is given again.
//!
//! Guarantees: the result is the same with the sides exchanged, conflicts mirrored; a side that did
//! nothing leaves the other as it is; what is in no conflict is in the result, and a result without a
//! conflict has no two entries of one id, uuid or root. With one side of each conflict kept the text is a
//! registry.
//!
//! What leaves the registry readable and stops builds all the same is [told](Alike) and no conflict: folders
//! above two roots that differ in letter case only, and two roots with one name in Rust.
//!
//! Not here: files, git, and what lies in quarantine.

mod alike;
mod asset;
mod ids;
mod places;
mod text;
mod words;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use crate::id::{AssetId, AssetUuid};
use crate::path::AssetPath;
use crate::schema::registry::{Entry, Registry};
pub use alike::Alike;
use asset::Asset;
pub use text::Markers;
pub use words::{Labels, exchange};

/// Whose registry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Side {
    /// Where both began.
    Base,
    /// The branch that is merged into.
    Ours,
    /// The branch that is merged.
    Theirs,
}

impl Side {
    /// The other of the two that are merged.
    fn other(self) -> Self {
        if self == Self::Ours { Self::Theirs } else { Self::Ours }
    }
}

/// What two registries came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merge {
    /// The id that the next registration gets.
    pub next_asset_id: u32,
    /// The entries in which nothing contradicts, by id.
    pub settled: Vec<Entry>,
    /// What a person has to decide, each apart from the others.
    pub conflicts: Vec<Conflict>,
    /// The assets that have another id than before, by the old one.
    pub renumbered: Vec<Renumbered>,
    /// Settled assets of different sides whose folders are no two everywhere.
    pub alike: Vec<Alike>,
}

/// Entries that cannot all be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    /// As our side has them.
    pub ours: Vec<Entry>,
    /// As their side has them.
    pub theirs: Vec<Entry>,
    /// Why; at least one.
    pub contradictions: Vec<Contradiction>,
}

/// An asset that has another id now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Renumbered {
    /// Which.
    pub asset_uuid: AssetUuid,
    /// Where it is.
    pub root: AssetPath,
    /// What it was on one side.
    pub from: AssetId,
    /// What it is.
    pub to: AssetId,
    /// Why.
    pub reason: Reason,
}

/// Why an asset has another id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// Another asset keeps it.
    Taken {
        /// Where that one is.
        by: AssetPath,
        /// Whether that one is as new as this one: then either could have had it.
        as_new: bool,
    },
    /// The other side gave it to another asset, which is gone.
    Spent,
    /// Each side gave the asset an id, and it can have one.
    TwoIds,
}

/// Why a person has to decide.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Contradiction {
    /// One side dropped the asset, and the other changed it.
    Dropped {
        /// Which asset.
        asset_id: AssetId,
        /// Where it is on the side that changed it.
        root: AssetPath,
        /// Who dropped it.
        by: Side,
        /// What the other side changed: `moved from …`, `excluded`, …
        change: Change,
    },
    /// The asset is in two places.
    TwoPlaces {
        /// Which asset.
        asset_id: AssetId,
        /// Where it is on our side.
        ours: AssetPath,
        /// Where it is on theirs.
        theirs: AssetPath,
    },
    /// Both sides registered it, one to be built and the other not.
    Participation {
        /// Which asset.
        asset_id: AssetId,
        /// Where it is.
        root: AssetPath,
        /// Who takes it into builds.
        included_by: Side,
    },
    /// Two assets are in one folder, or in folders that some file systems take for one.
    OneFolder {
        /// Our asset, and where it is.
        ours: (AssetId, AssetPath),
        /// Their asset, and where it is.
        theirs: (AssetId, AssetPath),
    },
    /// One asset lies in the other.
    Nested {
        /// The one outside.
        outer: (AssetId, AssetPath),
        /// The one that lies in it.
        inner: (AssetId, AssetPath),
        /// Whose the one outside is.
        outer_of: Side,
    },
    /// It would need another id, and none is left.
    NoIdLeft {
        /// Which asset.
        root: AssetPath,
        /// The id that another one has.
        taken: AssetId,
    },
}

/// What a side did with an asset that the other one dropped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// It is in another place.
    Moved {
        /// Where it was.
        from: AssetPath,
    },
    /// It is built now.
    Included,
    /// It is not built any more.
    Excluded,
    /// It has another id, and nobody has the one that it had: it was forgotten and registered again, or its id
    /// was spent by somebody else.
    Numbered {
        /// The one that it had.
        from: AssetId,
    },
}

/// A registry that contradicts itself: nothing can be merged with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsound {
    /// Whose it is.
    pub side: Side,
    /// What is there twice: `two entries with the id 3`.
    pub what: String,
}

/// Merges what `ours` and `theirs` made of `base`.
///
/// # Errors
///
/// When one of the three has two entries of one id, uuid or root.
pub fn merge(base: &Registry, ours: &Registry, theirs: &Registry) -> Result<Merge, Unsound> {
    for (side, registry) in [(Side::Base, base), (Side::Ours, ours), (Side::Theirs, theirs)] {
        check(side, registry)?;
    }
    if same(ours, theirs) || same(theirs, base) {
        return Ok(Merge::of(ours));
    }
    if same(ours, base) {
        return Ok(Merge::of(theirs));
    }
    let sides = [base, ours, theirs].map(by_uuid);
    let uuids: BTreeSet<AssetUuid> = sides.iter().flat_map(|side| side.keys().copied()).collect();
    let holders = [ours, theirs].map(by_id);
    let merged = uuids.iter().filter_map(|uuid| {
        let asset = sides.each_ref().map(|side| side.get(uuid).copied());
        let [was, here, _] = asset;
        let kept_by = &holders[usize::from(here.is_none())];
        let holder = was.and_then(|was| kept_by.get(&was.asset_id));
        Asset::merge(&asset, holder.is_some_and(|holder| holder != uuid))
    });
    let mut assets: Vec<Asset> = merged.collect();
    let (next_asset_id, mut renumbered) = ids::settle(&mut assets, [base, ours, theirs]);
    renumbered.sort_by_key(|renumbered| (renumbered.from, renumbered.asset_uuid));
    let groups = places::groups(&mut assets);
    let settled = assets.iter().filter(|asset| !asset.in_conflict).map(Asset::entry);
    let settled = numbered(settled.collect());
    Ok(Merge {
        next_asset_id,
        alike: alike::found(&settled, [&ours.assets, &theirs.assets]),
        settled,
        conflicts: groups.iter().map(|group| conflict(&assets, group)).collect(),
        renumbered,
    })
}

impl Merge {
    /// A side as it is.
    fn of(registry: &Registry) -> Self {
        let settled = numbered(registry.assets.clone());
        let next_asset_id = registry.next_asset_id;
        Self { next_asset_id, settled, conflicts: Vec::new(), renumbered: Vec::new(), alike: Vec::new() }
    }

    /// The registry, when a person has nothing to decide.
    #[must_use]
    pub fn registry(&self) -> Option<Registry> {
        let is_whole = self.conflicts.is_empty();
        is_whole.then(|| Registry { next_asset_id: self.next_asset_id, assets: self.settled.clone() })
    }

    /// The registry with nothing done about what contradicts: as it was in `base`. For a merge of two ancestors,
    /// of which nobody decides anything: what is merged after it has to contradict by itself.
    #[must_use]
    pub fn undecided(&self, base: &Registry) -> Registry {
        let of_conflicts = self.conflicts.iter().flat_map(|found| found.ours.iter().chain(&found.theirs));
        let contradicting: BTreeSet<AssetUuid> = of_conflicts.map(|entry| entry.asset_uuid).collect();
        // One whose id or root another has by now is new to both sides then, and contradicts all the same.
        let taken = |entry: &Entry| {
            self.settled.iter().any(|other| other.asset_id == entry.asset_id || other.root == entry.root)
        };
        let was =
            base.assets.iter().filter(|entry| contradicting.contains(&entry.asset_uuid) && !taken(entry));
        let assets = self.settled.iter().chain(was).cloned().collect();
        Registry { next_asset_id: self.next_asset_id, assets: numbered(assets) }
    }
}

fn conflict(assets: &[Asset], group: &BTreeSet<usize>) -> Conflict {
    let members = || group.iter().map(|n| &assets[*n]);
    Conflict {
        ours: numbered(members().filter_map(|asset| asset.entry_of(Side::Ours)).collect()),
        theirs: numbered(members().filter_map(|asset| asset.entry_of(Side::Theirs)).collect()),
        contradictions: members().flat_map(|asset| asset.contradictions.iter().cloned()).collect(),
    }
}

fn by_uuid(registry: &Registry) -> BTreeMap<AssetUuid, &Entry> {
    registry.assets.iter().map(|entry| (entry.asset_uuid, entry)).collect()
}

/// Whose each id is.
fn by_id(registry: &Registry) -> BTreeMap<AssetId, AssetUuid> {
    registry.assets.iter().map(|entry| (entry.asset_id, entry.asset_uuid)).collect()
}

/// By id, each at the position that it has then.
fn numbered(mut entries: Vec<Entry>) -> Vec<Entry> {
    entries.sort_by_key(|entry| (entry.asset_id, entry.asset_uuid));
    entries.iter_mut().enumerate().for_each(|(n, entry)| entry.position = n);
    entries
}

/// Whether both say the same, in whatever order.
fn same(a: &Registry, b: &Registry) -> bool {
    a.next_asset_id == b.next_asset_id && numbered(a.assets.clone()) == numbered(b.assets.clone())
}

/// The id that the next registration gets, also where the allocator is behind.
fn next(registry: &Registry) -> u32 {
    let highest = registry.assets.iter().map(|entry| entry.asset_id.get()).max().unwrap_or(0);
    registry.next_asset_id.max(highest + 1)
}

/// Whether every entry can be told from the others.
fn check(side: Side, registry: &Registry) -> Result<(), Unsound> {
    let (mut ids, mut uuids, mut roots) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for entry in &registry.assets {
        let what = if !ids.insert(entry.asset_id) {
            format!("two entries with the id {}", entry.asset_id)
        } else if !uuids.insert(entry.asset_uuid) {
            format!("two entries with the uuid {}", entry.asset_uuid)
        } else if !roots.insert(&entry.root) {
            format!("two entries with the root `{}`", entry.root)
        } else {
            continue;
        };
        return Err(Unsound { side, what });
    }
    Ok(())
}
