//! Negative controls: a protocol that lacks one of its syncs, of its renames or of its checks must be
//! found out by the suites that prove the whole one.
//!
//! Each sync and each rename of each change is taken out in turn, by its number: so a sync that nobody
//! would miss is found as well, and none can be forgotten here.

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::crash::Trial;
use super::readers::decided;
use super::scenario::{ALL, Scenario};
use super::suite::{on_all_cores, say, seed};
use crate::commit::control::{Check, without};
use crate::digest::Digest;
use crate::mutate::Expected;
use crate::ops::Status;
use crate::storage::faulty::{Call, FaultyStorage};
use crate::storage::memory::MemoryStorage;

fn trial(scenario: Scenario, lane: bool) -> Trial {
    Trial { scenario, lane, exchange: true, limit: 0, nested: 0, seed: seed() }
}

/// The syncs and renames of a change, by what is synced or named.
fn calls(trial: &Trial) -> (Vec<String>, Vec<String>) {
    let fixture = (trial.scenario.before)();
    if trial.lane {
        fixture.lane();
    }
    let disk = FaultyStorage::new(&fixture.files);
    let project = fixture.project_on(Arc::new(disk.clone()), Duration::ZERO);
    assert_eq!(trial.scenario.change(&project).status, Status::Ok);
    let shown = |path: &Path| path.strip_prefix("/game").unwrap().display().to_string();
    let renames = disk.renames();
    (
        disk.syncs().iter().map(|path| shown(path)).collect(),
        renames.iter().map(|(_, to, how)| format!("{} ({how:?})", shown(to))).collect(),
    )
}

/// Spoils one thing in the change of each scenario, in turn; what was not found out.
fn uncaught(
    trials: &[Trial],
    things: fn(&Trial) -> Vec<String>,
    is_of_interest: fn(&Trial, &str) -> bool,
    spoil: fn(FaultyStorage, u64) -> FaultyStorage,
) -> (usize, Vec<String>) {
    let all = trials.iter().flat_map(|trial| {
        let things = (0..).zip(things(trial)).filter(|(_, thing)| is_of_interest(trial, thing));
        things.map(|(n, thing)| (*trial, n, thing)).collect::<Vec<_>>()
    });
    let all: Vec<_> = all.collect();
    let count = all.len();
    let missed = Mutex::new(Vec::new());
    on_all_cores(&all, |(trial, n, thing)| {
        // Most are found out at once.
        let efforts = [(6, 0), (40, 0), (300, 6)];
        let mut trials = efforts.into_iter().map(|(limit, nested)| Trial { limit, nested, ..*trial });
        let found = trials.any(|trial| trial.run(|disk| spoil(disk, *n)).is_err());
        if !found {
            missed.lock().unwrap().push(format!("{}: {n}, {thing}", trial.scenario.name));
        }
    });
    (count, missed.into_inner().unwrap())
}

#[test]
fn a_commit_that_lacks_one_of_its_syncs_is_found_out() {
    let mut trials: Vec<Trial> = ALL.iter().map(|scenario| trial(*scenario, true)).collect();
    // Where nothing is there yet, the folders above the journal have to last as well.
    trials.push(trial(ALL[0], false));
    // What is synced there for `.gitignore` keeps no change.
    let of_interest = |trial: &Trial, thing: &str| {
        (trial.lane || ["", "assets", "assets/.prometeu"].contains(&thing)) && !is_implied(trial, thing)
    };
    let (count, missed) = uncaught(&trials, |trial| calls(trial).0, of_interest, FaultyStorage::skip_sync);
    assert!(count > 80, "{count}");
    assert_eq!(missed, [""; 0]);
    told("commits that lack one sync, found out", count);
}

#[test]
fn a_commit_that_writes_in_place_instead_of_renaming_is_found_out() {
    let trials: Vec<Trial> = ALL.iter().map(|scenario| trial(*scenario, true)).collect();
    // Nothing is decided by who holds the lane, and an empty folder that is put aside cannot be torn.
    // Nor is anything lost but the way back when what is kept of the last change is torn.
    let of_interest = |_: &Trial, thing: &str| {
        !["holder.json", "/.pm-", "last-change"].iter().any(|name| thing.contains(name))
    };
    let (count, missed) = uncaught(&trials, |trial| calls(trial).1, of_interest, FaultyStorage::tear_rename);
    assert!(count > 30, "{count}");
    assert_eq!(missed, [""; 0]);
    told("commits that write in place once, found out", count);
}

/// Those that do not touch the registry.
const LEAVE_THE_REGISTRY: [&str; 3] =
    ["quarantine an orphan", "mend an old name", "adopt a root whose uuid was edited"];

/// Whether the sync of that folder is one that another implies: where a change removes the folder that a
/// root came out of, that can be durable only after the root's own move; and the folders on that way are
/// synced before it and again at the end. And where a root goes that is not wanted any more is of no
/// account.
fn is_implied(trial: &Trial, thing: &str) -> bool {
    let comes_back =
        ["restore", "undo a quarantine"].iter().any(|name| trial.scenario.name.starts_with(name));
    let is_below = |folder: &str| thing == folder || thing.starts_with(&format!("{folder}/"));
    comes_back
        && (["assets", "assets/ui", "assets/.prometeu"].contains(&thing)
            || is_below("assets/.prometeu/quarantine"))
        || trial.scenario.name == "undo a relocation" && is_below("assets/new")
        || trial.scenario.name == "undo a creation" && thing.ends_with("local/removed")
        // What a person undoes by hand afterwards is told by the registry, which this one leaves alone.
        || LEAVE_THE_REGISTRY.contains(&trial.scenario.name) && thing.ends_with(".prometeu/local")
}

