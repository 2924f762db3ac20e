//! WAV files that lie: cut short at every byte, every bit flipped, chunks moved about, lengths, formats
//! and loops that are not so, and what is no WAV file at all.

use packer_tests::dice::Dice;
use packer_tests::wav::{self, Chunk, FIRST_CHUNK};
use packer_tests::{assets, tally};
use prometeu_packer::ops::Status;

use super::siege::{Expect, Verdict, entry, in_memory, registry};

const SEED: u64 = 0x0bad_50fd;
const RATE: u32 = 22_050;

/// Numbers at which a reader's arithmetic may break.
const ODD_NUMBERS: [u32; 14] =
    [0, 1, 2, 3, 7, 8, 16, 0x7f, 0xfffe, 0xffff, i32::MAX.cast_unsigned(), 1 << 31, u32::MAX - 8, u32::MAX];

#[track_caller]
fn pack(name: &str, sound: &[u8]) -> Verdict {
    let registry = assets::text(&registry(&[entry(3, "s")]));
    let declaration = assets::text(&assets::sound_bank(&assets::uuid(3), "s", RATE, &["beep.wav"]));
    in_memory(
        name,
        &[
            ("assets/.prometeu/index.json", registry.as_bytes()),
            ("assets/s/asset.json", declaration.as_bytes()),
            ("assets/s/beep.wav", sound),
        ],
    )
}

/// Whether it packs. A sound is fine, or it is damaged, or of another format, and never both.
#[track_caller]
fn check(name: &str, sound: &[u8]) -> bool {
    let verdict = pack(name, sound);
    let named = ["sound-invalid", "sound-format"].iter().filter(|code| verdict.codes.contains(*code)).count();
    assert_eq!(named, verdict.codes.len(), "{name}: {verdict:?}");
    assert_eq!(named, usize::from(verdict.status != Status::Ok), "{name}: {verdict:?}");
    verdict.status == Status::Ok
}

/// Small sounds of several kinds, by their chunks, that pack.
fn sounds() -> Vec<Vec<Chunk>> {
    let data = wav::data(&[0, 1, -1, i16::MAX, i16::MIN, 5, 4, 3]);
    let text = |id, length| (id, vec![b'x'; length]);
    vec![
        vec![wav::fmt(1, 1, RATE, 16), data.clone()],
        vec![wav::extensible(1, 1, RATE, 16), wav::smpl(&[(0, 2, 7)]), data.clone()],
        vec![
            text(*b"LIST", 5),
            wav::fmt(1, 1, RATE, 16),
            data,
            wav::smpl(&[(1, 9, 9), (0, 0, 0)]),
            text(*b"note", 3),
        ],
    ]
}

/// Where in the file of these chunks the body of the `n`th begins.
fn body(chunks: &[Chunk], n: usize) -> usize {
    let before = chunks[..n].iter().map(|(_, body)| 8 + body.len().next_multiple_of(2));
    FIRST_CHUNK + before.sum::<usize>() + 8
}

#[test]
fn a_sound_cut_short_anywhere_is_named() {
    let mut cases = 0;
    for (n, chunks) in sounds().iter().enumerate() {
        let sound = wav::file(chunks, true);
        assert!(check(&format!("sound {n}"), &sound));
        let odd = chunks.last().unwrap().1.len() % 2;
        for end in 0..sound.len() {
            // The zero behind a last chunk of odd length is the one byte that nobody needs.
            let whole = check(&format!("sound {n} cut at {end}"), &sound[..end]);
            assert_eq!(whole, end + odd == sound.len() && odd == 1, "sound {n} cut at {end}");
            cases += 1;
        }
    }
    tally("hostile, sounds cut short", cases, 0);
}

#[test]
fn a_flipped_bit_anywhere_in_a_sound_is_harmless_or_named() {
    let (mut cases, mut harmless) = (0, 0);
    for (n, chunks) in sounds().iter().enumerate() {
        let sound = wav::file(chunks, true);
        let data = chunks.iter().position(|(id, _)| id == b"data").unwrap();
        let frames = body(chunks, data)..body(chunks, data) + chunks[data].1.len();
        for bit in 0..sound.len() * 8 {
            let mut flipped = sound.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            let name = format!("sound {n} with bit {bit} flipped");
            let packs = check(&name, &flipped);
            // Any frame is a frame; and no bit of `RIFF` and `WAVE` may be another.
            assert!(packs || !frames.contains(&(bit / 8)), "{name}");
            assert!(!packs || !(0..4).contains(&(bit / 8)) && !(8..12).contains(&(bit / 8)), "{name}");
            harmless += usize::from(packs);
            cases += 1;
        }
    }
    assert!(harmless > 0 && harmless < cases, "some are harmless and some are not");
    tally("hostile, sounds with flipped bits", cases, 0);
}

