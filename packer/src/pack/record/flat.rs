//! The record as bytes.
//!
//! ```text
//! checksum: u64 │ version of the packer │ project │ folder of the set │ the record's own members
//! ```
//!
//! Numbers are little-endian and of fixed width, lists and texts begin with their length. The checksum
//! is std's hash of all that follows it, which is compiled with optimisation wherever we run: it tells
//! accidents, and a build with another compiler, whose hash may differ, makes a new record.

use std::hash::Hasher as _;
use std::path::Path;
use std::sync::Arc;

use super::{Record, RecordedAsset, Seen};
use crate::diagnostics::{Anchor, Code, Finding, Pointer};
use crate::digest::Digest;
use crate::family::{self, NumberedArtifact};
use crate::id::{AssetId, AssetUuid};
use crate::pack::facts::{Facts, InputFacts};
use crate::pack::fingerprint::Key;
use crate::path::AssetPath;
use crate::storage::Stamp;

/// The packer that may use a record: this one.
const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), "/3");

/// The record as bytes, about the assets in `assets` and the set in `out`.
pub(super) fn encode(record: &Record, assets: &Path, out: &Path) -> Vec<u8> {
    let mut to = Writer(vec![0; 8]);
    to.text(VERSION);
    to.bytes(assets.as_os_str().as_encoded_bytes());
    to.bytes(out.as_os_str().as_encoded_bytes());
    to.u64(record.started);
    record.set.iter().for_each(|stamp| to.stamp(stamp));
    to.text(&record.pack_digest);
    to.option(record.registry.as_ref(), Writer::stamp);
    to.list(&record.assets, |to, asset| to.asset(asset));
    let checksum = checksum(&to.0[8..]).to_le_bytes();
    to.0[..8].copy_from_slice(&checksum);
    to.0
}

/// What [`encode`] made of a record about these places.
pub(super) fn decode(bytes: &[u8], assets: &Path, out: &Path) -> Option<Record> {
    let (sum, body) = bytes.split_first_chunk::<8>()?;
    if u64::from_le_bytes(*sum) != checksum(body) {
        return None;
    }
    let mut from = Reader(body);
    let is_ours = from.text()? == VERSION
        && from.bytes()? == assets.as_os_str().as_encoded_bytes()
        && from.bytes()? == out.as_os_str().as_encoded_bytes();
    if !is_ours {
        return None;
    }
    let record = Record {
        started: from.u64()?,
        set: [from.stamp()?, from.stamp()?, from.stamp()?, from.stamp()?],
        pack_digest: from.text()?.to_owned(),
        registry: from.option(Reader::stamp)?,
        assets: from.list(|from| from.asset().map(Arc::new))?,
    };
    from.0.is_empty().then_some(record)
}

pub(super) fn checksum(bytes: &[u8]) -> u64 {
    let mut hasher = std::hash::DefaultHasher::new();
    hasher.write(bytes);
    hasher.finish()
}

/// Appends.
struct Writer(Vec<u8>);

impl Writer {
    fn u32(&mut self, n: u32) {
        self.0.extend_from_slice(&n.to_le_bytes());
    }

    fn u64(&mut self, n: u64) {
        self.0.extend_from_slice(&n.to_le_bytes());
    }

    fn len(&mut self, n: usize) {
        self.u64(n as u64);
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.len(bytes.len());
        self.0.extend_from_slice(bytes);
    }

    fn text(&mut self, text: &str) {
        self.bytes(text.as_bytes());
    }

    fn list<T>(&mut self, items: &[T], mut one: impl FnMut(&mut Self, &T)) {
        self.len(items.len());
        items.iter().for_each(|item| one(self, item));
    }

    fn option<T>(&mut self, value: Option<&T>, one: impl FnOnce(&mut Self, &T)) {
        self.0.push(u8::from(value.is_some()));
        if let Some(value) = value {
            one(self, value);
        }
    }

    fn stamp(&mut self, stamp: &Stamp) {
        let Stamp { size, modified, changed, inode, device } = stamp;
        self.u64(*size);
        self.0.extend_from_slice(&modified.to_le_bytes());
        self.0.extend_from_slice(&changed.to_le_bytes());
        self.u64(*inode);
        self.u64(*device);
    }

    fn digest(&mut self, digest: &Digest) {
        self.0.extend_from_slice(digest.as_bytes());
    }

    fn asset(&mut self, asset: &RecordedAsset) {
        let RecordedAsset { asset_id, asset_uuid, root, facts, payload, offset, warnings, seen } = asset;
        self.u32(asset_id.get());
        self.0.extend_from_slice(asset_uuid.as_bytes());
        self.text(root.as_str());
        self.facts(facts);
        self.digest(payload);
        self.u64(*offset);
        self.list(warnings, Self::finding);
        self.option(seen.as_ref(), |to, seen| {
            to.stamp(&seen.root);
            to.list(&seen.folders, |to, (folder, stamp)| {
                to.text(folder);
                to.stamp(stamp);
            });
            to.stamp(&seen.declaration);
        });
    }

    fn facts(&mut self, facts: &Facts) {
        let Facts { name, family, preload, key, inputs, artifacts, .. } = facts;
        let Facts { size, decoded_size, derived, metadata, pipeline, .. } = facts;
        self.text(name);
        self.text(family.name());
        self.u32(family.version());
        self.0.push(u8::from(*preload));
        key.0.iter().for_each(|part| self.0.extend_from_slice(part));
        self.list(inputs, |to, input| {
            to.text(&input.role);
            to.text(&input.file);
            to.stamp(&input.stamp);
            to.option(input.digest.as_ref(), Self::digest);
        });
        self.list(artifacts, |to, artifact| {
            to.len(artifact.input);
            to.u32(artifact.index);
            to.u32(artifact.count);
        });
        self.u64(*size);
        self.u64(*decoded_size);
        self.text(derived);
        self.text(metadata);
        self.option(pipeline.as_ref(), |to, pipeline| to.text(pipeline));
    }

