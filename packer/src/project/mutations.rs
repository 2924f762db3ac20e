//! Changing a project: a plan that is shown and then applied, or one that is made and applied at once.
//!
//! [`Project::preview`] and [`Project::apply`] are for a plan that somebody looks at: it is applied as
//! it was seen, or refused as outdated. [`Project::change`] is for a mutation that nobody is shown: it
//! plans under the project's lock, so that those who change one project at one time wait for each
//! other, and none of them is refused for what another did.

use std::path::{Path, PathBuf};

use super::answer::Answer;
use super::observing::{tell_others, tell_state};
use super::refusing::consent_required;
use super::{ATTEMPTS, Project, held, waiting};
use crate::commit::Committed;
use crate::commit::journal::Journal;
use crate::event::{EventKind, Teller};
use crate::id::OperationId;
use crate::lane::{Busy, Claim, Turn};
use crate::mutate::{Mutation, Plan, PlanId, Planner, Refused};
use crate::ops::{Action, Applied, Blocker, BlockerCode, Operation, Preview, Response};
use crate::workspace::layout::JOURNAL_FILE;
use crate::{Error, commit};

/// How many events a preview tells that was made in another process.
pub(super) const PREVIEWED: u64 = 1;

impl Project {
    /// Plans a mutation: what it would do, and nothing done. `operation_id` continues an earlier
    /// preview's operation.
    pub fn preview(&self, mutation: &Mutation, operation_id: Option<OperationId>) -> Response<Preview> {
        self.preview_as(mutation, operation_id, |plan| plan)
    }

    /// [`Project::preview`] of the plan that `whole` makes of the library's.
    pub(super) fn preview_as(
        &self,
        mutation: &Mutation,
        operation_id: Option<OperationId>,
        whole: impl FnOnce(Plan) -> Plan,
    ) -> Response<Preview> {
        let operation_id = operation_id.unwrap_or_else(|| self.host.ids.operation_id());
        let mut teller = self.continued(operation_id, 0);
        self.answer(mutation.operation(), &mut teller, |teller| {
            let plan = match self.plan(mutation, teller) {
                Ok(plan) => whole(plan),
                Err(refused) => return refused.answer(),
            };
            tell_ready(&plan, teller);
            let summary = if plan.is_done() { "nothing to do".to_owned() } else { plan.title.clone() };
            let mut answer = Answer::ok(summary, Preview { plan: plan.clone() });
            answer.affected = plan.affected_assets.clone();
            if !plan.is_done() {
                answer.proposed.push(plan.action());
            }
            answer.name_what_remains(&plan);
            Ok(answer)
        })
    }

    /// Applies exactly this plan, when what it expects still holds. Its events continue those of its
    /// preview.
    pub fn apply(&self, plan: &Plan, consent: bool) -> Response<Applied> {
        let mut teller = self.continued(plan.plan_id.operation_id(), PREVIEWED);
        self.answer(plan.operation, &mut teller, |teller| self.try_apply(plan, consent, teller))
    }

    /// Plans `mutation` anew, and applies that when it is still the plan that `seen` names: the same
    /// operation, whose preview was told and is not told again.
    pub fn apply_seen(&self, mutation: &Mutation, seen: &PlanId, consent: bool) -> Response<Applied> {
        let mut teller = self.continued(seen.operation_id(), PREVIEWED);
        self.answer(mutation.operation(), &mut teller, |teller| {
            let plan = match self.plan(mutation, teller) {
                Ok(plan) => plan,
                Err(refused) => return refused.answer(),
            };
            if plan.plan_id.same_plan(seen) {
                return self.try_apply(&plan, consent, teller);
            }
            Ok(Answer::outdated(&plan))
        })
    }

    fn try_apply(
        &self,
        plan: &Plan,
        consent: bool,
        teller: &mut Teller<'_>,
    ) -> Result<Answer<Applied>, Error> {
        let done = self.carry_out(plan, consent, teller)?;
        Ok(done.map_or_else(|refused| *refused, |done| applied(plan, &done, teller)))
    }

