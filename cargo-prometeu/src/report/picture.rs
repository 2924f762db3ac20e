//! A bank of tiles as a picture: a PNG file of colour indices, so that a page shows it in any palette by writing other
//! colours into the same file.
//!
//! A bank of more tiles than its sheet has in a row looks as its sheet does; the tiles of a smaller one stand in rows of
//! eight. Empty rows behind the last tile are left away. Index 0 is transparent, as games draw it.

use packer_format::layout::{GLYPH_COLOURS, GLYPH_PALETTES, GLYPH_SHEET};
use packer_format::{BankError, GlyphBank};
use prometeu_packer::ops::PackedArtifact;

/// Tiles in a row where the sheet has more than there are.
const IN_A_ROW: usize = 8;

/// A bank as it can be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tiles {
    pub(crate) tile_size: usize,
    /// Pixels.
    pub(crate) width: usize,
    pub(crate) height: usize,
    /// Those that were declared, by their index, each as 16 colours of 8 bits a channel.
    pub(crate) palettes: Vec<(usize, [[u8; 3]; GLYPH_COLOURS])>,
}

/// The picture in the first of the palettes, and what is to know of it.
///
/// `declared` are the indices of palettes that the declaration names; where nothing is known of it, those that hold a
/// colour count.
///
/// # Errors
///
/// [`BankError`] when the payload is not that of such a bank.
pub(crate) fn of(
    bank: &GlyphBank<&[u8]>,
    artifacts: &[PackedArtifact],
    declared: &[usize],
) -> Result<(Tiles, Vec<u8>), BankError> {
    let side = bank.tile_size();
    let filled = artifacts.iter().map(|artifact| artifact.index.saturating_add(artifact.count)).max();
    let filled = filled.and_then(|count| usize::try_from(count).ok()).unwrap_or(1);
    let count = filled.clamp(1, bank.capacity());
    let of_sheet = GLYPH_SHEET / side;
    let columns = if count > of_sheet { of_sheet } else { count.min(IN_A_ROW) };
    let (width, height) = (columns * side, count.div_ceil(columns) * side);

    let mut pixels = vec![0_u8; width * height];
    for index in 0..count {
        let (left, top) = (index % columns * side, index / columns * side);
        for (x, y, color) in bank.tile_at(index)?.pixels() {
            pixels[(top + y) * width + left + x] = color;
        }
    }

    let mut palettes = Vec::new();
    for index in 0..GLYPH_PALETTES {
        let colors = bank.palette(index)?;
        let is_declared = if declared.is_empty() {
            colors.iter().any(|color| color.0 != 0)
        } else {
            declared.contains(&index)
        };
        if is_declared {
            palettes.push((index, colors.map(packer_format::Rgb565::to_rgb888)));
        }
    }
    if palettes.is_empty() {
        palettes.push((0, bank.palette(0)?.map(packer_format::Rgb565::to_rgb888)));
    }
    let png = write(&pixels, width, height, &palettes[0].1);
    Ok((Tiles { tile_size: side, width, height, palettes }, png))
}

/// A PNG file of four bits a pixel. Its palette stands right behind its header and has all 16 colours: the page's script
/// counts on both.
fn write(pixels: &[u8], width: usize, height: usize, colors: &[[u8; 3]; GLYPH_COLOURS]) -> Vec<u8> {
    // Tiles are at least eight pixels wide, so no byte is shared by two rows.
    let packed: Vec<u8> = pixels.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1] & 0x0f).collect();
    let side = |pixels: usize| u32::try_from(pixels).expect("a sheet has 256 pixels a side");
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, side(width), side(height));
    encoder.set_color(png::ColorType::Indexed);
    encoder.set_depth(png::BitDepth::Four);
    encoder.set_palette(colors.concat());
    encoder.set_trns(vec![0]);
    encoder.set_compression(png::Compression::High);
    encoder.set_filter(png::Filter::NoFilter);
    let written = encoder.write_header().and_then(|mut writer| {
        writer.write_image_data(&packed)?;
        writer.finish()
    });
    written.expect("a picture of that size can be written into memory");
    file
}

