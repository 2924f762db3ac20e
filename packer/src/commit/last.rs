//! The last change, kept so that it can be taken back: `local/last-change` says what its journal said.
//!
//! Written before the journal is closed, which names the change then, kept or not: what is kept of any
//! other counts for nothing. Its content is not synced: a power cut may lose the way back, which its digest shows, but
//! never the change. Nothing follows it unlooked: a change is taken back by a plan like every other, for
//! what stands as the change left it.
//!
//! A change that takes one back leaves none; there is no way back from that but to do it again.

use std::io;

use super::journal::{Change, Found, Journal, Move, Step};
use super::place::Place;
use super::settle::Disk;
use super::standing::Eyes;
use crate::id::OperationId;
use crate::storage::Rename;
use crate::workspace::layout::temporary_name;

/// Keeps a change that was made, if it is one that can be taken back; whether it is kept. Without a way
/// back the change is as good.
pub(super) fn keep(disk: Disk<'_>, journal: &Journal, change: &Change) -> bool {
    !change.takes_back && put(disk, journal, change).is_ok()
}

/// Removes what was kept, once the journal is closed and names no change.
pub(super) fn forget(disk: Disk<'_>) {
    // It is of no use, and that is all.
    drop(disk.storage.remove(&disk.layout.last_change()));
}

fn put(disk: Disk<'_>, journal: &Journal, change: &Change) -> io::Result<()> {
    let Disk { storage, layout } = disk;
    let temporary = layout.local().join(temporary_name("last-change", change.operation_id()));
    // What has that name was left by a crash.
    storage.remove(&temporary)?;
    let written = storage.create(&temporary).and_then(|mut file| file.write_all(&journal.encode()));
    written.and_then(|()| storage.rename(&temporary, &layout.last_change(), Rename::Replace))
}

/// The last change, if it is kept.
///
/// # Errors
///
/// When the file system refuses to say.
pub(crate) fn read(eyes: Eyes<'_>) -> io::Result<Option<Change>> {
    let Found::Journal(Journal { last: Some(last), pending: None, .. }) =
        Journal::read(eyes.source, eyes.layout)?
    else {
        return Ok(None);
    };
    Ok(match Journal::read_at(eyes.source, eyes.layout, &eyes.layout.last_change())? {
        Found::Journal(Journal { pending: Some(change), .. })
            if change.operation_id() == last && is_kept(&change) =>
        {
            Some(*change)
        }
        _ => None,
    })
}

/// Whether a change is one that is kept. Somebody else may have written it: taken back, one that brings a
/// root out of where they are removed to would put it there.
fn is_kept(change: &Change) -> bool {
    let brings_out = |step: &Step| matches!(step, Step::Move(Move { from: Place::Removed(_), .. }));
    !change.takes_back && !change.steps.iter().any(brings_out)
}

/// The change whose removed root is kept: the last one, whether or not the way back from it was lost.
/// Where there is no journal, nobody knows which that is.
pub(super) fn kept(disk: Disk<'_>) -> io::Result<Option<OperationId>> {
    match Journal::read(disk.storage, disk.layout)? {
        Found::Journal(Journal { last, pending: None, sequence: 1.. }) => Ok(last),
        // Nobody knows.
        _ => Err(io::ErrorKind::InvalidData.into()),
    }
}
