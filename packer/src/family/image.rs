//! PNG files as pixels: 8 bits each of red, green, blue and alpha.
//!
//! Every colour type, bit depth and interlacing of the standard is read; 16-bit samples are reduced
//! to their high byte, after `tRNS` was compared at full depth. Of an animated PNG it is the default
//! image. Colour profiles and gamma are not applied: a palette's `#rrggbb` means the stored sample.
//!
//! A file is a stranger's. Sizes are checked in the header before memory is taken by them, and the
//! decoder is shown only the chunks that make pixels: no text or profile is ever unpacked. No file
//! makes this module panic; a refusal says what the file is and what to do.

use std::io::Cursor;

use png::{ColorType, Decoder, DecodingError, Info, Limits, Transformations};

/// How much of a file [`size`] wants to see.
pub(super) const HEAD: usize = 64;

/// The first bytes of every PNG file.
const SIGNATURE: &[u8; 8] = b"\x89PNG\r\n\x1a\n";
/// What the decoder may take for its own needs, in bytes: a row, a palette.
const DECODER_MEMORY: usize = 1 << 20;

/// A decoded picture.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Picture {
    /// In pixels, at least 1.
    pub(super) width: u32,
    /// In pixels, at least 1.
    pub(super) height: u32,
    /// Row by row from the top left, four bytes a pixel: red, green, blue, alpha.
    pub(super) rgba: Vec<u8>,
}

/// Why a file is no picture.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    /// What follows the file's name: `is empty`.
    pub(super) what: String,
    /// What to do: one or two sentences.
    pub(super) help: String,
}

/// Width and height as the header states them, from the first [`HEAD`] bytes.
pub(super) fn size(head: &[u8]) -> Result<(u32, u32), Refusal> {
    if !head.starts_with(SIGNATURE) {
        return Err(not_a_png(head));
    }
    let Some((&header, _)) = head[SIGNATURE.len()..].split_first_chunk::<16>() else {
        return Err(damaged("ends inside its header"));
    };
    if header[..8] != *b"\0\0\0\x0dIHDR" {
        return Err(damaged("does not begin with an image header"));
    }
    let [.., a, b, c, d, e, f, g, h] = header;
    match (big_endian([a, b, c, d]), big_endian([e, f, g, h])) {
        (0, _) | (_, 0) => Err(damaged("states a width or height of 0")),
        sides => Ok(sides),
    }
}

/// Decodes a picture of at most `most` pixels.
pub(super) fn decode(file: &[u8], most: u64) -> Result<Picture, Refusal> {
    let (width, height) = size(file)?;
    if u64::from(width) * u64::from(height) > most {
        return Err(Refusal {
            what: format!("is {width}x{height} pixels, more than the {most} that fit here"),
            help: "Crop the picture or split it.".to_owned(),
        });
    }
    let chunks = pixel_chunks(file)?;
    let mut decoder = Decoder::new_with_limits(Cursor::new(&chunks.bytes), Limits { bytes: DECODER_MEMORY });
    decoder.set_transformations(Transformations::IDENTITY);
    let mut reader = decoder.read_info().map_err(|error| broken(&error))?;
    if chunks.transparency && reader.info().trns.is_none() {
        return Err(damaged("has a `tRNS` chunk that does not fit its colour type"));
    }
    let length = reader.output_buffer_size().ok_or_else(|| broken(&DecodingError::LimitsExceeded))?;
    let mut samples = vec![0; length];
    reader.next_frame(&mut samples).map_err(|error| broken(&error))?;
    Ok(Picture { width, height, rgba: to_rgba(reader.info(), samples)? })
}

/// A PNG file without the chunks that do not make pixels.
struct PixelChunks {
    bytes: Vec<u8>,
    /// Whether there is a `tRNS` chunk among them.
    transparency: bool,
}

