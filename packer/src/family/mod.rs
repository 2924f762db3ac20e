//! Families: what a declaration's `type` means, and how its inputs become a payload.
//!
//! One file a family, and one line in [`ALL`]; what a new asset of it begins with is a file and a
//! line in `derive`. A family knows bytes of people's files and bytes of
//! the payload, nothing of folders, registries or packs: it gets the declaration and an [`Inputs`],
//! and answers with findings.
//!
//! Checking is encoding. [`Family::probe`] reads no more than headers and yields what the pack's
//! header needs (sizes, metadata, artifacts); [`Family::encode`] reads each input once, checks it
//! and writes the payload. Validation is an encode into `io::sink()`, so that what was checked and
//! what was packed cannot differ.
//!
//! What families share lies beside them: `numbering` (which input is which artifact), `palette`,
//! `image` and `sheet` (what a bank of pictures is made of), `wav`, `derive` (a new asset out of files
//! that are there), and [`header_metadata`].

mod blob_bank;
#[cfg(feature = "authoring")]
mod derive;
mod glyph_bank;
mod image;
mod numbering;
mod palette;
mod sheet;
mod sound_bank;
#[cfg(test)]
mod tests;
mod wav;

use std::io;
use std::ops::RangeInclusive;

use packer_format::json::{Object, Value};
use packer_format::layout::MAX_METADATA_DEPTH;

use crate::diagnostics::{Anchor, Code, Finding, Pointer};
use crate::schema::declaration::Declaration;

#[cfg(feature = "authoring")]
pub use derive::{Derived, NewAsset, NewInput, Starter, new_asset};
#[cfg(feature = "authoring")]
pub(crate) use derive::{made, proof};

/// Every family, in the order in which they are listed to people.
pub const ALL: &[&dyn Family] = &[
    &glyph_bank::GlyphBank, // sprites, tiles, fonts
    &sound_bank::SoundBank, // effects, music in loops
    &blob_bank::BlobBank,   // everything that is bytes to the packer
];

/// A kind of asset.
pub trait Family: Sync {
    /// The declaration's `type`.
    fn name(&self) -> &'static str;

    /// The declaration's `output.format`.
    fn format(&self) -> &'static str;

    /// `bank_type` in the pack's table.
    fn bank_type(&self) -> &'static str;

    /// The version of what [`Family::encode`] writes: raised with every change of its bytes, so
    /// that no payload of an older packer is reused.
    fn version(&self) -> u32;

    /// The most bytes that an input may have.
    fn input_limit(&self) -> u64;

    /// How many artifacts an asset of this declaration may have.
    fn artifact_limits(&self, declaration: &Declaration) -> RangeInclusive<u32>;

    /// Whether an input may hold several artifacts, as many as its content says: a sheet's tiles.
    /// Where `artifacts` does not state the indices, they then follow from the files.
    fn artifacts_follow_content(&self) -> bool {
        false
    }

    /// How many artifacts an input holds, from its header; `None` after a finding that says why
    /// nobody knows. One, unless [`Family::artifacts_follow_content`].
    ///
    /// # Errors
    ///
    /// [`Stop`] where the input could not be read.
    fn count_artifacts(
        &self,
        _declaration: &Declaration,
        _input: usize,
        _inputs: &mut dyn Inputs,
        _findings: &mut Vec<Finding>,
    ) -> Result<Option<u32>, Stop> {
        Ok(Some(1))
    }

    /// Whether [`Family::encode`] finds what is wrong with content that [`Family::probe`] let pass: the
    /// colours of pictures.
    fn encode_looks_into_content(&self) -> bool {
        false
    }

    /// The input whose bytes are the payload, whole and nothing else, where there is one: it is hashed
    /// once for both.
    fn payload_is_input(&self, _artifacts: &[NumberedArtifact]) -> Option<usize> {
        None
    }

    /// Sizes, metadata and artifacts, from the declaration and the headers of its inputs.
    ///
    /// Pushes everything that is wrong so far to `findings`, and yields `None` when no payload can
    /// be planned because of it. What the declaration alone shows of its artifacts (a file that is
    /// no input, an index that is stated twice) the rules have told: that is `None` without a word.
    ///
    /// # Errors
    ///
    /// [`Stop`] where an input could not be read.
    fn probe(
        &self,
        declaration: &Declaration,
        inputs: &mut dyn Inputs,
        findings: &mut Vec<Finding>,
    ) -> Result<Option<Probe>, Stop>;

    /// Reads, checks and writes the payload: exactly [`Probe::size`] bytes, unless it pushes a
    /// finding of an error's severity, after which what was written is worthless. `probe` is what
    /// [`Family::probe`] gave for this very declaration and these files.
    ///
    /// # Errors
    ///
    /// [`Stop`] where an input could not be read or the payload could not be written.
    fn encode(
        &self,
        declaration: &Declaration,
        probe: &Probe,
        inputs: &mut dyn Inputs,
        payload: &mut dyn io::Write,
        findings: &mut Vec<Finding>,
    ) -> Result<(), Stop>;
}

/// What the pack's header needs to know of an asset before its payload is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probe {
    /// The artifacts by increasing index.
    pub artifacts: Vec<NumberedArtifact>,
    /// Bytes in the payload region.
    pub size: u64,
    /// Bytes resident after the runtime's decode.
    pub decoded_size: u64,
    /// What the family derives, and nothing else: a member that it asks for in `output.metadata`
    /// (`tile_size`) reaches the pack from there and is not repeated here. So a key that stands
    /// in both is a collision, which [`header_metadata`] reports.
    pub metadata: Object,
}

