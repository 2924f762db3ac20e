//! `undo`: the last change is taken back, step by step the other way round, where everything is still as
//! it left it. The plan is one like every other; what it needs to know, the last change has left behind.
//!
//! The registry gets back the entries that the change took or altered, and keeps what was changed in it
//! since; where nothing was, it gets back its very text. An id that was given out stays spent. Files that
//! the change made go, and those that it removed for good come back, as long as no change has followed.
//!
//! A change that takes one back cannot be taken back itself: it is done again.

use std::collections::BTreeMap;

use super::readback::check_registry;
use super::remove::removed;
use super::{EditKind, Expected, FileEdit, Plan, PlanId, Planner, Refused, Requirement};
use crate::Error;
use crate::commit::journal::{Change, Move, Step};
use crate::commit::last;
use crate::commit::place::Place;
use crate::commit::standing::{Eyes, Standing};
use crate::diagnostics::Pointer;
use crate::digest::Digest;
use crate::event::AffectedAsset;
use crate::id::AssetId;
use crate::ops::{Blocker, BlockerCode, Operation, OperationClass};
use crate::schema::edit::{self, Edit};
use crate::schema::registry::{self, Entry, Registry};
use crate::storage::FileKind;
use crate::workspace::layout::REGISTRY_FILE;

/// Which change to take back.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Undo {
    /// The plan that it applied, as the action that proposed this names it: refused with
    /// `plan-outdated` when another one is the last change by now. Without it, whichever is the last.
    pub change: Option<PlanId>,
}

/// What taking a change back comes to, as far as it is known.
#[derive(Debug, Default)]
struct Back {
    requires: Vec<Requirement>,
    edits: Vec<FileEdit>,
    affected: Vec<AffectedAsset>,
    /// Whether an entry of the registry goes, or points elsewhere then.
    takes_hold: bool,
}

pub(super) fn plan(planner: &Planner<'_>, request: &Undo) -> Result<Plan, Refused> {
    let layout = &planner.snapshot.layout;
    let eyes = Eyes { source: planner.source, layout };
    let last = last::read(eyes);
    let path = layout.last_change();
    let last = last.map_err(|error| Refused::Error(Error::io("read", path, error)))?;
    let is_meant = |change: &Change| request.change.is_none_or(|meant| meant == change.plan_id);
    if request.change.is_some() && !last.as_ref().is_some_and(is_meant) {
        return Err(another(last.as_ref()).into());
    }
    let Some(change) = last else {
        let message = "there is no change that could be taken back";
        let help = "Only the last change of this checkout can be taken back, and only once.";
        return Err(Blocker::new(BlockerCode::InvalidArgument, message).help(help).into());
    };
    let mut back = Back::default();
    let is_registry = |step: &&Step| *step.place() == Place::Registry;
    for step in change.steps.iter().rev().filter(|step| !is_registry(step)) {
        back.take(planner, eyes, &change, step)?;
    }
    let is_registry_alone = back.edits.is_empty();
    if let Some(Step::File { before, after, .. }) = change.steps.iter().find(is_registry) {
        back.registry(planner, &change, before.as_deref(), after.as_deref())?;
    }
    let arguments = vec![("change", change.plan_id.to_string().into())];
    let title = format!("take back: {}", change.title);
    // Where the registry was made, it goes.
    let class = if is_registry_alone && !back.edits.iter().any(|edit| edit.kind == EditKind::RemoveFile) {
        OperationClass::RegistryMutation
    } else {
        Operation::Undo.class()
    };
    let operation = (Operation::Undo, class);
    let plan = Plan::new(planner.operation_id, operation, arguments, title, back.affected, back.edits);
    let plan = plan.taking_hold(back.takes_hold);
    Ok(back.requires.into_iter().fold(plan, Plan::requiring))
}

