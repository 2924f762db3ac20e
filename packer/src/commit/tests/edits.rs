//! Somebody else writes between any two calls of a change: an editor, a file manager, version control.
//!
//! What they saved is there in the end: under its name, or beside it as `*.conflict-*`, and then it was
//! named. Of everything that they did not touch, the change stands as a whole or not at all, and the
//! answer says which. All of that also when the process is killed or the power fails meanwhile.
//!
//! Left out: where names cannot be exchanged, a file that is saved between the look at it and its
//! replacement.

mod case;
mod ground;
mod person;

use std::panic::{AssertUnwindSafe, catch_unwind};

use self::case::{Case, Known};
use self::ground::{Fate, Ground, removed};
use self::person::{At, Edit, Text};
use super::scenario;
use super::suite::{Random, Tally, on_all_cores, scale};
use crate::commit::control::{Check, without};
use crate::mutate::{Fix, Mutation};
use crate::storage::faulty::{Call, Method};
use crate::storage::{FileKind, Rename};

/// But for what does whatever the disk asks for, as the person leaves it, or finds nothing to do: a
/// reconciliation, which `observe::tests::hands` holds to what it comes to, and mending everything. Nor for
/// several roots in one change: the person here has their hands on one.
fn all_known() -> Vec<Known> {
    let follows_the_disk = |known: &&scenario::Scenario| {
        matches!((known.mutation)(), Mutation::Reconcile(_) | Mutation::Fix(Fix::All))
            || known.name == "undo mending everything"
    };
    let is_of_several = |known: &&scenario::Scenario| {
        known.name.ends_with(" three") || known.name.ends_with(" three together")
    };
    let known = scenario::ALL.iter().filter(|known| !follows_the_disk(known) && !is_of_several(known));
    known.map(Known::of).collect()
}

#[test]
fn one_edit_between_any_two_calls_is_not_lost_and_the_change_is_whole() {
    let known = all_known();
    let jobs: Vec<(&Known, Edit)> =
        known.iter().flat_map(|known| known.edits().into_iter().map(move |edit| (known, edit))).collect();
    let tally = Tally::default();
    on_all_cores(&jobs, |(known, edit)| {
        let mut random = Random::of(("one edit", known.scenario.name, format!("{edit:?}")));
        for call in &known.calls[1..] {
            let is_writer = usize::try_from(call.index).unwrap() >= known.taken();
            let one_in = if is_writer && call.change.is_some() { 12 } else { 36 };
            if random.below(one_in) > 0 && scale() == 1 {
                continue;
            }
            for exchanges in [true, false] {
                if !exchanges && random.below(3) > 0 {
                    continue;
                }
                let case = Case {
                    scenario: known.scenario,
                    exchanges,
                    edits: vec![(call.index, *edit)],
                    death: None,
                    power_cut: None,
                    later: None,
                };
                tally.sampled(|| case.run(known));
            }
        }
    });
    tally.report("one edit during a change");
    assert!(tally.cases() >= 5_000);
}

#[test]
fn two_edits_at_any_two_calls_are_not_lost_and_the_change_is_whole() {
    let known = all_known();
    let jobs: Vec<usize> = (0..4_500 * scale()).collect();
    let tally = Tally::default();
    on_all_cores(&jobs, |n| {
        let mut random = Random::of(("two edits", n));
        let known = random.pick(&known);
        let edits = known.edits();
        let mut calls = [(); 2].map(|()| known.late_call(&mut random));
        calls.sort_unstable();
        let case = Case {
            scenario: known.scenario,
            exchanges: random.below(3) > 0,
            edits: calls.map(|call| (call, *random.pick(&edits))).into(),
            death: None,
            power_cut: (random.below(2) == 0).then(|| random.below(1_000)),
            later: None,
        };
        tally.sampled(|| case.run(known));
    });
    tally.report("two edits during a change");
    assert!(tally.cases() >= 1_000);
}

#[test]
fn what_comes_into_the_place_of_a_root_while_it_is_taken_back_is_not_lost() {
    let known = all_known();
    let tally = Tally::default();
    for known in known.iter().filter(|known| Ground::of(known.scenario).new_root.is_some()) {
        // The root stands already when the registry turns out to be another one.
        let is_exchange = |call: &&Call| call.method == Method::Rename(Rename::Exchange);
        let Some(decided) = known.calls.iter().rfind(is_exchange).map(|call| call.index) else { continue };
        let broken = Edit::Save(At::Registry, Text::ConflictMarkers, true);
        let mut random = Random::of(("a root that is taken back", known.scenario.name));
        for second in [Edit::LinkTo(At::NewRoot), Edit::Move(At::NewRoot), Edit::PutInto(At::NewRoot)] {
            for (call, power_cut) in
                (decided..decided + 120).flat_map(|call| [(call, None), (call, Some(call))])
            {
                if random.below(11) > 3 && scale() == 1 {
                    continue;
                }
                let case = Case {
                    scenario: known.scenario,
                    exchanges: true,
                    edits: vec![(decided, broken), (call, second)],
                    death: None,
                    power_cut: power_cut.map(|call| usize::try_from(call).unwrap()),
                    later: None,
                };
                tally.sampled(|| case.run(known));
            }
        }
    }
    tally.report("edits of a root that is taken back");
    assert!(tally.cases() >= 300);
}

