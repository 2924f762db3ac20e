//! Errors: the file system refused, or the caller misused something.
//!
//! What is wrong with people's content is never one of these; it is a
//! [`Diagnostic`](crate::diagnostics::Diagnostic).

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// A failure with the path it happened at.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// An input or output operation failed.
    Io {
        /// What was tried: one verb in plain form, such as `read`.
        action: &'static str,
        /// On which file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A change cannot be made, because the project cannot be written: its file system is read-only, or
    /// this user may not.
    ReadOnly {
        /// The first file or folder that could not be written.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file is not as the plan expected it any more: somebody else edited it.
    EditConflict {
        /// The file.
        path: PathBuf,
    },
    /// As an edit conflict, and what somebody else wrote could not stay under its name.
    SetAside {
        /// The file that they wrote.
        path: PathBuf,
        /// Where what they wrote is kept now, at least one place.
        kept: Vec<PathBuf>,
    },
    /// The change is written down, but could neither be finished nor taken back.
    Unfinished {
        /// Where it came to a halt.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The journal cannot be followed.
    Journal {
        /// The journal.
        path: PathBuf,
        /// What is wrong with it, in plain words.
        why: String,
    },
    /// An input kept changing while it was read.
    Unstable {
        /// The input.
        path: PathBuf,
    },
}

impl Error {
    /// An I/O failure.
    #[must_use]
    pub fn io(action: &'static str, path: impl AsRef<Path>, source: io::Error) -> Self {
        Self::Io { action, path: path.as_ref().to_path_buf(), source }
    }

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

    /// The same failure, of a change that the next one who opens the project finishes or takes back.
    pub(crate) fn unfinished(self) -> Self {
        match self {
            Self::Io { path, source, .. } => Self::Unfinished { path, source },
            other => other,
        }
    }

    /// The code of the failure in a response: from the closed list of the operations.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Io { .. } => "io-error",
            Self::ReadOnly { .. } => "read-only-project",
            Self::EditConflict { .. } | Self::SetAside { .. } | Self::Unstable { .. } => "edit-conflict",
            Self::Unfinished { .. } => "commit-indeterminate",
            Self::Journal { .. } => "journal-unfinished",
        }
    }

    /// The file or folder it is about.
    #[must_use]
    pub fn path(&self) -> &Path {
        match self {
            Self::Io { path, .. }
            | Self::ReadOnly { path, .. }
            | Self::EditConflict { path }
            | Self::SetAside { path, .. }
            | Self::Unfinished { path, .. }
            | Self::Journal { path, .. }
            | Self::Unstable { path } => path,
        }
    }

    /// What to do next.
    #[must_use]
    pub fn help(&self) -> Option<&'static str> {
        match self {
            Self::Io { action: "lock", source, .. } if source.kind() == io::ErrorKind::Unsupported => Some(
                "Nothing was changed: without locks two processes could spoil each other's changes. Move the \
                 project to a local disk, or mount the share with locks.",
            ),
            Self::Io { source, .. } => match source.kind() {
                io::ErrorKind::StorageFull => Some("Free some space on that disk and run it again."),
                io::ErrorKind::PermissionDenied => {
                    Some("Check who owns the file or folder and what its mode allows.")
                }
                io::ErrorKind::ReadOnlyFilesystem => {
                    Some("That file system is read-only: mount it otherwise, or name a folder elsewhere.")
                }
                _ => None,
            },
            Self::ReadOnly { source, .. } if source.kind() == io::ErrorKind::ReadOnlyFilesystem => Some(
                "Nothing was changed. Make the change in a checkout on a file system that can be written.",
            ),
            Self::ReadOnly { .. } => {
                Some("Nothing was changed. Check who owns that file or folder and what its mode allows.")
            }
            Self::EditConflict { .. } => Some("Nothing was overwritten. Run it again to see a new plan."),
            Self::SetAside { .. } => {
                Some("Nothing was overwritten. Compare the versions, then run it again to see a new plan.")
            }
            Self::Unfinished { .. } => {
                Some("Check the disk; the next `cargo prometeu list` finishes the change or takes it back.")
            }
            Self::Journal { .. } => Some(
                "Look with your version control whether the assets are as they should be, then delete that file.",
            ),
            Self::Unstable { .. } => Some("Wait until the other program is done and run it again."),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io { action, path, source } => {
                write!(f, "failed to {action} `{}`: {source}", path.display())
            }
            Self::ReadOnly { path, source } => {
                write!(f, "`{}` cannot be written: {source}", path.display())
            }
            Self::EditConflict { path } => {
                write!(f, "`{}` was changed by somebody else meanwhile", path.display())
            }
            Self::SetAside { path, kept } => {
                write!(f, "`{}` was changed by somebody else meanwhile", path.display())?;
                kept.iter().try_for_each(|kept| write!(f, "; their version is kept as `{}`", kept.display()))
            }
            Self::Unfinished { path, source } => {
                write!(f, "the change is neither finished nor taken back: `{}`: {source}", path.display())
            }
            Self::Journal { path, why } => {
                write!(f, "the journal `{}` cannot be followed: {why}", path.display())
            }
            Self::Unstable { path } => write!(f, "`{}` kept changing while it was read", path.display()),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io { source, .. } | Self::ReadOnly { source, .. } | Self::Unfinished { source, .. } => {
                Some(source)
            }
            _ => None,
        }
    }
}
