//! The record as one file, and the part of it that proves that nothing changed.
//!
//! ```text
//! checksum of the proof: u64 │ checksum of the facts: u64 │ bytes of the proof: u64 │ proof │ facts
//! proof: version │ families │ project │ folder of the set │ ways │ head
//!        │ how many assets │ for each: end of its trace, end of its facts │ traces
//! ```
//!
//! The proof is all that is needed to see that nothing changed: of each asset its trace, which says where it
//! lay and what was seen of it. The facts are what a pack says of each; a build in which nothing changed
//! never reads them. An asset is read where it stands, and nothing is made of the others.
//!
//! Numbers are little-endian and of fixed width, lists and texts begin with their length. The checksums are
//! std's hash, which is compiled with optimisation wherever we run: they tell accidents, and a build with
//! another compiler, whose hash may differ, makes a new record.

use std::collections::BTreeMap;
use std::hash::Hasher as _;
use std::path::Path;
use std::sync::Arc;

use super::bytes::{Reader, STAMP, Writer};
use super::{Head, RecordedAsset, Seen};
use crate::family;
use crate::pack::facts::InputFacts;
use crate::pack::fingerprint::is_old_enough;
use crate::storage::Stamp;

/// The packer that may use a record: this one.
const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), "/5");

/// Bytes before the proof.
pub(super) const FRONT: usize = 24;

/// What stands before the proof.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Front {
    pub(super) proof_checksum: u64,
    pub(super) facts_checksum: u64,
    pub(super) proof_len: u64,
}

/// The proof, and where in it things are.
#[derive(Debug)]
pub(super) struct Proof {
    bytes: Vec<u8>,
    pub(super) head: Head,
    /// The folders on the way to roots, each after the one above it.
    pub(super) ways: Vec<String>,
    /// Where the head begins, the table of ends, and the traces.
    at: usize,
    table: usize,
    traces: usize,
    /// How many assets there are.
    pub(super) len: usize,
}

/// What was seen of one asset, where it stands in the proof.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Trace<'r> {
    /// Its id.
    pub(crate) asset_id: u32,
    /// Its anchor.
    pub(crate) asset_uuid: [u8; 16],
    /// Where it lay.
    pub(crate) root: &'r str,
    /// Which way leads to the folder that holds its root; none where that is `assets/` itself.
    pub(crate) way: Option<usize>,
    /// Whether what was seen of it stands for its content: nothing was to be told of it, and every stamp was
    /// old enough.
    pub(crate) is_proof: bool,
    pub(super) is_seen: bool,
    places: &'r [u8],
}

/// A record in the making: asset by asset, of which none is held.
#[derive(Default)]
pub(super) struct Encoder {
    started: u64,
    ways: Ways,
    len: usize,
    ends: Writer,
    traces: Writer,
    facts: Writer,
}

impl Encoder {
    /// One for whoever began at `started`.
    pub(super) fn new(started: u64) -> Self {
        Self { started, ..Self::default() }
    }

    /// Takes the next asset, by increasing id.
    pub(super) fn add(&mut self, asset: &RecordedAsset) {
        let way = self.ways.above(asset.root.as_str());
        self.traces.trace(asset, way, self.started);
        self.facts.facts(asset);
        self.ends.len(self.traces.0.len());
        self.ends.len(self.facts.0.len());
        self.len += 1;
    }

    /// The two parts of the file about the assets in `assets` and the set in `out`: all up to the facts, and those.
    pub(super) fn finish(self, head: &Head, assets: &Path, out: &Path) -> (Vec<u8>, Vec<u8>) {
        let Self { ways, len, ends, traces, facts, .. } = self;
        let mut to = Writer(vec![0; FRONT]);
        to.text(VERSION);
        to.text(&families());
        to.bytes(assets.as_os_str().as_encoded_bytes());
        to.bytes(out.as_os_str().as_encoded_bytes());
        to.list(&ways.in_order, |to, way| to.text(way));
        to.head(head);
        to.len(len);
        (finish(to, &ends, &traces, &facts.0), facts.0)
    }
}

/// All up to the facts, from what stands before the table on.
fn finish(mut to: Writer, ends: &Writer, traces: &Writer, facts: &[u8]) -> Vec<u8> {
    to.0.extend_from_slice(&ends.0);
    to.0.extend_from_slice(&traces.0);
    let proof = &to.0[FRONT..];
    let front = [checksum(proof), checksum(facts), proof.len() as u64];
    to.0[..FRONT].copy_from_slice(front.map(u64::to_le_bytes).as_flattened());
    to.0
}

