//! Entries that share what only one may have: an id, a uuid, a root.
//!
//! They are grouped once. A registry may hold thousands in one group, so that whoever asks about each of
//! them must not walk all the others, and is told of a handful.

use std::collections::BTreeMap;

use super::super::Snapshot;
use super::DivergenceKind;
use super::words::{Describer, REGISTRY, WORKSPACE, adopt};
use crate::id::{AssetId, AssetUuid};
use crate::ops::{Action, OperationClass};
use crate::path::AssetPath;
use crate::schema::registry::Entry;
use crate::workspace::LoadedDeclaration;

/// How many of one kind are told at most.
pub(super) const HANDFUL: usize = 8;

/// The positions of assets by what their entries say, in order.
pub(super) struct Entries<'a> {
    ids: BTreeMap<AssetId, Vec<usize>>,
    uuids: BTreeMap<AssetUuid, Vec<usize>>,
    roots: BTreeMap<&'a AssetPath, Vec<usize>>,
}

impl<'a> Entries<'a> {
    pub(super) fn of(snapshot: &'a Snapshot) -> Self {
        let mut entries = Self { ids: BTreeMap::new(), uuids: BTreeMap::new(), roots: BTreeMap::new() };
        for (n, asset) in snapshot.assets.iter().enumerate() {
            entries.ids.entry(asset.entry.asset_id).or_default().push(n);
            entries.uuids.entry(asset.entry.asset_uuid).or_default().push(n);
            entries.roots.entry(&asset.entry.root).or_default().push(n);
        }
        entries
    }

    pub(super) fn with_id(&self, id: AssetId) -> &[usize] {
        self.ids.get(&id).map_or(&[], Vec::as_slice)
    }

    pub(super) fn with_uuid(&self, uuid: AssetUuid) -> &[usize] {
        self.uuids.get(&uuid).map_or(&[], Vec::as_slice)
    }

    /// Those that share with `entry` what that kind of contradiction is about, itself among them; none
    /// where it is about something else.
    pub(super) fn sharers(&self, entry: &Entry, kind: &DivergenceKind) -> &[usize] {
        match kind {
            DivergenceKind::DuplicateId => self.with_id(entry.asset_id),
            DivergenceKind::DuplicateUuid => self.with_uuid(entry.asset_uuid),
            DivergenceKind::DuplicateRoot => self.roots.get(&entry.root).map_or(&[], Vec::as_slice),
            _ => &[],
        }
    }

    /// Those of them that the contradiction of the `n`th asset speaks of: all of a handful; of more the
    /// first and itself, for each of the others has a contradiction of its own.
    pub(super) fn told_with(&self, entry: &Entry, kind: &DivergenceKind, n: usize) -> Vec<usize> {
        match self.sharers(entry, kind) {
            all if all.len() <= HANDFUL => all.to_vec(),
            [first, ..] if *first != n => vec![*first, n],
            _ => vec![n],
        }
    }

    /// The only asset in that root.
    fn alone_in(&self, root: &AssetPath) -> Option<usize> {
        match self.roots.get(root).map(Vec::as_slice) {
            Some([only]) => Some(*only),
            _ => None,
        }
    }
}

impl Describer<'_> {
    /// The ways out of entries that share an id or a uuid: one of them becomes an asset of its own.
    pub(super) fn apart(&self, n: usize, kind: &DivergenceKind) -> Vec<Action> {
        let assets = &self.snapshot.assets;
        let mut told = self.entries.told_with(&assets[n].entry, kind, n);
        told.sort_by_key(|m| &assets[*m].entry.root);
        // An entry is told from the others by its root, and its declaration is written into.
        let is_fit = |m: &usize| {
            self.entries.alone_in(&assets[*m].entry.root) == Some(*m)
                && assets[*m].loaded.read().is_some_and(LoadedDeclaration::is_json)
        };
        let fit = told.into_iter().filter(is_fit);
        fit.map(|m| adopt(&assets[m].entry.root, None, self.class_apart(m))).collect()
    }

    /// What telling an entry from another one writes: a uuid where it has none of its own.
    fn class_apart(&self, n: usize) -> OperationClass {
        let asset = &self.snapshot.assets[n];
        let uuid = asset.entry.asset_uuid;
        let own = asset.loaded.read().and_then(|read| read.reading.asset_uuid).filter(|own| *own != uuid);
        let is_only = self.entries.with_uuid(uuid).len() < 2;
        let is_free = own.is_some_and(|own| self.entries.with_uuid(own).is_empty());
        if is_only || is_free { REGISTRY } else { WORKSPACE }
    }
}
