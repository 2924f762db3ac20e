//! A PNG writer for tests, made from the standard and not from the `png` crate, so that the two can
//! disagree. It writes what no program would: every depth, interlaced, with any chunk in between.

#![expect(clippy::big_endian_bytes, reason = "PNG is big-endian on every host")]

/// A picture to write.
#[derive(Debug, Clone)]
pub(super) struct Png {
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) depth: u8,
    /// 0 gray, 2 RGB, 3 indexed, 4 gray and alpha, 6 RGB and alpha.
    pub(super) color: u8,
    pub(super) interlaced: bool,
    /// Chunks between `IHDR` and `IDAT`.
    pub(super) chunks: Vec<([u8; 4], Vec<u8>)>,
    /// Row by row, the channels of a pixel side by side.
    pub(super) samples: Vec<u16>,
}

impl Png {
    /// 8-bit RGBA from four bytes a pixel.
    pub(super) fn rgba(width: u32, height: u32, bytes: &[u8]) -> Self {
        let samples = bytes.iter().copied().map(u16::from).collect();
        Self { width, height, depth: 8, color: 6, interlaced: false, chunks: Vec::new(), samples }
    }

    /// 8-bit RGBA, all of one colour.
    pub(super) fn plain(width: u32, height: u32, [r, g, b]: [u8; 3]) -> Self {
        Self::rgba(width, height, &[r, g, b, 255].repeat((width * height) as usize))
    }

    pub(super) fn channels(&self) -> usize {
        match self.color {
            0 | 3 => 1,
            2 => 3,
            4 => 2,
            6 => 4,
            _ => unreachable!("no such colour type"),
        }
    }

    pub(super) fn with(mut self, name: &[u8; 4], data: &[u8]) -> Self {
        self.chunks.push((*name, data.to_vec()));
        self
    }

    pub(super) fn file(&self) -> Vec<u8> {
        let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
        let mut header = [self.width.to_be_bytes(), self.height.to_be_bytes()].concat();
        header.extend([self.depth, self.color, 0, 0, self.interlaced.into()]);
        chunk(&mut file, b"IHDR", &header);
        for (name, data) in &self.chunks {
            chunk(&mut file, name, data);
        }
        chunk(&mut file, b"IDAT", &zlib(&self.rows()));
        chunk(&mut file, b"IEND", &[]);
        file
    }

    /// The rows of each pass with filter 0 before them.
    fn rows(&self) -> Vec<u8> {
        // First column, first row, steps right and down, as the standard's table has them.
        const PASSES: [[usize; 4]; 7] = [
            [0, 0, 8, 8],
            [4, 0, 8, 8],
            [0, 4, 4, 8],
            [2, 0, 4, 4],
            [0, 2, 2, 4],
            [1, 0, 2, 2],
            [0, 1, 1, 2],
        ];
        let passes: &[_] = if self.interlaced { &PASSES } else { &[[0, 0, 1, 1]] };
        let (width, height) = (self.width as usize, self.height as usize);
        let mut rows = Vec::new();
        for [x, y, right, down] in passes {
            if *x >= width {
                continue; // a pass without columns has no rows either
            }
            for y in (*y..height).step_by(*down) {
                rows.push(0);
                let mut bits = Vec::new();
                for x in (*x..width).step_by(*right) {
                    let start = (y * width + x) * self.channels();
                    for sample in &self.samples[start..start + self.channels()] {
                        bits.extend((0..self.depth).rev().map(|bit| sample >> bit & 1));
                    }
                }
                let bytes = bits.chunks(8).map(|byte| {
                    byte.iter()
                        .enumerate()
                        .fold(0, |sum, (n, bit)| sum | u8::try_from(*bit).unwrap() << (7 - n))
                });
                rows.extend(bytes);
            }
        }
        rows
    }
}

pub(super) fn chunk(file: &mut Vec<u8>, name: &[u8; 4], data: &[u8]) {
    file.extend(u32::try_from(data.len()).unwrap().to_be_bytes());
    let start = file.len();
    file.extend(name);
    file.extend(data);
    let crc = crc(&file[start..]);
    file.extend(crc.to_be_bytes());
}

fn crc(bytes: &[u8]) -> u32 {
    let fold = |crc: u32, byte: &u8| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| crc >> 1 ^ (0xedb8_8320 & 0_u32.wrapping_sub(crc & 1)))
    };
    !bytes.iter().fold(u32::MAX, fold)
}

/// Stored blocks: the bytes as they are.
pub(super) fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut stream = vec![0x78, 0x01];
    let mut blocks = bytes.chunks(65_535).peekable();
    while let Some(block) = blocks.next() {
        let length = u16::try_from(block.len()).unwrap();
        stream.push(blocks.peek().is_none().into());
        stream.extend(length.to_le_bytes());
        stream.extend((!length).to_le_bytes());
        stream.extend(block);
    }
    let (a, b) = bytes.iter().fold((1, 0), |(a, b), byte| {
        let a = (a + u32::from(*byte)) % 65_521;
        (a, (b + a) % 65_521)
    });
    stream.extend((b << 16 | a).to_be_bytes());
    stream
}
