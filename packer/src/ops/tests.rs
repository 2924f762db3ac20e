//! Operations on a project in memory: what they answer, what they do, and how much work it was.

use crate::diagnostics::Code;
use crate::event::EventKind;
use crate::mutate::{CreateAsset, EditKind, Mutation, RegisterAsset};
use crate::ops::{
    BlockerCode, DoctorRequest, ListRequest, OperationClass, PackContents, PackGoal, PackResult, Response,
    Status,
};
use crate::pack::DirtyReason;
use crate::path::AssetPath;
use crate::storage::LockKind;
use crate::storage::Storage as _;
use crate::testing::{Fixture, blob, entry, request, uuid};

#[track_caller]
fn packed(response: Response<PackResult>) -> PackResult {
    assert_eq!(response.status, Status::Ok, "{:?} {:?}", response.diagnostics, response.blockers);
    response.payload.expect("a pack that is ok has a result")
}

/// Which assets were made, and why.
fn made(result: &PackResult) -> Vec<(&str, DirtyReason)> {
    let made = result.assets.iter().filter_map(|asset| Some((asset.root.as_str(), asset.made.clone()?)));
    made.collect()
}

fn root(text: &str) -> AssetPath {
    AssetPath::parse(text).unwrap()
}

#[test]
fn a_pack_holds_the_registered_and_included_assets_by_id() {
    let fixture = Fixture::blobs(&["z", "a", "m"]);
    fixture.registry(&[entry(1, "z", true), entry(2, "a", false), entry(3, "m", true)]);
    let result = packed(fixture.pack());
    assert_eq!(result.total_assets, 2);
    let bytes = fixture.published();
    let pack = packer_format::Pack::new(&bytes).unwrap();
    let names: Vec<&str> = pack.header().entries().iter().map(|entry| entry.asset_name.as_str()).collect();
    assert_eq!(names, ["z", "m"]);
    let bank = pack.blob_bank(packer_format::BlobBankId::new(3)).unwrap();
    assert_eq!(bank.blob_at(0).unwrap().bytes(), b"m");
    for (name, text) in [
        ("asset_table.json", pack.header().asset_table_json()),
        ("preload.json", pack.header().preload_json()),
    ] {
        assert_eq!(fixture.files.content(format!("/out/{name}")).unwrap(), text.as_bytes(), "{name}");
    }
}

#[test]
fn a_second_pack_opens_no_input_and_writes_nothing() {
    let fixture = Fixture::blobs(&["a", "b"]);
    packed(fixture.pack());
    fixture.files.take_counts();
    let result = packed(fixture.pack());
    let counts = fixture.files.take_counts();
    assert_eq!(made(&result), []);
    assert_eq!((counts.created, counts.renamed, counts.synced), (0, 0, 0));
    // The registry, twice since nothing is locked, two declarations, the record, and the header of
    // the last pack.
    assert_eq!(counts.opened, 6);
    assert!(result.companions.iter().chain([&result.artifact]).all(|file| !file.changed));
}

#[test]
fn each_payload_that_is_made_says_why() {
    let fixture = Fixture::blobs(&["a", "b", "c"]);
    let all = |reason: DirtyReason| ["a", "b", "c"].map(|root| (root, reason.clone()));
    assert_eq!(made(&packed(fixture.pack())), all(DirtyReason::NoRecord));
    fixture.later();
    fixture.write("assets/b/data.txt", "changed");
    let changed = DirtyReason::InputChanged { file: "data.txt".into() };
    assert_eq!(made(&packed(fixture.pack())), [("b", changed)]);
    fixture.later();
    fixture.edit("c", "BLOB/raw_v1\",", "BLOB/raw_v1\", \"metadata\": {\"x\": 1},");
    assert_eq!(made(&packed(fixture.pack())), [("c", DirtyReason::DeclarationChanged)]);
    fixture.write("assets/d/data.txt", "d");
    fixture.declare("d", &blob(&uuid(4), "d"));
    fixture.registry(
        &["a", "b", "c", "d"].iter().zip(1..).map(|(root, n)| entry(n, root, true)).collect::<Vec<_>>(),
    );
    assert_eq!(made(&packed(fixture.pack())), [("d", DirtyReason::NewAsset)]);
    fixture.files.write("/out/assets.pa", "not a pack");
    let reason = DirtyReason::LastPackChanged;
    assert_eq!(made(&packed(fixture.pack())), ["a", "b", "c", "d"].map(|root| (root, reason.clone())));
}

