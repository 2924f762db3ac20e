//! New roots: whether one may be taken, and the folders on the way to it.
//!
//! [`check_root`] asks the registry alone, [`Planner::way`] the disk. What stands at the root
//! itself is for the operation to judge.

use std::path::Path;

use super::{EditKind, Expected, FileEdit, Planner, Refused};
use crate::diagnostics::rules::case_collision::Spellings;
use crate::ops::{Blocker, BlockerCode};
use crate::path::AssetPath;
use crate::snapshot::Snapshot;
use crate::storage::{FileKind, Stat};
use crate::workspace::layout::{CONTROL, DECLARATION};

/// What leads to a new root.
pub(super) struct Way {
    /// The edits that make the folders above it that are not there.
    pub(super) missing: Vec<FileEdit>,
    /// What stands at its place.
    pub(super) end: Option<FileKind>,
}

const CHOOSE_ANOTHER: &str = "Choose another folder; asset roots do not lie inside each other.";

impl Planner<'_> {
    /// [`check_root`] of the snapshot.
    pub(super) fn check_root(&self, root: &AssetPath, moved: Option<usize>) -> Result<(), Refused> {
        Ok(check_root(self.snapshot, root, moved)?)
    }

    /// [`check_free`] in the snapshot.
    pub(super) fn check_free(&self, root: &AssetPath, moved: Option<usize>) -> Result<(), Refused> {
        self.check_free_of(root, moved.as_slice())
    }

    /// The same where several assets give up the roots that they have.
    pub(super) fn check_free_of(&self, root: &AssetPath, moved: &[usize]) -> Result<(), Refused> {
        Ok(check_free(self.snapshot, root, moved)?)
    }

    /// Looks at each folder on the way to `root`, so that no link is followed. What is there must be a
    /// folder, and no asset that nobody registered.
    pub(super) fn way(&self, root: &AssetPath) -> Result<Way, Refused> {
        let mut missing = Vec::new();
        let mut place = self.snapshot.layout.assets();
        let mut path = "assets".to_owned();
        let mut above: Vec<&str> = root.parts().collect();
        above.pop();
        for part in above {
            place.push(part);
            path = format!("{path}/{part}");
            let (what, help) = match self.stat(&place)?.map(|stat| stat.kind) {
                None => {
                    missing.push(FileEdit {
                        path: path.clone(),
                        kind: EditKind::CreateFolder,
                        expected: Expected::FolderOrAbsent,
                    });
                    continue;
                }
                Some(FileKind::Folder) if self.stat(&place.join(DECLARATION))?.is_none() => continue,
                Some(FileKind::Folder) => ("holds an `asset.json` of its own", CHOOSE_ANOTHER),
                Some(FileKind::Link) => {
                    ("is a link, and links are not followed", "Put the folder itself in the link's place.")
                }
                Some(FileKind::File | FileKind::Other) => {
                    ("is not a folder", "Choose another folder, or move what is there out of the way.")
                }
            };
            let message = format!("`assets/{root}` cannot be made: `{path}` {what}");
            return Err(Blocker::new(BlockerCode::AlreadyExists, message).help(help).at(path).into());
        }
        let end = self.stat(&self.snapshot.layout.root(root))?.map(|stat| stat.kind);
        Ok(Way { missing, end })
    }

    /// What stands at `place`, a link not followed.
    pub(super) fn stat(&self, place: &Path) -> Result<Option<Stat>, Refused> {
        self.source.stat(place).map_err(|error| Refused::Error(crate::Error::io("look at", place, error)))
    }

    /// Whether the folder holds nothing.
    pub(super) fn is_empty(&self, folder: &Path) -> Result<bool, Refused> {
        let entries = self.source.walk(folder, &mut |_| false);
        let entries = entries.map_err(|error| Refused::Error(crate::Error::io("list", folder, error)))?;
        Ok(entries.is_empty())
    }
}

/// Checks a root that an asset is about to have: with a fit name, free, and not inside another one. The
/// asset at the position `moved` gives up the one that it has.
pub(crate) fn check_root(snapshot: &Snapshot, root: &AssetPath, moved: Option<usize>) -> Result<(), Blocker> {
    let refused = |why: String, help: &str| {
        let message = format!("`{root}` cannot be an asset root: {why}");
        Err(Blocker::new(BlockerCode::InvalidArgument, message).help(help))
    };
    if root.parts().next() == Some(CONTROL) {
        return refused(format!("`{CONTROL}` is the packer's own folder"), "Choose a folder outside of it.");
    }
    if let Some(why) = root.unfit_for_root() {
        return refused(why, "Choose a name that every system can hold and everybody can read.");
    }
    check_free(snapshot, root, moved.as_slice())
}

/// Checks that a root is free, and not inside another one: what is left of [`check_root`]
/// for one that an asset has had before.
pub(crate) fn check_free(snapshot: &Snapshot, root: &AssetPath, moved: &[usize]) -> Result<(), Blocker> {
    let others = || {
        let assets = snapshot.assets.iter().enumerate();
        assets.filter(|(position, _)| !moved.contains(position)).map(|(_, asset)| asset)
    };
    for asset in others() {
        let other = &asset.entry.root;
        let message = if other == root {
            format!("`{root}` is registered already, as asset {}", asset.id())
        } else if other.contains(root) {
            format!("`{root}` lies inside the asset `{other}`")
        } else if root.contains(other) {
            format!("the asset `{other}` lies inside `{root}`")
        } else {
            continue;
        };
        let blocker = Blocker::new(BlockerCode::AlreadyExists, message).at(format!("assets/{root}"));
        let blocker = match moved {
            // Whoever registers what is registered has what they asked for.
            [] if other == root => blocker,
            _ if other == root => {
                blocker.help(format!("Choose another root, or move asset {} away first.", asset.id()))
            }
            _ => blocker.help(CHOOSE_ANOTHER),
        };
        return Err(blocker);
    }
    let mut seen = Spellings::beside(CONTROL);
    for asset in others() {
        seen.add(&asset.entry.root);
    }
    match seen.add(root) {
        Some((first, second)) => {
            let why = format!("`{second}` and `{first}` are one name on Windows and macOS");
            let message = format!("`{root}` cannot be an asset root: {why}");
            let blocker = Blocker::new(BlockerCode::InvalidArgument, message);
            Err(blocker.help("Choose a name that every system can hold."))
        }
        None => Ok(()),
    }
}
