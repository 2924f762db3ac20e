//! Histories that chance rarely tells: each a rule of its own that what is known must keep.

use std::path::Path;

use packer_tests::assets;
use packer_tests::dice::Dice;
use prometeu_packer::ops::{PackContents, Status};
use prometeu_packer::storage::memory::MemoryStorage;
use serde_json::{Value, json};

use super::eyes::{self, Eyes};
use super::ground::{Ground, Place};
use super::judge::Ask;
use super::world::World;

/// A root, its declaration, and its files.
type Asset<'a> = (&'a str, Value, &'a [(&'a str, Vec<u8>)]);

/// A game of these assets, by id from 1.
fn game(eyes: Eyes, all: &[Asset<'_>]) -> World {
    let ground = Ground { place: Place::Memory(MemoryStorage::default()), eyes };
    let world = World::empty(ground);
    let entries = all.iter().enumerate().map(|(n, (root, declaration, files))| {
        let folder = world.assets().join(root);
        for (file, bytes) in *files {
            world.ground.write(&folder.join(file), bytes);
        }
        world.ground.write(&folder.join("asset.json"), assets::text(declaration).as_bytes());
        json!({
            "asset_id": n + 1,
            "included_in_build": true,
            "root": root,
            "asset_uuid": declaration["asset_uuid"],
        })
    });
    register(&world, &entries.collect::<Vec<_>>());
    world.ground.settle();
    world
}

fn register(world: &World, entries: &[Value]) {
    let registry = json!({ "schema_version": 1, "next_asset_id": 1000, "assets": entries });
    world.ground.write(&world.registry(), assets::text(&registry).as_bytes());
}

fn blob(n: u64, files: &[&str]) -> Value {
    assets::blob_bank(&assets::uuid(n), "name", files)
}

/// Packs, and holds that against a pack from nothing.
#[track_caller]
fn judge(world: &mut World, expected: Status) {
    judge_as(world, Ask::PLAIN, expected);
}

#[track_caller]
fn judge_as(world: &mut World, ask: Ask, expected: Status) {
    match world.judge(ask) {
        Ok(status) => assert_eq!(status, expected),
        Err(wrong) => panic!("{}", wrong.0),
    }
}

#[test]
fn what_was_known_is_looked_at_anew_when_a_link_on_the_way_to_it_leads_out_of_its_root() {
    let mut world =
        game(eyes::ALL[0], &[("data", blob(1, &["sub/x.bin"]), &[("deep/er/x.bin", b"text".to_vec())])]);
    let root = world.assets().join("data");
    world.ground.link(&root.join("sub"), Path::new("deep/er"));
    world.ground.settle();
    judge(&mut world, Status::Ok);
    world.ground.settle();
    judge(&mut world, Status::Ok);
    world.ground.settle();
    // Neither the file nor the root, nor the link in it, is another by that.
    let outside = world.ground.top().join("outside");
    world.ground.rename(&root.join("deep/er"), &outside);
    world.ground.link(&root.join("deep/er"), &outside);
    world.ground.settle();
    judge(&mut world, Status::Blocked);
}

#[test]
fn two_assets_that_change_ids_change_payloads_also_where_files_have_no_numbers() {
    for eyes in eyes::ALL {
        let file = |text: &str| [("data.bin", text.as_bytes().to_vec())];
        let mut world = game(
            eyes,
            &[("a", blob(1, &["data.bin"]), &file("one")), ("b", blob(2, &["data.bin"]), &file("two"))],
        );
        // As an archive is unpacked.
        let time = world.ground.modified(&world.assets().join("a/data.bin")).unwrap();
        world.ground.set_modified(&world.assets().join("b/data.bin"), time);
        judge(&mut world, Status::Ok);
        let mut registry = world.document(&world.registry()).unwrap();
        let entries = registry["assets"].as_array_mut().unwrap();
        entries[0]["asset_id"] = json!(2);
        entries[1]["asset_id"] = json!(1);
        let entries = entries.clone();
        register(&world, &entries);
        world.ground.settle();
        judge(&mut world, Status::Ok);
    }
}

#[test]
fn a_file_that_takes_the_place_of_another_is_seen_by_its_folder_where_files_have_no_numbers() {
    for eyes in eyes::ALL {
        let files = [("a.bin", b"one".to_vec()), ("b.bin", b"two".to_vec())];
        let mut world = game(eyes, &[("data", blob(1, &["a.bin", "b.bin"]), &files)]);
        let [a, b] = ["a.bin", "b.bin"].map(|name| world.assets().join("data").join(name));
        // As an archive is unpacked.
        let time = world.ground.modified(&a).unwrap();
        world.ground.set_modified(&b, time);
        judge(&mut world, Status::Ok);
        world.ground.settle();
        world.ground.swap(&a, &b);
        world.ground.settle();
        judge(&mut world, Status::Ok);
    }
}

#[test]
fn the_last_glyph_bank_that_has_no_slot_is_told_whichever_were_known() {
    let tile = assets::heart();
    let roots: Vec<String> = (1..=17).map(|n| format!("tiles/t{n:02}")).collect();
    let files = [("t.png", tile)];
    let all = roots.iter().zip(1..).map(|(root, n)| {
        let mut declaration = assets::glyph_bank(&assets::uuid(n), &format!("t{n}"), &["t.png"]);
        declaration["preload"]["enabled"] = json!(n != 5);
        (root.as_str(), declaration, &files[..])
    });
    let mut world = game(eyes::ALL[0], &all.collect::<Vec<_>>());
    judge(&mut world, Status::Ok);
    world.ground.settle();
    let path = world.assets().join("tiles/t05/asset.json");
    let mut declaration = world.document(&path).unwrap();
    for (enabled, status) in [(true, Status::Blocked), (false, Status::Ok), (true, Status::Blocked)] {
        declaration["preload"]["enabled"] = json!(enabled);
        world.ground.write(&path, assets::text(&declaration).as_bytes());
        world.ground.settle();
        judge(&mut world, status);
    }
}

#[test]
fn payloads_of_many_pieces_move_and_stay() {
    let mut dice = Dice::new(1);
    let mut world = {
        let big = dice.bytes(3_000_001);
        let small = dice.bytes(100);
        game(
            eyes::ALL[0],
            &[
                ("a", blob(1, &["data.bin"]), &[("data.bin", small)]),
                ("b", blob(2, &["data.bin"]), &[("data.bin", big.clone())]),
                ("c", blob(3, &["data.bin"]), &[("data.bin", big[5..].to_vec())]),
            ],
        )
    };
    for (root, size) in [("a", 100), ("a", 70_000), ("c", 2_999_996), ("a", 99), ("b", 5), ("b", 3_000_000)] {
        judge(&mut world, Status::Ok);
        world.ground.settle();
        let bytes = dice.bytes(size);
        world.ground.write_in_place(&world.assets().join(root).join("data.bin"), &bytes);
        world.ground.settle();
    }
    judge(&mut world, Status::Ok);
}

#[test]
fn a_pack_that_is_right_beside_the_record_of_an_earlier_one_has_its_own_digest() {
    let mut world = game(eyes::ALL[0], &[("data", blob(1, &["data.bin"]), &[("data.bin", b"one".to_vec())])]);
    judge(&mut world, Status::Ok);
    let (path, _) = world.ground.list(&world.cache()).remove(0);
    let record = world.ground.read(&path).unwrap();
    world.ground.settle();
    world.ground.write(&world.assets().join("data/data.bin"), b"two");
    world.ground.settle();
    judge(&mut world, Status::Ok);
    // Its folder is not synced: a power cut may leave the old one, and a build server may bring it.
    world.ground.write(&path, &record);
    world.disturbed = [true; 3];
    judge(&mut world, Status::Ok);
    world.ground.settle();
    world.ground.write(&path, &record);
    world.disturbed = [true; 3];
    // With nothing in it, nothing of it differs.
    let mut registry = world.document(&world.registry()).unwrap();
    for included in [false, true] {
        registry["assets"][0]["included_in_build"] = json!(included);
        world.ground.write(&world.registry(), assets::text(&registry).as_bytes());
        world.ground.settle();
        judge(&mut world, Status::Ok);
        world.ground.write(&path, &record);
        world.disturbed = [true; 3];
        judge(&mut world, Status::Ok);
    }
}

#[test]
fn an_empty_pack_is_not_what_the_next_one_is_to_be() {
    let mut world = game(eyes::ALL[0], &[("data", blob(1, &["data.bin"]), &[("data.bin", b"one".to_vec())])]);
    for contents in [PackContents::PackSet, PackContents::Nothing, PackContents::PackSet] {
        judge_as(&mut world, Ask { contents, ..Ask::PLAIN }, Status::Ok);
        world.ground.settle();
    }
}

#[test]
fn after_a_power_cut_an_old_pack_is_not_taken_for_the_new_one_that_has_its_size_and_its_tick() {
    for eyes in eyes::ALL {
        let mut world = game(eyes, &[("data", blob(1, &["data.bin"]), &[("data.bin", b"one".to_vec())])]);
        judge(&mut world, Status::Ok);
        world.ground.write(&world.assets().join("data/data.bin"), b"two");
        judge(&mut world, Status::Ok);
        let files = world.ground.memory().unwrap().clone();
        let (mut states, mut old) = (0, 0);
        for state in files.crash_states(200, 1) {
            world.ground.place = Place::Memory(state);
            world.open = [const { None }; 2];
            world.disturbed = [true; 3];
            world.ground.settle();
            let pack = world.ground.read(&world.outs(world.out).join("assets.pa"));
            old += usize::from(pack.is_none_or(|pack| pack.ends_with(b"one")));
            judge(&mut world, Status::Ok);
            states += 1;
        }
        println!("{eyes:?}: {states} states, {old} of them with another pack than the last");
        assert!(states > 1, "there is nothing to lose");
    }
}
