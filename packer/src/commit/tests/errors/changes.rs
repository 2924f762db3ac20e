//! Changes on a failing disk.

use std::sync::Arc;
use std::time::Duration;

use super::{Fault, States, Told, failing, faults};
use crate::commit::tests::scenario::{self, Scenario};
use crate::commit::tests::suite::{Tally, is_settled, on_all_cores, seed, taken};
use crate::ops::{BlockerCode, Status};
use crate::storage::faulty::{Failure, FaultyStorage, Repeat};
use crate::testing::Fixture;

/// One scenario on one kind of disk.
struct Job<'a> {
    scenario: &'a Scenario,
    states: &'a States,
    has_lane: bool,
    exchanges: bool,
}

impl Job<'_> {
    fn fixture(&self) -> Fixture {
        let fixture = (self.scenario.before)();
        if self.has_lane {
            fixture.lane();
        }
        if !self.exchanges {
            drop(fixture.files.clone().without_exchange());
        }
        fixture
    }

    /// How many calls the change makes; how many of them until the lane is taken.
    fn calls(&self) -> (u64, u64) {
        let fixture = self.fixture();
        let disk = FaultyStorage::new(&fixture.files);
        let project = fixture.project_on(Arc::new(disk.clone()), Duration::ZERO);
        assert_eq!(self.scenario.change(&project).status, Status::Ok);
        (disk.calls(), taken(&disk.log()) as u64)
    }

    /// Every fault on the usual disk; some of each where the lane's files are missing, or where names
    /// cannot be exchanged.
    fn faults(&self, at: u64, taken: u64) -> Vec<Fault> {
        use Failure::{Eio, Enospc};
        use Repeat::{ForGood, Once};
        match (self.has_lane, self.exchanges) {
            (true, true) => faults(),
            (false, true) if at <= taken => {
                [Eio, Enospc].map(|failure| [(failure, Once), (failure, ForGood)]).concat()
            }
            (false, true) => vec![(Eio, Once)],
            (_, false) => vec![(Eio, Once), (Enospc, ForGood)],
        }
    }

    fn run(&self, at: u64, fault: Fault, told: &Told) {
        let fixture = self.fixture();
        let disk = failing(&fixture.files, at, fault);
        let call = || disk.log().get(usize::try_from(at).unwrap()).cloned();
        let case = || {
            let (name, lane, exchanges) = (self.scenario.name, self.has_lane, self.exchanges);
            format!("{name}, lane {lane}, exchanges {exchanges}, call {at} fails {fault:?}: {:?}", call())
        };
        let project = match fixture.open_on(Arc::new(disk.clone()), Duration::ZERO) {
            Ok(project) => project,
            // There is nothing to answer with yet.
            Err(error) => {
                assert_eq!((error.code(), at), ("io-error", 0), "{}: {error}", case());
                self.states.check(&fixture.files, Some(&self.states.old), &case);
                return;
            }
        };
        let response = self.scenario.change(&project);
        drop(project);
        told.check(&response, &case);
        let codes: Vec<_> = response.blockers.iter().map(|blocker| blocker.code).collect();
        // What cannot be looked at is left to a person by a reconciliation, which says so.
        let is_left = response
            .payload
            .as_ref()
            .is_some_and(|done| done.plan.is_done() && !done.plan.remains.divergences.is_empty());
        let should = match response.status {
            Status::Ok if is_left => Some(&self.states.old),
            Status::Ok => Some(&self.states.new),
            _ if codes.contains(&BlockerCode::CommitIndeterminate) => None,
            _ => Some(&self.states.old),
        };
        if should.is_some() {
            self.states.check(&fixture.files, should, &case);
            assert!(is_settled(&fixture.files), "{}: {codes:?}, and not settled", case());
        }
        // What was told is so after a power cut as well.
        if response.status == Status::Ok || fault.0 == Failure::Eio {
            for (n, left) in fixture.files.crash_states(4, seed()).enumerate() {
                let case = || format!("{}, power cut {n}: {:#?}", case(), left.crash_story());
                let after = fixture.on(left.clone());
                drop(after.project());
                self.states.check(&left, should, &case);
            }
        }
        self.states.check_healed(self.scenario, &fixture, should, &case);
    }
}

#[test]
fn a_change_on_a_failing_disk_is_made_or_is_not_and_the_answer_says_which() {
    let states: Vec<States> = scenario::ALL.iter().map(States::of).collect();
    let mut jobs = Vec::new();
    for (has_lane, exchanges) in [(true, true), (false, true), (true, false)] {
        for (scenario, states) in scenario::ALL.iter().zip(&states) {
            jobs.push(Job { scenario, states, has_lane, exchanges });
        }
    }
    let told = Told::default();
    let tally = Tally::default();
    on_all_cores(&jobs, |job| {
        let (calls, taken) = job.calls();
        for at in 0..calls {
            for fault in job.faults(at, taken) {
                tally.case(|| job.run(at, fault, &told));
            }
        }
    });
    told.print();
    tally.report("changes on a failing disk");
    assert!(tally.cases() >= 10_000);
}
