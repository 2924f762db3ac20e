//! What goes into the pack: for each asset, whether its last payload can be kept, else why not.

use std::path::Path;

use packer_format::json::{self, Object, Value};
use packer_format::{Header, PlanError, PlannedAsset};

use super::DirtyReason;
use super::emit::Payload;
use super::inputs::AssetInputs;
use super::produce::Failure;
use super::record::{Record, RecordedAsset, is_old_enough, key};
use crate::cancel::Token;
use crate::diagnostics::{Anchor, Code, Finding, Pointer};
use crate::digest::Digest;
use crate::family::{Family, Inputs as _, Probe, Stop, header_metadata};
use crate::schema::declaration::Declaration;
use crate::snapshot::Snapshot;
use crate::storage::Source as Files;

/// The assets of one pack, by increasing id.
#[derive(Debug)]
pub(crate) struct Contents<'a> {
    /// The assets whose header data is known.
    pub(crate) assets: Vec<Content<'a>>,
    /// What was found on the way, by position in [`Snapshot::assets`].
    pub(crate) findings: Vec<(usize, Finding)>,
}

/// One asset of the pack.
pub(crate) struct Content<'a> {
    /// Its position in [`Snapshot::assets`].
    pub(crate) asset: usize,
    /// Its declaration.
    pub(crate) declaration: &'a Declaration,
    /// Its family.
    pub(crate) family: &'static dyn Family,
    /// Its inputs.
    pub(crate) inputs: AssetInputs<'a>,
    /// What its payload depends on besides the inputs' content.
    pub(crate) key: Digest,
    /// Sizes and artifacts.
    pub(crate) probe: Probe,
    /// `metadata` in the pack's table.
    pub(crate) metadata: Object,
    /// Where its payload comes from.
    pub(crate) source: Source,
    /// Its payload, where that was made before it is wanted.
    pub(super) ahead: Option<(Payload, Vec<u8>)>,
}

/// Where a payload comes from.
#[derive(Debug)]
pub(crate) enum Source {
    /// The last pack, if that still holds it.
    Keep(Kept),
    /// Its family makes it.
    Make(DirtyReason),
}

/// What is known of a payload that need not be made.
#[derive(Debug)]
pub(crate) struct Kept {
    /// Its digest.
    pub(crate) payload: Digest,
    /// Warnings that came with it when it was made.
    pub(crate) warnings: Vec<Finding>,
}

impl std::fmt::Debug for Content<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Content")
            .field("asset", &self.asset)
            .field("source", &self.source)
            .finish_non_exhaustive()
    }
}

/// Looks at every asset in `positions` that has no error so far: keeps what the record knows, and
/// probes the others.
///
/// # Errors
///
/// [`Failure::Changed`] when an input changed since it was loaded, and when `token` says to stop.
pub(crate) fn resolve<'a>(
    snapshot: &'a Snapshot,
    files: &'a dyn Files,
    positions: impl IntoIterator<Item = usize>,
    record: &Result<&Record, DirtyReason>,
    token: &Token,
) -> Result<Contents<'a>, Failure> {
    let mut contents = Contents { assets: Vec::new(), findings: Vec::new() };
    // Where it cannot be resolved it is gone, and so are the inputs.
    let assets = snapshot.layout.assets();
    let assets = files.resolve(&assets).unwrap_or(assets);
    for position in positions {
        token.check().map_err(Failure::Error)?;
        let asset = &snapshot.assets[position];
        let (Some(read), Some(declaration), Some(family)) =
            (asset.loaded.read(), asset.declaration(), asset.family())
        else {
            continue;
        };
        let folder = snapshot.layout.root(&asset.entry.root);
        let place = asset.entry.root.below(&assets);
        let mut inputs = AssetInputs::new(files, folder, place, declaration, &read.inputs, token);
        let key = key(declaration, family);
        let mut findings = Vec::new();
        let root = snapshot.layout.root(&asset.entry.root);
        let stopped = |stop| stopped(position, &root, stop);
        let known = match record {
            Ok(record) => match record.assets.get(&asset.id()) {
                Some(known) => {
                    dirty(known, key, &mut inputs, record.started).map_err(stopped)?.map_or(Ok(known), Err)
                }
                None => Err(DirtyReason::NewAsset),
            },
            Err(reason) => Err(reason.clone()),
        };
        let (probe, source) = match known {
            Ok(known) => {
                let kept = Kept { payload: known.payload, warnings: known.warnings.clone() };
                (Some(known.probe.clone()), Source::Keep(kept))
            }
            Err(reason) => {
                let probe = match family.probe(declaration, &mut inputs, &mut findings) {
                    Err(Stop::Input(finding)) => {
                        findings.push(finding);
                        None
                    }
                    other => other.map_err(stopped)?,
                };
                (probe, Source::Make(reason))
            }
        };
        if let Some(probe) = probe {
            let metadata = header_metadata(declaration, &probe, &mut findings);
            contents.assets.push(Content {
                asset: position,
                declaration,
                family,
                inputs,
                key,
                probe,
                metadata,
                source,
                ahead: None,
            });
        }
        contents.findings.extend(findings.into_iter().map(|finding| (position, finding)));
    }
    Ok(contents)
}

