//! `Cargo.toml`: dependencies and profile lines, with everything that a person wrote kept.

use prometeu_packer::ops::{Blocker, BlockerCode};
use toml_edit::{DocumentMut, InlineTable, Item, Table, TableLike, Value};

/// Where the packer comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Source {
    /// The release that this command is of.
    Release,
    /// Paths to the two crates.
    Checkout {
        /// Of `packer-build`.
        build: String,
        /// Of `packer-format`.
        format: String,
    },
}

/// What `package.build` says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum BuildScript {
    /// Nothing: `build.rs`, if there is one.
    Default,
    /// That file.
    At(String),
    /// A list of them.
    Several,
    /// `false`
    Off,
}

/// The crates whose loops run over every byte of the art. Not our own: their loops run over tiles, and
/// optimising them would double the CPU seconds of a game's first build.
const OPTIMISED: [&str; 7] =
    ["sha2", "png", "fdeflate", "miniz_oxide", "flate2", "crc32fast", "simd-adler32"];

/// Why they are optimised.
const WHY: &str =
    "# Build scripts run unoptimised whatever the profile; these loop over every byte of the art.";

/// Checks that the manifest is one of a package.
///
/// # Errors
///
/// When it is not TOML, or belongs to a workspace only.
pub(super) fn package(text: &str) -> Result<(), Blocker> {
    if read(text)?.contains_key("package") {
        return Ok(());
    }
    let message = "this `Cargo.toml` is of a workspace, not of a package that could build assets";
    Err(Blocker::new(BlockerCode::InvalidArgument, message)
        .help("Name the game with `-p PACKAGE`, or run this in its folder.")
        .at("Cargo.toml"))
}

/// What `package.build` says.
pub(super) fn build_script(text: &str) -> BuildScript {
    let document = read(text).unwrap_or_default();
    let build = document.get("package").and_then(|package| package.get("build"));
    match build {
        None => BuildScript::Default,
        Some(build) => match (build.as_str(), build.as_bool()) {
            (Some(path), _) => BuildScript::At(path.to_owned()),
            (_, Some(true)) => BuildScript::Default,
            (_, Some(false)) => BuildScript::Off,
            _ => BuildScript::Several,
        },
    }
}

/// The manifest with the two dependencies, and a word on each that was added.
///
/// # Errors
///
/// When it is not TOML.
pub(super) fn with_dependencies(text: &str, source: &Source) -> Result<(String, Vec<String>), Blocker> {
    let mut document = read(text)?;
    let mut added = Vec::new();
    for (table, name, what) in [
        ("dependencies", "packer-format", "`packer-format`"),
        ("build-dependencies", "packer-build", "`packer-build`"),
    ] {
        if has_dependency(&document, table, name) {
            continue;
        }
        let value = match source {
            Source::Release => Value::from(env!("CARGO_PKG_VERSION")),
            Source::Checkout { build, format } => {
                let path = if name == "packer-build" { build } else { format };
                Value::from(InlineTable::from_iter([("path", path.as_str())]))
            }
        };
        let Some(dependencies) = descend(document.as_table_mut(), &[table]) else {
            return Err(not_a_table(table));
        };
        let was_sorted = dependencies.iter().is_sorted_by_key(|(key, _)| key.to_owned());
        dependencies.insert(name, Item::Value(value));
        // As `cargo add` does: who keeps them sorted finds them sorted.
        if was_sorted && let Some(table) = document.get_mut(table).and_then(Item::as_table_mut) {
            table.sort_values();
        }
        added.push(what.to_owned());
    }
    Ok((written(text, &document), added))
}

