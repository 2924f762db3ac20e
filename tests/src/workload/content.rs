//! What is in the files of a [`Workload`](super::Workload): PNG, WAV and other bytes, drawn from dice.
//!
//! Written without the packer's own readers and writers, so that a mistake there cannot hide here.

use crate::dice::Dice;
use crate::wav;

/// Names and contents of the inputs of an asset.
pub(super) type Files = Vec<(String, Vec<u8>)>;

/// The side of a tile in pixels.
const SIDE: u32 = 16;

/// From `least` to `most`, both among them.
fn between(dice: &mut Dice, least: usize, most: usize) -> usize {
    least + dice.below(most - least + 1)
}

/// What a declaration says besides who the asset is.
#[derive(Debug)]
pub(super) struct Inputs {
    family: &'static str,
    format: &'static str,
    role: &'static str,
    metadata: &'static str,
    /// The palettes, as the text of `output.pipeline`.
    pipeline: Option<String>,
}

impl Inputs {
    /// The text of `asset.json`.
    pub(super) fn declaration(&self, uuid: &str, name: &str, files: &[&str]) -> String {
        let Self { family, format, role, metadata, pipeline } = self;
        let files = quoted(files);
        let mut text = format!(
            "{{\n  \"schema_version\": 1,\n  \"asset_uuid\": \"{uuid}\",\n  \"name\": \"{name}\",\n  \
             \"type\": \"{family}\",\n  \"inputs\": {{ \"{role}\": [{files}] }},\n  \"output\": {{\n    \
             \"format\": \"{format}\",\n    \"codec\": \"NONE\",\n    \"metadata\": {metadata}"
        );
        if let Some(pipeline) = pipeline {
            text += &format!(",\n    \"pipeline\": {pipeline}");
        }
        text += "\n  },\n  \"preload\": { \"enabled\": false }\n}\n";
        text
    }
}

fn quoted(words: &[impl AsRef<str>]) -> String {
    let words: Vec<String> = words.iter().map(|word| format!("\"{}\"", word.as_ref())).collect();
    words.join(", ")
}

/// One to four tiles in sixteen colours.
pub(super) fn tiles(dice: &mut Dice) -> (Inputs, Files) {
    let colors = Colors::draw(dice);
    let count = between(dice, 1, 4);
    let files = (0..count).map(|n| (format!("t{n}.png"), colors.tile(dice))).collect();
    let palette = quoted(&colors.0.map(|[r, g, b]| format!("#{r:02x}{g:02x}{b:02x}")));
    let inputs = Inputs {
        family: "glyph_bank",
        format: "GLYPH/indexed_v1",
        role: "sprites",
        metadata: "{ \"tile_size\": 16 }",
        pipeline: Some(format!(
            "{{ \"palettes\": [ {{ \"index\": 0, \"palette\": {{ \"colors\": [{palette}] }} }} ] }}"
        )),
    };
    (inputs, files)
}

/// One or two sounds of at most a fifth of a second.
pub(super) fn sounds(dice: &mut Dice) -> (Inputs, Files) {
    let count = between(dice, 1, 2);
    let files = (0..count).map(|n| (format!("s{n}.wav"), sound(dice))).collect();
    let inputs = Inputs {
        family: "sound_bank",
        format: "SOUNDS/pcm16le_v1",
        role: "samples",
        metadata: "{ \"sample_rate\": 22050 }",
        pipeline: None,
    };
    (inputs, files)
}

/// Files of any bytes, by name, least and most size.
pub(super) fn blobs(sizes: Vec<(&'static str, usize, usize)>, dice: &mut Dice) -> (Inputs, Files) {
    let files = sizes.into_iter().map(|(name, least, most)| {
        // Where there is no choice nothing is drawn.
        let size = if least == most { least } else { between(dice, least, most) };
        (name.to_owned(), mixed(dice, size))
    });
    let files = files.collect();
    let inputs =
        Inputs { family: "blob_bank", format: "BLOB/raw_v1", role: "files", metadata: "{}", pipeline: None };
    (inputs, files)
}

/// Noise and text in turns, about 2 KiB of each.
fn mixed(dice: &mut Dice, size: usize) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(size + 4_200);
    while bytes.len() < size {
        for _ in 0..256 {
            bytes.extend(dice.throw().to_le_bytes());
        }
        let text = format!("tile {:05};", dice.below(100_000));
        for _ in 0..186 {
            bytes.extend(text.as_bytes());
        }
    }
    bytes.truncate(size);
    bytes
}

