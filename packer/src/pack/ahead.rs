//! Content is checked before anything is staged, as far as that costs nothing twice.
//!
//! What can go wrong with it depends on its family. Where an encode looks into the content (pictures), it
//! is made here, or taken from the cache, and kept for the pack. Of the others everything is known from their
//! headers.
//!
//! What does not fit in [`HELD`], as in a first pack of many pictures, is passed over, and looked into while it is
//! packed; so is an input that is there and cannot be opened. Where those turn out to be wrong, what was staged is
//! swept. In any case nothing is published, and one run tells everything: when it ends here, what was passed over
//! is looked into as well.

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::contents::{Content, Source};
use super::emit::{EmitError, Payload, make};
use super::fingerprint::DirtyReason;
use crate::cache::{Store, payload_key};
use crate::cancel::Token;
use crate::crew::Crew;
use crate::diagnostics::Finding;
use crate::digest::Digest;
use crate::family::{Inputs as _, Stop};
use crate::host::Workers;

/// How many bytes the inputs of a payload have that is looked up in the cache: one of less is made as fast
/// as it is read.
const WORTH_KEEPING: u64 = 16 << 10;

/// Bytes of payloads that are in memory at once: more than a hundred banks of tiles.
const HELD: usize = 4 << 20;

/// How many assets one thread looks into before it is worth another one.
const SHARE: usize = 20;

/// What is wrong with each of `contents`; of a payload that is kept, what was found when it was made; `None` of
/// what was passed over.
pub(super) fn check(
    contents: &mut [Content<'_>],
    cache: Option<&Store<'_>>,
    workers: &dyn Workers,
    token: &Token,
) -> Result<Vec<Option<Vec<Finding>>>, EmitError> {
    let left = AtomicUsize::new(HELD);
    let to_make = contents.iter().filter(|content| matches!(content.source, Source::Make(_)));
    let crew = Crew::of(workers, to_make.count().div_ceil(SHARE));
    let look = |_, content: &mut Content<'_>| {
        if token.is_asked() {
            return Err(EmitError::Cancelled);
        }
        match &content.source {
            Source::Keep(kept) => Ok(Some(kept.warnings.clone())),
            Source::Make(_) if !content.facts.family.encode_looks_into_content() => Ok(None),
            Source::Make(reason) => {
                let reason = reason.clone();
                let size = usize::try_from(content.facts.size).unwrap_or(usize::MAX);
                let held =
                    left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(size));
                if held.is_err() {
                    return Ok(None);
                }
                let (payload, bytes) = made(content, reason, cache)?;
                let found = payload.findings.clone();
                content.ahead = Some((payload, bytes));
                Ok(Some(found))
            }
        }
    };
    crew.each(contents, look, &mut |_, _| {})
}

/// The same of everything, for who tells it and packs nothing.
pub(super) fn rest(
    contents: &mut [Content<'_>],
    ahead: Vec<Option<Vec<Finding>>>,
    workers: &dyn Workers,
) -> Result<Vec<Vec<Finding>>, EmitError> {
    let passed_over = ahead.iter().filter(|found| found.is_none()).count();
    let look = |_, (content, found): (&mut Content<'_>, Option<Vec<Finding>>)| match (found, &content.source)
    {
        (Some(found), _) => Ok(found),
        (None, Source::Make(reason)) if content.facts.family.encode_looks_into_content() => {
            let reason = reason.clone();
            Ok(make(&mut io::sink(), content, reason)?.findings)
        }
        (None, _) => open_each(content),
    };
    let crew = Crew::of(workers, passed_over.div_ceil(SHARE));
    crew.each(contents.iter_mut().zip(ahead), look, &mut |_, _| {})
}

/// What keeps an input from being opened.
pub(super) fn open_each(content: &mut Content<'_>) -> Result<Vec<Finding>, EmitError> {
    let mut findings = Vec::new();
    let asset = content.asset;
    let Some(making) = &mut content.making else { return Ok(findings) };
    for input in 0..making.inputs.count() {
        match making.inputs.head(input, &mut [0]) {
            Ok(_) => {}
            Err(Stop::Input(finding)) => findings.push(finding),
            Err(Stop::Changed { input }) => return Err(EmitError::Changed { asset, input }),
            Err(Stop::Payload(error)) => return Err(EmitError::Write(error)),
            Err(Stop::Cancelled) => return Err(EmitError::Cancelled),
        }
    }
    Ok(findings)
}

/// The payload, from the cache where that has it.
pub(super) fn made(
    content: &mut Content<'_>,
    reason: DirtyReason,
    cache: Option<&Store<'_>>,
) -> Result<(Payload, Vec<u8>), EmitError> {
    let size = usize::try_from(content.facts.size).unwrap_or(usize::MAX);
    let inputs = content.facts.inputs.iter().map(|input| input.stamp.size);
    let cache = cache.filter(|_| inputs.sum::<u64>() >= WORTH_KEEPING);
    let key = cache.and_then(|_| content.payload_key());
    if let (Some(cache), Some(key)) = (cache, key)
        && let Some((bytes, digest)) = cache.get_with_digest(key)
        && bytes.len() == size
    {
        content.learn();
        // What was put had nothing wrong with it.
        return Ok((Payload { digest, made: Some(reason), findings: Vec::new() }, bytes));
    }
    let mut bytes = Vec::with_capacity(size);
    let payload = make(&mut bytes, content, reason)?;
    // An input may have been saved since the key was made, within one tick of its clock: the payload is of what
    // the encode read.
    if let (Some(cache), true) = (cache, payload.findings.is_empty())
        && let Some(key) = content.payload_key()
    {
        cache.put_with_digest(key, &bytes, payload.digest);
    }
    Ok((payload, bytes))
}

impl Content<'_> {
    /// What its payload depends on, in one; none where an input cannot be read, which its family will tell.
    fn payload_key(&mut self) -> Option<Digest> {
        let making = self.making.as_mut()?;
        let digests = (0..making.inputs.count()).map(|n| making.inputs.digest(n).ok());
        let digests = digests.collect::<Option<Vec<Digest>>>()?;
        Some(payload_key(&self.facts.key.digest(), &digests))
    }
}

#[cfg(test)]
mod tests;
