//! Plans and what applying them leaves, also when the disk fails.

use super::{packed, root};
use crate::mutate::{CreateAsset, Mutation, RegisterAsset};
use crate::ops::{BlockerCode, ListRequest, OperationClass, Status};
use crate::storage::LockKind;
use crate::testing::{Fixture, blob, uuid};

#[test]
fn initialising_makes_the_control_structure_once() {
    let fixture = Fixture::empty();
    let project = fixture.project();
    let preview = project.preview(&Mutation::InitWorkspace, None).payload.unwrap();
    assert!(
        !fixture.files.paths().iter().any(|path| path.ends_with("index.json")),
        "a preview writes nothing"
    );
    let applied = project.apply(&preview.plan, false);
    assert_eq!(applied.status, Status::Ok, "{:?}", applied.blockers);
    assert_eq!(fixture.diagnostics(), []);
    let files = fixture.files.paths();
    let again = project.preview(&Mutation::InitWorkspace, None).payload.unwrap();
    assert!(again.plan.is_done());
    assert_eq!(project.apply(&again.plan, false).status, Status::Ok);
    assert_eq!(fixture.files.paths(), files);
}

#[test]
fn every_family_can_be_created_and_packs_at_once() {
    let fixture = Fixture::empty();
    let project = fixture.project();
    let apply = |mutation: &Mutation| {
        let preview = project.preview(mutation, None);
        let plan = preview.payload.unwrap_or_else(|| panic!("{:?}", preview.blockers)).plan;
        let applied = project.apply(&plan, false);
        assert_eq!(applied.status, Status::Ok, "{:?}", applied.blockers);
    };
    apply(&Mutation::InitWorkspace);
    for family in crate::family::ALL {
        let create = CreateAsset {
            root: root(&format!("new/{}", family.name())),
            family: family.name().into(),
            name: None,
            from: None,
        };
        apply(&Mutation::CreateAsset(create));
    }
    let response = fixture.pack();
    assert_eq!(response.diagnostics, []);
    assert_eq!(packed(response).total_assets, crate::family::ALL.len());
}

#[test]
fn creating_refuses_what_cannot_be() {
    let fixture = Fixture::blobs(&["a", "ui/b"]);
    fixture.write("assets/loose/note.txt", "mine");
    let refused = |at: &str, family: &str| {
        let create = CreateAsset { root: root(at), family: family.into(), name: None, from: None };
        let response = fixture.project().preview(&Mutation::CreateAsset(create), None);
        assert_eq!(response.status, Status::Blocked);
        response.blockers[0].code
    };
    assert_eq!(refused("new", "blob_bnak"), BlockerCode::InvalidArgument);
    assert_eq!(refused("a", "blob_bank"), BlockerCode::AlreadyExists);
    assert_eq!(refused("a/inside", "blob_bank"), BlockerCode::AlreadyExists);
    assert_eq!(refused("ui", "blob_bank"), BlockerCode::AlreadyExists);
    assert_eq!(refused("loose", "blob_bank"), BlockerCode::AlreadyExists);
    for name in ["nul", "ui/COM1.txt", "tune:b", "dot.", ".prometeu/x"] {
        assert_eq!(refused(name, "blob_bank"), BlockerCode::InvalidArgument, "{name}");
    }
}

#[test]
fn registering_keeps_the_persons_layout_and_spends_an_id() {
    let fixture = Fixture::blobs(&["a"]);
    fixture.write("assets/b/data.txt", "b");
    let text = blob(&uuid(7), "b").replace(&format!("  \"asset_uuid\": \"{}\",\n", uuid(7)), "");
    fixture.declare("b", &text);
    let project = fixture.project();
    let register = Mutation::RegisterAsset(RegisterAsset { root: root("b"), included: true });
    let preview = project.preview(&register, None);
    assert_eq!(preview.operation_class(), OperationClass::WorkspaceMutation);
    let plan = preview.payload.unwrap().plan;
    let paths: Vec<&str> = plan.edits.iter().map(|edit| edit.path.as_str()).collect();
    assert_eq!(paths, ["assets/b/asset.json", "assets/.prometeu/index.json"], "the registry comes last");
    assert_eq!(project.apply(&plan, false).status, Status::Ok);
    assert_eq!(fixture.diagnostics(), []);
    let written = String::from_utf8(fixture.files.content("/game/assets/b/asset.json").unwrap()).unwrap();
    let lines: Vec<&str> = written.lines().filter(|line| !line.contains("asset_uuid")).collect();
    assert_eq!(lines, text.lines().collect::<Vec<_>>());
    let registry =
        String::from_utf8(fixture.files.content("/game/assets/.prometeu/index.json").unwrap()).unwrap();
    assert!(registry.starts_with("{\n  \"schema_version\": 1,\n  \"next_asset_id\": 3,\n"), "{registry}");
    let again = project.preview(&register, None);
    assert_eq!(again.blockers[0].code, BlockerCode::AlreadyExists);
}

