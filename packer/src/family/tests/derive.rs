//! New assets out of given files: what is chosen for them, and what cannot be taken.

use proptest::collection::vec;
use proptest::prelude::any;
use proptest::sample::{Index, select, subsequence};

use super::png_writer::Png;
use super::*;
use crate::family::palette::rgb565;
use crate::mutate::{CreateAsset, Given, GivenFile, Mutation};
use crate::ops::{Blocker, DoctorRequest, Status};
use crate::testing::Fixture;

const OPAQUE: u8 = 255;

fn create(family: &str, files: &[(&str, Vec<u8>)], tile_size: Option<u32>) -> Mutation {
    let file = |(name, bytes): &(&str, Vec<u8>)| GivenFile { name: (*name).to_owned(), bytes: bytes.clone() };
    Mutation::CreateAsset(CreateAsset {
        root: AssetPath::parse("new").unwrap(),
        family: family.to_owned(),
        name: None,
        from: Some(Given { files: files.iter().map(file).collect(), tile_size }),
    })
}

/// The blockers of a creation that is refused.
fn refused(family: &str, files: &[(&str, Vec<u8>)], tile_size: Option<u32>) -> Vec<Blocker> {
    let response = Fixture::blobs(&["a"]).project().preview(&create(family, files, tile_size), None);
    assert_eq!(response.status, Status::Blocked);
    for blocker in &response.blockers {
        assert!(!blocker.message.ends_with('.'), "{}", blocker.message);
        assert!(blocker.help.as_deref().is_none_or(|help| help.ends_with('.')), "{blocker:?}");
    }
    response.blockers
}

/// The message and help of the only blocker.
fn only(family: &str, files: &[(&str, Vec<u8>)], tile_size: Option<u32>) -> (String, String) {
    match refused(family, files, tile_size).as_slice() {
        [only] => (only.message.clone(), only.help.clone().unwrap_or_default()),
        more => panic!("{more:#?}"),
    }
}

/// A project with the new asset in it as asset 2, and the plan's title. Nothing is wrong with it.
fn created(family: &str, files: &[(&str, Vec<u8>)], tile_size: Option<u32>) -> (Fixture, String) {
    let fixture = Fixture::blobs(&["a"]);
    let project = fixture.project();
    let preview = project.preview(&create(family, files, tile_size), None);
    let plan = preview.payload.unwrap_or_else(|| panic!("{:#?}", preview.blockers)).plan;
    assert_eq!(project.apply(&plan, false).status, Status::Ok);
    let doctor = project.doctor(DoctorRequest { strict: true, ..DoctorRequest::default() });
    assert_eq!((doctor.status, doctor.diagnostics), (Status::Ok, Vec::new()), "{}", declaration(&fixture));
    for (name, bytes) in files {
        assert_eq!(fixture.files.content(format!("/game/assets/new/{name}")).as_ref(), Some(bytes), "{name}");
    }
    (fixture, plan.title)
}

fn declaration(fixture: &Fixture) -> String {
    String::from_utf8(fixture.files.content("/game/assets/new/asset.json").unwrap()).unwrap()
}

fn title(family: &str, files: &[(&str, Vec<u8>)], tile_size: Option<u32>) -> String {
    created(family, files, tile_size).1
}

fn plain(side: u32) -> Vec<u8> {
    Png::plain(side, side, [200, 10, 10]).file()
}

/// A picture of as many colours as asked for, all different to the runtime.
fn colourful(side: u32, colors: usize) -> Png {
    let pixel = |n: u32| {
        let n = low_byte(n as usize % colors);
        [n % 16 * 16, n / 16 * 16, 80, OPAQUE]
    };
    Png::rgba(side, side, &(0..side * side).flat_map(pixel).collect::<Vec<_>>())
}

/// The pixels of one tile, row by row.
type Tile = Vec<Option<[u8; 3]>>;

