//! Settings as the manifests hold them.

use std::path::{Path, PathBuf};

use cargo_metadata::{Metadata, Package};
use prometeu_packer::ops::{Blocker, BlockerCode};
use prometeu_packer::schema::suggest::nearest;
use serde_json::{Map, Value};
use toml_edit::DocumentMut;

use super::Settings;
use crate::printer::display_path;
use crate::project;

/// What a package may say, and what a workspace.
const OF_PACKAGES: [&str; 3] = ["out", "strict", "project"];
const OF_WORKSPACES: [&str; 3] = ["out", "strict", "package"];

/// What one manifest says.
#[derive(Debug, Default, Clone)]
pub(super) struct Told {
    pub(super) manifest: PathBuf,
    pub(super) out: Option<PathBuf>,
    pub(super) strict: Option<bool>,
    pub(super) project: Option<PathBuf>,
    package: Option<String>,
    unknown: Vec<String>,
}

pub(super) fn settings(folder: &Path) -> Result<Settings, Blocker> {
    let Some(manifest) = speaking(folder) else { return Ok(Settings::default()) };
    let metadata = project::metadata(Some(&manifest))?;
    let workspace = of_workspace(&metadata)?;
    let mut package = Told::default();
    for member in &metadata.packages {
        let told = of_package(member)?;
        let home = told.manifest.parent().unwrap_or(folder);
        let project = told.project.as_ref().map_or_else(|| home.to_path_buf(), |project| home.join(project));
        if same(&project, folder) {
            package = told;
        }
    }
    let unknown = [&package.unknown[..], &workspace.unknown[..]].concat();
    Ok(Settings { package, workspace, unknown })
}

/// What the package in `folder` says, when it says anything.
pub(super) fn package_at(folder: &Path) -> Result<Option<Told>, Blocker> {
    let manifest = folder.join("Cargo.toml");
    if !speaks(&manifest) {
        return Ok(None);
    }
    let metadata = project::metadata(Some(&manifest))?;
    let own = metadata.packages.iter().find(|package| same(package.manifest_path.as_std_path(), &manifest));
    own.map(of_package).transpose()
}

/// The package whose assets are meant where none is named.
#[derive(Debug)]
pub(crate) struct Meant {
    pub(crate) folder: PathBuf,
    /// The manifest that says so.
    pub(crate) said_by: PathBuf,
}

/// What the workspace around `here` says of it.
///
/// # Errors
///
/// As of all settings; and when there is no such package.
pub(crate) fn default_package(here: &Path) -> Result<Option<Meant>, Blocker> {
    let Some(manifest) = speaking(here) else { return Ok(None) };
    let metadata = project::metadata(Some(&manifest))?;
    let workspace = of_workspace(&metadata)?;
    let Some(name) = &workspace.package else { return Ok(None) };
    let package = project::package(&metadata, name).map_err(|blocker| {
        let message =
            format!("{}, and `workspace.metadata.prometeu.package` says that it is meant", blocker.message);
        Blocker { message, path: Some(display_path(&workspace.manifest)), ..blocker }
    })?;
    let folder = package.manifest_path.as_std_path().parent().map(Path::to_path_buf);
    Ok(folder.map(|folder| Meant { folder, said_by: workspace.manifest }))
}

/// The nearest manifest from `folder` upwards, where it or one above speaks of settings: cargo takes a
/// while to answer, and mostly there is nothing to ask.
fn speaking(folder: &Path) -> Option<PathBuf> {
    let manifests: Vec<PathBuf> =
        folder.ancestors().map(|folder| folder.join("Cargo.toml")).filter(|path| path.is_file()).collect();
    manifests.iter().any(|manifest| speaks(manifest)).then(|| manifests[0].clone())
}

fn speaks(manifest: &Path) -> bool {
    let Ok(text) = std::fs::read_to_string(manifest) else { return false };
    if !(text.contains("metadata") && text.contains("prometeu")) {
        return false;
    }
    // What is no TOML, cargo says itself.
    let Ok(document) = text.parse::<DocumentMut>() else { return true };
    let of = |table: &str| document.get(table)?.get("metadata")?.get("prometeu");
    of("package").or_else(|| of("workspace")).is_some()
}

fn same(a: &Path, b: &Path) -> bool {
    let real = |path: &Path| path.canonicalize().ok();
    a == b || (real(a).is_some() && real(a) == real(b))
}

fn of_package(package: &Package) -> Result<Told, Blocker> {
    let manifest = package.manifest_path.as_std_path();
    told(&package.metadata, "package.metadata.prometeu", manifest, &OF_PACKAGES)
}

fn of_workspace(metadata: &Metadata) -> Result<Told, Blocker> {
    let manifest = metadata.workspace_root.as_std_path().join("Cargo.toml");
    told(&metadata.workspace_metadata, "workspace.metadata.prometeu", &manifest, &OF_WORKSPACES)
}

fn told(metadata: &Value, table: &str, manifest: &Path, known: &[&str]) -> Result<Told, Blocker> {
    let mut told = Told { manifest: manifest.to_path_buf(), ..Told::default() };
    let members = match metadata.get("prometeu") {
        None => return Ok(told),
        Some(Value::Object(members)) => members,
        Some(_) => return Err(wrong(manifest, table, "a table", &format!("[{table}]"))),
    };
    let text = |key: &str, example: &str| text(members, key, table, manifest, example);
    told.out = text("out", "out = \"dist\"")?.map(PathBuf::from);
    told.strict = match members.get("strict") {
        None => None,
        Some(Value::Bool(strict)) => Some(*strict),
        Some(_) => {
            return Err(wrong(manifest, &format!("{table}.strict"), "`true` or `false`", "strict = true"));
        }
    };
    // What is not known here is told below.
    if known.contains(&"project") {
        told.project = text("project", "project = \"content\"")?.map(PathBuf::from);
    }
    if known.contains(&"package") {
        told.package = text("package", "package = \"game\"")?;
    }
    let unknown = members.keys().filter(|key| !known.contains(&key.as_str()));
    told.unknown = unknown
        .map(|key| {
            let file = display_path(manifest);
            let meant = nearest(key, known.iter().copied()).map_or_else(
                || format!("there are `{}`", known.join("`, `")),
                |meant| format!("did you mean `{meant}`?"),
            );
            format!("`{file}` sets `{table}.{key}`, which is no setting: {meant}")
        })
        .collect();
    Ok(told)
}

fn text(
    members: &Map<String, Value>,
    key: &str,
    table: &str,
    manifest: &Path,
    example: &str,
) -> Result<Option<String>, Blocker> {
    match members.get(key) {
        None => Ok(None),
        Some(Value::String(text)) if !text.is_empty() => Ok(Some(text.clone())),
        Some(_) => Err(wrong(manifest, &format!("{table}.{key}"), "a string that is not empty", example)),
    }
}

fn wrong(manifest: &Path, what: &str, wanted: &str, example: &str) -> Blocker {
    let file = display_path(manifest);
    let message = format!("`{what}` in `{file}` must be {wanted}");
    Blocker::new(BlockerCode::InvalidArgument, message)
        .help(format!("Write it like this: `{example}`."))
        .at(file)
}