#[test]
fn a_touched_file_is_read_once_and_not_encoded() {
    let fixture = Fixture::blobs(&["a", "b"]);
    packed(fixture.pack());
    fixture.later();
    fixture.write("assets/a/data.txt", "a");
    let result = packed(fixture.pack());
    assert_eq!(made(&result), []);
    assert_eq!(result.cache.hits, 2);
}

#[test]
fn names_order_and_white_space_of_a_declaration_encode_nothing() {
    let fixture = Fixture::blobs(&["a"]);
    packed(fixture.pack());
    let before = fixture.published();
    fixture.later();
    fixture.edit("a", "  \"name\": \"a\",\n", "");
    fixture.edit("a", "\"type\"", "\n\n\t\"name\": \"a\", \"type\"");
    let result = packed(fixture.pack());
    assert_eq!((made(&result), fixture.published()), (vec![], before));
    fixture.edit("a", "\"name\": \"a\"", "\"name\": \"other\"");
    let result = packed(fixture.pack());
    assert_eq!((made(&result), result.artifact.changed), (vec![], true));
}

#[test]
fn a_file_written_twice_within_a_tick_is_not_mistaken() {
    // The second write has the size and, by the clock's tick, the time of the first.
    let fixture = Fixture::blobs(&["a"]);
    let path = "/game/assets/a/data.txt";
    fixture.write("assets/a/data.txt", "1");
    let now = fixture.files.now();
    packed(fixture.pack());
    fixture.files.write(path, "2");
    fixture.files.set_modified(path, now);
    let result = packed(fixture.pack());
    assert_eq!(made(&result).len(), 1);
    let bytes = fixture.published();
    assert!(bytes.ends_with(b"2"));
}

#[test]
fn an_incremental_pack_is_the_fresh_pack() {
    let fixture = Fixture::blobs(&["a", "b", "c"]);
    for edit in ["1", "22", "", "333", "1"] {
        fixture.later();
        fixture.write("assets/b/data.txt", edit);
        packed(fixture.pack());
        let incremental = fixture.published();
        let fresh = crate::ops::PackRequest { out_dir: "/fresh".into(), cache_dir: None, ..request() };
        packed(fixture.project().pack(&fresh));
        assert_eq!(Some(incremental), fixture.files.content("/fresh/assets.pa"), "{edit:?}");
        for name in &crate::pack::SET[1..] {
            let of = |out: &str| fixture.files.content(format!("{out}/{name}"));
            assert_eq!(of("/out"), of("/fresh"), "{name} after {edit:?}");
        }
    }
}

#[test]
fn a_damaged_payload_in_the_last_pack_is_made_anew() {
    let fixture = Fixture::blobs(&["a", "b"]);
    packed(fixture.pack());
    let good = fixture.published();
    let mut bad = good.clone();
    *bad.last_mut().unwrap() ^= 1;
    fixture.later();
    fixture.files.write("/out/assets.pa", bad);
    let result = packed(fixture.pack());
    assert_eq!(made(&result), [("b", DirtyReason::LastPackChanged)]);
    assert_eq!(fixture.published(), good);
}

#[test]
fn a_missing_companion_is_restored_and_the_pack_not_touched() {
    let fixture = Fixture::blobs(&["a"]);
    packed(fixture.pack());
    fixture.later();
    fixture.files.delete("/out/preload.json");
    let result = packed(fixture.pack());
    let changed: Vec<bool> =
        std::iter::once(&result.artifact).chain(&result.companions).map(|file| file.changed).collect();
    assert_eq!(changed, [false, false, true, false]);
    assert_eq!(fixture.files.content("/out/preload.json").unwrap(), b"[]");
}

#[test]
fn a_damaged_record_costs_work_and_nothing_else() {
    let fixture = Fixture::blobs(&["a"]);
    packed(fixture.pack());
    let good = fixture.published();
    let record = fixture
        .files
        .paths()
        .into_iter()
        .find(|path| path.starts_with("/cache") && path.extension().is_some());
    let record = record.unwrap();
    let bytes = fixture.files.content(&record).unwrap();
    let mut cases = 0;
    for at in 0..bytes.len() {
        let mut bad = bytes.clone();
        bad[at] ^= 1;
        for bad in [bad, bytes[..at].to_vec()] {
            fixture.files.write(&record, bad);
            let result = packed(fixture.pack());
            assert_eq!(made(&result), [("a", DirtyReason::NoRecord)], "at {at}");
            assert_eq!(fixture.published(), good);
            fixture.files.write(&record, bytes.clone());
            cases += 1;
        }
    }
    println!("damaged records: {cases} cases, 0 failed");
}

