//! Three ways to a set: keep the one that is there, publish a new one, or compare.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use packer_format::Header;

use super::SET;
use super::ahead;
use super::companion::Companions;
use super::compare::Compare;
use super::contents::Content;
use super::emit::{Emission, EmitError, Payload, Sink as _, Staged, findings, tree};
use super::facts::Facts;
use super::fingerprint::{DirtyReason, is_old_enough};
use super::kept::{Kept, OldPack};
use super::known::Known;
use super::publish::Staging;
use super::record::{Head, Record, RecordFile, RecordId, RecordedAsset, Seen};
use crate::Error;
use crate::cache::{BUDGET, Store};
use crate::cancel::Token;
use crate::diagnostics::Finding;
use crate::digest::Digest;
use crate::host::Workers;
use crate::id::OperationId;
use crate::snapshot::{Asset, Report, Snapshot};
use crate::storage::{FileKind, Input, Stamp, Storage, is_absent};

/// A set that is there, or would be.
#[derive(Debug)]
pub(crate) struct Produced {
    /// `pack.digest`.
    pub(crate) digest: String,
    /// The payloads in the order of the contents.
    pub(crate) payloads: Vec<Payload>,
    /// For each file of [`SET`] its bytes, and whether it is new, or for a comparison differs.
    pub(crate) files: [(u64, bool); 4],
    /// Which record tells of it, if one does.
    pub(crate) record: Option<RecordId>,
}

/// What is to be packed.
#[derive(Debug)]
pub(crate) struct Planned<'p, 'a> {
    pub(crate) header: &'p Header,
    pub(crate) contents: &'p mut [Content<'a>],
    pub(crate) snapshot: &'a Snapshot,
}

/// What stands between a staged set and its publication.
pub(crate) struct Gate<'g> {
    /// Takes what families found, asset by asset, or refuses to pack.
    pub(crate) accept: &'g dyn Fn(&[Vec<Finding>]) -> bool,
    /// Whether the registry is still the one that was read.
    pub(crate) still: &'g dyn Fn() -> bool,
}

/// What came of producing.
#[derive(Debug)]
pub(crate) enum Production {
    /// The set.
    Done(Produced),
    /// What families found was not accepted; nothing was published.
    Refused(Vec<Vec<Finding>>),
    /// The registry changed meanwhile; nothing was published.
    Outrun,
}

/// Why there is no set.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The file system.
    Error(Error),
    /// An input changed while it was read: position in the snapshot, and which input.
    Changed { asset: usize, input: usize },
}

/// Where a set lies, and who asks for it.
#[derive(Clone, Copy)]
pub(crate) struct Place<'a> {
    pub(crate) storage: &'a dyn Storage,
    pub(crate) out: &'a Path,
    pub(crate) record: Option<&'a Path>,
    pub(crate) operation: OperationId,
    /// When the operation began, in milliseconds since 1970, before anything was looked at.
    pub(crate) started: u64,
    /// Who gives leave for threads.
    pub(crate) workers: &'a dyn Workers,
    /// Whether it was asked to stop.
    pub(crate) token: &'a Token,
}

/// The last set, as far as it can be used.
#[derive(Debug)]
pub(crate) struct LastSet<'a> {
    /// What was known of it.
    pub(crate) record: Record,
    /// Whether its files are the ones on record, untouched.
    ///
    /// Stamps of our own files, taken after they were written and while the folder was locked: young
    /// ones are believed as well.
    pub(crate) is_as_recorded: bool,
    storage: &'a dyn Storage,
    out: &'a Path,
    /// Its pack, opened when somebody asks.
    file: OnceLock<Option<Box<dyn Input>>>,
}

