//! A pack that stays in its file.

use std::error::Error;
use std::fmt;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use crate::bank::not_in;
use crate::header::check_zeros;
use crate::{
    AssetId, BankError, BlobBank, BlobBankId, Entry, FormatError, GlyphBank, GlyphBankId, Header, SoundBank,
    SoundBankId, layout,
};

/// A pack in a file, of which only the table is in memory.
///
/// Each payload is read when it is asked for, into memory of exactly its size; nothing is mapped,
/// so a file that shrinks is an error and no crash. The file stays open: a packer that replaces it
/// by a rename meanwhile, as ours does, does not disturb this one. Threads may share it.
///
/// On Unix and Windows. Elsewhere, use [`Pack`](crate::Pack).
#[derive(Debug)]
pub struct PackFile {
    path: PathBuf,
    file: File,
    header: Header,
}

/// What failed on a pack's file.
///
/// `Debug` prints the message too, since that is what people see of an error that a game's `main`
/// returns.
#[non_exhaustive]
pub struct PackFileError {
    /// The file.
    pub path: PathBuf,
    /// What happened.
    pub kind: PackFileErrorKind,
}

/// The kinds of [`PackFileError`].
#[derive(Debug)]
#[non_exhaustive]
pub enum PackFileErrorKind {
    /// It could not be opened.
    Open(io::Error),
    /// It could not be read.
    Read(io::Error),
    /// It is not a pack.
    Format(FormatError),
    /// What was asked for is not in it.
    Bank(BankError),
    /// A payload does not fit into memory.
    Memory {
        /// Its size in bytes.
        size: u64,
    },
}

