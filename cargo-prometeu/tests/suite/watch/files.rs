//! What happens to folders, to many files and to the packer's own; and what is told of it.

use std::fs::{self, File};
use std::io::Write as _;
use std::time::{Duration, SystemTime};

use super::{DEADLINE, Watched, save, save_with};
use crate::harness::Place;

/// How many lines tell of a pack that was made.
fn packs(told: &[String]) -> usize {
    told.iter().filter(|line| line.contains("Packed")).count()
}

#[test]
fn a_change_is_told_in_two_lines_and_nothing_follows_from_that() {
    let place = Place::blobs(&["ui/a", "b"]);
    let mut watched = Watched::start(&place, &[]);
    for n in 0..3 {
        save(&place, "assets/ui/a/data.txt", format!("number {n}"));
        let told = watched.until("Packed");
        assert_eq!(told[0], "     Changed ui/a (data.txt)");
        assert!(told[1].starts_with("      Packed build/assets.pa "), "{told:?}");
        assert!(told[1].contains("2 assets (1 kept, 1 made) in "), "{told:?}");
        assert_eq!(told.len(), 2, "{told:?}");
    }
    assert_eq!(watched.quiet(), [""; 0], "its own pack woke it");
}

#[test]
fn who_reads_packs_elsewhere_or_changes_nothing_makes_no_new_pack() {
    let place = Place::blobs(&["a", "b"]);
    let mut watched = Watched::start(&place, &[]);
    let pack = || place.path("build/assets.pa").metadata().unwrap().modified().unwrap();
    let before = pack();
    place.ok(&["doctor", "--workspace"]);
    place.ok(&["pack", "--out", "elsewhere"]);
    place.ok(&["pack", "--check"]);
    place.write("notes.txt", "beside the assets");
    place.write("build/notes.txt", "beside the pack");
    place.write("assets/a/.data.txt.swp", "an editor's");
    assert_eq!(watched.quiet(), [""; 0]);
    // A touch is a change that brings nothing.
    let file = File::options().write(true).open(place.path("assets/a/data.txt")).unwrap();
    file.set_modified(SystemTime::now()).unwrap();
    assert_eq!(watched.until("Unchanged"), ["   Unchanged build/assets.pa, after a (data.txt)"]);
    assert_eq!(pack(), before, "the pack was written");
}

#[test]
fn many_changes_at_once_are_few_packs() {
    let place = Place::blobs(&["a"]);
    let files: Vec<String> = (0..200).map(|n| format!("from/{n:03}.txt")).collect();
    files.iter().for_each(|file| place.write(file, "old"));
    let words: Vec<&str> = ["create", "many", "--type", "blob_bank", "--from"]
        .into_iter()
        .chain(files.iter().map(String::as_str))
        .collect();
    place.ok(&words);
    let mut watched = Watched::start(&place, &[]);
    for n in 0..200 {
        place.write(&format!("assets/many/{n:03}.txt"), format!("new {n}"));
    }
    let is_new = |name: &str, bytes: &[u8]| {
        let n: usize = name.trim_end_matches(".txt").parse().unwrap();
        bytes == format!("new {n}").as_bytes()
    };
    let mut told = watched.until_pack(|blobs| {
        let mut many = blobs.iter().filter(|((asset, _), _)| asset == "many");
        many.all(|((_, name), bytes)| is_new(name, bytes))
    });
    told.extend(watched.quiet());
    assert!(told.iter().any(|line| line.contains("many (") && line.contains(" files)")), "{told:?}");
    assert!((1..20).contains(&packs(&told)), "{told:?}");
}