#[test]
fn a_lie_in_a_header_is_harmless_or_named() {
    const CASES: usize = 2_000;
    let sounds = sounds();
    let mut dice = Dice::new(SEED);
    let mut harmless = 0;
    for case in 0..CASES {
        let mut chunks = dice.pick::<Vec<Chunk>>(&sounds).clone();
        for _ in 0..=dice.below(2) {
            lie(&mut dice, &mut chunks);
        }
        let mut sound = wav::file(&chunks, !dice.once_in(4));
        if dice.once_in(3) {
            // A length that is not so: of the whole, or of what stands where a chunk should.
            let at = if chunks.is_empty() { 8 } else { body(&chunks, dice.below(chunks.len())) };
            let at = if dice.once_in(2) { 4 } else { at - 4 };
            overwrite(&mut sound, at, *dice.pick(&ODD_NUMBERS));
        }
        harmless += usize::from(check(&format!("case {case}: {chunks:?}"), &sound));
    }
    assert!(harmless > CASES / 20 && harmless < CASES / 2, "{harmless} harmless ones prove little");
    tally("hostile, sounds with lies in headers", CASES, SEED);
}

/// Changes a chunk, or its place.
fn lie(dice: &mut Dice, chunks: &mut Vec<Chunk>) {
    if chunks.is_empty() {
        return;
    }
    let (at, other) = (dice.below(chunks.len()), dice.below(chunks.len()));
    match dice.below(8) {
        0 => drop(chunks.remove(at)),
        1 => chunks.insert(at, chunks[other].clone()),
        2 => chunks.swap(at, other),
        3 => {
            let ids = [*b"fmt ", *b"data", *b"smpl", *b"LIST", *b"fact", *b"    ", *b"\0\0\0\0", *b"RIFF"];
            let count = dice.below(80);
            chunks.insert(at, (*dice.pick(&ids), dice.bytes(count)));
        }
        4 => {
            let length = dice.below(chunks[at].1.len() + 1);
            chunks[at].1.truncate(length);
        }
        5 => {
            let more = 1 + dice.below(9);
            chunks[at].1.extend(dice.bytes(more));
        }
        // A field of two or of four bytes: tag, channels, rate, bits, a loop's type and ends, their count.
        _ => {
            let bytes = &mut chunks[at].1;
            let place = dice.below(bytes.len() / 2 + 1) * 2;
            overwrite(bytes, place, *dice.pick(&ODD_NUMBERS));
        }
    }
}

/// As much of the number as there is room for.
fn overwrite(bytes: &mut [u8], at: usize, number: u32) {
    for (byte, new) in bytes.iter_mut().skip(at).zip(number.to_le_bytes()) {
        *byte = new;
    }
}

#[test]
fn any_bytes_behind_the_head_of_a_sound_are_named() {
    const CASES: usize = 600;
    let mut dice = Dice::new(SEED);
    for case in 0..CASES {
        let count = dice.below(300);
        let bytes = dice.bytes(count);
        let sound = match case % 3 {
            0 => bytes,
            1 => [b"RIFF\xff\xff\xff\xffWAVE", &bytes[..]].concat(),
            // A sound format, and then frames that are none.
            _ => wav::file(&[wav::fmt(1, 1, RATE, 16), (*b"dat\0", bytes)], true),
        };
        assert!(!check(&format!("case {case}: {sound:?}"), &sound));
    }
    tally("hostile, sounds of any bytes", CASES, SEED);
}

