//! Every structural code, provoked through a whole project: what is done to a project in order, the
//! one place that is shown for it, and the nearest thing that is allowed.

mod disk;

use std::collections::BTreeSet;
use std::path::PathBuf;

use crate::commit::journal::Journal;
use crate::commit::tests::scenario::visible;
use crate::diagnostics::page;
use crate::diagnostics::{Category, Code, Diagnostic, Severity};
use crate::mutate::{Fix, Mutation, SAFE};
use crate::ops::{DoctorRequest, Status};
use crate::testing::{Fixture, blob, uuid};

pub(super) const ATLAS: &str = "assets/ui/atlas/asset.json";
pub(super) const LEVEL: &str = "assets/data/level/asset.json";
pub(super) const INDEX: &str = "assets/.prometeu/index.json";
const JOURNAL: &str = "assets/.prometeu/local/journal";

/// One line of the table.
pub(super) struct Row {
    pub(super) code: Code,
    /// Breaks a project that is in order.
    pub(super) harm: fn(&Fixture),
    /// `file:line:column words` for each finding, all of them of this code unless one says so.
    places: &'static [&'static str],
    /// A change that looks like it and is allowed.
    neighbour: fn(&Fixture),
}

fn replace(fixture: &Fixture, path: &str, from: &str, to: &str) {
    let text = String::from_utf8(fixture.files.content(format!("/game/{path}")).unwrap()).unwrap();
    assert!(text.contains(from), "`{from}` is not in {text}");
    fixture.write(path, text.replace(from, to));
}

/// A picture of one colour.
pub(super) fn picture(width: u32, height: u32, [r, g, b]: [u8; 3]) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, width, height);
    encoder.set_color(png::ColorType::Rgb);
    let pixels = [r, g, b].repeat((width * height) as usize);
    encoder.write_header().unwrap().write_image_data(&pixels).unwrap();
    file
}

/// A glyph bank with two tiles, and a blob bank; both registered and included.
pub(super) fn in_order() -> Fixture {
    let fixture = Fixture::empty();
    let atlas = format!(
        r##"{{
  "schema_version": 1,
  "asset_uuid": "{}",
  "name": "atlas",
  "type": "glyph_bank",
  "inputs": {{ "sprites": ["heart.png", "star.png"] }},
  "artifacts": [
    {{ "file": "heart.png", "index": 0 }},
    {{ "file": "star.png", "index": 1 }}
  ],
  "output": {{
    "format": "GLYPH/indexed_v1",
    "codec": "NONE",
    "metadata": {{ "tile_size": 16 }},
    "pipeline": {{
      "palettes": [
        {{ "index": 0, "palette": {{ "colors": ["#000000", "#ff0000", "#ffffff"] }} }}
      ]
    }}
  }},
  "preload": {{ "enabled": true }}
}}
"##,
        uuid(1)
    );
    fixture.declare("ui/atlas", &atlas);
    fixture.write("assets/ui/atlas/heart.png", picture(16, 16, [255, 0, 0]));
    fixture.write("assets/ui/atlas/star.png", picture(16, 16, [255, 255, 255]));
    fixture.declare("data/level", &blob(&uuid(2), "level"));
    fixture.write("assets/data/level/data.txt", "level");
    let index = format!(
        r#"{{
  "schema_version": 1,
  "next_asset_id": 3,
  "assets": [
    {{
      "asset_id": 1,
      "included_in_build": true,
      "root": "ui/atlas",
      "asset_uuid": "{}"
    }},
    {{
      "asset_id": 2,
      "included_in_build": true,
      "root": "data/level",
      "asset_uuid": "{}"
    }}
  ]
}}
"#,
        uuid(1),
        uuid(2)
    );
    fixture.write(INDEX, index);
    fixture.later();
    fixture
}

/// A sound of 16 bits: how many channels, at which rate, and its samples' bytes.
pub(super) fn wav(channels: u16, rate: u32, data: &[u8]) -> Vec<u8> {
    let size = u32::try_from(data.len()).unwrap();
    let mut file = [&b"RIFF"[..], &(36 + size).to_le_bytes(), b"WAVEfmt ", &16_u32.to_le_bytes()].concat();
    file.extend([1_u16, channels].iter().flat_map(|n| n.to_le_bytes()));
    file.extend([rate, rate * u32::from(channels) * 2].iter().flat_map(|n| n.to_le_bytes()));
    file.extend([channels * 2, 16].iter().flat_map(|n| n.to_le_bytes()));
    [&file[..], b"data", &size.to_le_bytes(), data].concat()
}

