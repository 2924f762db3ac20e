//! Paints a moment of the garden.
//!
//! From back to front: the sky, three rows of hills that move slower the farther they are, trees
//! and stones, flowers, the ground, everybody who moves, and the grass before their feet. What is
//! drawn is named by typed constants; numbers appear only where a sheet counts by itself: frames,
//! neighbours, variants.

use packer_format::Tile;

use crate::art::Art;
use crate::assets::{creatures, grove, hero, meadow, sky};
use crate::canvas::{Canvas, FULL, HEIGHT, Tint, WIDTH};
use crate::hero as body;
use crate::level::{SPOT, Spot};
use crate::world::{Mood, SPARKLE, World};

/// The palettes of everything under the sky, as each `asset.json` numbers them.
#[derive(Debug, Clone, Copy)]
enum Light {
    Lantern = 0,
    Dusk = 1,
    Night = 2,
    Dawn = 3,
}

/// A picture of several cells: the first of its sheet, and how many there are each way.
struct Picture(Tile, u16, u16);

const MOON: Picture = Picture(sky::heavens::MOON, 2, 2);
const SUN: Picture = Picture(sky::heavens::SUN, 2, 2);
const CLOUD: Picture = Picture(sky::heavens::CLOUD, 3, 1);
const WISP: Picture = Picture(sky::heavens::WISP, 2, 1);
const OAK: Picture = Picture(grove::OAK, 3, 3);
const BIRCH: Picture = Picture(grove::BIRCH, 2, 3);
const GATE: Picture = Picture(grove::GATE, 2, 2);

/// How the scene is looked at: the camera, and the light of the hour.
struct View<'a> {
    art: &'a Art,
    world: &'a World,
    /// The garden's pixel in the canvas's upper left corner.
    left: i32,
    top: i32,
    /// The hour, for what the lantern cannot reach.
    far: Tint,
    /// The hour, for what it can.
    near: Tint,
}

/// Paints the garden at this moment over the whole canvas.
pub(crate) fn paint(canvas: &mut Canvas, art: &Art, world: &World) {
    let view = View::new(canvas, art, world);
    view.shine(canvas);
    view.heavens(canvas);
    view.hills(canvas);
    view.grove(canvas);
    view.plants(canvas);
    view.ground(canvas);
    view.hedgehogs(canvas);
    view.wick(canvas);
    view.fireflies(canvas);
    view.grass(canvas);
}

impl<'a> View<'a> {
    fn new(canvas: &Canvas, art: &'a Art, world: &'a World) -> Self {
        let level = world.level();
        let (x, y) = world.hero().middle();
        // The view stays in the garden, except that a high canvas shows a strip of sky above it.
        let right = (level.width() * SPOT - canvas.width()).max(0);
        let bottom = level.height() * SPOT - canvas.height();
        let (before, after, turned) = world.mood();
        let palette = |mood| match mood {
            Mood::Dusk => Light::Dusk as usize,
            Mood::Night => Light::Night as usize,
            Mood::Dawn => Light::Dawn as usize,
        };
        let far = Tint { before: palette(before), after: palette(after), turned, lit: None, there: FULL };
        Self {
            art,
            world,
            left: (x - canvas.width() / 2).clamp(0, right),
            top: (y - canvas.height() * 3 / 5).clamp(bottom.min(0), bottom),
            far,
            near: Tint { lit: Some(Light::Lantern as usize), ..far },
        }
    }

    /// Where a pixel of the garden is on the canvas.
    const fn on_canvas(&self, x: i32, y: i32) -> (i32, i32) {
        (x - self.left, y - self.top)
    }

    /// How much lower than on a full screen the sky hangs, so that horizon and ground stay together.
    fn sky_drop(&self) -> i32 {
        let screen = i32::try_from(HEIGHT).unwrap_or_default();
        self.world.level().height() * SPOT - screen - self.top
    }

    fn picture(&self, canvas: &mut Canvas, picture: &Picture, (x, y): (i32, i32), tint: Tint) {
        let Picture(first, columns, rows) = *picture;
        for cell in 0..columns * rows {
            let sprite = self.art.sprite(first.nth(cell));
            let side = i32::try_from(sprite.side).unwrap_or_default();
            let (column, row) = (i32::from(cell % columns), i32::from(cell / columns));
            canvas.draw(sprite, (x + column * side, y + row * side), tint);
        }
    }

    fn tile(&self, canvas: &mut Canvas, tile: Tile, place: (i32, i32), tint: Tint) {
        canvas.draw(self.art.sprite(tile), place, tint);
    }

