//! Every change, shown and applied as a host does it; what is proposed is sent as it stands.

use serde_json::{Value, json};

use super::Served;
use crate::harness::Place;

/// Previews, sends the proposed action as it stands with its plan, and then the way back.
#[track_caller]
fn there_and_back(served: &mut Served, method: &str, params: &Value) {
    let applied = there(served, method, params);
    assert_eq!(applied["proposed_actions"].as_array().unwrap().len(), 1, "{method}: {applied}");
    served.execute(&applied["proposed_actions"][0]);
}

/// The same without the way back.
#[track_caller]
fn there(served: &mut Served, method: &str, params: &Value) -> Value {
    let shown = served.ok(method, params.clone());
    let action = shown["proposed_actions"][0].clone();
    assert_eq!(action["operation"], method);
    assert_eq!(action["action_id"], shown["plan"]["plan_id"]);
    // The arguments are params: those of the plan, in its own words, and asked for anew the same plan.
    let anew = served.ok(method, action["arguments"].clone());
    let digest =
        |shown: &Value| shown["plan"]["plan_id"].as_str().unwrap().split('.').next().map(str::to_owned);
    assert_eq!(digest(&anew), digest(&shown), "{method}: {anew}");
    let mut with_plan = action["arguments"].clone();
    with_plan["plan_id"] = action["action_id"].clone();
    if shown["plan"]["needs_consent"] == true {
        let refused = served.result(method, with_plan.clone());
        assert_eq!(refused["blockers"][0]["code"], "consent-required", "{refused}");
        with_plan["consent"] = json!(true);
    }
    let applied = served.ok(method, with_plan);
    assert_eq!(applied["plan"], shown["plan"], "exactly what was shown");
    assert_eq!(applied["operation_id"], shown["operation_id"], "one operation");
    applied
}

#[test]
fn every_change_goes_there_and_back_as_it_is_proposed() {
    let place = Place::blobs(&["a", "b"]);
    place.write("pictures/x.txt", "some words");
    place.write("assets/loose/asset.json", place.read("assets/a/asset.json").replacen("-7", "-4", 1));
    place.write("assets/loose/data.txt", "loose");
    let mut served = Served::start(&place);
    let before = (place.read("assets/.prometeu/index.json"), place.listing().len());
    let mut tried = Vec::new();
    for (method, params) in [
        ("create_asset", json!({ "root": "new/one", "type": "blob_bank" })),
        ("create_asset", json!({ "root": "new/two", "type": "blob_bank", "from": ["pictures/x.txt"] })),
        ("register_asset", json!({ "root": "loose", "included": false })),
        ("forget_asset", json!({ "asset": "b" })),
        ("remove_asset", json!({ "asset": 2 })),
        ("remove_asset", json!({ "asset": 2, "purge": true })),
        ("relocate_asset", json!({ "asset": 1, "new_root": "x/y" })),
        ("quarantine_asset", json!({ "assets": ["a"] })),
        ("quarantine_asset", json!({ "assets": ["loose"] })),
        ("set_included", json!({ "assets": [1, "b"], "included": false })),
    ] {
        there_and_back(&mut served, method, &params);
        tried.push(method);
        let listed = served.ok("list_assets", json!({}));
        let rows: Vec<&Value> = listed["assets"].as_array().unwrap().iter().map(|row| &row["root"]).collect();
        assert_eq!(rows, ["a", "b", "loose"], "{method}: {listed}");
    }
    // A copy is taken in, and the asset that was moved by hand is followed.
    place.write("assets/copy/asset.json", place.read("assets/a/asset.json"));
    place.write("assets/copy/data.txt", "copied");
    there_and_back(&mut served, "adopt_asset", &json!({ "root": "copy", "as": "new" }));
    std::fs::rename(place.path("assets/b"), place.path("assets/moved")).unwrap();
    there(&mut served, "adopt_asset", &json!({ "root": "moved", "as": 2 }));
    let away = there(&mut served, "quarantine_asset", &json!({ "assets": [2] }));
    let entry = &away["proposed_actions"][0]["arguments"];
    there_and_back(&mut served, "restore_asset", entry);
    served.ok("doctor", json!({}));
    served.end();
    assert_ne!(place.read("assets/.prometeu/index.json"), before.0, "ids are spent");
    assert!(tried.len() == 10 && before.1 > 10);
}

