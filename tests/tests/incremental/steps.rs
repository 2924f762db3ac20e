//! Steps of a history: each does something by chance with whatever it finds, or nothing.

use packer_tests::dice::Dice;

use super::world::World;
use super::{declarations, files, links, outputs, registry};

/// What one step does: answers what it did, when there was something to do it with.
pub(crate) type Act = fn(&mut World, &mut Dice) -> Option<String>;

/// One step, and how often it comes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Step {
    weight: usize,
    act: Act,
}

pub(crate) const fn often(act: Act) -> Step {
    Step { weight: 4, act }
}

pub(crate) const fn seldom(act: Act) -> Step {
    Step { weight: 1, act }
}

/// Does one step, the first that finds something to do.
pub(crate) fn step(world: &mut World, dice: &mut Dice) -> String {
    let all = [files::STEPS, links::STEPS, declarations::STEPS, registry::STEPS, outputs::STEPS];
    for _ in 0..20 {
        // What concerns files comes as often as all others together.
        let table = all[[0, 0, 0, 0, 0, 1, 2, 2, 3, 3, 4, 4][dice.below(12)]];
        let mut left = dice.below(table.iter().map(|step| step.weight).sum());
        let step = table.iter().find(|step| match left.checked_sub(step.weight) {
            Some(rest) => {
                left = rest;
                false
            }
            None => true,
        });
        let step = step.expect("what is left is less than all weights");
        if let Some(done) = (step.act)(world, dice) {
            return done;
        }
    }
    "do nothing".to_owned()
}
