//! `pack --report`: the page about a pack, where it goes, and what it says of the one before.
//!
//! How the page looks and works in a browser is for `tests/tests/report.rs`.

use std::fs;

use serde_json::Value;

use crate::harness::Place;

const OPEN: &str = "<script type=\"application/json\" id=\"prometeu-report\">";

/// The data of a page.
fn data(page: &str) -> Value {
    let (_, rest) = page.split_once(OPEN).expect("the page holds its data");
    serde_json::from_str(rest.split("</script>").next().unwrap()).unwrap()
}

/// One asset of each family.
fn place() -> Place {
    let place = Place::package();
    place.ok(&["init", "--yes"]);
    for (root, family) in [("ui/tiles", "glyph_bank"), ("sfx/steps", "sound_bank"), ("text", "blob_bank")] {
        place.ok(&["create", root, "--type", family]);
    }
    place
}

#[test]
fn a_report_says_what_is_in_the_pack_to_people_and_to_programs() {
    let place = place();
    place.ok(&["pack", "--report", "report.html"]).says("    Reported report.html ").prints_nothing();
    let page = place.read("report.html");
    let said = data(&page);
    let pack = &said["pack"];
    assert_eq!(pack["size"], fs::metadata(place.path("build/assets.pa")).unwrap().len());
    let sum: u64 = ["table_size", "alignment_size", "payload_size"]
        .iter()
        .map(|part| pack[part].as_u64().unwrap())
        .sum();
    assert_eq!(pack["size"], sum);
    assert_eq!(said["project"], "game");
    let roots: Vec<&str> =
        said["assets"].as_array().unwrap().iter().map(|asset| asset["root"].as_str().unwrap()).collect();
    assert_eq!(roots, ["ui/tiles", "sfx/steps", "text"]);
    assert_eq!(said["assets"][0]["address"], "ui::TILES");
    assert_eq!(said.get("since"), None);
    for part in ["data:image/png;base64,", "data:audio/wav;base64,", "Put your own bytes here."] {
        assert!(page.contains(part), "no {part}");
    }
    assert_eq!(said["left_out"], serde_json::json!([]));

    let schema: Value = serde_json::from_str(&place.ok(&["schema", "report"]).stdout).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    place.write("assets/text/data.txt", "longer than it was before, by some bytes");
    place.ok(&["create", "more", "--type", "blob_bank"]);
    place.ok(&["exclude", "sfx/steps"]);
    place.ok(&["relocate", "ui/tiles", "ui/heart", "--yes"]);
    place
        .ok(&["pack", "--report", "report.html"])
        .says(", 1 added, 1 removed, 1 renamed, 1 changed since the report before");
    let changed = data(&place.read("report.html"));
    for said in [&said, &changed] {
        let errors: Vec<String> =
            validator.iter_errors(said).map(|error| format!("{}: {error}", error.instance_path())).collect();
        assert!(errors.is_empty(), "{errors:?}");
    }
    let told: Vec<(&str, &str)> = changed["since"]["changes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|change| (change["kind"].as_str().unwrap(), change["root"].as_str().unwrap()))
        .collect();
    assert_eq!(
        told,
        [("renamed", "ui/heart"), ("removed", "sfx/steps"), ("changed", "text"), ("added", "more")]
    );
    // What is damaged in one place is refused by the schema.
    for (pointer, damage) in [
        ("/schema_version", 2.into()),
        ("/pack/digest", "x".into()),
        ("/assets/0/size", Value::from(-1)),
        ("/since/changes/0/kind", "moved".into()),
    ] {
        let mut damaged = changed.clone();
        *damaged.pointer_mut(pointer).unwrap() = damage;
        assert!(!validator.is_valid(&damaged), "{pointer}");
    }
}

#[test]
fn the_same_pack_gives_the_same_page_wherever_it_is_made_and_however_often() {
    let [one, other] = [place(), Place::package()];
    // The same files in another folder, with another cache.
    other.ok(&["init", "--yes"]);
    fs::remove_dir_all(other.path("assets")).unwrap();
    for (path, bytes) in one.listing() {
        let inside = path.strip_prefix(one.path("")).unwrap().to_string_lossy().into_owned();
        if inside.starts_with("assets") && path.is_file() {
            other.write(&inside, bytes);
        }
    }
    one.ok(&["pack", "--report", "report.html"]);
    other.ok(&["pack", "--report", "report.html", "--out", "elsewhere"]);
    assert_eq!(one.read("report.html"), other.read("report.html"));
    // It is written again only when it would be another, and says what changed until something else does.
    one.write("assets/text/data.txt", "other");
    one.ok(&["pack", "--report", "report.html"]);
    let page = one.read("report.html");
    let (_, lines) = one.json(&["pack", "--report", "report.html"]);
    let report = &lines.last().unwrap()["report"];
    assert_eq!((&report["changed"], &report["since"]["changed"]), (&false.into(), &1.into()));
    assert_eq!(one.read("report.html"), page);
    // Named, the older one is compared with whatever is written over.
    one.ok(&["pack", "--report", "new.html", "--since", "report.html"])
        .says("nothing changed since the report before");
    fs::write(one.path("old.html"), other.read("report.html")).unwrap();
    one.ok(&["pack", "--report", "new.html", "--since", "old.html"]).says("1 changed since");
}

#[test]
fn nothing_but_an_older_report_is_written_over() {
    let place = place();
    place.write("notes.html", "<!doctype html><p>mine");
    place.write("assets/text/data.txt", "x");
    let before = place.listing();
    let refused = |arguments: &[&str], words: &str| {
        let arguments = [&["pack"], arguments].concat();
        place.run(&arguments).code(2).says(words).prints_nothing();
        assert_eq!(place.listing(), before, "{arguments:?}: nothing is packed, and nothing is lost");
    };
    refused(
        &["--report", "notes.html"],
        "`notes.html` is there already and is no report of a pack; it would be lost",
    );
    refused(&["--report", "Cargo.toml"], "is no report of a pack");
    refused(&["--report", "assets/report.html"], "lies in `assets/`");
    refused(&["--report", "src/../assets/ui/r.html"], "lies in `assets/`");
    refused(&["--report", "no/such/report.html"], "there is no folder `no/such` for the report");
    refused(&["--report", "src"], "`src` is a folder");
    refused(&["--report", "build/assets.pa"], "`build/assets.pa` is a file of the pack itself");
    refused(&["--report", "build/new/report.html"], "there is no folder `build/new` for the report");
    refused(&["--report", "new.html", "--since", "none.html"], "there is no report `none.html`");
    refused(&["--report", "new.html", "--since", "notes.html"], "`notes.html` is no report of a pack");
    refused(&["--report", "new.html", "--check"], "cannot be used with");
    refused(&["--since", "notes.html"], "--report <FILE>");
}

#[test]
fn a_report_that_cannot_be_understood_is_left_as_it_is() {
    let place = place();
    place.ok(&["pack", "--report", "report.html"]);
    let page = place.read("report.html");
    for (damaged, words) in [
        (
            page.replacen("\"schema_version\":1", "\"schema_version\":9", 1),
            "is a report of version 9, and this `cargo-prometeu` knows versions up to 1",
        ),
        (
            page.replacen("\"families\":", "\"others\":", 1),
            "is a report that is damaged: its data cannot be read: missing field",
        ),
        (
            page[..page.find(OPEN).unwrap() + OPEN.len() + 20].to_owned(),
            "is a report that is damaged: it ends in its data",
        ),
    ] {
        place.write("report.html", &damaged);
        place.run(&["pack", "--report", "report.html"]).code(2).says(words);
        place.run(&["pack", "--report", "new.html", "--since", "report.html"]).code(2).says(words);
        assert_eq!(place.read("report.html"), damaged);
        assert!(!place.path("new.html").exists());
    }
}

#[test]
fn findings_leave_the_last_report_as_it_is() {
    let place = place();
    place.ok(&["pack", "--report", "report.html"]);
    let before = place.read("report.html");
    fs::remove_file(place.path("assets/text/data.txt")).unwrap();
    place.run(&["pack", "--report", "report.html"]).code(1).says("error[input-missing]");
    assert_eq!(place.read("report.html"), before);
    place.run(&["pack", "--report", "other.html"]).code(1);
    assert!(!place.path("other.html").exists());
}

#[test]
fn an_empty_pack_has_a_page_too() {
    let place = Place::project();
    place.ok(&["pack", "--report", "report.html"]).says("Reported");
    let said = data(&place.read("report.html"));
    assert_eq!((&said["assets"], said.get("project")), (&serde_json::json!([]), None));
}

#[test]
#[cfg(unix)]
fn a_link_to_a_report_stays_one_and_what_is_no_file_is_refused() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    let place = place();
    place.ok(&["pack", "--report", "real.html"]);
    symlink("real.html", place.path("link.html")).unwrap();
    symlink("nowhere.html", place.path("dangling.html")).unwrap();
    symlink("assets/text", place.path("within")).unwrap();
    place.write("assets/text/data.txt", "other");
    place.ok(&["pack", "--report", "link.html"]).says("1 changed");
    assert!(place.path("link.html").is_symlink());
    assert_eq!(data(&place.read("real.html"))["since"]["changed"], 1);
    place.run(&["pack", "--report", "dangling.html"]).code(2).says("is a link that leads nowhere");
    place.run(&["pack", "--report", "within/report.html"]).code(2).says("lies in `assets/`");
    place.run(&["pack", "--report", "/dev/null"]).code(2).says("is no ordinary file");
    // Others may read it as any new file.
    place.write("new.txt", "x");
    let mode = |path: &str| fs::metadata(place.path(path)).unwrap().permissions().mode();
    assert_eq!(mode("real.html"), mode("new.txt"));
}