impl Back {
    /// Takes back a step of the change that is not about the registry.
    fn take(
        &mut self,
        planner: &Planner<'_>,
        eyes: Eyes<'_>,
        change: &Change,
        step: &Step,
    ) -> Result<(), Refused> {
        let path = step.place().to_string();
        let edit = |path: String, kind, expected| FileEdit { path, kind, expected };
        if let Step::Folder { place, after } = step {
            let there = planner.stat(&place.path(eyes.layout))?;
            if there.is_some_and(|there| there.kind != FileKind::Folder) {
                return Err(moved_on(change, &path));
            }
            let kind = if *after { EditKind::RemoveFolder } else { EditKind::CreateFolder };
            self.edits.push(edit(path, kind, Expected::FolderOrAbsent));
            return Ok(());
        }
        if eyes.standing(step).map_err(Refused::Error)? != Standing::After {
            return Err(moved_on(change, &path));
        }
        match step {
            Step::Folder { .. } => {}
            Step::Move(step) => self.take_move(planner, eyes, change, step)?,
            Step::File { before, after, .. } => {
                let expected = after.as_deref().map_or(Expected::Absent, content);
                let kind = match before {
                    None => EditKind::RemoveFile,
                    Some(text) if after.is_none() => EditKind::CreateFile(text.clone().into_bytes()),
                    Some(text) => EditKind::ReplaceFile(text.clone().into_bytes()),
                };
                self.edits.push(edit(path, kind, expected));
            }
        }
        Ok(())
    }

    fn take_move(
        &mut self,
        planner: &Planner<'_>,
        eyes: Eyes<'_>,
        change: &Change,
        step: &Move,
    ) -> Result<(), Refused> {
        let (from, to) = (step.to.to_string(), step.from.to_string());
        if let Place::Staged(_) = step.from {
            // What the change made goes, if it is all that is there. What comes in after the first look
            // is found by the second, or by whoever follows the plan.
            let (requirement, edit) = removed(planner, from.clone())?;
            if !eyes.holds_exactly(&step.to.path(eyes.layout), &step.made) {
                return Err(moved_on(change, &from));
            }
            self.requires.push(requirement);
            self.edits.push(edit);
        } else {
            if let Place::Folder(root) = &step.from {
                let way = planner.way(root)?;
                if way.end.is_some() {
                    return Err(moved_on(change, &to));
                }
                self.edits.extend(way.missing);
            } else if planner.stat(&step.from.path(eyes.layout))?.is_some() {
                return Err(moved_on(change, &to));
            }
            let kind = EditKind::MoveFolder { from: from.clone() };
            self.edits.push(FileEdit { path: to, kind, expected: Expected::Absent });
        }
        if step.onto_empty {
            let (kind, expected) = (EditKind::CreateFolder, Expected::FolderOrAbsent);
            self.edits.push(FileEdit { path: from, kind, expected });
        }
        let root = match (&step.from, &step.to) {
            (Place::Folder(root), _) | (_, Place::Folder(root)) => root.clone(),
            _ => return Ok(()),
        };
        // Of a root that is registered, the registry says more.
        let registered = change.steps.iter().any(|step| *step.place() == Place::Registry);
        if !registered {
            self.affected.push(AffectedAsset { asset_id: None, asset_uuid: None, root });
        }
        Ok(())
    }

    /// Gives the registry back the entries that the change took or altered.
    fn registry(
        &mut self,
        planner: &Planner<'_>,
        change: &Change,
        before: Option<&str>,
        after: Option<&str>,
    ) -> Result<(), Refused> {
        let read = |text: &str| registry::read_bytes(text.as_bytes().to_vec()).1.registry;
        let now = planner.snapshot.registry.bytes();
        let is_untouched = now == after.map(str::as_bytes);
        let Some(before) = before else {
            // The change made it.
            let Some(after) = after.filter(|_| is_untouched) else {
                return Err(moved_on(change, REGISTRY_FILE));
            };
            let (kind, expected) = (EditKind::RemoveFile, content(after));
            self.edits.push(FileEdit { path: REGISTRY_FILE.to_owned(), kind, expected });
            return Ok(());
        };
        let current = planner.entries()?;
        let (Some(old), Some(new)) = (read(before), after.and_then(read)) else {
            return Err(moved_on(change, REGISTRY_FILE));
        };
        if by_id(&old).len() != old.assets.len() {
            let message = format!(
                "the last change cannot be taken back ({}): one id was given to two assets before it",
                change.title
            );
            let help = "Nothing was changed. Version control has the registry as it was.";
            return Err(Blocker::new(BlockerCode::InvalidArgument, message).help(help).into());
        }
        let wanted = self.entries(planner, change, current, (&old, &new))?;
        let mut wanted = planner.with_ids_spent(wanted);
        if is_untouched && by_id(&old) == by_id(&new) {
            // It gave no id, so there is none to stay spent.
            wanted.next_asset_id = old.next_asset_id;
        }
        let edit = if is_untouched {
            let text = spent(before, &old, wanted.next_asset_id);
            check_registry(&text, &wanted)?;
            FileEdit {
                path: REGISTRY_FILE.to_owned(),
                kind: EditKind::ReplaceFile(text.into_bytes()),
                expected: Expected::Content(Digest::of(now.unwrap_or_default())),
            }
        } else {
            planner.rewritten(&wanted)?
        };
        self.edits.push(edit);
        Ok(())
    }

