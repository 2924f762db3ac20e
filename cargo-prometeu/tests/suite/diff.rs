//! `diff`: packs, projects and revisions side by side.

use std::process::Command;

use serde_json::{Value, json};

use crate::harness::Place;

/// Git in the place, without anybody's settings.
fn git(place: &Place, arguments: &[&str]) {
    let identity = ["-c", "user.name=Ann", "-c", "user.email=ann@example.org", "-c", "commit.gpgsign=false"];
    let done = Command::new("git")
        .args(identity)
        .args(arguments)
        .current_dir(place.path(""))
        .envs([("GIT_CONFIG_GLOBAL", "/dev/null"), ("GIT_CONFIG_NOSYSTEM", "1")])
        .output()
        .unwrap();
    assert!(done.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&done.stderr));
}

fn diff(place: &Place, arguments: &[&str]) -> Value {
    let (run, mut lines) = place.json(&[&["diff"], arguments].concat());
    assert_eq!((run.code, lines.len()), (0, 1), "{run:?}");
    lines.remove(0)
}

/// What became of each asset: the change, its root or name, and in which respects.
fn told(answer: &Value) -> Vec<String> {
    let one = |change: &Value| {
        let state = if change["new"].is_null() { &change["old"] } else { &change["new"] };
        let title = state["root"].as_str().or(state["asset_name"].as_str()).unwrap();
        let what: Vec<&str> =
            change["what"].as_array().into_iter().flatten().map(|what| what.as_str().unwrap()).collect();
        format!("{} {title} {}", change["change"].as_str().unwrap(), what.join(" ")).trim_end().to_owned()
    };
    answer["changes"].as_array().unwrap().iter().map(one).collect()
}

#[test]
fn every_way_in_which_an_asset_can_become_another_is_told() {
    let place = Place::project();
    for (root, family) in
        [("tiles", "glyph_bank"), ("beeps", "sound_bank"), ("a", "blob_bank"), ("b", "blob_bank")]
    {
        place.ok(&["create", root, "--type", family]);
    }
    place.ok(&["pack", "--out", "old"]);
    assert_eq!(told(&diff(&place, &["old/assets.pa"])), [""; 0]);
    place.ok(&["diff", "old/assets.pa"]).prints("4 assets, no difference\n");

    place.write("assets/a/data.txt", "longer than it was before, by a good deal");
    place.write("assets/a/more.txt", "more");
    place.edit("assets/a/asset.json", "[\"data.txt\"]", "[\"data.txt\", \"more.txt\"]");
    place.edit(
        "assets/a/asset.json",
        "\"codec\": \"NONE\"",
        "\"codec\": \"NONE\", \"metadata\": { \"by\": \"me\" }",
    );
    place.edit("assets/b/asset.json", "\"name\": \"b\"", "\"name\": \"second\"");
    place.edit("assets/b/asset.json", "\"enabled\": false", "\"enabled\": true");
    place.ok(&["relocate", "b", "deep/b", "--yes"]);
    place.ok(&["exclude", "beeps"]);
    place.ok(&["create", "new", "--type", "blob_bank"]);
    let answer = diff(&place, &["old/assets.pa"]);
    assert_eq!(
        told(&answer),
        [
            "excluded beeps",
            "changed a inputs metadata payload",
            "changed deep/b name root preload",
            "added new"
        ]
    );
    let a = &answer["changes"][1];
    assert_eq!(a["inputs"], json!({ "added": ["more.txt"], "removed": [], "changed": ["data.txt"] }));
    assert_eq!(a["artifacts"], json!({ "added": [1], "removed": [], "changed": [0], "palettes": [] }));
    assert_eq!(a["metadata"], json!(["by"]));
    let totals = &answer["totals"];
    assert_eq!((&totals["changed"], &totals["unchanged"]), (&json!(2), &json!(1)));
    let sizes = ["old", "new"].map(|side| answer[side]["total_assets"].as_u64().unwrap());
    assert_eq!(sizes, [4, 4]);

    // The other way round what came is gone.
    place.ok(&["pack"]);
    assert_eq!(
        told(&diff(&place, &["build/assets.pa", "old/assets.pa"])),
        ["added beeps", "changed a inputs metadata payload", "changed b name root preload", "removed new"]
    );
    let sorted = diff(&place, &["old/assets.pa", "--sort", "size"]);
    assert_eq!(told(&sorted)[0], "excluded beeps");
    let sorted = diff(&place, &["old/assets.pa", "--sort", "name"]);
    assert_eq!(told(&sorted)[0], "changed a inputs metadata payload");
    // Without what stands beside it a pack knows no files and no folders, and ids say what is the same.
    std::fs::copy(place.path("old/assets.pa"), place.path("alone.pa")).unwrap();
    assert_eq!(
        told(&diff(&place, &["alone.pa"])),
        ["excluded beeps", "changed a metadata payload", "changed deep/b name preload", "added new"]
    );
}