/// Makes asset 2 a sound bank of one file.
pub(super) fn sounds(fixture: &Fixture, file: &[u8]) {
    replace(fixture, LEVEL, "blob_bank", "sound_bank");
    replace(fixture, LEVEL, "BLOB/raw_v1\"", "SOUNDS/pcm16le_v1\", \"metadata\": { \"sample_rate\": 22050 }");
    replace(fixture, LEVEL, "data.txt", "beep.wav");
    fixture.write("assets/data/level/beep.wav", file);
}

/// Gives asset 2 another root, with its files.
fn move_level(fixture: &Fixture, root: &str) {
    fixture.files.delete("/game/assets/data");
    fixture.declare(root, &blob(&uuid(2), "level"));
    fixture.write(&format!("assets/{root}/data.txt"), "level");
    replace(fixture, INDEX, "data/level", root);
}

/// Registers so many more glyph banks that ask for preload.
fn more_glyphs(fixture: &Fixture, count: u32) {
    let atlas = String::from_utf8(fixture.files.content(format!("/game/{ATLAS}")).unwrap()).unwrap();
    let mut entries = String::new();
    for n in 3..3 + count {
        let root = format!("more/g_{n}");
        fixture.declare(&root, &atlas.replace(&uuid(1), &uuid(n)));
        for file in ["heart.png", "star.png"] {
            fixture.write(&format!("assets/{root}/{file}"), picture(16, 16, [255, 0, 0]));
        }
        entries += &format!(",\n    {}", crate::testing::entry(n, &root, true));
    }
    replace(fixture, INDEX, "    }\n  ]", &format!("    }}{entries}\n  ]"));
    replace(fixture, INDEX, "\"next_asset_id\": 3", &format!("\"next_asset_id\": {}", 3 + count));
}

/// Declares so many palettes, each with the two colours of the tiles.
fn palettes(fixture: &Fixture, count: u32) {
    let colors = "\"palette\": { \"colors\": [\"#000000\", \"#ff0000\", \"#ffffff\"] } }";
    let entry = |index| format!("{{ \"index\": {index}, {colors}");
    let list: Vec<String> = (0..count).map(entry).collect();
    replace(fixture, ATLAS, &entry(0), &list.join(",\n        "));
}

