//! `quarantine_asset`: a root is put out of the way, with a record of where it came from, and its entry
//! of the registry with it. [`restore`](super::restore) is the way back, to the byte.
//!
//! Also of a root that nobody registered. What it is called there, see [`crate::quarantine`].

use super::folder::Folder;
use super::registry::{affected, named};
use super::{EditKind, Expected, FileEdit, Plan, Planner, Refused};
use crate::event::AffectedAsset;
use crate::ops::{Blocker, BlockerCode, Operation};
use crate::path::AssetPath;
use crate::quarantine::{EntryName, Record, Registered};
use crate::schema::registry::Registry;
use crate::snapshot::Asset;
use crate::storage::FileKind;
use crate::workspace::layout::QUARANTINE;

/// What to put out of the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuarantineAsset {
    /// Its id, its uuid, its root, or a name that no other asset has; or the root of one that nobody
    /// registered.
    pub asset: String,
}

pub(super) fn plan(planner: &Planner<'_>, request: &QuarantineAsset) -> Result<Plan, Refused> {
    let operation = (Operation::QuarantineAsset, Operation::QuarantineAsset.class());
    // Where nobody knows what is registered, an asset would be taken for one that is not.
    planner.entries()?;
    let found = planner.find(&request.asset);
    // The root of one that nobody registered is meant before a name.
    let is_name = found.as_ref().is_ok_and(|n| {
        let asset = &planner.snapshot.assets[*n];
        asset.name() == Some(&request.asset) && asset.entry.root.as_str() != request.asset
    });
    if is_name || found.as_ref().is_err_and(|blocker| blocker.code == BlockerCode::UnknownAsset) {
        match planner.folder(&request.asset)? {
            Some(folder) if folder.is_asset && !is_registered(planner, &folder.root) => {
                return unregistered(planner, folder.root);
            }
            Some(folder) if !is_name => return Err(no_asset(&folder).into()),
            _ => {}
        }
    }
    let position = found?;
    let (asset, registry) = without(planner, position)?;
    let (entry, mut edits) = put_away(planner, &record_of(asset))?;
    edits.push(planner.rewritten(&registry)?);
    let title = format!("quarantine {} as `{entry}`", named(asset));
    // The id, so that the plan is the same whatever the asset was called.
    let arguments = vec![("asset", asset.id().into())];
    let affected = vec![affected(asset)];
    Ok(Plan::new(planner.operation_id, operation, arguments, title, affected, edits).taking_hold(true))
}

/// The plan for a root that nobody registered.
fn unregistered(planner: &Planner<'_>, root: AssetPath) -> Result<Plan, Refused> {
    planner.check_alone(&root)?;
    let mut assets = planner.snapshot.assets.iter().map(|asset| &asset.entry.root);
    if let Some(other) = assets.find(|other| other.contains(&root)) {
        let message = format!("`{root}` is a part of the asset `{other}`");
        let help = "Its files may be inputs of that asset: move them out of there by hand.";
        let blocker = Blocker::new(BlockerCode::InvalidArgument, message).help(help);
        return Err(blocker.at(format!("assets/{root}")).into());
    }
    let (entry, edits) = put_away(planner, &Record { root: root.clone(), registered: None })?;
    let title = format!("quarantine `{root}` as `{entry}`");
    let arguments = vec![("asset", root.to_string().into())];
    let affected = vec![AffectedAsset { asset_id: None, asset_uuid: None, root }];
    let operation = (Operation::QuarantineAsset, Operation::QuarantineAsset.class());
    Ok(Plan::new(planner.operation_id, operation, arguments, title, affected, edits))
}

fn is_registered(planner: &Planner<'_>, root: &AssetPath) -> bool {
    planner.snapshot.assets.iter().any(|asset| asset.entry.root == *root)
}

/// For a folder that is no asset.
fn no_asset(folder: &Folder) -> Blocker {
    let at = format!("assets/{}", folder.root);
    let (code, message, help) = if folder.is_link {
        let message = format!("`{at}` is reached through a link, and links are not followed");
        (
            BlockerCode::InvalidArgument,
            message,
            "Name the folder that it leads to, if that is among the assets.",
        )
    } else {
        let message = format!("`{at}` holds no `asset.json`, so it is no asset");
        (BlockerCode::UnknownAsset, message, "Move it away by hand: the packer takes nothing from it.")
    };
    Blocker::new(code, message).help(help).at(at)
}

/// The asset at that position, whose folder can be moved as a whole, and the registry without it.
pub(super) fn without<'a>(planner: &Planner<'a>, position: usize) -> Result<(&'a Asset, Registry), Refused> {
    let mut registry = planner.entries()?.clone();
    let asset = &planner.snapshot.assets[position];
    let id = asset.id();
    let help = format!(
        "If it was moved by hand, `cargo prometeu adopt NEW_ROOT --as {id}` follows it; else `cargo prometeu \
         forget {id}` drops its entry."
    );
    planner.check_folder(asset, &help)?;
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
    if planner.stat(&quarantine)?.is_some_and(|stat| stat.kind != FileKind::Folder) {
        let message = format!("`{QUARANTINE}` is not a folder");
        let help = "Put a folder in its place; a link is not followed.";
        return Err(Blocker::new(BlockerCode::InvalidArgument, message).help(help).at(QUARANTINE).into());
    }
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