    fn finding(&mut self, finding: &Finding) {
        let (kind, place) = match &finding.anchor {
            Anchor::Key(pointer) => (0, pointer.to_string()),
            Anchor::Value(pointer) => (1, pointer.to_string()),
            Anchor::Input(n) => (2, n.to_string()),
            // Bytes are of a text that may be gone; a finding about content never has them.
            Anchor::File | Anchor::Bytes(_) => (3, String::new()),
        };
        self.text(finding.code.as_str());
        self.0.push(kind);
        self.text(&place);
        self.text(&finding.message);
        self.option(finding.label.as_ref(), |to, text| to.text(text));
        self.option(finding.help.as_ref(), |to, text| to.text(text));
    }
}

/// Takes from the front.
struct Reader<'b>(&'b [u8]);

impl<'b> Reader<'b> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*taken)
    }

    fn u8(&mut self) -> Option<u8> {
        self.take::<1>().map(|[byte]| byte)
    }

    fn u32(&mut self) -> Option<u32> {
        self.take().map(u32::from_le_bytes)
    }

    fn u64(&mut self) -> Option<u64> {
        self.take().map(u64::from_le_bytes)
    }

    fn len(&mut self) -> Option<usize> {
        usize::try_from(self.u64()?).ok()
    }

    fn bytes(&mut self) -> Option<&'b [u8]> {
        let len = self.len()?;
        let (taken, rest) = self.0.split_at_checked(len)?;
        self.0 = rest;
        Some(taken)
    }

    fn text(&mut self) -> Option<&'b str> {
        std::str::from_utf8(self.bytes()?).ok()
    }

    fn list<T>(&mut self, mut one: impl FnMut(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        let len = self.len()?;
        // Each item has a byte at least: nothing is allocated by a number alone.
        let mut items = Vec::with_capacity(len.min(self.0.len() / 8));
        for _ in 0..len {
            items.push(one(self)?);
        }
        Some(items)
    }

    #[expect(clippy::option_option, reason = "no value, and no value that can be read, are two things")]
    fn option<T>(&mut self, one: impl FnOnce(&mut Self) -> Option<T>) -> Option<Option<T>> {
        match self.u8()? {
            0 => Some(None),
            1 => one(self).map(Some),
            _ => None,
        }
    }

    fn stamp(&mut self) -> Option<Stamp> {
        Some(Stamp {
            size: self.u64()?,
            modified: i128::from_le_bytes(self.take()?),
            changed: i128::from_le_bytes(self.take()?),
            inode: self.u64()?,
            device: self.u64()?,
        })
    }

    fn digest(&mut self) -> Option<Digest> {
        self.take().map(Digest::from_bytes)
    }

    fn asset(&mut self) -> Option<RecordedAsset> {
        Some(RecordedAsset {
            asset_id: AssetId::try_from(u64::from(self.u32()?)).ok()?,
            asset_uuid: AssetUuid::from_bytes(self.take()?),
            root: AssetPath::parse(self.text()?).ok()?,
            facts: Arc::new(self.facts()?),
            payload: self.digest()?,
            offset: self.u64()?,
            warnings: self.list(Self::finding)?,
            seen: self.option(|from| {
                Some(Seen {
                    root: from.stamp()?,
                    folders: from.list(|from| Some((from.text()?.to_owned(), from.stamp()?)))?,
                    declaration: from.stamp()?,
                })
            })?,
        })
    }

    fn facts(&mut self) -> Option<Facts> {
        let (name, family) = (self.text()?.to_owned(), family::by_name(self.text()?)?);
        // One that encodes otherwise by now has another version: then nothing on record holds.
        if self.u32()? != family.version() {
            return None;
        }
        let preload = self.u8()? != 0;
        let key = Key([self.take()?, self.take()?, self.take()?, self.take()?, self.take()?]);
        let inputs = self.list(|from| {
            Some(InputFacts {
                role: from.text()?.to_owned(),
                file: from.text()?.to_owned(),
                stamp: from.stamp()?,
                digest: from.option(Self::digest)?,
            })
        })?;
        let count = inputs.len();
        let artifacts = self.list(|from| {
            let input = from.len().filter(|input| *input < count)?;
            Some(NumberedArtifact { input, index: from.u32()?, count: from.u32()? })
        })?;
        let (size, decoded_size) = (self.u64()?, self.u64()?);
        let (derived, metadata) = (self.text()?.to_owned(), self.text()?.to_owned());
        let pipeline = self.option(|from| from.text().map(str::to_owned))?;
        Some(Facts {
            name,
            family,
            preload,
            key,
            inputs,
            artifacts,
            size,
            decoded_size,
            derived,
            metadata,
            pipeline,
        })
    }

    fn finding(&mut self) -> Option<Finding> {
        let code = self.text()?;
        let kind = self.u8()?;
        let place = self.text()?;
        let anchor = match kind {
            0 => Anchor::Key(Pointer::parse(place)?),
            1 => Anchor::Value(Pointer::parse(place)?),
            2 => Anchor::Input(place.parse().ok()?),
            3 => Anchor::File,
            _ => return None,
        };
        Some(Finding {
            code: *Code::ALL.iter().find(|known| known.as_str() == code)?,
            anchor,
            message: self.text()?.to_owned(),
            label: self.option(|from| from.text().map(str::to_owned))?,
            help: self.option(|from| from.text().map(str::to_owned))?,
        })
    }
}
