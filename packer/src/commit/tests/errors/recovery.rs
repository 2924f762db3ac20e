//! Interrupted changes that are settled on a failing disk: they wait for a healthy one.

use std::sync::Arc;
use std::time::Duration;

use super::{States, Told, another, failing, faults};
use crate::commit::tests::scenario::{self, Scenario, Visible};
use crate::commit::tests::suite::{Random, Tally, difference, is_settled, on_all_cores, scale, seen};
use crate::ops::{BlockerCode, ListRequest, Response, Status};
use crate::storage::faulty::FaultyStorage;
use crate::testing::Fixture;

/// How many faults in the settling of each interrupted change.
const FAULTS: usize = 12;

/// A scenario, its states, and those states after a further change.
struct Job<'a> {
    scenario: &'a Scenario,
    states: States,
    further: [Option<Visible>; 2],
}

impl<'a> Job<'a> {
    fn of(scenario: &'a Scenario) -> Self {
        let further = [false, true].map(|changed| {
            let fixture = (scenario.before)();
            if changed {
                assert_eq!(scenario.change(&fixture.project()).status, Status::Ok);
            }
            let response = fixture.project().change(&another(), false);
            (response.status == Status::Ok).then(|| seen(&fixture.files))
        });
        Self { scenario, states: States::of(scenario), further }
    }

    /// The project after its process died at that call.
    fn interrupted(&self, at: u64) -> Fixture {
        let fixture = (self.scenario.before)();
        fixture.lane();
        let disk = FaultyStorage::new(&fixture.files).die_at(at, false);
        drop(self.scenario.change(&fixture.project_on(Arc::new(disk), Duration::ZERO)));
        fixture.on(fixture.files.killed())
    }

    /// The calls that change something, once somebody has the lane.
    fn deaths(&self) -> Vec<u64> {
        let fixture = (self.scenario.before)();
        fixture.lane();
        let disk = FaultyStorage::new(&fixture.files);
        drop(self.scenario.change(&fixture.project_on(Arc::new(disk.clone()), Duration::ZERO)));
        let log = disk.log();
        log.into_iter().filter(|call| call.change.is_some()).map(|call| call.index + 1).collect()
    }

    /// Opens the project, lists it and changes it on a disk of which a call fails.
    fn run(&self, death: u64, told: &Told, random: &mut Random) {
        let healthy = self.interrupted(death);
        let disk = FaultyStorage::new(&healthy.files);
        let project = healthy.project_on(Arc::new(disk.clone()), Duration::ZERO);
        drop((project.list_assets(&ListRequest::default()), project.change(&another(), false)));
        let calls = usize::try_from(disk.calls()).unwrap();

        let fixture = self.interrupted(death);
        let (at, fault) = (1 + random.below(calls - 1) as u64, *random.pick(&faults()));
        let disk = failing(&fixture.files, at, fault);
        let call = || disk.log().get(usize::try_from(at).unwrap()).cloned();
        let case = || {
            let name = self.scenario.name;
            format!("{name}, died at {death}, call {at} of the next fails {fault:?}: {:?}", call())
        };
        let project = fixture.project_on(Arc::new(disk.clone()), Duration::ZERO);
        told.check(&project.list_assets(&ListRequest::default()), &case);
        let response = project.change(&another(), false);
        drop(project);
        told.check(&response, &case);
        self.check(&fixture, &response, &case);
    }

    /// That the interrupted change is made or not, and the further one as its answer says.
    fn check<T>(&self, fixture: &Fixture, response: &Response<T>, case: &dyn Fn() -> String) {
        let is_unsure = response.blockers.iter().any(|b| b.code == BlockerCode::CommitIndeterminate);
        if response.status != Status::Ok && !is_unsure {
            return self.states.check_healed(self.scenario, fixture, None, case);
        }
        drop(fixture.project());
        assert!(is_settled(&fixture.files), "{}", case());
        let is = seen(&fixture.files);
        let stands = self.further.iter().flatten().any(|further| is == *further);
        let stands_not = is_unsure && (is == self.states.old || is == self.states.new);
        // Where the registry was taken back, nothing further can be made.
        let nearest = self.further.iter().rev().flatten().next().unwrap();
        assert!(stands || stands_not, "{}: {:?}\n{}", case(), response.status, difference(&is, nearest));
    }
}

#[test]
fn an_interrupted_change_that_cannot_be_settled_now_is_settled_by_a_healthy_disk() {
    let scenarios: Vec<Job<'_>> = scenario::ALL.iter().map(Job::of).collect();
    let (tally, told) = (Tally::default(), Told::default());
    on_all_cores(&scenarios, |job| {
        for death in job.deaths() {
            let mut random = Random::of(("recovery", job.scenario.name, death));
            for _ in 0..FAULTS * scale() {
                tally.case(|| job.run(death, &told, &mut random));
            }
        }
    });
    told.print();
    tally.report("interrupted changes on a failing disk");
    assert!(tally.cases() >= 2_000);
}
