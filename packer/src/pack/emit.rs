//! Header and payloads, streamed into whatever takes them.
//!
//! Each payload is either copied out of the last pack, after its digest was checked there, or made
//! by its family, if `ahead` has not done so already. After the first error of content the rest is still made, into nothing, so that
//! one run finds every broken asset.

use std::io::{self, Write};

use packer_format::{FormatError, Header, PackWriter, WriteError};

use super::DirtyReason;
use super::contents::{Content, Source};
use super::inputs::AssetInputs;
use crate::cancel::Token;
use crate::diagnostics::{Finding, Severity};
use crate::digest::{Digest, Hasher, HashingWriter};
use crate::family::Stop;
use crate::id::AssetId;
use crate::snapshot::Snapshot;
use crate::storage::Input;

/// Bytes in memory while a payload is copied.
const PIECE: usize = 256 * 1024;

/// What came of it.
#[derive(Debug)]
pub(crate) struct Emitted {
    /// `pack.digest`; `None` when there were errors, and what was written is worthless.
    pub(crate) digest: Option<String>,
    /// The payloads in the order of the contents.
    pub(crate) payloads: Vec<Payload>,
}

/// One payload that was emitted.
#[derive(Debug)]
pub(crate) struct Payload {
    /// Its digest.
    pub(crate) digest: Digest,
    /// Why it was made; `None` when it was kept.
    pub(crate) made: Option<DirtyReason>,
    /// What its family found: warnings, or errors.
    pub(crate) findings: Vec<Finding>,
}

/// The pack that was published last.
#[derive(Debug)]
pub(crate) struct LastPack {
    pub(crate) file: Box<dyn Input>,
    pub(crate) header: Header,
}

/// Why it ended early.
#[derive(Debug)]
pub(crate) enum EmitError {
    /// An input changed meanwhile: position in the snapshot, and which input.
    Changed { asset: usize, input: usize },
    /// What takes the bytes failed.
    Write(io::Error),
    /// The operation was asked to stop.
    Cancelled,
}

