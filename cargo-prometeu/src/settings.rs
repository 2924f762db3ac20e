//! What a project has settled for the commands: defaults of flags, in the manifests.
//!
//! ```toml
//! [package.metadata.prometeu]         # in the game's Cargo.toml
//! out = "dist"                        # where `pack` writes, from the project's folder
//! strict = true                       # warnings block like errors
//! project = "content"                 # the folder that holds `assets/`, when it is not the package's
//!
//! [workspace.metadata.prometeu]       # in the workspace's root
//! strict = true                       # as above, for every game that does not say otherwise
//! package = "game"                    # whose assets are meant where no project is near
//! ```
//!
//! The first that says something counts: flag, variable, package, workspace, what is so without any. Cargo is
//! asked only where a manifest here or above speaks of it. A build script reads none of this: what it packs
//! and what blocks it are the same wherever it runs.

mod read;

use std::path::{Path, PathBuf};

use prometeu_packer::ops::Blocker;

use crate::shell::Shell;
use read::Told;
pub(crate) use read::default_package;

/// The variable that lets warnings block, of commands and build scripts alike.
pub(crate) const STRICT: &str = "PROMETEU_STRICT";

/// Where a setting comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum From {
    Flag(&'static str),
    Variable(&'static str),
    /// `[package.metadata.prometeu]` of this manifest.
    Package(PathBuf),
    /// `[workspace.metadata.prometeu]` of this manifest.
    Workspace(PathBuf),
    Default,
}

/// A setting with where it comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Setting<T> {
    pub(crate) value: T,
    pub(crate) from: From,
}

/// What the manifests of one project say.
#[derive(Debug, Default)]
pub(crate) struct Settings {
    package: Told,
    workspace: Told,
    /// What was found there and is not known, each with what to do.
    pub(crate) unknown: Vec<String>,
}

impl Settings {
    /// Those of the project in `folder`.
    ///
    /// # Errors
    ///
    /// When a manifest speaks of settings and cargo cannot read it, or one of them is of the wrong kind.
    pub(crate) fn of(folder: &Path) -> Result<Self, Blocker> {
        read::settings(folder)
    }

    /// The same, and tells what is not known.
    ///
    /// # Errors
    ///
    /// As [`of`](Self::of).
    pub(crate) fn of_and_tell(folder: &Path, shell: &Shell) -> Result<Self, Blocker> {
        let settings = Self::of(folder)?;
        settings.unknown.iter().for_each(|unknown| shell.warn(unknown));
        Ok(settings)
    }

    /// Where `pack` writes, from the project's folder unless a flag says so.
    pub(crate) fn out(&self, flag: Option<&Path>) -> Setting<PathBuf> {
        let flag = flag.map(|out| Setting { value: out.to_path_buf(), from: From::Flag("--out") });
        let told = |told: &Told| told.out.clone();
        flag.or_else(|| self.told(told))
            .unwrap_or_else(|| Setting { value: "build".into(), from: From::Default })
    }

    /// Whether warnings block like errors.
    pub(crate) fn strict(&self, flag: bool) -> Setting<bool> {
        let flag = flag.then_some(Setting { value: true, from: From::Flag("--strict") });
        flag.or_else(|| switch(STRICT).map(|value| Setting { value, from: From::Variable(STRICT) }))
            .or_else(|| self.told(|told| told.strict))
            .unwrap_or(Setting { value: false, from: From::Default })
    }

    fn told<T>(&self, member: impl Fn(&Told) -> Option<T>) -> Option<Setting<T>> {
        let of = |told: &Told, from: fn(PathBuf) -> From| {
            member(told).map(|value| Setting { value, from: from(told.manifest.clone()) })
        };
        of(&self.package, From::Package).or_else(|| of(&self.workspace, From::Workspace))
    }
}

/// What a switch of the environment says, when it says anything: `0` is no.
pub(crate) fn switch(name: &str) -> Option<bool> {
    let value = std::env::var_os(name).filter(|value| !value.is_empty())?;
    Some(value != "0")
}

/// The folder of the project of the package in `folder`: what it says itself, else the folder.
///
/// # Errors
///
/// As [`Settings::of`].
pub(crate) fn project_of_package(folder: &Path) -> Result<PathBuf, Blocker> {
    let told = read::package_at(folder)?;
    Ok(told
        .and_then(|told| told.project)
        .map_or_else(|| folder.to_path_buf(), |project| folder.join(project)))
}
