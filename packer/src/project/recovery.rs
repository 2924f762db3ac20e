//! Opening a project, and what is done about a change that was interrupted.
//!
//! Whoever opens a project to work with it finishes what a crash interrupted, or takes it back; a build
//! repairs nothing. Where that cannot be done now (the checkout cannot be written, somebody else is at
//! work, the journal cannot be followed), the project opens all the same: reads show it as it was
//! before the change and say so, and the next mutation tries again.

use std::fmt;
use std::path::Path;
use std::time::Duration;

use super::observing::tell_state;
use super::{Project, held};
use crate::commit::journal::{Found, Journal};
use crate::commit::{self, Recovered};
use crate::diagnostics::{Code, Diagnostic};
use crate::event::EventKind;
use crate::id::PlanId;
use crate::lane::{Claim, Turn, Wait};
use crate::ops::{BlockerCode, Operation};
use crate::snapshot::{Snapshot, State};
use crate::{Error, Host};

/// Why a change stays interrupted.
#[derive(Debug)]
pub(super) struct Unsettled {
    /// Which; `None` when the journal does not say.
    plan_id: Option<PlanId>,
    /// As it goes on after a colon.
    why: String,
    /// When to try again, in words that end a sentence.
    when: &'static str,
}

impl Project {
    /// Opens the project in `folder`, and settles a change that was interrupted. Whether there is a
    /// project shows in the answers: an empty folder can be opened to be initialised.
    ///
    /// # Errors
    ///
    /// When there is no such folder.
    pub fn open(host: Host, folder: &Path) -> Result<Self, Error> {
        let project = Self::open_for_build(host, folder)?;
        project.recover_if_free();
        Ok(project)
    }

    /// What was done about an interrupted change since the last time this was asked.
    pub fn take_recovered(&self) -> Option<Recovered> {
        held(&self.writing.recovered).take()
    }

    /// Settles an interrupted change, unless its writer is still at work or it cannot be done now.
    fn recover_if_free(&self) {
        match self.journal() {
            Ok(Found::Journal(journal)) if !journal.is_clean() => {}
            // What is wrong otherwise is told by whoever reads.
            _ => return,
        }
        let operation_id = self.host.ids.operation_id();
        let claim = Claim { process: &self.host.process, operation: Operation::Reconcile, operation_id };
        let mut nobody = |_| {};
        let wait = Wait::new(&*self.host.clock, Duration::ZERO, &mut nobody);
        let settled = match self.writing.lane.take(&*self.host.storage, &self.layout, &claim, wait) {
            Ok(Ok(turn)) => self.recover(&turn).map(drop).map_err(|error| error.code()),
            // Its writer is at work, or somebody who settles it.
            Ok(Err(busy)) if busy.is_writer() => Ok(()),
            Ok(Err(busy)) => {
                self.stays_unsettled(busy.message(), "when it is done");
                Err(BlockerCode::ProjectLocked.as_str())
            }
            Err(error) => Err(self.stays_unsettled_by(&error.of_change())),
        };
        if let Err(code) = settled {
            let why = held(&self.writing.unsettled).as_ref().map(Unsettled::to_string);
            let summary =
                format!("an interrupted change {}", why.as_deref().unwrap_or("could not be settled"));
            self.teller(operation_id).tell(EventKind::ActionFailed { code }, summary);
        }
    }

