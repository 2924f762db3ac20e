//! `glyph_bank`, `GLYPH/indexed_v1`: tiles of one size on a sheet of 256 x 256 pixels, as indices
//! into palettes.
//!
//! Each artifact is a PNG of one tile, or a sheet whose cells, row by row, are tiles. Tile `t`
//! stands at column `t % (256 / tile_size)`, row `t / (256 / tile_size)`; the rest is index 0.
//!
//! ```text
//! 0       32768 bytes  indices row by row, two pixels a byte, the left one in the high nibble
//! 32768    2048 bytes  64 palettes x 16 colours x RGB565, u16 little-endian; undeclared ones zero
//! ```
//!
//! Each tile is normalised alone, against the lowest-index palette that holds all its opaque
//! colours; which palette it is drawn with is the game's choice and stands nowhere in the payload.
//! A pixel with alpha below 128 is index 0. An opaque pixel of colour 0 that has no other index
//! becomes 0 as well, and so transparent.

use std::collections::BTreeSet;
use std::io::Write;
use std::ops::RangeInclusive;

use packer_format::json::{self, Value};

use super::image::{self, Refusal};
use super::numbering::{self, Capacity};
use super::palette::{self, PALETTES};
use super::sheet::{SIDE, Sheet};
use super::{Family, Inputs, Probe, Stop, told};
use crate::diagnostics::{Anchor, Code, Finding, Pointer};
use crate::schema::declaration::Declaration;
use crate::schema::suggest::nearest;

/// The family `glyph_bank`.
pub(super) struct GlyphBank;

/// Sheet and palettes; and the same with one byte a pixel, as the runtime holds it.
const SIZE: u64 = 32_768 + 2_048;
const DECODED_SIZE: u64 = 65_536 + 2_048;
/// What the bank's sheet holds, and so the largest picture.
const MOST_PIXELS: u64 = SIDE as u64 * SIDE as u64;
/// The one member of `output.metadata` that this family asks for.
const TILE_SIZE: &str = "tile_size";

