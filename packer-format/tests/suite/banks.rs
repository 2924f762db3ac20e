//! Views of payloads, and every way in which metadata may not fit them.

use packer_format::json::{Object, Value};
use packer_format::{
    AssetId, BankError, BlobBank, BlobBankId, Entry, GlyphBank, GlyphBankId, Header, PlannedAsset, Rgb565,
    SoundBank, SoundBankId, layout,
};

use crate::sample::{blob, object, opaque};

const GLYPHS: GlyphBankId = GlyphBankId::new(1);
const SOUNDS: SoundBankId = SoundBankId::new(2);
const BLOBS: BlobBankId = BlobBankId::new(3);

fn glyph_metadata(tile_size: i64) -> Object {
    object([
        ("height", Value::from(256)),
        ("palette_authored", Value::from(2)),
        ("palette_count", Value::from(64)),
        ("tile_size", Value::from(tile_size)),
        ("width", Value::from(256)),
    ])
}

fn glyphs(metadata: Object) -> PlannedAsset {
    let (size, decoded_size) = (layout::GLYPH_PAYLOAD_LEN as u64, layout::GLYPH_DECODED_LEN as u64);
    PlannedAsset { bank_type: "GLYPH".into(), size, decoded_size, metadata, ..opaque(1, size) }
}

/// Two samples: three frames of which the last two loop, and one frame.
fn sounds() -> PlannedAsset {
    let sample = |offset: i64, length: i64| object([("length", length.into()), ("offset", offset.into())]);
    let mut looped = sample(0, 6);
    looped.extend(object([("loop_start", Value::from(1)), ("loop_end", Value::from(2))]));
    let samples = object([("0", Value::from(looped)), ("1", Value::from(sample(16, 2)))]);
    let metadata =
        object([("channels", 1.into()), ("sample_rate", 22_050.into()), ("samples", samples.into())]);
    PlannedAsset { bank_type: "SOUNDS".into(), metadata, ..opaque(2, 18) }
}

fn sounds_payload() -> Vec<u8> {
    let mut payload = vec![0; 18];
    payload[..6].copy_from_slice(&[0x01, 0x00, 0xff, 0xff, 0x00, 0x80]);
    payload[16..].copy_from_slice(&[0xff, 0x7f]);
    payload
}

fn entry(asset: PlannedAsset) -> Entry {
    Header::plan([asset]).unwrap().entries()[0].clone()
}

/// Sets the member at `path` of `metadata`, or takes it away.
fn set(metadata: &mut Object, path: &[&str], value: Option<Value>) {
    let [key, rest @ ..] = path else { panic!("a path has a member") };
    match (rest, metadata.get_mut(key)) {
        ([], _) => drop(match value {
            Some(value) => metadata.insert((*key).into(), value),
            None => metadata.remove(key),
        }),
        (_, Some(Value::Object(inner))) => set(inner, rest, value),
        _ => panic!("no object at {key}"),
    }
}

#[test]
fn a_tile_is_read_row_by_row_with_the_left_pixel_in_the_high_nibble() {
    let mut payload = vec![0; layout::GLYPH_PAYLOAD_LEN];
    // Tile 33 of a sheet of 32 tiles a row stands at column 8, row 8.
    payload[8 * 128 + 4] = 0x1f;
    payload[15 * 128 + 7] = 0xa2;
    let bank = GlyphBank::new(&entry(glyphs(glyph_metadata(8))), payload.as_slice()).unwrap();
    assert_eq!((bank.tile_size(), bank.capacity(), bank.palettes_authored()), (8, 1024, 2));
    let tile = bank.tile(GLYPHS.tile(32).nth(1)).unwrap();
    assert_eq!(
        (tile.get(0, 0), tile.get(1, 0), tile.get(6, 7), tile.get(7, 7)),
        (Some(1), Some(15), Some(10), Some(2))
    );
    assert_eq!((tile.get(8, 0), tile.get(0, 8), tile.get(usize::MAX, 0)), (None, None, None));
    let pixels: Vec<_> = tile.pixels().filter(|(_, _, colour)| *colour != 0).collect();
    assert_eq!(pixels, [(0, 0, 1), (1, 0, 15), (6, 7, 10), (7, 7, 2)]);
    assert_eq!(tile.pixels().count(), 64);
    assert!(format!("{tile:?}").starts_with("1f......\n"));
    assert_eq!(bank.tile_at(0).unwrap().pixels().map(|(_, _, colour)| u32::from(colour)).sum::<u32>(), 0);
}

