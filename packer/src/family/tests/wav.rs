//! WAV files: what is found in every legal shape, and files that are none or lie.

use super::wav_writer::{WavFile, data, extensible, fmt, smpl};
use super::*;
use crate::family::derive::sound_bank::mono;
use crate::family::wav::{Cure, Loop, Refusal, Wav, scan};

fn scanned(file: &[u8]) -> Result<Wav, Refusal> {
    scan(&mut Memory(vec![file.to_vec()]), 0).expect("memory can be read")
}

/// The bytes of the frames that are found.
fn frames(file: &[u8]) -> Vec<u8> {
    let range = scanned(file).expect("a sound").data;
    file[usize::try_from(range.start).unwrap()..usize::try_from(range.end).unwrap()].to_vec()
}

fn forward(file: &WavFile) -> Option<(u32, u32, u32)> {
    let found = scanned(&file.file()).expect("a sound").forward;
    found.map(|Loop { number, start, end }| (number, start, end))
}

fn refused(file: &[u8]) -> String {
    scanned(file).expect_err("no sound").what
}

fn beep() -> WavFile {
    WavFile::mono(22_050, &[1, -2, 3])
}

/// Overwrites a number of 32 bits.
fn put(file: &mut [u8], at: usize, number: u32) {
    file[at..at + 4].copy_from_slice(&number.to_le_bytes());
}

#[test]
fn the_packers_own_files_are_what_an_independent_writer_makes() {
    let frames = [0, 1, i16::MIN, i16::MAX];
    assert_eq!(mono(8_000, frames.into_iter()), WavFile::mono(8_000, &frames).file());
}

#[test]
fn chunks_stand_in_any_order_and_unknown_ones_are_stepped_over() {
    let text = b"INFOISFT\x04\0\0\0data".to_vec();
    let chunks = [
        (b"fmt ", fmt(1, 1, 22_050, 2, 16)),
        (b"data", data(&[1, -2, 3])),
        (b"smpl", smpl(&[(0, 0, 2)])),
        (b"LIST", text),
    ];
    for rotation in 0..4 {
        let mut chunks = chunks.clone();
        chunks.rotate_left(rotation);
        for _ in 0..2 {
            chunks.reverse();
            let file = WavFile::of(&chunks);
            assert_eq!(frames(&file.file()), data(&[1, -2, 3]));
            assert_eq!(forward(&file), Some((1, 0, 2)));
        }
    }
}

#[test]
fn the_byte_behind_an_odd_chunk_may_be_missing() {
    for padded in [true, false] {
        for body in [b"x".as_slice(), b"odd", b"lower", &[0; 7]] {
            let mut between = WavFile::of(&[(b"note", body.to_vec())]);
            between.chunks.extend(beep().chunks);
            between.padded = padded;
            assert_eq!(frames(&between.file()), data(&[1, -2, 3]), "{padded} {body:?}");
            let mut last = beep().with(b"note", body);
            last.padded = padded;
            assert_eq!(frames(&last.file()), data(&[1, -2, 3]), "{padded} {body:?}");
        }
    }
    // Counted in the length of the file, and not there.
    let mut file = beep().with(b"note", b"odd").file();
    assert_eq!(file.pop(), Some(0));
    assert_eq!(frames(&file), data(&[1, -2, 3]));
    // One more is missing from the chunk itself.
    assert_eq!(file.pop(), Some(b'd'));
    assert_eq!(refused(&file), "is a damaged WAV file: its `note` chunk states 3 bytes, and 2 are there");
}

