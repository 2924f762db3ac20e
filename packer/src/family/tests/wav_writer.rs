//! A WAV writer for tests that writes what no program would: any chunks in any order, with and
//! without the byte behind odd ones, lengths that lie.

/// A file to write.
#[derive(Debug, Clone)]
pub(super) struct WavFile {
    pub(super) chunks: Vec<([u8; 4], Vec<u8>)>,
    /// Whether a zero byte stands behind a chunk of odd length.
    pub(super) padded: bool,
    /// What follows the RIFF chunk.
    pub(super) tail: Vec<u8>,
}

impl WavFile {
    pub(super) fn of(chunks: &[(&[u8; 4], Vec<u8>)]) -> Self {
        let chunks = chunks.iter().map(|(id, body)| (**id, body.clone())).collect();
        Self { chunks, padded: true, tail: Vec::new() }
    }

    /// 16-bit mono.
    pub(super) fn mono(rate: u32, frames: &[i16]) -> Self {
        Self::of(&[(b"fmt ", fmt(1, 1, rate, 2, 16)), (b"data", data(frames))])
    }

    pub(super) fn with(mut self, id: &[u8; 4], body: &[u8]) -> Self {
        self.chunks.push((*id, body.to_vec()));
        self
    }

    pub(super) fn file(&self) -> Vec<u8> {
        let mut chunks = Vec::new();
        for (id, body) in &self.chunks {
            chunks.extend_from_slice(id);
            chunks.extend(u32::try_from(body.len()).unwrap().to_le_bytes());
            chunks.extend_from_slice(body);
            if self.padded && body.len() % 2 == 1 {
                chunks.push(0);
            }
        }
        let length = u32::try_from(4 + chunks.len()).unwrap();
        [b"RIFF".as_slice(), &length.to_le_bytes(), b"WAVE", &chunks, &self.tail].concat()
    }
}

/// The 16 bytes of a plain `fmt `.
pub(super) fn fmt(tag: u16, channels: u16, rate: u32, block: u16, bits: u16) -> Vec<u8> {
    let second = rate.wrapping_mul(block.into());
    let mut body = [tag.to_le_bytes(), channels.to_le_bytes()].concat();
    body.extend([rate.to_le_bytes(), second.to_le_bytes()].concat());
    body.extend([block.to_le_bytes(), bits.to_le_bytes()].concat());
    body
}

/// The 40 bytes of an extensible `fmt ` whose subformat is that of a tag.
pub(super) fn extensible(tag: u16, channels: u16, rate: u32, block: u16, bits: u16) -> Vec<u8> {
    let mut body = fmt(0xfffe, channels, rate, block, bits);
    body.extend([22, 0]); // bytes that follow
    body.extend(bits.to_le_bytes()); // valid bits
    body.extend([4, 0, 0, 0]); // front centre
    body.extend(tag.to_le_bytes());
    body.extend(b"\x00\x00\x00\x00\x10\x00\x80\x00\x00\xaa\x00\x38\x9b\x71");
    body
}

pub(super) fn data(frames: &[i16]) -> Vec<u8> {
    frames.iter().copied().flat_map(i16::to_le_bytes).collect()
}

/// A `smpl` of loops: type (0 forward, 1 to and fro, 2 backward), first and last frame.
pub(super) fn smpl(loops: &[(u32, u32, u32)]) -> Vec<u8> {
    let count = u32::try_from(loops.len()).unwrap();
    let mut numbers = vec![1, 2, 45_351, 60, 0, 0, 0, count, 0];
    for (n, (kind, start, end)) in (7..).zip(loops) {
        numbers.extend([n, *kind, *start, *end, 0, 0]);
    }
    numbers.into_iter().flat_map(u32::to_le_bytes).collect()
}