/// One input with the indices that it fills.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NumberedArtifact {
    /// Which input of the declaration.
    pub input: usize,
    /// Its index, for a sheet that of the first cell.
    pub index: u32,
    /// How many indices it takes: 1, or a sheet's cells.
    pub count: u32,
}

/// The input files of one asset, by their position in [`Declaration::inputs`].
///
/// The rules about inputs have passed before a family sees them: each is a regular file inside its
/// root and within its size limit.
pub trait Inputs {
    /// Bytes of the file.
    fn len(&self, input: usize) -> u64;

    /// Fills `buffer` from the start of the file; yields how much was there.
    ///
    /// # Errors
    ///
    /// [`Stop`] as for [`Inputs::read_at`].
    fn head(&mut self, input: usize, buffer: &mut [u8]) -> Result<usize, Stop> {
        self.read_at(input, 0, buffer)
    }

    /// Fills `buffer` from `offset` on; yields how much was there, which is less only at the end.
    ///
    /// # Errors
    ///
    /// [`Stop`] when the file cannot be read, or is not what it was when it was loaded.
    fn read_at(&mut self, input: usize, offset: u64, buffer: &mut [u8]) -> Result<usize, Stop>;

    /// The whole file.
    ///
    /// # Errors
    ///
    /// [`Stop`] when the file cannot be read, or is not what it was when it was loaded.
    fn read(&mut self, input: usize) -> Result<Vec<u8>, Stop>;

    /// The whole file into `out`, in pieces of bounded size.
    ///
    /// # Errors
    ///
    /// [`Stop`] as for [`Inputs::read`], and when `out` fails.
    fn copy(&mut self, input: usize, out: &mut dyn io::Write) -> Result<(), Stop>;
}

/// Why an encode did not come to its end.
#[derive(Debug)]
pub enum Stop {
    /// The input cannot be used; the finding says why.
    Input(Finding),
    /// The input changed while it was read: load again and start over.
    Changed {
        /// Which input of the declaration.
        input: usize,
    },
    /// The payload could not be written.
    Payload(io::Error),
    /// Nobody wants it any more: the operation was asked to stop.
    Cancelled,
}

pub(crate) use numbering::{count, deciding_inputs, first_indices};

/// What was read of an input; `None` where the input cannot be used, which is then among the
/// findings: the others are looked at all the same.
fn told<T>(read: Result<T, Stop>, findings: &mut Vec<Finding>) -> Result<Option<T>, Stop> {
    match read {
        Ok(read) => Ok(Some(read)),
        Err(Stop::Input(finding)) => {
            if !findings.contains(&finding) {
                findings.push(finding);
            }
            Ok(None)
        }
        Err(stop) => Err(stop),
    }
}

/// The family of that name.
#[must_use]
pub fn by_name(name: &str) -> Option<&'static dyn Family> {
    ALL.iter().copied().find(|family| family.name() == name)
}

/// The family whose format has that name.
#[must_use]
pub fn by_format(format: &str) -> Option<&'static dyn Family> {
    ALL.iter().copied().find(|family| family.format() == format)
}

/// The family whose payloads have that `bank_type`.
#[cfg(feature = "authoring")]
#[must_use]
pub fn by_bank_type(bank_type: &str) -> Option<&'static dyn Family> {
    ALL.iter().copied().find(|family| family.bank_type() == bank_type)
}

/// The `metadata` object of the pack's header: `output.metadata` at its root,
/// `output.codec_configuration` under `codec`, and what the family derived at the root.
///
/// Pushes `metadata-collision` for each key that has two sources; the object then holds the
/// packer's value of it and is of no use but to look at.
#[must_use]
pub fn header_metadata(declaration: &Declaration, probe: &Probe, findings: &mut Vec<Finding>) -> Object {
    let mut added = probe.metadata.clone();
    if let Some(configuration) = &declaration.codec_configuration {
        added.insert(CODEC.to_owned(), Value::Object(configuration.clone()));
    }
    for key in declaration.metadata.keys().filter(|key| added.contains_key(key)) {
        let source = if key == CODEC {
            "`output.codec_configuration` is placed there".to_owned()
        } else {
            format!("a `{}` derives it from its inputs", declaration.family)
        };
        let anchor = Anchor::Key(Pointer::root().key("output").key("metadata").key(key));
        findings.push(
            Finding::new(
                Code::MetadataCollision,
                anchor,
                format!("the metadata key `{key}` has two sources: {source}"),
            )
            .help(format!("Rename or remove `{key}` in `output.metadata`.")),
        );
    }
    for (member, depth) in [("metadata", MAX_METADATA_DEPTH), ("codec_configuration", MAX_METADATA_DEPTH - 1)]
    {
        let object = match member {
            "metadata" => Some(&declaration.metadata),
            _ => declaration.codec_configuration.as_ref(),
        };
        if object.is_some_and(|object| nesting(object) > depth) {
            let anchor = Anchor::Key(Pointer::root().key("output").key(member));
            let message = format!("`output.{member}` is nested more than {depth} deep");
            let help = "The header of a pack holds no deeper values; flatten them.";
            findings.push(Finding::new(Code::MetadataInvalid, anchor, message).help(help));
        }
    }
    let mut metadata = declaration.metadata.clone();
    metadata.extend(added);
    metadata
}

/// How many objects and arrays lie within each other, this one counted.
fn nesting(object: &Object) -> usize {
    fn of(value: &Value) -> usize {
        match value {
            Value::Object(object) => nesting(object),
            Value::Array(items) => 1 + items.iter().map(of).max().unwrap_or(0),
            _ => 0,
        }
    }
    1 + object.values().map(of).max().unwrap_or(0)
}

/// Where `output.codec_configuration` lands in the header's `metadata`.
pub(crate) const CODEC: &str = "codec";
