//! `assets/.prometeu/index.json`: identity, place and participation of every managed asset.

use super::json::Node;
use crate::diagnostics::Finding;
use crate::id::{AssetId, AssetUuid};
use crate::path::AssetPath;

/// The registry. Entries are kept by increasing id; a value of this type may still break the rules
/// between entries (two entries with one id), which the rules report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registry {
    /// The id that the next registration gets.
    pub next_asset_id: u32,
    /// The entries.
    pub assets: Vec<Entry>,
}

/// One managed asset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its managed identity.
    pub asset_id: AssetId,
    /// Whether a build takes it in.
    pub included_in_build: bool,
    /// Its folder, relative to `assets/`.
    pub root: AssetPath,
    /// The anchor that its `asset.json` must carry.
    pub asset_uuid: AssetUuid,
    /// Its position in the list as written, for places.
    pub position: usize,
}

/// What reading a registry gave.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Reading {
    /// The registry, when it could be read whole.
    pub registry: Option<Registry>,
    /// The syntax tree, when the text is JSON: for places.
    pub tree: Option<Node>,
    /// Everything that was wrong.
    pub findings: Vec<Finding>,
}
