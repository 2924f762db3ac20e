//! `inspect --extract`: a pack taken apart, whoever made it.

use std::path::Path;

use packer_format::json::{Object, Value, object};
use packer_format::{AssetId, BlobBankId, Header, PackWriter, PlannedAsset};

use crate::harness::Place;

/// One asset of each family.
fn families() -> Place {
    let place = Place::project();
    for (root, family) in [("ui/tiles", "glyph_bank"), ("sfx/beeps", "sound_bank"), ("texts", "blob_bank")] {
        place.ok(&["create", root, "--type", family]);
    }
    place.edit("assets/texts/asset.json", "\"enabled\": false", "\"enabled\": true");
    place.ok(&["pack"]);
    place
}

#[test]
fn what_was_extracted_and_registered_packs_to_the_same_bytes() {
    let place = families();
    place
        .ok(&["inspect", "build/assets.pa", "--extract", "again/assets"])
        .prints("ID  FOLDER  TYPE        FILES\n 1  tiles   glyph_bank  sheet.png\n")
        .says("Extracted 3 assets in again/assets")
        .says("`cargo prometeu register tiles beeps texts`");
    place.ok(&["init", "--yes", "--project", "again"]);
    place.ok(&["register", "tiles", "beeps", "texts", "--project", "again"]);
    place.ok(&["pack", "--project", "again"]);
    let [was, is] =
        ["build", "again/build"].map(|folder| std::fs::read(place.path(folder).join("assets.pa")).unwrap());
    assert!(was == is);
}

#[test]
fn only_a_new_or_an_empty_folder_is_written() {
    let place = families();
    place.write("file", "mine");
    place.write("full/file", "mine");
    std::fs::create_dir(place.path("empty")).unwrap();
    let before = place.listing();
    for (dir, why) in [
        ("file", "`file` is not a folder"),
        ("full", "`full` is not empty"),
        (".", "`.` is not empty"),
        ("file/below", "file"),
    ] {
        let run = place.run(&["inspect", "build/assets.pa", "--extract", dir]);
        assert!([2, 4].contains(&run.code), "{dir}: {run:?}");
        run.says(why).prints_nothing();
        assert_eq!(place.listing(), before, "{dir}");
    }
    let pack = place.path("build/assets.pa");
    let inside = ["inspect", pack.to_str().unwrap(), "--extract", "."];
    place.run_in(place.path("empty"), &inside).code(2).says("`.` is a folder that somebody is in");
    place.ok(&["inspect", "build/assets.pa", "--extract", "empty"]);
    place.ok(&["inspect", "build/assets.pa", "--extract", "new/deep/./folder"]);
    for folder in ["empty", "new/deep/folder"] {
        assert!(place.path(folder).join("texts/data.txt").is_file(), "{folder}");
    }
    let hidden = |folder: &str| {
        let entries = std::fs::read_dir(place.path(folder)).unwrap();
        entries
            .filter(|entry| entry.as_ref().unwrap().file_name().to_string_lossy().contains("empty"))
            .count()
    };
    assert_eq!(hidden(""), 1, "nothing is left beside it");
}

#[cfg(unix)]
#[test]
fn a_link_is_followed_to_an_empty_folder_and_nowhere_else() {
    let place = families();
    std::fs::create_dir(place.path("empty")).unwrap();
    std::os::unix::fs::symlink("empty", place.path("link")).unwrap();
    std::os::unix::fs::symlink("nowhere", place.path("dangling")).unwrap();
    place.run(&["inspect", "build/assets.pa", "--extract", "dangling"]).code(2).says("leads nowhere");
    place.ok(&["inspect", "build/assets.pa", "--extract", "link"]);
    assert!(place.path("link").is_symlink());
    assert!(place.path("empty/texts/data.txt").is_file());
}

/// A blob bank with these files, as it stands in a table.
fn blobs(files: &[(&str, &[u8])]) -> (Object, Vec<u8>) {
    let mut payload = Vec::new();
    let mut blobs = Vec::new();
    for (n, (name, bytes)) in files.iter().enumerate() {
        payload.resize(payload.len().next_multiple_of(16), 0);
        let number = |n: usize| Value::from(u32::try_from(n).unwrap());
        let blob =
            [("length", number(bytes.len())), ("name", (*name).into()), ("offset", number(payload.len()))];
        let blob = blob.map(|(key, value)| (key.to_owned(), value)).to_vec();
        blobs.push((n.to_string(), Value::from(object(blob))));
        payload.extend_from_slice(bytes);
    }
    (object(vec![("blobs".to_owned(), Value::from(object(blobs)))]), payload)
}

/// A pack that somebody else wrote.
fn write_pack(path: &Path, assets: &[(&str, &str, Object, Vec<u8>)]) {
    let id = |n: usize| BlobBankId::new(u32::try_from(n + 1).unwrap()).id();
    let planned = assets.iter().enumerate().map(|(n, (name, bank_type, metadata, payload))| PlannedAsset {
        asset_id: id(n),
        asset_name: (*name).to_owned(),
        bank_type: (*bank_type).to_owned(),
        decoded_size: payload.len() as u64,
        size: payload.len() as u64,
        metadata: metadata.clone(),
        preload: false,
    });
    let header = Header::plan(planned).unwrap();
    let mut writer = PackWriter::new(Vec::new(), &header).unwrap();
    for (n, (.., payload)) in assets.iter().enumerate() {
        let asset: AssetId = id(n);
        std::io::Write::write_all(&mut writer.begin(asset).unwrap(), payload).unwrap();
    }
    std::fs::write(path, writer.finish().unwrap()).unwrap();
}

