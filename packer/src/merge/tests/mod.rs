//! Each row of the tables in the module's header, in a notation: `3 ui/atlas A` is the asset with the
//! uuid `A`, with the id 3, in `ui/atlas`; `-3 ui/atlas A` is kept out of builds.

mod properties;

use super::*;
use crate::schema::SourceText;
use crate::schema::registry;

/// A registry in the notation, whose allocator is right behind its highest id.
fn written(text: &str) -> Registry {
    let entries = text.split(',').filter(|entry| !entry.trim().is_empty()).map(|entry| {
        let words: Vec<&str> = entry.split_whitespace().collect();
        let [id, root, uuid] = words[..] else { panic!("{entry}") };
        let id: i64 = id.parse().unwrap();
        Entry {
            asset_id: AssetId::new(u32::try_from(id.abs()).unwrap()),
            included_in_build: id > 0,
            root: AssetPath::parse(root).unwrap(),
            asset_uuid: uuid_of(u128::from(uuid.as_bytes()[0])),
            position: 0,
        }
    });
    let mut registry = Registry { next_asset_id: 1, assets: entries.collect() };
    registry.next_asset_id = next(&registry);
    registry
}

fn uuid_of(number: u128) -> AssetUuid {
    uuid::Uuid::from_u128(number).into()
}

fn shown(entries: &[Entry]) -> String {
    let shown = entries.iter().map(|entry| {
        let sign = if entry.included_in_build { "" } else { "-" };
        let letter = char::from(entry.asset_uuid.as_bytes()[15]);
        format!("{sign}{} {} {letter}", entry.asset_id, entry.root)
    });
    shown.collect::<Vec<_>>().join(", ")
}

const LABELS: Labels<'static> = Labels { ours: "main", theirs: "art" };
const MARKERS: Markers<'static> = Markers { ours: "main", theirs: "art", size: 7 };

/// Checks a merge that leaves nothing to decide: the result, and whom it tells of. With the sides
/// exchanged it is the same.
fn clean(three: [&str; 3], expected: &str, told: &[&str]) {
    let [base, mut ours, mut theirs] = three.map(written);
    for side in [&mut ours, &mut theirs] {
        // Ids stay spent.
        side.next_asset_id = side.next_asset_id.max(base.next_asset_id);
    }
    for (ours, theirs) in [(&ours, &theirs), (&theirs, &ours)] {
        let merged = merge(&base, ours, theirs).unwrap();
        let messages: Vec<String> = merged.renumbered.iter().map(Renumbered::message).collect();
        assert_eq!(merged.conflicts, []);
        assert_eq!(shown(&merged.settled), expected);
        assert_eq!(messages, told);
        assert!(merged.next_asset_id >= next(ours).max(next(theirs)));
    }
}

/// Checks what a merge leaves to decide: what is settled, and each conflict as ours, theirs and words.
fn contradicts([base, ours, theirs]: [&str; 3], settled: &str, conflicts: &[(&str, &str, &[&str])]) {
    let [base, ours, theirs] = [base, ours, theirs].map(written);
    let merged = merge(&base, &ours, &theirs).unwrap();
    let found: Vec<(String, String, Vec<String>)> = merged
        .conflicts
        .iter()
        .map(|conflict| {
            let words = conflict.contradictions.iter().map(|found| found.message(&LABELS));
            (shown(&conflict.ours), shown(&conflict.theirs), words.collect())
        })
        .collect();
    let expected: Vec<(String, String, Vec<String>)> = conflicts
        .iter()
        .map(|(ours, theirs, words)| {
            let words = words.iter().map(|words| (*words).to_owned()).collect();
            ((*ours).to_owned(), (*theirs).to_owned(), words)
        })
        .collect();
    assert_eq!(found, expected);
    assert_eq!(shown(&merged.settled), settled);
    let mirrored = merge(&base, &theirs, &ours).unwrap();
    assert_eq!(shown(&mirrored.settled), settled, "with the sides exchanged");
    assert_eq!(mirrored.conflicts.len(), conflicts.len(), "with the sides exchanged");
}

