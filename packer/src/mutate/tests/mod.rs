//! Plans on a project in memory: what they would do, and what they refuse.

mod adopt;
mod fix;
mod include;
mod limits;
mod quarantine;
mod relocate;
mod remove;
mod together;
mod undo;

use super::{
    AdoptAsset, Adoption, EditKind, Expected, ForgetAsset, Mutation, Plan, QuarantineAsset, RegisterAsset,
    RelocateAsset, RemoveAsset, RestoreAsset, SetIncluded,
};
use crate::ops::{Applied, Blocker, BlockerCode, Response, Status};
use crate::path::AssetPath;
use crate::schema::{SourceText, registry};
use crate::testing::{Fixture, blob, uuid};

/// The registry, for what a test reads and writes.
const INDEX: &str = "/game/assets/.prometeu/index.json";

fn root(root: &str) -> AssetPath {
    AssetPath::parse(root).unwrap()
}

fn register(at: &str) -> Mutation {
    Mutation::RegisterAsset(RegisterAsset { root: root(at), included: true })
}

fn adopt_as_new(at: &str) -> Mutation {
    Mutation::AdoptAsset(AdoptAsset { root: root(at), adoption: Adoption::New })
}

fn adopt_as(at: &str, asset: &str) -> Mutation {
    let adoption = Adoption::Existing(asset.to_owned());
    Mutation::AdoptAsset(AdoptAsset { root: root(at), adoption })
}

fn forget(asset: &str) -> Mutation {
    Mutation::ForgetAsset(ForgetAsset { asset: asset.to_owned() })
}

fn remove(asset: &str) -> Mutation {
    Mutation::RemoveAsset(RemoveAsset { asset: asset.to_owned(), purge: false })
}

fn purge(asset: &str) -> Mutation {
    Mutation::RemoveAsset(RemoveAsset { asset: asset.to_owned(), purge: true })
}

fn quarantine(asset: &str) -> Mutation {
    Mutation::QuarantineAsset(QuarantineAsset { assets: vec![asset.to_owned()] })
}

fn restore(entry: &str) -> Mutation {
    Mutation::RestoreAsset(RestoreAsset { entry: entry.to_owned() })
}

fn relocate(asset: &str, new_root: &str) -> Mutation {
    Mutation::RelocateAsset(RelocateAsset {
        asset: asset.to_owned(),
        new_root: AssetPath::parse(new_root).unwrap(),
    })
}

fn set_included(assets: &[&str], included: bool) -> Mutation {
    Mutation::SetIncluded(SetIncluded {
        assets: assets.iter().map(|asset| (*asset).to_owned()).collect(),
        included,
    })
}

#[track_caller]
fn planned(fixture: &Fixture, mutation: &Mutation) -> Plan {
    let response = fixture.project().preview(mutation, None);
    assert_eq!(response.status, Status::Ok, "{:?}", response.blockers);
    response.payload.unwrap().plan
}

/// The blockers of a mutation that is refused and changes nothing.
#[track_caller]
fn refused(fixture: &Fixture, mutation: &Mutation) -> Vec<Blocker> {
    let before = fixture.files.paths();
    let response = fixture.project().preview(mutation, None);
    assert_eq!(response.status, Status::Blocked, "{:?}", response.payload);
    assert_eq!(fixture.files.paths(), before);
    assert!(response.blockers.iter().all(|blocker| blocker.help.is_some()), "{:?}", response.blockers);
    response.blockers
}

/// That `mutation` is refused for one reason, in these words.
#[track_caller]
fn check_refused(fixture: &Fixture, mutation: &Mutation, code: BlockerCode, words: &str) {
    let blockers = refused(fixture, mutation);
    let [blocker] = &blockers[..] else { panic!("{blockers:?}") };
    assert_eq!(blocker.code, code, "{blocker:?}");
    let told = format!("{} | {}", blocker.message, blocker.help.as_deref().unwrap_or_default());
    assert!(told.contains(words), "no `{words}` in `{told}`");
}

/// The edits in one line each: kind, path, what is expected (a digest is left out). The operation, which
/// is another each time, is not told.
fn edits(plan: &Plan) -> Vec<String> {
    let one = |edit: &super::FileEdit| {
        let from = match &edit.kind {
            EditKind::MoveFolder { from } => format!(" from {from}"),
            _ => String::new(),
        };
        let expected = match edit.expected {
            Expected::Content(_) => "content".to_owned(),
            other => other.to_string(),
        };
        let path = edit.path.replace(&plan.plan_id.operation_id().to_string(), "OPERATION");
        format!("{} {path}{from}, {expected}", edit.kind.as_str())
    };
    plan.edits.iter().map(one).collect()
}

/// The registry that a plan would write.
fn new_registry(plan: &Plan) -> registry::Registry {
    let EditKind::ReplaceFile(bytes) = &plan.edits.last().unwrap().kind else { panic!("{plan:?}") };
    let text = String::from_utf8(bytes.clone()).unwrap();
    let registry = registry::read(&SourceText::new(text.clone())).registry.unwrap();
    assert_eq!(registry.to_text(), text, "the text is canonical");
    registry
}

/// Each entry as `id root` with a `-` before what is excluded.
fn entries(registry: &registry::Registry) -> Vec<String> {
    let entry = |entry: &registry::Entry| {
        format!("{}{} {}", if entry.included_in_build { "" } else { "-" }, entry.asset_id, entry.root)
    };
    registry.assets.iter().map(entry).collect()
}

/// Makes the change, with consent; the answer.
#[track_caller]
fn changed(fixture: &Fixture, mutation: &Mutation) -> Response<Applied> {
    let response = fixture.project().change(mutation, true);
    assert_eq!(response.status, Status::Ok, "{:?}", response.blockers);
    response
}

/// Makes the change, with consent.
#[track_caller]
fn done(fixture: &Fixture, mutation: &Mutation) {
    drop(changed(fixture, mutation));
}

/// The registry as it stands on disk.
fn registry_now(fixture: &Fixture) -> registry::Registry {
    registry::read_bytes(fixture.files.content(INDEX).unwrap()).1.registry.unwrap()
}

/// The text of a file of the project.
#[track_caller]
fn text(fixture: &Fixture, path: &str) -> String {
    let bytes = fixture.files.content(format!("/game/{path}"));
    String::from_utf8(bytes.unwrap_or_else(|| panic!("there is no `{path}`"))).unwrap()
}

/// A root that nobody registered, with that uuid.
fn orphan(fixture: &Fixture, at: &str, uuid: &str) {
    fixture.write(&format!("assets/{at}/data.txt"), at);
    fixture.declare(at, &blob(uuid, at));
}

/// An asset `a`, and a copy of it in `b`.
fn copied() -> Fixture {
    let fixture = Fixture::blobs(&["a", "c"]);
    orphan(&fixture, "b", &uuid(1));
    fixture
}
