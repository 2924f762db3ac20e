//! The record: what was known of the last pack, so that unchanged assets need not be read again.
//!
//! | what a payload depends on | kept as |
//! | --- | --- |
//! | type, format and `Family::version` | in the asset's key |
//! | `output.metadata`, `output.pipeline` | in the asset's key, by value: layout and order of members do not count |
//! | which inputs there are, in which order, and `artifacts` | in the asset's key |
//! | each input's content | stamp and SHA-256 |
//!
//! An asset's root and uuid are kept as well: no payload depends on them, but a companion does, so
//! that a set is kept only where they are the same.
//!
//! Not in it, because they reach the header alone, which is planned anew each time: name, preload,
//! `output.codec_configuration`, the asset's id.
//!
//! A stamp that is equal means "surely unchanged" only when it is older than the record by more
//! than [`RACY_MILLIS`] (git's rule): a file can be written twice within one tick of the file
//! system's clock. A younger one, and one that differs, is settled by the content's digest.
//!
//! The record is never an authority. It carries its own digest, and one that is damaged, of another
//! packer version or about another place is as good as none. Its folder is not synced:
//! losing it costs time.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use packer_format::json::{self, Object, Value};

use crate::diagnostics::{Anchor, Code, Finding, Pointer};
use crate::digest::Digest;
use crate::family::{Family, NumberedArtifact, Probe};
use crate::id::{AssetId, AssetUuid, OperationId};
use crate::path::AssetPath;
use crate::schema::declaration::Declaration;
use crate::schema::json::{Kind, Node};
use crate::storage::{Rename, Stamp, Storage, read_up_to, write_synced};
use crate::workspace::layout::temporary_name;

/// How much older than the record a stamp must be to be believed: coarser than the clock of every
/// file system in use (FAT counts in two seconds).
pub(crate) const RACY_MILLIS: u64 = 2_000;

/// The largest record that is read.
const LIMIT: u64 = 256 << 20;

/// What was known of the last pack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Record {
    /// When the operation began that wrote it, in milliseconds since 1970.
    pub(crate) started: u64,
    /// The stamps of the published set, by [`super::SET`].
    pub(crate) set: [Stamp; 4],
    /// `pack.digest`.
    pub(crate) pack_digest: String,
    /// The assets of that pack.
    pub(crate) assets: BTreeMap<AssetId, RecordedAsset>,
}

/// What was known of one asset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RecordedAsset {
    /// Where it lay.
    pub(crate) root: AssetPath,
    /// Its anchor.
    pub(crate) asset_uuid: AssetUuid,
    /// The digest of everything but the inputs' content that the payload depends on.
    pub(crate) key: Digest,
    /// The inputs in declared order.
    pub(crate) inputs: Vec<RecordedInput>,
    /// What the family told of it.
    pub(crate) probe: Probe,
    /// The digest of its payload.
    pub(crate) payload: Digest,
    /// Warnings that came with it.
    pub(crate) warnings: Vec<Finding>,
}

/// What was known of one input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RecordedInput {
    /// Its stamp.
    pub(crate) stamp: Stamp,
    /// Its content.
    pub(crate) digest: Digest,
}

/// The digest of everything that a payload depends on, but for the inputs' content.
pub(crate) fn key(declaration: &Declaration, family: &dyn Family) -> Digest {
    let text = |text: &str| Value::String(text.to_owned());
    let inputs =
        declaration.inputs.iter().map(|input| Value::Array(vec![text(&input.role), text(&input.file)]));
    let artifacts = declaration.artifacts.iter().flatten();
    let artifacts =
        artifacts.map(|artifact| Value::Array(vec![text(&artifact.file), Value::Int(artifact.index.into())]));
    let key = Value::Array(vec![
        text(family.name()),
        text(family.format()),
        Value::Int(family.version().into()),
        Value::Object(declaration.metadata.clone()),
        declaration.pipeline.as_ref().map_or(Value::Null, value),
        Value::Array(inputs.collect()),
        if declaration.artifacts.is_some() { Value::Array(artifacts.collect()) } else { Value::Null },
    ]);
    Digest::of(json::to_string(&key).as_bytes())
}

