//! Steps: the registry, by hand and by the packer's own operations.

use packer_tests::assets;
use packer_tests::dice::Dice;
use prometeu_packer::mutate::{
    AdoptAsset, Adoption, ForgetAsset, Mutation, QuarantineAsset, ReconcileAssets, RegisterAsset,
    RelocateAsset, RemoveAsset, RestoreAsset, SetIncluded,
};
use prometeu_packer::path::AssetPath;
use prometeu_packer::storage::faulty::FaultyStorage;
use prometeu_packer::{Host, Project};
use serde_json::{Value, json};
use std::sync::Arc;

use super::files::shelve;
use super::steps::{Step, often, seldom};
use super::world::World;

pub(super) const STEPS: &[Step] = &[
    often(include_by_hand),
    often(include_without_another_size),
    often(spell_anew),
    often(register_a_new_one_by_hand),
    often(operate),
    often(operate),
    seldom(another_id),
    seldom(swap_places),
    seldom(drop_an_entry),
    seldom(another_root),
    seldom(allocator),
    seldom(ruin),
    seldom(die_while_operating),
];

fn change(
    world: &mut World,
    dice: &mut Dice,
    what: &str,
    edit: impl FnOnce(&mut Vec<Value>, &mut Dice) -> Option<()>,
) -> Option<String> {
    let path = world.registry();
    let mut document = world.document(&path)?;
    shelve(world, &path);
    edit(document["assets"].as_array_mut().filter(|assets| !assets.is_empty())?, dice)?;
    let how = world.save_document(&path, &document, dice);
    Some(format!("{what} in {} {how}", world.told(&path)))
}

fn include_by_hand(world: &mut World, dice: &mut Dice) -> Option<String> {
    change(world, dice, "include or exclude", |entries, dice| {
        let n = dice.below(entries.len());
        let included = entries[n]["included_in_build"].as_bool()?;
        entries[n]["included_in_build"] = json!(!included);
        Some(())
    })
}

/// `true ` and `false`.
fn include_without_another_size(world: &mut World, dice: &mut Dice) -> Option<String> {
    let path = world.registry();
    let text = String::from_utf8(world.ground.read(&path)?).ok()?;
    let padded = text.replace("true ", "true").replace("true", "true ");
    let (n, from, to) = match dice.below(2) {
        0 => (padded.matches("true ").count(), "true ", "false"),
        _ => (padded.matches("false").count(), "false", "true "),
    };
    let (at, _) = padded.match_indices(from).nth(dice.below(n.max(1)))?;
    if padded != text {
        world.ground.write(&path, padded.as_bytes());
        return Some(format!("leave room in {}", world.told(&path)));
    }
    shelve(world, &path);
    let edited = format!("{}{to}{}", &padded[..at], &padded[at + from.len()..]);
    let how = world.save(&path, edited.as_bytes(), dice);
    Some(format!("include or exclude in {} without another size, {how}", world.told(&path)))
}

fn spell_anew(world: &mut World, dice: &mut Dice) -> Option<String> {
    change(world, dice, "another order of entries", |entries, dice| {
        dice.shuffle(entries);
        Some(())
    })
}

fn another_id(world: &mut World, dice: &mut Dice) -> Option<String> {
    change(world, dice, "another id", |entries, dice| {
        let n = dice.below(entries.len());
        entries[n]["asset_id"] = json!(1 + dice.below(9));
        Some(())
    })
}

/// Two assets change ids.
fn swap_places(world: &mut World, dice: &mut Dice) -> Option<String> {
    change(world, dice, "swapped ids", |entries, dice| {
        let (one, two) = (dice.below(entries.len()), dice.below(entries.len()));
        let ids = [one, two].map(|n| entries[n]["asset_id"].clone());
        entries[one]["asset_id"] = ids[1].clone();
        entries[two]["asset_id"] = ids[0].clone();
        Some(())
    })
}

fn drop_an_entry(world: &mut World, dice: &mut Dice) -> Option<String> {
    change(world, dice, "an entry less", |entries, dice| {
        entries.remove(dice.below(entries.len()));
        Some(())
    })
}

fn another_root(world: &mut World, dice: &mut Dice) -> Option<String> {
    let roots = world.roots();
    change(world, dice, "another root", |entries, dice| {
        let n = dice.below(entries.len());
        entries[n]["root"] = json!(dice.pick(roots.get(..).filter(|roots| !roots.is_empty())?));
        Some(())
    })
}

