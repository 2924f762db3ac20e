//! What of the last pack can be kept: payloads that are there, and are what they should be.
//!
//! The pack on record, untouched since, is believed, and the record says what stands where: its header, which
//! may be long, is not read. Any other (restored from a cache of CI, copied along
//! with the project, published by somebody without a record) is looked into: a payload that is one input
//! as it is, is compared with that input, and any other is hashed. What differs is made anew.

use std::io;
use std::ops::Range;

use packer_format::{FormatError, Header};

use super::contents::{Content, Source};
use super::emit::{EmitError, PIECE, SHARE, goes_on};
use super::record::Record;
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
pub(crate) struct OldPack<'l> {
    pub(crate) file: Box<dyn Input>,
    table: Table<'l>,
}

/// What says where its payloads stand.
#[derive(Debug)]
enum Table<'l> {
    /// The record: it is the pack on record, untouched.
    Recorded(&'l Record),
    /// Its header.
    Read(Header),
}

/// See the module.
#[derive(Debug)]
pub(crate) struct Kept<'l> {
    pub(super) last: Option<&'l OldPack<'l>>,
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
        last: &'l OldPack<'l>,
        contents: &mut [Content<'_>],
        snapshot: &Snapshot,
        workers: &dyn Workers,
        token: &Token,
    ) -> Result<Self, EmitError> {
        let place = |content: &Content<'_>| {
            let Source::Keep(_) = &content.source else { return None };
            last.position(snapshot.assets[content.asset].id(), content.facts.size)
        };
        if last.is_as_recorded() {
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

    /// Whether the last pack is the one with that header, made of `contents`, as a whole.
    pub(crate) fn is_all_of(&self, header: &Header, contents: &[Content<'_>]) -> bool {
        let is_table = |last: &OldPack<'_>| match &last.table {
            Table::Read(theirs) => theirs == header,
            Table::Recorded(record) => {
                let is_entry = |(place, content): (&Option<usize>, &Content<'_>)| {
                    let known = place.and_then(|at| record.at(at));
                    known.is_some_and(|known| known.facts.stands_alike(&content.facts))
                };
                record.len() == contents.len() && self.places.iter().zip(contents).all(is_entry)
            }
        };
        self.is_clean && self.last.is_some_and(is_table) && self.places.iter().all(Option::is_some)
    }
}

impl<'l> OldPack<'l> {
    /// The pack that the record is about; `None` where that does not say of every payload where it stands, one
    /// behind the other up to the end of the file.
    pub(crate) fn recorded(file: Box<dyn Input>, record: &'l Record) -> Option<Self> {
        let mut end = 0;
        for n in 0..record.len() {
            let asset = record.at(n)?;
            if asset.offset < end {
                return None;
            }
            end = asset.offset.checked_add(asset.facts.size)?;
        }
        (record.len() == 0 || end == record.head().set[0].size)
            .then_some(Self { file, table: Table::Recorded(record) })
    }

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
                Ok(header) => return Some(Self { file, table: Table::Read(header) }),
            }
        }
    }

    /// Whether it is the one on record, untouched.
    pub(crate) fn is_as_recorded(&self) -> bool {
        matches!(self.table, Table::Recorded(_))
    }

    fn has_clean_gaps(&self) -> bool {
        let Table::Read(header) = &self.table else { return true };
        header.gaps().all(|gap| {
            let mut bytes = vec![1; usize::try_from(gap.end - gap.start).unwrap_or(0)];
            let read = self.file.read_at(&mut bytes, gap.start);
            read.is_ok_and(|read| read == bytes.len()) && bytes.iter().all(|byte| *byte == 0)
        })
    }

    /// Which payload is that asset's, if it has one of that size.
    fn position(&self, id: AssetId, size: u64) -> Option<usize> {
        let (at, theirs) = match &self.table {
            Table::Recorded(record) => {
                let at = record.place(id)?;
                (at, record.at(at)?.facts.size)
            }
            Table::Read(header) => {
                let entries = header.entries();
                let at = entries.binary_search_by_key(&id, |entry| entry.asset_id).ok()?;
                (at, entries[at].size)
            }
        };
        (theirs == size).then_some(at)
    }

    /// Where that payload stands in the file; it has been found by its asset.
    pub(super) fn range(&self, at: usize) -> Range<u64> {
        match &self.table {
            Table::Recorded(record) => record
                .at(at)
                .map_or(0..0, |asset| asset.offset..asset.offset.saturating_add(asset.facts.size)),
            Table::Read(header) => header.payload_range(&header.entries()[at]),
        }
    }

    /// Whether that payload is the one that is to be kept. What cannot be read is not.
    fn holds(&self, at: usize, content: &mut Content<'_>, token: &Token) -> Result<bool, EmitError> {
        let Source::Keep(kept) = &content.source else { return Ok(false) };
        let expected = kept.payload;
        let asset = content.asset;
        let start = self.range(at).start;
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
