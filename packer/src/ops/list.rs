//! `list_assets`: what there is, from the snapshot.

use crate::id::{AssetId, AssetUuid};
use crate::snapshot::{Asset, Snapshot};

/// Which assets to list.
#[derive(Debug, Clone, Default)]
pub struct ListRequest {
    /// Only those of this family.
    pub family: Option<String>,
    /// Only excluded ones.
    pub excluded: bool,
    /// Only unregistered ones.
    pub unregistered: bool,
}

/// One asset of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssetRow {
    /// Its id; absent while it is not registered.
    pub asset_id: Option<AssetId>,
    /// Its uuid; absent while it has none.
    pub asset_uuid: Option<AssetUuid>,
    /// Its folder, relative to `assets/`.
    pub root: String,
    /// Its name, when its declaration can be read.
    pub asset_name: Option<String>,
    /// Its family as declared, when its declaration can be read.
    pub asset_family: Option<String>,
    /// Whether builds take it in.
    pub included_in_build: bool,
    /// How many diagnostics of an error's severity it has, as far as its files were read.
    pub errors: usize,
}

/// The registered assets by id, then the unregistered ones by folder.
pub(crate) fn list(snapshot: &Snapshot, request: &ListRequest) -> Vec<AssetRow> {
    let registered = snapshot.assets.iter().enumerate().map(|(n, asset)| row(snapshot, n, asset));
    let unregistered = snapshot.unregistered.iter().flatten().map(|(found, declaration)| {
        let reading = declaration.as_ref().map(|read| &read.reading);
        AssetRow {
            asset_id: None,
            asset_uuid: reading.and_then(|reading| reading.asset_uuid),
            root: found.folder.clone(),
            asset_name: reading.and_then(|reading| reading.name.clone()),
            asset_family: reading.and_then(|reading| reading.family.clone()),
            included_in_build: false,
            errors: 0,
        }
    });
    registered
        .chain(unregistered)
        .filter(|row| !request.unregistered || row.asset_id.is_none())
        .filter(|row| !request.excluded || (row.asset_id.is_some() && !row.included_in_build))
        .filter(|row| request.family.is_none() || row.asset_family == request.family)
        .collect()
}

fn row(snapshot: &Snapshot, n: usize, asset: &Asset) -> AssetRow {
    let reading = asset.loaded.read().map(|read| &read.reading);
    let errors = snapshot.reports.iter().filter(|report| {
        report.asset == Some(n) && report.finding.code.severity() == crate::diagnostics::Severity::Error
    });
    AssetRow {
        asset_id: Some(asset.id()),
        asset_uuid: Some(asset.entry.asset_uuid),
        root: asset.entry.root.to_string(),
        asset_name: asset.name().map(str::to_owned),
        asset_family: reading.and_then(|reading| reading.family.clone()),
        included_in_build: asset.entry.included_in_build,
        errors: errors.count(),
    }
}
