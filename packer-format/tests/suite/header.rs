//! The plan of a pack, and the reader's first layer with every rule broken once.

use crate::sample::{example, object, opaque, pack};
use packer_format::json::{ErrorKind, MAX_INT, Unwritable, Value};
use packer_format::{AssetId, FormatError, Header, PlanError, PlannedAsset, layout};

const PRELUDE: usize = 32;

fn preloaded(id: u32, bank_type: &str) -> PlannedAsset {
    PlannedAsset { preload: true, bank_type: bank_type.into(), ..opaque(id, 1) }
}

/// A file whose JSON is `json`, with prelude and padding to fit, and `payload` bytes behind it.
fn file(json: &str, payload: usize) -> Vec<u8> {
    let region = layout::payload_offset(json.len() as u64).unwrap();
    let mut bytes = Vec::from(layout::MAGIC);
    bytes.extend(layout::PACK_VERSION.to_le_bytes());
    bytes.extend((json.len() as u64).to_le_bytes());
    bytes.extend(region.to_le_bytes());
    bytes.extend([0; 8]);
    bytes.extend(json.as_bytes());
    bytes.resize(usize::try_from(region).unwrap() + payload, 0);
    bytes
}

fn read(bytes: &[u8]) -> Result<Header, FormatError> {
    Header::read(bytes, bytes.len() as u64)
}

