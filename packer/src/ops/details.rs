//! `get_asset_details`: everything about one asset.
//!
//! The declaration and the stamps of its files come from the snapshot; the content is looked into
//! now, as `doctor` does, for this one asset. Of a broken asset there is what can be read: its
//! payload is unknown, but its files, its name in Rust and what is wrong with it are not.

use std::collections::BTreeSet;

use packer_format::layout::GLYPH_SLOTS;

use super::doctor::look_into;
use super::pack::sorted;
use super::{Blocker, BlockerCode, quoted};
use crate::address::{artifact_constants, of_root};
use crate::diagnostics::{Diagnostic, Severity};
use crate::family::{self, Family, NumberedArtifact};
use crate::id::{AssetId, AssetUuid};
use crate::pack::{DirtyReason, Failure, Looking, resolve};
use crate::path::AssetPath;
use crate::schema::declaration::Declaration;
use crate::snapshot::{Asset, AssetQuery, Lookup, Report, Snapshot};
use crate::workspace::{InputFile, LoadedDeclaration};

/// Which asset to show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DetailsRequest {
    /// Its id, its uuid, its root, or a name that no other asset has.
    pub asset: String,
}

/// One asset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssetDetails {
    /// Its id.
    pub asset_id: AssetId,
    /// Its uuid.
    pub asset_uuid: AssetUuid,
    /// Its folder, relative to `assets/`.
    pub root: AssetPath,
    /// Its name, when its declaration can be read.
    pub asset_name: Option<String>,
    /// Its family as declared, when its declaration can be read.
    pub asset_family: Option<String>,
    /// `output.format` as declared, when its declaration can be read.
    pub format: Option<String>,
    /// Whether builds take it in.
    pub included_in_build: bool,
    /// Whether the runtime is to load it at once, when its declaration can be read.
    pub preload: Option<bool>,
    /// Which of the runtime's slots for its kind of bank it takes; absent when it is not loaded at once,
    /// and when none is left.
    pub preload_slot: Option<u32>,
    /// Its constant in the game: `ui::ATLAS`, below the module of the constants.
    pub constant: String,
    /// Its inputs in declared order, roles sorted.
    pub inputs: Vec<InputDetails>,
    /// Its artifacts by increasing index; empty when something about them is wrong.
    pub artifacts: Vec<ArtifactDetails>,
    /// The fewest artifacts that it may have, when its family is known.
    pub min_artifact_count: Option<u32>,
    /// The most artifacts that it may have, when its family is known.
    pub max_artifact_count: Option<u32>,
    /// Bytes in a pack, when they can be told.
    pub payload_size: Option<u64>,
    /// Bytes in the memory of the runtime, when they can be told.
    pub decoded_size: Option<u64>,
    /// Bytes of all payloads of the pack that it would be in: absent when it is excluded, and while one
    /// of them cannot be told.
    pub pack_payload_size: Option<u64>,
    /// The last change of any of its files, in milliseconds since 1970.
    pub last_modified: Option<u64>,
}

/// An input of an asset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InputDetails {
    /// The path as declared.
    pub file: String,
    /// The role under which it is listed.
    pub role: String,
    /// Its bytes, when it is there.
    pub size: Option<u64>,
    /// Whether an artifact is made of it.
    pub packed: bool,
}

/// An artifact of an asset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArtifactDetails {
    /// Its file, relative to the asset root.
    pub file: AssetPath,
    /// Its index, for a sheet that of the first cell.
    pub index: u32,
    /// How many indices it takes.
    pub count: u32,
    /// Its constant in the game: `ui::atlas::HEART`, below the module of the constants.
    pub constant: String,
}

