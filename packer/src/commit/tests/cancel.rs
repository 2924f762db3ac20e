//! A change that is asked to stop, just before each call that it makes: it is made, or it is not, the
//! answer says which, and it leaves nothing behind.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::scenario::{self, Scenario, Visible, visible};
use super::suite::{Tally, check_tidy, difference, is_settled, on_all_cores, seen};
use crate::cancel::Cancel;
use crate::event::{Event, EventKind, EventSink};
use crate::ops::{BlockerCode, Response, Status};
use crate::project::Project;
use crate::storage::faulty::FaultyStorage;
use crate::testing::Fixture;

/// One scenario, done in one way.
struct Job<'a> {
    scenario: &'a Scenario,
    has_lane: bool,
    /// In one call, or shown first and then applied.
    at_once: bool,
}

/// What came of a change, whichever call of it said so.
struct Ended {
    status: Status,
    codes: Vec<BlockerCode>,
}

impl Ended {
    fn of<T>(response: &Response<T>) -> Self {
        let codes = response.blockers.iter().map(|blocker| blocker.code).collect();
        Self { status: response.status, codes }
    }
}

impl Job<'_> {
    fn fixture(&self) -> Fixture {
        let fixture = (self.scenario.before)();
        if self.has_lane {
            fixture.lane();
        }
        fixture
    }

    fn change(&self, project: &Project) -> Ended {
        if self.at_once {
            return Ended::of(&self.scenario.change(project));
        }
        let preview = project.preview(&(self.scenario.mutation)(), None);
        match &preview.payload {
            None => Ended::of(&preview),
            Some(preview) => Ended::of(&project.apply(&preview.plan, true)),
        }
    }

    /// How many calls the change makes, the first that writes its journal, and what it comes to.
    fn reference(&self) -> (u64, u64, Visible) {
        let fixture = self.fixture();
        let disk = FaultyStorage::new(&fixture.files);
        let project = fixture.project_on(Arc::new(disk.clone()), Duration::ZERO);
        assert_eq!(self.change(&project).status, Status::Ok, "{}", self.scenario.name);
        let is_journal = |path: &Path| path.to_string_lossy().contains("/.journal");
        let decided = disk.log().into_iter().find(|call| call.method.changes() && is_journal(&call.path));
        (disk.calls(), decided.expect("a change has a journal").index, seen(&fixture.files))
    }

    fn run(&self, at: u64, decided: u64, new: &Visible) {
        let fixture = self.fixture();
        let (exactly, old) = (visible(&fixture.files), seen(&fixture.files));
        let cancel = fixture.cancel.clone();
        let asks = move |call: u64| {
            if call == at {
                cancel.all();
            }
        };
        let disk = FaultyStorage::new(&fixture.files).before_each(move |_, call| asks(call.index));
        let case = || {
            let call = disk.log().get(usize::try_from(at).unwrap()).cloned();
            let (name, lane, at_once) = (self.scenario.name, self.has_lane, self.at_once);
            format!("{name}, lane {lane}, at once {at_once}, asked to stop at call {at}: {call:?}")
        };
        let project = fixture.project_on(Arc::new(disk.clone()), Duration::ZERO);
        let ended = self.change(&project);
        drop(project);
        check_tidy(&fixture.files, &case);
        let last = fixture.events.all().pop().map(|event| event.kind);
        let is = seen(&fixture.files);
        if at >= decided {
            assert_eq!(ended.status, Status::Ok, "{}: {:?}", case(), ended.codes);
            assert!(matches!(last, Some(EventKind::ActionApplied { .. })), "{}: {last:?}", case());
            assert_eq!(&is, new, "{}:\n{}", case(), difference(&is, new));
            return;
        }
        assert_eq!(ended.status, Status::Failed, "{}", case());
        assert_eq!(ended.codes, [BlockerCode::Cancelled], "{}", case());
        assert_eq!(last, Some(EventKind::ActionFailed { code: "cancelled" }), "{}", case());
        assert_eq!(is, old, "{}:\n{}", case(), difference(&is, &old));
        if self.has_lane {
            let is = visible(&fixture.files);
            assert_eq!(is, exactly, "{}:\n{}", case(), difference(&is, &exactly));
        }
        // Nothing is held, and nothing is in the way of the same change.
        let again = fixture.on(fixture.files.clone());
        assert_eq!(self.change(&again.project()).status, Status::Ok, "{}", case());
        let is = seen(&again.files);
        assert_eq!(&is, new, "{}:\n{}", case(), difference(&is, new));
    }
}

