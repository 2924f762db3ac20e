//! Where the cache of a project is: one answer for all that packs and for who asks.
//!
//! Nothing in it is an authority, so a cargo that cannot answer is no reason to stop. A build script
//! without the variable keeps its cache in its `OUT_DIR`, which is cargo's and is not this one.

use std::path::{Path, PathBuf};

use crate::project;

/// The variable that names it, for commands and build scripts alike.
pub(crate) const VARIABLE: &str = "PROMETEU_CACHE_DIR";

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
    match project::metadata(Some(&manifest)) {
        Ok(metadata) => CacheFolder {
            path: metadata.target_directory.join("prometeu").into(),
            because: Because::TargetDirectory,
        },
        Err(blocker) => beside(Because::CargoCannotTell(blocker.message)),
    }
}
