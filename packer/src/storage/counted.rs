//! A storage that counts what is asked of it.
//!
//! It stands before another one, changes nothing, and is as much of a storage as that one:
//! `Counted<&dyn Source>` can be read from, `Counted<&dyn Storage>` and `Counted<Arc<dyn Storage>>` also
//! written to. Several can share one set of counts. What a piece of work costs is told in these numbers and not in
//! milliseconds, so that a test can hold it to them on any machine.

use std::any::Any;
use std::fmt::Debug;
use std::fs::File;
use std::io::{self, Write};
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use super::{Entry, Input, LockKind, Output, Rename, Source, Stamp, Stat, Storage};

/// A storage, and what was asked of it.
#[derive(Debug)]
pub struct Counted<P> {
    files: P,
    counts: Arc<Counts>,
}

/// How often each kind of call was made, and how many bytes went. A call that fails counts as a call;
/// its bytes do not.
#[derive(Debug, Default)]
pub struct Counts {
    stats: AtomicU64,
    resolves: AtomicU64,
    listed: AtomicU64,
    opens: AtomicU64,
    bytes_read: AtomicU64,
    bytes_written: AtomicU64,
    bytes_copied: AtomicU64,
    syncs: AtomicU64,
}

impl<P> Counted<P> {
    /// Counts what is asked of `files`, beginning with what `counts` has already.
    pub fn new(files: P, counts: Arc<Counts>) -> Self {
        Self { files, counts }
    }

    /// The counts, which grow as long as this and its open files are used.
    #[must_use]
    pub fn counts(&self) -> &Arc<Counts> {
        &self.counts
    }
}

impl Counts {
    /// [`Source::stat`]. Not what an open file was asked ([`Input::stamp`]), nor what a walk looked at.
    #[must_use]
    pub fn stats(&self) -> u64 {
        self.stats.load(Relaxed)
    }

    /// [`Source::resolve`].
    #[must_use]
    pub fn resolves(&self) -> u64 {
        self.resolves.load(Relaxed)
    }

    /// [`Source::walk`], however many folders each went through.
    #[must_use]
    pub fn listed(&self) -> u64 {
        self.listed.load(Relaxed)
    }

    /// [`Source::open`].
    #[must_use]
    pub fn opens(&self) -> u64 {
        self.opens.load(Relaxed)
    }

    /// Bytes given by [`Input::read_at`], and not those that a copy read.
    #[must_use]
    pub fn bytes_read(&self) -> u64 {
        self.bytes_read.load(Relaxed)
    }

    /// Bytes taken by [`Write::write`] and [`Output::write_all_at`].
    #[must_use]
    pub fn bytes_written(&self) -> u64 {
        self.bytes_written.load(Relaxed)
    }

    /// Bytes that [`Output::copy_at`] went over, whether they were copied or came to be shared.
    #[must_use]
    pub fn bytes_copied(&self) -> u64 {
        self.bytes_copied.load(Relaxed)
    }

    /// [`Storage::sync`] and [`Output::sync`].
    #[must_use]
    pub fn syncs(&self) -> u64 {
        self.syncs.load(Relaxed)
    }
}

fn add(count: &AtomicU64, more: u64) {
    count.fetch_add(more, Relaxed);
}

impl<P: Deref<Target: Source> + Send + Sync + Debug> Source for Counted<P> {
    fn stat(&self, path: &Path) -> io::Result<Option<Stat>> {
        add(&self.counts.stats, 1);
        self.files.stat(path)
    }

    fn resolve(&self, path: &Path) -> io::Result<PathBuf> {
        add(&self.counts.resolves, 1);
        self.files.resolve(path)
    }

    fn walk(&self, folder: &Path, enter: &mut dyn FnMut(&Path) -> bool) -> io::Result<Vec<Entry>> {
        add(&self.counts.listed, 1);
        self.files.walk(folder, enter)
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn Input>> {
        add(&self.counts.opens, 1);
        let input = self.files.open(path)?;
        Ok(Box::new(CountedInput { input, counts: Arc::clone(&self.counts) }))
    }
}

impl<P: Deref<Target: Storage> + Send + Sync + Debug> Storage for Counted<P> {
    fn create_dir(&self, path: &Path) -> io::Result<()> {
        self.files.create_dir(path)
    }

    fn create(&self, path: &Path) -> io::Result<Box<dyn Output>> {
        let output = self.files.create(path)?;
        Ok(Box::new(CountedOutput { output, counts: Arc::clone(&self.counts) }))
    }

    fn rename(&self, from: &Path, to: &Path, how: Rename) -> io::Result<()> {
        self.files.rename(from, to, how)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.files.remove(path)
    }

    fn sync(&self, path: &Path) -> io::Result<()> {
        add(&self.counts.syncs, 1);
        self.files.sync(path)
    }
}

#[derive(Debug)]
struct CountedInput {
    input: Box<dyn Input>,
    counts: Arc<Counts>,
}

impl Input for CountedInput {
    fn stamp(&self) -> io::Result<Stamp> {
        self.input.stamp()
    }

    fn opened(&self) -> io::Result<Stamp> {
        self.input.opened()
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        let read = self.input.read_at(buffer, offset)?;
        add(&self.counts.bytes_read, read as u64);
        Ok(read)
    }

    fn try_lock(&self, kind: LockKind) -> io::Result<bool> {
        self.input.try_lock(kind)
    }

    fn place(&self) -> Option<PathBuf> {
        self.input.place()
    }

    fn file(&self) -> Option<&File> {
        self.input.file()
    }
}

#[derive(Debug)]
struct CountedOutput {
    output: Box<dyn Output>,
    counts: Arc<Counts>,
}

impl Write for CountedOutput {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.output.write(bytes)?;
        add(&self.counts.bytes_written, written as u64);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.output.flush()
    }
}

impl Output for CountedOutput {
    fn write_all_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        self.output.write_all_at(bytes, offset)?;
        add(&self.counts.bytes_written, bytes.len() as u64);
        Ok(())
    }

    fn copy_at(&self, from: &dyn Input, start: u64, length: u64, offset: u64) -> io::Result<()> {
        // The file itself, so that what a copy reads is not taken for reading.
        let own = (from as &dyn Any).downcast_ref::<CountedInput>();
        let from = own.map_or(from, |own| &*own.input);
        self.output.copy_at(from, start, length, offset)?;
        add(&self.counts.bytes_copied, length);
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        add(&self.counts.syncs, 1);
        self.output.sync()
    }

    fn take_rights_of(&mut self, path: &Path) -> io::Result<()> {
        self.output.take_rights_of(path)
    }
}