#[test]
fn a_palette_is_read_as_little_endian_rgb565_and_colour_0_is_transparent() {
    let mut payload = vec![0; layout::GLYPH_PAYLOAD_LEN];
    payload[0] = 0x01;
    let red = layout::GLYPH_PLANE_LEN + (63 * 16 + 1) * 2;
    payload[red..red + 2].copy_from_slice(&[0x00, 0xf8]);
    let bank = GlyphBank::new(&entry(glyphs(glyph_metadata(16))), payload).unwrap();
    let palette = bank.palette(63).unwrap();
    assert_eq!((palette[0], palette[1]), (Rgb565(0), Rgb565(0xf800)));
    let rgba: Vec<_> = bank.tile_at(0).unwrap().rgba(&palette).take(2).collect();
    assert_eq!(rgba, [[0, 0, 0, 0], [255, 0, 0, 255]]);
    assert!(matches!(
        bank.palette(64),
        Err(BankError::Artifact { what: "palette", index: 64, count: 64, .. })
    ));
}

#[test]
fn every_colour_of_16_bits_survives_the_way_through_24() {
    for bits in 0..=u16::MAX {
        assert_eq!(Rgb565::from_rgb888(Rgb565(bits).to_rgb888()), Rgb565(bits));
    }
    assert_eq!(Rgb565::from_rgb888([255, 0, 77]), Rgb565(0xf809));
    assert_eq!(Rgb565(0xffff).to_rgb888(), [255; 3]);
}

#[test]
fn a_sample_has_its_frames_its_rate_and_its_loop() {
    let bank = SoundBank::new(&entry(sounds()), sounds_payload()).unwrap();
    assert_eq!((bank.count(), bank.sample_rate()), (2, 22_050));
    let first = bank.sample(SOUNDS.sample(0)).unwrap();
    assert_eq!(first.frames().collect::<Vec<_>>(), [1, -1, i16::MIN]);
    assert_eq!((first.frame(2), first.frame(3), first.frame_count()), (Some(i16::MIN), None, 3));
    assert_eq!((first.loop_start(), first.loop_end()), (Some(1), Some(2)));
    let second = bank.sample_at(1).unwrap();
    assert_eq!(second.frames().collect::<Vec<_>>(), [i16::MAX]);
    assert_eq!((second.loop_start(), second.loop_end(), second.sample_rate()), (None, None, 22_050));
}

#[test]
fn a_blob_has_its_bytes_and_the_name_of_its_file() {
    let bank = BlobBank::new(&entry(blob(3, "levels", "maps/one.tmx", b"<map/>")), &b"<map/>"[..]).unwrap();
    let map = bank.blob(BLOBS.blob(0)).unwrap();
    assert_eq!((map.name(), map.bytes(), bank.count()), ("maps/one.tmx", &b"<map/>"[..], 1));
}

