//! Header and payloads, each to its place.
//!
//! The header says where everything stands, so payloads are made in any order and by as many threads as
//! there are: each is written, or compared, at its own offset. What is kept is copied out of the last
//! pack in runs as long as they can be, which a file system may do by sharing blocks. Each payload ends
//! with the zeros up to the next one, so nothing of the file is left out.
//!
//! What can be kept was found out before (`kept`).

use std::io::{self, BufWriter, Write};
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};

use packer_format::Header;

use super::ahead;
use super::contents::{Content, Source};
use super::fingerprint::DirtyReason;
use super::inputs::AssetInputs;
use super::kept::Kept;
use crate::cache::Store;
use crate::cancel::Token;
use crate::crew::Crew;
use crate::diagnostics::{Finding, Severity};
use crate::digest::{Digest, Hasher, HashingWriter};
use crate::family::Stop;
use crate::host::Workers;
use crate::storage::{Input, Output};

/// Bytes in memory while a payload is written or copied.
pub(super) const PIECE: usize = 256 * 1024;

/// Bytes that one thread makes before it is worth another one.
pub(super) const SHARE: u64 = 4 << 20;

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

/// What takes the bytes of a pack, in any order and from several threads.
pub(crate) trait Sink: Sync {
    /// Takes `bytes`, which stand at `offset`.
    fn put(&self, bytes: &[u8], offset: u64) -> io::Result<()>;

    /// Takes what stands in the file `last`, to stand at `offset`. Called by one thread alone.
    fn keep(&self, last: &dyn Input, range: Range<u64>, offset: u64) -> io::Result<()>;
}

/// Who emits, and for whom.
#[derive(Clone, Copy)]
pub(crate) struct Emission<'e> {
    /// Where it goes.
    pub(crate) sink: &'e dyn Sink,
    /// What is where.
    pub(crate) header: &'e Header,
    /// What is copied.
    pub(crate) kept: &'e Kept<'e>,
    /// What has payloads that cost more to make than to read.
    pub(crate) cache: Option<&'e Store<'e>>,
    /// Who gives leave for threads.
    pub(crate) workers: &'e dyn Workers,
    /// Whether the operation was asked to stop.
    pub(crate) token: &'e Token,
}

