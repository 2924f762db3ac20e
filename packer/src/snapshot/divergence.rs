//! Divergences: where the registry and the disk contradict each other about identity, and where the
//! registry contradicts itself. Pure, and cheap: no content is looked at.
//!
//! Each says what is seen, whether it can be [reconciled](crate::mutate::ReconcileAssets) without a
//! person's choice, and its ways out as actions, each of which can be applied as it is.
//!
//! What only a walk over all of `assets/` shows (a copy, where a folder was moved to) is known in
//! [`Scope::Workspace`](crate::workspace::Scope::Workspace) alone. An asset whose place cannot be looked
//! at may be there, and is followed nowhere; so is one whose declaration is no JSON at the moment.

mod shared;
#[cfg(test)]
pub(crate) mod tests;
mod words;

use std::collections::BTreeSet;

use self::shared::Entries;
use super::carriers::{Carriers, OwnRoot};
use super::{Document, Snapshot};
use crate::diagnostics::Code;
use crate::event::AffectedAsset;
use crate::id::{AssetId, AssetUuid};
use crate::ops::Action;
use crate::path::AssetPath;
use crate::quarantine::{Quarantined, Registered};
use crate::schema::registry::Entry;

/// One contradiction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Divergence {
    /// What it is.
    pub kind: DivergenceKind,
    /// The asset whose entry contradicts the disk; the one that was copied, of a copy; of one that was put
    /// back, the one in quarantine. None where it is the registry as a whole.
    pub asset: Option<AffectedAsset>,
    /// The folder it is about, relative to `assets/`; none where it is the registry as a whole.
    pub folder: Option<String>,
    /// What is seen, in plain words: lower-case start, no full stop, names in backticks.
    pub message: String,
    /// Whether it can be reconciled without a person's choice.
    pub can_be_reconciled: bool,
    /// What can be done about it.
    pub ways: Vec<Action>,
}

/// Kinds of contradictions.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum DivergenceKind {
    /// There is no registry.
    RegistryMissing,
    /// The registry cannot be read: which of the codes `registry-…` says it.
    RegistryUnreadable(Code),
    /// Two entries have one id.
    DuplicateId,
    /// Two entries have one uuid.
    DuplicateUuid,
    /// Two entries have one root.
    DuplicateRoot,
    /// The next id would be one that is in use.
    AllocatorBehind,
    /// The asset is in exactly one other place, and its entry can follow it.
    Moved {
        /// Where it is.
        to: AssetPath,
    },
    /// The asset is in exactly one other place, which cannot be its root.
    Obstructed {
        /// Where it is.
        to: String,
    },
    /// The asset is gone from its place, and several folders carry its uuid.
    MovedSomewhere {
        /// Which ones.
        to: Vec<String>,
    },
    /// The folder is gone, and no other one carries its uuid.
    Missing,
    /// A file or a link stands in the place of the folder.
    NotAFolder,
    /// Nobody can tell whether it is there.
    Unreadable,
    /// The folder is there and holds no declaration.
    DeclarationMissing,
    /// The folder carries another uuid.
    UuidChanged {
        /// Which one.
        to: AssetUuid,
        /// The registered asset that it belongs to.
        of: Option<AssetId>,
    },
    /// The declaration carries no uuid.
    UuidAbsent,
    /// A folder that nobody registered carries the uuid of an asset that is in its place.
    Copied,
    /// A folder that nobody registered carries the uuid of an asset that lies in quarantine and has no
    /// entry: somebody brought it back with other tools.
    PutBack {
        /// The name of its entry there.
        entry: String,
        /// Its id then.
        asset_id: AssetId,
    },
    /// The asset is registered, and lies in quarantine.
    Quarantined {
        /// The name of its entry there.
        entry: String,
    },
}

/// What is wrong, before it is put into words.
#[derive(Debug)]
struct Found {
    kind: DivergenceKind,
    /// The asset, as a position.
    asset: Option<usize>,
    /// The folder that nobody registered, as a position.
    unregistered: Option<usize>,
}

