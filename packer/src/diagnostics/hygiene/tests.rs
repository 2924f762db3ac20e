//! Every hygiene code, provoked through a whole project beside the nearest thing that is in order.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::diagnostics::rules::tests::pretend::Pretend;
use crate::diagnostics::{Category, Code, Diagnostic};
use crate::mutate::{Mutation, QuarantineAsset, RemoveAsset};
use crate::ops::{DoctorRequest, ListRequest, Status};
use crate::storage::faulty::{FaultyStorage, Method};
use crate::storage::{LockKind, Source as _};
use crate::testing::{Fixture, blob, entry, uuid};
use crate::workspace::Scope;

const WORKSPACE: DoctorRequest = DoctorRequest { strict: false, workspace: true };
const ID: &str = "0be00000-0000-7000-8000-00000000000a";

/// One line of the table.
struct Row {
    code: Code,
    /// Makes a tidy project untidy.
    harm: fn(&Fixture),
    /// `file: message` of each finding, all of this code.
    found: &'static [&'static str],
    /// What looks like it and is in order.
    neighbour: fn(&Fixture),
}

/// Two blob banks, ids 1 and 2.
fn tidy() -> Fixture {
    Fixture::blobs(&["a", "ui/b"])
}

fn untidy(fixture: &Fixture) -> Vec<Diagnostic> {
    let response = fixture.project().doctor(WORKSPACE);
    assert_eq!(response.blockers, []);
    response.diagnostics.into_iter().filter(|found| found.code.category() == Category::Hygiene).collect()
}

fn shown(found: &[Diagnostic]) -> Vec<String> {
    let line =
        |found: &Diagnostic| format!("{}: {}", found.file.as_deref().unwrap_or_default(), found.message);
    found.iter().map(line).collect()
}

fn bytes(size: usize) -> Vec<u8> {
    (0..size).map(|n| u8::try_from(n % 251).unwrap()).collect()
}

fn rename(fixture: &Fixture, n: u32, from: &str, to: &str) {
    let text = fixture.files.content(format!("/game/assets/{from}/asset.json")).unwrap();
    fixture.files.delete(format!("/game/assets/{from}"));
    fixture.declare(to, &String::from_utf8(text).unwrap());
    fixture.write(&format!("assets/{to}/data.txt"), "x");
    let other = if n == 1 { entry(2, "ui/b", true) } else { entry(1, "a", true) };
    fixture.registry(&[other, entry(n, to, true)]);
}

