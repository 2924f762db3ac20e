//! What goes into the pack: for each asset its facts, and where its payload comes from.
//!
//! An asset that was not read because it is known brings its facts along. Of one that was read they are
//! made anew; its payload is kept when the key and the content of every input are those on record, and
//! else the reason says what is not.

use std::path::Path;
use std::sync::Arc;

use packer_format::json::{self, Value};
use packer_format::{Header, PlanError, PlannedAsset};

use super::again::changed_input;
use super::emit::Payload;
use super::facts::Facts;
use super::fingerprint::{DirtyReason, Key};
use super::inputs::AssetInputs;
use super::known::Known;
use super::produce::{Failure, LastSet};
use super::record::{RecordedAsset, Seen};
use super::tally::Tally;
use crate::cancel::Token;
use crate::crew::Crew;
use crate::diagnostics::{Anchor, Code, Finding, Pointer};
use crate::digest::Digest;
use crate::family::{Stop, header_metadata};
use crate::host::Workers;
use crate::schema::declaration::Declaration;
use crate::snapshot::{Asset, Snapshot};
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
#[derive(Debug)]
pub(crate) struct Content<'a> {
    /// Its position in [`Snapshot::assets`].
    pub(crate) asset: usize,
    /// What the pack says of it.
    pub(crate) facts: Arc<Facts>,
    /// What proves from now on that it is as it is; `None` where that is for a reading to say.
    pub(crate) seen: Option<Seen>,
    /// Where its payload comes from.
    pub(crate) source: Source,
    /// How its payload is made; `None` where it is known, and so there.
    pub(super) making: Option<Making<'a>>,
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
    /// The record that this is from, where nothing of it is another by now.
    pub(crate) as_recorded: Option<Arc<RecordedAsset>>,
}

/// What an encode takes, beside the facts.
pub(super) struct Making<'a> {
    pub(super) declaration: &'a Declaration,
    pub(super) inputs: AssetInputs<'a>,
}

impl std::fmt::Debug for Making<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Making").field("inputs", &self.inputs).finish_non_exhaustive()
    }
}

/// Where contents are looked for, and by whom.
#[derive(Clone, Copy)]
pub(crate) struct Looking<'a> {
    /// The assets.
    pub(crate) snapshot: &'a Snapshot,
    /// The files that the snapshot was read from.
    pub(crate) files: &'a dyn Files,
    /// Who gives leave for threads.
    pub(crate) workers: &'a dyn Workers,
    /// Whether the operation was asked to stop.
    pub(crate) token: &'a Token,
    /// Who counts.
    pub(crate) tally: &'a Tally,
    /// What was found out before anything was read.
    pub(crate) known: Option<&'a Known<'a>>,
}

/// How many assets one thread looks at before it is worth another one.
const SHARE: usize = 100;

/// Looks at every asset in `positions` that has no error so far: keeps what the record knows, and
/// probes the others.
///
/// # Errors
///
/// [`Failure::Changed`] when an input changed since it was loaded, and when `token` says to stop.
pub(crate) fn resolve<'a>(
    looking: Looking<'a>,
    positions: &[usize],
    last: &Result<&LastSet<'_>, DirtyReason>,
) -> Result<Contents<'a>, Failure> {
    let Looking { snapshot, files, workers, token, .. } = looking;
    // Where it cannot be resolved it is gone, and so are the inputs.
    let assets = snapshot.layout.assets();
    let assets = files.resolve(&assets).unwrap_or(assets);
    let unknown = positions.iter().filter(|position| snapshot.assets[**position].loaded.known().is_none());
    let crew = Crew::of(workers, unknown.count().div_ceil(SHARE));
    let one = |_, position| {
        token.check().map_err(Failure::Error)?;
        content(looking, position, &assets, last)
    };
    let mut contents = Contents { assets: Vec::with_capacity(positions.len()), findings: Vec::new() };
    for (position, (content, findings)) in
        positions.iter().zip(crew.each(positions.iter().copied(), one, &mut |_, _| {})?)
    {
        contents.assets.extend(content);
        contents.findings.extend(findings.into_iter().map(|finding| (*position, finding)));
    }
    Ok(contents)
}

