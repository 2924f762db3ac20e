//! A bank of tiles as a picture: a PNG file of colour indices, so that a page shows it in any palette by writing other
//! colours into the same file.
//!
//! A bank's own sheet is as wide as any other, whatever its tiles were cut out of. Here the tiles of one input stand
//! together as they stood on it, and inputs beside and below each other. Index 0 is transparent, as games draw it.

use packer_format::layout::{GLYPH_COLOURS, GLYPH_PALETTES};
use packer_format::{BankError, GlyphBank};

/// The tiles of one input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Block {
    /// Their first index.
    pub(crate) first: usize,
    /// At least one.
    pub(crate) count: usize,
    /// How many stand in a row of the input; at least one.
    pub(crate) columns: usize,
}

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
    blocks: &[Block],
    declared: &[usize],
) -> Result<(Tiles, Vec<u8>), BankError> {
    let side = bank.tile_size();
    let (columns, rows, places) = lay_out(blocks);
    let (width, height) = (columns * side, rows * side);
    let mut pixels = vec![0_u8; width * height];
    for (block, (column, row)) in blocks.iter().zip(places) {
        for n in (0..block.count).take_while(|n| block.first + n < bank.capacity()) {
            let (left, top) = ((column + n % block.columns) * side, (row + n / block.columns) * side);
            for (x, y, color) in bank.tile_at(block.first + n)?.pixels() {
                pixels[(top + y) * width + left + x] = color;
            }
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

/// Where each block stands, in columns and rows of tiles, and how many of both there are: in rows from the left, as high
/// as the highest in them, that together are about as wide as people look at things.
fn lay_out(blocks: &[Block]) -> (usize, usize, Vec<(usize, usize)>) {
    let rows = |block: &Block| block.count.div_ceil(block.columns);
    let area: usize = blocks.iter().map(|block| block.columns * rows(block)).sum();
    let widest = blocks.iter().map(|block| block.columns).max().unwrap_or(1);
    let limit = widest.max((area * 5 / 2).isqrt());
    let (mut column, mut row, mut high, mut wide) = (0, 0, 1, 1);
    let mut places = Vec::with_capacity(blocks.len());
    for block in blocks {
        if column > 0 && column + block.columns > limit {
            (column, row, high) = (0, row + high, 1);
        }
        places.push((column, row));
        (column, high) = (column + block.columns, high.max(rows(block)));
        wide = wide.max(column);
    }
    (wide, row + high, places)
}

/// A PNG file of four bits a pixel. Its palette stands right behind its header and has all 16 colours: the page's script
/// counts on both.
fn write(pixels: &[u8], width: usize, height: usize, colors: &[[u8; 3]; GLYPH_COLOURS]) -> Vec<u8> {
    // Tiles are at least eight pixels wide, so no byte is shared by two rows.
    let packed: Vec<u8> = pixels.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1] & 0x0f).collect();
    let side = |pixels: usize| u32::try_from(pixels).expect("a bank has 65,536 pixels");
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

    fn block(first: usize, count: usize, columns: usize) -> Block {
        Block { first, count, columns }
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
    fn tiles_keep_their_indices_and_every_declared_palette() {
        let mut payload = vec![0; GLYPH_PAYLOAD_LEN];
        // The first pixel of tile 9 is 7; palette 3 has blue as its colour 7.
        let (left, top) = packer_format::layout::glyph_origin(8, 9);
        let (byte, shift) = packer_format::layout::glyph_pixel(left, top);
        payload[byte] = 7 << shift;
        payload[GLYPH_PLANE_LEN + (3 * 16 + 7) * 2] = 0x1f;
        let bank = GlyphBank::new(&entry(8), payload.as_slice()).unwrap();
        // Tile 9 is the second of the second row of its input.
        let (tiles, png) = of(&bank, &[block(0, 4, 4), block(4, 8, 4)], &[0, 3]).unwrap();
        assert_eq!((tiles.width, tiles.height, tiles.tile_size), (32, 24, 8));
        assert_eq!(tiles.palettes.iter().map(|(index, _)| *index).collect::<Vec<_>>(), [0, 3]);
        assert_eq!(tiles.palettes[1].1[7], [0, 0, 255]);
        let (width, height, pixels) = pixels(&png);
        assert_eq!((width, height), (32, 24));
        assert_eq!(pixels[16 * 32 + 8], 7);
        assert_eq!(pixels.iter().filter(|index| **index != 0).count(), 1);
        // The script finds the palette here.
        assert_eq!(png[33..41], *b"\0\0\0\x30PLTE");
    }

    #[test]
    fn inputs_stand_beside_and_below_each_other_and_none_on_another() {
        for blocks in [
            &[block(0, 4, 4), block(4, 6, 6), block(10, 1, 1), block(11, 1, 1), block(12, 2, 2)][..],
            &[block(0, 9, 3), block(9, 6, 2), block(15, 1, 1), block(16, 40, 40)],
            &[block(0, 7, 4), block(7, 1, 1)],
            &[],
        ] {
            let (columns, rows, places) = lay_out(blocks);
            let mut taken = vec![false; columns * rows];
            for (block, (column, row)) in blocks.iter().zip(places) {
                for n in 0..block.count {
                    let (column, row) = (column + n % block.columns, row + n / block.columns);
                    assert!(column < columns && row < rows, "{block:?}");
                    assert!(!std::mem::replace(&mut taken[row * columns + column], true), "{block:?}");
                }
            }
        }
        // Steps of one movement keep their row.
        let steps = [block(0, 4, 4), block(4, 6, 6), block(10, 1, 1), block(11, 1, 1), block(12, 2, 2)];
        assert_eq!(lay_out(&steps), (6, 3, vec![(0, 0), (0, 1), (0, 2), (1, 2), (2, 2)]));
    }

    #[test]
    fn without_a_declaration_colours_say_which_palettes_there_are() {
        let mut payload = vec![0; GLYPH_PAYLOAD_LEN];
        payload[GLYPH_PLANE_LEN + 5 * 32 + 2] = 1;
        let bank = GlyphBank::new(&entry(16), payload.as_slice()).unwrap();
        let (tiles, _) = of(&bank, &[block(0, 17, 17)], &[]).unwrap();
        assert_eq!((tiles.width, tiles.height), (272, 16));
        assert_eq!(tiles.palettes.iter().map(|(index, _)| *index).collect::<Vec<_>>(), [5]);
        let payload = vec![0; GLYPH_PAYLOAD_LEN];
        let bank = GlyphBank::new(&entry(32), payload.as_slice()).unwrap();
        // More tiles than there can be are none.
        let (tiles, _) = of(&bank, &[block(60, 9, 9)], &[]).unwrap();
        assert_eq!((tiles.width, tiles.height, tiles.palettes.len()), (288, 32, 1));
    }
}
