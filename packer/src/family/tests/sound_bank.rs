//! Sound banks: places, loops, rules, and that a game reads back what was drawn.

use packer_format::{Header, PlannedAsset};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::{Just, any};

use super::wav_writer::{WavFile, data, extensible, fmt, smpl};
use super::*;

/// A bank of 22050 Hz with those inputs.
fn bank(files: &[&str]) -> Declaration {
    declare("sound_bank", files, &json!({ "metadata": { "sample_rate": 22_050 } }))
}

fn sound(frames: &[i16]) -> Vec<u8> {
    WavFile::mono(22_050, frames).file()
}

/// A sound of `fmt` with 8 bytes of data.
fn of_format(fmt: Vec<u8>) -> Vec<u8> {
    WavFile::of(&[(b"fmt ", fmt), (b"data", vec![0; 8])]).file()
}

/// What is found of one file `a.wav`.
fn of_file(file: Vec<u8>) -> Outcome {
    pack(&bank(&["a.wav"]), &[file])
}

fn check_fits(file: Vec<u8>) {
    let outcome = of_file(file);
    assert_eq!(outcome.findings, []);
    assert!(outcome.probe.is_some());
}

/// The bank as a game reads it.
fn read_back(declaration: &Declaration, outcome: &Outcome) -> packer_format::SoundBank {
    let probe = outcome.probe.as_ref().expect("it packs");
    let mut findings = Vec::new();
    let header = Header::plan([PlannedAsset {
        asset_id: crate::id::AssetId::new(1),
        asset_name: "test".to_owned(),
        bank_type: "SOUNDS".to_owned(),
        decoded_size: probe.decoded_size,
        size: probe.size,
        metadata: header_metadata(declaration, probe, &mut findings),
        preload: false,
    }]);
    assert_eq!(findings, []);
    let header = header.expect("one asset fits");
    let entry = header.get(crate::id::AssetId::new(1)).unwrap();
    packer_format::SoundBank::new(entry, outcome.payload.clone()).expect("the reader's rules hold")
}

#[test]
fn each_sound_starts_at_a_multiple_of_16_with_its_loop_in_the_metadata() {
    let looped = WavFile::mono(22_050, &[4, 5]).with(b"smpl", &smpl(&[(0, 0, 1)])).file();
    let declaration = bank(&["a.wav", "b.wav", "c.wav"]);
    let outcome = pack(&declaration, &[sound(&[1; 9]), looped, sound(&[-1])]);
    let mut expected = [1, 0].repeat(9);
    expected.extend([0; 14]);
    expected.extend([4, 0, 5, 0]);
    expected.extend([0; 12]);
    expected.extend([0xff, 0xff]);
    assert_eq!(outcome.payload, expected);
    let bank = read_back(&declaration, &outcome);
    assert_eq!((bank.count(), bank.sample_rate()), (3, 22_050));
    let probe = outcome.probe.unwrap();
    assert_eq!((probe.size, probe.decoded_size), (50, 50));
    let samples = json!({
        "0": { "length": 18, "offset": 0 },
        "1": { "length": 4, "offset": 32, "loop_start": 0, "loop_end": 1 },
        "2": { "length": 2, "offset": 48 },
    });
    assert_eq!(Value::Object(probe.metadata), value(&json!({ "channels": 1, "samples": samples })));
}

#[test]
fn the_payload_follows_the_indices_and_a_file_may_fill_two_places() {
    let artifacts = json!([
        { "file": "a.wav", "index": 1 },
        { "file": "b.wav", "index": 0 },
        { "file": "b.wav", "index": 2 },
    ]);
    let members = json!({ "artifacts": artifacts, "metadata": { "sample_rate": 22_050 } });
    let declaration = declare("sound_bank", &["a.wav", "b.wav", "unused.txt"], &members);
    let outcome = pack(&declaration, &[sound(&[1]), sound(&[2]), b"no sound".to_vec()]);
    let bank = read_back(&declaration, &outcome);
    let first: Vec<_> = (0..3).map(|n| bank.sample_at(n).unwrap().frame(0).unwrap()).collect();
    assert_eq!(first, [2, 1, 2]);
    // Wrong in two places, it is told once.
    let broken = pack(&declaration, &[sound(&[1]), Vec::new(), Vec::new()]);
    assert_eq!(broken.codes(), ["sound-invalid input 1"]);
}

