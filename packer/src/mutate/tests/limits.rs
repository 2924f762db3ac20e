//! Documents that grow too large, names that are unfit, disks that fail.

use std::sync::Arc;
use std::time::Duration;

use super::{
    adopt_as, adopt_as_new, check_refused, edits, forget, orphan, planned, purge, quarantine, register,
    relocate, remove, root, set_included,
};
use crate::mutate::{CreateAsset, Mutation, RegisterAsset};
use crate::ops::{BlockerCode, Preview, Response, Status};
use crate::path::AssetPath;
use crate::schema::Document;
use crate::storage::faulty::{Failure, FaultyStorage, Repeat};
use crate::testing::{Fixture, blob, uuid};

/// A registry in one line of as many entries, most with long roots, as give it about `size` bytes.
fn compact(size: usize) -> String {
    let entry = |n: usize| {
        let uuid = uuid(u32::try_from(n).unwrap());
        let long = if n == 1 { String::new() } else { format!("/{}", "x".repeat(4_000)) };
        format!(
            r#"{{"asset_id":{n},"included_in_build":true,"root":"r/{n:06}{long}","asset_uuid":"{uuid}"}}"#
        )
    };
    let count = size / (entry(100_000).len() + 1);
    let entries: Vec<String> = (1..=count).map(entry).collect();
    let next = count + 1;
    format!(r#"{{"schema_version":1,"next_asset_id":{next},"assets":[{}]}}"#, entries.join(","))
}

#[test]
fn a_change_after_which_a_document_could_not_be_read_is_refused_with_the_sizes() {
    let fixture = Fixture::blobs(&["a"]);
    let index = "assets/.prometeu/index.json";
    fixture.write(index, compact(16_770_000));
    assert!(planned(&fixture, &set_included(&["1"], true)).is_done(), "the registry as it is can be read");
    check_refused(
        &fixture,
        &set_included(&["1"], false),
        BlockerCode::InvalidArgument,
        "bytes then, and one of more than 16777216 is not read | Delete the entries",
    );
    fixture.declare("new", &blob(&uuid(900_000), "new"));
    for mutation in [relocate("1", "moved"), register("new")] {
        if matches!(mutation, Mutation::RelocateAsset(_)) {
            fixture.declare("r/000001", &blob(&uuid(1), "one"));
        }
        check_refused(
            &fixture,
            &mutation,
            BlockerCode::InvalidArgument,
            "`assets/.prometeu/index.json` would have",
        );
    }

    let fixture = Fixture::blobs(&["a"]);
    let anonymous = blob(&uuid(2), "b").replace(&format!("\"asset_uuid\": \"{}\",", uuid(2)), "");
    assert!(!anonymous.contains("asset_uuid"));
    let filled = |size: usize| anonymous.clone() + &" ".repeat(size - anonymous.len());
    fixture.declare("b", &filled(Document::Declaration.limit()));
    check_refused(
        &fixture,
        &register("b"),
        BlockerCode::InvalidArgument,
        "`assets/b/asset.json` would have 10486",
    );
    fixture.declare("b", &filled(Document::Declaration.limit() - 100));
    assert_eq!(planned(&fixture, &register("b")).edits.len(), 2);

    let create = CreateAsset {
        root: AssetPath::parse("c").unwrap(),
        family: "blob_bank".to_owned(),
        name: Some("n".repeat(Document::Declaration.limit())),
        from: None,
    };
    let words = "`assets/c/asset.json` would have";
    check_refused(&fixture, &Mutation::CreateAsset(create), BlockerCode::InvalidArgument, words);
}

#[test]
fn a_new_root_has_a_fit_name_and_one_that_is_registered_keeps_its_own() {
    let names = [".git", "ui/.hidden", "PROMET~1", "a\u{200b}b", "\u{202e}gpj", &"n".repeat(201)];
    let fixture = Fixture::blobs(&["a"]);
    for (n, name) in (50..).zip(names) {
        fixture.declare(name, &blob(&uuid(n), "new"));
        let root = AssetPath::parse(name).unwrap();
        let create =
            CreateAsset { root: root.clone(), family: "blob_bank".to_owned(), name: None, from: None };
        for mutation in [
            Mutation::CreateAsset(create),
            Mutation::RegisterAsset(RegisterAsset { root, included: true }),
            relocate("a", name),
        ] {
            check_refused(&fixture, &mutation, BlockerCode::InvalidArgument, "cannot be an asset root: ");
        }
    }
    let fixture = Fixture::blobs(&names);
    assert_eq!(fixture.diagnostics(), []);
    let words = "has a name under which nothing is moved | Rename it by hand";
    check_refused(&fixture, &relocate("1", "git"), BlockerCode::InvalidArgument, words);
    assert_eq!(planned(&fixture, &set_included(&[".git"], false)).edits.len(), 1);
}

/// Previews of `mutation` on a disk of which each call fails once, and each for good: the plan is the
/// same then, or the answer names the path and says why.
#[track_caller]
fn check_failing_disk(fixture: &Fixture, mutation: &Mutation) {
    let disk = FaultyStorage::new(&fixture.files);
    let project = fixture.project_on(Arc::new(disk.clone()), Duration::ZERO);
    let opened = disk.calls();
    let healthy = project.preview(mutation, None);
    let mut told = 0;
    for at in opened..disk.calls() {
        for repeat in [Repeat::Once, Repeat::ForGood] {
            let failing = FaultyStorage::new(&fixture.files).fail_call(at, Failure::Eio, repeat);
            let project = fixture.project_on(Arc::new(failing), Duration::ZERO);
            let response = project.preview(mutation, None);
            let call = || disk.log().get(usize::try_from(at).unwrap()).cloned();
            if response.status == healthy.status {
                let same = |response: &Response<Preview>| {
                    response.payload.as_ref().map(|preview| edits(&preview.plan))
                };
                assert_eq!(same(&response), same(&healthy), "{:?}", call());
                continue;
            }
            let [blocker] = &response.blockers[..] else { panic!("{:?}: {response:?}", call()) };
            assert_eq!(
                (response.status, blocker.code),
                (Status::Failed, BlockerCode::IoError),
                "{:?}",
                call()
            );
            assert!(blocker.path.as_deref().is_some_and(|path| path.starts_with("/game")), "{blocker:?}");
            let why = Failure::Eio.error().to_string();
            assert!(blocker.message.ends_with(&why), "no `{why}` in {blocker:?}");
            told += 1;
        }
    }
    assert!(told > 0, "no call of {mutation:?} was one whose failure had to be told");
}

#[test]
fn what_cannot_be_looked_at_is_told_with_its_path_and_never_taken_for_absent() {
    let fixture = Fixture::blobs(&["a", "ui/b"]);
    fixture.declare("new", &blob(&uuid(7), "new"));
    fixture.write("assets/new/data.txt", "new");
    let create = |at: &str| {
        let family = "blob_bank".to_owned();
        Mutation::CreateAsset(CreateAsset { root: root(at), family, name: None, from: None })
    };
    fixture.files.folder("/game/assets/empty");
    orphan(&fixture, "copy", &uuid(1));
    for mutation in [
        register("new"),
        create("ui/deep/c"),
        create("empty"),
        relocate("a", "ui/deep/c"),
        set_included(&["a"], false),
        adopt_as_new("copy"),
        adopt_as("copy", "a"),
        forget("a"),
        remove("a"),
        purge("a"),
        quarantine("a"),
        quarantine("new"),
    ] {
        check_failing_disk(&fixture, &mutation);
    }
}
