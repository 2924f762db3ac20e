//! Blobs: bytes, places, names.

use proptest::collection::vec;
use proptest::prelude::any;

use super::*;

#[test]
fn each_blob_starts_at_a_multiple_of_16_and_gaps_are_zero() {
    let declaration = declare("blob_bank", &["a.bin", "dir/b.txt", "empty"], &json!({}));
    let outcome = pack(&declaration, &[vec![1; 17], vec![2; 16], Vec::new()]);
    assert!(outcome.findings.is_empty());
    let mut expected = vec![1; 17];
    expected.extend([0; 15]);
    expected.extend([2; 16]);
    assert_eq!(outcome.payload, expected);
    let probe = outcome.probe.unwrap();
    assert_eq!((probe.size, probe.decoded_size), (48, 48));
    let blobs = json!({ "blobs": {
        "0": { "length": 17, "name": "a.bin", "offset": 0 },
        "1": { "length": 16, "name": "dir/b.txt", "offset": 32 },
        "2": { "length": 0, "name": "empty", "offset": 48 },
    }});
    assert_eq!(Value::Object(probe.metadata), value(&blobs));
}

#[test]
fn the_payload_follows_the_indices_and_not_the_list() {
    let artifacts = json!([{ "file": "a", "index": 1 }, { "file": "b", "index": 0 }]);
    let declaration = declare("blob_bank", &["a", "b", "unused"], &json!({ "artifacts": artifacts }));
    let outcome = pack(&declaration, &[b"aa".to_vec(), b"bb".to_vec(), b"uu".to_vec()]);
    assert_eq!(outcome.payload, b"bb\0\0\0\0\0\0\0\0\0\0\0\0\0\0aa");
}

#[test]
fn a_bank_without_any_file_is_too_small() {
    let empty = pack(&declare("blob_bank", &[], &json!({})), &[]);
    assert_eq!(empty.codes(), ["artifact-count /inputs"]);
    let none_chosen = pack(&declare("blob_bank", &["a"], &json!({ "artifacts": [] })), &[Vec::new()]);
    assert_eq!(none_chosen.codes(), ["artifact-count /artifacts"]);
}

#[test]
fn a_pointer_of_a_large_file_store_is_no_blob() {
    let pointer =
        format!("version https://git-lfs.github.com/spec/v1\noid sha256:{}\nsize 12345\n", "0f".repeat(32));
    let declaration = declare("blob_bank", &["a.bin", "b.bin", "c.bin"], &json!({}));
    let outcome = pack(&declaration, &[pointer.clone().into_bytes(), vec![7; 200], pointer.into_bytes()]);
    assert_eq!(outcome.codes(), ["input-unreadable input 0", "input-unreadable input 2"]);
    assert!(outcome.findings[0].help.as_deref().unwrap().contains("`git lfs pull`"));
    // What only talks of one, or has more to say, is a file like any other.
    for file in [
        "version https://git-lfs.github.com/spec/v1".to_owned(),
        format!("version https://git-lfs.github.com/spec/v1\n{}", "x".repeat(2000)),
    ] {
        let outcome = pack(&declare("blob_bank", &["a"], &json!({})), &[file.clone().into_bytes()]);
        assert_eq!((outcome.findings.len(), outcome.payload), (0, file.into_bytes()));
    }
}

/// Files of stated lengths without bytes.
struct Claimed(Vec<u64>);

impl Inputs for Claimed {
    fn len(&self, input: usize) -> u64 {
        self.0[input]
    }

    fn read_at(&mut self, _: usize, _: u64, _: &mut [u8]) -> Result<usize, Stop> {
        Ok(0)
    }

    fn read(&mut self, _: usize) -> Result<Vec<u8>, Stop> {
        Ok(Vec::new())
    }

    fn copy(&mut self, _: usize, _: &mut dyn io::Write) -> Result<(), Stop> {
        Ok(())
    }
}

