//! What was packed is taken apart and packed again. The families themselves are the judges.

use std::collections::BTreeSet;

use packer_format::json;
use packer_format::{Header, PlannedAsset};
use proptest::prelude::*;

use super::*;
use crate::schema::json::quote;

/// A declaration and its files as they stand in a pack.
fn packed(text: &str, files: &[(&str, &[u8])]) -> Result<(Entry, bool, Vec<u8>), String> {
    let (_, reading) = declaration::read_bytes(text.as_bytes().to_vec());
    let declared = reading.declaration.ok_or_else(|| format!("{:?}", reading.findings))?;
    let family = family::by_name(&declared.family).ok_or("no such family")?;
    let inputs: Vec<NewInput<'_>> = files.iter().map(|(file, bytes)| NewInput { file, bytes }).collect();
    let mut payload = Vec::new();
    let (probe, mut findings) = family::made(family, &declared, &inputs, &mut payload);
    let metadata = probe.as_ref().map(|probe| family::header_metadata(&declared, probe, &mut findings));
    findings.extend(reading.findings);
    findings.retain(|finding| finding.code.severity() == Severity::Error);
    let (Some(probe), Some(metadata), []) = (probe, metadata, &findings[..]) else {
        return Err(format!("{findings:?}"));
    };
    let header = Header::plan([PlannedAsset {
        asset_id: packer_format::BlobBankId::new(7).id(),
        asset_name: declared.name,
        bank_type: family.bank_type().to_owned(),
        decoded_size: probe.decoded_size,
        size: probe.size,
        metadata,
        preload: declared.preload,
    }]);
    Ok((header.unwrap().entries()[0].clone(), declared.preload, payload))
}

/// Takes an asset apart, and packs what came out; the files, when that is the same asset.
fn again(text: &str, files: &[(&str, &[u8])]) -> Extracted<'static> {
    let (entry, preload, payload) = packed(text, files).unwrap();
    let out = extract(&entry, preload, &payload).unwrap_or_else(|why| panic!("{why}\n{text}"));
    let files: Vec<(&str, &[u8])> = out.files.iter().map(|file| (file.path.as_str(), &*file.bytes)).collect();
    let (same_entry, same_preload, same_payload) = packed(&out.declaration, &files).unwrap();
    assert!(payload == same_payload, "{text}\n{}", out.declaration);
    assert_eq!(preload, same_preload);
    if out.renamed.is_empty() {
        assert_eq!(entry, same_entry, "{}", out.declaration);
    }
    let own = |file: &ExtractedFile<'_>| ExtractedFile {
        path: file.path.clone(),
        bytes: Cow::Owned(file.bytes.to_vec()),
    };
    Extracted {
        family: out.family,
        declaration: out.declaration.clone(),
        files: out.files.iter().map(own).collect(),
        renamed: out.renamed.clone(),
    }
}

fn blob_bank(name: &str, files: &[&str]) -> String {
    let files: Vec<String> = files.iter().map(|file| quote(file)).collect();
    format!(
        r#"{{ "schema_version": 1, "name": {}, "type": "blob_bank", "inputs": {{ "files": [{}] }},
        "output": {{ "format": "BLOB/raw_v1", "codec": "NONE",
            "metadata": {{ "z": [1, {{ "b": null }}], "a": "ü\u0001\"" }},
            "codec_configuration": {{ "level": 3, "deep": {{ "x": [] }} }} }},
        "preload": {{ "enabled": true }} }}"#,
        quote(name),
        files.join(",")
    )
}

fn names(out: &Extracted<'_>) -> Vec<String> {
    out.files.iter().map(|file| file.path.to_string()).collect()
}

#[test]
fn blobs_keep_their_names_their_order_and_what_was_said_of_them() {
    let out = again(
        &blob_bank("a \"story\"", &["b.txt", "a/b.txt", "日本.bin", "none"]),
        &[("b.txt", b"one"), ("a/b.txt", &[7; 33]), ("日本.bin", b"x"), ("none", b"")],
    );
    assert_eq!(names(&out), ["b.txt", "a/b.txt", "日本.bin", "none"]);
    assert_eq!(out.renamed, []);
    for member in ["\"codec_configuration\"", "\"z\": [1, { \"b\": null }]", "\"enabled\": true"] {
        assert!(out.declaration.contains(member), "{}", out.declaration);
    }
    assert!(!out.declaration.contains("asset_uuid"));
}

