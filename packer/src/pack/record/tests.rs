use super::*;
use crate::ops::Status;
use crate::testing::Fixture;

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
    assert_eq!(record.assets.iter().map(|asset| asset.root.as_str()).collect::<Vec<_>>(), ["a", "b/c"]);
    assert!(record.assets.iter().all(|asset| asset.seen.is_some() && asset.facts.inputs[0].digest.is_some()));
    let (path, assets, out) = places();
    let bytes = fixture.files.content(&path).unwrap();
    assert_eq!(flat::encode(&record, &assets, &out), bytes);
    let operation = OperationId::parse("0198c0de-0000-7000-8000-000000000001").unwrap();
    record.write(&fixture.files, &path, operation, &assets, &out);
    assert_eq!(fixture.files.content(&path).unwrap(), bytes);
}

#[test]
fn a_record_that_is_cut_or_has_another_bit_is_none() {
    let fixture = packed();
    let path = places().0;
    let bytes = fixture.files.content(&path).unwrap();
    for n in 0..bytes.len() {
        fixture.files.write(&path, &bytes[..n]);
        assert!(read(&fixture).is_none(), "cut at {n}");
        let mut other = bytes.clone();
        other[n] ^= 1 << (n % 8);
        fixture.files.write(&path, other);
        assert!(read(&fixture).is_none(), "another bit at {n}");
    }
    fixture.files.write(&path, bytes);
    assert!(read(&fixture).is_some());
}

#[test]
fn a_record_about_other_places_or_of_another_packer_is_none() {
    let fixture = packed();
    let (path, assets, out) = places();
    assert!(Record::read(&fixture.files, &path, Path::new("/game2/assets"), &out).is_none());
    assert!(Record::read(&fixture.files, &path, &assets, Path::new("/out2")).is_none());
    let bytes = fixture.files.content(&path).unwrap();
    let version = bytes.windows(5).position(|five| five == b"0.1.0").unwrap();
    let mut other = bytes;
    other[version] = b'9';
    let sum = flat::checksum(&other[8..]).to_le_bytes();
    other[..8].copy_from_slice(&sum);
    fixture.files.write(&path, other);
    assert!(read(&fixture).is_none());
}

#[test]
fn a_record_with_a_right_checksum_and_wild_lengths_is_none_and_allocates_nothing_by_them() {
    let fixture = packed();
    let path = places().0;
    let bytes = fixture.files.content(&path).unwrap();
    for at in 8..bytes.len() - 8 {
        let mut other = bytes.clone();
        other[at..at + 8].copy_from_slice(&u64::MAX.to_le_bytes());
        let sum = flat::checksum(&other[8..]).to_le_bytes();
        other[..8].copy_from_slice(&sum);
        fixture.files.write(&path, other);
        drop(read(&fixture));
    }
}
