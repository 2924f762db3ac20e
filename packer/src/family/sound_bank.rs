//! `sound_bank`, `SOUNDS/pcm16le_v1`: sounds of 16 bit, mono, all of the rate that the declaration
//! states.
//!
//! Each artifact is a WAV file, and the payload is their frames as they are, s16 little-endian, in
//! the order of the indices, each sound from a multiple of 16, the gaps zero. A forward loop of the
//! file's `smpl` chunk goes into the metadata, both ends as the chunk states them.
//!
//! Nothing is converted: resampling and mixing down are a matter of taste, and the message of a file
//! that does not fit names the command that does it. Every rule is about the file's headers, so the
//! probe finds all that is wrong; frames are streamed and never held whole.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::io::{self, Write};
use std::ops::{Range, RangeInclusive};

use packer_format::json::{self, Value};
use packer_format::layout::{MAX_SAMPLES, SAMPLE_RATES, next_artifact};

use super::numbering::{self, Capacity};
use super::wav::{self, Cure, Loop, Refusal, Wav};
use super::{Family, Inputs, NumberedArtifact, Probe, Stop, told};
use crate::diagnostics::{Anchor, Code, Finding, Pointer};
use crate::schema::declaration::Declaration;
use crate::schema::suggest::nearest;

/// The family `sound_bank`.
pub(super) struct SoundBank;

/// The largest payload, in bytes: a game on a 32-bit host can still address it.
const LIMIT: u64 = u32::MAX as u64;
/// Bytes a frame.
const FRAME: u64 = 2;
/// The one member of `output.metadata` that this family asks for.
const SAMPLE_RATE: &str = "sample_rate";

/// What a bank takes of a WAV file that suits it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sound {
    /// Its frames in the file: at least one, and whole ones.
    data: Range<u64>,
    /// A loop inside of them.
    forward: Option<Loop>,
}

impl Family for SoundBank {
    fn name(&self) -> &'static str {
        "sound_bank"
    }

    fn format(&self) -> &'static str {
        "SOUNDS/pcm16le_v1"
    }

    fn bank_type(&self) -> &'static str {
        "SOUNDS"
    }

    fn version(&self) -> u32 {
        1
    }

    fn input_limit(&self) -> u64 {
        256 << 20
    }

    fn artifact_limits(&self, _declaration: &Declaration) -> RangeInclusive<u32> {
        1..=u32::try_from(MAX_SAMPLES).expect("the format's limit is 4096")
    }

    fn probe(
        &self,
        declaration: &Declaration,
        inputs: &mut dyn Inputs,
        findings: &mut Vec<Finding>,
    ) -> Result<Option<Probe>, Stop> {
        let before = findings.len();
        let choices = numbering::choose(declaration);
        // A file that is two artifacts is looked at, and wrong, only once.
        let mut scanned = BTreeMap::new();
        for input in choices.iter().filter_map(|choice| choice.input) {
            if let Entry::Vacant(vacant) = scanned.entry(input)
                && let Some(wav) = told(wav::scan(inputs, input), findings)?
            {
                vacant.insert(wav);
            }
        }

        let rate = sample_rate(declaration);
        if rate.is_none() {
            findings.push(sample_rate_finding(declaration, &scanned));
        }
        let mut sounds = BTreeMap::new();
        for (input, scanned) in scanned {
            let rules = Rules { input, name: &declaration.inputs[input].file, rate };
            match rules.apply(scanned) {
                Ok(sound) => drop(sounds.insert(input, sound)),
                Err(finding) => findings.push(finding),
            }
        }
        let counts: Vec<_> = choices.iter().map(|choice| choice.input.map(|_| 1)).collect();
        let capacity = Capacity {
            limits: self.artifact_limits(declaration),
            unit: "samples",
            cure: "Split the asset into two banks.".to_owned(),
        };
        let artifacts = numbering::number(declaration, &choices, &counts, &capacity, findings);
        match artifacts {
            Some(artifacts) if findings.len() == before => {
                Ok(plan(declaration, artifacts, &sounds, findings))
            }
            _ => Ok(None),
        }
    }

    fn encode(
        &self,
        declaration: &Declaration,
        probe: &Probe,
        inputs: &mut dyn Inputs,
        payload: &mut dyn Write,
        _findings: &mut Vec<Finding>,
    ) -> Result<(), Stop> {
        let samples = probe.metadata.get("samples").and_then(Value::as_object);
        let mut end = 0;
        for artifact in &probe.artifacts {
            let input = artifact.input;
            // The probe let the file pass and gave it its place. Does it still hold the same?
            let scanned = wav::scan(inputs, input)?;
            let rules = Rules { input, name: "", rate: sample_rate(declaration) };
            let sound = rules.apply(scanned).map_err(|_| Stop::Changed { input })?;
            let place = place(end, &sound).ok_or(Stop::Changed { input })?;
            let planned = samples.and_then(|samples| samples.get(&artifact.index.to_string()));
            if planned != Some(&entry(&place, &sound)) {
                return Err(Stop::Changed { input });
            }
            let gap = usize::try_from(place.start - end).expect("a gap is below 16");
            payload.write_all(&[0; 16][..gap]).map_err(Stop::Payload)?;
            let mut cut = Cut { inner: payload, range: sound.data, at: 0 };
            inputs.copy(input, &mut cut)?;
            if cut.at < cut.range.end {
                return Err(Stop::Changed { input });
            }
            end = place.end;
        }
        Ok(())
    }
}

