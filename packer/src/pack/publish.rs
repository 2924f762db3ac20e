//! Publishing: a staged set takes the place of the last one, file by file, each of them whole.
//!
//! Each file is written and synced in `.staging/<operation-id>/` inside the output folder, then
//! renamed over its predecessor, `assets.pa` first and `asset_table_metadata.json`, which names the
//! pack's digest, last; then both folders are synced. A crash before the first rename leaves the old
//! set; between renames each file is whole, and the digest tells that the set is not. A file whose
//! bytes are already there is not touched, so nothing that watches it wakes up.
//!
//! The pack is synced although it can be made again: cargo compares times alone, and would call a
//! pack that the power cut short fresh for ever.

use std::io;
use std::path::{Path, PathBuf};

use super::SET;
use super::companion::Companions;
use super::compare::Compare;
use super::emit::{PIECE, Sink as _};
use crate::Error;
use crate::cancel::Token;
use crate::id::OperationId;
use crate::storage::{FileKind, Output, Rename, Stat, Storage, write_synced};

/// A set on its way.
#[derive(Debug)]
pub(crate) struct Staging<'a> {
    storage: &'a dyn Storage,
    out: &'a Path,
    folder: PathBuf,
}

/// Which files of the set are new, by [`SET`].
pub(crate) type Published = [bool; 4];

/// Makes a folder and its missing parents.
pub(crate) fn create_dirs(storage: &dyn Storage, folder: &Path) -> io::Result<()> {
    let missing = folder.ancestors().take_while(|folder| !matches!(storage.stat(folder), Ok(Some(_))));
    let missing: Vec<&Path> = missing.filter(|folder| !folder.as_os_str().is_empty()).collect();
    missing.into_iter().rev().try_for_each(|folder| storage.create_dir(folder))
}

impl<'a> Staging<'a> {
    /// Opens a staging folder for one operation, and sweeps those that crashes left. The caller holds
    /// the output folder's lock.
    pub(crate) fn open(storage: &'a dyn Storage, out: &'a Path, operation: OperationId) -> io::Result<Self> {
        let stagings = out.join(".staging");
        // A link there would have us write, and sweep, where it leads.
        if storage.stat(&stagings)?.is_some_and(|stat| stat.kind != FileKind::Folder) {
            let error = "`.staging` in it is not a folder; remove that";
            return Err(io::Error::new(io::ErrorKind::NotADirectory, error));
        }
        let folder = stagings.join(operation.to_string());
        create_dirs(storage, &folder)?;
        let staging = Self { storage, out, folder };
        for entry in storage.walk(&stagings, &mut |_| false)? {
            // Whoever else staged here held the folder's lock, and is gone. Only folders: a link's own
            // inside is elsewhere.
            if entry.kind == FileKind::Folder && entry.path != staging.folder {
                // Whatever stands in the way of tidying is no reason to refuse a pack.
                drop(sweep(storage, &entry.path));
            }
        }
        Ok(staging)
    }

    /// Stages the pack by letting `write` fill it.
    pub(crate) fn pack<T, E>(
        &self,
        failed: impl Fn(io::Error) -> E,
        write: impl FnOnce(&dyn Output) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut file = self.storage.create(&self.folder.join(SET[0])).map_err(&failed)?;
        let value = write(&*file)?;
        file.sync().map_err(failed)?;
        Ok(value)
    }

    /// Whether the staged pack is another one than the published, by all their bytes.
    ///
    /// # Errors
    ///
    /// When one of them cannot be read; [`Error::Cancelled`].
    pub(crate) fn is_pack_new(&self, token: &Token) -> Result<bool, Error> {
        let (staged, place) = (self.folder.join(SET[0]), self.out.join(SET[0]));
        let same = same_bytes(self.storage, &staged, &place, token);
        let same = same.map_err(|error| Error::io("publish the pack into", self.out, error))?;
        // Whoever was asked to stop has not looked to the end.
        token.check()?;
        Ok(!same)
    }

    /// Stages those of the companions that are not there already, and tells of each of the set its bytes and whether
    /// it is new. `pack` is the pack's.
    ///
    /// # Errors
    ///
    /// When a file cannot be written or read.
    pub(crate) fn companions(
        &self,
        pack: (u64, bool),
        companions: &Companions<'_, '_>,
    ) -> Result<[(u64, bool); 4], Error> {
        let failed = |error| Error::io("publish the pack into", self.out, error);
        let mut files = [pack; 4];
        for ((name, text), file) in companions.each().zip(&mut files[1..]) {
            let is_new = !is_text(self.storage, &self.out.join(name), &text).map_err(failed)?;
            if is_new {
                let staged = self.folder.join(name);
                write_synced(self.storage, &staged, text.as_bytes()).map_err(failed)?;
            }
            *file = (text.len() as u64, is_new);
        }
        Ok(files)
    }

    /// Publishes the files of the set that are new.
    pub(crate) fn publish(self, new: Published) -> io::Result<()> {
        for (name, _) in SET.iter().zip(new).filter(|(_, new)| *new) {
            self.storage.rename(&self.folder.join(name), &self.out.join(name), Rename::Replace)?;
        }
        if new.contains(&true) {
            // A name that moved is on disk when both folders are: what is remembered afterwards is of this set, and
            // an old one of the same size and tick must not come back beside it.
            self.storage.sync(self.out)?;
            self.storage.sync(&self.folder)?;
        }
        Ok(())
    }
}

/// A staging that ends, ends tidily, whether it was published or not.
impl Drop for Staging<'_> {
    fn drop(&mut self) {
        drop(sweep(self.storage, &self.folder));
        if let Some(stagings) = self.folder.parent() {
            drop(self.storage.remove(stagings));
        }
    }
}

fn sweep(storage: &dyn Storage, folder: &Path) -> io::Result<()> {
    for entry in storage.walk(folder, &mut |_| false)? {
        storage.remove(&entry.path)?;
    }
    storage.remove(folder)
}

/// Whether a regular file holds exactly this text.
fn is_text(storage: &dyn Storage, path: &Path, text: &str) -> io::Result<bool> {
    let size = text.len() as u64;
    let is_there = |stat: Stat| stat.kind == FileKind::File && stat.stamp.size == size;
    if !storage.stat(path)?.is_some_and(is_there) {
        return Ok(false);
    }
    let file = storage.open(path)?;
    let comparison = Compare::with(Some(&*file));
    comparison.put(text.as_bytes(), 0)?;
    Ok(!comparison.differs()?)
}

/// Whether both hold the same bytes, as far as anybody wants to know.
fn same_bytes(storage: &dyn Storage, staged: &Path, place: &Path, token: &Token) -> io::Result<bool> {
    let size = |path| {
        let stat = storage.stat(path)?;
        Ok::<_, io::Error>(stat.filter(|stat| stat.kind == FileKind::File).map(|stat| stat.stamp.size))
    };
    if size(staged)? != size(place)? {
        return Ok(false);
    }
    let (staged, place) = (storage.open(staged)?, storage.open(place)?);
    let (mut a, mut b) = (vec![0; PIECE], vec![0; PIECE]);
    let mut offset = 0;
    loop {
        let (n, m) = (staged.read_at(&mut a, offset)?, place.read_at(&mut b, offset)?);
        if a[..n] != b[..m] {
            return Ok(false);
        }
        if n == 0 || token.is_asked() {
            return Ok(true);
        }
        offset += n as u64;
    }
}
