//! How a snapshot relates to the disk that it was read from.

/// The state of a snapshot.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum State {
    /// It shows what was there, and the registry and the disk agree about who lives where.
    Current,
    /// The disk has moved on since; who lives where is as it was. A new reading cures it. No snapshot is
    /// born so: it is what an observation yields.
    Stale,
    /// The registry and the disk contradict each other about identity, or the registry itself.
    Diverged,
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
    /// Whether nothing is, or was, under way: what is shown is what was there.
    #[must_use]
    pub const fn is_settled(&self) -> bool {
        matches!(self, Self::Current | Self::Stale | Self::Diverged)
    }

    /// The name in `state`.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Current => "current",
            Self::Stale => "stale",
            Self::Diverged => "diverged",
            Self::Reconciling { .. } => "reconciling",
            Self::Failed { .. } => "failed",
        }
    }
}