#[test]
fn empty_blobs_have_their_place_too() {
    let blobs = |places: &[(i64, i64)]| {
        let blob = |(offset, length): (i64, i64)| {
            object([("length", length.into()), ("name", "n".into()), ("offset", offset.into())])
        };
        let all = places.iter().enumerate().map(|(i, place)| (i.to_string(), Value::from(blob(*place))));
        let (offset, length) = places.last().unwrap();
        let metadata = object([("blobs", Value::from(all.collect::<Object>()))]);
        PlannedAsset { metadata, bank_type: "BLOB".into(), ..opaque(3, (offset + length).unsigned_abs()) }
    };
    let check =
        |places: &[(i64, i64)]| BlobBank::new(&entry(blobs(places)), vec![7; 32].as_slice()).map(drop);
    let read = |places: &[(i64, i64)], len: usize| {
        let bank = BlobBank::new(&entry(blobs(places)), vec![7; len]).unwrap();
        (0..bank.count()).map(|i| bank.blob_at(i).unwrap().bytes().len()).collect::<Vec<_>>()
    };
    assert_eq!(read(&[(0, 5), (16, 0), (16, 2)], 18), [5, 0, 2]);
    assert_eq!(read(&[(0, 5), (16, 0)], 16), [5, 0]);
    // As keys, `10` sorts before `2`; as indices it does not.
    let eleven: Vec<(i64, i64)> = (0..11).map(|i| (i * 16, i + 1)).collect();
    assert_eq!(read(&eleven, 171), (1..=11).collect::<Vec<_>>());
    assert!(check(&[(0, 5), (5, 27)]).is_err());
}

#[test]
fn an_artifact_past_the_last_or_of_another_bank_is_an_error() {
    let payload = vec![0; layout::GLYPH_PAYLOAD_LEN];
    let glyphs = GlyphBank::new(&entry(glyphs(glyph_metadata(32))), payload).unwrap();
    assert!(glyphs.tile_at(63).is_ok());
    assert!(matches!(
        glyphs.tile(GLYPHS.tile(64)),
        Err(BankError::Artifact { what: "tile", index: 64, count: 64, .. })
    ));
    let owner = AssetId::new(9);
    assert!(matches!(
        glyphs.tile(GlyphBankId::from(owner).tile(0)),
        Err(BankError::OtherBank { owner: found, .. }) if found == owner
    ));
    let sounds = SoundBank::new(&entry(sounds()), sounds_payload()).unwrap();
    assert!(matches!(sounds.sample_at(2), Err(BankError::Artifact { what: "sample", count: 2, .. })));
    assert!(matches!(sounds.sample(SoundBankId::new(9).sample(0)), Err(BankError::OtherBank { .. })));
    let blobs = BlobBank::new(&entry(blob(3, "b", "b", b"")), &b""[..]).unwrap();
    assert_eq!(blobs.blob_at(0).unwrap().bytes(), b"");
    assert!(matches!(blobs.blob_at(usize::MAX), Err(BankError::Artifact { what: "blob", .. })));
    assert!(matches!(blobs.blob(BlobBankId::new(9).blob(0)), Err(BankError::OtherBank { .. })));
}

#[test]
fn a_bank_of_another_kind_is_refused_by_name() {
    let error = GlyphBank::new(&entry(blob(3, "intro", "i", b"x")), &b"x"[..]).unwrap_err();
    let message = "asset 3 `intro` is a `BLOB` bank and not a `GLYPH` bank; ask for it as what it is";
    assert_eq!(error.to_string(), message);
    let kind = |found: Result<(), BankError>| assert!(matches!(found, Err(BankError::Kind { .. })));
    kind(SoundBank::new(&entry(blob(3, "b", "b", b"x")), &b"x"[..]).map(drop));
    kind(BlobBank::new(&entry(sounds()), sounds_payload()).map(drop));
}

#[test]
fn a_payload_of_another_length_is_refused() {
    let size = |found: Result<(), BankError>| assert!(matches!(found, Err(BankError::Size { .. })));
    size(BlobBank::new(&entry(blob(3, "b", "b", b"xy")), &b"x"[..]).map(drop));
    size(SoundBank::new(&entry(sounds()), vec![0; 19]).map(drop));
    size(GlyphBank::new(&entry(glyphs(glyph_metadata(8))), vec![0; 34_815]).map(drop));
    let short = PlannedAsset { size: 10, ..glyphs(glyph_metadata(8)) };
    size(GlyphBank::new(&entry(short), vec![0; 10]).map(drop));
    let small = PlannedAsset { decoded_size: 34_816, ..glyphs(glyph_metadata(8)) };
    size(GlyphBank::new(&entry(small), vec![0; 34_816]).map(drop));
    size(SoundBank::new(&entry(PlannedAsset { decoded_size: 17, ..sounds() }), sounds_payload()).map(drop));
}

