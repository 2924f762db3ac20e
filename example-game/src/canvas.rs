//! The picture while it is painted: pixels, and how much lantern light falls on each.
//!
//! The game has no blending. A pixel of a tile is a colour index, and light chooses *which palette*
//! the index is looked up in: the lantern's, where it shines, or that of the hour. Between two
//! palettes an 8 × 8 ordered pattern decides pixel by pixel, which is what makes the soft edges.

use std::ops::Range;

use crate::art::{Palette, Rgb, Sprite};

/// The picture's width in pixels: the screen of the Prometeu runtime.
pub(crate) const WIDTH: usize = 320;

/// The picture's height in pixels.
pub(crate) const HEIGHT: usize = 180;

/// Steps between no light and full light, or between one hour and the next.
pub(crate) const FULL: u8 = 64;

/// Each number from 0 to 63 once, neighbours far apart.
const PATTERN: [[u8; 8]; 8] = [
    [0, 32, 8, 40, 2, 34, 10, 42],
    [48, 16, 56, 24, 50, 18, 58, 26],
    [12, 44, 4, 36, 14, 46, 6, 38],
    [60, 28, 52, 20, 62, 30, 54, 22],
    [3, 35, 11, 43, 1, 33, 9, 41],
    [51, 19, 59, 27, 49, 17, 57, 25],
    [15, 47, 7, 39, 13, 45, 5, 37],
    [63, 31, 55, 23, 61, 29, 53, 21],
];

/// Which palettes a tile is drawn in.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tint {
    /// Where `turned` has not come to.
    pub(crate) before: usize,
    /// Where it has.
    pub(crate) after: usize,
    /// How far, from 0 to [`FULL`].
    pub(crate) turned: u8,
    /// Where lantern light falls, when it matters.
    pub(crate) lit: Option<usize>,
    /// How much of the tile is there at all, from 0 to [`FULL`].
    pub(crate) there: u8,
}

impl Tint {
    /// One palette, whatever the light.
    pub(crate) const fn plain(palette: usize) -> Self {
        Self { before: palette, after: palette, turned: 0, lit: None, there: FULL }
    }
}

/// Pixels and light, at most [`WIDTH`] × [`HEIGHT`].
pub(crate) struct Canvas {
    width: usize,
    height: usize,
    pixels: Vec<Rgb>,
    light: Vec<u8>,
}

impl Canvas {
    /// A black canvas without light; at least one pixel and at most the screen.
    pub(crate) fn new(width: usize, height: usize) -> Self {
        let (width, height) = (width.clamp(1, WIDTH), height.clamp(1, HEIGHT));
        Self { width, height, pixels: vec![[0; 3]; width * height], light: vec![0; width * height] }
    }

    pub(crate) fn width(&self) -> i32 {
        i32::try_from(self.width).expect("a canvas is no larger than the screen")
    }

    pub(crate) fn height(&self) -> i32 {
        i32::try_from(self.height).expect("a canvas is no larger than the screen")
    }

    /// One pixel; black outside.
    pub(crate) fn get(&self, x: usize, y: usize) -> Rgb {
        if x < self.width { self.pixels.get(y * self.width + x).copied().unwrap_or_default() } else { [0; 3] }
    }

    /// The pixels row by row.
    pub(crate) fn rows(&self) -> impl Iterator<Item = &[Rgb]> {
        self.pixels.chunks(self.width)
    }

    /// Takes all light away.
    pub(crate) fn darken(&mut self) {
        self.light.fill(0);
    }

    /// Lets a light shine: full near the middle, none from `radius` pixels on.
    pub(crate) fn shine(&mut self, x: i32, y: i32, radius: i32) {
        let full = i32::from(FULL);
        for row in (y - radius).max(0)..(y + radius).min(self.height()) {
            for column in (x - radius).max(0)..(x + radius).min(self.width()) {
                let far = ((column - x).pow(2) + (row - y).pow(2)).isqrt();
                let light = ((radius - far) * full * 5 / 4 / radius.max(1)).clamp(0, full);
                if let (Some(at), Ok(light)) = (self.index(column, row), u8::try_from(light)) {
                    self.light[at] = self.light[at].max(light);
                }
            }
        }
    }