impl<'a> Place<'a> {
    /// The last set here of what is in `assets`, when there is a record of it.
    pub(crate) fn last(&self, assets: &Path) -> Option<LastSet<'a>> {
        let record = Record::read(self.storage, self.record?, assets, self.out)?;
        let is_as_recorded = self.stamps() == Some(record.head().set);
        let Self { storage, out, .. } = *self;
        Some(LastSet { record, is_as_recorded, storage, out, file: OnceLock::new() })
    }

    fn stamps(&self) -> Option<[Stamp; 4]> {
        let mut stamps = [Stamp::default(); 4];
        for (name, stamp) in SET.iter().zip(&mut stamps) {
            let stat = self.storage.stat(&self.out.join(name)).ok()??;
            *stamp = (stat.kind == FileKind::File).then_some(stat.stamp)?;
        }
        Some(stamps)
    }

    /// The set that is there, when it is the one that would be made: nothing of it is read or written.
    pub(crate) fn keep(
        &self,
        last: &LastSet<'_>,
        contents: &[Content<'_>],
        snapshot: &Snapshot,
    ) -> Option<Produced> {
        let record = &last.record;
        if !last.is_as_recorded || record.len() != contents.len() {
            return None;
        }
        let is_in_place = |content: &Content<'_>| {
            let entry = &snapshot.assets[content.asset].entry;
            record.asset(entry.asset_id).is_some_and(|known| {
                known.root == entry.root
                    && known.asset_uuid == entry.asset_uuid
                    && (Arc::ptr_eq(&known.facts, &content.facts)
                        || known.facts.says_the_same(&content.facts))
            })
        };
        let payloads = contents.iter().map(|content| content.kept_payload().filter(|_| is_in_place(content)));
        let payloads = payloads.collect::<Option<Vec<Payload>>>()?;
        let news = self.remember_more(last, contents, snapshot, &payloads);
        Some(Produced {
            digest: record.head().pack_digest.clone(),
            payloads,
            record: news.unwrap_or(Some(record.id())),
            files: record.head().set.map(|stamp| (stamp.size, false)),
        })
    }

    /// Makes the set and publishes it, if the gate lets it.
    pub(crate) fn publish(
        &self,
        Planned { header, contents, snapshot }: Planned<'_, '_>,
        last: Option<&LastSet<'_>>,
        gate: &Gate<'_>,
        done: &mut dyn FnMut(usize, &Payload),
    ) -> Result<Production, Failure> {
        let cache = self.record.and_then(Path::parent).map(|cache| Store::open(self.storage, cache, BUDGET));
        let ahead = ahead::check(contents, cache.as_ref(), self.workers, self.token);
        let ahead = ahead.map_err(|error| self.failure(error))?;
        let found: Vec<Vec<Finding>> = ahead.iter().map(|found| found.clone().unwrap_or_default()).collect();
        if !(gate.accept)(&found) {
            let all = ahead::rest(contents, ahead, self.workers).map_err(|error| self.failure(error))?;
            return Ok(Production::Refused(all));
        }
        let failed = |action| move |error| Failure::Error(Error::io(action, self.out, error));
        let Self { workers, token, .. } = *self;
        let last_pack = last.and_then(LastSet::pack);
        let kept = match &last_pack {
            Some(last) => {
                Kept::of(last, contents, snapshot, workers, token).map_err(|error| self.failure(error))?
            }
            None => Kept::nothing(contents),
        };
        let staging =
            Staging::open(self.storage, self.out, self.operation).map_err(failed("prepare the folder"))?;
        let (digest, payloads, is_pack_new) = if let (Some(last), true) =
            (last, kept.is_all_of(header, contents))
        {
            // Only what the companions say of it can be new.
            let payloads: Vec<Payload> = contents.iter().filter_map(Content::kept_payload).collect();
            payloads.iter().enumerate().for_each(|(n, payload)| done(n, payload));
            // A record that is older than the set says nothing of that as a whole.
            let digest = if last_pack.as_ref().is_some_and(OldPack::is_as_recorded) {
                last.record.head().pack_digest.clone()
            } else {
                tree(&header.to_bytes(), &payloads)
            };
            (digest, payloads, false)
        } else {
            let emitted = staging.pack(failed("write the pack into"), |file| {
                let emission = Emission {
                    sink: &Staged(file),
                    header,
                    kept: &kept,
                    cache: cache.as_ref(),
                    workers,
                    token,
                };
                emission.emit(contents, done).map_err(|error| self.failure(error))
            })?;
            let digest = match emitted.digest {
                Some(digest) if (gate.accept)(&findings(&emitted.payloads)) => digest,
                // What was passed over before.
                _ => return Ok(Production::Refused(findings(&emitted.payloads))),
            };
            let is_new = match (&last_pack, last) {
                // A pack that nobody has touched is another one when its digest is.
                (Some(pack), Some(set)) if pack.is_as_recorded() => digest != set.record.head().pack_digest,
                _ => staging.is_pack_new(token).map_err(Failure::Error)?,
            };
            (digest, emitted.payloads, is_new)
        };
        let companions = Companions { header, pack_digest: &digest, contents, payloads: &payloads, snapshot };
        let pack = (header.file_len(), is_pack_new);
        let files = staging.companions(pack, &companions).map_err(Failure::Error)?;
        let published = files.map(|(_, is_new)| is_new);
        if !(gate.still)() {
            return Ok(Production::Outrun);
        }
        self.token.check().map_err(Failure::Error)?;
        // From here on it is finished, whoever asks it to stop.
        last.inspect(|last| last.record.close());
        if published.contains(&true) {
            self.forget();
        }
        staging.publish(published).map_err(failed("publish the pack into"))?;
        let entries = header.entries();
        let offset = |n: usize| header.payload_range(&entries[n]).start;
        let record =
            self.stamps().and_then(|set| self.remember(contents, snapshot, &payloads, &digest, set, offset));
        Ok(Production::Done(Produced { digest, payloads, files, record }))
    }

    fn record_file<'f>(&'f self, path: &'f Path) -> RecordFile<'f> {
        RecordFile { storage: self.storage, path, operation: self.operation }
    }

    /// Remembers what was seen of assets of the last set that are what they were.
    pub(crate) fn remember_known(&self, known: &Known<'_>) {
        if let Some(path) = self.record {
            known.remember(self.started, &self.record_file(path));
        }
    }

    /// Removes the record of the set that is about to be replaced: when the power fails before the new one is
    /// on disk, and the system tells files apart by their dates alone, the old one could be taken for it.
    fn forget(&self) {
        let Some(record) = self.record else { return };
        // What stands in the way of it stands in the way of the new one, too, and costs time at worst.
        drop(self.storage.remove(record));
        record.parent().into_iter().for_each(|cache| drop(self.storage.sync(cache)));
    }

    /// Makes the set into nothing and compares it with what is published.
    pub(crate) fn compare(
        &self,
        Planned { header, contents, snapshot }: Planned<'_, '_>,
        done: &mut dyn FnMut(usize, &Payload),
    ) -> Result<Production, Failure> {
        let open = |name| match self.storage.open(&self.out.join(name)) {
            Err(error) if is_absent(&error) => Ok(None),
            other => other.map(Some),
        };
        let failed = |name: &str| {
            let path = self.out.join(name);
            move |error| Failure::Error(Error::io("read", path, error))
        };
        let pack = open(SET[0]).map_err(failed(SET[0]))?;
        let comparison = Compare::with(pack.as_deref());
        let Self { workers, token, .. } = *self;
        let kept = Kept::nothing(contents);
        let emission = Emission { sink: &comparison, header, kept: &kept, cache: None, workers, token };
        let emitted = emission.emit(contents, done).map_err(|error| self.failure(error))?;
        let Some(digest) = emitted.digest else {
            return Ok(Production::Refused(findings(&emitted.payloads)));
        };
        let mut files = [(header.file_len(), comparison.differs().map_err(failed(SET[0]))?); 4];
        let companions =
            Companions { header, pack_digest: &digest, contents, payloads: &emitted.payloads, snapshot };
        for ((name, text), file) in companions.each().zip(&mut files[1..]) {
            let there = open(name).map_err(failed(name))?;
            let comparison = Compare::with(there.as_deref());
            let differs = comparison.put(text.as_bytes(), 0).and_then(|()| comparison.differs());
            *file = (text.len() as u64, differs.map_err(failed(name))?);
        }
        Ok(Production::Done(Produced { digest, payloads: emitted.payloads, files, record: None }))
    }

    fn failure(&self, error: EmitError) -> Failure {
        match error {
            EmitError::Changed { asset, input } => Failure::Changed { asset, input },
            EmitError::Write(error) => Failure::Error(Error::io("write", self.out.join(SET[0]), error)),
            EmitError::Cancelled => Failure::Error(Error::Cancelled),
        }
    }

    /// Remembers the set that is published.
    fn remember(
        &self,
        contents: &[Content<'_>],
        snapshot: &Snapshot,
        payloads: &[Payload],
        digest: &str,
        set: [Stamp; 4],
        offset: impl Fn(usize) -> u64,
    ) -> Option<RecordId> {
        let path = self.record?;
        let quiet = Quiet::of(snapshot, contents.len());
        let assets = contents.iter().zip(payloads).enumerate().map(|(n, (content, payload))| {
            let offset = offset(n);
            if let Some(known) = content.as_recorded() {
                return if known.offset == offset {
                    Arc::clone(known)
                } else {
                    Arc::new(RecordedAsset { offset, ..RecordedAsset::clone(known) })
                };
            }
            let Asset { entry, loaded } = &snapshot.assets[content.asset];
            Arc::new(RecordedAsset {
                asset_id: entry.asset_id,
                asset_uuid: entry.asset_uuid,
                root: entry.root.clone(),
                facts: Arc::clone(&content.facts),
                payload: payload.digest,
                offset,
                warnings: payload.findings.clone(),
                text: loaded.read().map_or(Digest::of(&[]), |read| read.digest),
                seen: quiet.seen(content, &payload.findings).cloned(),
            })
        });
        let head = Head {
            started: self.started,
            set,
            pack_digest: digest.to_owned(),
            registry: quiet.registry.map(|stamp| (stamp, snapshot.registry.digest())),
        };
        self.record_file(path).record(&head, assets, (&snapshot.layout.assets(), self.out))
    }

    /// Remembers what was learnt of a set that stays, where that saves a look the next time: then, which
    /// record is there, if it could be written.
    fn remember_more(
        &self,
        last: &LastSet<'_>,
        contents: &[Content<'_>],
        snapshot: &Snapshot,
        payloads: &[Payload],
    ) -> Option<Option<RecordId>> {
        let record = &last.record;
        let Head { started, set, pack_digest, registry } = record.head();
        // What was too young to be believed, and is not any more.
        let has_aged = |stamp: &Stamp| !is_old_enough(stamp, *started) && is_old_enough(stamp, self.started);
        let is_news = |before: Option<&Stamp>, now: &Stamp| before != Some(now) || has_aged(now);
        let quiet = Quiet::of(snapshot, contents.len());
        let before = registry.as_ref().map(|(stamp, _)| stamp);
        let mut learnt = quiet.registry.as_ref().is_some_and(|now| is_news(before, now));
        for (content, payload) in contents.iter().zip(payloads) {
            let known = record.asset(snapshot.assets[content.asset].id());
            // As it is on record; one that is known by its content has other stamps.
            if content.as_recorded().zip(known).is_some_and(|(now, known)| Arc::ptr_eq(now, known)) {
                continue;
            }
            let seen = known.and_then(|known| known.seen.as_ref());
            let stamps = |seen: &Seen| {
                let folders = seen.folders.iter().map(|(_, stamp)| *stamp);
                [seen.root, seen.declaration].into_iter().chain(folders).collect::<Vec<Stamp>>()
            };
            let inputs = |facts: &Facts| facts.inputs.iter().map(|input| input.stamp).collect::<Vec<_>>();
            let before: Vec<Stamp> = [seen.map(stamps), known.map(|known| inputs(&known.facts))]
                .into_iter()
                .flatten()
                .flatten()
                .collect();
            let now: Vec<Stamp> =
                [quiet.seen(content, &payload.findings).map(stamps), Some(inputs(&content.facts))]
                    .into_iter()
                    .flatten()
                    .flatten()
                    .collect();
            learnt |= before != now || now.iter().any(has_aged);
        }
        let offset = |n: usize| record.at(n).map_or(0, |asset| asset.offset);
        record.close();
        learnt.then(|| self.remember(contents, snapshot, payloads, pack_digest, *set, offset))
    }
}

/// Of what nothing is to be told again: only that proves anything the next time.
struct Quiet {
    registry: Option<Stamp>,
    spoken_of: BTreeSet<usize>,
}

impl Quiet {
    /// Of a pack of so many of the snapshot's assets.
    fn of(snapshot: &Snapshot, packed: usize) -> Self {
        let of_registry = |report: &Report| report.asset.is_none();
        // Of a pack of nothing, the registry says nothing.
        let is_sound = packed == snapshot.pack_set().count() && !snapshot.reports.iter().any(of_registry);
        Self {
            registry: snapshot.registry.stamp.filter(|_| is_sound),
            spoken_of: snapshot.reports.iter().filter_map(|report| report.asset).collect(),
        }
    }

    fn seen<'c>(&self, content: &'c Content<'_>, findings: &[Finding]) -> Option<&'c Seen> {
        let is_quiet = findings.is_empty() && !self.spoken_of.contains(&content.asset);
        content.seen.as_ref().filter(|_| is_quiet)
    }
}

impl LastSet<'_> {
    /// What was known, or why nothing was.
    pub(crate) fn known<'l>(last: Option<&'l LastSet<'_>>) -> Result<&'l LastSet<'l>, DirtyReason> {
        last.ok_or(DirtyReason::NoRecord)
    }

    /// The pack's file as it was recorded; `None` where it is another one.
    pub(super) fn file(&self) -> Option<&dyn Input> {
        let open = || {
            let file = self.storage.open(&self.out.join(SET[0])).ok()?;
            (self.is_as_recorded && file.stamp().ok()? == self.record.head().set[0]).then_some(file)
        };
        self.file.get_or_init(open).as_deref()
    }

    /// The pack, with what says where its payloads stand.
    fn pack(&self) -> Option<OldPack<'_>> {
        let is_as_recorded = self.file().is_some();
        let path = self.out.join(SET[0]);
        // What is reached through a link is somebody else's, and a pack of our own takes its place.
        if self.storage.stat(&path).ok()??.kind != FileKind::File {
            return None;
        }
        let file = self.storage.open(&path).ok()?;
        if is_as_recorded && file.stamp().ok()? == self.record.head().set[0] {
            return OldPack::recorded(file, &self.record);
        }
        OldPack::read(file)
    }
}

impl From<EmitError> for Failure {
    /// For payloads that go nowhere: `io::sink` does not fail, so a failure to write is a family's.
    fn from(error: EmitError) -> Self {
        match error {
            EmitError::Changed { asset, input } => Self::Changed { asset, input },
            EmitError::Write(error) => Self::Error(Error::io("make a payload for", SET[0], error)),
            EmitError::Cancelled => Self::Error(Error::Cancelled),
        }
    }
}
