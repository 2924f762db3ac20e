//! `staging-leftover`: what interrupted work left behind, each with what it is and how it goes.
//!
//! - `*.conflict-…` beside a place under `assets/`: what somebody wrote while a change was made;
//! - temporary files of a change, and roots that one had made ready or removed: `assets/.prometeu/local/`;
//! - entries of quarantine that cannot be restored;
//! - sets of a pack on their way: `build/.staging/`.
//!
//! While somebody is at work, what is theirs is none: with a writer's or a packer's lock held nothing of
//! theirs is told, and neither is what has gone when that has been looked at.

use std::path::{Path, PathBuf};

use super::super::{Anchor, Code, Finding};
use super::{Look, leftovers};
use crate::Error;
use crate::commit::journal::{Found, Journal};
use crate::id::OperationId;
use crate::quarantine;
use crate::snapshot::Report;
use crate::storage::LockKind;
use crate::workspace::layout::is_temporary;

/// Where a pack locks and stages, below its folder.
const LOCK: &str = ".lock";
const STAGING: &str = ".staging";

pub(super) fn check(look: &Look<'_>) -> Result<Vec<Report>, Error> {
    look.token.check()?;
    let mut found = conflicts(look);
    found.extend(quarantined(look)?);
    // A change that is under way, or was interrupted, still needs its own.
    if look.snapshot.state.is_settled() {
        let own = of_changes(look)?;
        if !is_held(look, &look.snapshot.layout.lock()) {
            found.extend(own);
        }
    }
    let build = look.snapshot.layout.project().join("build");
    let staged = of_packs(look, &build.join(STAGING))?;
    if !is_held(look, &build.join(LOCK)) {
        found.extend(staged);
    }
    let is_there = |(path, ..): &(PathBuf, String, String)| matches!(look.source.stat(path), Ok(Some(_)));
    let report = |(path, message, help): (PathBuf, String, String)| {
        let asset = look.root_of(&path).and_then(|(_, asset)| asset);
        let finding = Finding::new(Code::StagingLeftover, Anchor::File, message).help(help);
        look.report(asset, &path, finding)
    };
    Ok(found.into_iter().filter(is_there).map(report).collect())
}

/// Something left behind: its path, what it is, and how it goes.
type Left = (PathBuf, String, String);

/// What was kept because its name was taken.
fn conflicts(look: &Look<'_>) -> Vec<Left> {
    let control = look.listed(&look.snapshot.layout.control()).unwrap_or_default();
    let entries = look.entries.iter().map(|entry| &entry.path).chain(&control);
    entries
        .filter_map(|path| {
            let beside = look.shown(&leftovers::kept_beside(path)?);
            let shown = look.shown(path);
            let message = format!("`{shown}` is what somebody wrote while a change was made to `{beside}`");
            let help = format!("Take over into `{beside}` what of it you need, and delete it.");
            Some((path.clone(), message, help))
        })
        .collect()
}

/// What changes leave that a crash interrupted.
fn of_changes(look: &Look<'_>) -> Result<Vec<Left>, Error> {
    let layout = &look.snapshot.layout;
    let local = layout.local();
    let io = |error| Error::io("look into", &local, error);
    let mut left = Vec::new();
    let beside = look.entries.iter().map(|entry| entry.path.clone());
    let control = [layout.control(), local.clone()].map(|folder| look.listed(&folder).map_err(io));
    for listed in control {
        left.extend(listed?.into_iter().chain(beside.clone()).filter(|path| is_ours(path)).map(|path| {
            let message =
                format!("`{}` is a temporary file of a change that was interrupted", look.shown(&path));
            (path, message, "Delete it: nothing refers to it any more.".to_owned())
        }));
    }
    left.sort();
    left.dedup();
    // The last change can still be taken back. Where nobody knows which that is, all is kept.
    let last = match Journal::read(look.source, layout).map_err(io)? {
        Found::Journal(Journal { last, pending: None, sequence: 1.. }) => Some(last),
        _ => None,
    };
    let mut folders = Vec::new();
    for path in look.listed(&layout.staged()).map_err(io)? {
        folders.push((path, "was made ready by a change that did not come about", true));
    }
    for path in look.listed(&layout.removed()).map_err(io)? {
        let is_last = last.flatten().is_some_and(|last| path.ends_with(last.to_string()));
        if !is_last {
            folders.push((
                path,
                "was removed for good by a change that cannot be taken back any more",
                last.is_some(),
            ));
        }
    }
    left.extend(folders.into_iter().map(|(path, what, goes)| {
        let message = format!("`{}` {what}", look.shown(&path));
        let help = if goes {
            "The next change of the project deletes it; so may you."
        } else {
            "Look whether you need anything of it, and delete it."
        };
        (path, message, help.to_owned())
    }));
    Ok(left)
}

/// Whether a name is that of one of our temporary files.
fn is_ours(path: &Path) -> bool {
    path.file_name().and_then(|name| name.to_str()).is_some_and(is_temporary)
}

/// Entries of quarantine that cannot be restored.
fn quarantined(look: &Look<'_>) -> Result<Vec<Left>, Error> {
    let layout = &look.snapshot.layout;
    let found = quarantine::list(look.source, layout);
    let found = found.map_err(|error| Error::io("list", layout.quarantine(), error))?;
    let broken = found.into_iter().filter_map(|found| {
        let why = found.record.err()?;
        let path = layout.quarantine().join(&found.entry);
        let shown = look.shown(&path);
        let message = format!("`{shown}` in quarantine cannot be restored: {why}");
        let help = format!(
            "Restore it as a whole from version control; or move the folder `root` in it to where it belongs, if \
             there is one, `cargo prometeu register` it there, and delete `{shown}`."
        );
        Some((path, message, help))
    });
    Ok(broken.collect())
}

/// Sets of packs that were interrupted.
fn of_packs(look: &Look<'_>, staging: &Path) -> Result<Vec<Left>, Error> {
    let listed = look.listed(staging).map_err(|error| Error::io("list", staging, error))?;
    let is_staged = |path: &PathBuf| {
        let name = path.file_name().and_then(|name| name.to_str());
        name.and_then(OperationId::parse).is_some()
    };
    let left = listed.into_iter().filter(is_staged).map(|path| {
        let message = format!("`{}` is what a pack had made that was interrupted", look.shown(&path));
        (path, message, "The next `cargo prometeu pack` deletes it; so may you.".to_owned())
    });
    Ok(left.collect())
}

/// Whether somebody holds this lock alone. Of one that cannot be asked nobody knows.
fn is_held(look: &Look<'_>, lock: &Path) -> bool {
    let Ok(file) = look.source.open(lock) else { return false };
    !file.try_lock(LockKind::Shared).unwrap_or(false)
}