/// Both begin with the same placeholder.
#[test]
fn two_assets_that_were_just_made_are_not_taken_for_one() {
    let place = Place::blobs(&["a"]);
    place.ok(&["pack", "--out", "old"]);
    place.ok(&["remove", "a", "--yes"]);
    place.ok(&["create", "b", "--type", "blob_bank"]);
    assert_eq!(told(&diff(&place, &["old/assets.pa"])), ["removed a", "added b"]);
}

/// Name and payload prove it where neither uuid nor id does.
#[test]
fn an_asset_that_was_registered_anew_or_renumbered_keeps_its_line() {
    let place = Place::blobs(&["a", "b", "c"]);
    for root in ["a", "b", "c"] {
        place.write(&format!("assets/{root}/data.txt"), format!("what is in {root}"));
    }
    place.ok(&["pack", "--out", "old"]);
    place.ok(&["forget", "a", "--yes"]);
    let declaration = place.read("assets/a/asset.json");
    let (uuid, _) = declaration.split_once("\"asset_uuid\": \"").unwrap().1.split_once('"').unwrap();
    place.edit("assets/a/asset.json", uuid, "00000000-0000-4000-8000-000000000001");
    place.ok(&["register", "a"]);
    assert_eq!(told(&diff(&place, &["old/assets.pa"])), ["changed a asset_id asset_uuid"]);
    place.ok(&["diff", "old/assets.pa"]).prints("id was 1; registered anew with the same payload\n");
    // Without what stands beside it: two ids were exchanged.
    std::fs::copy(place.path("old/assets.pa"), place.path("alone.pa")).unwrap();
    let registry = place.read("assets/.prometeu/index.json").replace("\"asset_id\": 2,", "\"asset_id\": 0,");
    let registry = registry
        .replace("\"asset_id\": 3,", "\"asset_id\": 2,")
        .replace("\"asset_id\": 0,", "\"asset_id\": 3,");
    place.write("assets/.prometeu/index.json", registry);
    assert_eq!(
        told(&diff(&place, &["alone.pa"])),
        ["changed c asset_id", "changed b asset_id", "changed a asset_id"]
    );
}

#[test]
fn a_tile_and_a_palette_that_changed_are_named() {
    let place = Place::project();
    place.ok(&["create", "tiles", "--type", "glyph_bank"]);
    place.ok(&["pack"]);
    let declaration = place.read("assets/tiles/asset.json");
    let (before, behind) = declaration.split_once("\"#").unwrap();
    place.write("assets/tiles/asset.json", format!("{before}\"#00ff00\", \"#{behind}"));
    let answer = diff(&place, &["build/assets.pa"]);
    assert_eq!(told(&answer), ["changed tiles pipeline payload"]);
    assert_eq!(answer["changes"][0]["artifacts"]["palettes"], json!([0]));
    place.ok(&["diff", "build/assets.pa"]).prints("palette 0 changed");
}