const TABLE: &[Row] = &[
    Row {
        code: Code::OrphanDeclaration,
        harm: |f| {
            f.declare("c", &blob(&uuid(7), "c"));
            f.declare("nul", "{");
            f.declare(" x", "{");
            f.declare("a/deep", &blob(&uuid(8), "deep"));
        },
        found: &[
            "assets/ x/asset.json: `assets/ x` holds an `asset.json` and is not registered",
            "assets/a/deep/asset.json: `assets/a/deep` holds a second `asset.json` inside the asset `a`, and is not registered",
            "assets/c/asset.json: `assets/c` holds an `asset.json` and is not registered",
            "assets/nul/asset.json: `assets/nul` holds an `asset.json` and is not registered",
            "assets/nul/asset.json: Windows cannot hold `assets/nul`: `nul` is a device's name on Windows",
        ],
        // A copy has a code of its own.
        neighbour: |f| f.declare("copy", &blob(&uuid(1), "a")),
    },
    Row {
        code: Code::DuplicateContent,
        harm: |f| {
            f.write("assets/a/data.txt", bytes(2000));
            f.write("assets/ui/b/data.txt", bytes(2000));
        },
        found: &["assets/a/asset.json: 2 inputs hold the same 2000 bytes, 2000 more than are needed: \
             `assets/a/data.txt` and `assets/ui/b/data.txt`"],
        // Of one size and not equal.
        neighbour: |f| {
            f.write("assets/a/data.txt", bytes(2000));
            f.write("assets/ui/b/data.txt", [&[9], &bytes(1999)[..]].concat());
        },
    },
    Row {
        code: Code::DuplicateContent,
        harm: |f| {
            f.edit("a", "\"data.txt\"", "\"data.txt\", \"two\", \"three\"");
            for file in ["data.txt", "two", "three"] {
                f.write(&format!("assets/a/{file}"), bytes(1024));
            }
        },
        found: &["assets/a/asset.json: 3 inputs hold the same 1024 bytes, 2048 more than are needed: \
                  `assets/a/data.txt`, `assets/a/two` and `assets/a/three`"],
        // One file under two names, and two that are too small to matter.
        neighbour: |f| {
            f.write("assets/a/data.txt", bytes(1024));
            f.edit("a", "\"data.txt\"", "\"data.txt\", \"link\"");
            f.files.link("/game/assets/a/link", "data.txt");
            f.edit("ui/b", "\"data.txt\"", "\"data.txt\", \"two\"");
            f.write("assets/ui/b/data.txt", bytes(1023));
            f.write("assets/ui/b/two", bytes(1023));
        },
    },
    Row {
        code: Code::UnreferencedFile,
        harm: |f| {
            f.write("assets/a/heart.psd", "12345");
            f.write("assets/a/deep/old.txt", "");
        },
        found: &[
            "assets/a/deep/old.txt: no input of `a` names `deep/old.txt`, which has 0 bytes",
            "assets/a/heart.psd: no input of `a` names `heart.psd`, which has 5 bytes",
        ],
        // Hidden, version control's, in no asset, what a link leads to, and of a root that nobody can read.
        neighbour: |f| {
            f.write("assets/a/.idea", "x");
            f.write("assets/a/.sources/heart.psd", "x");
            f.write("assets/a/CVS/Root", "x");
            f.write("assets/readme.txt", "x");
            f.write("assets/ui/readme.txt", "x");
            f.files.delete("/game/assets/a/data.txt");
            f.write("assets/a/real/data", "a");
            f.files.link("/game/assets/a/data.txt", "real/data");
            f.write("assets/ui/b/more", "x");
            f.edit("ui/b", "}\n", "");
        },
    },
    Row {
        code: Code::LargeUnusedFile,
        harm: |f| f.write("assets/ui/b/film.mov", vec![0; 1 << 20]),
        found: &["assets/ui/b/film.mov: no input of `ui/b` names `film.mov`, which has 1048576 bytes"],
        neighbour: |f| {
            f.edit("ui/b", "\"data.txt\"", "\"data.txt\", \"film.mov\"");
            f.write("assets/ui/b/film.mov", vec![0; 1 << 20]);
        },
    },
    Row {
        code: Code::DuplicateName,
        harm: |f| f.edit("ui/b", "\"name\": \"ui/b\"", "\"name\": \"a\""),
        found: &["assets/ui/b/asset.json: assets 1 (`assets/a`) and 2 (`assets/ui/b`) are both called `a`"],
        neighbour: |f| f.edit("ui/b", "\"name\": \"ui/b\"", "\"name\": \"A\""),
    },
    Row {
        code: Code::NameStyle,
        harm: |f| {
            rename(f, 2, "ui/b", "ui/b:1");
            f.edit("a", "\"data.txt\"", "\"data.txt\", \"aux.txt\", \"what?\"");
            f.write("assets/a/aux.txt", "x");
            f.write("assets/a/what?", "y");
        },
        found: &[
            "assets/a/asset.json: Windows cannot hold `assets/a/aux.txt`: `aux.txt` is a device's name on Windows",
            "assets/a/asset.json: Windows cannot hold `assets/a/what?`: `what?` holds `?`",
            "assets/.prometeu/index.json: Windows cannot hold `assets/ui/b:1`: `b:1` holds `:`",
        ],
        neighbour: |f| rename(f, 2, "ui/b", "ui/auxiliary"),
    },
    Row {
        code: Code::StagingLeftover,
        harm: |f| {
            f.write(&format!("assets/a/asset.json.conflict-{ID}"), "{}");
            f.write(&format!("assets/.prometeu/index.json.conflict-{ID}-2"), "{}");
            f.write(&format!("assets/a/.pm-{ID}-0"), "{}");
            f.write(&format!("assets/.prometeu/local/.holder.json.pm-{ID}"), "{}");
            f.write(&format!("assets/.prometeu/local/staged/{ID}/asset.json"), "{}");
            f.write(&format!("assets/.prometeu/local/removed/{ID}/asset.json"), "{}");
            f.write("assets/.prometeu/quarantine/5-x/root/asset.json", "{}");
            f.write(&format!("build/.staging/{ID}/assets.pa"), "x");
        },
        found: &[
            "assets/a/asset.json.conflict-ID: `assets/a/asset.json.conflict-ID` is what somebody wrote while a \
             change was made to `assets/a/asset.json`",
            "assets/.prometeu/index.json.conflict-ID-2: `assets/.prometeu/index.json.conflict-ID-2` is what \
             somebody wrote while a change was made to `assets/.prometeu/index.json`",
            "assets/.prometeu/quarantine/5-x: `assets/.prometeu/quarantine/5-x` in quarantine cannot be restored: \
             it holds no `record.json`",
            "assets/.prometeu/local/.holder.json.pm-ID: `assets/.prometeu/local/.holder.json.pm-ID` is a \
             temporary file of a change that was interrupted",
            "assets/a/.pm-ID-0: `assets/a/.pm-ID-0` is a temporary file of a change that was interrupted",
            "assets/.prometeu/local/staged/ID: `assets/.prometeu/local/staged/ID` was made ready by a change \
             that did not come about",
            "assets/.prometeu/local/removed/ID: `assets/.prometeu/local/removed/ID` was removed for good by a \
             change that cannot be taken back any more",
            "build/.staging/ID: `build/.staging/ID` is what a pack had made that was interrupted",
        ],
        // What is there as it should be, after a removal, a quarantine and with a set that is published.
        neighbour: |f| {
            f.declare("x", &blob(&uuid(3), "x"));
            f.write("assets/x/data.txt", "x");
            f.registry(&[entry(1, "a", true), entry(2, "ui/b", true), entry(3, "x", true)]);
            let project = f.project();
            let quarantine = QuarantineAsset { assets: vec!["x".into()] };
            drop(project.change(&Mutation::QuarantineAsset(quarantine), true));
            drop(
                project.change(&Mutation::RemoveAsset(RemoveAsset { asset: "a".into(), purge: true }), true),
            );
            f.write("build/assets.pa", "x");
            f.write("assets/ui/b/.hidden.conflict-1", "x");
        },
    },
];

