//! Files one behind the other in one file, and how little it takes to make that again.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::fs::{self, File};
use std::hint::black_box;
use std::io::{self, Read as _};
use std::os::unix::fs::FileExt as _;
use std::path::PathBuf;

use rustix::fs::copy_file_range;
use sha2::{Digest as _, Sha256};

use super::tree::{Stamp, Tree, in_parallel, path};

/// How much is read at once.
const PIECE: usize = 1 << 20;

/// Where a pack lies, and how it is to be written.
#[derive(Debug)]
pub(super) struct Place {
    /// The folder of pack and record.
    pub(super) out: PathBuf,
    /// The least size of a pack: it is filled up with zeros.
    pub(super) size: u64,
    /// Whether a pack is on the disk itself before it gets its name.
    pub(super) sync: bool,
}

/// A file with its place in the pack.
#[derive(Debug)]
struct Placed {
    path: Vec<u8>,
    stamp: Stamp,
    offset: u64,
}

fn placed(tree: &Tree) -> (Vec<Placed>, u64) {
    let mut end = 0;
    let place = |(path, stamp): (Vec<u8>, Stamp)| {
        let offset = end;
        end += stamp.size;
        Placed { path, stamp, offset }
    };
    let files = tree.files().map(place).collect();
    (files, end)
}

/// The largest first, which keeps threads busy to the end.
fn by_size(files: &mut [Placed]) {
    files.sort_by_key(|file| Reverse(file.stamp.size));
}

/// Shows a file in pieces, each with its offset.
fn pieces(file: &Placed, mut see: impl FnMut(u64, &[u8]) -> io::Result<()>) -> io::Result<()> {
    let mut open = File::open(path(&file.path))?;
    let length = usize::try_from(file.stamp.size).map_err(io::Error::other)?;
    let mut buffer = vec![0; PIECE.min(length)];
    let mut at = 0;
    while at < file.stamp.size {
        let read = open.read(&mut buffer)?;
        if read == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        see(at, &buffer[..read])?;
        at += read as u64;
    }
    Ok(())
}

/// Reads all files and yields how many; hashes them if it is asked to.
pub(super) fn read(tree: &Tree, threads: usize, hash: bool) -> io::Result<usize> {
    let (mut files, _) = placed(tree);
    by_size(&mut files);
    in_parallel(files.len(), threads, |n| {
        let mut digest = Sha256::new();
        pieces(&files[n], |_, piece| {
            if hash {
                digest.update(black_box(piece));
            } else {
                black_box(piece);
            }
            Ok(())
        })?;
        black_box(digest.finalize());
        Ok(())
    })?;
    Ok(files.len())
}

impl Place {
    fn pack(&self) -> PathBuf {
        self.out.join("floor.pa")
    }

    /// What was packed last.
    pub(super) fn record(&self) -> io::Result<Tree> {
        let bytes = fs::read(self.out.join("floor.record"))?;
        Tree::from_bytes(&bytes).ok_or_else(|| io::Error::other("the record is none"))
    }

    /// Compares all files with the pack that was made of the same names and sizes.
    pub(super) fn compare(&self, tree: &Tree, threads: usize) -> io::Result<usize> {
        let (mut files, _) = placed(tree);
        by_size(&mut files);
        let pack = File::open(self.pack())?;
        in_parallel(files.len(), threads, |n| {
            let file = &files[n];
            let mut packed = Vec::new();
            pieces(file, |at, piece| {
                packed.resize(piece.len(), 0);
                pack.read_exact_at(&mut packed, file.offset + at)?;
                if packed == piece { Ok(()) } else { Err(io::Error::other("the pack has other bytes")) }
            })
        })?;
        Ok(files.len())
    }

    /// Reads, hashes and writes everything.
    pub(super) fn write_anew(&self, tree: &Tree, threads: usize) -> io::Result<usize> {
        let (mut files, end) = placed(tree);
        by_size(&mut files);
        let pack = self.begin(end)?;
        in_parallel(files.len(), threads, |n| put(&pack, &files[n]))?;
        self.fill(&pack, end)?;
        self.publish(&pack, tree)?;
        Ok(files.len())
    }

    /// Writes what changed since the record, and lets the kernel copy everything else.
    pub(super) fn write_changed(&self, tree: Tree) -> io::Result<usize> {
        let record = self.record()?;
        let tree = tree.in_order_of(&record);
        let (files, end) = placed(&tree);
        let (recorded, old_end) = placed(&record);
        let recorded: HashMap<&[u8], &Placed> =
            recorded.iter().map(|file| (file.path.as_slice(), file)).collect();
        let old = File::open(self.pack())?;
        let pack = self.begin(end)?;
        let mut changed = Vec::new();
        let mut run = Run::default();
        for file in &files {
            match recorded.get(file.path.as_slice()) {
                Some(before) if before.stamp == file.stamp => {
                    run = run.followed_by((before.offset, file.offset, file.stamp.size), &old, &pack)?;
                }
                _ => changed.push(file),
            }
        }
        let filled = old.metadata()?.len().saturating_sub(old_end);
        run.followed_by((old_end, end, filled), &old, &pack)?.copy(&old, &pack)?;
        for file in &changed {
            put(&pack, file)?;
        }
        self.publish(&pack, &tree)?;
        Ok(changed.len())
    }

    fn begin(&self, end: u64) -> io::Result<File> {
        let pack = File::create(self.out.join("floor.new"))?;
        pack.set_len(end)?;
        Ok(pack)
    }

    fn fill(&self, pack: &File, end: u64) -> io::Result<()> {
        let zeros = vec![0; PIECE];
        let mut at = end;
        while at < self.size {
            let rest = usize::try_from(self.size - at).unwrap_or(PIECE).min(PIECE);
            pack.write_all_at(&zeros[..rest], at)?;
            at += rest as u64;
        }
        Ok(())
    }

    fn publish(&self, pack: &File, tree: &Tree) -> io::Result<()> {
        if self.sync {
            pack.sync_all()?;
        }
        fs::rename(self.out.join("floor.new"), self.pack())?;
        fs::write(self.out.join("floor.record.new"), tree.to_bytes())?;
        fs::rename(self.out.join("floor.record.new"), self.out.join("floor.record"))
    }
}

/// Hashes a file and writes it to its place.
fn put(pack: &File, file: &Placed) -> io::Result<()> {
    let mut digest = Sha256::new();
    pieces(file, |at, piece| {
        digest.update(piece);
        pack.write_all_at(piece, file.offset + at)
    })?;
    black_box(digest.finalize());
    Ok(())
}

/// A range of the old pack that stays whole in the new one.
#[derive(Debug, Default)]
struct Run {
    from: u64,
    to: u64,
    length: u64,
}

impl Run {
    /// This run made longer, or copied and another one begun.
    fn followed_by(self, next: (u64, u64, u64), old: &File, new: &File) -> io::Result<Self> {
        let (from, to, length) = next;
        if (self.from + self.length, self.to + self.length) == (from, to) {
            return Ok(Self { length: self.length + length, ..self });
        }
        self.copy(old, new)?;
        Ok(Self { from, to, length })
    }

    fn copy(mut self, old: &File, new: &File) -> io::Result<()> {
        while self.length > 0 {
            let length = usize::try_from(self.length).unwrap_or(usize::MAX);
            let copied = copy_file_range(old, Some(&mut self.from), new, Some(&mut self.to), length)?;
            if copied == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            self.length -= copied as u64;
        }
        Ok(())
    }
}