/// A picture of `columns` tiles side by side.
fn sheet(tile: usize, columns: usize, tiles: &[Tile]) -> Vec<u8> {
    let (width, height) = (tile * columns, tile * tiles.len() / columns);
    let pixel = |n: usize| {
        let (x, y) = (n % width, n / width);
        let within = &tiles[y / tile * columns + x / tile];
        match within[y % tile * tile + x % tile] {
            Some([r, g, b]) => [r, g, b, OPAQUE],
            None => [7, 7, 7, 20],
        }
    };
    let pixels: Vec<u8> = (0..width * height).flat_map(pixel).collect();
    let side = |n: usize| u32::try_from(n).unwrap();
    Png::rgba(side(width), side(height), &pixels).file()
}

/// Holds the packed tiles to the ones that were drawn, in every palette that has their colours.
fn check_read_back(fixture: &Fixture, tiles: &[Tile]) {
    assert_eq!(fixture.pack().diagnostics, []);
    let bytes = fixture.published();
    let pack = packer_format::Pack::new(&bytes).unwrap();
    let bank = pack.glyph_bank(packer_format::GlyphBankId::new(2)).unwrap();
    let declaration: serde_json::Value = serde_json::from_str(&declaration(fixture)).unwrap();
    let palettes = declaration["output"]["pipeline"]["palettes"].as_array().unwrap();
    for (n, tile) in tiles.iter().enumerate() {
        let drawn: Vec<Option<u16>> =
            tile.iter().map(|pixel| pixel.map(|[r, g, b]| rgb565(r, g, b))).collect();
        let mut shown = 0;
        for (p, declared) in palettes.iter().enumerate() {
            let palette = bank.palette(p).unwrap();
            let length = declared["palette"]["colors"].as_array().unwrap().len();
            let held = |color: u16| palette[1..length].iter().any(|held| held.0 == color);
            if drawn.iter().flatten().all(|color| held(*color)) {
                let view = bank.tile_at(n).unwrap();
                let packed =
                    view.pixels().map(|(_, _, index)| (index > 0).then(|| palette[usize::from(index)].0));
                assert_eq!(packed.collect::<Vec<_>>(), drawn, "tile {n}");
                shown += 1;
            }
        }
        assert!(shown > 0, "no palette has the colours of tile {n}");
    }
}

#[test]
fn whatever_has_15_colours_a_tile_is_clean_and_reads_back_as_it_was_drawn() {
    // Few colours, so that tiles share some, lie in each other and fit several palettes; black and
    // magenta among them, and neighbours that are one to the runtime.
    let color = select(vec![0_u8, 1, 8, 90, 91, 128, 255]);
    let pool = vec([color.clone(), color.clone(), color], 1..60);
    let tile_of = |pool: Vec<[u8; 3]>| {
        let most = pool.len().min(15);
        (subsequence(pool, 1..=most), vec(any::<Index>(), 64)).prop_map(|(colors, at)| {
            let pixel = |at: &Index| {
                let n = at.index(colors.len() * 4);
                // One in eight or so is transparent.
                (n % 8 != 7).then(|| colors[n % colors.len()])
            };
            at.iter().map(pixel).collect::<Tile>()
        })
    };
    let pictures = pool.prop_flat_map(move |pool| vec((1..4_usize, vec(tile_of(pool), 1..5)), 1..10));
    for_all(96, &pictures, |pictures| {
        let (mut files, mut all) = (Vec::new(), Vec::new());
        let names: Vec<String> = (0..pictures.len()).map(|n| format!("{n}.png")).collect();
        for ((columns, mut tiles), name) in pictures.into_iter().zip(&names) {
            tiles.truncate((tiles.len() / columns).max(1) * columns);
            let columns = columns.min(tiles.len());
            files.push((name.as_str(), sheet(8, columns, &tiles)));
            all.extend(tiles);
        }
        let (fixture, _) = created("glyph_bank", &files, Some(8));
        check_read_back(&fixture, &all);
        Ok(())
    });
}

