//! Three ways to a set: keep the one that is there, publish a new one, or compare.

use std::io;
use std::path::Path;

use packer_format::Header;

use super::ahead;
use super::companion::companions;
use super::contents::{Content, Source};
use super::emit::{Compare, EmitError, LastPack, Payload, emit, findings};
use super::publish::Staging;
use super::record::{Record, RecordedAsset, RecordedInput};
use super::{DirtyReason, SET};
use crate::Error;
use crate::cancel::Token;
use crate::diagnostics::Finding;
use crate::id::OperationId;
use crate::snapshot::Snapshot;
use crate::storage::{FileKind, Stamp, Storage, is_absent};

/// A set that is there, or would be.
#[derive(Debug)]
pub(crate) struct Produced {
    /// `pack.digest`.
    pub(crate) digest: String,
    /// The payloads in the order of the contents.
    pub(crate) payloads: Vec<Payload>,
    /// For each file of [`SET`] its bytes, and whether it is new, or for a comparison differs.
    pub(crate) files: [(u64, bool); 4],
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
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place<'a> {
    pub(crate) storage: &'a dyn Storage,
    pub(crate) out: &'a Path,
    pub(crate) record: Option<&'a Path>,
    pub(crate) operation: OperationId,
    /// When the operation began, in milliseconds since 1970, before anything was looked at.
    pub(crate) started: u64,
    /// Whether it was asked to stop.
    pub(crate) token: &'a Token,
}

/// The last set, as far as it can be used.
#[derive(Debug)]
pub(crate) struct LastSet {
    /// What was known of it.
    pub(crate) record: Record,
    pack: Option<LastPack>,
    /// The stamps of its files now, when all are there.
    stamps: Option<[Stamp; 4]>,
}

