//! The three forms of a rename, as far as the system has them.
//!
//! | form | in one step | else |
//! | --- | --- | --- |
//! | replace | std, everywhere | |
//! | new | Linux and Apple's systems | a file: a second name, then the first one removed; where the file system has no second names, and for folders: a look, then the rename |
//! | exchange | Linux and Apple's systems | [`io::ErrorKind::Unsupported`] |
//!
//! Whether a file system has the one step is only known when it is tried.
//!
//! A rename that a signal interrupted, which only network and user-space file systems know, is an
//! error and not tried again: nobody can say whether it was done.

use std::fs;
use std::io;
use std::path::Path;

use crate::storage::Rename;

#[expect(clippy::disallowed_methods, reason = "this is the one place that renames")]
pub(super) fn rename(from: &Path, to: &Path, how: Rename) -> io::Result<()> {
    match how {
        Rename::Replace => fs::rename(from, to),
        Rename::New => in_one_step(from, to, how).unwrap_or_else(|| new_in_two_steps(from, to)),
        Rename::Exchange => {
            in_one_step(from, to, how).unwrap_or_else(|| Err(io::ErrorKind::Unsupported.into()))
        }
    }
}

/// `None` where there is no such step.
#[cfg(all(feature = "authoring", any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
fn in_one_step(from: &Path, to: &Path, how: Rename) -> Option<io::Result<()>> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    use rustix::io::Errno;
    let flags = match how {
        Rename::Replace => RenameFlags::empty(),
        Rename::New => RenameFlags::NOREPLACE,
        Rename::Exchange => RenameFlags::EXCHANGE,
    };
    match renameat_with(CWD, from, CWD, to, flags) {
        // A file system that does not know the flags; also a folder that would come to lie in
        // itself, which the other way refuses as well.
        Err(error) if [Errno::INVAL, Errno::NOSYS, Errno::NOTSUP, Errno::OPNOTSUPP].contains(&error) => None,
        other => Some(other.map_err(io::Error::from)),
    }
}

#[cfg(not(all(
    feature = "authoring",
    any(target_os = "linux", target_os = "android", target_vendor = "apple")
)))]
fn in_one_step(_from: &Path, _to: &Path, _how: Rename) -> Option<io::Result<()>> {
    None
}

#[expect(clippy::disallowed_methods, reason = "this is the one place that renames")]
pub(super) fn new_in_two_steps(from: &Path, to: &Path) -> io::Result<()> {
    if fs::symlink_metadata(from)?.is_file() {
        match fs::hard_link(from, to) {
            Ok(()) => {
                return fs::remove_file(from).inspect_err(|_| {
                    // Then both are as they were; the first error is the one to tell.
                    drop(fs::remove_file(to));
                });
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Err(error),
            // There are no second names here, or something else is wrong that the rename will meet too.
            Err(_) => {}
        }
    }
    match fs::symlink_metadata(to) {
        Ok(_) => Err(io::ErrorKind::AlreadyExists.into()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => fs::rename(from, to),
        Err(error) => Err(error),
    }
}
