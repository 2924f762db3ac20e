//! What the process ends with. The numbers are stable; `docs/command-line.md` restates them.
//!
//! A response decides, whatever format it is printed in: [`of`] is the one place that maps.

use std::process::ExitCode;

use prometeu_packer::ops::{Blocker, BlockerCode, Response, Status};
use prometeu_packer::workspace::layout::REGISTRY_FILE;

/// A code with which the process ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Exit(u8);

/// Done.
pub(crate) const DONE: Exit = Exit(0);

/// Findings block, a plan is outdated, `pack --check` or `diff --exit-code` found a difference, or a pack is damaged:
/// the files have to change.
pub(crate) const FINDINGS: Exit = Exit(1);

/// What was typed has to change: an unknown flag, a name or root that cannot be, an asset that is
/// not known, or no project.
pub(crate) const USAGE: Exit = Exit(2);

/// Somebody has to agree first, or said no.
pub(crate) const CONSENT: Exit = Exit(3);

/// The file system failed, or somebody else edited the same file.
pub(crate) const FAILED: Exit = Exit(4);

/// Another process holds the project's lock: try again later (`EX_TEMPFAIL` of `sysexits.h`).
pub(crate) const LOCKED: Exit = Exit(75);

/// A bug of ours: what Rust ends a process with that panicked.
pub(crate) const INTERNAL: Exit = Exit(101);

/// Ctrl-C: what a shell makes of a process that ended by SIGINT. Also for SIGTERM and SIGHUP.
pub(crate) const INTERRUPTED: Exit = Exit(130);

/// Every code with its meaning in a few words, for `--help` and the page.
pub(crate) const ALL: [(Exit, &str); 8] = [
    (DONE, "done"),
    (FINDINGS, "findings stand in the way, a plan is outdated, or what was compared differs"),
    (USAGE, "something else has to be typed, or there is no project"),
    (CONSENT, "somebody has to agree first"),
    (FAILED, "the file system failed, or somebody else edited the same file"),
    (LOCKED, "another process is changing the project"),
    (INTERNAL, "a bug in this program"),
    (INTERRUPTED, "interrupted"),
];

impl Exit {
    /// The number.
    pub(crate) const fn code(self) -> u8 {
        self.0
    }

    /// One that somebody asked for by its number.
    pub(crate) const fn of_code(code: u8) -> Self {
        Self(code)
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.0)
    }
}

/// What a response means for the process.
pub(crate) fn of<T>(response: &Response<T>) -> Exit {
    match (response.status, response.blockers.first()) {
        (Status::Ok, _) => DONE,
        (Status::Failed, Some(blocker)) if blocker.code == BlockerCode::Cancelled => INTERRUPTED,
        (Status::Failed, _) => FAILED,
        (Status::Blocked, Some(blocker)) => of_blocker(blocker),
        (Status::Blocked, None) => FINDINGS,
    }
}

/// What a refusal means for the process.
pub(crate) fn of_blocker(blocker: &Blocker) -> Exit {
    match blocker.code {
        BlockerCode::ConsentRequired => CONSENT,
        BlockerCode::ProjectLocked => LOCKED,
        // Nothing that could be typed would help while the registry cannot be trusted.
        BlockerCode::InvalidArgument if blocker.path.as_deref() == Some(REGISTRY_FILE) => FINDINGS,
        BlockerCode::UnknownAsset | BlockerCode::AlreadyExists | BlockerCode::InvalidArgument => USAGE,
        BlockerCode::ReadOnlyProject
        | BlockerCode::IoError
        | BlockerCode::EditConflict
        | BlockerCode::CommitIndeterminate => FAILED,
        BlockerCode::Cancelled => INTERRUPTED,
        _ => FINDINGS,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_blocker_ends_with_the_code_of_its_cure() {
        let exit = |code| of_blocker(&Blocker::new(code, "x")).code();
        assert_eq!(exit(BlockerCode::ConsentRequired), 3);
        assert_eq!(exit(BlockerCode::PlanOutdated), 1);
        assert_eq!(exit(BlockerCode::ProjectLocked), 75);
        assert_eq!(exit(BlockerCode::UnknownAsset), 2);
        assert_eq!(exit(BlockerCode::AlreadyExists), 2);
        assert_eq!(exit(BlockerCode::InvalidArgument), 2);
        assert_eq!(exit(BlockerCode::ReadOnlyProject), 4);
        assert_eq!(exit(BlockerCode::IoError), 4);
        assert_eq!(exit(BlockerCode::EditConflict), 4);
        assert_eq!(exit(BlockerCode::CommitIndeterminate), 4);
        assert_eq!(exit(BlockerCode::JournalUnfinished), 1);
        assert_eq!(exit(BlockerCode::Cancelled), 130);
    }

    #[test]
    fn a_registry_that_stands_in_the_way_is_a_finding_and_no_misuse() {
        let blocker = Blocker::new(BlockerCode::InvalidArgument, "x").at(REGISTRY_FILE);
        assert_eq!(of_blocker(&blocker), FINDINGS);
    }
}