#[test]
fn what_takes_nobodys_judgement_is_mended_as_doctor_proposes_it() {
    let place = Place::blobs(&["a", "b"]);
    for root in ["a", "b"] {
        place.edit(&format!("assets/{root}/asset.json"), "\"NONE\"", "\"RAW\"");
    }
    let mut served = Served::start(&place);
    let found = served.result("doctor", json!({}));
    assert_eq!(found["status"], "blocked", "{found}");
    let proposed = found["proposed_actions"].as_array().unwrap().clone();
    assert!(proposed.len() >= 2 && proposed.iter().all(|action| action["operation"] == "doctor"), "{found}");
    served.execute(&proposed[0]);
    assert_eq!(served.result("doctor", json!({}))["status"], "blocked", "one is left");
    there(&mut served, "doctor", &json!({ "fix": true }));
    served.ok("doctor", json!({}));
    served.end();
}

#[test]
fn the_registry_follows_what_was_moved_by_hand() {
    let place = Place::blobs(&["a", "b"]);
    std::fs::rename(place.path("assets/a"), place.path("assets/moved")).unwrap();
    let mut served = Served::start(&place);
    there_and_back(&mut served, "reconcile", &json!({}));
    there(&mut served, "reconcile", &json!({ "assets": [1] }));
    served.ok("doctor", json!({}));
    served.end();
    assert!(place.read("assets/.prometeu/index.json").contains("\"moved\""));
}

#[test]
fn what_people_do_to_the_files_is_told_and_its_ways_out_can_be_sent() {
    let place = Place::blobs(&["a", "b"]);
    let mut served = Served::start(&place);
    assert_eq!(served.ok("workspace_status", json!({}))["state"], "current");
    drop(served.events());
    place.write("assets/c/asset.json", place.read("assets/a/asset.json"));
    std::fs::rename(place.path("assets/b"), place.path("assets/moved")).unwrap();
    // Nobody asks for it.
    let told = loop {
        let event = served.next().unwrap();
        if event["params"]["data"]["state"] == "diverged" {
            break event;
        }
    };
    assert_eq!(told["params"]["kind"], "snapshot_state_changed");
    let rows = |served: &mut Served| served.ok("list_assets", json!({}))["assets"].as_array().unwrap().len();
    assert_eq!(rows(&mut served), 2, "what is read is still the snapshot");
    served.ok("refresh", json!({}));
    assert_eq!(rows(&mut served), 4, "two that are registered, and two that are not");
    // Each way out that does something, one after the other, until there are none.
    let mut taken = Vec::new();
    while let Some(way) = {
        let status = served.ok("workspace_status", json!({}));
        let ways = status["proposed_actions"].as_array().unwrap().clone();
        ways.into_iter().find(|way| way["operation"] != "forget_asset" && way["operation"] != "refresh")
    } {
        served.execute(&way);
        taken.push(way["operation"].as_str().unwrap().to_owned());
        assert!(taken.len() < 10, "{taken:?}");
    }
    assert!(taken.len() >= 2, "{taken:?}");
    served.ok("refresh", json!({}));
    assert_eq!(served.ok("workspace_status", json!({}))["state"], "current");
    served.end();
}