/// Walks the chunks of a file up to `IEND`; what follows that is not looked at.
fn pixel_chunks(file: &[u8]) -> Result<PixelChunks, Refusal> {
    let mut kept = PixelChunks { bytes: SIGNATURE.to_vec(), transparency: false };
    let mut rest = file.get(SIGNATURE.len()..).unwrap_or_default();
    // The colour types with alpha have no use for `tRNS`; some editors leave one behind.
    let has_alpha = file.get(25).is_some_and(|color_type| color_type & 4 != 0);
    let (mut data_begun, mut data_ended) = (false, false);
    loop {
        let cut_short = || damaged("is cut short");
        let (&[a, b, c, d, ref name @ ..], _) = rest.split_first_chunk::<8>().ok_or_else(cut_short)?;
        let length = usize::try_from(big_endian([a, b, c, d])).map_err(|_| cut_short())?;
        // Length, name, data and checksum.
        let (chunk, after) =
            length.checked_add(12).and_then(|n| rest.split_at_checked(n)).ok_or_else(cut_short)?;
        rest = after;
        let data = name == b"IDAT";
        if data && data_ended {
            return Err(damaged("has other chunks between its pixel data"));
        }
        data_begun |= data;
        data_ended = data_begun && !data;
        // A name in capitals from the start is a chunk that no reader may skip.
        let transparency = name == b"tRNS" && !has_alpha;
        if name[0].is_ascii_uppercase() || transparency {
            kept.bytes.extend_from_slice(chunk);
            kept.transparency |= transparency;
        }
        if name == b"IEND" {
            return Ok(kept);
        }
    }
}

/// Samples as they are stored, to 8 bits each of red, green, blue and alpha.
fn to_rgba(info: &Info<'_>, samples: Vec<u8>) -> Result<Vec<u8>, Refusal> {
    let depth = info.bit_depth as usize;
    let (width, height) = (info.width as usize, info.height as usize);
    let bytes = if depth == 16 { 2 } else { 1 };
    let pixel = info.color_type.samples() * bytes;
    let transparent = info.trns.as_deref().unwrap_or_default();
    if info.color_type == ColorType::Rgba && depth == 8 {
        return Ok(samples);
    }

    let mut rgba = Vec::with_capacity(width * height * 4);
    if depth < 8 {
        // Grayscale or indexed, several pixels a byte, each row from a whole byte.
        let row = (width * depth).div_ceil(8);
        let unpacked: Vec<u8> = samples.chunks_exact(row).flat_map(|row| unpack(row, depth, width)).collect();
        if info.color_type == ColorType::Indexed {
            indexed(&unpacked, info, &mut rgba)?;
        } else {
            let full = (1_u16 << depth) - 1; // all bits set: white
            let key = transparent.first().map(|key| u16::from(*key) & full);
            for level in unpacked.into_iter().map(u16::from) {
                let gray = u8::try_from(level * 255 / full).expect("a level is at most `full`");
                rgba.extend([gray, gray, gray, if key == Some(level) { 0 } else { 255 }]);
            }
        }
        return Ok(rgba);
    }
    match info.color_type {
        ColorType::Indexed => indexed(&samples, info, &mut rgba)?,
        ColorType::Grayscale => {
            let key = transparent.get(..pixel);
            for sample in samples.chunks_exact(pixel) {
                let gray = sample[0];
                rgba.extend([gray, gray, gray, if key == Some(sample) { 0 } else { 255 }]);
            }
        }
        ColorType::GrayscaleAlpha => {
            for sample in samples.chunks_exact(pixel) {
                let (gray, alpha) = (sample[0], sample[bytes]);
                rgba.extend([gray, gray, gray, alpha]);
            }
        }
        ColorType::Rgb => {
            let key = transparent.get(..pixel);
            for sample in samples.chunks_exact(pixel) {
                let alpha = if key == Some(sample) { 0 } else { 255 };
                rgba.extend([sample[0], sample[bytes], sample[2 * bytes], alpha]);
            }
        }
        ColorType::Rgba => {
            for sample in samples.chunks_exact(pixel) {
                rgba.extend([sample[0], sample[bytes], sample[2 * bytes], sample[3 * bytes]]);
            }
        }
    }
    Ok(rgba)
}

/// The `width` samples of `depth` bits in a packed row, the first in the highest bits.
fn unpack(row: &[u8], depth: usize, width: usize) -> impl Iterator<Item = u8> + '_ {
    let mask = (1_u8 << depth) - 1;
    (0..width).map(move |x| {
        let bit = x * depth;
        row[bit / 8] >> (8 - depth - bit % 8) & mask
    })
}

fn indexed(samples: &[u8], info: &Info<'_>, rgba: &mut Vec<u8>) -> Result<(), Refusal> {
    let palette = info.palette.as_deref().ok_or_else(|| damaged("has no palette for its indexed pixels"))?;
    let alpha = info.trns.as_deref().unwrap_or_default();
    let mut colors: Vec<[u8; 4]> = Vec::with_capacity(256);
    for (n, rgb) in palette.chunks_exact(3).enumerate() {
        colors.push([rgb[0], rgb[1], rgb[2], alpha.get(n).copied().unwrap_or(255)]);
    }
    for index in samples {
        match colors.get(usize::from(*index)) {
            Some(color) => rgba.extend(color),
            None => {
                let entries = colors.len();
                return Err(damaged(&format!(
                    "has a pixel of colour {index}, and its palette has {entries} colours"
                )));
            }
        }
    }
    Ok(())
}

