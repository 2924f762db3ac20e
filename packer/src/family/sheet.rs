//! The sheet of a glyph bank: pictures go in, indices come out.
//!
//! Each cell of a picture is normalised alone: its pixels become RGB565 or [`TRANSPARENT`], the
//! palettes that hold all of them are found with one look a pixel, and the one with the lowest index
//! gives the indices. What does not fit is a finding about the picture, told once for all its cells.

use super::NumberedArtifact;
use super::image::Picture;
use super::palette::{COLORS, Palette, Palettes, TRANSPARENT, rgb565};
use crate::diagnostics::{Anchor, Code, Finding};

/// Both sides of the sheet, in pixels.
pub(super) const SIDE: u32 = 256;
/// Two pixels a byte.
const BYTES: usize = (SIDE * SIDE / 2) as usize;
/// From this alpha on a pixel is opaque.
pub(super) const OPAQUE: u8 = 128;

/// The sheet that is being filled.
pub(super) struct Sheet {
    /// Packed, two pixels a byte.
    indices: Vec<u8>,
    palettes: Palettes,
    tile: usize,
    /// The pixels of the tile at hand as RGB565 or [`TRANSPARENT`]; kept for its memory.
    colors: Vec<u32>,
}

impl Sheet {
    /// An empty sheet, all of it index 0. `tile` is 8, 16 or 32.
    pub(super) fn new(palettes: Vec<Palette>, tile: u32) -> Self {
        let palettes = Palettes::new(palettes);
        Self { indices: vec![0; BYTES], palettes, tile: tile as usize, colors: Vec::new() }
    }

    /// The indices row by row, two pixels a byte, the left one in the high nibble.
    pub(super) fn indices(&self) -> &[u8] {
        &self.indices
    }

    /// The palettes that it is filled with.
    pub(super) fn palettes(&self) -> &Palettes {
        &self.palettes
    }

    /// Puts all cells of a picture on their places. Pushes `tile-colors` and `fragile-tile-indices`,
    /// each for the first such cell of the picture.
    pub(super) fn place(
        &mut self,
        picture: &Picture,
        artifact: &NumberedArtifact,
        name: &str,
        findings: &mut Vec<Finding>,
    ) {
        self.take_all(picture, artifact.input, Some(artifact.index), name, findings);
    }

    /// Says what [`Sheet::place`] would say of a picture that has no place yet, and writes nothing.
    pub(super) fn look(&mut self, picture: &Picture, input: usize, name: &str, findings: &mut Vec<Finding>) {
        self.take_all(picture, input, None, name, findings);
    }

    /// Every whole cell of a picture, in its place where `first` says which.
    fn take_all(
        &mut self,
        picture: &Picture,
        input: usize,
        first: Option<u32>,
        name: &str,
        findings: &mut Vec<Finding>,
    ) {
        let side = |pixels: u32| pixels as usize / self.tile;
        let (columns, rows) = (side(picture.width), side(picture.height));
        let mut homeless: Option<(Cell, u32)> = None;
        let mut fragile = false;
        for (n, at) in (0_u32..).zip(0..columns * rows) {
            let tile = first.map(|first| first + n);
            let cell = Cell { tile, x: at % columns * self.tile, y: at / columns * self.tile };
            self.take(picture, &cell);
            let holders = self.palettes.holders(&self.colors);
            let Some(palette) = self.palettes.lowest(holders) else {
                match &mut homeless {
                    Some((_, more)) => *more += 1,
                    None => homeless = Some((cell, 0)),
                }
                continue;
            };
            if !fragile
                && !holders.is_power_of_two()
                && let Some(other) = self.disagreeing(palette, holders)
            {
                fragile = true;
                findings.push(self.fragile(input, name, &cell, palette, other));
            }
            if let Some(tile) = cell.tile {
                self.write(tile, palette);
            }
        }
        if let Some((cell, more)) = homeless {
            self.take(picture, &cell);
            findings.push(self.homeless(picture, input, name, &cell, more));
        }
    }

    /// Reads the colours of a cell.
    fn take(&mut self, picture: &Picture, cell: &Cell) {
        self.colors.clear();
        for y in cell.y..cell.y + self.tile {
            let start = (y * picture.width as usize + cell.x) * 4;
            for pixel in picture.rgba[start..start + self.tile * 4].chunks_exact(4) {
                let color = rgb565(pixel[0], pixel[1], pixel[2]);
                self.colors.push(if pixel[3] < OPAQUE { TRANSPARENT } else { color.into() });
            }
        }
    }

    /// Writes the cell at hand as that tile: indices into a palette that holds all its colours.
    fn write(&mut self, tile: u32, palette: usize) {
        let slots = self.palettes.slots_of(palette);
        let place = tile as usize;
        let (tile, columns) = (self.tile, SIDE as usize / self.tile);
        let (column, row) = (place % columns, place / columns);
        for (y, colors) in self.colors.chunks_exact(tile).enumerate() {
            let start = ((row * tile + y) * SIDE as usize + column * tile) / 2;
            for (byte, pair) in self.indices[start..start + tile / 2].iter_mut().zip(colors.chunks_exact(2)) {
                *byte = slots[pair[0] as usize] << 4 | slots[pair[1] as usize];
            }
        }
    }

