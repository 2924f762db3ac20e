//! Packing, checking, skipping, listing and doctor.

use serde_json::json;

use super::{packed, root};
use crate::Digest;
use crate::diagnostics::Code;
use crate::event::EventKind;
use crate::ops::{BlockerCode, DoctorRequest, ListRequest, PackContents, PackGoal, PackResult, Status};
use crate::pack::DirtyReason;
use crate::storage::LockKind;
use crate::testing::{Fixture, blob, entry, request, uuid};

/// Which assets were made, and why.
fn made(result: &PackResult) -> Vec<(&str, DirtyReason)> {
    let made = result.assets.iter().filter_map(|asset| Some((asset.root.as_str(), asset.made.clone()?)));
    made.collect()
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
    // The record, and the lock of the output folder.
    assert_eq!(counts.opened, 2);
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
    assert_eq!(
        made(&packed(fixture.pack())),
        [("c", DirtyReason::DeclarationChanged { members: vec!["output.metadata"] })]
    );
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
fn an_asset_in_another_place_or_with_another_uuid_makes_no_payload_and_is_told_to_tools() {
    let fixture = Fixture::blobs(&["a"]);
    packed(fixture.pack());
    let before = fixture.published();
    fixture.files.delete("/game/assets/a");
    fixture.write("assets/b/data.txt", "a");
    fixture.declare("b", &blob(&uuid(1), "a"));
    fixture.later();
    let check = |entry: String, told: &str| {
        fixture.registry(&[entry]);
        let result = packed(fixture.pack());
        assert_eq!((made(&result), fixture.published()), (vec![], before.clone()));
        let changed = result.companions.iter().map(|file| file.changed).collect::<Vec<_>>();
        assert_eq!(changed, [false, false, true], "the last one alone names roots and uuids");
        let metadata = fixture.files.content("/out/asset_table_metadata.json").unwrap();
        assert!(String::from_utf8(metadata).unwrap().contains(told), "{told}");
    };
    check(entry(1, "b", true), "\"root\":\"b\"");
    fixture.edit("b", &uuid(1), &uuid(9));
    check(entry(1, "b", true).replace(&uuid(1), &uuid(9)), &uuid(9));
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
    let held = crate::lock::try_lock(&fixture.files, lock.as_ref(), LockKind::Exclusive, false).unwrap();
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
    let lock =
        |kind| crate::lock::try_lock(&fixture.files, "/out/.lock".as_ref(), kind, true).unwrap().unwrap();
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
fn a_missing_input_does_not_hide_what_is_wrong_with_the_others() {
    let fixture = Fixture::blobs(&["a"]);
    fixture.edit("a", "blob_bank", "glyph_bank");
    let output = "GLYPH/indexed_v1\", \"metadata\": {\"tile_size\": 16}, \"pipeline\": {\"palettes\": \
                  [{\"index\": 0, \"palette\": {\"colors\": [\"#000000\"]}}]}, \"codec\": \"NONE";
    fixture.edit("a", "BLOB/raw_v1\", \"codec\": \"NONE", output);
    fixture.edit("a", "\"data.txt\"", "\"gone.png\", \"data.txt\"");
    for response in
        [fixture.pack().diagnostics, fixture.project().doctor(DoctorRequest::default()).diagnostics]
    {
        let codes: Vec<Code> = response.iter().map(|diagnostic| diagnostic.code).collect();
        assert_eq!(codes, [Code::InputMissing, Code::ImageInvalid]);
    }
}

#[test]
fn the_companion_for_tools_says_where_each_asset_came_from_and_nothing_else() {
    let fixture = Fixture::blobs(&["a"]);
    fixture.write("assets/a/2.txt", "second");
    fixture.write("assets/a/art.txt", "never packed");
    // Declared order is `art.txt`, `data.txt`, `2.txt`, since roles are sorted; artifacts turn it over.
    let inputs = r#"{ "z": ["data.txt", "2.txt"], "b": ["art.txt"] },
  "artifacts": [{ "file": "data.txt", "index": 1 }, { "file": "2.txt", "index": 0 }]"#;
    fixture.edit("a", r#"{ "files": ["data.txt"] }"#, inputs);
    fixture.edit("a", r#""NONE" }"#, r#""NONE", "pipeline": { "x": 1.5 } }"#);
    packed(fixture.pack());

    let bytes = fixture.published();
    let pack = packer_format::Pack::new(&bytes).unwrap();
    let payload = pack.payload(packer_format::AssetId::try_from(1).unwrap()).unwrap();
    let files = [("2.txt", "z", "second"), ("data.txt", "z", "a"), ("art.txt", "b", "never packed")];
    let digest = |bytes: &[u8]| Digest::of(bytes).to_string();
    let digests = files.map(|(_, _, text)| Digest::of(text.as_bytes()));
    let together: Vec<u8> = digests.iter().flat_map(|digest| digest.as_bytes().to_vec()).collect();
    let region = usize::try_from(pack.header().payload_offset()).unwrap();
    let tree = [&bytes[..region], Digest::of(payload).as_bytes()].concat();
    let inputs = files.map(|(file, role, text)| {
        json!({ "file": file, "role": role, "sha256": digest(text.as_bytes()), "size": text.len() })
    });
    let expected = json!({
        "schema_version": 1,
        "pack": { "digest": format!("pmpa-tree-1:{}", digest(&tree)), "size": bytes.len() },
        "assets": [{
            "asset_id": 1,
            "asset_name": "a",
            "asset_uuid": uuid(1),
            "family": "blob_bank",
            "format": "BLOB/raw_v1",
            "input_digest": digest(&together),
            "inputs": inputs,
            "payload_sha256": digest(payload),
            "pipeline": { "x": "1.5" },
            "root": "a",
        }],
    });
    let companion = fixture.files.content("/out/asset_table_metadata.json").unwrap();
    assert_eq!(serde_json::from_slice::<serde_json::Value>(&companion).unwrap(), expected);
}
