//! What both storages promise, and what only a real file system can show.

mod counting;
mod places;

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::memory::MemoryStorage;
use super::os::OsStorage;
use super::{FileKind, LockKind, Rename, Source, Storage, read_up_to, replace_durably, write_synced};
use crate::lock::try_lock;

/// Runs `check` on both storages, each in an empty folder; on the real one also in a file system that
/// lives in memory, where there is one.
fn both(check: impl Fn(&dyn Storage, &Path)) {
    let memory = MemoryStorage::default();
    memory.folder("/work");
    check(&memory, Path::new("/work"));
    let folder = tempfile::tempdir().unwrap();
    check(&OsStorage, &folder.path().canonicalize().unwrap());
    if let Ok(folder) = tempfile::tempdir_in("/dev/shm") {
        check(&OsStorage, &folder.path().canonicalize().unwrap());
    }
}

/// Makes what is described below `folder`: `name/` is a folder, `name=text` a file.
fn make(storage: &dyn Storage, folder: &Path, what: &str) {
    for word in what.split_whitespace() {
        match word.split_once('=') {
            Some((name, text)) => write_synced(storage, &folder.join(name), text.as_bytes()).unwrap(),
            None => storage.create_dir(&folder.join(word.trim_end_matches('/'))).unwrap(),
        }
    }
}

/// Describes what is below `folder` as [`make`] takes it.
fn look(storage: &dyn Storage, folder: &Path) -> String {
    let entries = storage.walk(folder, &mut |_| true).unwrap();
    let words = entries.iter().map(|entry| {
        let name = entry.path.strip_prefix(folder).unwrap().display();
        match entry.kind {
            FileKind::Folder => format!("{name}/"),
            _ => {
                let (bytes, _) = read_up_to(storage, &entry.path, 100).unwrap();
                format!("{name}={}", String::from_utf8(bytes).unwrap())
            }
        }
    });
    words.collect::<Vec<_>>().join(" ")
}

/// Whether names can be exchanged in `folder`, which is empty.
fn exchanges(storage: &dyn Storage, folder: &Path) -> bool {
    make(storage, folder, "one=1 two=2");
    let (one, two) = (folder.join("one"), folder.join("two"));
    let result = storage.rename(&one, &two, Rename::Exchange);
    for file in [one, two] {
        storage.remove(&file).unwrap();
    }
    match result {
        Ok(()) => true,
        Err(error) => {
            assert_eq!(error.kind(), io::ErrorKind::Unsupported);
            println!("SKIPPED in part: no exchange of names in {}", folder.display());
            false
        }
    }
}

#[test]
fn each_form_of_a_rename_does_the_same_on_every_storage() {
    use Rename::{Exchange, New, Replace};
    use io::ErrorKind::{AlreadyExists, NotFound};
    // What is there, what is renamed to what and how, and what is there then or why not. `None` is
    // an error that systems name differently.
    type Row =
        (&'static str, &'static str, &'static str, Rename, Result<&'static str, Option<io::ErrorKind>>);
    let rows: &[Row] = &[
        ("a=1", "a", "b", Replace, Ok("b=1")),
        ("a=1 b=2", "a", "b", Replace, Ok("b=1")),
        ("a=1", "a", "a", Replace, Ok("a=1")),
        ("a=1 d/", "a", "d/b", Replace, Ok("d/ d/b=1")),
        ("d/ d/x=1", "d", "e", Replace, Ok("e/ e/x=1")),
        ("a=1 d/", "a", "d", Replace, Err(None)),
        ("a=1 d/", "d", "a", Replace, Err(None)),
        ("d/ d/x=1 e/ e/y=2", "d", "e", Replace, Err(None)),
        ("d/ d/e/", "d", "d/e/f", Replace, Err(None)),
        ("b=2", "a", "b", Replace, Err(Some(NotFound))),
        ("a=1", "a", "d/b", Replace, Err(Some(NotFound))),
        ("a=1", "a", "b", New, Ok("b=1")),
        ("a=1 d/", "a", "d/b", New, Ok("d/ d/b=1")),
        ("d/ d/e/ d/e/x=1 g/", "d", "g/h", New, Ok("g/ g/h/ g/h/e/ g/h/e/x=1")),
        ("a=1 b=2", "a", "b", New, Err(Some(AlreadyExists))),
        ("a=1 d/", "a", "d", New, Err(Some(AlreadyExists))),
        ("a=1 d/", "d", "a", New, Err(Some(AlreadyExists))),
        ("d/ e/", "d", "e", New, Err(Some(AlreadyExists))),
        ("d/ d/e/", "d", "d/e/f", New, Err(None)),
        ("b=2", "a", "c", New, Err(Some(NotFound))),
        ("a=1", "a", "d/b", New, Err(Some(NotFound))),
        ("a=1 b=2", "a", "b", Exchange, Ok("a=2 b=1")),
        ("a=1 d/ d/b=2", "a", "d/b", Exchange, Ok("a=2 d/ d/b=1")),
        ("d/ d/x=1 e/ e/y=2", "d", "e", Exchange, Ok("d/ d/y=2 e/ e/x=1")),
        ("a=1 d/ d/x=2", "a", "d", Exchange, Ok("a/ a/x=2 d=1")),
        ("a=1", "a", "b", Exchange, Err(Some(NotFound))),
        ("b=2", "a", "b", Exchange, Err(Some(NotFound))),
        ("d/ d/e/", "d", "d/e", Exchange, Err(None)),
    ];
    both(|storage, work| {
        let exchanges = exchanges(storage, work);
        for (n, (before, from, to, how, expected)) in rows.iter().enumerate() {
            if *how == Exchange && !exchanges {
                continue;
            }
            let folder = work.join(format!("{n}"));
            storage.create_dir(&folder).unwrap();
            make(storage, &folder, before);
            let result = storage.rename(&folder.join(from), &folder.join(to), *how);
            let case = format!("{from} to {to} in `{before}`: {how:?} on {storage:?}");
            match (result, expected) {
                (Ok(()), Ok(after)) => assert_eq!(look(storage, &folder), *after, "{case}"),
                (Err(error), Err(kind)) => {
                    assert!(kind.is_none_or(|kind| error.kind() == kind), "{error}: {case}");
                    assert_eq!(look(storage, &folder), *before, "{case}");
                }
                (result, _) => panic!("{result:?}: {case}"),
            }
        }
    });
}