#[test]
fn the_size_of_tiles_is_the_largest_that_divides_all_sides() {
    let title = |sides: &[u32], wished| {
        let names: Vec<String> = (0..sides.len()).map(|n| format!("{n}.png")).collect();
        let files = names.iter().zip(sides).map(|(name, side)| (name.as_str(), plain(*side)));
        title("glyph_bank", &files.collect::<Vec<_>>(), wished)
    };
    for (sides, wished, says) in [
        (&[32][..], None, "1 tile of 32x32 pixels"),
        (&[32, 64], None, "5 tiles of 32x32 pixels"),
        (&[32, 16], None, "5 tiles of 16x16 pixels"),
        (&[32, 24], None, "25 tiles of 8x8 pixels"),
        (&[32], Some(16), "4 tiles of 16x16 pixels"),
    ] {
        let title = title(sides, wished);
        assert_eq!(title, format!("create the glyph_bank `new` as asset 2: {says} in 1 palette"));
    }
}

#[test]
fn a_picture_that_is_no_whole_number_of_tiles_is_told_with_what_to_do() {
    let files = [("heart.png", plain(20)), ("star.png", plain(16))];
    let (message, help) = only("glyph_bank", &files, None);
    assert_eq!(
        message,
        "`heart.png` is 20x20 pixels; both sides of a picture must be multiples of 8, 16 or 32"
    );
    assert_eq!(help, "Extend it to 24x24 with transparent pixels, or leave it out.");
    let (message, help) = only("glyph_bank", &[("heart.png", plain(16))], Some(32));
    assert_eq!(message, "`heart.png` is 16x16 pixels; both sides of a picture are to be multiples of 32");
    assert_eq!(help, "Extend it to 32x32 with transparent pixels, or leave it out.");
    let (message, _) = only("glyph_bank", &[("heart.png", plain(16))], Some(12));
    assert_eq!(message, "the tile size 12 is not 8, 16 or 32");
}

#[test]
fn a_tile_of_more_than_15_colours_is_told_with_its_place_and_count() {
    title("glyph_bank", &[("full.png", colourful(8, 15).file())], None);
    let (message, help) = only("glyph_bank", &[("full.png", colourful(8, 16).file())], None);
    assert_eq!(message, "`full.png` has 16 colours, and a tile may have 15");
    assert!(help.ends_with("`pngquant 15 FILE...`, which writes copies named `FILE-fs8.png`."), "{help}");

    // A sheet whose left half is plain.
    let (few, many) = (vec![Some([9, 9, 9]); 64], (0..64).map(|n| Some([n * 4, 0, 0])).collect::<Tile>());
    let tiles = [few.clone(), many.clone(), few, many];
    let (message, _) = only("glyph_bank", &[("sheet.png", sheet(8, 2, &tiles))], Some(8));
    assert_eq!(
        message,
        "the 8x8 tile in column 1, row 0 of `sheet.png`, from (8, 0) on, has 32 colours, and a tile may have \
         15; 1 more tile of this picture has too many"
    );
}

#[test]
fn smaller_tiles_are_offered_where_they_have_few_enough_colours() {
    let quarter = |n: u8| (0..64).map(|i| Some([i % 8 * 8, 0, n * 60])).collect::<Tile>();
    let file = sheet(8, 2, &[quarter(0), quarter(1), quarter(2), quarter(3)]);
    let (_, help) = only("glyph_bank", &[("a.png", file.clone())], None);
    assert!(help.ends_with("`--tile-size 8`."), "{help}");
    title("glyph_bank", &[("a.png", file)], Some(8));
}

#[test]
fn soft_edges_are_named_as_a_reason_for_many_colours() {
    let mut picture = colourful(8, 16);
    picture.samples[3] = 200;
    let (_, help) = only("glyph_bank", &[("soft.png", picture.file())], None);
    assert!(help.contains("Soft edges"), "{help}");
}

