//! `remove_asset`: an asset loses its entry in the registry and its files: into quarantine, from where
//! they can be brought back, or for good.
//!
//! For good means at the next change of the project: until then the files lie in `local/removed/`, so
//! that this change can be taken back like every other. What is removed is what was there when the plan
//! was made, and nothing else: a file that came in later stops it.
//!
//! An asset whose folder is gone loses its entry.

use super::quarantine::{Away, checked, record_of};
use super::registry::{affected, named};
use super::{EditKind, Expected, FileEdit, Plan, Planner, Refused, Requirement};
use crate::Error;
use crate::commit::place::Place;
use crate::commit::standing::tree_of;
use crate::ops::{Operation, OperationClass};
use crate::workspace::RootFolder;

/// What to remove.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemoveAsset {
    /// Its id, its uuid, its root, or a name that no other asset has.
    pub asset: String,
    /// Whether its files go for good.
    pub purge: bool,
}

pub(super) fn plan(planner: &Planner<'_>, request: &RemoveAsset) -> Result<Plan, Refused> {
    planner.entries()?;
    let position = planner.find(&request.asset)?;
    let asset = &planner.snapshot.assets[position];
    let arguments = vec![("asset", asset.id().into()), ("purge", request.purge.into())];
    let new = |class, title, edits| {
        let operation = (Operation::RemoveAsset, class);
        let affected = vec![affected(asset)];
        Plan::new(planner.operation_id, operation, arguments.clone(), title, affected, edits)
            .taking_hold(true)
    };
    let mut registry = planner.entries()?.clone();
    registry.assets.remove(position);
    if asset.loaded.folder == RootFolder::Missing {
        let title = format!("remove {}, whose folder is gone", named(asset));
        let plan = new(OperationClass::RegistryMutation, title, vec![planner.rewritten(&registry)?]);
        let path = format!("assets/{}", asset.entry.root);
        return Ok(plan.requiring(Requirement { path, expected: Expected::Absent }));
    }
    checked(planner, position)?;
    let class = Operation::RemoveAsset.class();
    if !request.purge {
        let mut away = Away::default();
        let entry = away.put(planner, &record_of(asset))?;
        let mut edits = away.edits;
        edits.push(planner.rewritten(&registry)?);
        return Ok(new(class, format!("remove {} into quarantine as `{entry}`", named(asset)), edits));
    }
    let (path, edit) = removed(planner, format!("assets/{}", asset.entry.root))?;
    let edits = vec![edit, planner.rewritten(&registry)?];
    Ok(new(class, format!("remove {} for good", named(asset)), edits).requiring(path))
}

/// The edit that removes a root for good, and what it must hold for that: what it holds now.
pub(super) fn removed(planner: &Planner<'_>, root: String) -> Result<(Requirement, FileEdit), Refused> {
    let place = planner.snapshot.layout.project().join(&root);
    let tree = tree_of(planner.source, &place).map_err(|error| Error::io("list", &place, error));
    let requirement =
        Requirement { path: root.clone(), expected: Expected::Tree(tree.map_err(Refused::Error)?) };
    let edit = FileEdit {
        path: Place::Removed(planner.operation_id).to_string(),
        kind: EditKind::MoveFolder { from: root },
        expected: Expected::Absent,
    };
    Ok((requirement, edit))
}
