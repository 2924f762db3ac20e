//! Merges that happen seldom, and what a person does after them.

use super::repository::{REGISTRY, Repository};
use super::{ids, two_new_assets};
use crate::harness::Place;

/// What a person does whose asset was shipped under the id that it lost.
#[test]
fn two_numbers_that_are_exchanged_after_a_merge_stay_so() {
    let Some(repository) = two_new_assets() else { return };
    repository.calls_the_binary();
    let run = repository.git(&["merge", "-q", "--no-edit", "main"]).code(0);
    run.says(
        "help: The id stays with what was made first. If a game was shipped with `sfx/second` as asset 1",
    )
    .says("exchange the `asset_id`s 1 and 2 of `ui/first` and `sfx/second` in `assets/.prometeu/index.json`");
    let text = repository.registry();
    let text =
        text.replace("\"asset_id\": 1,", "\"asset_id\": 0,").replace("\"asset_id\": 2,", "\"asset_id\": 1,");
    repository.place.write(REGISTRY, text.replace("\"asset_id\": 0,", "\"asset_id\": 2,"));
    repository.prometeu(&["doctor"]).code(0);
    repository.git(&["commit", "-qa", "--amend", "--no-edit"]).code(0);
    // Whoever was at work elsewhere meanwhile comes to the same.
    repository.git(&["checkout", "-q", "-b", "other", "main"]).code(0);
    repository.prometeu(&["create", "third", "--type", "blob_bank"]).code(0);
    repository.prometeu(&["exclude", "ui/first"]).code(0);
    repository.commit("third");
    repository.git(&["merge", "-q", "--no-edit", "art"]).code(0);
    let found = [(1, "sfx/second".to_owned()), (2, "ui/first".to_owned()), (3, "third".to_owned())];
    assert_eq!(ids(&repository), found);
    repository.prometeu(&["doctor"]).code(0);
}

/// `sfx/second` has another id since a merge, which nobody wished for.
#[test]
fn what_made_way_in_one_merge_is_dropped_in_the_next() {
    let Some(repository) = two_new_assets() else { return };
    repository.calls_the_binary();
    repository.git(&["checkout", "-q", "-b", "drop", "art"]).code(0);
    repository.prometeu(&["forget", "sfx/second", "--yes"]).code(0);
    repository.commit("not wanted any more");
    repository.git(&["checkout", "-q", "main"]).code(0);
    repository.git(&["merge", "-q", "--no-edit", "art"]).code(0).says("`sfx/second` is asset 2 now");
    repository.git(&["merge", "-q", "--no-edit", "drop"]).code(0);
    assert_eq!(ids(&repository), [(1, "ui/first".to_owned())]);
    repository.prometeu(&["doctor"]).code(0);
}

#[test]
fn folders_that_differ_in_letter_case_alone_are_told_with_the_command_that_mends_them() {
    let Some(repository) = Repository::new() else { return };
    repository.calls_the_binary();
    for (branch, root) in [("art", "Art/one"), ("main", "art/two")] {
        repository.git(&["checkout", "-q", "-B", branch, "main"]).code(0);
        repository.prometeu(&["create", root, "--type", "blob_bank"]).code(0);
        repository.commit(branch);
        if branch == "art" {
            repository.git(&["checkout", "-q", "-B", "main", "main~0"]).code(0);
            repository.git(&["reset", "-q", "--hard", "art~1"]).code(0);
        }
    }
    let run = repository.git(&["merge", "-q", "--no-edit", "art"]).code(0);
    let words = "warning: `Art` (asset 1) and `art` (asset 2) are one folder on Windows and macOS, which stops builds";
    run.says(words).says("help: Give one of them another root: `cargo prometeu relocate 2 NEW_ROOT`");
    repository.prometeu(&["doctor"]).code(1).prints("case-collision");
    let run = repository.prometeu(&["relocate", "2", "Art/two", "--yes"]).code(0);
    assert!(!run.stderr.contains("moves it back"), "it may not be called so again: {run:?}");
    repository.prometeu(&["doctor"]).code(0);
}

/// Two people give one folder two uuids; its `asset.json` says which it has.
#[test]
fn a_folder_without_a_uuid_that_both_registered_is_for_a_person_to_decide() {
    let Some(repository) = Repository::new() else { return };
    repository.calls_the_binary();
    repository.prometeu(&["create", "given", "--type", "blob_bank"]).code(0);
    repository.prometeu(&["forget", "given", "--yes"]).code(0);
    let declaration = repository.place.read("assets/given/asset.json");
    let without: Vec<&str> = declaration.lines().filter(|line| !line.contains("asset_uuid")).collect();
    repository.place.write("assets/given/asset.json", without.join("\n") + "\n");
    repository.commit("a folder that nobody registered");
    for branch in ["ours", "theirs"] {
        repository.git(&["checkout", "-q", "-B", branch, "main"]).code(0);
        repository.prometeu(&["register", "given"]).code(0);
        repository.commit(branch);
    }
    let run = repository.git(&["merge", "-q", "--no-edit", "ours"]).code(1);
    run.says("error: two assets are at `given`: asset ")
        .says("the one whose `asset_uuid` the folder's `asset.json` has")
        .prints("Merge conflict in assets/given/asset.json");
    for path in [REGISTRY, "assets/given/asset.json"] {
        repository.git(&["checkout", "--theirs", path]).code(0);
    }
    repository.prometeu(&["doctor"]).code(0);
}

#[test]
fn a_registry_that_nobody_could_read_is_not_written() {
    let place = Place::empty();
    let registry = |first: u32, letter: char| {
        let deep = vec!["x".repeat(200); 20].join("/");
        let entry = |n: u32| {
            format!(
                "{{\"asset_id\": {}, \"included_in_build\": true, \"root\": \"{letter}{n}/{deep}\", \
                 \"asset_uuid\": \"00000000-0000-4000-8000-{:012x}\"}}",
                first + n,
                first + n
            )
        };
        let entries: Vec<String> = (0..2100).map(entry).collect();
        let next = first + 2100;
        format!(
            "{{\"schema_version\": 1, \"next_asset_id\": {next}, \"assets\": [\n{}\n]}}\n",
            entries.join(",\n")
        )
    };
    place.write("base", "");
    place.write("ours", registry(1, 'a'));
    place.write("theirs", registry(5000, 'b'));
    let run = place.run(&["merge-driver", "base", "ours", "theirs"]);
    run.code(1)
        .says("was merged line by line: both together are more than the 16 MiB that a registry may have");
}
