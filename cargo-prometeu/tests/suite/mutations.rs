//! `create` and `register`: plans, roots, refusals.

use std::process::Command;

use prometeu_packer::path::AssetPath;
use prometeu_packer::schema::SourceText;
use prometeu_packer::schema::registry::{self, Registry};

use crate::harness::Place;

#[test]
fn what_was_created_packs_at_once() {
    let place = Place::project();
    for (root, family) in [("ui/atlas", "glyph_bank"), ("story", "blob_bank")] {
        place
            .ok(&["create", root, "--type", family])
            .says(&format!("Created the {family} `{root}`"))
            .prints_nothing();
    }
    place.ok(&["doctor"]).says("2 assets, nothing wrong");
    place.ok(&["pack"]).says("Finished build/assets.pa").says("2 assets");
}

#[test]
fn files_are_copied_into_the_asset_that_is_made_of_them() {
    let place = Place::project();
    place.ok(&["create", "seed", "--type", "glyph_bank"]);
    for name in ["heart", "star"] {
        std::fs::create_dir_all(place.path("art")).unwrap();
        std::fs::copy(place.path("assets/seed/tile.png"), place.path(&format!("art/{name}.png"))).unwrap();
    }
    let create = ["create", "ui", "--type", "glyph_bank", "--from", "art/star.png", "art/heart.png"];
    place
        .ok(&[&create[..], &["--dry-run"]].concat())
        .prints("as asset 2: 2 tiles of 16x16 pixels in 1 palette\n")
        .prints("  create assets/ui/asset.json\n  create assets/ui/star.png\n  create assets/ui/heart.png\n");
    let (_, lines) = place.json(&[&create[..], &["--tile-size", "8", "--dry-run"]].concat());
    let action = &lines.last().unwrap()["proposed_actions"][0];
    assert_eq!(action["arguments"]["from"], serde_json::json!(["star.png", "heart.png"]));
    assert_eq!(action["arguments"]["tile_size"], 8);
    place.ok(&create).says("Created the glyph_bank `ui` as asset 2: 2 tiles of 16x16 pixels in 1 palette");
    assert!(
        place.read("assets/ui/asset.json").contains(r#""inputs": { "sprites": ["star.png", "heart.png"] }"#)
    );
    place.ok(&["doctor"]).says("2 assets, nothing wrong");
    place.ok(&["pack"]);
}

#[test]
fn what_is_seen_in_a_dry_run_is_the_content_of_the_files_too() {
    let place = Place::project();
    place.write("art/note.txt", "one");
    let create = ["create", "notes", "--type", "blob_bank", "--from", "art/note.txt"];
    let seen = place.ok(&[&create[..], &["--dry-run"]].concat()).plan_id();
    place.write("art/note.txt", "two");
    place.run(&[&create[..], &["--plan", &seen]].concat()).code(1).says("another one by now");
    place.write("art/note.txt", "one");
    place.ok(&[&create[..], &["--plan", &seen]].concat()).says("1 file");
}

#[test]
fn what_is_no_file_to_copy_is_refused_with_what_to_do() {
    let place = Place::project();
    place.write("art/heart.png", "no picture");
    let before = place.listing();
    let refused = |from: &str| place.run(&["create", "a", "--type", "glyph_bank", "--from", from]).code(2);
    refused("art")
        .says("`art` is a folder")
        .says(&format!("`--from {}`", std::path::Path::new("art").join("*").display()));
    refused("art/hart.png").says("there is no file `art/hart.png`");
    refused("art/heart.png").says("`heart.png` is not a PNG file but text");
    place.run(&["create", "a", "--type", "glyph_bank", "--tile-size", "8"]).code(2).says("--from");
    std::fs::File::create(place.path("art/huge.png")).unwrap().set_len((16 << 20) + 1).unwrap();
    refused("art/huge.png").says("a file of this type has at most 16.8 MB");
    std::fs::remove_file(place.path("art/huge.png")).unwrap();
    assert_eq!(place.listing(), before);
}

#[test]
fn a_dry_run_prints_its_plan_and_writes_nothing() {
    let place = Place::blobs(&["a"]);
    place.write("assets/b/asset.json", place.read("assets/a/asset.json").replace("-7", "-8"));
    let before = place.listing();
    place
        .ok(&["create", "ui/new", "--type", "blob_bank", "--dry-run"])
        .prints("create the blob_bank `ui/new` as asset 2\n  create assets/ui/\n  create assets/ui/new/\n")
        .prints("  edit   assets/.prometeu/index.json\nplan ")
        .says("nothing was written");
    place
        .ok(&["register", "b", "--dry-run"])
        .prints("register `b` as asset 2\n  edit   assets/.prometeu/index.json\nplan ");
    assert_eq!(place.listing(), before);
}

#[test]
fn a_plan_that_was_seen_is_applied_and_an_outdated_one_is_not() {
    let place = Place::project();
    let first = place.ok(&["create", "a", "--type", "blob_bank", "--dry-run"]).plan_id();
    let second = place.ok(&["create", "b", "--type", "blob_bank", "--dry-run"]).plan_id();
    place.run(&["create", "b", "--type", "blob_bank", "--plan", &first]).code(1).says("another one by now");
    place.ok(&["create", "a", "--type", "blob_bank", "--plan", &first]).says("Created");
    let before = place.listing();
    place.run(&["create", "b", "--type", "blob_bank", "--plan", &second]).code(1).says("another one by now");
    assert_eq!(place.listing(), before);
    place.run(&["create", "b", "--type", "blob_bank", "--plan", "x"]).code(2).says("not the id of a plan");
}

#[test]
fn several_roots_are_registered_up_to_the_first_that_is_refused() {
    let place = Place::blobs(&["seed"]);
    let declaration = place.read("assets/seed/asset.json");
    for (root, version) in [("a", "-4"), ("b", "-5"), ("c", "-6")] {
        place.write(&format!("assets/{root}/asset.json"), declaration.replacen("-7", version, 1));
    }
    place
        .run(&["register", "a", "nowhere", "b"])
        .code(2)
        .says("Registered `a` as asset 2")
        .says("there is no folder `assets/nowhere`")
        .says("registered before that: `a`\n")
        .says("not tried: `b`\n");
    place.ok(&["register", "--excluded", "b", "assets/c/"]);
    place.ok(&["list", "--excluded"]).prints(" 3  b").prints(" 4  c").says("2 assets, 2 excluded");
    place.run(&["register", "a", "b", "--dry-run"]).code(2).says("a plan is for one root");
}

#[test]
fn roots_are_taken_as_people_type_them() {
    let place = Place::blobs(&["ui/one"]);
    let create = |folder: &str, root: &str, made: &str| {
        let run = place.run_in(folder, &["create", "--type", "blob_bank", "--", root]).code(0);
        assert!(run.stderr.contains(&format!("`{made}` as asset")), "{root} in {folder}: {}", run.stderr);
    };
    create(".", "assets/ui/two/", "ui/two");
    create("assets/ui", "./three", "ui/three");
    create("assets/ui", "four", "ui/four");
    create("assets", "ui/five", "ui/five");
    create("assets/ui/one", "../../six", "six");
    create(".", "seven and é", "seven and é");
    create(".", "--dry", "--dry");
}

#[test]
fn roots_that_cannot_be_are_refused_with_the_rule() {
    let place = Place::blobs(&["ui"]);
    let before = place.listing();
    for (root, why) in [
        ("../out", "outside of `assets/`"),
        ("assets", "the folder `assets/` itself"),
        ("a/../b", "climbs"),
        ("ab:c", "holds `:`"),
        ("nul.d", "device"),
        (".prometeu/x", "the packer's own folder"),
        ("ui/inner", "lies inside the asset `ui`"),
        ("ui", "registered already"),
    ] {
        place.run(&["create", "--type", "blob_bank", "--", root]).code(2).says(why).prints_nothing();
    }
    assert_eq!(place.listing(), before);
}

#[test]
fn an_asset_inside_another_is_refused_with_a_way_out() {
    let place = Place::blobs(&["ui/atlas"]);
    for root in ["ui", "ui/atlas/inner"] {
        place.run(&["create", root, "--type", "blob_bank"]).code(2).says("help: Choose another folder");
    }
}

#[test]
fn a_type_that_does_not_exist_is_refused_with_the_nearest() {
    let place = Place::project();
    place.run(&["create", "a", "--type", "blob_bnk"]).code(2).says("'blob_bank'");
}

#[test]
fn without_a_registry_a_mutation_names_init() {
    let place = Place::empty();
    place.write("assets/a/asset.json", "{}");
    place.run(&["register", "a"]).code(1).says("`cargo prometeu init`");
}

#[test]
fn a_project_that_another_process_is_changing_is_waited_for_and_then_left() {
    let place = Place::blobs(&["a"]);
    let before = place.listing();
    let lock = std::fs::File::open(place.path("assets/.prometeu/local/lock")).unwrap();
    lock.lock().unwrap();
    let holder = "assets/.prometeu/local/holder.json";
    place.write(
        holder,
        r#"{"operation":"relocate_asset","operation_id":"x","process":"cargo prometeu, process 4242","since":1}"#,
    );
    place
        .run(&["create", "b", "--type", "blob_bank"])
        .code(75)
        .says("    Blocking waiting for `cargo prometeu, process 4242`, which is changing this project (relocate_asset)\n")
        .says("error: `cargo prometeu, process 4242` has been changing this project for ")
        .says("help: Wait until it is done and run this again.");
    std::fs::remove_file(place.path(holder)).unwrap();
    assert_eq!(place.listing(), before);
    drop(lock);
    place.ok(&["create", "b", "--type", "blob_bank"]);
}

#[test]
fn processes_that_change_one_project_at_one_time_wait_for_each_other() {
    let place = Place::blobs(&["seed"]);
    let start = |n: usize| {
        let create = ["-q", "create", &format!("par/a{n}"), "--type", "blob_bank"];
        place.command(&create).stderr(std::process::Stdio::piped()).spawn().unwrap()
    };
    let running: Vec<_> = (0..8).map(start).collect();
    for process in running {
        let ended = process.wait_with_output().unwrap();
        assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
    }
    let registry = place.read("assets/.prometeu/index.json");
    assert!(registry.contains("\"next_asset_id\": 10,"), "{registry}");
    for id in 1..10 {
        assert_eq!(registry.matches(&format!("\"asset_id\": {id},")).count(), 1, "{registry}");
    }
    place.ok(&["doctor"]).says("9 assets, nothing wrong");
}

#[test]
fn a_folder_whose_name_cannot_be_registered_is_not_offered_for_it() {
    let place = Place::project();
    place.write("assets/bad /asset.json", "{}");
    place
        .ok(&["list", "--unregistered"])
        .says("Rename the folder first: its path has a part that begins or ends with a space.");
}

#[test]
fn a_created_asset_carries_a_uuid_of_version_7() {
    let place = Place::blobs(&["a"]);
    let declaration: serde_json::Value = serde_json::from_str(&place.read("assets/a/asset.json")).unwrap();
    let uuid = uuid::Uuid::try_parse(declaration["asset_uuid"].as_str().unwrap()).unwrap();
    assert_eq!(uuid.get_version_num(), 7);
    let registry: serde_json::Value =
        serde_json::from_str(&place.read("assets/.prometeu/index.json")).unwrap();
    assert_eq!(registry["assets"][0]["asset_uuid"], declaration["asset_uuid"]);
}

/// The registry of a text without fault.
fn registry(text: &str) -> Registry {
    let reading = registry::read(&SourceText::new(text));
    assert_eq!(reading.findings, [], "{text}");
    reading.registry.unwrap()
}

#[test]
fn two_branches_that_touch_different_entries_of_the_registry_merge_by_text() {
    if !Command::new("git").arg("--version").output().is_ok_and(|git| git.status.success()) {
        eprintln!("skipped: git is not here");
        return;
    }
    let place = Place::blobs(&["a", "b", "c", "d"]);
    let base = registry(&place.read("assets/.prometeu/index.json"));
    place.write("base", base.to_text());
    let mut cases = 0;
    for changed in 0..4 {
        for dropped in (0..4).filter(|dropped| *dropped != changed) {
            let (mut ours, mut theirs) = (base.clone(), base.clone());
            ours.assets[changed].included_in_build = false;
            ours.assets[changed].root = AssetPath::parse("moved/away").unwrap();
            theirs.assets.remove(dropped);
            place.write("ours", ours.to_text());
            place.write("theirs", theirs.to_text());
            let mut git = Command::new("git");
            let git = git.args(["merge-file", "-p", "ours", "base", "theirs"]).current_dir(place.path(""));
            let output = git.output().unwrap();
            let merged = String::from_utf8(output.stdout).unwrap();
            assert_eq!(output.status.code(), Some(0), "{changed} changed, {dropped} dropped:\n{merged}");
            ours.assets.remove(dropped);
            assert_eq!(registry(&merged).to_text(), ours.to_text());
            cases += 1;
        }
    }
    println!("{cases} merges");
}