#[test]
fn a_copied_root_is_not_registered_under_the_uuid_of_another() {
    let fixture = Fixture::blobs(&["a"]);
    fixture.write("assets/copy/data.txt", "a");
    fixture.declare("copy", &blob(&uuid(1), "a"));
    let register = Mutation::RegisterAsset(RegisterAsset { root: root("copy"), included: true });
    let response = fixture.project().preview(&register, None);
    assert_eq!(response.blockers[0].code, BlockerCode::AlreadyExists);
    let listed = fixture.project().list_assets(&ListRequest { unregistered: true, ..ListRequest::default() });
    assert_eq!(listed.payload.unwrap()[0].root, "copy");
}

#[test]
fn a_plan_is_applied_only_to_the_files_that_it_was_made_for() {
    let fixture = Fixture::blobs(&["a"]);
    fixture.write("assets/b/data.txt", "b");
    fixture.declare("b", &blob(&uuid(2), "b"));
    let project = fixture.project();
    let register = Mutation::RegisterAsset(RegisterAsset { root: root("b"), included: true });
    let plan = project.preview(&register, None).payload.unwrap().plan;
    let same = project.preview(&register, None).payload.unwrap().plan;
    assert!(plan.plan_id.same_plan(&same.plan_id));
    let before = fixture.files.content("/game/assets/.prometeu/index.json").unwrap();
    let mut edited = before.clone();
    edited.push(b'\n');
    fixture.write("assets/.prometeu/index.json", edited.clone());
    let response = project.apply(&plan, false);
    assert_eq!(response.blockers[0].code, BlockerCode::PlanOutdated);
    assert_eq!(
        project.apply_seen(&register, &plan.plan_id, false).blockers[0].code,
        BlockerCode::PlanOutdated
    );
    assert_eq!(fixture.files.content("/game/assets/.prometeu/index.json").unwrap(), edited);
    fixture.write("assets/.prometeu/index.json", before);
    let response = project.apply_seen(&register, &plan.plan_id, false);
    assert_eq!((response.status, response.operation_id), (Status::Ok, plan.plan_id.operation_id()));
}

#[test]
fn a_plan_to_register_is_for_the_declaration_that_it_was_made_of() {
    let fixture = Fixture::blobs(&["a"]);
    fixture.write("assets/b/data.txt", "b");
    fixture.declare("b", &blob(&uuid(2), "b"));
    let project = fixture.project();
    let register = Mutation::RegisterAsset(RegisterAsset { root: root("b"), included: true });
    let plan = project.preview(&register, None).payload.unwrap().plan;
    fixture.declare("b", &blob(&uuid(3), "b"));
    let other = project.preview(&register, None).payload.unwrap().plan;
    assert!(!plan.plan_id.same_plan(&other.plan_id), "it is for another asset");
    let response = project.apply(&plan, false);
    assert_eq!(response.blockers[0].code, BlockerCode::PlanOutdated);
    assert_eq!(response.blockers[0].path.as_deref(), Some("assets/b/asset.json"));
    assert_eq!(project.apply(&other, false).status, Status::Ok);
    assert_eq!(fixture.diagnostics(), []);
}

#[test]
fn a_mutation_is_refused_while_another_process_works() {
    let fixture = Fixture::blobs(&["a"]);
    let lock = "/game/assets/.prometeu/local/lock";
    fixture.files.write(lock, "");
    let project = fixture.project();
    let create = CreateAsset { root: root("b"), family: "blob_bank".into(), name: None, from: None };
    let plan = project.preview(&Mutation::CreateAsset(create), None).payload.unwrap().plan;
    let held = crate::lock::try_lock(&fixture.files, lock.as_ref(), LockKind::Shared, false).unwrap();
    assert_eq!(project.apply(&plan, false).blockers[0].code, BlockerCode::ProjectLocked);
    drop(held);
    assert_eq!(project.apply(&plan, false).status, Status::Ok);
}

#[test]
fn what_a_crash_of_create_leaves_can_be_created_or_registered() {
    let fixture = Fixture::blobs(&["a"]);
    fixture.files.folder("/game/assets/empty");
    let create = CreateAsset { root: root("empty"), family: "blob_bank".into(), name: None, from: None };
    let project = fixture.project();
    let plan = project.preview(&Mutation::CreateAsset(create), None).payload.unwrap().plan;
    assert_eq!(project.apply(&plan, false).status, Status::Ok);
    // The declaration is there and its input is not yet.
    fixture.declare("half", &blob(&uuid(8), "half"));
    let register = Mutation::RegisterAsset(RegisterAsset { root: root("half"), included: false });
    let plan = project.preview(&register, None).payload.unwrap().plan;
    assert_eq!(project.apply(&plan, false).status, Status::Ok);
}
