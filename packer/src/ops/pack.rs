//! `pack`: from what is on disk now to a published set, or to the reasons why there is none.

use std::path::PathBuf;

use super::told::{Told, rest, sound};
use crate::Error;
use crate::diagnostics::{Diagnostic, Finding};
use crate::event::{AffectedAsset, EventKind, Progress, Teller};
use crate::id::{AssetId, AssetUuid};
use crate::pack::{
    Content, Contents, DirtyReason, Facts, Failure, Gate, LastSet, Looking, Payload, Place, Planned,
    Produced, Production, Record, RecordId, SET, Tally, Unplannable, findings, header, resolve,
};
use crate::path::AssetPath;
use crate::schema::registry::Entry;
use crate::snapshot::{Report, Snapshot};
use crate::storage::counted::Counts;

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
    /// Which assets the result names.
    pub listing: Listing,
}

/// Which assets a result names. A pack in which nothing changed is found out about without looking into what is
/// known of each asset; who does not need the list does not pay for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Listing {
    /// Every one.
    Whole,
    /// Every one; none where nothing changed, and the record is still this one.
    UnlessRecorded(RecordId),
    /// Every one, or none where nothing changed.
    UnlessUnchanged,
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
    /// What it cost.
    pub work: Work,
    /// Every asset, by id; none where [`Listing`] leaves them out.
    pub assets: Vec<PackedAsset>,
    /// Which record tells of the set; `None` where none does.
    pub record: Option<RecordId>,
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

/// What an operation cost, in numbers that are the same on every machine, but of a check that finds a difference,
/// which need not look on. Of one that runs beside others of
/// the same open project, what those cost is in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Work {
    /// Files and folders that were asked for, by their paths.
    pub stats: u64,
    /// Files that were opened to be read.
    pub opens: u64,
    /// Bytes that were read.
    pub bytes_read: u64,
    /// Bytes of inputs and payloads that were hashed.
    pub bytes_hashed: u64,
    /// Bytes that were written.
    pub bytes_written: u64,
    /// Bytes that the system was asked to copy from the last pack.
    pub bytes_copied: u64,
    /// Payloads that families made, those included that were made only to look into them.
    pub encoded: u64,
    /// How often something was made durable.
    pub syncs: u64,
}

impl Work {
    /// What is counted so far.
    pub(crate) fn so_far(counts: &Counts, tally: &Tally) -> Self {
        Self {
            stats: counts.stats(),
            opens: counts.opens(),
            bytes_read: counts.bytes_read(),
            bytes_hashed: tally.hashed(),
            bytes_written: counts.bytes_written(),
            bytes_copied: counts.bytes_copied(),
            encoded: tally.encoded(),
            syncs: counts.syncs(),
        }
    }

    /// What came since.
    pub(crate) fn since(self, before: Self) -> Self {
        Self {
            stats: self.stats - before.stats,
            opens: self.opens - before.opens,
            bytes_read: self.bytes_read - before.bytes_read,
            bytes_hashed: self.bytes_hashed - before.bytes_hashed,
            bytes_written: self.bytes_written - before.bytes_written,
            bytes_copied: self.bytes_copied - before.bytes_copied,
            encoded: self.encoded - before.encoded,
            syncs: self.syncs - before.syncs,
        }
    }
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
    looking: Looking<'_>,
    request: &PackRequest,
    (place, last): (Place<'_>, Option<&LastSet<'_>>),
    still: &dyn Fn() -> bool,
    teller: &mut Teller<'_>,
) -> Result<Attempt, Error> {
    let snapshot = looking.snapshot;
    match try_attempt(looking, request, (place, last), still, teller) {
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
    looking: Looking<'_>,
    request: &PackRequest,
    (place, last): (Place<'_>, Option<&LastSet<'_>>),
    still: &dyn Fn() -> bool,
    teller: &mut Teller<'_>,
) -> Result<Attempt, Failure> {
    let snapshot = looking.snapshot;
    let diagnose = |found: &[Report]| sorted(snapshot, found, request.strict);
    let known = match request.goal {
        PackGoal::Publish => LastSet::known(last),
        PackGoal::Check => Err(DirtyReason::Requested),
    };
    let mut contents = resolve(looking, &sound(snapshot, snapshot.pack_set()), &known)?;
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
        found.extend(rest(looking, &mut contents.assets, &told, &mut |_| {})?);
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
    let affected = contents.assets.iter().map(|content| affected(&snapshot.assets[content.asset].entry));
    let affected: Vec<AffectedAsset> = if teller.is_heard() { affected.collect() } else { Vec::new() };
    let mut done = |n: usize, payload: &Payload| {
        affected
            .get(n)
            .into_iter()
            .for_each(|asset| tell_payload(teller, asset, n as u64 + 1, total, &payload.made));
    };
    let kept = last.and_then(|last| place.keep(last, &contents.assets, snapshot));
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
            place.publish(planned, last, &Gate { accept: &accept, still }, &mut done)?
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
        record: produced.record,
        work: Work::default(),
    }
}