#[test]
fn a_revision_is_compared_and_nothing_of_the_work_tree_is_touched() {
    let place = Place::blobs(&["a", "b"]);
    git(&place, &["init", "-q"]);
    place.write(".gitattributes", "assets/** -text\n");
    git(&place, &["add", "-A"]);
    git(&place, &["commit", "-qm", "one"]);
    place.ok(&["diff", "HEAD"]).prints("2 assets, no difference\n").says("Compared `HEAD` and the project");
    place.write("assets/a/data.txt", "other");
    git(&place, &["commit", "-qam", "two"]);
    place.ok(&["forget", "b", "--yes"]);
    git(&place, &["add", "-A"]);
    place.write("assets/a/data.txt", "and other again");
    place.write("HEAD", "a file of that name");

    let before = place.listing();
    assert_eq!(told(&diff(&place, &["HEAD~1", "git:HEAD"])), ["changed a inputs payload"]);
    assert_eq!(told(&diff(&place, &["git:HEAD", "."])), ["changed a inputs payload", "removed b"]);
    assert_eq!(place.listing(), before);
    place.run(&["diff", "HEAD"]).code(1).says("`HEAD` cannot be read: ");
    place.run(&["diff", "git:HEAD", "--exit-code"]).code(1).prints("~");
    place.run(&["diff", "git:HEAD", "git:HEAD", "--exit-code"]).code(0);
    for nothing in ["git:nowhere", "nowhere", "git:--output=x", "--", "git:HEAD:assets/a/data.txt"] {
        let run = place.run(&["diff", nothing]);
        assert_eq!(run.code, 2, "{nothing}: {run:?}");
    }
    assert_eq!(place.listing(), before);
}

/// What the lines of a file end with is up to the attributes that stood beside it.
#[test]
fn a_revision_is_checked_out_by_its_own_attributes() {
    let place = Place::blobs(&["a"]);
    git(&place, &["init", "-q"]);
    place.write(".gitattributes", "* -text\n");
    place.write("assets/a/data.txt", "one\ntwo\n");
    git(&place, &["add", "-A"]);
    git(&place, &["commit", "-qm", "as it is"]);
    place.write(".gitattributes", "*.txt text eol=crlf\n");
    git(&place, &["add", "-A"]);
    git(&place, &["commit", "-qm", "other line ends from now on"]);
    assert_eq!(told(&diff(&place, &["HEAD~1"])), [""; 0], "the file is as it was committed");
    assert_eq!(told(&diff(&place, &["HEAD~1", "HEAD"])), ["changed a inputs payload"]);
}

#[test]
fn what_git_says_is_passed_on() {
    let place = Place::blobs(&["a"]);
    place.run(&["diff", "HEAD"]).code(2).says("no revision that git knows: the project is in no repository");
    git(&place, &["init", "-q"]);
    git(&place, &["add", "-A"]);
    git(&place, &["commit", "-qm", "one"]);
    let run = place.run(&["diff", "nowhere"]).code(2);
    assert!(!run.stderr.contains("git says"), "{run:?}");
    let mut command = place.command(&["diff", "HEAD"]);
    command.env("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1");
    let run = crate::harness::Run::of(command.output().unwrap()).code(2);
    run.says("git says: detected dubious ownership")
        .says("Git itself advises `git config --global --add safe.directory");
}

#[test]
fn findings_of_a_revision_name_the_revision_and_not_the_file_of_today() {
    let place = Place::blobs(&["a"]);
    git(&place, &["init", "-q"]);
    place.edit("assets/a/asset.json", "BLOB/raw_v1", "BLOB/raw_v9");
    git(&place, &["add", "-A"]);
    git(&place, &["commit", "-qm", "broken"]);
    place.edit("assets/a/asset.json", "BLOB/raw_v9", "BLOB/raw_v1");
    place
        .run(&["diff", "git:HEAD"])
        .code(1)
        .says("--> HEAD:assets/a/asset.json:")
        .says("`git:HEAD` cannot be packed, so there is nothing to compare");
    let (_, lines) = place.json(&["diff", "HEAD"]);
    assert_eq!(lines[0]["diagnostics"][0]["file"], "HEAD:assets/a/asset.json");
    // Nor are those of another project files of this one.
    place.ok(&["init", "--yes", "--project", "."]);
    std::fs::create_dir_all(place.path("other")).unwrap();
    place.ok(&["init", "--yes", "--project", "other"]);
    place.ok(&["create", "b", "--type", "blob_bank", "--project", "other"]);
    place.edit("other/assets/b/asset.json", "BLOB/raw_v1", "BLOB/raw_v9");
    place.run(&["diff", "other"]).code(1).says("--> other/assets/b/asset.json:");
}