#[test]
fn what_only_one_side_did_is_done() {
    let base = "1 a A, 2 b B";
    clean([base, base, base], base, &[]);
    clean([base, "1 a A", base], "1 a A", &[]);
    clean([base, "1 a A", "2 b B"], "", &[]);
    clean([base, "1 a A", "1 a A"], "1 a A", &[]);
    clean([base, "1 c A, 2 b B", base], "1 c A, 2 b B", &[]);
    clean([base, "1 c A, 2 b B", "1 c A, -2 b B"], "1 c A, -2 b B", &[]);
    clean([base, "1 c A, 2 b B", "-1 a A, 2 b B"], "-1 c A, 2 b B", &[]);
    clean([base, "1 b A, 2 a B", "-1 a A, 2 b B"], "-1 b A, 2 a B", &[]);
    clean([base, "1 a A, 2 b B, 3 c C", "2 b B"], "2 b B, 3 c C", &[]);
}

#[test]
fn an_asset_that_both_registered_alike_is_one_and_gets_the_smaller_id() {
    clean(["", "1 a A", "1 a A, 2 b B"], "1 a A, 2 b B", &[]);
    let told = "`a` is asset 1 now, and was 2: each branch gave it an id of its own";
    clean(["", "1 a A", "1 b B, 2 a A"], "1 a A, 3 b B", &["`b` is asset 3 now, and was 1: `a` has 1", told]);
    clean(
        ["5 a A", "6 a A", "5 b B, 7 a A"],
        "5 b B, 6 a A",
        &["`a` is asset 6 now, and was 7: each branch gave it an id of its own"],
    );
}

#[test]
fn of_two_new_assets_with_one_id_the_one_that_was_made_first_keeps_it() {
    let told = "`b` is asset 4 now, and was 3: `a` has 3";
    clean(
        ["1 x X, 2 y Y", "1 x X, 2 y Y, 3 a A", "1 x X, 2 y Y, 3 b B"],
        "1 x X, 2 y Y, 3 a A, 4 b B",
        &[told],
    );
    clean(
        ["", "1 a A, 2 d D", "1 b B, 2 c C"],
        "1 a A, 2 c C, 3 b B, 4 d D",
        &["`b` is asset 3 now, and was 1: `a` has 1", "`d` is asset 4 now, and was 2: `c` has 2"],
    );
}

#[test]
fn an_id_that_another_asset_had_in_base_stays_with_who_has_it_now() {
    // An asset was renumbered, by hand or by another merge, while the other side did something else.
    clean(["1 a B", "-1 a B", "1 b A, 2 a B"], "1 b A, -2 a B", &[]);
    clean(["1 a A, 2 x X", "1 a A, -2 x X", "1 b B, 2 x X"], "1 b B, -2 x X", &[]);
    // Two branches that began before a merge in which `m` made way for `k`.
    clean(
        ["4 m M", "4 m M, 5 r R", "4 k K, 5 m M"],
        "4 k K, 5 m M, 6 r R",
        &["`r` is asset 6 now, and was 5: `m` has 5"],
    );
}

#[test]
fn commits_that_are_taken_over_one_by_one_leave_alone_what_they_do_not_know() {
    // Main registered A; the branch P, Q and R, each of which comes on top.
    let mut ours = written("1 a A");
    let branch = ["", "1 p P", "1 p P, 2 q Q", "1 p P, 2 q Q, 3 r R"].map(written);
    for commit in branch.windows(2) {
        ours = merge(&commit[0], &ours, &commit[1]).unwrap().registry().unwrap();
    }
    assert_eq!(shown(&ours.assets), "1 a A, 2 p P, 3 q Q, 4 r R");
    // The third alone.
    let merged = merge(&branch[2], &written("1 a A"), &branch[3]).unwrap();
    assert_eq!(shown(&merged.settled), "1 a A, 3 r R");
    assert!(merged.renumbered.is_empty());
}