#[test]
fn a_broken_asset_publishes_nothing_and_every_broken_asset_is_told() {
    let fixture = Fixture::blobs(&["a", "b", "c"]);
    packed(fixture.pack());
    let good = fixture.published();
    fixture.edit("a", "NONE", "ZSTD");
    fixture.files.delete("/game/assets/c/data.txt");
    let response = fixture.pack();
    let codes: Vec<Code> = response.diagnostics.iter().map(|diagnostic| diagnostic.code).collect();
    assert_eq!((response.status, codes), (Status::Blocked, vec![Code::UnknownCodec, Code::InputMissing]));
    assert!(response.payload.is_none());
    assert_eq!(fixture.published(), good);
    assert_eq!(fixture.files.paths().iter().filter(|path| path.starts_with("/out/.staging")).count(), 0);
}

#[test]
fn what_the_content_gets_wrong_is_told_beside_what_the_declarations_do() {
    let fixture = Fixture::blobs(&["a", "b"]);
    fixture.edit("a", "NONE", "ZSTD");
    fixture.edit("b", "blob_bank", "glyph_bank");
    fixture.edit("b", "BLOB/raw_v1", "GLYPH/indexed_v1");
    let response = fixture.pack();
    let codes: Vec<Code> = response.diagnostics.iter().map(|diagnostic| diagnostic.code).collect();
    assert!(codes.contains(&Code::UnknownCodec) && codes.contains(&Code::MetadataMissing), "{codes:?}");
}

#[test]
fn an_empty_pack_set_is_a_valid_pack() {
    let fixture = Fixture::empty();
    fixture.registry(&[]);
    let result = packed(fixture.pack());
    assert_eq!((result.total_assets, result.artifact.size), (0, 4096));
    assert!(packer_format::Pack::new(&fixture.published()).is_ok());
}

#[test]
fn skipping_gives_an_empty_pack_and_names_what_can_be_read() {
    let fixture = Fixture::blobs(&["a", "b"]);
    fixture.edit("a", "NONE", "ZSTD");
    let skip = crate::ops::PackRequest { contents: PackContents::Nothing, ..request() };
    let response = fixture.project().pack(&skip);
    assert_eq!(response.diagnostics, []);
    let result = packed(response);
    let named: Vec<&str> = result.assets.iter().map(|asset| asset.root.as_str()).collect();
    assert_eq!((named, result.total_assets), (vec!["b"], 0));
    // Nothing at all is there: still a pack.
    packed(Fixture::empty().project().pack(&skip));
}

#[test]
fn a_check_writes_nothing_and_tells_what_differs() {
    let fixture = Fixture::blobs(&["a", "b"]);
    let check = crate::ops::PackRequest { goal: PackGoal::Check, ..request() };
    let differing = || {
        fixture.files.take_counts();
        let result = packed(fixture.project().pack(&check));
        assert_eq!(fixture.files.take_counts().created, 0);
        let files = std::iter::once(&result.artifact).chain(&result.companions);
        files.map(|file| file.changed).collect::<Vec<bool>>()
    };
    assert_eq!(differing(), [true; 4]);
    packed(fixture.pack());
    assert_eq!(differing(), [false; 4]);
    fixture.write("assets/b/data.txt", "longer than before");
    assert_eq!(differing(), [true, true, false, true]);
    packed(fixture.pack());
    let mut bytes = fixture.published();
    bytes.push(0);
    fixture.files.write("/out/assets.pa", bytes);
    assert_eq!(differing(), [true, false, false, false]);
}

#[test]
fn a_build_waits_for_no_lock_file_and_is_refused_while_somebody_writes() {
    let fixture = Fixture::blobs(&["a"]);
    packed(fixture.pack());
    let lock = "/game/assets/.prometeu/local/lock";
    assert!(!fixture.files.paths().iter().any(|path| path.ends_with("lock")));
    fixture.files.write(lock, "");
    let held = fixture.files.try_lock(lock.as_ref(), LockKind::Exclusive, false).unwrap();
    let response = fixture.pack();
    assert_eq!(response.blockers[0].code, BlockerCode::ProjectLocked);
    drop(held);
    packed(fixture.pack());
}