#[test]
fn an_extensible_format_is_what_its_subformat_names() {
    let of = |fmt: Vec<u8>| WavFile::of(&[(b"fmt ", fmt), (b"data", data(&[1]))]).file();
    let describe = |fmt: Vec<u8>| scanned(&of(fmt)).unwrap().format.to_string();
    let format = scanned(&of(extensible(1, 1, 22_050, 2, 16))).unwrap().format;
    assert!(format.is_pcm());
    assert_eq!(format, scanned(&of(fmt(1, 1, 22_050, 2, 16))).unwrap().format);
    assert_eq!(describe(extensible(3, 2, 48_000, 8, 32)), "32-bit float stereo at 48000 Hz");
    let mut private = extensible(1, 1, 22_050, 2, 16);
    private[39] ^= 1;
    assert_eq!(describe(private), "16-bit sound of a private encoding, mono at 22050 Hz");
    assert_eq!(
        refused(&of(extensible(1, 1, 22_050, 2, 16)[..39].to_vec())),
        "is a damaged WAV file: its `fmt ` chunk has 39 bytes, which is too few"
    );
}

#[test]
fn a_format_is_described_in_the_words_of_sound_editors() {
    let describe = |tag, channels, bits| {
        let fmt = fmt(tag, channels, 44_100, 4, bits);
        scanned(&WavFile::of(&[(b"fmt ", fmt), (b"data", data(&[1]))]).file()).unwrap().format.to_string()
    };
    assert_eq!(describe(1, 2, 24), "24-bit stereo at 44100 Hz");
    assert_eq!(describe(1, 6, 16), "16-bit 6-channel at 44100 Hz");
    assert_eq!(describe(3, 1, 32), "32-bit float mono at 44100 Hz");
    assert_eq!(describe(7, 1, 8), "8-bit mu-law mono at 44100 Hz");
    assert_eq!(describe(0x11, 1, 4), "4-bit IMA ADPCM mono at 44100 Hz");
    assert_eq!(describe(0x55, 2, 0), "MP3 stereo at 44100 Hz");
    assert_eq!(describe(0x1234, 1, 16), "16-bit sound of the encoding 0x1234, mono at 44100 Hz");
}

#[test]
fn a_data_chunk_of_more_bytes_than_there_are_is_cut_short_or_unfinished() {
    let mut file = WavFile::mono(22_050, &[7; 32]).file();
    for length in [65, 0x7fff_f000, u32::MAX] {
        put(&mut file, 40, length);
        let refusal = scanned(&file).unwrap_err();
        let what =
            format!("is a WAV file cut short: its `data` chunk states {length} bytes, and 64 are there");
        assert_eq!(refusal, Refusal { what, cure: Cure::Complete });
    }
    put(&mut file, 40, 64);
    assert_eq!(frames(&file).len(), 64);
    // A recorder that was stopped before it wrote any length.
    put(&mut file, 4, 0);
    let what = "is an unfinished WAV file: it states 0 bytes after its first 8".to_owned();
    assert_eq!(scanned(&file), Err(Refusal { what, cure: Cure::Complete }));
}

#[test]
fn the_riff_chunk_says_where_the_sound_ends() {
    // What follows it is not looked at, be it another sound.
    let mut file = beep();
    file.tail = b"data\x02\0\0\0xx".to_vec();
    assert_eq!(frames(&file.file()), data(&[1, -2, 3]));
    // The same bytes inside of it are a second sound.
    let inside = beep().with(b"data", b"xx").file();
    assert_eq!(refused(&inside), "is a damaged WAV file: it has two `data` chunks");

    let mut longer = beep().file();
    put(&mut longer, 4, 43); // one byte may be missing
    assert_eq!(frames(&longer), data(&[1, -2, 3]));
    put(&mut longer, 4, 44);
    assert_eq!(refused(&longer), "is a damaged WAV file: it states 52 bytes, and 50 are there");

    let mut shorter = beep().file();
    put(&mut shorter, 4, 40);
    assert_eq!(
        refused(&shorter),
        "is a WAV file cut short: its `data` chunk states 6 bytes, and 4 are there"
    );
}

