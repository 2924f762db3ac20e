//! A folder for what one command makes on its way: a pack to hold another one against, the files of a revision.
//!
//! It lies in the [cache](crate::cache_folder), under a name by which `cache` counts it and `cache clear` removes
//! it; where nobody can write there, as in a checkout that is read-only, it lies in the system's folder for
//! temporary files. It goes when the command is done, with every folder on the way that was made for it.
//!
//! A process that is killed leaves it. Its lock is gone with the process, so that the next command that needs
//! such a folder there knows it for a leftover and removes it.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use prometeu_packer::IdSource as _;
use prometeu_packer::cache::{SCRATCH_LOCK, is_scratch, scratch_name};
use prometeu_packer::ops::{Blocker, BlockerCode};

use crate::cache_folder;
use crate::printer::display_path;
use crate::session::Uuids;

/// So long a folder may be without its lock before somebody must have been killed there.
const UNLOCKED: Duration = Duration::from_secs(60);

/// The folder.
#[derive(Debug)]
pub(crate) struct Scratch {
    path: PathBuf,
    /// Held as long as somebody is at work in it.
    lock: Option<File>,
    /// Folders on the way to it that were not there, the outermost first.
    made: Vec<PathBuf>,
}

impl Scratch {
    /// A new one for the project in that folder.
    ///
    /// # Errors
    ///
    /// When neither the cache nor the system's folder can be written.
    pub(crate) fn of(project: &Path) -> Result<Self, Blocker> {
        let cache = cache_folder::find(project).path;
        sweep(&cache);
        let temporary = std::env::temp_dir();
        Self::below(&cache).or_else(|_| Self::below(&temporary)).map_err(|error| {
            let (cache, temporary) = (display_path(&cache), display_path(&temporary));
            let message = format!("there is no room for a pack in `{cache}`, nor in `{temporary}`: {error}");
            Blocker::new(BlockerCode::IoError, message)
                .help("Name a folder that can be written with `PROMETEU_CACHE_DIR`.")
        })
    }

    fn below(folder: &Path) -> io::Result<Self> {
        let missing = folder.ancestors().take_while(|folder| fs::symlink_metadata(folder).is_err());
        let mut made: Vec<PathBuf> = missing.map(Path::to_path_buf).collect();
        made.reverse();
        let path = folder.join(scratch_name(Uuids.operation_id()));
        // From here on whatever fails takes away what was made.
        let mut scratch = Self { path, lock: None, made };
        fs::create_dir_all(folder)?;
        fs::create_dir(&scratch.path)?;
        let lock = File::create_new(scratch.path.join(SCRATCH_LOCK))?;
        // Where there are no locks a leftover stays until `cache clear`.
        let _ = lock.try_lock();
        scratch.lock = Some(lock);
        Ok(scratch)
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What is open cannot be removed everywhere.
        self.lock = None;
        drop(fs::remove_dir_all(&self.path));
        // Where somebody put something in meanwhile, it stays.
        self.made.iter().rev().for_each(|folder| drop(fs::remove_dir(folder)));
    }
}

/// Removes what killed commands left in a cache. What cannot be removed is no reason to stop.
fn sweep(cache: &Path) {
    for entry in fs::read_dir(cache).into_iter().flatten().flatten() {
        let is_ours = entry.file_name().to_str().is_some_and(is_scratch);
        if is_ours && entry.file_type().is_ok_and(|kind| kind.is_dir()) && is_left(&entry.path()) {
            drop(fs::remove_dir_all(entry.path()));
        }
    }
}

/// Whether nobody is at work in it any more.
fn is_left(folder: &Path) -> bool {
    let lock = folder.join(SCRATCH_LOCK);
    let age = |path: &Path| {
        let modified = fs::metadata(path).and_then(|found| found.modified()).ok()?;
        SystemTime::now().duration_since(modified).ok()
    };
    let is_file = fs::symlink_metadata(&lock).is_ok_and(|found| found.is_file());
    match is_file.then(|| File::open(&lock)) {
        Some(Ok(file)) => match file.try_lock() {
            // Somebody may be between making it and locking it.
            Ok(()) => age(folder).is_some_and(|age| age > Duration::from_secs(1)),
            Err(TryLockError::WouldBlock | TryLockError::Error(_)) => false,
        },
        _ => age(folder).is_some_and(|age| age > UNLOCKED),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_goes_with_all_that_was_made_for_it() {
        let place = tempfile::tempdir().unwrap();
        let cache = place.path().join("build/.cache");
        let scratch = Scratch::below(&cache).unwrap();
        assert!(is_scratch(scratch.path().file_name().unwrap().to_str().unwrap()));
        fs::write(scratch.path().join("file"), "x").unwrap();
        drop(scratch);
        assert_eq!(fs::read_dir(place.path()).unwrap().count(), 0);
        fs::create_dir_all(&cache).unwrap();
        drop(Scratch::below(&cache).unwrap());
        assert!(cache.is_dir(), "what was there before stays");
    }

    #[test]
    fn what_a_killed_command_left_is_removed_and_what_is_in_use_is_not() {
        let place = tempfile::tempdir().unwrap();
        let in_use = Scratch::below(place.path()).unwrap();
        let left = place.path().join(scratch_name(Uuids.operation_id()));
        fs::create_dir(&left).unwrap();
        fs::write(left.join(SCRATCH_LOCK), "").unwrap();
        fs::write(left.join("assets.pa"), "x").unwrap();
        let theirs = place.path().join("scratch-mine");
        fs::create_dir(&theirs).unwrap();
        sweep(place.path());
        assert!(left.is_dir(), "somebody may be about to lock it");
        std::thread::sleep(Duration::from_millis(1100));
        sweep(place.path());
        assert!(!left.exists() && in_use.path().is_dir() && theirs.is_dir());
    }
}
