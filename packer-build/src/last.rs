//! What the last build came to besides its pack: the constants, and the lines for cargo.
//!
//! Both follow from the assets alone, and where the record of the pack is still the one that it was, so are
//! those. Then neither is made again: in a build script, which runs unoptimised, they would cost as much as
//! finding out that nothing changed.
//!
//! The note lies beside the constants that it is about, and names the record, the stamp of those, the build
//! script that made them, and what else the lines follow from. It is never an authority: one that is damaged, of
//! another script or about something else is as good as none, and nothing is lost with it.

use std::fmt::Write as _;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};

use prometeu_packer::IdSource as _;
use prometeu_packer::pack::RecordId;
use prometeu_packer::storage::os::OsStorage;
use prometeu_packer::storage::{FileKind, Rename, Source as _, Stamp, Storage as _, read_up_to};
use prometeu_packer::workspace::layout::temporary_name;

use crate::constants::Unused;
use crate::ids::BuildIds;
use crate::job::CONSTANTS;

const NAME: &str = "assets.rs.record";

/// What a note begins with, in this form.
const VERSION: &str = concat!("prometeu build ", env!("CARGO_PKG_VERSION"), "/1");

/// The longest note that is read: a line for each asset of the largest registry.
const LIMIT: u64 = 64 << 20;

/// See the module.
#[derive(Debug)]
pub(crate) struct Last {
    /// Which record it follows from.
    pub(crate) record: RecordId,
    /// The lines for cargo.
    pub(crate) lines: String,
}

/// What a note is about, besides the assets.
#[derive(Debug, Clone, Copy, Hash)]
pub(crate) struct About<'a> {
    /// Where the project is.
    pub(crate) project: &'a Path,
    /// Whether paths begin there.
    pub(crate) is_package: bool,
    /// Where the set and the constants are.
    pub(crate) out: &'a Path,
    /// Whether lines are printed at all.
    pub(crate) directives: bool,
    /// What the constants say to rustc.
    pub(crate) unused: Unused,
}

impl Last {
    /// The note about that, if the constants are as they were when it was written.
    pub(crate) fn read(about: &About<'_>) -> Option<Self> {
        let (bytes, _) = read_up_to(&OsStorage, &note(about), LIMIT).ok()?;
        let text = String::from_utf8(bytes).ok()?;
        let (sum, rest) = text.split_once('\n')?;
        let (head, lines) = rest.split_once("\n\n")?;
        let (front, record) = head.rsplit_once('\n')?;
        let is_right = sum == checksum(rest) && front == self::front(about, &stamp(&constants(about))?)?;
        let record = is_right.then(|| RecordId::parse(record)).flatten()?;
        Some(Self { record, lines: lines.to_owned() })
    }

    /// Writes it in one step, if the constants are still those that were made. What stands in the way of that is
    /// no failure of the build.
    pub(crate) fn write(&self, about: &About<'_>, made: &str) {
        let path = constants(about);
        let (Some(seen), Ok((there, _))) = (stamp(&path), read_up_to(&OsStorage, &path, LIMIT)) else {
            return;
        };
        // Whoever builds here at the same time may have put others there.
        let is_still = there == made.as_bytes() && stamp(&path) == Some(seen);
        let Some(mut rest) = front(about, &seen).filter(|_| is_still) else { return };
        let _ = write!(rest, "\n{}\n\n{}", self.record, self.lines);
        let text = format!("{}\n{rest}", checksum(&rest));
        let temporary = about.out.join(temporary_name(NAME, BuildIds.operation_id()));
        let written = OsStorage
            .create(&temporary)
            .and_then(|mut file| file.write_all(text.as_bytes()))
            .and_then(|()| OsStorage.rename(&temporary, &note(about), Rename::Replace));
        if written.is_err() {
            drop(OsStorage.remove(&temporary));
            drop(OsStorage.remove(&note(about)));
        }
    }
}

fn note(about: &About<'_>) -> PathBuf {
    about.out.join(NAME)
}

fn constants(about: &About<'_>) -> PathBuf {
    about.out.join(CONSTANTS)
}

/// That of a regular file. What is asked for is our own, and its stamp is taken after it was written: a young one
/// is believed as well.
fn stamp(path: &Path) -> Option<Stamp> {
    let stat = OsStorage.stat(path).ok()??;
    (stat.kind == FileKind::File).then_some(stat.stamp)
}

/// All that constants and lines follow from, besides the record. One version of the packer may be two programs,
/// while somebody works on it: so the program itself is in it.
fn front(about: &About<'_>, constants: &Stamp) -> Option<String> {
    let script = std::env::current_exe().ok().and_then(|script| stamp(&script.canonicalize().ok()?))?;
    let mut hasher = DefaultHasher::new();
    about.hash(&mut hasher);
    let mut front = format!("{VERSION}\n{:016x}", hasher.finish());
    for Stamp { size, modified, changed, inode, device } in [constants, &script] {
        let _ = write!(front, " {size} {modified} {changed} {inode} {device}");
    }
    Some(front)
}

/// For accidents. Another compiler's hash may differ, and makes a new note.
fn checksum(text: &str) -> String {
    let mut hasher = DefaultHasher::new();
    hasher.write(text.as_bytes());
    format!("{:016x}", hasher.finish())
}

#[cfg(test)]
mod tests;