/// A person's JSON by value. A number keeps its spelling, marked, since it need not be an integer.
fn value(node: &Node) -> Value {
    match &node.kind {
        Kind::Null => Value::Null,
        Kind::Bool(yes) => Value::Bool(*yes),
        Kind::Number(digits) => {
            Value::Object(Object::from([("number".to_owned(), Value::String(digits.clone()))]))
        }
        Kind::String(text) => Value::String(text.clone()),
        Kind::Array(items) => Value::Array(items.iter().map(value).collect()),
        Kind::Object(members) => {
            let members = members
                .iter()
                .map(|member| Value::Array(vec![Value::String(member.key.clone()), value(&member.value)]));
            let mut members: Vec<Value> = members.collect();
            members.sort_by_cached_key(json::to_string);
            Value::Object(Object::from([("members".to_owned(), Value::Array(members))]))
        }
    }
}

/// Whether a stamp is old enough, at the start of the operation that recorded it, to stand for the
/// content.
pub(crate) fn is_old_enough(stamp: &Stamp, started: u64) -> bool {
    let latest = i128::from(started.saturating_sub(RACY_MILLIS)) * 1_000_000;
    stamp.modified < latest && stamp.changed < latest
}

/// Where the record about the set in `out` lies, in a folder that others may share.
pub(crate) fn record_path(cache: &Path, out: &Path) -> PathBuf {
    let name = Digest::of(out.as_os_str().as_encoded_bytes()).to_string();
    cache.join(format!("pack-{}.record", &name[..16]))
}

impl Record {
    /// The record at `path`, unless it is absent, damaged or another packer's.
    pub(crate) fn read(storage: &dyn Storage, path: &Path) -> Option<Self> {
        let (bytes, _) = read_up_to(storage, path, LIMIT).ok()?;
        let (digest, body) = bytes.split_at_checked(65)?;
        let digest = Digest::parse(std::str::from_utf8(digest).ok()?.strip_suffix('\n')?)?;
        if Digest::of(body) != digest {
            return None;
        }
        decode(&json::read(body).ok()?)
    }

    /// Writes it in one step. What stands in the way of that is no failure of the pack.
    pub(crate) fn write(&self, storage: &dyn Storage, path: &Path, operation: OperationId) {
        let body = json::to_string(&encode(self));
        let bytes = format!("{}\n{body}", Digest::of(body.as_bytes()));
        let (Some(folder), Some(name)) = (path.parent(), path.file_name().and_then(|name| name.to_str()))
        else {
            return;
        };
        let temporary = folder.join(temporary_name(name, operation));
        let written = super::publish::create_dirs(storage, folder)
            .and_then(|()| write_synced(storage, &temporary, bytes.as_bytes()))
            .and_then(|()| storage.rename(&temporary, path, Rename::Replace));
        if written.is_err() {
            drop(storage.remove(&temporary));
            // An old record beside a new pack would only cost time; none is clearer.
            drop(storage.remove(path));
        }
    }
}

/// The packer that may use a record: this one.
const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), "/2");

fn encode(record: &Record) -> Value {
    let assets = record.assets.iter().map(|(id, asset)| {
        let inputs = asset.inputs.iter().map(|input| {
            Value::Array(vec![encode_stamp(&input.stamp), Value::String(input.digest.to_string())])
        });
        let artifacts = asset.probe.artifacts.iter().map(|artifact| {
            let numbers = [artifact.input as u64, artifact.index.into(), artifact.count.into()];
            Value::Array(numbers.into_iter().map(number).collect())
        });
        Value::Array(vec![
            number(id.get().into()),
            Value::String(asset.root.to_string()),
            Value::String(asset.asset_uuid.to_string()),
            Value::String(asset.key.to_string()),
            Value::Array(inputs.collect()),
            Value::Array(artifacts.collect()),
            number(asset.probe.size),
            number(asset.probe.decoded_size),
            Value::Object(asset.probe.metadata.clone()),
            Value::String(asset.payload.to_string()),
            Value::Array(asset.warnings.iter().map(encode_finding).collect()),
        ])
    });
    Value::Array(vec![
        Value::String(VERSION.to_owned()),
        number(record.started),
        Value::Array(record.set.iter().map(encode_stamp).collect()),
        Value::String(record.pack_digest.clone()),
        Value::Array(assets.collect()),
    ])
}

fn decode(value: &Value) -> Option<Record> {
    let [version, started, set, pack_digest, assets] = value.as_array()? else { return None };
    if version.as_str()? != VERSION {
        return None;
    }
    let set: Option<Vec<Stamp>> = set.as_array()?.iter().map(decode_stamp).collect();
    let assets: Option<BTreeMap<_, _>> = assets.as_array()?.iter().map(decode_asset).collect();
    Some(Record {
        started: count(started)?,
        set: set?.try_into().ok()?,
        pack_digest: pack_digest.as_str()?.to_owned(),
        assets: assets?,
    })
}

