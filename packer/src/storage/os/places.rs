//! Writing and copying at places.
//!
//! On Linux the system copies from file to file by itself (`copy_file_range`, which std's
//! [`io::copy`] asks for). XFS and btrfs then share the blocks of both files instead of copying what is
//! in them, but only of whole blocks that lie alike in both: so where the two places are equally far
//! behind the start of a block, the whole blocks between them are one request, and the rest, less than
//! a block at each end, is read and written. A range that is short is read and written in any case: two
//! calls then, against six.
//!
//! The system copies from cursor to cursor, and a file has one. So one such copy is made at a time in
//! a process, whatever the files: the work is the disk's, and waiting for it together is no faster.
//!
//! Elsewhere everything is read and written.

use std::fs::File;
use std::io;

use crate::storage::{Input, copy_by_reading};

#[cfg(unix)]
pub(super) fn write_all_at(file: &File, bytes: &[u8], offset: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::write_all_at(file, bytes, offset)
}

#[cfg(windows)]
pub(super) fn write_all_at(file: &File, mut bytes: &[u8], mut offset: u64) -> io::Result<()> {
    while !bytes.is_empty() {
        match std::os::windows::fs::FileExt::seek_write(file, bytes, offset) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(n) => {
                bytes = &bytes[n..];
                offset += n as u64;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

pub(super) fn copy_at(to: &File, from: &dyn Input, start: u64, length: u64, offset: u64) -> io::Result<()> {
    let read_and_write = |skip: u64, length: u64| {
        let (start, offset) = (add(start, skip)?, add(offset, skip)?);
        copy_by_reading(from, start, length, offset, &mut |bytes, offset| write_all_at(to, bytes, offset))
    };
    #[cfg(any(target_os = "linux", target_os = "android"))]
    if let Some(file) = from.file() {
        let (head, middle) = system::split(start, length, offset);
        if middle > 0 {
            read_and_write(0, head)?;
            let copied = system::copy(to, file, add(start, head)?, middle, add(offset, head)?)?;
            // Also what the system left over: then `from` ends there, or it will say why.
            return read_and_write(head + copied, length - head - copied);
        }
    }
    read_and_write(0, length)
}

fn add(offset: u64, more: u64) -> io::Result<u64> {
    offset.checked_add(more).ok_or_else(|| io::ErrorKind::FileTooLarge.into())
}

#[cfg(any(target_os = "linux", target_os = "android"))]
mod system {
    use std::fs::File;
    use std::io::{self, Read as _, Seek as _, SeekFrom};
    use std::sync::{Mutex, PoisonError};

    /// Blocks of the file systems that share them; also of a page, which is what they can be at most.
    const BLOCK: u64 = 4096;
    /// What is shorter is read and written.
    const SHORT: u64 = 16 * BLOCK;

    /// Held while cursors are used.
    static CURSORS: Mutex<()> = Mutex::new(());

    /// How much of a range to read and write first, and how much to have the system copy then.
    pub(super) fn split(start: u64, length: u64, offset: u64) -> (u64, u64) {
        let alike = start % BLOCK == offset % BLOCK;
        let head = if alike { (BLOCK - start % BLOCK) % BLOCK } else { 0 };
        let rest = length.saturating_sub(head);
        let middle = if alike { rest - rest % BLOCK } else { rest };
        if middle < SHORT { (0, 0) } else { (head, middle) }
    }

    /// How much was copied: less than `length` only where `from` ends, or where it cannot be copied
    /// this way.
    pub(super) fn copy(
        mut to: &File,
        mut from: &File,
        start: u64,
        length: u64,
        offset: u64,
    ) -> io::Result<u64> {
        // The cursors are set anew each time, so a panic leaves nothing behind that matters.
        let _one_at_a_time = CURSORS.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            from.seek(SeekFrom::Start(start))?;
            to.seek(SeekFrom::Start(offset))?;
            match io::copy(&mut from.take(length), &mut to) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                other => return other,
            }
        }
    }
}
