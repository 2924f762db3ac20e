use super::*;
use crate::diagnostics::Code;
use crate::ops::{PackResult, Response, Status};
use crate::storage::LockKind;
use crate::testing::{Fixture, entry, uuid};

const REQUEST: ConstantsRequest = ConstantsRequest { strict: false, contents: PackContents::PackSet };

/// A white picture, a tile high and as many tiles wide.
fn picture(tiles: u32) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, 16 * tiles, 16);
    encoder.set_color(png::ColorType::Rgb);
    let pixels = vec![255; 16 * 16 * 3 * tiles as usize];
    encoder.write_header().unwrap().write_image_data(&pixels).unwrap();
    file
}

/// A registered glyph bank `ui/atlas`, each file with how many tiles it has; `more` is further members.
pub(in crate::ops) fn atlas(files: &[(&str, u32)], more: &str) -> Fixture {
    let fixture = Fixture::empty();
    for (file, tiles) in files {
        fixture.write(&format!("assets/ui/atlas/{file}"), picture(*tiles));
    }
    let names: Vec<String> = files.iter().map(|(file, _)| format!("\"{file}\"")).collect();
    let text = format!(
        r##"{{
  "schema_version": 1,
  "asset_uuid": "{}",
  "name": "atlas",
  "type": "glyph_bank",
  "inputs": {{ "sprites": [{}] }},{more}
  "output": {{
    "format": "GLYPH/indexed_v1",
    "codec": "NONE",
    "metadata": {{ "tile_size": 16 }},
    "pipeline": {{ "palettes": [{{ "index": 0, "palette": {{ "colors": ["#000000", "#ffffff"] }} }}] }}
  }},
  "preload": {{ "enabled": true }}
}}
"##,
        uuid(1),
        names.join(", ")
    );
    fixture.declare("ui/atlas", &text);
    fixture.registry(&[entry(1, "ui/atlas", true)]);
    fixture.later();
    fixture
}

const LISTED: &str = r#"
  "artifacts": [{ "file": "star.png", "index": 4 }, { "file": "walk.png", "index": 0 }],"#;

#[track_caller]
fn constants(fixture: &Fixture) -> Constants {
    let response = fixture.project().constants(REQUEST);
    assert_eq!(response.status, Status::Ok, "{:?} {:?}", response.diagnostics, response.blockers);
    response.payload.unwrap()
}

/// The names of a whole pack of the same assets.
#[track_caller]
fn packed(fixture: &Fixture) -> Vec<NamedAsset> {
    let response: Response<PackResult> = fixture.pack();
    assert_eq!(response.status, Status::Ok, "{:?}", response.diagnostics);
    response.payload.unwrap().assets.iter().map(NamedAsset::from).collect()
}

fn sources(constants: &Constants) -> Vec<&str> {
    constants.sources.iter().map(AssetPath::as_str).collect()
}

fn blocking(fixture: &Fixture) -> Vec<Code> {
    let response = fixture.project().constants(REQUEST);
    assert_eq!(response.status, Status::Blocked);
    assert!(response.payload.is_none());
    response.diagnostics.iter().filter(|found| found.blocking).map(|found| found.code).collect()
}

#[test]
fn names_are_those_of_a_pack_of_the_same_assets() {
    for fixture in [
        Fixture::blobs(&["z", "a/b"]),
        atlas(&[("walk.png", 4), ("star.png", 1)], LISTED),
        atlas(&[("walk.png", 4), ("star.png", 1), ("moon.png", 2)], ""),
        atlas(&[("walk.png", 4)], ""),
    ] {
        assert_eq!(constants(&fixture).assets, packed(&fixture));
    }
}

#[test]
fn the_declarations_of_the_pack_set_are_all_that_is_opened() {
    let fixture = Fixture::blobs(&["a", "b", "c"]);
    fixture.registry(&[entry(1, "a", true), entry(2, "b", false), entry(3, "c", true)]);
    fixture.files.take_counts();
    let constants = constants(&fixture);
    assert_eq!(sources(&constants), ["a/asset.json", "c/asset.json"]);
    // The registry, two declarations, and the registry once more to see that it is still the same.
    assert_eq!(fixture.files.take_counts().opened, 4);
}

#[test]
fn whatever_is_wrong_with_a_file_that_is_no_source_is_not_seen() {
    type Spoil = fn(&Fixture, &str);
    let spoil: [Spoil; 4] = [
        |fixture, path| fixture.files.delete(format!("/game/{path}")),
        |fixture, path| fixture.write(path, "no picture"),
        |fixture, path| fixture.write(path, vec![0; (16 << 20) + 1]),
        |fixture, path| {
            fixture.files.delete(format!("/game/{path}"));
            fixture.write(&format!("{path}/inside"), "a folder");
        },
    ];
    for spoil in spoil {
        let fixture = atlas(&[("walk.png", 4), ("star.png", 1)], LISTED);
        let before = constants(&fixture);
        spoil(&fixture, "assets/ui/atlas/walk.png");
        assert_eq!(fixture.pack().status, Status::Blocked);
        assert_eq!(constants(&fixture), before);

        let fixture = atlas(&[("walk.png", 4), ("star.png", 1)], "");
        let before = constants(&fixture);
        spoil(&fixture, "assets/ui/atlas/star.png");
        assert_eq!(constants(&fixture), before, "after the last input nothing comes");
    }
}