fn content<'a>(
    looking: Looking<'a>,
    position: usize,
    assets: &Path,
    last: &Result<&LastSet<'_>, DirtyReason>,
) -> Result<(Option<Content<'a>>, Vec<Finding>), Failure> {
    let Looking { snapshot, files, token, tally, .. } = looking;
    let asset = &snapshot.assets[position];
    if let Some(known) = asset.loaded.known() {
        return Ok((Some(Content::known(position, known)), Vec::new()));
    }
    let (Some(read), Some(declaration), Some(family)) =
        (asset.loaded.read(), asset.declaration(), asset.family())
    else {
        return Ok((None, Vec::new()));
    };
    let folder = snapshot.layout.root(&asset.entry.root);
    let place = asset.entry.root.below(assets);
    let mut inputs =
        AssetInputs::new(files, folder, place, &declaration.inputs, &read.inputs, token).counted(tally);
    let key = Key::of(declaration, family);
    let mut findings = Vec::new();
    let root = snapshot.layout.root(&asset.entry.root);
    let stopped = |stop| stopped(position, &root, stop);
    let seen = seen(asset);
    let known = match last {
        Ok(last) => match last.record.place(asset.id()).map(|place| last.record.at(place)) {
            Some(Some(known)) => match looking.known.and_then(|known| known.changed(asset.id())) {
                Some(reason) if known.facts.key == key => Err(reason.clone()),
                _ => dirty(known, &key, &mut inputs, (asset, seen.as_ref()), last)
                    .map_err(stopped)?
                    .map_or(Ok(known), Err),
            },
            Some(None) => Err(DirtyReason::NoRecord),
            None => Err(DirtyReason::NewAsset),
        },
        Err(reason) => Err(reason.clone()),
    };
    let probe = match &known {
        Ok(known) => Some(known.facts.probe()),
        Err(_) => match family.probe(declaration, &mut inputs, &mut findings) {
            Err(Stop::Input(finding)) => {
                findings.push(finding);
                None
            }
            other => other.map_err(stopped)?,
        },
    };
    let Some(probe) = probe else { return Ok((None, findings)) };
    let metadata = header_metadata(declaration, &probe, &mut findings);
    let facts = Facts::of(declaration, family, key, &probe, &metadata, &inputs);
    let source = match known {
        Ok(known) => {
            Source::Keep(Kept { payload: known.payload, warnings: known.warnings.clone(), as_recorded: None })
        }
        Err(reason) => Source::Make(reason),
    };
    let seen = seen.filter(|_| findings.is_empty());
    let making = Some(Making { declaration, inputs });
    let content = Content { asset: position, facts: Arc::new(facts), seen, source, making, ahead: None };
    Ok((Some(content), findings))
}

/// What was seen of an asset when it was read.
fn seen(asset: &Asset) -> Option<Seen> {
    let read = asset.loaded.read()?;
    Some(Seen { root: asset.loaded.stamp?, folders: read.folders.clone()?, declaration: read.stamp })
}

impl Content<'_> {
    /// An asset that is as it was.
    fn known(position: usize, known: &Arc<RecordedAsset>) -> Self {
        let kept = Kept {
            payload: known.payload,
            warnings: known.warnings.clone(),
            as_recorded: Some(Arc::clone(known)),
        };
        Self {
            asset: position,
            facts: Arc::clone(&known.facts),
            seen: known.seen.clone(),
            source: Source::Keep(kept),
            making: None,
            ahead: None,
        }
    }

    /// What is on record of it, where that is what it is now.
    pub(super) fn as_recorded(&self) -> Option<&Arc<RecordedAsset>> {
        match &self.source {
            Source::Keep(kept) => kept.as_recorded.as_ref(),
            Source::Make(_) => None,
        }
    }

    /// Takes over the digests of inputs that were read meanwhile.
    pub(super) fn learn(&mut self) {
        let Some(making) = &self.making else { return };
        for (n, input) in Arc::make_mut(&mut self.facts).inputs.iter_mut().enumerate() {
            input.digest = making.inputs.known_digest(n);
        }
    }
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
    key: &Key,
    inputs: &mut AssetInputs<'_>,
    (asset, seen): (&Asset, Option<&Seen>),
    last: &LastSet<'_>,
) -> Result<Option<DirtyReason>, Stop> {
    let members = known.facts.key.differing(key);
    if !members.is_empty() {
        return Ok(Some(DirtyReason::DeclarationChanged { members }));
    }
    let is_in_its_place = (&known.root, known.asset_uuid) == (&asset.entry.root, asset.entry.asset_uuid);
    let changed = changed_input(known, inputs, seen.filter(|_| is_in_its_place), last)?;
    Ok(changed.map(|file| DirtyReason::InputChanged { file }))
}

/// Why there is no header.
#[derive(Debug)]
pub(crate) enum Unplannable {
    /// The declarations of all together are too much; told at one of them.
    Content(usize, Box<Finding>),
    /// Something that a diagnostic has kept from getting here.
    Other(PlanError),
}

/// The header of a pack of `contents`.
pub(crate) fn header<'c, 'a: 'c>(
    contents: impl Iterator<Item = &'c Content<'a>> + Clone,
    snapshot: &Snapshot,
) -> Result<Header, Unplannable> {
    let planned = contents.clone().map(|content| {
        let facts = &content.facts;
        // What is no object here was not written by this packer: no metadata, and another pack than the
        // record's, at worst.
        let metadata = match json::read(facts.metadata.as_bytes()) {
            Ok(Value::Object(metadata)) => metadata,
            _ => json::Object::new(),
        };
        PlannedAsset {
            asset_id: snapshot.assets[content.asset].id(),
            asset_name: facts.name.clone(),
            bank_type: facts.family.bank_type().to_owned(),
            decoded_size: facts.decoded_size,
            size: facts.size,
            metadata,
            preload: facts.preload,
        }
    });
    Header::plan(planned).map_err(|error| {
        // What is too much in sum is told at the asset that adds most.
        let weight = |content: &&Content<'_>| content.facts.metadata.len();
        let heaviest = match &error {
            PlanError::TooManyValues { .. } | PlanError::HeaderTooLong { .. } => contents.max_by_key(weight),
            _ => None,
        };
        let Some(content) = heaviest else { return Unplannable::Other(error) };
        let anchor = Anchor::Key(Pointer::root().key("output"));
        let message = format!("the table of the pack would be too large: {error}");
        let help = "Keep large data in input files. This asset adds most to the table.";
        let finding = Finding::new(Code::MetadataInvalid, anchor, message).help(help);
        Unplannable::Content(content.asset, Box::new(finding))
    })
}
