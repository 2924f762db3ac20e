//! The loops inside a pack, each alone: through the packer's public door, on the bytes of the workload `game`.
//!
//! What a process costs is measured elsewhere; this is to see whether a change of one loop did what it was
//! meant to do. What has no public door is not here: the record of the last pack, and the way from a
//! project to what has to be made.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::hint::black_box;
use std::io;
use std::time::{Duration, Instant};

use packer_format::json::Value;
use packer_format::{AssetId, Header, PlannedAsset};
use packer_tests::workload::{Asset, Workload};
use prometeu_packer::Digest;
use prometeu_packer::family::{self, Family, Inputs, Probe, Stop};
use prometeu_packer::schema::declaration::{self, Declaration};
use prometeu_packer::schema::registry;

/// How long the calls of one sample take together, at least.
const SAMPLE: Duration = Duration::from_millis(20);

/// How many samples are taken.
const SAMPLES: usize = 15;

/// A table of all of them.
///
/// # Errors
///
/// In words: the packer refuses what it is to be measured on.
pub(crate) fn table() -> Result<String, String> {
    let game = Workload::game();
    let mut rows = Rows::default();

    let mebibyte = vec![0x5a; 1 << 20];
    rows.time("SHA-256 of 1 MiB", mebibyte.len(), || Digest::of(&mebibyte));

    let tiles = Made::of(game.asset(0))?;
    rows.time("a bank of tiles, checked and encoded", tiles.size()?, || tiles.encode());
    let sounds = Made::of(game.asset(12))?;
    rows.time("a bank of sounds, checked and encoded", sounds.size()?, || sounds.encode());

    let text = game.asset(0).files.swap_remove(0).1;
    rows.time("a declaration of tiles, read", text.len(), || declaration::read_bytes(text.clone()));
    let text = game.registry(0..game.assets()).into_bytes();
    rows.time("a registry of 2,020 entries, read", text.len(), || registry::read_bytes(text.clone()));

    let planned: Vec<PlannedAsset> = (0..game.assets()).map(|number| planned(&game, number)).collect();
    let header = Header::plan(planned.clone()).map_err(|error| error.to_string())?;
    let bytes = header.to_bytes();
    rows.time("a header of 2,020 assets, planned", bytes.len(), || Header::plan(planned.clone()));
    rows.time("a header of 2,020 assets, written", bytes.len(), || header.to_bytes());
    let length = header.file_len();
    rows.time("a header of 2,020 assets, read", bytes.len(), || Header::read(&bytes, length));
    Ok(rows.0)
}

/// An asset as the packer's table has it, of the size that it has in the workload, about.
fn planned(game: &Workload, number: u64) -> PlannedAsset {
    let id = u32::try_from(number + 1).expect("a workload has fewer");
    let metadata = [("tile_size", 16), ("palette_count", 1), ("tile_count", 2)];
    PlannedAsset {
        asset_id: AssetId::new(id),
        asset_name: game.root(number).replace('/', "_"),
        bank_type: "GLYPH".to_owned(),
        decoded_size: 34_816,
        size: 34_816,
        metadata: metadata.map(|(key, value)| (key.to_owned(), Value::Int(value))).into(),
        preload: false,
    }
}

/// Lines of a table.
struct Rows(String);

impl Default for Rows {
    fn default() -> Self {
        Self("| loop | time | MB/s |\n| --- | ---: | ---: |\n".to_owned())
    }
}

impl Rows {
    /// Times some work on so many bytes: the median of samples, each of many calls.
    fn time<T>(&mut self, name: &str, bytes: usize, work: impl Fn() -> T) {
        let calls = |count: u32| {
            let begun = Instant::now();
            for _ in 0..count {
                black_box(work());
            }
            begun.elapsed()
        };
        let mut count = 1;
        while calls(count) < SAMPLE {
            count *= 2;
        }
        let mut samples: Vec<Duration> = (0..SAMPLES).map(|_| calls(count) / count).collect();
        samples.sort_unstable();
        let median = samples[SAMPLES / 2].as_secs_f64();
        #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
        let rate = bytes as f64 / median / 1e6;
        let _ = writeln!(self.0, "| {name} | {:.1} µs | {rate:.0} |", median * 1e6);
    }
}

/// An asset that is in memory, with its declaration read.
struct Made {
    family: &'static dyn Family,
    declaration: Declaration,
    files: BTreeMap<String, Vec<u8>>,
}

impl Made {
    fn of(asset: Asset) -> Result<Self, String> {
        let mut files: BTreeMap<String, Vec<u8>> = asset.files.into_iter().collect();
        let text = files.remove("asset.json").unwrap_or_default();
        let (_, reading) = declaration::read_bytes(text);
        let declaration = reading.declaration.ok_or("the workload has a broken declaration")?;
        let family = reading.family.as_deref().and_then(family::by_name).ok_or("an unknown family")?;
        Ok(Self { family, declaration, files })
    }

    fn files(&self) -> Memory<'_> {
        Memory(self.files.values().map(Vec::as_slice).collect())
    }

    fn probe(&self) -> Result<Probe, String> {
        let mut findings = Vec::new();
        let probe = self.family.probe(&self.declaration, &mut self.files(), &mut findings);
        probe.ok().flatten().ok_or_else(|| format!("the workload is refused: {findings:?}"))
    }

    fn size(&self) -> Result<usize, String> {
        usize::try_from(self.probe()?.size).map_err(|error| error.to_string())
    }

    fn encode(&self) -> Vec<u8> {
        let (mut payload, mut findings) = (Vec::new(), Vec::new());
        let probe = self.probe().expect("it was probed before");
        let inputs = &mut self.files();
        let encoded = self.family.encode(&self.declaration, &probe, inputs, &mut payload, &mut findings);
        assert!(encoded.is_ok() && findings.is_empty(), "the workload is refused: {findings:?}");
        payload
    }
}

/// Inputs that are in memory, in the order of their names, in which the workload declares them.
struct Memory<'m>(Vec<&'m [u8]>);

impl Inputs for Memory<'_> {
    fn len(&self, input: usize) -> u64 {
        self.0[input].len() as u64
    }

    fn read_at(&mut self, input: usize, offset: u64, buffer: &mut [u8]) -> Result<usize, Stop> {
        let from = usize::try_from(offset).unwrap_or(usize::MAX);
        let rest = self.0[input].get(from..).unwrap_or_default();
        let length = rest.len().min(buffer.len());
        buffer[..length].copy_from_slice(&rest[..length]);
        Ok(length)
    }

    fn read(&mut self, input: usize) -> Result<Vec<u8>, Stop> {
        Ok(self.0[input].to_vec())
    }

    fn copy(&mut self, input: usize, out: &mut dyn io::Write) -> Result<(), Stop> {
        out.write_all(self.0[input]).map_err(Stop::Payload)
    }
}
