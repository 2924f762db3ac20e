//! `doctor` with its flags, on real files.

use crate::harness::Place;

/// Two assets with three things to mend in two files.
fn to_mend() -> Place {
    let place = Place::blobs(&["a", "ui/b"]);
    place.edit("assets/a/asset.json", "\"NONE\"", "\"RAW\"");
    let text = place.read("assets/a/asset.json");
    let without: Vec<&str> = text.lines().filter(|line| !line.contains("asset_uuid")).collect();
    place.write("assets/a/asset.json", without.join("\r\n"));
    place.edit("assets/.prometeu/index.json", "\"next_asset_id\": 3", "\"next_asset_id\": 1");
    place
}

#[test]
fn what_takes_nobodys_judgement_is_mended_at_once_and_taken_back_to_the_byte() {
    let place = to_mend();
    place.run(&["doctor"]).code(1).says("hint: `cargo prometeu doctor --fix` mends 3 of these by itself");
    let before = place.listing();
    let plan = place.ok(&["doctor", "--fix", "--dry-run"]).prints("mend 3 findings in 2 files").plan_id();
    assert_eq!(place.listing(), before, "a dry run writes nothing");
    place
        .ok(&["doctor", "--fix", "--plan", &plan])
        .says("      Mended 3 findings in 2 files\n")
        .says("  edit   assets/a/asset.json: uuid-mismatch, legacy-name\n")
        .says("  edit   assets/.prometeu/index.json: allocator-behind\n")
        .says("hint: `cargo prometeu undo` takes this back")
        .says("     Checked 2 assets, nothing wrong")
        .prints_nothing();
    let text = place.read("assets/a/asset.json");
    assert!(
        text.contains("\"schema_version\": 1,\r\n  \"asset_uuid\": \""),
        "in the layout that is there: {text}"
    );
    for (path, bytes) in &before {
        let is_mended = ["assets/a/asset.json", "index.json"].iter().any(|end| path.ends_with(end));
        assert!(
            is_mended || std::fs::read(path).is_ok_and(|now| now == *bytes) || path.is_dir() || {
                path.starts_with(place.path("assets/.prometeu/local"))
            }
        );
    }
    place.ok(&["doctor", "--fix"]).says("nothing to do: no finding can be mended without you");
    place.ok(&["undo"]).says("Undid the change: mend 3 findings in 2 files");
    for file in ["assets/a/asset.json", "assets/.prometeu/index.json"] {
        assert_eq!(place.read(file).into_bytes(), before[&place.path(file)], "{file}");
    }
}

#[test]
fn one_finding_is_mended_by_its_name_and_the_rest_remains() {
    let place = to_mend();
    place
        .run(&["doctor", "--fix=legacy-name:a", "--fix=allocator-behind"])
        .code(1)
        .says("Mended 2 findings in 2 files")
        .prints("error[uuid-mismatch]")
        .says("hint: `cargo prometeu doctor --fix` mends 1 of these by itself");
    place
        .run(&["doctor", "--fix=legacy-name:c"])
        .code(2)
        .says("there is no fix `legacy-name:c`: `c` is not registered")
        .says("help: There is `uuid-mismatch:a`.");
    place.run(&["doctor", "--yes"]).code(2).says("are about what `--fix` does");
}

#[test]
fn a_program_sees_what_can_be_mended_and_then_what_was() {
    let place = to_mend();
    let (run, lines) = place.json(&["doctor"]);
    assert_eq!(run.code, 1);
    let response = lines.last().unwrap();
    assert_eq!(response["operation_class"], "read_only");
    let fixes: Vec<&str> = response["diagnostics"]
        .as_array()
        .unwrap()
        .iter()
        .map(|found| found["fix"].as_str().unwrap())
        .collect();
    assert_eq!(fixes, ["allocator-behind", "uuid-mismatch:a", "legacy-name:a"]);
    let all = response["proposed_actions"].as_array().unwrap().last().unwrap();
    assert_eq!((&all["action_id"], &all["operation"]), (&"all".into(), &"doctor".into()));
    assert_eq!(all["arguments"]["fix"], serde_json::json!(fixes));
    let (run, lines) = place.json(&["doctor", "--fix"]);
    assert_eq!(run.code, 0);
    let responses: Vec<_> = lines.iter().filter(|line| line["reason"] == "response").collect();
    let classes: Vec<_> = responses.iter().map(|response| &response["operation_class"]).collect();
    assert_eq!(classes, ["workspace_mutation", "read_only"]);
    assert_eq!(responses[0]["applied_actions"][0]["title"], "mend 3 findings in 2 files");
    assert_eq!(responses[1]["diagnostics"], serde_json::json!([]));
}

