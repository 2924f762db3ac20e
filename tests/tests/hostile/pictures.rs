//! PNG files that lie: cut short at every byte, every bit flipped, chunks moved about, with checksums
//! that are right all the same.

#![expect(clippy::big_endian_bytes, reason = "PNG is big-endian on every host")]

use std::collections::BTreeSet;

use packer_tests::dice::Dice;
use packer_tests::{assets, tally};
use prometeu_packer::ops::Status;

use super::siege::in_memory;

const SEED: u64 = 0x0bad_9146;

/// A picture is fine, or it is one of these.
const CODES: [&str; 5] = ["image-invalid", "image-size", "tile-colors", "input-too-large", "artifact-count"];

#[track_caller]
fn check(name: &str, picture: &[u8]) -> bool {
    let verdict = in_memory(name, &[("assets/g/heart.png", picture)]);
    let codes: Vec<_> = verdict.codes.iter().filter(|code| !CODES.contains(code)).collect();
    assert!(codes.is_empty(), "{name}: {verdict:?}");
    verdict.status == Status::Ok
}

/// A chunk with its checksum.
pub(crate) fn chunk(name: [u8; 4], data: &[u8]) -> Vec<u8> {
    let length = u32::try_from(data.len()).unwrap();
    let named: Vec<u8> = name.iter().chain(data).copied().collect();
    [&length.to_be_bytes()[..], &named, &crc(&named).to_be_bytes()].concat()
}

/// The checksum of PNG, as its specification computes it.
fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ (0xedb8_8320 * (crc & 1)))
    })
}

/// Name and data.
pub(crate) type Chunk = ([u8; 4], Vec<u8>);

/// The chunks of a file.
pub(crate) fn chunks(file: &[u8]) -> Vec<Chunk> {
    let mut rest = &file[8..];
    let mut chunks = Vec::new();
    while let Some((head, after)) = rest.split_at_checked(8) {
        let length = u32::from_be_bytes(head[..4].try_into().unwrap()) as usize;
        chunks.push((head[4..].try_into().unwrap(), after[..length].to_vec()));
        rest = &after[length + 4..];
    }
    chunks
}

/// A file of these chunks.
pub(crate) fn file(chunks: &[Chunk]) -> Vec<u8> {
    let body: Vec<u8> = chunks.iter().flat_map(|(name, data)| chunk(*name, data)).collect();
    [b"\x89PNG\r\n\x1a\n", &body[..]].concat()
}

/// Small pictures of several kinds, 16 by 16, that pack.
fn pictures() -> Vec<Vec<u8>> {
    let encode = |color, depth, samples: &[u8], palette: Option<&[u8]>| {
        let mut file = Vec::new();
        let mut encoder = png::Encoder::new(&mut file, 16, 16);
        encoder.set_color(color);
        encoder.set_depth(depth);
        if let Some(palette) = palette {
            encoder.set_palette(palette);
            encoder.set_trns(&[0_u8][..]);
        }
        encoder.write_header().unwrap().write_image_data(samples).unwrap();
        file
    };
    let palette = [0, 0, 0, 0xff, 0x00, 0x4d, 0xff, 0xec, 0x27];
    vec![
        assets::heart(),
        encode(png::ColorType::Indexed, png::BitDepth::Two, &[0b0001_1000; 64], Some(&palette)),
        encode(png::ColorType::Grayscale, png::BitDepth::One, &[0; 32], None),
        encode(png::ColorType::Rgba, png::BitDepth::Sixteen, &[0; 16 * 16 * 8], None),
    ]
}

#[test]
fn a_picture_cut_short_anywhere_is_named() {
    let mut cases = 0;
    for (n, picture) in pictures().iter().enumerate() {
        assert!(check(&format!("picture {n}"), picture));
        for end in 0..picture.len() {
            // A file that ends within the last checksum has all its pixels, and is still refused.
            assert!(!check(&format!("picture {n} cut at {end}"), &picture[..end]));
            cases += 1;
        }
    }
    tally("hostile, pictures cut short", cases, 0);
}

#[test]
fn a_flipped_bit_anywhere_is_harmless_or_named() {
    let mut cases = 0;
    for (n, picture) in pictures().iter().enumerate() {
        for bit in 0..picture.len() * 8 {
            let mut flipped = picture.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            check(&format!("picture {n} with bit {bit} flipped"), &flipped);
            cases += 1;
        }
    }
    tally("hostile, flipped bits", cases, 0);
}

#[test]
fn a_lie_with_a_right_checksum_is_harmless_or_named() {
    const CASES: usize = 2_000;
    let pictures = pictures();
    let mut dice = Dice::new(SEED);
    let mut taken = BTreeSet::new();
    for case in 0..CASES {
        let mut chunks = chunks(dice.pick::<Vec<u8>>(&pictures));
        for _ in 0..=dice.below(3) {
            let at = dice.below(chunks.len());
            match dice.below(8) {
                0 => drop(chunks.remove(at)),
                1 => chunks.insert(at, chunks[dice.below(chunks.len())].clone()),
                2 => {
                    let other = dice.below(chunks.len());
                    chunks.swap(at, other);
                }
                3 => {
                    let names = [
                        *b"IHDR", *b"PLTE", *b"IDAT", *b"tRNS", *b"iCCP", *b"acTL", *b"fcTL", *b"fdAT",
                        *b"QQQQ", *b"eXIf",
                    ];
                    let count = dice.below(40);
                    chunks.insert(at, (*dice.pick(&names), dice.bytes(count)));
                }
                4 => {
                    let length = dice.below(chunks[at].1.len() + 1);
                    chunks[at].1.truncate(length);
                }
                5 => {
                    let more = dice.bytes(9);
                    chunks[at].1.extend(more);
                }
                _ => {
                    let length = chunks[at].1.len();
                    if length > 0 {
                        chunks[at].1[dice.below(length)] =
                            *dice.pick(&[0, 1, 2, 3, 4, 6, 8, 16, 127, 128, 255]);
                    }
                }
            }
            if chunks.is_empty() {
                break;
            }
        }
        let picture = file(&chunks);
        taken.insert(check(&format!("case {case}: {chunks:?}"), &picture));
    }
    assert_eq!(taken.len(), 2, "some are harmless and some are not");
    tally("hostile, lies in pictures", CASES, SEED);
}

#[test]
fn what_is_no_picture_is_named() {
    let mut dice = Dice::new(SEED);
    let kinds: [&[u8]; 9] = [
        b"",
        b"\x89PNG",
        b"\x89PNG\n\x1a\n",
        b"GIF89a",
        b"\xff\xd8\xff\xe0",
        b"MZ\x90\0",
        b"version https://git-lfs.github.com/spec/v1\n",
        b"<<<<<<< HEAD\n",
        b"RIFF\0\0\0\0WEBP",
    ];
    let mut cases = 0;
    for kind in kinds {
        for more in [0, 1, 20, 300] {
            let bytes = [kind, &dice.bytes(more)].concat();
            assert!(!check(&format!("{kind:?} and {more} more"), &bytes));
            cases += 1;
        }
    }
    for (width, height) in
        [(0, 16), (16, 0), (u32::MAX, u32::MAX), (1 << 31, 1), (65_536, 65_536), (30_000, 30_000), (17, 16)]
    {
        let mut chunks = chunks(&assets::heart());
        chunks[0].1[..4].copy_from_slice(&width.to_be_bytes());
        chunks[0].1[4..8].copy_from_slice(&height.to_be_bytes());
        assert!(!check(&format!("{width} by {height}"), &file(&chunks)));
        cases += 1;
    }
    tally("hostile, no pictures", cases, SEED);
}