/// Gives each sound its place.
fn plan(
    declaration: &Declaration,
    artifacts: Vec<NumberedArtifact>,
    sounds: &BTreeMap<usize, Sound>,
    findings: &mut Vec<Finding>,
) -> Option<Probe> {
    let mut samples = Vec::with_capacity(artifacts.len());
    let mut size = 0;
    for artifact in &artifacts {
        let sound = sounds.get(&artifact.input)?;
        let Some(place) = place(size, sound) else {
            findings.push(too_large(artifact.input, &declaration.inputs[artifact.input].file));
            return None;
        };
        samples.push((artifact.index.to_string(), entry(&place, sound)));
        size = place.end;
    }
    let metadata = json::object(vec![
        ("channels".to_owned(), Value::Int(1)),
        ("samples".to_owned(), Value::Object(json::object(samples))),
    ]);
    Some(Probe { artifacts, size, decoded_size: size, metadata })
}

/// Where a sound lies in the payload behind one that ends at `end`; `None` above [`LIMIT`].
fn place(end: u64, sound: &Sound) -> Option<Range<u64>> {
    let start = next_artifact(end)?;
    let end = start.checked_add(sound.data.end - sound.data.start)?;
    (end <= LIMIT).then_some(start..end)
}

/// What the pack's header says of one sound.
fn entry(place: &Range<u64>, sound: &Sound) -> Value {
    let int = |n: u64| Value::Int(i64::try_from(n).expect("a place is within 32 bits"));
    let mut entry =
        vec![("length".to_owned(), int(place.end - place.start)), ("offset".to_owned(), int(place.start))];
    if let Some(forward) = sound.forward {
        entry.push(("loop_end".to_owned(), Value::Int(forward.end.into())));
        entry.push(("loop_start".to_owned(), Value::Int(forward.start.into())));
    }
    Value::Object(json::object(entry))
}

/// The rules for one file.
#[derive(Clone, Copy)]
pub(super) struct Rules<'a> {
    pub(super) input: usize,
    pub(super) name: &'a str,
    /// What the bank declares; without it any rate will do.
    pub(super) rate: Option<u32>,
}

impl Rules<'_> {
    pub(super) fn apply(&self, scanned: Result<Wav, Refusal>) -> Result<Sound, Finding> {
        let Wav { format, data, forward } = scanned.map_err(|refusal| self.refused(&refusal))?;
        if let Some(nonsense) = format.nonsense() {
            return Err(self.damaged(&format!("it states {nonsense}")));
        }
        let rate = self.rate.unwrap_or(format.rate);
        if !(format.is_pcm() && (format.bits, format.channels, format.rate) == (16, 1, rate)) {
            return Err(self.unfit(&format, forward.is_some()));
        }
        if u64::from(format.block) != FRAME {
            return Err(
                self.damaged(&format!("it states {} bytes a frame, and 16-bit mono has 2", format.block))
            );
        }
        let bytes = data.end - data.start;
        if !bytes.is_multiple_of(FRAME) {
            return Err(
                self.damaged(&format!("its `data` chunk has {bytes} bytes, which ends in half a frame"))
            );
        }
        if let Some(forward) = forward.filter(|it| it.start > it.end || u64::from(it.end) >= bytes / FRAME) {
            return Err(self.wrong_loop(forward, bytes / FRAME));
        }
        Ok(Sound { data, forward })
    }

    fn invalid(&self, what: &str) -> Finding {
        Finding::new(Code::SoundInvalid, Anchor::Input(self.input), format!("`{}` {what}", self.name))
    }

    fn damaged(&self, what: &str) -> Finding {
        self.invalid(&format!("is a damaged WAV file: {what}"))
            .help("Export the sound again from the program that made it.")
    }

    fn refused(&self, refusal: &Refusal) -> Finding {
        let help = match refusal.cure {
            Cure::Words(words) => words.to_owned(),
            Cure::Convert => format!("Convert it with {}, and name `out.wav` in its place.", self.ffmpeg()),
            Cure::Complete => format!(
                "Export it again; or make a file of what is there with {}, and put `out.wav` in its place.",
                self.sox("--ignore-length ")
            ),
        };
        self.invalid(&refusal.what).help(help)
    }

    fn unfit(&self, format: &wav::Format, looped: bool) -> Finding {
        let at = self.rate.map(|rate| format!(" at {rate} Hz")).unwrap_or_default();
        let message = format!("`{}` is {format}, and its bank takes 16-bit mono{at}", self.name);
        let command = if format.is_common() { self.sox("") } else { self.ffmpeg() };
        let mut help = format!("Convert it with {command}, and put `out.wav` in its place");
        if format.is_pcm() && (format.bits, format.channels) == (16, 1) && SAMPLE_RATES.contains(&format.rate)
        {
            help += &format!(
                "; or write `\"sample_rate\": {}`, if every sound of the bank has that rate",
                format.rate
            );
        }
        help += ".";
        if looped {
            help += " The command leaves the loop out: set it again in a sound editor.";
        }
        Finding::new(Code::SoundFormat, Anchor::Input(self.input), message).help(help)
    }

    fn wrong_loop(&self, Loop { number, start, end }: Loop, frames: u64) -> Finding {
        let last = frames - 1;
        let help = if start <= end && u64::from(end) == frames {
            format!("Set the loop's end to {last} in a sound editor: it is the last frame that repeats.")
        } else {
            format!(
                "Set the loop again in a sound editor; or drop it with `sox {} out.wav`, and put `out.wav` \
                 in its place.",
                shell_word(self.name)
            )
        };
        self.invalid(&format!(
            "repeats its frames {start} to {end} (loop {number} of its `smpl` chunk), and it has the frames \
             0 to {last}"
        ))
        .help(help)
    }

    pub(super) fn sox(&self, option: &str) -> String {
        let rate = self.rate.map(|rate| format!(" -r {rate}")).unwrap_or_default();
        format!("`sox {option}{} -b 16 -c 1{rate} out.wav`", shell_word(self.name))
    }

    fn ffmpeg(&self) -> String {
        let rate = self.rate.map(|rate| format!(" -ar {rate}")).unwrap_or_default();
        format!("`ffmpeg -i {} -c:a pcm_s16le -ac 1{rate} out.wav`", shell_word(self.name))
    }
}

