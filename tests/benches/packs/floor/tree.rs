//! Folders and files with their stamps: from the disk, and from a record.

use std::collections::HashMap;
use std::ffi::{CStr, CString, OsStr};
use std::fs;
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use rustix::fs::{AtFlags, CWD, FileType, Mode, OFlags, RawDir, StatxFlags, openat, statx};

/// What tells whether a file or folder is as it was. Times in nanoseconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Stamp {
    pub(super) size: u64,
    modified: i64,
    changed: i64,
    inode: u64,
}

impl Stamp {
    fn of(folder: BorrowedFd<'_>, name: &CStr) -> io::Result<Self> {
        let wanted = StatxFlags::SIZE | StatxFlags::MTIME | StatxFlags::CTIME | StatxFlags::INO;
        let flags = AtFlags::SYMLINK_NOFOLLOW | AtFlags::EMPTY_PATH;
        let found = statx(folder, name, flags, wanted)?;
        let time = |seconds: i64, nanos: u32| seconds * 1_000_000_000 + i64::from(nanos);
        Ok(Self {
            size: found.stx_size,
            modified: time(found.stx_mtime.tv_sec, found.stx_mtime.tv_nsec),
            changed: time(found.stx_ctime.tv_sec, found.stx_ctime.tv_nsec),
            inode: found.stx_ino,
        })
    }
}

/// A folder and the files that lie right in it, by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Folder {
    path: CString,
    stamp: Stamp,
    files: Vec<(CString, Stamp)>,
}

/// All folders, by path.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Tree(Vec<Folder>);

fn open(folder: BorrowedFd<'_>, name: &CStr, flags: OFlags) -> io::Result<std::os::fd::OwnedFd> {
    Ok(openat(folder, name, flags | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())?)
}

fn c_path(path: &Path) -> io::Result<CString> {
    CString::new(path.as_os_str().as_bytes()).map_err(io::Error::other)
}

/// Does `work` for each number below `count`, on so many threads, and yields the results in order.
pub(super) fn in_parallel<T: Send>(
    count: usize,
    threads: usize,
    work: impl Fn(usize) -> io::Result<T> + Sync,
) -> io::Result<Vec<T>> {
    let next = AtomicUsize::new(0);
    let run = || {
        let mut done = Vec::new();
        loop {
            let n = next.fetch_add(1, Ordering::Relaxed);
            if n >= count {
                return Ok::<_, io::Error>(done);
            }
            done.push((n, work(n)?));
        }
    };
    let mut done = thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(run)).collect();
        let mut done = run()?;
        for other in others {
            done.extend(other.join().map_err(|_| io::Error::other("a thread panicked"))??);
        }
        Ok::<_, io::Error>(done)
    })?;
    done.sort_unstable_by_key(|(n, _)| *n);
    Ok(done.into_iter().map(|(_, result)| result).collect())
}

impl Tree {
    /// What is below a folder, stamps only if they are wanted.
    pub(super) fn walk(top: &Path, threads: usize, stamps: bool) -> io::Result<Self> {
        // The second level below the top is what threads share: few enough to list alone.
        let mut units = vec![(c_path(top)?, false)];
        for folder in folders_of(top)? {
            units.push((c_path(&folder)?, false));
            for below in folders_of(&folder)? {
                units.push((c_path(&below)?, true));
            }
        }
        let listed = in_parallel(units.len(), threads, |n| {
            let (path, deep) = &units[n];
            let mut found = Vec::new();
            let mut buffer = vec![MaybeUninit::uninit(); 1 << 15];
            list(CWD, path, path, (*deep, stamps), &mut buffer, &mut found)?;
            Ok(found)
        })?;
        let mut folders: Vec<Folder> = listed.into_iter().flatten().collect();
        folders.sort_unstable_by(|a, b| a.path.cmp(&b.path));
        Ok(Self(folders))
    }

    /// The same with the folders of another one first and in its order, so that what is new comes last.
    pub(super) fn in_order_of(mut self, other: &Self) -> Self {
        let ranks: HashMap<&CStr, usize> =
            other.0.iter().enumerate().map(|(rank, folder)| (folder.path.as_c_str(), rank)).collect();
        let rank = |folder: &Folder| ranks.get(folder.path.as_c_str()).copied().unwrap_or(usize::MAX);
        // Stable: what is new stays in order of paths.
        self.0.sort_by_key(rank);
        self
    }

    /// How many files there are.
    pub(super) fn len(&self) -> usize {
        self.0.iter().map(|folder| folder.files.len()).sum()
    }

    /// Path and stamp of every file, in order.
    pub(super) fn files(&self) -> impl Iterator<Item = (Vec<u8>, Stamp)> {
        self.0.iter().flat_map(|folder| {
            folder.files.iter().map(|(name, stamp)| {
                let path = [folder.path.to_bytes(), b"/", name.to_bytes()].concat();
                (path, *stamp)
            })
        })
    }

