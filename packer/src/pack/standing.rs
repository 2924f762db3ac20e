//! How the last set in a folder stands to the assets, as far as that can be told without making it anew.
//!
//! By the record of that set: what has the stamps on record is as it was, what has others is compared by
//! content, as before a pack. Nothing is parsed, checked or written. `pack --check` is who knows for sure.

use std::path::Path;

use super::known::Known;
use super::produce::LastSet;
use crate::digest::Digest;
use crate::id::AssetId;
use crate::snapshot::Snapshot;
use crate::storage::{FileKind, Source};
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

/// How the set on record stands to the pack set of a snapshot of now, whose real `assets/` is `assets`.
pub(crate) fn standing(
    last: &LastSet<'_>,
    known: &Known<'_>,
    snapshot: &Snapshot,
    (source, assets): (&dyn Source, &Path),
) -> Standing {
    if !last.is_as_recorded {
        return Standing::Unknown;
    }
    let record = &last.record;
    let (mut older, mut unknown) = (Vec::new(), false);
    let mut in_both = 0;
    for entry in snapshot.pack_set().map(|n| &snapshot.assets[n].entry) {
        let Some(recorded) = record.asset(entry.asset_id) else {
            older.push(entry.asset_id);
            continue;
        };
        in_both += 1;
        if known.of(entry).is_some() {
            continue;
        }
        let is_elsewhere = (&recorded.root, recorded.asset_uuid) != (&entry.root, entry.asset_uuid);
        let has_other_text = || {
            let read = read_declaration(source, &snapshot.layout, &entry.root, assets);
            let text = read.map(|(_, _, bytes)| Digest::of(&bytes));
            text.is_none() || recorded.seen.as_ref().is_some_and(|seen| text != Some(seen.text))
        };
        let lacks_an_input = || {
            let folder = snapshot.layout.root(&entry.root);
            recorded.facts.inputs.iter().any(|input| {
                let stat = source.stat(&folder.join(&input.file));
                !matches!(stat, Ok(Some(stat)) if stat.kind == FileKind::File && stat.stamp.size == input.stamp.size)
            })
        };
        if is_elsewhere || known.changed(entry.asset_id).is_some() || has_other_text() || lacks_an_input() {
            older.push(entry.asset_id);
        } else {
            unknown = true;
        }
    }
    if in_both < record.len() {
        let now: Vec<AssetId> = snapshot.pack_set().map(|n| snapshot.assets[n].id()).collect();
        let recorded = (0..record.len()).filter_map(|n| record.at(n)).map(|asset| asset.asset_id);
        older.extend(recorded.filter(|id| !now.contains(id)));
        older.sort_unstable();
    }
    match (older.is_empty(), unknown) {
        (false, _) => Standing::Older(older),
        (true, true) => Standing::Unknown,
        (true, false) => Standing::Fresh,
    }
}

#[cfg(test)]
mod tests;
