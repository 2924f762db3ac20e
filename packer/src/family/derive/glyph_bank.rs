//! A new `glyph_bank`.

use png::ColorType;

use super::{Derived, NewAsset, NewInput, Starter, tiles};
use crate::diagnostics::Finding;
use crate::family::glyph_bank::GlyphBank;

impl NewAsset for GlyphBank {
    /// One tile: a white diamond on nothing, so that something is seen where it is drawn.
    fn starter(&self) -> Starter {
        let pixels =
            (0..16_i32).flat_map(|y| (0..16_i32).map(move |x| (2 * x - 15).abs() + (2 * y - 15).abs()));
        let pixels: Vec<u8> = pixels.map(|distance| u8::from(distance <= 14)).collect();
        Starter {
            role: "sprites",
            files: vec![("tile.png", two_colours(16, &pixels))],
            metadata: Some(r#"{ "tile_size": 16 }"#),
            pipeline: Some(
                r##"{ "palettes": [{ "index": 0, "palette": { "colors": ["#000000", "#ffffff"] } }] }"##,
            ),
        }
    }

    fn derive(&self, files: &[NewInput<'_>], tile_size: Option<u32>) -> Result<Derived, Vec<Finding>> {
        tiles::derive(files, tile_size)
    }
}

/// A small picture of `side` × `side` pixels: 0 is transparent, everything else is white.
///
/// # Panics
///
/// When there are not `side` × `side` pixels; the caller has drawn them.
fn two_colours(side: u32, pixels: &[u8]) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, side, side);
    encoder.set_color(ColorType::Indexed);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_palette([0, 0, 0, 255, 255, 255].as_slice());
    encoder.set_trns([0].as_slice());
    let written = encoder.write_header().and_then(|mut writer| writer.write_image_data(pixels));
    written.expect("the pixels fit the picture, and memory takes everything");
    file
}
