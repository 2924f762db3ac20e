//! `Cargo.toml`: dependencies, with everything that a person wrote kept; and how such a file is edited.

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

/// A manifest's text, to be edited.
///
/// # Errors
///
/// When it is not TOML.
pub(super) fn read(text: &str) -> Result<DocumentMut, Blocker> {
    text.parse().map_err(|error: toml_edit::TomlError| {
        Blocker::new(BlockerCode::InvalidArgument, format!("`Cargo.toml` is not TOML: {}", error.message()))
            .help("`cargo check` shows the place.")
            .at("Cargo.toml")
    })
}

/// Why a manifest is not edited in which `name` is something else.
pub(super) fn not_a_table(name: &str) -> Blocker {
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
pub(super) fn descend<'d>(table: &'d mut Table, path: &[&str]) -> Option<&'d mut dyn TableLike> {
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

/// What is at `path`.
pub(super) fn at<'d>(document: &'d mut DocumentMut, path: &[&str]) -> Option<&'d mut Item> {
    path.iter().try_fold(document.as_item_mut(), |item, key| item.get_mut(key))
}

/// The document, in `\r\n` where all of the text was.
pub(super) fn written(before: &str, document: &DocumentMut) -> String {
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
