//! Whether what stands somewhere is what a change made there, or what a crash left of that.

use std::io;
use std::path::Path;

use super::control::{Check, skips};
use super::standing::{Content, Eyes};
use crate::digest::{Digest, Hasher};
use crate::path::AssetPath;
use crate::storage::{FileKind, Source};

impl Content {
    /// Whether this may be what a crash left of writing that text: cut short, or zeros in places.
    pub(super) fn is_of(&self, text: Option<&str>) -> bool {
        let (Self::File(bytes), Some(text)) = (self, text) else { return false };
        if skips(Check::LeftOver) {
            return true;
        }
        bytes.len() <= text.len()
            && bytes.iter().zip(text.bytes()).all(|(have, ours)| *have == ours || *have == 0)
    }
}

impl Eyes<'_> {
    /// Whether a folder holds these files and nothing else.
    pub(crate) fn holds_exactly(self, folder: &Path, made: &[(AssetPath, Digest)]) -> bool {
        let entries = self.source.walk(folder, &mut |_| true);
        entries.is_ok_and(|entries| entries.len() == made.len())
            && made.iter().all(|(file, digest)| self.has(&file.below(folder), *digest))
    }

    /// Whether a file is there, with that content.
    pub(super) fn has(self, file: &Path, digest: Digest) -> bool {
        matches!(self.kind(file), Ok(Some(FileKind::File)))
            && digest_of(self.source, file).is_ok_and(|found| found == digest)
    }
}

fn digest_of(source: &dyn Source, file: &Path) -> io::Result<Digest> {
    let file = source.open(file)?;
    let mut hasher = Hasher::default();
    let mut buffer = vec![0; 1 << 16];
    let mut offset = 0;
    loop {
        match file.read_at(&mut buffer, offset)? {
            0 => return Ok(hasher.finish()),
            read => {
                hasher.update(&buffer[..read]);
                offset += read as u64;
            }
        }
    }
}