#[test]
fn assets_may_go_and_come_back_and_be_replaced_as_a_whole() {
    let place = Place::blobs(&["a", "b"]);
    let mut watched = Watched::start(&place, &[]);
    let (assets, away) = (place.path("assets"), place.path("away"));
    let check = |watched: &mut Watched, text: &str| {
        place.write("assets/a/data.txt", text);
        watched.until_data("a", text.as_bytes());
    };

    // Renamed away and back.
    fs::rename(&assets, &away).unwrap();
    let told = watched.until("Waiting for changes");
    assert_eq!(told[0], "     Changed `assets/`, which is gone");
    assert_eq!(told.last().unwrap(), "     Waiting for changes; build/assets.pa is as it was");
    fs::rename(&away, &assets).unwrap();
    watched.until("all is well again");
    check(&mut watched, "after it was renamed back");

    // Another folder takes its place, as when a branch is checked out elsewhere and moved here.
    copy(&assets, &away);
    fs::write(away.join("a/data.txt"), "of the other").unwrap();
    fs::rename(&assets, place.path("old")).unwrap();
    fs::rename(&away, &assets).unwrap();
    watched.until_data("a", b"of the other");
    check(&mut watched, "in the other");

    // Deleted, and made anew file by file.
    copy(&assets, &away);
    fs::remove_dir_all(&assets).unwrap();
    copy(&away, &assets);
    check(&mut watched, "after all was deleted");

    // An asset's folder alone.
    fs::rename(assets.join("a"), place.path("a")).unwrap();
    watched.until("root-missing");
    watched.until("Waiting for changes");
    fs::rename(place.path("a"), assets.join("a")).unwrap();
    watched.until("all is well again");
    check(&mut watched, "after its folder was away");
}

fn copy(from: &std::path::Path, to: &std::path::Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let (from, to) = {
            let entry = entry.unwrap();
            (entry.path(), to.join(entry.file_name()))
        };
        if from.is_dir() {
            copy(&from, &to);
        } else {
            fs::copy(from, to).unwrap();
        }
    }
}

#[test]
fn what_other_commands_do_to_the_registry_is_packed() {
    let place = Place::blobs(&["a", "b"]);
    let mut watched = Watched::start(&place, &[]);
    let has = |count: usize| move |blobs: &std::collections::BTreeMap<_, _>| blobs.len() == count;
    place.ok(&["exclude", "b"]);
    let mut told = watched.until_pack(has(1));
    if !told.iter().any(|line| line.contains("Packed")) {
        told.extend(watched.until("Packed"));
    }
    assert!(told.contains(&"     Changed the registry".to_owned()), "{told:?}");
    place.ok(&["include", "b"]);
    watched.until_pack(has(2));
    place.ok(&["create", "c", "--type", "blob_bank"]);
    watched.until_pack(has(3));
    place.ok(&["relocate", "c", "deep/c", "--yes"]);
    watched.until("deep/c");
    place.ok(&["undo", "--yes"]);
    place.ok(&["remove", "c", "--yes"]);
    watched.until_pack(has(2));
}

#[test]
fn what_is_wrong_is_told_as_pack_tells_it_until_it_is_mended() {
    let place = Place::blobs(&["a"]);
    let mut watched = Watched::start(&place, &[]);
    save_with(&place, "assets/a/asset.json", "data.txt", "gone.txt");
    let told = watched.until("Waiting for changes").join("\n");
    for words in ["error[input-missing]", "^^^^", "nothing was packed: 1 error in 1 asset"] {
        assert!(told.contains(words), "no `{words}` in:\n{told}");
    }
    save_with(&place, "assets/a/asset.json", "gone.txt", "data.txt");
    let told = watched.until("all is well again");
    assert_eq!(
        told,
        ["     Changed a (asset.json)", "   Unchanged build/assets.pa; all is well again"],
        "the pack is what it was"
    );
}

#[test]
fn a_warning_is_told_once_and_not_with_each_save() {
    let place = Place::blobs(&["a"]);
    let mut watched = Watched::start(&place, &[]);
    save_with(&place, "assets/a/asset.json", "\"name\"", "\"nmae\": 1,\n  \"name\"");
    let told = watched.until("Unchanged");
    let rest = watched.quiet();
    assert!(
        told.iter().chain(&rest).any(|line| line.contains("warning[unknown-member]")),
        "{told:?} {rest:?}"
    );
    save(&place, "assets/a/data.txt", "the next save");
    assert_eq!(watched.until("Packed").len(), 2);
    assert_eq!(watched.quiet(), [""; 0]);
}

