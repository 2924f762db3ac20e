//! Pictures as a glyph bank: the size of its tiles, and palettes that hold the colours of each.
//!
//! The size is the largest of 32, 16 and 8 that divides the sides of all pictures, unless one is
//! wished for: a picture of that size is a tile, a larger one a sheet. A tile may have 15 different
//! opaque colours as the runtime draws them, RGB565; alpha below 128 is transparent, which costs no
//! colour. How palettes are found says [`cover`], how their colours are placed [`slots`].
//!
//! A colour is written as the first pixel had it that reduces to it. Index 0, the transparent
//! colour, is `#000000`; where a picture has opaque black, it is the first colour of a fixed list
//! that no picture has, since an opaque pixel of colour 0 would vanish.
//!
//! There are tiles whose palettes cannot be placed so that no tile fits two with different indices;
//! then the summary says so, and `fragile-tile-indices` warns of it later.
//!
//! Colours are never reduced here: which of them go is for whoever drew them.

use std::collections::BTreeMap;

use super::super::image::{self, Picture};
use super::super::palette::{PALETTES, rgb565};
use super::super::sheet::{OPAQUE, SIDE};
use super::cover::{self, ColorSet, ROOM};
use super::slots::{self, Slots};
use super::{Derived, NewInput};
use crate::diagnostics::{Anchor, Code, Finding, Pointer};

/// The sizes of tiles, the largest first.
const SIZES: [u32; 3] = [32, 16, 8];

/// A picture that was given.
struct Given<'a> {
    input: usize,
    file: &'a str,
    picture: Picture,
}

/// The colours of all tiles, in the order of the files.
#[derive(Default)]
struct Colors {
    tiles: Vec<ColorSet>,
    /// The first pixel of each.
    first: BTreeMap<u16, [u8; 3]>,
}

/// What a glyph bank out of these pictures declares.
///
/// # Errors
///
/// What makes a bank of them impossible: each picture that is none, has another size or a tile with
/// too many colours, or that all of them are too many tiles or need too many palettes.
pub(in super::super) fn derive(files: &[NewInput<'_>], wished: Option<u32>) -> Result<Derived, Vec<Finding>> {
    let sizes = sizes(files)?;
    let tile = tile_size(files, &sizes, wished)?;
    check_capacity(files, &sizes, tile)?;
    let pictures = decode(files)?;
    let colors = Colors::of(&pictures, tile)?;
    let (palettes, placed) = palettes(&colors, &sizes, tile)?;
    let fragile = if placed { "" } else { "; some fit several palettes with different indices" };

    let count = |count: usize, thing: &str| match count {
        1 => format!("1 {thing}"),
        _ => format!("{count} {thing}s"),
    };
    let tiles = count(colors.tiles.len(), "tile");
    Ok(Derived {
        summary: format!("{tiles} of {tile}x{tile} pixels in {}{fragile}", count(palettes.len(), "palette")),
        metadata: Some(format!("{{ \"tile_size\": {tile} }}")),
        pipeline: Some(pipeline(&palettes)),
    })
}

fn sizes(files: &[NewInput<'_>]) -> Result<Vec<(u32, u32)>, Vec<Finding>> {
    every(files, |(input, file)| {
        let head = &file.bytes[..file.bytes.len().min(image::HEAD)];
        image::size(head).map_err(|refusal| refused(input, file.file, &refusal))
    })
}

fn decode<'a>(files: &[NewInput<'a>]) -> Result<Vec<Given<'a>>, Vec<Finding>> {
    every(files, |(input, file)| {
        let decoded = image::decode(file.bytes, u64::from(SIDE * SIDE));
        let picture = decoded.map_err(|refusal| refused(input, file.file, &refusal))?;
        Ok(Given { input, file: file.file, picture })
    })
}

/// All results, or all that is wrong.
fn every<I: IntoIterator, T>(
    items: I,
    of: impl Fn((usize, I::Item)) -> Result<T, Finding>,
) -> Result<Vec<T>, Vec<Finding>> {
    let (mut good, mut bad) = (Vec::new(), Vec::new());
    for result in items.into_iter().enumerate().map(of) {
        match result {
            Ok(value) => good.push(value),
            Err(finding) => bad.push(finding),
        }
    }
    if bad.is_empty() { Ok(good) } else { Err(bad) }
}

