use std::collections::BTreeSet;

use sha2::{Digest as _, Sha256};

use super::*;

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn the_small_workload_is_the_agreed_one_to_the_last_byte() {
    let mut all = Sha256::new();
    let mut paths = Vec::new();
    let see = |path: &str, bytes: &[u8]| {
        all.update(bytes);
        paths.push(path.to_owned());
        Ok(())
    };
    let extent = Workload::small().each_file(see).unwrap();
    assert_eq!(extent, Extent { files: 163, bytes: 237_339 });
    assert!(paths.is_sorted());
    assert_eq!(hex(&all.finalize()[..8]), "51f8dba2473daa2b");
}

#[test]
fn the_game_has_as_many_files_and_bytes_as_was_agreed() {
    let game = Workload::game();
    let registry = game.registry(0..game.assets());
    let mut extent = Extent { files: 1, bytes: registry.len() as u64 };
    for number in 0..game.assets() {
        // Their noise takes its time; the bench takes the digest of all that it writes.
        let asset = if game.is_large(number) { lean(&game, number) } else { game.asset(number) };
        extent.files += asset.files.len() as u64;
        extent.bytes += asset.files.iter().map(|(_, bytes)| bytes.len() as u64).sum::<u64>();
    }
    extent.bytes += game.large * LARGE as u64;
    assert_eq!(extent, Extent { files: 6_352, bytes: 303_669_352 });
}

/// The large asset with an empty blob.
fn lean(game: &Workload, number: u64) -> Asset {
    let (mut dice, uuid) = Workload::dice(number);
    let (inputs, mut files) = content::blobs(vec![("data.bin", 0, 0)], &mut dice);
    let root = game.root(number);
    let declaration = inputs.declaration(&uuid, root.rsplit('/').next().unwrap(), &["data.bin"]);
    files.insert(0, ("asset.json".to_owned(), declaration.into_bytes()));
    Asset { root, uuid, files }
}

#[test]
fn the_huge_workload_has_fifty_thousand_roots_in_250_folders() {
    let huge = Workload::huge();
    let roots: BTreeSet<String> = (0..huge.assets()).map(|number| huge.root(number)).collect();
    let groups: BTreeSet<&str> = roots.iter().filter_map(|root| root.split('/').next()).collect();
    assert_eq!((roots.len(), groups.len()), (50_000, 250));
    assert_eq!(huge.root(49_999), "g249/asset_49999");
    assert!((64..=256).contains(&huge.asset(49_999).files[1].1.len()));
}

#[test]
fn a_scaled_workload_has_about_the_bytes_that_were_asked_for() {
    let scaled = Workload::scaled(200, 1_000_000);
    let size =
        |number| scaled.asset(number).files.iter().skip(1).map(|(_, bytes)| bytes.len()).sum::<usize>();
    let bytes: usize = (0..200).map(size).sum();
    assert!((900_000..1_100_000).contains(&bytes), "{bytes}");
}

#[test]
fn an_added_asset_has_the_next_id_and_a_root_of_its_own() {
    let small = Workload::small();
    let registry: serde_json::Value = serde_json::from_str(&small.registry((0..50).chain([ADDED]))).unwrap();
    let added = registry["assets"].as_array().unwrap().last().unwrap();
    assert_eq!(added["asset_id"], 51);
    assert_eq!(registry["next_asset_id"], 52);
    assert_eq!(added["root"], "g004/asset_99999");
    assert_eq!(added["asset_uuid"], *small.asset(ADDED).uuid);
}

#[test]
fn another_tile_is_another_in_the_same_colours() {
    let small = Workload::small();
    let asset = small.asset(0);
    let (name, first) = &asset.files[1];
    let other = small.other_tile(1);
    assert_eq!(name, "t0.png");
    assert_ne!(&other, first);
    assert_ne!(other, small.other_tile(2));
    let palette = String::from_utf8(asset.files[0].1.clone()).unwrap();
    let decoder = png::Decoder::new(io::Cursor::new(other));
    let mut reader = decoder.read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    reader.next_frame(&mut pixels).unwrap();
    for pixel in pixels.chunks(4) {
        let color = format!("\"#{:02x}{:02x}{:02x}\"", pixel[0], pixel[1], pixel[2]);
        assert!(palette.contains(&color), "{color} is not in {palette}");
    }
}

#[test]
fn everything_that_is_written_is_old_folders_too() {
    let folder = tempfile::tempdir().unwrap();
    let assets = folder.path().join("assets");
    let extent = Workload::small().write(&assets, |_| {}).unwrap();
    let (mut files, mut folders) = (0, vec![assets]);
    while let Some(folder) = folders.pop() {
        assert_eq!(fs::metadata(&folder).unwrap().modified().unwrap(), old(), "{}", folder.display());
        for entry in fs::read_dir(&folder).unwrap() {
            let entry = entry.unwrap();
            if entry.file_type().unwrap().is_dir() {
                folders.push(entry.path());
            } else {
                files += 1;
                assert_eq!(entry.metadata().unwrap().modified().unwrap(), old());
            }
        }
    }
    assert_eq!(files, extent.files);
}
