//! Those who read and pack on a failing disk: they say what is so, or that they cannot.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::{Fault, Told, failing, faults};
use crate::commit::tests::scenario;
use crate::commit::tests::suite::{Tally, is_settled, on_all_cores};
use crate::digest::Digest;
use crate::ops::{
    AssetRow, ConstantsRequest, DetailsRequest, DoctorRequest, ListRequest, PackContents, Response, Status,
};
use crate::project::Project;
use crate::storage::faulty::{Failure, FaultyStorage, Repeat};
use crate::storage::memory::MemoryStorage;
use crate::testing::{Fixture, request};

/// What is asked.
#[derive(Debug, Clone, Copy)]
enum Asked {
    List,
    Details,
    Constants,
    Doctor,
    Pack,
}

/// Of which project.
#[derive(Debug, Clone, Copy)]
enum Of {
    NeverPacked,
    Packed,
    ChangedSince,
    /// One with a change that was interrupted, which nobody can settle now.
    Interrupted,
}

type Files = BTreeMap<PathBuf, Option<Vec<u8>>>;

impl Of {
    fn fixture(self) -> Fixture {
        let relocate = scenario::ALL.iter().find(|scenario| scenario.name == "relocate beside").unwrap();
        let fixture = (relocate.before)();
        fixture.lane();
        if !matches!(self, Self::NeverPacked) {
            assert_eq!(fixture.pack().status, Status::Ok);
        }
        if matches!(self, Self::ChangedSince) {
            fixture.write("assets/a/data.txt", "a longer text than the one before");
        }
        fixture.later();
        if !matches!(self, Self::Interrupted) {
            return fixture;
        }
        let pending = |at: u64| {
            let left = fixture.on(fixture.files.fork());
            let disk = FaultyStorage::new(&left.files).die_at(at, false);
            drop(relocate.change(&left.project_on(Arc::new(disk), Duration::ZERO)));
            let left = left.files.killed();
            // The folder was moved, and the registry does not know yet.
            let moved = left.content("/game/assets/b/data.txt").is_some();
            (!is_settled(&left) && moved).then_some(left)
        };
        fixture.on((1..).find_map(pending).expect("it is interrupted there as well"))
    }
}

impl Asked {
    /// The answer's status, and what it says when it is one.
    fn ask(self, project: &Project, told: &Told, case: &dyn Fn() -> String) -> (Status, String) {
        fn heard<T: std::fmt::Debug>(
            response: &Response<T>,
            told: &Told,
            case: &dyn Fn() -> String,
        ) -> (Status, String) {
            told.check(response, case);
            (response.status, format!("{:?} {:?}", response.payload, response.diagnostics))
        }
        match self {
            Self::List => {
                let response = project.list_assets(&ListRequest::default());
                let (status, _) = heard(&response, told, case);
                // A declaration that cannot be read is an error of its asset, and the asset is listed.
                let row = |row: AssetRow| {
                    assert!(row.asset_name.is_some() || row.errors > 0, "{}: {row:?}", case());
                    format!("{:?} {:?} {} {}", row.asset_id, row.asset_uuid, row.root, row.included_in_build)
                };
                let rows: Vec<String> = response.payload.into_iter().flatten().map(row).collect();
                (status, rows.join("\n"))
            }
            Self::Details => {
                let request = DetailsRequest { asset: "ui/c".to_owned() };
                let mut response = project.get_asset_details(&request);
                // While another asset cannot be read, nobody knows what all of them come to.
                if let Some(details) = &mut response.payload {
                    details.pack_payload_size = None;
                }
                // What cannot be read is told as such, and shown as far as it can be.
                let is_told = response.diagnostics.iter().any(|diagnostic| diagnostic.blocking);
                let (status, heard) = heard(&response, told, case);
                (status, if is_told { String::new() } else { heard })
            }
            Self::Constants => heard(
                &project.constants(ConstantsRequest { strict: false, contents: PackContents::PackSet }),
                told,
                case,
            ),
            Self::Doctor => heard(&project.doctor(DoctorRequest::default()), told, case),
            Self::Pack => {
                let (status, _) = heard(&project.pack(&request()), told, case);
                // When it was packed and how is not what it says.
                (status, String::new())
            }
        }
    }
}

