//! Half a minute of the garden as a WAV file.
//!
//! The game plays by itself, and what its world tells is heard over the tune: an effect begins in
//! the very frame in which its tick does. Nothing else goes in, so the same pack gives the same
//! file. No sound device is needed, and none is used; that is why the terminal is silent.

use std::fs;
use std::path::Path;

use packer_format::Sample;

use crate::assets::sound::{effects, tune};
use crate::attract::Attract;
use crate::level::Level;
use crate::mixer::{FULL, Mixer};
use crate::sounds::Sounds;
use crate::world::{Moment, TICKS_A_SECOND, World};

/// How long the recording is.
pub(crate) const SECONDS: u32 = 30;

/// The last seconds, in which everything becomes silent.
const FADE: u32 = 2;

/// How loud the tune is: with this, it and any one effect fit into 16 bits together.
const TUNE: u16 = FULL * 5 / 8;

/// Sound, and what is heard in it.
pub(crate) struct Recording {
    /// Mono, 16 bit.
    frames: Vec<i16>,
    /// Frames a second.
    rate: u32,
    heard: Vec<Moment>,
    clipped: usize,
}

/// What a moment sounds like.
const fn sample(moment: Moment) -> Sample {
    match moment {
        Moment::Leap => effects::LEAP,
        Moment::Catch => effects::CATCH,
        Moment::Light => effects::LIGHT,
        Moment::Ouch => effects::OUCH,
        Moment::Morning => effects::MORNING,
    }
}

impl Recording {
    /// Plays by itself for so long, and listens.
    pub(crate) fn new(level: &Level, sounds: &Sounds, seconds: u32) -> Self {
        let rate = sounds.rate();
        let mut world = World::new(level.clone());
        let mut attract = Attract::default();
        let mut mixer = Mixer::default();
        mixer.start(sounds.sound(tune::LULLABY), TUNE);
        let (mut frames, mut heard) = (Vec::new(), Vec::new());
        for tick in 1..=seconds * TICKS_A_SECOND {
            let keys = attract.press(&world);
            world.step(keys);
            for moment in world.moments() {
                mixer.start(sounds.sound(sample(*moment)), FULL);
                heard.push(*moment);
            }
            while frames.len() < end_of(tick, rate) {
                frames.push(mixer.next_frame());
            }
        }
        fade_out(&mut frames, end_of(FADE * TICKS_A_SECOND, rate));
        Self { frames, rate, heard, clipped: mixer.clipped() }
    }

    /// How often something was heard.
    pub(crate) fn count(&self, moment: Moment) -> usize {
        self.heard.iter().filter(|heard| **heard == moment).count()
    }

    /// How many frames were too loud.
    pub(crate) const fn clipped(&self) -> usize {
        self.clipped
    }

    /// Writes the file, and the folders above it.
    pub(crate) fn write(&self, path: &Path) -> Result<(), hound::Error> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        let spec = hound::WavSpec {
            channels: 1,
            sample_rate: self.rate,
            bits_per_sample: 16,
            sample_format: hound::SampleFormat::Int,
        };
        let mut file = hound::WavWriter::create(path, spec)?;
        for frame in &self.frames {
            file.write_sample(*frame)?;
        }
        file.finalize()
    }
}

/// How many frames there are when the tick is over: a tick need not be a whole number of frames,
/// and none is lost.
fn end_of(tick: u32, rate: u32) -> usize {
    let frames = u64::from(tick) * u64::from(rate) / u64::from(TICKS_A_SECOND);
    usize::try_from(frames).expect("half a minute of frames can be addressed")
}

