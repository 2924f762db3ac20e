use super::*;
use crate::diagnostics::Code;
use crate::ops::constants::tests::atlas;
use crate::ops::{Response, Status};
use crate::testing::{Fixture, blob, entry, uuid};

fn ask(fixture: &Fixture, asset: &str) -> Response<AssetDetails> {
    fixture.project().get_asset_details(&DetailsRequest { asset: asset.to_owned() })
}

#[track_caller]
fn details(fixture: &Fixture, asset: &str) -> (AssetDetails, Vec<Code>) {
    let response = ask(fixture, asset);
    assert_eq!(response.status, Status::Ok, "{:?}", response.blockers);
    let codes = response.diagnostics.iter().map(|found| found.code).collect();
    (response.payload.unwrap(), codes)
}

#[test]
fn an_asset_is_known_by_id_uuid_root_and_a_name_of_its_own() {
    let fixture = Fixture::blobs(&["a", "ui/b"]);
    fixture.edit("ui/b", "\"name\": \"ui/b\"", "\"name\": \"bee\"");
    for words in ["2", &uuid(2), "ui/b", "ui/b/", "assets/ui/b", "bee"] {
        assert_eq!(details(&fixture, words).0.asset_id.get(), 2, "{words}");
    }
    let response = ask(&fixture, "2");
    assert_eq!(response.affected_assets[0].root.as_str(), "ui/b");
}

#[test]
fn a_name_of_several_assets_lists_their_roots() {
    let fixture = Fixture::blobs(&["a", "b"]);
    for root in ["a", "b"] {
        fixture.edit(root, &format!("\"name\": \"{root}\""), "\"name\": \"same\"");
    }
    let response = ask(&fixture, "same");
    let blocker = &response.blockers[0];
    assert_eq!((response.status, blocker.code), (Status::Blocked, BlockerCode::InvalidArgument));
    assert_eq!(blocker.message, "2 assets have the name `same`");
    assert_eq!(blocker.help.as_deref(), Some("Say which by its root: `a`, `b`."));
}

#[test]
fn an_asset_that_nobody_knows_is_refused_with_the_next_step() {
    let fixture = Fixture::blobs(&["ui/atlas"]);
    fixture.declare("loose", &blob(&uuid(9), "loose"));
    for (words, help) in [
        ("ui/atlass", "Did you mean `ui/atlas`?"),
        ("loose", "`assets/loose` is not registered: `cargo prometeu register loose` takes it in."),
        ("something else", "`cargo prometeu list` shows what there is."),
    ] {
        let response = ask(&fixture, words);
        let blocker = &response.blockers[0];
        assert_eq!((response.status, blocker.code), (Status::Blocked, BlockerCode::UnknownAsset));
        assert_eq!(blocker.help.as_deref(), Some(help), "{words}");
    }
}

#[test]
fn without_a_registry_that_can_be_read_the_reason_is_told() {
    let fixture = Fixture::blobs(&["a"]);
    fixture.write("assets/.prometeu/index.json", "{");
    let response = ask(&fixture, "a");
    assert_eq!((response.status, response.blockers.len()), (Status::Blocked, 0));
    assert_eq!(response.diagnostics[0].code, Code::RegistryInvalid);
}

#[test]
fn all_of_a_sound_asset_is_shown() {
    let more = "\n  \"artifacts\": [{ \"file\": \"star.png\", \"index\": 4 }, \
                { \"file\": \"walk.png\", \"index\": 0 }],";
    let fixture = atlas(&[("star.png", 1), ("walk.png", 4), ("draft.png", 1)], more);
    let (shown, codes) = details(&fixture, "ui/atlas");
    assert_eq!(codes, []);
    assert_eq!(shown.asset_family.as_deref(), Some("glyph_bank"));
    assert_eq!(shown.format.as_deref(), Some("GLYPH/indexed_v1"));
    assert_eq!((shown.included_in_build, shown.preload), (true, Some(true)));
    assert_eq!(shown.constant, "ui::ATLAS");
    let inputs: Vec<_> =
        shown.inputs.iter().map(|input| (&*input.file, &*input.role, input.packed)).collect();
    assert_eq!(
        inputs,
        [("star.png", "sprites", true), ("walk.png", "sprites", true), ("draft.png", "sprites", false)]
    );
    let artifacts = shown.artifacts.iter().map(|a| (&*a.constant, a.file.as_str(), a.index, a.count));
    assert_eq!(
        artifacts.collect::<Vec<_>>(),
        [("ui::atlas::WALK", "walk.png", 0, 4), ("ui::atlas::STAR", "star.png", 4, 1)]
    );
    assert_eq!((shown.min_artifact_count, shown.max_artifact_count), (Some(1), Some(256)));
    assert_eq!((shown.payload_size, shown.decoded_size), (Some(34_816), Some(67_584)));
    let size = fixture.files.content("/game/assets/ui/atlas/star.png").unwrap().len() as u64;
    assert_eq!(shown.inputs[0].size, Some(size));
}

