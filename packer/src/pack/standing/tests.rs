//! What is said of a last pack, beside what a pack then does.

use std::path::Path;

use crate::id::AssetId;
use crate::pack::Standing::{self, Fresh, Older, Unknown};
use crate::testing::{Fixture, entry, request};

/// What is known of the pack in `/out` by somebody who opens the project for it.
fn standing(fixture: &Fixture) -> Standing {
    let last = fixture.project_for_build().last_pack(Path::new("/out"), Path::new("/cache")).unwrap();
    last.expect("there is a pack").standing
}

/// What somebody does to the project after a pack of `a`, `b` and `c`, and what is said then. What is said to be
/// fresh is left alone by the next pack, and each pack is fresh.
#[track_caller]
fn check(what: impl Fn(&Fixture), expected: &Standing) {
    let fixture = Fixture::blobs(&["a", "b", "c"]);
    assert!(fixture.pack().payload.is_some());
    assert_eq!(standing(&fixture), Fresh);
    fixture.later();
    what(&fixture);
    assert_eq!(standing(&fixture), *expected);
    let before = fixture.published();
    let Some(packed) = fixture.pack().payload else { return };
    if *expected == Fresh {
        assert!(!packed.artifact.changed && fixture.published() == before);
    }
    assert_eq!(standing(&fixture), Fresh);
}

/// The assets of the fixture with those numbers.
fn older(ids: &[u32]) -> Standing {
    Older(ids.iter().map(|id| AssetId::new(*id)).collect())
}

#[test]
fn what_nobody_touched_and_what_has_other_dates_alone_is_fresh() {
    check(|_| {}, &Fresh);
    check(|fixture| fixture.write("assets/a/data.txt", "a"), &Fresh);
    check(|fixture| fixture.write("assets/a/notes.txt", "of no asset"), &Fresh);
    check(|fixture| fixture.write("assets/new/asset.json", "{"), &Fresh);
}

#[test]
fn what_was_edited_came_or_went_is_named() {
    check(|fixture| fixture.write("assets/b/data.txt", "B"), &older(&[2]));
    check(|fixture| fixture.write("assets/b/data.txt", "longer"), &older(&[2]));
    check(|fixture| fixture.edit("c", "\"name\": \"c\"", "\"name\": \"d\""), &older(&[3]));
    check(|fixture| fixture.files.delete("/game/assets/a/data.txt"), &older(&[1]));
    let [a, b, c] = [entry(1, "a", true), entry(2, "b", true), entry(3, "c", true)];
    let without = |n| entry(n, "b", false);
    check(|fixture| fixture.registry(&[a.clone(), without(2), c.clone()]), &older(&[2]));
    check(|fixture| fixture.registry(&[b.clone(), c.clone()]), &older(&[1]));
}

#[test]
fn of_another_set_than_the_one_on_record_nothing_is_known() {
    check(|fixture| fixture.files.write("/out/assets.pa", "not a pack"), &Unknown);
    check(|fixture| fixture.files.delete("/out/preload.json"), &Unknown);
    check(|fixture| fixture.write("assets/.prometeu/index.json", "{"), &Unknown);
}

#[test]
fn where_there_is_no_pack_there_is_none() {
    let fixture = Fixture::blobs(&["a"]);
    let project = fixture.project_for_build();
    assert_eq!(project.last_pack(Path::new("/out"), Path::new("/cache")).unwrap(), None);
}

#[test]
fn to_look_writes_nothing_and_opens_no_input_that_has_its_date() {
    let fixture = Fixture::blobs(&["a", "b"]);
    assert!(fixture.pack().payload.is_some());
    fixture.later();
    let project = fixture.project_for_build();
    project.snapshot().unwrap();
    fixture.files.take_counts();
    let last = project.last_pack(&request().out_dir, Path::new("/cache")).unwrap().unwrap();
    assert_eq!((last.standing, last.size), (Fresh, fixture.published().len() as u64));
    let counts = fixture.files.take_counts();
    assert_eq!((counts.opened, counts.created, counts.renamed, counts.synced), (1, 0, 0, 0), "the record");
}

#[test]
fn of_two_entries_with_one_id_one_is_another_and_what_has_none_is_gone() {
    let [a, b] = [entry(1, "a", true), entry(2, "b", true)];
    let fixture = Fixture::blobs(&["a", "b", "c"]);
    assert!(fixture.pack().payload.is_some());
    fixture.registry(&[a.clone(), a, b]);
    assert_eq!(standing(&fixture), older(&[1, 3]));
}

#[test]
fn what_is_warned_of_is_known_by_its_content() {
    let warned = |fixture: &Fixture| fixture.edit("a", "\"name\": \"a\"", "\"name\": \"a\", \"colour\": 1");
    check(warned, &older(&[1]));
    let fixture = Fixture::blobs(&["a", "b"]);
    warned(&fixture);
    let packed = fixture.pack();
    assert!(packed.payload.is_some() && !packed.diagnostics.is_empty(), "a warning");
    fixture.later();
    assert_eq!(standing(&fixture), Fresh);
    fixture.write("assets/a/data.txt", "A");
    assert_eq!(standing(&fixture), older(&[1]));
}