#[test]
fn an_id_that_one_side_spent_is_not_given_again() {
    let [base, mut ours, theirs] = ["", "1 a A", "1 b B"].map(written);
    ours.next_asset_id = 9;
    let merged = merge(&base, &ours, &theirs).unwrap();
    assert_eq!(shown(&merged.settled), "1 a A, 9 b B");
    assert_eq!(merged.next_asset_id, 10);
    // Registered and dropped again.
    let mut ours = written("");
    ours.next_asset_id = 2;
    for sides in [[&ours, &theirs], [&theirs, &ours]] {
        let merged = merge(&base, sides[0], sides[1]).unwrap();
        assert_eq!((shown(&merged.settled).as_str(), merged.next_asset_id), ("2 b B", 3));
        let told = &merged.renumbered[0];
        assert_eq!(told.message(), "`b` is asset 2 now, and was 1: 1 was given to another asset before");
    }
}

#[test]
fn a_change_of_what_the_other_side_dropped_is_a_conflict() {
    for (changed, words) in [
        ("1 c A, 2 b B", "`c` (asset 1) was dropped in art, and moved from `a` in main"),
        ("-1 a A, 2 b B", "`a` (asset 1) was dropped in art, and kept out of builds in main"),
        (
            "7 a A, 2 b B",
            "`a` (asset 7) was dropped in art, and registered again, with another id than 1, in main",
        ),
    ] {
        let ours = changed.split(',').next().unwrap();
        contradicts(["1 a A, 2 b B", changed, "2 b B"], "2 b B", &[(ours, "", &[words])]);
    }
    contradicts(
        ["-1 a A, 2 b B", "2 b B", "1 a A, 2 b B"],
        "2 b B",
        &[("", "1 a A", &["`a` (asset 1) was dropped in main, and taken into builds in art"])],
    );
}

#[test]
fn an_asset_that_made_way_for_another_one_is_dropped_as_the_other_side_wants_it() {
    // `m` had 4 until a merge gave that to `k`.
    clean(["4 m M", "4 k K, 5 m M", ""], "4 k K", &[]);
    clean(["4 m M, 9 z Z", "4 k K, 10 m M, 9 z Z", "-9 z Z"], "4 k K, -9 z Z", &[]);
    contradicts(
        ["4 m M", "4 k K, -5 m M", ""],
        "4 k K",
        &[("-5 m M", "", &["`m` (asset 5) was dropped in art, and kept out of builds in main"])],
    );
}

#[test]
fn one_asset_in_two_places_is_a_conflict_with_what_else_changed_settled() {
    contradicts(
        ["1 a A, 2 b B", "1 c A, 2 b B", "-1 d A, 2 e B"],
        "2 e B",
        &[("-1 c A", "-1 d A", &["asset 1 is at `c` in main, and at `d` in art"])],
    );
    contradicts(
        ["", "1 a A", "1 b A"],
        "",
        &[("1 a A", "1 b A", &["asset 1 is at `a` in main, and at `b` in art"])],
    );
    contradicts(
        ["", "1 a A", "-1 a A"],
        "",
        &[(
            "1 a A",
            "-1 a A",
            &["`a` (asset 1) was registered twice: for builds in main, and to be kept out of them in art"],
        )],
    );
}

