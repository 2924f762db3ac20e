use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use crate::Project;
use crate::ops::Status;
use crate::storage::faulty::{FaultyStorage, Method};
use crate::storage::{Rename, Source as _};
use crate::testing::{Fixture, request};

/// What a pack reads after `meanwhile`: how many files it opens of each asset, and what it made.
fn check(meanwhile: impl FnOnce(&Fixture), made: &[&str]) -> crate::ops::Work {
    let fixture = Fixture::blobs(&["a", "b/c", "b/d"]);
    assert_eq!(fixture.pack().status, Status::Ok);
    fixture.later();
    meanwhile(&fixture);
    let response = fixture.project_for_build().pack(&request());
    let result = response.payload.unwrap();
    let reasons = result.assets.iter().filter_map(|asset| Some((asset.root.as_str(), asset.made.as_ref()?)));
    let reasons: Vec<String> = reasons.map(|(root, reason)| format!("{root}: {reason}")).collect();
    assert_eq!(reasons, made);
    result.work
}

#[test]
fn where_nothing_changed_nothing_is_read_but_the_record_and_nothing_is_written() {
    let work = check(|_| (), &[]);
    // The record, and the file of the lock on the output folder.
    assert_eq!(work.opens, 2, "{work:?}");
    assert_eq!((work.bytes_hashed, work.bytes_written, work.encoded, work.syncs), (0, 0, 0, 0));
}

#[test]
fn no_path_is_asked_for_twice_where_nothing_changed() {
    let fixture = Fixture::blobs(&["a", "b/c", "b/d"]);
    assert_eq!(fixture.pack().status, Status::Ok);
    fixture.later();
    let disk = FaultyStorage::new(&fixture.files);
    let project =
        Project::open_for_build(fixture.host_on(Arc::new(disk.clone()), Duration::ZERO), Path::new("/game"));
    let begun = disk.calls();
    assert_eq!(project.unwrap().pack(&request()).status, Status::Ok);
    let asked = disk.log().into_iter().filter(|call| call.index >= begun && call.method == Method::Stat);
    let mut paths: Vec<PathBuf> =
        asked.map(|call| call.path).filter(|path| path.starts_with("/game/assets")).collect();
    let of_lane = |path: &PathBuf| path.starts_with("/game/assets/.prometeu");
    let (lane, mut assets): (Vec<PathBuf>, Vec<PathBuf>) = paths.drain(..).partition(of_lane);
    assets.sort();
    let expected = [
        "a",
        "a/asset.json",
        "a/data.txt",
        "b",
        "b/c",
        "b/c/asset.json",
        "b/c/data.txt",
        "b/d",
        "b/d/asset.json",
        "b/d/data.txt",
    ];
    assert_eq!(assets, expected.map(|path| Path::new("/game/assets").join(path)));
    // The lock, the journal and the registry: a handful, however many assets there are.
    assert!(lane.len() <= 16, "{lane:?}");
}

#[test]
fn a_first_pack_reads_each_input_once() {
    let fixture = Fixture::blobs(&["a", "b/c", "b/d"]);
    let work = fixture.project_for_build().pack(&request()).payload.unwrap().work;
    // Each is its own payload, and is hashed once for both.
    assert_eq!((work.bytes_hashed, work.encoded, work.bytes_copied), (1 + 3 + 3, 3, 0), "{work:?}");
    let disk = FaultyStorage::new(&fixture.files);
    fixture.files.delete("/out/assets.pa");
    fixture.files.delete(crate::pack::record_path(Path::new("/cache"), Path::new("/out")));
    let project =
        Project::open_for_build(fixture.host_on(Arc::new(disk.clone()), Duration::ZERO), Path::new("/game"));
    assert_eq!(project.unwrap().pack(&request()).status, Status::Ok);
    let reads = disk.log().into_iter();
    let reads = reads.filter(|call| call.method == Method::ReadAt && call.path.ends_with("data.txt")).count();
    assert_eq!(reads, 3);
}

#[test]
fn what_a_build_does_not_look_at_may_change_as_it_likes() {
    let still = check(|fixture| fixture.write("assets/readme.txt", "hello"), &[]);
    assert_eq!((still.opens, still.bytes_written), (2, 0));
}

#[test]
fn a_touched_file_is_compared_with_the_pack_and_found_to_be_the_same() {
    let work = check(
        |fixture| {
            let bytes = fixture.files.content("/game/assets/b/c/data.txt").unwrap();
            fixture.write("assets/b/c/data.txt", bytes);
            fixture.later();
        },
        &[],
    );
    assert_eq!(work.bytes_hashed, 0, "{work:?}");
    // The record and the lock, one declaration and one input, and the pack.
    assert_eq!(work.opens, 5, "{work:?}");
    assert_eq!((work.encoded, work.syncs), (0, 0));
}

/// Writes the same bytes to a file of the project once more.
fn touch(fixture: &Fixture, path: &str) {
    let bytes = fixture.files.content(Path::new("/game").join(path)).unwrap();
    fixture.write(path, bytes);
}