/// Makes the last frames quieter and quieter, down to silence.
fn fade_out(frames: &mut [i16], over: usize) {
    let whole = i64::try_from(over).unwrap_or(i64::MAX).max(1);
    for (left, frame) in (0..whole).zip(frames.iter_mut().rev()) {
        *frame = i16::try_from(i64::from(*frame) * left / whole).expect("quieter than it was");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::art::Art;

    fn record(text: &str, seconds: u32) -> Recording {
        Recording::new(&Level::parse(text).unwrap(), &Sounds::open().unwrap(), seconds)
    }

    #[test]
    fn the_same_walk_sounds_the_same() {
        let text = "@..L..*...*\n###########";
        let (one, two) = (record(text, 4), record(text, 4));
        assert_eq!(one.heard, two.heard);
        assert_eq!(one.frames, two.frames);
    }

    #[test]
    fn each_effect_sounds_in_the_frame_in_which_it_happens() {
        let text = "...........\n@.L.x.*...*\n###########";
        let sounds = Sounds::open().unwrap();
        let recording = record(text, 8);

        // The same sum the slow way: every sound written over all frames, from where it happens on.
        let mut sums = vec![0_i64; recording.frames.len()];
        let mut add = |from: usize, frames: &mut dyn Iterator<Item = i16>, volume: u16| {
            for (sum, frame) in sums[from..].iter_mut().zip(frames) {
                *sum += i64::from(frame) * i64::from(volume);
            }
        };
        add(0, &mut sounds.sound(tune::LULLABY).frames.iter().copied(), TUNE);
        let mut world = World::new(Level::parse(text).unwrap());
        let mut attract = Attract::default();
        let mut happened = Vec::new();
        for tick in 0..8 * 60 {
            world.step(attract.press(&world));
            for moment in world.moments() {
                let from = tick * sounds.rate() as usize / 60;
                add(from, &mut sounds.sound(sample(*moment)).frames.iter().copied(), FULL);
                happened.push(*moment);
            }
        }
        assert_eq!(recording.heard, happened);
        for moment in [Moment::Leap, Moment::Light, Moment::Catch, Moment::Morning] {
            assert!(happened.contains(&moment), "{moment:?} is not among {happened:?}");
        }
        let faded = sums.len() - 2 * sounds.rate() as usize;
        for (at, (frame, sum)) in recording.frames.iter().zip(&sums).enumerate().take(faded) {
            assert_eq!(i64::from(*frame), sum / 256, "frame {at}");
        }
    }

    #[test]
    fn every_moment_has_a_sound_of_its_own_with_room_for_the_tune() {
        let sounds = Sounds::open().unwrap();
        let loudest = |sample, volume: u16| {
            let frames = &sounds.sound(sample).frames;
            let peak = frames.iter().map(|frame| u32::from(frame.unsigned_abs())).max();
            peak.unwrap_or_default() * u32::from(volume) / u32::from(FULL)
        };
        let tune = loudest(tune::LULLABY, TUNE);
        let all = [Moment::Leap, Moment::Catch, Moment::Light, Moment::Ouch, Moment::Morning];
        for (n, moment) in all.into_iter().enumerate() {
            let effect = loudest(sample(moment), FULL);
            assert!((1..32_767 - tune).contains(&effect), "{moment:?}: {effect} over {tune}");
            assert!(all[..n].iter().all(|other| sample(*other) != sample(moment)), "{moment:?}");
        }
    }

    #[test]
    fn the_meadow_is_recorded_from_the_first_leap_to_the_morning_and_nothing_clips() {
        let art = Art::open().unwrap();
        let recording = Recording::new(art.level(), &Sounds::open().unwrap(), SECONDS);
        assert_eq!(recording.clipped(), 0);
        assert_eq!(recording.count(Moment::Ouch), 0);
        assert_eq!(recording.count(Moment::Morning), 1);
        assert!(recording.count(Moment::Leap) > 0);
        assert!(recording.count(Moment::Light) > 0);
        assert!(recording.count(Moment::Catch) > 0);
        assert_eq!(recording.frames.last(), Some(&0), "it ends in silence");
    }

    #[test]
    fn the_file_is_a_wav_file_of_the_length_that_was_asked_for() {
        let path =
            std::env::temp_dir().join(format!("lanternlight-wav-{}", std::process::id())).join("a.wav");
        let recording = record("@.*\n###", 3);
        recording.write(&path).unwrap();
        let bytes = fs::read(&path).unwrap();
        fs::remove_dir_all(path.parent().unwrap()).unwrap();

        let number = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap());
        assert_eq!((&bytes[..4], &bytes[8..16]), (&b"RIFF"[..], &b"WAVEfmt "[..]));
        assert_eq!(number(4) as usize, bytes.len() - 8);
        assert_eq!((number(16), number(20)), (16, 1 << 16 | 1), "plain PCM, one channel");
        assert_eq!((number(24), number(32)), (recording.rate, 16 << 16 | 2), "two bytes a frame");
        assert_eq!(&bytes[36..40], b"data");
        assert_eq!(number(40), 3 * recording.rate * 2);
        let frames = bytes[44..].as_chunks().0.iter().map(|frame| i16::from_le_bytes(*frame));
        assert!(frames.eq(recording.frames.iter().copied()));
    }

    #[test]
    fn ticks_share_the_frames_out_and_lose_none() {
        assert_eq!(end_of(1, 16_000), 266);
        assert_eq!(end_of(60, 16_000), 16_000);
        assert_eq!(end_of(3, 22_050), 1102);
    }
}