#[test]
fn a_file_that_is_empty_for_a_moment_is_no_news() {
    let place = Place::project();
    place.ok(&["create", "ui", "--type", "glyph_bank"]);
    let mut watched = Watched::start(&place, &[]);
    let file = fs::read_dir(place.path("assets/ui")).unwrap().map(|entry| entry.unwrap().path());
    let file = file.into_iter().find(|path| path.extension().is_some_and(|ext| ext == "png")).unwrap();
    let picture = fs::read(&file).unwrap();
    fs::write(&file, "").unwrap();
    std::thread::sleep(Duration::from_millis(30));
    fs::write(&file, &picture).unwrap();
    let told = watched.until("Unchanged");
    // A machine that is busy for long may have seen it empty.
    let is_told = told.iter().any(|line| line.contains("image-invalid"));
    assert!(!is_told || told.last().unwrap().contains("all is well again"), "{told:?}");
}

#[test]
fn a_change_that_comes_while_it_packs_is_packed() {
    let place = crate::signals::many();
    let mut watched = Watched::start(&place, &[]);
    let staging = place.path("build/.staging");
    let is_packing = || fs::read_dir(&staging).is_ok_and(|mut staged| staged.next().is_some());
    let mut caught = 0;
    for round in 0..20 {
        for n in 1..=crate::signals::MANY {
            place.write(&format!("assets/a{n}/data.txt"), format!("{round} {n}"));
        }
        let began = std::time::Instant::now();
        while !is_packing() && began.elapsed() < Duration::from_secs(2) {
            std::thread::yield_now();
        }
        let last = format!("{round}, saved while it packs");
        place.write("assets/a1/data.txt", &last);
        caught += usize::from(is_packing());
        let began = std::time::Instant::now();
        watched.until_data("a1", last.as_bytes());
        assert!(began.elapsed() < DEADLINE);
        if caught == 3 {
            return;
        }
    }
    assert!(caught > 0, "it never packed while a file was saved");
}

#[test]
fn a_pack_that_somebody_deletes_is_made_again() {
    let place = Place::blobs(&["a"]);
    let mut watched = Watched::start(&place, &["--poll"]);
    fs::remove_dir_all(place.path("build")).unwrap();
    let told = watched.until("Packed");
    assert_eq!(told[0], "     Changed build/assets.pa, which is gone");
}

#[test]
fn it_writes_where_pack_would() {
    let place = Place::blobs(&["a"]);
    let mut watched = Watched::begin(&place, &["--out", "dist"]);
    watched.until("Packed dist/assets.pa");
    assert!(!place.path("build/assets.pa").exists());
    place.run(&["watch", "--out", "assets/dist"]).code(2).says("lies among the assets");
    place.run(&["watch", "true"]).code(2).says("unexpected argument 'true'");
    Place::empty().run(&["watch"]).code(2);
}

/// A user may have so many folders watched, and not one more. Where nobody may make a user of its own, nothing is
/// proved.
#[cfg(target_os = "linux")]
#[test]
fn where_the_system_watches_no_more_it_says_so_and_looks() {
    let place = Place::blobs(&["a"]);
    let limits =
        [("max_inotify_watches", "max_user_watches"), ("max_inotify_instances", "max_user_instances")];
    for (limit, name) in limits {
        let mut probe = std::process::Command::new("unshare");
        probe.args(["-Ur", "sh", "-c", &format!("echo 0 > /proc/sys/user/{limit}")]);
        if !probe.output().is_ok_and(|output| output.status.success()) {
            // Nobody can be told when standard error is gone.
            let _ =
                writeln!(std::io::stderr(), "skipped: nobody may set `{limit}` for users of its own here");
            return;
        }
        let ours = place.command(&["watch"]);
        let script = format!("echo 0 > /proc/sys/user/{limit} && exec {}", ours.get_program().display());
        let mut command = std::process::Command::new("unshare");
        command.args(["-Ur", "sh", "-c", &format!("{script} watch")]).current_dir(place.path(""));
        command.env_remove("CARGO_TARGET_DIR").env("NO_COLOR", "1");
        let mut watched = Watched::spawn(&place, command);
        let first = watched.line().unwrap();
        assert!(first.contains("Watching"), "{first}");
        let told = watched.until("Packed");
        let warning = "warning: the files are looked at twice a second: ";
        assert!(told[0].starts_with(warning) && told[0].contains(name), "{first}\n{told:?}");
        place.write("assets/a/data.txt", format!("under {name}"));
        watched.until_data("a", format!("under {name}").as_bytes());
    }
}