#[test]
fn every_hygiene_code_is_found_and_spares_its_neighbour() {
    assert_eq!(shown(&untidy(&tidy())), [""; 0], "the project is tidy before anything is done to it");
    let mut wrong = Vec::new();
    for Row { code, harm, found, neighbour } in TABLE {
        let fixture = tidy();
        harm(&fixture);
        let all = untidy(&fixture);
        let is = shown(&all);
        let should: Vec<String> = found.iter().map(|line| line.replace("ID", ID)).collect();
        if is != should || all.iter().any(|of| of.code != *code && of.code != Code::NameStyle) {
            wrong.push(format!("{code}: {is:#?}, not {should:#?}"));
        }
        let fixture = tidy();
        neighbour(&fixture);
        let beside = untidy(&fixture);
        if beside.iter().any(|found| found.code == *code) {
            wrong.push(format!("the neighbour of {code}: {:#?}", shown(&beside)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_hygiene_code_is_without_its_row() {
    // One needs a disk of a certain kind, two are about identity, as `snapshot::divergence` knows it, and
    // one is about the game's manifest, which the command reads.
    let tests = [Code::FolderUnreadable, Code::CopiedRoot, Code::RelocatedRoot, Code::SlowBuildProfile];
    let provoked: BTreeSet<Code> = TABLE.iter().map(|row| row.code).chain(tests).collect();
    let all = Code::ALL.iter().copied().filter(|code| code.category() == Category::Hygiene);
    assert_eq!(provoked, all.collect());
}

#[test]
fn every_message_says_what_to_do_and_nothing_untidy_blocks() {
    for Row { code, harm, .. } in TABLE {
        let fixture = tidy();
        harm(&fixture);
        for found in untidy(&fixture) {
            let message = &found.message;
            assert!(!message.ends_with(['.', '!', ' ']), "{code}: {message}");
            let help = found.help.as_deref().unwrap_or_else(|| panic!("{code} has no help: {message}"));
            assert!(help.ends_with('.'), "{code}: {help}");
            assert!(!found.blocking && found.fix.is_none(), "{code}");
        }
        let strict = DoctorRequest { strict: true, workspace: true };
        assert_eq!(fixture.project().doctor(strict).status, Status::Blocked, "{code}: counted when asked");
        let strict = DoctorRequest { strict: true, workspace: false };
        assert_eq!(fixture.project().doctor(strict).status, Status::Ok, "{code}: only what was looked for");
    }
    let strict = DoctorRequest { strict: true, workspace: true };
    assert_eq!(tidy().project().doctor(strict).status, Status::Ok);
}

#[test]
fn nobody_but_doctor_in_its_workspace_mode_talks_of_tidiness() {
    for Row { code, harm, .. } in TABLE {
        let fixture = tidy();
        harm(&fixture);
        let project = fixture.project();
        let is_hygiene = |found: &Diagnostic| found.code.category() == Category::Hygiene;
        assert!(!project.doctor(DoctorRequest::default()).diagnostics.iter().any(is_hygiene), "{code}");
        let list = project.list_assets(&ListRequest::default());
        assert!(!list.diagnostics.iter().any(is_hygiene), "{code}");
        assert!(
            list.payload
                .unwrap()
                .iter()
                .all(|row| { row.errors == 0 || row.asset_id.is_none() || *code == Code::NameStyle }),
            "{code}"
        );
        let packed = fixture.pack();
        assert!(!packed.diagnostics.iter().any(is_hygiene), "{code}");
        assert_eq!(packed.status, Status::Ok, "{code}");
    }
}

#[test]
fn a_folder_that_cannot_be_listed_is_told() {
    let fixture = tidy();
    fixture.write("assets/a/deep/x", "x");
    let closed: PathBuf = "/game/assets/a/deep".into();
    let mut disk = Pretend::new(&fixture);
    disk.unlistable = Some(closed);
    let found = disk.look(Scope::Workspace, WORKSPACE);
    assert_eq!(shown(&found), ["assets/a/deep: nobody knows what is in `assets/a/deep`: permission denied"]);
    assert_eq!(found[0].code, Code::FolderUnreadable);
    assert_eq!(found[0].asset_root.as_ref().unwrap().as_str(), "a");
}

#[test]
fn what_somebody_is_working_on_is_no_leftover() {
    let fixture = tidy();
    fixture.lane();
    fixture.write(&format!("assets/.prometeu/local/staged/{ID}/asset.json"), "{}");
    fixture.write(&format!("build/.staging/{ID}/assets.pa"), "x");
    fixture.write("build/.lock", "");
    let held = |path: &str| {
        let file = fixture.files.open(path.as_ref()).unwrap();
        assert!(file.try_lock(LockKind::Exclusive).unwrap());
        file
    };
    let look = || {
        let found = Pretend::new(&fixture).look(Scope::Workspace, WORKSPACE);
        found.into_iter().map(|found| found.file.unwrap()).collect::<Vec<_>>()
    };
    let (change, pack) = (format!("assets/.prometeu/local/staged/{ID}"), format!("build/.staging/{ID}"));
    let writer = held("/game/assets/.prometeu/local/lock");
    assert_eq!(look(), [&*pack]);
    let packer = held("/game/build/.lock");
    assert_eq!(look(), [""; 0]);
    drop(writer);
    assert_eq!(look(), [&*change]);
    drop(packer);
    assert_eq!(look(), [change, pack]);
}

#[test]
fn only_files_of_one_size_are_read() {
    let fixture = Fixture::blobs(&["a", "b", "c"]);
    for (root, size) in [("a", 5000), ("b", 5000), ("c", 5001)] {
        fixture.write(&format!("assets/{root}/data.txt"), bytes(size));
    }
    let opened = |request: DoctorRequest| {
        let disk = FaultyStorage::new(&fixture.files);
        drop(fixture.project_on(Arc::new(disk.clone()), Duration::ZERO).doctor(request));
        let opened = disk.log().into_iter().filter(|call| call.method == Method::Open).map(|call| call.path);
        opened.filter(|path| path.ends_with("data.txt")).collect::<Vec<_>>()
    };
    let (mut all, usual) = (opened(WORKSPACE), opened(DoctorRequest::default()));
    for path in usual {
        let at = all.iter().position(|opened| *opened == path).unwrap();
        all.remove(at);
    }
    assert_eq!(all, ["/game/assets/a/data.txt", "/game/assets/b/data.txt"].map(PathBuf::from));
}