impl Family for GlyphBank {
    fn name(&self) -> &'static str {
        "glyph_bank"
    }

    fn format(&self) -> &'static str {
        "GLYPH/indexed_v1"
    }

    fn bank_type(&self) -> &'static str {
        "GLYPH"
    }

    fn version(&self) -> u32 {
        1
    }

    fn input_limit(&self) -> u64 {
        16 << 20
    }

    /// 1 to 1024, 256 or 64 tiles, for a `tile_size` of 8, 16 or 32; without a valid one, 1 to 1024.
    fn artifact_limits(&self, declaration: &Declaration) -> RangeInclusive<u32> {
        1..=capacity(tile_size(declaration).unwrap_or(8))
    }

    /// A picture may be a sheet.
    fn artifacts_follow_content(&self) -> bool {
        true
    }

    /// A colour of a tile may be in no palette.
    fn encode_looks_into_content(&self) -> bool {
        true
    }

    fn count_artifacts(
        &self,
        declaration: &Declaration,
        input: usize,
        inputs: &mut dyn Inputs,
        findings: &mut Vec<Finding>,
    ) -> Result<Option<u32>, Stop> {
        let Some(tile) = tile_size(declaration) else {
            let finding = tile_size_finding(declaration);
            if !findings.contains(&finding) {
                findings.push(finding);
            }
            return Ok(None);
        };
        count_tiles(input, &declaration.inputs[input].file, tile, inputs, findings)
    }

    fn probe(
        &self,
        declaration: &Declaration,
        inputs: &mut dyn Inputs,
        findings: &mut Vec<Finding>,
    ) -> Result<Option<Probe>, Stop> {
        let palettes = palette::read(declaration.pipeline.as_ref(), findings);
        let choices = numbering::choose(declaration);
        let Some(tile) = tile_size(declaration) else {
            findings.push(tile_size_finding(declaration));
            let chosen = choices.iter().filter_map(|choice| choice.input);
            look_into(declaration, chosen, None, inputs, findings)?;
            return Ok(None);
        };

        let mut counts = Vec::with_capacity(choices.len());
        for choice in &choices {
            counts.push(match choice.input {
                Some(input) => count_tiles(input, choice.file, tile, inputs, findings)?,
                None => None,
            });
        }
        let capacity = Capacity {
            limits: self.artifact_limits(declaration),
            unit: "tiles",
            cure: match tile {
                8 => "Move some tiles to another bank.".to_owned(),
                _ => format!(
                    "Move some tiles to another bank: one of `tile_size` {tile} holds {}.",
                    capacity(tile)
                ),
            },
        };
        let artifacts = numbering::number(declaration, &choices, &counts, &capacity, findings);
        let (artifacts, palettes) = match (artifacts, palettes) {
            (Some(artifacts), Some(palettes)) => (artifacts, palettes),
            (_, palettes) => {
                // No payload comes of it, and each picture may have a problem of its own.
                let fitting = choices.iter().zip(&counts).filter(|(_, count)| count.is_some());
                let fitting = fitting.filter_map(|(choice, _)| choice.input);
                let sheet = palettes.map(|palettes| Sheet::new(palettes, tile));
                look_into(declaration, fitting, sheet, inputs, findings)?;
                return Ok(None);
            }
        };
        let count = |n: usize| i64::try_from(n).expect("at most 64 palettes");
        let metadata = [
            ("height", i64::from(SIDE)),
            ("palette_authored", count(palettes.len())),
            ("palette_count", count(PALETTES)),
            ("width", i64::from(SIDE)),
        ];
        let metadata = metadata.map(|(key, value)| (key.to_owned(), Value::Int(value)));
        let metadata = json::object(metadata.to_vec());
        Ok(Some(Probe { artifacts, size: SIZE, decoded_size: DECODED_SIZE, metadata }))
    }

    fn encode(
        &self,
        declaration: &Declaration,
        probe: &Probe,
        inputs: &mut dyn Inputs,
        payload: &mut dyn Write,
        findings: &mut Vec<Finding>,
    ) -> Result<(), Stop> {
        // The probe has read both before; whoever skips it gets its findings here.
        let Some(palettes) = palette::read(declaration.pipeline.as_ref(), findings) else {
            return Ok(());
        };
        let Some(tile) = tile_size(declaration) else {
            findings.push(tile_size_finding(declaration));
            return Ok(());
        };
        let mut sheet = Sheet::new(palettes, tile);
        for artifact in &probe.artifacts {
            let file = inputs.read(artifact.input)?;
            let name = &declaration.inputs[artifact.input].file;
            match image::decode(&file, MOST_PIXELS) {
                Ok(picture) => {
                    if cells(picture.width, picture.height, tile) != Some(artifact.count.into()) {
                        return Err(Stop::Changed { input: artifact.input });
                    }
                    sheet.place(&picture, artifact, name, findings);
                }
                Err(refusal) => {
                    // A file that is two artifacts is still wrong only once.
                    let finding = invalid(artifact.input, name, &refusal);
                    if !findings.contains(&finding) {
                        findings.push(finding);
                    }
                }
            }
        }
        payload.write_all(sheet.indices()).map_err(Stop::Payload)?;
        payload.write_all(&sheet.palettes().block()).map_err(Stop::Payload)
    }
}

/// How many tiles of that size the bank's sheet holds.
fn capacity(tile: u32) -> u32 {
    (SIDE / tile).pow(2)
}

/// How many tiles a picture holds; `None` when its sides are no multiples of the tile's.
fn cells(width: u32, height: u32, tile: u32) -> Option<u64> {
    let whole = width.is_multiple_of(tile) && height.is_multiple_of(tile);
    whole.then(|| u64::from(width / tile) * u64::from(height / tile))
}

fn tile_size(declaration: &Declaration) -> Option<u32> {
    match declaration.metadata.get(TILE_SIZE) {
        Some(Value::Int(8)) => Some(8),
        Some(Value::Int(16)) => Some(16),
        Some(Value::Int(32)) => Some(32),
        _ => None,
    }
}

