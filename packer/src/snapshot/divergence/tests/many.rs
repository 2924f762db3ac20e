//! Registries in which thousands of entries claim one thing: as many contradictions, each told in few words
//! with few ways out.

use crate::ops::{DoctorRequest, Status};
use crate::snapshot::divergence::shared::HANDFUL;
use crate::testing::{Fixture, blob, entry, uuid};

const MANY: u32 = 5_000;

/// More than any sentence about two assets needs, and less than one that names them all.
const LONG: usize = 1_000;

/// A registry of so many entries in folders of their own, each as `change` makes it, and every folder as
/// `declared` says.
fn fixture(count: u32, change: impl Fn(u32, String) -> String, declared: impl Fn(u32) -> String) -> Fixture {
    let fixture = Fixture::empty();
    for n in 1..=count {
        fixture.declare(&format!("r{n}"), &blob(&declared(n), &format!("r{n}")));
        fixture.write(&format!("assets/r{n}/data.txt"), format!("{n}"));
    }
    let entries = (1..=count).map(|n| change(n, entry(n, &format!("r{n}"), true)));
    fixture.registry(&entries.collect::<Vec<_>>());
    fixture.later();
    fixture
}

/// All but the first entry contradict it, as `kind`; each says so in few words, with two ways out at most.
#[track_caller]
fn check(fixture: &Fixture, kind: &str) {
    let status = fixture.project().workspace_status();
    let all = status.payload.unwrap().divergences;
    let told = all.iter().filter(|found| found.kind.as_str() == kind);
    assert_eq!(told.count() + 1, MANY as usize, "{kind}");
    for found in &all {
        assert!(found.message.len() < LONG, "{kind}: {}", found.message);
        assert!(found.ways.len() <= 2, "{kind}: {:?}", found.ways);
    }
    let doctor = fixture.project().doctor(DoctorRequest { workspace: true, strict: false });
    assert_eq!(doctor.status, Status::Blocked, "{kind}");
    assert!(doctor.proposed_actions.len() <= MANY as usize, "{kind}");
    for found in &doctor.diagnostics {
        assert!(found.message.len() < LONG, "{kind}: {}", found.message);
        assert!(found.help.as_ref().is_none_or(|help| help.len() < LONG), "{kind}: {:?}", found.help);
    }
}

#[test]
fn thousands_of_entries_with_one_uuid_are_told_one_by_one() {
    let one = |n, text: String| text.replace(&uuid(n), &uuid(1));
    check(&fixture(MANY, one, |_| uuid(1)), "duplicate-asset-uuid");
    check(&fixture(MANY, one, uuid), "duplicate-asset-uuid");
}

#[test]
fn thousands_of_entries_with_one_id_are_told_one_by_one() {
    let one = |n, text: String| text.replace(&format!("\"asset_id\": {n},"), "\"asset_id\": 1,");
    check(&fixture(MANY, one, uuid), "duplicate-asset-id");
    // And each where another one should be.
    check(&fixture(MANY, one, |n| uuid(n % MANY + 1)), "duplicate-asset-id");
}

#[test]
fn thousands_of_entries_with_one_root_are_told_one_by_one() {
    let one = |n, text: String| text.replace(&format!("\"r{n}\""), "\"r1\"");
    check(&fixture(MANY, one, uuid), "duplicate-root");
}

#[test]
fn a_handful_is_told_with_every_way_out_and_more_than_that_with_two() {
    let one = |n, text: String| text.replace(&uuid(n), &uuid(1));
    for (count, expected) in [(2, 2), (HANDFUL, HANDFUL), (HANDFUL + 1, 2)] {
        let fixture = fixture(u32::try_from(count).unwrap(), one, |_| uuid(1));
        let told = fixture.project().workspace_status().payload.unwrap().divergences;
        assert_eq!(told.len(), count - 1);
        assert!(told.iter().all(|found| found.ways.len() == expected), "{count}: {told:?}");
        // Whatever is told of one of them, each can become an asset of its own.
        assert_eq!(super::take_every_way(&fixture), count);
    }
}

#[test]
fn of_many_folders_that_an_asset_may_be_in_the_first_few_are_named() {
    let fixture = Fixture::blobs(&["a"]);
    for n in 1..=20 {
        super::copy(&fixture, 1, &format!("c{n:02}"));
    }
    fixture.files.delete("/game/assets/a");
    let told = fixture.project().workspace_status().payload.unwrap().divergences;
    let words = "asset 1 is not in `a` any more, and 20 folders carry its uuid: `c01`, `c02`, `c03`, `c04`, `c05`, \
                 `c06`, `c07`, `c08` and 12 more";
    assert_eq!(told[0].message, words);
}