#[test]
fn two_assets_in_one_place_are_a_conflict() {
    contradicts(
        ["1 x X", "1 x X, 2 a A", "1 x X, 2 a B"],
        "1 x X",
        &[("2 a A", "3 a B", &["two assets are at `a`: asset 2 in main, and asset 3 in art"])],
    );
    contradicts(
        ["1 x X", "1 a X", "1 x X, 2 a B"],
        "",
        &[("1 a X", "1 x X, 2 a B", &["two assets are at `a`: asset 1 in main, and asset 2 in art"])],
    );
    contradicts(
        ["1 x X", "1 x X, 2 ui/Atlas A", "1 x X, 2 ui/atlas B"],
        "1 x X",
        &[(
            "2 ui/Atlas A",
            "3 ui/atlas B",
            &[
                "asset 2 at `ui/Atlas` in main, and asset 3 at `ui/atlas` in art, are in one folder on Windows and macOS",
            ],
        )],
    );
    contradicts(
        ["1 x X", "1 x X, 2 ui A", "1 x X, 2 ui/in B"],
        "1 x X",
        &[("2 ui A", "3 ui/in B", &["`ui/in` (asset 3) in art lies inside `ui` (asset 2) in main"])],
    );
    contradicts(
        ["1 x X", "1 x X, 2 ui/in A", "1 x X, 2 ui B"],
        "1 x X",
        &[("2 ui/in A", "3 ui B", &["`ui/in` (asset 2) in main lies inside `ui` (asset 3) in art"])],
    );
}

#[test]
fn a_place_that_a_side_left_is_free() {
    clean(["1 a A", "1 b A, 2 a B", "-1 a A"], "-1 b A, 2 a B", &[]);
    clean(["1 a A", "2 a B", "1 a A, 2 c C"], "2 a B, 3 c C", &["`c` is asset 3 now, and was 2: `a` has 2"]);
}

#[test]
fn folders_that_no_system_or_no_module_tells_apart_are_told_where_two_sides_bring_them_together() {
    let told = |three: [&str; 3]| {
        let [base, ours, theirs] = three.map(written);
        let merged = merge(&base, &ours, &theirs).unwrap();
        assert_eq!(merged.conflicts, []);
        assert_eq!(merged.alike, merge(&base, &theirs, &ours).unwrap().alike, "with the sides exchanged");
        merged.alike.iter().map(Alike::message).collect::<Vec<_>>()
    };
    assert_eq!(
        told(["", "1 Art/x A", "1 art/y B"]),
        ["`Art` (asset 1) and `art` (asset 2) are one folder on Windows and macOS, which stops builds"]
    );
    // What lies above is told alone, and only what came together just now.
    assert_eq!(
        told(["", "1 Art/in/x A", "1 art/in/y B"]),
        ["`Art` (asset 1) and `art` (asset 2) are one folder on Windows and macOS, which stops builds"]
    );
    assert_eq!(told(["1 Art/x A, 2 art/y B", "-1 Art/x A, 2 art/y B", "1 Art/x A, 2 art/z B"]), [""; 0]);
    assert_eq!(told(["", "1 Art/x A, 2 art/y B", "1 k K"]), [""; 0]);
    assert_eq!(
        told(["", "1 ui/a-b A", "1 ui/a_b B"]),
        ["`ui/a-b` (asset 1) and `ui/a_b` (asset 2) would both be `ui::a_b` in Rust, which stops builds"]
    );
    assert_eq!(
        told(["", "1 a-b/x A", "1 a_b/y B"]),
        ["`a-b` (asset 1) and `a_b` (asset 2) would both be `a_b` in Rust, which stops builds"]
    );
    assert_eq!(told(["", "1 ui/a-b A", "-1 ui/a_b B"]), [""; 0], "what builds leave out has no name");
    assert_eq!(told(["", "1 ui/a A", "1 ui/b B"]), [""; 0]);
}

