//! A pack as it is written: the header, then each payload as a stream.

use std::error::Error;
use std::fmt;
use std::io::{self, Read, Write};

use crate::{AssetId, Entry, Header};

/// Writes a pack that was planned, payload by payload, and holds none of them.
///
/// It writes from front to back only and takes care of the gaps. What it refuses is a pack that is
/// not what its header says: payloads in another order, or of other sizes. It does not make
/// anything durable, and after an error what was written is worthless.
#[derive(Debug)]
pub struct PackWriter<'h, W> {
    out: W,
    header: &'h Header,
    /// How many payloads have begun.
    begun: usize,
    /// Bytes of the payload region that have been written.
    written: u64,
    failed: bool,
}

/// One payload while it is written.
#[derive(Debug)]
pub struct PayloadWriter<'w, W> {
    out: &'w mut W,
    entry: &'w Entry,
    written: &'w mut u64,
    failed: &'w mut bool,
}

/// Why a pack could not be written.
#[derive(Debug)]
#[non_exhaustive]
pub enum WriteError {
    /// The writer below failed.
    Io(io::Error),
    /// Another payload comes next.
    Order {
        /// Whose, or `None` when all have been written.
        expected: Option<AssetId>,
        /// Whose was begun, or `None` when the pack was finished.
        found: Option<AssetId>,
    },
    /// A payload has other than the planned number of bytes.
    Size {
        /// Whose.
        asset_id: AssetId,
        /// Bytes that were written, or would have been.
        found: u64,
        /// Bytes that were planned.
        expected: u64,
    },
    /// An earlier write failed, so that nobody knows what has been written.
    FailedEarlier,
}

impl<'h, W: Write> PackWriter<'h, W> {
    /// Writes everything in front of the payload region to `out`.
    ///
    /// # Errors
    ///
    /// [`WriteError::Io`].
    pub fn new(mut out: W, header: &'h Header) -> Result<Self, WriteError> {
        out.write_all(&header.to_bytes()).map_err(WriteError::Io)?;
        Ok(Self { out, header, begun: 0, written: 0, failed: false })
    }

    /// Begins the payload of `id`, which must be the next by increasing id, and the one before it
    /// complete. Write it to what is returned.
    ///
    /// # Errors
    ///
    /// [`WriteError`] when it is not its turn, the one before it is too short, or the gap could not
    /// be written.
    pub fn begin(&mut self, id: impl Into<AssetId>) -> Result<PayloadWriter<'_, W>, WriteError> {
        self.check_complete()?;
        let (id, next) = (id.into(), self.header.entries().get(self.begun));
        let Some(entry) = next.filter(|entry| entry.asset_id == id) else {
            let expected = next.map(|entry| entry.asset_id);
            return Err(WriteError::Order { expected, found: Some(id) });
        };
        let gap = entry.offset - self.written;
        if let Err(e) = io::copy(&mut io::repeat(0).take(gap), &mut self.out) {
            self.failed = true;
            return Err(WriteError::Io(e));
        }
        self.written = entry.offset;
        self.begun += 1;
        Ok(PayloadWriter { out: &mut self.out, entry, written: &mut self.written, failed: &mut self.failed })
    }

    /// Checks that every payload was written, flushes, and gives the writer below back.
    ///
    /// # Errors
    ///
    /// [`WriteError`] when payloads are missing or the last is too short, or flushing failed.
    pub fn finish(mut self) -> Result<W, WriteError> {
        self.check_complete()?;
        if let Some(entry) = self.header.entries().get(self.begun) {
            return Err(WriteError::Order { expected: Some(entry.asset_id), found: None });
        }
        self.out.flush().map_err(WriteError::Io)?;
        Ok(self.out)
    }

    /// Fails unless the payload that was begun last has all of its bytes.
    fn check_complete(&self) -> Result<(), WriteError> {
        if self.failed {
            return Err(WriteError::FailedEarlier);
        }
        let last = self.begun.checked_sub(1).and_then(|last| self.header.entries().get(last));
        match last {
            Some(entry) if self.written != entry.end() => Err(WriteError::Size {
                asset_id: entry.asset_id,
                found: self.written - entry.offset,
                expected: entry.size,
            }),
            _ => Ok(()),
        }
    }
}

/// Refuses what goes beyond the planned size, with a [`WriteError::Size`] inside the `io::Error`.
impl<W: Write> Write for PayloadWriter<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if *self.failed {
            return Err(io::Error::other(WriteError::FailedEarlier));
        }
        let left = self.entry.end() - *self.written;
        if bytes.len() as u64 > left {
            *self.failed = true;
            let found = (self.entry.size - left).saturating_add(bytes.len() as u64);
            let (asset_id, expected) = (self.entry.asset_id, self.entry.size);
            return Err(io::Error::other(WriteError::Size { asset_id, found, expected }));
        }
        match self.out.write(bytes) {
            Ok(n) => {
                *self.written += n as u64;
                Ok(n)
            }
            Err(e) => {
                *self.failed = e.kind() != io::ErrorKind::Interrupted;
                Err(e)
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

impl fmt::Display for WriteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(e) => write!(f, "cannot write the pack: {e}"),
            Self::Order { expected: Some(expected), found: Some(found) } => {
                write!(f, "the payload of asset {expected} comes before that of asset {found}")
            }
            Self::Order { expected: Some(expected), found: None } => {
                write!(f, "the pack is not complete: the payload of asset {expected} comes next")
            }
            Self::Order { expected: None, found } => {
                f.write_str("all payloads have been written")?;
                found.map_or(Ok(()), |found| write!(f, ", there is no place for asset {found}"))
            }
            Self::Size { asset_id, found, expected } => write!(
                f,
                "the payload of asset {asset_id} was planned with {expected} bytes and has {found}; \
                 its inputs changed meanwhile, pack again"
            ),
            Self::FailedEarlier => f.write_str("an earlier write of this pack failed; start it anew"),
        }
    }
}

impl Error for WriteError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        if let Self::Io(e) = self { Some(e) } else { None }
    }
}
