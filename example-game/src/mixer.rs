//! Adds sounds up, frame by frame.
//!
//! Whole numbers only, so the same sounds give the same frames on every machine. A sum that 16 bits
//! cannot hold stays at the loudest they can, and is counted: clipping is heard as a crackle, so
//! a game wants to know. The mixer has no clock and no device; whoever asks for the next frame
//! decides when that is. All sounds are of one rate, which is the business of [`crate::sounds`].

use crate::sounds::Sound;

/// The volume at which a sound is as loud as it was recorded.
pub(crate) const FULL: u16 = 256;

/// Sounds that are being played together.
#[derive(Debug, Default)]
pub(crate) struct Mixer<'a> {
    voices: Vec<Voice<'a>>,
    clipped: usize,
}

/// One sound on its way.
#[derive(Debug)]
struct Voice<'a> {
    sound: &'a Sound,
    /// The frame that is heard next.
    at: usize,
    volume: u16,
}

impl<'a> Mixer<'a> {
    /// Plays a sound from the next frame on: to its end, or round and round when it loops.
    pub(crate) fn start(&mut self, sound: &'a Sound, volume: u16) {
        self.voices.push(Voice { sound, at: 0, volume });
    }

    /// The next frame of everything that plays.
    pub(crate) fn next_frame(&mut self) -> i16 {
        let mut sum = 0;
        self.voices.retain_mut(|voice| match voice.next_frame() {
            Some(frame) => {
                sum += frame;
                true
            }
            None => false,
        });
        let frame = sum / i64::from(FULL);
        i16::try_from(frame).unwrap_or_else(|_| {
            self.clipped += 1;
            if frame < 0 { i16::MIN } else { i16::MAX }
        })
    }

    /// How many frames did not fit into 16 bits so far.
    pub(crate) const fn clipped(&self) -> usize {
        self.clipped
    }
}

impl Voice<'_> {
    /// A frame by its volume, or nothing when the sound is over.
    fn next_frame(&mut self) -> Option<i64> {
        let frame = *self.sound.frames.get(self.at)?;
        self.at = match &self.sound.looped {
            Some(looped) if self.at == *looped.end() => *looped.start(),
            _ => self.at + 1,
        };
        Some(i64::from(frame) * i64::from(self.volume))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn once(frames: &[i16]) -> Sound {
        Sound { frames: frames.to_vec(), looped: None }
    }

    /// So many frames of sounds that start together.
    fn mix(sounds: &[(&Sound, u16)], frames: usize) -> (Vec<i16>, usize) {
        let mut mixer = Mixer::default();
        for (sound, volume) in sounds {
            mixer.start(sound, *volume);
        }
        let mixed = (0..frames).map(|_| mixer.next_frame()).collect();
        (mixed, mixer.clipped())
    }

    #[test]
    fn sounds_add_up_and_the_shorter_one_ends_first() {
        let (one, two) = (once(&[10, 20, 30]), once(&[1, -2]));
        assert_eq!(mix(&[(&one, FULL), (&two, FULL)], 5), (vec![11, 18, 30, 0, 0], 0));
    }

    #[test]
    fn a_volume_is_a_share_of_256() {
        assert_eq!(mix(&[(&once(&[1000, -1000]), 64)], 2).0, [250, -250]);
        assert_eq!(mix(&[(&once(&[1000]), 0)], 1).0, [0]);
    }

    #[test]
    fn a_loop_plays_what_is_before_it_once_and_what_is_behind_it_never() {
        let sound = Sound { frames: vec![1, 2, 3, 4, 5], looped: Some(1..=3) };
        assert_eq!(mix(&[(&sound, FULL)], 9).0, [1, 2, 3, 4, 2, 3, 4, 2, 3]);
    }

    #[test]
    fn a_loop_of_one_frame_holds_it() {
        let sound = Sound { frames: vec![7, 9], looped: Some(1..=1) };
        assert_eq!(mix(&[(&sound, FULL)], 4).0, [7, 9, 9, 9]);
    }

    #[test]
    fn what_is_too_loud_stays_at_the_edge_and_is_counted() {
        let loud = once(&[i16::MAX, i16::MIN, 100]);
        let (mixed, clipped) = mix(&[(&loud, FULL), (&loud, FULL)], 3);
        assert_eq!((mixed, clipped), (vec![i16::MAX, i16::MIN, 200], 2));
        assert_eq!(mix(&[(&loud, FULL)], 3).1, 0, "the edge itself fits");
    }
}
