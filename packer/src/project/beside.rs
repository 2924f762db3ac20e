//! A mutation with which a host does more than the library knows of: `init` of the command line also
//! edits a game's `Cargo.toml`. It is one operation with one plan, one story and one end.
//!
//! The library's part is a commit and the host's part is not: when that fails, the operation has failed
//! and the library's part stays. Its `snapshot_state_changed` was told by then.

use super::Project;
use super::answer::Answer;
use super::mutations::{PREVIEWED, applied};
use crate::Error;
use crate::id::OperationId;
use crate::mutate::{Mutation, Plan, PlanId};
use crate::ops::{Applied, Blocker, Preview, Response};

/// The host's part of an operation.
pub trait Beside {
    /// The plan of both, from the library's: with an id of its own that names the same operation.
    fn together(&self, plan: &Plan) -> Plan;

    /// Looks whether what the host's part expects still holds, before anything is changed: why not.
    ///
    /// # Errors
    ///
    /// When that cannot be seen.
    fn check(&self) -> Result<Option<Blocker>, Error>;

    /// Does the host's part. The library's is done.
    ///
    /// # Errors
    ///
    /// When it cannot be done.
    fn apply(&self, operation_id: OperationId) -> Result<(), Error>;
}

impl Project {
    /// [`Project::preview`] of both parts: gives, and tells, the plan of both.
    pub fn preview_beside(
        &self,
        mutation: &Mutation,
        operation_id: Option<OperationId>,
        beside: &dyn Beside,
    ) -> Response<Preview> {
        self.preview_as(mutation, operation_id, |plan| beside.together(&plan))
    }

    /// [`Project::apply_seen`] of both parts: of exactly the plan of both that `seen` is.
    pub fn apply_beside(
        &self,
        mutation: &Mutation,
        seen: &PlanId,
        consent: bool,
        beside: &dyn Beside,
    ) -> Response<Applied> {
        let operation_id = seen.operation_id();
        let mut teller = self.continued(operation_id, PREVIEWED);
        self.answer(mutation.operation(), &mut teller, |teller| {
            let own = match self.plan(mutation, teller) {
                Ok(own) => own,
                Err(refused) => return refused.answer(),
            };
            let whole = beside.together(&own);
            if !whole.plan_id.same_plan(seen) {
                return Ok(Answer::outdated(&whole));
            }
            if let Some(blocker) = beside.check()? {
                return Ok(Answer::blocked(blocker));
            }
            let own = Plan { plan_id: whole.plan_id, ..own };
            match self.carry_out(&own, consent, teller)? {
                Ok(done) => {
                    beside.apply(operation_id)?;
                    Ok(applied(&whole, &done, teller))
                }
                Err(refused) => Ok(*refused),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::path::PathBuf;

    use super::*;
    use crate::Digest;
    use crate::event::EventKind;
    use crate::ops::{BlockerCode, ListRequest, Status};
    use crate::testing::Fixture;

    /// A host that does nothing of its own, and says how that went.
    #[derive(Debug, Default)]
    struct Own {
        is_outdated: bool,
        fails: bool,
        applied: Cell<bool>,
    }

    impl Beside for Own {
        fn together(&self, plan: &Plan) -> Plan {
            let operation_id = plan.plan_id.operation_id();
            let id = format!("{}.{operation_id}", Digest::of(plan.plan_id.to_string().as_bytes()));
            Plan { plan_id: PlanId::parse(&id).unwrap(), title: "both".to_owned(), ..plan.clone() }
        }

        fn check(&self) -> Result<Option<Blocker>, Error> {
            Ok(self.is_outdated.then(|| Blocker::new(BlockerCode::PlanOutdated, "moved on")))
        }

        fn apply(&self, _operation_id: OperationId) -> Result<(), Error> {
            self.applied.set(true);
            if self.fails {
                Err(Error::EditConflict { path: PathBuf::from("/game/Cargo.toml") })
            } else {
                Ok(())
            }
        }
    }

    /// What is told of the preview and the application of both parts, and the response.
    fn check(own: &Own, story: &[&str]) -> (Fixture, Response<Applied>) {
        let fixture = Fixture::empty();
        let project = fixture.project();
        let mutation = Mutation::InitWorkspace;
        let plan = project.preview_beside(&mutation, None, own).payload.unwrap().plan;
        assert_eq!(plan.title, "both");
        let response = project.apply_beside(&mutation, &plan.plan_id, false, own);
        let events = fixture.events.all();
        assert_eq!(events.iter().map(|event| event.kind.name()).collect::<Vec<_>>(), story);
        assert!(events.iter().all(|event| event.operation_id == response.operation_id));
        let plan_id = plan.plan_id.to_string();
        assert_eq!(events[0].kind, EventKind::PreviewReady { plan_id: plan_id.clone() });
        if response.status == Status::Ok {
            assert_eq!(events.last().unwrap().kind, EventKind::ActionApplied { action_id: plan_id.clone() });
            assert_eq!((&response.summary, &response.applied_actions[0].action_id), (&plan.title, &plan_id));
        }
        (fixture, response)
    }

    #[test]
    fn both_parts_are_one_operation_with_one_plan() {
        let own = Own::default();
        let (_, response) = check(&own, &["preview_ready", "snapshot_state_changed", "action_applied"]);
        assert_eq!(response.status, Status::Ok);
        assert!(own.applied.get());
    }

    #[test]
    fn a_hosts_part_that_is_outdated_keeps_the_library_from_its_own() {
        let own = Own { is_outdated: true, ..Own::default() };
        let (fixture, response) = check(&own, &["preview_ready", "action_failed"]);
        assert_eq!(
            (response.status, response.blockers[0].code),
            (Status::Blocked, BlockerCode::PlanOutdated)
        );
        assert!(!own.applied.get());
        assert!(fixture.files.content("/game/assets/.prometeu/index.json").is_none());
    }

    #[test]
    fn a_hosts_part_that_fails_ends_the_operation_with_that_and_the_librarys_part_stays() {
        let own = Own { fails: true, ..Own::default() };
        let (fixture, response) = check(&own, &["preview_ready", "snapshot_state_changed", "action_failed"]);
        assert_eq!((response.status, response.blockers[0].code), (Status::Failed, BlockerCode::EditConflict));
        assert_eq!(fixture.project().list_assets(&ListRequest::default()).status, Status::Ok);
    }

    #[test]
    fn another_plan_than_the_one_of_both_is_outdated() {
        let fixture = Fixture::empty();
        let project = fixture.project();
        let librarys = project.preview(&Mutation::InitWorkspace, None).payload.unwrap().plan.plan_id;
        let response = project.apply_beside(&Mutation::InitWorkspace, &librarys, false, &Own::default());
        assert_eq!(response.blockers[0].code, BlockerCode::PlanOutdated);
    }
}
