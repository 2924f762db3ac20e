//! The way back after a power cut: that of the last change, or none; never that of an earlier one.

use std::sync::Arc;
use std::time::Duration;

use super::super::scenario::{self, Scenario, visible};
use super::super::suite::{Tally, on_all_cores};
use crate::mutate::{Mutation, SetIncluded};
use crate::ops::{ListRequest, Status};
use crate::storage::faulty::FaultyStorage;
use crate::testing::Fixture;

/// So many states that a power cut may leave are looked at, before each call.
const STATES: usize = 12;

/// The calls at the end of a change among which the power is cut: those that close its journal.
const LAST_CALLS: u64 = 24;

/// A scenario whose project was changed once before; what that change was called.
fn changed_before(scenario: &Scenario) -> (Fixture, String) {
    let fixture = (scenario.before)();
    let assets = fixture.project().list_assets(&ListRequest::default()).payload.expect("there is a registry");
    let last = assets.iter().rfind(|row| row.asset_id.is_some()).expect("something is registered");
    let change = SetIncluded { assets: vec![last.root.clone()], included: !last.included_in_build };
    let response = fixture.project().change(&Mutation::SetIncluded(change), true);
    assert_eq!(response.status, Status::Ok, "{:?}", response.blockers);
    (fixture, response.summary)
}

#[test]
fn after_a_power_cut_an_earlier_change_is_never_taken_back() {
    let tally = Tally::default();
    let is_for_this =
        |scenario: &&Scenario| !["undo", "init"].iter().any(|but| scenario.name.starts_with(but));
    let scenarios: Vec<&Scenario> = scenario::ALL.iter().filter(is_for_this).collect();
    on_all_cores(&scenarios, |scenario| {
        let calls = {
            let (fixture, _) = changed_before(scenario);
            let disk = FaultyStorage::new(&fixture.files);
            drop(scenario.change(&fixture.project_on(Arc::new(disk.clone()), Duration::ZERO)));
            disk.calls()
        };
        for at in calls - LAST_CALLS..calls {
            let (fixture, earlier) = changed_before(scenario);
            let before = visible(&fixture.files);
            let disk = FaultyStorage::new(&fixture.files).die_at(at, false);
            drop(scenario.change(&fixture.project_on(Arc::new(disk), Duration::ZERO)));
            for left in fixture.files.crash_states(STATES, at) {
                tally.sampled(|| {
                    let left = fixture.on(left);
                    let project = left.project();
                    let now = visible(&left.files);
                    if now == before {
                        return false;
                    }
                    let undone = project.change(&Mutation::UNDO_LAST, true);
                    let case = || format!("{}, power cut before call {at} of {calls}", scenario.name);
                    match undone.status {
                        Status::Ok => {
                            assert_ne!(undone.summary, format!("take back: {earlier}"), "{}", case());
                        }
                        _ => assert!(visible(&left.files) == now, "{}", case()),
                    }
                    true
                });
            }
        }
    });
    tally.report("power cuts, and the last change taken back after them");
}