    /// Draws a tile with its upper left corner there, mirrored if asked, each pixel `scale` wide.
    pub(crate) fn draw_scaled(
        &mut self,
        sprite: Sprite<'_>,
        place: (i32, i32),
        tint: Tint,
        mirrored: bool,
        scale: usize,
    ) {
        let palette = |index: usize| sprite.palette(index);
        let (before, after) = (palette(tint.before), palette(tint.after));
        let lit = tint.lit.map(palette);
        let (columns, rows) = (
            visible(place.0, sprite.side * scale, self.width),
            visible(place.1, sprite.side * scale, self.height),
        );
        // The inner loop runs some 200,000 times a picture, also where nothing is optimised:
        // plain loops and few calls.
        let (left, top) = (columns.start, rows.start);
        for y in rows.clone() {
            let line = (skipped(place.1) + y - top) / scale * sprite.side;
            let steps = &PATTERN[y % 8];
            for x in columns.clone() {
                let column = (skipped(place.0) + x - left) / scale;
                let column = if mirrored { sprite.side - 1 - column } else { column };
                let colour = sprite.pixels[line + column];
                let step = steps[x % 8];
                if colour == 0 || tint.there <= step {
                    continue;
                }
                let at = y * self.width + x;
                let chosen: &Palette = match lit {
                    Some(lit) if self.light[at] > step => lit,
                    _ if tint.turned > step => after,
                    _ => before,
                };
                self.pixels[at] = chosen[(colour & 15) as usize];
            }
        }
    }

    /// Draws a tile as it is.
    pub(crate) fn draw(&mut self, sprite: Sprite<'_>, place: (i32, i32), tint: Tint) {
        self.draw_scaled(sprite, place, tint, false, 1);
    }

    fn index(&self, x: i32, y: i32) -> Option<usize> {
        let (x, y) = (usize::try_from(x).ok()?, usize::try_from(y).ok()?);
        (x < self.width && y < self.height).then_some(y * self.width + x)
    }
}

/// The part of `0..end` that something `long` covers which begins at `start`.
fn visible(start: i32, long: usize, end: usize) -> Range<usize> {
    let from = usize::try_from(start).unwrap_or_default().min(end);
    let to = (usize::try_from(start).unwrap_or_default() + long).saturating_sub(skipped(start)).min(end);
    from..to.max(from)
}

/// How much of something that begins at `start` lies before 0.
fn skipped(start: i32) -> usize {
    if start < 0 { start.unsigned_abs() as usize } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lights(canvas: &Canvas) -> usize {
        canvas.light.iter().filter(|light| **light > 0).count()
    }

    #[test]
    fn the_pattern_holds_each_step_once() {
        let mut steps: Vec<_> = PATTERN.concat();
        steps.sort_unstable();
        assert_eq!(steps, (0..FULL).collect::<Vec<_>>());
    }

    #[test]
    fn light_is_full_in_the_middle_and_gone_at_its_edge() {
        let mut canvas = Canvas::new(100, 100);
        canvas.shine(50, 50, 20);
        assert_eq!(canvas.light[50 * 100 + 50], FULL);
        assert_eq!(canvas.light[50 * 100 + 70], 0);
        canvas.darken();
        assert_eq!(lights(&canvas), 0);
    }

    #[test]
    fn light_beyond_the_canvas_is_cut_off() {
        let mut canvas = Canvas::new(10, 10);
        canvas.shine(-100, 5, 20);
        assert_eq!(lights(&canvas), 0);
        canvas.shine(0, 0, 4);
        assert!(lights(&canvas) > 0);
    }

    #[test]
    fn what_is_visible_of_a_tile_is_cut_at_both_ends() {
        assert_eq!(visible(-3, 8, 100), 0..5);
        assert_eq!(visible(10, 8, 100), 10..18);
        assert_eq!(visible(96, 8, 100), 96..100);
        assert!(visible(-8, 8, 100).is_empty());
        assert!(visible(100, 8, 100).is_empty());
        assert!(visible(i32::MIN, 8, 100).is_empty());
        assert!(visible(i32::MAX, 8, 100).is_empty());
    }

    #[test]
    fn outside_is_black() {
        assert_eq!(Canvas::new(4, 4).get(4, 0), [0; 3]);
        assert_eq!(Canvas::new(4, 4).get(0, 4), [0; 3]);
    }
}