#[test]
fn files_and_folders_can_be_synced_and_what_is_not_there_cannot() {
    both(|storage, folder| {
        make(storage, folder, "d/ d/file=1");
        for path in ["d", "d/file", "d/../d"] {
            storage.sync(&folder.join(path)).unwrap();
        }
        let kind = |path| storage.sync(&folder.join(path)).unwrap_err().kind();
        assert_eq!(kind("none"), io::ErrorKind::NotFound);
        assert_eq!(kind("d/file/x"), io::ErrorKind::NotADirectory);
    });
}

#[test]
fn a_folder_is_made_once_and_goes_only_when_it_is_empty() {
    both(|storage, folder| {
        let kind = |result: io::Result<()>| result.unwrap_err().kind();
        make(storage, folder, "d/ d/e/ file=1");
        storage.create_dir(&folder.join("d")).unwrap();
        assert_eq!(kind(storage.create_dir(&folder.join("file"))), io::ErrorKind::AlreadyExists);
        assert_eq!(kind(storage.create_dir(&folder.join("none/d"))), io::ErrorKind::NotFound);
        assert_eq!(kind(storage.create_dir(&folder.join("file/d"))), io::ErrorKind::NotADirectory);
        let create = |path: &str| storage.create(&folder.join(path)).map(drop);
        assert_eq!(kind(create("d")), io::ErrorKind::AlreadyExists);
        assert_eq!(kind(create("none/x")), io::ErrorKind::NotFound);
        assert_eq!(kind(create("file/x")), io::ErrorKind::NotADirectory);
        assert_eq!(kind(storage.remove(&folder.join("d"))), io::ErrorKind::DirectoryNotEmpty);
        for path in ["d/e", "d", "d", "d/e", "file/x"] {
            storage.remove(&folder.join(path)).unwrap();
        }
        assert_eq!(look(storage, folder), "file=1");
    });
}

#[test]
fn a_lock_belongs_to_the_file_whatever_its_name_and_ends_with_the_handle_that_took_it() {
    both(|storage, folder| {
        make(storage, folder, "lock=");
        let open = |name| storage.open(&folder.join(name)).unwrap();
        let (one, two) = (open("lock"), open("lock"));
        assert!(one.try_lock(LockKind::Exclusive).unwrap());
        assert!(!two.try_lock(LockKind::Exclusive).unwrap() && !two.try_lock(LockKind::Shared).unwrap());
        storage.rename(&folder.join("lock"), &folder.join("moved"), Rename::New).unwrap();
        assert!(!open("moved").try_lock(LockKind::Shared).unwrap());
        drop(one);
        assert!(two.try_lock(LockKind::Shared).unwrap());
        let three = open("moved");
        assert!(three.try_lock(LockKind::Shared).unwrap());
        drop(two);
        assert!(!open("moved").try_lock(LockKind::Exclusive).unwrap());
        drop(three);
        assert!(open("moved").try_lock(LockKind::Exclusive).unwrap());
    });
}

#[test]
fn a_file_that_is_written_can_be_read_as_it_grows() {
    both(|storage, folder| {
        let path = folder.join("file");
        let mut output = storage.create(&path).unwrap();
        let input = storage.open(&path).unwrap();
        for (n, text) in ["one", "two"].iter().enumerate() {
            output.write_all(text.as_bytes()).unwrap();
            output.flush().unwrap();
            assert_eq!(input.stamp().unwrap().size, 3 * (n as u64 + 1));
        }
        let mut buffer = [0; 10];
        assert_eq!(input.read_at(&mut buffer, 2).unwrap(), 4);
        assert_eq!(&buffer[..4], b"etwo");
        assert_eq!(input.read_at(&mut buffer, 7).unwrap(), 0);
    });
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