#[test]
fn each_chunk_that_matters_is_there_once_and_whole() {
    let fmt_chunk = (b"fmt ", fmt(1, 1, 22_050, 2, 16));
    let data_chunk = (b"data", data(&[1]));
    let what = |chunks: &[(&[u8; 4], Vec<u8>)]| refused(&WavFile::of(chunks).file());
    assert_eq!(
        what(std::slice::from_ref(&data_chunk)),
        "is a damaged WAV file: it has no `fmt ` chunk, which says what its frames are"
    );
    assert_eq!(
        what(std::slice::from_ref(&fmt_chunk)),
        "is a damaged WAV file: it has no `data` chunk, which holds its frames"
    );
    assert_eq!(
        what(&[fmt_chunk.clone(), data_chunk.clone(), fmt_chunk.clone()]),
        "is a damaged WAV file: it has two `fmt ` chunks"
    );
    assert_eq!(
        what(&[(b"fmt ", fmt_chunk.1[..14].to_vec()), data_chunk]),
        "is a damaged WAV file: its `fmt ` chunk has 14 bytes, which is too few"
    );
    assert_eq!(what(&[fmt_chunk, (b"data", Vec::new())]), "has no frames: its `data` chunk is empty");
}

#[test]
fn the_first_forward_loop_of_the_first_smpl_chunk_counts() {
    let with = |loops: &[(u32, u32, u32)]| beep().with(b"smpl", &smpl(loops));
    assert_eq!(forward(&beep()), None);
    assert_eq!(forward(&with(&[])), None);
    assert_eq!(forward(&with(&[(1, 0, 1), (2, 0, 2), (256, 0, 1)])), None);
    let file = with(&[(1, 0, 1), (0, 1, 2), (0, 0, 0)]);
    assert_eq!(forward(&file), Some((2, 1, 2)));
    assert_eq!(forward(&file.with(b"smpl", &smpl(&[(0, 0, 0)]))), Some((2, 1, 2)));
    // It says where, and its user asks whether that can be.
    assert_eq!(forward(&with(&[(0, u32::MAX, 5)])), Some((1, u32::MAX, 5)));
}

#[test]
fn a_list_of_loops_that_is_cut_short_before_a_forward_one_is_damaged() {
    let cut = |length: usize, count: u32| {
        let mut body = smpl(&[(1, 0, 1), (0, 1, 2)]);
        put(&mut body, 28, count);
        beep().with(b"smpl", &body[..length]).file()
    };
    assert_eq!(
        refused(&cut(35, 2)),
        "is a damaged WAV file: its `smpl` chunk has 35 bytes, which is too few"
    );
    assert_eq!(refused(&cut(83, 2)), "is a damaged WAV file: its `smpl` chunk states 2 loops and holds 1");
    assert_eq!(
        refused(&cut(60, u32::MAX)),
        "is a damaged WAV file: its `smpl` chunk states 4294967295 loops and holds 1"
    );
    assert_eq!(scanned(&cut(84, u32::MAX)).unwrap().forward.unwrap().number, 2);
    assert_eq!(scanned(&cut(60, 1)).unwrap().forward, None);
}

#[test]
fn files_of_other_kinds_are_called_by_their_names() {
    for (bytes, what) in [
        (b"".as_slice(), "is empty"),
        (b"version https://git-lfs.github.com/", "is a pointer to a file that git keeps elsewhere"),
        (b"RIFF\x04\0\0\0WAV", "is a damaged WAV file: it ends inside its header"),
        (b"RIFF\x04\0\0\0AVI ", "is not a WAV file but a RIFF file of the kind `AVI `"),
        (b"RIFF\x04\0\0\0\x1b[2J", "is not a WAV file but a RIFF file of the kind `\\x1b[2J`"),
        (b"RF64\xff\xff\xff\xffWAVEds64", "is not a WAV file but an RF64, its long form"),
        (b"BW64\xff\xff\xff\xffWAVEds64", "is not a WAV file but an RF64, its long form"),
        (b"riff\x2e\x91\xcf\x11\xa5\xd6", "is not a WAV file but a Wave64, a long form of it"),
        (b"RIFX\0\0\0\x04WAVE", "is not a WAV file but a RIFX, its big-endian form"),
        (b"FORM\0\0\0\x04AIFF", "is not a WAV file but an AIFF"),
        (b"FORM\0\0\0\x04AIFC", "is not a WAV file but an AIFF"),
        (b"FORM\0\0\0\x04ILBM", "is not a WAV file"),
        (b"OggS\0", "is not a WAV file but an Ogg"),
        (b"fLaC\0", "is not a WAV file but a FLAC"),
        (b"caff\0", "is not a WAV file but a Core Audio file"),
        (b".snd\0", "is not a WAV file but a Sun audio file"),
        (b"\0\0\0\x20ftypM4A ", "is not a WAV file but an MP4"),
        (b"MThd\0", "is not a WAV file but a MIDI, which holds notes and no sound"),
        (b"ID3\x04", "is not a WAV file but an MP3"),
        (b"\xff\xfb\x90\x64", "is not a WAV file but an MP3"),
        (b"\xff\xf3\x40\xc4", "is not a WAV file but an MP3"),
        (b"\xff\xf1\x50\x80", "is not a WAV file but an AAC"),
        (b"\xff\xff", "is not a WAV file but an MP3"),
        (b"\xff\xe0", "is not a WAV file"),
        (b"\xff", "is not a WAV file"),
        (b"a sound", "is not a WAV file but text"),
        (&[0; 64], "begins with nothing but zeros"),
    ] {
        assert_eq!(refused(bytes), what, "{}", bytes.escape_ascii());
    }
}