#[test]
fn a_picture_whose_tiles_shift_the_next_ones_is_a_source_and_blocks() {
    let fixture = atlas(&[("walk.png", 4), ("star.png", 1), ("moon.png", 1)], "");
    let constants = constants(&fixture);
    assert_eq!(sources(&constants), ["ui/atlas/asset.json", "ui/atlas/walk.png", "ui/atlas/star.png"]);
    let indices: Vec<u32> = constants.assets[0].artifacts.iter().map(|artifact| artifact.index).collect();
    assert_eq!(indices, [0, 4, 5]);
    fixture.write("assets/ui/atlas/walk.png", picture(2));
    assert_eq!(self::constants(&fixture).assets[0].artifacts[2].index, 3);

    fixture.write("assets/ui/atlas/walk.png", "no picture");
    assert_eq!(blocking(&fixture), [Code::ImageInvalid]);
    fixture.files.delete("/game/assets/ui/atlas/walk.png");
    assert_eq!(blocking(&fixture), [Code::InputMissing]);
}

#[test]
fn what_a_declaration_gets_wrong_by_itself_blocks() {
    let check = |from: &str, to: &str, code: Code| {
        let fixture = atlas(&[("walk.png", 4), ("star.png", 1)], LISTED);
        fixture.edit("ui/atlas", from, to);
        assert_eq!(blocking(&fixture), [code], "{to}");
        let whole = fixture.pack().diagnostics;
        assert!(whole.iter().any(|found| found.code == code && found.blocking), "{to}: {whole:?}");
    };
    check("NONE", "ZSTD", Code::UnknownCodec);
    check("\"file\": \"star.png\"", "\"file\": \"stra.png\"", Code::ArtifactUnknownFile);
    check("\"index\": 4", "\"index\": 0", Code::ArtifactIndexDuplicate);
    check("\"index\": 0 }],", "\"index\": 1 }],", Code::ArtifactIndexGap);
}

#[test]
fn a_bank_without_a_tile_size_blocks_where_that_decides_and_is_told_once() {
    let fixture = atlas(&[("walk.png", 4), ("star.png", 1), ("moon.png", 1)], "");
    fixture.edit("ui/atlas", "\"tile_size\": 16", "\"tile_size\": 17");
    assert_eq!(blocking(&fixture), [Code::MetadataInvalid]);
}

#[test]
fn an_excluded_asset_has_no_name_and_blocks_nothing() {
    let fixture = Fixture::blobs(&["a", "b"]);
    fixture.registry(&[entry(1, "a", false), entry(2, "b", true)]);
    fixture.declare("a", "{");
    let constants = constants(&fixture);
    assert_eq!(constants.assets.iter().map(|asset| asset.root.as_str()).collect::<Vec<_>>(), ["b"]);
}

#[test]
fn a_warning_blocks_only_in_strict_mode() {
    let fixture = Fixture::blobs(&["a"]);
    fixture.edit("a", "\"preload\"", "\"colour\": 1, \"preload\"");
    constants(&fixture);
    let response = fixture.project().constants(ConstantsRequest { strict: true, ..REQUEST });
    assert_eq!(response.status, Status::Blocked);
}

#[test]
fn without_a_claim_to_be_whole_it_names_what_can_be_read() {
    let nothing = ConstantsRequest { contents: PackContents::Nothing, ..REQUEST };
    let fixture = Fixture::blobs(&["a", "b"]);
    fixture.declare("a", "{");
    let response = fixture.project().constants(nothing);
    assert_eq!((response.status, response.diagnostics.len()), (Status::Ok, 0));
    let constants = response.payload.unwrap();
    assert_eq!(constants.assets.iter().map(|asset| asset.root.as_str()).collect::<Vec<_>>(), ["b"]);
    assert_eq!(sources(&constants), ["a/asset.json", "b/asset.json"], "what may be mended is watched");
    let empty = Fixture::empty().project().constants(nothing).payload.unwrap();
    assert_eq!((empty.assets.len(), empty.sources.len()), (0, 0));
}

#[test]
fn it_is_refused_while_somebody_writes() {
    let fixture = Fixture::blobs(&["a"]);
    let lock = "/game/assets/.prometeu/local/lock";
    fixture.files.write(lock, "");
    let held = crate::lock::try_lock(&fixture.files, lock.as_ref(), LockKind::Exclusive, false).unwrap();
    let response = fixture.project().constants(REQUEST);
    assert_eq!(response.blockers[0].code, crate::ops::BlockerCode::ProjectLocked);
    drop(held);
    constants(&fixture);
}