#[test]
fn of_two_that_are_new_it_is_a_choice_who_keeps_the_id_and_else_it_is_none() {
    let choices = |three: [&str; 3]| {
        let [base, ours, theirs] = three.map(written);
        let merged = merge(&base, &ours, &theirs).unwrap();
        merged.renumbered.iter().map(Renumbered::is_a_choice).collect::<Vec<_>>()
    };
    assert_eq!(choices(["", "1 a A", "1 b B"]), [true]);
    assert_eq!(choices(["4 m M", "4 m M, 5 r R", "4 k K, 5 m M"]), [false]);
    assert_eq!(choices(["", "1 a A", "2 a A"]), [false]);
    let told = |three: [&str; 3]| {
        let [base, ours, theirs] = three.map(written);
        exchange(&merge(&base, &ours, &theirs).unwrap().renumbered, "index.json")
    };
    assert_eq!(told(["", "1 a A", "2 a A"]), None);
    let one = told(["", "1 a A", "1 b B"]).unwrap();
    assert!(
        one.contains("with `b` as asset 1, exchange the `asset_id`s 1 and 2 of `a` and `b` in `index.json`"),
        "{one}"
    );
    let two = told(["", "1 a A, 2 d D", "1 b B, 2 c C"]).unwrap();
    assert!(two.contains("in which one of these has its old id"), "{two}");
}

#[test]
fn what_contradicts_together_is_decided_together() {
    // A was dropped for B in its place, and moved.
    contradicts(
        ["1 a A, 9 z Z", "2 a B, 9 z Z", "-1 a A, 9 z Z"],
        "9 z Z",
        &[(
            "2 a B",
            "-1 a A",
            &[
                "`a` (asset 1) was dropped in main, and kept out of builds in art",
                "two assets are at `a`: asset 2 in main, and asset 1 in art",
            ],
        )],
    );
}

#[test]
fn two_ancestors_merge_without_a_decision() {
    let [base, ours, theirs] = ["1 a A, 2 b B", "1 c A, -2 b B, 3 k K", "1 d A, 2 b B"].map(written);
    let merged = merge(&base, &ours, &theirs).unwrap();
    let registry = merged.undecided(&base);
    assert_eq!(shown(&registry.assets), "1 a A, -2 b B, 3 k K");
    assert_eq!(registry.next_asset_id, 4);
}

#[test]
fn an_unsound_registry_is_named_with_what_is_there_twice() {
    for (broken, words) in [
        ("1 a A, 1 b B", "the registry of art has two entries with the id 1"),
        ("1 a A, 2 a B", "the registry of art has two entries with the root `a`"),
    ] {
        let error = merge(&written(""), &written(""), &written(broken)).unwrap_err();
        assert_eq!(error.message(&LABELS), words);
    }
}

#[test]
fn where_no_id_is_left_a_person_is_told() {
    let highest = AssetId::MAX.get();
    let [base, ours, theirs] =
        ["".to_owned(), format!("{highest} a A"), format!("{highest} b B")].map(|text| written(&text));
    let merged = merge(&base, &ours, &theirs).unwrap();
    assert_eq!(shown(&merged.settled), format!("{highest} a A"));
    let words = merged.conflicts[0].contradictions[0].message(&LABELS);
    assert_eq!(words, format!("`b` has the id {highest}, which another asset keeps, and no id is left"));
}

#[test]
fn markers_stand_around_exactly_what_contradicts_and_never_at_the_end() {
    let [base, ours, theirs] = ["1 a A, 2 b B", "1 c A, 2 b B, 3 k K", "1 d A, 2 b B"].map(written);
    let merged = merge(&base, &ours, &theirs).unwrap();
    let entry = |id: u32, root: &str, uuid: u8| {
        let uuid = uuid_of(u128::from(uuid));
        format!(
            "    {{\n      \"asset_id\": {id},\n      \"included_in_build\": true,\n      \"root\": \"{root}\",\n      \"asset_uuid\": \"{uuid}\"\n    }}"
        )
    };
    let (a, b, k) = (b'A', b'B', b'K');
    assert_eq!(
        merged.to_text(&MARKERS),
        format!(
            "{{\n  \"schema_version\": 1,\n  \"next_asset_id\": 4,\n  \"assets\": [\n<<<<<<< main\n{},\n=======\n{},\n>>>>>>> art\n{},\n{}\n  ]\n}}\n",
            entry(1, "c", a),
            entry(1, "d", a),
            entry(2, "b", b),
            entry(3, "k", k)
        )
    );
}
