//! The schemas that `schema` prints, held against what reads and writes the real thing.
//!
//! One game gets an asset for each of some thousand declarations, most of them damaged in one place, and
//! `doctor` says what it thinks of each. What a schema refuses, the packer has a finding on; and what the
//! packer has a finding on, the schema refuses, but for what [a schema cannot say](CANNOT_BE_SAID).

mod damage;
mod lines;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;

use jsonschema::Validator;
use prometeu_packer::schema::SourceText;
use prometeu_packer::schema::registry;
use serde_json::{Value, json};

use crate::harness::Place;
use crate::shells::is_here;

/// Codes of findings that a schema does not have, or only in part, with why.
const CANNOT_BE_SAID: [(&str, &str); 10] = [
    ("artifact-count", "how many there are depends on `tile_size` and on what sheets hold"),
    ("artifact-index-duplicate", "two entries have one index"),
    ("artifact-index-gap", "an index is missing between the others"),
    ("artifact-unknown-file", "the entry names none of the inputs"),
    ("image-size", "the picture has another size than `tile_size` says"),
    ("input-missing", "only the disk knows"),
    ("palette-index-invalid", "two palettes have one index"),
    ("sound-format", "the sound has another rate than `sample_rate` says"),
    ("tile-colors", "no palette has the picture's colours"),
    ("uuid-mismatch", "the registry says which uuid it is, and whether there has to be one"),
];

/// What `schema` prints.
fn printed(name: &str) -> Value {
    serde_json::from_str(&Place::empty().ok(&["schema", name]).stdout).unwrap()
}