#[test]
fn a_pack_tells_its_story_in_order() {
    let fixture = Fixture::blobs(&["a"]);
    packed(fixture.pack());
    let events = fixture.events.all();
    let kinds: Vec<&str> = events.iter().map(|event| event.kind.name()).collect();
    assert_eq!(
        kinds,
        ["build_started", "cache_miss", "progress_updated", "diagnostics_updated", "build_finished"]
    );
    let sequence: Vec<u64> = events.iter().map(|event| event.sequence).collect();
    assert_eq!(sequence, [1, 2, 3, 4, 5]);
    assert!(matches!(events[4].kind, EventKind::BuildFinished { status: Status::Ok }));
    assert!(events.iter().all(|event| event.project_id == "/game"));
}

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
fn a_mutation_is_refused_while_another_process_works() {
    let fixture = Fixture::blobs(&["a"]);
    let lock = "/game/assets/.prometeu/local/lock";
    fixture.files.write(lock, "");
    let project = fixture.project();
    let create = CreateAsset { root: root("b"), family: "blob_bank".into(), name: None, from: None };
    let plan = project.preview(&Mutation::CreateAsset(create), None).payload.unwrap().plan;
    let held = fixture.files.try_lock(lock.as_ref(), LockKind::Shared, false).unwrap();
    assert_eq!(project.apply(&plan, false).blockers[0].code, BlockerCode::ProjectLocked);
    drop(held);
    assert_eq!(project.apply(&plan, false).status, Status::Ok);
}

#[test]
fn every_file_of_a_mutation_is_synced_before_it_is_named_and_its_folder_after() {
    let fixture = Fixture::blobs(&["a"]);
    fixture.files.write("/game/assets/.prometeu/local/lock", "");
    let project = fixture.project();
    let create = CreateAsset { root: root("b"), family: "blob_bank".into(), name: None, from: None };
    let plan = project.preview(&Mutation::CreateAsset(create), None).payload.unwrap().plan;
    let files = plan.edits.iter().filter(|edit| !matches!(edit.kind, EditKind::CreateFolder)).count();
    let folders = plan.edits.len() - files;
    fixture.files.take_counts();
    assert_eq!(project.apply(&plan, false).status, Status::Ok);
    let counts = fixture.files.take_counts();
    assert_eq!(usize::try_from(counts.renamed).unwrap(), files);
    assert_eq!(usize::try_from(counts.synced).unwrap(), 2 * files + folders);
}

#[test]
fn doctor_looks_into_excluded_assets_which_block_nothing() {
    let fixture = Fixture::blobs(&["a", "b"]);
    fixture.registry(&[entry(1, "a", false), entry(2, "b", true)]);
    for name in ["a", "b"] {
        fixture.edit(name, "blob_bank", "glyph_bank");
        fixture.edit(name, "BLOB/raw_v1", "GLYPH/indexed_v1");
    }
    let response = fixture.project().doctor(DoctorRequest::default());
    assert_eq!(response.status, Status::Blocked);
    let excluded = response.diagnostics.iter().filter(|found| found.asset_root == Some(root("a")));
    assert!(excluded.clone().count() > 0 && excluded.clone().all(|found| !found.blocking));
    fixture.registry(&[entry(1, "a", false), entry(2, "b", false)]);
    assert_eq!(fixture.project().doctor(DoctorRequest::default()).status, Status::Ok);
}

#[test]
fn metadata_that_is_nested_too_deep_for_the_header_is_told_in_the_declaration() {
    let outcome = |member: &str, depth: usize| {
        let fixture = Fixture::blobs(&["a"]);
        let value = format!("{}{}", "{\"k\":".repeat(depth - 1), "{}") + &"}".repeat(depth - 1);
        fixture.edit("a", "\"codec\":", &format!("\"{member}\": {value}, \"codec\":"));
        let response = fixture.pack();
        assert_ne!(response.status, Status::Failed, "{member} {depth}: {:?}", response.blockers);
        response.diagnostics.first().map(|found| found.code)
    };
    // `codec_configuration` lands one level further down.
    for (member, deepest) in [("metadata", 61), ("codec_configuration", 60)] {
        assert_eq!(outcome(member, deepest), None, "{member}");
        assert_eq!(outcome(member, deepest + 1), Some(Code::MetadataInvalid), "{member}");
    }
}

#[test]
fn a_list_without_a_readable_registry_says_so_and_shows_what_is_there() {
    let fixture = Fixture::blobs(&["a"]);
    for (registry, code) in [("{", Code::RegistryInvalid), ("<<<<<<< HEAD\n", Code::RegistryConflictMarkers)]
    {
        fixture.write("assets/.prometeu/index.json", registry);
        let listed = fixture.project().list_assets(&ListRequest::default());
        assert_eq!(listed.status, Status::Blocked);
        assert_eq!(listed.diagnostics.iter().map(|found| found.code).collect::<Vec<_>>(), [code]);
        assert_eq!(listed.payload.unwrap()[0].root, "a");
    }
}

