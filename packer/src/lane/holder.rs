//! Who holds the lane, written down for people: `holder.json`.
//!
//! A writer puts it there once it holds the lock, and takes it away before it lets go. It decides
//! nothing: a process that was killed leaves it behind, and somebody may have written anything into
//! it. So it is never synced, what stands in the way of writing it is ignored, and it is read as what
//! a stranger wrote. Whoever reads it has found out first that somebody does hold the lock.

use std::io::{self, Write as _};

use packer_format::json::{self, Object, Value};

use super::Claim;
use crate::diagnostics::render::visible;
use crate::storage::{FileKind, Rename, Source, Storage, read_up_to};
use crate::workspace::Layout;

/// The largest file that is read, in bytes.
const LIMIT: u64 = 4096;

/// The longest name of a process, and of an operation, in characters.
const LONGEST: usize = 120;

/// Its name while it is written. Only who holds the lock writes it, so one name does.
const TEMPORARY: &str = ".holder.json.pm-new";

/// Who holds the lane, as far as anybody wrote that down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Holder {
    /// Which process, in its own words: `cargo prometeu, process 4242`.
    pub(crate) process: String,
    /// What it does: `register_asset`.
    pub(crate) operation: String,
    /// Since when, in milliseconds since 1970.
    pub(crate) since: u64,
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

/// Who holds the lane, when that can be made out.
pub(super) fn read(source: &dyn Source, layout: &Layout) -> Option<Holder> {
    let path = layout.holder();
    // A link would have us show what it leads to.
    let stat = source.stat(&path).ok()??;
    if stat.kind != FileKind::File || stat.stamp.size > LIMIT {
        return None;
    }
    let (bytes, _) = read_up_to(source, &path, LIMIT).ok()?;
    let value = json::read(&bytes).ok()?;
    let members = value.as_object()?;
    let text = |name: &str| {
        let text = members.get(name)?.as_str()?.trim();
        (!text.is_empty() && text.chars().count() <= LONGEST).then(|| visible(text))
    };
    Some(Holder {
        process: text("process")?,
        operation: text("operation")?,
        since: members.get("since")?.as_int()?.try_into().ok()?,
    })
}