fn validator(name: &str) -> Validator {
    let schema = printed(name);
    assert_eq!(schema["$schema"], "http://json-schema.org/draft-07/schema#");
    if let Err(error) = jsonschema::meta::validate(&schema) {
        panic!("{name} is no schema: {error}");
    }
    jsonschema::validator_for(&schema).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// A declaration, sound or damaged, and what `doctor` finds in it.
struct Case {
    what: String,
    declaration: Value,
    found: BTreeSet<String>,
}

/// The only input of a new asset.
fn file_of(declaration: &Value) -> String {
    declaration["inputs"].as_object().unwrap().values().next().unwrap()[0].as_str().unwrap().to_owned()
}

/// A declaration of each family with every member that there is, and the input beside it.
fn declarations() -> [(Value, String, Vec<u8>); 3] {
    let place = Place::project();
    let read = |family: &str| {
        place.ok(&["create", family, "--type", family]);
        let text = place.read(&format!("assets/{family}/asset.json"));
        let declaration: Value = serde_json::from_str(&text).unwrap();
        let file = file_of(&declaration);
        let bytes = fs::read(place.path(&format!("assets/{family}/{file}"))).unwrap();
        (declaration, file, bytes)
    };
    let mut all = [read("glyph_bank"), read("sound_bank"), read("blob_bank")];
    for (declaration, file, _) in &mut all {
        declaration["$schema"] = json!("../asset.schema.json");
        declaration["artifacts"] = json!([{ "file": file, "index": 0 }]);
        declaration["build"] = json!({ "anything": 1.5 });
        declaration["preload"] = json!({ "enabled": false });
        declaration["output"]["metadata"]["own"] = json!({ "list": [1, "x", null, true] });
        declaration["output"]["codec_configuration"] = json!({ "level": 3 });
    }
    all[1].0["output"]["pipeline"] = json!({ "own": 1.5 });
    all
}

/// Has `doctor` look at all of them, in one game.
fn cases() -> Vec<Case> {
    let place = Place::project();
    let (mut cases, mut entries) = (Vec::new(), Vec::new());
    for (sound, file, bytes) in declarations() {
        let mut all = vec![("nothing".to_owned(), sound.clone())];
        all.extend(damage::all(&sound));
        for (place, word) in
            [("/type", "tile_bank"), ("/output/format", "TILES/indexed_v1"), ("/output/codec", "RAW")]
        {
            let mut old = sound.clone();
            *old.pointer_mut(place).unwrap() = json!(word);
            all.push((format!("`{place}` is an old word"), old));
        }
        if let Some(palettes) = sound.pointer("/output/pipeline/palettes") {
            let mut twice = sound.clone();
            twice["output"]["pipeline"]["palettes"] = json!([palettes[0], palettes[0]]);
            all.push(("one palette twice".to_owned(), twice));
        }
        for (what, mut declaration) in all {
            let n = cases.len() + 1;
            let uuid = format!("0198c0de-0000-7000-8000-{n:012x}");
            if declaration.get("asset_uuid") == Some(&sound["asset_uuid"]) {
                declaration["asset_uuid"] = json!(uuid);
            }
            let root = format!("a{n}");
            place.write(&format!("assets/{root}/asset.json"), declaration.to_string());
            place.write(&format!("assets/{root}/{file}"), &bytes);
            entries
                .push(json!({ "asset_id": n, "included_in_build": true, "root": root, "asset_uuid": uuid }));
            let what = format!("{}, {what}", sound["type"]);
            cases.push(Case { what, declaration, found: BTreeSet::new() });
        }
    }
    let index = json!({ "schema_version": 1, "next_asset_id": entries.len() + 1, "assets": entries });
    place.write("assets/.prometeu/index.json", index.to_string());
    let (_, lines) = place.json(&["doctor"]);
    for found in lines.last().unwrap()["diagnostics"].as_array().unwrap() {
        let root = found["asset_root"].as_str().unwrap_or_else(|| panic!("of no asset: {found}"));
        let n: usize = root[1..].parse().unwrap();
        cases[n - 1].found.insert(found["code"].as_str().unwrap().to_owned());
    }
    cases
}

#[test]
fn the_schema_of_declarations_refuses_what_the_packer_has_a_finding_on_and_nothing_else() {
    let (validator, cases) = (validator("asset"), cases());
    let unsayable: BTreeMap<&str, &str> = CANNOT_BE_SAID.into();
    let (mut wrong, mut unsaid, mut refused) = (Vec::new(), BTreeSet::new(), 0);
    for case in &cases {
        let refusal = validator.iter_errors(&case.declaration).next().map(|error| error.to_string());
        match refusal {
            Some(refusal) if case.found.is_empty() => {
                wrong.push(format!("{}: the schema alone refuses it: {refusal}", case.what));
            }
            Some(_) => refused += 1,
            None => {
                let codes = case.found.iter().map(String::as_str);
                let (known, unknown): (Vec<_>, Vec<_>) = codes.partition(|code| unsayable.contains_key(code));
                // What is said of a declaration that is broken elsewhere proves nothing.
                unsaid.extend(known);
                if !unknown.is_empty() {
                    wrong.push(format!("{}: the schema takes it, and `doctor` says {unknown:?}", case.what));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
    assert!(cases.iter().filter(|case| case.found.is_empty()).count() > 100);
    assert!(refused > 1000, "only {refused} were refused");
    let never: Vec<_> = unsayable.keys().filter(|code| !unsaid.contains(*code)).collect();
    assert!(never.is_empty(), "a schema says all of {never:?}");
    let page = include_str!("../../../docs/editors.md");
    for (code, why) in CANNOT_BE_SAID {
        assert!(page.contains(&format!("| `{code}` | {why} |")), "the page lacks `{code}`: {why}");
    }
}

#[test]
fn the_schema_of_declarations_takes_those_of_the_example_game_and_of_the_pages() {
    let validator = validator("asset");
    let mut texts = Vec::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("../example-game/assets")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.ends_with("asset.json") {
                texts.push(fs::read_to_string(path).unwrap());
            }
        }
    }
    let page = include_str!("../../../docs/declarations.md");
    let blocks = page.split("```json\n").skip(1).map(|rest| rest.split("```").next().unwrap().to_owned());
    texts.extend(blocks.filter(|block| block.contains("\"preload\"")));
    assert!(texts.len() > 10);
    for text in texts {
        let declaration = serde_json::from_str(&text).unwrap();
        let errors: Vec<String> =
            validator.iter_errors(&declaration).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{errors:?} in:\n{text}");
    }
}

/// A registry with two entries.
fn registry_of_two() -> Value {
    let entry = |id: u32, root: &str| {
        json!({
            "asset_id": id,
            "included_in_build": true,
            "root": root,
            "asset_uuid": format!("0198c0de-0000-7000-8000-{id:012}"),
        })
    };
    json!({ "schema_version": 1, "next_asset_id": 9, "assets": [entry(2, "ui/atlas"), entry(7, "a b/c")] })
}

#[test]
fn the_schema_of_the_registry_refuses_what_its_reader_refuses_and_nothing_else() {
    let validator = validator("index");
    let sound = registry_of_two();
    let mut all = vec![("nothing".to_owned(), sound.clone())];
    all.extend(damage::all(&sound));
    let mut refused = 0;
    for (what, registry) in all {
        let findings = registry::read(&SourceText::new(registry.to_string())).findings;
        let errors: Vec<String> = validator.iter_errors(&registry).map(|error| error.to_string()).collect();
        assert_eq!(errors.is_empty(), findings.is_empty(), "{what}: {errors:?}, {findings:?}");
        refused += usize::from(!errors.is_empty());
    }
    assert!(refused > 200, "only {refused} were refused");
}

/// Walks all of a schema's members that have no words on them.
fn without_words(schema: &Value, pointer: &str, found: &mut Vec<String>) {
    let members: Vec<(String, &Value)> = match schema {
        Value::Object(members) => members.iter().map(|(key, value)| (key.clone(), value)).collect(),
        Value::Array(list) => list.iter().enumerate().map(|(n, value)| (n.to_string(), value)).collect(),
        _ => Vec::new(),
    };
    for (key, value) in members {
        let below = format!("{pointer}/{key}");
        // What stands below a condition, or narrows what has words elsewhere, needs none.
        let narrows = value.get("const").is_some() && value.as_object().is_some_and(|value| value.len() == 1);
        let has_words = value.get("description").is_some() || value.get("$ref").is_some();
        let is_member = pointer.ends_with("/properties") && !pointer.contains("/if/");
        if is_member && !has_words && !narrows && !pointer.contains("/then/") {
            found.push(below.clone());
        }
        without_words(value, &below, found);
    }
}

#[test]
fn every_member_has_words_that_an_editor_shows() {
    for name in ["asset", "index", "event", "response", "report"] {
        let mut found = Vec::new();
        without_words(&printed(name), "", &mut found);
        assert!(found.is_empty(), "{name}: {found:?}");
    }
}

/// Editors have validators of their own; this one is written in another language.
#[test]
fn another_validator_thinks_the_same() {
    if !is_here("python3") {
        return;
    }
    let place = Place::empty();
    let mut all = Vec::new();
    let (asset, index) = (validator("asset"), validator("index"));
    for (sound, ..) in declarations() {
        all.extend(
            damage::all(&sound).into_iter().map(|(_, value)| ("asset", asset.is_valid(&value), value)),
        );
    }
    let damaged = damage::all(&registry_of_two()).into_iter();
    all.extend(damaged.map(|(_, value)| ("index", index.is_valid(&value), value)));
    for name in ["asset", "index", "event", "response", "report"] {
        place.write(&format!("{name}.json"), printed(name).to_string());
    }
    let lines = all.iter().map(|case| serde_json::to_string(case).unwrap() + "\n");
    place.write("cases", lines.collect::<String>());
    let program = r#"
import json, sys
try:
    from jsonschema import Draft7Validator
except ImportError:
    print("skipped"); sys.exit()
schemas = {name: json.load(open(name + ".json", encoding="utf-8")) for name in ["asset", "index", "event", "response", "report"]}
for schema in schemas.values():
    Draft7Validator.check_schema(schema)
validators = {name: Draft7Validator(schema) for name, schema in schemas.items()}
count = 0
for line in open("cases", encoding="utf-8"):
    name, valid, value = json.loads(line)
    count += 1
    if validators[name].is_valid(value) != valid:
        print(name, valid, line)
print(count)
"#;
    let output = Command::new("python3").args(["-c", program]).current_dir(place.path("")).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    if said.trim() == "skipped" {
        use std::io::Write as _;
        // Nobody can be told when standard error is gone.
        let _ = writeln!(std::io::stderr(), "skipped: Python has no `jsonschema` here");
    } else {
        assert_eq!(said.trim(), all.len().to_string());
    }
}
