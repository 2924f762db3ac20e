//! The ways in which programs save a file: each time the pack has in the end what was saved, and nothing else.

use std::fs::{self, File};
use std::path::Path;
use std::time::Duration;

use super::Watched;
use crate::harness::Place;

/// A way of saving bytes as a file that is there.
type Save = fn(&Path, &[u8]);

const HABITS: &[(&str, Save)] = &[
    ("in place", |path, bytes| fs::write(path, bytes).unwrap()),
    ("in place, in pieces with pauses", |path, bytes| {
        let file = File::create(path).unwrap();
        for piece in bytes.chunks(4) {
            std::io::Write::write_all(&mut &file, piece).unwrap();
            std::thread::sleep(Duration::from_millis(20));
        }
    }),
    ("a temporary file that is renamed over it", |path, bytes| {
        let temporary = path.with_file_name(".data.txt.tmp-4711");
        fs::write(&temporary, bytes).unwrap();
        fs::rename(temporary, path).unwrap();
    }),
    ("a temporary file from elsewhere that is renamed over it", |path, bytes| {
        let elsewhere = path.ancestors().nth(3).unwrap().join("elsewhere");
        fs::write(&elsewhere, bytes).unwrap();
        fs::rename(elsewhere, path).unwrap();
    }),
    ("the old one is renamed to a backup", |path, bytes| {
        fs::rename(path, path.with_file_name("data.txt~")).unwrap();
        fs::write(path, bytes).unwrap();
    }),
    ("the old one is deleted", |path, bytes| {
        fs::remove_file(path).unwrap();
        fs::write(path, bytes).unwrap();
    }),
    ("the time of the old one is kept", |path, bytes| {
        let time = path.metadata().unwrap().modified().unwrap();
        fs::write(path, bytes).unwrap();
        File::options().write(true).open(path).unwrap().set_modified(time).unwrap();
    }),
    ("the time is that of long ago", |path, bytes| {
        let time = std::time::SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
        fs::write(path, bytes).unwrap();
        File::options().write(true).open(path).unwrap().set_modified(time).unwrap();
    }),
    ("the same size several times at once", |path, bytes| {
        for n in 0..20_u8 {
            fs::write(path, vec![n; bytes.len()]).unwrap();
        }
        fs::write(path, bytes).unwrap();
    }),
    #[cfg(unix)]
    ("a link that is led to a file which has been there for some time", |path, bytes| {
        let (file, link) = (path.with_file_name("linked.txt"), path.with_file_name("data.txt.tmp"));
        fs::write(file, bytes).unwrap();
        std::thread::sleep(Duration::from_millis(500));
        std::os::unix::fs::symlink("linked.txt", &link).unwrap();
        fs::rename(link, path).unwrap();
    }),
    ("the whole folder is replaced", |path, bytes| {
        let folder = path.parent().unwrap();
        let (other, away) = (folder.with_file_name("other~"), folder.with_file_name("away~"));
        fs::create_dir(&other).unwrap();
        fs::copy(folder.join("asset.json"), other.join("asset.json")).unwrap();
        fs::write(other.join("data.txt"), bytes).unwrap();
        fs::rename(folder, &away).unwrap();
        fs::rename(&other, folder).unwrap();
        fs::remove_dir_all(away).unwrap();
    }),
];

#[track_caller]
fn check(arguments: &[&str]) {
    let place = Place::blobs(&["a", "b"]);
    let mut watched = Watched::start(&place, arguments);
    let other = fs::read(place.path("assets/b/data.txt")).unwrap();
    for round in 0..2 {
        for (n, (habit, save)) in HABITS.iter().enumerate() {
            // Of one size, so that nothing is found by that.
            let bytes = format!("round {round}, habit {n:>4}\n").into_bytes();
            save(&place.path("assets/a/data.txt"), &bytes);
            let told = watched.until_data("a", &bytes);
            let blobs = watched.blobs().unwrap();
            assert_eq!(blobs.len(), 2, "{habit}: {told:?}");
            assert_eq!(blobs[&("b".to_owned(), "data.txt".to_owned())], other, "{habit}");
        }
    }
    // What is told last is no trouble.
    let last = format!("the {} end\n", "very".repeat(3)).into_bytes();
    place.write("assets/a/data.txt", &last);
    watched.until_data("a", &last);
    let told = watched.until("Packed build/assets.pa");
    assert!(watched.quiet().iter().all(|line| line.contains("Unchanged")), "{told:?}");
}

#[test]
fn whichever_way_a_file_is_saved_the_pack_has_it() {
    check(&[]);
}

#[test]
fn whichever_way_a_file_is_saved_the_pack_has_it_where_nobody_tells() {
    check(&["--poll"]);
}
