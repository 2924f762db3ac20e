//! Errors: the file system refused, or the caller misused something.
//!
//! What is wrong with people's content is never one of these; it is a
//! [`Diagnostic`](crate::diagnostics::Diagnostic).

#[cfg(feature = "authoring")]
mod changes;

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use crate::commit::journal;

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
    /// The host asked the operation to stop before anything was decided ([`Cancel`](crate::Cancel)).
    Cancelled,
}

impl Error {
    /// An I/O failure.
    #[must_use]
    pub fn io(action: &'static str, path: impl AsRef<Path>, source: io::Error) -> Self {
        Self::Io { action, path: path.as_ref().to_path_buf(), source }
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
            Self::Cancelled => "cancelled",
        }
    }

    /// The file or folder it is about; the empty path when it is about none.
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
            Self::Cancelled => Path::new(""),
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
                io::ErrorKind::NotADirectory | io::ErrorKind::AlreadyExists | io::ErrorKind::IsADirectory => {
                    Some("Something is in the way there: move it away, or name another place.")
                }
                _ => None,
            },
            Self::ReadOnly { source, .. } if source.kind() == io::ErrorKind::ReadOnlyFilesystem => {
                Some("The change was not made. Make it in a checkout on a file system that can be written.")
            }
            Self::ReadOnly { .. } => {
                Some("The change was not made. Check who owns that file or folder and what its mode allows.")
            }
            Self::EditConflict { .. } => Some("Nothing was overwritten. Run it again to see a new plan."),
            Self::SetAside { .. } => {
                Some("Nothing was overwritten. Compare the versions, then run it again to see a new plan.")
            }
            Self::Unfinished { .. } => Some(
                "Check that file and the disk; the next `cargo prometeu list` finishes the change or takes it \
                 back.",
            ),
            Self::Journal { why, .. } => Some(journal::help(why)),
            Self::Unstable { .. } => Some("Wait until the other program is done and run it again."),
            Self::Cancelled => None,
        }
    }
}

const CHANGED: &str = "was changed by somebody else meanwhile";
const UNSTABLE: &str = "kept changing while it was read";

/// Where what somebody else wrote is kept.
fn told(kept: &[PathBuf]) -> String {
    kept.iter().map(|kept| format!("; their version is kept as `{}`", kept.display())).collect()
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
                write!(f, "`{}` {CHANGED}", path.display())
            }
            Self::SetAside { path, kept } => write!(f, "`{}` {CHANGED}{}", path.display(), told(kept)),
            Self::Unfinished { path, source } => {
                write!(f, "the change is neither finished nor taken back: `{}`: {source}", path.display())
            }
            Self::Journal { path, why } => {
                write!(f, "the journal `{}` cannot be followed: {why}", path.display())
            }
            Self::Unstable { path } => write!(f, "`{}` {UNSTABLE}", path.display()),
            Self::Cancelled => f.write_str("cancelled before anything was changed"),
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

#[cfg(test)]
mod tests {
    use super::*;

    fn refused() -> io::Error {
        io::Error::from(io::ErrorKind::PermissionDenied)
    }

    /// One failure of each kind that a change can meet.
    fn of_each_kind() -> Vec<Error> {
        let path = PathBuf::from("p");
        vec![
            Error::io("write", "p", refused()),
            Error::ReadOnly { path: path.clone(), source: refused() },
            Error::EditConflict { path: path.clone() },
            Error::SetAside { path: path.clone(), kept: vec!["k".into(), "l".into()] },
            Error::Unfinished { path: path.clone(), source: refused() },
            Error::Unstable { path },
        ]
    }

    #[test]
    fn while_half_a_change_may_stand_no_failure_says_that_nothing_happened() {
        for error in of_each_kind() {
            let why = match &error {
                Error::EditConflict { .. } | Error::SetAside { .. } => "changed by somebody else",
                Error::Unstable { .. } => "kept changing",
                _ => "permission denied",
            };
            let told = error.unfinished();
            assert_eq!((told.code(), told.path()), ("commit-indeterminate", Path::new("p")), "{told}");
            assert!(told.to_string().contains(why), "no `{why}` in `{told}`");
            assert!(told.help().unwrap().contains("finishes the change or takes it back"));
        }
        for error in of_each_kind() {
            let help = error.of_recovery().help().unwrap();
            assert!(!help.contains("Nothing was"), "{help}");
        }
    }

    #[test]
    fn what_somebody_else_wrote_is_found_again_also_when_the_change_is_unfinished() {
        let kept = vec![PathBuf::from("k"), PathBuf::from("l")];
        assert_eq!(
            Error::edit_conflict("p".into(), kept).unfinished().to_string(),
            "the change is neither finished nor taken back: `p`: was changed by somebody else meanwhile; \
             their version is kept as `k`; their version is kept as `l`"
        );
    }

    #[test]
    fn only_a_journal_that_nobody_can_follow_is_to_be_deleted() {
        let help =
            |why: &str| Error::Journal { path: "j".into(), why: why.to_owned() }.help().unwrap().to_owned();
        let damaged = help("its digest does not fit");
        assert!(damaged.contains("only record") && damaged.ends_with("then delete that file."), "{damaged}");
        let newer = help(journal::NEWER);
        assert!(newer.contains("Run that version") && newer.contains("Do not delete that file"), "{newer}");
    }
}
