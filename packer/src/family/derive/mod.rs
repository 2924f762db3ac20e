//! A new asset: what it begins with, or what its declaration has to say of files that are there
//! already, beside their names.
//!
//! [`NewAsset::derive`] yields the members of `output` that the family asks for; for tiles those are
//! their size and palettes ([`tiles`]). What cannot be packed is refused here, with the family's own
//! words: [`proof`] runs the family over the very declaration and bytes that are to be written.
//!
//! It converts nothing and writes nothing: the files of the new asset are the files that were given.

mod blob_bank;
pub(super) mod cover;
mod glyph_bank;
pub(super) mod slots;
pub(super) mod sound_bank;
pub(super) mod tiles;

use std::io;

use super::{Family, Inputs, Probe, Stop};
use crate::diagnostics::{Anchor, Code, Finding};
use crate::schema::declaration::Declaration;

/// The families again, as those see them who make new assets.
const ALL: &[&dyn NewAsset] =
    &[&super::glyph_bank::GlyphBank, &super::sound_bank::SoundBank, &super::blob_bank::BlobBank];

/// What only those ask of a family who make a new asset of it.
pub trait NewAsset: Family {
    /// What a new asset of this family begins with.
    fn starter(&self) -> Starter;

    /// What the declaration of a new asset made of `files` has to say of them. `tile_size` is a
    /// wish.
    ///
    /// # Errors
    ///
    /// Why no asset can be made of them: findings about the files, and about nothing that a person
    /// could look up in a declaration, since there is none yet.
    fn derive(&self, files: &[NewInput<'_>], tile_size: Option<u32>) -> Result<Derived, Vec<Finding>> {
        as_they_are(self.name(), files, tile_size)
    }
}

/// What a family says of new assets.
///
/// # Panics
///
/// When it is none of [`super::ALL`].
#[must_use]
pub fn new_asset(family: &dyn Family) -> &'static dyn NewAsset {
    let new = ALL.iter().find(|new| new.name() == family.name());
    *new.expect("BUG: a family that is in one list and not in the other")
}

/// A new asset before anybody drew it: the least that packs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Starter {
    /// The role of its inputs.
    pub role: &'static str,
    /// Its inputs: file name and content.
    pub files: Vec<(&'static str, Vec<u8>)>,
    /// `output.metadata` as JSON, where the family asks for some.
    pub metadata: Option<&'static str>,
    /// `output.pipeline` as JSON, where the family asks for some.
    pub pipeline: Option<&'static str>,
}

/// A file for a new asset.
#[derive(Debug, Clone, Copy)]
pub struct NewInput<'a> {
    /// Its path in the asset, as the declaration will name it.
    pub file: &'a str,
    /// Its content.
    pub bytes: &'a [u8],
}

/// What the declaration of a new asset says of its files.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Derived {
    /// What was made of the files, in a few words: `12 tiles of 16x16 pixels in 1 palette`.
    pub summary: String,
    /// `output.metadata` as JSON, where the family asks for some.
    pub metadata: Option<String>,
    /// `output.pipeline` as JSON, one palette a line, where the family asks for some.
    pub pipeline: Option<String>,
}

/// Every file as it is: for a family that asks for nothing.
///
/// # Errors
///
/// When a size of tiles is wished for.
pub(super) fn as_they_are(
    family: &str,
    files: &[NewInput<'_>],
    tile_size: Option<u32>,
) -> Result<Derived, Vec<Finding>> {
    if let Some(size) = tile_size {
        let message = format!("a `{family}` has no tiles, and so no tile size {size}");
        let help = "Leave the tile size out, or create a `glyph_bank`.";
        return Err(vec![Finding::new(Code::MetadataInvalid, Anchor::File, message).help(help)]);
    }
    let summary = match files.len() {
        1 => "1 file".to_owned(),
        count => format!("{count} files"),
    };
    Ok(Derived { summary, ..Derived::default() })
}

/// What is wrong with a declaration and the files that it names, in declared order. Nothing is
/// written: the payload is made and dropped.
pub(crate) fn proof(family: &dyn Family, declaration: &Declaration, files: &[NewInput<'_>]) -> Vec<Finding> {
    made(family, declaration, files, &mut io::sink()).1
}

/// The payload of a declaration and the files that it names, in declared order; with what its header
/// says, where it got that far, and all that is wrong.
pub(crate) fn made(
    family: &dyn Family,
    declaration: &Declaration,
    files: &[NewInput<'_>],
    payload: &mut dyn io::Write,
) -> (Option<Probe>, Vec<Finding>) {
    for (input, file) in files.iter().enumerate() {
        assert_eq!(declaration.inputs[input].file, file.file, "BUG: the declaration has another order");
    }
    let mut findings = Vec::new();
    let mut inputs = InMemory(files);
    let probe = match family.probe(declaration, &mut inputs, &mut findings) {
        Ok(Some(probe)) => {
            let encoded = family.encode(declaration, &probe, &mut inputs, payload, &mut findings);
            encoded.map(|()| Some(probe))
        }
        Ok(None) => Ok(None),
        Err(stop) => Err(stop),
    };
    let probe = probe.unwrap_or_else(|stop| {
        if let Stop::Input(finding) = stop {
            findings.push(finding);
        }
        None
    });
    (probe, findings)
}

/// Files in memory: reading them cannot fail, and they do not change.
pub(super) struct InMemory<'a>(pub(super) &'a [NewInput<'a>]);

impl Inputs for InMemory<'_> {
    fn len(&self, input: usize) -> u64 {
        self.0[input].bytes.len() as u64
    }

    fn read_at(&mut self, input: usize, offset: u64, buffer: &mut [u8]) -> Result<usize, Stop> {
        let from = usize::try_from(offset).unwrap_or(usize::MAX);
        let there = self.0[input].bytes.get(from..).unwrap_or_default();
        let length = there.len().min(buffer.len());
        buffer[..length].copy_from_slice(&there[..length]);
        Ok(length)
    }

    fn read(&mut self, input: usize) -> Result<Vec<u8>, Stop> {
        Ok(self.0[input].bytes.to_vec())
    }

    fn copy(&mut self, input: usize, out: &mut dyn io::Write) -> Result<(), Stop> {
        out.write_all(self.0[input].bytes).map_err(Stop::Payload)
    }
}
