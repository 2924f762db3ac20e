//! Errors of changes: what a failure means to who makes a change, or settles one.

use std::io;
use std::path::PathBuf;

use super::{CHANGED, Error, UNSTABLE, told};

impl Error {
    /// The same failure of a change, when it says that the project cannot be written.
    pub(crate) fn of_change(self) -> Self {
        let is_read_only = |error: &io::Error| {
            matches!(error.kind(), io::ErrorKind::ReadOnlyFilesystem | io::ErrorKind::PermissionDenied)
        };
        match self {
            Self::Io { action: "read" | "look at" | "open", .. } => self,
            Self::Io { path, source, .. } if is_read_only(&source) => Self::ReadOnly { path, source },
            other => other,
        }
    }

    /// Somebody else wrote at `path`; what they wrote may be `kept` under other names.
    pub(crate) fn edit_conflict(path: PathBuf, kept: Vec<PathBuf>) -> Self {
        if kept.is_empty() { Self::EditConflict { path } } else { Self::SetAside { path, kept } }
    }

    /// The same failure, of a change that the next one who opens the project finishes or takes back:
    /// half of it may stand.
    pub(crate) fn unfinished(self) -> Self {
        let (path, source) = match self {
            Self::Io { path, source, .. } | Self::ReadOnly { path, source } => (path, source),
            Self::EditConflict { path } => (path, io::Error::other(CHANGED)),
            Self::SetAside { path, kept } => (path, io::Error::other(format!("{CHANGED}{}", told(&kept)))),
            Self::Unstable { path } => (path, io::Error::other(UNSTABLE)),
            Self::Unfinished { .. } | Self::Journal { .. } | Self::Cancelled => return self,
        };
        Self::Unfinished { path, source }
    }

    /// The same failure, of an interrupted change that was to be settled. What cannot be read or
    /// written says so itself.
    pub(crate) fn of_recovery(self) -> Self {
        match self {
            Self::EditConflict { .. } | Self::SetAside { .. } | Self::Unstable { .. } => self.unfinished(),
            // It was unfinished before; why it stays so is what counts.
            Self::Unfinished { path, source } => match Self::io("write", path, source).of_change() {
                Self::Io { path, source, .. } => Self::Unfinished { path, source },
                other => other,
            },
            other => other.of_change(),
        }
    }
}
