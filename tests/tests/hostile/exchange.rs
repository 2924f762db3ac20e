//! Somebody exchanges a file or folder for a link that leads outside, at every single moment.
//!
//! [`super::swapper`] does it by chance and on the real clock; here the moments are counted. A first
//! pack counts its looks at the disk; then there is one pack for each of them, with the exchange just
//! before it, and taken back some looks later or never.

use std::fs;
use std::io;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use packer_tests::packing::{Stopped, open, request};
use packer_tests::{assets, tally};
use prometeu_packer::storage::os::OsStorage;
use prometeu_packer::storage::{Entry, Input, Output, Rename, Source, Stat, Storage};

use super::siege::{Siege, blob, judge};

/// The disk, on which something is exchanged at the `at`th look and put back at the `back`th.
#[derive(Debug)]
struct Exchanging {
    place: PathBuf,
    target: PathBuf,
    looks: AtomicUsize,
    at: usize,
    back: usize,
}

impl Exchanging {
    fn look(&self) {
        let n = self.looks.fetch_add(1, Ordering::Relaxed);
        let aside = self.place.with_file_name("aside");
        if n == self.at {
            fs::rename(&self.place, &aside).unwrap();
            symlink(&self.target, &self.place).unwrap();
        }
        if n == self.back {
            fs::remove_file(&self.place).unwrap();
            fs::rename(aside, &self.place).unwrap();
        }
    }
}

/// No power is cut here, and syncing takes most of the time.
#[derive(Debug)]
struct Unsynced(Box<dyn Output>);

impl io::Write for Unsynced {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

impl Output for Unsynced {
    fn write_all_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        self.0.write_all_at(bytes, offset)
    }

    fn copy_at(&self, from: &dyn Input, start: u64, length: u64, offset: u64) -> io::Result<()> {
        self.0.copy_at(from, start, length, offset)
    }

    fn sync(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Source for Exchanging {
    fn stat(&self, path: &Path) -> io::Result<Option<Stat>> {
        self.look();
        OsStorage.stat(path)
    }

    fn resolve(&self, path: &Path) -> io::Result<PathBuf> {
        self.look();
        OsStorage.resolve(path)
    }

    fn walk(&self, folder: &Path, enter: &mut dyn FnMut(&Path) -> bool) -> io::Result<Vec<Entry>> {
        self.look();
        OsStorage.walk(folder, enter)
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn Input>> {
        self.look();
        OsStorage.open(path)
    }
}

impl Storage for Exchanging {
    fn create_dir(&self, path: &Path) -> io::Result<()> {
        OsStorage.create_dir(path)
    }

    fn create(&self, path: &Path) -> io::Result<Box<dyn Output>> {
        Ok(Box::new(Unsynced(OsStorage.create(path)?)))
    }

    fn rename(&self, from: &Path, to: &Path, how: Rename) -> io::Result<()> {
        OsStorage.rename(from, to, how)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        OsStorage.remove(path)
    }

    fn sync(&self, _path: &Path) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn no_moment_is_right_to_bring_in_bytes_from_outside() {
    let mut cases = 0;
    for (place, target) in [
        ("assets/a/map.txt", "map.txt"),
        ("assets/a/sub", ""),
        ("assets/a", "a"),
        ("assets/a/asset.json", "asset.json"),
        ("assets/.prometeu/index.json", "index.json"),
        ("assets/.prometeu", ""),
    ] {
        // How many looks there are to exchange it before: as many as without an exchange, and those of
        // the attempts that follow one.
        for back in [1, 2, usize::MAX] {
            for at in 0.. {
                let siege = Siege::quick();
                siege.write("assets/a/sub/map.txt", "#..#\n");
                siege.write("assets/a/asset.json", assets::text(&blob(&["map.txt", "sub/map.txt"])));
                let disk = Arc::new(Exchanging {
                    place: siege.path(place),
                    target: siege.outside.join(target),
                    looks: AtomicUsize::new(0),
                    at,
                    back: at.saturating_add(back),
                });
                let name = format!("`{place}` exchanged before look {at}, put back {back} later");
                let project =
                    open(&siege.project, Arc::clone(&disk) as Arc<dyn Storage>, Arc::new(Stopped(0)));
                judge(&name, &project, &request(&siege.out, None));
                siege.nothing_leaked(&name);
                if disk.looks.load(Ordering::Relaxed) <= at {
                    break;
                }
                cases += 1;
            }
        }
    }
    tally("hostile, exchanges at every moment", cases, 0);
}
