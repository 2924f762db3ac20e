//! Plays by itself while nobody presses a key.
//!
//! It has no eyes for the picture and no list of moves: it tries futures. From where Wick stands it
//! spreads out over what a few keys, held for a moment, would lead to, under the very rules of the
//! game, until one future catches a firefly without a scratch; then it presses those keys. Futures
//! that end up in nearly the same place are tried once. When none is found within the bound it
//! wanders on, so it never hangs, but it does not promise to solve every garden. After each catch
//! it looks at the garden for a moment, when nothing with spines comes by meanwhile.

use std::collections::{HashSet, VecDeque};

use crate::hero::{Hero, Input};
use crate::world::World;

/// Ticks for which each key is held.
const HOLD: u32 = 9;

/// Ticks for which it stands and looks after a catch.
const PAUSE: u32 = 50;

/// The most futures that are looked at for one plan.
const BOUND: usize = 30_000;

const KEYS: [Input; 6] = [
    Input { left: false, right: true, hop: false },
    Input { left: false, right: true, hop: true },
    Input { left: false, right: false, hop: true },
    Input { left: true, right: false, hop: true },
    Input { left: true, right: false, hop: false },
    Input { left: false, right: false, hop: false },
];

/// The keys that are still to be pressed, each for one tick.
#[derive(Debug, Default)]
pub(crate) struct Attract {
    keys: VecDeque<Input>,
    /// What was caught when it last stood still.
    caught: Option<usize>,
}

/// A place that was reached, and the keys that led there.
struct Future {
    hero: Hero,
    tick: u32,
    before: Option<(usize, Input)>,
}

impl Attract {
    /// The keys for the next tick.
    pub(crate) fn press(&mut self, world: &World) -> Input {
        if world.is_done() {
            self.keys.clear();
            return Input::default();
        }
        if self.keys.is_empty() && world.hero().is_grounded() && self.caught != Some(world.caught()) {
            self.caught = Some(world.caught());
            self.keys = pause(world);
        }
        if self.keys.is_empty() {
            self.keys = plan(world);
        }
        self.keys.pop_front().unwrap_or_default()
    }
}

/// No keys for a moment, or none at all where standing would hurt.
fn pause(world: &World) -> VecDeque<Input> {
    let mut hero = *world.hero();
    let safe = (1..=PAUSE * 2).all(|after| {
        hero.step(world.level(), Input::default());
        world.pricks(&hero, world.tick() + after).is_none()
    });
    (0..PAUSE).filter(|_| safe).map(|_| Input::default()).collect()
}

/// The shortest way to some firefly, in ticks.
fn plan(world: &World) -> VecDeque<Input> {
    let mut futures = vec![Future { hero: *world.hero(), tick: world.tick(), before: None }];
    let mut seen = HashSet::new();
    let mut at = 0;
    while at < futures.len() && futures.len() < BOUND {
        for keys in KEYS {
            let Future { mut hero, mut tick, .. } = futures[at];
            let (mut pricked, mut caught) = (false, false);
            for _ in 0..HOLD {
                hero.step(world.level(), keys);
                tick += 1;
                pricked |= world.pricks(&hero, tick).is_some();
                caught |= world.catches(&hero, tick);
            }
            if pricked && !world.is_sore() {
                continue;
            }
            if caught || seen.insert(roughly(&hero)) {
                futures.push(Future { hero, tick, before: Some((at, keys)) });
            }
            if caught {
                return retrace(&futures, futures.len() - 1);
            }
        }
        at += 1;
    }
    // Nothing in reach: go wherever the search got last, and think again there.
    retrace(&futures, futures.len() - 1)
}

/// Place and speed with the small differences taken out.
fn roughly(hero: &Hero) -> (i32, i32, i32, i32, bool) {
    let ((x, y), (vx, vy)) = (hero.place(), hero.speed());
    (x / 6, y / 6, vx / 180, vy / 300, hero.is_grounded())
}

fn retrace(futures: &[Future], last: usize) -> VecDeque<Input> {
    let mut keys = VecDeque::new();
    let mut at = last;
    while let Some((before, input)) = futures[at].before {
        for _ in 0..HOLD {
            keys.push_front(input);
        }
        at = before;
    }
    keys
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::level::Level;
    use crate::world::HEARTS;

    /// The garden after the attract mode has played in it for so long, or was done.
    fn play(text: &str, seconds: u32) -> World {
        let mut world = World::new(Level::parse(text).unwrap());
        let mut attract = Attract::default();
        for _ in 0..seconds * 60 {
            if world.is_done() {
                break;
            }
            let keys = attract.press(&world);
            world.step(keys);
        }
        world
    }

    #[test]
    fn it_hops_over_brambles_without_a_scratch() {
        let world = play("........\n@..x...*\n########", 10);
        assert!(world.is_done());
        assert_eq!(world.hearts(), HEARTS);
    }

    #[test]
    fn it_climbs_planks_to_a_firefly_above() {
        let text =
            "..........\n......*...\n.....===..\n..........\n.===......\n..........\n@.........\n##########";
        assert!(play(text, 20).is_done());
    }

    #[test]
    fn it_goes_on_when_a_firefly_is_out_of_reach() {
        let text = "#*########\n##########\n..........\n..........\n@......*..\n##########";
        let world = play(text, 20);
        assert_eq!(world.caught(), 1);
    }

    #[test]
    fn it_brings_every_firefly_of_the_meadow_home_without_a_scratch() {
        let art = crate::art::Art::open().unwrap();
        let mut world = World::new(art.level().clone());
        let mut attract = Attract::default();
        let mut hearts = world.hearts();
        while !world.is_done() && world.tick() < 90 * 60 {
            let keys = attract.press(&world);
            world.step(keys);
            hearts = hearts.min(world.hearts());
        }
        assert!(world.is_done(), "{} of {} home", world.caught(), world.fireflies().len());
        assert_eq!(hearts, HEARTS);
    }
}