/// A probe and a digest write nothing, and what is wrong with an input is a finding by now.
fn stopped(asset: usize, folder: &Path, stop: Stop) -> Failure {
    match stop {
        Stop::Changed { input } => Failure::Changed { asset, input },
        Stop::Input(_) => unreachable!("findings are taken where they arise"),
        Stop::Payload(error) => Failure::Error(crate::Error::io("read an input of", folder, error)),
        Stop::Cancelled => Failure::Error(crate::Error::Cancelled),
    }
}

/// Why what is known of the asset no longer holds; `None` when it does.
fn dirty(
    known: &RecordedAsset,
    key: Digest,
    inputs: &mut AssetInputs<'_>,
    started: u64,
) -> Result<Option<DirtyReason>, Stop> {
    // The key holds the list of inputs, so the two lists run side by side.
    if known.key != key {
        return Ok(Some(DirtyReason::DeclarationChanged));
    }
    for (n, input) in known.inputs.iter().enumerate() {
        let stamp = inputs.stamp(n);
        if stamp == input.stamp && is_old_enough(&stamp, started) {
            inputs.remember(n, input.digest);
            continue;
        }
        // Another size is another content; else only the content itself can tell.
        let same = inputs.len(n) == input.stamp.size
            && match inputs.digest(n) {
                // Its family will say what is wrong with it.
                Err(Stop::Input(_)) => false,
                other => other? == input.digest,
            };
        if !same {
            return Ok(Some(DirtyReason::InputChanged { file: inputs.file(n).to_owned() }));
        }
    }
    Ok(None)
}

/// Why there is no header.
#[derive(Debug)]
pub(crate) enum Unplannable {
    /// The declarations of all together are too much; told at one of them.
    Content(usize, Finding),
    /// Something that a diagnostic has kept from getting here.
    Other(PlanError),
}

/// The header of a pack of `contents`.
pub(crate) fn header<'c, 'a: 'c>(
    contents: impl Iterator<Item = &'c Content<'a>> + Clone,
    snapshot: &Snapshot,
) -> Result<Header, Unplannable> {
    let planned = contents.clone().map(|content| PlannedAsset {
        asset_id: snapshot.assets[content.asset].id(),
        asset_name: content.declaration.name.clone(),
        bank_type: content.family.bank_type().to_owned(),
        decoded_size: content.probe.decoded_size,
        size: content.probe.size,
        metadata: content.metadata.clone(),
        preload: content.declaration.preload,
    });
    Header::plan(planned).map_err(|error| {
        // What is too much in sum is told at the asset that adds most.
        let weight = |content: &&Content<'_>| json::to_string(&Value::Object(content.metadata.clone())).len();
        let heaviest = match &error {
            PlanError::TooManyValues { .. } | PlanError::HeaderTooLong { .. } => contents.max_by_key(weight),
            _ => None,
        };
        let Some(content) = heaviest else { return Unplannable::Other(error) };
        let anchor = Anchor::Key(Pointer::root().key("output"));
        let message = format!("the table of the pack would be too large: {error}");
        let help = "Keep large data in input files. This asset adds most to the table.";
        Unplannable::Content(content.asset, Finding::new(Code::MetadataInvalid, anchor, message).help(help))
    })
}