/// What stands before the proof.
pub(super) fn front(bytes: [u8; FRONT]) -> Front {
    let mut from = Reader(&bytes);
    let mut next = || from.u64().unwrap_or_default();
    Front { proof_checksum: next(), facts_checksum: next(), proof_len: next() }
}

pub(super) fn checksum(bytes: &[u8]) -> u64 {
    let mut hasher = std::hash::DefaultHasher::new();
    hasher.write(bytes);
    hasher.finish()
}

/// Every family with its version. Where one encodes otherwise by now, nothing on record holds.
fn families() -> String {
    let known = family::ALL.iter().map(|family| format!("{}/{}", family.name(), family.version()));
    known.collect::<Vec<_>>().join(" ")
}

impl Proof {
    /// A proof about the assets in `assets` and the set in `out`, whose checksum is right.
    pub(super) fn read(bytes: Vec<u8>, assets: &Path, out: &Path) -> Option<Self> {
        let mut from = Reader(&bytes);
        let is_ours = from.text()? == VERSION
            && from.text()? == families()
            && from.bytes()? == assets.as_os_str().as_encoded_bytes()
            && from.bytes()? == out.as_os_str().as_encoded_bytes();
        if !is_ours {
            return None;
        }
        let ways = from.list(|from| from.text().map(str::to_owned))?;
        let at = bytes.len() - from.0.len();
        let head = from.head()?;
        let len = from.len()?;
        let table = bytes.len() - from.0.len();
        let traces = len.checked_mul(8).and_then(|ends| table.checked_add(ends))?;
        (traces <= bytes.len()).then_some(Self { head, ways, at, table, traces, len, bytes })
    }

    /// All up to the facts of the same record with another head, in which other things were seen of some assets, by
    /// their places; `None` where neither that nor, by `is_news`, the head says anything new.
    pub(super) fn changed(
        &self,
        head: &Head,
        again: &BTreeMap<usize, Arc<RecordedAsset>>,
        mut is_news: bool,
        facts: &[u8],
    ) -> Option<Vec<u8>> {
        let (mut traces, mut ends) = (Writer(Vec::new()), Writer(Vec::new()));
        for n in 0..self.len {
            let (from, to) = self.range(n, 0)?;
            let before = self.bytes.get(self.traces..)?.get(from..to)?;
            match again.get(&n) {
                Some(asset) => {
                    let from = traces.0.len();
                    traces.trace(asset, self.trace(n)?.way, head.started);
                    is_news |= traces.0[from..] != *before;
                }
                None => traces.0.extend_from_slice(before),
            }
            ends.len(traces.0.len());
            ends.len(self.facts(n)?.1);
        }
        let mut to = Writer(vec![0; FRONT]);
        to.0.extend_from_slice(self.bytes.get(..self.at)?);
        to.head(head);
        to.len(self.len);
        is_news.then(|| finish(to, &ends, &traces, facts))
    }

    /// The trace of the asset at that place, by increasing id.
    pub(super) fn trace(&self, n: usize) -> Option<Trace<'_>> {
        let (from, to) = self.range(n, 0)?;
        Reader(self.bytes.get(self.traces..)?.get(from..to)?).trace()
    }

    /// Where the facts of the asset at that place are.
    pub(super) fn facts(&self, n: usize) -> Option<(usize, usize)> {
        self.range(n, 4)
    }

    fn range(&self, n: usize, column: usize) -> Option<(usize, usize)> {
        let end = |n: usize| {
            let at = self.table + n * 8 + column;
            let bytes = self.bytes.get(at..at + 4)?.first_chunk()?;
            usize::try_from(u32::from_le_bytes(*bytes)).ok()
        };
        let from = n.checked_sub(1).map_or(Some(0), end)?;
        (n < self.len).then(|| Some((from, end(n)?)))?
    }
}