#[test]
fn every_known_lie_of_a_sound_gets_its_code() {
    const INVALID: Expect = Expect::Code("sound-invalid");
    const FORMAT: Expect = Expect::Code("sound-format");
    let frames = || wav::data(&[0; 8]);
    let fmt = || wav::fmt(1, 1, RATE, 16);
    let mono = |more: Chunk| wav::file(&[fmt(), frames(), more], true);
    let of = |format: Chunk| wav::file(&[format, frames()], true);
    let with = |mut sound: Vec<u8>, at: usize, number: u32| {
        overwrite(&mut sound, at, number);
        sound
    };
    let plain = || wav::file(&[fmt(), frames()], true);
    let backward = vec![(2, 0, 1); 50_000];
    let mut cases = vec![
        ("stereo", of(wav::fmt(1, 2, RATE, 16)), FORMAT),
        ("8 bits", of(wav::fmt(1, 1, RATE, 8)), FORMAT),
        ("65,535 channels", of(wav::fmt(1, u16::MAX, RATE, 16)), FORMAT),
        ("65,535 bits", of(wav::fmt(1, 1, RATE, u16::MAX)), FORMAT),
        ("another rate", of(wav::fmt(1, 1, 44_100, 16)), FORMAT),
        ("the highest rate", of(wav::fmt(1, 1, u32::MAX, 16)), FORMAT),
        ("floats", of(wav::fmt(3, 1, RATE, 32)), FORMAT),
        ("MP3 within", of(wav::fmt(0x55, 1, RATE, 0)), FORMAT),
        ("floats, extensible", of(wav::extensible(3, 1, RATE, 32)), FORMAT),
        ("extensible of itself", of(wav::extensible(0xfffe, 1, RATE, 16)), FORMAT),
        ("extensible and too short", of(wav::fmt(0xfffe, 1, RATE, 16)), INVALID),
        ("no channels", of(wav::fmt(1, 0, RATE, 16)), INVALID),
        ("no rate", of(wav::fmt(1, 1, 0, 16)), INVALID),
        ("no bits", of(wav::fmt(1, 1, RATE, 0)), INVALID),
        ("frames of another size", with(plain(), 32, 0x0010_0004), INVALID),
        ("half a frame", wav::file(&[fmt(), (*b"data", vec![0; 7])], true), INVALID),
        ("no frames", wav::file(&[fmt(), wav::data(&[])], true), INVALID),
        ("no data", wav::file(&[fmt()], true), INVALID),
        ("no format", wav::file(&[frames()], true), INVALID),
        ("no chunks", wav::file(&[], true), INVALID),
        ("two formats", mono(fmt()), INVALID),
        ("two data", mono(frames()), INVALID),
        ("data longer than the file", with(plain(), 40, u32::MAX), INVALID),
        ("data longer by one", with(plain(), 40, 17), INVALID),
        ("a length of 0", with(plain(), 4, 0), INVALID),
        ("a length of 4 GiB", with(plain(), 4, u32::MAX), INVALID),
        ("a loop that ends before it begins", mono(wav::smpl(&[(0, 5, 4)])), INVALID),
        ("a loop that ends behind the last frame", mono(wav::smpl(&[(0, 0, 8)])), INVALID),
        ("a loop at the end of numbers", mono(wav::smpl(&[(0, u32::MAX, u32::MAX)])), INVALID),
        ("a `smpl` too short", mono((*b"smpl", vec![0; 35])), INVALID),
        ("4,294,967,295 loops stated", with(mono(wav::smpl(&[(1, 0, 1)])), 60 + 8 + 28, u32::MAX), INVALID),
        ("50,000 loops backward", mono(wav::smpl(&backward)), Expect::Packs),
        (
            "100,000 empty chunks",
            wav::file(&[vec![(*b"junk", vec![]); 100_000], vec![fmt(), frames()]].concat(), true),
            Expect::Packs,
        ),
        ("bytes behind its end", [plain(), b"data\xff\xff\xff\xff".to_vec()].concat(), Expect::Packs),
    ];
    let no_sounds: [&[u8]; 14] = [
        b"",
        b"RIFF",
        b"RIFF\x04\0\0\0WAVE",
        b"RIFF\x04\0\0\0AVI ",
        b"RIFX\0\0\0\x04WAVE",
        b"RF64\xff\xff\xff\xffWAVE",
        b"OggS\0\x02",
        b"fLaC\0\0\0\x22",
        b"ID3\x04\0",
        b"\xff\xfb\x90\x64",
        b"FORM\0\0\0\x04AIFF",
        b"MThd\0\0\0\x06",
        b"version https://git-lfs.github.com/spec/v1\n",
        b"<<<<<<< HEAD\n",
    ];
    cases.extend(no_sounds.map(|bytes| ("no sound", bytes.to_vec(), INVALID)));
    for (name, sound, expect) in &cases {
        let name = format!("{name}, {} bytes: {:?}", sound.len(), &sound[..sound.len().min(80)]);
        expect.check(&name, &pack(&name, sound));
        check(&name, sound);
    }
    tally("hostile, sounds with known lies", cases.len(), 0);
}
