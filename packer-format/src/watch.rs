//! A pack that is taken in anew while the game runs (feature `watch`).
//!
//! `cargo prometeu watch -- cargo run` packs on each change of an asset and puts the new pack in the place of the old
//! one in a single step. A game that asks for it each time it draws shows the change a moment later:
//!
//! ```no_run
//! # struct Art;
//! # impl Art { fn of(_: &packer_format::PackFile) -> Result<Self, packer_format::PackFileError> { Ok(Self) } }
//! # fn game() -> Result<(), packer_format::PackFileError> {
//! use packer_format::watch::LivePack;
//!
//! let mut live = LivePack::open(packer_format::locate!())?;
//! let mut art = Art::of(live.pack())?;
//! loop {
//!     match live.poll().and_then(|pack| pack.map(|pack| Art::of(&pack)).transpose()) {
//!         Ok(Some(new)) => art = new,
//!         Ok(None) => {}
//!         // Told once for each file that is no good; the game goes on with what it has.
//!         Err(why) => eprintln!("{why}"),
//!     }
//!     // ... draw with `art` ...
//! #   let _ = &art; break Ok(());
//! }
//! # }
//! ```
//!
//! To ask costs one question to the system and opens nothing, so it may be asked for every picture. There is no thread
//! and nothing to install. What a game does with a pack that lacks something is its own matter: the constants are those
//! that it was compiled with.
//!
//! # What it promises, and what it does not
//!
//! A pack takes the place of another only when its whole layout was checked, as [`PackFile::open`] does it. Whoever
//! holds the old one reads it to its end, however often it is replaced.
//!
//! That is so where packs are published in one step, by a rename, as the packer does it. A program that writes *into*
//! the file, such as `cp`, changes what stands in the open file as well: what is read from it is then bytes of either,
//! never a crash. While the file is shorter or longer than its table says, it is no good and told so.

use std::fs::{self, Metadata};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use crate::{PackFile, PackFileError, PackFileErrorKind};

/// The pack at a path, and whichever comes in its place.
#[derive(Debug)]
pub struct LivePack {
    path: PathBuf,
    pack: Arc<PackFile>,
    /// What stood there when it was looked last; nothing where there was nothing to see.
    seen: Option<Identity>,
    /// What could not be opened, and was told of; it is tried again.
    told: Option<Identity>,
}

/// What tells a file from the one that stood at the path before, without reading either.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Identity {
    size: u64,
    modified: Option<SystemTime>,
    /// Device, number and time of change on Unix; elsewhere when it was made.
    which: (u64, u64, i128),
}

impl Identity {
    fn of(metadata: &Metadata) -> Self {
        #[cfg(unix)]
        let which = {
            use std::os::unix::fs::MetadataExt as _;
            let changed = i128::from(metadata.ctime()) * 1_000_000_000 + i128::from(metadata.ctime_nsec());
            (metadata.dev(), metadata.ino(), changed)
        };
        #[cfg(windows)]
        let which = {
            use std::os::windows::fs::MetadataExt as _;
            (0, metadata.creation_time(), 0)
        };
        Self { size: metadata.len(), modified: metadata.modified().ok(), which }
    }
}

impl LivePack {
    /// Opens the pack at `path`, for [`locate!`](crate::locate) to say.
    ///
    /// # Errors
    ///
    /// As [`PackFile::open`]: there has to be a good one to begin with.
    pub fn open(path: impl Into<PathBuf>) -> Result<Self, PackFileError> {
        let path = path.into();
        let (pack, seen) = open(&path)?;
        Ok(Self { path, pack, seen, told: None })
    }

    /// The last good pack.
    #[must_use]
    pub const fn pack(&self) -> &Arc<PackFile> {
        &self.pack
    }

    /// Where it looks.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The pack that came in place of the last one since this was asked, if one did.
    ///
    /// # Errors
    ///
    /// When what came is not a pack or cannot be opened, or what was there went; told once for each. The last good
    /// pack stays. What could not be opened or read is tried again each time, and said no more.
    pub fn poll(&mut self) -> Result<Option<Arc<PackFile>>, PackFileError> {
        let seen = fs::metadata(&self.path).ok().map(|metadata| Identity::of(&metadata));
        if seen == self.seen {
            return Ok(None);
        }
        match open(&self.path) {
            Ok((pack, opened)) => {
                // Another one may have come since it was asked for.
                (self.seen, self.told, self.pack) = (opened, None, pack);
                Ok(Some(Arc::clone(&self.pack)))
            }
            Err(error) => {
                let may_pass = matches!(error.kind, PackFileErrorKind::Open(_) | PackFileErrorKind::Read(_));
                if seen.is_none() || !may_pass {
                    self.seen = seen;
                    return Err(error);
                }
                // Somebody may hold it for a moment, or too many files are open.
                if self.told == seen {
                    return Ok(None);
                }
                self.told = seen;
                Err(error)
            }
        }
    }
}

/// Opens a pack, and says which file that is.
fn open(path: &Path) -> Result<(Arc<PackFile>, Option<Identity>), PackFileError> {
    let pack = PackFile::open(path)?;
    let metadata = pack
        .metadata()
        .map_err(|error| PackFileError { path: path.to_owned(), kind: PackFileErrorKind::Read(error) })?;
    Ok((Arc::new(pack), Some(Identity::of(&metadata))))
}