#[test]
fn the_rate_is_declared_within_8000_to_48000() {
    let with = |metadata: serde_json::Value, rate: u32| {
        let members = json!({ "metadata": metadata });
        let declaration = declare("sound_bank", &["a.wav"], &members);
        pack(&declaration, &[WavFile::mono(rate, &[1]).file()])
    };
    for rate in [8_000, 48_000] {
        assert_eq!(with(json!({ "sample_rate": rate }), rate).findings, []);
    }
    for rate in [7_999, 48_001, 0, -1] {
        let outcome = with(json!({ "sample_rate": rate }), 44_100);
        assert_eq!(outcome.codes(), ["metadata-invalid /output/metadata/sample_rate"]);
        let (message, help) = outcome.only("metadata-invalid");
        assert_eq!(message, format!("the `sample_rate` {rate} is not 8000 to 48000"));
        assert_eq!(help, "Write `\"sample_rate\": 44100` in `output.metadata`, the rate of `a.wav`.");
    }
    let text = with(json!({ "sample_rate": "22050" }), 22_050);
    assert_eq!(
        text.only("metadata-invalid").0,
        "`sample_rate` is not a number: it is 8000 to 48000 frames a second"
    );
    let missing = with(json!({}), 96_000);
    assert_eq!(missing.codes(), ["metadata-missing /output/metadata/sample_rate"]);
    let (message, help) = missing.only("metadata-missing");
    assert_eq!(message, "`output.metadata` has no `sample_rate`");
    assert_eq!(help, "Write `\"sample_rate\": 22050` in `output.metadata`, or what rate the sounds have.");
    let typo = with(json!({ "samplerate": 22_050 }), 22_050);
    assert_eq!(typo.only("metadata-missing").1, "Did you mean `sample_rate` by `samplerate`?");
}

#[test]
fn a_sound_of_another_format_is_told_what_it_is_and_what_would_do() {
    check_fits(of_format(fmt(1, 1, 22_050, 2, 16)));
    check_fits(of_format(extensible(1, 1, 22_050, 2, 16)));
    let check = |fmt: Vec<u8>, found: &str, wanted: &str| {
        let outcome = of_file(of_format(fmt));
        assert_eq!(outcome.codes(), ["sound-format input 0"]);
        let (message, help) = outcome.only("sound-format");
        assert_eq!(message, format!("`a.wav` is {found}, and its bank takes 16-bit mono at 22050 Hz"));
        assert_eq!(help, wanted);
    };
    let sox = "Convert it with `sox a.wav -b 16 -c 1 -r 22050 out.wav`, and put `out.wav` in its place.";
    check(fmt(1, 2, 44_100, 6, 24), "24-bit stereo at 44100 Hz", sox);
    check(fmt(1, 1, 22_050, 1, 8), "8-bit mono at 22050 Hz", sox);
    check(fmt(1, 2, 22_050, 4, 16), "16-bit stereo at 22050 Hz", sox);
    check(fmt(3, 1, 22_050, 4, 32), "32-bit float mono at 22050 Hz", sox);
    check(extensible(3, 1, 22_050, 4, 32), "32-bit float mono at 22050 Hz", sox);
    check(fmt(7, 1, 22_050, 1, 8), "8-bit mu-law mono at 22050 Hz", sox);
    check(fmt(1, u16::MAX, u32::MAX, 2, 16), "16-bit 65535-channel at 4294967295 Hz", sox);
    check(fmt(1, 1, 96_000, 2, 16), "16-bit mono at 96000 Hz", sox);
    let or_declare = "Convert it with `sox a.wav -b 16 -c 1 -r 22050 out.wav`, and put `out.wav` in its \
         place; or write `\"sample_rate\": 44100`, if every sound of the bank has that rate.";
    check(fmt(1, 1, 44_100, 2, 16), "16-bit mono at 44100 Hz", or_declare);
    let ffmpeg = "Convert it with `ffmpeg -i a.wav -c:a pcm_s16le -ac 1 -ar 22050 out.wav`, and put `out.wav` \
         in its place.";
    check(fmt(0x55, 1, 22_050, 1, 0), "MP3 mono at 22050 Hz", ffmpeg);
}

