//! `validate_pack`: red exactly when a pack would be blocked, and for the same reasons.

use std::sync::Arc;
use std::time::Duration;

use crate::diagnostics::{Code, Diagnostic};
use crate::event::EventKind;
use crate::ops::constants::tests::atlas;
use crate::ops::{BlockerCode, PackResult, PackValidation, Response, Status, ValidateRequest};
use crate::project::Project;
use crate::storage::faulty::{FaultyStorage, Method};
use crate::testing::{Fixture, entry, request};

/// That what blocks `packed` is what a validation of the same files says. For the tests that break
/// projects in every way.
#[track_caller]
pub(crate) fn agrees(project: &Project, packed: &Response<PackResult>, strict: bool) {
    let response = project.validate_pack(ValidateRequest { strict });
    assert_eq!(response.status, packed.status, "{:?} {:?}", response.diagnostics, packed.diagnostics);
    // A snapshot of the whole workspace may have better advice: it has seen where a folder went.
    let key = |diagnostic: &Diagnostic| format!("{:?}", Diagnostic { help: None, ..diagnostic.clone() });
    let mut of_pack: Vec<String> =
        packed.diagnostics.iter().filter(|diagnostic| diagnostic.blocking).map(key).collect();
    let validation = response.payload.as_ref().unwrap();
    let of_assets = validation.assets.iter().flat_map(|asset| &asset.diagnostics);
    let mut of_validation: Vec<String> = response.diagnostics.iter().chain(of_assets).map(key).collect();
    of_pack.sort();
    of_validation.sort();
    assert_eq!(of_validation, of_pack);
}

fn validate(fixture: &Fixture) -> Response<PackValidation> {
    fixture.project().validate_pack(ValidateRequest::default())
}

fn codes(diagnostics: &[Diagnostic]) -> Vec<Code> {
    diagnostics.iter().map(|diagnostic| diagnostic.code).collect()
}

#[test]
fn assets_in_order_are_not_listed() {
    let fixture = Fixture::blobs(&["a", "ui/b", "c"]);
    let response = validate(&fixture);
    assert_eq!((response.status, &*response.summary), (Status::Ok, "3 assets can be packed"));
    assert_eq!(response.payload.unwrap().assets, []);
    fixture.edit("ui/b", "NONE", "ZSTD");
    fixture.files.delete("/game/assets/ui/b/data.txt");
    let response = validate(&fixture);
    assert_eq!((response.status, response.diagnostics), (Status::Blocked, vec![]));
    let validation = response.payload.unwrap();
    let [asset] = &validation.assets[..] else { panic!("{validation:?}") };
    assert_eq!((asset.asset_id.get(), &*asset.asset_path), (2, "assets/ui/b"));
    assert_eq!(asset.asset_name.as_deref(), Some("ui/b"));
    assert!(asset.last_modified.is_some());
    assert_eq!(codes(&asset.diagnostics), [Code::UnknownCodec, Code::InputMissing]);
}

#[test]
fn what_blocks_nothing_is_not_told() {
    let fixture = Fixture::blobs(&["a", "b"]);
    fixture.edit("a", "\"name\"", "\"mood\": \"calm\", \"name\"");
    fixture.edit("b", "NONE", "ZSTD");
    fixture.registry(&[entry(1, "a", true), entry(2, "b", false)]);
    let response = validate(&fixture);
    assert_eq!((response.status, response.payload.unwrap().assets.len()), (Status::Ok, 0));
    let strict = fixture.project().validate_pack(ValidateRequest { strict: true });
    assert_eq!(codes(&strict.payload.unwrap().assets[0].diagnostics), [Code::UnknownMember]);
}

#[test]
fn what_belongs_to_no_asset_is_told_beside_them() {
    let fixture = Fixture::blobs(&["a"]);
    fixture.write("assets/.prometeu/index.json", "{");
    let response = validate(&fixture);
    assert_eq!(
        (response.status, codes(&response.diagnostics)),
        (Status::Blocked, vec![Code::RegistryInvalid])
    );
    assert_eq!(response.payload.unwrap().assets, []);
}