/// A file that is zero wherever nothing was put, and minds how it is read.
struct Sparse {
    len: u64,
    pieces: Vec<(u64, Vec<u8>)>,
    reads: u64,
    bytes: u64,
}

impl Inputs for Sparse {
    fn len(&self, _: usize) -> u64 {
        self.len
    }

    fn read_at(&mut self, _: usize, offset: u64, buffer: &mut [u8]) -> Result<usize, Stop> {
        assert!(buffer.len() <= 4096, "a window's worth at most");
        assert!(offset + buffer.len() as u64 <= self.len, "nothing past the end");
        self.reads += 1;
        self.bytes += buffer.len() as u64;
        for (n, byte) in (offset..).zip(&mut *buffer) {
            let held = self.pieces.iter().find_map(|(at, piece)| {
                piece.get(usize::try_from(n.checked_sub(*at)?).unwrap_or(usize::MAX))
            });
            *byte = held.copied().unwrap_or(0);
        }
        Ok(buffer.len())
    }

    fn read(&mut self, _: usize) -> Result<Vec<u8>, Stop> {
        panic!("a scan holds no whole file")
    }

    fn copy(&mut self, _: usize, _: &mut dyn io::Write) -> Result<(), Stop> {
        panic!("a scan copies nothing")
    }
}

#[test]
fn a_scan_reads_headers_and_neither_frames_nor_text() {
    let mib = 1 << 20;
    let head = |id: &[u8; 4], length: u32| [id.as_slice(), &length.to_le_bytes()].concat();
    let riff = [head(b"RIFF", 256 * mib - 8), b"WAVE".to_vec(), head(b"LIST", 100 * mib)].concat();
    let (data_at, fmt_at) = (20 + 100 * mib, 28 + 200 * mib);
    let fmt = [head(b"fmt ", 16), fmt(1, 1, 8_000, 2, 16), head(b"JUNK", 256 * mib - fmt_at - 32)].concat();
    let pieces = vec![(0, riff), (data_at.into(), head(b"data", 100 * mib)), (fmt_at.into(), fmt)];
    let mut file = Sparse { len: (256 * mib).into(), pieces, reads: 0, bytes: 0 };
    let wav = scan(&mut file, 0).unwrap().unwrap();
    assert_eq!(wav.data, u64::from(data_at + 8)..u64::from(fmt_at));
    assert_eq!((file.reads, file.bytes), (3, 3 * 4096));
}

#[test]
fn a_file_of_nothing_but_empty_chunks_costs_no_more_reads_than_its_windows() {
    let len: u64 = 4 << 20;
    let riff = [b"RIFF".as_slice(), &u32::try_from(len - 8).unwrap().to_le_bytes(), b"WAVE"].concat();
    let mut file = Sparse { len, pieces: vec![(0, riff)], reads: 0, bytes: 0 };
    let refusal = scan(&mut file, 0).unwrap().unwrap_err();
    assert!(refusal.what.contains("no `fmt ` chunk"), "{}", refusal.what);
    assert!(file.reads <= len / 4088 + 2, "{} reads", file.reads);
}