#[cfg(test)]
mod tests {
    use packer_format::Entry;
    use packer_format::json::Value;
    use packer_format::layout::{GLYPH_PAYLOAD_LEN, GLYPH_PLANE_LEN};

    use super::*;

    fn entry(side: i64) -> Entry {
        let metadata = [
            ("height", 256),
            ("palette_authored", 2),
            ("palette_count", 64),
            ("tile_size", side),
            ("width", 256),
        ];
        let metadata = metadata.map(|(key, value)| (key.to_owned(), Value::from(value)));
        super::super::tests::entry("GLYPH", GLYPH_PAYLOAD_LEN as u64, 67_584, metadata.into())
    }

    fn artifact(index: u32, count: u32) -> PackedArtifact {
        let file = prometeu_packer::path::AssetPath::parse("a.png").unwrap();
        PackedArtifact { file, index, count }
    }

    /// The indices of a PNG file of ours.
    fn pixels(png: &[u8]) -> (u32, u32, Vec<u8>) {
        let mut reader = png::Decoder::new(std::io::Cursor::new(png)).read_info().unwrap();
        let mut bytes = vec![0; reader.output_buffer_size().unwrap()];
        reader.next_frame(&mut bytes).unwrap();
        let info = reader.info();
        (info.width, info.height, bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]).collect())
    }

    #[test]
    fn tiles_stand_in_rows_and_keep_their_indices_and_every_declared_palette() {
        let mut payload = vec![0; GLYPH_PAYLOAD_LEN];
        // The first pixel of tile 9 is 7; palette 3 has blue as its colour 7.
        let (left, top) = packer_format::layout::glyph_origin(8, 9);
        let (byte, shift) = packer_format::layout::glyph_pixel(left, top);
        payload[byte] = 7 << shift;
        payload[GLYPH_PLANE_LEN + (3 * 16 + 7) * 2] = 0x1f;
        let bank = GlyphBank::new(&entry(8), payload.as_slice()).unwrap();
        let (tiles, png) = of(&bank, &[artifact(0, 4), artifact(4, 6)], &[0, 3]).unwrap();
        assert_eq!((tiles.width, tiles.height, tiles.tile_size), (64, 16, 8));
        assert_eq!(tiles.palettes.iter().map(|(index, _)| *index).collect::<Vec<_>>(), [0, 3]);
        assert_eq!(tiles.palettes[1].1[7], [0, 0, 255]);
        let (width, height, pixels) = pixels(&png);
        assert_eq!((width, height), (64, 16));
        assert_eq!(pixels[8 * 64 + 8], 7);
        assert_eq!(pixels.iter().filter(|index| **index != 0).count(), 1);
        // The script finds the palette here.
        assert_eq!(png[33..41], *b"\0\0\0\x30PLTE");
    }

    #[test]
    fn a_large_bank_looks_as_its_sheet_and_without_a_declaration_colours_say_which_palettes_there_are() {
        let mut payload = vec![0; GLYPH_PAYLOAD_LEN];
        payload[GLYPH_PLANE_LEN + 5 * 32 + 2] = 1;
        let bank = GlyphBank::new(&entry(16), payload.as_slice()).unwrap();
        let (tiles, _) = of(&bank, &[artifact(0, 17)], &[]).unwrap();
        assert_eq!((tiles.width, tiles.height), (256, 32));
        assert_eq!(tiles.palettes.iter().map(|(index, _)| *index).collect::<Vec<_>>(), [5]);
        let payload = vec![0; GLYPH_PAYLOAD_LEN];
        let bank = GlyphBank::new(&entry(32), payload.as_slice()).unwrap();
        let (tiles, _) = of(&bank, &[], &[]).unwrap();
        assert_eq!((tiles.width, tiles.height, tiles.palettes.len()), (32, 32, 1));
    }
}
