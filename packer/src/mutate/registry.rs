//! The registry as plans use it: whether it can be trusted with a change, which entry somebody means,
//! and the one edit that rewrites it.
//!
//! A new entry asks more of it than a change of one that is there: the second is how a person gets
//! out of two roots that collide or lie inside each other.

use super::folder::Folder;
use super::readback::check_registry;
use super::{EditKind, Expected, FileEdit, Planner, Refused};
use crate::diagnostics::{Code, Finding, Severity};
use crate::digest::Digest;
use crate::event::AffectedAsset;
use crate::id::{AssetId, AssetUuid};
use crate::ops::{Blocker, BlockerCode, details, quoted};
use crate::path::AssetPath;
use crate::quarantine::{self, Quarantined};
use crate::schema::registry::{Entry, Registry};
use crate::snapshot::{Asset, Snapshot};
use crate::workspace::layout::REGISTRY_FILE;

/// What may be wrong with a registry while each of its entries is still known by its id, its uuid and
/// its root.
const ABOUT_OTHER_THINGS: &[Code] = &[Code::NestedRoot, Code::CaseCollision, Code::AllocatorBehind];

/// Whether an entry of the registry, or its allocator, can be changed.
pub(super) fn can_be_changed(snapshot: &Snapshot) -> bool {
    snapshot.registry().is_some() && obstacles(snapshot, ABOUT_OTHER_THINGS).next().is_none()
}

/// What is wrong with the registry and not harmless.
fn obstacles<'a>(snapshot: &'a Snapshot, harmless: &'a [Code]) -> impl Iterator<Item = &'a Finding> {
    let of_registry = snapshot.reports.iter().filter(|report| report.asset.is_none());
    of_registry
        .map(|report| &report.finding)
        .filter(|finding| finding.code.severity() == Severity::Error && !harmless.contains(&finding.code))
}

/// The same, and two entries in one root.
const ROOT_AS_WELL: &[Code] =
    &[Code::NestedRoot, Code::CaseCollision, Code::AllocatorBehind, Code::DuplicateRoot];

/// The same, and entries that share what only one may have.
const SHARED_AS_WELL: &[Code] = &[
    Code::NestedRoot,
    Code::CaseCollision,
    Code::AllocatorBehind,
    Code::DuplicateAssetId,
    Code::DuplicateAssetUuid,
];

