//! `GLYPH/indexed_v1`: a sheet of tiles in 4 bit colour indices, and 64 palettes for it.

use alloc::format;
use alloc::vec::Vec;
use core::fmt;

use super::{AssetName, BankError, check_kind, check_owner, number, number_in};
use crate::layout::{self, GLYPH_COLOURS, GLYPH_PALETTES, GLYPH_PAYLOAD_LEN, GLYPH_PLANE_LEN, GLYPH_SHEET};
use crate::{Entry, GlyphBankId, Tile};

/// A bank of tiles, all of one size, and the palettes to draw them with.
///
/// Which palette a tile is drawn with is the game's choice at each draw; the packer guarantees that
/// a tile's indices fit the lowest palette that holds its colours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GlyphBank<B = Vec<u8>> {
    asset: AssetName,
    tile_size: usize,
    authored: usize,
    payload: B,
}

/// The pixels of one tile, as indices of colours.
#[derive(Clone, Copy)]
pub struct TileView<'b> {
    plane: &'b [u8; GLYPH_PLANE_LEN],
    size: usize,
    left: usize,
    top: usize,
}

/// A colour of 5, 6 and 5 bits for red, green and blue, red in the highest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Rgb565(
    /// The bits.
    pub u16,
);

impl<B: AsRef<[u8]>> GlyphBank<B> {
    /// The bank that `entry` describes and `payload` holds.
    ///
    /// # Errors
    ///
    /// [`BankError`] when `entry` is of another kind, or its sizes or metadata are not those of a
    /// glyph bank.
    pub fn new(entry: &Entry, payload: B) -> Result<Self, BankError> {
        let asset = check_kind(entry, GlyphBankId::BANK_TYPE, payload.as_ref())?;
        for (found, len) in [(entry.size, GLYPH_PAYLOAD_LEN), (entry.decoded_size, layout::GLYPH_DECODED_LEN)]
        {
            if found != len as u64 {
                return Err(BankError::Size { asset, found, expected: len as u64 });
            }
        }
        let metadata = &entry.metadata;
        number_in(&asset, metadata, "width", &[GLYPH_SHEET as u64])?;
        number_in(&asset, metadata, "height", &[GLYPH_SHEET as u64])?;
        number_in(&asset, metadata, "palette_count", &[GLYPH_PALETTES as u64])?;
        let sizes = layout::TILE_SIZES.map(|size| size as u64);
        let tile_size = number_in(&asset, metadata, "tile_size", &sizes)?;
        let tile_size = usize::try_from(tile_size).expect("it is one of TILE_SIZES");
        let authored = number(&asset, metadata, "palette_authored")?;
        let authored = usize::try_from(authored).ok().filter(|n| (1..=GLYPH_PALETTES).contains(n));
        let authored = authored.ok_or_else(|| BankError::Metadata {
            asset: asset.clone(),
            problem: format!("`palette_authored` must be 1 to {GLYPH_PALETTES}"),
        })?;
        Ok(Self { asset, tile_size, authored, payload })
    }

    /// Pixels along each side of a tile: 8, 16 or 32.
    #[must_use]
    pub const fn tile_size(&self) -> usize {
        self.tile_size
    }

    /// How many tiles the sheet has room for. Those that nobody drew are index 0 all over.
    #[must_use]
    pub const fn capacity(&self) -> usize {
        layout::glyph_capacity(self.tile_size)
    }

    /// How many palettes were declared. They stand at the indices that they were given; the others
    /// are black.
    #[must_use]
    pub const fn palettes_authored(&self) -> usize {
        self.authored
    }