#[test]
fn one_broken_member_does_not_hide_what_else_is_wrong_in_the_file() {
    let fixture = Fixture::blobs(&["a"]);
    fixture.edit("a", "\"preload\"", "\"prelaod\"");
    fixture.edit("a", "NONE", "ZSTD");
    fixture.edit("a", "data.txt", "missing.txt");
    let response = fixture.pack();
    let mut codes: Vec<Code> = response.diagnostics.iter().map(|diagnostic| diagnostic.code).collect();
    codes.sort();
    let expected = [Code::DeclarationInvalid, Code::UnknownCodec, Code::InputMissing, Code::UnknownMember];
    assert_eq!(codes, expected);
}

#[test]
fn one_pack_at_a_time_works_in_an_output_folder() {
    // Else one could record what it read beside the set that another published.
    let fixture = Fixture::blobs(&["a"]);
    packed(fixture.pack());
    let check = crate::ops::PackRequest { goal: PackGoal::Check, ..request() };
    let lock = |kind| fixture.files.try_lock("/out/.lock".as_ref(), kind, true).unwrap().unwrap();
    let held = lock(LockKind::Exclusive);
    for request in [&request(), &check] {
        let response = fixture.project().pack(request);
        assert_eq!(response.blockers[0].code, BlockerCode::ProjectLocked);
        assert!(response.blockers[0].message.contains("/out"), "{}", response.blockers[0].message);
    }
    drop(held);
    let _held = lock(LockKind::Shared);
    packed(fixture.project().pack(&check));
    let elsewhere = crate::ops::PackRequest { out_dir: "/elsewhere".into(), ..request() };
    packed(fixture.project().pack(&elsewhere));
}

#[test]
fn nothing_is_packed_into_the_assets() {
    let fixture = Fixture::blobs(&["a"]);
    fixture.files.link("/game/way", "assets/a");
    let refused = |out: &str, cache: Option<&str>| {
        let request =
            crate::ops::PackRequest { out_dir: out.into(), cache_dir: cache.map(Into::into), ..request() };
        let files = fixture.files.paths();
        let response = fixture.project().pack(&request);
        assert_eq!(
            response.blockers.first().map(|blocker| blocker.code),
            Some(BlockerCode::InvalidArgument),
            "{out}"
        );
        assert_eq!(fixture.files.paths(), files);
    };
    for out in ["/game/assets", "/game/assets/new/deep", "/game/way", "/game/way/out", "/game/x/../assets/a"]
    {
        refused(out, None);
    }
    refused("/out", Some("/game/assets/cache"));
}

#[test]
fn a_mutation_that_fails_at_any_step_leaves_what_was_there_or_is_done() {
    let mut cases = 0;
    for n in 0.. {
        let fixture = Fixture::blobs(&["a"]);
        fixture.files.write("/game/assets/.prometeu/local/lock", "");
        let create = CreateAsset { root: root("x/b"), family: "blob_bank".into(), name: None, from: None };
        let plan =
            fixture.project().preview(&Mutation::CreateAsset(create.clone()), None).payload.unwrap().plan;
        let before: Vec<_> =
            fixture.files.paths().into_iter().map(|path| (fixture.files.content(&path), path)).collect();
        let response = fixture.project_failing_at(n).apply(&plan, false);
        cases += 1;
        if response.status == Status::Ok {
            break;
        }
        assert_eq!(response.status, Status::Failed, "at {n}");
        let after: Vec<_> =
            fixture.files.paths().into_iter().map(|path| (fixture.files.content(&path), path)).collect();
        // Where the last step fails, the sync of the registry's folder, the registry is the new one.
        let registered = fixture.project().list_assets(&ListRequest::default()).payload.unwrap().len() == 2;
        let code = if registered { BlockerCode::CommitIndeterminate } else { BlockerCode::IoError };
        assert_eq!(response.blockers[0].code, code, "at {n}");
        assert!(registered || after == before, "at {n}: {after:?}");
        if !registered {
            let again = fixture.project().preview(&Mutation::CreateAsset(create), None).payload.unwrap().plan;
            assert_eq!(fixture.project().apply(&again, false).status, Status::Ok, "at {n}");
        }
        assert!(
            fixture.diagnostics().iter().all(|found| !found.blocking),
            "at {n}: {:?}",
            fixture.diagnostics()
        );
    }
    assert!(cases > 10, "{cases}");
    println!("failing disks: {cases} cases, 0 failed");
}

#[test]
fn what_a_crash_of_create_leaves_can_be_created_or_registered() {
    let fixture = Fixture::blobs(&["a"]);
    fixture.files.folder("/game/assets/empty");
    fixture.files.write("/game/assets/empty/.asset.json.pm-0b0e", "half");
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
