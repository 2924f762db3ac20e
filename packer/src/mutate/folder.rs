//! The folder of an asset that is about to be moved: that it is one, in its own place, and that nothing
//! else would move with it.

use super::{Planner, Refused};
use crate::Error;
use crate::commit::place::Place;
use crate::ops::{Blocker, BlockerCode};
use crate::path::AssetPath;
use crate::snapshot::Asset;
use crate::storage::FileKind;
use crate::workspace::RootFolder;

impl Planner<'_> {
    /// That the folder of a registered asset is a folder, and no link to one.
    pub(super) fn check_folder(&self, asset: &Asset, missing_help: &str) -> Result<(), Refused> {
        let (id, root) = (asset.id(), &asset.entry.root);
        let at = format!("assets/{root}");
        let (message, help) = match &asset.loaded.folder {
            RootFolder::There => return Ok(()),
            RootFolder::Unreadable { kind, why } => {
                let error = std::io::Error::new(*kind, why.clone());
                let place = self.snapshot.layout.root(root);
                return Err(Refused::Error(Error::io("look at", place, error)));
            }
            RootFolder::NotAFolder(FileKind::Link) => (
                format!("`{at}` is reached through a link, and links are not followed"),
                "Put the folder itself in the link's place; then it can be moved.",
            ),
            RootFolder::NotAFolder(_) => (
                format!("`{at}` is not a folder"),
                "An asset root is a folder with an `asset.json`; put it back in its place, then it can be \
                 moved.",
            ),
            RootFolder::Missing | RootFolder::Unread => (
                format!("the folder `{at}` of asset {id} is not there, so there is nothing to move"),
                missing_help,
            ),
        };
        Err(Blocker::new(BlockerCode::InvalidArgument, message).help(help).at(at).into())
    }

    /// That a root moves alone, and from a place that a change may touch.
    pub(super) fn check_alone(&self, root: &AssetPath) -> Result<(), Refused> {
        let at = format!("assets/{root}");
        let refuse = |message: String, help: String| {
            Err(Blocker::new(BlockerCode::InvalidArgument, message).help(help).at(at.clone()).into())
        };
        if Place::parse_folder(&at).is_none() {
            let help = "Rename it by hand; then `cargo prometeu adopt` follows it to its new name.";
            return refuse(format!("`{root}` has a name under which nothing is moved"), help.to_owned());
        }
        let assets = self.snapshot.assets.iter();
        for other in assets.filter(|other| other.entry.root != *root) {
            let (id, other) = (other.id(), &other.entry.root);
            if root.contains(other) {
                let help = format!("Move asset {id} out of it first.");
                return refuse(
                    format!("the asset `{other}` lies inside `{root}`, and would move with it"),
                    help,
                );
            }
        }
        Ok(())
    }
}
