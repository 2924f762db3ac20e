//! A glyph bank as one picture of its tiles, and its palettes.
//!
//! The picture is as wide as the bank's sheet where it has more than one row, so that it looks like it. It
//! ends with the row of the last tile that is not empty: what comes after is empty in the bank as well.

use std::borrow::Cow;
use std::collections::BTreeMap;

use packer_format::layout::GLYPH_SHEET;
use packer_format::{Entry, GlyphBank, Rgb565, TileView};

use super::palettes::{self, Drawn, Found, Kind};
use super::{Content, ExtractedFile, LeftOut, misread, own_path};

/// The picture's file.
const SHEET: &str = "sheet.png";

pub(super) fn content<'p>(entry: &Entry, payload: &'p [u8]) -> Result<Content<'p>, LeftOut> {
    let bank = GlyphBank::new(entry, payload).map_err(|error| misread(&error))?;
    let mut tiles = Vec::with_capacity(bank.capacity());
    for index in 0..bank.capacity() {
        tiles.push(bank.tile_at(index).map_err(|error| misread(&error))?);
    }
    let is_empty = |tile: &TileView<'_>| tile.pixels().all(|(_, _, index)| index == 0);
    let count = tiles.iter().rposition(|tile| !is_empty(tile)).map_or(1, |last| last + 1);
    tiles.truncate(count);

    let mut all = [[0; packer_format::layout::GLYPH_COLOURS]; packer_format::layout::GLYPH_PALETTES];
    for (index, colors) in all.iter_mut().enumerate() {
        *colors = bank.palette(index).map_err(|error| misread(&error))?.map(|color| color.0);
    }
    let mut kinds: Vec<Kind> = tiles.iter().map(kind).collect();
    kinds.sort_unstable();
    kinds.dedup();
    let found = palettes::find(&all, bank.palettes_authored(), &kinds)
        .ok_or_else(|| LeftOut("no pictures and palettes give the indices of its tiles".to_owned()))?;

    let bytes = picture(&tiles, bank.tile_size(), &all, &found.drawn)
        .map_err(|error| LeftOut(format!("its picture cannot be written: {error}")))?;
    let file = ExtractedFile { path: own_path(SHEET), bytes: Cow::Owned(bytes) };
    Ok(Content {
        role: "sprites",
        files: vec![file],
        artifacts: None,
        derived: &["height", "palette_authored", "palette_count", "width"],
        pipeline: Some(pipeline(&found)),
        renamed: Vec::new(),
    })
}

fn kind(tile: &TileView<'_>) -> Kind {
    let used = tile.pixels().fold(0_u16, |used, (_, _, index)| used | 1 << index);
    Kind { used: used & !1, zero: used & 1 == 1 }
}

/// The tiles row by row, as a PNG file of 8-bit RGBA.
fn picture(
    tiles: &[TileView<'_>],
    side: usize,
    all: &[palettes::Colors],
    drawn: &BTreeMap<Kind, Drawn>,
) -> Result<Vec<u8>, png::EncodingError> {
    let columns = tiles.len().min(GLYPH_SHEET / side);
    let (width, height) = (columns * side, tiles.len().div_ceil(columns) * side);
    let mut rgba = vec![0; width * height * 4];
    for (n, tile) in tiles.iter().enumerate() {
        let Some(drawn) = drawn.get(&kind(tile)) else { continue };
        let (left, top) = (n % columns * side, n / columns * side);
        for (x, y, index) in tile.pixels().filter(|(_, _, index)| *index != 0 || drawn.opaque) {
            let [r, g, b] = Rgb565(all[drawn.palette][usize::from(index)]).to_rgb888();
            rgba[((top + y) * width + left + x) * 4..][..4].copy_from_slice(&[r, g, b, 255]);
        }
    }
    let pixels = |count: usize| u32::try_from(count).expect("a sheet has 256 pixels a side");
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, pixels(width), pixels(height));
    encoder.set_color(png::ColorType::Rgba);
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&rgba)?;
    writer.finish()?;
    Ok(file)
}

/// `output.pipeline`, one palette a line. The high bits of a colour are repeated in its low ones, which
/// the packer cuts off again.
fn pipeline(found: &Found) -> String {
    let entry = |(index, colors): &(usize, Vec<u16>)| {
        let colors = colors.iter().map(|color| Rgb565(*color).to_rgb888());
        let colors: Vec<String> = colors.map(|[r, g, b]| format!("\"#{r:02x}{g:02x}{b:02x}\"")).collect();
        format!("{{ \"index\": {index}, \"palette\": {{ \"colors\": [{}] }} }}", colors.join(", "))
    };
    let entries: Vec<String> = found.palettes.iter().map(entry).collect();
    format!("{{\n      \"palettes\": [\n        {}\n      ]\n    }}", entries.join(",\n        "))
}
