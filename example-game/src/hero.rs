//! How Wick, who carries the lantern, moves: walking, hopping, wading.
//!
//! Whole numbers only, so the same keys give the same walk on every machine: lengths are in
//! 1/256 pixel ([`UNIT`]), time in ticks of 1/60 second. A step depends on the level and the input
//! alone. What Wick meets on the way is the business of [`crate::world`].

use crate::level::{Level, SPOT, Spot};

/// One pixel, in the unit of positions and speeds.
pub(crate) const UNIT: i32 = 256;

/// Width of Wick's body in pixels.
pub(crate) const WIDTH: i32 = 10;

/// Height of Wick's body in pixels.
pub(crate) const HEIGHT: i32 = 20;

const WALK: i32 = 310;
const WADE: i32 = 190;
const HOP: i32 = -1120;
const GRAVITY: i32 = 46;
const FASTEST_FALL: i32 = 1100;
/// How much the speed to the side changes in a tick.
const GRIP: i32 = 40;
/// Ticks after a ledge in which a hop still works: what feels fair to fingers.
const GRACE: u8 = 6;

/// The keys that are down in one tick.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Input {
    pub(crate) left: bool,
    pub(crate) right: bool,
    pub(crate) hop: bool,
}

/// Where Wick is, and how fast.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Hero {
    /// The left edge of the body, in [`UNIT`]s.
    x: i32,
    /// The upper edge of the body, in [`UNIT`]s.
    y: i32,
    /// To the right, a tick.
    vx: i32,
    /// Downwards, a tick.
    vy: i32,
    left: bool,
    grounded: bool,
    wading: bool,
    grace: u8,
}

impl Hero {
    /// Standing at a spot.
    pub(crate) const fn at(column: i32, row: i32) -> Self {
        Self {
            x: (column * SPOT + (SPOT - WIDTH) / 2) * UNIT,
            y: ((row + 1) * SPOT - HEIGHT) * UNIT,
            vx: 0,
            vy: 0,
            left: false,
            grounded: true,
            wading: false,
            grace: 0,
        }
    }

    /// The body's left and upper edge in pixels.
    pub(crate) const fn place(&self) -> (i32, i32) {
        (self.x.div_euclid(UNIT), self.y.div_euclid(UNIT))
    }

    /// The body's middle in pixels.
    pub(crate) const fn middle(&self) -> (i32, i32) {
        let (x, y) = self.place();
        (x + WIDTH / 2, y + HEIGHT / 2)
    }

    /// The speed to the right and downwards, in [`UNIT`]s a tick.
    pub(crate) const fn speed(&self) -> (i32, i32) {
        (self.vx, self.vy)
    }

    pub(crate) const fn faces_left(&self) -> bool {
        self.left
    }

    pub(crate) const fn is_grounded(&self) -> bool {
        self.grounded
    }

    /// Thrown up and away from what is at `from_x` pixels.
    pub(crate) const fn bounce(&mut self, from_x: i32) {
        self.vx = if self.middle().0 < from_x { -WALK } else { WALK };
        self.vy = HOP / 2;
        self.grounded = false;
        self.grace = 0;
    }

    /// One tick, and whether a hop began in it.
    pub(crate) fn step(&mut self, level: &Level, input: Input) -> bool {
        let (middle, feet) = (self.middle().0, self.place().1 + HEIGHT - 1);
        self.wading = level.at(middle.div_euclid(SPOT), feet.div_euclid(SPOT)) == Spot::Pond;

        let most = if self.wading { WADE } else { WALK };
        let wanted = (i32::from(input.right) - i32::from(input.left)) * most;
        self.vx += (wanted - self.vx).clamp(-GRIP, GRIP);
        if wanted != 0 {
            self.left = wanted < 0;
        }

        self.grace = if self.grounded { GRACE } else { self.grace.saturating_sub(1) };
        let hops = input.hop && self.grace > 0;
        if hops {
            self.vy = HOP;
            self.grace = 0;
        }
        self.vy = (self.vy + GRAVITY).min(FASTEST_FALL);

        self.move_sideways(level);
        self.move_upright(level);
        hops
    }

