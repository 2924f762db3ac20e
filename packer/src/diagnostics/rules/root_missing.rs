//! `root-missing`: the registry names a folder that is not one.

use super::super::{Code, Finding};
use super::{Sink, entry_member};
use crate::snapshot::Snapshot;
use crate::storage::FileKind;
use crate::workspace::RootFolder;

pub(super) fn check(snapshot: &Snapshot, out: &mut Sink) {
    for (n, asset) in snapshot.assets.iter().enumerate() {
        let root = &asset.entry.root;
        let (message, help) = match &asset.loaded.folder {
            RootFolder::Unread | RootFolder::There => continue,
            RootFolder::Missing => (
                format!("the folder `assets/{root}` of asset {} is not there", asset.id()),
                "Put the folder back, or write where it is now; upper and lower case count. To give the asset up, delete its entry here.",
            ),
            RootFolder::NotAFolder(FileKind::Link) => (
                format!(
                    "`assets/{root}` of asset {} is reached through a link, and links are not followed",
                    asset.id()
                ),
                "Put the folder itself in the link's place.",
            ),
            RootFolder::Unreadable { why, .. } => (
                format!("the folder `assets/{root}` of asset {} cannot be looked at: {why}", asset.id()),
                "Check who owns it and the folders above it, and what their modes allow.",
            ),
            RootFolder::NotAFolder(_) => (
                format!("`assets/{root}` of asset {} is not a folder", asset.id()),
                "An asset root is a folder with an `asset.json`; move the file away and put the folder there.",
            ),
        };
        out.entry(n, Finding::new(Code::RootMissing, entry_member(asset, "root"), message).help(help));
    }
}
