//! Which project a person means.
//!
//! `--project` names its folder; `-m` and `-p` lead to a cargo package; else the folders from the
//! current one upwards are looked at, like cargo looks for a manifest. Cargo is asked only where
//! its answer is needed, and never goes to the network for it.

use std::path::{Component, Path, PathBuf};
use std::process::{Command, Stdio};

use cargo_metadata::{Metadata, MetadataCommand, Package};
use prometeu_packer::ops::{Blocker, BlockerCode};
use prometeu_packer::workspace::Layout;

use crate::cli::Global;
use crate::printer::display_path;
use crate::settings;
use crate::shell::{Shell, Verbosity};

/// Finds the project for a command that needs one with assets in it.
///
/// # Errors
///
/// When there is none: what was looked at, and what to do.
pub(crate) fn find(global: &Global) -> Result<PathBuf, Blocker> {
    find_with_reason(global).map(|(folder, _)| folder)
}

/// How a project was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Found {
    /// This flag names it, or its package.
    Named(&'static str),
    /// This flag names a package, whose manifest says where.
    Package(&'static str, PathBuf),
    /// It is the nearest from the current folder upwards.
    Near,
    /// The workspace's manifest says which package is meant.
    Workspace(PathBuf),
}

/// The same, with how it was found.
///
/// # Errors
///
/// As [`find`].
pub(crate) fn find_with_reason(global: &Global) -> Result<(PathBuf, Found), Blocker> {
    let Some((folder, found)) = nearest_with_reason(global)? else { return Err(nowhere(&current_dir()?)) };
    if Layout::new(&folder).assets().is_dir() {
        return Ok((folder, found));
    }
    let message = format!("there is no folder `assets` in `{}`", display_path(&folder));
    let help = "`cargo prometeu init` makes the project ready, with the same flags.";
    Err(Blocker::new(BlockerCode::InvalidArgument, message).help(help).at(folder.display().to_string()))
}

/// The folder that the flags name, whatever it holds; else the nearest one from the current folder upwards
/// that is a project, if there is one.
///
/// # Errors
///
/// When a flag names a folder, manifest or package that is not there.
pub(crate) fn nearest(global: &Global) -> Result<Option<PathBuf>, Blocker> {
    Ok(nearest_with_reason(global)?.map(|(folder, _)| folder))
}

/// The same, with how it was found; where there is none, the one that the workspace says is meant.
fn nearest_with_reason(global: &Global) -> Result<Option<(PathBuf, Found)>, Blocker> {
    if let Some(folder) = named(global)? {
        let flag = match (&global.project, &global.package) {
            (Some(_), _) => return Ok(Some((folder, Found::Named("--project")))),
            (None, Some(_)) => "--package",
            (None, None) => "--manifest-path",
        };
        let project = settings::project_of_package(&folder)?;
        let says = project != folder;
        let found = if says { Found::Package(flag, folder.join("Cargo.toml")) } else { Found::Named(flag) };
        return Ok(Some((project, found)));
    }
    let here = current_dir()?;
    let upwards = |found: &dyn Fn(&Layout) -> bool| {
        here.ancestors().find(|folder| found(&Layout::new(*folder))).map(Path::to_path_buf)
    };
    let near = upwards(&|layout| layout.registry().is_file())
        .or_else(|| upwards(&|layout| layout.assets().is_dir()));
    if let Some(near) = near {
        return Ok(Some((near, Found::Near)));
    }
    let Some(meant) = settings::default_package(&here)? else { return Ok(None) };
    let project = settings::project_of_package(&meant.folder)?;
    Ok(Some((project, Found::Workspace(meant.said_by))))
}

/// Finds the folder that is to become a project, or is one: where `init` works.
///
/// # Errors
///
/// When a flag names a folder, manifest or package that is not there.
pub(crate) fn find_or_choose(global: &Global) -> Result<PathBuf, Blocker> {
    if let Some(folder) = named(global)? {
        return Ok(folder);
    }
    let here = current_dir()?;
    let upwards =
        |found: &dyn Fn(&Path) -> bool| here.ancestors().find(|folder| found(folder)).map(Path::to_path_buf);
    // The nearest package or project, whichever comes first: a new crate below an old project is
    // meant itself.
    let nearest =
        upwards(&|folder| folder.join("Cargo.toml").is_file() || Layout::new(folder).registry().is_file());
    Ok(nearest.or_else(|| upwards(&|folder| Layout::new(folder).assets().is_dir())).unwrap_or(here))
}

/// What cargo says of the package or workspace that `manifest` belongs to.
///
/// # Errors
///
/// Cargo's own words.
pub(crate) fn metadata(manifest: Option<&Path>) -> Result<Metadata, Blocker> {
    // `MetadataCommand` calls `$CARGO`, which cargo sets for its subcommands.
    let mut command = MetadataCommand::new();
    command.no_deps().other_options(["--offline".to_owned()]);
    if let Some(manifest) = manifest {
        command.manifest_path(manifest);
    }
    command.exec().map_err(|error| {
        let words = match &error {
            cargo_metadata::Error::CargoMetadata { stderr } => stderr.trim().to_owned(),
            other => other.to_string(),
        };
        let words = words.strip_prefix("error: ").unwrap_or(&words).to_owned();
        Blocker::new(BlockerCode::InvalidArgument, format!("cargo cannot read the manifest: {words}"))
            .help("Mend it first: `cargo metadata --no-deps` has to work.")
    })
}

/// The folder that the flags name, if they do.
fn named(global: &Global) -> Result<Option<PathBuf>, Blocker> {
    if let Some(folder) = &global.project {
        if !folder.is_dir() {
            let message = format!("there is no folder `{}`", folder.display());
            return Err(Blocker::new(BlockerCode::InvalidArgument, message)
                .help("`--project` takes the folder that holds `assets/`."));
        }
        return straight(folder).map(Some);
    }
    if let Some(manifest) = &global.manifest_path
        && !manifest.is_file()
    {
        let message = format!("there is no manifest `{}`", manifest.display());
        return Err(Blocker::new(BlockerCode::InvalidArgument, message)
            .help("`--manifest-path` takes the path of a `Cargo.toml`."));
    }
    let folder = match (&global.package, &global.manifest_path) {
        (None, None) => return Ok(None),
        (None, Some(manifest)) => straight(manifest)?,
        (Some(name), manifest) => {
            package(&metadata(manifest.as_deref())?, name)?.manifest_path.clone().into()
        }
    };
    Ok(folder.parent().map(Path::to_path_buf))
}

/// The member of the workspace with that name.
///
/// # Errors
///
/// When there is none: those that there are.
pub(crate) fn package<'m>(metadata: &'m Metadata, name: &str) -> Result<&'m Package, Blocker> {
    metadata.packages.iter().find(|package| package.name.as_str() == name).ok_or_else(|| {
        let mut names: Vec<&str> = metadata.packages.iter().map(|package| package.name.as_str()).collect();
        names.sort_unstable();
        Blocker::new(BlockerCode::InvalidArgument, format!("the workspace has no package `{name}`"))
            .help(format!("It has: {}.", names.join(", ")))
    })
}

