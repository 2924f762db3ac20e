//! What observing tells, on files in memory.

mod hands;
mod threads;

use super::{AssetChange, Observation};
use crate::Project;
use crate::id::Generation;
use crate::mutate::{Mutation, ReconcileAssets};
use crate::ops::Status;
use crate::snapshot::{Snapshot, State};
use crate::storage::{Rename, Source as _};
use crate::testing::{Fixture, blob, entry, uuid};
use crate::workspace::{DeclarationFile, Layout, Means, Scope, load};

/// The changes in one line each: `moved a -> b`.
pub(super) fn told(changes: &[AssetChange]) -> Vec<String> {
    let one = |change: &AssetChange| match &change.kind {
        super::ChangeKind::Moved { from } => format!("moved {from} -> {}", change.folder),
        kind => format!("{} {}", kind.as_str(), change.folder),
    };
    changes.iter().map(one).collect()
}

/// Divergences by their kinds.
fn kinds(observation: &Observation) -> Vec<&'static str> {
    observation.divergences.iter().map(|divergence| divergence.kind.as_str()).collect()
}

/// Moves a folder as a file manager does.
fn by_hand(fixture: &Fixture, from: &str, to: &str) {
    let at = |root: &str| std::path::Path::new("/game/assets").join(root);
    fixture.files.folder(at(to).parent().unwrap());
    fixture.files.rename_by_hand(at(from), at(to), Rename::New).unwrap();
}

/// A project that was read when its files were old.
fn open(fixture: &Fixture) -> Project {
    fixture.later();
    let project = fixture.project();
    project.snapshot().unwrap();
    project
}

#[track_caller]
fn check(project: &Project, state: &str, changes: &[&str], diverged: &[&str]) {
    let seen = project.observe().unwrap();
    assert_eq!(
        (seen.state.as_str(), &told(&seen.changes)[..], &kinds(&seen)[..]),
        (state, &changes.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>()[..], diverged)
    );
}

#[test]
fn an_untouched_project_is_current() {
    let fixture = Fixture::blobs(&["a", "ui/b"]);
    check(&open(&fixture), "current", &[], &[]);
}

#[test]
fn content_that_moved_on_is_stale_and_a_refresh_makes_it_current() {
    let fixture = Fixture::blobs(&["a", "b", "c"]);
    let project = open(&fixture);
    fixture.write("assets/a/data.txt", "longer than before");
    fixture.edit("b", "\"name\": \"b\"", "\"name\": \"bee\"");
    fixture.write("assets/c/new.txt", "not an input");
    check(&project, "stale", &["changed a", "changed b", "changed c"], &[]);
    assert_eq!(project.snapshot().unwrap().state, State::Current, "nothing was published");
    let refreshed = project.refresh_workspace();
    assert_eq!(refreshed.status, Status::Ok);
    assert_eq!(told(&refreshed.payload.unwrap().changes), ["changed a", "changed b", "changed c"]);
    check(&project, "current", &[], &[]);
}

#[test]
fn a_folder_that_was_moved_is_recognised_and_reconciling_keeps_its_id() {
    let fixture = Fixture::blobs(&["a", "b"]);
    let project = open(&fixture);
    by_hand(&fixture, "a", "art/a");
    check(&project, "diverged", &["moved a -> art/a"], &["moved"]);
    let done = project.change(&Mutation::Reconcile(ReconcileAssets::default()), true);
    assert_eq!(done.status, Status::Ok, "{:?}", done.blockers);
    let snapshot = project.snapshot().unwrap();
    assert_eq!((snapshot.assets[0].id().get(), snapshot.assets[0].entry.root.as_str()), (1, "art/a"));
    check(&project, "current", &[], &[]);
}

#[test]
fn a_folder_that_is_gone_or_was_copied_is_called_what_it_is() {
    let fixture = Fixture::blobs(&["a", "b"]);
    let project = open(&fixture);
    fixture.files.delete("/game/assets/a");
    fixture.write("assets/copy/data.txt", "b");
    fixture.declare("copy", &blob(&uuid(2), "b"));
    fixture.declare("new", &blob(&uuid(7), "new"));
    check(&project, "diverged", &["added copy", "added new", "removed a"], &["missing", "copied"]);
}

