//! A game's assets as values, made up from a seed: what stands on disk, and what must come out.
//!
//! A blueprint holds everything that a project can: banks of tiles from single pictures and sheets in
//! several kinds of PNG, sounds with and without loops in several kinds of WAV, blobs from nothing to
//! more than a page, names with spaces and beyond ASCII, an excluded asset, a broken one that is excluded too, one that nobody registered, and files that
//! nobody asked for. [`Blueprint::files`] spells it as files; [`Expected`] is what a reader must find
//! in the pack, worked out here from the pictures and sounds alone and by nothing of the packer's.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::assets;
use crate::dice::Dice;
use crate::spelling::Spelling;
use crate::wav::{self, Chunk};

/// The files of a project by path, `/` between parts.
pub type Files = BTreeMap<String, Vec<u8>>;

/// The registry's place.
pub const REGISTRY: &str = "assets/.prometeu/index.json";

/// A made-up project.
#[derive(Debug, Clone)]
pub struct Blueprint {
    /// Every asset, by no order that matters.
    pub assets: Vec<Asset>,
    /// Files beside them, by path in the project.
    pub strays: Files,
}

/// A made-up asset.
#[derive(Debug, Clone)]
pub struct Asset {
    /// Its id; `None` where nobody registered it.
    pub id: Option<u32>,
    /// Whether it goes into the pack.
    pub included: bool,
    /// Its folder in `assets/`.
    pub root: String,
    /// Its `asset.json`.
    pub declaration: Value,
    /// Its other files, by path in the folder.
    pub files: Files,
    /// What the pack must hold of it.
    pub expected: Expected,
}

/// What a reader of the pack must find.
#[derive(Debug, Clone)]
pub enum Expected {
    /// Tiles by index.
    Tiles(Vec<Tile>),
    /// Blobs by index: name and bytes.
    Blobs(Vec<(String, Vec<u8>)>),
    /// Sounds by index, and their frames a second.
    Sounds(u32, Vec<Sound>),
}

/// One sound of 16 bit, mono.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sound {
    /// Its frames.
    pub frames: Vec<i16>,
    /// The first and the last frame that repeat.
    pub forward: Option<(usize, usize)>,
}

/// One tile, row by row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tile {
    /// The palette that it is drawn with: the lowest that holds all its colours.
    pub palette: usize,
    /// RGB565 of each pixel, `None` where nothing is drawn.
    pub pixels: Vec<Option<u16>>,
}

/// Roots of included assets: plain, with spaces, beyond ASCII, deep.
const ROOTS: [&str; 10] = [
    "ui/atlas",
    "ui/heads up display",
    "níveis/primeiro",
    "日本/地図",
    "fonts/8px",
    "a b/c d/e f/g",
    "Ω/straße",
    "emoji 🎮/pad",
    "-dash/--flag",
    "dots.and.more/x.y",
];

/// Names of input files, each with a stem that gives a constant of its own.
const STEMS: [&str; 6] = ["one", "two words", "três", "四", "sub folder/five", "deep/er/six-6"];

impl Blueprint {
    /// A project of that many included assets, at most 10, and the four others.
    #[must_use]
    pub fn generate(dice: &mut Dice, included: usize) -> Self {
        let mut ids: Vec<u32> = (1..=60).collect();
        ids.push(2_147_483_646);
        dice.shuffle(&mut ids);
        let mut assets = Vec::new();
        for (n, root) in ROOTS.iter().take(included).enumerate() {
            // At least one of each, whatever the dice say.
            let make = FAMILIES.get(n).unwrap_or_else(|| dice.pick(&FAMILIES));
            assets.push(asset(dice, root, ids[n], *make));
        }
        let mut excluded = asset(dice, "left out/for now", ids[included], tiles);
        excluded.included = false;
        let mut broken = asset(dice, "left out/broken", ids[included + 1], blobs);
        broken.included = false;
        broken.files.clear();
        let mut orphan = asset(dice, "nobody/registered this", ids[included + 2], sounds);
        orphan.id = None;
        assets.extend([excluded, broken, orphan]);
        let strays = Files::from([
            ("assets/ui/atlas/notes for me.txt".to_owned(), b"draw a moon".to_vec()),
            ("assets/.prometeu/quarantine/old/asset.json".to_owned(), b"{".to_vec()),
            ("assets/README".to_owned(), b"our art".to_vec()),
            ("src/main.rs".to_owned(), b"fn main() {}".to_vec()),
        ]);
        Self { assets, strays }
    }

