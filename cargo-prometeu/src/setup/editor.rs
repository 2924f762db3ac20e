//! What an editor needs to know of `asset.json` and `index.json`: the schemas as files, and a setting that
//! says which file is described by which.
//!
//! The settings are a person's, and may hold comments, which no JSON has: such a file is not touched, and
//! the lines are told instead. The two schemas are this command's own, and follow its version.

use std::path::{Path, PathBuf};

use clap::ValueEnum;
use prometeu_packer::ops::{Blocker, BlockerCode};
use serde_json::Value;

use super::draft::{self, Drafts};
use crate::commands::schema::Name;

/// An editor that can be set up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Editor {
    /// Visual Studio Code, and what reads `.vscode/settings.json` as it does
    Vscode,
}

/// The schemas with the files that they describe, wherever in the opened folder the game is.
const SCHEMAS: [(&str, Name, &str); 2] = [
    ("asset.schema.json", Name::Asset, "assets/**/asset.json"),
    ("index.schema.json", Name::Index, "assets/.prometeu/index.json"),
];

/// The setting's name.
const SETTING: &str = "json.schemas";

/// What the settings come to.
#[derive(Debug, PartialEq, Eq)]
enum Settings {
    Complete,
    With(String),
    /// Ours to tell, not to write.
    ByHand,
}

/// Drafts them in the folder that is opened: where `.vscode` is already, else the repository's, else the
/// project's. Yields what is left to the person.
///
/// # Errors
///
/// When a file cannot be read, or one with the name of a schema is something else.
pub(super) fn plan(drafts: &mut Drafts, folder: &Path, _editor: Editor) -> Result<Option<String>, Blocker> {
    let place = match draft::relative(folder, &opened(folder)) {
        Some(up) => format!("{up}.vscode"),
        None => ".vscode".to_owned(),
    };
    for (file, name, _) in SCHEMAS {
        let path = format!("{place}/prometeu/{file}");
        let found = drafts.read(&path)?;
        if found.as_deref() == Some(name.text()) {
            continue;
        }
        if found.is_some_and(|found| !is_ours(&found)) {
            let message = format!("`{path}` is no schema of the packer's");
            let help = "Move it out of the way, and run this again.";
            return Err(Blocker::new(BlockerCode::InvalidArgument, message).help(help).at(path));
        }
        drafts.replace(&path, name.text().to_owned(), "what editors say of a member".to_owned())?;
    }
    let path = format!("{place}/settings.json");
    let found = drafts.read(&path)?;
    match with_setting(found.as_deref()) {
        Settings::Complete => Ok(None),
        Settings::With(text) => {
            drafts.replace(&path, text, format!("`{SETTING}`"))?;
            Ok(None)
        }
        Settings::ByHand => Ok(Some(format!(
            "`{path}` holds more than plain JSON, or is laid out in a way of its own, and is left alone: add to it\n{}",
            setting("  ")
        ))),
    }
}

/// The folder that is opened in an editor.
fn opened(folder: &Path) -> PathBuf {
    let repository = folder.ancestors().find(|folder| folder.join(".git").exists()).unwrap_or(folder);
    let mut within = folder.ancestors().take_while(|folder| folder.starts_with(repository));
    within.find(|folder| folder.join(".vscode").is_dir()).unwrap_or(repository).to_path_buf()
}

fn is_ours(text: &str) -> bool {
    let schema: Option<Value> = serde_json::from_str(text).ok();
    schema
        .is_some_and(|schema| schema["$id"].as_str().is_some_and(|id| id.starts_with("urn:prometeu:schema:")))
}

