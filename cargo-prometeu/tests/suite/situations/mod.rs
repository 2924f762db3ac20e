//! What people do to `assets/` with their own tools, and what the packer makes of it.
//!
//! The table is `tests/situations.toml`. For each of its situations a project is made, somebody does
//! something to it, and a studio asks: what state is that, what is wrong, what can be done? Then each
//! thing that was offered is done, each to a fresh copy. Everything is asked of a real `serve`, and what
//! is offered is sent back as it was offered.
//!
//! Whatever the situation: looking changes nothing, and doing what was offered loses nothing.
//!
//! `PROMETEU_BLESS=1` writes the table anew as things are, for a person to read what changed.

mod deed;
mod page;
mod studio;
mod table;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use self::deed::{Ground, Skipped};
use self::studio::Studio;
use self::table::{Situation, Table};

#[test]
fn every_situation_is_seen_for_what_it_is_and_each_way_out_leads_out() {
    let table = Table::read();
    let mut wrong = Vec::new();
    let (mut cases, mut ways, mut seen) = (0, 0, Vec::new());
    for expected in &table.situations {
        let found = match play(expected) {
            Ok(found) => found,
            Err(Skipped(why)) => {
                eprintln!("SKIPPED: the situation `{}`: {why}", expected.name);
                seen.push(expected.clone());
                continue;
            }
        };
        cases += 1;
        ways += found.offers.len();
        if found != *expected {
            wrong.push(format!("expected\n{expected}but found\n{found}"));
        }
        seen.push(found);
    }
    if table::is_to_be_blessed() {
        table.with(seen).write();
    }
    println!("situations: {cases} cases, {} failed; {ways} ways out of them taken", wrong.len());
    assert!(wrong.is_empty() || table::is_to_be_blessed(), "{}", wrong.join("\n"));
    assert!(table::is_to_be_blessed() || cases + 5 >= table.len() && table.len() >= 40, "{cases}");
}

/// What the situation really comes to.
fn play(expected: &Situation) -> Result<Situation, Skipped> {
    let ground = Ground::new();
    let mut studio = Studio::open(&ground.project());
    assert_eq!(studio.ask("refresh", &json!({}))["state"], "current", "{}", expected.name);
    for step in &expected.does {
        if step == "look around" {
            studio.ask("refresh", &json!({}));
        } else {
            ground.does(step)?;
        }
    }
    let before = listing(&ground.project());
    let status = studio.ask("workspace_status", &json!({}));
    let doctor = studio.ask("doctor", &json!({ "workspace": true }));
    let again = studio.ask("workspace_status", &json!({}));
    studio.end();
    assert_eq!(listing(&ground.project()), before, "{}: looking has changed something", expected.name);
    let found = doctor["diagnostics"].as_array().unwrap().iter().map(told).collect();
    let mut offered: BTreeMap<String, Value> = BTreeMap::new();
    for action in
        [&status, &again, &doctor].iter().flat_map(|told| told["proposed_actions"].as_array().unwrap())
    {
        offered.insert(action["action_id"].as_str().unwrap().to_owned(), action.clone());
    }
    let offers = offered.iter().map(|(id, action)| (id.clone(), take(&ground, action, &expected.name)));
    Ok(Situation {
        state: word(&status["state"]),
        refreshed: word(&again["state"]),
        found,
        offers: offers.collect(),
        ..expected.clone()
    })
}

/// Does what was offered to a copy of the project, and says what that came to.
fn take(ground: &Ground, action: &Value, situation: &str) -> String {
    let copy = ground.copy();
    let mut studio = Studio::open(&copy.project());
    let before = contents(&copy.project());
    let method = action["operation"].as_str().unwrap();
    let preview = studio.ask(method, &action["arguments"]);
    let what = format!("{situation}: {}", action["action_id"]);
    let written = match preview.get("plan") {
        Some(plan) => {
            assert_eq!(contents(&copy.project()), before, "{what}: a preview has changed something");
            apply(&mut studio, action, plan, &what);
            edited(plan)
        }
        // What only looks is done.
        None if preview["status"] == "ok" => Vec::new(),
        None => {
            studio.end();
            let blocker = &preview["blockers"][0];
            assert!(blocker.is_object(), "{what}: {preview}");
            return format!("{}: {}", word(&blocker["code"]), word(&blocker["message"]));
        }
    };
    studio.ask("refresh", &json!({}));
    let status = studio.ask("workspace_status", &json!({}));
    let listed = studio.ask("list_assets", &json!({}));
    studio.end();
    let now: Vec<Vec<u8>> = contents(&copy.project()).into_values().collect();
    for (path, bytes) in before {
        let is_rewritten = written.iter().any(|written| path == Path::new(written));
        assert!(is_rewritten || now.contains(&bytes), "{what}: what was in `{}` is lost", path.display());
    }
    let row = |row: &Value| {
        let excluded = if row["included_in_build"] == json!(true) { "" } else { " (excluded)" };
        let id = row.get("asset_id").map_or("unregistered".to_owned(), ToString::to_string);
        if row.get("asset_id").is_some() {
            format!("{id} {}{excluded}", word(&row["root"]))
        } else {
            format!("{id} {}", word(&row["root"]))
        }
    };
    let rows: Vec<String> = listed["assets"].as_array().unwrap().iter().map(row).collect();
    format!("{}: {}", word(&status["state"]), rows.join(", "))
}

/// Agrees to the plan that was shown.
fn apply(studio: &mut Studio, action: &Value, plan: &Value, what: &str) {
    let (method, seen) = (action["operation"].as_str().unwrap(), plan["plan_id"].clone());
    assert_eq!(plan["needs_consent"], action["needs_consent"], "{what}");
    if plan["needs_consent"] == json!(true) {
        let refused = studio.ask(method, &with(&action["arguments"], &[("plan_id", seen.clone())]));
        assert_eq!(refused["blockers"][0]["code"], "consent-required", "{what}");
    }
    let consent = [("plan_id", seen), ("consent", json!(true))];
    let applied = studio.ask(method, &with(&action["arguments"], &consent));
    assert_eq!(applied["status"], "ok", "{what}: {applied}");
}

/// The files that a plan writes.
fn edited(plan: &Value) -> Vec<String> {
    plan["edits"].as_array().unwrap().iter().map(|edit| word(&edit["path"])).collect()
}

fn with(arguments: &Value, more: &[(&str, Value)]) -> Value {
    let mut arguments = arguments.clone();
    for (name, value) in more {
        arguments[name] = value.clone();
    }
    arguments
}

fn told(diagnostic: &Value) -> String {
    let file = diagnostic.get("file").map_or(String::new(), |file| format!(" {}", word(file)));
    let fix = diagnostic.get("fix").map_or("", |_| ", with a fix");
    format!("{}{file}{fix}", word(&diagnostic["code"]))
}

fn word(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value}")).to_owned()
}

/// Every file below `assets/`, but what the packer keeps for itself in this checkout.
fn contents(project: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = listing(project);
    files.retain(|path, _| {
        !path.starts_with("assets/.prometeu/local") && path != Path::new("assets/.prometeu/index.json")
    });
    files
}

/// Every file below `assets/` with its bytes, and every link with where it leads; what cannot be read is
/// there with nothing in it.
fn listing(project: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![project.join("assets")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(project).unwrap().to_owned();
            if let Ok(target) = std::fs::read_link(&path) {
                files.insert(name, target.into_os_string().into_encoded_bytes());
            } else if path.is_dir() {
                folders.push(path);
            } else {
                files.insert(name, std::fs::read(&path).unwrap_or_default());
            }
        }
    }
    files
}
