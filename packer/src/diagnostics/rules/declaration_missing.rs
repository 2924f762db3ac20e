//! `declaration-missing`: a registered root without a readable `asset.json`.

use super::super::{Code, Finding};
use super::{Sink, entry_member};
use crate::snapshot::Snapshot;
use crate::workspace::{DeclarationFile, RootFolder};

pub(super) fn check(snapshot: &Snapshot, out: &mut Sink) {
    for (n, asset) in snapshot.assets.iter().enumerate() {
        let root = &asset.entry.root;
        let finding = |code, message: String| Finding::new(code, entry_member(asset, "root"), message);
        let finding = match &asset.loaded.declaration {
            DeclarationFile::Unread | DeclarationFile::Known(_) | DeclarationFile::Read(_) => continue,
            DeclarationFile::Missing if asset.loaded.folder == RootFolder::There => {
                finding(Code::DeclarationMissing, format!("`assets/{root}` of asset {} holds no `asset.json`", asset.id()))
                    .label("this folder")
                    .help(format!(
                        "Restore the file from version control. `cargo prometeu forget {0}` gives the asset up, `cargo prometeu remove {0}` puts its folder away as well.",
                        asset.id()
                    ))
            }
            DeclarationFile::Missing => continue,
            DeclarationFile::NotAFile(_) => {
                finding(Code::DeclarationMissing, format!("`assets/{root}/asset.json` of asset {} is not a regular file", asset.id()))
                    .help("Put the file itself there; links are not followed.")
            }
            DeclarationFile::Unreadable(why) => {
                finding(Code::DeclarationInvalid, format!("`assets/{root}/asset.json` of asset {} cannot be read: {why}", asset.id()))
                    .help("Check the file's permissions, and whether another program holds it open.")
            }
        };
        out.entry(n, finding);
    }
}
