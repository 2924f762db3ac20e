//! PNG files: every kind of pixel against plain arithmetic, and files that are none or are broken.

use proptest::collection::vec;
use proptest::prelude::{Just, any};

use super::png_writer::{Png, chunk, zlib};
use super::*;
use crate::family::image::{HEAD, Picture, Refusal, decode, size};

const MOST: u64 = 65_536;

/// The legal pairs of colour type and bit depth.
const KINDS: [(u8, u8); 15] = [
    (0, 1),
    (0, 2),
    (0, 4),
    (0, 8),
    (0, 16),
    (2, 8),
    (2, 16),
    (3, 1),
    (3, 2),
    (3, 4),
    (3, 8),
    (4, 8),
    (4, 16),
    (6, 8),
    (6, 16),
];

/// A picture of that kind with the samples taken from `seed` again and again.
fn picture((color, depth): (u8, u8), (width, height): (u32, u32), interlaced: bool, seed: &[u16]) -> Png {
    let mut png = Png { width, height, depth, color, interlaced, chunks: Vec::new(), samples: Vec::new() };
    let length = width as usize * height as usize * png.channels();
    let most = u16::MAX >> (16 - depth);
    png.samples = seed.iter().cycle().take(length).map(|sample| sample & most).collect();
    png
}

/// The pixels by the standard's words, channel by channel.
fn expected(png: &Png, palette: &[[u8; 3]], palette_alpha: &[u8], key: Option<&[u16]>) -> Vec<u8> {
    let most = u32::from(u16::MAX >> (16 - png.depth));
    let eight = |sample: u16| match png.depth {
        16 => u8::try_from(sample >> 8).unwrap(),
        _ => u8::try_from(u32::from(sample) * 255 / most).unwrap(),
    };
    let pixel = |samples: &[u16]| {
        let alpha = if key == Some(samples) { 0 } else { 255 };
        match (png.color, samples) {
            (3, [n]) => {
                let [r, g, b] = palette[usize::from(*n)];
                [r, g, b, palette_alpha.get(usize::from(*n)).copied().unwrap_or(255)]
            }
            (0, [gray]) => [eight(*gray), eight(*gray), eight(*gray), alpha],
            (4, [gray, alpha]) => [eight(*gray), eight(*gray), eight(*gray), eight(*alpha)],
            (2, [r, g, b]) => [eight(*r), eight(*g), eight(*b), alpha],
            (6, [r, g, b, a]) => [eight(*r), eight(*g), eight(*b), eight(*a)],
            _ => panic!("no such pixel"),
        }
    };
    png.samples.chunks(png.channels()).flat_map(pixel).collect()
}

fn trns_of(samples: &[u16]) -> Vec<u8> {
    samples.iter().flat_map(|sample| sample.to_be_bytes()).collect()
}

fn no_png(file: &[u8]) -> String {
    size(&file[..file.len().min(HEAD)]).expect_err("not a picture").what
}

fn refused(file: &[u8]) -> String {
    decode(file, MOST).expect_err("not a picture").what
}

#[test]
fn every_colour_type_depth_and_interlacing_decodes_to_its_samples() {
    let strategy =
        (0..KINDS.len(), 1..20_u32, 1..20_u32, any::<bool>(), vec(any::<u16>(), 1..100), any::<bool>());
    for_all(600, &strategy, |(kind, width, height, interlaced, seed, transparency)| {
        let mut png = picture(KINDS[kind], (width, height), interlaced, &seed);
        let (mut palette, mut palette_alpha, mut key) = (Vec::new(), Vec::new(), None);
        if png.color == 3 {
            palette = (0..1_usize << png.depth).map(|n| [n, n * 7, 255 - n].map(low_byte)).collect();
            png = png.with(b"PLTE", palette.as_flattened());
        }
        if transparency {
            match png.color {
                3 => {
                    palette_alpha = vec![0, 128];
                    png = png.with(b"tRNS", &palette_alpha);
                }
                0 | 2 => {
                    let pixel = png.samples[..png.channels()].to_vec();
                    png = png.with(b"tRNS", &trns_of(&pixel));
                    key = Some(pixel);
                }
                _ => {}
            }
        }
        let rgba = expected(&png, &palette, &palette_alpha, key.as_deref());
        let file = png.file();
        proptest::prop_assert_eq!(size(&file[..HEAD.min(file.len())]), Ok((width, height)));
        proptest::prop_assert_eq!(decode(&file, MOST), Ok(Picture { width, height, rgba }));
        Ok(())
    });
}

#[test]
fn what_the_png_crate_writes_is_read_back() {
    // Its filters and its compression; the own writer has neither.
    let rgba: Vec<u8> = (0..64 * 32 * 4).map(|n| low_byte((n * n) >> 5)).collect();
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, 64, 32);
    encoder.set_color(png::ColorType::Rgba);
    encoder.set_filter(png::Filter::Adaptive);
    encoder.write_header().unwrap().write_image_data(&rgba).unwrap();
    assert_eq!(decode(&file, MOST), Ok(Picture { width: 64, height: 32, rgba }));
}

