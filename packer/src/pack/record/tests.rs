use super::*;
use crate::ops::Status;
use crate::pack::Known;
use crate::testing::Fixture;
use crate::workspace::Layout;

fn places() -> (PathBuf, PathBuf, PathBuf) {
    (
        record_path(Path::new("/cache"), Path::new("/out")),
        PathBuf::from("/game/assets"),
        PathBuf::from("/out"),
    )
}

fn read(fixture: &Fixture) -> Option<Record> {
    let (path, assets, out) = places();
    Record::read(&fixture.files, &path, &assets, &out)
}

fn packed() -> Fixture {
    let fixture = Fixture::blobs(&["a", "b/c"]);
    assert_eq!(fixture.pack().status, Status::Ok);
    fixture
}

#[test]
fn a_record_is_read_as_it_was_written() {
    let fixture = packed();
    let record = read(&fixture).unwrap();
    let roots = (0..record.len()).map(|n| record.trace(n).unwrap().root).collect::<Vec<_>>();
    assert_eq!((roots, record.ways()), (vec!["a", "b/c"], &["b".to_owned()][..]));
    let read: Vec<_> = (0..record.len()).map(|n| Arc::clone(record.at(n).unwrap())).collect();
    assert!(read.iter().all(|asset| asset.seen.is_some() && asset.facts.inputs[0].digest.is_some()));
    assert!(read.iter().all(|asset| Arc::ptr_eq(asset, record.asset(asset.asset_id).unwrap())));
    let (path, assets, out) = places();
    let bytes = fixture.files.content(&path).unwrap();
    let operation = OperationId::parse("0198c0de-0000-7000-8000-000000000001").unwrap();
    let file = RecordFile { storage: &fixture.files, path: &path, operation };
    let id = file.record(record.head(), read.into_iter(), (&assets, &out));
    assert_eq!(id, Some(record.id()));
    assert_eq!(RecordId::parse(&record.id().to_string()), id);
    assert_eq!(fixture.files.content(&path).unwrap(), bytes);
}

#[test]
fn a_record_that_is_cut_or_has_another_bit_is_none_or_has_no_facts() {
    let fixture = packed();
    let path = places().0;
    let bytes = fixture.files.content(&path).unwrap();
    let has_facts = || read(&fixture).is_some_and(|record| record.at(0).is_some() || record.at(1).is_some());
    for n in 0..bytes.len() {
        fixture.files.write(&path, &bytes[..n]);
        assert!(!has_facts(), "cut at {n}");
        let mut other = bytes.clone();
        other[n] ^= 1 << (n % 8);
        fixture.files.write(&path, other);
        assert!(!has_facts(), "another bit at {n}");
    }
    fixture.files.write(&path, bytes);
    assert!(has_facts());
}

/// With other bytes at that place of the proof, which has a right checksum.
fn with(bytes: &[u8], at: usize, other: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    bytes[at..at + other.len()].copy_from_slice(other);
    let front = proof::front(*bytes.first_chunk().unwrap());
    let facts = FRONT + usize::try_from(front.proof_len).unwrap();
    let sums = [proof::checksum(&bytes[FRONT..facts]), proof::checksum(&bytes[facts..])];
    bytes[..16].copy_from_slice(sums.map(u64::to_le_bytes).as_flattened());
    bytes
}

#[test]
fn a_record_about_other_places_of_another_packer_or_of_other_families_is_none() {
    let fixture = packed();
    let (path, assets, out) = places();
    assert!(Record::read(&fixture.files, &path, Path::new("/game2/assets"), &out).is_none());
    assert!(Record::read(&fixture.files, &path, &assets, Path::new("/out2")).is_none());
    let bytes = fixture.files.content(&path).unwrap();
    fixture.files.write(&path, with(&bytes, 0, &[]));
    assert!(read(&fixture).is_some());
    for words in ["0.1.0", "glyph_bank/1"] {
        let at = bytes.windows(words.len()).position(|there| there == words.as_bytes()).unwrap();
        fixture.files.write(&path, with(&bytes, at + words.len() - 1, b"9"));
        assert!(read(&fixture).is_none(), "{words}");
    }
}

#[test]
fn a_record_with_right_checksums_and_wild_lengths_allocates_nothing_by_them() {
    let fixture = packed();
    let path = places().0;
    let bytes = fixture.files.content(&path).unwrap();
    for at in FRONT..bytes.len() - 4 {
        fixture.files.write(&path, with(&bytes, at, &u32::MAX.to_le_bytes()));
        let Some(record) = read(&fixture) else { continue };
        for n in 0..record.len().min(4) {
            drop(record.at(n).cloned());
        }
        drop(Known::look(&record, &fixture.files, &Layout::new(Path::new("/game")), &crate::host::Alone));
    }
    for wild in [0, 1, u64::MAX, u64::MAX / 2, 1 << 40] {
        let mut other = bytes.clone();
        other[16..24].copy_from_slice(&wild.to_le_bytes());
        fixture.files.write(&path, other);
        assert!(read(&fixture).is_none(), "{wild}");
    }
}
