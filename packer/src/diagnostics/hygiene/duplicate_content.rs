//! `duplicate-content`: inputs in different places that hold the same bytes.
//!
//! Sizes are compared first, and only files that share theirs with another are read. Smaller ones than
//! [`SMALLEST`] cost less than the trouble of sharing them. One file under two names (a hard link, an
//! input that is listed twice) is one place.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};

use super::super::{Anchor, Code, Finding};
use super::Look;
use crate::Error;
use crate::digest::{Digest, Hasher};
use crate::path::AssetPath;
use crate::snapshot::{Document, Report};
use crate::workspace::InputFile;

/// Files of fewer bytes may be there as often as they like.
pub(crate) const SMALLEST: u64 = 1024;

/// How much of a file is read at a time, in bytes.
const PIECE: usize = 1 << 16;

/// Where an input lies.
struct Place {
    asset: usize,
    /// Position in the declaration.
    input: usize,
    path: PathBuf,
}

/// What one place is told from others by.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Identity {
    /// Device and number of the file.
    File(u64, u64),
    /// Where those are unknown: the asset, and the path in its root.
    Path(usize, AssetPath),
}

pub(super) fn check(look: &Look<'_>) -> Result<Vec<Report>, Error> {
    let mut reports = Vec::new();
    for (size, places) in by_size(look) {
        if places.len() < 2 {
            continue;
        }
        let mut equal: BTreeMap<Digest, Vec<Place>> = BTreeMap::new();
        for place in places {
            if let Some(digest) = digest(look, &place.path, size)? {
                equal.entry(digest).or_default().push(place);
            }
        }
        reports
            .extend(equal.values().filter(|places| places.len() > 1).map(|equal| report(look, size, equal)));
    }
    Ok(reports)
}

/// The inputs of all registered assets by their sizes, each file once.
fn by_size(look: &Look<'_>) -> BTreeMap<u64, Vec<Place>> {
    let mut by_size: BTreeMap<u64, Vec<Place>> = BTreeMap::new();
    let mut seen = BTreeSet::new();
    for (asset, of) in look.snapshot.assets.iter().enumerate() {
        let folder = look.snapshot.layout.root(&of.entry.root);
        let files = of.loaded.read().map_or(&[][..], |read| &read.inputs);
        let declared = of.declaration().map_or(&[][..], |declaration| &declaration.inputs);
        for (input, (declared, file)) in declared.iter().zip(files).enumerate() {
            let (Ok(path), InputFile::There(stamp)) = (&declared.path, file) else { continue };
            if stamp.size < SMALLEST {
                continue;
            }
            let identity = match stamp.inode {
                0 => Identity::Path(asset, path.clone()),
                inode => Identity::File(stamp.device, inode),
            };
            if seen.insert(identity) {
                let place = Place { asset, input, path: path.below(&folder) };
                by_size.entry(stamp.size).or_default().push(place);
            }
        }
    }
    by_size
}

/// The digest of a file that has so many bytes; `None` of one that cannot be read, which is told at its
/// input, or that has another size by now.
fn digest(look: &Look<'_>, path: &Path, size: u64) -> Result<Option<Digest>, Error> {
    let read = || -> io::Result<Option<Option<Digest>>> {
        let file = look.source.open(path)?;
        let mut hasher = Hasher::default();
        let mut piece = vec![0; PIECE.min(usize::try_from(size).unwrap_or(PIECE) + 1)];
        let mut offset = 0;
        loop {
            if look.token.check().is_err() {
                return Ok(None);
            }
            let read = file.read_at(&mut piece, offset)?;
            hasher.update(&piece[..read]);
            offset += read as u64;
            if read == 0 {
                return Ok(Some((offset == size).then(|| hasher.finish())));
            }
        }
    };
    match read() {
        Ok(Some(digest)) => Ok(digest),
        Ok(None) => look.token.check().map(|()| None),
        Err(_) => Ok(None),
    }
}

fn report(look: &Look<'_>, size: u64, equal: &[Place]) -> Report {
    let places: Vec<String> = equal.iter().map(|place| format!("`{}`", look.shown(&place.path))).collect();
    let count = equal.len();
    let wasted = size * (count as u64 - 1);
    let places = super::super::rules::listed(&places);
    let message =
        format!("{count} inputs hold the same {size} bytes, {wasted} more than are needed: {places}");
    let first = &equal[0];
    let finding = Finding::new(Code::DuplicateContent, Anchor::Input(first.input), message)
        .label("the first of them")
        .help(
            "Let one asset hold the file, and take it out of the others; or leave it, if the copies are to \
             change apart from each other one day.",
        );
    Report { asset: Some(first.asset), document: Document::Declaration, finding, in_builds: false }
}
