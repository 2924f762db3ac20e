//! `pack`: from what is on disk now to a published set, or to the reasons why there is none.

use std::path::PathBuf;

use super::doctor::{Told, sound};
use super::validate::rest;
use crate::Error;
use crate::diagnostics::{Diagnostic, Finding};
use crate::event::{AffectedAsset, EventKind, Progress, Teller};
use crate::id::AssetId;
use crate::pack::{
    Content, Contents, DirtyReason, Failure, Gate, LastSet, Payload, Place, Planned, Produced, Production,
    SET, Unplannable, findings, header, resolve,
};
use crate::path::AssetPath;
use crate::snapshot::{Report, Snapshot};
use crate::storage::Source;

/// What to pack, and where to.
#[derive(Debug, Clone)]
pub struct PackRequest {
    /// The folder of the set.
    pub out_dir: PathBuf,
    /// Where the record of the last pack is kept; without one nothing is kept from it.
    pub cache_dir: Option<PathBuf>,
    /// Warnings block like errors.
    pub strict: bool,
    /// The pack set, or nothing of it.
    pub contents: PackContents,
    /// To publish, or to compare.
    pub goal: PackGoal,
}

/// What goes into the pack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PackContents {
    /// The pack set.
    PackSet,
    /// Nothing: an empty, valid pack. What is wrong with assets stops nothing, and the result names
    /// those that can be read, for constants.
    Nothing,
}

/// What to do with the pack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PackGoal {
    /// Publish it, unless it is there already.
    Publish,
    /// Make it from the sources alone and compare it with what is published; write nothing.
    Check,
}

/// A pack that was made or compared.
#[derive(Debug, Clone)]
pub struct PackResult {
    /// `assets.pa`.
    pub artifact: PackedFile,
    /// `pack.digest`.
    pub digest: String,
    /// The companions.
    pub companions: Vec<PackedFile>,
    /// How many assets the pack holds.
    pub total_assets: usize,
    /// How long it took.
    pub duration_ms: u64,
    /// How many payloads were kept and made.
    pub cache: Cache,
    /// Every asset, by id.
    pub assets: Vec<PackedAsset>,
}

/// One file of a set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackedFile {
    /// Where it is.
    pub path: PathBuf,
    /// Its bytes.
    pub size: u64,
    /// Whether it was written now; for a check, whether what is published differs.
    pub changed: bool,
}

/// How much work was saved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Cache {
    /// Payloads that were kept.
    pub hits: usize,
    /// Payloads that were made.
    pub misses: usize,
}

/// One asset of a pack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackedAsset {
    /// Its id.
    pub asset_id: AssetId,
    /// Its name.
    pub name: String,
    /// Its folder.
    pub root: AssetPath,
    /// The name of its family.
    pub family: &'static str,
    /// Its payload's bytes.
    pub size: u64,
    /// Its artifacts by increasing index.
    pub artifacts: Vec<PackedArtifact>,
    /// Why its payload was made; `None` when it was kept.
    pub made: Option<DirtyReason>,
}

/// One artifact of an asset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackedArtifact {
    /// Its file, relative to the asset root.
    pub file: AssetPath,
    /// Its index, for a sheet that of the first cell.
    pub index: u32,
    /// How many indices it takes.
    pub count: u32,
}

/// What one attempt came to.
#[derive(Debug)]
pub(crate) enum Attempt {
    /// There is a pack; the diagnostics do not block.
    Packed(Box<PackResult>, Vec<Diagnostic>),
    /// Diagnostics stand in the way.
    Blocked(Vec<Diagnostic>),
    /// Something moved while it was read: begin anew.
    Moved(PathBuf),
}

/// Packs what the snapshot says, or says why not. `files` are those that the snapshot was read from.
pub(crate) fn attempt(
    snapshot: &Snapshot,
    files: &dyn Source,
    request: &PackRequest,
    place: Place<'_>,
    still: &dyn Fn() -> bool,
    teller: &mut Teller<'_>,
) -> Result<Attempt, Error> {
    match try_attempt(snapshot, files, request, place, still, teller) {
        Ok(attempt) => Ok(attempt),
        Err(Failure::Error(error)) => Err(error),
        Err(Failure::Changed { asset, input }) => Ok(Attempt::Moved(place_of(snapshot, asset, input))),
    }
}

