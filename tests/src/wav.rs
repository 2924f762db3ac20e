//! WAV files from chunks, as programs write them and as no program would.
//!
//! Made without the packer's own writer, so that a mistake there cannot hide here.

/// A chunk: its identifier and its body.
pub type Chunk = ([u8; 4], Vec<u8>);

/// Where the chunks of a [`file()`] begin, behind `RIFF`, the length and `WAVE`.
pub const FIRST_CHUNK: usize = 12;

/// A file of these chunks. The zero byte behind a chunk of odd length is there when `padded`.
#[must_use]
pub fn file(chunks: &[Chunk], padded: bool) -> Vec<u8> {
    let mut body = b"WAVE".to_vec();
    for (id, bytes) in chunks {
        body.extend(id);
        body.extend(number(bytes.len()).to_le_bytes());
        body.extend(bytes);
        if padded && bytes.len() % 2 == 1 {
            body.push(0);
        }
    }
    [b"RIFF", &number(body.len()).to_le_bytes()[..], &body].concat()
}

/// A `fmt ` chunk of the plain form: a tag (1 is PCM), channels, frames a second, bits a sample.
#[must_use]
pub fn fmt(tag: u16, channels: u16, rate: u32, bits: u16) -> Chunk {
    (*b"fmt ", format(tag, channels, rate, bits))
}

/// The same as `WAVE_FORMAT_EXTENSIBLE`, the tag in its subformat.
#[must_use]
pub fn extensible(tag: u16, channels: u16, rate: u32, bits: u16) -> Chunk {
    let mut body = format(0xfffe, channels, rate, bits);
    // 22 bytes follow: valid bits, front centre, the subformat.
    body.extend([22, 0]);
    body.extend(bits.to_le_bytes());
    body.extend([4, 0, 0, 0]);
    body.extend(tag.to_le_bytes());
    body.extend(b"\x00\x00\x00\x00\x10\x00\x80\x00\x00\xaa\x00\x38\x9b\x71");
    (*b"fmt ", body)
}

fn format(tag: u16, channels: u16, rate: u32, bits: u16) -> Vec<u8> {
    let block = channels.wrapping_mul(bits / 8);
    let mut body = [tag.to_le_bytes(), channels.to_le_bytes()].concat();
    body.extend([rate.to_le_bytes(), rate.wrapping_mul(block.into()).to_le_bytes()].concat());
    body.extend([block.to_le_bytes(), bits.to_le_bytes()].concat());
    body
}

/// A `data` chunk of frames of 16 bit, mono.
#[must_use]
pub fn data(frames: &[i16]) -> Chunk {
    (*b"data", frames.iter().copied().flat_map(i16::to_le_bytes).collect())
}

/// A `smpl` chunk of loops: type (0 forward, 1 to and fro, 2 backward), first and last frame.
#[must_use]
pub fn smpl(loops: &[(u32, u32, u32)]) -> Chunk {
    let mut numbers = vec![1, 2, 45_351, 60, 0, 0, 0, number(loops.len()), 0];
    for (name, (kind, start, end)) in (7..).zip(loops) {
        numbers.extend([name, *kind, *start, *end, 0, 0]);
    }
    (*b"smpl", numbers.into_iter().flat_map(u32::to_le_bytes).collect())
}

fn number(length: usize) -> u32 {
    u32::try_from(length).expect("a test makes no file of 4 GiB")
}
