//! The pack that was just published, read: what is to be said of it, and what of it can be seen and heard.
//!
//! The table and the payloads come from `assets.pa` through the reader of games, uuids and digests from the companion
//! beside it, and all of it is held against the digest that the packer told: where somebody packed again meanwhile,
//! nothing is reported.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read as _;
use std::path::Path;

use packer_format::json::{Object, Value};
use packer_format::{
    BlobBankId, Entry, GlyphBank, GlyphBankId, PackFile, PackFileError, SoundBankId, layout,
};
use prometeu_packer::ops::{Blocker, BlockerCode, PackResult, PackedArtifact, PackedAsset};
use prometeu_packer::pack::SET;
use prometeu_packer::{Digest, Error, address};
use serde::Deserialize;

use super::budget::{Budget, Key, encoded};
use super::changes::number;
use super::content::{self, Content, File, Samples};
use super::data::{Asset, Family, Pack, Report, SCHEMA_VERSION, What};
use super::picture::{self, Block};
use super::sound::{self, Waveform};
use crate::commands::inspect;
use crate::printer::display_path;

/// Bytes that are read at a time of payloads that may be large.
const PIECE: usize = 1 << 16;

/// What a page is made of.
#[derive(Debug)]
pub(crate) struct Gathered {
    pub(crate) report: Report,
    /// By id.
    pub(crate) contents: BTreeMap<u32, Content>,
}

/// What stands beside a pack for tools.
#[derive(Debug, Deserialize)]
struct Companion {
    assets: Vec<Source>,
    pack: Digested,
}

#[derive(Debug, Deserialize)]
struct Digested {
    digest: String,
}

#[derive(Debug, Deserialize)]
struct Source {
    asset_id: u32,
    asset_uuid: String,
    format: String,
    payload_sha256: String,
    input_digest: String,
    pipeline: serde_json::Value,
}

/// Reads the pack of `result`, which names every asset of the project with that `assets/`, and takes so many bytes of what
/// can be seen and heard.
///
/// # Errors
///
/// When it cannot be read, or is another by now.
pub(crate) fn gather(
    project: Option<String>,
    assets: &Path,
    result: &PackResult,
    room: u64,
) -> Result<Gathered, Blocker> {
    let path = &result.artifact.path;
    let pack = PackFile::open(path).map_err(|error| unread(&error))?;
    let companion = companion(&path.with_file_name(SET[3]))?;
    let entries = pack.header().entries();
    let payloads: Option<Vec<Digest>> =
        companion.assets.iter().map(|source| Digest::parse(&source.payload_sha256)).collect();
    let ids = |asset: &PackedAsset| asset.asset_id.get();
    let is_this = companion.pack.digest == result.digest
        && entries
            .iter()
            .map(|entry| entry.asset_id.get())
            .eq(companion.assets.iter().map(|source| source.asset_id))
        && entries.iter().map(|entry| entry.asset_id.get()).eq(result.assets.iter().map(ids));
    let digest =
        payloads.filter(|_| is_this).map(|payloads| inspect::digest(&pack, &payloads)).transpose()?;
    if digest.as_ref() != Some(&result.digest) {
        let message = format!("`{}` was written again while it was being reported on", display_path(path));
        return Err(Blocker::new(BlockerCode::EditConflict, message).help("Run the same command again."));
    }

    let all: Vec<Whole<'_>> = entries
        .iter()
        .zip(&result.assets)
        .zip(&companion.assets)
        .map(|((entry, packed), source)| Whole { entry, packed, source })
        .collect();
    let mut budget = Budget::new(room);
    let mut contents = BTreeMap::new();
    for whole in &all {
        let content = whole.look(&pack, assets, &mut budget).map_err(|error| unread(&error))?;
        contents.insert(whole.entry.asset_id.get(), content);
    }
    let (kept, left_out) = budget.settle();
    for (key, bytes) in kept {
        let Some(content) = contents.get_mut(&key.asset_id) else { continue };
        // Sounds are read now that it is known which there is room for.
        let place = content.samples_place(key.artifact).filter(|_| key.what == What::Sound);
        let whole = all.binary_search_by_key(&key.asset_id, |whole| whole.entry.asset_id.get());
        let bytes = match (place, whole) {
            (Some(place), Ok(n)) => all[n].read(&pack, place).map_err(|error| unread(&error))?,
            _ => bytes,
        };
        content.receive(key, bytes);
    }
    let assets: Vec<Asset> = all.iter().map(|whole| whole.asset(&pack)).collect();
    let report = Report {
        schema_version: SCHEMA_VERSION,
        project,
        pack: totals(&pack, &result.digest),
        families: families(&assets),
        assets,
        left_out,
        since: None,
    };
    Ok(Gathered { report, contents })
}

fn companion(path: &Path) -> Result<Companion, Blocker> {
    let read = fs::read(path).and_then(|text| serde_json::from_slice(&text).map_err(std::io::Error::from));
    read.map_err(|error| Blocker::from(&Error::io("read", path, error)))
}

