//! The record: what was known when a set was published, so that what nobody touched need not be looked
//! into again.
//!
//! It holds the facts of each asset of the pack, the digests of payload and inputs, and what proves that
//! an asset is as it was: the stamps of its folders, its declaration and its inputs ([`Seen`]). An asset
//! of which something was found that a reading has to tell again has no such proof, and is read each
//! time.
//!
//! The record is never an authority. It names the project and the folder that it is about, carries a
//! checksum, and one that is damaged, of another version of the packer or about another place is as good
//! as none. What is forged on purpose is not found out: a folder for caches is for those whom one
//! trusts with the pack. Its file is not synced, since losing it costs time alone.
//!
//! One flat file (`proof`), of which a build in which nothing changed reads the first half alone and makes
//! nothing: a build script runs unoptimised, where every byte that is parsed counts.

mod bytes;
mod facts;
mod proof;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use self::bytes::Reader;
pub(crate) use self::bytes::stamp_bytes;
use self::proof::{Encoder, FRONT, Front, Proof};
pub(crate) use self::proof::{Seat, Trace};
use super::facts::Facts;
use crate::diagnostics::Finding;
use crate::digest::Digest;
use crate::id::{AssetId, AssetUuid, OperationId};
use crate::path::AssetPath;
use crate::storage::{Input, Rename, Stamp, Storage};
use crate::workspace::layout::temporary_name;

/// The largest record that is read.
const LIMIT: u64 = 1 << 30;

/// What was known of the last pack.
#[derive(Debug)]
pub(crate) struct Record {
    front: Front,
    proof: Proof,
    /// Open until the facts are read, so that they are those of the proof.
    file: Mutex<Option<Box<dyn Input>>>,
    assets: OnceLock<Option<Assets>>,
}

/// What a record says besides its assets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Head {
    /// When the operation began to look that wrote it, in milliseconds since 1970.
    pub(crate) started: u64,
    /// The stamps of the published set, by [`super::SET`].
    pub(crate) set: [Stamp; 4],
    /// `pack.digest`.
    pub(crate) pack_digest: String,
    /// The registry's stamp and content; `None` where something was found wrong with it.
    pub(crate) registry: Option<(Stamp, Digest)>,
}

/// The facts of all assets, each read when somebody asks for it.
#[derive(Debug)]
struct Assets {
    bytes: Vec<u8>,
    read: Vec<OnceLock<Option<Arc<RecordedAsset>>>>,
}

/// What a record says of its assets, as a number that is another one, but for chance, where something else is
/// said. When they were seen is not in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecordId(u64);

/// What was known of one asset.
#[derive(Debug, Clone)]
pub(crate) struct RecordedAsset {
    /// Its id.
    pub(crate) asset_id: AssetId,
    /// Its anchor.
    pub(crate) asset_uuid: AssetUuid,
    /// Where it lay.
    pub(crate) root: AssetPath,
    /// What a pack says of it; every input's digest is known.
    pub(crate) facts: Arc<Facts>,
    /// The digest of its payload.
    pub(crate) payload: Digest,
    /// Where in the pack that began.
    pub(crate) offset: u64,
    /// Warnings that came with it.
    pub(crate) warnings: Vec<Finding>,
    /// The content of its `asset.json`.
    pub(crate) text: Digest,
    /// What proves that nothing of it changed, besides the stamps of its inputs; none where something is to be told
    /// of it again.
    pub(crate) seen: Option<Seen>,
}

/// What was seen of an asset that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Seen {
    /// Its root.
    pub(crate) root: Stamp,
    /// Folders in it that hold inputs, as paths relative to the root.
    pub(crate) folders: Vec<(String, Stamp)>,
    /// Its `asset.json`.
    pub(crate) declaration: Stamp,
}

/// Where the record about the set in `out` lies, in a folder that others may share.
pub(crate) fn record_path(cache: &Path, out: &Path) -> PathBuf {
    let name = Digest::of(out.as_os_str().as_encoded_bytes()).to_string();
    cache.join(format!("pack-{}.record", &name[..16]))
}

impl RecordId {
    /// What [`Display`](std::fmt::Display) made of one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        u64::from_str_radix(text, 16).ok().map(Self).filter(|id| id.to_string() == text)
    }
}

/// Sixteen digits, base 16.
impl std::fmt::Display for RecordId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl From<&Front> for RecordId {
    fn from(front: &Front) -> Self {
        Self(front.facts_checksum)
    }
}

impl Record {
    /// The record at `path` about the set in `out`, made of the assets in `assets`; none where it is
    /// absent, damaged, another packer's or about other places.
    pub(crate) fn read(storage: &dyn Storage, path: &Path, assets: &Path, out: &Path) -> Option<Self> {
        let file = storage.open(path).ok()?;
        let size = file.opened().ok()?.size;
        let mut front = [0; FRONT];
        if size > LIMIT || file.read_at(&mut front, 0).ok()? < FRONT {
            return None;
        }
        let front = proof::front(front);
        if front.proof_len > size {
            return None;
        }
        let bytes = read_part(&*file, FRONT as u64, front.proof_len, front.proof_checksum)?;
        let proof = Proof::read(bytes, assets, out)?;
        Some(Self { front, proof, file: Mutex::new(Some(file)), assets: OnceLock::new() })
    }

