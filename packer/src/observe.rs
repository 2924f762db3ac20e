//! Observing: what the disk looks like now, beside what a snapshot saw. Nothing is changed, and nothing
//! published.
//!
//! First a glance: one walk of names, and the stamps of the registry, of declarations and of inputs.
//! Where nothing differs, nothing is read. Text whose stamp is younger than the snapshot by less than
//! `RACY_MILLIS` is read all the same, as git does it: a file can be written twice within one tick of
//! a file system's clock.
//!
//! # Where it stops
//!
//! An input that is saved in place, with the same size and within that tick of the reading, is not seen:
//! a snapshot does not hold the content of inputs. Packing reads it anyway. What lies in `assets/` in
//! no asset's root, and what is hidden in one (a name that begins with a dot), is not looked at.

mod changes;
mod glance;
mod observer;
#[cfg(test)]
mod tests;

use crate::event::AffectedAsset;
use crate::id::{AssetId, AssetUuid, Generation};
use crate::path::AssetPath;
use crate::snapshot::{Divergence, State};

pub(crate) use changes::changes;
pub(crate) use glance::{is_as_seen, moved_on};
pub use observer::Observer;

/// How much older than a reading a stamp must be to be believed: see `pack::fingerprint`.
pub(crate) use crate::pack::RACY_MILLIS;

/// What the disk looks like, beside the snapshot that reads are served from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observation {
    /// The number of that snapshot.
    pub generation: Generation,
    /// How it relates to the disk: `stale` where content has moved on, `diverged` where the disk
    /// contradicts the registry.
    pub state: State,
    /// What differs, by asset: moved, added, changed, removed ones, each by folder.
    pub changes: Vec<AssetChange>,
    /// Whether the registry's text is another one.
    pub registry_changed: bool,
    /// What contradicts each other on disk now.
    pub divergences: Vec<Divergence>,
}

/// How an asset on disk differs from what a snapshot saw.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssetChange {
    /// In which way.
    pub kind: ChangeKind,
    /// Its id, if it is registered.
    pub asset_id: Option<AssetId>,
    /// The uuid that it carries, if it carries one.
    pub asset_uuid: Option<AssetUuid>,
    /// Its folder, relative to `assets/`; of one that is gone, where it was.
    pub folder: String,
}

/// In which way an asset differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChangeKind {
    /// It is in another folder.
    Moved {
        /// Where it was.
        from: String,
    },
    /// A folder carries a declaration now.
    Added,
    /// Its declaration, its files or its entry of the registry are others.
    Changed,
    /// A folder carries a declaration no longer, or is gone.
    Removed,
}

impl ChangeKind {
    /// The name in `change`.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Moved { .. } => "moved",
            Self::Added => "added",
            Self::Changed => "changed",
            Self::Removed => "removed",
        }
    }
}

impl AssetChange {
    /// The asset as responses and events name it; none where its folder has a name that no root may
    /// have.
    #[must_use]
    pub fn affected(&self) -> Option<AffectedAsset> {
        let root = AssetPath::parse(&self.folder).ok()?;
        Some(AffectedAsset { asset_id: self.asset_id, asset_uuid: self.asset_uuid, root })
    }
}