    /// The next palette that holds the cell at hand too, with other indices for its opaque colours.
    fn disagreeing(&self, palette: usize, holders: u64) -> Option<usize> {
        let declared = self.palettes.declared();
        let colors = self.opaque();
        (palette + 1..declared.len()).filter(|other| holders >> declared[*other].index & 1 == 1).find(
            |other| {
                colors.iter().any(|color| declared[palette].slot(*color) != declared[*other].slot(*color))
            },
        )
    }

    /// The different opaque colours of the cell at hand, in the order in which they appear.
    fn opaque(&self) -> Vec<u16> {
        let mut seen = Vec::new();
        let mut last = TRANSPARENT;
        for color in &self.colors {
            // Pictures are runs of few colours, so this is cheaper than sorting them.
            if *color != last
                && let Ok(color) = u16::try_from(*color)
                && !seen.contains(&color)
            {
                seen.push(color);
            }
            last = *color;
        }
        seen
    }

    fn fragile(&self, input: usize, name: &str, cell: &Cell, palette: usize, other: usize) -> Finding {
        let declared = self.palettes.declared();
        let (chosen, other) = (declared[palette].index, declared[other].index);
        Finding::new(
            Code::FragileTileIndices,
            Anchor::Input(input),
            format!(
                "{} of `{name}` fits the palettes {chosen} and {other} with different indices; \
                 those of palette {chosen} are packed",
                cell.title()
            ),
        )
        .help(format!(
            "Drawn with palette {other} the tile has other colours than its picture. Give the colours that both \
             palettes hold the same places in both."
        ))
    }

    /// No palette holds the cell at hand, and the picture has `more` such cells.
    fn homeless(&self, picture: &Picture, input: usize, name: &str, cell: &Cell, more: u32) -> Finding {
        let colors = self.opaque();
        let missing_in =
            |palette: &Palette| colors.iter().filter(|color| palette.slot(**color).is_none()).count();
        let best = self
            .palettes
            .declared()
            .iter()
            .min_by_key(|palette| missing_in(palette))
            .expect("a bank without palettes is refused when they are read");
        let lacks = |color: &u32| u16::try_from(*color).is_ok_and(|color| best.slot(color).is_none());
        let first = self.colors.iter().position(lacks).expect("no palette holds all colours of this cell");
        let (x, y) = (cell.x + first % self.tile, cell.y + first / self.tile);
        let pixel = &picture.rgba[(y * picture.width as usize + x) * 4..][..4];
        let color = hex(pixel);

        let (missing, best_index) = (missing_in(best), best.index);
        let mut message = if colors.len() == 1 {
            format!(
                "no palette holds the only colour of {} in `{name}`: `{color}` at ({x}, {y})",
                cell.title()
            )
        } else {
            format!(
                "no palette holds all colours of {} in `{name}`: palette {best_index} comes nearest and lacks {missing} \
             of {}, first `{color}` at ({x}, {y})",
                cell.title(),
                colors.len()
            )
        };
        match more {
            0 => {}
            1 => message += "; 1 more tile of this picture fits none",
            _ => message += &format!("; {more} more tiles of this picture fit none"),
        }
        let room = COLORS - best.colors.len();
        let mut help = if colors.len() > COLORS {
            format!("The tile has {} colours, and a palette holds 16: repaint it with fewer.", colors.len())
        } else if missing <= room {
            let lacking = self.lacking(picture, cell, best);
            format!("Add {lacking} to palette {best_index}, or repaint the tile with its colours.")
        } else {
            format!(
                "Palette {best_index} has room for {room} more: repaint the tile, or declare a palette for it."
            )
        };
        if pixel[3] < 255 {
            help +=
                " Pixels that are half transparent or less count as opaque; soft edges make many colours.";
        }
        Finding::new(Code::TileColors, Anchor::Input(input), message).help(help)
    }

    /// The colours of the cell at hand that `palette` lacks, for a sentence.
    fn lacking(&self, picture: &Picture, cell: &Cell, palette: &Palette) -> String {
        let mut told = Vec::new();
        let mut text = Vec::new();
        for (n, color) in self.colors.iter().enumerate() {
            let Ok(color) = u16::try_from(*color) else { continue };
            if palette.slot(color).is_none() && !told.contains(&color) {
                let (x, y) = (cell.x + n % self.tile, cell.y + n / self.tile);
                told.push(color);
                text.push(format!("`{}`", hex(&picture.rgba[(y * picture.width as usize + x) * 4..][..3])));
            }
        }
        text.join(", ")
    }
}

/// One cell of a picture.
struct Cell {
    /// The index of its tile in the bank, where that is known.
    tile: Option<u32>,
    /// Its left edge in the picture.
    x: usize,
    /// Its upper edge in the picture.
    y: usize,
}

impl Cell {
    fn title(&self) -> String {
        match self.tile {
            Some(tile) => format!("tile {tile}"),
            None => format!("the tile at ({}, {})", self.x, self.y),
        }
    }
}

fn hex(pixel: &[u8]) -> String {
    format!("#{:02x}{:02x}{:02x}", pixel[0], pixel[1], pixel[2])
}
