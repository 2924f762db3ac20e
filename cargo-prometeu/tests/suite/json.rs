//! What programs read: one object a line, with the members that are agreed on.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::harness::Place;

const RESPONSE: [&str; 12] = [
    "reason",
    "status",
    "operation",
    "operation_class",
    "operation_id",
    "generation",
    "summary",
    "affected_assets",
    "diagnostics",
    "proposed_actions",
    "applied_actions",
    "blockers",
];
const EVENT: [&str; 8] =
    ["reason", "project_id", "operation_id", "sequence", "kind", "timestamp", "summary", "data"];

#[track_caller]
fn has(value: &Value, members: &[&str]) {
    for member in members {
        assert!(value.get(member).is_some(), "no `{member}` in {value}");
    }
}

/// Runs each command and yields the response.
fn check(place: &Place, arguments: &[&str], operation: &str, class: &str) -> Value {
    let (run, mut lines) = place.json(arguments);
    assert_eq!(run.code, 0, "{run:?}");
    assert_eq!(run.stderr, "", "{arguments:?}");
    let response = lines.pop().unwrap();
    has(&response, &RESPONSE);
    assert_eq!((&response["operation"], &response["operation_class"]), (&operation.into(), &class.into()));
    for (n, event) in lines.iter().enumerate() {
        has(event, &EVENT);
        assert_eq!(event["reason"], "event");
        assert_eq!(event["sequence"], n + 1, "{arguments:?}: sequences have no holes");
        assert_eq!(event["operation_id"], response["operation_id"]);
    }
    response
}

#[test]
fn every_command_answers_in_lines_of_json() {
    let place = Place::package();
    let planned = check(&place, &["init", "--dry-run"], "init_workspace", "workspace_mutation");
    has(&planned["plan"], &["plan_id", "needs_consent", "edits"]);
    for edit in planned["plan"]["edits"].as_array().unwrap() {
        has(edit, &["path", "kind", "expected"]);
    }
    let action = &planned["proposed_actions"][0];
    has(action, &["action_id", "operation", "arguments", "operation_class", "needs_consent", "title"]);
    assert_eq!(action["action_id"], planned["plan"]["plan_id"]);

    let applied = check(&place, &["init", "--yes"], "init_workspace", "workspace_mutation");
    assert_eq!(applied["applied_actions"].as_array().unwrap().len(), 1);
    assert_eq!(applied["plan"]["edits"], planned["plan"]["edits"]);

    let created =
        check(&place, &["create", "a", "--type", "glyph_bank"], "create_asset", "workspace_mutation");
    assert_eq!(created["affected_assets"][0]["asset_id"], 1);
    assert_eq!(created["affected_assets"][0]["root"], "a");

    place.write("assets/b/asset.json", place.read("assets/a/asset.json").replacen("-7", "-4", 1));
    place.write("assets/b/tile.png", std::fs::read(place.path("assets/a/tile.png")).unwrap());
    let registered = check(&place, &["register", "b"], "register_asset", "registry_mutation");
    assert_eq!(registered["plan"]["edits"].as_array().unwrap().len(), 1);

    let listed = check(&place, &["list"], "list_assets", "read_only");
    has(
        &listed["assets"][1],
        &["asset_id", "asset_uuid", "root", "asset_name", "asset_family", "included_in_build"],
    );

    let shown = check(&place, &["show", "b"], "get_asset_details", "read_only");
    has(&shown, &["asset_id", "asset_uuid", "root", "asset_name", "asset_family", "format"]);
    has(&shown, &["included_in_build", "preload", "constant", "last_modified"]);
    has(&shown, &["min_artifact_count", "max_artifact_count", "payload_size", "decoded_size"]);
    has(&shown["inputs"][0], &["file", "role", "size", "packed"]);
    has(&shown["artifacts"][0], &["file", "index", "count", "constant"]);

    check(&place, &["doctor"], "doctor", "read_only");
    let packed = check(&place, &["pack"], "pack", "build");
    has(&packed, &["artifact", "companions", "total_assets", "duration_ms", "cache"]);
    has(&packed["artifact"], &["path", "size", "digest"]);
    assert_eq!(packed["cache"], serde_json::json!({ "hits": 0, "misses": 2 }));
    assert_eq!(packed["artifact"]["size"], std::fs::metadata(place.path("build/assets.pa")).unwrap().len());
    check(&place, &["inspect", "build/assets.pa"], "inspect", "read_only");
}

