//! Small packs to read, break and describe.

use std::io::Write;

use packer_format::json::{Object, Value};
use packer_format::{AssetId, BlobBankId, Header, PackWriter, PlannedAsset};

/// An asset of `size` bytes of no known kind.
pub(crate) fn opaque(id: u32, size: u64) -> PlannedAsset {
    PlannedAsset {
        asset_id: AssetId::new(id),
        asset_name: format!("asset_{id}"),
        bank_type: "OPAQUE".into(),
        decoded_size: size,
        size,
        metadata: Object::new(),
        preload: false,
    }
}

/// A blob bank with one file and its payload.
pub(crate) fn blob(id: u32, name: &str, file: &str, bytes: &[u8]) -> PlannedAsset {
    let blob = object([
        ("length", Value::from(i64::try_from(bytes.len()).unwrap())),
        ("name", Value::from(file)),
        ("offset", Value::from(0)),
    ]);
    PlannedAsset {
        asset_name: name.into(),
        bank_type: BlobBankId::BANK_TYPE.into(),
        metadata: object([("blobs", Value::from(object([("0", Value::from(blob))])))]),
        ..opaque(id, bytes.len() as u64)
    }
}

pub(crate) fn object<const N: usize>(members: [(&str, Value); N]) -> Object {
    members.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}

/// The pack of those assets, with those payloads by increasing id.
pub(crate) fn pack(header: &Header, payloads: &[&[u8]]) -> Vec<u8> {
    let mut writer = PackWriter::new(Vec::new(), header).unwrap();
    for (entry, payload) in header.entries().iter().zip(payloads) {
        writer.begin(entry.asset_id).unwrap().write_all(payload).unwrap();
    }
    writer.finish().unwrap()
}

/// The pack of `docs/format.md`: one preloaded blob bank with one file.
pub(crate) fn example() -> (Header, Vec<u8>) {
    let asset = PlannedAsset { preload: true, ..blob(7, "motto", "motto.txt", b"less is more\n") };
    let header = Header::plan([asset]).unwrap();
    let bytes = pack(&header, &[b"less is more\n"]);
    (header, bytes)
}