/// Writes the pack of `contents` into `out`. `done` is told of each asset after its payload; `token` is
/// asked before each, and between its pieces.
pub(crate) fn emit(
    out: impl Write,
    header: &Header,
    contents: &mut [Content<'_>],
    snapshot: &Snapshot,
    last: Option<&LastPack>,
    token: &Token,
    done: &mut dyn FnMut(usize, &Payload),
) -> Result<Emitted, EmitError> {
    let mut writer = PackWriter::new(out, header).map_err(write_error)?;
    let mut tree = Hasher::default();
    tree.update(&header.to_bytes());
    let mut broken = false;
    let mut payloads = Vec::with_capacity(contents.len());
    for (n, content) in contents.iter_mut().enumerate() {
        goes_on(token)?;
        let payload = if broken {
            payload_into(&mut io::sink(), content, snapshot, last, token)?
        } else {
            let id = snapshot.assets[content.asset].id();
            payload_into(&mut writer.begin(id).map_err(write_error)?, content, snapshot, last, token)?
        };
        broken |= payload.findings.iter().any(|finding| finding.code.severity() == Severity::Error);
        tree.update(payload.digest.as_bytes());
        done(n, &payload);
        payloads.push(payload);
    }
    let digest = if broken {
        None
    } else {
        writer.finish().map_err(write_error)?;
        Some(format!("pmpa-tree-1:{}", tree.finish()))
    };
    Ok(Emitted { digest, payloads })
}

fn payload_into(
    out: &mut dyn Write,
    content: &mut Content<'_>,
    snapshot: &Snapshot,
    last: Option<&LastPack>,
    token: &Token,
) -> Result<Payload, EmitError> {
    let reason = match &content.source {
        Source::Make(reason) => reason.clone(),
        Source::Keep(kept) => {
            let id = snapshot.assets[content.asset].id();
            let held = match last {
                Some(last) => last.find(id, content.probe.size, kept.payload, token)?,
                None => None,
            };
            if let Some((last, offset)) = held {
                last.copy(offset, content.probe.size, out, token)?;
                return Ok(Payload { digest: kept.payload, made: None, findings: kept.warnings.clone() });
            }
            DirtyReason::LastPackChanged
        }
    };
    if let Some((payload, bytes)) = content.ahead.take() {
        out.write_all(&bytes).map_err(EmitError::Write)?;
        return Ok(payload);
    }
    make(out, content, reason)
}

/// What families found, payload by payload.
pub(crate) fn findings(payloads: &[Payload]) -> Vec<Vec<Finding>> {
    payloads.iter().map(|payload| payload.findings.clone()).collect()
}

/// Lets the family make the payload, and hashes it and every input on the way.
pub(super) fn make(
    out: &mut dyn Write,
    content: &mut Content<'_>,
    reason: DirtyReason,
) -> Result<Payload, EmitError> {
    let Content { asset, declaration, family, inputs, probe, .. } = content;
    let mut findings = Vec::new();
    let mut hashing = HashingWriter::new(out);
    let made = family.encode(declaration, probe, inputs, &mut hashing, &mut findings);
    match made.and_then(|()| every_digest(inputs)) {
        Ok(()) => {}
        Err(Stop::Input(finding)) => findings.push(finding),
        Err(Stop::Changed { input }) => return Err(EmitError::Changed { asset: *asset, input }),
        Err(Stop::Payload(error)) => return Err(EmitError::Write(error)),
        Err(Stop::Cancelled) => return Err(EmitError::Cancelled),
    }
    Ok(Payload { digest: hashing.finish(), made: Some(reason), findings })
}

/// What the family finds in the content, without a payload: for one that was kept, what it found
/// when it was made.
pub(crate) fn inspect(content: &mut Content<'_>) -> Result<Vec<Finding>, EmitError> {
    match &content.source {
        Source::Keep(kept) => Ok(kept.warnings.clone()),
        Source::Make(reason) => {
            let reason = reason.clone();
            make(&mut io::sink(), content, reason).map(|payload| payload.findings)
        }
    }
}

/// Inputs that are no artifacts belong to the asset's identity all the same.
fn every_digest(inputs: &mut AssetInputs<'_>) -> Result<(), Stop> {
    (0..inputs.count()).try_for_each(|input| inputs.digest(input).map(drop))
}

fn goes_on(token: &Token) -> Result<(), EmitError> {
    if token.is_asked() { Err(EmitError::Cancelled) } else { Ok(()) }
}

fn write_error(error: WriteError) -> EmitError {
    EmitError::Write(match error {
        WriteError::Io(error) => error,
        other => io::Error::other(other),
    })
}

impl LastPack {
    /// Reads the header of an open file; `None` when it is no pack.
    pub(crate) fn read(file: Box<dyn Input>) -> Option<Self> {
        let size = file.stamp().ok()?.size;
        let mut prefix = vec![0; usize::try_from(size.min(packer_format::layout::PAGE)).ok()?];
        loop {
            let read = file.read_at(&mut prefix, 0).ok()?;
            if read < prefix.len() {
                return None;
            }
            match Header::read(&prefix, size) {
                // At most twice: `needed` is never above where the payloads begin.
                Err(FormatError::Incomplete { needed }) => prefix.resize(usize::try_from(needed).ok()?, 0),
                Err(_) => return None,
                Ok(header) => return Some(Self { file, header }),
            }
        }
    }

    /// Where the payload stands, when its bytes are those of `digest`.
    /// A pack that cannot be read does not hold it.
    fn find(
        &self,
        id: AssetId,
        size: u64,
        digest: Digest,
        token: &Token,
    ) -> Result<Option<(&Self, u64)>, EmitError> {
        let Some(entry) = self.header.get(id).filter(|entry| entry.size == size) else { return Ok(None) };
        let offset = self.header.payload_offset() + entry.offset;
        let mut hashing = HashingWriter::new(io::sink());
        match self.copy(offset, size, &mut hashing, token) {
            Err(EmitError::Cancelled) => Err(EmitError::Cancelled),
            Err(_) => Ok(None),
            Ok(()) => Ok((hashing.finish() == digest).then_some((self, offset))),
        }
    }

    fn copy(&self, mut offset: u64, size: u64, out: &mut dyn Write, token: &Token) -> Result<(), EmitError> {
        let end = offset + size;
        let mut piece = vec![0; usize::try_from(size).unwrap_or(PIECE).min(PIECE)];
        while offset < end {
            let wanted = usize::try_from(end - offset).unwrap_or(PIECE).min(PIECE);
            goes_on(token)?;
            let read = self.file.read_at(&mut piece[..wanted], offset).map_err(EmitError::Write)?;
            if read == 0 {
                return Err(EmitError::Write(io::ErrorKind::UnexpectedEof.into()));
            }
            out.write_all(&piece[..read]).map_err(EmitError::Write)?;
            offset += read as u64;
        }
        Ok(())
    }
}

/// Takes bytes and tells whether they are those of a file, to its last byte.
#[derive(Debug)]
pub(crate) struct Compare<'a> {
    file: Option<&'a dyn Input>,
    offset: u64,
    differs: bool,
}

impl<'a> Compare<'a> {
    /// Compares with `file`; with nothing, everything differs.
    pub(crate) fn with(file: Option<&'a dyn Input>) -> Self {
        Self { file, offset: 0, differs: file.is_none() }
    }

    /// Whether there was any difference.
    pub(crate) fn differs(&self) -> io::Result<bool> {
        match self.file {
            Some(file) if !self.differs => Ok(file.stamp()?.size != self.offset),
            _ => Ok(true),
        }
    }
}

impl Write for Compare<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if let Some(file) = self.file
            && !self.differs
        {
            let mut there = vec![0; bytes.len()];
            let read = file.read_at(&mut there, self.offset)?;
            self.differs = there[..read] != *bytes;
            self.offset += bytes.len() as u64;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