#[test]
fn a_16_bit_transparent_colour_is_compared_at_full_depth() {
    // Both pixels have the same high byte; only the first is the transparent one.
    let png = picture((0, 16), (2, 1), false, &[0x1234, 0x1235]).with(b"tRNS", &[0x12, 0x34]);
    assert_eq!(decode(&png.file(), MOST).unwrap().rgba, [0x12, 0x12, 0x12, 0, 0x12, 0x12, 0x12, 255]);
}

#[test]
fn chunks_that_make_no_pixels_are_not_looked_at() {
    let plain = Png::plain(8, 8, [1, 2, 3]);
    let bomb = zlib(&vec![b'a'; 100_000]);
    let text = [b"Comment\0\0".as_slice(), &bomb].concat();
    // Animation with a first frame that is not the default image's size, and a broken one.
    let busy = plain
        .clone()
        .with(b"zTXt", &text)
        .with(b"iCCP", &text)
        .with(b"acTL", &[0, 0, 0, 2, 0, 0, 0, 0])
        .with(b"fcTL", &[255; 26])
        .with(b"tRNS", &[1]) // of no use beside an alpha channel
        .with(b"prVt", &[0; 5]);
    let mut file = busy.file();
    file.extend(b"whatever follows the end");
    assert_eq!(decode(&file, MOST), decode(&plain.file(), MOST));
}

#[test]
fn pixel_data_beyond_the_picture_is_ignored() {
    // The header of 8x8 pixels before the data of 4096x4096.
    let mut large = Vec::new();
    let mut encoder = png::Encoder::new(&mut large, 4096, 4096);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.write_header().unwrap().write_image_data(&vec![0; 4096 * 4096]).unwrap();
    let mut file = picture((0, 8), (8, 8), false, &[0]).file();
    file.truncate(33);
    file.extend(&large[33..]);
    assert_eq!(decode(&file, MOST).unwrap().rgba, [0, 0, 0, 255].repeat(64));
}

#[test]
fn a_picture_beyond_the_limit_is_refused_from_its_header() {
    let mut file = Png::plain(1, 1, [0; 3]).file();
    file[16..24].copy_from_slice(&[0, 0, 0x75, 0x30, 0, 0, 0x75, 0x30]);
    assert_eq!(size(&file[..HEAD]), Ok((30_000, 30_000)));
    assert_eq!(refused(&file), "is 30000x30000 pixels, more than the 65536 that fit here");
}

#[test]
fn files_of_other_kinds_are_called_by_their_name() {
    for (file, what) in [
        (b"".as_slice(), "is empty"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "is not a PNG file but a JPEG"),
        (b"GIF89a\x01\x00", "is not a PNG file but a GIF"),
        (b"RIFF\x24\x00\x00\x00WEBPVP8 ", "is not a PNG file but a WebP"),
        (b"RIFF\x24\x00\x00\x00WAVEfmt ", "is not a PNG file but a WAV, which is a sound"),
        (b"OggS\0\x02\0\0", "is not a PNG file but an Ogg, which is a sound"),
        (b"BM\x36\x00\x0c\x00", "is not a PNG file but a BMP"),
        (b"\x10\x04\x00\x00\xe0\xa5\x01\x00", "is not a PNG file but an Aseprite document"),
        (b"gimp xcf v011", "is not a PNG file but a GIMP document"),
        (
            b"PK\x03\x04\0\0\0\0",
            "is not a PNG file but a ZIP archive, as Krita and others save their documents",
        ),
        (b"II*\0\x08\0\0\0", "is not a PNG file but a TIFF"),
        (b"qoif\0\0\0\x08", "is not a PNG file but a QOI"),
        (b"\0\0\0\x20ftypavif", "is not a PNG file but an AVIF or HEIC"),
        (
            b"<svg xmlns='http://www.w3.org/2000/svg'>",
            "is not a PNG file but an SVG, which is drawn at any size and has none of its own",
        ),
        (b"<a>&amp;</a>", "is not a PNG file but text"),
        (&[0; 64], "begins with nothing but zeros"),
        (b"\x7fELF\x02\x01", "is not a PNG file but something else"),
        (b"version https://git-lfs.github.com/spec/v1\n", "is a pointer to a file that git keeps elsewhere"),
        (b"\x89PNG\n\x1a\n\0\0", "was a PNG file before something changed it as if it were text"),
        (b"\x89PNG\r\n\x1a\n\0\0", "is a damaged PNG file: it ends inside its header"),
        (
            b"\x89PNG\r\n\x1a\n\0\0\0\x04CgBIxxxxyyyyzzzz",
            "is a damaged PNG file: it does not begin with an image header",
        ),
    ] {
        assert_eq!(no_png(file), what);
        assert_eq!(refused(file), what);
    }
    let pointer = size(b"version https://git-lfs.github.com/spec/v1\n").unwrap_err();
    assert_eq!(pointer.help, "Run `git lfs pull` to fetch the picture itself.");
}

