//! WAV files: of what format their frames are, where these lie, and what of them repeats.
//!
//! [`scan`] walks the chunks of a file and reads `fmt ` and `smpl`; frames and every other chunk,
//! text among them, are stepped over. It holds a few thousand bytes at a time, whatever lengths a
//! file claims, and no file makes it panic: a [`Refusal`] says what the file is and what to do.
//! Whether a format suits a bank is for the bank to say.
//!
//! What it takes, where the standard is silent or writers are careless:
//!
//! - The chunks stand in any order. What follows the RIFF chunk is no part of the sound and is not
//!   looked at; a RIFF chunk or a chunk in it that claims more than is there is a damaged file, and
//!   never read as far as it goes: what is missing may be the loop.
//! - The zero byte that belongs behind a chunk of odd length may be missing.
//! - Two `fmt ` or two `data` chunks are refused, whatever they hold. Of several `smpl` chunks the
//!   first counts, and in it the first forward loop; fractions and play counts are not looked at.
//! - `WAVE_FORMAT_EXTENSIBLE` is read as what its subformat names. Its valid bits and the bytes a
//!   second of `fmt ` say nothing that the frames need.
//!
//! The walker is the packer's own: `hound` would be compiled by every game and shows no `smpl`.

use std::fmt;
use std::ops::Range;

use super::{Inputs, Stop};

/// Bytes of a file that are in memory at once.
const WINDOW: usize = 4096;
/// Identifier and length: what stands before a chunk's body.
const CHUNK_HEAD: u64 = 8;
/// How much of a file tells what it is.
const SIGNATURE: usize = 32;

/// The format tags of `fmt ` that have a meaning here.
const PCM: u16 = 1;
const FLOAT: u16 = 3;
const EXTENSIBLE: u16 = 0xfffe;
/// A subformat with these last bytes begins with a format tag.
const TAGGED: [u8; 12] = [0, 0, 0x10, 0, 0x80, 0, 0, 0xaa, 0, 0x38, 0x9b, 0x71];

/// What a WAV file holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wav {
    /// What its frames are.
    pub(super) format: Format,
    /// Where they lie in the file; at least one byte.
    pub(super) data: Range<u64>,
    /// Its first forward loop.
    pub(super) forward: Option<Loop>,
}

/// What `fmt ` states; none of the numbers is checked against another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Format {
    encoding: Encoding,
    /// Samples a frame.
    pub(super) channels: u16,
    /// Frames a second.
    pub(super) rate: u32,
    /// Bytes a frame.
    pub(super) block: u16,
    /// Bits a sample; for compressed sound of no meaning.
    pub(super) bits: u16,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Encoding {
    /// A format tag, stated or in a subformat.
    Tag(u16),
    /// A subformat that has none.
    Private,
}

/// A forward loop as the `smpl` chunk states it; whether it lies inside the sound is not checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Loop {
    /// Which loop of the chunk, from 1.
    pub(super) number: u32,
    /// Its first frame.
    pub(super) start: u32,
    /// Its last frame, itself included.
    pub(super) end: u32,
}

/// Why a file is no sound.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    /// What follows the file's name: `is empty`.
    pub(super) what: String,
    /// What to do.
    pub(super) cure: Cure,
}

/// What helps with a file; the words need its name and the bank's rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cure {
    /// These sentences.
    Words(&'static str),
    /// A program that reads every kind of sound file.
    Convert,
    /// A program that takes the frames that are there and lets the stated length be.
    Complete,
}

/// What a walk ends with before its end.
enum Trouble {
    Refused(Refusal),
    Stopped(Stop),
}

/// Finds out what an input is, from the headers of its chunks.
///
/// # Errors
///
/// [`Stop`] where the input could not be read. That it is no sound is no error.
pub(super) fn scan(inputs: &mut dyn Inputs, input: usize) -> Result<Result<Wav, Refusal>, Stop> {
    let len = inputs.len(input);
    match walk(&mut Window { inputs, input, len, start: 0, bytes: Vec::new() }) {
        Ok(wav) => Ok(Ok(wav)),
        Err(Trouble::Refused(refusal)) => Ok(Err(refusal)),
        Err(Trouble::Stopped(stop)) => Err(stop),
    }
}