impl Place<'_> {
    /// The last set here, when there is a record of it.
    pub(crate) fn last(&self) -> Option<LastSet> {
        let record = Record::read(self.storage, self.record?)?;
        let pack = self.storage.open(&self.out.join(SET[0])).ok().and_then(LastPack::read);
        Some(LastSet { record, pack, stamps: self.stamps() })
    }

    fn stamps(&self) -> Option<[Stamp; 4]> {
        let mut stamps = [Stamp::default(); 4];
        for (name, stamp) in SET.iter().zip(&mut stamps) {
            let stat = self.storage.stat(&self.out.join(name)).ok()??;
            *stamp = (stat.kind == FileKind::File).then_some(stat.stamp)?;
        }
        Some(stamps)
    }

    /// The set that is there, when it is the one that would be made: nothing is read or written.
    pub(crate) fn keep(
        &self,
        last: &LastSet,
        header: &Header,
        contents: &[Content<'_>],
        snapshot: &Snapshot,
    ) -> Option<Produced> {
        let record = &last.record;
        // Stamps of our own files, taken after they were written and while the folder was locked:
        // young ones may be believed as well.
        if last.stamps != Some(record.set) || last.pack.as_ref()?.header != *header {
            return None;
        }
        let is_in_place = |content: &Content<'_>| {
            let entry = &snapshot.assets[content.asset].entry;
            let known = record.assets.get(&entry.asset_id);
            known.is_some_and(|known| known.root == entry.root && known.asset_uuid == entry.asset_uuid)
        };
        let payloads = contents.iter().map(|content| match &content.source {
            Source::Keep(kept) if is_in_place(content) => {
                Some(Payload { digest: kept.payload, made: None, findings: kept.warnings.clone() })
            }
            Source::Keep(_) | Source::Make(_) => None,
        });
        let payloads = payloads.collect::<Option<Vec<Payload>>>()?;
        Some(Produced {
            digest: record.pack_digest.clone(),
            payloads,
            files: record.set.map(|stamp| (stamp.size, false)),
        })
    }

    /// Makes the set and publishes it, if the gate lets it. What the gate would refuse is found before
    /// anything is staged.
    pub(crate) fn publish(
        &self,
        Planned { header, contents, snapshot }: Planned<'_, '_>,
        last: Option<&LastSet>,
        gate: &Gate<'_>,
        done: &mut dyn FnMut(usize, &Payload),
    ) -> Result<Production, Failure> {
        let ahead = ahead::check(contents, self.token).map_err(|error| self.failure(error))?;
        if !(gate.accept)(&ahead) {
            return Ok(Production::Refused(ahead));
        }
        let failed = |action| move |error| Failure::Error(Error::io(action, self.out, error));
        let staging =
            Staging::open(self.storage, self.out, self.operation).map_err(failed("prepare the folder"))?;
        let last_pack = last.and_then(|last| last.pack.as_ref());
        let emitted = staging.pack(failed("write the pack into"), |out| {
            let emitted = emit(out, header, contents, snapshot, last_pack, self.token, done);
            emitted.map_err(|error| self.failure(error))
        })?;
        let digest = match emitted.digest {
            Some(digest) if (gate.accept)(&findings(&emitted.payloads)) => digest,
            // A disk that could no longer read what it could read before.
            _ => return Ok(Production::Refused(findings(&emitted.payloads))),
        };
        let companions = companions(header, &digest, contents, &emitted.payloads, snapshot);
        if !(gate.still)() {
            return Ok(Production::Outrun);
        }
        let published = staging.compare(&companions, self.token).map_err(Failure::Error)?;
        // From here on it is finished, whoever asks it to stop.
        staging.publish(published).map_err(failed("publish the pack into"))?;
        self.record(contents, snapshot, &emitted.payloads, &digest);
        let [table, preload, metadata] = companions.map(|text| text.len() as u64);
        let sizes = [header.file_len(), table, preload, metadata];
        let files = std::array::from_fn(|n| (sizes[n], published[n]));
        Ok(Production::Done(Produced { digest, payloads: emitted.payloads, files }))
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
        let mut comparison = Compare::with(pack.as_deref());
        let emitted = emit(&mut comparison, header, contents, snapshot, None, self.token, done)
            .map_err(|error| self.failure(error))?;
        let Some(digest) = emitted.digest else {
            return Ok(Production::Refused(findings(&emitted.payloads)));
        };
        let mut files = [(header.file_len(), comparison.differs().map_err(failed(SET[0]))?); 4];
        let companions = companions(header, &digest, contents, &emitted.payloads, snapshot);
        for ((name, text), file) in SET[1..].iter().zip(&companions).zip(&mut files[1..]) {
            let there = open(name).map_err(failed(name))?;
            let mut comparison = Compare::with(there.as_deref());
            let differs =
                io::Write::write_all(&mut comparison, text.as_bytes()).and_then(|()| comparison.differs());
            *file = (text.len() as u64, differs.map_err(failed(name))?);
        }
        Ok(Production::Done(Produced { digest, payloads: emitted.payloads, files }))
    }

    fn failure(&self, error: EmitError) -> Failure {
        match error {
            EmitError::Changed { asset, input } => Failure::Changed { asset, input },
            EmitError::Write(error) => Failure::Error(Error::io("write", self.out.join(SET[0]), error)),
            EmitError::Cancelled => Failure::Error(Error::Cancelled),
        }
    }

    /// Remembers the set that was just published.
    fn record(&self, contents: &mut [Content<'_>], snapshot: &Snapshot, payloads: &[Payload], digest: &str) {
        let (Some(path), Some(set)) = (self.record, self.stamps()) else { return };
        let assets = contents.iter_mut().zip(payloads).filter_map(|(content, payload)| {
            let inputs = (0..content.inputs.count()).map(|n| {
                let digest = content.inputs.digest(n).ok()?;
                Some(RecordedInput { stamp: content.inputs.stamp(n), digest })
            });
            let inputs = inputs.collect::<Option<Vec<RecordedInput>>>()?;
            let entry = &snapshot.assets[content.asset].entry;
            let asset = RecordedAsset {
                root: entry.root.clone(),
                asset_uuid: entry.asset_uuid,
                key: content.key,
                inputs,
                probe: content.probe.clone(),
                payload: payload.digest,
                warnings: payload.findings.clone(),
            };
            Some((entry.asset_id, asset))
        });
        let record =
            Record { started: self.started, set, pack_digest: digest.to_owned(), assets: assets.collect() };
        record.write(self.storage, path, self.operation);
    }
}

impl LastSet {
    /// What was known, or why nothing was.
    pub(crate) fn known(last: Option<&Self>) -> Result<&Record, DirtyReason> {
        last.map(|last| &last.record).ok_or(DirtyReason::NoRecord)
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