#[test]
fn what_people_do_is_told_at_once_or_soon_or_only_when_asked() {
    for (flag, is_told) in [(None, true), (Some("--poll"), true), (Some("--no-observe"), false)] {
        let place = Place::blobs(&["a"]);
        let arguments: Vec<&str> = ["-q", "serve"].into_iter().chain(flag).collect();
        let mut served = Served::spawn(place.command(&arguments));
        served.ok("list_assets", json!({}));
        drop(served.events());
        place.write("assets/new/asset.json", "{}");
        if is_told {
            let told = served.next().unwrap();
            assert_eq!(told["params"]["kind"], "asset_discovered", "{flag:?}: {told}");
            assert_eq!(told["params"]["sequence"], 1, "an operation of its own");
        }
        assert_eq!(served.ok("workspace_status", json!({}))["state"], "stale", "{flag:?}");
        let discovered = |event: &Value| event["kind"] == "asset_discovered";
        assert!(!served.events().iter().any(discovered), "{flag:?}: once, or not at all");
        served.end();
    }
}

#[test]
fn a_folder_becomes_a_project() {
    let place = Place::empty();
    let mut served = Served::spawn(place.command(&["--project", ".", "serve"]));
    there(&mut served, "init_workspace", &json!({}));
    there(&mut served, "create_asset", &json!({ "root": "a", "type": "glyph_bank", "name": "first" }));
    served.ok("pack", json!({}));
    assert!(place.path("build/assets.pa").exists());
    served.end();
}

#[test]
fn what_contradicts_a_plan_is_refused_before_anything_is_done() {
    let place = Place::blobs(&["a", "b"]);
    let mut served = Served::start(&place);
    let shown = served.ok("remove_asset", json!({ "asset": "a" }));
    let plan = &shown["plan"]["plan_id"];
    for (method, params, words) in [
        ("remove_asset", json!({ "asset": 2 }), "`asset` is `2`, and `1` in the plan"),
        ("remove_asset", json!({ "asset": 1, "purge": true }), "`purge` is `true`, and `false` in the plan"),
        ("forget_asset", json!({ "asset": 1 }), "the plan is one of `remove_asset`"),
    ] {
        let mut params = params;
        params["plan_id"] = plan.clone();
        params["consent"] = json!(true);
        let reply = served.ask(method, params);
        assert_eq!(reply["error"]["code"], -32602, "{reply}");
        assert_eq!(reply["error"]["message"], words);
    }
    // The same in other words is the same.
    let params = json!({ "asset": "a", "purge": false, "plan_id": plan, "consent": true });
    served.ok("remove_asset", params);
    served.end();
    assert!(!place.path("assets/a").exists() && place.path("assets/b").exists());
}

#[test]
fn who_says_no_is_heard_whatever_the_plan() {
    let place = Place::blobs(&["a"]);
    let mut served = Served::start(&place);
    for (method, params) in [
        ("set_included", json!({ "assets": [1], "included": false })),
        ("forget_asset", json!({ "asset": 1 })),
    ] {
        let before = place.read("assets/.prometeu/index.json");
        let shown = served.ok(method, params);
        let declined =
            served.result(method, json!({ "plan_id": shown["plan"]["plan_id"], "consent": false }));
        assert_eq!(declined["blockers"][0]["code"], "consent-required", "{declined}");
        assert_eq!(declined["operation_id"], shown["operation_id"]);
        assert_eq!(place.read("assets/.prometeu/index.json"), before);
    }
    let plan = place.run(&["exclude", "a", "--dry-run"]).code(0).plan_id();
    let params = json!({ "plan_id": plan, "assets": [1], "included": false, "consent": false });
    assert_eq!(served.ask("set_included", params)["error"]["code"], -32602);
    served.end();
}

#[test]
fn a_plan_of_another_process_is_applied_when_it_is_the_same() {
    let place = Place::blobs(&["a", "b"]);
    let plan = place.run(&["exclude", "a", "--dry-run"]).code(0).plan_id();
    let mut served = Served::start(&place);
    let reply = served.ask("set_included", json!({ "plan_id": plan }));
    assert_eq!(reply["error"]["code"], -32602, "{reply}");
    assert!(reply["error"]["data"]["help"].to_string().contains("does not know the plan"), "{reply}");
    let params = |assets: &[&str]| json!({ "plan_id": plan, "assets": assets, "included": false });
    let other = served.result("set_included", params(&["b"]));
    assert_eq!(other["blockers"][0]["code"], "plan-outdated");
    let applied = served.ok("set_included", params(&["a"]));
    assert!(plan.ends_with(applied["operation_id"].as_str().unwrap()));
    served.end();
    assert!(place.read("assets/.prometeu/index.json").contains("\"included_in_build\": false"));
}