    /// How many of the files and folders are no longer as they are here.
    pub(super) fn differing(&self, threads: usize) -> io::Result<usize> {
        // Pieces, so that threads do not meet at every folder.
        let pieces: Vec<&[Folder]> = self.0.chunks(16).collect();
        let differing = in_parallel(pieces.len(), threads, |n| {
            let mut differing = 0;
            for folder in pieces[n] {
                let Ok(open) = open(CWD, &folder.path, OFlags::PATH) else {
                    differing += 1;
                    continue;
                };
                let is_as = |name: &CStr, stamp: &Stamp| Stamp::of(open.as_fd(), name).ok() == Some(*stamp);
                differing += usize::from(!is_as(c"", &folder.stamp));
                differing += folder.files.iter().filter(|(name, stamp)| !is_as(name, stamp)).count();
            }
            Ok(differing)
        })?;
        Ok(differing.into_iter().sum())
    }

    /// As flat bytes.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(128 * self.0.len() + 64 * self.len());
        let text = |bytes: &mut Vec<u8>, text: &CStr| bytes.extend_from_slice(text.to_bytes_with_nul());
        let stamp = |bytes: &mut Vec<u8>, stamp: &Stamp| {
            bytes.extend(stamp.size.to_le_bytes());
            bytes.extend(stamp.modified.to_le_bytes());
            bytes.extend(stamp.changed.to_le_bytes());
            bytes.extend(stamp.inode.to_le_bytes());
        };
        for folder in &self.0 {
            text(&mut bytes, &folder.path);
            stamp(&mut bytes, &folder.stamp);
            bytes.extend((folder.files.len() as u64).to_le_bytes());
            for (name, of_file) in &folder.files {
                text(&mut bytes, name);
                stamp(&mut bytes, of_file);
            }
        }
        bytes
    }

    /// From the bytes of [`Tree::to_bytes`].
    pub(super) fn from_bytes(mut bytes: &[u8]) -> Option<Self> {
        fn eight(bytes: &mut &[u8]) -> Option<[u8; 8]> {
            let (first, rest) = bytes.split_first_chunk::<8>()?;
            *bytes = rest;
            Some(*first)
        }
        fn text(bytes: &mut &[u8]) -> Option<CString> {
            let text = CStr::from_bytes_until_nul(bytes).ok()?;
            *bytes = bytes.get(text.count_bytes() + 1..)?;
            Some(text.to_owned())
        }
        fn stamp(bytes: &mut &[u8]) -> Option<Stamp> {
            Some(Stamp {
                size: u64::from_le_bytes(eight(bytes)?),
                modified: i64::from_le_bytes(eight(bytes)?),
                changed: i64::from_le_bytes(eight(bytes)?),
                inode: u64::from_le_bytes(eight(bytes)?),
            })
        }
        let mut folders = Vec::new();
        while !bytes.is_empty() {
            let (path, own) = (text(&mut bytes)?, stamp(&mut bytes)?);
            let count = u64::from_le_bytes(eight(&mut bytes)?);
            let files = (0..count).map(|_| Some((text(&mut bytes)?, stamp(&mut bytes)?)));
            let files = files.collect::<Option<_>>()?;
            folders.push(Folder { path, stamp: own, files });
        }
        Some(Self(folders))
    }
}

fn folders_of(folder: &Path) -> io::Result<Vec<std::path::PathBuf>> {
    let mut folders = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            folders.push(entry.path());
        }
    }
    Ok(folders)
}

/// Lists the folder `name` in `parent`, whose path is `path`, and what is in it if it is asked to go deep.
fn list(
    parent: BorrowedFd<'_>,
    name: &CStr,
    path: &CStr,
    (deep, stamps): (bool, bool),
    buffer: &mut [MaybeUninit<u8>],
    found: &mut Vec<Folder>,
) -> io::Result<()> {
    let own = open(parent, name, OFlags::RDONLY)?;
    let stamp_of = |name: &CStr| if stamps { Stamp::of(own.as_fd(), name) } else { Ok(Stamp::default()) };
    let (mut files, mut folders) = (Vec::new(), Vec::new());
    let mut entries = RawDir::new(&own, &mut *buffer);
    while let Some(entry) = entries.next() {
        let entry = entry?;
        let name = entry.file_name();
        match entry.file_type() {
            FileType::Directory if name == c"." || name == c".." => {}
            FileType::Directory => folders.push(name.to_owned()),
            _ => files.push((name.to_owned(), Stamp::default())),
        }
    }
    files.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
    for (name, stamp) in &mut files {
        *stamp = stamp_of(name)?;
    }
    found.push(Folder { path: path.to_owned(), stamp: stamp_of(c"")?, files });
    if deep {
        for folder in folders {
            let below = [path.to_bytes(), b"/", folder.to_bytes()].concat();
            let below = CString::new(below).map_err(io::Error::other)?;
            list(own.as_fd(), &folder, &below, (deep, stamps), buffer, found)?;
        }
    }
    Ok(())
}

/// The path that these bytes are.
pub(super) fn path(bytes: &[u8]) -> &Path {
    Path::new(OsStr::from_bytes(bytes))
}