#[test]
fn a_declaration_and_a_registry_that_were_touched_cost_a_look_each_and_then_none() {
    for (path, opens) in [("assets/b/c/asset.json", 3), ("assets/.prometeu/index.json", 3)] {
        let fixture = Fixture::blobs(&["a", "b/c", "b/d"]);
        assert_eq!(fixture.pack().status, Status::Ok);
        touch(&fixture, path);
        fixture.later();
        for expected in [opens, 2] {
            let result = fixture.project_for_build().pack(&request()).payload.unwrap();
            assert_eq!(result.work.opens, expected, "{path}: {:?}", result.work);
            assert_eq!((result.cache.hits, result.work.encoded, result.work.bytes_hashed), (3, 0, 0));
        }
    }
}

#[test]
fn what_was_young_is_looked_into_once_more_and_believed_from_then_on() {
    let fixture = Fixture::blobs(&["a", "b"]);
    assert_eq!(fixture.pack().status, Status::Ok);
    touch(&fixture, "assets/b/asset.json");
    touch(&fixture, "assets/.prometeu/index.json");
    assert_eq!(fixture.pack().status, Status::Ok);
    let work = || fixture.project_for_build().pack(&request()).payload.unwrap().work;
    // As young as they were.
    let young = work();
    assert!(young.opens > 2, "{young:?}");
    assert_eq!(young.bytes_written, 0, "nothing was learnt");
    fixture.later();
    assert!(work().bytes_written > 0);
    assert_eq!(work().opens, 2);
}

#[test]
fn what_was_touched_beside_a_change_is_not_made() {
    check(
        |fixture| {
            touch(fixture, "assets/a/data.txt");
            touch(fixture, "assets/b/d/asset.json");
            fixture.write("assets/b/c/data.txt", "new");
        },
        &["b/c: `data.txt` changed"],
    );
}

#[test]
fn another_content_of_the_same_size_is_hashed_once() {
    let work = check(|fixture| fixture.write("assets/b/c/data.txt", "x"), &["b/c: `data.txt` changed"]);
    assert_eq!(work.bytes_hashed, 1, "{work:?}");
}

#[test]
fn a_changed_file_costs_its_own_bytes() {
    let work = check(|fixture| fixture.write("assets/b/c/data.txt", "new"), &["b/c: `data.txt` changed"]);
    assert_eq!(work.bytes_hashed, 3, "{work:?}");
    assert!(work.bytes_copied > 0);
}

#[test]
fn a_declaration_that_says_the_same_in_another_layout_makes_nothing() {
    let relaid = |fixture: &Fixture| fixture.edit("a", "\"preload\": {", "\"preload\" :  {");
    check(relaid, &[]);
    check(|fixture| fixture.edit("a", "\"name\": \"a\"", "\"name\": \"other\""), &[]);
    check(
        |fixture| fixture.edit("a", "\"codec\": \"NONE\"", "\"codec\": \"NONE\", \"metadata\": {\"x\": 1}"),
        &["a: `output.metadata` changed"],
    );
}

#[test]
fn a_link_far_above_a_root_is_seen() {
    let fixture = Fixture::blobs(&["deep/er/still/a", "b"]);
    assert_eq!(fixture.pack().status, Status::Ok);
    fixture.later();
    fixture.files.rename_by_hand("/game/assets/deep", "/game/elsewhere", Rename::New).unwrap();
    fixture.files.link("/game/assets/deep", "/game/elsewhere");
    let response = fixture.project_for_build().pack(&request());
    assert_eq!(response.diagnostics[0].code.as_str(), "root-missing");
}

#[test]
fn what_was_touched_is_learnt_where_another_asset_has_a_warning_each_time() {
    let fixture = Fixture::blobs(&["a", "b/c"]);
    fixture.edit("a", "\"name\"", "\"colour\": 1, \"name\"");
    let pack = || fixture.project_for_build().pack(&request());
    assert_eq!(pack().diagnostics.len(), 1);
    fixture.later();
    assert_eq!(pack().diagnostics.len(), 1);
    let settled = pack().payload.unwrap().work.opens;
    touch(&fixture, "assets/b/c/asset.json");
    fixture.later();
    assert!(pack().payload.unwrap().work.opens > settled);
    assert_eq!(pack().payload.unwrap().work.opens, settled);
}

#[test]
fn a_folder_that_became_a_link_is_not_what_it_was() {
    let fixture = Fixture::blobs(&["a", "b/c"]);
    assert_eq!(fixture.pack().status, Status::Ok);
    fixture.later();
    fixture.files.rename_by_hand("/game/assets/b", "/game/elsewhere", Rename::New).unwrap();
    fixture.files.link("/game/assets/b", "/game/elsewhere");
    assert!(fixture.files.stat(Path::new("/game/assets/b")).unwrap().is_some());
    let response = fixture.project_for_build().pack(&request());
    assert_eq!(response.diagnostics[0].code.as_str(), "root-missing");
}
