//! The companions: what tools may read instead of the pack.
//!
//! `asset_table.json` and `preload.json` mirror the header's two members byte for byte. What only
//! tools want (uuids, roots, digests of inputs, the pipeline) stands in `asset_table_metadata.json`
//! and never in the pack. Canonical JSON, no clock.

use std::fmt::Write as _;

use packer_format::Header;
use packer_format::json;

use super::contents::Content;
use super::emit::Payload;
use super::{METADATA, PRELOAD, TABLE};
use crate::digest::{Digest, Hasher};
use crate::snapshot::Snapshot;

/// What the companions of a pack say.
#[derive(Clone, Copy)]
pub(crate) struct Companions<'c, 'a> {
    pub(crate) header: &'c Header,
    pub(crate) pack_digest: &'c str,
    pub(crate) contents: &'c [Content<'a>],
    pub(crate) payloads: &'c [Payload],
    pub(crate) snapshot: &'c Snapshot,
}

impl Companions<'_, '_> {
    /// Each with its name, in the order of [`SET`](super::SET). Of many assets they are long: one is made at a time.
    pub(crate) fn each(&self) -> impl Iterator<Item = (&'static str, String)> {
        let text = |name| match name {
            TABLE => self.header.asset_table_json(),
            PRELOAD => self.header.preload_json(),
            _ => self.metadata(),
        };
        [TABLE, PRELOAD, METADATA].into_iter().map(move |name| (name, text(name)))
    }

    fn metadata(&self) -> String {
        let mut metadata = Text("{\"assets\":[".to_owned());
        for (n, (content, payload)) in self.contents.iter().zip(self.payloads).enumerate() {
            if n > 0 {
                metadata.raw(",");
            }
            describe(&mut metadata, content, payload.digest, self.snapshot);
        }
        metadata.raw("],\"pack\":{\"digest\":");
        metadata.string(self.pack_digest);
        metadata.raw(",\"size\":");
        metadata.shown(self.header.file_len());
        metadata.raw("},\"schema_version\":1}");
        metadata.0
    }
}

/// One asset, its members in the order of their code points: an object of canonical JSON.
fn describe(out: &mut Text, content: &Content<'_>, payload: Digest, snapshot: &Snapshot) {
    let entry = &snapshot.assets[content.asset].entry;
    let facts = &content.facts;
    // Artifacts first, then the rest as declared. A bank may have 65,536 inputs.
    let mut order: Vec<usize> = Vec::with_capacity(facts.inputs.len());
    let mut listed = vec![false; facts.inputs.len()];
    for n in facts.artifacts.iter().map(|artifact| artifact.input).chain(0..listed.len()) {
        if !std::mem::replace(&mut listed[n], true) {
            order.push(n);
        }
    }
    let mut together = Hasher::default();
    for n in &order {
        // Every digest is known: the payload was made from them, or kept because of them.
        if let Some(digest) = facts.inputs[*n].digest {
            together.update(digest.as_bytes());
        }
    }
    out.raw("{\"asset_id\":");
    out.shown(entry.asset_id.get());
    out.member("asset_name", &facts.name);
    out.member("asset_uuid", &entry.asset_uuid.to_string());
    out.member("family", facts.family.name());
    out.member("format", facts.family.format());
    out.member("input_digest", &together.finish().to_string());
    out.raw(",\"inputs\":[");
    for (n, input) in order.iter().map(|n| &facts.inputs[*n]).enumerate() {
        out.raw(if n > 0 { ",{\"file\":" } else { "{\"file\":" });
        out.string(&input.file);
        out.member("role", &input.role);
        match input.digest {
            Some(digest) => out.member("sha256", &digest.to_string()),
            None => out.raw(",\"sha256\":null"),
        }
        out.raw(",\"size\":");
        out.shown(input.stamp.size);
        out.raw("}");
    }
    out.raw("]");
    out.member("payload_sha256", &payload.to_string());
    out.raw(",\"pipeline\":");
    out.raw(facts.pipeline.as_deref().unwrap_or("null"));
    out.member("root", entry.root.as_str());
    out.raw("}");
}

/// A text of canonical JSON in the making.
struct Text(String);

impl Text {
    fn raw(&mut self, text: &str) {
        self.0.push_str(text);
    }

    fn shown(&mut self, number: impl std::fmt::Display) {
        write!(self.0, "{number}").expect("a string takes everything");
    }

    fn string(&mut self, text: &str) {
        json::write_string(text, &mut self.0).expect("a string takes everything");
    }

    fn member(&mut self, key: &str, value: &str) {
        self.raw(",\"");
        self.raw(key);
        self.raw("\":");
        self.string(value);
    }
}