fn below(files: &MemoryStorage, folder: &str) -> Files {
    let paths = files.paths().into_iter().filter(|path| path.starts_with(folder));
    paths.map(|path| (path.clone(), files.content(&path))).collect()
}

/// The pack and its companions. What was staged and cannot be removed now is removed by the next pack
/// that has something to write.
fn published(files: &MemoryStorage) -> Files {
    let mut set = below(files, "/out");
    set.retain(|path, _| !path.ends_with(".lock") && !path.starts_with("/out/.staging"));
    set
}

/// A disk on which a change that was interrupted cannot be settled, and which reads as before.
fn open(fixture: &Fixture, disk: FaultyStorage) -> Result<Project, crate::Error> {
    let host = fixture.host_on(Arc::new(disk), Duration::ZERO);
    Project::open_for_build(host, std::path::Path::new("/game"))
}

fn run(asked: Asked, of: Of, told: &Told, tally: &Tally) {
    let whole = of.fixture();
    let (before, old) = (below(&whole.files, "/game"), published(&whole.files));
    let copy = || whole.on(whole.files.fork());
    let fixture = copy();
    let disk = FaultyStorage::new(&fixture.files);
    let healthy = asked.ask(&open(&fixture, disk.clone()).unwrap(), told, &|| "a healthy disk".to_owned());
    let new = published(&fixture.files);
    let one = |at: u64, fault: Fault| {
        let fixture = copy();
        let disk = failing(&fixture.files, at, fault);
        let call = || disk.log().get(usize::try_from(at).unwrap()).cloned();
        let case = || format!("{asked:?} of {of:?}, call {at} fails {fault:?}: {:?}", call());
        let project = match open(&fixture, disk.clone()) {
            Ok(project) => project,
            Err(error) => return assert_eq!((error.code(), at), ("io-error", 0), "{}", case()),
        };
        let heard = asked.ask(&project, told, &case);
        drop(project);
        assert!(below(&fixture.files, "/game") == before, "{}: it only reads", case());
        let is = published(&fixture.files);
        if heard.0 == Status::Ok {
            assert!(heard == healthy || heard.1.is_empty(), "{}: {heard:?}", case());
            assert_eq!(shown(&is), shown(&new), "{}", case());
        }
        for (path, bytes) in &is {
            let is_whole = [&new, &old].iter().any(|set| set.get(path) == Some(bytes));
            assert!(is_whole || bytes.is_none(), "{}: `{}` is torn", case(), path.display());
        }
        let project = open(&fixture, FaultyStorage::new(&fixture.files)).unwrap();
        assert_eq!(asked.ask(&project, told, &case), healthy, "{}: well again", case());
        assert_eq!(shown(&published(&fixture.files)), shown(&new), "{}: well again", case());
    };
    let mut faults = faults();
    faults.retain(|(failure, repeat)| match (asked, repeat) {
        (Asked::Pack, Repeat::Once) => matches!(failure, Failure::Eio),
        (Asked::Pack, Repeat::ForGood) => matches!(failure, Failure::Enospc),
        (_, Repeat::Once) => true,
        (_, Repeat::ForGood) => matches!(failure, Failure::Eio | Failure::Eintr),
    });
    for at in 0..disk.calls() {
        for fault in &faults {
            tally.case(|| one(at, *fault));
        }
    }
}

/// Files by their digest, folders by their names.
fn shown(files: &Files) -> Vec<String> {
    let digest = |bytes: &Option<Vec<u8>>| bytes.as_ref().map(|bytes| Digest::of(bytes).to_string());
    files.iter().map(|(path, bytes)| format!("{} {:?}", path.display(), digest(bytes))).collect()
}

#[test]
fn who_reads_or_packs_on_a_failing_disk_says_what_is_so_or_that_it_cannot() {
    use Asked::{Constants, Details, Doctor, List, Pack};
    let mut jobs = Vec::new();
    for asked in [List, Details, Constants, Doctor, Pack] {
        jobs.extend([Of::NeverPacked, Of::Interrupted].map(|of| (asked, of)));
    }
    jobs.extend([(Pack, Of::Packed), (Pack, Of::ChangedSince)]);
    let (tally, told) = (Tally::default(), Told::default());
    on_all_cores(&jobs, |(asked, of)| run(*asked, *of, &told, &tally));
    told.print();
    tally.report("reading and packing on a failing disk");
    assert!(tally.cases() >= 3_000);
}
