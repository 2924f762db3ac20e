//! `folder-unreadable`: a folder that cannot be listed. What it holds is not known, so nothing else that
//! is said about the workspace is the whole of it.

use super::super::{Anchor, Code, Finding};
use super::Look;
use crate::snapshot::Report;

pub(super) fn check(look: &Look<'_>) -> Vec<Report> {
    let unreadable = look.entries.iter().filter_map(|entry| Some((entry, entry.unreadable.as_ref()?)));
    unreadable
        .map(|(entry, why)| {
            let shown = look.shown(&entry.path);
            let message = format!("nobody knows what is in `{shown}`: {}", why.kind());
            let finding = Finding::new(Code::FolderUnreadable, Anchor::File, message)
                .help("Check who owns the folder, and what its mode allows.");
            let asset = look.root_of(&entry.path.join("x")).and_then(|(_, asset)| asset);
            look.report(asset, &entry.path, finding)
        })
        .collect()
}
