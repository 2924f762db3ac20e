//! What is done to a project in order, the one place that is shown for it, and the nearest thing that is allowed.

use super::project::*;
use crate::commit::journal::Journal;
use crate::diagnostics::Code;
use crate::testing::{Fixture, uuid};

/// One line of the table.
pub(in super::super) struct Row {
    pub(in super::super) code: Code,
    /// Breaks a project that is in order.
    pub(in super::super) harm: fn(&Fixture),
    /// `file:line:column words` for each finding, all of them of this code unless one says so.
    pub(super) places: &'static [&'static str],
    /// A change that looks like it and is allowed.
    pub(super) neighbour: fn(&Fixture),
}

pub(in super::super) const TABLE: &[Row] = &[
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
