//! A sound bank as WAV files: 16 bit, mono, with the loop where there is one.

use std::borrow::Cow;

use packer_format::{Entry, SoundBank};

use super::{Content, ExtractedFile, LeftOut, misread, own_path};

/// Bytes of a `smpl` chunk with one loop, its head not counted.
const SMPL: u32 = 36 + 24;

pub(super) fn content<'p>(entry: &Entry, payload: &'p [u8]) -> Result<Content<'p>, LeftOut> {
    let bank = SoundBank::new(entry, payload).map_err(|error| misread(&error))?;
    let width = (bank.count() - 1).to_string().len();
    let mut files = Vec::with_capacity(bank.count());
    for index in 0..bank.count() {
        let sample = bank.sample_at(index).map_err(|error| misread(&error))?;
        let frames: Vec<u8> = sample.frames().flat_map(i16::to_le_bytes).collect();
        let forward = sample.loop_start().zip(sample.loop_end());
        let bytes = wav(bank.sample_rate(), &frames, forward)
            .ok_or_else(|| LeftOut(format!("sample {index} is too long for a WAV file")))?;
        let path = own_path(&format!("sample_{index:0width$}.wav"));
        files.push(ExtractedFile { path, bytes: Cow::Owned(bytes) });
    }
    let derived = &["channels", "samples"];
    Ok(Content { role: "samples", files, artifacts: None, derived, pipeline: None, renamed: Vec::new() })
}

/// A WAV file of these bytes of frames; `None` when a length of it is no 32-bit number.
fn wav(rate: u32, frames: &[u8], forward: Option<(usize, usize)>) -> Option<Vec<u8>> {
    let data = u32::try_from(frames.len()).ok()?;
    let sampler = if forward.is_some() { 8 + SMPL } else { 0 };
    let riff = (4 + 8 + 16 + 8_u32).checked_add(data)?.checked_add(sampler)?;
    let mut file = Vec::with_capacity(frames.len() + 128);
    file.extend(b"RIFF");
    file.extend(riff.to_le_bytes());
    file.extend(b"WAVEfmt ");
    file.extend(16_u32.to_le_bytes());
    // PCM, one channel; frames and bytes a second; bytes a frame, bits a sample.
    file.extend([1_u16, 1].into_iter().flat_map(u16::to_le_bytes));
    file.extend([rate, rate * 2].into_iter().flat_map(u32::to_le_bytes));
    file.extend([2_u16, 16].into_iter().flat_map(u16::to_le_bytes));
    file.extend(b"data");
    file.extend(data.to_le_bytes());
    file.extend(frames);
    if let Some((start, end)) = forward {
        let nanoseconds = 1_000_000_000 / rate;
        // Maker and product, the time of a frame, middle C without fraction, no clock, one loop; which has
        // a name, runs forward from its first frame to its last, without fraction, without end.
        let head = [0, 0, nanoseconds, 60, 0, 0, 0, 1, 0];
        let (start, end) = (u32::try_from(start).ok()?, u32::try_from(end).ok()?);
        file.extend(b"smpl");
        file.extend(SMPL.to_le_bytes());
        file.extend(head.into_iter().chain([0, 0, start, end, 0, 0]).flat_map(u32::to_le_bytes));
    }
    Some(file)
}