/// The pack that is there, of which nothing has changed: told and answered from what is on record. `None` where
/// that does not say enough.
pub(crate) fn unchanged(
    request: &PackRequest,
    record: &Record,
    teller: &mut Teller<'_>,
) -> Option<PackResult> {
    let total = record.len();
    let is_listed = match request.listing {
        Listing::Whole => true,
        Listing::UnlessRecorded(known) => known != record.id(),
        Listing::UnlessUnchanged => false,
    };
    let listed = |n| {
        let asset = record.at(n)?;
        Some(said(asset.asset_id, &asset.root, &asset.facts, None))
    };
    let assets =
        if is_listed { (0..total).map(listed).collect::<Option<Vec<PackedAsset>>>()? } else { Vec::new() };
    let heard = if teller.is_heard() { total } else { 0 };
    for n in 0..heard {
        let asset = record.trace(n)?;
        let affected = AffectedAsset {
            asset_id: Some(AssetId::try_from(u64::from(asset.asset_id)).ok()?),
            asset_uuid: Some(AssetUuid::from_bytes(asset.asset_uuid)),
            root: AssetPath::parse(asset.root).ok()?,
        };
        tell_payload(teller, &affected, n as u64 + 1, total as u64, &None);
    }
    let file = |n: usize| PackedFile {
        path: request.out_dir.join(SET[n]),
        size: record.head().set[n].size,
        changed: false,
    };
    Some(PackResult {
        artifact: file(0),
        companions: (1..SET.len()).map(file).collect(),
        total_assets: total,
        duration_ms: 0,
        cache: Cache { hits: total, misses: 0 },
        work: Work::default(),
        assets,
        digest: record.head().pack_digest.clone(),
        record: Some(record.id()),
    })
}

fn packed(content: &Content<'_>, snapshot: &Snapshot, made: Option<DirtyReason>) -> PackedAsset {
    let entry = &snapshot.assets[content.asset].entry;
    said(entry.asset_id, &entry.root, &content.facts, made)
}

fn said(asset_id: AssetId, root: &AssetPath, facts: &Facts, made: Option<DirtyReason>) -> PackedAsset {
    let artifacts = facts.artifacts.iter().filter_map(|artifact| {
        let file = AssetPath::parse(&facts.inputs[artifact.input].file).ok()?;
        Some(PackedArtifact { file, index: artifact.index, count: artifact.count })
    });
    PackedAsset {
        asset_id,
        name: facts.name.clone(),
        root: root.clone(),
        family: facts.family.name(),
        size: facts.size,
        artifacts: artifacts.collect(),
        made,
    }
}

fn affected(entry: &Entry) -> AffectedAsset {
    AffectedAsset {
        asset_id: Some(entry.asset_id),
        asset_uuid: Some(entry.asset_uuid),
        root: entry.root.clone(),
    }
}

fn tell_payload(
    teller: &mut Teller<'_>,
    asset: &AffectedAsset,
    done: u64,
    total: u64,
    made: &Option<DirtyReason>,
) {
    let asset_id = asset.asset_id.expect("an asset of a pack set is registered");
    let root = &asset.root;
    let (kind, summary) = match made {
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