fn walk(file: &mut Window<'_>) -> Result<Wav, Trouble> {
    let end = riff(file)?;
    let (mut format, mut data, mut sampler) = (None, None, None);
    let mut at = 12;
    while let Some(chunk) = Chunk::at(file, at, end.min(file.len))? {
        match &chunk.id {
            b"fmt " if format.is_some() => return Err(damaged("it has two `fmt ` chunks")),
            b"data" if data.is_some() => return Err(damaged("it has two `data` chunks")),
            b"data" if chunk.body.is_empty() => {
                return Err(refuse(
                    "has no frames: its `data` chunk is empty",
                    Cure::Words("Export the sound again. For a sound of silence one frame is enough."),
                ));
            }
            b"fmt " => format = Some(read_format(file, &chunk)?),
            b"data" => data = Some(chunk.body.clone()),
            b"smpl" if sampler.is_none() => sampler = Some(forward_loop(file, &chunk)?),
            _ => {}
        }
        at = chunk.next(file)?;
    }
    // The byte behind a last chunk of odd length may be counted and missing.
    if end > file.len + 1 {
        return Err(damaged(format!("it states {end} bytes, and {} are there", file.len)));
    }
    let format = format.ok_or_else(|| damaged("it has no `fmt ` chunk, which says what its frames are"))?;
    let data = data.ok_or_else(|| damaged("it has no `data` chunk, which holds its frames"))?;
    Ok(Wav { format, data, forward: sampler.flatten() })
}

/// Where the RIFF chunk ends, as it states.
fn riff(file: &mut Window<'_>) -> Result<u64, Trouble> {
    let Some([b'R', b'I', b'F', b'F', a, b, c, d, kind @ ..]) = file.get::<12>(0)? else {
        return Err(Trouble::Refused(not_a_wav(file.signature()?)));
    };
    if kind != *b"WAVE" {
        return Err(refuse(
            format!("is not a WAV file but a RIFF file of the kind `{}`", kind.escape_ascii()),
            Cure::Convert,
        ));
    }
    match u32::from_le_bytes([a, b, c, d]) {
        length @ 0..4 => {
            let what = format!("is an unfinished WAV file: it states {length} bytes after its first 8");
            Err(refuse(what, Cure::Complete))
        }
        length => Ok(CHUNK_HEAD + u64::from(length)),
    }
}

fn read_format(file: &mut Window<'_>, chunk: &Chunk) -> Result<Format, Trouble> {
    let short = || damaged(format!("its `fmt ` chunk has {} bytes, which is too few", chunk.length()));
    let [t, u, c, d, r, s, v, w, _, _, _, _, b, l, m, n] = chunk.get::<16>(file, 0)?.ok_or_else(short)?;
    let encoding = match u16::from_le_bytes([t, u]) {
        EXTENSIBLE => match chunk.get::<16>(file, 24)?.ok_or_else(short)? {
            [t, u, 0, 0, rest @ ..] if rest == TAGGED => Encoding::Tag(u16::from_le_bytes([t, u])),
            _ => Encoding::Private,
        },
        tag => Encoding::Tag(tag),
    };
    Ok(Format {
        encoding,
        channels: u16::from_le_bytes([c, d]),
        rate: u32::from_le_bytes([r, s, v, w]),
        block: u16::from_le_bytes([b, l]),
        bits: u16::from_le_bytes([m, n]),
    })
}

/// The first loop of type 0. A list of loops that is cut short before one is a damaged file.
fn forward_loop(file: &mut Window<'_>, chunk: &Chunk) -> Result<Option<Loop>, Trouble> {
    let head = chunk.get::<8>(file, 28)?;
    let Some([a, b, c, d, ..]) = head else {
        let length = chunk.length();
        return Err(damaged(format!("its `smpl` chunk has {length} bytes, which is too few")));
    };
    let count = u32::from_le_bytes([a, b, c, d]);
    for n in 0..count {
        let Some(entry) = chunk.get::<24>(file, 36 + 24 * u64::from(n))? else {
            return Err(damaged(format!("its `smpl` chunk states {count} loops and holds {n}")));
        };
        // Its name, its type, first and last frame, a fraction, how often it is played.
        if let [_, _, _, _, 0, 0, 0, 0, s, t, u, v, e, f, g, h, ..] = entry {
            let (start, end) = (u32::from_le_bytes([s, t, u, v]), u32::from_le_bytes([e, f, g, h]));
            return Ok(Some(Loop { number: n + 1, start, end }));
        }
    }
    Ok(None)
}

/// One chunk that is there to its last byte.
struct Chunk {
    id: [u8; 4],
    body: Range<u64>,
}