fn refused(input: usize, file: &str, refusal: &image::Refusal) -> Finding {
    let message = format!("`{file}` {}", refusal.what);
    Finding::new(Code::ImageInvalid, Anchor::Input(input), message).help(refusal.help.clone())
}

fn divides(tile: u32, (width, height): (u32, u32)) -> bool {
    width.is_multiple_of(tile) && height.is_multiple_of(tile)
}

fn tile_size(files: &[NewInput<'_>], sizes: &[(u32, u32)], wished: Option<u32>) -> Result<u32, Vec<Finding>> {
    if let Some(size) = wished.filter(|size| !SIZES.contains(size)) {
        let at = Anchor::Value(Pointer::root().key("output").key("metadata").key("tile_size"));
        let message = format!("the tile size {size} is not 8, 16 or 32");
        let help = "Choose one of them, or leave it out: then it follows from the pictures.";
        return Err(vec![Finding::new(Code::MetadataInvalid, at, message).help(help)]);
    }
    let largest = SIZES.into_iter().find(|tile| sizes.iter().all(|size| divides(*tile, *size)));
    if let Some(tile) = wished.or(largest).filter(|tile| sizes.iter().all(|size| divides(*tile, *size))) {
        return Ok(tile);
    }
    let tile = wished.unwrap_or(8);
    let wrong = files.iter().zip(sizes).enumerate().filter(|(_, (_, size))| !divides(tile, **size));
    Err(wrong.map(|(input, (file, size))| wrong_size(input, file.file, *size, wished)).collect())
}

fn wrong_size(input: usize, file: &str, (width, height): (u32, u32), wished: Option<u32>) -> Finding {
    let (tile, rule) = match wished {
        Some(tile) => (tile, format!("both sides of a picture are to be multiples of {tile}")),
        None => (8, "both sides of a picture must be multiples of 8, 16 or 32".to_owned()),
    };
    let next = |side: u32| u64::from(side).next_multiple_of(tile.into());
    let (wide, high) = (next(width), next(height));
    let help = if wide.max(high) > SIDE.into() {
        "Scale or cut it down, or leave it out: a bank's sheet has 256x256 pixels.".to_owned()
    } else {
        format!("Extend it to {wide}x{high} with transparent pixels, or leave it out.")
    };
    let message = format!("`{file}` is {width}x{height} pixels; {rule}");
    Finding::new(Code::ImageSize, Anchor::Input(input), message).help(help)
}

fn check_capacity(files: &[NewInput<'_>], sizes: &[(u32, u32)], tile: u32) -> Result<(), Vec<Finding>> {
    let most = u64::from(SIDE / tile).pow(2);
    let mut total = 0;
    let mut full_at = None;
    for (input, (width, height)) in sizes.iter().enumerate() {
        total += u64::from(width / tile) * u64::from(height / tile);
        if total > most && full_at.is_none() {
            full_at = Some(input);
        }
    }
    let Some(input) = full_at else { return Ok(()) };
    let message = format!(
        "{total} tiles of {tile}x{tile} pixels are too many: a bank holds {most}, reached in `{}`",
        files[input].file
    );
    let help = match input {
        0 => "Cut the picture into several, and make a bank of each.".to_owned(),
        1 => "Make several banks: the first file fits into one.".to_owned(),
        _ => format!("Make several banks: the first {input} files fit into one."),
    };
    Err(vec![Finding::new(Code::ArtifactCount, Anchor::Input(input), message).help(help)])
}

impl Colors {
    /// Reads the colours of each tile; a picture that has a tile of more than [`ROOM`] is told once.
    fn of(pictures: &[Given<'_>], tile: u32) -> Result<Self, Vec<Finding>> {
        let mut colors = Self::default();
        let mut findings = Vec::new();
        for given in pictures {
            let mut crowded: Option<(Cell, usize, u32)> = None;
            for cell in cells(&given.picture, tile) {
                let set = colors.read(&given.picture, &cell);
                if set.len() > ROOM {
                    match &mut crowded {
                        Some((_, _, more)) => *more += 1,
                        None => crowded = Some((cell, set.len(), 0)),
                    }
                }
                colors.tiles.push(set);
            }
            if let Some((cell, count, more)) = crowded {
                findings.push(too_colourful(given, &cell, count, more));
            }
        }
        match findings.pop() {
            None => Ok(colors),
            // What to do is the same for all of them, and told once.
            Some(last) => {
                findings.push(last.help(fewer_colours(pictures, tile)));
                Err(findings)
            }
        }
    }

    fn read(&mut self, picture: &Picture, cell: &Cell) -> ColorSet {
        let mut seen: Vec<u16> = Vec::new();
        let mut last = None;
        for [r, g, b, alpha] in cell.pixels(picture) {
            let color = rgb565(r, g, b);
            // Pictures are runs of few colours, so this is cheaper than sorting them.
            if alpha >= OPAQUE && last != Some(color) {
                last = Some(color);
                if !seen.contains(&color) {
                    seen.push(color);
                    self.first.entry(color).or_insert([r, g, b]);
                }
            }
        }
        seen.into_iter().collect()
    }

    /// A colour that no opaque pixel has.
    fn transparent(&self) -> [u8; 3] {
        let wide = |bits: u32, by: u32| u8::try_from(bits << by & 0xff).expect("eight bits are left");
        let any = (0..=u16::MAX).rev().map(u32::from);
        let any = any.map(|color| [wide(color >> 11, 3), wide(color >> 5 & 0x3f, 2), wide(color & 0x1f, 3)]);
        [[0, 0, 0], [255, 0, 255], [0, 255, 0], [0, 255, 255]]
            .into_iter()
            .chain(any)
            .find(|[r, g, b]| !self.first.contains_key(&rgb565(*r, *g, *b)))
            .expect("1024 tiles of 15 colours are not all 65536")
    }
}

/// The largest smaller size of tiles at which every tile has few enough colours.
fn smaller(pictures: &[Given<'_>], tile: u32) -> Option<u32> {
    SIZES.into_iter().filter(|smaller| *smaller < tile).find(|smaller| {
        let mut colors = Colors::default();
        pictures.iter().all(|given| {
            cells(&given.picture, *smaller).all(|cell| colors.read(&given.picture, &cell).len() <= ROOM)
        })
    })
}

fn too_colourful(given: &Given<'_>, cell: &Cell, count: usize, more: u32) -> Finding {
    let file = given.file;
    let Cell { column, row, tile } = cell;
    let mut message = if (given.picture.width, given.picture.height) == (*tile, *tile) {
        format!("`{file}` has {count} colours, and a tile may have {ROOM}")
    } else {
        format!(
            "the {tile}x{tile} tile in column {column}, row {row} of `{file}`, from ({}, {}) on, has {count} \
             colours, and a tile may have {ROOM}",
            column * tile,
            row * tile
        )
    };
    match more {
        0 => {}
        1 => message += "; 1 more tile of this picture has too many",
        _ => message += &format!("; {more} more tiles of this picture have too many"),
    }
    Finding::new(Code::TileColors, Anchor::Input(given.input), message)
}

/// What to do about tiles of too many colours.
fn fewer_colours(pictures: &[Given<'_>], tile: u32) -> String {
    let mut help =
        "Reduce the colours in the pixel editor, or with `pngquant 15 FILE...`, which writes copies \
                    named `FILE-fs8.png`."
            .to_owned();
    let crowded_and_soft = |given: &Given<'_>| {
        cells(&given.picture, tile).any(|cell| {
            let soft = cell.pixels(&given.picture).any(|[.., alpha]| (OPAQUE..255).contains(&alpha));
            soft && Colors::default().read(&given.picture, &cell).len() > ROOM
        })
    };
    if pictures.iter().any(crowded_and_soft) {
        help += " Soft edges cost colours: a pixel of alpha 128 or more is opaque.";
    }
    if let Some(smaller) = smaller(pictures, tile) {
        help += &format!(" Or cut all pictures into {smaller}x{smaller} tiles: `--tile-size {smaller}`.");
    }
    help
}

/// The colours of palettes as they are written: index 0 first.
type Written = Vec<Vec<[u8; 3]>>;

/// The palettes, and whether no tile fits several of them with different indices.
fn palettes(colors: &Colors, sizes: &[(u32, u32)], tile: u32) -> Result<(Written, bool), Vec<Finding>> {
    let maximal = cover::maximal(&colors.tiles);
    let merged = cover::in_order_of(&colors.tiles, cover::merge(&maximal));
    if merged.len() > PALETTES {
        return Err(vec![too_many_palettes(colors, merged.len(), sizes, tile)]);
    }
    let rank = |color: u16| luminance(colors.first[&color]);
    let arranged = slots::arrange(&merged, &colors.tiles, &rank).or_else(|| {
        // What was merged only to save palettes binds tiles that need not be bound.
        let apart = cover::in_order_of(&colors.tiles, maximal);
        if apart.len() > PALETTES { None } else { slots::arrange(&apart, &colors.tiles, &rank) }
    });
    let placed = arranged.is_some();
    let arranged = arranged.unwrap_or_else(|| slots::by_rank(&merged, &rank));

    let transparent = colors.transparent();
    let written = |slots: Slots| {
        let colors = slots.into_iter().map(|slot| slot.map_or(transparent, |color| colors.first[&color]));
        std::iter::once(transparent).chain(colors).collect()
    };
    Ok((arranged.into_iter().map(written).collect(), placed))
}

fn too_many_palettes(colors: &Colors, count: usize, sizes: &[(u32, u32)], tile: u32) -> Finding {
    // The end of each file among the tiles. More tiles never need fewer palettes, but for the luck
    // of the merge.
    let ends = sizes.iter().scan(0, |end, (width, height)| {
        *end += (width / tile * (height / tile)) as usize;
        Some(*end)
    });
    let ends: Vec<usize> = ends.collect();
    let fits = |end: &usize| cover::merge(&cover::maximal(&colors.tiles[..*end])).len() <= PALETTES;
    let split = match ends.partition_point(fits) {
        0 => "Cut the first picture into several banks".to_owned(),
        1 => "Make several banks: the first file fits into one".to_owned(),
        files => format!("Make several banks: the first {files} files fit into one"),
    };
    let help = format!(
        "{split}. Or paint the pictures in common colours: there are {} colours in {} tiles \
         of {tile}x{tile} pixels, and pictures that were reduced one by one share few.",
        colors.first.len(),
        colors.tiles.len()
    );
    let message = format!("the tiles need {count} palettes of {ROOM} colours, and a bank has {PALETTES}");
    let at = Anchor::Value(Pointer::root().key("output").key("pipeline").key("palettes"));
    Finding::new(Code::PaletteCount, at, message).help(help)
}

/// How bright a colour looks (the weights of ITU-R BT.709, on the stored samples).
fn luminance([r, g, b]: [u8; 3]) -> u32 {
    2126 * u32::from(r) + 7152 * u32::from(g) + 722 * u32::from(b)
}

/// `output.pipeline`, one palette a line.
fn pipeline(palettes: &Written) -> String {
    let entry = |(index, colors): (usize, &Vec<[u8; 3]>)| {
        let colors: Vec<String> =
            colors.iter().map(|[r, g, b]| format!("\"#{r:02x}{g:02x}{b:02x}\"")).collect();
        format!("{{ \"index\": {index}, \"palette\": {{ \"colors\": [{}] }} }}", colors.join(", "))
    };
    let entries: Vec<String> = palettes.iter().enumerate().map(entry).collect();
    format!("{{\n      \"palettes\": [\n        {}\n      ]\n    }}", entries.join(",\n        "))
}

/// One tile of a picture.
struct Cell {
    column: u32,
    row: u32,
    tile: u32,
}

impl Cell {
    /// Red, green, blue and alpha, row by row.
    fn pixels<'a>(&self, picture: &'a Picture) -> impl Iterator<Item = [u8; 4]> + use<'a> {
        let (x, tile) = ((self.column * self.tile) as usize * 4, self.tile as usize * 4);
        let rows = picture.rgba.chunks_exact(picture.width as usize * 4);
        let rows = rows.skip((self.row * self.tile) as usize).take(self.tile as usize);
        rows.flat_map(move |row| row[x..x + tile].as_chunks::<4>().0).copied()
    }
}

/// The tiles of a picture, row by row.
fn cells(picture: &Picture, tile: u32) -> impl Iterator<Item = Cell> + use<> {
    let (columns, rows) = (picture.width / tile, picture.height / tile);
    (0..rows).flat_map(move |row| (0..columns).map(move |column| Cell { column, row, tile }))
}