#[test]
fn a_file_that_fills_two_places_is_one_file_again() {
    let text = blob_bank("twice", &["a", "b"]).replacen(
        "\"output\"",
        r#""artifacts": [{ "file": "a", "index": 2 }, { "file": "b", "index": 1 }, { "file": "a", "index": 0 }], "output""#,
        1,
    );
    let out = again(&text, &[("a", b"A"), ("b", b"B")]);
    assert_eq!(names(&out), ["a", "b"]);
    assert!(out.declaration.contains(r#"{ "file": "a", "index": 2 }"#), "{}", out.declaration);
}

#[test]
fn a_name_that_not_every_system_holds_or_that_hides_becomes_another() {
    for (name, other) in [
        ("con.txt", "blob_1.txt"),
        ("what?.bin", "blob_1.bin"),
        (".git/config", "blob_1"),
        ("sub/.prometeu/index.json", "blob_1.json"),
        ("GIT~1/config", "blob_1"),
        ("trailing.", "blob_1"),
        ("a\u{202e}gnp.exe", "blob_1.exe"),
        ("sub/Asset.JSON", "blob_1.JSON"),
        ("asset.json/x.long-ending", "blob_1"),
        ("first", "blob_1"),
        ("FIRST", "blob_1"),
        ("First/below.txt", "blob_1.txt"),
    ] {
        let mut paths = names::Paths::new();
        assert_eq!(paths.add("first", "blob_0").unwrap().as_str(), "first");
        assert_eq!(paths.add(name, "blob_1").unwrap().as_str(), other, "{name:?}");
    }
    let text = blob_bank("odd", &["nul", "fine"]);
    let out = again(&text, &[("nul", b"1"), ("fine", b"2")]);
    assert_eq!(names(&out), ["blob_0", "fine"]);
    let [renamed] = &out.renamed[..] else { panic!("{:?}", out.renamed) };
    assert_eq!((renamed.index, &*renamed.from, renamed.to.as_str()), (0, "nul", "blob_0"));
}

#[test]
fn no_path_out_of_a_pack_leaves_its_folder() {
    let long = "n/".repeat(600);
    for name in ["../up", "/etc/passwd", "a/../../b", "C:\\x", "\\\\host\\x", "", ".", "a//b", "a\0b", &long]
    {
        let mut paths = names::Paths::new();
        assert!(paths.add(name, "blob_0").unwrap().as_str().starts_with("blob_0"), "{name:?}");
    }
}

#[test]
fn names_of_many_parts_or_of_many_bytes_cost_no_more_than_an_asset_json_can_name() {
    let deep = |parts: usize, n: usize| format!("{n}{}", "/n".repeat(parts - 1));
    let mut paths = names::Paths::new();
    assert_eq!(paths.add(&deep(64, 0), "blob_0").unwrap().as_str(), deep(64, 0));
    assert_eq!(paths.add(&deep(65, 1), "blob_1").unwrap().as_str(), "blob_1");
    let mut paths = names::Paths::new();
    let long = format!("{0}/{0}/{0}/{0}", "n".repeat(190));
    let added = (0..5000).map_while(|n| paths.add(&format!("{long}/{n}"), "blob")).count();
    assert!((1000..1400).contains(&added), "{added}");
    let file = |n: usize| format!("{long}/{n}");
    let names: Vec<String> = (0..1400).map(file).collect();
    let metadata = names.iter().enumerate().map(|(n, name)| {
        let blob = [("length", Value::from(0_u32)), ("name", name.as_str().into()), ("offset", 0_u32.into())];
        (n.to_string(), json::object(blob.map(|(key, value)| (key.to_owned(), value)).to_vec()).into())
    });
    let blobs: Value = json::object(metadata.collect()).into();
    let (mut entry, preload, _) = packed(&blob_bank("story", &["a"]), &[("a", b"")]).unwrap();
    entry.metadata = json::object(vec![("blobs".to_owned(), blobs)]);
    let told = extract(&entry, preload, b"").unwrap_err().to_string();
    assert_eq!(told, "its names are more than an `asset.json` can hold");
}

#[test]
fn every_asset_has_a_folder_that_nobody_else_has() {
    let named =
        ["ui_atlas", "UI atlas", "ui-atlas", "", "../..", "nul", "日本/地図", "日本 地図", "asset_5", ".git"];
    let header = Header::plan((1_u32..).zip(named).map(|(id, name)| PlannedAsset {
        asset_id: packer_format::BlobBankId::new(id).id(),
        asset_name: name.to_owned(),
        bank_type: "NEW".to_owned(),
        decoded_size: 0,
        size: 0,
        metadata: json::object(Vec::new()),
        preload: false,
    }));
    let roots: Vec<String> = roots(header.unwrap().entries()).iter().map(ToString::to_string).collect();
    assert_eq!(
        roots,
        [
            "ui_atlas",
            "UI_atlas_2",
            "ui-atlas_3",
            "asset_4",
            "asset_5",
            "nul_6",
            "日本_地図",
            "日本_地図_8",
            "asset_5_9",
            "git"
        ]
    );
}

#[test]
fn sounds_keep_their_frames_their_rate_and_their_loop() {
    let text = r#"{ "schema_version": 1, "name": "steps", "type": "sound_bank",
        "inputs": { "samples": ["a.wav"] },
        "output": { "format": "SOUNDS/pcm16le_v1", "codec": "NONE", "metadata": { "sample_rate": 22050 } },
        "preload": { "enabled": false } }"#;
    let starter = family::new_asset(family::by_name("sound_bank").unwrap()).starter();
    let plain = &starter.files[0].1;
    let out = again(text, &[("a.wav", plain)]);
    assert_eq!(names(&out), ["sample_0.wav"]);
    // As short as a file of these frames can be.
    assert!(out.files[0].bytes.len() <= plain.len());

    let mut looped = plain.clone();
    looped.extend(b"smpl\x3c\0\0\0");
    looped.extend([0_u32, 0, 0, 0, 0, 0, 0, 1, 0, 9, 0, 3, 17, 0, 0].into_iter().flat_map(u32::to_le_bytes));
    let length = u32::try_from(looped.len() - 8).unwrap();
    looped[4..8].copy_from_slice(&length.to_le_bytes());
    let out = again(text, &[("a.wav", &looped)]);
    assert_eq!(out.files[0].bytes.len(), looped.len());
}

#[test]
fn what_no_packer_made_is_left_out_with_a_reason() {
    let blobs = blob_bank("story", &["a"]);
    let (entry, preload, payload) = packed(&blobs, &[("a", b"text")]).unwrap();
    let check = |change: &dyn Fn(&mut Entry), payload: &[u8], why: &str| {
        let mut entry = entry.clone();
        change(&mut entry);
        let LeftOut(told) = extract(&entry, preload, payload).unwrap_err();
        assert!(told.contains(why), "no `{why}` in `{told}`");
    };
    check(&|entry| entry.bank_type = "MESH".to_owned(), &payload, "knows no `MESH` banks");
    check(&|entry| entry.decoded_size = 9, &payload, "9 bytes");
    check(&|_| {}, b"tex", "bytes");
    check(&|entry| entry.asset_name = " ".to_owned(), &payload, "the packer would not take it");
    let more = |entry: &mut Entry| {
        let Some(Value::Object(blobs)) = entry.metadata.get_mut("blobs") else { panic!() };
        let Some(Value::Object(blob)) = blobs.get_mut("0") else { panic!() };
        blob.insert("colour".to_owned(), Value::Null);
    };
    check(&more, &payload, "its metadata is not what the packer would make");
    let pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:";
    let pointer = [pointer.as_slice(), &[b'0'; 64], b"\nsize 12345\n"].concat();
    let longer = |entry: &mut Entry| {
        let length = i64::try_from(pointer.len()).unwrap();
        (entry.size, entry.decoded_size) = (length.unsigned_abs(), length.unsigned_abs());
        let Some(Value::Object(blobs)) = entry.metadata.get_mut("blobs") else { panic!() };
        let Some(Value::Object(blob)) = blobs.get_mut("0") else { panic!() };
        blob.insert("length".to_owned(), length.into());
    };
    check(&longer, &pointer, "is a pointer to a file");
}

/// Palettes of few colours, so that they share many and black stands anywhere: where the colours are, which
/// of them, and of what the tiles are made.
#[derive(Debug, Clone)]
struct Glyphs {
    palettes: Vec<(u8, Vec<u8>)>,
    /// Of each tile: the palette that it is drawn in, and for each of four fields the colour in it, or none.
    tiles: Vec<(usize, [Option<usize>; 4])>,
}

/// Black, three colours, and black again but for the bits that are cut off.
const COLORS: [[u8; 3]; 5] = [[0, 0, 0], [255, 0, 0], [0, 255, 0], [8, 4, 8], [7, 3, 7]];

fn glyphs() -> impl Strategy<Value = Glyphs> {
    let colors = prop_oneof![
        3 => proptest::collection::vec(0..5_u8, 1..6),
        1 => proptest::collection::vec(Just(0_u8), 1..4),
        1 => proptest::collection::vec(0..5_u8, 14..17),
    ];
    let palettes = proptest::collection::btree_map(0..64_u8, colors, 1..6);
    let fields = proptest::array::uniform4(proptest::option::weighted(0.8, 0..16_usize));
    let tiles = proptest::collection::vec((0..6_usize, fields), 1..9);
    (palettes, tiles).prop_map(|(palettes, tiles)| {
        let palettes: Vec<(u8, Vec<u8>)> = palettes.into_iter().collect();
        Glyphs { palettes, tiles }
    })
}

impl Glyphs {
    fn text(&self) -> String {
        let palette = |(index, colors): &(u8, Vec<u8>)| {
            let colors = colors.iter().map(|color| COLORS[usize::from(*color)]);
            let colors: Vec<String> = colors.map(|[r, g, b]| format!("\"#{r:02x}{g:02x}{b:02x}\"")).collect();
            format!("{{\"index\":{index},\"palette\":{{\"colors\":[{}]}}}}", colors.join(","))
        };
        let palettes: Vec<String> = self.palettes.iter().map(palette).collect();
        format!(
            r#"{{ "schema_version": 1, "name": "tiles", "type": "glyph_bank", "inputs": {{ "sprites": ["t.png"] }},
            "output": {{ "format": "GLYPH/indexed_v1", "codec": "NONE", "metadata": {{ "tile_size": 8, "by": "me" }},
                "pipeline": {{ "palettes": [{}] }} }}, "preload": {{ "enabled": false }} }}"#,
            palettes.join(",")
        )
    }

    /// A column of tiles, each of four fields.
    fn picture(&self) -> Vec<u8> {
        let mut rgba = Vec::new();
        for (palette, fields) in &self.tiles {
            let colors = &self.palettes[palette % self.palettes.len()].1;
            for at in 0..64 {
                let field = fields[at / 32 * 2 + at % 8 / 4];
                let color = field.map(|field| COLORS[usize::from(colors[field % colors.len()])]);
                rgba.extend(color.map_or([0; 4], |[r, g, b]| [r, g, b, 255]));
            }
        }
        let mut file = Vec::new();
        let height = u32::try_from(self.tiles.len() * 8).unwrap();
        let mut encoder = png::Encoder::new(&mut file, 8, height);
        encoder.set_color(png::ColorType::Rgba);
        encoder.write_header().unwrap().write_image_data(&rgba).unwrap();
        file
    }
}

