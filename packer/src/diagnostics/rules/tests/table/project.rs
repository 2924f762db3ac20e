//! A project in order, and ways to change it.

use crate::testing::{Fixture, blob, uuid};

pub(in super::super) const ATLAS: &str = "assets/ui/atlas/asset.json";
pub(in super::super) const LEVEL: &str = "assets/data/level/asset.json";
pub(in super::super) const INDEX: &str = "assets/.prometeu/index.json";
pub(in super::super) const JOURNAL: &str = "assets/.prometeu/local/journal";

pub(in super::super) fn replace(fixture: &Fixture, path: &str, from: &str, to: &str) {
    let text = String::from_utf8(fixture.files.content(format!("/game/{path}")).unwrap()).unwrap();
    assert!(text.contains(from), "`{from}` is not in {text}");
    fixture.write(path, text.replace(from, to));
}

/// A picture of one colour.
pub(in super::super) fn picture(width: u32, height: u32, [r, g, b]: [u8; 3]) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, width, height);
    encoder.set_color(png::ColorType::Rgb);
    let pixels = [r, g, b].repeat((width * height) as usize);
    encoder.write_header().unwrap().write_image_data(&pixels).unwrap();
    file
}

/// A glyph bank with two tiles, and a blob bank; both registered and included.
pub(in super::super) fn in_order() -> Fixture {
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
pub(in super::super) fn wav(channels: u16, rate: u32, data: &[u8]) -> Vec<u8> {
    let size = u32::try_from(data.len()).unwrap();
    let mut file = [&b"RIFF"[..], &(36 + size).to_le_bytes(), b"WAVEfmt ", &16_u32.to_le_bytes()].concat();
    file.extend([1_u16, channels].iter().flat_map(|n| n.to_le_bytes()));
    file.extend([rate, rate * u32::from(channels) * 2].iter().flat_map(|n| n.to_le_bytes()));
    file.extend([channels * 2, 16].iter().flat_map(|n| n.to_le_bytes()));
    [&file[..], b"data", &size.to_le_bytes(), data].concat()
}

/// Makes asset 2 a sound bank of one file.
pub(in super::super) fn sounds(fixture: &Fixture, file: &[u8]) {
    replace(fixture, LEVEL, "blob_bank", "sound_bank");
    replace(fixture, LEVEL, "BLOB/raw_v1\"", "SOUNDS/pcm16le_v1\", \"metadata\": { \"sample_rate\": 22050 }");
    replace(fixture, LEVEL, "data.txt", "beep.wav");
    fixture.write("assets/data/level/beep.wav", file);
}

/// Gives asset 2 another root, with its files.
pub(in super::super) fn move_level(fixture: &Fixture, root: &str) {
    fixture.files.delete("/game/assets/data");
    fixture.declare(root, &blob(&uuid(2), "level"));
    fixture.write(&format!("assets/{root}/data.txt"), "level");
    replace(fixture, INDEX, "data/level", root);
}

/// Registers so many more glyph banks that ask for preload.
pub(in super::super) fn more_glyphs(fixture: &Fixture, count: u32) {
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
pub(in super::super) fn palettes(fixture: &Fixture, count: u32) {
    let colors = "\"palette\": { \"colors\": [\"#000000\", \"#ff0000\", \"#ffffff\"] } }";
    let entry = |index| format!("{{ \"index\": {index}, {colors}");
    let list: Vec<String> = (0..count).map(entry).collect();
    replace(fixture, ATLAS, &entry(0), &list.join(",\n        "));
}
