//! Every line that programs get is what the schemas of events and responses say.

use std::collections::BTreeSet;

use jsonschema::Validator;
use serde_json::Value;

use super::{printed, validator};
use crate::harness::Place;

struct Schemas {
    event: Validator,
    response: Validator,
    /// What has been seen: kinds of events, operations with their status.
    seen: BTreeSet<String>,
    names: BTreeSet<String>,
}

impl Schemas {
    #[track_caller]
    fn check(&mut self, place: &Place, arguments: &[&str]) {
        let (_, lines) = place.json(arguments);
        for line in lines {
            let (schema, seen) = if line["reason"] == "event" {
                (&self.event, line["kind"].as_str().unwrap().to_owned())
            } else {
                let words = [&line["operation"], &line["status"]].map(|word| word.as_str().unwrap());
                (&self.response, words.join(" "))
            };
            let errors: Vec<String> = schema
                .iter_errors(&line)
                .map(|error| format!("{}: {error}", error.instance_path()))
                .collect();
            assert!(errors.is_empty(), "{arguments:?}: {errors:?} in {line}");
            self.seen.insert(seen);
            names(&line, &mut self.names);
        }
    }
}

/// The names of all members, but for what people and families choose.
fn names(value: &Value, all: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                all.insert(name.clone());
                if !["arguments", "metadata"].contains(&name.as_str()) {
                    names(value, all);
                }
            }
        }
        Value::Array(list) => list.iter().for_each(|value| names(value, all)),
        _ => {}
    }
}

/// The names that a schema describes.
fn described(schema: &Value, all: &mut BTreeSet<String>) {
    match schema {
        Value::Object(members) => {
            for (name, value) in members {
                if name == "properties" {
                    all.extend(value.as_object().unwrap().keys().cloned());
                }
                described(value, all);
            }
        }
        Value::Array(list) => list.iter().for_each(|value| described(value, all)),
        _ => {}
    }
}

#[test]
fn every_line_that_programs_get_is_described() {
    let mut schemas = Schemas {
        event: validator("event"),
        response: validator("response"),
        seen: BTreeSet::new(),
        names: BTreeSet::new(),
    };
    let place = Place::package();
    let mut check = |arguments: &[&str]| schemas.check(&place, arguments);
    check(&["list"]);
    check(&["init", "--dry-run"]);
    check(&["init"]);
    check(&["init", "--yes"]);
    check(&["init", "--yes"]);
    for (root, family) in
        [("tiles", "glyph_bank"), ("sounds", "sound_bank"), ("a/b", "blob_bank"), ("c", "blob_bank")]
    {
        check(&["create", root, "--type", family]);
    }
    check(&["create", "c", "--type", "blob_bank"]);
    check(&["pack"]);
    check(&["pack"]);
    check(&["pack", "--check"]);
    check(&["pack", "--report", "report.html"]);
    check(&["inspect", "build/assets.pa"]);
    check(&["inspect", "Cargo.toml"]);
    check(&["inspect", "build/assets.pa", "--extract", "saved"]);
    check(&["diff", "build/assets.pa"]);
    check(&["exclude", "c"]);
    check(&["diff", "build/assets.pa"]);
    check(&["pack", "--report", "report.html"]);
    check(&["pack", "--report", "Cargo.toml"]);
    check(&["include", "c"]);
    check(&["verify", "build/assets.pa"]);
    check(&["why", "c"]);
    check(&["why", "assets/c/data.txt"]);
    check(&["why", "a"]);
    for reading in ["list", "status", "refresh", "doctor", "summary", "validate", "cache"] {
        check(&[reading]);
    }
    check(&["show", "tiles"]);
    check(&["show", "sounds"]);
    check(&["show", "nothing"]);
    check(&["exclude", "c"]);
    check(&["verify", "build/assets.pa"]);
    check(&["exclude", "c"]);
    check(&["undo"]);
    check(&["relocate", "c", "d", "--dry-run"]);
    check(&["relocate", "c", "d"]);
    check(&["relocate", "c", "d", "--yes"]);
    check(&["quarantine", "d", "--yes"]);
    check(&["list", "--quarantined"]);
    check(&["restore", "d", "--yes"]);
    check(&["forget", "d", "--yes"]);
    check(&["list", "--unregistered"]);
    check(&["register", "d"]);
    std::fs::rename(place.path("assets/d"), place.path("assets/e")).unwrap();
    check(&["status"]);
    check(&["refresh"]);
    check(&["reconcile", "--dry-run"]);
    check(&["reconcile", "--yes"]);
    place.write("assets/copy/asset.json", place.read("assets/tiles/asset.json"));
    place.write("assets/copy/tile.png", std::fs::read(place.path("assets/tiles/tile.png")).unwrap());
    check(&["list"]);
    check(&["status"]);
    check(&["doctor", "--workspace"]);
    check(&["adopt", "copy", "--as-new"]);
    place.edit("assets/tiles/asset.json", "\"NONE\"", "\"RAW\"");
    place.write("assets/sounds/unused.wav", "x");
    check(&["why", "tiles"]);
    check(&["unused", "--no-compiler"]);
    check(&["doctor", "--strict"]);
    check(&["validate"]);
    check(&["pack"]);
    check(&["doctor", "--fix"]);
    check(&["pack"]);
    check(&["remove", "e", "--purge", "--yes"]);
    check(&["cache", "clear"]);
    check(&["man", "man"]);
    check(&["explain"]);
    check(&["explain", "duplicate-asset-id"]);
    check(&["explain", "no-such-code"]);
    check(&["config"]);
    check(&[]);
    // Two branches that moved one asset, and each of which made another.
    let entry = |id: u32, root: &str| {
        format!(
            "{{\"asset_id\": {id}, \"included_in_build\": true, \"root\": \"{root}\", \"asset_uuid\": \"{}\"}}",
            format_args!("0198c0de-0000-7000-8000-{:012}", root.len())
        )
    };
    for (file, one, two) in [("base", "a", ""), ("ours", "b", "new"), ("theirs", "c", "newer")] {
        let two = if two.is_empty() { String::new() } else { format!(", {}", entry(2, two)) };
        let text =
            format!("{{\"schema_version\": 1, \"next_asset_id\": 3, \"assets\": [{}{two}]}}", entry(1, one));
        place.write(file, text);
    }
    check(&["merge-driver", "base", "ours", "theirs"]);
    check(&["merge-driver", "base", "theirs", "Cargo.toml"]);
    check(&["hooks", "install", "--yes"]);
    place.write("assets/.prometeu/index.json", "{");
    check(&["list"]);
    check(&["status"]);
    check(&["pack"]);

    for seen in [
        "cache_hit",
        "cache_miss",
        "preview_ready",
        "action_applied",
        "action_failed",
        "diagnostics_updated",
        "snapshot_state_changed",
        "build_started",
        "build_finished",
        "pack ok",
        "pack blocked",
        "list_quarantined ok",
        "reconcile ok",
        "undo ok",
        "validate_pack blocked",
        "clear_cache ok",
        "glance ok",
        "explain ok",
        "explain blocked",
        "why ok",
        "verify ok",
        "verify blocked",
        "merge_driver blocked",
    ] {
        assert!(schemas.seen.contains(seen), "no {seen} was looked at: {:?}", schemas.seen);
    }
    let mut known = BTreeSet::new();
    for name in ["event", "response"] {
        described(&printed(name), &mut known);
    }
    let unknown: Vec<_> = schemas.names.difference(&known).collect();
    assert!(unknown.is_empty(), "no schema describes {unknown:?}");
}
