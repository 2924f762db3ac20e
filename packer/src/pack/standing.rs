//! How the last set in a folder stands to the assets, as far as that can be told without making it anew.
//!
//! By the record of that set: what has the stamps on record is as it was, what has others is compared by
//! content, as before a pack. Nothing is parsed, checked or written. `pack --check` is who knows for sure.

use std::collections::BTreeSet;

use super::again::{Again, Glass};
use super::known::Known;
use super::record::RecordedAsset;
use crate::digest::Digest;
use crate::id::AssetId;
use crate::snapshot::Snapshot;
use crate::storage::FileKind;
use crate::workspace::read_declaration;

/// The last pack in a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastPack {
    /// Its bytes.
    pub size: u64,
    /// When it was written, in milliseconds since 1970; absent where the file system does not say, or
    /// says that it was before.
    pub modified: Option<u64>,
    /// How it stands to the assets.
    pub standing: Standing,
}

/// How a pack stands to the assets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// It is what they make.
    Fresh,
    /// These have other files than it was made of, or came into the pack set or left it since, by
    /// increasing id. Who wrote other words for the same into a declaration is among them.
    Older(Vec<AssetId>),
    /// There is no record of how it was made, or none that says enough.
    Unknown,
}

impl Standing {
    /// The name for programs.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Fresh => "fresh",
            Self::Older(_) => "older",
            Self::Unknown => "unknown",
        }
    }
}

/// How the set on record stands to the pack set of a snapshot of now.
pub(crate) fn standing(glass: &Glass<'_>, known: &Known<'_>, snapshot: &Snapshot) -> Standing {
    let last = glass.last;
    if !last.is_as_recorded {
        return Standing::Unknown;
    }
    let record = &last.record;
    let (mut older, mut unknown) = (Vec::new(), false);
    let mut there = BTreeSet::new();
    for entry in snapshot.pack_set().map(|n| &snapshot.assets[n].entry) {
        // Of several with one id, at most one is as it was.
        if !there.insert(entry.asset_id) {
            older.push(entry.asset_id);
            continue;
        }
        let Some(recorded) = record.asset(entry.asset_id) else {
            older.push(entry.asset_id);
            continue;
        };
        if known.of(entry).is_some() {
            continue;
        }
        let is_elsewhere = (&recorded.root, recorded.asset_uuid) != (&entry.root, entry.asset_uuid);
        if is_elsewhere || known.changed(entry.asset_id).is_some() {
            older.push(entry.asset_id);
            continue;
        }
        match glass.compare(recorded) {
            Again::Same(_) => {}
            Again::Changed(_) => older.push(entry.asset_id),
            Again::Unknown if has_other_files(glass, recorded) => older.push(entry.asset_id),
            Again::Unknown => unknown = true,
        }
    }
    let recorded = (0..record.len()).filter_map(|n| record.trace(n)).map(|trace| trace.asset_id);
    let gone =
        recorded.filter_map(|id| AssetId::try_from(u64::from(id)).ok()).filter(|id| !there.contains(id));
    older.extend(gone);
    older.sort_unstable();
    older.dedup();
    match (older.is_empty(), unknown) {
        (false, _) => Standing::Older(older),
        (true, true) => Standing::Unknown,
        (true, false) => Standing::Fresh,
    }
}

/// Whether the declaration is another one, or an input is none or has another size.
fn has_other_files(glass: &Glass<'_>, recorded: &RecordedAsset) -> bool {
    let Glass { source, layout, assets, .. } = *glass;
    let read = read_declaration(source, layout, &recorded.root, assets);
    let folder = layout.root(&recorded.root);
    read.is_none_or(|(_, _, bytes)| Digest::of(&bytes) != recorded.text)
        || recorded.facts.inputs.iter().any(|input| {
            let stat = source.stat(&folder.join(&input.file));
            !matches!(stat, Ok(Some(stat)) if stat.kind == FileKind::File && stat.stamp.size == input.stamp.size)
        })
}

#[cfg(test)]
mod tests;