/// Why there is no project, and where the workspace has some.
fn nowhere(here: &Path) -> Blocker {
    let message = format!("there is no project in `{}` or above it: no folder `assets`", here.display());
    let members = members_with_assets();
    let help = match members.as_slice() {
        [] => "Go to the project, name it with `--project DIR` or `-p PACKAGE`, or make one here with \
               `cargo prometeu init`."
            .to_owned(),
        [(name, folder)] => {
            format!(
                "The package `{name}` of this workspace is one: add `-p {name}`, or `--project {folder}`."
            )
        }
        several => {
            let names: Vec<String> = several.iter().map(|(name, _)| format!("`-p {name}`")).collect();
            format!("Several packages of this workspace are projects; add which one: {}.", names.join(", "))
        }
    };
    Blocker::new(BlockerCode::InvalidArgument, message).help(help)
}

/// A cargo that does these words with a package and tells of it on a pipe; on its standard error it says what it says
/// to anybody.
pub(crate) fn cargo(words: &[&str], package: &Package, shell: &Shell) -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(words).arg("--manifest-path").arg(&package.manifest_path);
    cargo.args(["--package", package.name.as_str()]);
    if shell.verbosity() == Verbosity::Quiet {
        cargo.arg("--quiet");
    }
    cargo.stdin(Stdio::null()).stdout(Stdio::piped());
    cargo
}

/// The packages of the workspace around the current folder that hold assets, with their folders.
/// Without a workspace, or where cargo cannot read it, there are none.
pub(crate) fn members_with_assets() -> Vec<(String, String)> {
    let Ok(metadata) = metadata(None) else { return Vec::new() };
    let folder = |package: &Package| package.manifest_path.as_std_path().parent().map(Path::to_path_buf);
    let mut members: Vec<(String, String)> = metadata
        .packages
        .iter()
        .filter_map(|package| Some((package.name.to_string(), folder(package)?)))
        .filter(|(_, folder)| Layout::new(folder).assets().is_dir())
        .map(|(name, folder)| (name, display_path(&folder)))
        .collect();
    members.sort_unstable();
    members
}

/// The current folder.
///
/// # Errors
///
/// When it is gone, or may not be seen.
pub(crate) fn current_dir() -> Result<PathBuf, Blocker> {
    std::env::current_dir().map_err(|error| {
        let message = format!("the current folder cannot be found: {error}");
        Blocker::new(BlockerCode::IoError, message).help("Go to another folder and run it again.")
    })
}

/// `path` from the file system's root, without touching the file system.
///
/// # Errors
///
/// When there is no current folder to begin at.
pub(crate) fn absolute(path: &Path) -> Result<PathBuf, Blocker> {
    let joined = current_dir()?.join(path);
    let mut clean = PathBuf::new();
    for part in joined.components() {
        match part {
            Component::CurDir => {}
            part => clean.push(part),
        }
    }
    Ok(clean)
}

/// The same without `..`, so that a place has one name; but as it was typed where a link stands in the way, behind
/// which `..` is another folder.
///
/// # Errors
///
/// When there is no current folder to begin at.
fn straight(path: &Path) -> Result<PathBuf, Blocker> {
    let typed = absolute(path)?;
    let straight = without_dots(&typed);
    let is_same = matches!((typed.canonicalize(), straight.canonicalize()), (Ok(a), Ok(b)) if a == b);
    Ok(if is_same { straight } else { typed })
}

/// An absolute path without `.` and `..`, links not looked at.
pub(crate) fn without_dots(path: &Path) -> PathBuf {
    let mut clean = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                clean.pop();
            }
            part => clean.push(part),
        }
    }
    clean
}
