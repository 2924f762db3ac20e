//! Where things stand in `assets.pa`: constants and pure functions, shared by writer and readers.
//!
//! Everything is little-endian. `docs/format.md` of the repository has the same as prose, with a
//! byte table and an annotated dump.

/// The first four bytes of a pack: ASCII `PMPA`.
pub const MAGIC: [u8; 4] = *b"PMPA";

/// The version of the format that is written, and the only one that is read.
///
/// Changelog:
///
/// * 1: the first.
pub const PACK_VERSION: u32 = 1;

/// Bytes of the fixed prelude in front of the JSON header.
pub const PRELUDE_LEN: u64 = 32;

/// The longest JSON header that is written or read: 64 MiB.
///
/// 100,000 assets take about 25 MB. The bound is what a reader may be made to read and parse by a
/// file that it has no reason to trust.
pub const MAX_HEADER_LEN: u64 = 64 << 20;

/// The largest number that the header can state: 2^53 - 1, which is exact in every reader of JSON.
pub const MAX_NUMBER: u64 = (1 << 53) - 1;

/// How many containers may stand inside each other in an asset's `metadata`, its own object
/// included: those of canonical JSON less the three that `metadata` stands in.
pub const MAX_METADATA_DEPTH: usize = crate::json::MAX_DEPTH - 3;

/// How many values the `metadata` of all assets of a pack may have together, objects and arrays
/// counted like what is in them: 2,097,152, enough for half a million files in blob banks.
///
/// A value takes up to 650 bytes in memory (an object with one member does) and as few as two in the
/// file. With this bound the table of a hostile pack stays below 1.5 GB, measured on 64 bit; with the
/// length of the header alone it would be several times that.
pub const MAX_METADATA_VALUES: usize = 1 << 21;

/// The payload region starts at a multiple of this many bytes.
pub const PAGE: u64 = 4096;

/// Every payload, and every sample or blob inside one, starts at a multiple of this many bytes.
pub const ALIGNMENT: u64 = 16;

/// Payloads of this many bytes or more start at a multiple of [`PAGE`].
pub const LARGE_PAYLOAD: u64 = 64 << 10;

/// How many preload slots the runtime has for banks of type `GLYPH`.
pub const GLYPH_SLOTS: u32 = 16;

/// Pixels along each side of a glyph bank's sheet.
pub const GLYPH_SHEET: usize = 256;

/// Bytes of a glyph bank's pixel plane: two pixels a byte.
pub const GLYPH_PLANE_LEN: usize = GLYPH_SHEET * GLYPH_SHEET / 2;

/// Palettes of a glyph bank, declared or not.
pub const GLYPH_PALETTES: usize = 64;

/// Colours of each palette. Colour 0 is transparent.
pub const GLYPH_COLOURS: usize = 16;

/// Bytes of a glyph bank's payload: the plane, then the palettes with two bytes a colour.
pub const GLYPH_PAYLOAD_LEN: usize = GLYPH_PLANE_LEN + GLYPH_PALETTES * GLYPH_COLOURS * 2;

/// Bytes of a glyph bank in the runtime: one byte a pixel, and the palettes.
pub const GLYPH_DECODED_LEN: usize = GLYPH_SHEET * GLYPH_SHEET + GLYPH_PALETTES * GLYPH_COLOURS * 2;

/// The sides that the tiles of a glyph bank may have.
pub const TILE_SIZES: [usize; 3] = [8, 16, 32];

/// The sample rates that a sound bank may have, in frames a second.
pub const SAMPLE_RATES: core::ops::RangeInclusive<u32> = 8_000..=48_000;

/// The most samples of a sound bank.
pub const MAX_SAMPLES: usize = 4096;

/// The most blobs of a blob bank.
pub const MAX_BLOBS: usize = 65_536;

/// Where the payload region starts: behind prelude and header, at the next [`PAGE`].
///
/// `None` when that is no `u64`.
#[must_use]
pub const fn payload_offset(header_len: u64) -> Option<u64> {
    match header_len.checked_add(PRELUDE_LEN) {
        Some(end) => end.checked_next_multiple_of(PAGE),
        None => None,
    }
}