pub(super) const TABLE: &[Row] = &[
    Row {
        code: Code::RegistryMissing,
        harm: |f| f.files.delete(format!("/game/{INDEX}")),
        places: &["assets/.prometeu/index.json"],
        neighbour: |f| f.registry(&[]),
    },
    Row {
        code: Code::JournalUnfinished,
        harm: |f| f.write(JOURNAL, "half"),
        places: &["assets/.prometeu/local/journal"],
        neighbour: |f| f.write(JOURNAL, Journal::NONE.encode()),
    },
    Row {
        code: Code::RegistryInvalid,
        harm: |f| replace(f, INDEX, "ui/atlas", "ui//atlas"),
        places: &["assets/.prometeu/index.json:8:15 \"ui//atlas\""],
        neighbour: |f| replace(f, INDEX, "\n", "\r\n"),
    },
    Row {
        code: Code::RegistryConflictMarkers,
        harm: |f| {
            replace(f, INDEX, "    {\n      \"asset_id\": 2", "<<<<<<< HEAD\n    {\n      \"asset_id\": 2");
        },
        places: &["assets/.prometeu/index.json:11:1 <<<<<<< HEAD"],
        neighbour: |f| replace(f, LEVEL, "\"level\"", "\"<<<<<<< HEAD\""),
    },
    Row {
        code: Code::RegistryVersionUnsupported,
        harm: |f| replace(f, INDEX, "\"schema_version\": 1", "\"schema_version\": 2"),
        places: &["assets/.prometeu/index.json:2:21 2"],
        neighbour: |f| replace(f, INDEX, "\"schema_version\": 1", "\"schema_version\" : 1"),
    },
    Row {
        code: Code::AllocatorBehind,
        harm: |f| replace(f, INDEX, "\"next_asset_id\": 3", "\"next_asset_id\": 2"),
        places: &["assets/.prometeu/index.json:3:20 2"],
        neighbour: |f| replace(f, INDEX, "\"next_asset_id\": 3", "\"next_asset_id\": 30"),
    },
    Row {
        code: Code::DuplicateAssetId,
        harm: |f| replace(f, INDEX, "\"asset_id\": 2", "\"asset_id\": 1"),
        places: &["assets/.prometeu/index.json:12:19 1"],
        neighbour: |f| {
            replace(f, INDEX, "\"asset_id\": 2", "\"asset_id\": 21");
            replace(f, INDEX, "\"next_asset_id\": 3", "\"next_asset_id\": 22");
        },
    },
    Row {
        code: Code::DuplicateAssetUuid,
        harm: |f| [INDEX, LEVEL].iter().for_each(|file| replace(f, file, &uuid(2), &uuid(1))),
        places: &["assets/.prometeu/index.json:15:21 \"0198c0de-0000-7000-8000-000000000001\""],
        neighbour: |f| [INDEX, LEVEL].iter().for_each(|file| replace(f, file, &uuid(2), &uuid(9))),
    },
    Row {
        code: Code::DuplicateRoot,
        harm: |f| replace(f, INDEX, "data/level", "ui/atlas"),
        places: &[
            "assets/.prometeu/index.json:14:15 \"ui/atlas\"",
            "uuid-mismatch assets/ui/atlas/asset.json:3:17 \"0198c0de-0000-7000-8000-000000000001\"",
        ],
        neighbour: |f| move_level(f, "ui/level"),
    },
    Row {
        code: Code::NestedRoot,
        harm: |f| move_level(f, "ui/atlas/level"),
        places: &["assets/.prometeu/index.json:14:15 \"ui/atlas/level\""],
        neighbour: |f| move_level(f, "ui/atlas2"),
    },
    Row {
        code: Code::RootMissing,
        harm: |f| f.files.delete("/game/assets/ui"),
        places: &["assets/.prometeu/index.json:8:15 \"ui/atlas\""],
        neighbour: |f| f.files.folder("/game/assets/ui/atlas/empty"),
    },
    Row {
        code: Code::DeclarationMissing,
        harm: |f| f.files.delete(format!("/game/{LEVEL}")),
        places: &["assets/.prometeu/index.json:14:15 \"data/level\""],
        neighbour: |f| f.write("assets/data/asset.json.bak", "{"),
    },
    Row {
        code: Code::DeclarationInvalid,
        harm: |f| replace(f, LEVEL, "\"name\": \"level\"", "\"name\": 7"),
        places: &["assets/data/level/asset.json:4:11 7"],
        neighbour: |f| replace(f, LEVEL, "\"name\": \"level\"", "\"name\": \"7\""),
    },
    Row {
        code: Code::DeclarationVersionUnsupported,
        harm: |f| replace(f, LEVEL, "\"schema_version\": 1", "\"schema_version\": 2"),
        places: &["assets/data/level/asset.json:2:21 2"],
        neighbour: |f| replace(f, LEVEL, "\"schema_version\": 1", "\"schema_version\":1"),
    },
    Row {
        code: Code::UuidMismatch,
        harm: |f| replace(f, LEVEL, &uuid(2), &uuid(9)),
        places: &["assets/data/level/asset.json:3:17 \"0198c0de-0000-7000-8000-000000000009\""],
        neighbour: |f| replace(f, LEVEL, "0198c0de", "0198C0DE"),
    },
    Row {
        code: Code::UuidMismatch,
        harm: |f| replace(f, LEVEL, &format!("  \"asset_uuid\": \"{}\",\n", uuid(2)), ""),
        places: &["assets/data/level/asset.json:1:1 {"],
        neighbour: |f| replace(f, LEVEL, "0198c0de", "0198C0DE"),
    },
    Row {
        code: Code::FieldBelongsToRegistry,
        harm: |f| replace(f, LEVEL, "\"name\"", "\"asset_id\": 2, \"name\""),
        places: &["assets/data/level/asset.json:4:3 \"asset_id\""],
        neighbour: |f| replace(f, LEVEL, "\"name\"", "\"build\": {\"asset_id\": 2}, \"name\""),
    },
    Row {
        code: Code::UnknownType,
        harm: |f| replace(f, LEVEL, "blob_bank", "blob_bnak"),
        places: &["assets/data/level/asset.json:5:11 \"blob_bnak\""],
        neighbour: |f| replace(f, LEVEL, "\"level\"", "\"blob_bnak\""),
    },
    Row {
        code: Code::UnknownFormat,
        harm: |f| replace(f, LEVEL, "BLOB/raw_v1", "BLOB/raw_v9"),
        places: &["assets/data/level/asset.json:7:25 \"BLOB/raw_v9\""],
        neighbour: |f| replace(f, LEVEL, "\"format\": ", "\"format\":\n"),
    },
    Row {
        code: Code::UnknownCodec,
        harm: |f| replace(f, LEVEL, "NONE", "ZSTD"),
        places: &["assets/data/level/asset.json:7:49 \"ZSTD\""],
        neighbour: |f| replace(f, LEVEL, "\"NONE\"", "\"NONE\", \"codec_configuration\": {\"x\": 1}"),
    },
    Row {
        code: Code::FormatNotOfType,
        harm: |f| replace(f, ATLAS, "GLYPH/indexed_v1", "BLOB/raw_v1"),
        places: &["assets/ui/atlas/asset.json:12:15 \"BLOB/raw_v1\""],
        neighbour: |f| replace(f, LEVEL, "\"BLOB/raw_v1\"", "\"BLOB\\/raw_v1\""),
    },
    Row {
        code: Code::LegacyName,
        harm: |f| replace(f, LEVEL, "NONE", "RAW"),
        places: &["assets/data/level/asset.json:7:49 \"RAW\""],
        neighbour: |f| replace(f, LEVEL, "\"level\"", "\"tile_bank\""),
    },
    Row {
        code: Code::InputMissing,
        harm: |f| f.files.delete("/game/assets/ui/atlas/star.png"),
        places: &["assets/ui/atlas/asset.json:6:40 \"star.png\""],
        neighbour: |f| {
            f.files.delete("/game/assets/ui/atlas/star.png");
            f.files.link("/game/assets/ui/atlas/star.png", "heart.png");
        },
    },
    Row {
        code: Code::InputNotAFile,
        harm: |f| {
            f.files.delete("/game/assets/data/level/data.txt");
            f.files.folder("/game/assets/data/level/data.txt");
        },
        places: &["assets/data/level/asset.json:6:25 \"data.txt\""],
        neighbour: |f| f.files.folder("/game/assets/data/level/data"),
    },
    Row {
        code: Code::InputOutsideRoot,
        harm: |f| replace(f, LEVEL, "data.txt", "../data.txt"),
        places: &["assets/data/level/asset.json:6:25 \"../data.txt\""],
        neighbour: |f| {
            replace(f, LEVEL, "data.txt", "..data.txt");
            f.write("assets/data/level/..data.txt", "");
        },
    },
    Row {
        code: Code::ArtifactUnknownFile,
        harm: |f| replace(f, ATLAS, "{ \"file\": \"star.png\"", "{ \"file\": \"stra.png\""),
        places: &["assets/ui/atlas/asset.json:9:15 \"stra.png\""],
        neighbour: |f| replace(f, ATLAS, "{ \"file\": \"star.png\"", "{ \"file\": \"heart.png\""),
    },
    Row {
        code: Code::ArtifactIndexDuplicate,
        harm: |f| replace(f, ATLAS, "\"star.png\", \"index\": 1", "\"star.png\", \"index\": 0"),
        places: &["assets/ui/atlas/asset.json:9:36 0"],
        neighbour: |f| {
            replace(f, ATLAS, "\"star.png\", \"index\": 1", "\"star.png\", \"index\": 0");
            replace(f, ATLAS, "\"heart.png\", \"index\": 0", "\"heart.png\", \"index\": 1");
        },
    },
    Row {
        code: Code::ArtifactIndexGap,
        harm: |f| replace(f, ATLAS, "\"star.png\", \"index\": 1", "\"star.png\", \"index\": 2"),
        places: &["assets/ui/atlas/asset.json:9:36 2"],
        neighbour: |f| {
            f.write("assets/ui/atlas/heart.png", picture(16, 32, [255, 0, 0]));
            replace(f, ATLAS, "\"star.png\", \"index\": 1", "\"star.png\", \"index\": 2");
        },
    },
    Row {
        code: Code::ArtifactCount,
        harm: |f| replace(f, LEVEL, "[\"data.txt\"]", "[]"),
        places: &["assets/data/level/asset.json:6:13 {"],
        neighbour: |f| replace(f, LEVEL, "[\"data.txt\"]", "[], \"more\": [\"data.txt\"]"),
    },
    Row {
        code: Code::MetadataMissing,
        harm: |f| replace(f, ATLAS, "{ \"tile_size\": 16 }", "{}"),
        places: &["assets/ui/atlas/asset.json:14:17 {"],
        neighbour: |f| replace(f, ATLAS, "\"tile_size\": 16", "\"mood\": \"calm\", \"tile_size\": 16"),
    },
    Row {
        code: Code::MetadataInvalid,
        harm: |f| replace(f, ATLAS, "\"tile_size\": 16", "\"tile_size\": 15"),
        places: &["assets/ui/atlas/asset.json:14:32 15"],
        neighbour: |f| replace(f, ATLAS, "\"tile_size\": 16", "\"tile_size\": 16, \"n\": 9007199254740991"),
    },
    Row {
        code: Code::MetadataCollision,
        harm: |f| replace(f, ATLAS, "\"tile_size\": 16", "\"tile_size\": 16, \"width\": 256"),
        places: &["assets/ui/atlas/asset.json:14:36 \"width\""],
        neighbour: |f| replace(f, ATLAS, "\"tile_size\": 16", "\"tile_size\": 16, \"wide\": 256"),
    },
    Row {
        code: Code::PaletteMissing,
        harm: |f| replace(f, ATLAS, "\"palettes\"", "\"pallets\""),
        places: &["assets/ui/atlas/asset.json:15:17 {"],
        neighbour: |f| replace(f, ATLAS, "\"palettes\"", "\"pallets\": [], \"palettes\""),
    },
    Row {
        code: Code::PaletteCount,
        harm: |f| palettes(f, 65),
        // The one too many has an index that is none, too; the count is what is said.
        places: &["assets/ui/atlas/asset.json:81:9 {"],
        neighbour: |f| palettes(f, 64),
    },
    Row {
        code: Code::PaletteIndexInvalid,
        harm: |f| replace(f, ATLAS, "{ \"index\": 0, \"palette\"", "{ \"index\": 64, \"palette\""),
        places: &["assets/ui/atlas/asset.json:17:20 64"],
        neighbour: |f| replace(f, ATLAS, "{ \"index\": 0, \"palette\"", "{ \"index\": 63, \"palette\""),
    },
    Row {
        code: Code::PaletteColorsInvalid,
        harm: |f| replace(f, ATLAS, "#ffffff", "#fff"),
        places: &["assets/ui/atlas/asset.json:17:69 \"#fff\""],
        neighbour: |f| replace(f, ATLAS, "#ffffff", "#FFFFff"),
    },
    Row {
        code: Code::ImageInvalid,
        harm: |f| f.write("assets/ui/atlas/star.png", "star"),
        places: &["assets/ui/atlas/asset.json:6:40 \"star.png\""],
        neighbour: |f| f.write("assets/ui/atlas/notes.png", "star"),
    },
    Row {
        code: Code::ImageSize,
        harm: |f| f.write("assets/ui/atlas/star.png", picture(15, 16, [255, 0, 0])),
        places: &["assets/ui/atlas/asset.json:6:40 \"star.png\""],
        neighbour: |f| f.write("assets/ui/atlas/star.png", picture(48, 32, [255, 0, 0])),
    },
    Row {
        code: Code::TileColors,
        harm: |f| f.write("assets/ui/atlas/star.png", picture(16, 16, [0, 0, 255])),
        places: &["assets/ui/atlas/asset.json:6:40 \"star.png\""],
        // The runtime draws both with the same 16 bits.
        neighbour: |f| f.write("assets/ui/atlas/star.png", picture(16, 16, [255, 3, 7])),
    },
    Row {
        code: Code::SoundInvalid,
        harm: |f| sounds(f, &wav(1, 22_050, &[])),
        places: &["assets/data/level/asset.json:6:25 \"beep.wav\""],
        neighbour: |f| sounds(f, &wav(1, 22_050, &[0, 0])),
    },
    Row {
        code: Code::SoundFormat,
        harm: |f| sounds(f, &wav(2, 22_050, &[0, 0, 0, 0])),
        places: &["assets/data/level/asset.json:6:25 \"beep.wav\""],
        neighbour: |f| sounds(f, &wav(1, 22_050, &[0, 0, 0, 0])),
    },
    Row {
        code: Code::PreloadSlots,
        harm: |f| more_glyphs(f, 16),
        places: &["assets/more/g_18/asset.json:21:27 true"],
        neighbour: |f| more_glyphs(f, 15),
    },
    Row {
        code: Code::CaseCollision,
        harm: |f| move_level(f, "UI/level"),
        places: &["assets/.prometeu/index.json:14:15 \"UI/level\""],
        neighbour: |f| move_level(f, "level/ui"),
    },
    Row {
        code: Code::CaseCollision,
        harm: |f| {
            replace(f, LEVEL, "\"data.txt\"", "\"data.txt\", \"Data.txt\", \"a/x\", \"A/y\"");
            ["Data.txt", "a/x", "A/y"]
                .iter()
                .for_each(|file| f.write(&format!("assets/data/level/{file}"), ""));
        },
        places: &[
            "assets/data/level/asset.json:6:37 \"Data.txt\"",
            "assets/data/level/asset.json:6:56 \"A/y\"",
        ],
        neighbour: |f| f.write("assets/data/level/Data.txt", "nobody declares it"),
    },
    Row {
        code: Code::NameInvalid,
        harm: |f| replace(f, LEVEL, "data.txt", "data.txt "),
        places: &["assets/data/level/asset.json:6:25 \"data.txt \""],
        neighbour: |f| {
            replace(f, LEVEL, "data.txt", "my data.txt");
            f.write("assets/data/level/my data.txt", "");
        },
    },
    Row {
        code: Code::NameInvalid,
        harm: |f| replace(f, LEVEL, "data.txt", "data\\n.txt"),
        places: &["assets/data/level/asset.json:6:25 \"data\\n.txt\""],
        neighbour: |f| f.write("assets/data/level/\n cargo::error=forged ", "nobody declares it"),
    },
    Row {
        code: Code::AddressCollision,
        harm: |f| {
            more_glyphs(f, 1);
            move_level(f, "more/g-3");
        },
        // The one with the greater id gives way.
        places: &["assets/.prometeu/index.json:17:56 \"more/g_3\""],
        neighbour: |f| {
            more_glyphs(f, 1);
            move_level(f, "more-/g_3");
        },
    },
    Row {
        code: Code::FragileTileIndices,
        harm: |f| {
            let second =
                ",\n        { \"index\": 1, \"palette\": { \"colors\": [\"#000000\", \"#ffffff\"] } }";
            replace(f, ATLAS, "\"#ffffff\"] } }", &format!("\"#ffffff\"] }} }}{second}"));
        },
        places: &["assets/ui/atlas/asset.json:6:40 \"star.png\""],
        neighbour: |f| palettes(f, 2),
    },
    Row {
        code: Code::UnknownMember,
        harm: |f| replace(f, LEVEL, "\"preload\"", "\"perload\": {}, \"preload\""),
        places: &["assets/data/level/asset.json:8:3 \"perload\""],
        neighbour: |f| replace(f, LEVEL, "\"preload\"", "\"build\": {\"perload\": 1}, \"preload\""),
    },
];

