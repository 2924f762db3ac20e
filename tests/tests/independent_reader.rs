//! A second reader of `assets.pa`, in another language, agrees with ours.
//!
//! `tests/fixtures/read_pack.py` was written from `docs/format.md` alone. What both say of a pack, and
//! which files both refuse, can only agree when the page, the writer and our reader do.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use packer_format::{FormatError, Pack};
use packer_tests::game::GameCrate;
use packer_tests::{cargo, checkout, skip};
use prometeu_packer::Digest;
use serde_json::Value;

/// What `read_pack.py` prints, by our own reader: a line an asset, then one about the header.
fn ours(bytes: &[u8]) -> Result<String, FormatError> {
    let pack = Pack::new(bytes)?;
    pack.verify_gaps()?;
    let mut report = String::new();
    let mut tree = Vec::new();
    let region = usize::try_from(pack.header().payload_offset()).unwrap();
    tree.extend_from_slice(&bytes[..region]);
    for entry in pack.header().entries() {
        let digest = Digest::of(pack.payload(entry.asset_id).unwrap());
        tree.extend_from_slice(digest.as_bytes());
        let [name, bank] = [&entry.asset_name, &entry.bank_type].map(|text| Value::from(text.as_str()));
        writeln!(report, "{}\t{name}\t{bank}\t{}\t{digest}", entry.asset_id, entry.size).unwrap();
    }
    let header_len = u64::from_le_bytes(bytes[8..16].try_into().unwrap());
    let header = Digest::of(&bytes[32..32 + usize::try_from(header_len).unwrap()]);
    writeln!(report, "header\t{header}\tpmpa-tree-1:{}", Digest::of(&tree)).unwrap();
    Ok(report)
}

fn theirs(pack: &Path) -> Output {
    let script = checkout().join("tests/fixtures/read_pack.py");
    Command::new("python3").arg("-B").arg(script).arg(pack).output().unwrap()
}

fn no_python(test: &str) -> bool {
    let missing = !Command::new("python3").arg("--version").output().is_ok_and(|said| said.status.success());
    if missing {
        skip(test, "the second reader needs python3, which is not here");
    }
    missing
}

/// Both readers say the same of the pack in that folder, and its companion names the same digest.
fn agree(out_dir: &Path) {
    let path = out_dir.join("assets.pa");
    let ours = ours(&fs::read(&path).unwrap()).unwrap();
    let theirs = theirs(&path);
    assert!(theirs.status.success(), "{}", String::from_utf8_lossy(&theirs.stderr));
    assert_eq!(String::from_utf8(theirs.stdout).unwrap().replace("\r\n", "\n"), ours);

    let companion: Value =
        serde_json::from_slice(&fs::read(out_dir.join("asset_table_metadata.json")).unwrap()).unwrap();
    assert_eq!(companion["pack"]["digest"].as_str(), ours.trim_end().rsplit('\t').next());
}

#[test]
fn both_readers_say_the_same_of_the_example_game() {
    if !no_python("the second reader on the example game") {
        agree(&cargo::example_out_dir());
    }
}

#[test]
fn both_readers_say_the_same_of_names_beyond_ascii_and_of_an_empty_pack() {
    if no_python("the second reader on odd names") {
        return;
    }
    let game = GameCrate::with_assets("second-reader");
    let mut declaration = game.declaration("levels/first");
    declaration["name"] = "\"Níveis\"\t日本\\ \u{1}".into();
    game.declare("levels/first", &declaration);
    agree(&game.build().passed().out_dir());
    agree(&game.cargo("build").env("PROMETEU_SKIP", "1").run().passed().out_dir());
}

#[test]
fn both_readers_refuse_the_same_files() {
    if no_python("the second reader on broken packs") {
        return;
    }
    let game = GameCrate::with_assets("refusals");
    // Two small payloads: there is a gap between them.
    game.add_blob_bank("levels/second", &[("map.txt", b"#\n".to_vec())]);
    game.register("levels/second");
    let good = game.build().passed().pack().to_vec();
    let header_len = usize::try_from(u64::from_le_bytes(good[8..16].try_into().unwrap())).unwrap();
    let last = good.len() - 1;
    type Break = fn(&mut Vec<u8>, usize, usize);
    let breaks: [(&str, Break); 9] = [
        ("a changed magic", |pack, _, _| pack[0] ^= 1),
        ("another version", |pack, _, _| pack[4] = 2),
        ("a flag", |pack, _, _| pack[24] = 1),
        ("a reserved bit", |pack, _, _| pack[28] = 1),
        ("a header that ends early", |pack, header_len, _| {
            pack[8..16].copy_from_slice(&(header_len as u64 - 1).to_le_bytes());
        }),
        ("padding that is not zero", |pack, header_len, _| pack[32 + header_len] = b' '),
        ("a gap that is not zero", |pack, _, last| pack[last - 2] = 1),
        ("a missing byte", |pack, _, last| pack.truncate(last)),
        ("a byte too many", |pack, _, _| pack.push(0)),
    ];
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("assets.pa");
    for (what, how) in breaks {
        let mut pack = good.clone();
        how(&mut pack, header_len, last);
        fs::write(&path, &pack).unwrap();
        assert!(ours(&pack).is_err(), "{what}: our reader takes it");
        assert_eq!(theirs(&path).status.code(), Some(1), "{what}: the second reader takes it");
    }
    fs::write(&path, &good).unwrap();
    assert!(ours(&good).is_ok() && theirs(&path).status.success(), "the good pack is one");
}
