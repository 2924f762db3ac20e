//! What of an asset can be seen or heard, as far as there is room for it.

use std::ops::Range;

use prometeu_packer::diagnostics::render::visible;
use prometeu_packer::ops::PackedArtifact;

use super::budget::Key;
use super::data::What;
use super::picture::Tiles;
use super::sound;

/// So many files of a bank are looked into; the others are counted.
pub(super) const FILES: usize = 12;

/// Bytes of a file that are looked at.
pub(super) const GLIMPSE: usize = 480;

/// So many bytes are shown of what is no text.
const HEX: usize = 64;

/// What a card shows.
#[derive(Debug)]
pub(crate) enum Content {
    Tiles {
        tiles: Tiles,
        /// The indices that each input fills, and its name.
        files: Vec<(Range<u32>, String)>,
        /// Where there is room for it.
        png: Option<Vec<u8>>,
    },
    Sounds(Samples),
    Files {
        files: Vec<File>,
        /// How many are not looked into.
        more: usize,
    },
    /// Nothing: a kind of bank that this version has no eyes for.
    Nothing,
}

/// Samples of one rate, by index.
#[derive(Debug)]
pub(crate) struct Samples {
    /// Frames a second.
    pub(crate) rate: u32,
    pub(crate) list: Vec<Sample>,
}

#[derive(Debug)]
pub(crate) struct Sample {
    pub(crate) name: String,
    pub(crate) frames: u64,
    /// The first and the last frame that repeat.
    pub(crate) looped: Option<(u64, u64)>,
    /// Where in the payload, and how many bytes.
    place: (u64, u64),
    /// The `d` of a path.
    pub(crate) waveform: Option<String>,
    /// A file to play.
    pub(crate) wav: Option<Vec<u8>>,
}

#[derive(Debug)]
pub(crate) struct File {
    pub(crate) name: String,
    pub(crate) size: u64,
    pub(crate) glimpse: Option<String>,
}

impl Samples {
    pub(super) fn push(&mut self, name: String, place: (u64, u64), looped: Option<(u64, u64)>) {
        self.list.push(Sample { name, frames: place.1 / 2, looped, place, waveform: None, wav: None });
    }
}

impl Content {
    /// Where the sample of that index lies in its payload.
    pub(super) fn samples_place(&self, artifact: u32) -> Option<(u64, u64)> {
        let Self::Sounds(samples) = self else { return None };
        samples.list.get(usize::try_from(artifact).ok()?).map(|sample| sample.place)
    }

    /// Takes what there is room for.
    pub(super) fn receive(&mut self, key: Key, bytes: Vec<u8>) {
        let Ok(artifact) = usize::try_from(key.artifact) else { return };
        let text = |bytes| String::from_utf8(bytes).ok();
        match (self, key.what) {
            (Self::Tiles { png, .. }, What::Picture) => *png = Some(bytes),
            (Self::Sounds(samples), What::Waveform) => {
                if let Some(sample) = samples.list.get_mut(artifact) {
                    sample.waveform = text(bytes);
                }
            }
            (Self::Sounds(Samples { rate, list }), What::Sound) => {
                if let Some(sample) = list.get_mut(artifact) {
                    sample.wav = sound::wav(&bytes, *rate);
                }
            }
            (Self::Files { files, .. }, What::Glimpse) => {
                if let Some(file) = files.get_mut(artifact) {
                    file.glimpse = text(bytes);
                }
            }
            _ => {}
        }
    }

    /// Whether there is anything to show.
    pub(crate) fn is_seen(&self) -> bool {
        match self {
            Self::Tiles { png, .. } => png.is_some(),
            Self::Sounds(samples) => samples.list.iter().any(Sample::is_here),
            Self::Files { files, .. } => files.iter().any(|file| file.glimpse.is_some()),
            Self::Nothing => false,
        }
    }
}

impl Sample {
    /// Whether it can be seen or heard.
    pub(crate) fn is_here(&self) -> bool {
        self.waveform.is_some() || self.wav.is_some()
    }
}

/// The indices of a bank's tiles with the file that each comes from.
pub(super) fn places(artifacts: &[PackedArtifact]) -> Vec<(Range<u32>, String)> {
    let place = |artifact: &PackedArtifact| {
        (artifact.index..artifact.index.saturating_add(artifact.count), artifact.file.to_string())
    };
    artifacts.iter().map(place).collect()
}

/// How a file begins: as text where it is some, else in hexadecimal digits, 16 bytes a line.
pub(super) fn glimpse(bytes: &[u8], goes_on: bool) -> String {
    let mut shown = match readable(bytes, goes_on) {
        Some(text) => {
            // A line is as long as people make it; that there are more of them is said below.
            text.lines().map(|line| visible(&line.replace('\t', "    "))).collect::<Vec<_>>().join("\n")
        }
        None => {
            let rows = bytes[..bytes.len().min(HEX)].chunks(16);
            let row = |row: &[u8]| row.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(" ");
            rows.map(row).collect::<Vec<_>>().join("\n")
        }
    };
    if goes_on || (readable(bytes, goes_on).is_none() && bytes.len() > HEX) {
        shown.push_str("\n…");
    }
    shown
}

/// The bytes as text, if people would call it that. The last character may be cut off.
fn readable(bytes: &[u8], goes_on: bool) -> Option<&str> {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) if goes_on && error.error_len().is_none() => {
            std::str::from_utf8(&bytes[..error.valid_up_to()]).ok()?
        }
        Err(_) => return None,
    };
    let is_text = |c: char| !c.is_control() || matches!(c, '\n' | '\r' | '\t');
    text.chars().all(is_text).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_glimpse_is_text_where_it_can_be_and_digits_elsewhere() {
        for (bytes, goes_on, shown) in [
            (b"less is\r\n\tmore\n".as_slice(), false, "less is\n    more"),
            ("caf\u{e9}".as_bytes(), true, "caf\u{e9}\n…"),
            (&"caf\u{e9}".as_bytes()[..4], true, "caf\n…"),
            (&"caf\u{e9}".as_bytes()[..4], false, "63 61 66 c3"),
            (b"\x00\x01\xff", false, "00 01 ff"),
            (b"", false, ""),
        ] {
            assert_eq!(glimpse(bytes, goes_on), shown);
        }
        let long = glimpse(&[7; 100], false);
        assert_eq!(long.lines().count(), 5, "{long}");
        assert!(long.ends_with("\n…"));
    }

    #[test]
    fn a_glimpse_holds_nothing_that_turns_words_around() {
        assert_eq!(glimpse("a\u{202e}b".as_bytes(), false), "a\\u{202e}b");
    }
}
