//! Steps: what is not the project: the record and whatever else is in the cache folder, and the outputs.
//! All of it can be lost, damaged, or somebody else's.

use std::path::{Path, PathBuf};

use packer_tests::dice::Dice;
use prometeu_packer::pack::SET;
use prometeu_packer::storage::FileKind;

use super::steps::{Step, often, seldom};
use super::world::World;

pub(super) const STEPS: &[Step] = &[
    often(flip),
    often(cut),
    often(remove),
    often(keep),
    often(put_back),
    often(put_in_the_place_of_another),
    seldom(remove_a_folder),
    seldom(link_the_pack),
    seldom(leave_a_staging_folder),
    seldom(put_a_folder_in_the_place_of_a_record),
];

/// One of the files that packs wrote; whoever packs next does so after somebody else was there.
fn written(world: &mut World, dice: &mut Dice) -> Option<PathBuf> {
    let folder = if dice.once_in(2) { world.cache() } else { world.outs(dice.below(3)) };
    let files = world.ground.list(&folder).into_iter();
    let files: Vec<PathBuf> =
        files.filter(|(_, kind)| *kind == FileKind::File).map(|(path, _)| path).collect();
    disturb(world);
    (!files.is_empty()).then(|| dice.pick(&files).clone())
}

fn disturb(world: &mut World) {
    world.disturbed = [true; 3];
    // What is done within the tick in which the packer wrote is taken for what the packer wrote, as by
    // every program that looks at times.
    world.ground.pass(world.ground.eyes.tick);
}

/// Changes what is in a file; with its time set back where the file has another one.
fn change(world: &mut World, path: &Path, bytes: &[u8], dice: &mut Dice) -> String {
    let how = world.save(path, bytes, dice);
    format!("{} {how}", world.told(path))
}

fn flip(world: &mut World, dice: &mut Dice) -> Option<String> {
    let path = written(world, dice)?;
    let mut bytes = world.ground.read(&path).filter(|bytes| !bytes.is_empty())?;
    let mut at = Vec::new();
    for _ in 0..1 + dice.below(3) {
        // Often in the first bytes: there is what tells what the others are.
        let end = if dice.once_in(2) { bytes.len().min(200) } else { bytes.len() };
        let n = dice.below(end);
        bytes[n] ^= 1 << dice.below(8);
        at.push(n);
    }
    Some(format!("flip a bit in bytes {at:?} of {}", change(world, &path, &bytes, dice)))
}

fn cut(world: &mut World, dice: &mut Dice) -> Option<String> {
    let path = written(world, dice)?;
    let mut bytes = world.ground.read(&path)?;
    match dice.below(3) {
        0 => bytes.truncate(dice.below(bytes.len() + 1)),
        1 => bytes.clear(),
        _ => {
            let more = 1 + dice.below(20);
            bytes.extend(dice.bytes(more));
        }
    }
    Some(format!("make it {} bytes: {}", bytes.len(), change(world, &path, &bytes, dice)))
}

fn remove(world: &mut World, dice: &mut Dice) -> Option<String> {
    let path = written(world, dice)?;
    world.ground.delete(&path);
    Some(format!("remove {}", world.told(&path)))
}

fn remove_a_folder(world: &mut World, dice: &mut Dice) -> Option<String> {
    disturb(world);
    let path = if dice.once_in(2) { world.cache() } else { world.outs(dice.below(3)) };
    world.ground.delete(&path);
    Some(format!("remove {}", world.told(&path)))
}

/// Keeps copies of all records and outputs as they are now.
fn keep(world: &mut World, _dice: &mut Dice) -> Option<String> {
    for folder in [world.cache(), world.outs(0), world.outs(1), world.outs(2)] {
        for (path, kind) in world.ground.list(&folder) {
            if kind == FileKind::File {
                let (bytes, time) = (world.ground.read(&path)?, world.ground.modified(&path)?);
                world.kept.push((path, bytes, time));
            }
        }
    }
    Some("keep a copy of the cache and the outputs".to_owned())
}

/// As the cache of a build server does, which may be of an earlier pack than the outputs are.
fn put_back(world: &mut World, dice: &mut Dice) -> Option<String> {
    if world.kept.is_empty() {
        return None;
    }
    disturb(world);
    let (path, bytes, time) = dice.pick(&world.kept).clone();
    let all: Vec<_> = if dice.once_in(2) {
        vec![(path.clone(), bytes, time)]
    } else {
        let folder = path.parent()?;
        world.kept.iter().filter(|(path, ..)| path.starts_with(folder)).cloned().collect()
    };
    let with_times = world.ground.eyes.knows_files && dice.once_in(2);
    for (path, bytes, time) in &all {
        world.ground.write(path, bytes);
        if with_times {
            world.ground.set_modified(path, *time);
        }
    }
    Some(format!("put back {} and more {}, times {with_times}", world.told(&path), all.len() > 1))
}

/// The record of another output or another project, a companion for a pack.
fn put_in_the_place_of_another(world: &mut World, dice: &mut Dice) -> Option<String> {
    let (from, to) = (written(world, dice)?, written(world, dice)?);
    let with_time = world.ground.eyes.knows_files && dice.once_in(2);
    if from == to {
        return None;
    }
    world.ground.copy(&from, &to, with_time);
    Some(format!("copy {} over {}, its time {with_time}", world.told(&from), world.told(&to)))
}

fn link_the_pack(world: &mut World, dice: &mut Dice) -> Option<String> {
    let path = world.outs(world.out).join(dice.pick(&SET));
    if !world.ground.is_file(&path) {
        return None;
    }
    disturb(world);
    let away = world.ground.top().join("linked-output");
    world.ground.delete(&away);
    world.ground.rename(&path, &away);
    world.ground.link(&path, &away);
    Some(format!("make {} a link to itself elsewhere", world.told(&path)))
}

fn leave_a_staging_folder(world: &mut World, dice: &mut Dice) -> Option<String> {
    let path = world.outs(world.out).join(".staging").join(dice.pick(&["left", "left/assets.pa"]));
    disturb(world);
    let bytes = dice.bytes(20);
    world.ground.write(&path, &bytes);
    Some(format!("leave {}", world.told(&path)))
}

fn put_a_folder_in_the_place_of_a_record(world: &mut World, dice: &mut Dice) -> Option<String> {
    let files = world.ground.list(&world.cache());
    let files: Vec<_> = files.into_iter().filter(|(_, kind)| *kind == FileKind::File).collect();
    let (path, _) = files.get(dice.below(files.len().max(1)))?;
    disturb(world);
    world.ground.delete(path);
    world.ground.folder(path);
    Some(format!("put a folder in the place of {}", world.told(path)))
}