/// The entries, a line each.
fn entries() -> Vec<String> {
    let entry = |(file, _, files): &(&str, Name, &str)| {
        format!(r#"{{ "fileMatch": ["{files}"], "url": "./.vscode/prometeu/{file}" }}"#)
    };
    SCHEMAS.iter().map(entry).collect()
}

/// The whole setting, `indent` deep.
fn setting(indent: &str) -> String {
    let between = format!(",\n{indent}{indent}");
    format!("{indent}\"{SETTING}\": [\n{indent}{indent}{}\n{indent}]", entries().join(&between))
}

/// The settings with ours. Every line that is there stays as it is.
fn with_setting(found: Option<&str>) -> Settings {
    let text = found.unwrap_or_default();
    if text.trim().is_empty() || text.split_whitespace().eq(["{", "}"]) || text.trim() == "{}" {
        return Settings::With(format!("{{\n{}\n}}\n", setting("  ")));
    }
    let Ok(Value::Object(settings)) = serde_json::from_str::<Value>(text) else { return Settings::ByHand };
    let end = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let lines: Vec<&str> = text.lines().collect();
    let Some(open) =
        lines.iter().position(|line| line.trim() == "{").filter(|_| text.trim_start().starts_with('{'))
    else {
        return Settings::ByHand;
    };
    let indent = lines.get(open + 1).map_or("  ", |line| &line[..line.len() - line.trim_start().len()]);
    let indent = if indent.is_empty() { "  " } else { indent };
    let (at, new) = match settings.get(SETTING) {
        None => (open + 1, format!("{},", setting(indent))),
        Some(Value::Array(list)) => {
            let is_there = |entry: &&String| {
                serde_json::from_str::<Value>(entry).is_ok_and(|entry| list.contains(&entry))
            };
            let missing: Vec<String> = entries().into_iter().filter(|entry| !is_there(&entry)).collect();
            if missing.is_empty() {
                return Settings::Complete;
            }
            let wanted = format!("\"{SETTING}\": [");
            let Some(at) = lines.iter().position(|line| line.trim() == wanted) else {
                return Settings::ByHand;
            };
            let entry = |entry: &String| format!("{indent}{indent}{entry}");
            let comma = if list.is_empty() { "" } else { "," };
            (at + 1, missing.iter().map(entry).collect::<Vec<_>>().join(",\n") + comma)
        }
        Some(_) => return Settings::ByHand,
    };
    let new = new.replace('\n', end);
    let (before, after) = lines.split_at(at);
    let all = before.iter().copied().chain([new.as_str()]).chain(after.iter().copied());
    let mut with = all.collect::<Vec<_>>().join(end);
    if text.ends_with('\n') {
        with.push_str(end);
    }
    // What was plain JSON is plain JSON still; else a layout was not foreseen.
    if serde_json::from_str::<Value>(&with).is_ok() { Settings::With(with) } else { Settings::ByHand }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(before: &str, expected: &str) {
        let with = with_setting(Some(before));
        assert_eq!(with, Settings::With(expected.to_owned()), "{before}");
        assert_eq!(with_setting(Some(expected)), Settings::Complete);
        let (before, after): (Value, Value) =
            (serde_json::from_str(before).unwrap_or_default(), serde_json::from_str(expected).unwrap());
        for (key, value) in before.as_object().into_iter().flatten().filter(|(key, _)| *key != SETTING) {
            assert_eq!(&after[key], value);
        }
    }

    #[test]
    fn the_setting_is_added_and_every_line_stays() {
        let [asset, index] = entries().try_into().unwrap();
        let fresh = format!("{{\n  \"json.schemas\": [\n    {asset},\n    {index}\n  ]\n}}\n");
        for empty in ["", "{}", "{\n}\n", " { } "] {
            check(empty, &fresh);
        }
        check(
            "{\n\t\"a\": 1\n}",
            &format!("{{\n\t\"json.schemas\": [\n\t\t{asset},\n\t\t{index}\n\t],\n\t\"a\": 1\n}}"),
        );
        check(
            "{\r\n  \"a\": {}\r\n}\r\n",
            &format!(
                "{{\r\n  \"json.schemas\": [\r\n    {asset},\r\n    {index}\r\n  ],\r\n  \"a\": {{}}\r\n}}\r\n"
            ),
        );
        check(
            "{\n  \"json.schemas\": [\n    { \"url\": \"x\" }\n  ]\n}\n",
            &format!(
                "{{\n  \"json.schemas\": [\n    {asset},\n    {index},\n    {{ \"url\": \"x\" }}\n  ]\n}}\n"
            ),
        );
        check(
            "{\n  \"json.schemas\": [\n  ]\n}\n",
            &format!("{{\n  \"json.schemas\": [\n    {asset},\n    {index}\n  ]\n}}\n"),
        );
    }

    #[test]
    fn what_is_not_plain_json_is_left_to_the_person() {
        for text in [
            "{\n  // mine\n  \"a\": 1\n}\n",
            "{\n  \"a\": 1,\n}\n",
            "{ \"a\": 1 }",
            "{\n  \"json.schemas\": {}\n}",
            "{\n  \"json.schemas\": [{ \"url\": \"x\" }]\n}",
            "[]",
        ] {
            assert_eq!(with_setting(Some(text)), Settings::ByHand, "{text}");
        }
    }
}
