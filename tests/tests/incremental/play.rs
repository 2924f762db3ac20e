//! A history: what it is, how it is played, and how it is made short when something is wrong.
//!
//! A history is two games by chance and a list of numbers, one a step. A step does what its number says
//! with whatever it finds, so that any part of a list is a history as well: the shortest one that still
//! shows what is wrong is found by leaving out one step after the other.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use packer_tests::dice::Dice;
use prometeu_packer::host::Alone;
use prometeu_packer::ops::{PackGoal, Status};
use prometeu_packer::storage::faulty::{Failure, FaultyStorage, Repeat};
use prometeu_packer::{Host, Project};

use super::files::{look, restore};
use super::ground::{Ground, Place};
use super::judge::{Ask, Wrong};
use super::steps::step;
use super::world::World;

/// What histories came to.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Tally {
    pub(crate) histories: usize,
    pub(crate) packed: usize,
    pub(crate) blocked: usize,
    pub(crate) failed: usize,
    pub(crate) disturbed: usize,
}

impl Tally {
    pub(crate) fn add(&mut self, other: &Self) {
        self.histories += other.histories;
        self.packed += other.packed;
        self.blocked += other.blocked;
        self.failed += other.failed;
        self.disturbed += other.disturbed;
    }
}

/// The numbers of a history.
fn history(seed: u64, steps: usize) -> Vec<u64> {
    let mut dice = Dice::new(seed);
    (0..steps).map(|_| dice.throw()).collect()
}

/// Plays a history on new ground, and when something is wrong, the shortest part of it that shows
/// that; `disturb` packs once in a way that is disturbed, before the pack that counts.
///
/// # Errors
///
/// What is wrong, with the story.
pub(crate) fn play(
    seed: u64,
    ground: &dyn Fn() -> Ground,
    steps: usize,
    disturb: fn(&mut World, Ask, &mut Dice) -> Option<String>,
) -> Result<Tally, String> {
    let attempt = |steps: &[u64]| -> Result<Tally, String> {
        let mut story = Vec::new();
        let played = catch_unwind(AssertUnwindSafe(|| {
            let mut world = World::new(ground(), &mut Dice::new(seed));
            tell(&mut world, steps, &mut story, disturb)
        }));
        let wrong = match played {
            Ok(Ok(tally)) => return Ok(tally),
            Ok(Err(Wrong(wrong))) => wrong,
            Err(panic) => format!("a panic: {}", words(&*panic)),
        };
        Err(format!("{}\n{wrong}", story.join("\n")))
    };
    let mut steps = history(seed, steps);
    let mut wrong = match attempt(&steps) {
        Ok(tally) => return Ok(tally),
        Err(wrong) => wrong,
    };
    // Until each step is needed: what is left out late may have kept an earlier one.
    loop {
        let before = steps.len();
        let mut n = 0;
        while n < steps.len() {
            let mut fewer = steps.clone();
            fewer.remove(n);
            match attempt(&fewer) {
                Err(shorter) => (steps, wrong) = (fewer, shorter),
                Ok(_) => n += 1,
            }
        }
        if steps.len() == before {
            break;
        }
    }
    Err(format!("history {seed:#x}, at its shortest:\n{wrong}"))
}

fn words(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default()
}