impl Chunk {
    /// The chunk that begins at `at`; `None` when there is no room for one before `end`.
    fn at(file: &mut Window<'_>, at: u64, end: u64) -> Result<Option<Self>, Trouble> {
        let room = end.saturating_sub(at + CHUNK_HEAD);
        let Some([id @ .., a, b, c, d]) = file.get::<8>(at)?.filter(|_| at + CHUNK_HEAD <= end) else {
            return Ok(None);
        };
        let length = u64::from(u32::from_le_bytes([a, b, c, d]));
        if length > room {
            let id_text = id.escape_ascii();
            let what = format!("its `{id_text}` chunk states {length} bytes, and {room} are there");
            return Err(match &id {
                b"data" => refuse(format!("is a WAV file cut short: {what}"), Cure::Complete),
                _ => damaged(what),
            });
        }
        let body = at + CHUNK_HEAD;
        Ok(Some(Self { id, body: body..body + length }))
    }

    /// `N` bytes of its body, when it has as many from `skip` on.
    fn get<const N: usize>(&self, file: &mut Window<'_>, skip: u64) -> Result<Option<[u8; N]>, Stop> {
        if skip + N as u64 > self.length() {
            return Ok(None);
        }
        file.get(self.body.start + skip)
    }

    fn length(&self) -> u64 {
        self.body.end - self.body.start
    }

    /// Where the next chunk begins: at an even distance, unless the byte between was left out,
    /// which shows by an identifier standing in its place.
    fn next(&self, file: &mut Window<'_>) -> Result<u64, Stop> {
        let even = self.length().is_multiple_of(2);
        let left_out = !even && file.get::<4>(self.body.end)?.is_some_and(is_identifier);
        Ok(self.body.end + u64::from(!even && !left_out))
    }
}

/// Whether these may be the first bytes of a chunk: printable, blanks at the end alone.
fn is_identifier(bytes: [u8; 4]) -> bool {
    bytes[0] != b' ' && bytes.iter().all(|byte| matches!(byte, b' '..=b'~'))
}

/// A file of which a part is in memory.
struct Window<'a> {
    inputs: &'a mut dyn Inputs,
    input: usize,
    len: u64,
    /// Where `bytes` begins in the file.
    start: u64,
    bytes: Vec<u8>,
}

impl Window<'_> {
    /// `N` bytes from `offset` on; `None` when the file ends before. `N` is at most [`WINDOW`].
    fn get<const N: usize>(&mut self, offset: u64) -> Result<Option<[u8; N]>, Stop> {
        if offset.checked_add(N as u64).is_none_or(|end| end > self.len) {
            return Ok(None);
        }
        let skip = offset.checked_sub(self.start).and_then(|skip| usize::try_from(skip).ok());
        let held = skip.and_then(|skip| self.bytes.get(skip..)).and_then(|bytes| bytes.first_chunk());
        if held.is_some() {
            return Ok(held.copied());
        }
        self.fill(offset)?;
        Ok(self.bytes.first_chunk().copied())
    }

    /// The first bytes, fewer than [`SIGNATURE`] of a shorter file.
    fn signature(&mut self) -> Result<&[u8], Stop> {
        self.fill(0)?;
        Ok(&self.bytes[..self.bytes.len().min(SIGNATURE)])
    }

    fn fill(&mut self, offset: u64) -> Result<(), Stop> {
        self.start = offset;
        let wanted = usize::try_from(self.len - offset).unwrap_or(WINDOW).min(WINDOW);
        self.bytes.resize(wanted, 0);
        match self.inputs.read_at(self.input, offset, &mut self.bytes)? {
            read if read == wanted => Ok(()),
            // The length was known before.
            _ => Err(Stop::Changed { input: self.input }),
        }
    }
}

impl Format {
    /// Whether the frames are plain numbers without fraction.
    pub(super) fn is_pcm(&self) -> bool {
        self.encoding == Encoding::Tag(PCM)
    }

    /// What the header says that cannot be: `0 channels`.
    pub(super) fn nonsense(&self) -> Option<String> {
        let plain = matches!(self.encoding, Encoding::Tag(PCM | FLOAT));
        match self {
            Self { channels: 0, .. } => Some("0 channels".to_owned()),
            Self { rate: 0, .. } => Some("0 Hz".to_owned()),
            Self { bits: 0, .. } if plain => Some("0 bits a sample".to_owned()),
            _ => None,
        }
    }

    /// Whether a converter for WAV files alone can be trusted with it.
    pub(super) fn is_common(&self) -> bool {
        matches!(self.encoding, Encoding::Tag(tag) if common(tag).is_some())
    }
}

