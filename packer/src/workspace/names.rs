//! The names in and on the way to asset roots, as a walk saw them: what tells at little cost that
//! something came, went or became something else.
//!
//! What lies elsewhere in `assets/` is no part of any asset, and what is hidden inside a root (a name
//! that begins with a dot) is an editor's or our own: neither is kept. A hidden file that is an input
//! is looked at with the other inputs.

#[cfg(feature = "authoring")]
mod walked;

use std::collections::BTreeMap;

use crate::storage::FileKind;

/// Paths relative to `assets/`, each with what stands there.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Names(BTreeMap<String, Named>);

/// What stands at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Named {
    kind: FileKind,
    /// Whether what is in it could not be listed.
    is_closed: bool,
}

impl Names {
    /// Whether something stands at `path`, by exactly that name.
    #[must_use]
    pub fn has(&self, path: &str) -> bool {
        self.0.contains_key(path)
    }
}
