//! Who somebody waits for, and how people are told.

use std::time::Duration;

use super::holder::Holder;
use crate::ops::{Blocker, BlockerCode};
use crate::workspace::layout::LOCK_FILE;

/// Why somebody has not got what it waited for.
#[derive(Debug)]
pub(crate) struct Busy {
    pub(super) who: Who,
    /// How long was waited.
    pub(super) waited: Duration,
    /// Milliseconds since 1970, by the clock of who waited.
    pub(super) now: u64,
}

/// Who holds the lane.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Who {
    /// A writer, and whatever it wrote down about itself.
    Writer(Option<Holder>),
    /// One or more builds.
    #[cfg_attr(not(feature = "authoring"), expect(dead_code, reason = "only writers wait for builds"))]
    Builds,
    /// A writer that waits for builds itself.
    WaitingWriter,
}

impl Busy {
    /// For people who wait.
    pub(crate) fn waiting(&self) -> String {
        match &self.who {
            Who::Writer(Some(Holder { process, operation, .. })) => {
                format!("waiting for `{process}`, which is changing this project ({operation})")
            }
            Who::Writer(None) => "waiting for another process, which is changing this project".to_owned(),
            Who::Builds => "waiting for a build, which is reading this project".to_owned(),
            Who::WaitingWriter => {
                "waiting for another process, which is about to change this project".to_owned()
            }
        }
    }

    /// Who it is, and what it does.
    pub(crate) fn message(&self) -> String {
        let (who, what, time, operation) = match &self.who {
            Who::Writer(Some(holder)) => {
                // A clock that was set back makes no sense of `since`.
                let since = self.now.checked_sub(holder.since).map(Duration::from_millis);
                let who = format!("`{}`", holder.process);
                (who, "changing", since.unwrap_or(self.waited), format!(" ({})", holder.operation))
            }
            Who::Builds => ("a build".to_owned(), "reading", self.waited, String::new()),
            Who::Writer(None) | Who::WaitingWriter => {
                ("another process".to_owned(), "changing", self.waited, String::new())
            }
        };
        match time.as_secs() {
            0 => format!("{who} is {what} this project{operation}"),
            seconds => format!("{who} has been {what} this project for {seconds} s{operation}"),
        }
    }

    /// The refusal.
    pub(crate) fn blocker(&self) -> Blocker {
        Blocker::new(BlockerCode::ProjectLocked, self.message())
            .help("Wait until it is done and run this again.")
            .at(LOCK_FILE)
    }
}
