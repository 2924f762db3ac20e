//! The last change, kept so that it can be taken back: `local/last-change` says what its journal said.
//!
//! Written before the journal is closed, and replaced as a whole. Its content is not synced: a power cut
//! may lose the way back, which its digest shows, but never the change. Nothing follows it unlooked: a
//! change is taken back by a plan like every other, for what stands as the change left it.
//!
//! A change that takes one back leaves none; there is no way back from that but to do it again.

use super::journal::{Change, Found, Journal};
use super::settle::Disk;
use super::standing::Eyes;
use crate::storage::Rename;
use crate::workspace::layout::temporary_name;

/// Keeps a change that was made; of one that took another back, forgets that.
pub(super) fn keep(disk: Disk<'_>, sequence: u64, change: &Change) {
    let path = disk.layout.last_change();
    // The one before must not be taken for this one.
    let is_kept = !change.takes_back && put(disk, sequence, change).is_ok();
    if !is_kept {
        drop(disk.storage.remove(&path));
    }
}

fn put(disk: Disk<'_>, sequence: u64, change: &Change) -> std::io::Result<()> {
    let Disk { storage, layout } = disk;
    let temporary = layout.local().join(temporary_name("last-change", change.operation_id()));
    let bytes = Journal { sequence, pending: Some(Box::new(change.clone())) }.encode();
    // What has that name was left by a crash.
    storage.remove(&temporary)?;
    let written = storage.create(&temporary).and_then(|mut file| file.write_all(&bytes));
    written.and_then(|()| storage.rename(&temporary, &layout.last_change(), Rename::Replace))
}

/// The last change, if it is kept.
pub(crate) fn read(eyes: Eyes<'_>) -> Option<Change> {
    match Journal::read_at(eyes.source, eyes.layout, &eyes.layout.last_change()) {
        Ok(Found::Journal(Journal { pending: Some(change), .. })) => Some(*change),
        _ => None,
    }
}
