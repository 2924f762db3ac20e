//! Content is checked before anything is staged: a pack that is blocked has written nothing.
//!
//! What can go wrong with it depends on its family. Where an encode looks into the content (pictures), it
//! is made here, and kept for the pack while that fits [`HELD`]; beyond, it is made a second time. Of the
//! others everything is known from their headers, but whether each input can be opened.
//!
//! # Where the guarantee stops
//!
//! A disk that fails in the midst of a file that it could open is found while that is packed. Then what
//! was staged is swept, and nothing is published.

use super::contents::{Content, Source};
use super::emit::{EmitError, make};
use crate::cancel::Token;
use crate::diagnostics::Finding;
use crate::family::{Inputs as _, Stop};

/// Bytes of payloads that are in memory at once: more than nine hundred banks of tiles.
const HELD: usize = 32 << 20;

/// What is wrong with each of `contents`; of a payload that is kept, what was found when it was made.
pub(super) fn check(contents: &mut [Content<'_>], token: &Token) -> Result<Vec<Vec<Finding>>, EmitError> {
    let mut left = HELD;
    let mut findings = Vec::with_capacity(contents.len());
    for content in contents {
        if token.is_asked() {
            return Err(EmitError::Cancelled);
        }
        let found = match &content.source {
            Source::Keep(kept) => kept.warnings.clone(),
            Source::Make(_) if !content.family.encode_looks_into_content() => open_each(content)?,
            Source::Make(reason) => {
                let reason = reason.clone();
                let size = usize::try_from(content.probe.size).unwrap_or(usize::MAX);
                if size <= left {
                    let mut bytes = Vec::with_capacity(size);
                    let payload = make(&mut bytes, content, reason)?;
                    let found = payload.findings.clone();
                    left -= size;
                    content.ahead = Some((payload, bytes));
                    found
                } else {
                    make(&mut std::io::sink(), content, reason)?.findings
                }
            }
        };
        findings.push(found);
    }
    Ok(findings)
}

fn open_each(content: &mut Content<'_>) -> Result<Vec<Finding>, EmitError> {
    let mut findings = Vec::new();
    for input in 0..content.inputs.count() {
        match content.inputs.head(input, &mut [0]) {
            Ok(_) => {}
            Err(Stop::Input(finding)) => findings.push(finding),
            Err(Stop::Changed { input }) => {
                return Err(EmitError::Changed { asset: content.asset, input });
            }
            Err(Stop::Payload(error)) => return Err(EmitError::Write(error)),
            Err(Stop::Cancelled) => return Err(EmitError::Cancelled),
        }
    }
    Ok(findings)
}
