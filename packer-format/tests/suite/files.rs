//! A pack in a file.

use std::error::Error;
use std::fs;
use std::path::PathBuf;

use packer_format::{
    AssetId, BankError, BlobBankId, FormatError, GlyphBankId, Header, PackFile, PackFileErrorKind,
    PlannedAsset,
};
use tempfile::TempDir;

use crate::sample::{blob, example, opaque, pack};

fn write(bytes: &[u8]) -> (TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("assets.pa");
    fs::write(&path, bytes).unwrap();
    (dir, path)
}

#[test]
fn a_game_reads_its_banks_out_of_the_file() {
    const MOTTO: BlobBankId = BlobBankId::new(7);
    let (header, bytes) = example();
    let (_dir, path) = write(&bytes);
    let file = PackFile::open(&path).unwrap();
    assert_eq!(file.header(), &header);
    assert_eq!(file.payload(MOTTO).unwrap(), b"less is more\n");
    let bank = file.blob_bank(MOTTO).unwrap();
    assert_eq!(bank.blob(MOTTO.blob(0)).unwrap().bytes(), b"less is more\n");
    assert_eq!(file.by_name("motto").map(|entry| entry.asset_id), Some(MOTTO.id()));
    file.verify_gaps().unwrap();
}

#[test]
fn a_table_longer_than_a_page_takes_a_second_read() {
    let assets = (1..=100).map(|id| blob(id, "b", "file", b"x"));
    let header = Header::plan(assets).unwrap();
    assert!(header.payload_offset() > 4096);
    let (_dir, path) = write(&pack(&header, &[&b"x"[..]; 100]));
    assert_eq!(PackFile::open(path).unwrap().header(), &header);
}

#[test]
fn a_payload_is_read_in_pieces() {
    let header = Header::plan([opaque(1, 3), opaque(2, 5)]).unwrap();
    let (_dir, path) = write(&pack(&header, &[b"abc", b"defgh"]));
    let file = PackFile::open(path).unwrap();
    for (at, expected) in [(0, &b"def"[..]), (3, b"gh"), (4, b"h"), (5, b""), (u64::MAX, b"")] {
        let mut buffer = [0; 3];
        let n = file.read_at(AssetId::new(2), at, &mut buffer).unwrap();
        assert_eq!(&buffer[..n], expected, "from {at}");
    }
}

#[test]
fn an_empty_pack_says_that_it_is_empty_and_which_builds_make_one() {
    let (_dir, path) = write(&pack(&Header::plan([]).unwrap(), &[]));
    let error = PackFile::open(&path).unwrap().blob_bank(BlobBankId::new(1)).unwrap_err();
    assert!(matches!(error.kind, PackFileErrorKind::Bank(BankError::EmptyPack { .. })));
    assert!(error.to_string().contains("empty") && error.to_string().contains("`PROMETEU_SKIP`"), "{error}");
}

#[test]
fn errors_name_the_file_and_what_is_wrong() {
    let (dir, path) = write(b"not a pack");
    let error = PackFile::open(&path).unwrap_err();
    assert!(matches!(
        error.kind,
        PackFileErrorKind::Format(FormatError::Truncated { needed: 32, file_len: 10 })
    ));
    let missing = PackFile::open(dir.path().join("nowhere.pa")).unwrap_err();
    assert!(matches!(missing.kind, PackFileErrorKind::Open(_)));
    assert!(missing.to_string().contains("`cargo clean -p`"), "{missing}");
    assert!(missing.to_string().contains("nowhere.pa") && missing.to_string().contains("PROMETEU_ASSETS_PA"));
    assert!(missing.source().is_some());
    // What `main` prints of an error that it returns.
    assert_eq!(format!("{missing:?}"), missing.to_string());

    fs::write(&path, example().1).unwrap();
    let file = PackFile::open(&path).unwrap();
    let error = file.glyph_bank(GlyphBankId::new(7)).unwrap_err();
    assert!(matches!(error.kind, PackFileErrorKind::Bank(BankError::Kind { .. })));
    assert!(error.to_string().contains("assets.pa") && error.to_string().contains("`motto`"), "{error}");
    let error = file.payload(AssetId::new(8)).unwrap_err();
    assert!(matches!(error.kind, PackFileErrorKind::Bank(BankError::UnknownAsset { .. })));
}

