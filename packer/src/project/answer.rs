//! Answers: what operations come to, and how that becomes their responses.

use super::Project;
use crate::Error;
use crate::diagnostics::Diagnostic;
use crate::event::{AffectedAsset, EventKind, Teller};
use crate::id::Generation;
use crate::ops::{Action, Blocker, Operation, Response, Status};
use crate::snapshot::Snapshot;

impl Project {
    /// Turns whatever an operation came to into its response.
    pub(super) fn answer<T>(
        &self,
        operation: Operation,
        teller: &mut Teller<'_>,
        work: impl FnOnce(&mut Teller<'_>) -> Result<Answer<T>, Error>,
    ) -> Response<T> {
        let answer = teller.token.check().and_then(|()| work(teller)).unwrap_or_else(|error| Answer {
            // A journal that cannot be followed and a project that cannot be written are refused
            // preconditions.
            status: match error {
                Error::Journal { .. } | Error::ReadOnly { .. } => Status::Blocked,
                _ => Status::Failed,
            },
            blockers: vec![Blocker::from(&error)],
            ..Answer::empty(error.to_string())
        });
        if let (Some(blocker), false) = (answer.blockers.first(), answer.status == Status::Ok) {
            teller.tell(EventKind::ActionFailed { code: blocker.code.as_str() }, blocker.message.clone());
        }
        let generation = answer.generation.unwrap_or_else(|| self.generation());
        Response {
            status: answer.status,
            operation,
            operation_id: teller.operation_id,
            generation,
            summary: answer.summary,
            affected_assets: answer.affected,
            diagnostics: answer.diagnostics,
            proposed_actions: answer.proposed,
            applied_actions: answer.applied,
            blockers: answer.blockers,
            payload: answer.payload,
        }
    }
}

/// What an operation came to, before it becomes a response.
pub(super) struct Answer<T> {
    pub(super) status: Status,
    /// The snapshot that it was given from, where it was given from one.
    pub(super) generation: Option<Generation>,
    pub(super) summary: String,
    pub(super) affected: Vec<AffectedAsset>,
    pub(super) diagnostics: Vec<Diagnostic>,
    pub(super) proposed: Vec<Action>,
    pub(super) applied: Vec<Action>,
    pub(super) blockers: Vec<Blocker>,
    pub(super) payload: Option<T>,
}

impl<T> Answer<T> {
    pub(super) fn empty(summary: String) -> Self {
        Self {
            status: Status::Ok,
            generation: None,
            summary,
            affected: Vec::new(),
            diagnostics: Vec::new(),
            proposed: Vec::new(),
            applied: Vec::new(),
            blockers: Vec::new(),
            payload: None,
        }
    }

    pub(super) fn ok(summary: String, payload: T) -> Self {
        Self { payload: Some(payload), ..Self::empty(summary) }
    }

    /// Says from which snapshot it is given.
    pub(super) fn from(self, snapshot: &Snapshot) -> Self {
        Self { generation: Some(snapshot.generation), ..self }
    }

    /// Blocked by a change that was interrupted: what a build would read is neither before nor after it.
    pub(super) fn unfinished(diagnostic: Diagnostic) -> Self {
        let diagnostics = vec![diagnostic];
        let summary = crate::diagnostics::render::summary(&diagnostics).unwrap_or_default();
        Self { status: Status::Blocked, diagnostics, ..Self::empty(summary) }
    }

    pub(super) fn blocked(blocker: Blocker) -> Self {
        Self::refused(vec![blocker])
    }

    pub(super) fn refused(blockers: Vec<Blocker>) -> Self {
        let summary = match blockers.as_slice() {
            [] => String::new(),
            [only] => only.message.clone(),
            [first, rest @ ..] => format!("{}, and {} more", first.message, rest.len()),
        };
        Self { status: Status::Blocked, blockers, ..Self::empty(summary) }
    }
}