#[test]
fn a_payload_may_have_one_byte_less_than_4_gib() {
    let declaration = declare("blob_bank", &["a", "b"], &json!({}));
    let probe = |lengths: [u64; 2]| {
        let mut findings = Vec::new();
        let family = by_name("blob_bank").unwrap();
        let probe = family.probe(&declaration, &mut Claimed(lengths.to_vec()), &mut findings).unwrap();
        (probe.map(|probe| probe.size), Outcome { probe: None, payload: Vec::new(), findings }.codes())
    };
    let limit = u64::from(u32::MAX);
    assert_eq!(probe([16, limit - 16]), (Some(limit), vec![]));
    assert_eq!(probe([16, limit - 15]), (None, vec!["input-too-large input 1".to_owned()]));
    assert_eq!(probe([u64::MAX, u64::MAX]), (None, vec!["input-too-large input 0".to_owned()]));
}

#[test]
fn a_file_that_gives_other_bytes_than_its_length_said_stops_the_encode() {
    let declaration = declare("blob_bank", &["a", "b"], &json!({}));
    let (mut inputs, mut findings) = (Claimed(vec![0, 5]), Vec::new());
    let family = by_name("blob_bank").unwrap();
    let probe = family.probe(&declaration, &mut inputs, &mut findings).unwrap().unwrap();
    let stop = family.encode(&declaration, &probe, &mut inputs, &mut io::sink(), &mut findings).unwrap_err();
    assert!(matches!(stop, Stop::Changed { input: 1 }));
}

#[test]
fn a_payload_that_cannot_be_written_is_an_error_of_the_payload() {
    let declaration = declare("blob_bank", &["a"], &json!({}));
    let (mut inputs, mut findings) = (Memory(vec![vec![1; 9]]), Vec::new());
    let family = by_name("blob_bank").unwrap();
    let probe = family.probe(&declaration, &mut inputs, &mut findings).unwrap().unwrap();
    let mut small = [0; 4];
    let stop =
        family.encode(&declaration, &probe, &mut inputs, &mut &mut small[..], &mut findings).unwrap_err();
    assert!(matches!(stop, Stop::Payload(_)));
}

#[test]
fn every_blob_is_found_whole_where_its_metadata_says() {
    for_all(64, &vec(vec(any::<u8>(), 0..70), 1..12), |files| {
        let names: Vec<_> = (0..files.len()).map(|n| format!("f{n}")).collect();
        let names: Vec<_> = names.iter().map(String::as_str).collect();
        let outcome = pack(&declare("blob_bank", &names, &json!({})), &files);
        let metadata = outcome.probe.unwrap().metadata;
        let Some(Value::Object(blobs)) = metadata.get("blobs") else { panic!("no blobs in {metadata:?}") };
        assert_eq!(blobs.len(), files.len());
        for (n, file) in files.iter().enumerate() {
            let Value::Object(blob) = &blobs[&n.to_string()] else { panic!("no object") };
            let number = |key: &str| match blob[key] {
                Value::Int(n) => usize::try_from(n).unwrap(),
                _ => panic!("{key} is no number"),
            };
            assert_eq!(number("offset") % 16, 0);
            assert_eq!(&outcome.payload[number("offset")..][..number("length")], file);
        }
        Ok(())
    });
}

#[test]
fn a_bank_holds_65_536_blobs_and_not_one_more() {
    let family = by_name("blob_bank").unwrap();
    let probe = |count: usize| {
        let names: Vec<_> = (0..count).map(|n| n.to_string()).collect();
        let names: Vec<_> = names.iter().map(String::as_str).collect();
        let (mut inputs, mut findings) = (Claimed(vec![0; count]), Vec::new());
        let declaration = declare("blob_bank", &names, &json!({}));
        let probe = family.probe(&declaration, &mut inputs, &mut findings).unwrap();
        (probe.map(|probe| probe.artifacts.len()), findings)
    };
    assert_eq!(probe(65_536), (Some(65_536), vec![]));
    let (planned, findings) = probe(65_537);
    let outcome = Outcome { probe: None, payload: Vec::new(), findings };
    let (message, _) = outcome.only("artifact-count");
    assert_eq!(planned, None);
    assert!(message.contains("65537") && message.contains("65536"), "{message}");
}