    /// Does what a plan says, if it is not refused.
    pub(super) fn carry_out(
        &self,
        plan: &Plan,
        consent: bool,
        teller: &mut Teller<'_>,
    ) -> Result<Result<Committed, Box<Answer<Applied>>>, Error> {
        let refused = |answer| Ok(Err(Box::new(answer)));
        if plan.needs_consent() && !consent {
            return refused(consent_required(plan));
        }
        if plan.is_done() {
            return Ok(Ok(Committed::default()));
        }
        let turn = match self.lock(plan.operation, teller)? {
            Ok(turn) => turn,
            Err(busy) => return refused(Answer::blocked(busy.blocker())),
        };
        let journal = self.recover(&turn)?;
        match self.commit(&turn, journal, plan, teller)? {
            Ok(done) => Ok(Ok(done)),
            Err(path) => {
                let path = path.strip_prefix(self.layout.project()).unwrap_or(&path).display().to_string();
                let message = format!("`{path}` is not as the plan expects it any more");
                let blocker = Blocker::new(BlockerCode::PlanOutdated, message);
                refused(Answer::blocked(blocker.help("Nothing was changed. Look at a new plan.").at(path)))
            }
        }
    }

    /// Does what `mutation` says to the project as it is when its turn has come: for one whose plan
    /// nobody was shown, and which therefore cannot be outdated. One operation with the events of a
    /// preview and of its application.
    pub fn change(&self, mutation: &Mutation, consent: bool) -> Response<Applied> {
        let operation_id = self.host.ids.operation_id();
        let mut teller = self.continued(operation_id, 0);
        self.answer(mutation.operation(), &mut teller, |teller| {
            // Taking the lock makes its file, and what is refused leaves nothing behind.
            if !self.has_lock_file()?
                && let Err(refused) = self.plan(mutation, teller)
            {
                return refused.answer();
            }
            let turn = match self.lock(mutation.operation(), teller)? {
                Ok(turn) => turn,
                Err(busy) => return Ok(Answer::blocked(busy.blocker())),
            };
            let journal = self.recover(&turn)?;
            let mut moved = self.layout.registry();
            // Only those who do not ask for the lock, such as an editor, can come in between.
            for _ in 0..ATTEMPTS {
                let plan = match self.plan(mutation, teller) {
                    Ok(plan) => plan,
                    Err(refused) => return refused.answer(),
                };
                tell_ready(&plan, teller);
                if plan.needs_consent() && !consent {
                    return Ok(consent_required(&plan));
                }
                match self.commit(&turn, journal.clone(), &plan, teller)? {
                    Ok(done) => return Ok(applied(&plan, &done, teller)),
                    Err(path) => moved = path,
                }
            }
            Err(Error::EditConflict { path: moved })
        })
    }

    /// Tells on from what the operation has told in this process, or else `told`.
    pub(super) fn continued(&self, operation_id: OperationId, told: u64) -> Teller<'_> {
        Teller { numbers: self.writing.numbering.of(operation_id, told), ..self.teller(operation_id) }
    }

    /// The plan for the project as it is now.
    pub(super) fn plan(&self, mutation: &Mutation, teller: &mut Teller<'_>) -> Result<Plan, Refused> {
        let snapshot = match self.look(mutation.scope(), teller).map_err(Refused::Error)? {
            Ok(snapshot) => snapshot,
            Err(busy) => return Err(busy.blocker().into()),
        };
        if let Some(unfinished) = self.pending(&snapshot) {
            let blocker = Blocker::new(BlockerCode::JournalUnfinished, unfinished.message);
            let help = unfinished.help.unwrap_or_default();
            return Err(blocker.help(help).at(JOURNAL_FILE).into());
        }
        teller.token.check().map_err(Refused::Error)?;
        let (source, ids) = (&*self.host.storage, &*self.host.ids);
        let planner = Planner { snapshot: &snapshot, source, ids, operation_id: teller.operation_id };
        planner.plan(mutation)
    }

    /// Applies a plan, and names the files under which something of somebody else's is kept now; or the
    /// file that is not as it expects. The journal is the one that recovering gave.
    fn commit(
        &self,
        turn: &Turn<'_>,
        journal: Journal,
        plan: &Plan,
        teller: &mut Teller<'_>,
    ) -> Result<Result<Committed, PathBuf>, Error> {
        let prepared = match commit::prepare(turn, journal, plan).map_err(Error::of_change)? {
            Ok(prepared) => prepared,
            Err(path) => return Ok(Err(path)),
        };
        if plan.is_done() {
            prepared.abandon();
            return Ok(Ok(Committed::default()));
        }
        // Until it is visible.
        let _made = self.writing.changing.begin();
        let done = match prepared.commit() {
            Ok(done) => done,
            Err(error) => {
                let error = self.after_failure(error);
                self.tell_if_broken(teller);
                return Err(error);
            }
        };
        let before = held(&self.current).snapshot.clone();
        let seen = self.refresh_after_commit();
        let now = held(&self.current).snapshot.clone();
        if let (Some(before), Some(now)) = (before, now) {
            tell_others(&before, &now, plan, teller);
        }
        tell_state(teller, seen);
        Ok(Ok(done))
    }

    /// Tells what reads see after a change that broke, if that is not the project as it is.
    fn tell_if_broken(&self, teller: &mut Teller<'_>) {
        let snapshot = held(&self.current).snapshot.clone();
        let broken = snapshot.filter(|snapshot| !snapshot.state.is_settled());
        tell_state(teller, broken.map(|snapshot| (snapshot.state.clone(), snapshot.generation)));
    }

    fn lock(&self, operation: Operation, teller: &mut Teller<'_>) -> Result<Result<Turn<'_>, Busy>, Error> {
        let claim = Claim { process: &self.host.process, operation, operation_id: teller.operation_id };
        let (token, wait) = (teller.token.clone(), &mut waiting(teller));
        let taken =
            self.writing.lane.take(&*self.host.storage, &self.layout, &claim, self.wait(&token, wait));
        taken.map_err(Error::of_change)
    }

    pub(super) fn has_lock_file(&self) -> Result<bool, Error> {
        let path = self.layout.lock();
        let found = self.host.storage.stat(&path);
        found.map(|found| found.is_some()).map_err(|error| Error::io("look at", Path::new(&path), error))
    }
}

