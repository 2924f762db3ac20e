//! The garden at one moment, and the next moment of it.
//!
//! A world is advanced in ticks of 1/60 second, from an [`Input`] each; nothing else goes in, no
//! clock and no chance, so a game is its level and its keys. Things that move by themselves are
//! functions of the tick: whoever plans ahead ([`crate::attract`]) can ask where they will be. Each
//! tick tells its [`Moment`]s; what they sound like is the business of [`crate::recording`].

use crate::hero::{HEIGHT, Hero, Input, WIDTH};
use crate::level::{Level, SPOT, Spot};

/// Ticks of a second.
pub(crate) const TICKS_A_SECOND: u32 = 60;

/// How often Wick can be pricked before a rest is needed.
pub(crate) const HEARTS: u8 = 3;

/// Ticks that the light takes from one [`Mood`] to the next.
const FADE: u32 = 4 * TICKS_A_SECOND;
/// Ticks after a prick in which nothing else pricks.
const SORE: u32 = 90;
/// Ticks for which a line of the poem stays.
const LINE: u32 = 6 * TICKS_A_SECOND;
/// Ticks of the sparkle that a caught firefly leaves.
pub(crate) const SPARKLE: u32 = 18;
/// Ticks of celebration before the garden may start again.
const MORNING: u32 = 14 * TICKS_A_SECOND;

/// The light that lies over everything the lantern does not reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mood {
    Dusk,
    Night,
    Dawn,
}

/// What can happen in a tick.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Moment {
    /// Wick hops.
    Leap,
    /// A firefly is caught.
    Catch,
    /// A stone lantern is lit.
    Light,
    /// Wick is pricked.
    Ouch,
    /// The last firefly was caught, and the morning begins.
    Morning,
}

/// A firefly, caught or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Firefly {
    column: i32,
    row: i32,
    /// The tick in which it was caught.
    pub(crate) caught: Option<u32>,
}

/// A stone lantern, lit or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Lantern {
    pub(crate) column: i32,
    pub(crate) row: i32,
    pub(crate) lit: bool,
}

/// A hedgehog, who walks to and fro and has spines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Hedgehog {
    from: i32,
    to: i32,
    row: i32,
}

/// The garden at one moment.
#[derive(Debug, Clone)]
pub(crate) struct World {
    level: Level,
    tick: u32,
    hero: Hero,
    home: Hero,
    hearts: u8,
    sore_until: u32,
    fireflies: Vec<Firefly>,
    lanterns: Vec<Lantern>,
    hedgehogs: Vec<Hedgehog>,
    brambles: Vec<(i32, i32)>,
    mood: (Mood, Mood),
    mood_since: u32,
    moments: Vec<Moment>,
}

impl Firefly {
    /// Its middle in pixels: it hovers around its spot.
    pub(crate) fn place(&self, tick: u32) -> (i32, i32) {
        let phase = tick.wrapping_add(self.column.unsigned_abs() * 37);
        let (x, y) = (self.column * SPOT + SPOT / 2, self.row * SPOT + SPOT / 2);
        (x + swing(phase, 150, 4), y + swing(phase, 96, 3))
    }

    /// A number of its own, for colour and for being out of step with the others.
    pub(crate) const fn kind(&self) -> u32 {
        self.column.unsigned_abs() * 3 + self.row.unsigned_abs()
    }
}

impl Hedgehog {
    /// How long it stays within the spots that it can walk on, and where those are.
    fn new(level: &Level, column: i32, row: i32) -> Self {
        let walkable = |at: i32| {
            level.at(at, row + 1).is_ground() && level.at(at, row) != Spot::Bramble && !level.is_land(at, row)
        };
        let reach = |step: i32| (1..=3).map(|n| column + n * step).take_while(|at| walkable(*at)).last();
        Self { from: reach(-1).unwrap_or(column) * SPOT, to: reach(1).unwrap_or(column) * SPOT, row }
    }