impl Planner<'_> {
    /// The registry, if it can be trusted with another entry.
    pub(super) fn registry(&self) -> Result<&Registry, Refused> {
        self.registry_despite(&[], "nothing can be registered")
    }

    /// The registry, if an entry of it can be changed. Its entries are, in order, those of the
    /// snapshot's assets.
    pub(super) fn entries(&self) -> Result<&Registry, Refused> {
        self.registry_despite(ABOUT_OTHER_THINGS, "nothing in the registry can be changed")
    }

    /// The registry, if its entries can follow their folders: of two that share a root, one can leave it.
    pub(super) fn entries_following(&self) -> Result<&Registry, Refused> {
        self.registry_despite(ROOT_AS_WELL, "nothing in the registry can be changed")
    }

    /// What lies in quarantine.
    pub(super) fn away(&self) -> Result<Vec<Quarantined>, Refused> {
        let away = quarantine::list(self.source, &self.snapshot.layout);
        away.map_err(|error| {
            Refused::Error(crate::Error::io("list", self.snapshot.layout.quarantine(), error))
        })
    }

    /// The registry, if entries that share an id or a uuid can be told apart in it.
    pub(super) fn entries_apart(&self) -> Result<&Registry, Refused> {
        self.registry_despite(SHARED_AS_WELL, "nothing in the registry can be changed")
    }

    fn registry_despite(&self, harmless: &[Code], consequence: &str) -> Result<&Registry, Refused> {
        let mut errors = obstacles(self.snapshot, harmless);
        match (self.snapshot.registry(), errors.next()) {
            (Some(registry), None) => Ok(registry),
            (_, finding) => {
                let why = finding.map_or("the registry cannot be read", |finding| finding.message.as_str());
                let help = if self.snapshot.registry.text.is_none() {
                    self.snapshot.without_registry()
                } else {
                    "Run `cargo prometeu doctor` to see the place, and mend it first."
                };
                let message = format!("{consequence}: {why}");
                Err(Blocker::new(BlockerCode::InvalidArgument, message).help(help).at(REGISTRY_FILE).into())
            }
        }
    }

    /// The position of the asset that `asset` names: its id, its uuid, its root, or a name that no
    /// other asset has.
    pub(super) fn find(&self, asset: &str) -> Result<usize, Blocker> {
        details::find(self.snapshot, asset).map_err(|blocker| {
            // The snapshot does not know the folders that nobody registered.
            match self.folder(asset) {
                Ok(Some(Folder { root, is_asset: true, .. }))
                    if blocker.code == BlockerCode::UnknownAsset =>
                {
                    blocker.help(format!(
                        "`assets/{root}` is not registered: `cargo prometeu register {}` takes it in.",
                        quoted(root.as_str())
                    ))
                }
                _ => blocker,
            }
        })
    }

    /// The edit that adds an asset to the registry, and the id that it gets.
    pub(super) fn registration(
        &self,
        root: &AssetPath,
        asset_uuid: AssetUuid,
        included_in_build: bool,
    ) -> Result<(AssetId, FileEdit), Refused> {
        let mut registry = self.registry()?.clone();
        let asset_id = self.fresh_id(&mut registry)?;
        let position = registry.assets.len();
        registry.assets.push(Entry { asset_id, included_in_build, root: root.clone(), asset_uuid, position });
        Ok((asset_id, self.rewritten(&registry)?))
    }

    /// The next id of a registry, which is spent then.
    pub(super) fn fresh_id(&self, registry: &mut Registry) -> Result<AssetId, Refused> {
        let highest = registry.assets.iter().map(|entry| entry.asset_id.get()).max().unwrap_or(0);
        registry.next_asset_id = registry.next_asset_id.max(highest + 1);
        // An id in quarantine is given out, also where another branch or an older registry knows nothing of it.
        let away = self.away()?;
        let ids = away.iter().filter_map(|found| found.record.as_ref().ok()?.registered);
        if let Some(highest) = ids.map(|registered| registered.asset_id.get()).max() {
            registry.next_asset_id = registry.next_asset_id.max(highest + 1);
        }
        let asset_id = AssetId::try_from(u64::from(registry.next_asset_id)).map_err(|_| {
            let message = "no id is left: every id up to the highest was given out";
            let help = "If nobody made that many assets, `next_asset_id` was misspelt: write a number above every \
                        id that any asset ever had.";
            Blocker::new(BlockerCode::InvalidArgument, message).help(help).at(REGISTRY_FILE)
        })?;
        registry.next_asset_id = asset_id.get() + 1;
        Ok(asset_id)
    }

    /// The edit that puts `registry` in the place of the one that was read, which may have had another
    /// layout and fewer bytes.
    pub(super) fn rewritten(&self, registry: &Registry) -> Result<FileEdit, Refused> {
        let before = self.snapshot.registry.bytes().unwrap_or_default();
        let registry = &self.with_ids_spent(registry.clone());
        let text = registry.to_text();
        check_registry(&text, registry)?;
        Ok(FileEdit {
            path: REGISTRY_FILE.to_owned(),
            kind: EditKind::ReplaceFile(text.into_bytes()),
            expected: Expected::Content(Digest::of(before)),
        })
    }
}

impl Planner<'_> {
    /// A registry that is about to be written, which never gives the id of an asset again that it drops.
    pub(super) fn with_ids_spent(&self, mut registry: Registry) -> Registry {
        let is_there = |id: AssetId| registry.assets.iter().any(|entry| entry.asset_id == id);
        let dropped = self.snapshot.assets.iter().map(Asset::id).filter(|id| !is_there(*id));
        if let Some(highest) = dropped.max() {
            // The allocator may be behind: two branches that met.
            registry.next_asset_id = registry.next_asset_id.max(highest.get() + 1);
        }
        registry
    }
}

/// An asset of the registry, as one that a plan is about.
pub(super) fn affected(asset: &Asset) -> AffectedAsset {
    AffectedAsset {
        asset_id: Some(asset.id()),
        asset_uuid: Some(asset.entry.asset_uuid),
        root: asset.entry.root.clone(),
    }
}

/// An asset as messages name it.
pub(super) fn named(asset: &Asset) -> String {
    format!("`{}` (asset {})", asset.entry.root, asset.id())
}