    /// The registry as it is now, with the entries as they were that the change has altered from `old` to
    /// `new`.
    fn entries(
        &mut self,
        planner: &Planner<'_>,
        change: &Change,
        now: &Registry,
        (old, new): (&Registry, &Registry),
    ) -> Result<Registry, Refused> {
        let [old, new, there] = [old, new, now].map(by_id);
        let altered = |id: &&AssetId| old.get(*id) != new.get(*id);
        let mut ids: Vec<AssetId> = old.keys().chain(new.keys()).filter(altered).copied().collect();
        ids.sort_unstable();
        ids.dedup();
        let mut wanted = now.clone();
        // Two that changed places have each other's root, and give it back together.
        let altered: Vec<usize> =
            (0..now.assets.len()).filter(|n| ids.contains(&now.assets[*n].asset_id)).collect();
        for id in ids {
            let (was, is) = (old.get(&id), new.get(&id));
            if there.get(&id) != is {
                return Err(moved_on(change, REGISTRY_FILE));
            }
            if let Some(entry) = was {
                // Somebody else may have it by now.
                planner.check_free_of(&entry.root, &altered)?;
                let mut others = now.assets.iter().filter(|other| other.asset_id != id);
                if others.any(|other| other.asset_uuid == entry.asset_uuid) {
                    return Err(moved_on(change, &format!("assets/{}", entry.root)));
                }
            }
            wanted.assets.retain(|entry| entry.asset_id != id);
            wanted.assets.extend(was.cloned());
            self.takes_hold |= match (was, is) {
                (None, Some(_)) => true,
                (Some(was), Some(is)) => was.root != is.root,
                _ => false,
            };
            if let Some(Entry { asset_id, asset_uuid, root, .. }) = was.or(is) {
                let (asset_id, asset_uuid) = (Some(*asset_id), Some(*asset_uuid));
                self.affected.push(AffectedAsset { asset_id, asset_uuid, root: root.clone() });
            }
        }
        wanted.assets.sort_by_key(|entry| entry.asset_id);
        Ok(wanted)
    }
}

/// The entries by their ids, wherever they stand in the text.
fn by_id(registry: &Registry) -> BTreeMap<AssetId, Entry> {
    let entries =
        registry.assets.iter().map(|entry| (entry.asset_id, Entry { position: 0, ..entry.clone() }));
    entries.collect()
}

/// The text of a registry in which more ids are spent, as a person may have laid it out.
fn spent(text: &str, registry: &Registry, next_asset_id: u32) -> String {
    if registry.next_asset_id == next_asset_id {
        return text.to_owned();
    }
    let at = Pointer::root().key("next_asset_id");
    edit::apply(text, &[Edit::Replace { at, value: next_asset_id.to_string() }]).unwrap_or_else(|_| {
        let spent = Registry { next_asset_id, ..registry.clone() };
        spent.to_text()
    })
}

fn content(text: &str) -> Expected {
    Expected::Content(Digest::of(text.as_bytes()))
}

/// For somebody who means a change that is not the last one any more.
fn another(last: Option<&Change>) -> Blocker {
    let message = match last {
        Some(last) => format!("another change is the last one by now: {}", last.title),
        None => "that change is not the last one any more".to_owned(),
    };
    Blocker::new(BlockerCode::PlanOutdated, message)
        .help("Nothing was changed. Only the last change of this checkout can be taken back, and only once.")
}

/// For something that is not as the change left it.
fn moved_on(change: &Change, path: &str) -> Refused {
    let message =
        format!("the last change cannot be taken back ({}): `{path}` is not as it left it", change.title);
    let is_purge = |step: &Step| matches!(step, Step::Move(Move { to: Place::Removed(_), .. }));
    let help = if change.steps.iter().any(is_purge) {
        "Nothing was changed. Move what is there now out of the way by hand: any other change of the project \
         deletes for good what was removed."
    } else {
        "Nothing was changed. What else was done there since has to be taken back first."
    };
    Blocker::new(BlockerCode::PlanOutdated, message).help(help).at(path).into()
}