    /// A frame of an animation that shows each frame for `ticks`; `offset` sets neighbours apart.
    fn frame(&self, ticks: u32, frames: u16, offset: i32) -> u16 {
        let step = (self.world.tick() / ticks).wrapping_add(offset.unsigned_abs()) % u32::from(frames);
        u16::try_from(step).unwrap_or_default()
    }

    /// How much of the morning is there, from 0 to [`FULL`].
    fn morning(&self) -> u8 {
        match self.world.mood() {
            (_, Mood::Dawn, turned) => turned,
            _ => 0,
        }
    }

    /// Lights the canvas: Wick's lantern, lit stones, and fireflies.
    fn shine(&self, canvas: &mut Canvas) {
        canvas.darken();
        if self.morning() == FULL {
            return;
        }
        let flicker = if self.frame(7, 5, 0) == 0 { 1 } else { 0 };
        let (x, y) = self.wick_lantern();
        let caught = i32::try_from(self.world.caught()).unwrap_or_default();
        canvas.shine(x, y, 56 + caught.min(20) * 2 - flicker);
        for lantern in self.world.lanterns().iter().filter(|lantern| lantern.lit) {
            let (x, y) = self.on_canvas(lantern.column * SPOT + 8, lantern.row * SPOT - 2);
            canvas.shine(x, y, 46 + flicker);
        }
        for firefly in self.world.fireflies().iter().filter(|firefly| firefly.caught.is_none()) {
            let (x, y) = firefly.place(self.world.tick());
            let (x, y) = self.on_canvas(x, y);
            canvas.shine(x, y, 20);
        }
    }

    fn heavens(&self, canvas: &mut Canvas) {
        let drop = self.sky_drop();
        let wide = canvas.width();
        let tick = i32::try_from(self.world.tick() % 1_000_000).unwrap_or_default();
        for column in 0..=wide / 32 {
            for row in 0..6 {
                let cell = sky::heavens::GRADIENT.nth(row);
                self.tile(canvas, cell, (column * 32, drop + i32::from(row) * 32), self.far);
            }
            for row in 0..3 {
                let cell = sky::heavens::STARS.nth(scatter(column, row, 4));
                let fades = u8::try_from(row).unwrap_or_default() * 16;
                let there = (FULL - self.morning()).saturating_sub(fades);
                self.tile(canvas, cell, (column * 32, drop + row * 32), Tint { there, ..self.far });
            }
        }
        let morning = self.morning();
        let setting = Tint { there: FULL - morning, ..self.far };
        self.picture(canvas, &MOON, (wide * 3 / 4, drop + 12), setting);
        if morning > 0 {
            let height = drop + 36 + i32::from(FULL - morning);
            self.picture(canvas, &SUN, (wide * 2 / 3, height), self.far);
        }
        for (cloud, x, y, slow) in
            [(&CLOUD, 40, 22, 9), (&WISP, 150, 44, 7), (&CLOUD, 262, 56, 6), (&WISP, 12, 62, 5)]
        {
            let x = (x - self.left / (slow + 4) + tick / (slow * 6)).rem_euclid(wide.max(320) + 96) - 96;
            self.picture(canvas, cloud, (x, drop + y), self.far);
        }
    }

    fn hills(&self, canvas: &mut Canvas) {
        let drop = self.sky_drop();
        let across = i32::try_from(WIDTH).unwrap_or_default();
        for (sheet, y, slow) in
            [(sky::hills::FAR, 66, 8), (sky::hills::ROLLING, 82, 4), (sky::hills::TREELINE, 94, 2)]
        {
            let hills = Picture(sheet, 10, 2);
            let x = -(self.left / slow).rem_euclid(across);
            for x in [x, x + across] {
                self.picture(canvas, &hills, (x, drop + y), self.far);
            }
        }
    }