fn told(suite: &str, count: usize) {
    say(&format!("{suite}: {count} cases, 0 failed, seed {}", seed()));
}

#[test]
fn a_recovery_that_lacks_one_of_its_syncs_is_found_out() {
    let mut all = Vec::new();
    for scenario in ALL {
        let trial = trial(*scenario, true);
        assert_eq!(
            trial.run_recovery(|disk| disk).map(|_| ()),
            Ok(()),
            "with all its syncs it is as promised"
        );
        let fixture = decided(scenario);
        let disk = FaultyStorage::new(&fixture.files);
        drop(fixture.project_on(Arc::new(disk.clone()), Duration::ZERO));
        let syncs = (0..).zip(disk.syncs());
        // The journal's own content was synced before it got its name.
        let syncs = syncs.filter(|(_, path)| !path.ends_with("local/journal"));
        let inside = |path: &Path| path.strip_prefix("/game").unwrap_or(path).display().to_string();
        let syncs = syncs.filter(|(_, path)| !is_implied(&trial, &inside(path)));
        all.extend(syncs.map(|(n, path)| (trial, n, path)));
    }
    let missed = Mutex::new(Vec::new());
    on_all_cores(&all, |(trial, n, path)| {
        let mut trials = [6, 40, 300].into_iter().map(|limit| Trial { limit, ..*trial });
        if !trials.any(|trial| trial.run_recovery(|disk| disk.skip_sync(*n)).is_err()) {
            missed.lock().unwrap().push(format!("{}: {n}, {}", trial.scenario.name, path.display()));
        }
    });
    assert_eq!(missed.into_inner().unwrap(), [""; 0]);
    told("recoveries that lack one sync, found out", all.len());
}

const REGISTRY: &str = "/game/assets/.prometeu/index.json";

/// Somebody saves the registry before call `at` of a change; with `death`, the process dies at that call
/// and the next one settles it. Whether what they saved is still there, under its name or beside it, or
/// is what the change began with.
fn an_edit_survives(scenario: Scenario, edit: Edit, at: u64, death: Option<u64>, exchange: bool) -> bool {
    let fixture = (scenario.before)();
    fixture.lane();
    let fixture = if exchange { fixture } else { fixture.on(fixture.files.fork().without_exchange()) };
    let theirs = edit(fixture.files.content(REGISTRY).unwrap());
    let mine = theirs.clone();
    let disk = FaultyStorage::new(&fixture.files).before_each(move |files: &MemoryStorage, call: &Call| {
        if call.index == at {
            files.write(REGISTRY, mine.clone());
        }
    });
    let disk = if let Some(death) = death { disk.die_at(death, false) } else { disk };
    let response = scenario.change(&fixture.project_on(Arc::new(disk.clone()), Duration::ZERO));
    let left = fixture.on(fixture.files.killed());
    drop(left.project());
    let paths = left.files.paths();
    let is_there = |bytes: &[u8]| paths.iter().any(|path| left.files.content(path).as_deref() == Some(bytes));
    // A plan that was made of what they saved replaces it: that is no loss.
    let begun = response.payload.is_some_and(|applied| {
        let expected = Expected::Content(Digest::of(&theirs));
        applied.plan.edits.iter().any(|edit| edit.expected == expected)
    });
    disk.calls() <= at || begun || is_there(&theirs)
}

/// What somebody makes of a text.
type Edit = fn(Vec<u8>) -> Vec<u8>;

const LONGER: Edit = |text| [text, vec![b'\n']].concat();
/// The beginning of what was there is an edit like any other.
const SHORTER: Edit = |text| text[..text.len() / 2].to_vec();

/// Before how many calls an edit is lost.
fn lost_edits(scenario: Scenario, exchange: bool) -> usize {
    let lost = |edit| (0..500).filter(|at| !an_edit_survives(scenario, edit, *at, None, exchange)).count();
    lost(LONGER) + lost(SHORTER)
}

/// How many edits are lost when the process dies a few calls later.
fn lost_edits_before_a_death(scenario: Scenario) -> usize {
    let cases = (60..220).flat_map(|at| (1..8).map(move |later| (at, at + later)));
    // One that dies before its plan is told may have begun with the edit.
    let is_lost = |at, death| !an_edit_survives(scenario, LONGER, at, Some(death), true);
    cases.filter(|(at, death)| is_lost(*at, *death)).count()
}

#[test]
fn a_commit_that_lacks_one_of_its_checks_is_found_out() {
    let register = *ALL.iter().find(|scenario| scenario.name == "register and write a uuid").unwrap();
    assert_eq!(lost_edits(register, true), 0, "with all its checks it loses none");
    for check in [Check::Expected, Check::Exchanged] {
        assert!(without(check, || lost_edits(register, true)) > 0, "{check:?}");
    }
    let lost = lost_edits_before_a_death(register);
    assert!(without(Check::LeftOver, || lost_edits_before_a_death(register)) > lost);
    // Where names cannot be exchanged, the look before is all there is, and there is a gap after it.
    let gap = lost_edits(register, false);
    assert!(gap <= 6, "{gap}");
    assert!(without(Check::Standing, || lost_edits(register, false)) > gap);
    told("commits that lack one check, found out", 4);
}