#[test]
fn a_hostile_pack_writes_nothing_outside_and_nothing_that_others_obey() {
    let place = Place::empty();
    let (names, payload) = blobs(&[
        ("../../up.txt", b"1"),
        ("/etc/passwd", b"2"),
        (".git/config", b"3"),
        ("asset.json", b"4"),
        ("same", b"5"),
        ("SAME", b"6"),
        ("same/below", b"7"),
        ("fine/file.txt", b"8"),
    ]);
    write_pack(
        &place.path("bad.pa"),
        &[("../..", "BLOB", names.clone(), payload.clone()), ("../..", "BLOB", names, payload)],
    );
    let (run, lines) = place.json(&["inspect", "bad.pa", "--extract", "out/here"]);
    assert_eq!(run.code, 0);
    let game = place.path("");
    let listed = place.listing().into_keys().filter(|path| path.is_file());
    let files: Vec<String> =
        listed.map(|path| path.strip_prefix(&game).unwrap().to_string_lossy().replace('\\', "/")).collect();
    let own = |name: &str| ["asset_1", "asset_2"].map(|root| format!("out/here/{root}/{name}"));
    let expected = [
        "asset.json",
        "blob_0.txt",
        "blob_1",
        "blob_2",
        "blob_3.json",
        "blob_5",
        "blob_6",
        "fine/file.txt",
        "same",
    ];
    let mut expected: Vec<String> = expected.iter().flat_map(|name| own(name)).collect();
    expected.push("bad.pa".to_owned());
    expected.sort();
    assert_eq!(files, expected);
    let renamed = lines[0]["extracted"]["assets"][1]["renamed"].as_array().unwrap();
    assert_eq!(renamed.len(), 6);
    assert_eq!(renamed[0], serde_json::json!({ "index": 0, "from": "../../up.txt", "to": "blob_0.txt" }));
}

#[test]
fn what_this_version_does_not_know_is_told_and_left_out() {
    let place = Place::empty();
    let (metadata, payload) = blobs(&[("a.txt", b"text")]);
    let odd = object(vec![("vertices".to_owned(), 3.into())]);
    write_pack(
        &place.path("later.pa"),
        &[
            ("ship", "MESH", odd.clone(), vec![1, 2, 3]),
            ("story", "BLOB", metadata, payload),
            ("fake", "BLOB", odd, vec![1]),
        ],
    );
    place
        .run(&["inspect", "later.pa", "--extract", "out"])
        .code(1)
        .prints(" 2  story   blob_bank  a.txt\n")
        .says("error: asset 1 `ship` is left out: this version knows no `MESH` banks")
        .says("error: asset 3 `fake` is left out: its metadata is wrong: ")
        .says("Extracted 1 asset in out, 2 left out");
    let (run, lines) = place.json(&["inspect", "later.pa", "--extract", "other"]);
    let extracted = &lines[0]["extracted"];
    assert_eq!((run.code, extracted["left_out"].as_array().unwrap().len()), (1, 2));
    assert_eq!(lines[0]["status"], "blocked", "the code and the status say the same");
    assert_eq!(extracted["left_out"][0]["bank_type"], "MESH");

    write_pack(&place.path("nothing.pa"), &[("ship", "MESH", object(Vec::new()), Vec::new())]);
    place.run(&["inspect", "nothing.pa", "--extract", "none"]).code(1).says("there is nothing to extract");
    place.run(&["inspect", "nothing.pa", "--extract", "on/the/way/none"]).code(1);
    assert!(!place.path("on").exists(), "what was made for it goes with it");
    write_pack(&place.path("empty.pa"), &[]);
    place.ok(&["inspect", "empty.pa", "--extract", "none"]).says("there is nothing to extract");
    place.write("damaged.pa", "PMPA and no more");
    place.run(&["inspect", "damaged.pa", "--extract", "none"]).code(1);
    assert!(!place.path("none").exists());
}

/// Nobody writes into the pipe, so whoever opens it waits for ever.
#[cfg(unix)]
#[test]
fn a_pipe_or_a_device_in_the_place_of_a_pack_is_named_and_nobody_waits() {
    let place = Place::blobs(&["a"]);
    place.ok(&["pack"]);
    let pipe = |path: &str| {
        let made = std::process::Command::new("mkfifo").arg(place.path(path)).status();
        made.is_ok_and(|made| made.success())
    };
    if !pipe("pipe") {
        println!("SKIPPED: there is no mkfifo");
        return;
    }
    for command in [
        &["inspect"][..],
        &["inspect", "--extract", "out"],
        &["verify"],
        &["diff", "build/assets.pa"],
        &["diff"],
    ] {
        for (path, words) in [
            ("pipe", "`pipe` cannot be read as a pack: it is a pipe"),
            ("/dev/zero", "`/dev/zero` cannot be read as a pack: it is a device"),
        ] {
            place.run(&[command, &[path]].concat()).code(2).says(words).says("write it to a file first");
        }
    }
    std::fs::remove_file(place.path("build/asset_table_metadata.json")).unwrap();
    assert!(pipe("build/asset_table_metadata.json"));
    place.ok(&["diff", "build/assets.pa"]).prints("1 asset, no difference\n");
}

#[test]
fn what_a_killed_extraction_left_below_assets_is_no_asset_and_is_told() {
    let place = families();
    place.ok(&["inspect", "build/assets.pa", "--extract", "out"]);
    let left = "assets/.new.pm-01920000-0000-7000-8000-000000000000";
    std::fs::rename(place.path("out"), place.path(left)).unwrap();
    place.ok(&["list", "--unregistered"]).prints_nothing();
    let found = place.run(&["doctor", "--workspace"]);
    assert!(found.stdout.contains("staging-leftover") && found.stdout.contains(left), "{found:?}");
    assert!(!found.stdout.contains("orphan-declaration"), "{found:?}");
}