impl Refused {
    /// What an operation answers that comes to no plan.
    pub(super) fn answer<T>(self) -> Result<Answer<T>, Error> {
        match self {
            Self::Error(error) => Err(error),
            Self::Blocked(blockers) => Ok(Answer::refused(blockers)),
        }
    }
}

fn tell_ready(plan: &Plan, teller: &mut Teller<'_>) {
    let kind = EventKind::PreviewReady { plan_id: plan.plan_id.to_string() };
    teller.tell_of(kind, plan.title.clone(), plan.affected_assets.clone(), None);
}

/// Tells that a plan was applied, and answers so.
pub(super) fn applied(plan: &Plan, done: &Committed, teller: &mut Teller<'_>) -> Answer<Applied> {
    let kind = EventKind::ActionApplied { action_id: plan.plan_id.to_string() };
    let mut summary = plan.title.clone();
    for kept in &done.kept {
        summary += &format!("; what somebody else wrote meanwhile is kept as `{kept}`");
    }
    teller.tell_of(kind, summary.clone(), plan.affected_assets.clone(), None);
    let mut answer = Answer::ok(summary, Applied { plan: plan.clone() });
    answer.affected = plan.affected_assets.clone();
    if !plan.is_done() {
        answer.applied.push(plan.action());
        // What lies in quarantine can be brought back whether the change is kept or not.
        let is_open = |action: &Action| done.can_be_undone || action.operation != Operation::Undo;
        answer.proposed.extend(plan.way_back().filter(is_open));
    }
    answer.name_what_remains(plan);
    answer
}

