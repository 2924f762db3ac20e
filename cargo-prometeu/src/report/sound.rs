//! A sample as a line that can be looked at, and as a WAV file that a browser plays.

use std::fmt::Write as _;

/// Columns of a waveform at most; one stands for as many frames as it must.
pub(crate) const COLUMNS: u64 = 160;

/// Its height. A column goes from its lowest frame to its highest.
pub(crate) const HEIGHT: i32 = 64;

/// The lowest and the highest frame of each column, of frames that come piece by piece.
#[derive(Debug)]
pub(crate) struct Waveform {
    frames: u64,
    seen: u64,
    columns: Vec<(i16, i16)>,
}

impl Waveform {
    /// That of a sample of so many frames, none of which it has seen.
    pub(crate) const fn new(frames: u64) -> Self {
        Self { frames, seen: 0, columns: Vec::new() }
    }

    /// How many columns it has.
    pub(crate) fn width(&self) -> u64 {
        self.frames.min(COLUMNS)
    }

    /// Takes the next frames, whole ones, as they stand in a payload.
    pub(crate) fn take(&mut self, bytes: &[u8]) {
        let (frames, _) = bytes.as_chunks::<2>();
        for frame in frames.iter().map(|frame| i16::from_le_bytes(*frame)) {
            let column = u128::from(self.seen) * u128::from(self.width()) / u128::from(self.frames.max(1));
            let column = usize::try_from(column).unwrap_or(usize::MAX);
            match self.columns.get_mut(column) {
                Some((low, high)) => (*low, *high) = (frame.min(*low), frame.max(*high)),
                None => self.columns.push((frame, frame)),
            }
            self.seen += 1;
        }
    }

    /// The `d` of an SVG path, one line a column.
    pub(crate) fn path(&self) -> String {
        let mut path = String::with_capacity(self.columns.len() * 12);
        for (x, (low, high)) in self.columns.iter().enumerate() {
            let (top, foot) = (height(*high), height(*low));
            // Silence is a line as well.
            let _ = write!(path, "M{x} {top}V{}", foot.max(top + 1));
        }
        path
    }
}

/// How far below the top a frame is drawn.
fn height(frame: i16) -> i32 {
    let half = HEIGHT / 2 - 1;
    half - i32::from(frame) * half / 32_768
}

/// Bytes before the frames of a WAV file.
pub(crate) const WAV_HEADER: u64 = 44;

/// A WAV file of 16 bit, mono. `None` where it would be longer than such a file can be.
pub(crate) fn wav(frames: &[u8], sample_rate: u32) -> Option<Vec<u8>> {
    let length = u32::try_from(frames.len()).ok()?;
    let mut wav = Vec::with_capacity(frames.len() + 44);
    wav.extend(b"RIFF");
    wav.extend(length.checked_add(36)?.to_le_bytes());
    wav.extend(b"WAVEfmt ");
    wav.extend(16_u32.to_le_bytes());
    // PCM, one channel.
    wav.extend([1, 0, 1, 0]);
    wav.extend(sample_rate.to_le_bytes());
    wav.extend(sample_rate.checked_mul(2)?.to_le_bytes());
    wav.extend([2, 0, 16, 0]);
    wav.extend(b"data");
    wav.extend(length.to_le_bytes());
    wav.extend(frames);
    Some(wav)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(frames: impl IntoIterator<Item = i16>) -> Vec<u8> {
        frames.into_iter().flat_map(i16::to_le_bytes).collect()
    }

    #[test]
    fn a_waveform_is_the_same_in_however_many_pieces_the_frames_come() {
        let frames = bytes((0..1000).map(|n| i16::try_from(n * 60 - 30_000).unwrap()));
        let mut whole = Waveform::new(1000);
        whole.take(&frames);
        let mut pieces = Waveform::new(1000);
        frames.chunks(14).for_each(|piece| pieces.take(piece));
        assert_eq!(whole.path(), pieces.path());
        assert_eq!(whole.path().matches('M').count(), 160);
        assert!(whole.path().starts_with("M0 59V60M1 58V59"), "{}", whole.path());
    }

    #[test]
    fn the_loudest_frame_is_seen_wherever_it_is_and_silence_is_a_line() {
        let mut frames = vec![0; 10_000];
        (frames[5_003], frames[5_004]) = (i16::MAX, i16::MIN);
        let mut waveform = Waveform::new(10_000);
        waveform.take(&bytes(frames));
        let path = waveform.path();
        assert!(path.contains("M80 1V62") && path.contains("M79 31V32"), "{path}");
        let mut one = Waveform::new(1);
        one.take(&bytes([0]));
        assert_eq!((one.path().as_str(), one.width()), ("M0 31V32", 1));
    }

    #[test]
    fn a_wav_file_says_what_is_in_it() {
        let wav = wav(&bytes([1, 2, 3]), 16_000).unwrap();
        assert_eq!(wav.len() as u64, WAV_HEADER + 6);
        let number = |at: usize| u32::from_le_bytes(wav[at..at + 4].try_into().unwrap());
        assert_eq!((number(4), number(24), number(28), number(40)), (42, 16_000, 32_000, 6));
    }
}