/// The words in code that a row of the page on the command line has, the one that begins so.
fn words_of_row(beginning: &str) -> BTreeSet<String> {
    let page = include_str!("../../../docs/command-line.md");
    let (_, page) = page.split_once("## For programs").unwrap();
    let row = page.lines().find(|line| line.starts_with(&format!("| {beginning}")));
    let row = row.unwrap_or_else(|| panic!("no row `{beginning}`"));
    let code = row.split('`').skip(1).step_by(2);
    code.flat_map(str::split_whitespace).map(|word| word.trim_end_matches('?').to_owned()).collect()
}

/// The names of all members in `value`, but for those of what has a row of its own, or is of a family.
fn names_in(value: &Value, names: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                names.insert(name.clone());
                if !["arguments", "diagnostics", "metadata"].contains(&name.as_str()) {
                    names_in(value, names);
                }
            }
        }
        Value::Array(list) => list.iter().for_each(|value| names_in(value, names)),
        _ => {}
    }
}

#[test]
fn the_page_names_every_member_that_programs_get() {
    let place = Place::blobs(&["a", "b", "c", "d"]);
    let copied = place.read("assets/a/asset.json");
    place.ok(&["quarantine", "c", "--yes"]);
    place.write("assets/copy/asset.json", copied);
    place.write("assets/.hidden/asset.json", "{}");
    place.edit("assets/b/asset.json", "\"NONE\"", "\"RAW\"");
    std::fs::rename(place.path("assets/d"), place.path("assets/e")).unwrap();
    let rows: [(&str, &[&str]); 11] = [
        ("`project`, `package`, `state`, `counts`, `families`, `packs`, `next`", &[]),
        ("`assets` (`list`)", &["list"]),
        ("`diagnostics`", &["doctor", "--workspace"]),
        ("`quarantined` (`list", &["list", "--quarantined"]),
        ("`asset_id`, `asset_uuid`, `root`, … (`show`)", &["show", "a"]),
        ("`state`, `changes`, `registry_changed`, `divergences`, `counts` (`status`)", &["status"]),
        ("`state`, `changes`, `registry_changed` (`refresh`)", &["refresh"]),
        ("`total_included`, `assets` (`summary`)", &["summary"]),
        ("`assets` (`validate`)", &["validate"]),
        ("`plan` (every", &["reconcile", "--dry-run"]),
        ("`artifact`, `payload_offset`", &["inspect", "build/assets.pa"]),
    ];
    let packed = Place::blobs(&["a"]);
    let (_, lines) = packed.json(&["pack"]);
    let pack = lines.last().unwrap();
    std::fs::create_dir_all(place.path("build")).unwrap();
    std::fs::copy(packed.path("build/assets.pa"), place.path("build/assets.pa")).unwrap();
    let mut responses = vec![("`artifact`, `companions`", pack.clone())];
    for (row, arguments) in rows {
        responses.push((row, place.json(arguments).1.pop().unwrap()));
    }
    let mut seen = BTreeSet::new();
    for (row, response) in &responses {
        let mut own = response.as_object().unwrap().clone();
        for (member, row) in [
            ("diagnostics", "`diagnostics`"),
            ("blockers", "`blockers`"),
            ("proposed_actions", "`proposed_actions`, `applied_actions`"),
        ] {
            let mut names = BTreeSet::new();
            names_in(&response[member], &mut names);
            seen.extend(names.clone());
            let missing: Vec<_> = names.difference(&words_of_row(row)).cloned().collect();
            assert!(missing.is_empty(), "the row {row} lacks {missing:?}");
        }
        own.retain(|name, _| !RESPONSE.contains(&name.as_str()));
        let mut names = BTreeSet::new();
        names_in(&Value::Object(own), &mut names);
        seen.extend(names.clone());
        let missing: Vec<_> = names.difference(&words_of_row(row)).cloned().collect();
        assert!(missing.is_empty(), "the row {row} lacks {missing:?}");
    }
    for name in ["copy_of", "problem", "fix", "can_be_reconciled", "asset_path", "included_in_build"] {
        assert!(seen.contains(name), "nothing with `{name}` was looked at: {seen:?}");
    }
}