#[test]
fn without_a_declared_rate_any_rate_will_do_and_the_rest_is_still_checked() {
    let declaration = declare("sound_bank", &["a.wav", "b.wav"], &json!({}));
    let outcome = pack(&declaration, &[sound(&[1]), of_format(fmt(1, 2, 44_100, 4, 16))]);
    let codes = ["metadata-missing /output/metadata/sample_rate", "sound-format input 1"];
    assert_eq!(outcome.codes(), codes);
    let finding = &outcome.findings[1];
    assert_eq!(finding.message, "`b.wav` is 16-bit stereo at 44100 Hz, and its bank takes 16-bit mono");
    let help = finding.help.as_deref().unwrap();
    assert!(help.starts_with("Convert it with `sox b.wav -b 16 -c 1 out.wav`"), "{help}");
}

#[test]
fn a_conversion_that_loses_the_loop_says_so() {
    let file = WavFile::of(&[
        (b"fmt ", fmt(1, 2, 22_050, 4, 16)),
        (b"data", vec![0; 8]),
        (b"smpl", smpl(&[(0, 0, 1)])),
    ]);
    let outcome = of_file(file.file());
    let (_, help) = outcome.only("sound-format");
    assert!(help.ends_with("The command leaves the loop out: set it again in a sound editor."), "{help}");
}

#[test]
fn a_header_that_contradicts_itself_is_damaged() {
    for (fmt, what) in [
        (fmt(1, 0, 22_050, 2, 16), "states 0 channels"),
        (fmt(1, 1, 0, 2, 16), "states 0 Hz"),
        (fmt(1, 1, 22_050, 2, 0), "states 0 bits a sample"),
        (fmt(1, 1, 22_050, 4, 16), "states 4 bytes a frame, and 16-bit mono has 2"),
    ] {
        let outcome = of_file(of_format(fmt));
        let (message, _) = outcome.only("sound-invalid");
        assert_eq!(message, format!("`a.wav` is a damaged WAV file: it {what}"));
    }
}

#[test]
fn no_frames_half_a_frame_and_two_sounds_in_one_file_are_invalid() {
    let with = |data: &[u8]| WavFile::of(&[(b"fmt ", fmt(1, 1, 22_050, 2, 16)), (b"data", data.to_vec())]);
    check_fits(with(&[1, 2]).file());
    let message = |file: WavFile| of_file(file.file()).only("sound-invalid").0.to_owned();
    assert_eq!(message(with(&[])), "`a.wav` has no frames: its `data` chunk is empty");
    assert_eq!(
        message(with(&[1, 2, 3])),
        "`a.wav` is a damaged WAV file: its `data` chunk has 3 bytes, which ends in half a frame"
    );
    assert_eq!(
        message(with(&[1, 2]).with(b"data", &[1, 2])),
        "`a.wav` is a damaged WAV file: it has two `data` chunks"
    );
}

#[test]
fn files_of_other_kinds_and_unfinished_ones_get_the_command_that_helps() {
    let help =
        |name: &str, file: &[u8]| pack(&bank(&[name]), &[file.to_vec()]).only("sound-invalid").1.to_owned();
    assert_eq!(
        help("dir/a.ogg", b"OggS"),
        "Convert it with `ffmpeg -i dir/a.ogg -c:a pcm_s16le -ac 1 -ar 22050 out.wav`, and name `out.wav` in \
         its place."
    );
    let mut stream = sound(&[1; 8]);
    stream[40..44].fill(0xff);
    assert_eq!(
        help("my beep.wav", &stream),
        "Export it again; or make a file of what is there with `sox --ignore-length \"my beep.wav\" -b 16 \
         -c 1 -r 22050 out.wav`, and put `out.wav` in its place."
    );
    // No name is handed to a shell that could mean more than a file to it.
    for name in ["-n", "a;b", "$(a)", "a\"b", "a`b", "a'b", "a&b", "%PATH%", "a:b", "a*b", "a!b", "a\\b"] {
        let command = help(name, b"OggS");
        assert!(command.contains("`ffmpeg -i FILE -c:a"), "{command}");
    }
}

