//! The page about the format, held against the code.

use packer_format::{Pack, layout};

use crate::sample::example;

const PAGE: &str = include_str!("../../../docs/format.md");

/// The bytes of the page's dump: each line an offset, two spaces, bytes, and a note from a fixed
/// column on; `*` for zeros up to the next offset.
fn dump() -> Vec<u8> {
    let (_, dump) = PAGE.split_once("```hexdump\n").unwrap();
    let (dump, _) = dump.split_once("\n```").unwrap();
    let mut bytes = Vec::new();
    let mut skipped = false;
    for line in dump.lines() {
        if line == "*" {
            skipped = true;
            continue;
        }
        let offset = usize::from_str_radix(&line[..8], 16).unwrap();
        assert!(skipped || offset == bytes.len(), "a part is missing before: {line}");
        bytes.resize(offset, 0);
        skipped = false;
        let columns = line.get(10..58).unwrap_or_default();
        bytes.extend(columns.split_whitespace().map(|byte| u8::from_str_radix(byte, 16).unwrap()));
    }
    bytes
}

#[test]
fn the_dump_on_the_page_is_what_the_writer_writes() {
    let (header, bytes) = example();
    assert_eq!(dump(), bytes);
    assert_eq!(Pack::new(&dump()).unwrap().header(), &header);
}

#[test]
fn the_figures_on_the_page_are_those_of_the_code() {
    let grouped = |n: usize| {
        let digits = n.to_string();
        let parts: Vec<&str> =
            digits.as_bytes().rchunks(3).rev().map(|p| str::from_utf8(p).unwrap()).collect();
        parts.join(",")
    };
    let [small, middle, large] = layout::TILE_SIZES.map(layout::glyph_capacity);
    for figure in [
        format!("at most {} (64 MiB)", grouped(usize::try_from(layout::MAX_HEADER_LEN).unwrap())),
        format!("rounded up to a multiple of {} **", layout::PAGE),
        format!("`schema_version` | {} ", layout::PACK_VERSION),
        format!(
            "{} bytes for payloads of {} bytes or more",
            layout::PAGE,
            grouped(usize::try_from(layout::LARGE_PAYLOAD).unwrap())
        ),
        format!("at most {} arrays and objects", packer_format::json::MAX_DEPTH),
        format!("has at most {} values", grouped(layout::MAX_METADATA_VALUES)),
        format!("has {} slots for `GLYPH`", layout::GLYPH_SLOTS),
        format!("| 0 | {} | the sheet", grouped(layout::GLYPH_PLANE_LEN)),
        format!("`size` is {} and", grouped(layout::GLYPH_PAYLOAD_LEN)),
        format!("`decoded_size` {},", grouped(layout::GLYPH_DECODED_LEN)),
        format!("room for {small}, {middle} or {large} tiles"),
        format!("1 … {} members whose keys are the indices in decimal, `", layout::MAX_SAMPLES),
        format!("1 … {} members whose keys are the indices in decimal; ", layout::MAX_BLOBS),
        format!("{} … {}, and `samples`", layout::SAMPLE_RATES.start(), layout::SAMPLE_RATES.end()),
    ] {
        assert!(PAGE.contains(&figure), "the page does not say: {figure}");
    }
}
