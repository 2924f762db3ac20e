//! Steps: what people and programs do with files, whatever is in them.

use std::path::Path;

use packer_tests::dice::Dice;
use prometeu_packer::storage::FileKind;

use super::steps::{Step, often, seldom};
use super::world::{Tree, World};

pub(super) const STEPS: &[Step] = &[
    often(edit),
    often(edit_to_the_same_size),
    often(change_a_byte),
    often(touch),
    often(write_what_is_there),
    often(copy_over_with_times),
    often(swap_inputs),
    often(bring_back),
    seldom(move_over),
    seldom(replace_by_something_else),
    seldom(remove),
    seldom(rename),
    seldom(add_a_stray_file),
    seldom(touch_a_folder),
    seldom(exchange_a_root_for_its_copy),
    seldom(move_a_root),
    seldom(swap_roots),
    seldom(copy_a_root),
    seldom(give_all_the_same_time),
];

fn edit(world: &mut World, dice: &mut Dice) -> Option<String> {
    let path = world.input(dice)?;
    shelve(world, &path);
    let bytes = World::content(&path, None, dice);
    let how = world.save(&path, &bytes, dice);
    Some(format!("write {} bytes into {} {how}", bytes.len(), world.told(&path)))
}

fn edit_to_the_same_size(world: &mut World, dice: &mut Dice) -> Option<String> {
    let path = world.input(dice)?;
    let before = world.ground.read(&path)?;
    shelve(world, &path);
    let bytes = World::content(&path, Some(&before), dice);
    let how = world.save(&path, &bytes, dice);
    let size = if bytes.len() == before.len() { "the same size" } else { "another size" };
    Some(format!("write {size} into {} {how}", world.told(&path)))
}

/// One byte of any file that is read, whatever that breaks.
fn change_a_byte(world: &mut World, dice: &mut Dice) -> Option<String> {
    let path = world.file(dice)?;
    let mut bytes = world.ground.read(&path).filter(|bytes| !bytes.is_empty())?;
    shelve(world, &path);
    let at = dice.below(bytes.len());
    // In a text another letter, so that it is mostly still one.
    bytes[at] = match bytes[at] {
        b'0'..=b'8' | b'a'..=b'y' => bytes[at] + 1,
        other if path.ends_with("asset.json") || path.ends_with("index.json") => other,
        other => other ^ (1 + dice.byte() / 2),
    };
    let how = world.save(&path, &bytes, dice);
    Some(format!("change byte {at} of {} {how}", world.told(&path)))
}

fn touch(world: &mut World, dice: &mut Dice) -> Option<String> {
    let path = world.file(dice)?;
    let now = world.ground.modified(&path)? + 1 + i128::from(dice.throw() % 5_000_000_000);
    let time = if dice.once_in(3) { 1_577_836_800_000_000_000 } else { now };
    world.ground.set_modified(&path, time);
    Some(format!("touch {} to {time}", world.told(&path)))
}

fn write_what_is_there(world: &mut World, dice: &mut Dice) -> Option<String> {
    let path = world.file(dice)?;
    let bytes = world.ground.read(&path)?;
    let how = world.save(&path, &bytes, dice);
    Some(format!("write {} as it is {how}", world.told(&path)))
}

/// `cp -p`.
fn copy_over_with_times(world: &mut World, dice: &mut Dice) -> Option<String> {
    let (from, to) = (world.input(dice)?, world.input(dice)?);
    if !world.ground.eyes.knows_files || from == to {
        return None;
    }
    let (bytes, time) = (world.ground.read(&from)?, world.ground.modified(&from)?);
    shelve(world, &to);
    if dice.once_in(2) {
        world.ground.write_in_place(&to, &bytes);
    } else {
        world.ground.write(&to, &bytes);
    }
    world.ground.set_modified(&to, time);
    Some(format!("copy {} over {} with its time", world.told(&from), world.told(&to)))
}

/// Both keep their times, and on a file system without numbers nobody can tell when those are equal.
fn swap_inputs(world: &mut World, dice: &mut Dice) -> Option<String> {
    let root = world.root(dice)?;
    let inputs = world.inputs(&root);
    if !world.ground.eyes.knows_files || inputs.len() < 2 {
        return None;
    }
    let (one, two) = (dice.pick(&inputs), dice.pick(&inputs));
    shelve(world, one);
    world.ground.swap(one, two);
    Some(format!("swap {} and {}", world.told(one), world.told(two)))
}