    fn move_sideways(&mut self, level: &Level) {
        let end = level.width() * SPOT - WIDTH;
        let next = (self.x + self.vx).clamp(0, end * UNIT);
        let ahead = next.div_euclid(UNIT) + if self.vx > 0 { WIDTH - 1 } else { 0 };
        let column = ahead.div_euclid(SPOT);
        let top = self.place().1;
        let blocked = (top.div_euclid(SPOT)..=(top + HEIGHT - 1).div_euclid(SPOT))
            .any(|row| level.at(column, row).is_ground());
        if self.vx != 0 && blocked {
            self.x = if self.vx > 0 { column * SPOT - WIDTH } else { (column + 1) * SPOT } * UNIT;
            self.vx = 0;
        } else {
            self.x = next;
        }
    }

    fn move_upright(&mut self, level: &Level) {
        let (left, top) = self.place();
        let columns = left.div_euclid(SPOT)..=(left + WIDTH - 1).div_euclid(SPOT);
        let next = self.y + self.vy;
        let next_top = next.div_euclid(UNIT);
        self.grounded = false;
        if self.vy >= 0 {
            let (feet, next_feet) = (top + HEIGHT, next_top + HEIGHT);
            let row = next_feet.div_euclid(SPOT);
            // A plank carries whoever comes from above and lets everybody through from below.
            let from_above = feet <= row * SPOT;
            let carries = |spot: Spot| spot.is_ground() || (spot == Spot::Plank && from_above);
            if columns.clone().any(|column| carries(level.at(column, row))) {
                self.y = (row * SPOT - HEIGHT) * UNIT;
                self.vy = 0;
                self.grounded = true;
                return;
            }
        } else {
            let row = next_top.div_euclid(SPOT);
            if columns.clone().any(|column| level.at(column, row).is_ground()) {
                self.y = (row + 1) * SPOT * UNIT;
                self.vy = 0;
                return;
            }
        }
        self.y = next;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RIGHT: Input = Input { left: false, right: true, hop: false };
    const HOP_RIGHT: Input = Input { left: false, right: true, hop: true };
    const HOP_UP: Input = Input { left: false, right: false, hop: true };

    /// Where Wick stands after that many ticks of one input, from column 1 of the row before last.
    fn walk(text: &str, input: Input, ticks: u32) -> Hero {
        let level = Level::parse(&format!("*@\n{text}")).unwrap();
        let mut hero = Hero::at(1, level.height() - 2);
        for _ in 0..ticks {
            hero.step(&level, input);
        }
        hero
    }

    #[test]
    fn standing_still_stays_where_it_is() {
        let hero = walk("....\n....\n####", Input::default(), 100);
        assert_eq!(hero.place(), Hero::at(1, 2).place());
        assert!(hero.is_grounded());
    }

    #[test]
    fn a_wall_ends_the_walk() {
        let hero = walk("....#\n....#\n#####", RIGHT, 200);
        assert_eq!(hero.place().0, 4 * SPOT - WIDTH);
    }

    #[test]
    fn the_garden_ends_at_its_last_column() {
        assert_eq!(walk("........\n........\n########", RIGHT, 400).place().0, 8 * SPOT - WIDTH);
    }

    #[test]
    fn a_hop_clears_three_spots_and_not_four() {
        let plank = |rows: usize| format!(".===\n{}####", "....\n".repeat(rows));
        let rest = |rows| {
            let level = Level::parse(&format!("*@\n....\n....\n{}", plank(rows))).unwrap();
            let mut hero = Hero::at(1, level.height() - 2);
            hero.step(&level, HOP_UP);
            for _ in 0..120 {
                hero.step(&level, Input::default());
            }
            hero.place().1
        };
        assert_eq!(rest(2), 3 * SPOT - HEIGHT, "a plank three spots up carries");
        assert_eq!(rest(3), 7 * SPOT - HEIGHT, "one four spots up is out of reach");
    }

    #[test]
    fn a_hop_crosses_a_gap_of_three_spots() {
        let hero = walk("...........\n##...######", HOP_RIGHT, 70);
        assert!(hero.place().0 > 5 * SPOT, "landed at {:?}", hero.place());
        assert!(hero.place().1 <= SPOT * 2, "fell in at {:?}", hero.place());
    }

    #[test]
    fn water_slows_the_walk() {
        let dry = walk("............\n............\n############", RIGHT, 60).place().0;
        let wet = walk("~~~~~~~~~~~~\n~~~~~~~~~~~~\n############", RIGHT, 60).place().0;
        assert!(wet + 20 < dry, "{wet} px in water, {dry} px on land");
    }
}