/// As `kill -9` leaves it: the lock is gone with the process.
#[test]
fn what_a_killed_command_left_is_counted_cleared_and_swept() {
    let place = Place::blobs(&["a"]);
    place.ok(&["pack"]);
    let left = |n: u32| {
        let folder = format!("build/.cache/scratch-0192000000007000800000000000000{n}");
        place.write(&format!("{folder}/lock"), "");
        place.write(&format!("{folder}/out/assets.pa"), "12345");
        place.path(&folder)
    };
    let first = left(1);
    let (_, lines) = place.json(&["cache"]);
    assert_eq!(lines[0]["usage"]["leftovers"], json!({ "files": 2, "bytes": 5 }));
    place.ok(&["cache", "clear"]);
    assert!(!first.exists());
    let second = left(2);
    std::thread::sleep(std::time::Duration::from_millis(1200));
    place.ok(&["verify", "build/assets.pa"]);
    assert!(!second.exists());
    let third = left(3);
    std::thread::sleep(std::time::Duration::from_millis(1200));
    place.ok(&["diff", "build/assets.pa"]);
    assert!(!third.exists());
    assert_eq!(
        std::fs::read_dir(place.path("build/.cache")).unwrap().count(),
        0,
        "nor is anything else left"
    );
}

#[test]
fn where_the_cache_cannot_be_written_a_pack_is_proved_and_compared_all_the_same() {
    let place = Place::blobs(&["a"]);
    place.ok(&["pack"]);
    place.write("file", "no folder");
    for command in [["verify", "build/assets.pa"], ["diff", "build/assets.pa"]] {
        let mut command = place.command(&command);
        command.env("PROMETEU_CACHE_DIR", "file/below");
        crate::harness::Run::of(command.output().unwrap()).code(0);
    }
}

#[test]
fn a_project_in_a_folder_of_its_repository_is_found_at_a_revision() {
    let place = Place::empty();
    git(&place, &["init", "-q"]);
    place.ok(&["init", "--yes", "--project", "."]);
    std::fs::create_dir_all(place.path("games/mine é")).unwrap();
    place.ok(&["init", "--yes", "--project", "games/mine é"]);
    place.ok(&["create", "ñ/x", "--type", "blob_bank", "--project", "games/mine é"]);
    git(&place, &["add", "-A"]);
    git(&place, &["commit", "-qm", "one"]);
    place.ok(&["diff", "HEAD", "--project", "games/mine é"]).prints("1 asset, no difference\n");
    place.ok(&["diff", "HEAD"]).prints("0 assets, no difference\n");
    place
        .run_in(place.path("games/mine é/assets"), &["diff", "HEAD"])
        .code(0)
        .prints("1 asset, no difference\n");
    git(&place, &["rm", "-rq", "--cached", "games"]);
    git(&place, &["commit", "-qm", "two"]);
    place
        .run(&["diff", "HEAD", "--project", "games/mine é"])
        .code(2)
        .says("`HEAD` has no `assets/` in `games/mine é`");
}

#[test]
fn what_cannot_be_packed_is_told_with_its_findings() {
    let place = Place::blobs(&["a"]);
    place.ok(&["pack"]);
    place.edit("assets/a/asset.json", "BLOB/raw_v1", "BLOB/raw_v9");
    place
        .run(&["diff", "build/assets.pa"])
        .code(1)
        .says("unknown-format")
        .says("error: the project cannot be packed, so there is nothing to compare")
        .prints_nothing();
    let (run, lines) = place.json(&["diff", "build/assets.pa"]);
    assert_eq!((run.code, &lines[0]["status"]), (1, &json!("blocked")));
    assert_eq!(lines[0]["diagnostics"][0]["code"], "unknown-format");
    place.run(&["diff", "build"]).code(2).says("Name the pack in it: `build/assets.pa`.");
    place.run(&["diff", "build/preload.json"]).code(1).says("`build/preload.json` cannot be read: ");
    place.run(&["diff", "src"]).code(2).says("is no pack, no folder of a project and no revision");
}
