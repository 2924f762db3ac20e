//! `root-missing`: the registry names a folder that is not one. Where all of `assets/` was walked, the
//! help names the folder that has the root's uuid: it was moved, most likely.

use super::super::{Code, Finding};
use super::{Sink, entry_member, listed};
use crate::path::AssetPath;
use crate::snapshot::{Asset, Snapshot};
use crate::storage::FileKind;
use crate::workspace::RootFolder;

pub(super) fn check(snapshot: &Snapshot, out: &mut Sink) {
    for (n, asset) in snapshot.assets.iter().enumerate() {
        let root = &asset.entry.root;
        let (message, help) = match &asset.loaded.folder {
            RootFolder::Unread | RootFolder::There => continue,
            RootFolder::Missing => (
                format!("the folder `assets/{root}` of asset {} is not there", asset.id()),
                missing_help(snapshot, asset),
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

/// What to do about a folder that is not there.
fn missing_help(snapshot: &Snapshot, asset: &Asset) -> String {
    let to: Vec<&AssetPath> = moved_to(snapshot, asset).collect();
    let id = asset.id();
    let place = match to.as_slice() {
        [] => format!(
            "Put the folder back; upper and lower case count. If it was moved by hand, `cargo prometeu adopt NEW_ROOT --as {id}` follows it."
        ),
        [to] => format!(
            "`{to}` carries its uuid: if the folder was moved there, `cargo prometeu adopt {to} --as {id}` follows it, as `cargo prometeu reconcile` does for all that were moved; if not, put it back."
        ),
        several => {
            let several: Vec<String> = several.iter().map(|root| format!("`{root}`")).collect();
            let several = listed(&several);
            format!(
                "{several} carry its uuid: if the folder was moved to one of them, `cargo prometeu adopt NEW_ROOT --as {id}` follows it; if not, put it back."
            )
        }
    };
    format!("{place} `cargo prometeu forget {id}` gives the asset up.")
}

/// The unregistered folders with the asset's uuid, where somebody looked for them.
fn moved_to<'a>(snapshot: &'a Snapshot, asset: &'a Asset) -> impl Iterator<Item = &'a AssetPath> {
    let found = snapshot.unregistered.iter().flatten();
    let same = found.filter(|(_, declaration)| {
        declaration.as_ref().is_some_and(|read| read.reading.asset_uuid == Some(asset.entry.asset_uuid))
    });
    same.filter_map(|(found, _)| found.root.as_ref().ok())
}