/// The events, whose numbers have no holes, and the response.
fn story(place: &Place, arguments: &[&str]) -> (Vec<Value>, Value) {
    let (_, mut lines) = place.json(arguments);
    let response = lines.pop().unwrap();
    for (n, event) in lines.iter().enumerate() {
        assert_eq!(event["sequence"], n + 1, "{arguments:?}");
        assert_eq!(event["operation_id"], response["operation_id"]);
    }
    (lines, response)
}

#[test]
fn an_operation_that_nobody_agrees_to_ends_with_that() {
    let place = Place::blobs(&["a"]);
    for (place, arguments) in [(&place, &["remove", "a"][..]), (&Place::package(), &["init"])] {
        let (events, response) = story(place, arguments);
        let kinds: Vec<&Value> = events.iter().map(|event| &event["kind"]).collect();
        assert_eq!(kinds, ["preview_ready", "action_failed"], "{arguments:?}");
        assert_eq!(events[1]["data"]["code"], "consent-required");
        assert_eq!(response["blockers"][0]["code"], "consent-required");
    }
}

#[test]
fn the_story_and_the_response_of_init_name_one_plan() {
    let place = Place::package();
    let (events, response) = story(&place, &["init", "--yes"]);
    let kinds: Vec<&Value> = events.iter().map(|event| &event["kind"]).collect();
    assert_eq!(kinds, ["preview_ready", "snapshot_state_changed", "action_applied"]);
    let plan = &response["plan"]["plan_id"];
    assert_eq!((&events[0]["data"]["plan_id"], &events[2]["data"]["action_id"]), (plan, plan));
    assert_eq!(&response["applied_actions"][0]["action_id"], plan);
    let (events, response) = story(&place, &["init", "--yes"]);
    let kinds: Vec<&Value> = events.iter().map(|event| &event["kind"]).collect();
    assert_eq!(kinds, ["preview_ready", "action_applied"]);
    assert!(response["applied_actions"].as_array().unwrap().is_empty());
}

#[test]
fn events_tell_why_a_payload_was_made() {
    let place = Place::blobs(&["a"]);
    place.ok(&["pack"]);
    place.write("assets/a/data.txt", "changed, and of another length");
    let (_, lines) = place.json(&["pack"]);
    let miss = lines.iter().find(|line| line["kind"] == "cache_miss").unwrap();
    assert_eq!(
        miss["data"],
        serde_json::json!({ "asset_id": 1, "reason": "input-changed", "file": "data.txt" })
    );
    let progress = lines.iter().find(|line| line["kind"] == "progress_updated").unwrap();
    assert_eq!(progress["progress"], serde_json::json!({ "done": 1, "total": 1, "unit": "assets" }));
    let finished = lines.iter().find(|line| line["kind"] == "build_finished").unwrap();
    assert_eq!(finished["data"]["status"], "ok");
}

#[test]
fn several_roots_are_several_responses() {
    let place = Place::blobs(&["seed"]);
    for (root, version) in [("a", "-4"), ("b", "-5")] {
        let text = place.read("assets/seed/asset.json").replacen("-7", version, 1);
        place.write(&format!("assets/{root}/asset.json"), text);
    }
    let (run, lines) = place.json(&["register", "a", "b"]);
    assert_eq!(run.code, 0);
    let responses: Vec<&Value> = lines.iter().filter(|line| line["reason"] == "response").collect();
    assert_eq!(responses.len(), 2);
    assert_ne!(responses[0]["operation_id"], responses[1]["operation_id"]);
}