    /// The spots in view, with a margin for what is larger than its spot, and their places.
    fn spots(&self, canvas: &Canvas) -> impl Iterator<Item = (i32, i32, Spot, (i32, i32))> + use<'a> {
        let level = self.world.level();
        let (left, top) = (self.left, self.top);
        let columns = (left / SPOT - 4).max(0)..((left + canvas.width()) / SPOT + 5).min(level.width());
        (0..level.height()).flat_map(move |row| {
            columns.clone().map(move |column| {
                (column, row, level.at(column, row), (column * SPOT - left, row * SPOT - top))
            })
        })
    }

    fn grove(&self, canvas: &mut Canvas) {
        for (column, row, spot, (x, y)) in self.spots(canvas) {
            match spot {
                Spot::Oak => {
                    self.picture(canvas, &OAK, (x - 40, y - 80), self.near);
                    let blinks =
                        u16::from(self.world.tick().wrapping_add(column.unsigned_abs() * 71) % 250 < 12);
                    self.tile(canvas, creatures::woodland::OWL.nth(blinks), (x, y - 20), self.near);
                }
                Spot::Birch => self.picture(canvas, &BIRCH, (x - 24, y - 80), self.near),
                Spot::Gate => self.picture(canvas, &GATE, (x - 24, y - 48), self.near),
                Spot::Bench => self.tile(canvas, grove::BENCH, (x - 8, y - 16), self.near),
                Spot::Fence => self.tile(canvas, grove::FENCE, (x - 8, y - 16), self.near),
                Spot::Lantern => {
                    let lit =
                        self.world.lanterns().iter().any(|l| l.lit && (l.column, l.row) == (column, row));
                    let stone = if lit { grove::LANTERN_LIT } else { grove::LANTERN };
                    self.tile(canvas, stone, (x - 8, y - 16), self.near);
                }
                _ => {}
            }
        }
    }

    fn plants(&self, canvas: &mut Canvas) {
        for (column, _, spot, place) in self.spots(canvas) {
            let sway = self.frame(48, 2, column);
            let tile = match spot {
                Spot::Daisy => meadow::plants::DAISY.nth(sway),
                Spot::Tulip => meadow::plants::TULIP.nth(sway),
                Spot::Bluebell => meadow::plants::BLUEBELL.nth(sway),
                Spot::Fern => meadow::plants::FERN.nth(sway),
                Spot::Reeds => meadow::plants::REEDS.nth(sway),
                Spot::Mushrooms => meadow::plants::MUSHROOMS,
                Spot::Rosebush => meadow::plants::ROSEBUSH,
                Spot::Bramble => meadow::terrain::BRAMBLE.nth(sway),
                _ => continue,
            };
            self.tile(canvas, tile, place, self.near);
        }
    }

    fn ground(&self, canvas: &mut Canvas) {
        let level = self.world.level();
        for (column, row, spot, place) in self.spots(canvas) {
            if spot.is_ground() {
                self.tile(canvas, self.soil(column, row), place, self.near);
            }
            let tile = match spot {
                Spot::Pebbles => meadow::terrain::PEBBLES,
                Spot::Fossil => meadow::terrain::FOSSIL,
                Spot::Roots => meadow::terrain::ROOTS,
                Spot::Pond => meadow::terrain::POND.nth(self.frame(12, 4, 0)),
                Spot::Plank => {
                    let (before, after) = (level.at(column - 1, row), level.at(column + 1, row));
                    let part = if before != Spot::Plank {
                        0
                    } else if after != Spot::Plank {
                        2
                    } else {
                        1
                    };
                    meadow::terrain::PLANK.nth(part)
                }
                _ => continue,
            };
            self.tile(canvas, tile, place, self.near);
        }
    }

    /// The cell of soil whose edges are those of its neighbours: bits up, right, down, left.
    fn soil(&self, column: i32, row: i32) -> Tile {
        let level = self.world.level();
        let sides = [(0, -1), (1, 0), (0, 1), (-1, 0)];
        let mask = (0..).zip(sides).filter(|(_, (dx, dy))| level.is_land(column + dx, row + dy));
        let mask: u16 = mask.map(|(bit, _)| 1 << bit).sum();
        let depth = (1..=2).take_while(|up| level.is_land(column, row - up)).count();
        let variant = scatter(column, row, 4);
        match (mask, depth) {
            (15, 1) => meadow::terrain::SEAM.nth(variant),
            (15, 2) => meadow::terrain::LOAM.nth(variant),
            _ if variant == 0 => meadow::terrain::TURF_WORN.nth(mask),
            _ => meadow::terrain::TURF.nth(mask),
        }
    }

    /// Grass in front of everybody's feet.
    fn grass(&self, canvas: &mut Canvas) {
        let level = self.world.level();
        for (column, row, spot, (x, y)) in self.spots(canvas) {
            let variant = scatter(column, row, 5);
            if spot.is_ground() && !level.is_land(column, row - 1) && variant < 4 {
                self.tile(canvas, meadow::terrain::TUFTS.nth(variant), (x, y - 15), self.near);
            }
        }
    }

    fn hedgehogs(&self, canvas: &mut Canvas) {
        for hedgehog in self.world.hedgehogs() {
            let (x, y, left) = hedgehog.place(self.world.tick());
            let sprite = self.art.sprite(creatures::woodland::HEDGEHOG.nth(self.frame(8, 4, 0)));
            canvas.draw_scaled(sprite, self.on_canvas(x, y), self.near, left, 1);
        }
    }

    /// The upper left corner of Wick's tile on the canvas. The body stands a little left of its
    /// middle, because the lantern is carried ahead.
    fn wick_place(&self) -> (i32, i32) {
        let wick = self.world.hero();
        let (middle, top) = (wick.middle().0, wick.place().1);
        self.on_canvas(middle - if wick.faces_left() { 18 } else { 14 }, top + body::HEIGHT - 32)
    }

    fn wick_lantern(&self) -> (i32, i32) {
        let (x, y) = self.wick_place();
        (x + if self.world.hero().faces_left() { 6 } else { 25 }, y + 15)
    }

    fn wick(&self, canvas: &mut Canvas) {
        let wick = self.world.hero();
        if self.world.is_sore() && self.frame(4, 2, 0) == 1 {
            return;
        }
        let (vx, vy) = wick.speed();
        let tile = if !wick.is_grounded() {
            if vy < 0 { hero::wick::LEAP } else { hero::wick::FALL }
        } else if vx.abs() > body::UNIT / 4 {
            let step = wick.place().0.rem_euclid(36) / 6;
            hero::wick::WALK.nth(u16::try_from(step).unwrap_or_default())
        } else if self.world.is_done() {
            hero::wick::CHEER.nth(self.frame(18, 2, 0))
        } else if self.world.tick() % 190 < 9 {
            hero::wick::IDLE.nth(3)
        } else {
            hero::wick::IDLE.nth(self.frame(26, 2, 0))
        };
        let tint = Tint::plain(Light::Lantern as usize);
        canvas.draw_scaled(self.art.sprite(tile), self.wick_place(), tint, wick.faces_left(), 1);
    }

    fn fireflies(&self, canvas: &mut Canvas) {
        let tick = self.world.tick();
        for firefly in self.world.fireflies() {
            // Four palettes, four kinds of light.
            let tint = Tint::plain(usize::try_from(firefly.kind() % 4).unwrap_or_default());
            let (x, y) = firefly.place(firefly.caught.unwrap_or(tick));
            let (x, y) = self.on_canvas(x - 4, y - 4);
            let Some(caught) = firefly.caught else {
                let offset = i32::try_from(firefly.kind()).unwrap_or_default();
                self.tile(canvas, creatures::firefly::GLOW.nth(self.frame(6, 4, offset)), (x, y), tint);
                continue;
            };
            if let Some(frame) = (tick - caught).checked_mul(3).map(|at| at / SPARKLE).filter(|at| *at < 3) {
                let frame = u16::try_from(frame).unwrap_or_default();
                self.tile(canvas, creatures::firefly::SPARKLE.nth(frame), (x, y), tint);
            }
        }
    }
}

