//! A pack taken apart is the pack again: made-up projects are packed on disk, extracted, registered and
//! packed anew, and every entry and payload is what it was.
//!
//! The ids are new, by the order of the pack, and so is nothing else.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::path::Path;

use packer_format::PackFile;
use packer_tests::blueprint::Blueprint;
use packer_tests::dice::Dice;
use packer_tests::packing::{on_disk, pack};
use packer_tests::spelling::Spelling;
use packer_tests::tally;
use prometeu_packer::extract::{extract, roots};
use prometeu_packer::mutate::{Mutation, RegisterAsset};
use prometeu_packer::ops::Status;

const SEED: u64 = 0x0ff_5e7;
const PROJECTS: u64 = 60;

fn write(path: &Path, bytes: &[u8]) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, bytes).unwrap();
}

#[test]
fn what_is_extracted_registered_and_packed_again_is_the_same() {
    let mut assets = 0;
    for n in 0..PROJECTS {
        let seed = SEED + n;
        let mut dice = Dice::new(seed);
        let count = 1 + dice.below(10);
        let blueprint = Blueprint::generate(&mut dice, count);
        let temporary = tempfile::tempdir().unwrap();
        let place = |path: &str| temporary.path().join(path);
        for (path, bytes) in blueprint.files(*dice.pick(&Spelling::ALL)) {
            write(&place("game").join(path), &bytes);
        }
        pack(&place("game"), &place("out"), None).unwrap_or_else(|why| panic!("seed {seed}: {why}"));
        let first = PackFile::open(place("out").join("assets.pa")).unwrap();

        let entries = first.header().entries();
        let roots = roots(entries);
        std::fs::create_dir_all(place("again/assets")).unwrap();
        let project = on_disk(&place("again"));
        assert_eq!(project.change(&Mutation::InitWorkspace, false).status, Status::Ok);
        for (entry, root) in entries.iter().zip(roots) {
            let payload = first.payload(entry.asset_id).unwrap();
            let preload = first.header().preload().iter().any(|preload| preload.asset_id == entry.asset_id);
            let name = &entry.asset_name;
            let out =
                extract(entry, preload, &payload).unwrap_or_else(|why| panic!("seed {seed}, {name}: {why}"));
            assert_eq!(out.renamed, [], "seed {seed}, {name}");
            let folder = root.below(&place("again/assets"));
            write(&folder.join("asset.json"), out.declaration.as_bytes());
            for file in &out.files {
                write(&file.path.below(&folder), &file.bytes);
            }
            let register = RegisterAsset { root, included: true };
            let registered = project.change(&Mutation::RegisterAsset(register), false);
            assert_eq!(registered.status, Status::Ok, "seed {seed}, {name}: {registered:?}");
            assets += 1;
        }
        drop(project);
        pack(&place("again"), &place("second"), None).unwrap_or_else(|why| panic!("seed {seed}: {why}"));
        let second = PackFile::open(place("second").join("assets.pa")).unwrap();

        assert_eq!(entries.len(), second.header().entries().len(), "seed {seed}");
        for (was, is) in entries.iter().zip(second.header().entries()) {
            let mut same = is.clone();
            same.asset_id = was.asset_id;
            assert_eq!(*was, same, "seed {seed}");
            let [was, is] = [(&first, was), (&second, is)].map(|(pack, entry)| pack.payload(entry.asset_id));
            assert!(was.unwrap() == is.unwrap(), "seed {seed}, {}", same.asset_name);
        }
        let slots =
            |pack: &PackFile| pack.header().preload().iter().map(|preload| preload.slot).collect::<Vec<_>>();
        assert_eq!(slots(&first), slots(&second), "seed {seed}");
    }
    assert!(assets > 250, "{assets} assets prove little");
    tally("extract, register and pack again, assets", assets, SEED);
}