/// `file:line:column words`, after the code where it is not `code`.
fn shown(code: Code, diagnostic: &Diagnostic) -> String {
    let Diagnostic { file, line, column, snippet, .. } = diagnostic;
    let mut text = if diagnostic.code == code { String::new() } else { format!("{} ", diagnostic.code) };
    text += file.as_deref().unwrap_or_default();
    if let (Some(line), Some(column), Some(snippet)) = (line, column, snippet) {
        let words = &snippet.text.as_str()[snippet.range.clone()];
        text += &format!(":{line}:{column} {words}");
    }
    text
}

/// What is found in a whole project, which must be what stops its pack.
fn found(fixture: &Fixture, code: Code) -> Vec<String> {
    let project = fixture.project();
    let mut diagnostics = project.doctor(DoctorRequest::default()).diagnostics;
    // Only `doctor` proposes to mend it.
    diagnostics.iter_mut().for_each(|found| found.fix = None);
    let packed = fixture.pack();
    assert_eq!(packed.diagnostics, diagnostics, "{code}: a pack finds what `doctor` finds");
    let blocking = diagnostics.iter().any(|diagnostic| diagnostic.blocking);
    assert_eq!(packed.status, if blocking { Status::Blocked } else { Status::Ok }, "{code}");
    crate::ops::tests::agrees(&project, &packed, false);
    diagnostics.iter().map(|diagnostic| shown(code, diagnostic)).collect()
}

