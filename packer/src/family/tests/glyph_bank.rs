//! Tiles: places, indices, colours, and what cannot be packed.

use proptest::collection::vec;
use proptest::prelude::any;
use proptest::sample::Index;

use super::png_writer::Png;
use super::*;

/// Everything but inputs and artifacts of a bank; palettes are listed with their index.
fn members(tile: u32, palettes: &[(u8, Vec<&str>)]) -> serde_json::Value {
    let palettes: Vec<_> = palettes
        .iter()
        .map(|(index, colors)| json!({ "index": index, "palette": { "colors": colors } }))
        .collect();
    json!({ "metadata": { "tile_size": tile }, "pipeline": { "palettes": palettes } })
}

/// A bank of the pictures `0.png`, `1.png`, ….
fn bank(members: &serde_json::Value, pictures: &[Png]) -> Outcome {
    let names: Vec<_> = (0..pictures.len()).map(|n| format!("{n}.png")).collect();
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    let files: Vec<_> = pictures.iter().map(Png::file).collect();
    pack(&declare("glyph_bank", &names, members), &files)
}

/// The index at a pixel of the bank's sheet.
fn index_at(payload: &[u8], x: usize, y: usize) -> u8 {
    let byte = payload[(y * 256 + x) / 2];
    if x.is_multiple_of(2) { byte >> 4 } else { byte & 15 }
}

fn color_at(payload: &[u8], palette: usize, slot: usize) -> u16 {
    let at = 32_768 + (palette * 16 + slot) * 2;
    u16::from_le_bytes([payload[at], payload[at + 1]])
}