    /// The left and upper edge of its spot in pixels, and whether it walks to the left.
    pub(crate) fn place(&self, tick: u32) -> (i32, i32, bool) {
        let way = (self.to - self.from).max(1).unsigned_abs();
        let at = tick / 3 % (way * 2);
        let left = at >= way;
        let along = if left { way * 2 - at } else { at };
        (self.from + i32::try_from(along).unwrap_or_default(), self.row * SPOT, left)
    }
}

impl World {
    /// The garden at dusk, with Wick at the start.
    pub(crate) fn new(level: Level) -> Self {
        let (column, row) = level.find(Spot::Start).first().copied().unwrap_or_default();
        let hero = Hero::at(column, row);
        let fireflies = level.find(Spot::Firefly);
        let lanterns = level.find(Spot::Lantern);
        let hedgehogs = level.find(Spot::Hedgehog);
        Self {
            tick: 0,
            hero,
            home: hero,
            hearts: HEARTS,
            sore_until: 0,
            fireflies: fireflies
                .into_iter()
                .map(|(column, row)| Firefly { column, row, caught: None })
                .collect(),
            lanterns: lanterns.into_iter().map(|(column, row)| Lantern { column, row, lit: false }).collect(),
            hedgehogs: hedgehogs
                .into_iter()
                .map(|(column, row)| Hedgehog::new(&level, column, row))
                .collect(),
            brambles: level.find(Spot::Bramble),
            mood: (Mood::Dusk, Mood::Dusk),
            mood_since: 0,
            moments: Vec::new(),
            level,
        }
    }

    /// One tick.
    pub(crate) fn step(&mut self, input: Input) {
        self.tick += 1;
        self.moments.clear();
        let done = self.is_done();
        if self.hero.step(&self.level, if done { Input::default() } else { input }) {
            self.moments.push(Moment::Leap);
        }
        if !done {
            self.catch();
            self.light();
            if let Some(from) = self.pricks(&self.hero, self.tick).filter(|_| self.tick >= self.sore_until) {
                self.prick(from);
            }
            if self.is_done() {
                self.moments.push(Moment::Morning);
            }
        }
        self.turn_mood();
    }

    fn catch(&mut self) {
        for firefly in &mut self.fireflies {
            if firefly.caught.is_none() && touches(&self.hero, firefly.place(self.tick), 7) {
                firefly.caught = Some(self.tick);
                self.moments.push(Moment::Catch);
            }
        }
    }

    fn light(&mut self) {
        for lantern in &mut self.lanterns {
            let middle = (lantern.column * SPOT + SPOT / 2, lantern.row * SPOT + SPOT / 2);
            if !lantern.lit && touches(&self.hero, middle, 20) {
                lantern.lit = true;
                self.moments.push(Moment::Light);
                self.hearts = (self.hearts + 1).min(HEARTS);
                self.home = Hero::at(lantern.column, lantern.row);
            }
        }
    }

    fn prick(&mut self, from: i32) {
        self.moments.push(Moment::Ouch);
        self.hearts -= 1;
        self.sore_until = self.tick + SORE;
        if self.hearts == 0 {
            self.hearts = HEARTS;
            self.hero = self.home;
        } else {
            self.hero.bounce(from);
        }
    }

    fn turn_mood(&mut self) {
        let wanted = if self.is_done() {
            Mood::Dawn
        } else if self.caught() * 4 >= self.fireflies.len() {
            Mood::Night
        } else {
            Mood::Dusk
        };
        if wanted != self.mood.1 && self.mood_faded() {
            self.mood = (self.mood.1, wanted);
            self.mood_since = self.tick;
        }
    }

    fn mood_faded(&self) -> bool {
        self.mood.0 == self.mood.1 || self.tick - self.mood_since >= FADE
    }

    /// The middle of what would prick a hero there in that tick, in pixels from the left.
    pub(crate) fn pricks(&self, hero: &Hero, tick: u32) -> Option<i32> {
        let brambles = self.brambles.iter().map(|(column, row)| (column * SPOT + SPOT / 2, row * SPOT + 11));
        let hedgehogs = self.hedgehogs.iter().map(|hedgehog| {
            let (x, y, _) = hedgehog.place(tick);
            (x + SPOT / 2, y + 11)
        });
        brambles.chain(hedgehogs).find(|at| touches(hero, *at, 4)).map(|(x, _)| x)
    }