fn decode_asset(value: &Value) -> Option<(AssetId, RecordedAsset)> {
    let [id, root, asset_uuid, key, inputs, artifacts, size, decoded_size, metadata, payload, warnings] =
        value.as_array()?
    else {
        return None;
    };
    let inputs = inputs.as_array()?.iter().map(|input| {
        let [stamp, digest] = input.as_array()? else { return None };
        Some(RecordedInput { stamp: decode_stamp(stamp)?, digest: Digest::parse(digest.as_str()?)? })
    });
    let artifacts = artifacts.as_array()?.iter().map(|artifact| {
        let [input, index, number] = artifact.as_array()? else { return None };
        Some(NumberedArtifact {
            input: usize::try_from(count(input)?).ok()?,
            index: u32::try_from(count(index)?).ok()?,
            count: u32::try_from(count(number)?).ok()?,
        })
    });
    let asset = RecordedAsset {
        root: AssetPath::parse(root.as_str()?).ok()?,
        asset_uuid: AssetUuid::parse(asset_uuid.as_str()?)?,
        key: Digest::parse(key.as_str()?)?,
        inputs: inputs.collect::<Option<_>>()?,
        probe: Probe {
            artifacts: artifacts.collect::<Option<_>>()?,
            size: count(size)?,
            decoded_size: count(decoded_size)?,
            metadata: metadata.as_object()?.clone(),
        },
        payload: Digest::parse(payload.as_str()?)?,
        warnings: warnings.as_array()?.iter().map(decode_finding).collect::<Option<_>>()?,
    };
    Some((AssetId::try_from(count(id)?).ok()?, asset))
}

/// Numbers of a file system may be above what JSON holds exactly; they are written as text.
fn number(n: u64) -> Value {
    Value::String(n.to_string())
}

fn count(value: &Value) -> Option<u64> {
    value.as_str()?.parse().ok()
}

fn encode_stamp(stamp: &Stamp) -> Value {
    let Stamp { size, modified, changed, inode, device } = stamp;
    Value::String(format!("{size} {modified} {changed} {inode} {device}"))
}

fn decode_stamp(value: &Value) -> Option<Stamp> {
    let mut parts = value.as_str()?.split(' ');
    let stamp = Stamp {
        size: parts.next()?.parse().ok()?,
        modified: parts.next()?.parse().ok()?,
        changed: parts.next()?.parse().ok()?,
        inode: parts.next()?.parse().ok()?,
        device: parts.next()?.parse().ok()?,
    };
    parts.next().is_none().then_some(stamp)
}

fn encode_finding(finding: &Finding) -> Value {
    let (kind, place) = match &finding.anchor {
        Anchor::Key(pointer) => ("key", pointer.to_string()),
        Anchor::Value(pointer) => ("value", pointer.to_string()),
        Anchor::Input(n) => ("input", n.to_string()),
        // Bytes are of a text that may be gone; a finding about content never has them.
        Anchor::File | Anchor::Bytes(_) => ("file", String::new()),
    };
    let optional = |text: &Option<String>| text.clone().map_or(Value::Null, Value::String);
    Value::Array(vec![
        Value::String(finding.code.as_str().to_owned()),
        Value::String(kind.to_owned()),
        Value::String(place),
        Value::String(finding.message.clone()),
        optional(&finding.label),
        optional(&finding.help),
    ])
}

fn decode_finding(value: &Value) -> Option<Finding> {
    let [code, kind, place, message, label, help] = value.as_array()? else { return None };
    let code = code.as_str()?;
    let place = place.as_str()?;
    let anchor = match kind.as_str()? {
        "key" => Anchor::Key(Pointer::parse(place)?),
        "value" => Anchor::Value(Pointer::parse(place)?),
        "input" => Anchor::Input(place.parse().ok()?),
        "file" => Anchor::File,
        _ => return None,
    };
    let optional = |value: &Value| value.as_str().map(str::to_owned);
    Some(Finding {
        code: *Code::ALL.iter().find(|known| known.as_str() == code)?,
        anchor,
        message: message.as_str()?.to_owned(),
        label: optional(label),
        help: optional(help),
    })
}