#[test]
fn too_many_tiles_or_palettes_are_refused_with_numbers() {
    let names: Vec<String> = (0..65).map(|n| format!("{n}.png")).collect();
    let files: Vec<_> = names.iter().map(|name| (name.as_str(), plain(32))).collect();
    let (message, help) = only("glyph_bank", &files, None);
    assert_eq!(message, "65 tiles of 32x32 pixels are too many: a bank holds 64, reached in `64.png`");
    assert_eq!(help, "Make several banks: the first 64 files fit into one.");

    // 65 tiles of 15 colours, none of them shared.
    let tile = |n: usize| {
        let color = |i: usize| {
            let n = n * 15 + i % 15;
            Some([low_byte(n % 32 * 8), low_byte(n / 32 * 4), 128])
        };
        (0..64).map(color).collect::<Tile>()
    };
    let tiles: Vec<Tile> = (0..65).map(tile).collect();
    let (message, help) = only(
        "glyph_bank",
        &[("all.png", sheet(8, 1, &tiles[..32])), ("b.png", sheet(8, 1, &tiles[32..]))],
        Some(8),
    );
    assert_eq!(message, "the tiles need 65 palettes of 15 colours, and a bank has 64");
    assert!(help.contains("the first file fits into one"), "{help}");
    assert!(help.contains("975 colours in 65 tiles"), "{help}");
}