#[test]
fn damage_is_told_in_plain_words() {
    let black = || picture((3, 8), (8, 8), false, &[2]);
    let damaged =
        |file: &[u8], what: &str| assert_eq!(refused(file), format!("is a damaged PNG file: it {what}"));
    let file = Png::plain(8, 8, [9; 3]).file();

    damaged(&file[..file.len() - 1], "is cut short");
    let mut flipped = file.clone();
    flipped[60] ^= 1;
    damaged(&flipped, "does not match its checksum");
    let mut zero = file.clone();
    zero[16..20].fill(0);
    damaged(&zero, "states a width or height of 0");
    damaged(&black().file(), "has no palette for its indexed pixels");
    damaged(&black().with(b"PLTE", &[0; 6]).file(), "has a pixel of colour 2, and its palette has 2 colours");
    damaged(
        &picture((2, 8), (8, 8), false, &[2]).with(b"tRNS", &[0; 2]).file(),
        "has a `tRNS` chunk that does not fit its colour type",
    );
    let whole = Png::plain(8, 8, [9; 3]);
    let mut file = Png { height: 4, ..whole.clone() }.file();
    file[8..33].copy_from_slice(&whole.file()[8..33]);
    damaged(&file, "has fewer pixels than its header states");
    let parted = Png::plain(8, 8, [9; 3]).with(b"IDAT", &[]).with(b"tEXt", b"A\0b").file();
    damaged(&parted, "has other chunks between its pixel data");
    let unknown = Png::plain(8, 8, [9; 3]).with(b"ABCD", &[]).file();
    assert!(
        refused(&unknown).contains("cannot be decoded (Unrecognized critical chunk"),
        "{}",
        refused(&unknown)
    );
}

#[test]
fn a_single_flipped_bit_is_an_error_or_changes_no_pixel() {
    let pixels: Vec<u8> = (0..8 * 8 * 4).map(|n| low_byte(n * 37)).collect();
    let file = Png::rgba(8, 8, &pixels).with(b"tEXt", b"Author\0nobody").file();
    let whole = decode(&file, MOST);
    assert!(whole.is_ok());
    let mut refusals = 0;
    for bit in 0..file.len() * 8 {
        let mut flipped = file.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        match decode(&flipped, MOST) {
            Err(_) => refusals += 1,
            ok => assert_eq!(ok, whole, "bit {bit}"),
        }
    }
    // All but the text chunk's and the last checksum's.
    assert!(refusals > file.len() * 6, "{refusals} of {}", file.len() * 8);
}

#[test]
fn a_truncated_file_is_never_a_picture() {
    for interlaced in [false, true] {
        let file =
            picture((3, 4), (9, 9), interlaced, &[0, 1, 2]).with(b"PLTE", &[7; 9]).with(b"tRNS", &[0]).file();
        assert!(decode(&file, MOST).is_ok());
        for length in 0..file.len() {
            assert!(decode(&file[..length], MOST).is_err(), "{length} bytes");
        }
    }
}

#[test]
fn no_bytes_make_the_decoder_panic() {
    // A valid file of any kind with a few bytes replaced and its checksums made right again, so
    // that the damage gets past them.
    let edits = vec((any::<proptest::sample::Index>(), any::<u8>()), 1..6);
    let strategy = (0..KINDS.len(), any::<bool>(), edits, Just(()));
    for_all(1500, &strategy, |(kind, interlaced, edits, ())| {
        let png = picture(KINDS[kind], (9, 5), interlaced, &[0, 1, 3, 9])
            .with(b"PLTE", &[7; 30])
            .with(b"tRNS", &[0; 6]);
        let mut file = Vec::from(&png.file()[..8]);
        let whole = png.file();
        let mut rest = &whole[8..];
        let mut bodies = Vec::new();
        while let [_, _, a, b, name @ ..] = rest {
            let length = usize::from(*a) << 8 | usize::from(*b);
            bodies.push((<[u8; 4]>::try_from(&name[..4]).unwrap(), name[4..4 + length].to_vec()));
            rest = &rest[length + 12..];
        }
        let total: usize = bodies.iter().map(|(_, body)| body.len()).sum();
        for (at, byte) in edits {
            let mut at = at.index(total);
            for (_, body) in &mut bodies {
                if at < body.len() {
                    body[at] = byte;
                    break;
                }
                at -= body.len();
            }
        }
        for (name, body) in bodies {
            chunk(&mut file, &name, &body);
        }
        let answer: Result<Picture, Refusal> = decode(&file, MOST);
        if let Ok(picture) = answer {
            proptest::prop_assert_eq!(picture.rgba.len(), (picture.width * picture.height * 4) as usize);
        }
        Ok(())
    });
}