impl Emission<'_> {
    /// Emits the pack of `contents`. `done` is told of each asset after its payload, in their order.
    pub(crate) fn emit(
        &self,
        contents: &mut [Content<'_>],
        done: &mut dyn FnMut(usize, &Payload),
    ) -> Result<Emitted, EmitError> {
        let head = self.header.to_bytes();
        self.sink.put(&head, 0).map_err(EmitError::Write)?;
        let spans = spans(self.header);
        for run in runs(self.kept, &spans) {
            self.keep(run)?;
        }
        let mut payloads: Vec<Option<Payload>> = contents
            .iter()
            .zip(&self.kept.places)
            .map(|(content, place)| place.and_then(|_| content.kept_payload()))
            .collect();
        let jobs =
            contents.iter_mut().zip(&spans).zip(&self.kept.places).filter(|(_, place)| place.is_none());
        let jobs: Vec<_> = jobs.map(|((content, span), _)| (content, span.clone())).collect();
        let left: Vec<usize> = (0..payloads.len()).filter(|n| payloads[*n].is_none()).collect();
        let bytes: u64 = jobs.iter().map(|(_, span)| span.whole.end - span.whole.start).sum();
        let shares = usize::try_from(bytes.div_ceil(SHARE)).unwrap_or(usize::MAX).min(jobs.len());
        let crew = Crew::of(self.workers, shares);
        // Once one is broken nothing is published, and the others are only looked into.
        let broken = AtomicBool::new(false);
        let make = |_, (content, span): (&mut Content<'_>, Span)| self.payload(content, &span, &broken);
        let mut told = 0;
        let made = crew.each(jobs, make, &mut |n, payload| {
            tell(&payloads, told..left[n], done);
            done(left[n], payload);
            told = left[n] + 1;
        })?;
        tell(&payloads, told..payloads.len(), done);
        for (n, payload) in left.into_iter().zip(made) {
            payloads[n] = Some(payload);
        }
        let payloads: Vec<Payload> = payloads.into_iter().flatten().collect();
        let is_error = |finding: &Finding| finding.code.severity() == Severity::Error;
        let is_broken = payloads.iter().any(|payload| payload.findings.iter().any(is_error));
        let digest = (!is_broken).then(|| tree(&head, &payloads));
        Ok(Emitted { digest, payloads })
    }

    fn keep(&self, Run { from, to, gap }: Run) -> Result<(), EmitError> {
        let Some(last) = self.kept.last else { return Ok(()) };
        let offset = |n: u64| to + (n - from.start);
        let mut start = from.start;
        while start < from.end {
            goes_on(self.token)?;
            // So much is copied between two looks at whether to stop.
            let end = from.end.min(start + (256 << 20));
            self.sink.keep(&*last.file, start..end, offset(start)).map_err(EmitError::Write)?;
            start = end;
        }
        self.sink.put(&vec![0; gap], offset(from.end)).map_err(EmitError::Write)
    }

    fn payload(
        &self,
        content: &mut Content<'_>,
        span: &Span,
        broken: &AtomicBool,
    ) -> Result<Payload, EmitError> {
        goes_on(self.token)?;
        if broken.load(Ordering::Relaxed) {
            return self.payload_into(&mut io::sink(), content);
        }
        let capacity = usize::try_from(span.whole.end - span.whole.start).unwrap_or(PIECE).min(PIECE);
        let out = BufWriter::with_capacity(capacity, At { sink: self.sink, offset: span.whole.start });
        let mut out = Exactly { out, left: span.whole.end - span.whole.start };
        let payload = self.payload_into(&mut out, content)?;
        let Exactly { mut out, left } = out;
        if payload.findings.iter().any(|finding| finding.code.severity() == Severity::Error) {
            // What was written of it is worthless, and is never published.
            broken.store(true, Ordering::Relaxed);
            return Ok(payload);
        }
        if left > 0 {
            return Err(EmitError::Write(unlike_its_header()));
        }
        out.write_all(&vec![0; span.gap]).and_then(|()| out.flush()).map_err(EmitError::Write)?;
        Ok(payload)
    }

    fn payload_into(&self, out: &mut dyn Write, content: &mut Content<'_>) -> Result<Payload, EmitError> {
        let reason = match &content.source {
            Source::Make(reason) => reason.clone(),
            Source::Keep(_) => DirtyReason::LastPackChanged,
        };
        if let Some((payload, bytes)) = content.ahead.take() {
            out.write_all(&bytes).map_err(EmitError::Write)?;
            return Ok(payload);
        }
        if self.cache.is_some()
            && content.making.is_some()
            && content.facts.family.encode_looks_into_content()
        {
            let (payload, bytes) = ahead::made(content, reason, self.cache)?;
            out.write_all(&bytes).map_err(EmitError::Write)?;
            return Ok(payload);
        }
        make(out, content, reason)
    }
}

/// Tells of those of `payloads` in a range that are there.
fn tell(payloads: &[Option<Payload>], range: Range<usize>, done: &mut dyn FnMut(usize, &Payload)) {
    let first = range.start;
    for (n, payload) in payloads[range].iter().enumerate() {
        payload.iter().for_each(|payload| done(first + n, payload));
    }
}

/// Where a payload stands, and the zeros that follow it.
#[derive(Debug, Clone)]
struct Span {
    whole: Range<u64>,
    gap: usize,
}

/// The payloads of a pack, in order, as places in the file.
fn spans(header: &Header) -> Vec<Span> {
    let entries = header.entries();
    let ranges = || entries.iter().map(|entry| header.payload_range(entry));
    let next = ranges().skip(1).map(|range| range.start).chain([header.file_len()]);
    ranges()
        .zip(next)
        .map(|(whole, next)| {
            let gap = usize::try_from(next - whole.end).expect("a gap is shorter than a page");
            Span { whole, gap }
        })
        .collect()
}

/// A part of the last pack that is one of the new pack.
#[derive(Debug, PartialEq, Eq)]
struct Run {
    from: Range<u64>,
    to: u64,
    /// Zeros after it.
    gap: usize,
}

/// What can be taken from the last pack in one go: payloads that are neighbours in both, at the same
/// distance.
fn runs(kept: &Kept<'_>, spans: &[Span]) -> Vec<Run> {
    let Some(last) = kept.last else { return Vec::new() };
    let mut runs: Vec<(Run, usize)> = Vec::new();
    for (place, span) in kept.places.iter().zip(spans) {
        let Some(at) = *place else { continue };
        let old = last.range(at);
        if let Some((run, before)) = runs.last_mut()
            // What lay between them is zeros in both: nothing was taken out there.
            && kept.is_clean
            && *before + 1 == at
            && run.to + (old.start - run.from.start) == span.whole.start
            && run.to + (run.from.end - run.from.start) + run.gap as u64 == span.whole.start
        {
            (run.from.end, run.gap, *before) = (old.end, span.gap, at);
            continue;
        }
        runs.push((Run { from: old, to: span.whole.start, gap: span.gap }, at));
    }
    runs.into_iter().map(|(run, _)| run).collect()
}

/// `pack.digest`: of everything before the payloads, and of the payloads' digests.
pub(super) fn tree(head: &[u8], payloads: &[Payload]) -> String {
    let mut tree = Hasher::default();
    tree.update(head);
    payloads.iter().for_each(|payload| tree.update(payload.digest.as_bytes()));
    format!("pmpa-tree-1:{}", tree.finish())
}

/// Writes on from an offset.
struct At<'s> {
    sink: &'s dyn Sink,
    offset: u64,
}