    /// What it says besides its assets.
    pub(crate) fn head(&self) -> &Head {
        &self.proof.head
    }

    /// Which one it is, by what it says of its assets.
    pub(crate) fn id(&self) -> RecordId {
        RecordId::from(&self.front)
    }

    /// How many assets there are.
    pub(crate) fn len(&self) -> usize {
        self.proof.len
    }

    /// The folders on the way to roots.
    pub(crate) fn ways(&self) -> &[String] {
        &self.proof.ways
    }

    /// What was seen of the asset at that place, by increasing id.
    pub(crate) fn trace(&self, n: usize) -> Option<Trace<'_>> {
        self.proof.trace(n)
    }

    /// The place of the asset with that id.
    pub(crate) fn place(&self, id: AssetId) -> Option<usize> {
        let (mut from, mut to) = (0, self.len());
        while from < to {
            let middle = from.midpoint(to);
            match self.trace(middle)?.asset_id.cmp(&id.get()) {
                std::cmp::Ordering::Less => from = middle + 1,
                std::cmp::Ordering::Equal => return Some(middle),
                std::cmp::Ordering::Greater => to = middle,
            }
        }
        None
    }

    /// What was known of the asset at that place; `None` where the record is damaged.
    pub(crate) fn at(&self, n: usize) -> Option<&Arc<RecordedAsset>> {
        let assets = self.assets.get_or_init(|| self.read_assets()).as_ref()?;
        let read = || {
            let (from, to) = self.proof.facts(n)?;
            Reader(assets.bytes.get(from..to)?).asset(&self.trace(n)?).map(Arc::new)
        };
        assets.read.get(n)?.get_or_init(read).as_ref()
    }

    /// What was known of the asset with that id.
    pub(crate) fn asset(&self, id: AssetId) -> Option<&Arc<RecordedAsset>> {
        self.at(self.place(id)?)
    }

    /// Writes it anew with another head, in which other things were seen of some assets, by their places. Writes
    /// nothing where that says nothing new, unless the head does.
    pub(crate) fn write_changed(
        &self,
        head: &Head,
        again: &BTreeMap<usize, Arc<RecordedAsset>>,
        is_news: bool,
        file: &RecordFile<'_>,
    ) {
        let facts = self.assets.get_or_init(|| self.read_assets()).as_ref();
        let Some(facts) = facts else { return };
        if let Some(proof) = self.proof.changed(head, again, is_news, &facts.bytes) {
            file.write(&[&proof, &facts.bytes]);
        }
    }

    /// Reads what is still to be read: some systems do not let a file be replaced that somebody has open.
    pub(crate) fn close(&self) {
        self.assets.get_or_init(|| self.read_assets());
    }

    fn read_assets(&self) -> Option<Assets> {
        let file = self.file.lock().unwrap_or_else(PoisonError::into_inner).take()?;
        let from = FRONT as u64 + self.front.proof_len;
        let len = file.opened().ok()?.size.checked_sub(from)?;
        let bytes = read_part(&*file, from, len, self.front.facts_checksum)?;
        Some(Assets { bytes, read: (0..self.len()).map(|_| OnceLock::new()).collect() })
    }
}

/// So many bytes of a file, if they are the right ones.
fn read_part(file: &dyn Input, from: u64, len: u64, checksum: u64) -> Option<Vec<u8>> {
    let mut bytes = vec![0; usize::try_from(len.min(LIMIT)).ok()?];
    let read = file.read_at(&mut bytes, from).ok()?;
    (read == bytes.len() && proof::checksum(&bytes) == checksum).then_some(bytes)
}

/// Where a record is written, and by whom.
#[derive(Clone, Copy)]
pub(crate) struct RecordFile<'a> {
    pub(crate) storage: &'a dyn Storage,
    pub(crate) path: &'a Path,
    pub(crate) operation: OperationId,
}

impl RecordFile<'_> {
    /// Writes a record in one step, of `recorded` by increasing id, about the assets in `assets` and the set in
    /// `out`. What stands in the way of that is no failure of the pack.
    pub(crate) fn record(
        &self,
        head: &Head,
        recorded: impl Iterator<Item = Arc<RecordedAsset>>,
        (assets, out): (&Path, &Path),
    ) -> Option<RecordId> {
        let mut encoder = Encoder::new(head.started);
        recorded.for_each(|asset| encoder.add(&asset));
        let (proof, facts) = encoder.finish(head, assets, out);
        let front = if self.write(&[&proof, &facts]) { proof.first_chunk() } else { None };
        front.map(|front| RecordId::from(&proof::front(*front)))
    }

    /// Whether it was written, part by part.
    fn write(&self, parts: &[&[u8]]) -> bool {
        let Self { storage, path, operation } = *self;
        let name = path.file_name().and_then(|name| name.to_str());
        let (Some(folder), Some(name)) = (path.parent(), name) else { return false };
        let temporary = folder.join(temporary_name(name, operation));
        let written = super::publish::create_dirs(storage, folder)
            .and_then(|()| {
                let mut file = storage.create(&temporary)?;
                parts.iter().try_for_each(|part| file.write_all(part))
            })
            .and_then(|()| storage.rename(&temporary, path, Rename::Replace));
        if written.is_err() {
            drop(storage.remove(&temporary));
            // An old record beside a new pack would only cost time; none is clearer.
            drop(storage.remove(path));
        }
        written.is_ok()
    }
}
