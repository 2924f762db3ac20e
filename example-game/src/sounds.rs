//! Everything to be heard in the game, out of its pack.
//!
//! The twin of [`crate::art`] for ears: the rest of the game says [`Sample`] and means one of the
//! constants in [`crate::assets`]. All sound banks are opened, whichever there are. Each bank has
//! one rate, of which the packer has made sure; that all banks have the same is this game's own
//! wish, because [`crate::mixer`] converts nothing.

use std::collections::BTreeMap;
use std::error::Error;
use std::ops::RangeInclusive;

use packer_format::{AssetId, PackFile, Sample, SampleView, SoundBankId};

/// All sounds of the game.
pub(crate) struct Sounds {
    banks: BTreeMap<AssetId, Vec<Sound>>,
    rate: u32,
}

/// One sound, ready to be mixed.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Sound {
    pub(crate) frames: Vec<i16>,
    /// The frames that repeat, the last one included.
    pub(crate) looped: Option<RangeInclusive<usize>>,
}

impl Sounds {
    /// Opens the game's pack, wherever it is, and reads every sound in it.
    pub(crate) fn open() -> Result<Self, Box<dyn Error>> {
        let pack = PackFile::open(packer_format::locate!())?;
        let mut banks = BTreeMap::new();
        let mut rate = None;
        for entry in pack.header().entries() {
            if entry.bank_type != SoundBankId::BANK_TYPE {
                continue;
            }
            let bank = pack.sound_bank(entry.asset_id.into())?;
            let (name, found) = (&entry.asset_name, bank.sample_rate());
            let expected = *rate.get_or_insert(found);
            if found != expected {
                return Err(format!(
                    "`{name}` has {found} Hz, and this game mixes at {expected} Hz, like its other sounds"
                )
                .into());
            }
            let sounds = (0..bank.count())
                .map(|index| Ok(Sound::unpack(&bank.sample_at(index)?)))
                .collect::<Result<_, Box<dyn Error>>>()?;
            banks.insert(entry.asset_id, sounds);
        }
        Ok(Self { banks, rate: rate.ok_or("the pack has no sounds")? })
    }

    /// Frames a second, of all sounds.
    pub(crate) const fn rate(&self) -> u32 {
        self.rate
    }

    /// One sound. A sound that the pack does not hold is silent: a game goes on.
    pub(crate) fn sound(&self, sample: Sample) -> &Sound {
        const SILENCE: &Sound = &Sound { frames: Vec::new(), looped: None };
        let bank = self.banks.get(&sample.bank().id());
        bank.and_then(|bank| bank.get(usize::from(sample.index()))).unwrap_or(SILENCE)
    }
}

impl Sound {
    fn unpack(sample: &SampleView<'_>) -> Self {
        let looped = sample.loop_start().zip(sample.loop_end()).map(|(start, end)| start..=end);
        Self { frames: sample.frames().collect(), looped }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assets::sound::{effects, tune};

    const EFFECTS: [Sample; 5] =
        [effects::CATCH, effects::LEAP, effects::LIGHT, effects::MORNING, effects::OUCH];

    fn step(from: i16, to: i16) -> u16 {
        from.abs_diff(to)
    }

    #[test]
    fn the_tune_goes_round_and_no_effect_does() {
        let sounds = Sounds::open().unwrap();
        let tune = sounds.sound(tune::LULLABY);
        let looped = tune.looped.clone().unwrap();
        assert!(looped.start() > &0, "it begins with an upbeat that is played once");
        assert!(looped.clone().count() > 10 * sounds.rate() as usize, "{looped:?}");
        for effect in EFFECTS {
            assert_eq!(sounds.sound(effect).looped, None, "{effect:?}");
        }
    }

    #[test]
    fn the_tune_has_no_jump_where_it_goes_round() {
        let sounds = Sounds::open().unwrap();
        let Sound { frames, looped } = sounds.sound(tune::LULLABY);
        let (start, end) = looped.clone().unwrap().into_inner();
        // What leads to the loop's end is what leads to its start, so the seam is as smooth as the
        // tune itself; and at the seam of all places it is not at its steepest.
        for back in 0..256 {
            let (end, start) = (frames[end - back], frames[start - 1 - back]);
            assert!(step(end, start) <= 1, "{back} frames before the seam: {end} and {start}");
        }
        let steepest = frames[end - 800..=end].windows(2).map(|pair| step(pair[0], pair[1])).max();
        assert!(Some(step(frames[end], frames[start])) < steepest);
    }

    #[test]
    fn every_sound_begins_and_ends_in_silence_and_leaves_room() {
        let sounds = Sounds::open().unwrap();
        for sample in EFFECTS.into_iter().chain([tune::LULLABY]) {
            let frames = &sounds.sound(sample).frames;
            assert_eq!((frames[0], *frames.last().unwrap()), (0, 0), "{sample:?} would click");
            let peak = frames.iter().map(|frame| frame.unsigned_abs()).max().unwrap();
            assert!((1_000..29_204).contains(&peak), "{sample:?}: {peak}, and -1 dB is 29204");
            let sum: i64 = frames.iter().map(|frame| i64::from(*frame)).sum();
            let middle = sum / i64::try_from(frames.len()).unwrap();
            assert!(middle.abs() < 8, "{sample:?} swings around {middle}");
        }
    }

    #[test]
    fn a_sound_that_no_bank_holds_is_silent() {
        let sounds = Sounds::open().unwrap();
        assert_eq!(*sounds.sound(SoundBankId::new(4711).sample(0)), Sound::default());
        assert_eq!(*sounds.sound(tune::LULLABY.bank().sample(999)), Sound::default());
    }
}
