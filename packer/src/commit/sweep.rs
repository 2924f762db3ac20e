//! Tidying our own folder: what crashes left in `local/`, and what changes before the last one removed
//! for good.
//!
//! Done under the lane, before a change, after one, and after one that was refused. Of `local/removed/`
//! that stays which the last change removed: it can still be taken back. Where nobody knows which that
//! is, all of it stays. Nothing behind a link is touched.

use std::path::Path;

use super::last;
use super::place::Place;
use super::settle::Disk;
use crate::storage::FileKind;
use crate::workspace::layout::is_temporary;

/// Removes what crashes left among our own files, and what changes before the last one removed.
/// Whatever stands in the way of tidying is no reason to refuse a change.
pub(super) fn sweep(disk: Disk<'_>) {
    let local = disk.layout.local();
    // Behind a link it is somebody else's.
    let is_ours = |folder: &Path| matches!(disk.kind(folder), Ok(Some(FileKind::Folder)));
    if !is_ours(&disk.layout.control()) || !is_ours(&local) {
        return;
    }
    for entry in disk.storage.walk(&local, &mut |_| false).unwrap_or_default() {
        let name = entry.path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if entry.kind == FileKind::File && is_temporary(name) {
            drop(disk.storage.remove(&entry.path));
        }
    }
    empty(disk, &disk.layout.staged(), None);
    let removed = disk.layout.removed();
    if matches!(disk.kind(&removed), Ok(Some(FileKind::Folder))) {
        // It can still be taken back.
        let Ok(last) = last::kept(disk) else { return };
        let kept = last.map(Place::Removed);
        empty(disk, &removed, kept.map(|kept| kept.path(disk.layout)).as_deref());
    }
}

/// Removes all that a folder holds but one.
fn empty(disk: Disk<'_>, folder: &Path, kept: Option<&Path>) {
    // A link there would have us sweep where it leads.
    if !matches!(disk.kind(folder), Ok(Some(FileKind::Folder))) {
        return;
    }
    let entries = disk.storage.walk(folder, &mut |inner| Some(inner) != kept).unwrap_or_default();
    for entry in entries.iter().rev().filter(|entry| Some(&*entry.path) != kept) {
        drop(disk.storage.remove(&entry.path));
    }
}