/// The position of the asset that is meant, or why nobody can tell.
pub(crate) fn find(snapshot: &Snapshot, asset: &str) -> Result<usize, Blocker> {
    let found = match snapshot.find(AssetQuery(asset)) {
        Lookup::Found(found) => found,
        Lookup::Ambiguous(roots) => {
            let roots: Vec<String> = roots.iter().map(|root| format!("`{root}`")).collect();
            let message = format!("{} assets have the name `{asset}`", roots.len());
            let help = format!("Say which by its root: {}.", roots.join(", "));
            return Err(Blocker::new(BlockerCode::InvalidArgument, message).help(help));
        }
        Lookup::Unknown(nearest) => {
            let folder = asset.trim_end_matches('/');
            let folder = folder.strip_prefix("assets/").unwrap_or(folder);
            let mut unregistered = snapshot.unregistered.iter().flatten();
            let help = if let Some((_, read)) = unregistered.find(|(found, _)| found.folder == folder) {
                let uuid = read.as_ref().and_then(|read| read.reading.asset_uuid);
                let holder = snapshot.assets.iter().find(|asset| Some(asset.entry.asset_uuid) == uuid);
                match holder.map(Asset::id) {
                    Some(id) => format!(
                        "`assets/{folder}` is not registered, and carries the uuid of asset {id}: `cargo prometeu adopt {folder}` takes it in, `--as-new` as a copy, `--as {id}` as that asset."
                    ),
                    None => {
                        format!(
                            "`assets/{folder}` is not registered: `cargo prometeu register {}` takes it in.",
                            quoted(folder)
                        )
                    }
                }
            } else if let Some(nearest) = nearest {
                format!("Did you mean `{nearest}`?")
            } else {
                "`cargo prometeu list` shows what there is.".to_owned()
            };
            let message = format!("no asset has the id, uuid, root or name `{asset}`");
            return Err(Blocker::new(BlockerCode::UnknownAsset, message).help(help));
        }
    };
    let position = snapshot.assets.iter().position(|asset| std::ptr::eq(asset, found));
    Ok(position.expect("what was found is of this snapshot"))
}

/// The asset at `position`, and everything that is wrong with it.
///
/// # Errors
///
/// When an input changed while it was read: its path; and when `token` says to stop.
pub(crate) fn details(
    looking: Looking<'_>,
    position: usize,
) -> Result<(AssetDetails, Vec<Diagnostic>), Failure> {
    let snapshot = looking.snapshot;
    let asset = &snapshot.assets[position];
    let mut found: Vec<_> =
        snapshot.reports.iter().filter(|report| report.asset == Some(position)).cloned().collect();
    let (contents, reports) = look_into(looking, [position])?;
    found.extend(reports);
    // While an input cannot be used, nobody knows what the payload will be.
    let reads_well =
        snapshot.reports.iter().all(|report| report.asset != Some(position) || !is_error(report));
    let facts = contents.first().filter(|_| reads_well).map(|content| &content.facts);

    let declaration = asset.declaration();
    let artifacts = facts.map_or(&[][..], |facts| &facts.artifacts);
    let limits = declaration
        .and_then(|declaration| Some(family::by_name(&declaration.family)?.artifact_limits(declaration)));
    let read = asset.loaded.read();
    let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let details = AssetDetails {
        asset_id: asset.id(),
        asset_uuid: asset.entry.asset_uuid,
        root: asset.entry.root.clone(),
        asset_name: asset.name().map(str::to_owned),
        asset_family: read.and_then(|read| read.reading.family.clone()),
        format: declaration.and_then(|declaration| text(&declaration.format)),
        included_in_build: asset.entry.included_in_build,
        preload: declaration.map(|declaration| declaration.preload),
        preload_slot: preload_slot(snapshot, position),
        constant: of_root(&asset.entry.root).to_string(),
        inputs: declaration.map_or(Vec::new(), |declaration| inputs(asset, declaration)),
        artifacts: declaration.map_or(Vec::new(), |declaration| named(asset, declaration, artifacts)),
        min_artifact_count: limits.as_ref().map(|limits| *limits.start()),
        max_artifact_count: limits.as_ref().map(|limits| *limits.end()),
        payload_size: facts.map(|facts| facts.size),
        decoded_size: facts.map(|facts| facts.decoded_size),
        pack_payload_size: pack_payload_size(looking, position)?,
        last_modified: asset.loaded.read().and_then(LoadedDeclaration::last_modified),
    };
    Ok((details, sorted(snapshot, &found, false)))
}

