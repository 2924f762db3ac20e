//! `config`: what is settled for this project, and where each of it comes from.

use std::path::Path;

use clap::ColorChoice;
use prometeu_packer::diagnostics::render::visible;
use prometeu_packer::ops::{Blocker, OperationClass};
use serde_json::{Value, json};

use super::own::{self, Answer};
use super::{Context, color};
use crate::cache_folder::{self, Because};
use crate::exit::{self, Exit};
use crate::printer::display_path;
use crate::printer::table::{Align, Table};
use crate::project;
use crate::settings::{From, Settings, switch};

/// The name in `operation`.
pub(super) const OPERATION: &str = "config";

/// A setting as it is shown.
struct Row {
    name: &'static str,
    value: Value,
    /// For programs.
    from: &'static str,
    /// Which flag, variable or manifest.
    at: Option<String>,
    /// For people.
    words: String,
}

pub(super) fn run(context: &Context<'_>) -> Result<Exit, Blocker> {
    let Context { global, printer } = context;
    let (folder, found) = project::find_with_reason(global)?;
    let settings = Settings::of(&folder)?;
    let out = settings.out(None);
    let strict = settings.strict(false);
    let rows = [
        found_by("project", json!(folder.to_string_lossy()), found),
        row("out", json!(folder.join(&out.value).to_string_lossy()), &out.from),
        row("strict", json!(strict.value), &strict.from),
        cache(&folder),
        skip(),
        colors(global.color),
    ];
    let members =
        vec![("settings", rows.iter().map(Row::json).collect()), ("unknown", json!(settings.unknown))];
    let summary = format!("{} settings of {}", rows.len(), folder.display());
    let answer = Answer { operation: OPERATION, class: OperationClass::ReadOnly, summary: &summary, members };
    own::answer(printer, answer, |shell| {
        let mut table = Table::new([("SETTING", Align::Left), ("VALUE", Align::Left), ("FROM", Align::Left)]);
        for row in &rows {
            let value = match &row.value {
                Value::String(text) if Path::new(text).is_absolute() => display_path(Path::new(text)),
                Value::String(text) => visible(text),
                other => other.to_string(),
            };
            table.row([row.name.to_owned(), value, visible(&row.words)]);
        }
        table.lines().for_each(|line| shell.print(line));
        settings.unknown.iter().for_each(|unknown| shell.warn(visible(unknown)));
    });
    Ok(exit::DONE)
}

impl Row {
    fn json(&self) -> Value {
        let mut members = json!({ "name": self.name, "value": self.value, "from": self.from });
        if let Some(at) = &self.at {
            members["at"] = json!(at);
        }
        members
    }
}

fn row(name: &'static str, value: Value, from: &From) -> Row {
    let (from, at, words) = match from {
        From::Flag(flag) => ("flag", Some((*flag).to_owned()), format!("`{flag}`")),
        From::Variable(variable) => ("environment", Some((*variable).to_owned()), format!("`{variable}`")),
        From::Package(manifest) => {
            let words = format!("`[package.metadata.prometeu]` in {}", display_path(manifest));
            ("package", Some(manifest.to_string_lossy().into_owned()), words)
        }
        From::Workspace(manifest) => {
            let words = format!("`[workspace.metadata.prometeu]` in {}", display_path(manifest));
            ("workspace", Some(manifest.to_string_lossy().into_owned()), words)
        }
        From::Default => ("default", None, "default".to_owned()),
    };
    Row { name, value, from, at, words }
}

/// The project, with how it was found.
fn found_by(name: &'static str, value: Value, found: project::Found) -> Row {
    match found {
        project::Found::Named(flag) => row(name, value, &From::Flag(flag)),
        project::Found::Package(flag, manifest) => {
            let row = row(name, value, &From::Package(manifest));
            Row { words: format!("{}, by `{flag}`", row.words), ..row }
        }
        project::Found::Near => Row {
            words: "the nearest project from here upwards".to_owned(),
            ..row(name, value, &From::Default)
        },
        project::Found::Workspace(manifest) => row(name, value, &From::Workspace(manifest)),
    }
}

fn cache(project: &Path) -> Row {
    let folder = cache_folder::find(project);
    let value = json!(folder.path.to_string_lossy());
    match folder.because {
        Because::Variable => row("cache", value, &From::Variable(cache_folder::VARIABLE)),
        Because::TargetDirectory => Row {
            from: "cargo",
            words: "cargo's target directory".to_owned(),
            ..row("cache", value, &From::Default)
        },
        Because::NoManifest | Because::CargoCannotTell(_) => row("cache", value, &From::Default),
    }
}

/// Of build scripts alone, but who wonders why a game has no assets looks here.
fn skip() -> Row {
    const SKIP: &str = "PROMETEU_SKIP";
    let on = switch(SKIP);
    let from = if on.is_some() { From::Variable(SKIP) } else { From::Default };
    let row = row("skip", json!(on.unwrap_or(false)), &from);
    Row { words: format!("{}; of build scripts", row.words), ..row }
}

fn colors(flag: Option<ColorChoice>) -> Row {
    let value = json!(color(flag).to_string());
    match (flag, std::env::var("CARGO_TERM_COLOR").as_deref()) {
        (Some(_), _) => row("color", value, &From::Flag("--color")),
        (None, Ok("always" | "never" | "auto")) => row("color", value, &From::Variable("CARGO_TERM_COLOR")),
        _ => row("color", value, &From::Default),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_page_shows_every_setting_and_the_variables() {
        let page = include_str!("../../../docs/command-line.md");
        for name in ["project", "out", "strict", "cache", "skip", "color"] {
            assert!(page.contains(&format!("\n{name} ")), "the page shows no `{name}`");
        }
        assert!(page.contains(crate::settings::STRICT));
    }
}
