//! How a snapshot relates to the disk that it was read from.

/// The state of a snapshot.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum State {
    /// It shows what was there.
    Current,
    /// A change is under way, or was interrupted; the snapshot shows the project before it.
    Reconciling {
        /// The change in one line, in plain form: register `ui/atlas` as asset 3.
        title: String,
    },
    /// A change was interrupted, and what it wrote down cannot be followed. The snapshot shows what is
    /// there, which may be half of that change.
    Failed {
        /// What is wrong with the journal, in plain words.
        why: String,
    },
}

impl State {
    /// The name in `state`.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Current => "current",
            Self::Reconciling { .. } => "reconciling",
            Self::Failed { .. } => "failed",
        }
    }
}