#[test]
fn colours_run_from_dark_to_light_and_are_written_as_they_were_drawn() {
    let mut tile = vec![None; 64];
    tile[..5].copy_from_slice(&[
        Some([255, 255, 255]),
        Some([30, 32, 33]),
        Some([200, 0, 0]),
        Some([31, 33, 34]),
        Some([0, 200, 0]),
    ]);
    let (fixture, _) = created("glyph_bank", &[("a.png", sheet(8, 1, &[tile]))], None);
    let text = declaration(&fixture);
    assert!(text.contains(r##"["#000000", "#1e2021", "#c80000", "#00c800", "#ffffff"]"##), "{text}");
}

#[test]
fn opaque_black_does_not_become_transparent() {
    let tile = |color| vec![Some(color); 64];
    let tiles = [tile([0, 0, 0]), tile([255, 0, 255]), tile([3, 2, 1])];
    let (fixture, _) = created("glyph_bank", &[("a.png", sheet(8, 1, &tiles))], Some(8));
    let text = declaration(&fixture);
    assert!(text.contains(r##"["#00ff00", "#000000", "#ff00ff"]"##), "{text}");
    check_read_back(&fixture, &tiles);
}

#[test]
fn palettes_that_cannot_be_placed_for_every_tile_are_announced() {
    // Three groups of colours that meet pairwise in a tile and stand alone in others.
    let group = |n: u8, count: u8| (0..count).map(move |i| [n * 64, i * 16, 255]).collect::<Vec<_>>();
    let (a, b, c) = (group(1, 7), group(2, 8), group(3, 7));
    let tiles = [[&a[..], &b].concat(), [&b[..], &c].concat(), [&c[..], &a].concat(), a, b, c];
    let tiles = tiles.map(|colors| (0..64).map(|n| Some(colors[n % colors.len()])).collect::<Tile>());
    let files = [("a.png", sheet(8, 1, &tiles))];
    let preview = Fixture::blobs(&["a"]).project().preview(&create("glyph_bank", &files, Some(8)), None);
    let title = preview.payload.unwrap().plan.title;
    assert!(title.ends_with("in 3 palettes; some fit several palettes with different indices"), "{title}");
}

#[test]
fn pictures_without_an_opaque_pixel_are_tiles_too() {
    let title = title("glyph_bank", &[("a.png", sheet(8, 1, &[vec![None; 64]]))], None);
    assert!(title.ends_with("1 tile of 8x8 pixels in 1 palette"), "{title}");
}

#[test]
fn every_file_that_cannot_be_taken_is_told() {
    let files = [("a.png", b"GIF89a".to_vec()), ("b.png", plain(8)), ("c.png", Vec::new())];
    let messages: Vec<_> = refused("glyph_bank", &files, None).into_iter().map(|it| it.message).collect();
    assert_eq!(messages, ["`a.png` is not a PNG file but a GIF", "`c.png` is empty"]);
    let names: Vec<String> = (0..110).map(|n| format!("{n}.png")).collect();
    let files: Vec<_> = names.iter().map(|name| (name.as_str(), Vec::new())).collect();
    let blockers = refused("glyph_bank", &files, None);
    assert_eq!(
        (blockers.len(), blockers[100].message.as_str()),
        (101, "10 more of the files cannot be taken")
    );
    assert_eq!(only("glyph_bank", &[], None).0, "no file is given");
}

#[test]
fn blobs_are_taken_as_they_are_and_have_no_tiles() {
    let files = [("x.bin", vec![1, 2, 3]), ("empty", Vec::new())];
    assert_eq!(title("blob_bank", &files, None), "create the blob_bank `new` as asset 2: 2 files");
    let (message, _) = only("blob_bank", &files, Some(8));
    assert_eq!(message, "a `blob_bank` has no tiles, and so no tile size 8");
}

#[test]
fn sounds_have_the_rate_of_their_files() {
    let sound = |rate| crate::family::derive::sound_bank::mono(rate, (0..100).map(|n| n * 50));
    let files = [("a.wav", sound(11_025)), ("b.wav", sound(11_025))];
    assert_eq!(
        title("sound_bank", &files, None),
        "create the sound_bank `new` as asset 2: 2 files at 11025 Hz"
    );
    let files = [files.as_slice(), &[("c.wav", sound(22_050)), ("d.wav", b"RIFF".to_vec())]].concat();
    let blockers = refused("sound_bank", &files, None);
    assert_eq!(blockers.len(), 2, "{blockers:#?}");
    assert_eq!(
        blockers[0].message,
        "`c.wav` has 22050 Hz, and 2 of the 4 files have 11025 Hz: a bank has one rate"
    );
    assert_eq!(
        blockers[0].help.as_deref(),
        Some("Convert it with `sox c.wav -b 16 -c 1 -r 11025 out.wav`, or make a bank of its own of it.")
    );
    assert!(blockers[1].message.starts_with("`d.wav`"), "{}", blockers[1].message);

    let files =
        [("a.wav", sound(8_000)), ("b.wav", sound(8_000)), ("c.wav", sound(9_000)), ("d.wav", sound(9_001))];
    let blockers = refused("sound_bank", &files, None);
    let helps: Vec<_> = blockers.iter().map(|blocker| blocker.help.as_deref().unwrap_or_default()).collect();
    assert_eq!(helps[0], "", "what to do is told once");
    assert!(
        helps[1].contains("for f in *.wav; do sox \"$f\" -b 16 -c 1 -r 8000 \"fit/$f\"; done"),
        "{helps:?}"
    );
}

#[test]
fn consent_is_for_the_contents_that_were_seen() {
    let fixture = Fixture::blobs(&["a"]);
    let project = fixture.project();
    let plan = |files: &[(&str, Vec<u8>)], tile| {
        project.preview(&create("glyph_bank", files, tile), None).payload.unwrap().plan
    };
    let seen = plan(&[("a.png", plain(16)), ("b.png", plain(16))], None);
    let same = plan(&[("a.png", plain(16)), ("b.png", plain(16))], None);
    assert!(seen.plan_id.same_plan(&same.plan_id));
    let blue = Png::plain(16, 16, [0, 0, 255]).file();
    for other in [
        plan(&[("a.png", plain(16)), ("b.png", blue)], None),
        plan(&[("b.png", plain(16)), ("a.png", plain(16))], None),
        plan(&[("a.png", plain(16)), ("b.png", plain(16))], Some(8)),
    ] {
        assert!(!seen.plan_id.same_plan(&other.plan_id), "{}", other.title);
    }
    let paths: Vec<&str> = seen.edits.iter().map(|edit| edit.path.as_str()).collect();
    let expected = [
        "assets/new",
        "assets/new/asset.json",
        "assets/new/a.png",
        "assets/new/b.png",
        "assets/.prometeu/index.json",
    ];
    assert_eq!(paths, expected, "the registry comes last");
}