#[test]
fn a_change_that_is_cancelled_at_any_call_leaves_everything_as_it_was_or_is_made() {
    let mut jobs = Vec::new();
    for scenario in scenario::ALL {
        for (has_lane, at_once) in [(true, true), (false, true), (true, false)] {
            jobs.push(Job { scenario, has_lane, at_once });
        }
    }
    let tally = Tally::default();
    on_all_cores(&jobs, |job| {
        let (calls, decided, new) = job.reference();
        assert!(decided > 20 && decided + 10 < calls, "{}: {decided} of {calls}", job.scenario.name);
        for at in 0..calls {
            tally.case(|| job.run(at, decided, &new));
        }
    });
    assert!(tally.cases() > 2_000, "{}", tally.cases());
    tally.report("cancelled at every call");
}

/// Asks the operation to stop that tells the first event, as a studio does that knows it from there.
#[derive(Debug)]
struct Studio(Cancel);

impl EventSink for Studio {
    fn take(&self, event: &Event) {
        if event.sequence == 1 {
            assert!(self.0.operation(event.operation_id), "it runs");
        }
    }

    /// The operation is asked before it goes on.
    fn is_immediate(&self) -> bool {
        true
    }
}

#[test]
fn an_operation_that_its_first_event_named_is_cancelled_and_the_next_one_is_not() {
    let exclude = scenario::ALL.iter().find(|scenario| scenario.name == "exclude two").unwrap();
    let fixture = (exclude.before)();
    let before = visible(&fixture.files);
    let mut host = fixture.host_on(Arc::new(fixture.files.clone()), Duration::ZERO);
    host.events = Arc::new(Studio(host.cancel.clone()));
    let project = Project::open(host, Path::new("/game")).unwrap();
    let response = exclude.change(&project);
    assert_eq!((response.status, response.blockers[0].code), (Status::Failed, BlockerCode::Cancelled));
    assert_eq!(response.blockers[0].path, None);
    assert!(!fixture.cancel.operation(response.operation_id), "it has ended");
    assert_eq!(visible(&fixture.files), before);
    // Of a preview, its application is another run: its first event is the second of the operation.
    let preview = project.preview(&(exclude.mutation)(), None);
    assert_eq!(preview.status, Status::Ok, "it had its plan by then: {:?}", preview.blockers);
    assert_eq!(project.apply(&preview.payload.unwrap().plan, true).status, Status::Ok);
    assert_ne!(visible(&fixture.files), before);
}

#[test]
fn what_was_interrupted_is_settled_by_somebody_who_was_asked_to_stop() {
    let exclude = scenario::ALL.iter().find(|scenario| scenario.name == "exclude two").unwrap();
    let mut cases = 0;
    for at in 1..200 {
        let fixture = (exclude.before)();
        fixture.lane();
        let disk = FaultyStorage::new(&fixture.files).die_at(at, false);
        drop(exclude.change(&fixture.project_on(Arc::new(disk), Duration::ZERO)));
        let left = fixture.on(fixture.files.killed());
        if is_settled(&left.files) {
            continue;
        }
        left.cancel.all();
        let project = left.project();
        assert!(project.take_recovered().is_some());
        check_tidy(&left.files, &|| format!("died at call {at}"));
        assert_eq!(exclude.change(&project).blockers[0].code, BlockerCode::Cancelled);
        cases += 1;
    }
    assert!(cases > 3, "{cases}");
}