#[test]
fn a_loop_lies_inside_its_sound() {
    let looped = |start, end| {
        of_file(WavFile::mono(22_050, &[1; 10]).with(b"smpl", &smpl(&[(1, 0, 99), (0, start, end)])).file())
    };
    for (start, end) in [(0, 9), (9, 9), (0, 0), (3, 7)] {
        let outcome = looped(start, end);
        let bank = read_back(&bank(&["a.wav"]), &outcome);
        let sample = bank.sample_at(0).unwrap();
        assert_eq!(sample.loop_start().zip(sample.loop_end()), Some((start as usize, end as usize)));
    }
    for (start, end) in [(0, 10), (10, 10), (7, 3), (0, u32::MAX), (u32::MAX, 0)] {
        let outcome = looped(start, end);
        let (message, help) = outcome.only("sound-invalid");
        assert_eq!(
            message,
            format!(
                "`a.wav` repeats its frames {start} to {end} (loop 2 of its `smpl` chunk), and it has the \
                 frames 0 to 9"
            )
        );
        let wanted = if end == 10 {
            "Set the loop's end to 9 in a sound editor: it is the last frame that repeats."
        } else {
            "Set the loop again in a sound editor; or drop it with `sox a.wav out.wav`, and put `out.wav` in \
             its place."
        };
        assert_eq!(help, wanted);
    }
}

#[test]
fn a_bank_has_1_to_4096_samples() {
    let of = |count: usize| {
        let artifacts: Vec<_> = (0..count).map(|n| json!({ "file": "a.wav", "index": n })).collect();
        let members = json!({ "artifacts": artifacts, "metadata": { "sample_rate": 22_050 } });
        pack(&declare("sound_bank", &["a.wav"], &members), &[sound(&[1])])
    };
    assert_eq!(of(0).codes(), ["artifact-count /artifacts"]);
    let full = of(4096);
    assert_eq!((full.codes(), full.payload.len()), (vec![], 4095 * 16 + 2));
    let (codes, over) = (of(4097).codes(), "artifact-count /artifacts/4096/index");
    assert_eq!(codes, [over]);
}

#[test]
fn one_run_finds_what_is_wrong_with_every_file_and_every_index() {
    let artifacts = json!([{ "file": "a.wav", "index": 0 }, { "file": "b.wav", "index": 0 }]);
    let members = json!({ "artifacts": artifacts, "metadata": { "sample_rate": 1 } });
    let declaration = declare("sound_bank", &["a.wav", "b.wav"], &members);
    let outcome = pack(&declaration, &[Vec::new(), of_format(fmt(1, 2, 22_050, 4, 16))]);
    assert_eq!(
        outcome.codes(),
        [
            "artifact-index-duplicate /artifacts/1/index",
            "metadata-invalid /output/metadata/sample_rate",
            "sound-invalid input 0",
            "sound-format input 1",
        ]
    );
}

#[test]
fn metadata_of_a_persons_own_may_not_have_the_derived_names() {
    let members = json!({ "metadata": { "sample_rate": 22_050, "channels": 2, "samples": {}, "mood": 1 } });
    let declaration = declare("sound_bank", &["a.wav"], &members);
    let probe = pack(&declaration, &[sound(&[1])]).probe.unwrap();
    let mut findings = Vec::new();
    let metadata = header_metadata(&declaration, &probe, &mut findings);
    let codes = Outcome { probe: None, payload: Vec::new(), findings }.codes();
    assert_eq!(
        codes,
        [
            "metadata-collision key /output/metadata/channels",
            "metadata-collision key /output/metadata/samples"
        ]
    );
    assert_eq!((&metadata["sample_rate"], &metadata["mood"]), (&Value::Int(22_050), &Value::Int(1)));
}

