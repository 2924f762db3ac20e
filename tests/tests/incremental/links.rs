//! Steps: links, and folders that come to lie behind one.

use std::path::{Path, PathBuf};

use packer_tests::dice::Dice;
use prometeu_packer::storage::FileKind;

use super::files::shelve;
use super::steps::{Step, often, seldom};
use super::world::World;

pub(super) const STEPS: &[Step] = &[
    seldom(lead_elsewhere),
    seldom(edit_what_a_link_leads_to),
    seldom(move_the_assets_behind_a_link),
    often(move_a_folder_behind_a_link),
    seldom(go_round_by_a_link),
    seldom(move_what_a_link_leads_to),
];

/// A link to another file of the same root, or to a copy of its folder.
fn lead_elsewhere(world: &mut World, dice: &mut Dice) -> Option<String> {
    let root = world.root(dice)?;
    let inputs = world.inputs(&root);
    let path = dice.pick(inputs.get(..).filter(|inputs| !inputs.is_empty())?).clone();
    shelve(world, &path);
    let folder = path.parent()?;
    if folder != root {
        let copy = root.join(["one-copy", "two-copy"][dice.below(2)]);
        if world.ground.kind(folder)? == FileKind::Folder {
            world.ground.copy(folder, &copy, dice.once_in(2) && world.ground.eyes.knows_files);
        }
        world.ground.delete(folder);
        world.ground.link(folder, Path::new(copy.file_name()?));
        return Some(format!("make {} a link to {}", world.told(folder), world.told(&copy)));
    }
    let target = folder.join(format!("target-{}", path.file_name()?.to_str()?));
    world.ground.rename(&path, &target);
    world.ground.link(&path, Path::new(target.file_name()?));
    Some(format!("make {} a link to {}", world.told(&path), world.told(&target)))
}

fn edit_what_a_link_leads_to(world: &mut World, dice: &mut Dice) -> Option<String> {
    let assets = world.assets();
    let all = world.ground.list(&assets);
    let links: Vec<PathBuf> =
        all.into_iter().filter(|(_, kind)| *kind == FileKind::Link).map(|(path, _)| path).collect();
    let link = links.get(dice.below(links.len().max(1)))?;
    let target = world.ground.files().resolve(link).ok()?;
    let path = match world.ground.kind(&target)? {
        FileKind::File => target,
        _ => world.inputs(&target).first()?.clone(),
    };
    let before = world.ground.read(&path)?;
    let bytes = World::content(&path, Some(&before), dice);
    let how = world.save(&path, &bytes, dice);
    Some(format!("write into {}, behind {}, {how}", world.told(&path), world.told(link)))
}

/// Two sets of assets, one of them in use, by a link: as some change branches.
fn move_the_assets_behind_a_link(world: &mut World, dice: &mut Dice) -> Option<String> {
    let assets = world.assets();
    if !world.ground.eyes.knows_files {
        return None;
    }
    let vaults = ["branch-1", "branch-2"].map(|name| world.game().join(name));
    if world.ground.kind(&assets)? == FileKind::Folder {
        world.ground.delete(&vaults[0]);
        world.ground.rename(&assets, &vaults[0]);
        world.ground.delete(&vaults[1]);
        world.ground.copy(&vaults[0], &vaults[1], true);
        world.ground.link(&assets, &vaults[0]);
        return Some(format!("make {} a link to one of two copies", world.told(&assets)));
    }
    let target = dice.pick(&vaults).clone();
    world.ground.kind(&target)?;
    world.ground.delete(&assets);
    world.ground.link(&assets, &target);
    Some(format!("make {} a link to {}", world.told(&assets), world.told(&target)))
}

/// A root, a folder on the way to one, the registry's: each is as it was then, but for being behind a
/// link.
fn move_a_folder_behind_a_link(world: &mut World, dice: &mut Dice) -> Option<String> {
    let root = world.root(dice)?;
    let folder = match dice.below(4) {
        0 => world.assets().join(".prometeu"),
        1 => root,
        2 => {
            let above = root.ancestors().skip(1).take_while(|above| *above != world.assets());
            let above: Vec<PathBuf> = above.map(Path::to_owned).collect();
            if above.is_empty() {
                return None;
            }
            dice.pick(&above).clone()
        }
        // One that holds inputs.
        _ => world
            .inputs(&root)
            .iter()
            .filter_map(|input| input.parent())
            .find(|above| *above != root)?
            .to_owned(),
    };
    let away = world.ground.top().join(format!("linked-{}", dice.below(1000)));
    if world.ground.kind(&folder)? != FileKind::Folder || world.ground.kind(&away).is_some() {
        return None;
    }
    world.ground.rename(&folder, &away);
    world.ground.link(&folder, &away);
    Some(format!("make {} a link to itself in {}", world.told(&folder), world.told(&away)))
}

/// One name more on the way to inputs, by a link within the root.
fn go_round_by_a_link(world: &mut World, dice: &mut Dice) -> Option<String> {
    let root = world.root(dice)?;
    let folder = root.join("sub");
    if world.ground.kind(&folder)? != FileKind::Folder {
        return None;
    }
    world.ground.rename(&folder, &root.join("deep/er"));
    world.ground.link(&folder, Path::new("deep/er"));
    Some(format!("make {} a link to deep/er", world.told(&folder)))
}

/// A folder that a link leads to, and not the one in which the link is, goes away behind another one.
fn move_what_a_link_leads_to(world: &mut World, _dice: &mut Dice) -> Option<String> {
    let assets = world.assets();
    let all = world.ground.list(&assets).into_iter();
    let deep = all.map(|(path, _)| path).find(|path| path.ends_with("deep/er"))?;
    let away = world.ground.top().join("er");
    if world.ground.kind(&deep)? == FileKind::Link {
        let back = world.ground.files().resolve(&deep).ok()?;
        world.ground.delete(&deep);
        world.ground.rename(&back, &deep);
        return Some(format!("move {} back", world.told(&deep)));
    }
    world.ground.rename(&deep, &away);
    world.ground.link(&deep, &away);
    Some(format!("make {} a link to {}", world.told(&deep), world.told(&away)))
}