#[expect(clippy::big_endian_bytes, reason = "PNG is big-endian on every host")]
fn big_endian(bytes: [u8; 4]) -> u32 {
    u32::from_be_bytes(bytes)
}

/// What to say of a PNG file that breaks the standard.
fn damaged(what: &str) -> Refusal {
    Refusal {
        what: format!("is a damaged PNG file: it {what}"),
        help: "Export the picture again from the program that made it.".to_owned(),
    }
}

/// The decoder's reasons, in plain words.
fn broken(error: &DecodingError) -> Refusal {
    if matches!(error, DecodingError::LimitsExceeded) {
        return damaged("asks for more memory than its pixels need");
    }
    let text = error.to_string();
    if text.starts_with("CRC error") {
        return damaged("does not match its checksum");
    }
    if text.starts_with("IDAT or fDAT") || text.starts_with("unexpected end") {
        return damaged("has fewer pixels than its header states");
    }
    damaged(&format!("cannot be decoded ({})", text.trim_end_matches('.')))
}

/// What the file looks like instead.
fn not_a_png(head: &[u8]) -> Refusal {
    let convert = "Export it as PNG; another ending of its name does not convert a file.";
    let looks =
        |what: &str| Refusal { what: format!("is not a PNG file but {what}"), help: convert.to_owned() };
    match head {
        [] => Refusal {
            what: "is empty".to_owned(),
            help: "Export the picture again; a full disk or a broken copy leaves such files.".to_owned(),
        },
        _ if head.starts_with(b"version https://git-lfs") => Refusal {
            what: "is a pointer to a file that git keeps elsewhere".to_owned(),
            help: "Run `git lfs pull` to fetch the picture itself.".to_owned(),
        },
        _ if head.starts_with(b"<<<<<<< ") => Refusal {
            what: "holds conflict markers of a version-control merge".to_owned(),
            help: "Restore one side of the merge, for instance with `git checkout --ours` or `--theirs`."
                .to_owned(),
        },
        // The signature has both line endings so that this shows.
        _ if head.starts_with(b"\x89PNG") || head.starts_with(b"\xef\xbf\xbdPNG") => Refusal {
            what: "was a PNG file before something changed it as if it were text".to_owned(),
            help: "Restore it from its source, and add the line `*.png binary` to `.gitattributes`."
                .to_owned(),
        },
        [0xff, 0xd8, 0xff, ..] => looks("a JPEG"),
        [b'G', b'I', b'F', b'8', ..] => looks("a GIF"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => looks("a WebP"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'A', b'V', b'E', ..] => looks("a WAV, which is a sound"),
        [b'O', b'g', b'g', b'S', ..] => looks("an Ogg, which is a sound"),
        [b'B', b'M', ..] => looks("a BMP"),
        [b'8', b'B', b'P', b'S', ..] => looks("a Photoshop document"),
        [_, _, _, _, 0xe0, 0xa5, ..] => looks("an Aseprite document"),
        _ if head.starts_with(b"gimp xcf") => looks("a GIMP document"),
        [b'P', b'K', 3, 4, ..] => looks("a ZIP archive, as Krita and others save their documents"),
        _ if head.starts_with(b"II*\0") || head.starts_with(b"MM\0*") => looks("a TIFF"),
        [b'q', b'o', b'i', b'f', ..] => looks("a QOI"),
        [_, _, _, _, b'f', b't', b'y', b'p', b'a' | b'h' | b'm', ..] => looks("an AVIF or HEIC"),
        _ if is_svg(head) => looks("an SVG, which is drawn at any size and has none of its own"),
        // Blocks that were promised to a file and never written.
        _ if head.iter().all(|byte| *byte == 0) => Refusal {
            what: "begins with nothing but zeros".to_owned(),
            help: "Export the picture again; a power cut or a broken copy leaves such files.".to_owned(),
        },
        _ if head.iter().all(|byte| matches!(byte, b'\t' | b'\n' | b'\r' | b' '..=b'~')) => looks("text"),
        _ => looks("something else"),
    }
}

/// Whether a text is an SVG document, with or without a declaration of XML before it.
fn is_svg(head: &[u8]) -> bool {
    let text = head.trim_ascii_start();
    text.starts_with(b"<svg") || text.starts_with(b"<?xml") || text.starts_with(b"<!--")
}