#[test]
fn a_plan_is_outdated_when_somebody_else_was_faster() {
    let place = Place::blobs(&["a", "b"]);
    let mut served = Served::start(&place);
    let shown = served.ok("relocate_asset", json!({ "asset": 1, "new_root": "x" }));
    place.ok(&["exclude", "b"]);
    let params = json!({ "plan_id": shown["plan"]["plan_id"], "consent": true });
    let outdated = served.result("relocate_asset", params);
    assert_eq!(
        (&outdated["status"], &outdated["blockers"][0]["code"]),
        (&json!("blocked"), &json!("plan-outdated"))
    );
    // And what is to be taken back has to be what is meant.
    let plan = served.ok("set_included", json!({ "assets": ["a"], "included": false }));
    let applied = served.ok("set_included", json!({ "plan_id": plan["plan"]["plan_id"] }));
    let back = &applied["proposed_actions"][0];
    place.ok(&["include", "b"]);
    let refused = served.result(back["operation"].as_str().unwrap(), back["arguments"].clone());
    assert_eq!(refused["blockers"][0]["code"], "plan-outdated", "{refused}");
    assert!(refused.get("plan").is_none());
    served.end();
}

#[test]
fn what_makes_no_sense_to_the_project_is_a_result() {
    let place = Place::blobs(&["a"]);
    let mut served = Served::start(&place);
    for (method, params, code) in [
        ("remove_asset", json!({ "asset": "nobody" }), "unknown-asset"),
        ("create_asset", json!({ "root": "../x", "type": "blob_bank" }), "invalid-argument"),
        ("create_asset", json!({ "root": "x", "type": "blob_bunk" }), "invalid-argument"),
        (
            "create_asset",
            json!({ "root": "x", "type": "blob_bank", "from": ["nowhere"] }),
            "invalid-argument",
        ),
        ("create_asset", json!({ "root": "a", "type": "blob_bank" }), "already-exists"),
        ("undo", json!({ "change": "no such thing" }), "invalid-argument"),
        ("pack", json!({ "out_dir": "assets/a" }), "invalid-argument"),
    ] {
        let result = served.result(method, params);
        assert_eq!(
            (&result["status"], &result["operation"]),
            (&json!("blocked"), &json!(method)),
            "{result}"
        );
        assert_eq!(result["blockers"][0]["code"], code, "{result}");
        assert!(result["operation_id"].is_string() && result["generation"].is_u64(), "{result}");
    }
    served.end();
}

#[test]
fn two_that_serve_one_project_take_turns() {
    const EACH: usize = 10;
    let place = Place::project();
    let mut both = [Served::start(&place), Served::start(&place)];
    std::thread::scope(|scope| {
        for (n, served) in both.iter_mut().enumerate() {
            scope.spawn(move || {
                for m in 0..EACH {
                    // A plan that the other one was faster than is made anew.
                    let made = (0..100).any(|_| {
                        let params = json!({ "root": format!("s{n}/a{m}"), "type": "blob_bank" });
                        let shown = served.ok("create_asset", params);
                        let params = json!({ "plan_id": shown["plan"]["plan_id"] });
                        let applied = served.result("create_asset", params);
                        let code = &applied["blockers"][0]["code"];
                        assert!(code.is_null() || code == "plan-outdated", "{applied}");
                        code.is_null()
                    });
                    assert!(made, "it never had its turn");
                }
            });
        }
    });
    let [mut one, mut other] = both;
    one.ok("doctor", json!({}));
    other.ok("doctor", json!({}));
    let listed = one.ok("list_assets", json!({}));
    assert_eq!(listed["assets"].as_array().unwrap().len(), 2 * EACH);
    assert_eq!(other.ok("list_assets", json!({}))["assets"], listed["assets"]);
    one.end();
    other.end();
}