/// Where an input lies.
pub(crate) fn place_of(snapshot: &Snapshot, asset: usize, input: usize) -> PathBuf {
    let asset = &snapshot.assets[asset];
    let folder = snapshot.layout.root(&asset.entry.root);
    let declared = asset.declaration().and_then(|declaration| declaration.inputs.get(input));
    declared.map_or(folder.clone(), |input| folder.join(&input.file))
}

fn try_attempt(
    snapshot: &Snapshot,
    files: &dyn Source,
    request: &PackRequest,
    place: Place<'_>,
    still: &dyn Fn() -> bool,
    teller: &mut Teller<'_>,
) -> Result<Attempt, Failure> {
    let diagnose = |found: &[Report]| sorted(snapshot, found, request.strict);
    let last = match request.goal {
        PackGoal::Publish => place.last(),
        PackGoal::Check => None,
    };
    let known = match request.goal {
        PackGoal::Publish => LastSet::known(last.as_ref()),
        PackGoal::Check => Err(DirtyReason::Requested),
    };
    let mut contents = resolve(snapshot, files, sound(snapshot, snapshot.pack_set()), &known, place.token)?;
    let told = Told::of(snapshot);
    let mut found: Vec<Report> = snapshot.of_builds().cloned().collect();
    found.extend(told.reports(std::mem::take(&mut contents.findings)));
    let left_out = match request.contents {
        PackContents::PackSet => Vec::new(),
        PackContents::Nothing => {
            found.clear();
            contents.assets.drain(..).map(|content| packed(&content, snapshot, None)).collect()
        }
    };

    let blocks = diagnose(&found).iter().any(|diagnostic| diagnostic.blocking);
    // One run shows everything: the assets that could be packed are looked into as well.
    let everything = |contents: &mut Contents<'_>, mut found: Vec<Report>| {
        found.extend(rest(snapshot, &mut contents.assets, &told, &mut |_| {})?);
        Ok::<_, Failure>(diagnose(&found))
    };
    let header = match header(contents.assets.iter(), snapshot) {
        Ok(header) if !blocks => header,
        Ok(_) | Err(Unplannable::Content(..)) => {
            return Ok(Attempt::Blocked(everything(&mut contents, found)?));
        }
        Err(_) if blocks => return Ok(Attempt::Blocked(everything(&mut contents, found)?)),
        Err(Unplannable::Other(error)) => {
            let error = std::io::Error::other(error);
            return Err(Failure::Error(Error::io("plan", request.out_dir.join(SET[0]), error)));
        }
    };

    let total = contents.assets.len() as u64;
    let assets: Vec<AffectedAsset> =
        contents.assets.iter().map(|content| affected(content, snapshot)).collect();
    let mut done =
        |n: usize, payload: &Payload| tell_payload(teller, &assets[n], n as u64 + 1, total, payload);
    let kept = last.as_ref().and_then(|last| place.keep(last, &header, &contents.assets, snapshot));
    let positions: Vec<usize> = contents.assets.iter().map(|content| content.asset).collect();
    let planned = Planned { header: &header, contents: &mut contents.assets, snapshot };
    let production = match (request.goal, kept) {
        (PackGoal::Check, _) => place.compare(planned, &mut done)?,
        (PackGoal::Publish, Some(_)) if !still() => Production::Outrun,
        (PackGoal::Publish, Some(kept)) => {
            kept.payloads.iter().enumerate().for_each(|(n, payload)| done(n, payload));
            Production::Done(kept)
        }
        (PackGoal::Publish, None) => {
            let accept = |findings: &[Vec<Finding>]| {
                let found = told.reports(by_position(&positions, findings));
                !diagnose(&found).iter().any(|diagnostic| diagnostic.blocking)
            };
            place.publish(planned, last.as_ref(), &Gate { accept: &accept, still }, &mut done)?
        }
    };
    Ok(match production {
        Production::Outrun => Attempt::Moved(snapshot.layout.registry()),
        Production::Refused(findings) => {
            found.extend(told.reports(by_position(&positions, &findings)));
            Attempt::Blocked(diagnose(&found))
        }
        Production::Done(produced) => {
            found.extend(told.reports(by_position(&positions, &findings(&produced.payloads))));
            let diagnostics = diagnose(&found);
            if diagnostics.iter().any(|diagnostic| diagnostic.blocking) {
                // In strict mode, where nothing was to be published and so nothing was refused.
                return Ok(Attempt::Blocked(diagnostics));
            }
            let result = result(snapshot, request, &contents, produced, left_out);
            Attempt::Packed(Box::new(result), diagnostics)
        }
    })
}