impl<T> Answer<T> {
    /// Names what a plan leaves to a person.
    fn name_what_remains(&mut self, plan: &Plan) {
        self.diagnostics.extend(plan.remains.diagnostics.iter().cloned());
        self.proposed.extend(plan.remains.ways());
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::time::Duration;

    use super::*;
    use crate::mutate::{CreateAsset, SetIncluded};
    use crate::ops::Status;
    use crate::path::AssetPath;
    use crate::schema::registry;
    use crate::testing::Fixture;

    fn create(root: &str) -> Mutation {
        let root = AssetPath::parse(root).unwrap();
        Mutation::CreateAsset(CreateAsset { root, family: "blob_bank".into(), name: None, from: None })
    }

    #[test]
    fn those_who_change_one_project_at_one_time_all_succeed() {
        let fixture = Fixture::blobs(&["seed"]);
        fixture.write("assets/.prometeu/local/lock", "");
        let projects: Vec<Project> =
            (0..8).map(|_| fixture.patient_project(Duration::from_secs(60))).collect();
        let start = std::sync::Barrier::new(projects.len());
        let ids: Vec<u32> = std::thread::scope(|scope| {
            let change = |(n, project): (usize, &Project)| {
                start.wait();
                let response = project.change(&create(&format!("new/a{n}")), false);
                assert_eq!(response.status, Status::Ok, "{:?}", response.blockers);
                response.affected_assets[0].asset_id.unwrap().get()
            };
            let threads: Vec<_> =
                projects.iter().enumerate().map(|each| scope.spawn(move || change(each))).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert_eq!(ids.into_iter().collect::<BTreeSet<_>>(), (2..10).collect());
        let bytes = fixture.files.content("/game/assets/.prometeu/index.json").unwrap();
        let (_, reading) = registry::read_bytes(bytes.clone());
        assert_eq!(reading.registry.unwrap().to_text().into_bytes(), bytes, "the registry is canonical");
        assert_eq!(fixture.diagnostics(), []);
    }

    #[test]
    fn a_change_tells_its_plan_and_its_application_as_one_operation() {
        let fixture = Fixture::blobs(&["seed"]);
        let response = fixture.project().change(&create("new"), false);
        let events = fixture.events.all();
        let kinds: Vec<_> = events.iter().map(|event| (event.kind.name(), event.sequence)).collect();
        assert_eq!(kinds, [("preview_ready", 1), ("snapshot_state_changed", 2), ("action_applied", 3)]);
        assert!(events.iter().all(|event| event.operation_id == response.operation_id));
        let plan = response.payload.unwrap().plan;
        assert_eq!(plan.plan_id.operation_id(), response.operation_id);
    }

    #[test]
    fn an_operation_numbers_its_events_from_its_preview_to_its_last_application() {
        let fixture = Fixture::blobs(&["seed"]);
        let project = fixture.project();
        let told = || {
            let events = fixture.events.all().into_iter();
            events.map(|event| (event.kind.name(), event.sequence, event.operation_id)).collect::<Vec<_>>()
        };
        let plan = project.preview(&create("new"), None).payload.unwrap().plan;
        let id = plan.plan_id.operation_id();
        let outdated = project.apply_seen(&create("other"), &plan.plan_id, false);
        assert_eq!(outdated.status, Status::Blocked);
        assert_eq!(outdated.summary, "the plan is another one by now");
        assert_eq!(outdated.affected_assets[0].root.as_str(), "other");
        assert_eq!(outdated.proposed_actions.len(), 1);
        // A plan to create makes a new uuid, so that it is applied as it was seen.
        assert_eq!(project.apply(&plan, false).status, Status::Ok);
        assert_eq!(project.apply(&plan, false).status, Status::Blocked);
        assert_eq!(
            told(),
            [
                ("preview_ready", 1, id),
                ("action_failed", 2, id),
                ("snapshot_state_changed", 3, id),
                ("action_applied", 4, id),
                ("action_failed", 5, id)
            ]
        );
        let exclude = Mutation::SetIncluded(SetIncluded { assets: vec!["seed".into()], included: false });
        let seen = project.preview(&exclude, None).payload.unwrap().plan.plan_id;
        assert_eq!(project.apply_seen(&exclude, &seen, false).status, Status::Ok);
        let id = seen.operation_id();
        assert_eq!(
            told(),
            [("preview_ready", 1, id), ("snapshot_state_changed", 2, id), ("action_applied", 3, id)]
        );
        // Seen in another process, where it was told as the first event.
        drop(fixture.project().apply_seen(&exclude, &seen, false));
        assert_eq!(told(), [("action_failed", 2, id)]);
    }

    #[test]
    fn a_change_that_is_refused_leaves_nothing_behind() {
        let fixture = Fixture::empty();
        let before = fixture.files.paths();
        let response = fixture.project().change(&create("new"), false);
        assert_eq!(response.status, Status::Blocked);
        assert_eq!(fixture.files.paths(), before);
        assert_eq!(fixture.events.all().len(), 1);
    }

    #[test]
    fn an_empty_folder_is_changed_into_a_project() {
        let fixture = Fixture::empty();
        let response = fixture.project().change(&Mutation::InitWorkspace, false);
        assert_eq!(response.status, Status::Ok, "{:?}", response.blockers);
        assert_eq!(fixture.diagnostics(), []);
        let files = fixture.files.paths();
        let again = fixture.project().change(&Mutation::InitWorkspace, false).payload.unwrap();
        assert!(again.plan.is_done());
        assert_eq!(fixture.files.paths(), files);
    }
}
