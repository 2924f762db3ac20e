//! `status`, `refresh` and `reconcile`, after what people do with a file manager.

use std::fs;

use serde_json::json;

use crate::circle::Circle;
use crate::harness::Place;

/// A copy of the folder of an asset, made by hand.
fn copy(place: &Place, from: &str, to: &str) {
    fs::create_dir_all(place.path(&format!("assets/{to}"))).unwrap();
    for file in fs::read_dir(place.path(&format!("assets/{from}"))).unwrap() {
        let file = file.unwrap();
        fs::copy(file.path(), place.path(&format!("assets/{to}")).join(file.file_name())).unwrap();
    }
}

fn by_hand(place: &Place, from: &str, to: &str) {
    let to = place.path(&format!("assets/{to}"));
    fs::create_dir_all(to.parent().unwrap()).unwrap();
    fs::rename(place.path(&format!("assets/{from}")), to).unwrap();
}

#[test]
fn a_project_in_order_is_current() {
    let place = Place::blobs(&["a", "b"]);
    let run = place.ok(&["status"]);
    assert_eq!(run.stdout, "2 assets\ncurrent: the registry and the disk agree\n");
    place.ok(&["refresh"]).says("Read 2 assets, current").says("hint: `cargo prometeu doctor` looks into");
    place.ok(&["reconcile"]).says("nothing to do");
}

#[test]
fn each_contradiction_is_told_with_the_command_that_cures_it() {
    let place = Place::blobs(&["a", "b", "c"]);
    by_hand(&place, "a", "art/a");
    copy(&place, "b", "two words");
    fs::remove_dir_all(place.path("assets/c")).unwrap();
    let run = place.run(&["status"]).code(1);
    let expected = "3 assets, 2 not registered\n\
        diverged: the registry and the disk contradict each other\n\n\
        asset 1 was moved from `a` to `art/a`\n  \
        cargo prometeu reconcile 1  let asset 1 follow to `art/a`\n\n\
        the folder `c` of asset 3 is gone, and no other one carries its uuid\n  \
        cargo prometeu forget 3  give asset 3 up (`c`); every file stays\n\n\
        `two words` carries the uuid of asset 2, which is in its place in `b`: it is a copy\n  \
        cargo prometeu adopt 'two words' --as-new  make `two words` an asset of its own\n  \
        cargo prometeu adopt 'two words' --as 2    take `two words` for asset 2\n";
    assert_eq!(run.stdout, expected, "{}", run.stderr);
    run.says("2 findings stop a build; `cargo prometeu doctor` shows where");
    place.ok(&["adopt", "two words", "--as-new"]);
    place.ok(&["forget", "3", "--yes"]);
    place.ok(&["reconcile", "1", "--yes"]).says("Reconciled asset 1: `a` is `art/a` now");
    place.ok(&["status"]).prints("current: the registry and the disk agree");
    place.ok(&["doctor"]);
}

#[test]
fn what_was_moved_by_hand_is_followed_by_a_plan_that_is_shown() {
    let place = Place::blobs(&["a", "other"]);
    by_hand(&place, "a", "ui/a");
    Circle {
        change: &["reconcile"],
        plan: "reconcile asset 1: `a` is `ui/a` now\n  \
               edit   assets/.prometeu/index.json: no file moves\n",
        asks: true,
        done: "  Reconciled asset 1: `a` is `ui/a` now\n",
        back: "undo",
        spends: 0,
        operation: ("reconcile", "registry_mutation"),
    }
    .check(&place);
}

#[test]
fn nobody_agrees_to_follow_an_asset_that_was_not_shown() {
    let roots = ["a", "b", "c", "d"];
    let place = Place::blobs(&roots);
    for root in roots {
        by_hand(&place, root, &format!("art/{root}"));
    }
    let all = "reconcile 4 assets: `a` is `art/a` now, `b` is `art/b` now, 2 more";
    let follow: String = roots.iter().map(|root| format!("  follow {root} -> art/{root}\n")).collect();
    let lines = format!("{all}\n{follow}  edit   assets/.prometeu/index.json: no file moves\n");
    place.ok(&["reconcile", "--dry-run"]).prints(&lines);
    place
        .run(&["reconcile"])
        .code(3)
        .says(&lines)
        .says(&format!("error: this needs a yes, and nobody can be asked here: {all}\n"));
}

#[test]
fn what_a_person_has_to_decide_is_told_after_the_rest_was_done_and_ends_with_1() {
    let place = Place::blobs(&["a", "b"]);
    by_hand(&place, "a", "x");
    fs::remove_dir_all(place.path("assets/b")).unwrap();
    let run = place.run(&["reconcile", "--yes"]).code(1);
    let run = run.says("Reconciled asset 1: `a` is `x` now").says("this is for you to decide");
    run.says("the folder `b` of asset 2 is gone").says("cargo prometeu forget 2").prints_nothing();
    place.run(&["reconcile"]).code(1).says("nothing to do").says("cargo prometeu forget 2");
    let (run, lines) = place.json(&["reconcile", "--yes"]);
    assert_eq!((run.code, &lines.last().unwrap()["status"]), (1, &json!("ok")));
    assert_eq!(lines.last().unwrap()["diagnostics"][0]["code"], "root-missing");
    assert_eq!(lines.last().unwrap()["proposed_actions"][0]["action_id"], "forget_asset:2");
}

#[test]
fn programs_get_the_state_the_counts_and_the_ways_out() {
    let place = Place::blobs(&["a", "b"]);
    place.ok(&["exclude", "b"]);
    copy(&place, "a", "ui/a");
    let (run, lines) = place.json(&["status"]);
    let response = lines.last().unwrap();
    assert_eq!((run.code, &response["status"], &response["state"]), (1, &json!("ok"), &json!("diverged")));
    let counts = json!({"assets": 2, "included": 1, "unregistered": 1, "quarantined": 0, "blocking": 0, "warnings": 0});
    assert_eq!(response["counts"], counts);
    let divergence = &response["divergences"][0];
    assert_eq!((&divergence["kind"], &divergence["root"]), (&json!("copied"), &json!("ui/a")));
    assert_eq!(divergence["actions"], json!(["adopt_asset:ui/a:new", "adopt_asset:ui/a:1"]));
    let ids: Vec<_> =
        response["proposed_actions"].as_array().unwrap().iter().map(|action| &action["action_id"]).collect();
    assert_eq!(json!(ids), divergence["actions"]);
    let (_, lines) = place.json(&["refresh"]);
    assert_eq!(lines[0]["kind"], "snapshot_state_changed");
    assert_eq!(lines[0]["data"], json!({"state": "diverged", "generation": 1}));
}

#[test]
fn a_registry_that_is_broken_is_shown_at_its_place() {
    let place = Place::blobs(&["a"]);
    let text = place.read("assets/.prometeu/index.json");
    place
        .write("assets/.prometeu/index.json", format!("<<<<<<< ours\n{text}=======\n{text}>>>>>>> theirs\n"));
    let run = place.run(&["status"]).code(1);
    run.prints("nobody knows which assets there are; 1 declaration is there")
        .prints("error[registry-conflict-markers]");
}
