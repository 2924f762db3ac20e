//! Steps: what people do in a declaration, whether it reaches the pack's bytes or not.

use std::path::PathBuf;

use packer_tests::assets;
use packer_tests::dice::Dice;
use serde_json::{Value, json};

use super::files::shelve;
use super::steps::{Step, often, seldom};
use super::world::World;

pub(super) const STEPS: &[Step] = &[
    often(spell_anew),
    often(name),
    often(preload),
    often(metadata),
    seldom(codec_configuration),
    often(colours),
    often(order_of_artifacts),
    seldom(artifacts_or_none),
    often(order_of_inputs),
    often(add_an_input),
    often(drop_an_input),
    seldom(rename_an_input),
    seldom(unknown_members),
    seldom(uuid),
    seldom(another_type),
    seldom(another_version),
    seldom(ruin),
    seldom(legacy),
];

/// A declaration that can be read.
fn declared(world: &mut World, dice: &mut Dice) -> Option<(PathBuf, Value)> {
    let path = world.root(dice)?.join("asset.json");
    let document = world.document(&path).filter(Value::is_object)?;
    shelve(world, &path);
    Some((path, document))
}

/// Changes a declaration and tells of it.
fn change(
    world: &mut World,
    dice: &mut Dice,
    what: &str,
    edit: impl FnOnce(&mut Value, &mut Dice) -> Option<()>,
) -> Option<String> {
    let (path, mut document) = declared(world, dice)?;
    edit(&mut document, dice)?;
    let how = world.save_document(&path, &document, dice);
    Some(format!("{what} in {} {how}", world.told(&path)))
}

fn spell_anew(world: &mut World, dice: &mut Dice) -> Option<String> {
    change(world, dice, "nothing but white space and order", |_, _| Some(()))
}

fn name(world: &mut World, dice: &mut Dice) -> Option<String> {
    change(world, dice, "another name", |document, dice| {
        document["name"] = json!(dice.pick(&["a", "b", "atlas", "an_even_longer_name", "ünïcode", ""]));
        Some(())
    })
}

fn preload(world: &mut World, dice: &mut Dice) -> Option<String> {
    change(world, dice, "the other preload", |document, _| {
        let enabled = document["preload"]["enabled"].as_bool()?;
        document["preload"]["enabled"] = json!(!enabled);
        Some(())
    })
}

fn metadata(world: &mut World, dice: &mut Dice) -> Option<String> {
    change(world, dice, "other metadata", |document, dice| {
        let output = document["output"].as_object_mut()?;
        let metadata = output.entry("metadata").or_insert(json!({})).as_object_mut()?;
        match dice.below(8) {
            // What a family takes for itself: another format, or a collision.
            0 => drop(metadata.insert("tile_size".to_owned(), json!(dice.pick(&[8, 16, 32, 7])))),
            1 => drop(metadata.insert("sample_rate".to_owned(), json!(dice.pick(&[22_050, 44_100])))),
            2 => drop(metadata.insert("blobs".to_owned(), json!(1))),
            3 => drop(metadata.insert("half".to_owned(), json!(0.5))),
            4 => drop(metadata.remove("note")),
            _ => drop(metadata.insert("note".to_owned(), json!(dice.below(3)))),
        }
        Some(())
    })
}

fn codec_configuration(world: &mut World, dice: &mut Dice) -> Option<String> {
    change(world, dice, "another codec configuration", |document, dice| {
        let value = if dice.once_in(3) { json!({}) } else { json!({ "level": dice.below(3) }) };
        document["output"].as_object_mut()?.insert("codec_configuration".to_owned(), value);
        Some(())
    })
}

fn colours(world: &mut World, dice: &mut Dice) -> Option<String> {
    change(world, dice, "other colours", |document, dice| {
        let palettes = document["output"]["pipeline"]["palettes"].as_array_mut()?;
        match dice.below(4) {
            // Two that fit: tiles have two numbers for one colour.
            0 => {
                let mut colors = assets::COLORS.to_vec();
                colors.reverse();
                let index = dice.below(4);
                palettes.push(json!({ "index": index, "palette": { "colors": colors } }));
            }
            1 if palettes.len() > 1 => drop(palettes.pop()),
            2 => {
                let colors = palettes.first_mut()?["palette"]["colors"].as_array_mut()?;
                let n = dice.below(colors.len().max(1));
                *colors.get_mut(n)? = json!(dice.pick(&["#FF004D", "#ff004d", "#ffec27", "#101010"]));
            }
            _ => palettes.first_mut()?["palette"]["colors"].as_array_mut()?.push(json!("#123456")),
        }
        Some(())
    })
}

fn order_of_artifacts(world: &mut World, dice: &mut Dice) -> Option<String> {
    change(world, dice, "another order of artifacts", |document, dice| {
        let artifacts = document["artifacts"].as_array_mut()?;
        // The order of the list, which means nothing, or the numbers, which mean everything.
        if dice.once_in(2) {
            dice.shuffle(artifacts);
            return Some(());
        }
        let mut numbers: Vec<Value> = artifacts.iter().map(|artifact| artifact["index"].clone()).collect();
        numbers.rotate_left(1);
        artifacts.iter_mut().zip(numbers).for_each(|(artifact, index)| artifact["index"] = index);
        Some(())
    })
}