/// The head of a file whose frames are zero, and its length.
struct Silence {
    head: Vec<u8>,
    len: u64,
}

impl Silence {
    fn of(bytes: u32) -> Self {
        let mut head = sound(&[]);
        head[4..8].copy_from_slice(&(bytes + 36).to_le_bytes());
        head[40..44].copy_from_slice(&bytes.to_le_bytes());
        Self { head, len: u64::from(bytes) + 44 }
    }
}

impl Inputs for Silence {
    fn len(&self, _: usize) -> u64 {
        self.len
    }

    fn read_at(&mut self, _: usize, offset: u64, buffer: &mut [u8]) -> Result<usize, Stop> {
        buffer.fill(0);
        if offset == 0 {
            buffer[..44].copy_from_slice(&self.head);
        }
        Ok(buffer.len())
    }

    fn read(&mut self, _: usize) -> Result<Vec<u8>, Stop> {
        panic!("a sound is never held whole")
    }

    fn copy(&mut self, _: usize, _: &mut dyn io::Write) -> Result<(), Stop> {
        Ok(())
    }
}

#[test]
fn a_payload_may_have_one_byte_less_than_4_gib() {
    let of = |count: usize, bytes: u32| {
        let artifacts: Vec<_> = (0..count).map(|n| json!({ "file": "a.wav", "index": n })).collect();
        let members = json!({ "artifacts": artifacts, "metadata": { "sample_rate": 22_050 } });
        let declaration = declare("sound_bank", &["a.wav"], &members);
        let mut findings = Vec::new();
        let family = by_name("sound_bank").unwrap();
        let probe = family.probe(&declaration, &mut Silence::of(bytes), &mut findings).unwrap();
        (probe.map(|probe| probe.size), Outcome { probe: None, payload: Vec::new(), findings }.codes())
    };
    let quarter = 1 << 28;
    assert_eq!(of(15, quarter), (Some(15 << 28), vec![]));
    assert_eq!(of(16, quarter - 2), (Some((1 << 32) - 2), vec![]));
    assert_eq!(of(16, quarter), (None, vec!["input-too-large input 0".to_owned()]));
}

#[test]
fn a_file_that_is_another_at_the_encode_stops_it() {
    let declaration = bank(&["a.wav", "b.wav"]);
    let family = by_name("sound_bank").unwrap();
    let (first, second) = (sound(&[1, 2]), WavFile::mono(22_050, &[3, 4]).with(b"smpl", &smpl(&[(0, 0, 1)])));
    let mut findings = Vec::new();
    let mut inputs = Memory(vec![first.clone(), second.file()]);
    let probe = family.probe(&declaration, &mut inputs, &mut findings).unwrap().unwrap();
    let encode = |now: Vec<u8>| {
        let mut inputs = Memory(vec![first.clone(), now]);
        let mut findings = Vec::new();
        let ended = family.encode(&declaration, &probe, &mut inputs, &mut io::sink(), &mut findings);
        assert!(findings.is_empty());
        ended
    };
    encode(second.file()).unwrap();
    let other_loop = WavFile::mono(22_050, &[3, 4]).with(b"smpl", &smpl(&[(0, 1, 1)])).file();
    let longer = WavFile::mono(22_050, &[3, 4, 5]).with(b"smpl", &smpl(&[(0, 0, 1)])).file();
    let other_rate = WavFile::mono(22_051, &[3, 4]).with(b"smpl", &smpl(&[(0, 0, 1)])).file();
    for now in [other_loop, longer, other_rate, sound(&[3, 4]), b"OggS".to_vec(), Vec::new()] {
        assert!(matches!(encode(now), Err(Stop::Changed { input: 1 })));
    }
    // Frames that do not come although the header still states them.
    let mut silence = Silence::of(4);
    let mut findings = Vec::new();
    let one = bank(&["a.wav"]);
    let probe = family.probe(&one, &mut silence, &mut findings).unwrap().unwrap();
    let stop = family.encode(&one, &probe, &mut silence, &mut io::sink(), &mut findings).unwrap_err();
    assert!(matches!(stop, Stop::Changed { input: 0 }));
}