#[test]
fn an_input_that_changed_since_the_snapshot_is_a_conflict_and_no_silent_refresh() {
    let fixture = Fixture::blobs(&["a"]);
    let project = fixture.project();
    let before = project.pack_summary().generation;
    fixture.write("assets/a/data.txt", "changed");
    for _ in 0..2 {
        let response = project.validate_pack(ValidateRequest::default());
        assert_eq!((response.status, response.generation), (Status::Failed, before));
        let blocker = &response.blockers[0];
        assert_eq!(blocker.code, BlockerCode::EditConflict);
        assert_eq!(blocker.path.as_deref(), Some("/game/assets/a/data.txt"));
        assert_eq!(blocker.help.as_deref(), Some("Refresh the project, then validate again."));
    }
    project.refresh(crate::workspace::Scope::Workspace).unwrap();
    assert_eq!(project.validate_pack(ValidateRequest::default()).status, Status::Ok);
}

#[test]
fn a_declaration_or_a_registry_that_changed_since_is_a_conflict_too() {
    for file in ["assets/a/asset.json", "assets/.prometeu/index.json"] {
        let fixture = Fixture::blobs(&["a"]);
        let project = fixture.project();
        let _ = project.pack_summary();
        fixture.write(file, "{");
        let response = project.validate_pack(ValidateRequest::default());
        assert_eq!(response.status, Status::Failed, "{file}");
        assert_eq!(response.blockers[0].path, Some(format!("/game/{file}")));
        project.refresh(crate::workspace::Scope::Workspace).unwrap();
        assert_eq!(project.validate_pack(ValidateRequest::default()).status, Status::Blocked, "{file}");
    }
}

#[test]
fn it_tells_of_each_asset_and_then_what_was_found() {
    let fixture = Fixture::blobs(&["a", "b", "c"]);
    fixture.files.delete("/game/assets/b/asset.json");
    drop(fixture.events.all());
    drop(validate(&fixture));
    let told = fixture.events.all();
    let steps = told.iter().filter_map(|event| {
        let progress = event.progress?;
        Some((event.affected_assets[0].root.as_str(), progress.done, progress.total, progress.unit))
    });
    assert_eq!(steps.collect::<Vec<_>>(), [("a", 2, 3, "assets"), ("c", 3, 3, "assets")]);
    let last = &told.last().unwrap().kind;
    assert_eq!(*last, EventKind::DiagnosticsUpdated { blocking: 1, warnings: 0 });
}

#[test]
fn a_pack_that_something_blocks_writes_nothing_but_the_lock_of_its_folder() {
    type Harm = (&'static str, fn(&Fixture));
    let harms: [Harm; 5] = [
        ("colours", |f| f.edit("ui/atlas", "#ffffff", "#00ff00")),
        ("a declaration", |f| f.declare("ui/atlas", "{")),
        ("an input", |f| f.files.delete("/game/assets/ui/atlas/star.png")),
        ("the registry", |f| f.write("assets/.prometeu/index.json", "{")),
        ("a picture", |f| f.write("assets/ui/atlas/star.png", "no picture")),
    ];
    for (what, harm) in harms {
        let fixture = atlas(&[("star.png", 1), ("walk.png", 4)], "");
        assert_eq!(fixture.pack().status, Status::Ok);
        harm(&fixture);
        fixture.later();
        let disk = FaultyStorage::new(&fixture.files);
        let project = fixture.project_on(Arc::new(disk.clone()), Duration::ZERO);
        let before = disk.changes();
        drop(fixture.events.all());
        let packed = project.pack(&request());
        assert_eq!(packed.status, Status::Blocked, "{what}");
        assert_eq!(disk.changes(), before, "{what}: {:?}", disk.log());
        let began =
            |kind: &EventKind| matches!(kind, EventKind::CacheMiss { .. } | EventKind::CacheHit { .. });
        assert!(!fixture.events.all().iter().any(|event| began(&event.kind)), "{what}");
        agrees(&project, &packed, false);
        let first = crate::ops::PackRequest { out_dir: "/new".into(), ..request() };
        assert_eq!(project.pack(&first).status, Status::Blocked, "{what}");
        let changes = disk.log().split_off(usize::try_from(before).unwrap_or(0));
        let changes = changes.iter().filter(|call| call.change.is_some());
        let changes: Vec<_> = changes.map(|call| (call.method, call.path.to_str().unwrap())).collect();
        assert_eq!(changes, [(Method::CreateDir, "/new"), (Method::Create, "/new/.lock")], "{what}");
    }
}

#[test]
fn the_generation_of_a_pack_is_that_of_what_was_packed() {
    let fixture = Fixture::blobs(&["a"]);
    let project = fixture.project();
    let read = project.pack_summary().generation;
    let packed = project.pack(&request());
    assert_eq!(packed.generation.get(), read.get() + 1, "it begins with a reading of its own");
}
