//! Who lives where: which folders carry which uuid, and what the own root of each asset says.

use std::collections::{BTreeMap, BTreeSet};

use super::{Asset, Snapshot};
use crate::id::AssetUuid;
use crate::path::AssetPath;
use crate::workspace::layout::DECLARATION;
use crate::workspace::{DeclarationFile, RootFolder};

/// A folder whose declaration carries a uuid.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Carrier<'a> {
    /// The folder, relative to `assets/`.
    pub(crate) folder: &'a str,
    /// The same as a root, unless its name breaks a rule.
    pub(crate) root: Option<&'a AssetPath>,
    /// Its position in [`Snapshot::unregistered`], if nobody registered it.
    pub(crate) unregistered: Option<usize>,
}

/// The folders that carry a uuid, by that.
#[derive(Debug)]
pub(crate) struct Carriers<'a>(BTreeMap<AssetUuid, Vec<Carrier<'a>>>);

/// What the own root of an asset says of who lives there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OwnRoot {
    /// The asset: it carries the uuid.
    InPlace,
    /// Nothing: no folder, or one that is another folder by its true name.
    Gone,
    /// It has no declaration.
    Bare,
    /// Something else lives here.
    Other(AssetUuid),
    /// The declaration says nothing: it has no uuid, or one that is none.
    Anonymous,
    /// A file or a link stands there.
    NotAFolder,
    /// A folder or a link stands where the declaration should be.
    NotAFile,
    /// Nobody can tell: it cannot be looked at.
    Closed,
    /// Nobody can tell: it was not looked at, or is no JSON.
    Unknown,
}

impl Snapshot {
    /// What the own root of an asset says.
    pub(crate) fn own_root(&self, asset: &Asset) -> OwnRoot {
        let root = &asset.entry.root;
        // Where the file system takes another spelling for the same name, that is what stands there.
        let is_other_name =
            || self.names.as_ref().is_some_and(|names| !names.has(&format!("{root}/{DECLARATION}")));
        match (&asset.loaded.folder, &asset.loaded.declaration) {
            (RootFolder::Unread, _) | (RootFolder::There, DeclarationFile::Unread) => OwnRoot::Unknown,
            (_, DeclarationFile::Known(_)) => OwnRoot::InPlace,
            (RootFolder::Missing, _) => OwnRoot::Gone,
            (RootFolder::NotAFolder(_), _) => OwnRoot::NotAFolder,
            (RootFolder::Unreadable { .. }, _) | (_, DeclarationFile::Unreadable(_)) => OwnRoot::Closed,
            (_, DeclarationFile::NotAFile(_)) => OwnRoot::NotAFile,
            (_, DeclarationFile::Missing) => OwnRoot::Bare,
            (_, DeclarationFile::Read(read)) => match read.reading.asset_uuid {
                Some(_) if is_other_name() => OwnRoot::Gone,
                Some(uuid) if uuid == asset.entry.asset_uuid => OwnRoot::InPlace,
                Some(uuid) => OwnRoot::Other(uuid),
                None if read.tree().is_some() && read.is_json() => OwnRoot::Anonymous,
                None => OwnRoot::Unknown,
            },
        }
    }

    /// The folders that carry a uuid.
    pub(crate) fn carriers(&self) -> Carriers<'_> {
        let mut by_uuid: BTreeMap<AssetUuid, Vec<Carrier<'_>>> = BTreeMap::new();
        let mut seen = BTreeSet::new();
        for asset in &self.assets {
            let root = &asset.entry.root;
            let uuid = match self.own_root(asset) {
                OwnRoot::InPlace => asset.entry.asset_uuid,
                OwnRoot::Other(uuid) => uuid,
                _ => continue,
            };
            if seen.insert(root) {
                let carrier = Carrier { folder: root.as_str(), root: Some(root), unregistered: None };
                by_uuid.entry(uuid).or_default().push(carrier);
            }
        }
        for (n, (found, read)) in self.unregistered.iter().flatten().enumerate() {
            let Some(uuid) = read.as_ref().and_then(|read| read.reading.asset_uuid) else { continue };
            let (folder, root) = (found.folder.as_str(), found.root.as_ref().ok());
            by_uuid.entry(uuid).or_default().push(Carrier { folder, root, unregistered: Some(n) });
        }
        Carriers(by_uuid)
    }
}

impl<'a> Carriers<'a> {
    /// The folders that carry `uuid`, but for the root of the asset itself.
    pub(crate) fn elsewhere<'b>(&'b self, asset: &'b Asset) -> impl Iterator<Item = Carrier<'a>> + 'b {
        let all = self.0.get(&asset.entry.asset_uuid).into_iter().flatten();
        all.filter(|carrier| carrier.folder != asset.entry.root.as_str()).copied()
    }

    /// The same where it is exactly one.
    pub(crate) fn only_elsewhere(&self, asset: &Asset) -> Option<Carrier<'a>> {
        let mut elsewhere = self.elsewhere(asset);
        elsewhere.next().filter(|_| elsewhere.next().is_none())
    }
}

impl OwnRoot {
    /// Whether the asset is certainly not there, so that it may be followed to where it is.
    pub(crate) fn has_left(self) -> bool {
        matches!(self, Self::Gone | Self::Bare | Self::Other(_))
    }
}
