//! The inputs of one asset as its family sees them, each read once.
//!
//! A read counts only when the file is, before and after, what it was when the workspace was
//! loaded, and lies in its asset's root; else the answer is [`Stop::Changed`] and the operation begins anew. So the bytes that
//! were checked, hashed and packed are one set of bytes.
//!
//! An operation that is asked to stop stops here: before a file is opened, and between two pieces of
//! one.

use std::io::{self, Write};
use std::path::PathBuf;

use super::tally::Tally;
use crate::cancel::Token;
use crate::diagnostics::rules::input_unreadable;
use crate::diagnostics::{Anchor, Code, Finding};
use crate::digest::{Digest, HashingWriter};
use crate::family::{Inputs, Stop};
use crate::schema::declaration;
use crate::storage::{Input, Source, Stamp, open_below};
use crate::workspace::InputFile;

/// Bytes that are in memory at once while a file is copied.
const PIECE: usize = 256 * 1024;

/// See the module.
#[derive(Debug)]
pub(crate) struct AssetInputs<'a> {
    source: &'a dyn Source,
    folder: PathBuf,
    /// The same, every link above it followed.
    place: PathBuf,
    /// As they are declared, and as they stand.
    named: &'a [declaration::Input],
    files: &'a [InputFile],
    digests: Vec<Option<Digest>>,
    /// Whether the operation that reads them was asked to stop.
    token: Token,
    /// Who counts what is hashed.
    tally: Option<&'a Tally>,
}

impl<'a> AssetInputs<'a> {
    /// The inputs of the asset in `folder`, which with every link above it followed is `place`. Each
    /// of `files` is there: the rules have passed.
    pub(crate) fn new(
        source: &'a dyn Source,
        folder: PathBuf,
        place: PathBuf,
        named: &'a [declaration::Input],
        files: &'a [InputFile],
        token: &Token,
    ) -> Self {
        let digests = vec![None; files.len()];
        Self { source, folder, place, named, files, digests, token: token.clone(), tally: None }
    }

    /// Lets somebody count what is hashed of them.
    pub(crate) fn counted(self, tally: &'a Tally) -> Self {
        Self { tally: Some(tally), ..self }
    }

    /// Counts a payload that was made of them, of which so many bytes were hashed besides.
    pub(super) fn tally(&self, hashed: u64) {
        if let Some(tally) = self.tally {
            tally.hash(hashed);
            tally.encode();
        }
    }

    /// Counts so many bytes as hashed.
    pub(super) fn tally_hashed(&self, bytes: u64) {
        self.tally.iter().for_each(|tally| tally.hash(bytes));
    }

    /// What the file system said of an input when it was loaded.
    pub(crate) fn stamp(&self, input: usize) -> Stamp {
        match self.files.get(input) {
            Some(InputFile::There(stamp)) => *stamp,
            _ => Stamp::default(),
        }
    }

    /// The digest of an input's content; reads it when nobody has.
    pub(crate) fn digest(&mut self, input: usize) -> Result<Digest, Stop> {
        if self.digests[input].is_none() {
            self.copy(input, &mut io::sink())?;
        }
        Ok(self.digests[input].expect("copy sets it"))
    }

    /// The digest of an input's content, when somebody has read it.
    pub(crate) fn known_digest(&self, input: usize) -> Option<Digest> {
        self.digests.get(input).copied().flatten()
    }

    /// Takes a digest that is known from elsewhere.
    pub(crate) fn remember(&mut self, input: usize, digest: Digest) {
        self.digests[input] = Some(digest);
    }

    /// How many inputs there are.
    pub(crate) fn count(&self) -> usize {
        self.files.len()
    }

    fn open(&self, input: usize) -> Result<Box<dyn Input>, Stop> {
        self.goes_on()?;
        let Ok(path) = &self.named[input].path else { return Err(Stop::Changed { input }) };
        if !matches!(self.files.get(input), Some(InputFile::There(_))) {
            // A rule has told why, and better; this keeps the family from looking for it.
            let missing = Finding::new(Code::InputMissing, Anchor::Input(input), "the input cannot be used");
            return Err(Stop::Input(missing));
        }
        let opened = open_below(self.source, &self.place, &path.below(&self.folder));
        let file = opened.map_err(|error| match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::InvalidInput => Stop::Changed { input },
            _ => self.unreadable(input, &error),
        })?;
        self.unchanged(input, file.opened())?;
        Ok(file)
    }

    fn goes_on(&self) -> Result<(), Stop> {
        if self.token.is_asked() { Err(Stop::Cancelled) } else { Ok(()) }
    }

    fn unchanged(&self, input: usize, now: io::Result<Stamp>) -> Result<(), Stop> {
        let now = now.map_err(|error| self.unreadable(input, &error))?;
        if now == self.stamp(input) { Ok(()) } else { Err(Stop::Changed { input }) }
    }

    fn unreadable(&self, input: usize, error: &io::Error) -> Stop {
        let file = &self.named[input].file;
        Stop::Input(input_unreadable::finding(input, file, &error.to_string()))
    }
}

