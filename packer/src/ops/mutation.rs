//! Preview and apply: what every mutation adds to its response.

use crate::mutate::Plan;

/// A plan that was made and not applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    /// What applying would do.
    pub plan: Plan,
}

/// A plan that was applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Applied {
    /// What was done.
    pub plan: Plan,
}
