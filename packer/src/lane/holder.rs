//! Who holds the lane, written down for people: `holder.json`.
//!
//! A writer puts it there once it holds the lock, and takes it away before it lets go. It decides
//! nothing: a process that was killed leaves it behind, and somebody may have written anything into
//! it. So it is never synced, what stands in the way of writing it is ignored, and it is read as what
//! a stranger wrote. Whoever reads it has found out first that somebody does hold the lock.

use packer_format::json;

use crate::diagnostics::render::visible;
use crate::storage::{FileKind, Source, read_up_to};
use crate::workspace::Layout;

/// The largest file that is read, in bytes.
const LIMIT: u64 = 4096;

/// The longest name of a process, and of an operation, in characters.
pub(super) const LONGEST: usize = 120;

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