    /// Remembers why an interrupted change stays as it is; the error's code.
    fn stays_unsettled_by(&self, error: &Error) -> &'static str {
        match error {
            Error::ReadOnly { .. } => {
                self.stays_unsettled(error.to_string(), "where the project can be written");
            }
            Error::Unfinished { path, source } => {
                let why = format!("`{}`: {source}", path.display());
                self.stays_unsettled(why, "again when that is cured");
            }
            _ => self.stays_unsettled(error.to_string(), "again when that is cured"),
        }
        error.code()
    }

    fn stays_unsettled(&self, why: String, when: &'static str) {
        let plan_id = match self.journal() {
            Ok(Found::Journal(journal)) => journal.pending.map(|change| change.plan_id),
            _ => None,
        };
        *held(&self.writing.unsettled) = Some(Unsettled { plan_id, why, when });
    }

    /// Forgets what could not be settled, once the journal says that it was, or that another change is
    /// under way.
    pub(super) fn forget_settled(&self, journal: &Journal) {
        let mut unsettled = held(&self.writing.unsettled);
        let now = journal.pending.as_ref().map(|change| change.plan_id);
        if now.is_none() || unsettled.as_ref().is_some_and(|of| of.plan_id.is_some() && of.plan_id != now) {
            *unsettled = None;
        }
    }

    /// Looks what a change that failed has left: nothing as a rule, or one that is interrupted. Then
    /// those who read are served the project before it, and told.
    pub(super) fn after_failure(&self, error: Error) -> Error {
        let error = error.of_change();
        if self.journal().is_ok_and(|found| matches!(found, Found::Journal(journal) if journal.is_clean())) {
            return error;
        }
        self.stays_unsettled_by(&error);
        let scope = held(&self.current).snapshot.as_ref().map(|snapshot| snapshot.scope);
        if let Some(scope) = scope {
            // Where the disk cannot be read either, the last snapshot goes on to be served.
            drop(self.refresh(scope));
        }
        error
    }

    /// Whether there is an interrupted change that could not be settled.
    pub(super) fn is_unsettled(&self) -> bool {
        held(&self.writing.unsettled).is_some()
    }

    /// What those who only read are told of an interrupted change, before which they see the project. A
    /// change whose writer may be at work is none.
    pub(super) fn unfinished(&self, snapshot: &Snapshot) -> Vec<Diagnostic> {
        let may_be_under_way = matches!(snapshot.state, State::Reconciling { .. }) && !self.is_unsettled();
        let unfinished = (!may_be_under_way).then(|| self.pending(snapshot)).flatten();
        unfinished.into_iter().collect()
    }

    /// Says of an interrupted change why it could not be settled, to people who have tried what is
    /// advised otherwise.
    pub(super) fn explain(&self, diagnostics: &mut [Diagnostic]) {
        let Some(unsettled) = &*held(&self.writing.unsettled) else { return };
        let when = unsettled.when;
        for diagnostic in diagnostics.iter_mut().filter(|found| found.code == Code::JournalUnfinished) {
            diagnostic.help = Some(format!(
                "It {unsettled}. Run `cargo prometeu doctor` {when}; until then the project is read as it was \
                 before."
            ));
        }
    }

    /// Settles an interrupted change, and tells; the journal after that.
    pub(super) fn recover(&self, turn: &Turn<'_>) -> Result<Journal, Error> {
        let _made = self.writing.changing.begin();
        let recovered = commit::recover(turn);
        let (journal, recovered) = recovered.map_err(|error| self.after_failure(error.of_recovery()))?;
        *held(&self.writing.unsettled) = None;
        if let Some(recovered) = recovered {
            let mut teller = self.teller(self.host.ids.operation_id());
            tell_state(&mut teller, self.refresh_after_commit());
            let summary = recovered.to_string();
            let kind = if recovered.finished {
                EventKind::ActionApplied { action_id: recovered.plan_id.to_string() }
            } else {
                EventKind::ActionFailed { code: "edit-conflict" }
            };
            teller.tell(kind, summary);
            *held(&self.writing.recovered) = Some(recovered);
        }
        Ok(journal)
    }
}