/// The manifest with the profile lines, and a word on them if any were added. Crates that have a
/// line, also by `"*"`, keep it.
///
/// # Errors
///
/// When it is not TOML.
pub(super) fn with_profiles(text: &str) -> Result<(String, Vec<String>), Blocker> {
    let mut document = read(text)?;
    let mut added = Vec::new();
    for profile in ["dev", "release"] {
        let path = ["profile", profile, "package"];
        let mut item = Some(document.as_item());
        for key in path {
            item = item.and_then(|item| item.get(key));
        }
        let is_new = item.is_none();
        let has =
            |name: &str| item.and_then(Item::as_table_like).is_some_and(|table| table.contains_key(name));
        let missing: Vec<&str> = OPTIMISED.into_iter().filter(|name| !has(name) && !has("*")).collect();
        if missing.is_empty() {
            continue;
        }
        let Some(table) = descend(document.as_table_mut(), &path) else {
            return Err(not_a_table("profile"));
        };
        for name in &missing {
            table.insert(name, Item::Value(InlineTable::from_iter([("opt-level", 3)]).into()));
        }
        if !is_new {
            let mut first = table.key_mut(missing[0]).expect("it was inserted above");
            first.leaf_decor_mut().set_prefix(format!("{WHY}\n"));
        } else if let Some(table) = at(&mut document, &path).and_then(Item::as_table_mut) {
            table.decor_mut().set_prefix(format!("\n{WHY}\n"));
        }
        added.push(format!("`profile.{profile}`"));
    }
    Ok((written(text, &document), added))
}

fn read(text: &str) -> Result<DocumentMut, Blocker> {
    text.parse().map_err(|error: toml_edit::TomlError| {
        Blocker::new(BlockerCode::InvalidArgument, format!("`Cargo.toml` is not TOML: {}", error.message()))
            .help("`cargo check` shows the place.")
            .at("Cargo.toml")
    })
}

fn not_a_table(name: &str) -> Blocker {
    Blocker::new(BlockerCode::InvalidArgument, format!("`{name}` in `Cargo.toml` is not a table"))
        .help("`cargo check` shows the place.")
        .at("Cargo.toml")
}

/// Whether the package has that dependency, under this or another name, for every target or one.
fn has_dependency(document: &DocumentMut, table: &str, name: &str) -> bool {
    let of = |tables: &dyn TableLike| {
        let dependencies = tables.get(table).and_then(Item::as_table_like);
        dependencies.is_some_and(|dependencies| {
            dependencies.iter().any(|(key, value)| {
                let renamed = value.get("package").and_then(Item::as_str);
                renamed.unwrap_or(key) == name
            })
        })
    };
    let targets = document.get("target").and_then(Item::as_table_like);
    of(document.as_table())
        || targets
            .is_some_and(|targets| targets.iter().any(|(_, target)| target.as_table_like().is_some_and(of)))
}

/// The table at `path`, made where it is missing.
fn descend<'d>(table: &'d mut Table, path: &[&str]) -> Option<&'d mut dyn TableLike> {
    let mut table: &mut dyn TableLike = table;
    for (n, key) in path.iter().enumerate() {
        let item = table.entry(key).or_insert_with(|| {
            let mut table = Table::new();
            // `[profile]` and `[profile.dev]` need no header of their own.
            table.set_implicit(n + 1 < path.len());
            Item::Table(table)
        });
        table = item.as_table_like_mut()?;
    }
    Some(table)
}

fn at<'d>(document: &'d mut DocumentMut, path: &[&str]) -> Option<&'d mut Item> {
    path.iter().try_fold(document.as_item_mut(), |item, key| item.get_mut(key))
}