#[test]
fn every_code_has_its_place_and_spares_its_neighbour() {
    let healthy = found(&in_order(), Code::RegistryMissing);
    assert_eq!(healthy, [""; 0], "the project is in order before anything is done to it");
    let mut wrong = Vec::new();
    for Row { code, harm, places, neighbour } in TABLE {
        let fixture = in_order();
        harm(&fixture);
        let found_places = found(&fixture, *code);
        if found_places != *places {
            wrong.push(format!("{code}: {found_places:#?}, not {places:#?}"));
        }
        let fixture = in_order();
        neighbour(&fixture);
        let found_beside = found(&fixture, *code);
        if !found_beside.is_empty() {
            wrong.push(format!("the neighbour of {code}: {found_beside:#?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_stops_a_build_of_nothing_is_what_the_page_says_stops_every_build() {
    for Row { code, harm, places, .. } in TABLE {
        let fixture = in_order();
        harm(&fixture);
        if let Some(index) = fixture.files.content(format!("/game/{INDEX}")) {
            let index = String::from_utf8(index).unwrap();
            fixture
                .write(INDEX, index.replace("\"included_in_build\": true", "\"included_in_build\": false"));
        }
        let stops = page::stops_every_build(*code).unwrap_or(places[0].starts_with(INDEX));
        let packed = fixture.pack();
        assert_eq!(packed.status, if stops { Status::Blocked } else { Status::Ok }, "{code} {places:?}");
        if !stops {
            assert_eq!(packed.diagnostics, [], "{code}: a build does not talk about what it does not pack");
        }
    }
}

#[test]
fn what_can_be_mended_is_mended_and_no_other_file_is_touched() {
    let mut mended = BTreeSet::new();
    for Row { code, harm, .. } in TABLE {
        let fixture = in_order();
        harm(&fixture);
        let project = fixture.project();
        let response = project.doctor(DoctorRequest::default());
        let fixes: BTreeSet<&str> =
            response.diagnostics.iter().filter_map(|found| found.fix.as_deref()).collect();
        for fix in fixes {
            assert!(response.proposed_actions.iter().any(|action| action.action_id == fix), "{fix}");
            let before = visible(&fixture.files);
            let fix = Mutation::Fix(Fix::These(vec![fix.to_owned()]));
            let response = project.change(&fix, false);
            assert_eq!(response.status, Status::Ok, "{code}: {:?}", response.blockers);
            let [edit] = &*response.payload.unwrap().plan.edits else { panic!("{code}: one edit") };
            let after = visible(&fixture.files);
            let differ = |path: &&PathBuf| before.get(*path) != after.get(*path);
            let touched: Vec<&PathBuf> = before.keys().chain(after.keys()).filter(differ).collect();
            let edited = PathBuf::from(format!("/game/{}", edit.path));
            assert_eq!(touched, [&edited, &edited], "{code}");
            let left = project.doctor(DoctorRequest::default()).diagnostics;
            assert!(left.iter().all(|found| found.code != *code), "{code}: {left:?}");
            mended.insert(*code);
        }
    }
    assert_eq!(mended, SAFE.iter().map(|safe| safe.code).collect(), "every kind was tried");
}

#[test]
fn no_structural_code_is_without_its_row() {
    let rows = TABLE.iter().map(|row| row.code);
    let tests = [Code::InputUnreadable, Code::InputTooLarge];
    let provoked: BTreeSet<Code> = rows.chain(tests).collect();
    let all: BTreeSet<Code> =
        Code::ALL.iter().copied().filter(|code| code.category() == Category::Structural).collect();
    assert_eq!(provoked, all);
}

#[test]
fn every_message_reads_like_the_others_and_says_what_to_do() {
    for Row { code, harm, .. } in TABLE {
        let fixture = in_order();
        harm(&fixture);
        for found in fixture.project().doctor(DoctorRequest::default()).diagnostics {
            let message = &found.message;
            assert!(!message.ends_with(['.', '!', ' ']), "{code}: {message}");
            assert!(!message.starts_with(char::is_uppercase), "{code}: {message}");
            let help = found.help.as_deref().unwrap_or_else(|| panic!("{code} has no help: {message}"));
            assert!(help.ends_with(['.', '?']), "{code}: {help}");
            assert!(!help.starts_with(char::is_lowercase), "{code}: {help}");
            assert_eq!(found.severity == Severity::Error, found.blocking, "{code}");
        }
    }
}
