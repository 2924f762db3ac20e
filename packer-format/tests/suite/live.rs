//! A pack that is replaced while somebody reads it.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use packer_format::watch::LivePack;
use packer_format::{AssetId, Header, PackFileErrorKind};
use tempfile::TempDir;

use crate::sample::{opaque, pack};

const ASSET: AssetId = AssetId::new(1);

/// A pack of one asset whose bytes are all `n`, so many that they are not read in one go.
fn version(n: u8) -> Vec<u8> {
    const SIZE: u16 = 50_000;
    let header = Header::plan([opaque(1, u64::from(SIZE))]).unwrap();
    pack(&header, &[&vec![n; usize::from(SIZE)]])
}

/// Puts bytes in place of what is there, as the packer does it.
fn publish(path: &Path, bytes: &[u8]) {
    let staged = path.with_extension("staged");
    fs::write(&staged, bytes).unwrap();
    fs::rename(staged, path).unwrap();
}

fn live() -> (TempDir, PathBuf, LivePack) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("assets.pa");
    publish(&path, &version(1));
    let live = LivePack::open(&path).unwrap();
    (folder, path, live)
}

/// The byte of which the asset is made.
fn byte(live: &LivePack) -> u8 {
    let payload = live.pack().payload(ASSET).unwrap();
    assert!(payload.iter().all(|byte| *byte == payload[0]), "bytes of two packs");
    payload[0]
}

#[test]
fn a_pack_that_nobody_replaced_is_not_new() {
    let (_folder, path, mut live) = live();
    assert!(live.poll().unwrap().is_none());
    assert_eq!(live.path(), path);
    assert_eq!(byte(&live), 1);
}

#[test]
fn a_new_pack_is_told_once_and_the_old_one_is_read_to_its_end() {
    let (_folder, path, mut live) = live();
    let old = live.pack().clone();
    publish(&path, &version(2));
    let new = live.poll().unwrap().expect("it is another file");
    assert!(live.poll().unwrap().is_none());
    assert_eq!((old.payload(ASSET).unwrap()[0], new.payload(ASSET).unwrap()[0], byte(&live)), (1, 2, 2));
}

#[test]
fn what_is_no_pack_is_told_once_and_takes_the_place_of_none() {
    let (_folder, path, mut live) = live();
    let whole = version(2);
    for broken in [&b"not a pack"[..], b"", &whole[..whole.len() - 1], &whole[..4096]] {
        publish(&path, broken);
        let error = live.poll().unwrap_err();
        assert!(matches!(error.kind, PackFileErrorKind::Format(_)), "{error}");
        assert!(live.poll().unwrap().is_none(), "it was told already");
        assert_eq!(byte(&live), 1);
    }
    publish(&path, &whole);
    assert!(live.poll().unwrap().is_some());
    assert_eq!(byte(&live), 2);
}

#[test]
fn a_file_that_is_written_piece_by_piece_is_taken_when_it_is_whole() {
    let (folder, path, mut live) = live();
    let whole = version(2);
    // As some programs copy: the name first, then the bytes.
    let elsewhere = folder.path().join("copied.pa");
    fs::write(&elsewhere, b"").unwrap();
    fs::rename(&elsewhere, &path).unwrap();
    for end in (0..whole.len()).step_by(7_000) {
        fs::write(&path, &whole[..end]).unwrap();
        assert!(!matches!(live.poll(), Ok(Some(_))), "{end} bytes are no pack");
        assert_eq!(byte(&live), 1);
    }
    fs::write(&path, &whole).unwrap();
    assert!(live.poll().unwrap().is_some());
    assert_eq!(byte(&live), 2);
}

#[test]
fn a_pack_that_goes_is_told_once_and_is_back_as_a_new_one() {
    let (folder, path, mut live) = live();
    fs::rename(&path, folder.path().join("away")).unwrap();
    let error = live.poll().unwrap_err();
    assert!(matches!(error.kind, PackFileErrorKind::Open(_)) && error.to_string().contains("assets.pa"));
    assert!(live.poll().unwrap().is_none());
    assert_eq!(byte(&live), 1);
    publish(&path, &version(2));
    assert!(live.poll().unwrap().is_some());
    assert_eq!(byte(&live), 2);
}

#[test]
fn who_reads_while_packs_are_published_gets_whole_ones_and_the_last_one_in_the_end() {
    let (_folder, path, mut live) = live();
    const LAST: u8 = 200;
    let is_over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for n in 2..=LAST {
                publish(&path, &version(n));
            }
            is_over.store(true, Ordering::SeqCst);
        });
        let (mut last, mut taken) = (1, 0);
        loop {
            let was_over = is_over.load(Ordering::SeqCst);
            taken += usize::from(live.poll().unwrap().is_some());
            let byte = byte(&live);
            assert!(byte >= last, "{byte} after {last}");
            last = byte;
            if was_over {
                break;
            }
        }
        assert_eq!(last, LAST, "the last one is there");
        assert!(taken > 1, "nothing was replaced while somebody read");
    });
}