fn unread(error: &PackFileError) -> Blocker {
    Blocker::new(BlockerCode::IoError, format!("the pack that was just made cannot be read: {error}"))
}

fn totals(pack: &PackFile, digest: &str) -> Pack {
    let header = pack.header();
    let table_size = layout::PRELUDE_LEN + header.header_len();
    let payload_size = header.entries().iter().map(|entry| entry.size).sum();
    let size = header.file_len();
    Pack {
        digest: digest.to_owned(),
        format_version: layout::PACK_VERSION,
        size,
        table_size,
        metadata_size: header.entries().iter().map(|entry| metadata(entry).len() as u64).sum(),
        alignment_size: size - table_size - payload_size,
        payload_size,
    }
}

fn metadata(entry: &Entry) -> String {
    Value::Object(entry.metadata.clone()).to_string()
}

fn families(assets: &[Asset]) -> Vec<Family> {
    let mut families: BTreeMap<&str, Family> = BTreeMap::new();
    for asset in assets {
        let family = families.entry(&asset.asset_family).or_insert_with(|| Family {
            asset_family: asset.asset_family.clone(),
            assets: 0,
            size: 0,
            preloaded: 0,
            slots: (asset.asset_family == "glyph_bank").then_some(layout::GLYPH_SLOTS),
        });
        family.assets += 1;
        family.size += asset.size;
        family.preloaded += u32::from(asset.slot.is_some());
    }
    let mut families: Vec<Family> = families.into_values().collect();
    families.sort_by_key(|family| std::cmp::Reverse(family.size));
    families
}

/// What is known of one asset.
#[derive(Debug, Clone, Copy)]
struct Whole<'a> {
    entry: &'a Entry,
    packed: &'a PackedAsset,
    source: &'a Source,
}

