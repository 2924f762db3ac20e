//! `restore_asset`: what was put out of the way comes back to where it was, with its entry of the
//! registry and the id in it. The exact inverse of [`quarantine`](super::quarantine).
//!
//! Nothing is ever put into, beside or over what is there by now.

use super::{EditKind, Expected, FileEdit, Plan, Planner, Refused};
use crate::Error;
use crate::commit::place::Place;
use crate::digest::Digest;
use crate::event::AffectedAsset;
use crate::ops::{Blocker, BlockerCode, Operation, quoted};
use crate::quarantine::{self, EntryName, Quarantined, Record, Registered};
use crate::schema::SourceText;
use crate::schema::registry::Entry;
use crate::storage::{FileKind, read_up_to};
use crate::workspace::layout::{QUARANTINE, RECORD};

/// What to bring back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RestoreAsset {
    /// The name of its folder in quarantine, or the id, the uuid or the root of what lies there, when
    /// only one entry has that.
    pub entry: String,
}

/// So many entries are named to somebody who named none.
const NAMED: usize = 5;

pub(super) fn plan(planner: &Planner<'_>, request: &RestoreAsset) -> Result<Plan, Refused> {
    let layout = &planner.snapshot.layout;
    // An asset may be registered there by now.
    planner.entries()?;
    let folder = layout.quarantine();
    let entries = quarantine::list(planner.source, layout);
    let entries = entries.map_err(|error| Refused::Error(Error::io("list", &folder, error)))?;
    plan_found(planner, &entries, find(&entries, &request.entry)?)
}

/// What would refuse to restore `found`, which is one of all `entries` in quarantine. What the file system refuses
/// is nobody's decision, and is told when it is tried.
pub(crate) fn refused(
    planner: &Planner<'_>,
    entries: &[Quarantined],
    found: &Quarantined,
) -> Option<Blocker> {
    let plan = planner.entries().and_then(|_| plan_found(planner, entries, found));
    match plan {
        Err(Refused::Blocked(blockers)) => blockers.into_iter().next(),
        Ok(_) | Err(Refused::Error(_)) => None,
    }
}

fn plan_found(planner: &Planner<'_>, entries: &[Quarantined], found: &Quarantined) -> Result<Plan, Refused> {
    let layout = &planner.snapshot.layout;
    let unusable = |why: &str| {
        let message = format!("`{}` cannot be restored: {why}", found.entry);
        let help =
            "Bring it back from version control, or move what is left of it back yourself and register it.";
        Blocker::new(BlockerCode::InvalidArgument, message)
            .help(help)
            .at(format!("{QUARANTINE}/{}", found.entry))
    };
    found.record.as_ref().map_err(|why| unusable(why))?;
    let entry = EntryName::parse(&found.entry).ok_or_else(|| unusable("it has another name"))?;
    let kept = layout.project().join(entry.root());
    if planner.stat(&kept)?.is_none_or(|stat| stat.kind != FileKind::Folder) {
        return Err(unusable("it holds no folder `root`").into());
    }
    let place = layout.project().join(entry.record());
    let bytes = read_up_to(planner.source, &place, SourceText::LIMIT as u64);
    let (bytes, _) = bytes.map_err(|error| Refused::Error(Error::io("read", &place, error)))?;
    // What the plan follows is the text that it expects to find, not the one of a moment ago.
    let record = Record::read(bytes.clone()).map_err(|why| unusable(&format!("its `{RECORD}` {why}")))?;
    let root = &record.root;
    if !matches!(Place::parse_folder(&format!("assets/{root}")), Some(Place::Folder(_))) {
        return Err(unusable(&format!("`{root}` is no place for an asset root")).into());
    }
    let mut assets = planner.snapshot.assets.iter().enumerate();
    let known = record.registered.as_ref().and_then(|registered| {
        assets.find(|(_, asset)| {
            (asset.id(), asset.entry.asset_uuid) == (registered.asset_id, registered.asset_uuid)
        })
    });
    if let Some((_, asset)) = known.filter(|(_, asset)| asset.entry.root != *root) {
        let (id, at) = (asset.id(), &asset.entry.root);
        let message =
            format!("asset {id} lies in quarantine as `{}`, and is registered at `{at}`", found.entry);
        let help = format!(
            "`cargo prometeu forget {id}` drops that entry, and leaves what is there; then this one comes back \
             with its id."
        );
        return Err(Blocker::new(BlockerCode::AlreadyExists, message).help(help).into());
    }
    planner.check_free(root, known.map(|(position, _)| position))?;
    let way = planner.way(root)?;
    if way.end.is_some() {
        let message = format!("`assets/{root}` is there already");
        let help = "Nothing is ever moved over what is there: rename it, or move it away, and restore then.";
        let uuid = planner.load_unregistered(root).ok();
        let uuid = uuid.and_then(|loaded| loaded.read()?.reading.asset_uuid);
        let is_it = |registered: &Registered| known.is_none() && Some(registered.asset_uuid) == uuid;
        let help = match record.registered.filter(is_it) {
            Some(Registered { asset_id, .. }) => format!(
                "It carries the asset's uuid: `cargo prometeu adopt {} --as {asset_id}` gives it the entry and the id \
                 back. {help}",
                quoted(root.as_str())
            ),
            None => help.to_owned(),
        };
        let blocker = Blocker::new(BlockerCode::AlreadyExists, message).help(help);
        return Err(blocker.at(format!("assets/{root}")).into());
    }
    let mut edits = way.missing;
    let edit = |path, kind, expected| FileEdit { path, kind, expected };
    let moved = EditKind::MoveFolder { from: entry.root() };
    edits.push(edit(format!("assets/{root}"), moved, Expected::Absent));
    edits.push(edit(entry.record(), EditKind::RemoveFile, Expected::Content(Digest::of(&bytes))));
    edits.push(edit(entry.folder(), EditKind::RemoveFolder, Expected::FolderOrAbsent));
    if entries.len() == 1 {
        edits.push(edit(QUARANTINE.to_owned(), EditKind::RemoveFolder, Expected::FolderOrAbsent));
    }
    let mut affected = AffectedAsset { asset_id: None, asset_uuid: None, root: root.clone() };
    let mut title = format!("restore `{root}`");
    if let Some(registered) = record.registered {
        // After a merge the registry may have it already: then only the folder comes back.
        if known.is_none() {
            edits.push(reentry(planner, &record, registered)?);
        }
        title += &format!(" (asset {})", registered.asset_id);
        affected.asset_id = Some(registered.asset_id);
        affected.asset_uuid = Some(registered.asset_uuid);
    }
    let arguments = vec![("entry", found.entry.clone().into())];
    let operation = (Operation::RestoreAsset, Operation::RestoreAsset.class());
    Ok(Plan::new(planner.operation_id, operation, arguments, title, vec![affected], edits))
}

