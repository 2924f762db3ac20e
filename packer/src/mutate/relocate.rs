//! `relocate_asset`: a root gets another place inside `assets/`, with all that it holds. Its id and
//! its uuid stay, its constant in a game follows the new place.
//!
//! Nothing is ever put into, beside or over what is there: the new root must not be there at all, not
//! even as an empty folder. The folders that it leaves stay, also when nothing is left in them.
//!
//! Not here: a folder that somebody moved by hand, see [`adopt`](super::adopt). There is nothing left to
//! move then, and which of two places is the asset is for a person to say.

use super::registry::affected;
use super::{EditKind, Expected, FileEdit, Plan, Planner, Refused};
use crate::event::AffectedAsset;
use crate::ops::{Blocker, BlockerCode, Operation};
use crate::path::AssetPath;
use crate::snapshot::Asset;
use crate::storage::{FileKind, Stat};
use crate::workspace::{RootFolder, load_root};

/// What to move, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RelocateAsset {
    /// Its id, its uuid, its root, or a name that no other asset has.
    pub asset: String,
    /// The root that it gets, relative to `assets/`.
    pub new_root: AssetPath,
}

pub(super) fn plan(planner: &Planner<'_>, request: &RelocateAsset) -> Result<Plan, Refused> {
    let mut registry = planner.entries()?.clone();
    let position = planner.find(&request.asset)?;
    let asset = &planner.snapshot.assets[position];
    let (old, new) = (&asset.entry.root, &request.new_root);
    planner.check_folder(asset, &if_missing(planner, asset, new))?;
    let operation = (Operation::RelocateAsset, Operation::RelocateAsset.class());
    // The id, so that the plan is the same whatever the asset was called.
    let arguments = vec![("asset", asset.id().into()), ("new_root", new.to_string().into())];
    let affected = vec![AffectedAsset { root: new.clone(), ..affected(asset) }];
    if old == new {
        let title = format!("asset {} is in `{new}` already", asset.id());
        return Ok(Plan::new(planner.operation_id, operation, arguments, title, affected, Vec::new()));
    }
    check_itself(planner, asset, new)?;
    planner.check_root(new, Some(position))?;
    let way = planner.way(new)?;
    if let Some(there) = way.end {
        return Err(taken(planner, old, new, there)?.into());
    }
    let mut edits = way.missing;
    edits.push(FileEdit {
        path: format!("assets/{new}"),
        kind: EditKind::MoveFolder { from: format!("assets/{old}") },
        expected: Expected::Absent,
    });
    registry.assets[position].root = new.clone();
    edits.push(planner.rewritten(&registry)?);
    let title = format!("move `{old}` to `{new}`");
    Ok(Plan::new(planner.operation_id, operation, arguments, title, affected, edits))
}

/// What to do about an asset whose folder is not where it should be.
fn if_missing(planner: &Planner<'_>, asset: &Asset, new: &AssetPath) -> String {
    let id = asset.id();
    if asset.loaded.folder != RootFolder::Missing {
        return String::new();
    }
    let there = load_root(planner.source, &planner.snapshot.layout, new);
    if there.read().and_then(|read| read.reading.asset_uuid) == Some(asset.entry.asset_uuid) {
        let command = format!("cargo prometeu adopt {new} --as {id}");
        return format!("`assets/{new}` carries its uuid: if it was moved there by hand, `{command}`.");
    }
    format!("If it was moved by hand, `cargo prometeu adopt NEW_ROOT --as {id}` follows it.")
}

/// That the asset moves alone, and not into or around itself.
fn check_itself(planner: &Planner<'_>, asset: &Asset, new: &AssetPath) -> Result<(), Refused> {
    let old = &asset.entry.root;
    let refuse = |message: String, help: String| {
        let blocker = Blocker::new(BlockerCode::InvalidArgument, message).help(help);
        Err(blocker.at(format!("assets/{new}")).into())
    };
    if old.contains(new) {
        let help = "Choose a folder outside of it.".to_owned();
        return refuse(format!("`{new}` lies inside `{old}`, the asset that is to move"), help);
    }
    if new.contains(old) {
        let help = format!(
            "Move it to another root first; once `assets/{new}` is empty and deleted, move it there."
        );
        return refuse(format!("`{new}` is a folder above `{old}`, the asset that is to move"), help);
    }
    planner.check_alone(old)
}

/// What to say of a place that is taken.
fn taken(
    planner: &Planner<'_>,
    old: &AssetPath,
    new: &AssetPath,
    there: FileKind,
) -> Result<Blocker, Refused> {
    let layout = &planner.snapshot.layout;
    let (place, at) = (layout.root(new), format!("assets/{new}"));
    // Where letter case does not count, the new name may lead to the old folder.
    let same_folder = |a: Stat, b: Stat| {
        a.stamp.inode != 0 && (a.stamp.inode, a.stamp.device) == (b.stamp.inode, b.stamp.device)
    };
    let is_itself = match (planner.stat(&layout.root(old))?, planner.stat(&place)?) {
        (Some(old), Some(new)) => same_folder(old, new),
        _ => false,
    };
    let blocker = |message: String| Blocker::new(BlockerCode::AlreadyExists, message).at(at.clone());
    if is_itself {
        let message = format!("`{new}` and `{old}` are one folder on this file system");
        return Ok(blocker(message).help("Move it to a third name first, and from there to this one."));
    }
    let help = match there {
        FileKind::Folder if planner.is_empty(&place)? => {
            "It is an empty folder: delete it, or choose another name.".to_owned()
        }
        FileKind::Folder => format!(
            "To put the asset into that folder, write `{new}/{}`; nothing is ever moved over what is there.",
            old.file_name()
        ),
        FileKind::File | FileKind::Link | FileKind::Other => {
            "Choose another name; nothing is ever moved over what is there.".to_owned()
        }
    };
    Ok(blocker(format!("`{at}` is there already")).help(help))
}
