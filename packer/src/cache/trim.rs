//! Making room: two generations, of which the older one goes.
//!
//! When `young` has outgrown half of the budget, `old` is deleted and `young` becomes `old`. What is
//! used out of `old` meanwhile was renamed back into `young`, so what is deleted is what nobody used
//! while half of a budget was put. There is no order to keep and no list to lose.
//!
//! Processes do this side by side: `old` first gets a name that nobody else has, so that it is deleted
//! by one; and `young` must still be the folder that was measured, else somebody else has just done it.

use std::path::Path;

use super::{OLD, Places, YOUNG};
use crate::storage::{FileKind, Rename, Storage};
use crate::workspace::layout::is_temporary;

/// Lets generations pass, if it is time. `doomed` is a free name, in the store's folder, for the one
/// that goes. Whatever stands in the way is left for the next time.
pub(super) fn trim(storage: &dyn Storage, places: &Places, budget: u64, doomed: &Path) {
    sweep(storage, places);
    let (young, old) = (places.generation(YOUNG), places.generation(OLD));
    let Some(measured) = inode(storage, &young) else { return };
    if size(storage, &young) <= budget / 2 || inode(storage, &young) != Some(measured) {
        return;
    }
    let is_free = match storage.stat(&old) {
        Ok(None) => true,
        Ok(Some(_)) => storage.rename(&old, doomed, Rename::New).is_ok(),
        Err(_) => false,
    };
    if is_free {
        // Somebody else may have been faster; then theirs is as good.
        drop(storage.rename(&young, &old, Rename::New));
    }
    remove_tree(storage, doomed);
}

/// Deletes the generations whose deletion a killed process left unfinished; or helps another one with
/// its own.
fn sweep(storage: &dyn Storage, places: &Places) {
    for entry in storage.walk(&places.folder, &mut |_| false).unwrap_or_default() {
        if entry.path.file_name().and_then(|name| name.to_str()).is_some_and(is_temporary) {
            remove_tree(storage, &entry.path);
        }
    }
}

/// The number of a folder, and of its device; `None` for everything else.
fn inode(storage: &dyn Storage, folder: &Path) -> Option<(u64, u64)> {
    let stat = storage.stat(folder).ok()??;
    (stat.kind == FileKind::Folder).then_some((stat.stamp.inode, stat.stamp.device))
}

/// The bytes of all files in a folder. Temporary ones count as well: they are deleted with the rest.
fn size(storage: &dyn Storage, folder: &Path) -> u64 {
    let entries = storage.walk(folder, &mut |_| true).unwrap_or_default();
    let files = entries.iter().filter(|entry| entry.kind == FileKind::File);
    files.filter_map(|file| storage.stat(&file.path).ok()?).map(|stat| stat.stamp.size).sum()
}

/// Removes what is at `path`, and, of a folder, all that it holds. A link goes, and what is behind it
/// stays.
fn remove_tree(storage: &dyn Storage, path: &Path) {
    // A walk would begin behind a link.
    if inode(storage, path).is_some() {
        for entry in storage.walk(path, &mut |_| true).unwrap_or_default().iter().rev() {
            drop(storage.remove(&entry.path));
        }
    }
    drop(storage.remove(path));
}
