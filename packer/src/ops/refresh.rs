//! `refresh`: the disk is read again, and what is there is what reads see.

use crate::observe::AssetChange;
use crate::snapshot::State;

/// What a refresh came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refreshed {
    /// How the new snapshot relates to the disk: `diverged` is not cured by reading.
    pub state: State,
    /// What differs from the snapshot before, by asset; nothing when there was none.
    pub changes: Vec<AssetChange>,
    /// Whether the registry's text is another one.
    pub registry_changed: bool,
}