#[test]
fn what_is_saved_while_its_root_is_removed_for_good_is_not_lost() {
    let known = all_known();
    let known: Vec<&Known> =
        known.iter().filter(|known| matches!(known.fate(), Fate::Removed | Fate::Unmade)).collect();
    let inside = [
        Edit::PutInto(At::Root),
        Edit::Save(At::Declaration, Text::Now, false),
        Edit::Save(At::Declaration, Text::Other, true),
    ];
    let in_the_way = [
        Edit::Make(At::Root, FileKind::Folder),
        Edit::Make(At::Root, FileKind::File),
        Edit::PutInto(At::Root),
        Edit::Save(At::Registry, Text::ConflictMarkers, false),
        Edit::Save(At::Registry, Text::StaleWithMore, true),
    ];
    let jobs: Vec<usize> = (0..1_500 * scale()).collect();
    let tally = Tally::default();
    on_all_cores(&jobs, |n| {
        let mut random = Random::of(("removed for good", n));
        let known = *random.pick(&known);
        let is_away = |call: &&Call| call.to.as_ref().is_some_and(|to| removed(to).is_some());
        let away = known.calls.iter().find(is_away).expect("it is removed").index;
        let before =
            away - u64::try_from(random.below(usize::try_from(away).unwrap() - known.taken())).unwrap();
        let after = away + 1 + random.below(60) as u64;
        let dies = random.below(3) == 0;
        let mut edits = vec![(before, *random.pick(&inside)), (after, *random.pick(&in_the_way))];
        if dies {
            edits.truncate(random.below(2));
        }
        let case = Case {
            scenario: known.scenario,
            exchanges: random.below(4) > 0,
            edits,
            death: dies.then_some(after),
            power_cut: (random.below(2) == 0).then(|| random.below(1_000)),
            later: (dies && random.below(3) > 0).then(|| *random.pick(&in_the_way)),
        };
        tally.sampled(|| case.run(known));
    });
    tally.report("edits of a root that is removed for good");
    assert!(tally.cases() >= 500);
}

#[test]
fn a_removal_that_does_not_look_what_it_takes_along_is_found_out() {
    let known = all_known();
    let known = known.iter().find(|known| known.fate() == Fate::Removed).unwrap();
    let is_away = |call: &&Call| call.to.as_ref().is_some_and(|to| removed(to).is_some());
    let away = known.calls.iter().find(is_away).unwrap().index;
    for edit in [Edit::PutInto(At::Root), Edit::Save(At::Declaration, Text::Other, true)] {
        let case = Case {
            scenario: known.scenario,
            exchanges: true,
            edits: vec![(away, edit)],
            death: None,
            power_cut: None,
            later: None,
        };
        assert!(case.run(known), "it is done, and given back");
        let blind = || without(Check::Tree, || catch_unwind(AssertUnwindSafe(|| case.run(known))));
        assert!(blind().is_err(), "{edit:?} was lost, and nobody saw it");
    }
}

#[test]
fn edits_around_a_crash_are_not_lost_and_the_change_is_whole() {
    let known = all_known();
    let jobs: Vec<usize> = (0..8_000 * scale()).collect();
    let tally = Tally::default();
    on_all_cores(&jobs, |n| {
        let mut random = Random::of(("edits around a crash", n));
        let known = random.pick(&known);
        let edits = known.edits();
        let mut calls = [(); 2].map(|()| known.late_call(&mut random));
        calls.sort_unstable();
        let edit = |random: &mut Random| *random.pick(&edits);
        // An edit before, one after, or both.
        let which = random.below(3);
        let case = Case {
            scenario: known.scenario,
            exchanges: random.below(3) > 0,
            edits: if which == 0 { Vec::new() } else { vec![(calls[0], edit(&mut random))] },
            death: Some(calls[1]),
            power_cut: (random.below(2) == 0).then(|| random.below(1_000)),
            later: (which != 1).then(|| edit(&mut random)),
        };
        tally.sampled(|| case.run(known));
    });
    tally.report("edits around a crash");
    assert!(tally.cases() >= 2_000);
}
