//! A small pack, broken in every small way.
//!
//! There is no checksum in a pack, so a broken bit may give another valid one; what is proved here
//! is that it is then a *valid* one: the writer would have made the very bytes.

use std::fs::{self, OpenOptions};
use std::io::{Seek, SeekFrom, Write};

use packer_format::{BlobBankId, FormatError, Header, Pack, PackFile};

use crate::sample::{blob, example, pack};

/// Two blob banks with a gap between them, the second preloaded.
fn two() -> Vec<u8> {
    let second = packer_format::PlannedAsset { preload: true, ..blob(5, "b\"\\\n", "\u{e9}", b"second") };
    let header = Header::plan([blob(4, "a", "x", b"first"), second]).unwrap();
    pack(&header, &[b"first", b"second"])
}

/// Reads everything that there is to read through the layers over a slice. Yields whether the
/// bytes were accepted as a pack.
fn exhaust(bytes: &[u8]) -> bool {
    let Ok(found) = Pack::new(bytes) else { return false };
    let header = found.header().to_bytes();
    assert!(bytes.starts_with(&header), "an accepted header is spelt as the writer spells it");
    assert_eq!(found.header().file_len(), bytes.len() as u64);
    for entry in found.header().entries() {
        let payload = found.payload(entry.asset_id).unwrap();
        assert_eq!(payload.len() as u64, entry.size);
        if let Ok(bank) = found.blob_bank(BlobBankId::from(entry.asset_id)) {
            for index in 0..bank.count() {
                assert!(bank.blob_at(index).unwrap().bytes().len() <= payload.len());
            }
        }
        let _ = found.glyph_bank(entry.asset_id.into());
        let _ = found.sound_bank(entry.asset_id.into());
    }
    let _ = found.verify_gaps();
    true
}

#[test]
fn every_truncation_is_refused_by_both_layers() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("assets.pa");
    let mut cases = 0;
    for bytes in [example().1, two()] {
        fs::write(&path, &bytes).unwrap();
        let file = OpenOptions::new().write(true).open(&path).unwrap();
        for len in (0..bytes.len()).rev() {
            let error = Pack::new(&bytes[..len]).unwrap_err();
            assert!(matches!(error, FormatError::Truncated { .. }), "{len}: {error:?}");
            file.set_len(len as u64).unwrap();
            assert!(PackFile::open(&path).is_err(), "{len}");
            cases += 2;
        }
        // The header alone, held against the file's true length, only asks for more.
        for len in 0..bytes.len() {
            match Header::read(&bytes[..len], bytes.len() as u64) {
                Err(FormatError::Incomplete { needed }) => assert!(needed > len as u64 && needed <= 4096),
                found => assert!(found.is_ok() && len >= 4096, "{len}: {found:?}"),
            }
            cases += 1;
        }
    }
    println!("{cases} cases, 0 failed");
}

#[test]
fn every_flipped_bit_is_refused_or_gives_another_valid_pack() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("assets.pa");
    let (mut cases, mut accepted) = (0, 0);
    for original in [example().1, two()] {
        let header = Pack::new(&original).unwrap().header().clone();
        let region = usize::try_from(header.payload_offset()).unwrap();
        let json = 32..32 + usize::try_from(header.header_len()).unwrap();
        fs::write(&path, &original).unwrap();
        let mut file = OpenOptions::new().write(true).open(&path).unwrap();
        let mut poke = |at: usize, byte: u8| {
            file.seek(SeekFrom::Start(at as u64)).unwrap();
            file.write_all(&[byte]).unwrap();
        };
        let mut bytes = original.clone();
        for at in 0..bytes.len() {
            for bit in 0..8 {
                bytes[at] ^= 1 << bit;
                let valid = exhaust(&bytes);
                if at < region {
                    // Prelude and padding are tied down to the bit; values of the table are not.
                    assert!(!valid || json.contains(&at), "bit {bit} of byte {at} went unnoticed");
                    assert!(!valid || Pack::new(&bytes).unwrap().header() != &header);
                    if at < json.end {
                        poke(at, bytes[at]);
                        assert_eq!(PackFile::open(&path).is_ok(), valid, "the layers differ at byte {at}");
                    }
                } else {
                    assert!(valid, "payloads are not looked at");
                }
                accepted += usize::from(valid && at < region);
                cases += 1;
                bytes[at] ^= 1 << bit;
            }
            if at < json.end {
                poke(at, bytes[at]);
            }
        }
        assert_eq!(bytes, original);
    }
    println!("{cases} cases, 0 failed; {accepted} of them gave another valid header");
}

#[test]
fn every_byte_of_the_table_replaced_by_every_other_does_no_harm() {
    let original = two();
    let header = Pack::new(&original).unwrap().header().clone();
    let json = 0..32 + usize::try_from(header.header_len()).unwrap();
    let mut bytes = original;
    let mut cases = 0;
    for at in json {
        let right = bytes[at];
        for byte in (0..=u8::MAX).filter(|byte| *byte != right) {
            bytes[at] = byte;
            exhaust(&bytes);
            cases += 1;
        }
        bytes[at] = right;
    }
    println!("{cases} cases, 0 failed");
}

#[test]
fn a_tail_behind_the_last_payload_is_refused() {
    let mut bytes = two();
    bytes.push(0);
    let expected = bytes.len() as u64 - 1;
    assert_eq!(Pack::new(&bytes).unwrap_err(), FormatError::TooLong { expected, file_len: expected + 1 });
}