/// What a payload of `size` bytes is aligned to, in the region as in the file.
#[must_use]
pub const fn payload_alignment(size: u64) -> u64 {
    if size >= LARGE_PAYLOAD { PAGE } else { ALIGNMENT }
}

/// Where a payload of `size` bytes starts when the one before it ends at `end`.
///
/// `None` when that is no `u64`.
#[must_use]
pub const fn next_payload(end: u64, size: u64) -> Option<u64> {
    end.checked_next_multiple_of(payload_alignment(size))
}

/// Where a sample or blob starts in its payload when the one before it ends at `end`.
///
/// `None` when that is no `u64`.
#[must_use]
pub const fn next_artifact(end: u64) -> Option<u64> {
    end.checked_next_multiple_of(ALIGNMENT)
}

/// How many tiles of that side, one of [`TILE_SIZES`], a glyph bank holds.
///
/// # Panics
///
/// When `tile_size` is 0.
#[must_use]
pub const fn glyph_capacity(tile_size: usize) -> usize {
    let across = GLYPH_SHEET / tile_size;
    across * across
}

/// The column and row of the first pixel of a tile in the sheet, with tiles of a side out of
/// [`TILE_SIZES`].
///
/// # Panics
///
/// When `tile_size` is 0.
#[must_use]
pub const fn glyph_origin(tile_size: usize, tile: usize) -> (usize, usize) {
    let across = GLYPH_SHEET / tile_size;
    (tile % across * tile_size, tile / across * tile_size)
}

/// Which byte of the plane holds the pixel, and how far to shift it to the right for its four bits:
/// the left pixel of each pair is in the high nibble. `x` and `y` are below [`GLYPH_SHEET`].
#[must_use]
pub const fn glyph_pixel(x: usize, y: usize) -> (usize, u32) {
    ((y * GLYPH_SHEET + x) / 2, if x.is_multiple_of(2) { 4 } else { 0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_payload_region_starts_at_the_next_page_behind_the_header() {
        for (header_len, expected) in [(0, 4096), (1, 4096), (4064, 4096), (4065, 8192), (8160, 8192)] {
            assert_eq!(payload_offset(header_len), Some(expected), "{header_len}");
        }
        assert_eq!(payload_offset(u64::MAX), None);
        assert_eq!(payload_offset(u64::MAX - PRELUDE_LEN), None);
    }

    #[test]
    fn payloads_start_at_sixteen_and_from_64_kib_on_at_a_page() {
        for (end, size, expected) in
            [(0, 5, 0), (1, 5, 16), (16, 0, 16), (17, 65_535, 32), (17, 65_536, 4096), (4097, 1 << 40, 8192)]
        {
            assert_eq!(next_payload(end, size), Some(expected), "{size} bytes behind {end}");
        }
        assert_eq!(next_payload(u64::MAX, 1), None);
    }

    #[test]
    fn a_glyph_bank_has_the_sizes_that_the_runtime_asks_for() {
        assert_eq!((GLYPH_PAYLOAD_LEN, GLYPH_DECODED_LEN), (34_816, 67_584));
        assert_eq!(TILE_SIZES.map(glyph_capacity), [1024, 256, 64]);
    }

    #[test]
    fn tiles_fill_the_sheet_row_by_row_and_the_left_pixel_is_high() {
        assert_eq!(glyph_origin(16, 0), (0, 0));
        assert_eq!(glyph_origin(16, 15), (240, 0));
        assert_eq!(glyph_origin(16, 16), (0, 16));
        assert_eq!(glyph_origin(8, 1023), (248, 248));
        assert_eq!(glyph_pixel(0, 0), (0, 4));
        assert_eq!(glyph_pixel(1, 0), (0, 0));
        assert_eq!(glyph_pixel(0, 1), (128, 4));
        assert_eq!(glyph_pixel(255, 255), (GLYPH_PLANE_LEN - 1, 0));
    }
}
