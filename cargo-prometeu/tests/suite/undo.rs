//! `undo`, and the way back that every change names.

use std::fs;
use std::process::Stdio;

use crate::circle::Circle;
use crate::harness::Place;

const INDEX: &str = "assets/.prometeu/index.json";

#[test]
fn a_created_asset_goes_again_and_its_id_is_spent() {
    let place = Place::blobs(&["other"]);
    Circle {
        change: &["create", "ui/atlas", "--type", "blob_bank"],
        plan: "create the blob_bank `ui/atlas` as asset 2\n  create assets/ui/\n  create assets/ui/atlas/\n  \
               create assets/ui/atlas/asset.json\n  create assets/ui/atlas/data.txt\n  \
               edit   assets/.prometeu/index.json\n",
        asks: false,
        done: "     Created the blob_bank `ui/atlas` as asset ",
        back: "undo",
        spends: 1,
        operation: ("create_asset", "workspace_mutation"),
    }
    .check(&place);
    place.ok(&["create", "ui/atlas", "--type", "blob_bank"]).says("as asset 5");
    let size: usize = ["asset.json", "data.txt"]
        .iter()
        .map(|file| place.read(&format!("assets/ui/atlas/{file}")).len())
        .sum();
    place.ok(&["undo", "--dry-run"]).prints(&format!(
        "take back: create the blob_bank `ui/atlas` as asset 5\n  remove assets/ui/atlas/: 2 files, {size} B; as it \
         was made\n"
    ));
}

#[test]
fn a_person_is_told_what_a_change_is_called_who_asks_for_more() {
    let place = Place::blobs(&["other"]);
    let run = place.ok(&["create", "a", "--type", "blob_bank", "-v"]);
    let change = run.stderr.lines().find_map(|line| line.strip_prefix("      Change ")).unwrap();
    place.ok(&["exclude", "other"]);
    place.run(&["undo", change]).code(1).says("another change is the last one by now: exclude `other`");
    place.ok(&["undo"]);
}

#[test]
fn what_somebody_put_into_a_new_asset_keeps_it_from_going() {
    let place = Place::blobs(&["other", "a"]);
    place.write("assets/a/mine.txt", "mine");
    let before = place.tree();
    place
        .run(&["undo", "--yes"])
        .code(1)
        .says("the last change cannot be taken back (create the blob_bank `a` as asset 2)")
        .says("`assets/a` is not as it left it")
        .says("help: Nothing was changed.");
    assert_eq!(place.tree(), before);
    fs::remove_file(place.path("assets/a/mine.txt")).unwrap();
    place.ok(&["undo", "--yes"]).says("       Undid the change: create the blob_bank `a` as asset 2\n");
    assert!(!place.path("assets/a").exists());
}

#[test]
fn a_registration_is_taken_back_and_its_id_is_spent() {
    let place = Place::blobs(&["other"]);
    let declaration = place.read("assets/other/asset.json");
    let line = declaration.lines().find(|line| line.contains("asset_uuid")).unwrap();
    place.write("assets/a/asset.json", declaration.replace(&format!("{line}\n"), ""));
    Circle {
        change: &["register", "a"],
        plan: "register `a` as asset 2\n  edit   assets/a/asset.json\n  edit   assets/.prometeu/index.json\n",
        asks: false,
        done: "  Registered `a` as asset ",
        back: "undo",
        spends: 1,
        operation: ("register_asset", "workspace_mutation"),
    }
    .check(&place);
}

#[test]
fn of_several_registrations_the_last_is_what_undo_takes_back() {
    let place = Place::blobs(&["other"]);
    for (root, version) in [("a", "-4"), ("b", "-5")] {
        let text = place.read("assets/other/asset.json").replacen("-7", version, 1);
        place.write(&format!("assets/{root}/asset.json"), text);
    }
    let run = place.ok(&["register", "a", "b"]).says("`cargo prometeu undo` takes back the last of them\n");
    assert_eq!(run.stderr.matches("undo").count(), 1, "{}", run.stderr);
    place.ok(&["undo", "--yes"]).says("Undid the change: register `b` as asset 3");
    place.ok(&["list"]).prints(" 2  a").prints(" -  b");
}

#[test]
fn a_relocation_and_an_exclusion_name_a_way_back_that_stays_open() {
    let place = Place::blobs(&["a", "other"]);
    let before = place.tree();
    let run = place.ok(&["relocate", "a", "b", "--yes"]).says("`cargo prometeu relocate b a` moves it back");
    assert!(!run.stderr.contains("undo"), "{}", run.stderr);
    place.ok(&["undo", "--dry-run"]).prints("take back: move `a` to `b`\n  move   assets/b/ -> assets/a/\n");
    place.ok(&["undo", "--yes"]);
    let run = place.ok(&["exclude", "a"]).says("`cargo prometeu include a` takes it in again");
    assert!(!run.stderr.contains("undo"), "{}", run.stderr);
    place.ok(&["undo"]).says("       Undid the change: exclude `a` (asset 1)\n");
    assert_eq!(place.tree(), before);
    place.ok(&["exclude", "a"]);
    place.ok(&["include", "a"]).says("hint: `cargo prometeu undo` takes this back\n");
}

#[test]
fn what_takes_nothing_away_is_undone_without_a_question() {
    let place = Place::blobs(&["a", "other"]);
    let before = place.tree();
    place.ok(&["forget", "a", "--yes"]);
    place.ok(&["undo"]).says("       Undid the change: forget `a` (asset 1)\n").prints_nothing();
    assert_eq!(place.tree(), before);
}

