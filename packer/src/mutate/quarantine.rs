//! `quarantine_asset`: a root is put out of the way, with a record of where it came from, and its entry
//! of the registry with it. [`restore`](super::restore) is the way back, to the byte.
//!
//! Also of a root that nobody registered. What it is called there, see [`crate::quarantine`].

use super::registry::{affected, named};
use super::{EditKind, Expected, FileEdit, Plan, Planner, Refused};
use crate::event::AffectedAsset;
use crate::ops::{Blocker, BlockerCode, Operation};
use crate::path::AssetPath;
use crate::quarantine::{EntryName, Record, Registered};
use crate::schema::registry::Registry;
use crate::snapshot::Asset;
use crate::storage::FileKind;
use crate::workspace::layout::{DECLARATION, QUARANTINE};

/// What to put out of the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuarantineAsset {
    /// Its id, its uuid, its root, or a name that no other asset has; or the root of one that nobody
    /// registered.
    pub asset: String,
}

pub(super) fn plan(planner: &Planner<'_>, request: &QuarantineAsset) -> Result<Plan, Refused> {
    let operation = (Operation::QuarantineAsset, Operation::QuarantineAsset.class());
    let position = match planner.find(&request.asset) {
        Ok(position) => position,
        Err(blocker) => {
            let Some(root) = unregistered(planner, &request.asset)? else { return Err(blocker.into()) };
            if blocker.code != BlockerCode::UnknownAsset {
                return Err(blocker.into());
            }
            planner.check_alone(&root)?;
            let assets = planner.snapshot.assets.iter();
            if let Some(other) = assets.map(|asset| &asset.entry.root).find(|other| other.contains(&root)) {
                let message = format!("`{root}` is a part of the asset `{other}`");
                let help = "Its files may be inputs of that asset: move them out of there by hand.";
                return Err(Blocker::new(BlockerCode::InvalidArgument, message).help(help).into());
            }
            let record = Record { root: root.clone(), registered: None };
            let (entry, edits) = put_away(planner, &record)?;
            let title = format!("quarantine `{root}` as `{entry}`");
            let arguments = vec![("asset", root.to_string())];
            let affected = vec![AffectedAsset { asset_id: None, asset_uuid: None, root }];
            return Ok(Plan::new(planner.operation_id, operation, arguments, title, affected, edits));
        }
    };
    let (asset, registry) = without(planner, position)?;
    let (entry, mut edits) = put_away(planner, &record_of(asset))?;
    edits.push(planner.rewritten(&registry)?);
    let title = format!("quarantine {} as `{entry}`", named(asset));
    // The id, so that the plan is the same whatever the asset was called.
    let arguments = vec![("asset", asset.id().to_string())];
    let affected = vec![affected(asset)];
    Ok(Plan::new(planner.operation_id, operation, arguments, title, affected, edits).taking_hold(true))
}

/// The asset at that position, whose folder can be moved as a whole, and the registry without it.
pub(super) fn without<'a>(planner: &Planner<'a>, position: usize) -> Result<(&'a Asset, Registry), Refused> {
    let mut registry = planner.entries()?.clone();
    let asset = &planner.snapshot.assets[position];
    planner.check_folder(asset, "nothing to move")?;
    planner.check_alone(&asset.entry.root)?;
    registry.assets.remove(position);
    Ok((asset, registry))
}

/// What the record of an asset says.
pub(super) fn record_of(asset: &Asset) -> Record {
    let registered = Registered {
        asset_id: asset.id(),
        asset_uuid: asset.entry.asset_uuid,
        included_in_build: asset.entry.included_in_build,
    };
    Record { root: asset.entry.root.clone(), registered: Some(registered) }
}

/// The edits that move a root into quarantine, and what it is called there: the first name that is free.
pub(super) fn put_away(
    planner: &Planner<'_>,
    record: &Record,
) -> Result<(EntryName, Vec<FileEdit>), Refused> {
    let quarantine = planner.snapshot.layout.quarantine();
    let mut version = 1;
    let entry = loop {
        let entry = EntryName::of(record, version);
        if planner.stat(&quarantine.join(entry.as_str()))?.is_none() {
            break entry;
        }
        version += 1;
    };
    let folder = |path: String, expected| FileEdit { path, kind: EditKind::CreateFolder, expected };
    let mut edits = Vec::new();
    if planner.stat(&quarantine)?.is_none() {
        edits.push(folder(QUARANTINE.to_owned(), Expected::FolderOrAbsent));
    }
    edits.push(folder(entry.folder(), Expected::Absent));
    edits.push(FileEdit {
        path: entry.record(),
        kind: EditKind::CreateFile(record.to_text().into_bytes()),
        expected: Expected::Absent,
    });
    edits.push(FileEdit {
        path: entry.root(),
        kind: EditKind::MoveFolder { from: format!("assets/{}", record.root) },
        expected: Expected::Absent,
    });
    Ok((entry, edits))
}

/// The root of an asset that nobody registered, if `asset` is one.
fn unregistered(planner: &Planner<'_>, asset: &str) -> Result<Option<AssetPath>, Refused> {
    let root = asset.trim_end_matches('/');
    let Ok(root) = AssetPath::parse(root.strip_prefix("assets/").unwrap_or(root)) else { return Ok(None) };
    let layout = &planner.snapshot.layout;
    // Each folder on the way is one, and no link.
    let mut place = layout.assets();
    for part in root.parts() {
        place.push(part);
        if planner.stat(&place)?.is_none_or(|stat| stat.kind != FileKind::Folder) {
            return Ok(None);
        }
    }
    Ok(planner.stat(&place.join(DECLARATION))?.map(|_| root))
}