impl fmt::Display for Unsettled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "can be neither finished nor taken back now: {}", self.why)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::id::Generation;
    use crate::mutate::{Mutation, RegisterAsset, RelocateAsset};
    use crate::ops::{
        ConstantsRequest, DetailsRequest, DoctorRequest, ListRequest, PackContents, PackGoal, PackRequest,
        Status,
    };
    use crate::path::AssetPath;
    use crate::storage::faulty::{Failure, FaultyStorage, Repeat};
    use crate::storage::{LockKind, Source as _};
    use crate::testing::{Fixture, blob, request, uuid};

    const JOURNAL: &str = "/game/assets/.prometeu/local/journal";

    fn register() -> Mutation {
        Mutation::RegisterAsset(RegisterAsset { root: AssetPath::parse("b").unwrap(), included: true })
    }

    /// A project whose process died once it was decided that `b` is registered.
    fn interrupted() -> Fixture {
        // The first call opens the project.
        for at in 1..200 {
            let fixture = Fixture::blobs(&["a"]);
            fixture.lane();
            fixture.declare("b", &blob(&uuid(2), "b"));
            fixture.write("assets/b/data.txt", "b");
            let disk = FaultyStorage::new(&fixture.files).die_at(at, false);
            drop(fixture.project_on(Arc::new(disk), Duration::ZERO).change(&register(), false));
            let journal = fixture.files.content(JOURNAL);
            if journal.is_some_and(|text| String::from_utf8(text).unwrap().contains(r#""pending""#)) {
                return fixture.on(fixture.files.clone());
            }
        }
        panic!("no journal was ever pending");
    }

    /// A project whose process died once `a` stands in its new place, with a stamp of its own there.
    fn relocated() -> Fixture {
        let relocate = Mutation::RelocateAsset(RelocateAsset {
            asset: "a".into(),
            new_root: AssetPath::parse("moved/a").unwrap(),
        });
        for at in 1..200 {
            let fixture = Fixture::blobs(&["a"]);
            fixture.lane();
            let disk = FaultyStorage::new(&fixture.files).die_at(at, false);
            drop(fixture.project_on(Arc::new(disk), Duration::ZERO).change(&relocate, true));
            if fixture.files.content("/game/assets/moved/a/data.txt").is_some() {
                let journal = String::from_utf8(fixture.files.content(JOURNAL).unwrap()).unwrap();
                assert!(journal.contains(r#""pending""#), "{journal}");
                return fixture.on(fixture.files.clone());
            }
        }
        panic!("nothing was ever moved");
    }

    #[test]
    fn a_build_after_an_interrupted_move_is_blocked_before_it_opens_anything() {
        let blocked = |status, diagnostics: &[Diagnostic]| {
            let codes: Vec<_> = diagnostics.iter().map(|found| (found.code, found.blocking)).collect();
            assert_eq!((status, &codes[..]), (Status::Blocked, &[(Code::JournalUnfinished, true)][..]));
        };
        let fixture = relocated();
        let project = fixture.project_for_build();
        for goal in [PackGoal::Publish, PackGoal::Check] {
            let response = project.pack(&PackRequest { goal, ..request() });
            assert_eq!(response.blockers, []);
            blocked(response.status, &response.diagnostics);
        }
        let constants = |contents| project.constants(ConstantsRequest { strict: false, contents });
        let response = constants(PackContents::PackSet);
        assert_eq!(response.blockers, []);
        blocked(response.status, &response.diagnostics);
        // Who asks for nothing of it is held up by nothing.
        let named = constants(PackContents::Nothing);
        assert_eq!(named.payload.unwrap().assets[0].root.as_str(), "a");
        let response = project.pack(&PackRequest { contents: PackContents::Nothing, ..request() });
        assert_eq!(response.status, Status::Ok, "{:?}", response.blockers);
    }

    #[test]
    fn after_an_interrupted_move_people_see_the_asset_where_it_was() {
        let project = read_only(&relocated());
        let shown = project.get_asset_details(&DetailsRequest { asset: "a".into() });
        assert_eq!(shown.status, Status::Ok, "{:?}", shown.blockers);
        assert!(shown.payload.unwrap().payload_size.is_some());
        let doctor = project.doctor(DoctorRequest::default());
        assert_eq!((doctor.status, &doctor.blockers[..]), (Status::Blocked, &[][..]));
        for diagnostics in [&shown.diagnostics, &doctor.diagnostics] {
            let codes: Vec<_> = diagnostics.iter().map(|found| found.code).collect();
            assert_eq!(codes, [Code::JournalUnfinished]);
        }
    }

    fn read_only(fixture: &Fixture) -> Project {
        let disk = FaultyStorage::new(&fixture.files).fail_change(0, Failure::Erofs, Repeat::ForGood);
        fixture.project_on(Arc::new(disk), Duration::ZERO)
    }

    #[test]
    fn where_nothing_can_be_written_reads_show_the_project_before_the_change_and_say_why() {
        let fixture = interrupted();
        let files = fixture.files.paths();
        let project = read_only(&fixture);
        assert_eq!(project.take_recovered(), None);
        let told = fixture.events.all();
        assert_eq!(told.len(), 1);
        assert_eq!(told[0].kind, EventKind::ActionFailed { code: "read-only-project" });

        let listed = project.list_assets(&ListRequest::default());
        let doctor = project.doctor(DoctorRequest::default());
        assert_eq!((listed.status, doctor.status), (Status::Ok, Status::Blocked));
        let ids = listed.payload.unwrap().iter().filter(|row| row.asset_id.is_some()).count();
        assert_eq!(ids, 1, "`b` is not registered yet");
        for diagnostics in [&listed.diagnostics, &doctor.diagnostics] {
            assert_eq!(
                diagnostics.iter().map(|found| found.code).collect::<Vec<_>>(),
                [Code::JournalUnfinished]
            );
            let help = diagnostics[0].help.as_deref().unwrap();
            assert!(help.contains("where the project can be written"), "{help}");
        }
        assert_eq!(fixture.files.paths(), files);
    }

    #[test]
    fn a_change_of_what_cannot_be_written_is_refused_with_the_path() {
        for (fixture, path) in
            [(interrupted(), "assets/"), (Fixture::blobs(&["a"]), "assets/.prometeu/local")]
        {
            fixture.declare("b", &blob(&uuid(2), "b"));
            let files = fixture.files.paths();
            let response = read_only(&fixture).change(&register(), false);
            assert_eq!(response.status, Status::Blocked);
            let blocker = &response.blockers[0];
            assert_eq!(blocker.code, BlockerCode::ReadOnlyProject);
            assert!(blocker.path.as_deref().unwrap().contains(path), "{blocker:?}");
            assert!(blocker.help.as_deref().unwrap().starts_with("The change was not made. "), "{blocker:?}");
            assert_eq!(fixture.files.paths(), files);
        }
    }

    #[test]
    fn a_change_whose_writer_is_at_work_is_nothing_to_tell() {
        let fixture = interrupted();
        let lock = fixture.files.open(Path::new("/game/assets/.prometeu/local/lock")).unwrap();
        assert!(lock.try_lock(LockKind::Exclusive).unwrap());
        let project = fixture.project();
        assert_eq!(project.list_assets(&ListRequest::default()).diagnostics, []);
        assert_eq!(fixture.events.all(), []);
        drop(lock);
        drop(fixture.project().take_recovered().unwrap());
    }

    #[test]
    fn a_plan_waits_for_a_writer_who_is_at_work_and_says_what_is_unfinished() {
        let fixture = interrupted();
        let lock = fixture.files.open(Path::new("/game/assets/.prometeu/local/lock")).unwrap();
        assert!(lock.try_lock(LockKind::Exclusive).unwrap());
        fixture.write(
            "assets/.prometeu/local/holder.json",
            r#"{"operation":"register_asset","operation_id":"x","process":"the editor","since":1}"#,
        );
        let refused = fixture.project().preview(&register(), None);
        assert_eq!(refused.blockers[0].code, BlockerCode::ProjectLocked, "{:?}", refused.blockers);
        assert!(refused.blockers[0].message.contains("`the editor`"), "{:?}", refused.blockers);
        assert_eq!(refused.blockers.len(), 1);
        let project = fixture.patient_project(Duration::from_secs(60));
        let preview = std::thread::scope(|scope| {
            let preview = scope.spawn(|| project.preview(&register(), None));
            std::thread::sleep(Duration::from_millis(700));
            fixture.files.write(JOURNAL, Journal::clean(1, None).encode());
            preview.join().unwrap()
        });
        assert_eq!(preview.status, Status::Ok, "{:?}", preview.blockers);
        let told: Vec<_> =
            fixture.events.all().into_iter().map(|event| (event.kind, event.summary)).collect();
        let [.., (EventKind::ProgressUpdated, waits), (EventKind::PreviewReady { .. }, _)] = &told[..] else {
            panic!("{told:?}");
        };
        assert!(waits.starts_with("waiting for `the editor`"), "{waits}");
    }

    #[test]
    fn a_plan_waits_for_nobody_when_the_writer_is_gone() {
        let fixture = interrupted();
        let host = fixture.host_on(Arc::new(fixture.files.clone()), Duration::from_secs(600));
        let project = Project::open_for_build(host, Path::new("/game")).unwrap();
        let refused = project.preview(&register(), None);
        assert_eq!(refused.blockers[0].code, BlockerCode::JournalUnfinished, "{:?}", refused.blockers);
        assert_eq!(project.doctor(DoctorRequest::default()).diagnostics[0].code, Code::JournalUnfinished);
    }

    #[test]
    fn doctor_waits_once_for_a_writer_who_does_not_come_on() {
        let fixture = interrupted();
        let lock = fixture.files.open(Path::new("/game/assets/.prometeu/local/lock")).unwrap();
        assert!(lock.try_lock(LockKind::Exclusive).unwrap());
        let patience = Duration::from_millis(200);
        let project = fixture.patient_project(patience);
        let began = std::time::Instant::now();
        let doctor = project.doctor(DoctorRequest::default());
        assert!(began.elapsed() >= patience, "{:?}", began.elapsed());
        // One reading is published, after one wait.
        assert_eq!((doctor.status, doctor.generation), (Status::Blocked, Generation::FIRST));
        let message = &doctor.diagnostics[0].message;
        assert!(message.starts_with("a change is under way: `a test` "), "{message}");
    }

    #[test]
    fn a_journal_that_cannot_be_followed_refuses_a_plan_with_a_way_out() {
        for has_lane in [true, false] {
            let fixture = Fixture::blobs(&["a"]);
            if has_lane {
                fixture.lane();
            }
            fixture.declare("b", &blob(&uuid(2), "b"));
            fixture.write("assets/.prometeu/local/journal", "half");
            let project = fixture.project();
            let (preview, change) = (project.preview(&register(), None), project.change(&register(), false));
            for (status, blockers) in [(preview.status, preview.blockers), (change.status, change.blockers)] {
                assert_eq!((status, blockers[0].code), (Status::Blocked, BlockerCode::JournalUnfinished));
                assert!(blockers[0].help.as_deref().unwrap().contains("delete that file"), "{blockers:?}");
            }
        }
    }

    /// A project that is open, and in which a change broke: the disk refuses everything from the step
    /// on with which the change is under way.
    fn broken(patience: Duration) -> (Fixture, FaultyStorage, Project) {
        for at in 1..200 {
            let fixture = Fixture::blobs(&["a"]);
            fixture.lane();
            fixture.declare("b", &blob(&uuid(2), "b"));
            fixture.write("assets/b/data.txt", "b");
            let disk = FaultyStorage::new(&fixture.files).fail_change(at, Failure::Eio, Repeat::ForGood);
            let project = fixture.project_on(Arc::new(disk.clone()), patience);
            drop(project.list_assets(&ListRequest::default()));
            let response = project.change(&register(), false);
            if response.blockers.iter().any(|found| found.code == BlockerCode::CommitIndeterminate) {
                return (fixture, disk, project);
            }
        }
        panic!("every change could be taken back");
    }

    #[test]
    fn after_a_change_that_broke_reads_serve_the_project_before_it_and_say_so() {
        let (fixture, _disk, project) = broken(Duration::from_secs(600));
        let listed = project.list_assets(&ListRequest::default());
        let shown = project.get_asset_details(&DetailsRequest { asset: "a".into() });
        let doctor = project.doctor(DoctorRequest::default());
        assert_eq!(listed.payload.unwrap().iter().filter(|row| row.asset_id.is_some()).count(), 1);
        for diagnostics in [&listed.diagnostics, &shown.diagnostics, &doctor.diagnostics] {
            let codes: Vec<_> = diagnostics.iter().map(|found| found.code).collect();
            assert_eq!(codes, [Code::JournalUnfinished]);
            let help = diagnostics[0].help.as_deref().unwrap();
            assert!(help.contains("can be neither finished nor taken back now"), "{help}");
        }
        // Somebody else settles it.
        drop(fixture.project().take_recovered().unwrap());
        let listed = project.list_assets(&ListRequest::default());
        assert_eq!(listed.diagnostics, []);
        assert_eq!(project.doctor(DoctorRequest::default()).status, Status::Ok);
        assert!(!project.is_unsettled());
    }

    #[test]
    fn after_a_disk_that_broke_for_good_the_last_snapshot_is_served_with_a_word() {
        let mut served = 0;
        for at in 1..400 {
            let fixture = Fixture::blobs(&["a"]);
            fixture.lane();
            fixture.declare("b", &blob(&uuid(2), "b"));
            fixture.write("assets/b/data.txt", "b");
            let disk = FaultyStorage::new(&fixture.files).fail_call(at, Failure::Eio, Repeat::ForGood);
            let Ok(project) = fixture.open_on(Arc::new(disk), Duration::ZERO) else { continue };
            let Some(before) = project.list_assets(&ListRequest::default()).payload else { continue };
            let changed = project.change(&register(), false);
            let Some(code) = changed.blockers.first().map(|found| found.code) else { break };
            let listed = project.list_assets(&ListRequest::default());
            if code == BlockerCode::CommitIndeterminate {
                assert_eq!((listed.status, listed.payload), (Status::Ok, Some(before)), "call {at}");
                assert_eq!(listed.diagnostics[0].code, Code::JournalUnfinished, "call {at}");
                served += 1;
            }
        }
        assert!(served > 10, "{served}");
    }

    #[test]
    fn whoever_opens_beside_a_build_is_told_why_nothing_is_settled() {
        let fixture = interrupted();
        let lock = fixture.files.open(Path::new("/game/assets/.prometeu/local/lock")).unwrap();
        assert!(lock.try_lock(LockKind::Shared).unwrap());
        let project = fixture.project();
        let told = fixture.events.all();
        assert_eq!(told[0].kind, EventKind::ActionFailed { code: "project-locked" });
        let listed = project.list_assets(&ListRequest::default());
        assert_eq!(listed.diagnostics[0].code, Code::JournalUnfinished);
        let help = listed.diagnostics[0].help.as_deref().unwrap();
        assert!(help.contains("a build is reading this project. Run"), "{help}");
        drop(lock);
        assert_eq!(project.change(&register(), false).status, Status::Blocked, "it is registered by now");
        assert_eq!(project.list_assets(&ListRequest::default()).diagnostics, []);
    }

    #[test]
    fn doctor_waits_for_a_writer_who_is_at_work() {
        let fixture = interrupted();
        let lock = fixture.files.open(Path::new("/game/assets/.prometeu/local/lock")).unwrap();
        assert!(lock.try_lock(LockKind::Exclusive).unwrap());
        let project = fixture.patient_project(Duration::from_secs(60));
        let doctor = std::thread::scope(|scope| {
            let doctor = scope.spawn(|| project.doctor(DoctorRequest::default()));
            std::thread::sleep(Duration::from_millis(30));
            fixture.files.write(JOURNAL, Journal::clean(1, None).encode());
            doctor.join().unwrap()
        });
        assert_eq!(doctor.status, Status::Ok, "{:?}", doctor.diagnostics);
    }
}
