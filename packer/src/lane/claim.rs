//! Who asks for a turn, and writes down for people that it has it.

use std::io::{self, Write as _};

use packer_format::json::{self, Object, Value};

use super::holder::LONGEST;
use crate::id::OperationId;
use crate::ops::Operation;
use crate::storage::{Rename, Storage};
use crate::workspace::Layout;

/// Its name while it is written. Only who holds the lock writes it, so one name does.
const TEMPORARY: &str = ".holder.json.pm-new";

/// Who asks for a turn, and what for. Written down for those who wait.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Claim<'a> {
    /// The process, in words: `cargo prometeu, process 4242`.
    pub(crate) process: &'a str,
    /// What it is going to do.
    pub(crate) operation: Operation,
    /// As which operation.
    pub(crate) operation_id: OperationId,
}

/// Writes down who holds the lane.
pub(super) fn write(storage: &dyn Storage, layout: &Layout, claim: &Claim<'_>, since: u64) {
    let text = |text: &str| Value::String(text.to_owned());
    let since = i64::try_from(since).unwrap_or(json::MAX_INT).min(json::MAX_INT);
    let value = Value::Object(Object::from([
        ("operation".to_owned(), text(claim.operation.as_str())),
        ("operation_id".to_owned(), text(&claim.operation_id.to_string())),
        ("process".to_owned(), Value::String(claim.process.chars().take(LONGEST).collect())),
        ("since".to_owned(), Value::Int(since)),
    ]));
    let (path, temporary) = (layout.holder(), layout.local().join(TEMPORARY));
    let write = || -> io::Result<()> {
        storage.remove(&temporary)?;
        let mut file = storage.create(&temporary)?;
        file.write_all(json::to_string(&value).as_bytes())?;
        drop(file);
        storage.rename(&temporary, &path, Rename::Replace)
    };
    if write().is_err() {
        drop(storage.remove(&temporary));
        // No name is better than that of somebody who is gone.
        drop(storage.remove(&path));
    }
}

/// Takes it away.
pub(super) fn remove(storage: &dyn Storage, layout: &Layout) {
    drop(storage.remove(&layout.holder()));
}
