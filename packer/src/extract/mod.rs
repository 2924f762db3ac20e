//! A pack taken apart: for each asset the files and the `asset.json` out of which the packer makes the
//! same payload again.
//!
//! Pure: a table and payloads in, files as values out. Who writes them chooses the place.
//!
//! What comes out is proven before it is handed out: the declaration is read by the packer's own reader,
//! the files are encoded by their family, and every byte of the payload, the metadata, the decoded size,
//! the name and the preload are held against the pack. An asset of which that is not true is left out,
//! with the reason; so is one of a kind that this version does not know. Nothing is guessed.
//!
//! # What a pack does not hold
//!
//! Neither roots, uuids and ids in the registry, nor file names of pictures and sounds, nor what was
//! declared for tools alone. So an extracted asset
//!
//! - lies in a folder called after its name ([`roots`]), and has no uuid: who registers it gives it one;
//! - has its tiles on one picture, `sheet.png`, each in the colours of the lowest palette that gives the
//!   same indices. Which palette a game draws a tile with is chosen when it is drawn;
//! - has its palettes as long as they must be: black colours at a palette's end are like none at all,
//!   and so is a palette of black, unless a tile shows the difference;
//! - has its sounds as `sample_0.wav` and so on; its blobs have the names that the pack keeps, except
//!   those which another system could not hold ([`Extracted::renamed`]).

mod blobs;
mod glyphs;
mod names;
mod palettes;
mod sounds;
#[cfg(test)]
mod tests;
mod text;

use std::borrow::Cow;
use std::fmt;
use std::io::{self, Write};

use packer_format::Entry;
use packer_format::json::{Object, Value};

use crate::diagnostics::{Finding, Severity};
use crate::family::{self, Family, NewInput};
use crate::path::AssetPath;
use crate::schema::declaration;

pub use names::roots;

/// One asset as files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extracted<'p> {
    /// The name of its family.
    pub family: &'static str,
    /// Its `asset.json`, without a uuid.
    pub declaration: String,
    /// Its inputs in declared order, each by its path in the asset's folder. All can be written side by
    /// side on every system, none is the declaration, and none leaves the folder.
    pub files: Vec<ExtractedFile<'p>>,
    /// Blobs that have another name now than in the pack.
    pub renamed: Vec<Renamed>,
}

/// One input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExtractedFile<'p> {
    /// Its path in the asset's folder.
    pub path: AssetPath,
    /// Its content.
    pub bytes: Cow<'p, [u8]>,
}

/// A blob with another name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Renamed {
    /// Which blob.
    pub index: usize,
    /// What the pack calls it.
    pub from: String,
    /// What the file is called.
    pub to: AssetPath,
}

/// Why an asset is not extracted: words that follow the asset's name and `is left out: `.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut(pub String);

/// What a family makes of a payload.
struct Content<'p> {
    /// The role of its inputs.
    role: &'static str,
    files: Vec<ExtractedFile<'p>>,
    /// Which file each artifact is, where that is not the first, the second, the third.
    artifacts: Option<Vec<usize>>,
    /// The keys of the metadata that the family derives.
    derived: &'static [&'static str],
    /// `output.pipeline` as JSON.
    pipeline: Option<String>,
    renamed: Vec<Renamed>,
}

/// The files of one asset of a pack. `preload` is whether the pack lists it as resident from the start.
///
/// # Errors
///
/// [`LeftOut`] when the packer would not make this asset out of any files, or this version does not know
/// how.
pub fn extract<'p>(entry: &Entry, preload: bool, payload: &'p [u8]) -> Result<Extracted<'p>, LeftOut> {
    let family = family::by_bank_type(&entry.bank_type)
        .ok_or_else(|| LeftOut(format!("this version knows no `{}` banks", entry.bank_type)))?;
    let content = match family.name() {
        "glyph_bank" => glyphs::content(entry, payload)?,
        "sound_bank" => sounds::content(entry, payload)?,
        "blob_bank" => blobs::content(entry, payload)?,
        other => return Err(LeftOut(format!("this version does not take a `{other}` apart"))),
    };
    let declaration = text::declaration(entry, preload, family, &content);
    prove(entry, preload, payload, family, &content, &declaration)?;
    let Content { files, renamed, .. } = content;
    Ok(Extracted { family: family.name(), declaration, files, renamed })
}

/// Fails unless the packer makes this very asset of declaration and files.
fn prove(
    entry: &Entry,
    preload: bool,
    payload: &[u8],
    family: &dyn Family,
    content: &Content<'_>,
    text: &str,
) -> Result<(), LeftOut> {
    let refused = |findings: &[Finding]| {
        let first = findings.iter().find(|finding| finding.code.severity() == Severity::Error)?;
        Some(LeftOut(format!("the packer would not take it: {}", first.message)))
    };
    let (_, reading) = declaration::read_bytes(text.as_bytes().to_vec());
    if let Some(left_out) = refused(&reading.findings) {
        return Err(left_out);
    }
    let other = |what: &str| LeftOut(format!("{what} is not what the packer would make of its files"));
    let declared = reading.declaration.ok_or_else(|| other("its declaration"))?;
    if declared.name != entry.asset_name || declared.preload != preload {
        return Err(other("its entry"));
    }
    let large = content.files.iter().find(|file| file.bytes.len() as u64 > family.input_limit());
    if let Some(file) = large {
        return Err(LeftOut(format!("`{}` has more bytes than an input may have", file.path)));
    }
    let inputs: Vec<NewInput<'_>> =
        content.files.iter().map(|file| NewInput { file: file.path.as_str(), bytes: &file.bytes }).collect();
    let mut same = Same { left: payload, differs: false };
    let (probe, mut findings) = family::made(family, &declared, &inputs, &mut same);
    let metadata = probe.as_ref().map(|probe| family::header_metadata(&declared, probe, &mut findings));
    if let Some(left_out) = refused(&findings) {
        return Err(left_out);
    }
    let probe = probe.ok_or_else(|| other("its payload"))?;
    if same.differs || !same.left.is_empty() || probe.decoded_size != entry.decoded_size {
        return Err(other("its payload"));
    }
    if metadata.as_ref() != Some(&renamed(&entry.metadata, &content.renamed)) {
        return Err(other("its metadata"));
    }
    Ok(())
}

/// The metadata of a pack with other names of blobs.
fn renamed(metadata: &Object, renamed: &[Renamed]) -> Object {
    let mut metadata = metadata.clone();
    if let (Some(Value::Object(blobs)), false) = (metadata.get_mut("blobs"), renamed.is_empty()) {
        for renamed in renamed {
            if let Some(Value::Object(blob)) = blobs.get_mut(&renamed.index.to_string()) {
                blob.insert("name".to_owned(), renamed.to.as_str().into());
            }
        }
    }
    metadata
}

/// Takes bytes and holds them against those that are expected.
struct Same<'p> {
    left: &'p [u8],
    differs: bool,
}

impl Write for Same<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.left.split_at_checked(bytes.len()) {
            Some((expected, left)) if expected == bytes => self.left = left,
            _ => self.differs = true,
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl fmt::Display for LeftOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for LeftOut {}

/// A path that this room made up.
fn own_path(text: &str) -> AssetPath {
    AssetPath::parse(text).expect("it is made of letters, digits and a dot")
}

/// What a reader of banks says, behind the asset's name.
fn misread(error: &packer_format::BankError) -> LeftOut {
    LeftOut(match error {
        packer_format::BankError::Metadata { problem, .. } => format!("its metadata is wrong: {problem}"),
        other => other.to_string(),
    })
}