    /// Whether a hero there in that tick would catch a firefly that is still free.
    pub(crate) fn catches(&self, hero: &Hero, tick: u32) -> bool {
        self.fireflies.iter().any(|fly| fly.caught.is_none() && touches(hero, fly.place(tick), 7))
    }

    pub(crate) const fn level(&self) -> &Level {
        &self.level
    }

    pub(crate) const fn tick(&self) -> u32 {
        self.tick
    }

    /// What happened in the last tick, in the order of the rules.
    pub(crate) fn moments(&self) -> &[Moment] {
        &self.moments
    }

    pub(crate) const fn hero(&self) -> &Hero {
        &self.hero
    }

    pub(crate) const fn hearts(&self) -> u8 {
        self.hearts
    }

    /// Whether Wick was pricked just now.
    pub(crate) const fn is_sore(&self) -> bool {
        self.tick < self.sore_until
    }

    pub(crate) fn fireflies(&self) -> &[Firefly] {
        &self.fireflies
    }

    pub(crate) fn lanterns(&self) -> &[Lantern] {
        &self.lanterns
    }

    pub(crate) fn hedgehogs(&self) -> &[Hedgehog] {
        &self.hedgehogs
    }

    /// How many fireflies are in the lantern.
    pub(crate) fn caught(&self) -> usize {
        self.fireflies.iter().filter(|firefly| firefly.caught.is_some()).count()
    }

    /// Whether all of them are: then the morning comes.
    pub(crate) fn is_done(&self) -> bool {
        self.caught() == self.fireflies.len()
    }

    /// Whether the morning has been looked at for long enough.
    pub(crate) fn is_over(&self) -> bool {
        self.is_done() && self.tick.saturating_sub(self.last_catch()) > MORNING
    }

    fn last_catch(&self) -> u32 {
        self.fireflies.iter().filter_map(|firefly| firefly.caught).max().unwrap_or_default()
    }

    /// The light before and after, and how far it has turned, in 64ths.
    pub(crate) fn mood(&self) -> (Mood, Mood, u8) {
        let turned = (self.tick - self.mood_since).min(FADE) * 64 / FADE;
        (self.mood.0, self.mood.1, u8::try_from(turned).unwrap_or(64))
    }

    /// Which of `lines` lines of a poem is to be read now: the first at once, the others one by one
    /// as fireflies are caught, the last with the last of them.
    pub(crate) fn line(&self, lines: usize) -> Option<usize> {
        if self.tick - self.last_catch() > LINE && !self.is_done() {
            return None;
        }
        let last = lines.checked_sub(1)?;
        let (caught, all) = (self.caught(), self.fireflies.len());
        let line = caught * last / all;
        // Only the catch that reaches a line shows it.
        let reached = caught == 0 || line != (caught - 1) * last / all;
        reached.then_some(line)
    }
}

/// Whether Wick's body comes within `reach` pixels of a point, each direction by itself.
fn touches(hero: &Hero, (x, y): (i32, i32), reach: i32) -> bool {
    let (left, top) = hero.place();
    (left - reach..left + WIDTH + reach).contains(&x) && (top - reach..top + HEIGHT + reach).contains(&y)
}

/// A swing from `-height` to `height` and back within `period` ticks, in whole pixels.
fn swing(tick: u32, period: u32, height: i32) -> i32 {
    let half = i32::try_from(period / 2).unwrap_or(1);
    let at = i32::try_from(tick % period).unwrap_or_default();
    let up = if at < half { at } else { half * 2 - at };
    // Smooth at both ends: 3t² - 2t³ of the way, in half-ticks.
    let way = i64::from(up) * i64::from(up) * i64::from(3 * half - 2 * up);
    let whole = i64::from(half) * i64::from(half) * i64::from(half);
    i32::try_from(way * i64::from(height) * 2 / whole.max(1)).unwrap_or_default() - height
}

#[cfg(test)]
mod tests {
    use super::*;

    const RIGHT: Input = Input { left: false, right: true, hop: false };