/// `mv`, over what is there.
fn move_over(world: &mut World, dice: &mut Dice) -> Option<String> {
    let (from, to) = (world.input(dice)?, world.input(dice)?);
    if !world.ground.eyes.knows_files || from == to {
        return None;
    }
    shelve(world, &to);
    shelve(world, &from);
    world.ground.rename(&from, &to);
    Some(format!("move {} to {}", world.told(&from), world.told(&to)))
}

/// What a file was once, now and then with the time that it had.
fn bring_back(world: &mut World, dice: &mut Dice) -> Option<String> {
    if world.shelf.is_empty() {
        return None;
    }
    let (path, bytes, time) = dice.pick(&world.shelf).clone();
    let how = world.save(&path, &bytes, dice);
    let with_its_time = world.ground.eyes.knows_files && dice.once_in(2);
    if with_its_time {
        world.ground.set_modified(&path, time);
    }
    Some(format!("bring {} back {how}, its time {with_its_time}", world.told(&path)))
}

fn replace_by_something_else(world: &mut World, dice: &mut Dice) -> Option<String> {
    let path = world.file(dice)?;
    shelve(world, &path);
    let what = match dice.below(4) {
        0 => {
            world.ground.delete(&path);
            world.ground.folder(&path);
            "a folder"
        }
        1 => {
            world.ground.delete(&path);
            world.ground.link(&path, Path::new("nowhere"));
            "a link to nothing"
        }
        2 => {
            let outside = world.ground.top().join("outside").join(path.file_name()?);
            let bytes = world.ground.read(&path)?;
            world.ground.write(&outside, &bytes);
            world.ground.delete(&path);
            world.ground.link(&path, &outside);
            "a link to its like outside"
        }
        _ => {
            let files = world.ground.memory()?;
            files.delete(&path);
            files.pipe(&path);
            "a pipe"
        }
    };
    Some(format!("put {what} in the place of {}", world.told(&path)))
}

fn remove(world: &mut World, dice: &mut Dice) -> Option<String> {
    let path = world.file(dice)?;
    shelve(world, &path);
    world.ground.delete(&path);
    Some(format!("remove {}", world.told(&path)))
}

fn rename(world: &mut World, dice: &mut Dice) -> Option<String> {
    let path = world.file(dice)?;
    shelve(world, &path);
    let to = match dice.below(3) {
        // Some file systems take that for the same name.
        0 => path.with_file_name(path.file_name()?.to_str()?.to_uppercase()),
        _ => path.with_file_name(format!("renamed-{}", path.file_name()?.to_str()?)),
    };
    world.ground.rename(&path, &to);
    Some(format!("rename {} to {}", world.told(&path), world.told(&to)))
}

fn add_a_stray_file(world: &mut World, dice: &mut Dice) -> Option<String> {
    let root = world.root(dice)?;
    let like = world.inputs(&root).first()?.file_name()?.to_str()?.to_uppercase();
    let name = *dice.pick(&["stray.bin", "sub/stray.png", "sub/asset.json", "asset.json~", like.as_str()]);
    let path = root.join(name);
    if world.ground.kind(&path).is_some() {
        return None;
    }
    let bytes = match name {
        "sub/asset.json" => world.ground.read(&root.join("asset.json"))?,
        _ => dice.bytes(10),
    };
    world.ground.write(&path, &bytes);
    Some(format!("add {}", world.told(&path)))
}

/// A folder has another time, and everything in it is as it was.
fn touch_a_folder(world: &mut World, dice: &mut Dice) -> Option<String> {
    let root = world.root(dice)?;
    let folder = if dice.once_in(3) { world.assets() } else { root };
    let stray = folder.join(".stray");
    world.ground.write(&stray, b"");
    world.ground.delete(&stray);
    Some(format!("add a file to {} and remove it", world.told(&folder)))
}

fn exchange_a_root_for_its_copy(world: &mut World, dice: &mut Dice) -> Option<String> {
    let root = world.root(dice)?;
    let aside = world.ground.top().join("aside");
    world.ground.delete(&aside);
    let keeping_times = world.ground.eyes.knows_files && dice.once_in(2);
    world.ground.copy(&root, &aside, keeping_times);
    world.ground.delete(&root);
    world.ground.rename(&aside, &root);
    Some(format!("exchange {} for its copy, its times {keeping_times}", world.told(&root)))
}