fn tile_size_finding(declaration: &Declaration) -> Finding {
    let anchor = Anchor::Value(Pointer::root().key("output").key("metadata").key(TILE_SIZE));
    let help = "Write `\"tile_size\": 16` in `output.metadata`; 8, 16 and 32 are the sizes there are.";
    match declaration.metadata.get(TILE_SIZE) {
        Some(Value::Int(n)) => {
            Finding::new(Code::MetadataInvalid, anchor, format!("the `tile_size` {n} is not 8, 16 or 32"))
                .help(help)
        }
        Some(_) => {
            Finding::new(Code::MetadataInvalid, anchor, "`tile_size` is not a number: it is 8, 16 or 32")
                .help(help)
        }
        None => {
            let typo = nearest(TILE_SIZE, declaration.metadata.keys());
            let help = typo.map_or(help.to_owned(), |key| format!("Did you mean `tile_size` by `{key}`?"));
            Finding::new(Code::MetadataMissing, anchor, "`output.metadata` has no `tile_size`").help(help)
        }
    }
}

/// How many tiles an input holds, from its header.
fn count_tiles(
    input: usize,
    name: &str,
    tile: u32,
    inputs: &mut dyn Inputs,
    findings: &mut Vec<Finding>,
) -> Result<Option<u32>, Stop> {
    let mut head = [0; image::HEAD];
    let Some(length) = told(inputs.head(input, &mut head), findings)? else { return Ok(None) };
    let finding = match image::size(head.get(..length).unwrap_or(&head)) {
        Ok((width, height)) => match cells(width, height, tile) {
            // No count above 32 bits is within any limit, so how far above does not matter.
            Some(cells) => return Ok(Some(u32::try_from(cells).unwrap_or(u32::MAX))),
            None => wrong_size(input, name, (width, height), tile),
        },
        Err(refusal) => invalid(input, name, &refusal),
    };
    if !findings.contains(&finding) {
        findings.push(finding);
    }
    Ok(None)
}

/// What is wrong with pictures of which no bank can be made: their content, and their colours where
/// there is a sheet with palettes. One that is too large for any bank is left alone: that was told.
fn look_into(
    declaration: &Declaration,
    chosen: impl Iterator<Item = usize>,
    mut sheet: Option<Sheet>,
    inputs: &mut dyn Inputs,
    findings: &mut Vec<Finding>,
) -> Result<(), Stop> {
    let mut seen = BTreeSet::new();
    for input in chosen.filter(|input| seen.insert(*input)) {
        let name = &declaration.inputs[input].file;
        let mut head = [0; image::HEAD];
        let Some(length) = told(inputs.head(input, &mut head), findings)? else { continue };
        let picture = match image::size(head.get(..length).unwrap_or(&head)) {
            Ok((width, height)) if u64::from(width) * u64::from(height) > MOST_PIXELS => continue,
            Ok(_) => {
                let Some(file) = told(inputs.read(input), findings)? else { continue };
                image::decode(&file, MOST_PIXELS)
            }
            Err(refusal) => Err(refusal),
        };
        match (picture, &mut sheet) {
            (Ok(picture), Some(sheet)) => sheet.look(&picture, input, name, findings),
            (Ok(_), None) => {}
            (Err(refusal), _) => findings.push(invalid(input, name, &refusal)),
        }
    }
    Ok(())
}

fn invalid(input: usize, name: &str, refusal: &Refusal) -> Finding {
    Finding::new(Code::ImageInvalid, Anchor::Input(input), format!("`{name}` {}", refusal.what))
        .help(refusal.help.clone())
}

fn wrong_size(input: usize, name: &str, (width, height): (u32, u32), tile: u32) -> Finding {
    let message =
        format!("`{name}` is {width}x{height} pixels, which is no whole number of {tile}x{tile} tiles");
    let other = [32, 16, 8].into_iter().find(|other| cells(width, height, *other).is_some());
    let next = |side: u32| u64::from(side).next_multiple_of(tile.into());
    let mut help = format!(
        "Make it {tile}x{tile} for one tile, or extend it to {}x{} for a sheet.",
        next(width),
        next(height)
    );
    if (next(width), next(height)) == (tile.into(), tile.into()) {
        help = format!("Extend it to {tile}x{tile}.");
    }
    if let Some(other) = other {
        help += &format!(" As it is, it fits a bank of `tile_size` {other}.");
    }
    Finding::new(Code::ImageSize, Anchor::Input(input), message).help(help)
}
