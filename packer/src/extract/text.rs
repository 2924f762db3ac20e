//! The `asset.json` of an extracted asset, as a person would write it.

use packer_format::Entry;
use packer_format::json::{Object, Value};

use super::Content;
use crate::family::{self, Family};
use crate::schema::SCHEMA_VERSION;
use crate::schema::json::quote;

/// The most bytes of a declaration. Lists of files that come near it are written without blanks.
const ROOMY: usize = 1 << 19;

/// The text, its members in the order of the documentation. It has no uuid.
pub(super) fn declaration(
    entry: &Entry,
    preload: bool,
    family: &dyn Family,
    content: &Content<'_>,
) -> String {
    let mut metadata = entry.metadata.clone();
    content.derived.iter().for_each(|key| drop(metadata.remove(key)));
    // What is no object under that key can only have come from `output.metadata`.
    let configuration = match metadata.get(family::CODEC) {
        Some(Value::Object(_)) => metadata.remove(family::CODEC),
        _ => None,
    };
    let mut output = vec![
        format!("\"format\": {}", quote(family.format())),
        format!("\"codec\": {}", quote(entry.codec.as_str())),
    ];
    if !metadata.is_empty() {
        output.push(format!("\"metadata\": {}", spaced(&Value::Object(metadata))));
    }
    output.extend(configuration.map(|value| format!("\"codec_configuration\": {}", spaced(&value))));
    output.extend(content.pipeline.as_ref().map(|pipeline| format!("\"pipeline\": {pipeline}")));

    let names: Vec<String> = content.files.iter().map(|file| quote(file.path.as_str())).collect();
    let mut members = vec![
        format!("\"schema_version\": {SCHEMA_VERSION}"),
        format!("\"name\": {}", quote(&entry.asset_name)),
        format!("\"type\": {}", quote(family.name())),
        format!("\"inputs\": {{ {}: {} }}", quote(content.role), list(&names)),
    ];
    if let Some(artifacts) = &content.artifacts {
        let artifact =
            |(index, file): (usize, &usize)| format!("{{ \"file\": {}, \"index\": {index} }}", names[*file]);
        let artifacts: Vec<String> = artifacts.iter().enumerate().map(artifact).collect();
        members.push(format!("\"artifacts\": {}", list(&artifacts)));
    }
    members.push(format!("\"output\": {{\n    {}\n  }}", output.join(",\n    ")));
    members.push(format!("\"preload\": {{ \"enabled\": {preload} }}"));
    format!("{{\n  {}\n}}\n", members.join(",\n  "))
}

/// One line while it is short, else an item a line, unless there are too many for that.
fn list(items: &[String]) -> String {
    let bytes: usize = items.iter().map(String::len).sum();
    if bytes + 2 * items.len() <= 80 {
        return format!("[{}]", items.join(", "));
    }
    if bytes + 6 * items.len() > ROOMY {
        return format!("[{}]", items.join(","));
    }
    format!("[\n    {}\n  ]", items.join(",\n    "))
}

/// A value on one line, with a blank where people put one.
fn spaced(value: &Value) -> String {
    match value {
        Value::Object(members) if !members.is_empty() => {
            let members: Vec<String> = members_of(members);
            format!("{{ {} }}", members.join(", "))
        }
        Value::Array(values) => {
            let values: Vec<String> = values.iter().map(spaced).collect();
            format!("[{}]", values.join(", "))
        }
        other => other.to_string(),
    }
}

fn members_of(members: &Object) -> Vec<String> {
    members.iter().map(|(key, value)| format!("{}: {}", quote(key), spaced(value))).collect()
}