/// A number below `below` that looks like chance and is always the same for a place.
fn scatter(column: i32, row: i32, below: u32) -> u16 {
    let mut n =
        column.unsigned_abs().wrapping_mul(0x9e37_79b1) ^ row.unsigned_abs().wrapping_mul(0x85eb_ca77);
    n ^= n >> 15;
    n = n.wrapping_mul(0x2c1b_3c6d);
    n ^= n >> 13;
    u16::try_from(n % below.max(1)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hero::Input;

    #[test]
    fn no_pixel_of_any_hour_and_any_canvas_is_left_out() {
        let art = Art::open().unwrap();
        let mut world = World::new(art.level().clone());
        let walk = Input { left: false, right: true, hop: true };
        for tick in 0..1200 {
            if tick % 200 == 0 {
                for (width, height) in [(320, 180), (160, 92), (200, 98), (20, 8)] {
                    let mut canvas = Canvas::new(width, height);
                    paint(&mut canvas, &art, &world);
                    // No palette of the game has black in it.
                    let left_out = canvas.rows().flatten().filter(|pixel| **pixel == [0; 3]).count();
                    assert_eq!(left_out, 0, "tick {tick}, {width} x {height}");
                }
            }
            world.step(walk);
        }
    }

    #[test]
    fn scattering_gives_every_variant() {
        for variant in 0..4 {
            assert!((0..40).any(|column| scatter(column, 9, 4) == variant), "never {variant}");
        }
    }
}
