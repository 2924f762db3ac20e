//! What a successful build came to.

use std::path::PathBuf;

use prometeu_packer::diagnostics::{Diagnostic, Severity};
use prometeu_packer::id::AssetId;
use prometeu_packer::ops::{PackResult, Work};
use prometeu_packer::pack::DirtyReason;
use prometeu_packer::path::AssetPath;

/// A pack with its constants, and how much of it had to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Report {
    /// `assets.pa`.
    pub pack: PathBuf,
    /// `assets.rs`.
    pub constants: PathBuf,
    /// The pack's bytes.
    pub size: u64,
    /// The pack's digest, as its companion `asset_table_metadata.json` has it.
    pub digest: String,
    /// How many assets the pack holds; 0 for a build that was told to skip them.
    pub total_assets: usize,
    /// How many of those are as the last pack had them.
    pub kept: usize,
    /// The others, by id, each with the reason why it was made.
    pub made: Vec<MadeAsset>,
    /// What it cost, counted.
    pub work: Work,
    /// What deserves a look and does not stop a build.
    pub warnings: Vec<Diagnostic>,
}

/// An asset whose payload was made anew.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct MadeAsset {
    /// Its id.
    pub asset_id: AssetId,
    /// Its folder, relative to `assets/`.
    pub root: AssetPath,
    /// Its name.
    pub name: String,
    /// Why it was made.
    pub reason: DirtyReason,
}

impl Report {
    pub(crate) fn new(result: &PackResult, constants: PathBuf, diagnostics: Vec<Diagnostic>) -> Self {
        let made = result.assets.iter().filter_map(|asset| {
            Some(MadeAsset {
                asset_id: asset.asset_id,
                root: asset.root.clone(),
                name: asset.name.clone(),
                reason: asset.made.clone()?,
            })
        });
        let advisory = |found: &Diagnostic| found.severity != Severity::Info;
        Self {
            pack: result.artifact.path.clone(),
            constants,
            size: result.artifact.size,
            digest: result.digest.clone(),
            total_assets: result.total_assets,
            kept: result.cache.hits,
            made: made.collect(),
            work: result.work,
            warnings: diagnostics.into_iter().filter(advisory).collect(),
        }
    }
}
