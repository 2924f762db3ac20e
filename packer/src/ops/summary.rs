//! `pack_summary`: what a pack would take in, before anybody looks into a file.
//!
//! The first phase of the wizard. Everything is from the snapshot, which has counted the artifacts when
//! it was made: where there is one, no file is touched. It is no preview of a build and says nothing of
//! outputs, nor whether the content would pack: that is `validate_pack`.

use crate::family;
use crate::id::AssetId;
use crate::snapshot::{Asset, Snapshot};
use crate::workspace::LoadedDeclaration;

/// The pack set at a glance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackSummary {
    /// How many assets are registered and included.
    pub total_included: usize,
    /// Each of them, by id.
    pub assets: Vec<AssetSummary>,
}

/// One asset of the pack set. Of a declaration that cannot be read name and family are absent and the
/// counts 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssetSummary {
    /// Its id.
    pub asset_id: AssetId,
    /// Its name.
    pub asset_name: Option<String>,
    /// Its family as declared.
    pub asset_family: Option<String>,
    /// How many indices its artifacts take: a tile each, a sample, a file. An input that nobody can
    /// look into counts as one.
    pub artifact_count: u32,
    /// The fewest that it may have; 0 while its family is not known.
    pub min_artifact_count: u32,
    /// The most that it may have; 0 while its family is not known.
    pub max_artifact_count: u32,
    /// The last change of any of its files, in milliseconds since 1970; absent while its declaration
    /// is not there.
    pub last_modified: Option<u64>,
}

/// The pack set of a snapshot. Reads nothing.
pub(crate) fn summary(snapshot: &Snapshot) -> PackSummary {
    let assets: Vec<AssetSummary> = snapshot.pack_set().map(|n| row(&snapshot.assets[n])).collect();
    PackSummary { total_included: assets.len(), assets }
}

fn row(asset: &Asset) -> AssetSummary {
    let read = asset.loaded.read();
    let limits = asset
        .declaration()
        .and_then(|declaration| Some(family::by_name(&declaration.family)?.artifact_limits(declaration)));
    let (min_artifact_count, max_artifact_count) =
        limits.map_or((0, 0), |limits| (*limits.start(), *limits.end()));
    AssetSummary {
        asset_id: asset.id(),
        asset_name: asset.name().map(str::to_owned),
        asset_family: read.and_then(|read| read.reading.family.clone()),
        artifact_count: read.and_then(|read| read.artifact_count).unwrap_or(0),
        min_artifact_count,
        max_artifact_count,
        last_modified: read.and_then(LoadedDeclaration::last_modified),
    }
}
