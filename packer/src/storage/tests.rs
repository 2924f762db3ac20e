//! What both storages promise, and what only a real file system can show.

use std::path::{Path, PathBuf};

use super::memory::MemoryStorage;
use super::os::OsStorage;
use super::{FileKind, LockKind, Rename, Source, Storage, read_up_to, replace_durably, write_synced};
use crate::lock::try_lock;

/// Runs `check` on both storages, each in an empty folder.
fn both(check: impl Fn(&dyn Storage, &Path)) {
    let memory = MemoryStorage::default();
    memory.folder("/work");
    check(&memory, Path::new("/work"));
    let folder = tempfile::tempdir().unwrap();
    check(&OsStorage, &folder.path().canonicalize().unwrap());
}

fn names(storage: &dyn Source, folder: &Path, enter: &mut dyn FnMut(&Path) -> bool) -> Vec<String> {
    let entries = storage.walk(folder, enter).unwrap();
    entries.iter().map(|entry| entry.path.strip_prefix(folder).unwrap().display().to_string()).collect()
}

#[test]
fn a_walk_is_in_byte_order_with_parents_first() {
    both(|storage, folder| {
        for path in ["b", "a", "a/x", "a-b", "B"] {
            storage.create_dir(&folder.join(path)).unwrap();
        }
        write_synced(storage, &folder.join("a/file"), b"").unwrap();
        assert_eq!(names(storage, folder, &mut |_| true), ["B", "a", "a/file", "a/x", "a-b", "b"]);
        assert_eq!(names(storage, folder, &mut |path| !path.ends_with("a")), ["B", "a", "a-b", "b"]);
        assert!(storage.walk(&folder.join("none"), &mut |_| true).is_err());
        assert!(storage.walk(&folder.join("a/file"), &mut |_| true).is_err());
    });
}

#[test]
fn a_file_is_made_once_and_replaced_whole() {
    both(|storage, folder| {
        let path = folder.join("file");
        write_synced(storage, &path, b"one").unwrap();
        assert!(storage.create(&path).is_err());
        replace_durably(storage, &path, ".file.pm-1", b"two").unwrap();
        assert_eq!(read_up_to(storage, &path, 100).unwrap().0, b"two");
        assert_eq!(read_up_to(storage, &path, 1).unwrap().0, b"tw", "one byte more than the limit");
        assert_eq!(names(storage, folder, &mut |_| true), ["file"], "no temporary file is left");
        storage.remove(&path).unwrap();
        storage.remove(&path).unwrap();
        assert_eq!(storage.stat(&path).unwrap(), None);
    });
}

#[test]
fn what_stands_in_the_way_of_a_replacement_leaves_everything_as_it_was() {
    both(|storage, folder| {
        storage.create_dir(&folder.join("taken")).unwrap();
        write_synced(storage, &folder.join("taken/inside"), b"").unwrap();
        if storage.rename(&folder.join("none"), &folder.join("x"), Rename::Replace).is_ok() {
            panic!("there was nothing to rename");
        }
        assert!(replace_durably(storage, &folder.join("missing/file"), ".t", b"x").is_err());
        assert_eq!(names(storage, folder, &mut |_| true), ["taken", "taken/inside"]);
        assert!(storage.remove(&folder.join("taken")).is_err(), "it is not empty");
    });
}

#[test]
fn an_exclusive_lock_excludes_and_ends_with_its_guard() {
    both(|storage, folder| {
        let path = folder.join("lock");
        let take = |kind, create| try_lock(storage, &path, kind, create);
        assert!(take(LockKind::Shared, false).is_err(), "a build makes no lock file");
        let alone = take(LockKind::Exclusive, true).unwrap().expect("nobody holds it");
        assert!(take(LockKind::Shared, false).unwrap().is_none());
        assert!(take(LockKind::Exclusive, false).unwrap().is_none());
        drop(alone);
        let one = take(LockKind::Shared, false).unwrap();
        let two = take(LockKind::Shared, false).unwrap();
        assert!(one.is_some() && two.is_some());
        assert!(take(LockKind::Exclusive, true).unwrap().is_none());
        drop((one, two));
        assert!(take(LockKind::Exclusive, true).unwrap().is_some());
    });
}

#[test]
fn an_open_file_has_the_stamp_that_was_seen_and_another_after_it_changed() {
    both(|storage, folder| {
        let path = folder.join("file");
        write_synced(storage, &path, b"one").unwrap();
        let seen = storage.stat(&path).unwrap().unwrap().stamp;
        assert_eq!(storage.open(&path).unwrap().stamp().unwrap(), seen);
        replace_durably(storage, &path, ".t", b"two").unwrap();
        assert_ne!(storage.open(&path).unwrap().stamp().unwrap(), seen);
    });
}

#[cfg(unix)]
mod unix {
    use std::os::unix::fs::symlink;
    use std::os::unix::net::UnixListener;
    use std::process::Command;

    use super::*;

    fn folder() -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().canonicalize().unwrap();
        (folder, path)
    }

    #[test]
    fn nothing_but_a_regular_file_can_be_opened_and_nothing_hangs() {
        let (_keep, folder) = folder();
        UnixListener::bind(folder.join("socket")).unwrap();
        symlink("loop", folder.join("loop")).unwrap();
        symlink("nowhere", folder.join("dangling")).unwrap();
        symlink("/dev/zero", folder.join("device")).unwrap();
        std::fs::create_dir(folder.join("folder")).unwrap();
        let fifo = Command::new("mkfifo").arg(folder.join("pipe")).status();
        if !fifo.is_ok_and(|status| status.success()) {
            println!("SKIPPED in part: there is no mkfifo, so no pipe was tried");
        }
        for name in ["socket", "loop", "dangling", "device", "folder", "pipe"] {
            assert!(OsStorage.open(&folder.join(name)).is_err(), "{name}");
        }
    }

    #[test]
    fn a_file_that_is_replaced_keeps_its_rights() {
        use std::os::unix::fs::PermissionsExt;
        let (_keep, folder) = folder();
        let path = folder.join("file");
        write_synced(&OsStorage, &path, b"one").unwrap();
        for mode in [0o600, 0o664] {
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
            replace_durably(&OsStorage, &path, ".t", b"two").unwrap();
            assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, mode);
        }
    }

    #[test]
    fn links_are_listed_and_not_entered() {
        let (_keep, folder) = folder();
        std::fs::create_dir_all(folder.join("real/deep")).unwrap();
        symlink("real", folder.join("link")).unwrap();
        symlink("..", folder.join("real/up")).unwrap();
        assert_eq!(names(&OsStorage, &folder, &mut |_| true), ["link", "real", "real/deep", "real/up"]);
        let kind = |name| OsStorage.stat(&folder.join(name)).unwrap().unwrap().kind;
        assert_eq!((kind("link"), kind("real")), (FileKind::Link, FileKind::Folder));
        assert_eq!(OsStorage.resolve(&folder.join("link/deep")).unwrap(), folder.join("real/deep"));
    }

    #[test]
    fn a_lock_on_a_file_that_lost_its_name_is_none() {
        let (_keep, folder) = folder();
        let path = folder.join("lock");
        let held = try_lock(&OsStorage, &path, LockKind::Exclusive, true).unwrap();
        std::fs::remove_file(&path).unwrap();
        let next = try_lock(&OsStorage, &path, LockKind::Exclusive, true).unwrap();
        assert!(held.is_some() && next.is_some(), "the new file is another lock");
    }
}