fn artifacts_or_none(world: &mut World, dice: &mut Dice) -> Option<String> {
    change(world, dice, "artifacts or none", |document, dice| {
        let files: Vec<Value> =
            document["inputs"].as_object()?.values().filter_map(Value::as_array).flatten().cloned().collect();
        let document = document.as_object_mut()?;
        if document.remove("artifacts").is_none() {
            let from = dice.below(8) / 7;
            let artifacts = files.iter().zip(from..).map(|(file, n)| json!({ "file": file, "index": n }));
            document.insert("artifacts".to_owned(), artifacts.collect());
        }
        Some(())
    })
}

/// The list of inputs of a declaration's first role.
fn inputs(document: &mut Value) -> Option<&mut Vec<Value>> {
    document["inputs"].as_object_mut()?.values_mut().next()?.as_array_mut()
}

fn order_of_inputs(world: &mut World, dice: &mut Dice) -> Option<String> {
    change(world, dice, "another order of inputs", |document, _| {
        let inputs = inputs(document)?;
        (inputs.len() > 1).then(|| inputs.rotate_left(1))
    })
}

fn add_an_input(world: &mut World, dice: &mut Dice) -> Option<String> {
    let (path, mut document) = declared(world, dice)?;
    let list = inputs(&mut document)?;
    let extension = list.first()?.as_str()?.rsplit('.').next()?.to_owned();
    let file = format!("{}new{}.{extension}", dice.pick(&["", "sub/"]), dice.below(3));
    if !list.contains(&json!(file)) || dice.once_in(3) {
        list.push(json!(file));
    }
    let input = path.with_file_name(&file);
    let is_written = !dice.once_in(5);
    // Before or after the declaration, as it happens.
    let bytes = World::content(&input, None, dice);
    if is_written && dice.once_in(2) {
        world.ground.write(&input, &bytes);
    }
    let how = world.save_document(&path, &document, dice);
    if is_written {
        world.ground.write(&input, &bytes);
    }
    Some(format!("add the input {file} in {} {how}, written {is_written}", world.told(&path)))
}

fn drop_an_input(world: &mut World, dice: &mut Dice) -> Option<String> {
    change(world, dice, "an input less", |document, dice| {
        let list = inputs(document)?;
        let n = dice.below(list.len().max(1));
        let file = (list.len() > 1).then(|| list.remove(n))?;
        if let Some(artifacts) = document["artifacts"].as_array_mut() {
            artifacts.retain(|artifact| artifact["file"] != file);
        }
        Some(())
    })
}

/// The file and the declaration together, as one does who knows what he does.
fn rename_an_input(world: &mut World, dice: &mut Dice) -> Option<String> {
    let (path, mut document) = declared(world, dice)?;
    let list = inputs(&mut document)?;
    let n = dice.below(list.len().max(1));
    let old = list.get(n)?.as_str()?.to_owned();
    let new = match old.strip_prefix("new-") {
        Some(before) => before.to_owned(),
        None => format!("new-{}", old.replace('/', "-")),
    };
    list[n] = json!(new);
    for artifact in document["artifacts"].as_array_mut().into_iter().flatten() {
        if artifact["file"] == json!(old) {
            artifact["file"] = json!(new);
        }
    }
    world.ground.rename(&path.with_file_name(&old), &path.with_file_name(&new));
    let how = world.save_document(&path, &document, dice);
    Some(format!("rename the input {old} to {new} in {} {how}", world.told(&path)))
}

fn unknown_members(world: &mut World, dice: &mut Dice) -> Option<String> {
    change(world, dice, "members of no meaning", |document, dice| {
        let document = document.as_object_mut()?;
        let name = *dice.pick(&["$schema", "build", "nmae", "inputz"]);
        if document.remove(name).is_none() {
            document.insert(name.to_owned(), if name == "build" { json!({}) } else { json!("x") });
        }
        Some(())
    })
}

fn uuid(world: &mut World, dice: &mut Dice) -> Option<String> {
    change(world, dice, "another uuid", |document, dice| {
        let document = document.as_object_mut()?;
        if dice.once_in(3) {
            document.remove("asset_uuid")?;
        } else {
            document.insert("asset_uuid".to_owned(), json!(assets::uuid(1 + dice.below(4) as u64)));
        }
        Some(())
    })
}

fn another_type(world: &mut World, dice: &mut Dice) -> Option<String> {
    change(world, dice, "another type", |document, dice| {
        // Anything can be taken as it is; the others rarely fit.
        let types = [
            ("blob_bank", "BLOB/raw_v1"),
            ("glyph_bank", "GLYPH/indexed_v1"),
            ("sound_bank", "SOUNDS/pcm16le_v1"),
        ];
        let (name, format) = types[[0, 0, 0, 1, 2][dice.below(5)]];
        document["type"] = json!(name);
        document["output"]["format"] = json!(format);
        Some(())
    })
}

fn another_version(world: &mut World, dice: &mut Dice) -> Option<String> {
    change(world, dice, "another version", |document, dice| {
        document["schema_version"] = json!(dice.pick(&[0, 2, 1]));
        Some(())
    })
}

fn legacy(world: &mut World, dice: &mut Dice) -> Option<String> {
    change(world, dice, "an old word", |document, dice| {
        match dice.below(3) {
            0 => document["type"] = json!("tile_bank"),
            1 => document["output"]["codec"] = json!("RAW"),
            _ => document["asset_id"] = json!(1),
        }
        Some(())
    })
}

fn ruin(world: &mut World, dice: &mut Dice) -> Option<String> {
    let path = world.root(dice)?.join("asset.json");
    let bytes = world.ground.read(&path)?;
    shelve(world, &path);
    let cut = dice.below(bytes.len().max(1));
    let how = world.save(&path, &bytes[..cut], dice);
    Some(format!("cut {} at {cut} {how}", world.told(&path)))
}
