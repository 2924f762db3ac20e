//! The rules, provoked from files. `table` has every code once with its place; here are the cases
//! that are worth more than one line.

mod advice;
mod agreement;
pub(in crate::diagnostics) mod pretend;
mod table;

use pretend::Pretend;

use crate::diagnostics::Code;
use crate::mutate::{Mutation, RegisterAsset};
use crate::ops::{DoctorRequest, Status};
use crate::path::AssetPath;
use crate::spelling;
use crate::testing::{Fixture, blob, entry, places, uuid};

/// What is found, each with the words that it points to.
#[track_caller]
fn check(fixture: &Fixture, expected: &[(Code, &str)]) {
    let found = places(&fixture.diagnostics());
    let found: Vec<(Code, &str)> = found.iter().map(|(code, words)| (*code, words.as_str())).collect();
    assert_eq!(found, expected);
}

#[test]
fn a_project_in_order_has_no_diagnostics() {
    check(&Fixture::blobs(&["a", "ui/b"]), &[]);
}

#[test]
fn a_project_without_a_registry_is_told_how_to_get_one() {
    let fixture = Fixture::empty();
    check(&fixture, &[(Code::RegistryMissing, "assets/.prometeu/index.json")]);
    fixture.registry(&[]);
    check(&fixture, &[]);
}

#[test]
fn a_registry_that_cannot_be_read_is_one_finding() {
    let fixture = Fixture::blobs(&["a"]);
    fixture.write("assets/.prometeu/index.json", "{");
    let found = fixture.diagnostics();
    assert!(found.iter().all(|diagnostic| diagnostic.code == Code::RegistryInvalid && diagnostic.blocking));
    assert!(!found.is_empty());
}

