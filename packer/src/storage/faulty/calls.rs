//! The storage traits over a disk with faults: every call passes one gate.

use std::any::Any;
use std::cell::Cell;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::{Call, FaultyStorage, Hook, Killed, Method};
use crate::storage::{Entry, FileKind, Input, LockKind, Output, Rename, Source, Stamp, Stat, Storage};

/// What becomes of a call.
enum Verdict {
    Go(Call),
    Fail(io::Error),
    /// The process dies in it.
    Die,
}

impl FaultyStorage {
    /// Counts a call, and says whether it may be done.
    fn step(&self, method: Method, path: &Path) -> io::Result<Call> {
        self.step_to(method, path, None)
    }

    fn step_to(&self, method: Method, path: &Path, to: Option<&Path>) -> io::Result<Call> {
        match self.verdict(method, path, to) {
            Verdict::Go(call) => Ok(call),
            Verdict::Fail(error) => Err(error),
            Verdict::Die => Err(io::Error::other(Killed)),
        }
    }

    fn verdict(&self, method: Method, path: &Path, to: Option<&Path>) -> Verdict {
        let mut run = self.run();
        if run.dead {
            return Verdict::Fail(io::Error::other(Killed));
        }
        let next = |count: &mut u64| {
            *count += 1;
            *count - 1
        };
        let call = Call {
            index: run.calls.len() as u64,
            change: method.changes().then(|| next(&mut run.changes)),
            nth: match method {
                Method::Sync | Method::SyncOutput => Some(next(&mut run.syncs)),
                Method::Rename(_) => Some(next(&mut run.renames)),
                _ => None,
            },
            method,
            path: path.to_owned(),
            to: to.map(Path::to_owned),
        };
        run.calls.push(call.clone());
        // The hook may ask how many calls there were.
        drop(run);
        if let Some(Hook(hook)) = &self.script.hook {
            hook(&self.memory, &call);
        }
        if self.script.death.is_some_and(|(index, _)| index == call.index) {
            self.run().dead = true;
            return Verdict::Die;
        }
        match self.script.faults.iter().find(|fault| fault.strikes(&call)) {
            Some(fault) => Verdict::Fail(fault.failure.error()),
            None => Verdict::Go(call),
        }
    }

    /// Makes something durable by `sync`, unless this is the one to be skipped.
    fn sync_by(&self, method: Method, path: &Path, sync: impl FnOnce() -> io::Result<()>) -> io::Result<()> {
        let call = self.step(method, path)?;
        if call.nth == self.script.skipped_sync { Ok(()) } else { sync() }
    }

    /// Has a call store its bytes, by `store`, which is told whether only half of them: so it is when
    /// the process dies in the call and is to leave half.
    fn store<T>(
        &self,
        method: Method,
        path: &Path,
        store: impl FnOnce(bool) -> io::Result<T>,
    ) -> io::Result<T> {
        match self.verdict(method, path, None) {
            Verdict::Go(_) => store(false),
            Verdict::Fail(error) => Err(error),
            Verdict::Die => {
                if self.script.death.is_some_and(|(_, half_written)| half_written) {
                    store(true)?;
                }
                Err(io::Error::other(Killed))
            }
        }
    }

    /// The same of a call that the real storage tries again when a signal interrupted it. What it reads
    /// from another file may be interrupted as well, and is not: that fails.
    fn store_again(
        &self,
        method: Method,
        path: &Path,
        store: impl Fn(bool) -> io::Result<()>,
    ) -> io::Result<()> {
        loop {
            let is_done = Cell::new(false);
            let stored = self.store(method, path, |half| {
                is_done.set(true);
                store(half)
            });
            match stored {
                Err(error) if error.kind() == io::ErrorKind::Interrupted && !is_done.get() => {}
                other => return other,
            }
        }
    }

    fn torn_rename(&self, from: &Path, to: &Path, how: Rename) -> io::Result<()> {
        let memory = &self.memory;
        let kind = |path| io::Result::Ok(memory.stat(path)?.map(|stat| stat.kind));
        let (source, target) = (kind(from)?.ok_or(io::ErrorKind::NotFound)?, kind(to)?);
        let content = |path| memory.content(path).unwrap_or_default();
        match (how, target) {
            (Rename::New, Some(_)) => Err(io::ErrorKind::AlreadyExists.into()),
            (Rename::Exchange, None) => Err(io::ErrorKind::NotFound.into()),
            (Rename::Exchange, Some(FileKind::File)) if source == FileKind::File => {
                let (new, old) = (content(from), content(to));
                memory.overwrite(to, &new)?;
                memory.overwrite(from, &old)
            }
            (Rename::Exchange, Some(_)) => {
                let mut third = to.as_os_str().to_owned();
                third.push(".third");
                let third = Path::new(&third);
                memory.rename(to, third, Rename::New)?;
                memory.rename(from, to, Rename::New)?;
                memory.rename(third, from, Rename::New)
            }
            (_, None | Some(FileKind::File)) if source == FileKind::File => {
                memory.overwrite(to, &content(from))?;
                memory.remove(from)
            }
            (_, None) if source == FileKind::Folder => {
                memory.create_dir(to)?;
                for entry in memory.walk(from, &mut |_| false)? {
                    let name = entry.path.file_name().ok_or(io::ErrorKind::InvalidInput)?;
                    memory.rename(&entry.path, &to.join(name), Rename::New)?;
                }
                memory.remove(from)
            }
            _ => memory.rename(from, to, how),
        }
    }
}