proptest! {
    #![proptest_config(crate::schema::properties(1500))]

    #[test]
    fn every_bank_of_tiles_comes_out_and_goes_in_again(glyphs in glyphs()) {
        let out = again(&glyphs.text(), &[("t.png", &glyphs.picture())]);
        prop_assert_eq!(names(&out), ["sheet.png"]);
    }
}

proptest! {
    #![proptest_config(crate::schema::properties(300))]

    #[test]
    fn every_name_gives_a_path_that_can_be_written_beside_the_others(
        given in proptest::collection::vec("[aAé./\\\\~ :1\\x00\u{202e}]{0,6}|asset.json|con", 1..12)
    ) {
        let mut paths = names::Paths::new();
        let added: Vec<AssetPath> =
            given.iter().enumerate().map(|(n, name)| paths.add(name, &format!("blob_{n}")).unwrap()).collect();
        let keys: BTreeSet<String> = added.iter().map(|path| crate::spelling::key(path.as_str())).collect();
        prop_assert_eq!(keys.len(), added.len());
        for path in &added {
            prop_assert_eq!(path.unfit_for_root(), None);
            prop_assert!(added.iter().all(|other| !path.contains(other)));
        }
    }
}

#[test]
fn a_whole_bank_of_the_smallest_tiles_comes_out_in_the_picture_of_its_sheet() {
    // 1024 tiles of one of 15 colours each, in palettes that share them in other places.
    let color = |n: usize| u8::try_from(n * 16).map(|level| [level, 255 - level, 8]).unwrap();
    let palette = |index: usize| {
        let colors = (0..16).map(|n| color(if n == 0 { 0 } else { (n + index * 3) % 15 + 1 }));
        let colors: Vec<String> = colors.map(|[r, g, b]| format!("\"#{r:02x}{g:02x}{b:02x}\"")).collect();
        format!("{{\"index\":{index},\"palette\":{{\"colors\":[{}]}}}}", colors.join(","))
    };
    let palettes: Vec<String> = (0..64).map(palette).collect();
    let glyphs = Glyphs { palettes: vec![(0, vec![0])], tiles: Vec::new() };
    let text =
        glyphs.text().replace("{\"index\":0,\"palette\":{\"colors\":[\"#000000\"]}}", &palettes.join(","));
    let rgba: Vec<u8> = (0..256 * 256)
        .flat_map(|n| {
            let [r, g, b] = color((n % 256 / 8 + n / 2048 * 32) % 15 + 1);
            [r, g, b, 255]
        })
        .collect();
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, 256, 256);
    encoder.set_color(png::ColorType::Rgba);
    encoder.write_header().unwrap().write_image_data(&rgba).unwrap();
    let out = again(&text, &[("t.png", &file)]);
    let mut reader = png::Decoder::new(io::Cursor::new(&*out.files[0].bytes)).read_info().unwrap();
    let mut pixels = vec![0; 256 * 256 * 4];
    assert_eq!(reader.next_frame(&mut pixels).unwrap().buffer_size(), pixels.len());
}
