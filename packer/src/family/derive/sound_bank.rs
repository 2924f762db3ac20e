//! A new `sound_bank`.

use std::collections::BTreeMap;

use packer_format::layout::SAMPLE_RATES;

use super::{Derived, InMemory, NewAsset, NewInput, Starter, as_they_are};
use crate::diagnostics::{Anchor, Code, Finding};
use crate::family::Family as _;
use crate::family::sound_bank::{Rules, SoundBank};
use crate::family::wav;

impl NewAsset for SoundBank {
    fn starter(&self) -> Starter {
        Starter {
            role: "samples",
            files: vec![("beep.wav", beep())],
            metadata: Some(r#"{ "sample_rate": 22050 }"#),
            pipeline: None,
        }
    }

    /// The rate is that of most files; the others are refused.
    fn derive(&self, files: &[NewInput<'_>], tile_size: Option<u32>) -> Result<Derived, Vec<Finding>> {
        let derived = as_they_are(self.name(), files, tile_size)?;
        let mut inputs = InMemory(files);
        let scanned = (0..files.len()).map(|input| wav::scan(&mut inputs, input));
        let scanned: Vec<_> = scanned.collect::<Result<_, _>>().expect("memory can be read");
        let mut rates: BTreeMap<u32, usize> = BTreeMap::new();
        for format in scanned.iter().flatten().map(|wav| wav.format) {
            if SAMPLE_RATES.contains(&format.rate) {
                *rates.entry(format.rate).or_default() += 1;
            }
        }
        // Of equals the highest: what is converted to it loses nothing.
        let (rate, most) = rates.into_iter().max_by_key(|(_, files)| *files).unwrap_or((22_050, 0));
        let mut findings = Vec::new();
        for (input, scanned) in scanned.into_iter().enumerate() {
            let rules = Rules { input, name: files[input].file, rate: Some(rate) };
            let other = scanned.as_ref().map_or(rate, |wav| wav.format.rate);
            let apart = SAMPLE_RATES.contains(&other) && other != rate;
            let without_rate = Rules { rate: None, ..rules };
            match scanned {
                Ok(wav) if apart && without_rate.apply(Ok(wav.clone())).is_ok() => {
                    let message = format!(
                        "`{}` has {other} Hz, and {most} of the {} files have {rate} Hz: a bank has one rate",
                        rules.name,
                        files.len()
                    );
                    let help = format!("Convert it with {}, or make a bank of its own of it.", rules.sox(""));
                    findings.push(Finding::new(Code::SoundFormat, Anchor::Input(input), message).help(help));
                }
                scanned => findings.extend(rules.apply(scanned).err()),
            }
        }
        if findings.len() > 1 && findings.iter().all(|finding| finding.code == Code::SoundFormat) {
            // One command for all of them, told once.
            findings.iter_mut().for_each(|finding| finding.help = None);
            let last = findings.pop().expect("there are at least two");
            findings.push(last.help(format!(
                "Convert all at once in a POSIX shell: `mkdir fit; for f in *.wav; do sox \"$f\" -b 16 -c 1 -r \
                 {rate} \"fit/$f\"; done`. Then give `fit/*.wav`."
            )));
        }
        if !findings.is_empty() {
            return Err(findings);
        }
        Ok(Derived {
            summary: format!("{} at {rate} Hz", derived.summary),
            metadata: Some(format!("{{ \"sample_rate\": {rate} }}")),
            pipeline: None,
        })
    }
}

/// A tenth of a second that begins high and dies away. Whole numbers only: the bytes are the same
/// on every host.
fn beep() -> Vec<u8> {
    const RATE: i64 = 22_050;
    const FRAMES: i64 = RATE / 10;
    let frame = |n: i64| {
        // Half waves of 880 Hz, each by Bhaskara's approximation of the sine.
        let (half, x) = (n * 2 * 880 / RATE, n * 2 * 880 % RATE);
        let arc = x * (RATE - x);
        let sine = |height: i64| height * 16 * arc / (5 * RATE * RATE - 4 * arc);
        let height = 12_000 * (FRAMES - n) * (FRAMES - n) / (FRAMES * FRAMES);
        i16::try_from(if half % 2 == 0 { sine(height) } else { -sine(height) })
    };
    let frames = (0..2_205_i32).map(|n| frame(n.into()).expect("no higher than 12000"));
    mono(22_050, frames)
}

/// A file of 16-bit mono.
pub(in super::super) fn mono(rate: u32, frames: impl ExactSizeIterator<Item = i16>) -> Vec<u8> {
    let data = u32::try_from(2 * frames.len()).expect("the packer's own sounds are short");
    let mut file = [*b"RIFF", (36 + data).to_le_bytes(), *b"WAVE", *b"fmt ", 16_u32.to_le_bytes()].concat();
    file.extend([1, 0, 1, 0]); // PCM, one channel
    file.extend([rate.to_le_bytes(), (2 * rate).to_le_bytes(), [2, 0, 16, 0]].concat());
    file.extend([*b"data", data.to_le_bytes()].concat());
    file.extend(frames.flat_map(i16::to_le_bytes));
    file
}