/// A name as every shell takes it; a stand-in where shells differ.
fn shell_word(name: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '/');
    if name.starts_with('-') || !name.chars().all(|c| plain(c) || c == ' ') {
        "FILE".to_owned()
    } else if name.contains(' ') {
        format!("\"{name}\"")
    } else {
        name.to_owned()
    }
}

fn sample_rate(declaration: &Declaration) -> Option<u32> {
    let rate = declaration.metadata.get(SAMPLE_RATE)?.as_int()?;
    u32::try_from(rate).ok().filter(|rate| SAMPLE_RATES.contains(rate))
}

fn sample_rate_finding(
    declaration: &Declaration,
    scanned: &BTreeMap<usize, Result<Wav, Refusal>>,
) -> Finding {
    let anchor = Anchor::Value(Pointer::root().key("output").key("metadata").key(SAMPLE_RATE));
    let mut rates = scanned.iter().filter_map(|(input, wav)| Some((*input, wav.as_ref().ok()?.format.rate)));
    let help = match rates.find(|(_, rate)| SAMPLE_RATES.contains(rate)) {
        Some((input, rate)) => {
            let name = &declaration.inputs[input].file;
            format!("Write `\"sample_rate\": {rate}` in `output.metadata`, the rate of `{name}`.")
        }
        None => {
            "Write `\"sample_rate\": 22050` in `output.metadata`, or what rate the sounds have.".to_owned()
        }
    };
    match declaration.metadata.get(SAMPLE_RATE) {
        Some(Value::Int(n)) => {
            let message = format!("the `sample_rate` {n} is not 8000 to 48000");
            Finding::new(Code::MetadataInvalid, anchor, message).help(help)
        }
        Some(_) => {
            let message = "`sample_rate` is not a number: it is 8000 to 48000 frames a second";
            Finding::new(Code::MetadataInvalid, anchor, message).help(help)
        }
        None => {
            let typo = nearest(SAMPLE_RATE, declaration.metadata.keys());
            let help = typo.map_or(help, |key| format!("Did you mean `sample_rate` by `{key}`?"));
            Finding::new(Code::MetadataMissing, anchor, "`output.metadata` has no `sample_rate`").help(help)
        }
    }
}

fn too_large(input: usize, name: &str) -> Finding {
    Finding::new(
        Code::InputTooLarge,
        Anchor::Input(input),
        format!("with `{name}` the payload is larger than {LIMIT} bytes (4 GiB - 1)"),
    )
    .help("Split the asset into two banks.")
}

/// Lets the bytes of a range through, and counts all.
struct Cut<'a> {
    inner: &'a mut dyn Write,
    range: Range<u64>,
    /// How many bytes came so far.
    at: u64,
}

impl Write for Cut<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let within = |bound: u64| {
            let distance = usize::try_from(bound.saturating_sub(self.at)).unwrap_or(usize::MAX);
            distance.min(bytes.len())
        };
        let wanted = within(self.range.start)..within(self.range.end);
        self.inner.write_all(&bytes[wanted])?;
        self.at += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}