#[test]
fn a_gap_with_something_in_it_is_found_when_it_is_looked_for() {
    let header = Header::plan([opaque(1, 3), opaque(2, 5)]).unwrap();
    let mut bytes = pack(&header, &[b"abc", b"defgh"]);
    bytes[4096 + 15] = 1;
    let found = FormatError::Padding { offset: 4111, found: 1 };
    assert_eq!(packer_format::Pack::new(&bytes).unwrap().verify_gaps(), Err(found.clone()));
    let (_dir, path) = write(&bytes);
    let error = PackFile::open(path).unwrap().verify_gaps().unwrap_err();
    assert!(matches!(error.kind, PackFileErrorKind::Format(error) if error == found));
}

#[test]
#[cfg(unix)]
fn a_file_that_shrinks_while_it_is_open_is_an_error_and_one_that_is_replaced_is_none() {
    let (dir, path) = write(&example().1);
    let file = PackFile::open(&path).unwrap();
    let other = dir.path().join("other.pa");
    fs::write(&other, Header::plan([]).unwrap().to_bytes()).unwrap();
    fs::rename(&other, &path).unwrap();
    assert_eq!(file.payload(AssetId::new(7)).unwrap(), b"less is more\n");

    fs::write(&path, example().1).unwrap();
    let file = PackFile::open(&path).unwrap();
    fs::OpenOptions::new().write(true).open(&path).unwrap().set_len(4100).unwrap();
    assert!(matches!(file.payload(AssetId::new(7)).unwrap_err().kind, PackFileErrorKind::Read(_)));
}

#[test]
#[cfg(target_os = "linux")]
fn a_payload_behind_4_tib_is_found_and_those_are_read_in_pieces() {
    let huge = PlannedAsset { size: 1 << 42, ..opaque(1, 0) };
    let header = Header::plan([huge, opaque(2, 3)]).unwrap();
    let (_dir, path) = write(&header.to_bytes());
    let sparse = fs::OpenOptions::new().write(true).open(&path).unwrap();
    if sparse.set_len(header.file_len()).is_err() {
        println!("skipped: no sparse files of 4 TiB here");
        return;
    }
    let at = header.payload_range(&header.entries()[1]).start;
    std::os::unix::fs::FileExt::write_all_at(&sparse, b"end", at).unwrap();
    let file = PackFile::open(&path).unwrap();
    assert_eq!(file.payload(AssetId::new(2)).unwrap(), b"end");
    let mut buffer = [1; 4];
    assert_eq!(file.read_at(AssetId::new(1), (1 << 42) - 2, &mut buffer).unwrap(), 2);
    assert_eq!(buffer, [0, 0, 1, 1]);
}

#[cfg(unix)]
#[test]
fn what_is_no_regular_file_is_not_opened_and_said_to_be_what_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("pipe");
    let is_there = std::process::Command::new("mkfifo").arg(&pipe).status().is_ok_and(|made| made.success());
    if is_there {
        let error = PackFile::open(&pipe).unwrap_err();
        assert!(error.to_string().ends_with("it is a pipe"), "{error}");
    } else {
        println!("SKIPPED in part: there is no mkfifo, so no pipe was tried");
    }
    for (path, words) in
        [(std::path::Path::new("/dev/null"), "it is a device"), (folder.path(), "it is a folder")]
    {
        let error = PackFile::open(path).unwrap_err();
        assert!(error.to_string().ends_with(words), "{error}");
    }
}