/// The JSON of the example with `from` replaced must be refused as `check` says.
#[track_caller]
fn refuse(from: &str, to: &str, check: impl Fn(&FormatError) -> bool) {
    let (header, _) = example();
    let text =
        format!(r#"{{"asset_table":{},"preload":{}}}"#, header.asset_table_json(), header.preload_json());
    assert!(text.contains(from), "{from} is not in {text}");
    let error = read(&file(&text.replacen(from, to, 1), 13)).expect_err(to);
    assert!(check(&error), "{to}: {error:?}");
    assert!(error.to_string().is_ascii());
}

fn member(name: &'static str) -> impl Fn(&FormatError) -> bool {
    move |error| matches!(error, FormatError::Value { member, .. } if *member == name)
}

#[test]
fn assets_in_any_order_give_one_layout() {
    let assets = [opaque(9, 3), opaque(2, 70_000), opaque(5, 17), opaque(7, 0)];
    let header = Header::plan(assets.clone()).unwrap();
    let places: Vec<_> = header.entries().iter().map(|e| (e.asset_id.get(), e.offset, e.size)).collect();
    assert_eq!(places, [(2, 0, 70_000), (5, 70_000, 17), (7, 70_032, 0), (9, 70_032, 3)]);
    assert_eq!(header.file_len(), 4096 + 70_035);
    assert_eq!(header.gaps().next(), Some(4096 + 70_017..4096 + 70_032));
    assert_eq!(header.gaps().count(), 1);
    let mut other = assets;
    other.reverse();
    assert_eq!(Header::plan(other).unwrap(), header);
}

#[test]
fn slots_count_for_each_kind_of_bank_by_increasing_id() {
    let assets = [preloaded(4, "GLYPH"), preloaded(1, "SOUNDS"), opaque(2, 1), preloaded(3, "GLYPH")];
    let header = Header::plan(assets).unwrap();
    let slots: Vec<_> = header.preload().iter().map(|p| (p.asset_id.get(), p.slot)).collect();
    assert_eq!(slots, [(1, 0), (3, 0), (4, 1)]);
    let found = [1, 2, 3, 4, 5].map(|id| header.slot(AssetId::new(id)));
    assert_eq!(found, [Some(0), None, Some(0), Some(1), None], "2 is not preloaded, and there is no 5");
}

#[test]
fn a_seventeenth_preloaded_glyph_bank_has_no_slot() {
    let banks = |n: u32| (1..=n).map(|id| preloaded(id, "GLYPH"));
    assert_eq!(Header::plan(banks(16)).unwrap().preload().len(), 16);
    let error = PlanError::Slots { asset_id: AssetId::new(17), bank_type: "GLYPH".into() };
    assert_eq!(Header::plan(banks(17)), Err(error));
    assert_eq!(Header::plan((1..=17).map(|id| preloaded(id, "SOUNDS"))).unwrap().preload().len(), 17);
}

#[test]
fn what_no_pack_can_hold_is_not_planned() {
    let asset_id = AssetId::new(3);
    let refused = |assets: Vec<PlannedAsset>| Header::plan(assets).unwrap_err();
    assert_eq!(refused(vec![opaque(3, 1), opaque(1, 1), opaque(3, 2)]), PlanError::DuplicateId { asset_id });
    let too_large = PlanError::TooLarge { asset_id };
    for size in [layout::MAX_NUMBER + 1, u64::MAX] {
        assert_eq!(refused(vec![opaque(3, size)]), too_large);
        assert_eq!(refused(vec![PlannedAsset { decoded_size: size, ..opaque(3, 1) }]), too_large);
        assert_eq!(refused(vec![opaque(1, 1), opaque(3, size - 8)]), too_large);
    }
    let with = |value| PlannedAsset { metadata: object([("m", value)]), ..opaque(3, 1) };
    let problem = Unwritable::Int(MAX_INT + 1);
    assert_eq!(refused(vec![with(Value::Int(MAX_INT + 1))]), PlanError::Metadata { asset_id, problem });
    let nested = |n| with((1..n).fold(Value::Null, |value, _| Value::Array(vec![value])));
    let problem = Unwritable::Depth;
    let deepest = nested(layout::MAX_METADATA_DEPTH);
    let header = Header::plan([deepest]).unwrap();
    assert_eq!(read(&pack(&header, &[b"x"])), Ok(header));
    assert_eq!(
        refused(vec![nested(layout::MAX_METADATA_DEPTH + 1)]),
        PlanError::Metadata { asset_id, problem }
    );
}

#[test]
fn a_header_beyond_64_mib_is_neither_written_nor_read() {
    let name = "n".repeat(usize::try_from(layout::MAX_HEADER_LEN).unwrap());
    let asset = PlannedAsset { asset_name: name, ..opaque(1, 1) };
    assert!(matches!(Header::plan([asset]), Err(PlanError::HeaderTooLong { .. })));
    let mut prelude = example().1[..PRELUDE].to_vec();
    prelude[8..16].copy_from_slice(&(layout::MAX_HEADER_LEN + 1).to_le_bytes());
    assert!(matches!(Header::read(&prelude, u64::MAX), Err(FormatError::HeaderTooLong { .. })));
}

#[test]
fn metadata_has_a_limited_number_of_values_in_the_whole_pack() {
    let with = |id, n| PlannedAsset {
        metadata: object([("m", Value::Array(vec![Value::Null; n]))]),
        ..opaque(id, 0)
    };
    let half = layout::MAX_METADATA_VALUES / 2;
    let header = Header::plan([with(1, half - 1), with(2, half - 1)]).unwrap();
    assert_eq!(read(&header.to_bytes()).unwrap(), header);
    let asset_id = AssetId::new(2);
    assert_eq!(Header::plan([with(1, half - 1), with(2, half)]), Err(PlanError::TooManyValues { asset_id }));
    let text = format!(
        r#"{{"asset_table":{},"preload":[]}}"#,
        header.asset_table_json().replacen("[null,", "[null,null,", 1)
    );
    assert!(matches!(read(&file(&text, 0)), Err(FormatError::Json { kind: ErrorKind::TooMany, .. })));
    assert!(ErrorKind::TooMany.to_string().contains(&layout::MAX_METADATA_VALUES.to_string()));
}

#[test]
fn the_companions_are_the_members_of_the_header() {
    let (header, bytes) = example();
    let text =
        format!(r#"{{"asset_table":{},"preload":{}}}"#, header.asset_table_json(), header.preload_json());
    assert_eq!(header.header_len(), text.len() as u64);
    assert_eq!(&bytes[PRELUDE..PRELUDE + text.len()], text.as_bytes());
    assert_eq!(header.preload_json(), r#"[{"asset_id":7,"slot":0}]"#);
    let empty = Header::plan([]).unwrap();
    assert_eq!((empty.asset_table_json(), empty.preload_json()), ("[]".into(), "[]".into()));
    assert_eq!(empty.file_len(), 4096);
    assert_eq!(read(&empty.to_bytes()), Ok(empty));
}

#[test]
fn a_prefix_that_is_too_short_is_told_how_much_is_needed() {
    let (header, bytes) = example();
    let len = bytes.len() as u64;
    for (have, needed) in [(0, 32), (31, 32), (32, 4096), (4095, 4096)] {
        assert_eq!(Header::read(&bytes[..have], len), Err(FormatError::Incomplete { needed }), "{have}");
    }
    assert_eq!(Header::read(&bytes[..4096], len), Ok(header));
}

#[test]
fn the_prelude_is_what_it_must_be() {
    let broken = |at: usize, with: &[u8]| {
        let mut bytes = example().1;
        bytes[at..at + with.len()].copy_from_slice(with);
        read(&bytes).unwrap_err()
    };
    assert_eq!(broken(0, b"PMTU"), FormatError::NotAPack { found: *b"PMTU" });
    assert_eq!(broken(4, &[2]), FormatError::Version { found: 2 });
    assert_eq!(broken(4, &[0, 0, 0, 1]), FormatError::Version { found: 1 << 24 });
    assert_eq!(broken(24, &[1]), FormatError::NotZero { field: "flags", offset: 24, found: 1 });
    assert_eq!(broken(31, &[1]), FormatError::NotZero { field: "reserved", offset: 28, found: 1 << 24 });
    assert_eq!(broken(16, &[16]), FormatError::PayloadOffset { found: 4112, expected: 4096 });
    assert_eq!(broken(16, &[0xff; 8]), FormatError::PayloadOffset { found: u64::MAX, expected: 4096 });
    assert_eq!(broken(8, &[0xff; 8]), FormatError::HeaderTooLong { found: u64::MAX });
    assert_eq!(broken(4095, &[7]), FormatError::Padding { offset: 4095, found: 7 });
}

#[test]
fn a_length_beyond_the_file_is_refused_before_memory_is_asked_for() {
    // `header_len` and `payload_offset` agree with each other, and lie about the file.
    let (_, mut bytes) = example();
    let len = layout::MAX_HEADER_LEN;
    bytes[8..16].copy_from_slice(&len.to_le_bytes());
    let needed = layout::payload_offset(len).unwrap();
    bytes[16..24].copy_from_slice(&needed.to_le_bytes());
    let file_len = bytes.len() as u64;
    assert_eq!(read(&bytes), Err(FormatError::Truncated { needed, file_len }));
    // The size of the payload lies; it is refused although not one byte of it is there.
    refuse("\"size\":13", "\"size\":9007199254740991", |e| {
        matches!(e, FormatError::Truncated { needed: 9_007_199_254_745_087, .. })
    });
    refuse("\"size\":13", "\"size\":9007199254740992", |e| matches!(e, FormatError::Json { .. }));
}

#[test]
fn the_table_obeys_every_rule() {
    refuse("\"asset_id\":7", "\"asset_id\":0", member("asset_id"));
    refuse("\"asset_id\":7", "\"asset_id\":-7", member("asset_id"));
    refuse("\"asset_id\":7", "\"asset_id\":2147483648", member("asset_id"));
    refuse("\"NONE\"", "\"RAW\"", member("codec"));
    refuse("\"NONE\"", "\"none\"", member("codec"));
    refuse("\"offset\":0,\"size\"", "\"offset\":16,\"size\"", member("offset"));
    refuse("\"offset\":0,\"size\"", "\"offset\":-1,\"size\"", member("offset"));
    refuse("\"size\":13", "\"size\":12", |e| {
        matches!(e, FormatError::TooLong { expected: 4108, file_len: 4109 })
    });
    refuse("\"size\":13", "\"size\":14", |e| matches!(e, FormatError::Truncated { needed: 4110, .. }));
    refuse("\"decoded_size\":13", "\"decoded_size\":-1", member("decoded_size"));
    refuse("\"slot\":0", "\"slot\":1", member("slot"));
    refuse("[{\"asset_id\":7,\"slot\"", "[{\"asset_id\":8,\"slot\"", member("asset_id"));
    refuse("\"slot\":0}", "\"slot\":0},{\"asset_id\":7,\"slot\":1}", member("asset_id"));
}

#[test]
fn ids_increase_and_payloads_follow_each_other() {
    let header = Header::plan([opaque(1, 3), opaque(2, 3), opaque(3, 70_000)]).unwrap();
    let table = header.asset_table_json();
    let broken = |from: &str, to: &str| {
        assert!(table.contains(from));
        let json = format!(r#"{{"asset_table":{},"preload":[]}}"#, table.replacen(from, to, 1));
        read(&file(&json, 4096 + 70_000)).unwrap_err()
    };
    for (from, to, name) in [
        ("\"asset_id\":2", "\"asset_id\":1", "asset_id"),
        ("\"asset_id\":2", "\"asset_id\":3", "asset_id"),
        ("\"offset\":16", "\"offset\":3", "offset"),
        ("\"offset\":16", "\"offset\":0", "offset"),
        ("\"offset\":16", "\"offset\":32", "offset"),
        ("\"offset\":4096", "\"offset\":32", "offset"),
    ] {
        let error = broken(from, to);
        assert!(member(name)(&error), "{from} -> {to}: {error:?}");
    }
}

#[test]
fn members_are_exactly_those_of_version_1() {
    let shape = |e: &FormatError| matches!(e, FormatError::Shape { .. });
    refuse("\"asset_name\"", "\"asset_kind\":0,\"asset_name\"", shape);
    refuse("\"codec\"", "\"compression\"", shape);
    refuse(",\"size\":13", "", shape);
    refuse("\"size\":13", "\"size\":13,\"sum\":1", shape);
    refuse("\"slot\":0", "\"slot\":0,\"when\":1", shape);
    refuse(",\"preload\"", ",\"palettes\":[],\"preload\"", shape);
    refuse("\"slot\":0}]}", "\"slot\":0}],\"zero\":0}", shape);
    refuse("{\"asset_table\"", " {\"asset_table\"", shape);
    refuse("\"slot\":0}]}", "\"slot\":0}]} ", |e| matches!(e, FormatError::Json { .. }));
    refuse("\"motto\"", "\"m\\u006ftto\"", |e| matches!(e, FormatError::Json { .. }));
    refuse("\"motto\"", "7", |e| matches!(e, FormatError::Json { .. }));
    refuse("\"metadata\":{", "\"metadata\":[", |e| matches!(e, FormatError::Json { .. }));
}

#[test]
fn an_asset_is_found_by_id_and_the_first_of_a_name_by_name() {
    let named = |id, name: &str| PlannedAsset { asset_name: name.into(), ..opaque(id, 1) };
    let header = Header::plan([named(8, "b"), named(3, "a"), named(5, "b")]).unwrap();
    assert_eq!(header.get(AssetId::new(5)).unwrap().offset, 16);
    assert_eq!(header.get(AssetId::new(4)), None);
    assert_eq!(header.by_name("b").unwrap().asset_id, AssetId::new(5));
    assert_eq!(header.by_name("c"), None);
}
