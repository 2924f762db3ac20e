//! Writing at places, and copying: what every storage promises of it, held against a plain list of
//! bytes.

use std::io;
use std::path::Path;
use std::thread;

use super::super::{Input, Output, Storage, read_up_to, write_synced};
use super::both;

/// Longer than what the real storage leaves to the system, and no multiple of anything.
const LENGTH: usize = 3 * 64 * 1024 + 777;

/// Bytes of which no two blocks are equal.
fn bytes(length: usize) -> Vec<u8> {
    let numbers = (0_u32..).flat_map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes());
    numbers.take(length).collect()
}

fn written(storage: &dyn Storage, folder: &Path, name: &str, bytes: &[u8]) -> Box<dyn Input> {
    write_synced(storage, &folder.join(name), bytes).unwrap();
    storage.open(&folder.join(name)).unwrap()
}

fn content(storage: &dyn Storage, folder: &Path, name: &str) -> Vec<u8> {
    read_up_to(storage, &folder.join(name), 1 << 30).unwrap().0
}

/// What a file holds after `bytes` were put at `offset`.
fn put(file: &mut Vec<u8>, bytes: &[u8], offset: usize) {
    if !bytes.is_empty() {
        let beyond = (offset + bytes.len()).saturating_sub(file.len());
        file.append(&mut vec![0; beyond]);
        file[offset..][..bytes.len()].copy_from_slice(bytes);
    }
}

#[test]
fn bytes_go_where_they_are_told_to_and_gaps_are_zeros() {
    both(|storage, folder| {
        let output = storage.create(&folder.join("file")).unwrap();
        let mut expected = Vec::new();
        for (text, offset) in
            [("middle", 7), ("far", 9000), ("", 20_000), ("first", 0), ("id", 8), ("d", 8999)]
        {
            output.write_all_at(text.as_bytes(), offset as u64).unwrap();
            put(&mut expected, text.as_bytes(), offset);
            assert_eq!(content(storage, folder, "file"), expected, "{text} on {storage:?}");
        }
        assert!(output.write_all_at(b"x", u64::MAX).is_err(), "there are no such files");
        assert_eq!(content(storage, folder, "file"), expected);
    });
}

#[test]
fn a_range_is_copied_whatever_the_places_and_however_they_lie_in_blocks() {
    let source = bytes(LENGTH);
    // Where it begins, how long it is, and where it goes: alike in blocks and not, short and long, into
    // a gap, beyond the end, over what is there.
    let rows = [
        (0, LENGTH, 0),
        (0, 4096, 4096),
        (0, LENGTH, 4096),
        (4096, LENGTH - 4096, 0),
        (1, LENGTH - 1, 1),
        (1, LENGTH - 1, 4097),
        (4095, 100_000, 8191),
        (4095, 100_000, 8190),
        (777, 65_536, 777),
        (777, 65_536 + 3319, 777),
        (777, 65_536 + 3319 + 1, 777),
        (100, 70_000, 3),
        (LENGTH - 1, 1, 500_000),
        (0, 0, 900_000),
        (LENGTH, 0, 0),
        (LENGTH + 5, 0, 0),
        (5, 1, 5),
    ];
    both(|storage, folder| {
        let from = written(storage, folder, "from", &source);
        for (n, (start, length, offset)) in rows.into_iter().enumerate() {
            for before in [0, 6000, LENGTH - 999] {
                let name = format!("{n}-{before}");
                let output = storage.create(&folder.join(&name)).unwrap();
                let mut expected = source[999..][..before].to_vec();
                output.write_all_at(&expected, 0).unwrap();
                output.copy_at(&*from, start as u64, length as u64, offset as u64).unwrap();
                put(&mut expected, source.get(start..start + length).unwrap_or_default(), offset);
                let is = content(storage, folder, &name);
                assert!(is == expected, "{length} from {start} to {offset} of {before} on {storage:?}");
                storage.remove(&folder.join(&name)).unwrap();
            }
        }
    });
}

#[test]
fn what_a_file_does_not_have_cannot_be_copied_from_it() {
    let source = bytes(LENGTH);
    both(|storage, folder| {
        let from = written(storage, folder, "from", &source);
        let empty = written(storage, folder, "empty", b"");
        let long = LENGTH as u64;
        let output = storage.create(&folder.join("to")).unwrap();
        for offset in [0, 1, 4096, 12_345] {
            for (start, length) in [
                (0, long + 1),
                (4096, long),
                (1, long),
                (long, 1),
                (long + 100_000, 100_000),
                (0, u64::MAX),
                (1, u64::MAX - 1),
            ] {
                let error = output.copy_at(&*from, start, length, offset).unwrap_err();
                let is = error.kind();
                assert_eq!(is, io::ErrorKind::UnexpectedEof, "{length} from {start} to {offset}");
            }
            let error = output.copy_at(&*empty, 0, 100_000, offset).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
        }
        assert!(output.copy_at(&*from, u64::MAX, 10, 0).is_err());
        assert!(output.copy_at(&*from, 0, 10, u64::MAX - 5).is_err());
        assert!(output.copy_at(&*from, 0, 100_000, u64::MAX - 5).is_err());
    });
}

#[test]
fn threads_write_and_copy_in_one_file_at_once() {
    const PIECE: usize = 70_001;
    let source = bytes(16 * PIECE);
    both(|storage, folder| {
        let from = written(storage, folder, "from", &source);
        // Two files, so that there are also two that are copied to from one.
        let outputs = ["one", "two"].map(|name| storage.create(&folder.join(name)).unwrap());
        thread::scope(|scope| {
            for first in 0..2 {
                let (outputs, from, source): (&[Box<dyn Output>], _, _) = (&outputs, &from, &source);
                scope.spawn(move || {
                    for piece in (first..16).step_by(2) {
                        let at = piece * PIECE;
                        for (n, output) in outputs.iter().enumerate() {
                            match (piece / 2 + n) % 2 {
                                0 => output.write_all_at(&source[at..][..PIECE], at as u64).unwrap(),
                                _ => output.copy_at(&**from, at as u64, PIECE as u64, at as u64).unwrap(),
                            }
                        }
                    }
                });
            }
        });
        for name in ["one", "two"] {
            assert!(content(storage, folder, name) == source, "{name} on {storage:?}");
        }
    });
}

#[test]
fn what_was_written_at_places_is_there_for_good_once_it_is_synced() {
    both(|storage, folder| {
        let from = written(storage, folder, "from", b"copied");
        let mut output = storage.create(&folder.join("file")).unwrap();
        output.copy_at(&*from, 0, 6, 4).unwrap();
        output.write_all_at(b"new ", 0).unwrap();
        output.sync().unwrap();
        drop(output);
        assert_eq!(content(storage, folder, "file"), b"new copied");
        let stamp = storage.stat(&folder.join("file")).unwrap().unwrap().stamp;
        assert_eq!(stamp.size, 10);
    });
}

#[test]
fn a_file_of_the_operating_system_is_told_of_and_one_in_memory_has_none() {
    both(|storage, folder| {
        let input = written(storage, folder, "file", b"text");
        let is_real = format!("{storage:?}") == "OsStorage";
        assert_eq!(input.file().is_some(), is_real);
        if let Some(file) = input.file() {
            assert_eq!(file.metadata().unwrap().len(), 4);
        }
    });
}
