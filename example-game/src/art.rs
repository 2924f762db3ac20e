//! Everything drawn and written for the game, out of its pack.
//!
//! This is the one file that reads the pack; the rest of the game says [`Tile`] and means one of
//! the constants in [`crate::assets`]. All glyph banks of the pack are opened, whichever there are,
//! and their tiles unpacked once, so that drawing is a walk over bytes.

use std::collections::BTreeMap;
use std::error::Error;
use std::path::PathBuf;

use packer_format::{AssetId, Blob, GlyphBank, GlyphBankId, PackFile, Rgb565, Tile};

use crate::assets::levels::garden;
use crate::level::Level;

/// Red, green and blue.
pub(crate) type Rgb = [u8; 3];

/// Colours by index; index 0 is transparent.
pub(crate) type Palette = [Rgb; 16];

/// All art of the game.
pub(crate) struct Art {
    banks: BTreeMap<AssetId, Bank>,
    level: Level,
    poem: Vec<String>,
    pack: PathBuf,
    assets: usize,
}

/// One glyph bank, unpacked.
struct Bank {
    side: usize,
    tiles: Vec<Box<[u8]>>,
    palettes: Vec<Palette>,
}

/// One tile, ready to be drawn in any palette of its bank.
#[derive(Clone, Copy)]
pub(crate) struct Sprite<'a> {
    /// Pixels along each side.
    pub(crate) side: usize,
    /// Colour indices, row by row.
    pub(crate) pixels: &'a [u8],
    /// The palettes of the bank, one at least.
    palettes: &'a [Palette],
}

impl Art {
    /// Opens the game's pack, wherever it is, and reads all of it.
    pub(crate) fn open() -> Result<Self, Box<dyn Error>> {
        let pack = PackFile::open(packer_format::locate!())?;
        Self::of(&pack)
    }

    /// Reads all of a pack.
    pub(crate) fn of(pack: &PackFile) -> Result<Self, Box<dyn Error>> {
        let mut banks = BTreeMap::new();
        for entry in pack.header().entries() {
            if entry.bank_type == GlyphBankId::BANK_TYPE {
                banks.insert(entry.asset_id, Bank::unpack(&pack.glyph_bank(entry.asset_id.into())?)?);
            }
        }
        let text = |blob: Blob| -> Result<(String, String), Box<dyn Error>> {
            let bank = pack.blob_bank(blob.bank())?;
            let file = bank.blob(blob)?;
            let text = str::from_utf8(file.bytes()).map_err(|why| format!("`{}`: {why}", file.name()))?;
            Ok((file.name().to_owned(), text.to_owned()))
        };
        let (name, map) = text(garden::MEADOW)?;
        let level = Level::parse(&map).map_err(|why| format!("`{name}`, {why}"))?;
        let (_, poem) = text(garden::POEM)?;
        Ok(Self {
            banks,
            level,
            poem: poem.lines().map(str::to_owned).collect(),
            assets: pack.header().entries().len(),
            pack: pack.path().to_owned(),
        })
    }

    /// One tile. A tile that the pack does not hold is drawn as nothing: a game goes on.
    pub(crate) fn sprite(&self, tile: Tile) -> Sprite<'_> {
        let bank = self.banks.get(&tile.bank().id());
        let pixels = bank.and_then(|bank| Some((bank, bank.tiles.get(usize::from(tile.index()))?)));
        pixels.map_or(Sprite { side: 0, pixels: &[], palettes: &[] }, |(bank, pixels)| Sprite {
            side: bank.side,
            pixels,
            palettes: &bank.palettes,
        })
    }

    /// A bank of tiles that `before` had and this has not, if there is one.
    pub(crate) fn lacks(&self, before: &Self) -> Option<AssetId> {
        before.banks.keys().find(|id| !self.banks.contains_key(id)).copied()
    }

    /// The garden.
    pub(crate) const fn level(&self) -> &Level {
        &self.level
    }

    /// The poem: its title, then its lines.
    pub(crate) fn poem(&self) -> &[String] {
        &self.poem
    }

    /// Where the pack is.
    pub(crate) const fn pack(&self) -> &PathBuf {
        &self.pack
    }

    /// How many assets it holds.
    pub(crate) const fn assets(&self) -> usize {
        self.assets
    }
}

impl Bank {
    fn unpack(bank: &GlyphBank) -> Result<Self, Box<dyn Error>> {
        let tiles = (0..bank.capacity())
            .map(|index| Ok(bank.tile_at(index)?.pixels().map(|(.., colour)| colour).collect()))
            .collect::<Result<_, Box<dyn Error>>>()?;
        let palettes = (0..packer_format::layout::GLYPH_PALETTES)
            .map(|index| Ok(bank.palette(index)?.map(Rgb565::to_rgb888)))
            .collect::<Result<_, Box<dyn Error>>>()?;
        Ok(Self { side: bank.tile_size(), tiles, palettes })
    }
}

impl<'a> Sprite<'a> {
    /// One of the bank's palettes, as its `asset.json` numbers them.
    pub(crate) fn palette(&self, index: usize) -> &'a Palette {
        const BLACK: Palette = [[0; 3]; 16];
        self.palettes.get(index).unwrap_or(&BLACK)
    }

    /// Columns up to the last that is not empty: what a letter takes in a line.
    pub(crate) fn ink_width(&self) -> usize {
        let last = |row: &[u8]| row.iter().rposition(|colour| *colour != 0).map_or(0, |at| at + 1);
        self.pixels.chunks(self.side.max(1)).map(last).max().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assets::{hero, ui};

    #[test]
    fn tiles_come_with_the_size_of_their_bank() {
        let art = Art::open().unwrap();
        assert_eq!(art.sprite(hero::wick::IDLE).side, 32);
        assert_eq!(art.sprite(ui::hud::HEART).side, 8);
        assert!(art.sprite(ui::hud::HEART).ink_width() > 0);
    }

    #[test]
    fn a_tile_that_no_bank_holds_is_drawn_as_nothing() {
        let art = Art::open().unwrap();
        assert_eq!(art.sprite(ui::hud::HEART.nth(u16::MAX)).pixels, []);
        assert_eq!(art.sprite(GlyphBankId::new(4711).tile(0)).side, 0);
    }
}
