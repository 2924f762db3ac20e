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