/// The document, in `\r\n` where all of the text was.
fn written(before: &str, document: &DocumentMut) -> String {
    let text = document.to_string();
    let crlf = before.matches("\r\n").count();
    if crlf > 0 && crlf == before.matches('\n').count() {
        text.replace("\r\n", "\n").replace('\n', "\r\n")
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRESH: &str =
        "[package]\nname = \"game\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[dependencies]\n";

    fn check_dependencies(before: &str, after: &str) {
        let checkout =
            Source::Checkout { build: "../p/packer-build".into(), format: "../p/packer-format".into() };
        let (found, _) = with_dependencies(before, &checkout).unwrap();
        assert_eq!(found, after, "found:\n{found}");
        let (again, added) = with_dependencies(&found, &checkout).unwrap();
        assert_eq!((again, added), (found, Vec::new()));
    }

    #[test]
    fn a_fresh_manifest_gets_both() {
        check_dependencies(
            FRESH,
            &format!(
                "{FRESH}packer-format = {{ path = \"../p/packer-format\" }}\n\n[build-dependencies]\npacker-build = {{ path = \"../p/packer-build\" }}\n"
            ),
        );
    }

    #[test]
    fn a_release_is_asked_for_in_the_version_of_this_command() {
        let (text, added) = with_dependencies(FRESH, &Source::Release).unwrap();
        let version = env!("CARGO_PKG_VERSION");
        assert!(text.ends_with(&format!(
            "packer-format = \"{version}\"\n\n[build-dependencies]\npacker-build = \"{version}\"\n"
        )));
        assert_eq!(added.len(), 2);
    }

    #[test]
    fn comments_order_and_odd_layout_stay() {
        check_dependencies(
            "# top\n[package] # here\nname=\"game\"\n\n[dependencies] # few\n# draws\na = \"1\" # a\nz={version=\"1\"}   # z\n\n# last word\n",
            "# top\n[package] # here\nname=\"game\"\n\n[dependencies] # few\n# draws\na = \"1\" # a\npacker-format = { path = \"../p/packer-format\" }\nz={version=\"1\"}   # z\n\n[build-dependencies]\npacker-build = { path = \"../p/packer-build\" }\n\n# last word\n",
        );
    }

    #[test]
    fn what_is_there_already_stays_as_it_is() {
        for text in [
            "[package]\n[dependencies]\npacker-format.workspace = true\n[build-dependencies.packer-build]\npath = \"x\"\n",
            "[package]\n[dependencies]\npf = { package = \"packer-format\", version = \"1\" }\n[target.'cfg(unix)'.build-dependencies]\npacker-build = \"1\"\n",
        ] {
            assert_eq!(with_dependencies(text, &Source::Release).unwrap(), (text.to_owned(), Vec::new()));
        }
    }

    #[test]
    fn profile_lines_are_added_once_with_their_reason() {
        let (text, added) = with_profiles(FRESH).unwrap();
        assert_eq!(added.len(), 2);
        assert!(text.starts_with(FRESH), "{text}");
        assert!(
            text.contains(&format!("\n\n{WHY}\n[profile.dev.package]\nsha2 = {{ opt-level = 3 }}\n")),
            "{text}"
        );
        assert!(
            text.contains(&format!("\n\n{WHY}\n[profile.release.package]\nsha2 = {{ opt-level = 3 }}\n")),
            "{text}"
        );
        assert_eq!(text.matches("opt-level = 3").count(), 14);
        assert_eq!(with_profiles(&text).unwrap(), (text, Vec::new()));
    }

    #[test]
    fn profile_lines_of_a_person_stay() {
        let text = "[profile.dev]\nopt-level = 1 # mine\n\n[profile.dev.package.png]\nopt-level = 2\n\n[profile.release.package.\"*\"]\nopt-level = 3\n";
        let (found, added) = with_profiles(text).unwrap();
        assert_eq!(added, ["`profile.dev`"]);
        assert!(found.contains("[profile.dev.package.png]\nopt-level = 2\n"), "{found}");
        assert!(found.contains("opt-level = 1 # mine\n"), "{found}");
        let parsed: DocumentMut = found.parse().unwrap();
        assert_eq!(parsed["profile"]["dev"]["package"]["sha2"]["opt-level"].as_integer(), Some(3));
        assert_eq!(with_profiles(&found).unwrap(), (found, Vec::new()));
    }

    #[test]
    fn line_ends_stay() {
        let text = FRESH.replace('\n', "\r\n");
        let (found, _) = with_dependencies(&text, &Source::Release).unwrap();
        assert!(found.starts_with(&text), "{found:?}");
        assert_eq!(found.matches('\n').count(), found.matches("\r\n").count());
    }

    #[test]
    fn a_workspace_without_a_package_is_no_game() {
        assert!(package("[workspace]\nmembers = []\n").unwrap_err().message.contains("workspace"));
        assert!(package("[package\n").unwrap_err().message.contains("not TOML"));
    }
}