/// The edit that gives an asset its entry again.
pub(super) fn reentry(
    planner: &Planner<'_>,
    record: &Record,
    registered: Registered,
) -> Result<FileEdit, Refused> {
    let mut registry = planner.registry()?.clone();
    let Registered { asset_id, asset_uuid, included_in_build } = registered;
    let taken =
        registry.assets.iter().find(|entry| entry.asset_id == asset_id || entry.asset_uuid == asset_uuid);
    if let Some(other) = taken {
        let what = if other.asset_id == asset_id { "id" } else { "uuid" };
        let message = format!("`{}` has the {what} of `{}` by now", other.root, record.root);
        let help = if what == "id" {
            "Two branches gave it out. Forget the one that is registered, restore this one, and register the other \
             again: it gets an id of its own."
        } else {
            "Forget that one, or make it an asset of its own: forget it, and `cargo prometeu adopt` it as new \
             once this one is back."
        };
        let blocker = Blocker::new(BlockerCode::AlreadyExists, message).help(help);
        return Err(blocker.at(format!("assets/{}", other.root)).into());
    }
    let position = registry.assets.len();
    let root = record.root.clone();
    registry.assets.push(Entry { asset_id, included_in_build, root, asset_uuid, position });
    // A registry of another branch may not know of the id.
    registry.next_asset_id = registry.next_asset_id.max(asset_id.get() + 1);
    planner.rewritten(&registry)
}

/// The entry that somebody means.
fn find<'a>(entries: &'a [Quarantined], named: &str) -> Result<&'a Quarantined, Blocker> {
    let bare = named.trim_end_matches('/');
    let bare = bare.strip_prefix(QUARANTINE).and_then(|rest| rest.strip_prefix('/')).unwrap_or(bare);
    if let Some(found) = entries.iter().find(|found| found.entry == bare) {
        return Ok(found);
    }
    let root = bare.strip_prefix("assets/").unwrap_or(bare);
    let is_meant = |found: &&Quarantined| {
        let Ok(record) = &found.record else { return false };
        let of = |registered: Registered| {
            registered.asset_id.to_string() == bare || registered.asset_uuid.to_string() == bare
        };
        record.root.as_str() == root || record.registered.is_some_and(of)
    };
    let meant: Vec<&Quarantined> = entries.iter().filter(is_meant).collect();
    let listed = |entries: &[&Quarantined]| {
        let names: Vec<String> =
            entries.iter().take(NAMED).map(|found| format!("`{}`", found.entry)).collect();
        let more = entries.len().saturating_sub(NAMED);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        format!("{}{more}", names.join(", "))
    };
    match &*meant {
        [one] => Ok(one),
        [] => {
            let all: Vec<&Quarantined> = entries.iter().collect();
            let help = match &*all {
                [] => "Nothing is in quarantine.".to_owned(),
                all => format!("In quarantine are {}.", listed(all)),
            };
            let message = format!("nothing in quarantine is called `{named}`");
            Err(Blocker::new(BlockerCode::UnknownAsset, message).help(help))
        }
        several => {
            let message = format!("`{named}` may mean {} entries in quarantine", several.len());
            let help = format!("Name one of {}.", listed(several));
            Err(Blocker::new(BlockerCode::InvalidArgument, message).help(help))
        }
    }
}