#[test]
fn the_payload_has_the_layout_of_the_format() {
    // Red, green, blue, transparent from the left, then black, which only colour 0 is.
    let mut row = Vec::new();
    row.extend([255, 0, 0, 255, 0, 255, 0, 255, 0, 0, 255, 255, 255, 0, 0, 127]);
    row.extend([0, 0, 0, 255].repeat(4));
    let tile = Png::rgba(8, 8, &row.repeat(8));
    let palettes = [(2, vec!["#000000", "#0000ff", "#00FF00", "#ff0000", "#ff0000"])];
    let outcome = bank(&members(8, &palettes), &[Png::plain(8, 8, [0; 3]), tile]);
    assert!(outcome.findings.is_empty(), "{:?}", outcome.findings);
    assert_eq!(outcome.payload.len(), 34_816);
    for y in 0..8 {
        // Tile 1 stands right of tile 0; the left pixel is in the high nibble.
        assert_eq!(outcome.payload[y * 128..][..10], [0, 0, 0, 0, 0x32, 0x10, 0, 0, 0, 0]);
    }
    assert!(outcome.payload[8 * 128..32_768].iter().all(|byte| *byte == 0));
    let palette: Vec<_> = (0..16).map(|slot| color_at(&outcome.payload, 2, slot)).collect();
    assert_eq!(palette, [0, 0x001f, 0x07e0, 0xf800, 0xf800, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    let others = outcome.payload[32_768..].iter().enumerate().filter(|(n, _)| n / 32 != 2);
    assert!(others.into_iter().all(|(_, byte)| *byte == 0));

    let probe = outcome.probe.unwrap();
    assert_eq!((probe.size, probe.decoded_size), (34_816, 67_584));
    let metadata = json!({ "height": 256, "palette_authored": 1, "palette_count": 64, "width": 256 });
    assert_eq!(Value::Object(probe.metadata), value(&metadata));
}

#[test]
fn tile_t_stands_in_its_column_and_row() {
    for (tile, columns) in [(8_u32, 32_u32), (16, 16), (32, 8)] {
        // A whole bank in one sheet of another shape: 4 cells a row; each cell's corner is marked.
        let count = columns * columns;
        let (width, height) = (4 * tile, count / 4 * tile);
        let marks = ["#000000", "#ff0000", "#00ff00", "#0000ff", "#ffffff"];
        let rgb = [[0, 0, 0], [255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 255, 255]];
        let mut pixels = vec![0; (width * height * 4) as usize];
        for n in 0..count {
            let (x, y) = (n % 4 * tile, n / 4 * tile);
            let [r, g, b] = rgb[(n % 5) as usize];
            pixels[((y * width + x) * 4) as usize..][..4].copy_from_slice(&[r, g, b, 255]);
        }
        let outcome = bank(&members(tile, &[(0, marks.to_vec())]), &[Png::rgba(width, height, &pixels)]);
        assert!(outcome.findings.is_empty());
        for n in 0..count {
            let (x, y) = ((n % columns * tile) as usize, (n / columns * tile) as usize);
            assert_eq!(u32::from(index_at(&outcome.payload, x, y)), n % 5, "tile {n} of {tile}");
            assert_eq!(index_at(&outcome.payload, x + 1, y), 0);
        }
    }
}

#[test]
fn tile_size_is_8_16_or_32() {
    let with = |metadata: serde_json::Value| {
        let mut members = members(8, &[(0, vec!["#000000"])]);
        members["metadata"] = metadata;
        bank(&members, &[Png::plain(32, 32, [0; 3])])
    };
    for tile in [8, 16, 32] {
        assert!(with(json!({ "tile_size": tile })).findings.is_empty());
    }
    for wrong in [json!(0), json!(-8), json!(24), json!("16")] {
        let outcome = with(json!({ "tile_size": wrong }));
        assert_eq!(outcome.codes(), ["metadata-invalid /output/metadata/tile_size"]);
    }
    let typo = with(json!({ "tilesize": 8 }));
    assert_eq!(typo.codes(), ["metadata-missing /output/metadata/tile_size"]);
    assert_eq!(typo.only("metadata-missing").1, "Did you mean `tile_size` by `tilesize`?");
}

#[test]
fn limits_follow_the_tile_size() {
    let family = by_name("glyph_bank").unwrap();
    let most = |metadata| {
        let declaration = declare("glyph_bank", &[], &json!({ "metadata": metadata }));
        family.artifact_limits(&declaration)
    };
    assert_eq!(most(json!({ "tile_size": 8 })), 1..=1024);
    assert_eq!(most(json!({ "tile_size": 16 })), 1..=256);
    assert_eq!(most(json!({ "tile_size": 32 })), 1..=64);
    assert_eq!(most(json!({})), 1..=1024);
}

#[test]
fn a_picture_of_another_size_is_told_what_would_do() {
    let sized = |tile, width, height| {
        let outcome = bank(&members(tile, &[(0, vec!["#000000"])]), &[Png::plain(width, height, [0; 3])]);
        assert_eq!(outcome.codes(), ["image-size input 0"]);
        let (message, help) = outcome.only("image-size");
        (message.to_owned(), help.to_owned())
    };
    let (message, help) = sized(16, 20, 16);
    assert_eq!(message, "`0.png` is 20x16 pixels, which is no whole number of 16x16 tiles");
    assert_eq!(help, "Make it 16x16 for one tile, or extend it to 32x16 for a sheet.");
    let (_, help) = sized(16, 24, 8);
    assert_eq!(
        help,
        "Make it 16x16 for one tile, or extend it to 32x16 for a sheet. As it is, it fits a bank of `tile_size` 8."
    );
    let (_, help) = sized(16, 15, 15);
    assert_eq!(help, "Extend it to 16x16.");
}

#[test]
fn a_huge_picture_is_refused_from_its_header() {
    let mut file = Png::plain(8, 8, [0; 3]).file();
    let refuse = |file: &[u8], tile| {
        let declaration = declare("glyph_bank", &["a.png"], &members(tile, &[(0, vec!["#000000"])]));
        pack(&declaration, &[file.to_vec()]).codes()
    };
    file[16..24].copy_from_slice(&[0, 0, 0x75, 0x30, 0, 0, 0x75, 0x30]); // 30000x30000
    assert_eq!(refuse(&file, 8), ["artifact-count input 0"]);
    assert_eq!(refuse(&file, 32), ["image-size input 0"]);
    file[16..24].copy_from_slice(&[255, 255, 255, 248, 255, 255, 255, 248]);
    assert_eq!(refuse(&file, 8), ["artifact-count input 0"]);
}

#[test]
fn a_file_that_is_no_picture_is_named_and_told_apart() {
    let files = [b"\xff\xd8\xff\xe0".to_vec(), Vec::new(), Png::plain(8, 8, [0; 3]).file()];
    let declaration =
        declare("glyph_bank", &["a.png", "b.png", "c.png"], &members(8, &[(0, vec!["#000000"])]));
    let outcome = pack(&declaration, &files);
    assert_eq!(outcome.codes(), ["image-invalid input 0", "image-invalid input 1"]);
    assert_eq!(outcome.findings[0].message, "`a.png` is not a PNG file but a JPEG");
    assert_eq!(outcome.findings[1].message, "`b.png` is empty");
}

#[test]
fn damage_behind_a_good_header_is_found_by_encode_and_told_once() {
    let mut file = Png::plain(8, 8, [0; 3]).file();
    file[60] ^= 1;
    let mut members = members(8, &[(0, vec!["#000000"])]);
    members["artifacts"] = json!([{ "file": "a.png", "index": 0 }, { "file": "a.png", "index": 1 }]);
    let outcome = pack(&declare("glyph_bank", &["a.png"], &members), &[file]);
    assert!(outcome.probe.is_some());
    let (message, _) = outcome.only("image-invalid");
    assert_eq!(message, "`a.png` is a damaged PNG file: it does not match its checksum");
}

#[test]
fn a_colour_that_no_palette_holds_is_named_with_its_place() {
    let mut sheet = Png::plain(16, 8, [255, 0, 0]);
    for (n, sample) in [0x12, 0xab, 0x34, 255].into_iter().enumerate() {
        sheet.samples[(3 * 16 + 10) * 4 + n] = sample;
    }
    let palettes = [(0, vec!["#000000"]), (5, vec!["#000000", "#ff0000"])];
    let outcome = bank(&members(8, &palettes), &[sheet]);
    assert_eq!(outcome.codes(), ["tile-colors input 0"]);
    let (message, help) = outcome.only("tile-colors");
    assert_eq!(
        message,
        "no palette holds all colours of tile 1 in `0.png`: palette 5 comes nearest and lacks 1 of 2, \
         first `#12ab34` at (10, 3)"
    );
    assert_eq!(help, "Add `#12ab34` to palette 5, or repaint the tile with its colours.");
}

#[test]
fn a_tile_with_more_colours_than_a_palette_is_told_so() {
    let pixels: Vec<u8> = (0..64).flat_map(|n| [low_byte(n % 17 * 8), 0, 0, 200]).collect();
    let outcome = bank(&members(8, &[(0, vec!["#000000"])]), &[Png::rgba(8, 8, &pixels)]);
    let (message, help) = outcome.only("tile-colors");
    assert!(message.contains("lacks 16 of 17, first `#080000` at (1, 0)"), "{message}");
    assert!(help.starts_with("The tile has 17 colours, and a palette holds 16"), "{help}");
    assert!(help.contains("soft edges"), "{help}");
}

#[test]
fn a_full_palette_says_how_much_room_it_has() {
    let colors: Vec<_> = (0..15).map(|n| format!("#0000{:02x}", n * 8)).collect();
    let palette = (0, colors.iter().map(String::as_str).collect());
    let mut tile = Png::plain(8, 16, [255, 0, 0]);
    tile.samples[..4].copy_from_slice(&[0, 255, 0, 255]);
    let outcome = bank(&members(8, &[palette]), &[tile]);
    let (message, help) = outcome.only("tile-colors");
    assert!(
        message.ends_with("lacks 2 of 2, first `#00ff00` at (0, 0); 1 more tile of this picture fits none"),
        "{message}"
    );
    assert_eq!(help, "Palette 0 has room for 1 more: repaint the tile, or declare a palette for it.");
}

#[test]
fn colours_are_compared_as_rgb565() {
    let declared = members(8, &[(0, vec!["#000000", "#f8fcf8"])]);
    let near = bank(&declared, &[Png::plain(8, 8, [255, 255, 255])]);
    assert_eq!(index_at(&near.payload, 0, 0), 1);
    let far = bank(&declared, &[Png::plain(8, 8, [247, 255, 255])]);
    far.only("tile-colors");
}

#[test]
fn alpha_128_is_opaque_and_127_is_index_0() {
    let declared = members(8, &[(0, vec!["#000000", "#ffffff"])]);
    let at = |alpha: u8| bank(&declared, &[Png::rgba(8, 8, &[255, 255, 255, alpha].repeat(64))]).payload[0];
    assert_eq!((at(127), at(128)), (0x00, 0x11));
    // What is transparent needs no palette.
    assert!(bank(&declared, &[Png::rgba(8, 8, &[1, 99, 200, 0].repeat(64))]).findings.is_empty());
}

#[test]
fn a_tile_that_fits_two_palettes_differently_is_a_warning_for_its_input() {
    let palettes = [(3, vec!["#000000", "#ff0000", "#00ff00"]), (1, vec!["#000000", "#00ff00", "#ff0000"])];
    let outcome = bank(&members(8, &palettes), &[Png::plain(16, 16, [255, 0, 0]), Png::plain(8, 8, [0; 3])]);
    assert_eq!(outcome.codes(), ["fragile-tile-indices input 0"]);
    let (message, _) = outcome.only("fragile-tile-indices");
    assert_eq!(
        message,
        "tile 0 of `0.png` fits the palettes 1 and 3 with different indices; those of palette 1 are packed"
    );
    assert_eq!(
        index_at(&outcome.payload, 0, 0),
        2,
        "of the palette with the lowest index, not the first listed"
    );
}

#[test]
fn a_tile_that_fits_two_palettes_alike_is_no_warning() {
    // Red is index 1 in all of them, in the last one because index 0 yields to any other.
    let palettes = [
        (0, vec!["#000000", "#ff0000", "#00ff00"]),
        (1, vec!["#ffffff", "#ff0000", "#0000ff"]),
        (2, vec!["#ff0000", "#ff0000"]),
    ];
    let red = Png::plain(8, 8, [255, 0, 0]);
    let nothing = Png::rgba(8, 8, &[0; 256]);
    assert!(bank(&members(8, &palettes), &[red, nothing]).findings.is_empty());
}

#[test]
fn all_that_is_wrong_with_a_bank_is_told_in_one_run() {
    let declaration = declare(
        "glyph_bank",
        &["a.png", "b.png"],
        &json!({
            "metadata": { "tile_size": 16 },
            "pipeline": { "palettes": [{ "index": 70, "palette": { "colors": ["#000000"] } }] },
            "artifacts": [{ "file": "a.png", "index": 0 }, { "file": "b.png", "index": 0 }, { "file": "c.png", "index": 1 }],
        }),
    );
    let outcome = pack(&declaration, &[Png::plain(20, 16, [0; 3]).file(), b"GIF89a".to_vec()]);
    assert_eq!(
        outcome.codes(),
        [
            "artifact-unknown-file /artifacts/2/file",
            "artifact-index-duplicate /artifacts/1/index",
            "palette-index-invalid /output/pipeline/palettes/0/index",
            "image-size input 0",
            "image-invalid input 1",
        ]
    );
}

#[test]
fn what_is_wrong_with_one_picture_hides_nothing_of_another() {
    let black = [(0, vec!["#000000"])];
    let good = Png::plain(8, 8, [0; 3]).file();
    let gray = Png::plain(16, 8, [99; 3]).file();
    let truncated = good[..good.len() - 9].to_vec();
    let codes = |members: &serde_json::Value, files: &[&[u8]]| {
        let names: Vec<_> = (0..files.len()).map(|n| format!("{n}.png")).collect();
        let names: Vec<_> = names.iter().map(String::as_str).collect();
        let files: Vec<_> = files.iter().map(|file| file.to_vec()).collect();
        pack(&declare("glyph_bank", &names, members), &files)
    };

    let odd = Png::plain(17, 16, [0; 3]).file();
    let outcome = codes(&members(8, &black), &[&good, &odd, &gray, b"GIF89a", &truncated]);
    assert_eq!(
        outcome.codes(),
        ["image-size input 1", "image-invalid input 3", "tile-colors input 2", "image-invalid input 4"]
    );
    assert_eq!(
        outcome.findings[2].message,
        "no palette holds the only colour of the tile at (0, 0) in `2.png`: `#636363` at (0, 0); 1 more tile of this picture fits none"
    );

    // Without palettes or a tile's size there is still the content of the files.
    let mut no_palettes = members(8, &black);
    no_palettes["pipeline"] = json!({});
    assert_eq!(
        codes(&no_palettes, &[&good, &gray, &truncated]).codes(),
        ["palette-missing /output/pipeline/palettes", "image-invalid input 2"]
    );
    let outcome = codes(&members(9, &black), &[&odd, &gray, b"GIF89a", &truncated]);
    assert_eq!(
        outcome.codes(),
        ["metadata-invalid /output/metadata/tile_size", "image-invalid input 2", "image-invalid input 3"]
    );

    // A file that is two artifacts is wrong once, and one that no bank can hold only for its size.
    let mut twice = members(8, &black);
    twice["artifacts"] = json!([{ "file": "0.png", "index": 0 }, { "file": "0.png", "index": 7 }, { "file": "1.png", "index": 2 }]);
    assert_eq!(
        codes(&twice, &[&gray, &good]).codes(),
        ["artifact-index-gap /artifacts/1/index", "tile-colors input 0"]
    );
    let huge = Png::plain(256, 264, [99; 3]).file();
    assert_eq!(codes(&members(8, &black), &[&huge]).codes(), ["artifact-count input 0"]);
}

#[test]
fn a_file_that_cannot_be_read_hides_nothing_of_the_others() {
    for family in ["glyph_bank", "sound_bank"] {
        let declaration = declare(family, &["a", "b"], &json!({}));
        let (mut inputs, mut findings) =
            (FirstLocked(Memory(vec![Vec::new(), b"GIF89a".to_vec()])), Vec::new());
        let probe = by_name(family).unwrap().probe(&declaration, &mut inputs, &mut findings).unwrap();
        assert_eq!(probe, None);
        let about = |n: usize| findings.iter().filter(|finding| finding.anchor == Anchor::Input(n)).count();
        assert_eq!((about(0), about(1)), (1, 1), "{family}: {findings:#?}");
    }
}

#[test]
fn no_truncation_and_no_flipped_bit_of_a_picture_makes_the_bank_panic() {
    let pixels: Vec<u8> = (0..256).map(|n| low_byte(n * 37)).collect();
    let file = Png::rgba(8, 8, &pixels).file();
    let declaration = declare("glyph_bank", &["a.png"], &members(8, &[(0, vec!["#000000"])]));
    for length in 0..file.len() {
        let codes = pack(&declaration, &[file[..length].to_vec()]).codes();
        assert_eq!(codes, ["image-invalid input 0"], "{length} bytes");
    }
    for bit in 0..file.len() * 8 {
        let mut flipped = file.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        // `pack` itself asserts that errors and payload go together.
        assert_eq!(pack(&declaration, &[flipped]).findings.len(), 1, "bit {bit}");
    }
}

#[test]
fn every_packed_index_leads_back_to_the_colour_of_its_pixel() {
    // Few colours that several palettes share, so that fits, misfits and doubles all happen.
    let pool: [[u8; 3]; 24] = std::array::from_fn(|n| [n * 10, 255 - n * 7, n * n].map(low_byte));
    let palette = (vec(0..24_usize, 1..=16), any::<Index>());
    let cell = (any::<Index>(), vec((any::<Index>(), 0..4_usize, any::<u8>()), 64));
    let strategy = (0..3_u32, vec(palette, 1..5), 1..4_u32, vec(cell, 1..7));
    for_all(200, &strategy, |(size, palettes, columns, cells)| {
        let tile = 8 << size;
        let mut indices: Vec<u8> = (0..64).collect();
        let palettes: Vec<(u8, Vec<[u8; 3]>)> = palettes
            .into_iter()
            .map(|(colors, at)| {
                (indices.remove(at.index(indices.len())), colors.iter().map(|n| pool[*n]).collect())
            })
            .collect();

        // A sheet of those cells, each painted from one of the palettes; the rest is transparent.
        let rows = u32::try_from(cells.len()).unwrap().div_ceil(columns);
        let (width, height) = ((columns * tile) as usize, (rows * tile) as usize);
        let mut pixels = vec![0; width * height * 4];
        for (n, (from, paints)) in cells.iter().enumerate() {
            let colors = &palettes[from.index(palettes.len())].1;
            for (p, (color, alpha, noise)) in (0..(tile * tile) as usize).zip(paints.iter().cycle()) {
                let x = n % columns as usize * tile as usize + p % tile as usize;
                let y = n / columns as usize * tile as usize + p / tile as usize;
                let [r, g, b] = colors[color.index(colors.len())];
                // What RGB565 cuts off does not matter.
                let rgb = [r & 0xf8 | noise & 7, g & 0xfc | noise & 3, b & 0xf8 | noise >> 5];
                let pixel = [rgb[0], rgb[1], rgb[2], [0, 127, 128, 255][*alpha]];
                pixels[(y * width + x) * 4..][..4].copy_from_slice(&pixel);
            }
        }
        let hex: Vec<(u8, Vec<String>)> = palettes
            .iter()
            .map(|(index, colors)| {
                (*index, colors.iter().map(|[r, g, b]| format!("#{r:02x}{g:02X}{b:02x}")).collect())
            })
            .collect();
        let listed: Vec<_> =
            hex.iter().map(|(i, colors)| (*i, colors.iter().map(String::as_str).collect())).collect();
        let outcome = bank(&members(tile, &listed), &[Png::rgba(columns * tile, rows * tile, &pixels)]);
        proptest::prop_assert!(
            outcome.findings.iter().all(|finding| finding.code == Code::FragileTileIndices)
        );

        let cut = |[r, g, b]: [u8; 3]| u16::from(r / 8) * 2048 + u16::from(g / 4) * 32 + u16::from(b / 8);
        let mut by_index = palettes.clone();
        by_index.sort();
        let tile = tile as usize;
        let across = 256 / tile;
        for n in 0..(columns * rows) as usize {
            let source = |p: usize| {
                let (x, y) = (n % columns as usize * tile + p % tile, n / columns as usize * tile + p / tile);
                let at = (y * width + x) * 4;
                (cut([pixels[at], pixels[at + 1], pixels[at + 2]]), pixels[at + 3] >= 128)
            };
            let holds = |colors: &[[u8; 3]]| {
                (0..tile * tile)
                    .map(source)
                    .all(|(c, opaque)| !opaque || colors.iter().any(|held| cut(*held) == c))
            };
            let (palette, colors) = by_index.iter().find(|(_, colors)| holds(colors)).unwrap();
            for p in 0..tile * tile {
                let (x, y) = (n % across * tile + p % tile, n / across * tile + p / tile);
                let index = usize::from(index_at(&outcome.payload, x, y));
                let (color, opaque) = source(p);
                if !opaque {
                    proptest::prop_assert_eq!(index, 0);
                    continue;
                }
                proptest::prop_assert_eq!(color_at(&outcome.payload, usize::from(*palette), index), color);
                let lowest = (1..colors.len()).find(|slot| cut(colors[*slot]) == color).unwrap_or(0);
                proptest::prop_assert_eq!(index, lowest);
            }
        }
        Ok(())
    });
}