#[test]
fn a_payload_that_cannot_be_written_is_an_error_of_the_payload() {
    let declaration = bank(&["a.wav", "b.wav"]);
    let (mut inputs, mut findings) = (Memory(vec![sound(&[1]), sound(&[2; 9])]), Vec::new());
    let family = by_name("sound_bank").unwrap();
    let probe = family.probe(&declaration, &mut inputs, &mut findings).unwrap().unwrap();
    // Among the frames, in the gap, among the frames of the second, and not at all.
    for (room, fits) in [(1, false), (5, false), (33, false), (34, true)] {
        let mut small = vec![0; room];
        let ended = family.encode(&declaration, &probe, &mut inputs, &mut &mut small[..], &mut findings);
        assert!(if fits { ended.is_ok() } else { matches!(ended, Err(Stop::Payload(_))) }, "{room}");
    }
}

#[test]
fn the_sound_of_a_new_bank_is_a_beep_that_dies_away() {
    let starter = new_asset(by_name("sound_bank").unwrap()).starter();
    let [(name, file)] = starter.files.as_slice() else { panic!("one file") };
    let declaration = bank(&[name]);
    let outcome = pack(&declaration, std::slice::from_ref(file));
    let bank = read_back(&declaration, &outcome);
    let frames: Vec<_> = bank.sample_at(0).unwrap().frames().collect();
    assert_eq!(frames.len(), 2205);
    let peak = |frames: &[i16]| frames.iter().map(|frame| frame.unsigned_abs()).max().unwrap();
    let (begin, end) = (peak(&frames[..200]), peak(&frames[2005..]));
    assert!((9_000..12_001).contains(&begin) && end < 120, "{begin} {end}");
    // 880 Hz for a tenth of a second cross zero 176 times; the last waves are too low to be heard.
    let signs: Vec<_> = frames.iter().map(|frame| frame.signum()).filter(|sign| *sign != 0).collect();
    let crossings = signs.windows(2).filter(|pair| pair[0] != pair[1]).count();
    assert!((165..=176).contains(&crossings), "{crossings}");
}

/// One sound in one of the shapes that a WAV file may have.
#[derive(Debug, Clone)]
struct Shape {
    frames: Vec<i16>,
    forward: Option<(u32, u32)>,
    extensible: bool,
    padded: bool,
    /// Chunks that mean nothing, and where they stand among the others.
    others: Vec<(usize, Vec<u8>)>,
    order: Vec<usize>,
    tail: Vec<u8>,
}

impl Shape {
    fn strategy() -> impl Strategy<Value = Self> {
        let shape = vec(any::<i16>(), 1..40).prop_flat_map(|frames| {
            let last = u32::try_from(frames.len() - 1).unwrap();
            let forward = (0..=last).prop_flat_map(move |start| (Just(start), start..=last));
            let others = vec((0..5_usize, vec(any::<u8>(), 0..9)), 0..4);
            let order = Just(vec![0, 1, 2]).prop_shuffle();
            let plain = (any::<bool>(), any::<bool>());
            (Just(frames), option::of(forward), plain, others, order, vec(any::<u8>(), 0..9))
        });
        shape.prop_map(|(frames, forward, (extensible, padded), others, order, tail)| Self {
            frames,
            forward,
            extensible,
            padded,
            others,
            order,
            tail,
        })
    }

    fn file(&self) -> Vec<u8> {
        let format = if self.extensible { extensible } else { fmt };
        let mut loops = vec![(1, 0, 77)];
        loops.extend(self.forward.map(|(start, end)| (0, start, end)));
        let chunks =
            [(b"fmt ", format(1, 1, 22_050, 2, 16)), (b"data", data(&self.frames)), (b"smpl", smpl(&loops))];
        let chunks: Vec<_> = self.order.iter().map(|n| chunks[*n].clone()).collect();
        let mut file = WavFile::of(&chunks);
        for (at, body) in &self.others {
            file.chunks.insert((*at).min(file.chunks.len()), (*b"junk", body.clone()));
        }
        (file.padded, file.tail) = (self.padded, self.tail.clone());
        file.file()
    }
}