#[test]
fn the_last_change_is_that_of_the_newest_file() {
    let fixture = Fixture::blobs(&["a"]);
    let first = details(&fixture, "a").0.last_modified.unwrap();
    fixture.later();
    fixture.write("assets/a/data.txt", "newer");
    let second = details(&fixture, "a").0.last_modified.unwrap();
    fixture.later();
    fixture.edit("a", "\"name\": \"a\"", "\"name\": \"b\"");
    let third = details(&fixture, "a").0.last_modified.unwrap();
    assert!(first < second && second < third, "{first} {second} {third}");
}

#[test]
fn of_a_broken_asset_there_is_what_can_be_read() {
    let fixture = atlas(&[("walk.png", 4), ("star.png", 1)], "");
    fixture.registry(&[entry(1, "ui/atlas", false)]);
    fixture.files.delete("/game/assets/ui/atlas/star.png");
    let (shown, codes) = details(&fixture, "1");
    assert_eq!(codes, [Code::InputMissing]);
    assert!(!shown.included_in_build);
    assert_eq!((shown.inputs[1].size, shown.inputs[1].packed), (None, true));
    assert_eq!((shown.payload_size, shown.artifacts.len()), (None, 0));
    assert_eq!(shown.max_artifact_count, Some(256));

    fixture.declare("ui/atlas", &format!("{{ \"asset_uuid\": \"{}\", \"name\": \"atlas\", ", uuid(1)));
    let (shown, codes) = details(&fixture, "atlas");
    assert_eq!(codes, [Code::DeclarationInvalid]);
    assert_eq!((shown.asset_name.as_deref(), shown.preload), (Some("atlas"), None));
    assert!(shown.last_modified.is_some());

    fixture.files.delete("/game/assets/ui/atlas/asset.json");
    let (shown, codes) = details(&fixture, "1");
    assert_eq!(codes, [Code::DeclarationMissing]);
    assert_eq!((shown.asset_name, shown.last_modified), (None, None));
    assert_eq!(shown.constant, "ui::ATLAS");
}

#[test]
fn what_only_the_pixels_show_is_among_what_is_wrong() {
    let fixture = atlas(&[("walk.png", 4)], "");
    fixture.edit("ui/atlas", "#ffffff", "#ff0000");
    let (shown, codes) = details(&fixture, "1");
    assert_eq!(codes, [Code::TileColors]);
    assert_eq!(shown.artifacts.len(), 1);
}

#[test]
fn what_an_asset_adds_to_the_pack_is_told_beside_the_whole() {
    let fixture = Fixture::blobs(&["a", "b", "c"]);
    for (root, bytes) in [("a", "1"), ("b", "12345"), ("c", "123")] {
        fixture.write(&format!("assets/{root}/data.txt"), bytes);
    }
    for root in ["b", "c"] {
        fixture.edit(root, "\"enabled\": false", "\"enabled\": true");
    }
    let told = |asset: &str| {
        let shown = details(&fixture, asset).0;
        (shown.payload_size, shown.pack_payload_size, shown.preload_slot)
    };
    assert_eq!(told("a"), (Some(1), Some(9), None));
    assert_eq!(told("b"), (Some(5), Some(9), Some(0)));
    assert_eq!(told("c"), (Some(3), Some(9), Some(1)));
    fixture.registry(&[entry(1, "a", true), entry(2, "b", false), entry(3, "c", true)]);
    assert_eq!(told("b"), (Some(5), None, None), "it is in no pack");
    assert_eq!(told("c"), (Some(3), Some(4), Some(0)));
    fixture.files.delete("/game/assets/a/data.txt");
    assert_eq!(told("c"), (Some(3), None, Some(0)), "nobody knows the whole");
}