impl Whole<'_> {
    fn asset(&self, pack: &PackFile) -> Asset {
        let Self { entry, packed, source } = self;
        Asset {
            asset_id: entry.asset_id.get(),
            asset_uuid: source.asset_uuid.clone(),
            asset_name: entry.asset_name.clone(),
            root: packed.root.to_string(),
            address: address::of_root(&packed.root).to_string(),
            asset_family: packed.family.to_owned(),
            format: source.format.clone(),
            codec: entry.codec.as_str().to_owned(),
            size: entry.size,
            decoded_size: entry.decoded_size,
            artifacts: packed.artifacts.iter().map(|artifact| artifact.count).sum(),
            slot: pack.header().slot(entry.asset_id),
            payload_sha256: source.payload_sha256.clone(),
            input_digest: source.input_digest.clone(),
            metadata_sha256: Digest::of(metadata(entry).as_bytes()).to_string(),
        }
    }

    /// What there is to see and hear of it, offered to the budget.
    fn look(&self, pack: &PackFile, assets: &Path, budget: &mut Budget) -> Result<Content, PackFileError> {
        match self.entry.bank_type.as_str() {
            GlyphBankId::BANK_TYPE => {
                let payload = pack.payload(self.entry.asset_id)?;
                Ok(self.tiles(&payload, assets, budget).unwrap_or(Content::Nothing))
            }
            SoundBankId::BANK_TYPE => self.sounds(pack, budget),
            BlobBankId::BANK_TYPE => self.files(pack, budget),
            _ => Ok(Content::Nothing),
        }
    }

    fn key(&self, what: What, artifact: usize) -> Key {
        Key { asset_id: self.entry.asset_id.get(), what, artifact: number(artifact) }
    }

    fn tiles(&self, payload: &[u8], assets: &Path, budget: &mut Budget) -> Option<Content> {
        let bank = GlyphBank::new(self.entry, payload).ok()?;
        let declared = self.source.pipeline["palettes"].as_array().into_iter().flatten();
        let declared: Vec<usize> =
            declared.filter_map(|palette| usize::try_from(palette["index"].as_u64()?).ok()).collect();
        let (tiles, png) = picture::of(&bank, &self.blocks(assets, bank.tile_size()), &declared).ok()?;
        // Each palette has its own line of markup.
        let palettes = 400 * tiles.palettes.len() as u64;
        budget.offer(self.key(What::Picture, 0), encoded(png.len() as u64) + palettes, png);
        Some(Content::Tiles { tiles, files: content::places(&self.packed.artifacts), png: None })
    }

    /// The tiles of each input. How many stood in a row is the one thing that no pack holds: the input says it, where it
    /// is still as large as it was; else eight do.
    fn blocks(&self, assets: &Path, side: usize) -> Vec<Block> {
        let root = self.packed.root.below(assets);
        let block = |artifact: &PackedArtifact| {
            let [first, count] = [artifact.index, artifact.count].map(|n| usize::try_from(n).unwrap_or(0));
            let columns = size_of_png(&artifact.file.below(&root))
                .filter(|(width, height)| (width / side).checked_mul(height / side) == Some(count))
                .map_or_else(|| count.min(8), |(width, _)| width / side);
            Block { first, count: count.max(1), columns: columns.max(1) }
        };
        self.packed.artifacts.iter().map(block).collect()
    }

    fn sounds(&self, pack: &PackFile, budget: &mut Budget) -> Result<Content, PackFileError> {
        let rate = self.entry.metadata.get("sample_rate").and_then(Value::as_int);
        let rate = rate.and_then(|rate| u32::try_from(rate).ok()).unwrap_or(0);
        let mut samples = Samples { rate, list: Vec::new() };
        let listed = self.listed("samples");
        for (artifact, (offset, length, own)) in listed.into_iter().enumerate() {
            let frame =
                |key: &str| own.get(key).and_then(Value::as_int).and_then(|frame| u64::try_from(frame).ok());
            let name = self.packed.artifacts.get(artifact).map_or(String::new(), |own| own.file.to_string());
            samples.push(name, (offset, length), frame("loop_start").zip(frame("loop_end")));
            let path = self.waveform(pack, offset, length)?;
            budget.offer(self.key(What::Waveform, artifact), path.len() as u64, path.into_bytes());
            let bytes = encoded(length.saturating_add(sound::WAV_HEADER));
            budget.offer(self.key(What::Sound, artifact), bytes, Vec::new());
        }
        Ok(Content::Sounds(samples))
    }

    fn waveform(&self, pack: &PackFile, offset: u64, length: u64) -> Result<String, PackFileError> {
        let mut waveform = Waveform::new(length / 2);
        let mut buffer = [0; PIECE];
        let (mut at, end) = (offset, offset.saturating_add(length));
        while at < end {
            let wanted = usize::try_from(end - at).map_or(PIECE, |left| left.min(PIECE));
            let filled = pack.read_at(self.entry.asset_id, at, &mut buffer[..wanted])?;
            if filled == 0 {
                break;
            }
            waveform.take(&buffer[..filled]);
            at += filled as u64;
        }
        Ok(waveform.path())
    }

    fn files(&self, pack: &PackFile, budget: &mut Budget) -> Result<Content, PackFileError> {
        let listed = self.listed("blobs");
        let more = listed.len().saturating_sub(content::FILES);
        let mut files = Vec::new();
        for (artifact, (offset, length, own)) in listed.into_iter().take(content::FILES).enumerate() {
            let name = own.get("name").and_then(Value::as_str).unwrap_or_default().to_owned();
            let mut begins = [0; content::GLIMPSE];
            let wanted =
                usize::try_from(length).map_or(content::GLIMPSE, |length| length.min(content::GLIMPSE));
            let filled = pack.read_at(self.entry.asset_id, offset, &mut begins[..wanted])?;
            let glimpse = content::glimpse(&begins[..filled], length > filled as u64);
            budget.offer(self.key(What::Glimpse, artifact), glimpse.len() as u64, glimpse.into_bytes());
            files.push(File { name, size: length, glimpse: None });
        }
        Ok(Content::Files { files, more })
    }

    /// The bytes of a part of the payload.
    fn read(&self, pack: &PackFile, (offset, length): (u64, u64)) -> Result<Vec<u8>, PackFileError> {
        let mut bytes = vec![0; usize::try_from(length).unwrap_or(0)];
        let filled = pack.read_at(self.entry.asset_id, offset, &mut bytes)?;
        bytes.truncate(filled);
        Ok(bytes)
    }

    /// Of a bank whose metadata lists its artifacts: offset, length, and what else is said of each, by index. What does
    /// not lie in the payload is left away.
    fn listed(&self, key: &str) -> Vec<(u64, u64, &Object)> {
        let members =
            self.entry.metadata.get(key).and_then(Value::as_object).into_iter().flat_map(Object::iter);
        let by_index: BTreeMap<usize, &Object> =
            members.filter_map(|(index, own)| Some((index.parse().ok()?, own.as_object()?))).collect();
        let number =
            |own: &Object, key| own.get(key).and_then(Value::as_int).and_then(|n| u64::try_from(n).ok());
        let one = |own| {
            let (offset, length) = (number(own, "offset")?, number(own, "length")?);
            (offset.checked_add(length)? <= self.entry.size).then_some((offset, length, own))
        };
        by_index.into_values().filter_map(one).collect()
    }
}

/// Width and height of a PNG file, by its first bytes.
fn size_of_png(path: &Path) -> Option<(usize, usize)> {
    let mut head = [0; 24];
    fs::File::open(path).and_then(|mut file| file.read_exact(&mut head)).ok()?;
    let side = |at: usize| head[at..at + 4].iter().fold(0, |side, byte| side << 8 | usize::from(*byte));
    (head.starts_with(b"\x89PNG") && head[12..16] == *b"IHDR").then(|| (side(16), side(20)))
}