impl PackFile {
    /// Opens the pack at `path` and reads its table; [`locate!`](crate::locate) knows the path.
    ///
    /// # Errors
    ///
    /// [`PackFileError`] when there is no such file, it is a folder, a pipe or a device, it cannot be read, or it
    /// is not exactly a pack.
    pub fn open(path: impl Into<PathBuf>) -> Result<Self, PackFileError> {
        let path = path.into();
        let fail = |kind| PackFileError { path: path.clone(), kind };
        // To open a pipe is to wait for somebody who writes into it.
        check_is_file(&path).map_err(|e| fail(PackFileErrorKind::Open(e)))?;
        let file = File::open(&path).map_err(|e| fail(PackFileErrorKind::Open(e)))?;
        let len = file.metadata().map_err(|e| fail(PackFileErrorKind::Read(e)))?.len();
        // The shortest pack: most tables fit into it, and the others say how long they are.
        let mut prefix = Vec::new();
        let mut wanted = layout::PAGE.min(len);
        let header = loop {
            read_to(&file, wanted, &mut prefix).map_err(fail)?;
            match Header::read(&prefix, len) {
                // Never more than `payload_offset`, so that the loop turns twice at most.
                Err(FormatError::Incomplete { needed }) if needed > wanted => wanted = needed,
                result => break result.map_err(|e| fail(PackFileErrorKind::Format(e)))?,
            }
        };
        Ok(Self { path, file, header })
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What the system says of the file that is open, whatever stands at its path by now.
    #[cfg(feature = "watch")]
    pub(crate) fn metadata(&self) -> io::Result<fs::Metadata> {
        self.file.metadata()
    }

    /// The table of what is in it.
    #[must_use]
    pub const fn header(&self) -> &Header {
        &self.header
    }

    /// The asset with that id.
    #[must_use]
    pub fn get(&self, id: impl Into<AssetId>) -> Option<&Entry> {
        self.header.get(id)
    }

    /// The asset with that name, of several the one with the lowest id.
    #[must_use]
    pub fn by_name(&self, name: &str) -> Option<&Entry> {
        self.header.by_name(name)
    }

    /// Reads the payload of an asset.
    ///
    /// # Errors
    ///
    /// [`PackFileError`] when there is no such asset, or it cannot be read.
    pub fn payload(&self, id: impl Into<AssetId>) -> Result<Vec<u8>, PackFileError> {
        self.read(id.into()).map(|(_, payload)| payload)
    }

    /// Fills `buffer` from byte `at` of an asset's payload on, for payloads that are better not
    /// in memory as a whole. Yields how many bytes it filled: fewer at the payload's end only.
    ///
    /// # Errors
    ///
    /// [`PackFileError`] when there is no such asset, or it cannot be read.
    pub fn read_at(
        &self,
        id: impl Into<AssetId>,
        at: u64,
        buffer: &mut [u8],
    ) -> Result<usize, PackFileError> {
        let range = self.header.payload_range(self.find(id.into())?);
        let start = range.start.saturating_add(at).min(range.end);
        let len = usize::try_from(range.end - start).unwrap_or(usize::MAX).min(buffer.len());
        read_exact_at(&self.file, &mut buffer[..len], start)
            .map_err(|e| self.fail(PackFileErrorKind::Read(e)))?;
        Ok(len)
    }

    /// Reads a bank of tiles.
    ///
    /// # Errors
    ///
    /// [`PackFileError`] when there is no such asset, it cannot be read, or it is not a glyph bank.
    pub fn glyph_bank(&self, bank: GlyphBankId) -> Result<GlyphBank, PackFileError> {
        let (entry, payload) = self.read(bank.id())?;
        GlyphBank::new(entry, payload).map_err(|e| self.fail(PackFileErrorKind::Bank(e)))
    }

    /// Reads a bank of sounds.
    ///
    /// # Errors
    ///
    /// [`PackFileError`] when there is no such asset, it cannot be read, or it is not a sound bank.
    pub fn sound_bank(&self, bank: SoundBankId) -> Result<SoundBank, PackFileError> {
        let (entry, payload) = self.read(bank.id())?;
        SoundBank::new(entry, payload).map_err(|e| self.fail(PackFileErrorKind::Bank(e)))
    }

    /// Reads a bank of blobs.
    ///
    /// # Errors
    ///
    /// [`PackFileError`] when there is no such asset, it cannot be read, or it is not a blob bank.
    pub fn blob_bank(&self, bank: BlobBankId) -> Result<BlobBank, PackFileError> {
        let (entry, payload) = self.read(bank.id())?;
        BlobBank::new(entry, payload).map_err(|e| self.fail(PackFileErrorKind::Bank(e)))
    }

    /// Checks that the gaps between payloads hold zeros only, which opening a pack does not.
    ///
    /// # Errors
    ///
    /// [`PackFileError`] with the first byte that is something else, or when it cannot be read.
    pub fn verify_gaps(&self) -> Result<(), PackFileError> {
        let mut buffer = Vec::new();
        for gap in self.header.gaps() {
            buffer.clear();
            // A gap is shorter than a page.
            buffer.resize(usize::try_from(gap.end - gap.start).unwrap_or(usize::MAX), 0);
            read_exact_at(&self.file, &mut buffer, gap.start)
                .map_err(|e| self.fail(PackFileErrorKind::Read(e)))?;
            check_zeros(&buffer, gap.start).map_err(|e| self.fail(PackFileErrorKind::Format(e)))?;
        }
        Ok(())
    }

    fn find(&self, asset_id: AssetId) -> Result<&Entry, PackFileError> {
        let entry = self.header.get(asset_id);
        entry.ok_or_else(|| self.fail(PackFileErrorKind::Bank(not_in(&self.header, asset_id))))
    }

    fn read(&self, asset_id: AssetId) -> Result<(&Entry, Vec<u8>), PackFileError> {
        let entry = self.find(asset_id)?;
        let mut payload = Vec::new();
        let memory = || self.fail(PackFileErrorKind::Memory { size: entry.size });
        let size = usize::try_from(entry.size).map_err(|_| memory())?;
        payload.try_reserve_exact(size).map_err(|_| memory())?;
        payload.resize(size, 0);
        read_exact_at(&self.file, &mut payload, self.header.payload_range(entry).start)
            .map_err(|e| self.fail(PackFileErrorKind::Read(e)))?;
        Ok((entry, payload))
    }

    fn fail(&self, kind: PackFileErrorKind) -> PackFileError {
        PackFileError { path: self.path.clone(), kind }
    }
}

/// Extends `prefix` to the first `len` bytes of `file`.
fn read_to(file: &File, len: u64, prefix: &mut Vec<u8>) -> Result<(), PackFileErrorKind> {
    let memory = || PackFileErrorKind::Memory { size: len };
    let have = prefix.len();
    let len = usize::try_from(len).map_err(|_| memory())?;
    prefix.try_reserve_exact(len.saturating_sub(have)).map_err(|_| memory())?;
    prefix.resize(len, 0);
    read_exact_at(file, &mut prefix[have..], have as u64).map_err(PackFileErrorKind::Read)
}

/// Fails for whatever is no regular file, in words that say what it is.
fn check_is_file(path: &Path) -> io::Result<()> {
    let kind = fs::metadata(path)?.file_type();
    if kind.is_file() {
        return Ok(());
    }
    if kind.is_dir() {
        return Err(io::Error::new(io::ErrorKind::IsADirectory, "it is a folder"));
    }
    Err(io::Error::new(io::ErrorKind::InvalidInput, format!("it is {}", what_it_is(kind))))
}

#[cfg(unix)]
fn what_it_is(kind: fs::FileType) -> &'static str {
    use std::os::unix::fs::FileTypeExt;
    match kind {
        kind if kind.is_fifo() => "a pipe",
        kind if kind.is_socket() => "a socket",
        kind if kind.is_char_device() || kind.is_block_device() => "a device",
        _ => "no file",
    }
}

