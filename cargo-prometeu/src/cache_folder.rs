//! Where the cache of a project is: one answer for all that packs and for who asks.
//!
//! Nothing in it is an authority, so a cargo that cannot answer is no reason to stop. A build script
//! without the variable keeps its cache in its `OUT_DIR`, which is cargo's and is not this one.

use std::path::{Path, PathBuf};

use crate::project;

/// The variable that names it, for commands and build scripts alike.
pub(crate) const VARIABLE: &str = "PROMETEU_CACHE_DIR";

/// The variables that name cargo's target directory, the one that counts first.
pub(crate) const TARGETS: [&str; 2] = ["CARGO_TARGET_DIR", "CARGO_BUILD_TARGET_DIR"];

/// A cache folder, which need not be there.
#[derive(Debug)]
pub(crate) struct CacheFolder {
    /// Where it is.
    pub(crate) path: PathBuf,
    /// Why there.
    pub(crate) because: Because,
}

/// Why a cache is where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Because {
    /// [`VARIABLE`] says so.
    Variable,
    /// It is in cargo's target directory.
    TargetDirectory,
    /// There is no `Cargo.toml`, so nobody has a target directory.
    NoManifest,
    /// Cargo cannot tell its target directory; with the reason.
    CargoCannotTell(String),
}

impl Because {
    /// Its name for programs.
    pub(crate) const fn as_str(&self) -> &'static str {
        match self {
            Self::Variable => "variable",
            Self::TargetDirectory => "target_directory",
            Self::NoManifest => "no_manifest",
            Self::CargoCannotTell(_) => "cargo_cannot_tell",
        }
    }
}

/// The cache in a `target` here or above that an earlier command has made there, which asked cargo. Asking
/// again costs more than a pack that has nothing to do; and where the target directory is another one by
/// now, the cache is as good in the old one.
///
/// Not where a variable may name another target directory.
fn made_before(project: &Path) -> Option<PathBuf> {
    if TARGETS.into_iter().any(|name| std::env::var_os(name).is_some()) {
        return None;
    }
    let project = std::path::absolute(project).ok()?;
    project.ancestors().map(|folder| folder.join("target/prometeu")).find(|cache| cache.is_dir())
}

/// The cache of the project in that folder.
pub(crate) fn find(project: &Path) -> CacheFolder {
    let named = std::env::var_os(VARIABLE).filter(|named| !named.is_empty());
    if let Some(named) = named {
        // As of a build script: the same folder whatever folder is current.
        return CacheFolder { path: project.join(named), because: Because::Variable };
    }
    let manifest = project.join("Cargo.toml");
    let beside = |because| CacheFolder { path: project.join("build/.cache"), because };
    if !manifest.is_file() {
        return beside(Because::NoManifest);
    }
    if let Some(path) = made_before(project) {
        return CacheFolder { path, because: Because::TargetDirectory };
    }
    match project::metadata(Some(&manifest)) {
        Ok(metadata) => CacheFolder {
            path: metadata.target_directory.join("prometeu").into(),
            because: Because::TargetDirectory,
        },
        Err(blocker) => beside(Because::CargoCannotTell(blocker.message)),
    }
}