/// A saw tooth that does not quite keep its pitch.
fn sound(dice: &mut Dice) -> Vec<u8> {
    let frames = between(dice, 512, 4_096);
    let step = between(dice, 200, 2_000);
    let mut level = 0;
    let samples: Vec<i16> = (0..frames)
        .map(|_| {
            level += step + dice.below(64);
            let sample = i32::try_from(level & 0xffff).expect("16 bits fit") - 32_768;
            i16::try_from(sample).expect("16 bits around zero fit")
        })
        .collect();
    wav::file(&[wav::fmt(1, 1, 22_050, 16), wav::data(&samples)], true)
}

/// Sixteen colours, none twice, that RGB565 keeps apart; the first is black, which stands for transparent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Colors([[u8; 3]; 16]);

impl Colors {
    /// The next sixteen.
    pub(super) fn draw(dice: &mut Dice) -> Self {
        let mut drawn = vec![[0; 3]];
        while drawn.len() < 16 {
            let mut level =
                |levels: usize, step: usize| u8::try_from(dice.below(levels) * step).expect("at most 252");
            let color = [level(32, 8), level(64, 4), level(32, 8)];
            if !drawn.contains(&color) {
                drawn.push(color);
            }
        }
        Self(drawn.try_into().expect("sixteen were drawn"))
    }

    /// A tile of noise in these colours: RGBA, unfiltered, stored without compression.
    pub(super) fn tile(&self, dice: &mut Dice) -> Vec<u8> {
        let mut rows = Vec::new();
        for _ in 0..SIDE {
            // Each row begins with how it is filtered: not at all.
            rows.extend([0]);
            for _ in 0..SIDE {
                let color = dice.below(16);
                rows.extend(self.0[color]);
                rows.push(if color == 0 { 0 } else { 255 });
            }
        }
        png(&rows)
    }
}

/// A PNG file of these filtered rows.
fn png(rows: &[u8]) -> Vec<u8> {
    let length = u16::try_from(rows.len()).expect("a tile is small");
    let mut stream = vec![0x78, 0x01, 1];
    stream.extend(length.to_le_bytes());
    stream.extend((!length).to_le_bytes());
    stream.extend(rows);
    stream.extend(network_order(adler32(rows)));

    let mut header = [network_order(SIDE), network_order(SIDE)].concat();
    header.extend([8, 6, 0, 0, 0]);
    let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
    for (name, body) in [(b"IHDR", &header), (b"IDAT", &stream), (b"IEND", &Vec::new())] {
        file.extend(network_order(u32::try_from(body.len()).expect("a tile is small")));
        let from = file.len();
        file.extend(name);
        file.extend(body);
        let sum = crc32(&file[from..]);
        file.extend(network_order(sum));
    }
    file
}

/// PNG is of the few formats here whose numbers begin with the highest byte.
fn network_order(number: u32) -> [u8; 4] {
    let mut bytes = number.to_le_bytes();
    bytes.reverse();
    bytes
}

fn adler32(bytes: &[u8]) -> u32 {
    let (mut a, mut b) = (1_u32, 0_u32);
    for byte in bytes {
        a = (a + u32::from(*byte)) % 65_521;
        b = (b + a) % 65_521;
    }
    b << 16 | a
}

fn crc32(bytes: &[u8]) -> u32 {
    let mut sum = !0_u32;
    for byte in bytes {
        sum ^= u32::from(*byte);
        for _ in 0..8 {
            sum = (sum >> 1) ^ ((sum & 1) * 0xedb8_8320);
        }
    }
    !sum
}