    /// The registry, its entries in the order of [`Self::assets`].
    #[must_use]
    pub fn registry(&self) -> Value {
        let entries = self.assets.iter().filter_map(|asset| {
            Some(json!({
                "asset_id": asset.id?,
                "included_in_build": asset.included,
                "root": asset.root,
                "asset_uuid": asset.declaration["asset_uuid"],
            }))
        });
        let next = self.assets.iter().filter_map(|asset| asset.id).max().unwrap_or(0) + 1;
        json!({ "schema_version": 1, "next_asset_id": next, "assets": entries.collect::<Vec<_>>() })
    }

    /// Everything as files, the JSON in that spelling.
    #[must_use]
    pub fn files(&self, spelling: Spelling) -> Files {
        let mut files = self.strays.clone();
        files.insert(REGISTRY.to_owned(), spelling.of(&self.registry()).into_bytes());
        for asset in &self.assets {
            let folder = format!("assets/{}", asset.root);
            files.insert(format!("{folder}/asset.json"), spelling.of(&asset.declaration).into_bytes());
            for (path, bytes) in &asset.files {
                files.insert(format!("{folder}/{path}"), bytes.clone());
            }
        }
        files
    }

    /// The assets that the pack must hold.
    pub fn pack_set(&self) -> impl Iterator<Item = &Asset> {
        self.assets.iter().filter(|asset| asset.id.is_some() && asset.included)
    }
}

/// Makes a declaration, its files, and what must come of them.
type Make = fn(&mut Dice) -> (Value, Files, Expected);

/// One of each.
const FAMILIES: [Make; 3] = [tiles, blobs, sounds];

fn asset(dice: &mut Dice, root: &str, id: u32, make: Make) -> Asset {
    let (mut declaration, files, expected) = make(dice);
    declaration["schema_version"] = 1.into();
    declaration["asset_uuid"] = assets::uuid(id.into()).into();
    declaration["name"] = format!("{root} \"{id}\" ñ").into();
    declaration["preload"] = json!({ "enabled": dice.once_in(2) });
    if dice.once_in(2) {
        declaration["output"]["codec_configuration"] = json!({ "z": 1, "a": { "level": [3, 2, 1] } });
    }
    Asset { id: Some(id), included: true, root: root.to_owned(), declaration, files, expected }
}

fn blobs(dice: &mut Dice) -> (Value, Files, Expected) {
    const SIZES: [usize; 9] = [0, 1, 15, 16, 17, 255, 4_096, 65_536, 70_001];
    let count = 1 + dice.below(STEMS.len());
    let mut blobs = Vec::new();
    for stem in &STEMS[..count] {
        let size = *dice.pick(&SIZES);
        blobs.push((format!("{stem}.bin"), dice.bytes(size)));
    }
    let names: Vec<&String> = blobs.iter().map(|(name, _)| name).collect();
    let declaration = json!({
        "type": "blob_bank",
        "inputs": { "files": names },
        "output": {
            "format": "BLOB/raw_v1",
            "codec": "NONE",
            "metadata": { "note": "größer\u{1}", "nested": { "b": [1, -2], "a": null } },
        },
    });
    (declaration, blobs.iter().cloned().collect(), Expected::Blobs(blobs))
}

fn sounds(dice: &mut Dice) -> (Value, Files, Expected) {
    let rate = *dice.pick(&[8_000, 11_025, 22_050, 44_100, 48_000]);
    let count = 1 + dice.below(STEMS.len());
    let names: Vec<String> = STEMS[..count].iter().map(|stem| format!("{stem}.wav")).collect();
    let mut files = Files::new();
    let mut made = Vec::new();
    for name in &names {
        let (file, sound) = sound(dice, rate);
        files.insert(name.clone(), file);
        made.push(sound);
    }
    let mut order: Vec<usize> = (0..count).collect();
    let named = dice.once_in(2);
    if named {
        dice.shuffle(&mut order);
    }
    let artifacts: Vec<Value> = (0..)
        .zip(&order)
        .map(|(index, n): (usize, _)| json!({ "file": names[*n], "index": index }))
        .collect();
    let mut declaration = json!({
        "type": "sound_bank",
        "inputs": { "samples": names },
        "output": {
            "format": "SOUNDS/pcm16le_v1",
            "codec": "NONE",
            "metadata": { "sample_rate": rate, "recorded": "in a barn, près d'ici" },
        },
    });
    if named {
        declaration["artifacts"] = artifacts.into();
    }
    (declaration, files, Expected::Sounds(rate, order.into_iter().map(|n| made[n].clone()).collect()))
}

