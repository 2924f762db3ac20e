//! Changes that nobody makes: a plan that somebody said no to, or that nobody agreed to, and what was asked
//! for so that it makes no mutation. Each ends with one event and one response, like every other change.

use super::Project;
use super::answer::Answer;
use super::mutations::PREVIEWED;
use crate::id::OperationId;
use crate::mutate::Plan;
use crate::ops::{Applied, Blocker, BlockerCode, Operation, Response, Status};

impl Project {
    /// Ends the operation of a plan that somebody was shown and said no to, whether it needs consent or
    /// not: `blocked`, by `consent-required`. Nothing is changed.
    pub fn decline(&self, plan: &Plan) -> Response<Applied> {
        let message = format!("somebody said no to this plan: {}", plan.title);
        let blocker = Blocker::new(BlockerCode::ConsentRequired, message)
            .help("Nothing was changed. The plan can still be applied, should they agree to it after all.");
        self.decline_with(plan, blocker)
    }

    /// [`Project::decline`] in the words of `blocker`: for a host that knows more of why nobody agrees.
    pub fn decline_with(&self, plan: &Plan, blocker: Blocker) -> Response<Applied> {
        let mut teller = self.continued(plan.plan_id.operation_id(), PREVIEWED);
        self.answer(plan.operation, &mut teller, |_| Ok(of_plan(plan, blocker)))
    }

    /// Ends an operation that changes the project and comes to no mutation, since what it was asked for
    /// makes none: refused by `blocker`, and told by one `action_failed`. `is_seen` when it goes on from
    /// a preview that was told. Nothing is changed.
    pub fn refuse(
        &self,
        operation: Operation,
        operation_id: OperationId,
        is_seen: bool,
        blocker: Blocker,
    ) -> Response<Applied> {
        let mut teller = self.continued(operation_id, if is_seen { PREVIEWED } else { 0 });
        self.answer(operation, &mut teller, |_| {
            let status = if blocker.code == BlockerCode::IoError { Status::Failed } else { Status::Blocked };
            Ok(Answer { status, ..Answer::blocked(blocker) })
        })
    }
}

impl<T> Answer<T> {
    /// Refused because another plan was seen than the one that there is now.
    pub(super) fn outdated(now: &Plan) -> Self {
        let blocker = Blocker::new(BlockerCode::PlanOutdated, "the plan is another one by now")
            .help("Nothing was changed. `--dry-run` shows the new plan.");
        let mut answer = Self::blocked(blocker);
        answer.affected = now.affected_assets.clone();
        if !now.is_done() {
            answer.proposed.push(now.action());
        }
        answer
    }
}

/// What a plan answers that needs consent and has none.
pub(super) fn consent_required<T>(plan: &Plan) -> Answer<T> {
    let message = format!("to {} needs consent", plan.title);
    let blocker = Blocker::new(BlockerCode::ConsentRequired, message);
    of_plan(plan, blocker.help("Nothing was changed. Look at the plan, and agree to it."))
}

/// What a plan answers that nobody agreed to.
fn of_plan<T>(plan: &Plan, blocker: Blocker) -> Answer<T> {
    let mut answer = Answer::blocked(blocker);
    answer.affected = plan.affected_assets.clone();
    answer.proposed.push(plan.action());
    answer
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mutate::{CreateAsset, Mutation};
    use crate::path::AssetPath;
    use crate::testing::Fixture;

    #[test]
    fn what_comes_to_no_mutation_ends_with_one_event_all_the_same() {
        let fixture = Fixture::blobs(&["seed"]);
        let (project, id) = (fixture.project(), fixture.project().host.ids.operation_id());
        for (code, status) in
            [(BlockerCode::InvalidArgument, Status::Blocked), (BlockerCode::IoError, Status::Failed)]
        {
            let response = project.refuse(Operation::Undo, id, false, Blocker::new(code, "no"));
            assert_eq!((response.status, response.operation_id, &*response.summary), (status, id, "no"));
        }
        let told: Vec<_> =
            fixture.events.all().iter().map(|event| (event.kind.name(), event.sequence)).collect();
        assert_eq!(told, [("action_failed", 1), ("action_failed", 2)]);
    }

    #[test]
    fn who_says_no_to_a_plan_is_not_told_that_it_needs_consent() {
        let fixture = Fixture::blobs(&["seed"]);
        let project = fixture.project();
        let root = AssetPath::parse("new").unwrap();
        let create = CreateAsset { root, family: "blob_bank".into(), name: None, from: None };
        let create = Mutation::CreateAsset(create);
        let plan = project.preview(&create, None).payload.unwrap().plan;
        assert!(!plan.needs_consent());
        let declined = project.decline(&plan);
        assert_eq!(declined.blockers[0].code, BlockerCode::ConsentRequired);
        assert_eq!(declined.summary, "somebody said no to this plan: create the blob_bank `new` as asset 2");
        assert_eq!(project.apply(&plan, false).status, Status::Ok, "its plan stays what it is");
    }
}