/// Whether it keeps a payload from being known.
fn is_error(report: &Report) -> bool {
    report.finding.code.severity() == Severity::Error && report.in_builds
}

/// Slots count from 0 for each kind of bank, by increasing id.
fn preload_slot(snapshot: &Snapshot, position: usize) -> Option<u32> {
    let bank = |n: usize| {
        let asset = &snapshot.assets[n];
        let preloads = asset.declaration().is_some_and(|declaration| declaration.preload);
        asset.family().filter(|_| preloads && asset.entry.included_in_build).map(Family::bank_type)
    };
    let own = bank(position)?;
    let before = (0..position).filter(|n| bank(*n) == Some(own)).count();
    u32::try_from(before).ok().filter(|slot| own != "GLYPH" || *slot < GLYPH_SLOTS)
}

/// From the headers of the pack set's inputs. Somebody who edits another asset meanwhile is no reason to
/// begin anew.
fn pack_payload_size(looking: Looking<'_>, position: usize) -> Result<Option<u64>, Failure> {
    let snapshot = looking.snapshot;
    let is_included = |n: usize| snapshot.assets[n].entry.included_in_build;
    let mut errors = snapshot.reports.iter().filter(|report| is_error(report));
    if !is_included(position) || errors.any(|report| report.asset.is_some_and(is_included)) {
        return Ok(None);
    }
    let requested = Err(DirtyReason::Requested);
    let contents = match resolve(looking, &snapshot.pack_set().collect::<Vec<usize>>(), &requested) {
        Ok(contents) => contents.assets,
        Err(Failure::Changed { .. }) => return Ok(None),
        Err(error) => return Err(error),
    };
    let size = contents.iter().fold(0, |sum: u64, content| sum.saturating_add(content.facts.size));
    Ok((contents.len() == snapshot.pack_set().count()).then_some(size))
}

fn inputs(asset: &Asset, declaration: &Declaration) -> Vec<InputDetails> {
    let files = asset.loaded.read().map_or(&[][..], |read| &read.inputs);
    let listed: Option<BTreeSet<&str>> = declaration
        .artifacts
        .as_ref()
        .map(|artifacts| artifacts.iter().map(|artifact| artifact.file.as_str()).collect());
    let input = |(n, input): (usize, &crate::schema::declaration::Input)| InputDetails {
        file: input.file.clone(),
        role: input.role.clone(),
        size: match files.get(n) {
            Some(InputFile::There(stamp)) => Some(stamp.size),
            _ => None,
        },
        packed: listed.as_ref().is_none_or(|listed| listed.contains(&*input.file)),
    };
    declaration.inputs.iter().enumerate().map(input).collect()
}

/// The artifacts with the names that a game has for them.
fn named(asset: &Asset, declaration: &Declaration, artifacts: &[NumberedArtifact]) -> Vec<ArtifactDetails> {
    let path = |artifact: &NumberedArtifact| declaration.inputs[artifact.input].path.clone().ok();
    let with_files: Vec<_> =
        artifacts.iter().filter_map(|artifact| Some((artifact, path(artifact)?))).collect();
    let files: Vec<&AssetPath> = with_files.iter().map(|(_, file)| file).collect();
    let address = of_root(&asset.entry.root);
    let module = [address.modules.as_slice(), &[address.module]].concat().join("::");
    let constants = artifact_constants(&files);
    let named = constants.into_iter().zip(&with_files);
    named
        .map(|(constant, (artifact, file))| ArtifactDetails {
            file: file.clone(),
            index: artifact.index,
            count: artifact.count,
            constant: format!("{module}::{constant}"),
        })
        .collect()
}

#[cfg(test)]
mod tests;