/// What follows the bits in a description, for encodings that every program reads.
fn common(tag: u16) -> Option<&'static str> {
    Some(match tag {
        PCM => "",
        2 => "ADPCM ",
        FLOAT => "float ",
        6 => "A-law ",
        7 => "mu-law ",
        0x11 => "IMA ADPCM ",
        0x31 => "GSM ",
        _ => return None,
    })
}

/// `24-bit stereo at 44100 Hz`.
impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.bits != 0 {
            write!(f, "{}-bit ", self.bits)?;
        }
        match self.encoding {
            Encoding::Tag(0x55) => f.write_str("MP3 ")?,
            Encoding::Tag(tag) => match common(tag) {
                Some(name) => f.write_str(name)?,
                None => write!(f, "sound of the encoding 0x{tag:04x}, ")?,
            },
            Encoding::Private => f.write_str("sound of a private encoding, ")?,
        }
        match self.channels {
            1 => f.write_str("mono")?,
            2 => f.write_str("stereo")?,
            n => write!(f, "{n}-channel")?,
        }
        write!(f, " at {} Hz", self.rate)
    }
}

/// What a file looks like instead.
fn not_a_wav(head: &[u8]) -> Refusal {
    let kind = |kind: &str| Refusal { what: format!("is not a WAV file but {kind}"), cure: Cure::Convert };
    match head {
        [] => Refusal {
            what: "is empty".to_owned(),
            cure: Cure::Words("Export the sound again; a full disk or a broken copy leaves such files."),
        },
        _ if head.starts_with(b"version https://git-lfs") => Refusal {
            what: "is a pointer to a file that git keeps elsewhere".to_owned(),
            cure: Cure::Words("Run `git lfs pull` to fetch the sound itself."),
        },
        [b'R', b'I', b'F', b'F', ..] => {
            Refusal { what: "is a damaged WAV file: it ends inside its header".to_owned(), cure: EXPORT }
        }
        [b'R', b'F', b'6', b'4', ..] | [b'B', b'W', b'6', b'4', ..] => kind("an RF64, its long form"),
        _ if head.starts_with(b"riff\x2e\x91\xcf\x11") => kind("a Wave64, a long form of it"),
        [b'R', b'I', b'F', b'X', ..] => kind("a RIFX, its big-endian form"),
        [b'F', b'O', b'R', b'M', _, _, _, _, b'A', b'I', b'F', b'F' | b'C', ..] => kind("an AIFF"),
        [b'O', b'g', b'g', b'S', ..] => kind("an Ogg"),
        [b'f', b'L', b'a', b'C', ..] => kind("a FLAC"),
        [b'c', b'a', b'f', b'f', ..] => kind("a Core Audio file"),
        [b'.', b's', b'n', b'd', ..] => kind("a Sun audio file"),
        [_, _, _, _, b'f', b't', b'y', b'p', ..] => kind("an MP4"),
        [b'M', b'T', b'h', b'd', ..] => Refusal {
            what: "is not a WAV file but a MIDI, which holds notes and no sound".to_owned(),
            cure: Cure::Words("Play it with a synthesizer that writes WAV, and use what comes out."),
        },
        [b'I', b'D', b'3', ..] => kind("an MP3"),
        // Eleven bits of synchronisation; a layer of 0 is AAC.
        [0xff, second, ..] if second & 0xf6 == 0xf0 => kind("an AAC"),
        [0xff, second, ..] if second & 0xe0 == 0xe0 && second & 0x06 != 0 => kind("an MP3"),
        // Blocks that were promised to a file and never written.
        _ if head.iter().all(|byte| *byte == 0) => Refusal {
            what: "begins with nothing but zeros".to_owned(),
            cure: Cure::Words("Export the sound again; a power cut or a broken copy leaves such files."),
        },
        _ if head.iter().all(|byte| matches!(byte, b'\t' | b'\n' | b'\r' | b' '..=b'~')) => Refusal {
            what: "is not a WAV file but text".to_owned(),
            cure: Cure::Words("Export it as WAV; another ending of its name does not convert a file."),
        },
        _ => Refusal {
            what: "is not a WAV file".to_owned(),
            cure: Cure::Words("Export it as WAV; another ending of its name does not convert a file."),
        },
    }
}

const EXPORT: Cure = Cure::Words("Export the sound again from the program that made it.");

fn damaged(what: impl fmt::Display) -> Trouble {
    refuse(format!("is a damaged WAV file: {what}"), EXPORT)
}

fn refuse(what: impl Into<String>, cure: Cure) -> Trouble {
    Trouble::Refused(Refusal { what: what.into(), cure })
}

impl From<Stop> for Trouble {
    fn from(stop: Stop) -> Self {
        Self::Stopped(stop)
    }
}