/// A file that is shorter than it was.
struct Shrunk(Memory, u64);

impl Inputs for Shrunk {
    fn len(&self, _: usize) -> u64 {
        self.1
    }

    fn read_at(&mut self, input: usize, offset: u64, buffer: &mut [u8]) -> Result<usize, Stop> {
        self.0.read_at(input, offset, buffer)
    }

    fn read(&mut self, input: usize) -> Result<Vec<u8>, Stop> {
        self.0.read(input)
    }

    fn copy(&mut self, input: usize, out: &mut dyn io::Write) -> Result<(), Stop> {
        self.0.copy(input, out)
    }
}

#[test]
fn a_file_that_ends_before_its_known_length_has_changed() {
    let file = WavFile::mono(8_000, &[1; 4000]).with(b"smpl", &smpl(&[])).file();
    for kept in [0, 5, 11, 40, 8044, 8050] {
        let mut inputs = Shrunk(Memory(vec![file[..kept].to_vec()]), file.len() as u64);
        let stop = scan(&mut inputs, 0).expect_err("it has changed");
        assert!(matches!(stop, Stop::Changed { input: 0 }), "{kept}: {stop:?}");
    }
}

/// A file with everything in it that is looked at.
fn rich() -> Vec<u8> {
    let mut file = WavFile::of(&[
        (b"LIST", b"odd".to_vec()),
        (b"fmt ", extensible(1, 1, 22_050, 2, 16)),
        (b"data", data(&[1, 2, 3, 4])),
        (b"smpl", smpl(&[(1, 0, 1), (0, 1, 3)])),
    ]);
    file.padded = false;
    file.tail = vec![0; 3];
    file.file()
}

/// What is found lies inside the file.
fn check_bounds(file: &[u8]) {
    if let Ok(wav) = scanned(file) {
        assert!(wav.data.start >= 20 && wav.data.start < wav.data.end && wav.data.end <= file.len() as u64);
    }
}

#[test]
fn every_truncation_is_refused_up_to_the_end_of_the_riff_chunk() {
    let file = rich();
    let end = file.len() - 3;
    let whole = scanned(&file).unwrap();
    for length in 0..file.len() {
        match scanned(&file[..length]) {
            Ok(wav) => assert!(length >= end && wav == whole, "{length}"),
            Err(_) => assert!(length < end, "{length}"),
        }
    }
    println!("{} cases", file.len());
}

#[test]
fn no_flipped_bits_lead_out_of_the_file() {
    let file = rich();
    let mut cases = 0;
    for first in 0..file.len() * 8 {
        let mut flipped = file.clone();
        flipped[first / 8] ^= 1 << (first % 8);
        check_bounds(&flipped);
        // And in pairs, as far as the lengths reach.
        for second in (first + 1..file.len() * 8).step_by(13) {
            let mut flipped = flipped.clone();
            flipped[second / 8] ^= 1 << (second % 8);
            check_bounds(&flipped);
            cases += 1;
        }
        cases += 1;
    }
    println!("{cases} cases");
}

#[test]
fn bytes_of_any_kind_are_found_or_refused() {
    let piece = proptest::prop_oneof![
        proptest::sample::select(vec![
            b"RIFF".to_vec(),
            b"WAVE".to_vec(),
            b"fmt ".to_vec(),
            b"data".to_vec(),
            b"smpl".to_vec(),
            vec![16, 0, 0, 0],
            vec![0xff; 4],
            fmt(1, 1, 8_000, 2, 16),
        ]),
        proptest::collection::vec(proptest::prelude::any::<u8>(), 0..9),
    ];
    for_all(2000, &proptest::collection::vec(piece, 0..12), |pieces| {
        let rest = pieces.concat();
        check_bounds(&rest);
        check_bounds(&[b"RIFF\x40\0\0\0WAVE".as_slice(), &rest].concat());
        Ok(())
    });
}
