//! What a walk of `assets/` finds.

use crate::path::{AssetPath, PathProblem};

/// A folder with an `asset.json`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The folder relative to `assets/`, with `/`; characters that are not UTF-8 are replaced.
    pub folder: String,
    /// The same as a path that a registry may hold, or the rule that it breaks.
    pub root: Result<AssetPath, PathProblem>,
}
