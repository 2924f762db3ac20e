//! Takes the bytes of a pack and tells whether they are those of a file, to its last byte.

use std::io;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use super::emit::{PIECE, Sink};
use crate::storage::Input;

/// See the module.
#[derive(Debug)]
pub(crate) struct Compare<'a> {
    file: Option<&'a dyn Input>,
    /// Where the last byte ended that was taken.
    end: AtomicU64,
    differs: AtomicBool,
}

impl<'a> Compare<'a> {
    /// Compares with `file`; with nothing, everything differs.
    pub(crate) fn with(file: Option<&'a dyn Input>) -> Self {
        Self { file, end: AtomicU64::new(0), differs: AtomicBool::new(file.is_none()) }
    }

    /// Whether there was any difference.
    pub(crate) fn differs(&self) -> io::Result<bool> {
        match self.file {
            Some(file) if !self.differs.load(Ordering::Relaxed) => {
                Ok(file.stamp()?.size != self.end.load(Ordering::Relaxed))
            }
            _ => Ok(true),
        }
    }
}

impl Sink for Compare<'_> {
    fn put(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        let Some(file) = self.file else { return Ok(()) };
        let mut there = vec![0; bytes.len().min(PIECE)];
        let mut at = offset;
        for piece in bytes.chunks(PIECE) {
            if self.differs.load(Ordering::Relaxed) {
                return Ok(());
            }
            let there = &mut there[..piece.len()];
            let read = file.read_at(there, at)?;
            if there[..read] != *piece {
                self.differs.store(true, Ordering::Relaxed);
            }
            at += piece.len() as u64;
        }
        self.end.fetch_max(at, Ordering::Relaxed);
        Ok(())
    }

    fn keep(&self, _last: &dyn Input, _range: Range<u64>, _offset: u64) -> io::Result<()> {
        // A comparison is of what the sources make.
        Err(io::ErrorKind::Unsupported.into())
    }
}
