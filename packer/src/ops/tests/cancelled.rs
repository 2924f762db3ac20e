//! Packs and reads that are asked to stop.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use crate::event::EventKind;
use crate::ops::{
    BlockerCode, ConstantsRequest, DetailsRequest, DoctorRequest, ListRequest, PackContents, PackGoal,
    PackRequest, Response, Status,
};
use crate::project::Project;
use crate::storage::faulty::{Call, FaultyStorage, Method};
use crate::testing::{Fixture, request};

/// A pack of what stands in `/game`.
struct Pack {
    name: &'static str,
    before: fn() -> Fixture,
    goal: PackGoal,
}

/// Every way to a pack: made, partly kept, kept whole, and compared.
const PACKS: [Pack; 4] = [
    Pack { name: "the first", before: large, goal: PackGoal::Publish },
    Pack { name: "one that keeps", before: partly_changed, goal: PackGoal::Publish },
    Pack { name: "the same again", before: packed, goal: PackGoal::Publish },
    Pack { name: "a comparison", before: partly_changed, goal: PackGoal::Check },
];

/// Three assets, one of them of several pieces.
fn large() -> Fixture {
    let fixture = Fixture::blobs(&["a", "b", "c"]);
    fixture.write("assets/b/data.txt", vec![7; 1_500_000]);
    fixture.later();
    fixture
}

fn packed() -> Fixture {
    let fixture = large();
    assert_eq!(fixture.pack().status, Status::Ok);
    fixture.later();
    fixture
}

fn partly_changed() -> Fixture {
    let fixture = packed();
    fixture.write("assets/c/data.txt", "another");
    fixture.later();
    fixture
}

impl Pack {
    fn run(&self, project: &Project) -> Response<crate::ops::PackResult> {
        project.pack(&PackRequest { goal: self.goal, ..request() })
    }
}

/// Everything that was packed, and everything else: not the lock of the output folder, which is made
/// once.
fn files(fixture: &Fixture) -> BTreeMap<PathBuf, Option<Vec<u8>>> {
    let paths = fixture.files.paths().into_iter();
    let lasting = paths.filter(|path| path != Path::new("/out") && path != Path::new("/out/.lock"));
    lasting.map(|path| (path.clone(), fixture.files.content(&path))).collect()
}

/// A disk on which the operations of the fixture are asked to stop before that call.
fn asking(fixture: &Fixture, at: u64) -> FaultyStorage {
    let cancel = fixture.cancel.clone();
    FaultyStorage::new(&fixture.files).before_each(move |_, call| {
        if call.index == at {
            cancel.all();
        }
    })
}

/// Reads a piece of an input.
fn reads(call: &Call) -> bool {
    call.method == Method::ReadAt && call.path.ends_with("data.txt")
}

