//! The companions: what tools may read instead of the pack.
//!
//! `asset_table.json` and `preload.json` mirror the header's two members byte for byte. What only
//! tools want (uuids, roots, digests of inputs, the pipeline) stands in `asset_table_metadata.json`
//! and never in the pack. Canonical JSON, no clock.

use packer_format::Header;
use packer_format::json::{self, Object, Value};

use super::contents::Content;
use super::emit::Payload;
use crate::digest::{Digest, Hasher};
use crate::schema::json::{Kind, Node};
use crate::snapshot::Snapshot;

/// The bytes of the three companions, in the order of [`super::SET`].
pub(crate) fn companions(
    header: &Header,
    pack_digest: &str,
    contents: &mut [Content<'_>],
    payloads: &[Payload],
    snapshot: &Snapshot,
) -> [String; 3] {
    let assets = contents
        .iter_mut()
        .zip(payloads)
        .map(|(content, payload)| describe(content, payload.digest, snapshot));
    let pack = object([("digest", text(pack_digest)), ("size", int(header.file_len()))]);
    let metadata = object([
        ("assets", Value::Array(assets.collect())),
        ("pack", pack),
        ("schema_version", Value::Int(1)),
    ]);
    [header.asset_table_json(), header.preload_json(), json::to_string(&metadata)]
}

fn describe(content: &mut Content<'_>, payload: Digest, snapshot: &Snapshot) -> Value {
    let entry = &snapshot.assets[content.asset].entry;
    // Every digest is known: the payload was made from them, or kept because of them.
    let digest = |content: &mut Content<'_>, n| content.inputs.digest(n).ok();
    let mut order: Vec<usize> = Vec::new();
    let artifacts = content.probe.artifacts.iter().map(|artifact| artifact.input);
    // A bank may have 65,536 inputs.
    let mut listed = vec![false; content.declaration.inputs.len()];
    for n in artifacts.chain(0..listed.len()) {
        if !std::mem::replace(&mut listed[n], true) {
            order.push(n);
        }
    }
    let mut together = Hasher::default();
    let mut inputs = Vec::with_capacity(order.len());
    for n in order {
        let sha256 = digest(content, n);
        if let Some(sha256) = sha256 {
            together.update(sha256.as_bytes());
        }
        let input = &content.declaration.inputs[n];
        inputs.push(object([
            ("file", text(&input.file)),
            ("role", text(&input.role)),
            ("sha256", sha256.map_or(Value::Null, |sha256| text(&sha256.to_string()))),
            ("size", int(content.inputs.stamp(n).size)),
        ]));
    }
    object([
        ("asset_id", int(entry.asset_id.get().into())),
        ("asset_name", text(&content.declaration.name)),
        ("asset_uuid", text(&entry.asset_uuid.to_string())),
        ("family", text(content.family.name())),
        ("format", text(content.family.format())),
        ("input_digest", text(&together.finish().to_string())),
        ("inputs", Value::Array(inputs)),
        ("payload_sha256", text(&payload.to_string())),
        ("pipeline", content.declaration.pipeline.as_ref().map_or(Value::Null, pipeline)),
        ("root", text(entry.root.as_str())),
    ])
}

/// The pipeline as a person wrote it, by value. A number that is no integer of canonical JSON keeps
/// its spelling as a string: this file is for tools alone.
fn pipeline(node: &Node) -> Value {
    match &node.kind {
        Kind::Null => Value::Null,
        Kind::Bool(yes) => Value::Bool(*yes),
        Kind::Number(digits) => {
            let exact = node.as_integer().filter(|n| n.abs() <= json::MAX_INT);
            exact.map_or_else(|| text(digits), Value::Int)
        }
        Kind::String(words) => text(words),
        Kind::Array(items) => Value::Array(items.iter().map(pipeline).collect()),
        Kind::Object(members) => Value::Object(
            members.iter().map(|member| (member.key.clone(), pipeline(&member.value))).collect(),
        ),
    }
}

fn object<const N: usize>(members: [(&str, Value); N]) -> Value {
    Value::Object(members.into_iter().map(|(key, value)| (key.to_owned(), value)).collect::<Object>())
}

fn text(text: &str) -> Value {
    Value::String(text.to_owned())
}

fn int(n: u64) -> Value {
    Value::Int(i64::try_from(n).unwrap_or(i64::MAX))
}
