//! New roots are made whole before they appear: in `local/staged/<operation>/`, every file synced, and
//! then moved to their place in one step.
//!
//! Nothing of a person's goes into that folder, so what a crash leaves there is removed by the next
//! writer. The one exception is a root that is taken back: somebody may have put a file into it at the
//! last moment. [`discard`] therefore removes only what the change wrote, and gives the rest back.

use std::io;
use std::path::{Path, PathBuf};

use super::aside::or_foreign;
use super::place::Place;
use super::settle::{Brought, Disk};
use crate::Error;
use crate::digest::Digest;
use crate::id::OperationId;
use crate::lane::Turn;
use crate::path::AssetPath;
use crate::storage::{FileKind, Rename, write_synced};

/// The files of a new root.
pub(crate) type Files<'a> = Vec<(AssetPath, &'a [u8])>;

/// Makes a root in the staged folder, durably; what it holds.
///
/// # Errors
///
/// When it cannot be written, and when the operation is asked to stop between two files.
pub(super) fn make(
    turn: &Turn<'_>,
    operation: OperationId,
    files: &Files<'_>,
) -> Result<Vec<(AssetPath, Digest)>, Error> {
    let disk = Disk { storage: turn.storage(), layout: turn.layout() };
    let stage = disk.layout.staged();
    let folder = Place::Staged(operation).path(disk.layout);
    let failed = |error| Error::io("write", &folder, error);
    let begin = || {
        match disk.kind(&stage)? {
            Some(FileKind::Folder) => {}
            Some(_) => return Err(io::Error::new(io::ErrorKind::NotADirectory, "not a folder")),
            None => {
                // Its own name is durable with the journal's, which lies in the same folder.
                disk.storage.create_dir(&stage)?;
            }
        }
        disk.storage.create_dir(&folder)
    };
    begin().map_err(failed)?;
    for (file, bytes) in files {
        turn.check()?;
        write_synced(disk.storage, &file.below(&folder), bytes).map_err(failed)?;
    }
    disk.storage.sync(&folder).and_then(|()| disk.storage.sync(&stage)).map_err(failed)?;
    Ok(files.iter().map(|(file, bytes)| (file.clone(), Digest::of(bytes))).collect())
}

/// Removes a root that was made and is not wanted any more from the staged folder. What else lies in
/// it goes back to where it came from, or beside it; that folder is named.
pub(super) fn discard(
    disk: Disk<'_>,
    staged: &Place,
    place: &Place,
    made: &[(AssetPath, Digest)],
) -> Result<Option<PathBuf>, Error> {
    let (folder, place) = (staged.path(disk.layout), place.path(disk.layout));
    let discard = || {
        match disk.kind(&folder)? {
            None => return Ok(None),
            Some(FileKind::Folder) => {
                for (file, digest) in made {
                    let path = file.below(&folder);
                    if disk.eyes().has(&path, *digest) {
                        disk.storage.remove(&path)?;
                    }
                }
                match disk.storage.remove(&folder) {
                    Err(error) if error.kind() == io::ErrorKind::DirectoryNotEmpty => {}
                    removed => return removed.map(|()| None),
                }
            }
            // Somebody put that in the place of the root.
            Some(_) => {}
        }
        let Place::Staged(operation) = staged else { return Ok(None) };
        let to = give_back(disk, &folder, &place, *operation)?;
        // What is in the staged folder once the journal is clean is nobody's.
        disk.storage.sync(&disk.layout.staged())?;
        Ok(Some(to))
    };
    discard().map_err(|error| Error::io("write", &folder, error))
}

/// Moves what is somebody's from a folder of our own to its place, or beside it where that is taken;
/// where it lies then, durably.
pub(super) fn give_back(
    disk: Disk<'_>,
    from: &Path,
    place: &Path,
    operation: OperationId,
) -> io::Result<PathBuf> {
    // The folders above it may have been taken back with it, or lost with the power.
    let above = make_way(disk, place)?;
    let is_reached = place.parent() == Some(&above);
    let to = if is_reached && or_foreign(disk.storage.rename(from, place, Rename::New))? == Brought::Done {
        place.to_path_buf()
    } else {
        disk.keep_beside(from, &above.join(place.file_name().unwrap_or_default()), operation)?
    };
    disk.storage.sync(&above)?;
    Ok(to)
}

/// Makes the folders above a place that are missing, durably. Gives the one in which it lies, or `assets`
/// where something else is in the way.
fn make_way(disk: Disk<'_>, place: &Path) -> io::Result<PathBuf> {
    let assets = disk.layout.assets();
    let mut folder = assets.clone();
    let above = place.parent().and_then(|above| above.strip_prefix(&assets).ok());
    for part in above.into_iter().flatten() {
        let parent = folder.clone();
        folder.push(part);
        match disk.kind(&folder)? {
            Some(FileKind::Folder) => {}
            None => {
                disk.storage.create_dir(&folder)?;
                disk.storage.sync(&parent)?;
            }
            Some(_) => return Ok(assets),
        }
    }
    Ok(folder)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::memory::MemoryStorage;
    use crate::workspace::Layout;

    #[test]
    fn what_is_given_back_finds_a_free_name_however_often_its_own_is_taken() {
        let operation = OperationId::parse("0be00000-0000-7000-8000-000000000001").unwrap();
        let (files, layout) = (MemoryStorage::default(), Layout::new("/game"));
        let place = Place::Folder(AssetPath::parse("ui/b").unwrap());
        let given_back = |n: u32| {
            files.write(format!("/game/assets/.prometeu/local/staged/{operation}/theirs"), n.to_string());
            let disk = Disk { storage: &files, layout: &layout };
            discard(disk, &Place::Staged(operation), &place, &[]).unwrap().unwrap()
        };
        let conflict = format!("/game/assets/ui/b.conflict-{operation}");
        let wanted = ["/game/assets/ui/b".to_owned(), conflict.clone(), format!("{conflict}-2")];
        for (n, wanted) in (0..).zip(wanted) {
            assert_eq!(given_back(n), Path::new(&wanted));
            assert_eq!(files.content(format!("{wanted}/theirs")).unwrap(), n.to_string().into_bytes());
        }
    }
}
