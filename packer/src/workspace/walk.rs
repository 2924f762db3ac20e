//! The ordered walk of `assets/`: which folders hold a declaration.

use std::io;
use std::path::Path;

use super::found::Found;
use super::layout::{CONTROL, DECLARATION, is_temporary};
use crate::path::{AssetPath, PathProblem};
use crate::storage::{Entry, FileKind, Source};

/// Every folder below `assets` that holds an `asset.json`, in byte order of their paths. Links are
/// not followed, and the control folder is not entered; nor is any other once `goes_on` says no.
///
/// # Errors
///
/// When `assets` itself cannot be listed. Folders further down that cannot be listed are left out:
/// what a registered root lacks shows up when the root is loaded.
pub fn scan(source: &dyn Source, assets: &Path, goes_on: &dyn Fn() -> bool) -> io::Result<Vec<Found>> {
    Ok(found(&walk(source, assets, goes_on)?, assets))
}

/// Everything below `assets` but what is in the control folder, and in folders that somebody of ours is about to
/// make; parents before children.
pub(crate) fn walk(source: &dyn Source, assets: &Path, goes_on: &dyn Fn() -> bool) -> io::Result<Vec<Entry>> {
    let control = assets.join(CONTROL);
    let is_ours = |folder: &Path| {
        folder == control || folder.file_name().and_then(|name| name.to_str()).is_some_and(is_temporary)
    };
    source.walk(assets, &mut |folder| !is_ours(folder) && goes_on())
}

/// The folders with an `asset.json` among what a walk saw, in byte order of their paths.
pub(crate) fn found(entries: &[Entry], assets: &Path) -> Vec<Found> {
    let declarations = entries.iter().filter(|entry| {
        entry.kind != FileKind::Folder && entry.path.file_name().is_some_and(|name| name == DECLARATION)
    });
    let mut found: Vec<Found> = declarations
        .filter_map(|entry| entry.path.parent()?.strip_prefix(assets).ok())
        // `assets/asset.json`: the folder of all assets is not an asset.
        .filter(|folder| !folder.as_os_str().is_empty())
        .map(|folder| {
            let parts: Vec<_> = folder.iter().map(|part| part.to_string_lossy()).collect();
            let text = parts.join("/");
            // A replaced character would name another folder.
            let lossless = folder.to_str().is_some();
            let root = AssetPath::parse(&text);
            Found { root: if lossless { root } else { Err(PathProblem::NotUtf8) }, folder: text }
        })
        .collect();
    found.sort_by(|a, b| a.folder.cmp(&b.folder));
    found
}
