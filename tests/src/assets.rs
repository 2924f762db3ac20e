//! Small assets, as a person would have drawn and written them.
//!
//! Everything is made without the packer's own writers, so that a mistake there cannot hide here.

use serde_json::{Value, json};

/// The side of every tile made here, in pixels.
pub const TILE_SIZE: u32 = 16;

/// The colours of the one palette that [`glyph_bank`] declares; 0 is the transparent one.
pub const COLORS: [&str; 3] = ["#000000", "#ff004d", "#ffec27"];

const RGBA: [[u8; 4]; 3] = [[0, 0, 0, 0], [0xff, 0x00, 0x4d, 0xff], [0xff, 0xec, 0x27, 0xff]];

/// A tile as a PNG file. `color` yields the index into [`COLORS`] of the pixel in column `x`, row `y`.
#[must_use]
pub fn tile(color: impl Fn(u32, u32) -> usize) -> Vec<u8> {
    let mut pixels = Vec::new();
    for y in 0..TILE_SIZE {
        for x in 0..TILE_SIZE {
            pixels.extend_from_slice(&RGBA[color(x, y)]);
        }
    }
    png(TILE_SIZE, TILE_SIZE, &pixels)
}

/// A tile that is a heart, near enough.
#[must_use]
pub fn heart() -> Vec<u8> {
    tile(|x, y| usize::from(x.abs_diff(7) + y < 14))
}

/// A tile that is a star, near enough.
#[must_use]
pub fn star() -> Vec<u8> {
    tile(|x, y| if x.abs_diff(8) * y.abs_diff(8) < 6 { 2 } else { 0 })
}

/// RGBA pixels, row by row, as a PNG file.
#[must_use]
pub fn png(width: u32, height: u32, pixels: &[u8]) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, width, height);
    encoder.set_color(png::ColorType::Rgba);
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header().expect("a vector takes every write");
    writer.write_image_data(pixels).expect("there are as many pixels as the header says");
    writer.finish().expect("a vector takes every write");
    file
}

/// The uuid of the `n`th asset of a game: version 7, and plainly made up.
#[must_use]
pub fn uuid(n: u64) -> String {
    format!("0198c0de-0000-7000-8000-{n:012x}")
}

/// A declaration of tiles that all use the one palette of [`COLORS`].
#[must_use]
pub fn glyph_bank(uuid: &str, name: &str, files: &[&str]) -> Value {
    json!({
        "schema_version": 1,
        "asset_uuid": uuid,
        "name": name,
        "type": "glyph_bank",
        "inputs": { "sprites": files },
        "output": {
            "format": "GLYPH/indexed_v1",
            "codec": "NONE",
            "metadata": { "tile_size": TILE_SIZE },
            "pipeline": { "palettes": [ { "index": 0, "palette": { "colors": COLORS } } ] }
        },
        "preload": { "enabled": true }
    })
}

/// A declaration of files that are taken as they are.
#[must_use]
pub fn blob_bank(uuid: &str, name: &str, files: &[&str]) -> Value {
    json!({
        "schema_version": 1,
        "asset_uuid": uuid,
        "name": name,
        "type": "blob_bank",
        "inputs": { "files": files },
        "output": { "format": "BLOB/raw_v1", "codec": "NONE" },
        "preload": { "enabled": false }
    })
}

/// A declaration of sounds of that many frames a second.
#[must_use]
pub fn sound_bank(uuid: &str, name: &str, rate: u32, files: &[&str]) -> Value {
    json!({
        "schema_version": 1,
        "asset_uuid": uuid,
        "name": name,
        "type": "sound_bank",
        "inputs": { "samples": files },
        "output": {
            "format": "SOUNDS/pcm16le_v1",
            "codec": "NONE",
            "metadata": { "sample_rate": rate }
        },
        "preload": { "enabled": false }
    })
}

/// The text of a JSON document, laid out as an editor would and ended by a line break.
///
/// # Panics
///
/// Never: every value has a text.
#[must_use]
pub fn text(document: &Value) -> String {
    serde_json::to_string_pretty(document).expect("a value has a text") + "\n"
}