    fn world(text: &str) -> World {
        World::new(Level::parse(text).unwrap())
    }

    fn run(text: &str, input: Input, ticks: u32) -> World {
        let mut world = world(text);
        for _ in 0..ticks {
            world.step(input);
        }
        world
    }

    #[test]
    fn the_same_keys_give_the_same_garden() {
        let text = "......\n@.h.*.L..*\n##########";
        let (one, two) = (run(text, RIGHT, 300), run(text, RIGHT, 300));
        assert_eq!(one.hero(), two.hero());
        assert_eq!(one.fireflies(), two.fireflies());
    }

    #[test]
    fn touching_a_firefly_catches_it() {
        let world = run("@..*....*\n#########", RIGHT, 60);
        assert_eq!(world.caught(), 1);
        assert!(!world.is_done());
    }

    #[test]
    fn the_last_firefly_brings_the_morning() {
        let world = run("@..*\n####", RIGHT, 60 + FADE);
        assert!(world.is_done());
        assert_eq!(world.mood(), (Mood::Dusk, Mood::Dawn, 64));
    }

    #[test]
    fn brambles_cost_a_heart_and_throw_back() {
        let world = run("@...x..*\n########", RIGHT, 60);
        assert_eq!(world.hearts(), HEARTS - 1);
        assert!(world.hero().middle().0 < 4 * SPOT);
    }

    #[test]
    fn without_hearts_the_walk_goes_on_from_the_last_lantern() {
        let world = run("@.L..x...*\n##########", RIGHT, 60 * 8);
        assert!(world.lanterns()[0].lit);
        assert!(world.hearts() > 0);
        assert!(world.hero().middle().0 >= 2 * SPOT, "woke up at {:?}", world.hero().middle());
    }

    #[test]
    fn each_thing_is_told_in_the_tick_in_which_it_happens() {
        let state = |world: &World| {
            let flags = [world.lanterns()[0].lit, world.is_sore(), world.is_done()].map(usize::from);
            [world.caught(), flags[0], flags[1], flags[2]]
        };
        let mut world = world("@.L.*..x..*\n###########");
        let mut told = Vec::new();
        for tick in 0..300 {
            let before = state(&world);
            world.step(Input { hop: tick == 0, ..RIGHT });
            let after = state(&world);
            let is_told = |moment| world.moments().contains(&moment);
            let moments = [Moment::Catch, Moment::Light, Moment::Ouch, Moment::Morning];
            for (n, moment) in moments.into_iter().enumerate() {
                assert_eq!(is_told(moment), before[n] < after[n], "{moment:?} in tick {tick}");
            }
            assert_eq!(is_told(Moment::Leap), tick == 0, "tick {tick}");
            told.extend_from_slice(world.moments());
        }
        let once = [Moment::Leap, Moment::Light, Moment::Catch, Moment::Ouch, Moment::Catch, Moment::Morning];
        assert_eq!(told, once);
    }

    #[test]
    fn hedgehogs_stay_where_they_can_walk() {
        let world = world("@*\n..x...h.......\n##########~~##");
        let hedgehog = world.hedgehogs()[0];
        for tick in 0..2000 {
            let (x, ..) = hedgehog.place(tick);
            assert!((3 * SPOT..=9 * SPOT).contains(&x), "at {x} in tick {tick}");
        }
    }

    #[test]
    fn a_swing_stays_within_its_height_and_returns() {
        for tick in 0..400 {
            assert!((-4..=4).contains(&swing(tick, 96, 4)));
            assert_eq!(swing(tick, 96, 4), swing(tick + 96, 96, 4));
        }
        assert_eq!((swing(0, 96, 4), swing(48, 96, 4)), (-4, 4));
    }

    #[test]
    fn the_poem_begins_with_its_first_line_and_ends_with_its_last() {
        let mut world = world("@*..*..*\n########");
        assert_eq!(world.line(4), Some(0));
        while !world.is_done() {
            world.step(RIGHT);
        }
        assert_eq!(world.line(4), Some(3));
        assert_eq!(world.line(0), None);
    }
}
