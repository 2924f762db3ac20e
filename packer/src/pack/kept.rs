//! What of the last pack can be kept: payloads that are there, and are what they should be.
//!
//! The pack on record, untouched since, is believed. Any other (restored from a cache of CI, copied along
//! with the project, published by somebody without a record) is looked into: a payload that is one input
//! as it is, is compared with that input, and any other is hashed. What differs is made anew.

use std::io;

use packer_format::{FormatError, Header};

use super::contents::{Content, Source};
use super::emit::{EmitError, PIECE, SHARE, goes_on};
use crate::cancel::Token;
use crate::crew::Crew;
use crate::digest::{Digest, HashingWriter};
use crate::family::Stop;
use crate::host::Workers;
use crate::id::AssetId;
use crate::snapshot::Snapshot;
use crate::storage::Input;

/// The pack that was published last.
#[derive(Debug)]
pub(crate) struct LastPack {
    pub(crate) file: Box<dyn Input>,
    pub(crate) header: Header,
    /// Whether it is the one on record, untouched.
    pub(crate) is_as_recorded: bool,
}

/// See the module.
#[derive(Debug)]
pub(crate) struct Kept<'l> {
    pub(super) last: Option<&'l LastPack>,
    /// Whether what lies between its payloads is zeros.
    pub(super) is_clean: bool,
    /// For each content, which payload of the last pack it is.
    pub(super) places: Vec<Option<usize>>,
}

impl<'l> Kept<'l> {
    /// Nothing is.
    pub(crate) fn nothing(contents: &[Content<'_>]) -> Self {
        Self { last: None, is_clean: false, places: vec![None; contents.len()] }
    }

    /// Finds out.
    pub(crate) fn of(
        last: &'l LastPack,
        contents: &mut [Content<'_>],
        snapshot: &Snapshot,
        workers: &dyn Workers,
        token: &Token,
    ) -> Result<Self, EmitError> {
        let place = |content: &Content<'_>| {
            let Source::Keep(_) = &content.source else { return None };
            last.position(snapshot.assets[content.asset].id(), content.facts.size)
        };
        if last.is_as_recorded {
            let places = contents.iter().map(place).collect();
            return Ok(Self { last: Some(last), is_clean: true, places });
        }
        let bytes = |content: &Content<'_>| place(content).map_or(0, |_| content.facts.size);
        let bytes: u64 = contents.iter().map(bytes).sum();
        let shares = usize::try_from(bytes.div_ceil(SHARE)).unwrap_or(usize::MAX).min(contents.len());
        let look = |_, content: &mut Content<'_>| {
            let Some(at) = place(content) else { return Ok(None) };
            Ok::<_, EmitError>(last.holds(at, content, token)?.then_some(at))
        };
        let places = Crew::of(workers, shares).each(contents, look, &mut |_, _| {})?;
        Ok(Self { last: Some(last), is_clean: last.has_clean_gaps(), places })
    }

    /// Whether the last pack is the one with that header, as a whole.
    pub(crate) fn is_all_of(&self, header: &Header) -> bool {
        self.is_clean
            && self.last.is_some_and(|last| last.header == *header)
            && self.places.iter().all(Option::is_some)
    }
}

impl LastPack {
    /// Reads the header of an open file; `None` when it is no pack.
    pub(crate) fn read(file: Box<dyn Input>, is_as_recorded: bool) -> Option<Self> {
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
                Ok(header) => return Some(Self { file, header, is_as_recorded }),
            }
        }
    }

    fn has_clean_gaps(&self) -> bool {
        self.header.gaps().all(|gap| {
            let mut bytes = vec![1; usize::try_from(gap.end - gap.start).unwrap_or(0)];
            let read = self.file.read_at(&mut bytes, gap.start);
            read.is_ok_and(|read| read == bytes.len()) && bytes.iter().all(|byte| *byte == 0)
        })
    }

    /// Which payload is that asset's, if it has one of that size.
    fn position(&self, id: AssetId, size: u64) -> Option<usize> {
        let entries = self.header.entries();
        let at = entries.binary_search_by_key(&id, |entry| entry.asset_id).ok()?;
        (entries[at].size == size).then_some(at)
    }

    /// Whether that payload is the one that is to be kept. What cannot be read is not.
    fn holds(&self, at: usize, content: &mut Content<'_>, token: &Token) -> Result<bool, EmitError> {
        let Source::Keep(kept) = &content.source else { return Ok(false) };
        let expected = kept.payload;
        let asset = content.asset;
        let start = self.header.payload_range(&self.header.entries()[at]).start;
        let size = content.facts.size;
        let Some(making) = &mut content.making else { return Ok(false) };
        if let Some(input) = content.facts.payload_is_input() {
            // Its digest is known: it was read for that, or its stamp is believed.
            return match making.inputs.compare(input, &mut Theirs { file: &*self.file, offset: start }) {
                Ok(()) => Ok(true),
                Err(Stop::Cancelled) => Err(EmitError::Cancelled),
                Err(Stop::Changed { input }) => Err(EmitError::Changed { asset, input }),
                Err(Stop::Input(_) | Stop::Payload(_)) => Ok(false),
            };
        }
        making.inputs.tally_hashed(size);
        match self.hash(start, size, token) {
            Err(EmitError::Cancelled) => Err(EmitError::Cancelled),
            Err(_) => Ok(false),
            Ok(digest) => Ok(digest == expected),
        }
    }

    fn hash(&self, mut offset: u64, size: u64, token: &Token) -> Result<Digest, EmitError> {
        let end = offset + size;
        let mut hashing = HashingWriter::new(io::sink());
        let mut piece = vec![0; usize::try_from(size).unwrap_or(PIECE).min(PIECE)];
        while offset < end {
            let wanted = usize::try_from(end - offset).unwrap_or(PIECE).min(PIECE);
            goes_on(token)?;
            let read = self.file.read_at(&mut piece[..wanted], offset).map_err(EmitError::Write)?;
            if read == 0 {
                return Err(EmitError::Write(io::ErrorKind::UnexpectedEof.into()));
            }
            io::Write::write_all(&mut hashing, &piece[..read]).map_err(EmitError::Write)?;
            offset += read as u64;
        }
        Ok(hashing.finish())
    }
}

/// Takes bytes as long as they are those of a file from an offset on.
pub(super) struct Theirs<'p> {
    pub(super) file: &'p dyn Input,
    pub(super) offset: u64,
}

impl io::Write for Theirs<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut there = vec![0; bytes.len()];
        let read = self.file.read_at(&mut there, self.offset)?;
        self.offset += bytes.len() as u64;
        if there[..read] == *bytes { Ok(bytes.len()) } else { Err(io::ErrorKind::InvalidData.into()) }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