#[test]
fn a_report_may_lie_beside_the_pack_also_the_first_one() {
    let place = place();
    place.ok(&["pack", "--report", "build/report.html"]).says("Reported build/report.html");
    place.ok(&["pack", "--out", "dist", "--report", "dist/../dist/report.html"]).says("Reported ");
    assert_eq!(place.read("build/report.html"), place.read("dist/report.html"));
    place
        .run(&["pack", "--report", "build/preload.json"])
        .code(2)
        .says("`build/preload.json` is a file of the pack itself");
}

#[test]
fn a_file_that_comes_while_it_is_packed_is_not_lost() {
    let place = place();
    // The folder is not there yet, and the pack puts a file of that very name into it.
    place
        .run(&["pack", "--report", "build/.lock"])
        .code(4)
        .says("Finished build/assets.pa")
        .says("`build/.lock` is there already and is no report of a pack");
    assert_eq!(place.read("build/.lock"), "");
    fs::remove_dir_all(place.path("build")).unwrap();
    let (run, lines) = place.json(&["pack", "--report", "build/.lock"]);
    let response = lines.last().unwrap();
    assert_eq!(
        (run.code, &response["status"], &response["blockers"][0]["code"]),
        (4, &"failed".into(), &"already-exists".into())
    );
    assert_eq!(response["artifact"]["changed"], true);
    let left: Vec<_> =
        fs::read_dir(place.path("build")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(left.iter().all(|name| !name.to_string_lossy().ends_with(".tmp")), "{left:?}");
}