impl Inputs for AssetInputs<'_> {
    fn len(&self, input: usize) -> u64 {
        self.stamp(input).size
    }

    fn read_at(&mut self, input: usize, offset: u64, buffer: &mut [u8]) -> Result<usize, Stop> {
        let file = self.open(input)?;
        let there = usize::try_from(self.len(input).saturating_sub(offset)).unwrap_or(usize::MAX);
        let wanted = buffer.len().min(there);
        let read = file.read_at(&mut buffer[..wanted], offset);
        let read = read.map_err(|error| self.unreadable(input, &error))?;
        self.unchanged(input, file.stamp())?;
        if read == wanted { Ok(read) } else { Err(Stop::Changed { input }) }
    }

    fn read(&mut self, input: usize) -> Result<Vec<u8>, Stop> {
        let size = usize::try_from(self.len(input)).map_err(|_| Stop::Changed { input })?;
        let mut bytes = Vec::with_capacity(size);
        self.copy(input, &mut bytes)?;
        Ok(bytes)
    }

    fn copy(&mut self, input: usize, out: &mut dyn Write) -> Result<(), Stop> {
        let mut out = HashingWriter::new(out);
        self.pass(input, &mut out)?;
        self.digests[input] = Some(out.finish());
        self.tally_hashed(self.len(input));
        Ok(())
    }
}

impl AssetInputs<'_> {
    /// The whole file into `out`, as [`Inputs::copy`], by somebody who knows its digest.
    pub(super) fn compare(&self, input: usize, out: &mut dyn Write) -> Result<(), Stop> {
        self.pass(input, out)
    }

    fn pass(&self, input: usize, out: &mut dyn Write) -> Result<(), Stop> {
        let file = self.open(input)?;
        let size = self.len(input);
        let mut piece = vec![0; usize::try_from(size).unwrap_or(PIECE).min(PIECE)];
        let mut offset = 0;
        while offset < size {
            self.goes_on()?;
            let read = file.read_at(&mut piece, offset).map_err(|error| self.unreadable(input, &error))?;
            if read == 0 {
                return Err(Stop::Changed { input });
            }
            out.write_all(&piece[..read]).map_err(Stop::Payload)?;
            offset += read as u64;
        }
        self.unchanged(input, file.stamp())?;
        if offset != size {
            return Err(Stop::Changed { input });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Fixture;
    use crate::workspace::Scope;

    /// A file of ten bytes as it was loaded, read at `offset` after `meanwhile`.
    fn read_at(offset: u64, meanwhile: impl FnOnce(&Fixture)) -> Result<Vec<u8>, Stop> {
        let fixture = Fixture::blobs(&["a"]);
        fixture.write("assets/a/data.txt", "0123456789");
        let snapshot = fixture.project().refresh(Scope::Managed).unwrap();
        let asset = &snapshot.assets[0];
        let (read, declaration) = (asset.loaded.read().unwrap(), asset.declaration().unwrap());
        let folder = snapshot.layout.root(&asset.entry.root);
        let mut inputs = AssetInputs::new(
            &fixture.files,
            folder.clone(),
            folder,
            &declaration.inputs,
            &read.inputs,
            &Token::default(),
        );
        meanwhile(&fixture);
        let mut buffer = [0; 4];
        let read = inputs.read_at(0, offset, &mut buffer)?;
        Ok(buffer[..read].to_vec())
    }

    #[test]
    fn a_read_in_the_middle_has_fewer_bytes_only_at_the_end() {
        for (offset, bytes) in [(0, "0123"), (3, "3456"), (8, "89"), (10, ""), (u64::MAX, "")] {
            assert_eq!(read_at(offset, |_| ()).unwrap(), bytes.as_bytes(), "{offset}");
        }
    }

    #[test]
    fn a_read_in_the_middle_of_a_changed_file_does_not_count() {
        for now in ["0123456789", "01234567890", "012345678", ""] {
            let read = read_at(3, |fixture| fixture.write("assets/a/data.txt", now));
            assert!(matches!(read, Err(Stop::Changed { input: 0 })), "{now}");
        }
        let gone = read_at(3, |fixture| fixture.files.delete("/game/assets/a/data.txt"));
        assert!(matches!(gone, Err(Stop::Changed { input: 0 })));
    }
}