fn allocator(world: &mut World, dice: &mut Dice) -> Option<String> {
    let path = world.registry();
    let mut document = world.document(&path)?;
    shelve(world, &path);
    document["next_asset_id"] = json!(1 + dice.below(30));
    let how = world.save_document(&path, &document, dice);
    Some(format!("another next id in {} {how}", world.told(&path)))
}

fn ruin(world: &mut World, dice: &mut Dice) -> Option<String> {
    let path = world.registry();
    let bytes = world.ground.read(&path)?;
    shelve(world, &path);
    let ruined = match dice.below(3) {
        0 => bytes[..dice.below(bytes.len().max(1))].to_vec(),
        1 => [b"<<<<<<< ours\n", &bytes[..]].concat(),
        _ => String::from_utf8(bytes).ok()?.replace("schema_version", "schema-version").into_bytes(),
    };
    let how = world.save(&path, &ruined, dice);
    Some(format!("ruin {} {how}", world.told(&path)))
}

/// A folder and its entry, as version control brings them.
fn register_a_new_one_by_hand(world: &mut World, dice: &mut Dice) -> Option<String> {
    let path = world.registry();
    let mut document = world.document(&path)?;
    let id = document["next_asset_id"].as_u64()?;
    let root = *dice.pick(&["new/one", "two", "ui/three"]);
    let entries = document["assets"].as_array_mut()?;
    if world.roots().iter().any(|have| have == root) || id > 1000 {
        return None;
    }
    let uuid = assets::uuid(1000 + id);
    entries.push(json!({ "asset_id": id, "included_in_build": true, "root": root, "asset_uuid": uuid }));
    document["next_asset_id"] = json!(id + 1);
    world.make_root(root, &uuid, dice);
    let how = world.save_document(&path, &document, dice);
    Some(format!("add {root} and register it {how}"))
}

/// Any operation that changes something.
fn mutation(world: &World, dice: &mut Dice) -> Option<Mutation> {
    let roots = world.roots();
    let asset = dice.pick(roots.get(..).filter(|roots| !roots.is_empty())?).clone();
    let root = AssetPath::parse(&asset).ok()?;
    Some(match dice.below(14) {
        0 | 1 => Mutation::SetIncluded(SetIncluded { assets: vec![asset], included: true }),
        2 => Mutation::SetIncluded(SetIncluded { assets: vec![asset], included: false }),
        3 => Mutation::ForgetAsset(ForgetAsset { asset }),
        4 | 5 => Mutation::RegisterAsset(RegisterAsset { root, included: true }),
        6 | 7 => {
            let new_root = *dice.pick(&["moved", "ui/moved", "z/moved"]);
            let new_root = AssetPath::parse(new_root).ok()?;
            Mutation::RelocateAsset(RelocateAsset { asset, new_root })
        }
        8 => Mutation::AdoptAsset(AdoptAsset { root, adoption: Adoption::New }),
        9 => Mutation::QuarantineAsset(QuarantineAsset { assets: vec![asset] }),
        10 => Mutation::RestoreAsset(RestoreAsset { entry: asset }),
        11 => Mutation::RemoveAsset(RemoveAsset { asset, purge: dice.once_in(2) }),
        12 => Mutation::Reconcile(ReconcileAssets { assets: Vec::new() }),
        _ => Mutation::UNDO_LAST,
    })
}

fn operate(world: &mut World, dice: &mut Dice) -> Option<String> {
    let mutation = mutation(world, dice)?;
    let kept = world.open[world.at].clone().filter(|_| dice.once_in(2));
    let project = match kept {
        Some(project) => project,
        None => open(world, world.host(world.ground.seen()))?,
    };
    let response = project.change(&mutation, true);
    Some(format!("{mutation:?}: {}", response.status.as_str()))
}

/// A change that is interrupted: whoever opens the project next for more than a build settles it.
fn die_while_operating(world: &mut World, dice: &mut Dice) -> Option<String> {
    let mutation = mutation(world, dice)?;
    let at = dice.below(120) as u64;
    let disk = FaultyStorage::new(world.ground.memory()?).die_at(at, dice.once_in(2));
    let seen = world.ground.seen_through(Arc::new(disk.clone()));
    // It may die as early as that.
    let project = Project::open(world.host(seen), &world.game()).ok()?;
    let _ = project.change(&mutation, true);
    Some(format!("{mutation:?}, dead at call {at} {}", disk.died()))
}

fn open(world: &World, host: Host) -> Option<Arc<Project>> {
    Project::open(host, &world.game()).ok().map(Arc::new)
}