impl DivergenceKind {
    /// The name in `kind`.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::RegistryMissing => "registry-missing",
            Self::RegistryUnreadable(code) => code.as_str(),
            Self::DuplicateId => "duplicate-asset-id",
            Self::DuplicateUuid => "duplicate-asset-uuid",
            Self::DuplicateRoot => "duplicate-root",
            Self::AllocatorBehind => "allocator-behind",
            Self::Moved { .. } => "moved",
            Self::Obstructed { .. } => "obstructed",
            Self::MovedSomewhere { .. } => "moved-somewhere",
            Self::Missing => "missing",
            Self::NotAFolder => "not-a-folder",
            Self::Unreadable => "unreadable",
            Self::DeclarationMissing => "declaration-missing",
            Self::UuidChanged { of: Some(_), .. } => "swapped",
            Self::UuidChanged { of: None, .. } => "uuid-changed",
            Self::UuidAbsent => "uuid-absent",
            Self::Copied => "copied",
            Self::PutBack { .. } => "put-back",
            Self::Quarantined { .. } => "in-quarantine",
        }
    }
}

/// The codes of diagnostics that say of the same contradictions.
pub(crate) const CODES: &[Code] = &[
    Code::RegistryMissing,
    Code::RegistryInvalid,
    Code::RegistryConflictMarkers,
    Code::RegistryVersionUnsupported,
    Code::AllocatorBehind,
    Code::DuplicateAssetId,
    Code::DuplicateAssetUuid,
    Code::DuplicateRoot,
    Code::RootMissing,
    Code::DeclarationMissing,
    Code::UuidMismatch,
    Code::CopiedRoot,
    Code::RelocatedRoot,
];

impl Snapshot {
    /// Where the registry and the disk contradict each other: the registry first, then by asset, then
    /// copies by folder.
    #[must_use]
    pub fn divergences(&self) -> Vec<Divergence> {
        self.divergences.get_or_init(|| words::describe(self, self.found())).clone()
    }

    /// Whether there is any divergence.
    pub(super) fn is_diverged(&self) -> bool {
        !self.found().is_empty()
    }

    fn found(&self) -> Vec<Found> {
        let mut found = self.of_registry();
        let carriers = self.carriers();
        let followers = self.followers(None);
        let entries = Entries::of(self);
        // A copy that several entries of one uuid claim is one copy, of the first of them.
        let mut copied = BTreeSet::new();
        // Of two entries with one uuid nobody can say which is where.
        let shared: BTreeSet<AssetUuid> = found
            .iter()
            .filter(|found| found.kind == DivergenceKind::DuplicateUuid)
            .filter_map(|found| Some(self.assets[found.asset?].entry.asset_uuid))
            .collect();
        for (n, asset) in self.assets.iter().enumerate() {
            let of = |kind| Found { kind, asset: Some(n), unregistered: None };
            let away = self.in_quarantine(n);
            let kind = match followers.get(&n) {
                Some(to) => Some(DivergenceKind::Moved { to: to.clone() }),
                None if shared.contains(&asset.entry.asset_uuid) => None,
                None => self.in_no_place(n, &carriers, &entries),
            };
            // What lies in quarantine is not missing.
            found.extend(kind.filter(|kind| *kind != DivergenceKind::Missing || away.is_none()).map(of));
            found.extend(away.map(|entry| of(DivergenceKind::Quarantined { entry })));
            if self.own_root(asset) == OwnRoot::InPlace && copied.insert(asset.entry.asset_uuid) {
                let copies = carriers.elsewhere(asset);
                found.extend(copies.filter(|copy| copy.unregistered.is_some()).map(|copy| Found {
                    kind: DivergenceKind::Copied,
                    asset: Some(n),
                    unregistered: copy.unregistered,
                }));
            }
        }
        found.extend(self.put_back(&entries));
        // Stable: those of assets stay in their order.
        found.sort_by_key(|found| found.unregistered);
        found
    }

    /// The folders that nobody registered and that carry the uuid of an asset that only quarantine knows.
    fn put_back(&self, entries: &Entries<'_>) -> impl Iterator<Item = Found> {
        let loose = self.unregistered.iter().flatten().enumerate();
        loose.filter_map(|(n, (_, read))| {
            let uuid =
                read.as_ref()?.reading.asset_uuid.filter(|uuid| entries.with_uuid(*uuid).is_empty())?;
            let (away, registered) = self.away(uuid)?;
            let (entry, asset_id) = (away.entry.clone(), registered.asset_id);
            Some(Found {
                kind: DivergenceKind::PutBack { entry, asset_id },
                asset: None,
                unregistered: Some(n),
            })
        })
    }

