//! `blob_bank`, `BLOB/raw_v1`: files as they are, for what the packer need not understand.
//!
//! The payload is each file's own bytes in the order of the indices, each from a multiple of 16,
//! the gaps zero. None is held in memory: they are streamed. Nothing of a file is looked at but whether it
//! is the pointer of a large-file store, which nobody means to pack.

use std::io::{self, Write};
use std::ops::RangeInclusive;

use packer_format::json::{self, Value};

use super::numbering::{self, Capacity};
use super::{Family, Inputs, NumberedArtifact, Probe, Stop};
use crate::diagnostics::{Anchor, Code, Finding};
use crate::schema::declaration::Declaration;
use crate::schema::is_large_file_pointer;

/// The family `blob_bank`.
pub(super) struct BlobBank;

/// Where each blob may start.
const ALIGN: u64 = 16;
/// The largest payload, in bytes: a game on a 32-bit host can still address it.
const LIMIT: u64 = u32::MAX as u64;

impl Family for BlobBank {
    fn name(&self) -> &'static str {
        "blob_bank"
    }

    fn format(&self) -> &'static str {
        "BLOB/raw_v1"
    }

    fn bank_type(&self) -> &'static str {
        "BLOB"
    }

    fn version(&self) -> u32 {
        // 2: pointers of a large-file store are refused.
        2
    }

    fn input_limit(&self) -> u64 {
        LIMIT
    }

    fn artifact_limits(&self, _declaration: &Declaration) -> RangeInclusive<u32> {
        1..=65_536
    }

    fn payload_is_input(&self, artifacts: &[NumberedArtifact]) -> Option<usize> {
        match artifacts {
            [only] => Some(only.input),
            _ => None,
        }
    }

    fn probe(
        &self,
        declaration: &Declaration,
        inputs: &mut dyn Inputs,
        findings: &mut Vec<Finding>,
    ) -> Result<Option<Probe>, Stop> {
        let choices = numbering::choose(declaration);
        let counts: Vec<_> = choices.iter().map(|choice| choice.input.map(|_| 1)).collect();
        let capacity = Capacity {
            limits: self.artifact_limits(declaration),
            unit: "blobs",
            cure: "Split the asset into two banks.".to_owned(),
        };
        let Some(artifacts) = numbering::number(declaration, &choices, &counts, &capacity, findings) else {
            return Ok(None);
        };

        let mut pointers = false;
        for artifact in &artifacts {
            if is_pointer(artifact.input, inputs)? {
                findings.push(pointer(artifact.input, &declaration.inputs[artifact.input].file));
                pointers = true;
            }
        }
        if pointers {
            return Ok(None);
        }
        let mut blobs = Vec::with_capacity(artifacts.len());
        let mut size = 0;
        for artifact in &artifacts {
            let (offset, length) = (align(size), inputs.len(artifact.input));
            let name = &declaration.inputs[artifact.input].file;
            let end = offset.checked_add(length).filter(|end| *end <= LIMIT);
            let (Some(end), Some(offset), Some(length)) = (end, int(offset), int(length)) else {
                findings.push(too_large(artifact.input, name));
                return Ok(None);
            };
            size = end;
            let blob = [("length", length), ("name", Value::String(name.clone())), ("offset", offset)];
            let blob = blob.map(|(key, value)| (key.to_owned(), value)).to_vec();
            blobs.push((artifact.index.to_string(), Value::Object(json::object(blob))));
        }
        let metadata = json::object(vec![("blobs".to_owned(), Value::Object(json::object(blobs)))]);
        Ok(Some(Probe { artifacts, size, decoded_size: size, metadata }))
    }

    fn encode(
        &self,
        _declaration: &Declaration,
        probe: &Probe,
        inputs: &mut dyn Inputs,
        payload: &mut dyn Write,
        _findings: &mut Vec<Finding>,
    ) -> Result<(), Stop> {
        let mut payload = Counted { inner: payload, written: 0 };
        for artifact in &probe.artifacts {
            let start = align(payload.written);
            let gap = usize::try_from(start - payload.written).expect("a gap is below 16");
            payload.write_all(&[0; 16][..gap]).map_err(Stop::Payload)?;
            inputs.copy(artifact.input, &mut payload)?;
            // The header's offsets were made from the length that was known at the probe.
            if payload.written - start != inputs.len(artifact.input) {
                return Err(Stop::Changed { input: artifact.input });
            }
        }
        Ok(())
    }
}

/// How many bytes the pointer of a large-file store has, by its specification and by what is always in it.
const POINTER: RangeInclusive<u64> = 100..=1023;

/// Whether a file has what stands for its content in its place. Only files of that size are opened for it.
fn is_pointer(input: usize, inputs: &mut dyn Inputs) -> Result<bool, Stop> {
    if !POINTER.contains(&inputs.len(input)) {
        return Ok(false);
    }
    let mut head = [0; 64];
    let read = inputs.head(input, &mut head)?;
    Ok(is_large_file_pointer(&head[..read]))
}

fn pointer(input: usize, name: &str) -> Finding {
    Finding::new(
        Code::InputUnreadable,
        Anchor::Input(input),
        format!("the input `{name}` is a pointer to a file that git keeps elsewhere"),
    )
    .label("not the file itself")
    .help("Run `git lfs pull` to fetch the file itself.")
}

fn align(offset: u64) -> u64 {
    offset.next_multiple_of(ALIGN)
}

fn int(n: u64) -> Option<Value> {
    i64::try_from(n).ok().map(Value::Int)
}

fn too_large(input: usize, name: &str) -> Finding {
    Finding::new(
        Code::InputTooLarge,
        Anchor::Input(input),
        format!("with `{name}` the payload is larger than {LIMIT} bytes (4 GiB - 1)"),
    )
    .help("Split the asset into two banks.")
}

/// A writer that knows how much went through it.
struct Counted<'a> {
    inner: &'a mut dyn Write,
    written: u64,
}

impl Write for Counted<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let n = self.inner.write(bytes)?;
        self.written += n as u64;
        Ok(n)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}