#[test]
fn what_is_untidy_comes_after_what_is_wrong_and_counts_when_asked_strictly() {
    let place = Place::blobs(&["a", "ui/b"]);
    place.ok(&["doctor", "--workspace", "--strict"]).says("Checked 2 assets, nothing wrong");
    place.write("assets/a/heart.psd", "12345");
    place.write("assets/a/.sources/heart.psd", "12345");
    for root in ["a", "ui/b"] {
        place.write(&format!("assets/{root}/data.txt"), [7; 2000]);
    }
    place.write("assets/orphan/asset.json", "{");
    place.write("build/.staging/0be00000-0000-7000-8000-00000000000a/assets.pa", "");
    place.ok(&["doctor"]).prints_nothing();
    let run = place
        .ok(&["doctor", "--workspace"])
        .says("Checked everything: 4 notes in 2 assets")
        .prints("`heart.psd`, which has 5 bytes\n --> assets/a/heart.psd\n")
        .prints("2 inputs hold the same 2000 bytes, 2000 more than are needed: `assets/a/data.txt` and")
        .prints("`assets/orphan` holds an `asset.json` and is not registered")
        .prints("is what a pack had made that was interrupted");
    let first = run.stdout.lines().next().unwrap();
    assert_eq!(
        first,
        "tidiness: 1 orphan-declaration, 1 duplicate-content, 1 unreferenced-file, 1 staging-leftover"
    );
    assert!(!run.stderr.contains("list --unregistered"), "it was said already: {}", run.stderr);
    for strictly in [&["doctor", "--workspace", "--strict"][..], &["doctor", "--strict"]] {
        place
            .run(strictly)
            .code(1)
            .says("error: 4 findings are untidy, and that counts here (4 notes in 2 assets)");
    }
    place.edit("assets/a/asset.json", "data.txt", "none.txt");
    let run = place.run(&["doctor", "--workspace"]).code(1).says("error: 1 finding stops the build");
    let [wrong, tidiness] =
        ["error[input-missing]", "\n\ntidiness: "].map(|words| run.stdout.find(words).unwrap());
    assert!(wrong < tidiness, "{}", run.stdout);
    let (run, lines) = place.json(&["doctor", "--workspace"]);
    assert_eq!(run.code, 1);
    let found = lines.last().unwrap()["diagnostics"].as_array().unwrap().clone();
    let untidy: Vec<_> = found.iter().filter(|found| found["category"] == "hygiene").collect();
    assert!(
        untidy.len() >= 4
            && untidy.iter().all(|found| found["severity"] == "info" && found["blocking"] == false)
    );
}

#[cfg(unix)]
#[test]
fn a_folder_that_cannot_be_listed_is_told_and_hides_nothing_else() {
    use std::os::unix::fs::PermissionsExt as _;
    let place = Place::blobs(&["a"]);
    place.write("assets/a/closed/x", "");
    place.write("assets/a/heart.psd", "12345");
    let mode = |mode| {
        std::fs::set_permissions(place.path("assets/a/closed"), std::fs::Permissions::from_mode(mode))
            .unwrap();
    };
    mode(0o000);
    let is_kept_out = std::fs::read_dir(place.path("assets/a/closed")).is_err();
    let run = place.ok(&["doctor", "--workspace"]).prints("heart.psd");
    mode(0o755);
    // Nobody keeps the superuser out.
    assert_eq!(
        run.stdout.contains("info[folder-unreadable]: nobody knows what is in `assets/a/closed`"),
        is_kept_out
    );
}