    /// What lies in quarantine with that uuid, while no entry of the registry has it.
    pub(crate) fn away(&self, uuid: AssetUuid) -> Option<(&Quarantined, Registered)> {
        if self.registry().is_none() || self.assets.iter().any(|asset| asset.entry.asset_uuid == uuid) {
            return None;
        }
        self.quarantined.iter().flatten().find_map(|found| {
            let registered = found.record.as_ref().ok()?.registered?;
            (registered.asset_uuid == uuid).then_some((found, registered))
        })
    }

    /// What is wrong with the registry itself.
    fn of_registry(&self) -> Vec<Found> {
        let mut found: Vec<Found> = Vec::new();
        for report in &self.reports {
            let is_registry = report.document == Document::Registry && report.asset.is_none();
            let kind = match report.finding.code {
                _ if !is_registry => continue,
                Code::RegistryMissing => DivergenceKind::RegistryMissing,
                code @ (Code::RegistryInvalid
                | Code::RegistryConflictMarkers
                | Code::RegistryVersionUnsupported) => DivergenceKind::RegistryUnreadable(code),
                Code::AllocatorBehind => DivergenceKind::AllocatorBehind,
                _ => continue,
            };
            if found.iter().all(|known| known.kind != kind) {
                found.push(Found { kind, asset: None, unregistered: None });
            }
        }
        found.extend(self.shared(|entry| entry.asset_id, &DivergenceKind::DuplicateId));
        found.extend(self.shared(|entry| entry.asset_uuid, &DivergenceKind::DuplicateUuid));
        found.extend(self.shared(|entry| entry.root.clone(), &DivergenceKind::DuplicateRoot));
        found
    }

    /// The assets whose entries share what only one may have with one before them.
    fn shared<K: Ord>(
        &self,
        key: impl Fn(&Entry) -> K,
        kind: &DivergenceKind,
    ) -> impl Iterator<Item = Found> {
        let mut seen = BTreeSet::new();
        let assets = self.assets.iter().enumerate();
        let second = assets.filter(move |(_, asset)| !seen.insert(key(&asset.entry)));
        second.map(|(n, _)| Found { kind: kind.clone(), asset: Some(n), unregistered: None })
    }

    /// What is wrong with the place of an asset that its entry does not follow.
    fn in_no_place(
        &self,
        n: usize,
        carriers: &Carriers<'_>,
        entries: &Entries<'_>,
    ) -> Option<DivergenceKind> {
        let asset = &self.assets[n];
        let own = self.own_root(asset);
        let elsewhere: Vec<_> = carriers.elsewhere(asset).collect();
        let left = match (own.has_left(), &elsewhere[..]) {
            (true, [to]) => Some(DivergenceKind::Obstructed { to: to.folder.to_owned() }),
            (true, [_, _, ..]) => {
                let to = elsewhere.iter().map(|to| to.folder.to_owned()).collect();
                Some(DivergenceKind::MovedSomewhere { to })
            }
            _ => None,
        };
        match own {
            OwnRoot::InPlace | OwnRoot::Unknown => None,
            OwnRoot::NotAFolder => Some(DivergenceKind::NotAFolder),
            OwnRoot::Closed => Some(DivergenceKind::Unreadable),
            OwnRoot::NotAFile => Some(DivergenceKind::DeclarationMissing),
            OwnRoot::Anonymous => Some(DivergenceKind::UuidAbsent),
            OwnRoot::Gone => left.or(Some(DivergenceKind::Missing)),
            OwnRoot::Bare => left.or(Some(DivergenceKind::DeclarationMissing)),
            OwnRoot::Other(to) => {
                let of = entries.with_uuid(to).first().map(|m| self.assets[*m].id());
                left.or(Some(DivergenceKind::UuidChanged { to, of }))
            }
        }
    }

    /// The entry in quarantine that is this very asset.
    fn in_quarantine(&self, n: usize) -> Option<String> {
        let entry = &self.assets[n].entry;
        let found = self.quarantined.iter().flatten().find(|found| {
            let registered = found.record.as_ref().ok().and_then(|record| record.registered);
            registered.is_some_and(|of| (of.asset_id, of.asset_uuid) == (entry.asset_id, entry.asset_uuid))
        });
        found.map(|found| found.entry.clone())
    }
}
