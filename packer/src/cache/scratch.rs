//! The names of folders in which a command makes something on its way. Who makes them is the command; here is by
//! what they are known to be ours.

use std::path::Path;

use crate::id::OperationId;
use crate::storage::{LockKind, Source};

/// The file in such a folder that is locked as long as somebody is at work in it.
pub const SCRATCH_LOCK: &str = "lock";

const PREFIX: &str = "scratch-";

/// The name of the folder that an operation has to itself: `scratch-<32 hex>`.
#[must_use]
pub fn scratch_name(operation: OperationId) -> String {
    let digits = operation.to_string().replace('-', "");
    format!("{PREFIX}{digits}")
}

/// Whether that is the name of such a folder.
#[must_use]
pub fn is_scratch(name: &str) -> bool {
    name.strip_prefix(PREFIX).is_some_and(|digits| super::contents::is_hex(digits, 32))
}

/// Whether somebody is at work in that folder. Where nobody can tell, nobody is: it is a cache.
pub(super) fn is_in_use(source: &dyn Source, folder: &Path) -> bool {
    let Ok(lock) = source.open(&folder.join(SCRATCH_LOCK)) else { return false };
    !lock.try_lock(LockKind::Shared).unwrap_or(true)
}