/// A sound, as one of many programs writes it to a WAV file.
fn sound(dice: &mut Dice, rate: u32) -> (Vec<u8>, Sound) {
    const COUNTS: [usize; 8] = [1, 2, 7, 8, 9, 1_000, 2_047, 20_001];
    let count = *dice.pick(&COUNTS);
    let frames: Vec<i16> = (0..count).map(|_| i16::from_le_bytes([dice.byte(), dice.byte()])).collect();
    let forward = dice.once_in(2).then(|| {
        let start = dice.below(count);
        (start, start + dice.below(count - start))
    });
    let number = |frame: usize| u32::try_from(frame).expect("a short sound");
    let mut chunks: Vec<Chunk> = vec![wav::data(&frames)];
    chunks.push(if dice.once_in(2) { wav::fmt(1, 1, rate, 16) } else { wav::extensible(1, 1, rate, 16) });
    // The first loop that runs forward counts, whatever stands around it.
    let mut loops: Vec<(u32, u32, u32)> =
        (0..).zip(0..dice.below(3)).map(|(n, _)| (1 + n % 2, n, 9)).collect();
    if let Some((start, end)) = forward {
        loops.push((0, number(start), number(end)));
        loops.extend(dice.once_in(2).then_some((0, 0, 0)));
    }
    if !loops.is_empty() {
        chunks.push(wav::smpl(&loops));
    }
    for id in [*b"LIST", *b"bext"] {
        if dice.once_in(2) {
            let length = dice.below(40);
            chunks.push((id, dice.bytes(length)));
        }
    }
    dice.shuffle(&mut chunks);
    let mut file = wav::file(&chunks, !dice.once_in(4));
    if dice.once_in(4) {
        file.extend(b"a comment that some program leaves behind the end");
    }
    (file, Sound { frames, forward })
}

type Palette = (usize, Vec<[u8; 3]>);

fn tiles(dice: &mut Dice) -> (Value, Files, Expected) {
    let side = *dice.pick(&[8_usize, 16, 32]);
    let capacity = (256 / side) * (256 / side);
    let mut palettes: Vec<Palette> = Vec::new();
    for n in 0..1 + dice.below(3) {
        let index = n * 20 + dice.below(20);
        let count = 2 + dice.below(15);
        palettes.push((index, (0..count).map(|_| [dice.byte(), dice.byte(), dice.byte()]).collect()));
    }
    // Each picture: its file, its cells by row.
    let mut pictures: Vec<(String, Vec<u8>, Vec<Tile>)> = Vec::new();
    let mut total = 0;
    for stem in &STEMS[..1 + dice.below(STEMS.len())] {
        let sheet = dice.once_in(2);
        let (columns, rows) = if sheet { (1 + dice.below(4), 1 + dice.below(3)) } else { (1, 1) };
        if total + columns * rows > capacity {
            break;
        }
        total += columns * rows;
        let (picture, cells) = picture(dice, side, columns, rows, &palettes);
        pictures.push((format!("{stem}.png"), picture, cells));
    }
    // Roles are taken in alphabetical order, whatever order they are written in.
    let role = |from: usize, to: usize| -> Vec<&String> {
        pictures[from..to].iter().map(|(name, ..)| name).collect()
    };
    let half = pictures.len() / 2;
    let mut inputs = json!({ "b_last": role(half, pictures.len()) });
    if half > 0 {
        inputs["a_first"] = json!(role(0, half));
    }
    let mut order: Vec<usize> = (0..pictures.len()).collect();
    let named = dice.once_in(2);
    if named {
        dice.shuffle(&mut order);
    }
    let mut artifacts = Vec::new();
    let mut expected = Vec::new();
    for n in order {
        artifacts.push(json!({ "file": pictures[n].0, "index": expected.len() }));
        expected.extend(pictures[n].2.iter().cloned());
    }
    dice.shuffle(&mut artifacts);
    let colors = |palette: &Palette| -> Vec<String> {
        palette.1.iter().map(|[r, g, b]| format!("#{r:02x}{g:02X}{b:02x}")).collect()
    };
    let palettes: Vec<Value> = palettes
        .iter()
        .map(|palette| json!({ "index": palette.0, "palette": { "colors": colors(palette) } }))
        .collect();
    let mut declaration = json!({
        "type": "glyph_bank",
        "inputs": inputs,
        "output": {
            "format": "GLYPH/indexed_v1",
            "codec": "NONE",
            "metadata": { "tile_size": side, "author": "Ünal" },
            "pipeline": { "palettes": palettes, "tool": { "scale": 1.50, "zz": "é" } },
        },
    });
    if named {
        declaration["artifacts"] = artifacts.into();
    }
    let files = pictures.into_iter().map(|(name, file, _)| (name, file)).collect();
    (declaration, files, Expected::Tiles(expected))
}