fn tell(
    world: &mut World,
    steps: &[u64],
    story: &mut Vec<String>,
    disturb: fn(&mut World, Ask, &mut Dice) -> Option<String>,
) -> Result<Tally, Wrong> {
    let mut tally = Tally { histories: 1, ..Tally::default() };
    story.push(format!("{:?}, {} threads", world.ground.eyes, world.workers));
    let mut blocked_for = 0;
    // The first pack is of what is there at the beginning.
    for number in [None].into_iter().chain(steps.iter().map(Some)) {
        let dice = &mut Dice::new(number.copied().unwrap_or(1));
        if number.is_some() {
            world.at = usize::from(dice.once_in(6));
            for _ in 0..1 + dice.below(2) {
                if blocked_for > 1
                    && let Some(tree) = world.sound[world.at].clone()
                {
                    story.push(restore(world, &tree, dice));
                    blocked_for = 0;
                } else {
                    story.push(step(world, dice));
                }
                let passed = pass(world, dice);
                story.push(format!("  {passed} ns later"));
            }
            // The second game has an output of its own, and now and then takes another's.
            world.out = match (world.at, dice.below(4)) {
                (0, 0) | (1, 1) => 1,
                (0, _) | (1, 0) => 0,
                _ => 2,
            };
        }
        let ask = Ask::any(dice);
        if number.is_some()
            && let Some(disturbed) = disturb(world, ask, dice)
        {
            tally.disturbed += 1;
            story.push(disturbed);
        }
        story.push(format!("  pack {} into {}: {ask:?}", world.at, world.out));
        match world.judge(ask)? {
            Status::Ok => {
                tally.packed += 1;
                blocked_for = 0;
                world.sound[world.at] = Some(look(world));
            }
            Status::Blocked => {
                tally.blocked += 1;
                blocked_for += 1;
            }
            Status::Failed => {
                tally.failed += 1;
                blocked_for += 1;
            }
        }
        story.push("  as from nothing".to_owned());
    }
    Ok(tally)
}

fn pass(world: &World, dice: &mut Dice) -> i128 {
    let nanos = *dice.pick(&[
        0,
        0,
        1_000_000,
        5_000_000,
        900_000_000,
        1_990_000_000,
        2_010_000_000,
        10_000_000_000,
        3_600_000_000_000,
    ]);
    world.ground.pass(nanos);
    nanos
}

/// A pack that dies, fails, loses its power, or has its files edited while it reads them. In memory.
pub(crate) fn disturb(world: &mut World, ask: Ask, dice: &mut Dice) -> Option<String> {
    let files = world.ground.memory()?.clone();
    if !dice.once_in(4) {
        return None;
    }
    let call = dice.below(160) as u64;
    let disk = FaultyStorage::new(&files);
    let kind = dice.below(4);
    let mut told = String::new();
    let disk = match kind {
        0 => disk.die_at(call, dice.once_in(2)),
        1 => {
            let failure = *dice.pick(&Failure::ALL);
            let repeat = if dice.once_in(2) { Repeat::Once } else { Repeat::ForGood };
            told = format!(" {failure:?} {repeat:?}");
            disk.fail_call(call, failure, repeat)
        }
        2 => {
            let path = world.file(dice)?;
            let before = world.ground.read(&path)?;
            let mut bytes = World::content(&path, Some(&before), dice);
            if path.ends_with("asset.json") || path.ends_with("index.json") {
                // Another text that can be read.
                let text = String::from_utf8(before).ok()?;
                bytes = text.replace("true", "false").into_bytes();
            }
            told = format!(" edits {}", world.told(&path));
            let (ground, in_place) = (world.ground.clone(), dice.once_in(2));
            disk.before_each(move |_, now| {
                if now.index == call {
                    if in_place {
                        ground.write_in_place(&path, &bytes);
                    } else {
                        ground.write(&path, &bytes);
                    }
                }
            })
        }
        _ => disk,
    };
    let seen = world.ground.seen_through(Arc::new(disk.clone()));
    let request = ask.request(world.outs(world.out), Some(world.cache()), PackGoal::Publish);
    // It may fail as early as that.
    // By one thread, so that the call is the same in each run.
    let host = Host { workers: Arc::new(Alone), ..world.host(seen) };
    if let Ok(project) = Project::open_for_build(host, &world.game()) {
        let response = project.pack(&request);
        told = format!("{told}: {}", response.status.as_str());
    }
    world.disturbed[world.out] = true;
    let power_cut = kind == 3 || (kind == 0 && dice.once_in(3));
    if power_cut {
        let mut states = files.crash_states(20, dice.throw());
        let count = states.len();
        let state = states.nth(dice.below(count.max(1)))?;
        world.ground.place = Place::Memory(state);
        world.open = [const { None }; 2];
        world.disturbed = [true; 3];
    }
    let kind = ["dies", "fails", "is edited", "is done"][kind];
    Some(format!("  a pack {kind} at call {call} of {}{told}, the power cut {power_cut}", disk.calls()))
}