#[test]
fn the_allocator_must_be_above_every_id() {
    let fixture = Fixture::blobs(&["a", "b"]);
    let registry = |next: u32| {
        let entries = [entry(1, "a", true), entry(2, "b", true)].join(",");
        fixture.write(
            "assets/.prometeu/index.json",
            format!(r#"{{"schema_version":1,"next_asset_id":{next},"assets":[{entries}]}}"#),
        );
    };
    registry(2);
    check(&fixture, &[(Code::AllocatorBehind, "2")]);
    registry(7);
    check(&fixture, &[]);
}

#[test]
fn ids_uuids_and_roots_are_each_used_once() {
    let fixture = Fixture::blobs(&["a", "b"]);
    fixture
        .registry(&[entry(1, "a", true), entry(2, "b", true).replace("\"asset_id\": 2", "\"asset_id\": 1")]);
    check(&fixture, &[(Code::DuplicateAssetId, "1")]);
    let help = |fixture: &Fixture| fixture.diagnostics()[0].help.clone().unwrap();
    assert!(help(&fixture).contains("Write `\"asset_id\": 3`"), "{}", help(&fixture));
    // Above the highest id there is none to offer.
    let highest =
        |n, root| entry(n, root, true).replace(&format!("\"asset_id\": {n}"), "\"asset_id\": 2147483647");
    let entries = [highest(1, "a"), highest(2, "b")].join(",");
    let text = format!(r#"{{"schema_version":1,"next_asset_id":2147483648,"assets":[{entries}]}}"#);
    fixture.write("assets/.prometeu/index.json", text);
    check(&fixture, &[(Code::DuplicateAssetId, "2147483647")]);
    assert!(!help(&fixture).contains("2147483648"), "{}", help(&fixture));
    fixture.registry(&[entry(1, "a", true), entry(2, "b", true).replace(&uuid(2), &uuid(1))]);
    check(
        &fixture,
        &[
            (Code::DuplicateAssetUuid, &format!("{:?}", uuid(1))),
            (Code::UuidMismatch, &format!("{:?}", uuid(2))),
        ],
    );
    fixture.registry(&[entry(1, "a", true), entry(2, "a", false)]);
    check(&fixture, &[(Code::DuplicateRoot, "\"a\""), (Code::UuidMismatch, &format!("{:?}", uuid(1)))]);
}

#[test]
fn a_root_must_not_lie_inside_another() {
    let fixture = Fixture::blobs(&["a", "a/deep/b"]);
    check(&fixture, &[(Code::NestedRoot, "\"a/deep/b\"")]);
    check(&Fixture::blobs(&["a", "ab", "b/a"]), &[]);
}

#[test]
fn a_second_declaration_inside_a_root_is_untidy_and_stops_no_build() {
    let fixture = Fixture::blobs(&["a", "ab"]);
    fixture.declare("a/in/side", &blob(&uuid(7), "side"));
    let doctor = |workspace| fixture.project().doctor(DoctorRequest { strict: true, workspace });
    assert_eq!(doctor(false).diagnostics, []);
    let found = doctor(true).diagnostics;
    assert_eq!(found.iter().map(|found| found.code).collect::<Vec<_>>(), [Code::OrphanDeclaration]);
    let words = "`assets/a/in/side` holds a second `asset.json` inside the asset `a`, and is not registered";
    assert_eq!(found[0].message, words);
    let help = "`a/in/side` lies inside the asset `a`: move or rename it first. Or leave it, or delete it.";
    assert_eq!(found[0].help.as_deref(), Some(help));
    assert_eq!(fixture.diagnostics(), []);
    assert_eq!(fixture.pack().status, Status::Ok);
    // One that is a copy is told as that.
    fixture.declare("a/in/side", &blob(&uuid(1), "a"));
    let codes: Vec<Code> = doctor(true).diagnostics.iter().map(|found| found.code).collect();
    assert_eq!(codes, [Code::CopiedRoot]);
}

#[test]
fn a_root_that_was_moved_is_told_where_it_is() {
    let fixture = Fixture::blobs(&["ui/hud"]);
    fixture.files.delete("/game/assets/ui/hud");
    let help = || fixture.project().doctor(DoctorRequest::default()).diagnostics[0].help.clone().unwrap();
    fixture.declare("other", &blob(&uuid(7), "other"));
    assert!(help().starts_with("Put the folder back; upper and lower case count"), "{}", help());
    assert!(help().ends_with("`cargo prometeu forget 1` gives the asset up."), "{}", help());
    fixture.declare("ui/head", &blob(&uuid(1), "hud"));
    let follow = "Run `cargo prometeu reconcile 1` to let asset 1 follow to `ui/head`. Or put it back.";
    assert_eq!(help(), follow);
    fixture.declare("ui/tail", &blob(&uuid(1), "hud"));
    for way in ["adopt ui/head --as 1` to take", "adopt ui/tail --as 1` to take", "forget 1` to give"] {
        assert!(help().starts_with("Put it back. Or run ") && help().contains(way), "{way}: {}", help());
    }
    // Only those who walk know.
    assert!(fixture.diagnostics()[0].help.as_deref().unwrap().starts_with("Put the folder back"));
}

#[test]
fn a_registered_root_must_be_a_folder_that_is_reached_without_a_link() {
    let fixture = Fixture::blobs(&["a", "b", "c/d"]);
    fixture.files.delete("/game/assets/a");
    fixture.files.delete("/game/assets/b");
    fixture.write("assets/b", "a file");
    fixture.files.delete("/game/assets/c");
    fixture.files.folder("/elsewhere/d");
    fixture.files.link("/game/assets/c", "/elsewhere");
    check(
        &fixture,
        &[(Code::RootMissing, "\"a\""), (Code::RootMissing, "\"b\""), (Code::RootMissing, "\"c/d\"")],
    );
}

#[test]
fn a_root_that_may_not_be_looked_at_is_not_called_missing() {
    let fixture = Fixture::blobs(&["a", "ui/hud"]);
    let found = Pretend { closed: Some("/game/assets/ui".into()), ..Pretend::new(&fixture) }.doctor();
    assert_eq!(places(&found), [(Code::RootMissing, "\"ui/hud\"".to_owned())]);
    assert_eq!(
        found[0].message,
        "the folder `assets/ui/hud` of asset 2 cannot be looked at: permission denied"
    );
    assert!(found[0].help.as_deref().unwrap().starts_with("Check who owns it"), "{:?}", found[0].help);
    assert!(found[0].blocking);
}

#[test]
fn a_registered_root_must_hold_a_declaration() {
    let fixture = Fixture::blobs(&["a", "b", "c"]);
    fixture.files.delete("/game/assets/a/asset.json");
    fixture.files.delete("/game/assets/b/asset.json");
    fixture.files.folder("/game/assets/b/asset.json");
    fixture.files.delete("/game/assets/c/asset.json");
    fixture.files.pipe("/game/assets/c/asset.json");
    let expected = ["\"a\"", "\"b\"", "\"c\""].map(|root| (Code::DeclarationMissing, root));
    check(&fixture, &expected);
}

#[test]
fn registry_and_declaration_must_name_the_same_uuid() {
    let fixture = Fixture::blobs(&["a", "b", "c"]);
    fixture.edit("a", &uuid(1), &uuid(9));
    fixture.edit("b", &format!("  \"asset_uuid\": \"{}\",\n", uuid(2)), "");
    // A malformed one is the reader's finding, and that alone.
    fixture.edit("c", &uuid(3), "nonsense");
    check(
        &fixture,
        &[
            (Code::UuidMismatch, &format!("{:?}", uuid(9))),
            (Code::UuidMismatch, "{"),
            (Code::DeclarationInvalid, "\"nonsense\""),
        ],
    );
}

#[test]
fn type_format_and_codec_must_be_known_and_fit() {
    let with = |from: &str, to: &str| {
        let fixture = Fixture::blobs(&["a"]);
        fixture.edit("a", from, to);
        fixture
    };
    check(&with("blob_bank", "blob_bnak"), &[(Code::UnknownType, "\"blob_bnak\"")]);
    check(&with("BLOB/raw_v1", "BLOB/raw_v2"), &[(Code::UnknownFormat, "\"BLOB/raw_v2\"")]);
    check(&with("NONE", "ZSTD"), &[(Code::UnknownCodec, "\"ZSTD\"")]);
    check(&with("BLOB/raw_v1", "GLYPH/indexed_v1"), &[(Code::FormatNotOfType, "\"GLYPH/indexed_v1\"")]);
    check(&with("NONE", "RAW"), &[(Code::LegacyName, "\"RAW\"")]);
    check(&with("blob_bank", "tile_bank"), &[(Code::LegacyName, "\"tile_bank\"")]);
    check(&with("BLOB/raw_v1", "TILES/indexed_v1"), &[(Code::LegacyName, "\"TILES/indexed_v1\"")]);
    // An old word of another member is none here.
    check(&with("blob_bank", "RAW"), &[(Code::UnknownType, "\"RAW\"")]);
    check(&with("BLOB/raw_v1", "RAW"), &[(Code::UnknownFormat, "\"RAW\"")]);
    check(&with("NONE", "tile_bank"), &[(Code::UnknownCodec, "\"tile_bank\"")]);
}

#[test]
fn an_unknown_type_is_told_the_nearest_one() {
    let fixture = Fixture::blobs(&["a"]);
    fixture.edit("a", "blob_bank", "blob_bnak");
    let found = fixture.diagnostics();
    assert_eq!(found[0].help.as_deref(), Some("Did you mean `blob_bank`?"));
    assert_eq!((found[0].line, found[0].column), (Some(5), Some(11)));
}

#[test]
fn an_input_must_be_a_regular_file_inside_its_root() {
    let with = |make: &dyn Fn(&Fixture)| {
        let fixture = Fixture::blobs(&["a"]);
        fixture.files.delete("/game/assets/a/data.txt");
        make(&fixture);
        fixture
    };
    let data = "\"data.txt\"";
    let at = "/game/assets/a/data.txt";
    check(&with(&|_| {}), &[(Code::InputMissing, data)]);
    check(&with(&|fixture| fixture.files.folder(at)), &[(Code::InputNotAFile, data)]);
    check(&with(&|fixture| fixture.files.pipe(at)), &[(Code::InputNotAFile, data)]);
    check(&with(&|fixture| fixture.files.link(at, "nowhere")), &[(Code::InputMissing, data)]);
    let circle = with(&|fixture| fixture.files.link(at, "data.txt"));
    check(&circle, &[(Code::InputUnreadable, data)]);
    let circle = &circle.diagnostics()[0];
    assert_eq!(circle.message, "the input `data.txt` cannot be read: its link leads back to itself");
    assert!(circle.help.as_deref().is_some_and(|help| help.starts_with("Put the file itself there")));
    let outside = with(&|fixture| {
        fixture.write("assets/other/secret.txt", "x");
        fixture.files.link(at, "../other/secret.txt");
    });
    check(&outside, &[(Code::InputOutsideRoot, data)]);
    let inside = with(&|fixture| {
        fixture.write("assets/a/deep/real.txt", "x");
        fixture.files.link(at, "deep/real.txt");
    });
    check(&inside, &[]);
}

#[test]
fn more_preloads_than_slots_are_told_at_those_that_are_too_many() {
    let glyphs = |count: u32| {
        let roots: Vec<String> = (1..=count).map(|n| format!("g{n}")).collect();
        let fixture = Fixture::blobs(&roots.iter().map(String::as_str).collect::<Vec<_>>());
        for root in &roots {
            fixture.edit(root, "blob_bank", "glyph_bank");
            fixture.edit(root, "BLOB/raw_v1", "GLYPH/indexed_v1");
            fixture.edit(root, "\"enabled\": false", "\"enabled\": true");
        }
        fixture
    };
    check(&glyphs(16), &[]);
    check(&glyphs(18), &[(Code::PreloadSlots, "true"), (Code::PreloadSlots, "true")]);
}

#[test]
fn two_folders_must_not_be_one_rust_identifier() {
    check(&Fixture::blobs(&["ui-x/a", "ui_x/b"]), &[(Code::AddressCollision, "\"ui_x/b\"")]);
    check(&Fixture::blobs(&["a b", "a-b"]), &[(Code::AddressCollision, "\"a-b\"")]);
    check(&Fixture::blobs(&["kiz", "kız"]), &[(Code::AddressCollision, "\"kız\"")]);
    check(&Fixture::blobs(&["ui/a", "ui/b", "a"]), &[]);
}

#[test]
fn roots_are_told_apart_by_more_than_letter_case_and_unicode_form() {
    let collides = |roots: &[&str], second: &str| {
        check(&Fixture::blobs(roots), &[(Code::CaseCollision, &format!("\"{second}\""))]);
    };
    collides(&["ui/atlas", "ui/Atlas"], "ui/Atlas");
    collides(&["ui/a", "UI/b"], "UI/b");
    collides(&["straße", "STRASSE"], "STRASSE");
    collides(&["caf\u{e9}", "cafe\u{301}"], "cafe\u{301}");
    // One folder too many is said once, not for each asset in it.
    collides(&["ui/a", "UI/b", "UI/c"], "UI/b");
    check(&Fixture::blobs(&["ui/a", "ui/b", "a/ui", "cafe", "uia"]), &[]);
}

#[test]
fn excluding_an_asset_does_not_hide_that_its_folder_collides() {
    let fixture = Fixture::blobs(&["a", "A"]);
    fixture.registry(&[entry(1, "a", true), entry(2, "A", false)]);
    let found = fixture.diagnostics();
    assert_eq!(places(&found), [(Code::CaseCollision, "\"A\"".to_owned())]);
    assert!(found[0].blocking);
}

#[test]
fn a_missing_input_is_told_what_is_there_instead() {
    let help = |declared: &str, on_disk: &[&str]| {
        let fixture = Fixture::blobs(&["a"]);
        fixture.edit("a", "data.txt", declared);
        fixture.files.delete("/game/assets/a/data.txt");
        on_disk.iter().for_each(|file| fixture.write(&format!("assets/a/{file}"), "x"));
        let found = fixture.diagnostics();
        assert_eq!(found.iter().map(|found| found.code).collect::<Vec<_>>(), [Code::InputMissing]);
        found[0].help.clone().unwrap()
    };
    let case = "only upper and lower case tell them apart. Write the name as it is on disk.";
    assert_eq!(help("Heart.png", &["heart.png", "heard.png"]), format!("There is `heart.png`: {case}"));
    assert_eq!(help("walk/left.png", &["Walk/left.png"]), format!("There is `Walk/left.png`: {case}"));
    assert_eq!(
        help("caf\u{e9}.txt", &["cafe\u{301}.txt"]),
        "There is `cafe\u{301}.txt`: they look alike, but are spelt with different Unicode characters. \
         Write the name as it is on disk."
    );
    assert_eq!(
        help("haert.png", &["heart.png", "x.png"]),
        "Did you mean `heart.png`? If not, put the missing file there."
    );
    let nothing_near =
        "Put the file there, or correct the path; it begins in the folder of this `asset.json`.";
    assert_eq!(help("asset.jso", &["x.png"]), nothing_near);
}

#[test]
fn an_input_is_spelt_as_the_folder_spells_it_also_where_other_spellings_are_found() {
    let on = |same_name: fn(&str, &str) -> bool| {
        move |declared: &str, on_disk: &str| {
            let fixture = Fixture::blobs(&["a"]);
            fixture.edit("a", "data.txt", declared);
            fixture.write(&format!("assets/a/{on_disk}"), "x");
            places(&Pretend { same_name, ..Pretend::new(&fixture) }.doctor())
        }
    };
    let with = on(|a, b| spelling::key(a) == spelling::key(b));
    let collides = |declared: &str| [(Code::CaseCollision, format!("\"{declared}\""))];
    assert_eq!(with("Heart.png", "heart.png"), collides("Heart.png"));
    assert_eq!(with("walk/left.png", "Walk/left.png"), collides("walk/left.png"));
    assert_eq!(with("caf\u{e9}.png", "cafe\u{301}.png"), collides("caf\u{e9}.png"));
    // A disk that knows letter case, and Unicode forms not.
    let with_forms = on(|a, b| spelling::key(a) == spelling::key(b) && !spelling::is_letter_case(a, b));
    assert_eq!(with_forms("caf\u{e9}.png", "cafe\u{301}.png"), collides("caf\u{e9}.png"));
    for name in ["heart.png", "Walk/Left.png", "caf\u{e9}.png"] {
        assert_eq!([with(name, name), with_forms(name, name)], [[], []], "{name}");
    }
}

#[test]
fn what_would_collide_is_not_registered() {
    let fixture = Fixture::blobs(&["ui/a"]);
    let register = |root: &str| {
        fixture.declare(root, &blob(&uuid(7), "new"));
        let request = RegisterAsset { root: AssetPath::parse(root).unwrap(), included: true };
        let preview = fixture.project().preview(&Mutation::RegisterAsset(request), None);
        preview.blockers.first().map(|blocker| blocker.message.clone())
    };
    assert_eq!(
        register("UI/b").unwrap(),
        "`UI/b` cannot be an asset root: `UI` and `ui` are one name on Windows and macOS"
    );
    assert_eq!(
        register("ui/nul").unwrap(),
        "`ui/nul` cannot be an asset root: `nul` is a device's name on Windows"
    );
    assert_eq!(register("ui/b"), None);
}

#[test]
fn only_the_registry_and_included_assets_block() {
    let fixture = Fixture::blobs(&["a", "b"]);
    fixture.registry(&[entry(1, "a", false), entry(2, "b", true)]);
    fixture.edit("a", "NONE", "ZSTD");
    fixture.edit("b", "NONE", "ZSTD");
    let blocking: Vec<bool> = fixture.diagnostics().iter().map(|diagnostic| diagnostic.blocking).collect();
    assert_eq!(blocking, [false, true]);
    // An unregistered declaration is nobody's business in a build.
    fixture.declare("orphan", &blob(&uuid(1), "copy"));
    assert_eq!(fixture.diagnostics().len(), 2);
}

#[test]
fn warnings_block_in_strict_mode_alone() {
    let fixture = Fixture::blobs(&["a"]);
    fixture.edit("a", "\"name\"", "\"nmae\": 1, \"name\"");
    let snapshot = fixture.project().refresh(crate::workspace::Scope::Managed).unwrap();
    let blocking = |strict| {
        snapshot.diagnostics(strict).iter().map(|found| (found.code, found.blocking)).collect::<Vec<_>>()
    };
    assert_eq!(blocking(false), [(Code::UnknownMember, false)]);
    assert_eq!(blocking(true), [(Code::UnknownMember, true)]);
}

#[test]
fn a_broken_entry_of_artifacts_hides_nothing_of_the_others() {
    let fixture = Fixture::blobs(&["a"]);
    let with = |members: &str| {
        let text = blob(&uuid(1), "a").replace("\"output\"", &format!("{members},\n  \"output\""));
        fixture.declare("a", &text);
    };
    let entries = r#"{"file": "data.txt", "index": 1}, {"file": "data.txt", "index": 1},
        {"file": "oops.png", "index": 0}"#;
    with(&format!(r#""artifacts": [{entries}, {{"index": 3}}, {{"file": "data.txt", "index": -1}}]"#));
    check(
        &fixture,
        &[
            (Code::DeclarationInvalid, "{"),
            (Code::DeclarationInvalid, "-1"),
            (Code::ArtifactUnknownFile, "\"oops.png\""),
            (Code::ArtifactIndexDuplicate, "1"),
        ],
    );
    // Also of one that is otherwise whole, and once.
    with(&format!(r#""artifacts": [{entries}]"#));
    let found = fixture.project().doctor(DoctorRequest::default()).diagnostics;
    let codes: Vec<Code> = found.iter().map(|diagnostic| diagnostic.code).collect();
    assert_eq!(codes, [Code::ArtifactUnknownFile, Code::ArtifactIndexDuplicate]);
}

#[test]
fn where_an_input_could_not_be_read_no_artifact_is_called_unknown() {
    let fixture = Fixture::blobs(&["a"]);
    let artifacts = r#""artifacts": [{"file": "x", "index": 0}], "output""#;
    for (inputs, wrong) in [("[\"data.txt\", 7]", "7"), ("\"x\"", "\"x\"")] {
        let text = blob(&uuid(1), "a").replace("[\"data.txt\"]", inputs).replace("\"output\"", artifacts);
        fixture.declare("a", &text);
        check(&fixture, &[(Code::DeclarationInvalid, wrong)]);
    }
}

#[test]
fn where_no_id_is_left_the_one_cause_that_can_be_mended_is_named() {
    let fixture = Fixture::empty();
    fixture.declare("a", &blob(&uuid(1), "a"));
    let index = "assets/.prometeu/index.json";
    fixture.write(index, r#"{"schema_version":1,"next_asset_id":2147483648,"assets":[]}"#);
    let request = RegisterAsset { root: AssetPath::parse("a").unwrap(), included: true };
    let preview = fixture.project().preview(&Mutation::RegisterAsset(request), None);
    let help = preview.blockers[0].help.as_deref().unwrap_or_default();
    assert!(help.contains("`next_asset_id`"), "{help}");
}