/// What was found as diagnostics, the registry's first, then by asset.
pub(crate) fn sorted(snapshot: &Snapshot, found: &[Report], strict: bool) -> Vec<Diagnostic> {
    let mut found: Vec<&Report> = found.iter().collect();
    // Stable: what reading found comes before what the content shows.
    found.sort_by_key(|report| report.asset.map_or(0, |asset| asset + 1));
    found.into_iter().map(|report| snapshot.diagnose(report, strict)).collect()
}

/// What families found, asset by asset, with the assets' positions.
fn by_position<'a>(
    positions: &'a [usize],
    findings: &'a [Vec<Finding>],
) -> impl Iterator<Item = (usize, Finding)> + 'a {
    positions
        .iter()
        .zip(findings)
        .flat_map(|(position, findings)| findings.iter().map(move |finding| (*position, finding.clone())))
}

fn result(
    snapshot: &Snapshot,
    request: &PackRequest,
    contents: &Contents<'_>,
    produced: Produced,
    left_out: Vec<PackedAsset>,
) -> PackResult {
    let file = |n: usize| {
        let (size, changed) = produced.files[n];
        PackedFile { path: request.out_dir.join(SET[n]), size, changed }
    };
    let hits = produced.payloads.iter().filter(|payload| payload.made.is_none()).count();
    let mut assets = left_out;
    let together = contents.assets.iter().zip(&produced.payloads);
    assets.extend(together.map(|(content, payload)| packed(content, snapshot, payload.made.clone())));
    PackResult {
        artifact: file(0),
        companions: (1..SET.len()).map(file).collect(),
        total_assets: contents.assets.len(),
        duration_ms: 0,
        cache: Cache { hits, misses: produced.payloads.len() - hits },
        assets,
        digest: produced.digest,
    }
}

fn packed(content: &Content<'_>, snapshot: &Snapshot, made: Option<DirtyReason>) -> PackedAsset {
    let artifacts = content.probe.artifacts.iter().filter_map(|artifact| {
        let file = content.declaration.inputs[artifact.input].path.clone().ok()?;
        Some(PackedArtifact { file, index: artifact.index, count: artifact.count })
    });
    let entry = &snapshot.assets[content.asset].entry;
    PackedAsset {
        asset_id: entry.asset_id,
        name: content.declaration.name.clone(),
        root: entry.root.clone(),
        family: content.family.name(),
        size: content.probe.size,
        artifacts: artifacts.collect(),
        made,
    }
}

fn affected(content: &Content<'_>, snapshot: &Snapshot) -> AffectedAsset {
    let entry = &snapshot.assets[content.asset].entry;
    AffectedAsset {
        asset_id: Some(entry.asset_id),
        asset_uuid: Some(entry.asset_uuid),
        root: entry.root.clone(),
    }
}

fn tell_payload(teller: &mut Teller<'_>, asset: &AffectedAsset, done: u64, total: u64, payload: &Payload) {
    let asset_id = asset.asset_id.expect("an asset of a pack set is registered");
    let root = &asset.root;
    let (kind, summary) = match &payload.made {
        None => (EventKind::CacheHit { asset_id }, format!("kept `{root}`")),
        Some(reason) => {
            let summary = format!("packed `{root}`: {reason}");
            (EventKind::CacheMiss { asset_id, reason: reason.clone() }, summary)
        }
    };
    teller.tell_of(kind, summary, vec![asset.clone()], None);
    let progress = Progress { done, total, unit: "assets" };
    teller.tell_of(
        EventKind::ProgressUpdated,
        format!("{done} of {total} assets"),
        Vec::new(),
        Some(progress),
    );
}