#[test]
fn a_registry_that_was_edited_is_read_again_and_its_contradictions_are_named() {
    let fixture = Fixture::blobs(&["a", "b"]);
    let project = open(&fixture);
    fixture.registry(&[entry(1, "a", true), entry(2, "b", false)]);
    let seen = project.observe().unwrap();
    assert_eq!((seen.state.as_str(), seen.registry_changed), ("stale", true));
    assert_eq!(told(&seen.changes), ["changed b"]);
    fixture
        .registry(&[entry(1, "a", true), entry(2, "b", true).replace("\"asset_id\": 2", "\"asset_id\": 1")]);
    assert_eq!(kinds(&project.observe().unwrap()), ["duplicate-asset-id"]);
    fixture.write("assets/.prometeu/index.json", "{");
    let status = project.workspace_status();
    assert_eq!(status.status, Status::Ok, "it works when the registry is broken");
    let payload = status.payload.unwrap();
    assert_eq!(
        (payload.state.as_str(), payload.counts.assets, payload.counts.unregistered),
        ("diverged", 0, 2)
    );
    fixture.files.delete("/game/assets/.prometeu/index.json");
    assert_eq!(kinds(&project.observe().unwrap()), ["registry-missing"]);
}

#[test]
fn text_that_was_saved_within_a_tick_of_the_reading_is_read_again() {
    let fixture = Fixture::blobs(&["a"]);
    let layout = Layout::new("/game");
    let loaded = load(&Means::plain(&fixture.files), &layout, Scope::Workspace).unwrap();
    let mut snapshot =
        Snapshot::assemble(loaded, layout, Scope::Workspace, Generation::FIRST, State::Current);
    let path = "/game/assets/a/asset.json";
    fixture.files.write_in_place(path, blob(&uuid(1), "b").as_bytes()).unwrap();
    // A file system whose clock stood still shows the stamp that was there before.
    let stamp = fixture.files.stat(path.as_ref()).unwrap().unwrap().stamp;
    let DeclarationFile::Read(read) = &mut snapshot.assets[0].loaded.declaration else { panic!() };
    read.stamp = stamp;
    let millis = u64::try_from(stamp.modified / 1_000_000).unwrap();
    for (read_at, is_believed) in [(millis, false), (millis + 1_999, false), (millis + 2_002, true)] {
        snapshot.read_at = read_at;
        let is_as_seen = super::is_as_seen(&fixture.files, &snapshot, &|| Ok(())).unwrap();
        assert_eq!(is_as_seen, is_believed, "{read_at}");
    }
}

#[test]
fn what_belongs_to_no_asset_changes_nothing() {
    let fixture = Fixture::blobs(&["a"]);
    let project = open(&fixture);
    fixture.write("assets/readme.txt", "mine");
    fixture.write("assets/a/.data.txt.swp", "an editor's");
    check(&project, "current", &[], &[]);
}

#[test]
fn a_pack_keeps_the_view_of_the_whole_workspace_and_packs_the_same() {
    let fixture = Fixture::blobs(&["a", "b"]);
    fixture.registry(&[entry(1, "a", true), entry(2, "b", false)]);
    fixture.edit("b", "data.txt", "gone.txt");
    fixture.write("assets/copy/data.txt", "a");
    fixture.declare("copy", &blob(&uuid(1), "a"));
    let fresh = fixture.pack();
    let bytes = fixture.published();
    let project = open(&fixture);
    let packed = project.pack(&crate::testing::request());
    assert_eq!((packed.status, &packed.diagnostics), (fresh.status, &fresh.diagnostics));
    assert_eq!((packed.status, fixture.published()), (Status::Ok, bytes));
    assert_eq!(project.snapshot().unwrap().scope, Scope::Workspace);
    assert_eq!(project.snapshot().unwrap().generation, packed.generation, "the pack's own is kept");
}

#[test]
fn a_refresh_tells_what_differs_and_the_state() {
    let fixture = Fixture::blobs(&["a"]);
    let project = open(&fixture);
    drop(fixture.events.all());
    fixture.declare("new", &blob(&uuid(7), "new"));
    fixture.write("assets/a/data.txt", "longer than before");
    let response = project.refresh_workspace();
    let events = fixture.events.all();
    let names: Vec<_> = events.iter().map(|event| event.kind.name()).collect();
    assert_eq!(names, ["asset_discovered", "asset_changed", "snapshot_state_changed"]);
    assert!(events.iter().all(|event| event.operation_id == response.operation_id));
}