impl Trace<'_> {
    /// Calls `look` with each place that was seen in the root, by its path relative to it, and with the stamp
    /// as bytes, until that says no: the root itself (as an empty path), the declaration, folders, inputs.
    pub(crate) fn each(&self, look: &mut dyn FnMut(Seat, &str, &[u8]) -> bool) -> bool {
        self.try_each(look).unwrap_or(false)
    }

    fn try_each(&self, look: &mut dyn FnMut(Seat, &str, &[u8]) -> bool) -> Option<bool> {
        let mut from = Reader(self.places);
        if !look(Seat::Root, "", from.slice(STAMP)?) || !look(Seat::Declaration, "", from.slice(STAMP)?) {
            return Some(false);
        }
        for seat in [Seat::Folder, Seat::Input] {
            for _ in 0..from.len()? {
                let path = from.text()?;
                if !look(seat, path, from.slice(STAMP)?) {
                    return Some(false);
                }
            }
        }
        Some(true)
    }

    /// What was seen, and the stamps of the inputs.
    pub(super) fn seen(&self) -> Option<(Seen, Vec<Stamp>)> {
        let mut from = Reader(self.places);
        let (root, declaration) = (from.stamp()?, from.stamp()?);
        let folders = from.list(|from| Some((from.text()?.to_owned(), from.stamp()?)))?;
        let inputs = from.list(|from| from.text().and_then(|_| from.stamp()))?;
        Some((Seen { root, folders, declaration }, inputs))
    }
}

/// What a place in a trace is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Seat {
    /// The asset's root.
    Root,
    /// Its declaration.
    Declaration,
    /// A folder in it that holds inputs.
    Folder,
    /// An input.
    Input,
}

/// The folders on the way to roots.
#[derive(Default)]
struct Ways {
    in_order: Vec<String>,
    places: BTreeMap<String, usize>,
}

impl Ways {
    /// The place of the folder that holds that one.
    fn above(&mut self, root: &str) -> Option<usize> {
        let (above, _) = root.rsplit_once('/')?;
        if let Some(known) = self.places.get(above) {
            return Some(*known);
        }
        self.above(above);
        let place = self.in_order.len();
        self.in_order.push(above.to_owned());
        self.places.insert(above.to_owned(), place);
        Some(place)
    }
}

impl Writer {
    fn head(&mut self, head: &Head) {
        let Head { started, set, pack_digest, registry } = head;
        self.u64(*started);
        set.iter().for_each(|stamp| self.stamp(stamp));
        self.text(pack_digest);
        self.option(registry.as_ref(), |to, (stamp, digest)| {
            to.stamp(stamp);
            to.digest(digest);
        });
    }

    fn trace(&mut self, asset: &RecordedAsset, way: Option<usize>, started: u64) {
        let RecordedAsset { asset_id, asset_uuid, root, facts, seen, .. } = asset;
        self.u32(asset_id.get());
        self.0.extend_from_slice(asset_uuid.as_bytes());
        self.text(root.as_str());
        self.len(way.map_or(0, |way| way + 1));
        self.0.push(u8::from(seen.is_some()));
        self.0.push(u8::from(seen.as_ref().is_some_and(|seen| is_proof(seen, &facts.inputs, started))));
        let nothing = || {
            let (root, declaration) = (Stamp::default(), Stamp::default());
            Seen { root, folders: Vec::new(), declaration }
        };
        let seen = seen.clone().unwrap_or_else(nothing);
        self.stamp(&seen.root);
        self.stamp(&seen.declaration);
        self.list(&seen.folders, |to, (folder, stamp)| {
            to.text(folder);
            to.stamp(stamp);
        });
        self.list(&facts.inputs, |to, input| {
            to.text(&input.file);
            to.stamp(&input.stamp);
        });
    }
}

impl<'b> Reader<'b> {
    fn head(&mut self) -> Option<Head> {
        Some(Head {
            started: self.u64()?,
            set: [self.stamp()?, self.stamp()?, self.stamp()?, self.stamp()?],
            pack_digest: self.text()?.to_owned(),
            registry: self.option(|from| Some((from.stamp()?, from.digest()?)))?,
        })
    }

    fn trace(mut self) -> Option<Trace<'b>> {
        let (asset_id, asset_uuid, root) = (self.u32()?, self.take()?, self.text()?);
        let way = self.len()?.checked_sub(1);
        let (is_seen, is_proof) = (self.u8()? != 0, self.u8()? != 0);
        Some(Trace { asset_id, asset_uuid, root, way, is_seen, is_proof, places: self.0 })
    }
}

/// Whether every stamp was old enough for who began at `started`.
fn is_proof(seen: &Seen, inputs: &[InputFacts], started: u64) -> bool {
    let Seen { root, folders, declaration, .. } = seen;
    let folders = folders.iter().map(|(_, stamp)| stamp);
    let inputs = inputs.iter().map(|input| &input.stamp);
    [root, declaration].into_iter().chain(folders).chain(inputs).all(|stamp| is_old_enough(stamp, started))
}
