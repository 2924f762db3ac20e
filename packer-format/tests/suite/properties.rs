//! Packs and texts that nobody wrote by hand. The seed is fixed, so that a failure comes back.

use packer_format::json::{self, MAX_INT, Value};
use packer_format::{AssetId, Header, Pack, PlannedAsset, layout};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use crate::sample::pack;

const SEED: u64 = 0x504d_5041;

fn config(cases: u32) -> ProptestConfig {
    println!("{cases} cases, seed {SEED:#x}");
    ProptestConfig { cases, rng_seed: RngSeed::Fixed(SEED), failure_persistence: None, ..Default::default() }
}

fn len(n: u64) -> usize {
    usize::try_from(n).unwrap()
}

/// Short texts, with the characters that are escaped more often than chance has them.
fn texts() -> impl Strategy<Value = String> {
    let character = prop_oneof![any::<char>(), any::<u8>().prop_map(char::from), Just('"'), Just('\\')];
    vec(character, 0..6).prop_map(String::from_iter)
}

fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        (-MAX_INT..=MAX_INT).prop_map(Value::Int),
        texts().prop_map(Value::String),
    ];
    leaf.prop_recursive(5, 40, 6, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..6).prop_map(Value::Array),
            vec((texts(), inner), 0..6).prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// Assets with different ids, in no order.
fn assets() -> impl Strategy<Value = Vec<PlannedAsset>> {
    let size = prop_oneof![8 => 0..200_u64, 1 => 65_500..65_600_u64];
    let bank_type = prop_oneof![Just("GLYPH".to_owned()), Just("BLOB".to_owned()), texts()];
    let metadata = vec((texts(), values()), 0..3).prop_map(json::object);
    let asset = (texts(), bank_type, 0..=layout::MAX_NUMBER, size, metadata, any::<bool>());
    btree_map(1..=i32::MAX as u32, asset, 0..12)
        .prop_map(|assets| {
            let plan = |(id, (asset_name, bank_type, decoded_size, size, metadata, preload))| {
                let asset_id = AssetId::new(id);
                PlannedAsset { asset_id, asset_name, bank_type, decoded_size, size, metadata, preload }
            };
            assets.into_iter().map(plan).collect::<Vec<_>>()
        })
        .prop_shuffle()
}

/// Bytes that are not random everywhere: pieces of JSON and of packs.
fn pieces() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        4 => "[\\[\\]{},:\"0-9a-z\\\\ -]{0,8}".prop_map(String::into_bytes),
        1 => Just(b"{\"asset_table\":[{\"asset_id\":".to_vec()),
        1 => Just(b"\"metadata\":{".to_vec()),
        1 => vec(any::<u8>(), 0..8),
    ];
    vec(piece, 0..20).prop_map(|pieces| pieces.concat())
}

#[test]
fn a_value_read_back_from_its_spelling_is_the_same() {
    proptest!(config(500), |(value in values())| {
        let text = json::to_string(&value);
        prop_assert_eq!(json::read(text.as_bytes()), Ok(value));
    });
}

#[test]
fn a_text_that_is_accepted_is_the_spelling_of_its_value() {
    proptest!(config(2000), |(text in pieces())| {
        if let Ok(value) = json::read(&text) {
            prop_assert_eq!(json::to_string(&value).into_bytes(), text);
        }
    });
}

#[test]
fn a_plan_read_back_from_its_bytes_is_the_same() {
    proptest!(config(300), |(assets in assets())| {
        let header = Header::plan(assets.clone()).unwrap();
        let bytes = header.to_bytes();
        prop_assert_eq!(bytes.len() as u64, header.payload_offset());
        prop_assert_eq!(Header::read(&bytes, header.file_len()).unwrap(), header.clone());
        let payloads: Vec<Vec<u8>> = header.entries().iter().map(|e| vec![0xa5; len(e.size)]).collect();
        let whole = pack(&header, &payloads.iter().map(Vec::as_slice).collect::<Vec<_>>());
        prop_assert_eq!(whole.len() as u64, header.file_len());
        let read = Pack::new(&whole).unwrap();
        prop_assert_eq!(read.verify_gaps(), Ok(()));
        for (entry, payload) in header.entries().iter().zip(&payloads) {
            let range = header.payload_range(entry);
            let alignment = if entry.size < 65_536 { 16 } else { 4096 };
            prop_assert_eq!(range.start % alignment, 0);
            prop_assert_eq!(read.payload(entry.asset_id).unwrap(), payload.as_slice());
        }
    });
}

#[test]
fn no_bytes_make_a_reader_panic() {
    proptest!(config(2000), |(text in pieces(), file_len in any::<u64>(), tail in vec(any::<u8>(), 0..100))| {
        let _ = Pack::new(&text);
        let _ = Header::read(&text, file_len);
        // Behind a prelude that is right, so that the text is looked at.
        let mut bytes = Header::plan([]).unwrap().to_bytes();
        bytes[8..16].copy_from_slice(&(text.len() as u64).to_le_bytes());
        bytes[32..32 + text.len()].copy_from_slice(&text);
        bytes.extend(tail);
        let _ = Pack::new(&bytes);
    });
}

#[test]
fn a_valid_pack_with_a_few_bytes_changed_is_refused_or_valid() {
    let change = (any::<proptest::sample::Index>(), any::<u8>());
    proptest!(config(500), |(assets in assets(), changes in vec(change, 1..4))| {
        let header = Header::plan(assets).unwrap();
        let mut bytes = header.to_bytes();
        let end = 32 + len(header.header_len());
        for (at, byte) in changes {
            bytes[at.index(end)] = byte;
        }
        if let Ok(read) = Header::read(&bytes, header.file_len()) {
            prop_assert_eq!(read.to_bytes(), bytes);
        }
    });
}
