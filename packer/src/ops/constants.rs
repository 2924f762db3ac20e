//! `constants`: what a game calls its assets, from the declarations alone.
//!
//! For a package that names assets and does not pack them, such as a game's library crate beside the
//! thin binary that does. It depends on the registry and on each `asset.json` of the pack set, and on
//! nothing else where that can be: no tile is opened, and one that is broken or missing stands in
//! nobody's way here. The package that packs says so.
//!
//! One kind of asset needs more. In a bank of pictures without `artifacts` each picture takes as many
//! indices as it has tiles, so that all but the last decide what the next ones are called by; those
//! are looked at, and told as [`Constants::sources`]. A number that is not that of the pack would draw
//! a wrong tile, and nothing would say so.
//!
//! What blocks follows from what is told as a source: with equal sources, a fresh run and one after
//! an edit agree.

use std::path::Path;

use super::pack::{PackContents, PackedAsset, sorted};
use super::told::{Told, sound};
use crate::Error;
use crate::cancel::Token;
use crate::diagnostics::{Diagnostic, Severity};
use crate::family::{Stop, deciding_inputs, first_indices};
use crate::id::AssetId;
use crate::pack::{AssetInputs, Failure};
use crate::path::AssetPath;
use crate::snapshot::{Asset, Snapshot};
use crate::storage::Source;
use crate::workspace::InputFile;
use crate::workspace::layout::DECLARATION;

/// Which constants to make.
#[derive(Debug, Clone, Copy)]
pub struct ConstantsRequest {
    /// Warnings block like errors.
    pub strict: bool,
    /// The pack set; or [`PackContents::Nothing`]: whatever of it can be read, and nothing blocks.
    pub contents: PackContents,
}

/// The names of the pack set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Constants {
    /// The assets by id.
    pub assets: Vec<NamedAsset>,
    /// The files that this follows from, besides the registry: relative to `assets/`, each of them
    /// there.
    pub sources: Vec<AssetPath>,
}

/// An asset as a game names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedAsset {
    /// Its id.
    pub asset_id: AssetId,
    /// Its name.
    pub name: String,
    /// Its folder.
    pub root: AssetPath,
    /// The name of its family.
    pub family: &'static str,
    /// Its artifacts by increasing index.
    pub artifacts: Vec<NamedArtifact>,
}

/// An artifact as a game names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedArtifact {
    /// Its file, relative to the asset root.
    pub file: AssetPath,
    /// Its index, for a sheet that of the first cell.
    pub index: u32,
}

/// The constants, or `None` when diagnostics stand in the way. `snapshot` is of
/// [`Scope::Declarations`](crate::workspace::Scope::Declarations).
///
/// # Errors
///
/// When an input that decides indices changed while it was read, and when `token` says to stop.
pub(crate) fn attempt(
    snapshot: &Snapshot,
    files: &dyn Source,
    request: ConstantsRequest,
    token: &Token,
) -> Result<(Option<Constants>, Vec<Diagnostic>), Failure> {
    // Where it cannot be resolved it is gone, and so are the inputs.
    let folder = snapshot.layout.assets();
    let folder = files.resolve(&folder).unwrap_or(folder);
    let told = Told::of(snapshot);
    let mut found = snapshot.reports.clone();
    let mut assets = Vec::new();
    for position in sound(snapshot, snapshot.pack_set()) {
        token.check().map_err(Failure::Error)?;
        let (named, findings) = name(snapshot, position, files, &folder, token)?;
        if !findings.iter().any(|finding| finding.code.severity() == Severity::Error) {
            assets.extend(named);
        }
        found.extend(told.reports(findings.into_iter().map(|finding| (position, finding))));
    }
    if request.contents == PackContents::Nothing {
        found.clear();
    }
    let diagnostics = sorted(snapshot, &found, request.strict);
    let blocked = diagnostics.iter().any(|diagnostic| diagnostic.blocking);
    let sources = || snapshot.pack_set().flat_map(|n| sources(&snapshot.assets[n])).collect();
    Ok(((!blocked).then(|| Constants { assets, sources: sources() }), diagnostics))
}

type Named = (Option<NamedAsset>, Vec<crate::diagnostics::Finding>);

/// The names of one asset and what is wrong with them. `assets` is the folder of all, every link
/// followed.
fn name(
    snapshot: &Snapshot,
    position: usize,
    files: &dyn Source,
    assets: &Path,
    token: &Token,
) -> Result<Named, Failure> {
    let asset = &snapshot.assets[position];
    let mut findings = Vec::new();
    let (Some(read), Some(declaration), Some(family)) =
        (asset.loaded.read(), asset.declaration(), asset.family())
    else {
        return Ok((None, findings));
    };
    let folder = snapshot.layout.root(&asset.entry.root);
    let place = asset.entry.root.below(assets);
    let mut inputs = AssetInputs::new(files, folder, place, &declaration.inputs, &read.inputs, token);
    let indices = match first_indices(family, declaration, &mut inputs, &mut findings) {
        Ok(indices) => indices,
        Err(Stop::Input(finding)) => {
            findings.push(finding);
            return Ok((None, findings));
        }
        Err(Stop::Changed { input }) => return Err(Failure::Changed { asset: position, input }),
        Err(Stop::Payload(error)) => return Err(Failure::Error(Error::io("read", "", error))),
        Err(Stop::Cancelled) => return Err(Failure::Error(Error::Cancelled)),
    };
    let artifact = |(input, index): (usize, u32)| {
        Some(NamedArtifact { file: declaration.inputs[input].path.clone().ok()?, index })
    };
    let named = NamedAsset {
        asset_id: asset.id(),
        name: declaration.name.clone(),
        root: asset.entry.root.clone(),
        family: family.name(),
        artifacts: indices.into_iter().filter_map(artifact).collect(),
    };
    Ok((Some(named), findings))
}

/// The files of an asset that were read: its declaration, and the inputs that decide its indices.
fn sources(asset: &Asset) -> Vec<AssetPath> {
    let Some(read) = asset.loaded.read() else { return Vec::new() };
    let mut files = vec![DECLARATION];
    if let Some(declaration) = asset.declaration() {
        let deciding = declaration.inputs.iter().take(deciding_inputs(declaration)).zip(&read.inputs);
        let there = deciding.filter(|(_, file)| matches!(file, InputFile::There(_)));
        files.extend(there.map(|(input, _)| input.file.as_str()));
    }
    let root = &asset.entry.root;
    files.into_iter().filter_map(|file| AssetPath::parse(&format!("{root}/{file}")).ok()).collect()
}

impl From<&PackedAsset> for NamedAsset {
    /// What was packed has the same names.
    fn from(asset: &PackedAsset) -> Self {
        let artifacts = asset.artifacts.iter();
        Self {
            asset_id: asset.asset_id,
            name: asset.name.clone(),
            root: asset.root.clone(),
            family: asset.family,
            artifacts: artifacts
                .map(|artifact| NamedArtifact { file: artifact.file.clone(), index: artifact.index })
                .collect(),
        }
    }
}

#[cfg(test)]
pub(super) mod tests;