#[cfg(not(unix))]
fn what_it_is(_: fs::FileType) -> &'static str {
    "no file"
}

#[cfg(unix)]
fn read_exact_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, buffer, offset)
}

#[cfg(windows)]
fn read_exact_at(file: &File, mut buffer: &mut [u8], mut offset: u64) -> io::Result<()> {
    use std::os::windows::fs::FileExt;
    while !buffer.is_empty() {
        match file.seek_read(buffer, offset) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(n) => {
                buffer = &mut buffer[n..];
                offset += n as u64;
            }
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    Ok(())
}

impl fmt::Display for PackFileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.display();
        match &self.kind {
            PackFileErrorKind::Open(e) if e.kind() == io::ErrorKind::NotFound => write!(
                f,
                "there is no pack `{path}`: {e}; a shipped game takes the `assets.pa` beside its executable, or \
                 what the variable `PROMETEU_ASSETS_PA` names; in development cargo makes the pack, and does \
                 not notice when only the pack is deleted: run `cargo clean -p` with the game's name, or \
                 `touch` a file of an asset, and build again"
            ),
            PackFileErrorKind::Open(e) => write!(f, "cannot open the pack `{path}`: {e}"),
            PackFileErrorKind::Read(e) => write!(f, "cannot read the pack `{path}`: {e}"),
            PackFileErrorKind::Format(e) => write!(f, "`{path}`: {e}"),
            PackFileErrorKind::Bank(e) => write!(f, "`{path}`: {e}"),
            PackFileErrorKind::Memory { size } => {
                write!(
                    f,
                    "`{path}`: {size} bytes of it do not fit into memory; read them in pieces with `read_at`"
                )
            }
        }
    }
}

impl fmt::Debug for PackFileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Error for PackFileError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match &self.kind {
            PackFileErrorKind::Open(e) | PackFileErrorKind::Read(e) => Some(e),
            PackFileErrorKind::Format(e) => Some(e),
            PackFileErrorKind::Bank(e) => Some(e),
            PackFileErrorKind::Memory { .. } => None,
        }
    }
}
