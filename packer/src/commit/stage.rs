//! New roots are made whole before they appear: in `local/staged/<operation>/`, every file synced, and
//! then moved to their place in one step.
//!
//! Nothing of a person's goes into that folder, so what a crash leaves there is removed by the next
//! writer. The one exception is a root that is taken back: somebody may have put a file into it at the
//! last moment. [`discard`] therefore removes only what the change wrote, and gives the rest back.

use std::io;
use std::path::{Path, PathBuf};

use super::place::Place;
use super::settle::Disk;
use super::standing::is_absent;
use crate::Error;
use crate::digest::{Digest, Hasher};
use crate::id::OperationId;
use crate::pack::create_dirs;
use crate::path::AssetPath;
use crate::storage::{FileKind, Rename, write_synced};

/// The files of a new root.
pub(crate) type Files<'a> = Vec<(AssetPath, &'a [u8])>;

/// Makes a root in the staged folder, durably; what it holds.
pub(super) fn make(
    disk: Disk<'_>,
    operation: OperationId,
    files: &Files<'_>,
) -> Result<Vec<(AssetPath, Digest)>, Error> {
    let stage = disk.layout.staged();
    let folder = Place::Staged(operation).path(disk.layout);
    let make = || {
        match disk.kind(&stage)? {
            Some(FileKind::Folder) => {}
            Some(_) => return Err(io::Error::new(io::ErrorKind::NotADirectory, "not a folder")),
            // Its own name is durable with the journal's, which lies in the same folder.
            None => disk.storage.create_dir(&stage)?,
        }
        disk.storage.create_dir(&folder)?;
        for (file, bytes) in files {
            write_synced(disk.storage, &file.below(&folder), bytes)?;
        }
        disk.storage.sync(&folder)?;
        disk.storage.sync(&stage)
    };
    make().map_err(|error| Error::io("write", &folder, error))?;
    Ok(files.iter().map(|(file, bytes)| (file.clone(), Digest::of(bytes))).collect())
}

/// Whether a folder holds these files and nothing else.
pub(super) fn holds_exactly(disk: Disk<'_>, folder: &Path, made: &[(AssetPath, Digest)]) -> bool {
    let entries = disk.storage.walk(folder, &mut |_| true);
    entries.is_ok_and(|entries| entries.len() == made.len())
        && made.iter().all(|(file, digest)| has(disk, &file.below(folder), *digest))
}

fn has(disk: Disk<'_>, file: &Path, digest: Digest) -> bool {
    matches!(disk.kind(file), Ok(Some(FileKind::File)))
        && digest_of(disk, file).is_ok_and(|found| found == digest)
}

fn digest_of(disk: Disk<'_>, file: &Path) -> io::Result<Digest> {
    let file = disk.storage.open(file)?;
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

/// Removes a root that was made and is not wanted any more from the staged folder. What else lies in
/// it goes back to where it came from, or beside it, or among the assets, durably; that place is named.
pub(super) fn discard(
    disk: Disk<'_>,
    staged: &Place,
    place: &Place,
    made: &[(AssetPath, Digest)],
) -> Result<Option<PathBuf>, Error> {
    let folder = staged.path(disk.layout);
    let discard = || {
        match disk.kind(&folder)? {
            None => return Ok(None),
            Some(FileKind::Folder) => {
                for (file, digest) in made {
                    let path = file.below(&folder);
                    if has(disk, &path, *digest) {
                        disk.storage.remove(&path)?;
                    }
                }
                match disk.storage.remove(&folder) {
                    Err(error) if error.kind() == io::ErrorKind::DirectoryNotEmpty => {}
                    removed => return removed.map(|()| None),
                }
            }
            // Somebody put a link where the root was, at the last moment.
            Some(_) => {}
        }
        give_back(disk, &folder, staged, place).map(Some)
    };
    discard().map_err(|error| Error::io("write", &folder, error))
}

/// Moves what lies in the staged folder, and is somebody else's, out of it.
fn give_back(disk: Disk<'_>, folder: &Path, staged: &Place, place: &Place) -> io::Result<PathBuf> {
    let assets = disk.layout.assets();
    let path = place.path(disk.layout);
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or("asset");
    let operation = folder.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let aside = format!("{name}.conflict-{operation}");
    let mut places = Vec::new();
    if place.is_reached_without_links(disk.storage, disk.layout)? {
        places.extend([path.clone(), path.with_file_name(&aside)]);
    }
    places.push(assets.join(aside));
    for to in places {
        // The folders above may have been taken back, or lost with the power.
        let above = to.parent().unwrap_or(&assets);
        let renamed =
            create_dirs(disk.storage, above).and_then(|()| disk.storage.rename(folder, &to, Rename::New));
        match renamed {
            Ok(()) => {
                // What is left in the staged folder is swept, so this must not come back there.
                let above = above.ancestors().take_while(|above| above.starts_with(&assets));
                for above in above.chain(staged.path(disk.layout).parent()) {
                    disk.storage.sync(above)?;
                }
                return Ok(to);
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists || is_absent(&error) => {}
            Err(error) => return Err(error),
        }
    }
    Err(io::ErrorKind::AlreadyExists.into())
}

/// Removes what crashes left among our own files. Whatever stands in the way of tidying is no reason to
/// refuse a change.
pub(super) fn sweep(disk: Disk<'_>) {
    let local = disk.layout.local();
    for entry in disk.storage.walk(&local, &mut |_| false).unwrap_or_default() {
        let name = entry.path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if entry.kind == FileKind::File && crate::workspace::layout::is_temporary(name) {
            drop(disk.storage.remove(&entry.path));
        }
    }
    let staged = disk.layout.staged();
    // A link there would have us sweep where it leads.
    if matches!(disk.kind(&staged), Ok(Some(FileKind::Folder))) {
        let entries = disk.storage.walk(&staged, &mut |_| true).unwrap_or_default();
        for entry in entries.iter().rev() {
            drop(disk.storage.remove(&entry.path));
        }
    }
}
