//! `quarantine_asset`: roots are put out of the way, each with a record of where it came from, and their
//! entries of the registry with them. [`restore`](super::restore) is the way back, to the byte.
//!
//! One plan for all of them, so that one commit moves them together or not at all. Also for roots that
//! nobody registered. What they are called there, see [`crate::quarantine`].

use std::collections::BTreeSet;

use super::folder::Folder;
use super::registry::{affected, named};
use super::{EditKind, Expected, FileEdit, Plan, Planner, Refused};
use crate::event::AffectedAsset;
use crate::ops::{Blocker, BlockerCode, Operation, quoted};
use crate::path::AssetPath;
use crate::quarantine::{EntryName, Record, Registered};
use crate::snapshot::Asset;
use crate::storage::FileKind;
use crate::workspace::layout::QUARANTINE;

/// So many assets are named to somebody who named the folder around them.
const NAMED: usize = 5;

/// What to put out of the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuarantineAsset {
    /// Each its id, its uuid, its root, or a name that no other asset has; or the root of one that nobody
    /// registered. At least one; one that is named twice counts once.
    pub assets: Vec<String>,
}

/// Something that can be put out of the way: an asset by its position, or a root that nobody registered.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Found {
    Asset(usize),
    Unregistered(AssetPath),
}

pub(super) fn plan(planner: &Planner<'_>, request: &QuarantineAsset) -> Result<Plan, Refused> {
    let operation = (Operation::QuarantineAsset, Operation::QuarantineAsset.class());
    // Where nobody knows what is registered, an asset would be taken for one that is not.
    let mut registry = planner.entries()?.clone();
    let found = find_all(planner, &request.assets)?;
    let mut away = Away::default();
    let (mut titles, mut arguments, mut about) = (Vec::new(), Vec::new(), Vec::new());
    let mut positions = Vec::new();
    for found in &found {
        let (record, name) = match found {
            Found::Asset(position) => {
                let asset = checked(planner, *position)?;
                positions.push(*position);
                about.push(affected(asset));
                // The id, so that the plan is the same whatever the asset was called.
                arguments.push(asset.id().to_string());
                (record_of(asset), named(asset))
            }
            Found::Unregistered(root) => {
                check_unregistered(planner, root)?;
                about.push(AffectedAsset { asset_id: None, asset_uuid: None, root: root.clone() });
                arguments.push(root.to_string());
                (Record { root: root.clone(), registered: None }, format!("`{root}`"))
            }
        };
        let entry = away.put(planner, &record)?;
        titles.push(format!("{name} as `{entry}`"));
    }
    let mut edits = away.edits;
    if !positions.is_empty() {
        // From the end, so that no position moves.
        positions.iter().rev().for_each(|position| drop(registry.assets.remove(*position)));
        edits.push(planner.rewritten(&registry)?);
    }
    let title = match &titles[..] {
        [one] => format!("quarantine {one}"),
        several => format!("quarantine {} assets", several.len()),
    };
    // No id and no root holds a line break.
    let arguments = vec![("assets", arguments.into())];
    let plan = Plan::new(planner.operation_id, operation, arguments, title, about, edits);
    Ok(plan.taking_hold(!positions.is_empty()))
}

/// What the names mean, in order; every name that leads to nothing is told.
fn find_all(planner: &Planner<'_>, names: &[String]) -> Result<BTreeSet<Found>, Refused> {
    let mut found = BTreeSet::new();
    let mut blockers = Vec::new();
    for name in names {
        match find(planner, name) {
            Ok(one) => {
                found.insert(one);
            }
            Err(Refused::Blocked(told)) => blockers.extend(told),
            Err(other) => return Err(other),
        }
    }
    if names.is_empty() {
        let blocker = Blocker::new(BlockerCode::InvalidArgument, "no asset is named");
        blockers.push(blocker.help("Name at least one: an id, a uuid, a root, or a name that is its alone."));
    }
    if !blockers.is_empty() {
        return Err(Refused::Blocked(blockers));
    }
    // What nobody registered goes along with the one that it lies in.
    let outer: Vec<AssetPath> = found.iter().filter_map(Found::unregistered).cloned().collect();
    found.retain(|one| {
        one.unregistered().is_none_or(|root| !outer.iter().any(|outer| outer != root && outer.contains(root)))
    });
    Ok(found)
}

impl Found {
    const fn unregistered(&self) -> Option<&AssetPath> {
        match self {
            Self::Unregistered(root) => Some(root),
            Self::Asset(_) => None,
        }
    }
}

fn find(planner: &Planner<'_>, name: &str) -> Result<Found, Refused> {
    let found = planner.find(name);
    // The root of one that nobody registered is meant before a name.
    let is_name = found.as_ref().is_ok_and(|n| {
        let asset = &planner.snapshot.assets[*n];
        asset.name() == Some(name) && asset.entry.root.as_str() != name
    });
    if is_name || found.as_ref().is_err_and(|blocker| blocker.code == BlockerCode::UnknownAsset) {
        match planner.folder(name)? {
            Some(folder) if folder.is_asset && !is_registered(planner, &folder.root) => {
                return Ok(Found::Unregistered(folder.root));
            }
            Some(folder) if !is_name => return Err(no_asset(planner, &folder).into()),
            _ => {}
        }
    }
    Ok(Found::Asset(found?))
}