#[test]
fn a_pack_that_is_cancelled_at_any_call_leaves_the_last_one_or_is_published() {
    let mut cases = 0;
    for pack in PACKS {
        let reference = (pack.before)();
        let disk = FaultyStorage::new(&reference.files);
        assert_eq!(
            pack.run(&reference.project_on(Arc::new(disk.clone()), Duration::ZERO)).status,
            Status::Ok
        );
        let (new, log) = (files(&reference), disk.log());
        // Published, written, or else nothing is decided but by coming to the end.
        // The record of the old set goes just before that.
        let is_record = |call: &Call| call.path.extension().is_some_and(|extension| extension == "record");
        let is_published = |call: &Call| {
            call.to.as_deref() == Some(Path::new("/out/assets.pa"))
                || (call.method == Method::Remove && is_record(call))
        };
        let decided = log.iter().find(|call| is_published(call)).map(|call| call.index);
        let mut cancelled = 0;
        for at in 0..disk.calls() {
            let fixture = (pack.before)();
            let old = files(&fixture);
            let disk = asking(&fixture, at);
            let response = pack.run(&fixture.project_on(Arc::new(disk.clone()), Duration::ZERO));
            let case = format!("{}, call {at}: {:?}", pack.name, log[usize::try_from(at).unwrap()]);
            let last = fixture.events.all().pop().map(|event| event.kind);
            assert_eq!(last, Some(EventKind::BuildFinished { status: response.status }), "{case}");
            let after = disk.log().split_off(usize::try_from(at).unwrap());
            if response.status == Status::Ok {
                assert!(decided.is_none_or(|decided| at >= decided), "{case}");
                assert!(files(&fixture) == new, "{case}: it is not the whole set");
            } else {
                cancelled += 1;
                assert!(decided.is_none_or(|decided| at < decided), "{case}");
                assert_eq!(
                    response.blockers[0].code,
                    BlockerCode::Cancelled,
                    "{case}: {:?}",
                    response.blockers
                );
                assert!(files(&fixture) == old, "{case}: something was changed");
                let read = after.iter().filter(|call| reads(call)).count();
                assert!(read <= 1, "{case}: went on to read {read} pieces");
                // No lock is held and nothing is in the way.
                let again = fixture.on(fixture.files.clone());
                assert_eq!(pack.run(&again.project()).status, Status::Ok, "{case}");
                assert!(pack.goal == PackGoal::Check || again.published() == reference.published(), "{case}");
            }
            cases += 1;
        }
        // Where nothing changed there is little to cancel.
        let at_least = if pack.name == "the same again" { 3 } else { 20 };
        assert!(cancelled > at_least, "{}: {cancelled}", pack.name);
    }
    assert!(cases > 200, "{cases}");
    // Also seen when all is well; nobody can be told when standard error is gone.
    let _ = writeln!(std::io::stderr(), "packs cancelled at every call: {cases} cases, 0 failed");
}

#[test]
fn whatever_reads_can_be_cancelled_and_answers_so() {
    /// Does it, and gives how it ended and by which code.
    type Read = fn(&Project) -> (Status, Option<BlockerCode>);
    fn ended<T>(response: &Response<T>) -> (Status, Option<BlockerCode>) {
        (response.status, response.blockers.first().map(|blocker| blocker.code))
    }
    let reading: [(&str, Read); 5] = [
        ("list", |project| ended(&project.list_assets(&ListRequest::default()))),
        ("show", |project| ended(&project.get_asset_details(&DetailsRequest { asset: "b".into() }))),
        ("doctor", |project| ended(&project.doctor(DoctorRequest::default()))),
        ("doctor of the workspace", |project| {
            ended(&project.doctor(DoctorRequest { strict: false, workspace: true }))
        }),
        ("constants", |project| {
            let contents = PackContents::PackSet;
            ended(&project.constants(ConstantsRequest { strict: false, contents }))
        }),
    ];
    for (name, read) in reading {
        let fixture = large();
        let disk = FaultyStorage::new(&fixture.files);
        assert_eq!(read(&fixture.project_on(Arc::new(disk.clone()), Duration::ZERO)), (Status::Ok, None));
        let mut cancelled = 0;
        for at in 0..disk.calls() {
            let fixture = large();
            let project = fixture.project_on(Arc::new(asking(&fixture, at)), Duration::ZERO);
            match read(&project) {
                (Status::Failed, Some(BlockerCode::Cancelled)) => cancelled += 1,
                other => assert_eq!(other, (Status::Ok, None), "{name}, call {at}"),
            }
        }
        // All but those after the last asset.
        assert!(cancelled * 3 > disk.calls() * 2, "{name}: {cancelled} of {}", disk.calls());
    }
}

#[test]
fn a_pack_that_was_cancelled_before_it_began_tells_that_it_began_and_failed() {
    let fixture = Fixture::blobs(&["a"]);
    fixture.cancel.all();
    let response = fixture.pack();
    assert_eq!(response.summary, "cancelled before anything was changed");
    let told: Vec<_> = fixture.events.all().iter().map(|event| event.kind.name()).collect();
    assert_eq!(told, ["build_started", "action_failed", "build_finished"]);
}
