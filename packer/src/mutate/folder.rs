//! Folders as plans use them: what somebody names, what lies at a root that nobody registered, and
//! whether the folder of an asset can be moved: it is one, in its own place, and moves alone.

use std::path::Path;

use super::{Planner, Refused};
use crate::Error;
use crate::commit::place::Place;
use crate::ops::{Blocker, BlockerCode};
use crate::path::AssetPath;
use crate::snapshot::Asset;
use crate::storage::FileKind;
use crate::workspace::layout::{CONTROL, DECLARATION};
use crate::workspace::{DeclarationFile, LoadedDeclaration, LoadedRoot, RootFolder, load_root};

/// A folder below `assets/` that somebody names.
#[derive(Debug)]
pub(super) struct Folder {
    pub(super) root: AssetPath,
    /// Whether a link leads to it, or is it.
    pub(super) is_link: bool,
    /// Whether it is a folder itself, with an `asset.json` in it.
    pub(super) is_asset: bool,
}

impl Planner<'_> {
    /// What `name` names below `assets/`, if something is there.
    pub(super) fn folder(&self, name: &str) -> Result<Option<Folder>, Refused> {
        let name = name.trim_end_matches('/');
        let Ok(root) = AssetPath::parse(name.strip_prefix("assets/").unwrap_or(name)) else {
            return Ok(None);
        };
        if root.parts().next() == Some(CONTROL) {
            return Ok(None);
        }
        let mut place = self.snapshot.layout.assets();
        let (mut is_link, mut is_folder) = (false, true);
        for part in root.parts() {
            place.push(part);
            match self.stat(&place)?.map(|stat| stat.kind) {
                None => return Ok(None),
                Some(kind) => (is_link, is_folder) = (kind == FileKind::Link, kind == FileKind::Folder),
            }
            if !is_folder {
                break;
            }
        }
        let is_asset = is_folder && self.stat(&place.join(DECLARATION))?.is_some();
        Ok(Some(Folder { root, is_link, is_asset }))
    }

    /// What lies at a root that nobody registered: a folder.
    pub(super) fn load_unregistered(&self, root: &AssetPath) -> Result<LoadedRoot, Refused> {
        let loaded = load_root(self.source, &self.snapshot.layout, root);
        let at = format!("assets/{root}");
        let refuse = |code, message: String, help: &str| {
            Err(Blocker::new(code, message).help(help).at(at.clone()).into())
        };
        match &loaded.folder {
            RootFolder::There => Ok(loaded),
            RootFolder::NotAFolder(FileKind::Link) => refuse(
                BlockerCode::InvalidArgument,
                format!("`{at}` is reached through a link, and links are not followed"),
                "Put the folder itself in the link's place.",
            ),
            RootFolder::Unreadable { kind, why } => {
                let place = self.snapshot.layout.root(root);
                let error = std::io::Error::new(*kind, why.clone());
                Err(Refused::Error(Error::io("look at", place, error)))
            }
            _ => refuse(
                BlockerCode::UnknownAsset,
                format!("there is no folder `{at}`"),
                "Check the spelling; the root is given relative to `assets/`.",
            ),
        }
    }

    /// That a root which is to be an asset's holds no `asset.json` further down: an asset has one, and what lies
    /// in there could be registered by nobody any more.
    pub(super) fn check_one_anchor(&self, root: &AssetPath) -> Result<(), Refused> {
        let folder = self.snapshot.layout.root(root);
        let entries = self.source.walk(&folder, &mut |_| true);
        let entries = entries.map_err(|error| Refused::Error(Error::io("list", &folder, error)))?;
        let own = folder.join(DECLARATION);
        let is_second =
            |path: &Path| path.file_name().is_some_and(|name| name == DECLARATION) && *path != own;
        let Some(second) = entries.iter().filter(|entry| entry.kind != FileKind::Folder).find_map(|entry| {
            is_second(&entry.path).then(|| entry.path.parent()?.strip_prefix(&folder).ok())?
        }) else {
            return Ok(());
        };
        let inner: Vec<_> = second.iter().map(|part| part.to_string_lossy()).collect();
        let inner = inner.join("/");
        let message = format!("`{root}` holds a second `asset.json`, in `{root}/{inner}`");
        let help = "Move that folder to a place beside it, or delete the `asset.json` that is no asset's: asset roots do \
                    not lie inside each other.";
        let blocker = Blocker::new(BlockerCode::AlreadyExists, message).help(help);
        Err(blocker.at(format!("assets/{root}/{inner}")).into())
    }

    /// Its declaration.
    pub(super) fn declared<'l>(
        &self,
        root: &AssetPath,
        loaded: &'l LoadedRoot,
    ) -> Result<&'l LoadedDeclaration, Refused> {
        match &loaded.declaration {
            DeclarationFile::Read(read) => Ok(read),
            DeclarationFile::Unreadable(why) => {
                let place = self.snapshot.layout.declaration(root);
                Err(Refused::Error(Error::io("read", place, std::io::Error::other(why.clone()))))
            }
            _ => {
                let message = format!("`assets/{root}` holds no `asset.json` that can be read");
                let help = format!(
                    "To make a new asset, choose a new folder: `cargo prometeu create {root}2 --type FAMILY`."
                );
                let blocker = Blocker::new(BlockerCode::InvalidArgument, message).help(help);
                Err(blocker.at(format!("assets/{root}")).into())
            }
        }
    }

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
        if !matches!(Place::parse_folder(&at), Some(Place::Folder(_))) {
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