/// Whether a root that nobody registered can be moved as a whole.
fn check_unregistered(planner: &Planner<'_>, root: &AssetPath) -> Result<(), Refused> {
    planner.check_alone(root)?;
    let mut assets = planner.snapshot.assets.iter().map(|asset| &asset.entry.root);
    if let Some(other) = assets.find(|other| other.contains(root)) {
        let message = format!("`{root}` is a part of the asset `{other}`");
        let help = "Its files may be inputs of that asset: move them out of there by hand.";
        let blocker = Blocker::new(BlockerCode::InvalidArgument, message).help(help);
        return Err(blocker.at(format!("assets/{root}")).into());
    }
    Ok(())
}

fn is_registered(planner: &Planner<'_>, root: &AssetPath) -> bool {
    planner.snapshot.assets.iter().any(|asset| asset.entry.root == *root)
}

/// For what is no asset. Nobody is told to move away what assets are made of.
fn no_asset(planner: &Planner<'_>, folder: &Folder) -> Blocker {
    let Folder { root, is_link, .. } = folder;
    let at = format!("assets/{root}");
    if *is_link {
        let message = format!("`{at}` is reached through a link, and links are not followed");
        let help = "Name the folder that it leads to, if that is among the assets.";
        return Blocker::new(BlockerCode::InvalidArgument, message).help(help).at(at);
    }
    let roots = || planner.snapshot.assets.iter().map(|asset| &asset.entry.root);
    let inside: Vec<String> =
        roots().filter(|other| root.contains(other)).map(|other| quoted(other.as_str())).collect();
    let (message, help) = if let Some(around) = roots().find(|other| other.contains(root)) {
        let message = format!("`{at}` lies in the asset `{around}`, and is none itself");
        (message, format!("`cargo prometeu why {}` says what it is there for.", quoted(&at)))
    } else if inside.is_empty() {
        let message = format!("`{at}` holds no `asset.json`, so it is no asset");
        (message, "Move it away by hand: the packer takes nothing from it.".to_owned())
    } else {
        let count = inside.len();
        let message = format!("`{at}` is no asset, but a folder around {count} of them");
        let some = inside.iter().take(NAMED).cloned().collect::<Vec<_>>().join(" ");
        let rest = if count > NAMED { ", and so on" } else { "" };
        (message, format!("Name the assets themselves: `cargo prometeu quarantine {some}`{rest}."))
    };
    Blocker::new(BlockerCode::UnknownAsset, message).help(help).at(at)
}

/// The asset at that position, whose folder can be moved as a whole.
pub(super) fn checked<'a>(planner: &Planner<'a>, position: usize) -> Result<&'a Asset, Refused> {
    let asset = &planner.snapshot.assets[position];
    let id = asset.id();
    let help = format!(
        "If it was moved by hand, `cargo prometeu adopt NEW_ROOT --as {id}` follows it; else `cargo prometeu \
         forget {id}` drops its entry."
    );
    planner.check_folder(asset, &help)?;
    planner.check_alone(&asset.entry.root)?;
    Ok(asset)
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

/// Roots that are put out of the way by one plan.
#[derive(Debug, Default)]
pub(super) struct Away {
    /// The edits that move them into quarantine, with their records.
    pub(super) edits: Vec<FileEdit>,
    entries: BTreeSet<EntryName>,
}

impl Away {
    /// Adds a root; what it is called there: the first name that is free.
    pub(super) fn put(&mut self, planner: &Planner<'_>, record: &Record) -> Result<EntryName, Refused> {
        let quarantine = planner.snapshot.layout.quarantine();
        let there = planner.stat(&quarantine)?;
        if there.as_ref().is_some_and(|stat| stat.kind != FileKind::Folder) {
            let message = format!("`{QUARANTINE}` is not a folder");
            let help = "Put a folder in its place; a link is not followed.";
            return Err(Blocker::new(BlockerCode::InvalidArgument, message).help(help).at(QUARANTINE).into());
        }
        let mut version = 1;
        let entry = loop {
            let entry = EntryName::of(record, version);
            let is_taken = self.entries.contains(&entry);
            if !is_taken && planner.stat(&quarantine.join(entry.as_str()))?.is_none() {
                break entry;
            }
            version += 1;
        };
        let folder = |path: String, expected| FileEdit { path, kind: EditKind::CreateFolder, expected };
        if there.is_none() && self.edits.is_empty() {
            self.edits.push(folder(QUARANTINE.to_owned(), Expected::FolderOrAbsent));
        }
        self.edits.push(folder(entry.folder(), Expected::Absent));
        self.edits.push(FileEdit {
            path: entry.record(),
            kind: EditKind::CreateFile(record.to_text().into_bytes()),
            expected: Expected::Absent,
        });
        self.edits.push(FileEdit {
            path: entry.root(),
            kind: EditKind::MoveFolder { from: format!("assets/{}", record.root) },
            expected: Expected::Absent,
        });
        self.entries.insert(entry.clone());
        Ok(entry)
    }
}