impl Source for FaultyStorage {
    fn stat(&self, path: &Path) -> io::Result<Option<Stat>> {
        self.step(Method::Stat, path)?;
        self.memory.stat(path)
    }

    fn resolve(&self, path: &Path) -> io::Result<PathBuf> {
        self.step(Method::Resolve, path)?;
        self.memory.resolve(path)
    }

    fn walk(&self, folder: &Path, enter: &mut dyn FnMut(&Path) -> bool) -> io::Result<Vec<Entry>> {
        self.step(Method::Walk, folder)?;
        self.memory.walk(folder, enter)
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn Input>> {
        self.step(Method::Open, path)?;
        let input = self.memory.open(path)?;
        Ok(Box::new(FaultyInput { input, path: path.to_owned(), disk: self.clone() }))
    }
}

#[derive(Debug)]
struct FaultyInput {
    input: Box<dyn Input>,
    path: PathBuf,
    disk: FaultyStorage,
}

impl Input for FaultyInput {
    fn stamp(&self) -> io::Result<Stamp> {
        self.disk.step(Method::Stamp, &self.path)?;
        self.input.stamp()
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        self.disk.step(Method::ReadAt, &self.path)?;
        self.input.read_at(buffer, offset)
    }

    fn try_lock(&self, kind: LockKind) -> io::Result<bool> {
        self.disk.step(Method::TryLock, &self.path)?;
        self.input.try_lock(kind)
    }

    fn place(&self) -> Option<PathBuf> {
        self.input.place()
    }
}

impl Storage for FaultyStorage {
    fn create_dir(&self, path: &Path) -> io::Result<()> {
        self.step(Method::CreateDir, path)?;
        self.memory.create_dir(path)
    }

    fn create(&self, path: &Path) -> io::Result<Box<dyn Output>> {
        self.step(Method::Create, path)?;
        let output = self.memory.create(path)?;
        Ok(Box::new(FaultyOutput { output, path: path.to_owned(), disk: self.clone() }))
    }

    fn rename(&self, from: &Path, to: &Path, how: Rename) -> io::Result<()> {
        let call = self.step_to(Method::Rename(how), from, Some(to))?;
        if call.nth == self.script.torn_rename {
            self.torn_rename(from, to, how)
        } else {
            self.memory.rename(from, to, how)
        }
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.step(Method::Remove, path)?;
        self.memory.remove(path)
    }

    fn sync(&self, path: &Path) -> io::Result<()> {
        self.sync_by(Method::Sync, path, || self.memory.sync(path))
    }
}

#[derive(Debug)]
struct FaultyOutput {
    output: Box<dyn Output>,
    path: PathBuf,
    disk: FaultyStorage,
}

impl Write for FaultyOutput {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let output = &mut self.output;
        self.disk.store(Method::Write, &self.path, |half| {
            let bytes = if half { &bytes[..bytes.len() / 2] } else { bytes };
            output.write_all(bytes).map(|()| bytes.len())
        })
    }

    fn flush(&mut self) -> io::Result<()> {
        self.output.flush()
    }
}

impl Output for FaultyOutput {
    fn write_all_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        self.disk.store_again(Method::WriteAt, &self.path, |half| {
            let bytes = if half { &bytes[..bytes.len() / 2] } else { bytes };
            self.output.write_all_at(bytes, offset)
        })
    }

    fn copy_at(&self, from: &dyn Input, start: u64, length: u64, offset: u64) -> io::Result<()> {
        let own = (from as &dyn Any).downcast_ref::<FaultyInput>();
        let from = own.map_or(from, |own| &*own.input);
        self.disk.store_again(Method::CopyAt, &self.path, |half| {
            self.output.copy_at(from, start, if half { length / 2 } else { length }, offset)
        })
    }

    fn sync(&mut self) -> io::Result<()> {
        let output = &mut self.output;
        self.disk.sync_by(Method::SyncOutput, &self.path, || output.sync())
    }

    fn take_rights_of(&mut self, path: &Path) -> io::Result<()> {
        self.disk.step(Method::TakeRightsOf, path)?;
        self.output.take_rights_of(path)
    }
}
