//! `root-missing`: the registry names a folder that is not one. Where all of `assets/` was walked,
//! `snapshot::advice` names the folder that has the root's uuid: it was moved, most likely.

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
                format!(
                    "Put the folder back; upper and lower case count. If it was moved by hand, `cargo prometeu adopt NEW_ROOT --as {0}` follows it. `cargo prometeu forget {0}` gives the asset up.",
                    asset.id()
                ),
            ),
            RootFolder::NotAFolder(FileKind::Link) => (
                format!(
                    "`assets/{root}` of asset {} is reached through a link, and links are not followed",
                    asset.id()
                ),
                "Put the folder itself in the link's place.".to_owned(),
            ),
            RootFolder::Unreadable { why, .. } => (
                format!("the folder `assets/{root}` of asset {} cannot be looked at: {why}", asset.id()),
                "Check who owns it and the folders above it, and what their modes allow.".to_owned(),
            ),
            RootFolder::NotAFolder(_) => (
                format!("`assets/{root}` of asset {} is not a folder", asset.id()),
                "An asset root is a folder with an `asset.json`; move the file away and put the folder there.".to_owned(),
            ),
        };
        out.entry(n, Finding::new(Code::RootMissing, entry_member(asset, "root"), message).help(help));
    }
}