#[test]
fn a_game_reads_the_frames_and_loops_that_the_files_hold_in_every_legal_shape() {
    for_all(1000, &vec(Shape::strategy(), 1..5), |shapes| {
        let names: Vec<_> = (0..shapes.len()).map(|n| format!("{n}.wav")).collect();
        let names: Vec<_> = names.iter().map(String::as_str).collect();
        let declaration = bank(&names);
        let files: Vec<_> = shapes.iter().map(Shape::file).collect();
        let outcome = pack(&declaration, &files);
        assert_eq!(outcome.findings, []);
        let bank = read_back(&declaration, &outcome);
        assert_eq!(bank.count(), shapes.len());
        for (n, shape) in shapes.iter().enumerate() {
            let sample = bank.sample_at(n).unwrap();
            assert!(sample.frames().eq(shape.frames.iter().copied()));
            let forward = shape.forward.map(|(start, end)| (start as usize, end as usize));
            assert_eq!(sample.loop_start().zip(sample.loop_end()), forward);
        }
        Ok(())
    });
}

#[test]
fn of_all_headers_those_pass_that_state_what_a_bank_takes() {
    let declaration = bank(&["a.wav"]);
    let (mut cases, mut passed) = (0, 0);
    for tag in [0, 1, 2, 3, 0x55, 0xfffe, 0xffff] {
        for channels in [0, 1, 2, u16::MAX] {
            for block in [0, 1, 2, 4, u16::MAX] {
                for bits in [0, 8, 16, 24, u16::MAX] {
                    for rate in [0, 22_050, 44_100, u32::MAX] {
                        let format = (tag, channels, rate, block, bits);
                        let (of_format, of_these) = check_headers(&declaration, format);
                        (cases, passed) = (cases + of_format, passed + of_these);
                    }
                }
            }
        }
    }
    println!("{cases} cases, {passed} passed");
    // Plain in a `fmt ` of three lengths and extensible in one, each with two lengths of data.
    assert_eq!(passed, 8);
}

/// Tries a format in `fmt ` chunks and with `data` lengths that are right, too short and absurd;
/// yields how many files there were and how many passed.
fn check_headers(declaration: &Declaration, format: (u16, u16, u32, u16, u16)) -> (u32, u32) {
    let family = by_name("sound_bank").unwrap();
    let (tag, channels, rate, block, bits) = format;
    let (mut cases, mut passed) = (0, 0);
    for fmt_length in [14, 16, 18, 40, u32::MAX] {
        let mut body = extensible(1, channels, rate, block, bits);
        body[..2].copy_from_slice(&u16::to_le_bytes(tag));
        body.truncate(usize::try_from(fmt_length).unwrap());
        let mut file = WavFile::of(&[(b"fmt ", body), (b"data", vec![0; 64])]).file();
        file[16..20].copy_from_slice(&u32::to_le_bytes(fmt_length));
        let mut inputs = Memory(vec![file]);
        for length in [0, 1, 2, 3, 64, 65, 0xffff_fffe, u32::MAX] {
            let at = inputs.0[0].len() - 68;
            inputs.0[0][at..at + 4].copy_from_slice(&u32::to_le_bytes(length));
            let mut findings = Vec::new();
            let probe = family.probe(declaration, &mut inputs, &mut findings).unwrap();
            let whole = tag == 1 && [16, 18, 40].contains(&fmt_length) || tag == 0xfffe && fmt_length == 40;
            let fits =
                whole && (channels, rate, block, bits) == (1, 22_050, 2, 16) && [2, 64].contains(&length);
            assert_eq!(probe.is_some(), fits, "{format:?} {fmt_length} {length}");
            assert_eq!(findings.len(), usize::from(!fits), "{findings:?}");
            (cases, passed) = (cases + 1, passed + u32::from(fits));
        }
    }
    (cases, passed)
}