    /// One tile by its constant.
    ///
    /// # Errors
    ///
    /// [`BankError`] when `tile` belongs to another bank, or its index is above the last.
    pub fn tile(&self, tile: Tile) -> Result<TileView<'_>, BankError> {
        check_owner(&self.asset, tile.bank().id())?;
        self.tile_at(tile.index().into())
    }

    /// One tile by its index.
    ///
    /// # Errors
    ///
    /// [`BankError::Artifact`] when `index` is not below [`Self::capacity`].
    pub fn tile_at(&self, index: usize) -> Result<TileView<'_>, BankError> {
        let count = self.capacity();
        if index >= count {
            return Err(BankError::Artifact { asset: self.asset.clone(), what: "tile", index, count });
        }
        let payload = self.payload.as_ref();
        let plane = payload.first_chunk().ok_or_else(|| self.wrong_size(payload.len()))?;
        let (left, top) = layout::glyph_origin(self.tile_size, index);
        Ok(TileView { plane, size: self.tile_size, left, top })
    }

    /// The 16 colours of a palette. Colour 0 is the transparent one, whatever its bits.
    ///
    /// # Errors
    ///
    /// [`BankError::Artifact`] when `index` is not below 64.
    pub fn palette(&self, index: usize) -> Result<[Rgb565; GLYPH_COLOURS], BankError> {
        let payload = self.payload.as_ref();
        let (palettes, _) =
            payload.get(GLYPH_PLANE_LEN..).unwrap_or_default().as_chunks::<{ GLYPH_COLOURS * 2 }>();
        let palette = palettes.get(index).ok_or_else(|| BankError::Artifact {
            asset: self.asset.clone(),
            what: "palette",
            index,
            count: GLYPH_PALETTES,
        })?;
        let (colours, _) = palette.as_chunks::<2>();
        Ok(core::array::from_fn(|c| Rgb565(u16::from_le_bytes(colours[c]))))
    }

    fn wrong_size(&self, found: usize) -> BankError {
        let (found, expected) = (found as u64, GLYPH_PAYLOAD_LEN as u64);
        BankError::Size { asset: self.asset.clone(), found, expected }
    }
}

impl<'b> TileView<'b> {
    /// Pixels along each side: 8, 16 or 32.
    #[must_use]
    pub const fn size(&self) -> usize {
        self.size
    }

    /// The colour index, 0 … 15, of the pixel in column `x` and row `y`; `None` outside the tile.
    #[must_use]
    pub fn get(&self, x: usize, y: usize) -> Option<u8> {
        (x < self.size && y < self.size).then(|| {
            let (byte, shift) = layout::glyph_pixel(self.left + x, self.top + y);
            (self.plane[byte] >> shift) & 0x0f
        })
    }

    /// The pixels row by row, as column, row and colour index; 0 is transparent.
    pub fn pixels(&self) -> impl Iterator<Item = (usize, usize, u8)> + use<'b> {
        let tile = *self;
        let at = move |n| (n % tile.size, n / tile.size);
        (0..tile.size * tile.size).map(at).filter_map(move |(x, y)| Some((x, y, tile.get(x, y)?)))
    }

    /// The pixels row by row as red, green, blue and alpha, in the colours of `palette`.
    pub fn rgba(&self, palette: &[Rgb565; GLYPH_COLOURS]) -> impl Iterator<Item = [u8; 4]> + use<'b> {
        let palette = *palette;
        self.pixels().map(move |(_, _, index)| match index {
            0 => [0; 4],
            _ => {
                let [r, g, b] = palette[usize::from(index)].to_rgb888();
                [r, g, b, 255]
            }
        })
    }
}

impl Rgb565 {
    /// The colour next below one of 8 bits a channel: the low bits are cut off.
    #[must_use]
    pub const fn from_rgb888(rgb: [u8; 3]) -> Self {
        let [r, g, b] = rgb;
        Self(((r >> 3) as u16) << 11 | ((g >> 2) as u16) << 5 | (b >> 3) as u16)
    }

    /// The colour with 8 bits a channel. The high bits are repeated in the low ones, so that black
    /// stays black and white becomes 255.
    #[must_use]
    pub const fn to_rgb888(self) -> [u8; 3] {
        let [high, low] = [(self.0 >> 8) as u8, (self.0 & 0xff) as u8];
        let (r, g, b) = (high >> 3, (high & 0x07) << 3 | low >> 5, low & 0x1f);
        [r << 3 | r >> 2, g << 2 | g >> 4, b << 3 | b >> 2]
    }
}

/// The tile as it would be typed: one hexadecimal digit a pixel, `.` for the transparent ones.
impl fmt::Debug for TileView<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (x, _, index) in self.pixels() {
            match index {
                0 => f.write_str(".")?,
                _ => write!(f, "{index:x}")?,
            }
            if x + 1 == self.size {
                f.write_str("\n")?;
            }
        }
        Ok(())
    }
}