#[test]
fn glyph_metadata_that_does_not_fit_is_refused() {
    let text = |text: &str| Some(Value::from(text));
    let cases = [
        ("tile_size", Some(12.into())),
        ("tile_size", Some(0.into())),
        ("tile_size", Some(Value::from(-8))),
        ("tile_size", text("8")),
        ("tile_size", None),
        ("width", Some(255.into())),
        ("height", None),
        ("palette_count", Some(63.into())),
        ("palette_authored", Some(65.into())),
        ("palette_authored", Some(0.into())),
        ("palette_authored", Some(Value::Null)),
    ];
    for (member, value) in cases {
        let mut metadata = glyph_metadata(8);
        set(&mut metadata, &[member], value.clone());
        let bank = GlyphBank::new(&entry(glyphs(metadata)), vec![0; layout::GLYPH_PAYLOAD_LEN]);
        let Err(BankError::Metadata { problem, .. }) = bank else { panic!("{member} {value:?}") };
        assert!(problem.contains(member), "{problem}");
    }
}

#[test]
fn sound_metadata_that_does_not_fit_is_refused() {
    let cases: [(&[&str], Option<Value>); 18] = [
        (&["channels"], Some(2.into())),
        (&["sample_rate"], Some(7_999.into())),
        (&["sample_rate"], Some(48_001.into())),
        (&["samples"], None),
        (&["samples"], Some(Value::Array(Vec::new()))),
        (&["samples"], Some(Object::new().into())),
        (&["samples", "1"], None),
        (&["samples", "0"], None),
        (&["samples", "2"], Some(Object::new().into())),
        (&["samples", "01"], Some(Object::new().into())),
        (&["samples", "1", "offset"], Some(6.into())),
        (&["samples", "1", "offset"], Some(Value::Int(i64::MAX >> 10))),
        (&["samples", "1", "length"], Some(4.into())),
        (&["samples", "1", "length"], Some(0.into())),
        (&["samples", "0", "length"], Some(5.into())),
        (&["samples", "0", "loop_start"], None),
        (&["samples", "0", "loop_start"], Some(3.into())),
        (&["samples", "0", "loop_end"], Some(3.into())),
    ];
    for (path, value) in cases {
        let mut asset = sounds();
        set(&mut asset.metadata, path, value.clone());
        let bank = SoundBank::new(&entry(asset), sounds_payload());
        assert!(matches!(bank, Err(BankError::Metadata { .. })), "{path:?} {value:?}: {bank:?}");
    }
}

#[test]
fn blob_metadata_that_does_not_fit_is_refused() {
    let cases: [(&[&str], Option<Value>); 5] = [
        (&["blobs"], None),
        (&["blobs", "0", "name"], None),
        (&["blobs", "0", "name"], Some(1.into())),
        (&["blobs", "0", "offset"], Some(1.into())),
        (&["blobs", "0", "length"], Some(2.into())),
    ];
    for (path, value) in cases {
        let mut asset = blob(3, "b", "b", b"x");
        set(&mut asset.metadata, path, value.clone());
        let bank = BlobBank::new(&entry(asset), &b"x"[..]);
        assert!(matches!(bank, Err(BankError::Metadata { .. })), "{path:?} {value:?}: {bank:?}");
    }
}

#[test]
fn what_the_author_adds_to_metadata_is_left_alone() {
    let mut asset = sounds();
    asset
        .metadata
        .extend(object([("mood", "calm".into()), ("codec", object([("parity", 10.into())]).into())]));
    assert!(SoundBank::new(&entry(asset), sounds_payload()).is_ok());
}