/// A picture of cells, each drawn with the colours of one palette, as a PNG file.
fn picture(
    dice: &mut Dice,
    side: usize,
    columns: usize,
    rows: usize,
    palettes: &[Palette],
) -> (Vec<u8>, Vec<Tile>) {
    let width = columns * side;
    let mut rgba = vec![0; width * rows * side * 4];
    let mut cells = Vec::new();
    for cell in 0..columns * rows {
        let colors = &dice.pick(palettes).1;
        let mut drawn = Vec::new();
        for n in 0..side * side {
            let [r, g, b] = *dice.pick(colors);
            let alpha = if dice.once_in(4) { dice.below(128) } else { 128 + dice.below(128) };
            let alpha = u8::try_from(alpha).expect("less than 256");
            let x = (cell % columns) * side + n % side;
            let y = (cell / columns) * side + n / side;
            rgba[(y * width + x) * 4..][..4].copy_from_slice(&[r, g, b, alpha]);
            drawn.push((alpha >= 128).then_some([r, g, b]));
        }
        cells.push(normal(&drawn, palettes));
    }
    let height = rows * side;
    let file = match dice.below(3) {
        0 => png(width, height, png::BitDepth::Eight, png::ColorType::Rgba, &rgba),
        1 => {
            // The high byte is the sample; what the low one holds is nobody's business.
            let deep: Vec<u8> = rgba.iter().flat_map(|sample| [*sample, dice.byte()]).collect();
            png(width, height, png::BitDepth::Sixteen, png::ColorType::Rgba, &deep)
        }
        _ => adam7_free_with_text(width, height, &rgba),
    };
    (file, cells)
}

/// What the page on the format says of a tile: the lowest palette that holds all opaque colours after
/// their reduction; its colour 0, or no opacity, is nothing.
fn normal(drawn: &[Option<[u8; 3]>], palettes: &[Palette]) -> Tile {
    let reduced = |colors: &[[u8; 3]]| -> Vec<u16> { colors.iter().map(|color| rgb565(*color)).collect() };
    let holds = |colors: &[u16]| drawn.iter().flatten().all(|color| colors.contains(&rgb565(*color)));
    let mut fitting: Vec<(usize, Vec<u16>)> = palettes
        .iter()
        .map(|(index, colors)| (*index, reduced(colors)))
        .filter(|(_, colors)| holds(colors))
        .collect();
    fitting.sort();
    let (palette, colors) = fitting.swap_remove(0);
    // An opaque pixel whose colour stands at 0 alone is index 0 and so is not drawn.
    let shown = |color: u16| colors[1..].contains(&color).then_some(color);
    Tile { palette, pixels: drawn.iter().map(|color| color.and_then(|color| shown(rgb565(color)))).collect() }
}

fn rgb565([r, g, b]: [u8; 3]) -> u16 {
    u16::from(r >> 3) << 11 | u16::from(g >> 2) << 5 | u16::from(b >> 3)
}

fn png(width: usize, height: usize, depth: png::BitDepth, color: png::ColorType, samples: &[u8]) -> Vec<u8> {
    let mut file = Vec::new();
    encode(&mut file, width, height, depth, color, samples, |_| {});
    file
}

/// With a text chunk, as many programs write, and the strongest compression.
fn adam7_free_with_text(width: usize, height: usize, rgba: &[u8]) -> Vec<u8> {
    let mut file = Vec::new();
    encode(&mut file, width, height, png::BitDepth::Eight, png::ColorType::Rgba, rgba, |encoder| {
        encoder.set_compression(png::Compression::High);
        encoder.add_text_chunk("Software".to_owned(), "a paint program".to_owned()).expect("a short text");
    });
    file
}

fn encode<'f>(
    file: &'f mut Vec<u8>,
    width: usize,
    height: usize,
    depth: png::BitDepth,
    color: png::ColorType,
    samples: &[u8],
    more: impl FnOnce(&mut png::Encoder<'f, &'f mut Vec<u8>>),
) {
    let side = |n: usize| u32::try_from(n).expect("a small picture");
    let mut encoder = png::Encoder::new(file, side(width), side(height));
    encoder.set_color(color);
    encoder.set_depth(depth);
    more(&mut encoder);
    let mut writer = encoder.write_header().expect("a vector takes every write");
    writer.write_image_data(samples).expect("there are as many samples as the header says");
}