#[test]
fn an_undo_is_shown_before_it_is_agreed_to() {
    let place = Place::blobs(&["other", "a"]);
    place
        .run(&["undo"])
        .code(3)
        .says("note: take back: create the blob_bank `a` as asset 2\n  remove assets/a/: 2 files, ")
        .says("error: this needs a yes, and nobody can be asked here: take back the last change\n");
    let seen = place.ok(&["undo", "--dry-run"]).plan_id();
    place.ok(&["undo", "--plan", &seen]).says("Undid the change: create");
    place.run(&["undo", "--plan", &seen]).code(2).says("there is no change that could be taken back");
}

#[test]
fn a_plan_to_undo_is_for_the_change_that_was_last_then() {
    let place = Place::blobs(&["other", "a"]);
    let seen = place.ok(&["undo", "--dry-run"]).plan_id();
    place.ok(&["exclude", "other"]);
    let before = place.tree();
    place.run(&["undo", "--plan", &seen]).code(1).says("the plan is another one by now");
    assert_eq!(place.tree(), before);
}

#[test]
fn an_undo_keeps_what_else_was_changed_in_the_registry() {
    let place = Place::blobs(&["a", "other"]);
    place.ok(&["exclude", "a"]);
    let exclude_other = |text: &str| {
        let at = text.find("\"asset_id\": 2").unwrap();
        let (head, tail) = text.split_at(at);
        format!("{head}{}", tail.replacen("\"included_in_build\": true", "\"included_in_build\": false", 1))
    };
    place.write(INDEX, exclude_other(&place.read(INDEX)));
    place.ok(&["undo", "--yes"]);
    place.ok(&["list", "--excluded"]).prints(" 2  other").says("1 asset, 1 excluded");
}

#[test]
fn an_undo_is_not_undone_and_without_a_change_there_is_nothing_to_take_back() {
    let place = Place::blobs(&["a", "other"]);
    let run = place.ok(&["undo", "--yes"]);
    assert!(!run.stderr.contains("hint"), "{}", run.stderr);
    for flags in [&["undo"][..], &["undo", "--yes"], &["undo", "--dry-run"]] {
        place
            .run(flags)
            .code(2)
            .says("error: there is no change that could be taken back\nhelp: Only the last change of this checkout")
            .prints_nothing();
    }
    let (run, lines) = place.json(&["undo"]);
    assert_eq!((run.code, &lines.last().unwrap()["operation"]), (2, &"undo".into()));
    let (run, _) = place.json(&["forget", "a", "--yes"]);
    assert_eq!(run.code, 0);
    let (_, lines) = place.json(&["undo"]);
    let response = lines.last().unwrap();
    assert_eq!(
        (&response["status"], &response["operation_class"]),
        (&"ok".into(), &"registry_mutation".into())
    );
    assert_eq!(response["proposed_actions"], serde_json::json!([]));
}

#[test]
fn all_of_them_wait_for_their_turn_and_then_leave_the_project_as_it_is() {
    let place = Place::blobs(&["a", "other", "gone"]);
    place.ok(&["quarantine", "gone", "--yes"]);
    fs::create_dir(place.path("assets/copy")).unwrap();
    fs::copy(place.path("assets/a/asset.json"), place.path("assets/copy/asset.json")).unwrap();
    let before = place.tree();
    let lock = fs::File::open(place.path("assets/.prometeu/local/lock")).unwrap();
    lock.lock().unwrap();
    let changes = [
        &["adopt", "copy", "--as-new"][..],
        &["adopt", "copy", "--as", "1"],
        &["forget", "a"],
        &["remove", "a"],
        &["remove", "a", "--purge"],
        &["quarantine", "a"],
        &["restore", "3-gone"],
        &["undo"],
    ];
    let start = |change: &&[&str]| {
        let mut command = place.command(&[change, &["--yes"][..]].concat());
        command.stderr(Stdio::piped()).spawn().unwrap()
    };
    let waiting: Vec<_> = changes.iter().map(start).collect();
    for (change, process) in changes.iter().zip(waiting) {
        let ended = process.wait_with_output().unwrap();
        assert_eq!(ended.status.code(), Some(75), "{change:?}: {}", String::from_utf8_lossy(&ended.stderr));
    }
    assert_eq!(place.tree(), before);
}

#[test]
fn a_root_that_looks_like_an_id_is_the_root_when_it_is_written_as_a_path() {
    let place = Place::blobs(&["2", "x"]);
    // The root `2` is asset 1, and asset 2 is `x`.
    place.ok(&["remove", "assets/2", "--purge", "--yes"]).says("Removed `2` (asset 1) for good");
    place.ok(&["undo", "--yes"]);
    place.ok(&["remove", "2", "--purge", "--yes"]).says("Removed `x` (asset 2) for good");
}

#[test]
fn what_could_not_be_kept_is_not_promised() {
    let place = Place::blobs(&["a"]);
    place.ok(&["exclude", "a"]);
    fs::remove_file(place.path("assets/.prometeu/local/last-change")).unwrap();
    place.write("assets/.prometeu/local/last-change/in the way", "x");
    let run = place.ok(&["create", "b", "--type", "blob_bank"]);
    assert!(!run.stderr.contains("undo"), "{run:?}");
    assert_ne!(place.run(&["undo", "--yes"]).code, 0);
}