fn move_a_root(world: &mut World, dice: &mut Dice) -> Option<String> {
    let root = world.root(dice)?;
    let away = world.ground.top().join("away").join(root.file_name()?);
    if world.ground.kind(&away).is_some() {
        world.ground.delete(&root);
        world.ground.rename(&away, &root);
        return Some(format!("move {} back", world.told(&root)));
    }
    world.ground.rename(&root, &away);
    Some(format!("move {} away", world.told(&root)))
}

fn swap_roots(world: &mut World, dice: &mut Dice) -> Option<String> {
    let (one, two) = (world.root(dice)?, world.root(dice)?);
    if !world.ground.eyes.knows_files || one.starts_with(&two) || two.starts_with(&one) {
        return None;
    }
    world.ground.swap(&one, &two);
    // Often everything but who they are, so that it can be packed.
    if !dice.once_in(3) {
        world.ground.swap(&one.join("asset.json"), &two.join("asset.json"));
    }
    Some(format!("swap {} and {}", world.told(&one), world.told(&two)))
}

fn copy_a_root(world: &mut World, dice: &mut Dice) -> Option<String> {
    let root = world.root(dice)?;
    let copy = world.assets().join(["copy", "ui/copy"][dice.below(2)]);
    world.ground.delete(&copy);
    world.ground.copy(&root, &copy, dice.once_in(2));
    Some(format!("copy {} to {}", world.told(&root), world.told(&copy)))
}

/// As when an archive is unpacked: every file has the same time, and one that none had before.
fn give_all_the_same_time(world: &mut World, _dice: &mut Dice) -> Option<String> {
    let assets = world.assets();
    let stray = world.ground.top().join("stray");
    world.ground.write(&stray, b"");
    let time = world.ground.modified(&stray)?;
    let files = world.ground.list(&assets).into_iter().filter(|(_, kind)| *kind == FileKind::File);
    files.for_each(|(path, _)| world.ground.set_modified(&path, time));
    Some(format!("give all files in {} one time", world.told(&assets)))
}

/// Keeps what a file is, to be brought back.
pub(super) fn shelve(world: &mut World, path: &Path) {
    if let (Some(bytes), Some(time)) = (world.ground.read(path), world.ground.modified(path)) {
        world.shelf.push((path.to_owned(), bytes, time));
    }
}

/// Whether a path belongs to what people write, and not to the packer's own side of a project.
fn is_of_people(path: &Path) -> bool {
    !path.components().any(|part| part.as_os_str() == "local")
}

/// What the game's assets are now.
pub(super) fn look(world: &World) -> Tree {
    let mut tree = Tree::default();
    for (path, kind) in world.ground.list(&world.assets()) {
        match kind {
            FileKind::Folder if is_of_people(&path) => tree.folders.push(path),
            FileKind::File if is_of_people(&path) => {
                let (bytes, time) =
                    (world.ground.read(&path).unwrap(), world.ground.modified(&path).unwrap());
                tree.files.push((path, bytes, time));
            }
            _ => {}
        }
    }
    tree
}

/// Makes the game's assets what they were: what differs is written, and now and then has its old time;
/// or everything is, as by a new checkout.
pub(super) fn restore(world: &mut World, tree: &Tree, dice: &mut Dice) -> String {
    let assets = world.assets();
    let anew = dice.once_in(4);
    let with_times = world.ground.eyes.knows_files && dice.once_in(2);
    if anew || world.ground.kind(&assets) != Some(FileKind::Folder) {
        world.ground.delete(&assets);
    }
    let mut there = world.ground.list(&assets);
    there.reverse();
    for (path, kind) in there {
        let stays = match kind {
            FileKind::Folder => tree.folders.contains(&path),
            FileKind::File => tree.files.iter().any(|(file, ..)| *file == path),
            _ => false,
        };
        if !stays && is_of_people(&path) {
            world.ground.delete(&path);
        }
    }
    tree.folders.iter().for_each(|folder| world.ground.folder(folder));
    for (path, bytes, time) in &tree.files {
        if world.ground.read(path).as_ref() != Some(bytes) {
            world.ground.write(path, bytes);
            if with_times {
                world.ground.set_modified(path, *time);
            }
        }
    }
    // Somebody who waits for an interrupted change has it undone as well.
    world.ground.delete(&assets.join(".prometeu/local/journal"));
    format!("bring {} back, anew {anew}, with times {with_times}", world.told(&assets))
}