impl Write for At<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.sink.put(bytes, self.offset)?;
        self.offset += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Takes as many bytes as the header says, so that no payload runs into the next one.
struct Exactly<W> {
    out: W,
    left: u64,
}

impl<W: Write> Write for Exactly<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.left = self.left.checked_sub(bytes.len() as u64).ok_or_else(unlike_its_header)?;
        self.out.write_all(bytes)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

fn unlike_its_header() -> io::Error {
    io::Error::other("a payload has not as many bytes as were planned for it")
}

impl Content<'_> {
    /// The payload of one that is kept.
    pub(super) fn kept_payload(&self) -> Option<Payload> {
        let Source::Keep(kept) = &self.source else { return None };
        Some(Payload { digest: kept.payload, made: None, findings: kept.warnings.clone() })
    }
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
    let asset = content.asset;
    let family = content.facts.family;
    let Some(making) = &mut content.making else {
        // It was known to be in the last pack, and that was exchanged since: look again.
        return Err(EmitError::Changed { asset, input: 0 });
    };
    let super::contents::Making { declaration, inputs } = making;
    let probe = content.facts.probe();
    let mut findings = Vec::new();
    let verbatim = family.payload_is_input(&probe.artifacts);
    let (made, digest, hashed) = match verbatim {
        // One file as it is: hashed once, as that file.
        Some(input) => {
            let made = family.encode(declaration, &probe, inputs, out, &mut findings);
            (made, inputs.known_digest(input), 0)
        }
        None => {
            let mut hashing = HashingWriter::new(out);
            let made = family.encode(declaration, &probe, inputs, &mut hashing, &mut findings);
            (made, Some(hashing.finish()), probe.size)
        }
    };
    match made.and_then(|()| every_digest(inputs)) {
        Ok(()) => {}
        Err(Stop::Input(finding)) => findings.push(finding),
        Err(Stop::Changed { input }) => return Err(EmitError::Changed { asset, input }),
        Err(Stop::Payload(error)) => return Err(EmitError::Write(error)),
        Err(Stop::Cancelled) => return Err(EmitError::Cancelled),
    }
    inputs.tally(hashed);
    content.learn();
    // Where an input could not be read there is a finding, and no use for a digest.
    let digest = digest.unwrap_or_else(|| Digest::of(&[]));
    Ok(Payload { digest, made: Some(reason), findings })
}

/// What families find in contents, without payloads, by position in the snapshot: for a payload that was
/// kept, what was found when it was made. `done` is told of each, in their order.
pub(crate) fn inspect(
    contents: &mut [Content<'_>],
    workers: &dyn Workers,
    done: &mut dyn FnMut(usize, &Vec<Finding>),
) -> Result<Vec<(usize, Finding)>, EmitError> {
    let bytes: u64 = contents.iter().map(|content| content.facts.size).sum();
    let shares = usize::try_from(bytes.div_ceil(SHARE)).unwrap_or(usize::MAX).min(contents.len());
    let positions: Vec<usize> = contents.iter().map(|content| content.asset).collect();
    let look = |_, content: &mut Content<'_>| match &content.source {
        Source::Keep(kept) => Ok(kept.warnings.clone()),
        // Of those everything is known from their heads, however long they are.
        Source::Make(_) if !content.facts.family.encode_looks_into_content() => ahead::open_each(content),
        Source::Make(reason) => {
            let reason = reason.clone();
            make(&mut io::sink(), content, reason).map(|payload| payload.findings)
        }
    };
    let found = Crew::of(workers, shares).each(contents, look, done)?;
    let found = positions.into_iter().zip(found);
    Ok(found.flat_map(|(asset, found)| found.into_iter().map(move |finding| (asset, finding))).collect())
}

/// Inputs that are no artifacts belong to the asset's identity all the same.
fn every_digest(inputs: &mut AssetInputs<'_>) -> Result<(), Stop> {
    (0..inputs.count()).try_for_each(|input| inputs.digest(input).map(drop))
}

pub(super) fn goes_on(token: &Token) -> Result<(), EmitError> {
    if token.is_asked() { Err(EmitError::Cancelled) } else { Ok(()) }
}

/// A file that is being written.
pub(crate) struct Staged<'o>(pub(crate) &'o dyn Output);

impl Sink for Staged<'_> {
    fn put(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        self.0.write_all_at(bytes, offset)
    }

    fn keep(&self, last: &dyn Input, range: Range<u64>, offset: u64) -> io::Result<()> {
        self.0.copy_at(last, range.start, range.end - range.start, offset)
    }
}
