//! `SOUNDS/pcm16le_v1`: samples of 16 bit, mono, all of one rate.

use alloc::format;
use alloc::vec::Vec;
use core::ops::{Range, RangeInclusive};

use super::{AssetName, BankError, artifacts, check_kind, check_owner, number, number_in, slice};
use crate::json::Object;
use crate::{Entry, Sample, SoundBankId, layout};

/// A bank of sampled sounds, all of one rate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SoundBank<B = Vec<u8>> {
    asset: AssetName,
    sample_rate: u32,
    samples: Vec<Place>,
    payload: B,
}

/// Where a sample is, and what of it repeats.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Place {
    bytes: Range<usize>,
    looped: Option<RangeInclusive<usize>>,
}

/// One sample: mono frames of 16 bit.
#[derive(Debug, Clone)]
pub struct SampleView<'b> {
    frames: &'b [[u8; 2]],
    sample_rate: u32,
    looped: Option<RangeInclusive<usize>>,
}

impl<B: AsRef<[u8]>> SoundBank<B> {
    /// The bank that `entry` describes and `payload` holds.
    ///
    /// # Errors
    ///
    /// [`BankError`] when `entry` is of another kind, or its sizes or metadata are not those of a
    /// sound bank.
    pub fn new(entry: &Entry, payload: B) -> Result<Self, BankError> {
        let asset = check_kind(entry, SoundBankId::BANK_TYPE, payload.as_ref())?;
        if entry.decoded_size != entry.size {
            return Err(BankError::Size { asset, found: entry.decoded_size, expected: entry.size });
        }
        number_in(&asset, &entry.metadata, "channels", &[1])?;
        let rate = number(&asset, &entry.metadata, "sample_rate")?;
        let sample_rate = u32::try_from(rate).ok().filter(|rate| layout::SAMPLE_RATES.contains(rate));
        let sample_rate = sample_rate.ok_or_else(|| BankError::Metadata {
            asset: asset.clone(),
            problem: format!("`sample_rate` is {rate} and must be 8000 to 48000"),
        })?;
        let samples = artifacts(&asset, entry, "samples", layout::MAX_SAMPLES)?
            .into_iter()
            .enumerate()
            .map(|(index, (bytes, own))| place(&asset, index, bytes, own))
            .collect::<Result<_, _>>()?;
        Ok(Self { asset, sample_rate, samples, payload })
    }

    /// How many samples there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.samples.len()
    }

    /// Frames a second, of every sample.
    #[must_use]
    pub const fn sample_rate(&self) -> u32 {
        self.sample_rate
    }

    /// One sample by its constant.
    ///
    /// # Errors
    ///
    /// [`BankError`] when `sample` belongs to another bank, or its index is above the last.
    pub fn sample(&self, sample: Sample) -> Result<SampleView<'_>, BankError> {
        check_owner(&self.asset, sample.bank().id())?;
        self.sample_at(sample.index().into())
    }

    /// One sample by its index.
    ///
    /// # Errors
    ///
    /// [`BankError::Artifact`] when `index` is not below [`Self::count`].
    pub fn sample_at(&self, index: usize) -> Result<SampleView<'_>, BankError> {
        let Some(place) = self.samples.get(index) else {
            let (asset, count) = (self.asset.clone(), self.count());
            return Err(BankError::Artifact { asset, what: "sample", index, count });
        };
        let bytes = slice(&self.asset, self.payload.as_ref(), place.bytes.clone())?;
        let (frames, _) = bytes.as_chunks();
        Ok(SampleView { frames, sample_rate: self.sample_rate, looped: place.looped.clone() })
    }
}

/// Checks what the table says about one sample.
fn place(asset: &AssetName, index: usize, bytes: Range<usize>, own: &Object) -> Result<Place, BankError> {
    let wrong = |what: &str| BankError::Metadata {
        asset: asset.clone(),
        problem: format!("sample {index} of `samples` {what}"),
    };
    if bytes.is_empty() || !bytes.len().is_multiple_of(2) {
        return Err(wrong("must have at least one frame, and whole ones, of two bytes each"));
    }
    let end = |key| own.contains_key(key).then(|| number(asset, own, key)).transpose();
    let looped = match (end("loop_start")?, end("loop_end")?) {
        (None, None) => None,
        (Some(start), Some(last)) => {
            let inside = start <= last && last < (bytes.len() / 2) as u64;
            let (start, last) = (usize::try_from(start).ok(), usize::try_from(last).ok());
            let range = start.zip(last).filter(|_| inside).map(|(start, last)| start..=last);
            Some(range.ok_or_else(|| wrong("loops over frames that it does not have"))?)
        }
        _ => return Err(wrong("has one end of a loop without the other")),
    };
    Ok(Place { bytes, looped })
}

impl<'b> SampleView<'b> {
    /// The frames in order.
    #[must_use]
    pub fn frames(&self) -> impl ExactSizeIterator<Item = i16> + DoubleEndedIterator + Clone + use<'b> {
        self.frames.iter().map(|frame| i16::from_le_bytes(*frame))
    }

    /// How many frames there are; at least one.
    #[must_use]
    pub const fn frame_count(&self) -> usize {
        self.frames.len()
    }

    /// One frame, `None` past the last.
    #[must_use]
    pub fn frame(&self, index: usize) -> Option<i16> {
        self.frames.get(index).map(|frame| i16::from_le_bytes(*frame))
    }

    /// Frames a second.
    #[must_use]
    pub const fn sample_rate(&self) -> u32 {
        self.sample_rate
    }

    /// The first frame that repeats, if the sample loops.
    #[must_use]
    pub fn loop_start(&self) -> Option<usize> {
        self.looped.as_ref().map(|looped| *looped.start())
    }

    /// The last frame that repeats, itself included, if the sample loops.
    #[must_use]
    pub fn loop_end(&self) -> Option<usize> {
        self.looped.as_ref().map(|looped| *looped.end())
    }
}
