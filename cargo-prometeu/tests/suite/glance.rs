//! The command without a command: a project at a glance, in each state that it can be in.

use std::fs;

use serde_json::{Value, json};

use crate::harness::{Place, Run};

const NOTHING: [&str; 0] = [];

/// What the glance prints, after its name and folder; and that it wrote nothing.
#[track_caller]
fn check(place: &Place, code: i32, expected: &str) -> Run {
    let before = place.listing();
    let run = place.run(&NOTHING).code(code);
    let head = format!("game\nin         {}\n", place.path("").display());
    let rest = run.stdout.strip_prefix(&head).unwrap_or_else(|| panic!("another head:\n{}", run.stdout));
    assert_eq!(rest, expected, "{}", run.stderr);
    assert_eq!(run.stderr, "");
    assert!(place.listing() == before, "something was written");
    run
}

/// The response for programs, whose exit code is the same.
#[track_caller]
fn told(place: &Place, code: i32) -> Value {
    let (run, mut lines) = place.json(&[]);
    assert_eq!((run.code, lines.len()), (code, 1), "{run:?}");
    let response = lines.pop().unwrap();
    assert_eq!(
        (&response["operation"], &response["operation_class"]),
        (&json!("glance"), &json!("read_only"))
    );
    response
}

/// A pack that was made long enough ago for its files' dates to be believed, or not: both are told.
fn packed(roots: &[&str]) -> Place {
    let place = Place::blobs(roots);
    place.ok(&["pack"]);
    place
}

#[test]
fn where_there_is_no_project_it_is_the_help_and_says_how_to_make_one() {
    let place = Place::empty();
    let run = place.ok(&[]).prints("Usage: cargo prometeu").says("`cargo prometeu init` makes one");
    assert!(run.stdout.contains("Commands:"));
    let response = told(&place, 2);
    assert_eq!(response["blockers"][0]["code"], "invalid-argument");
}

#[test]
fn a_folder_of_assets_without_a_registry_is_to_be_initialised() {
    let place = Place::empty();
    place.write("assets/ui/readme.txt", "x");
    check(
        &place,
        1,
        "assets     none that anybody knows of\n\
         registry   diverged: this project has no registry\n\
         problems   1 error\n           \
         error[registry-missing]: this project has no registry\n\
         last pack  none yet\n\n\
         cargo prometeu init                      make a registry, which is empty\n\
         cargo prometeu doctor                    show where 1 finding stops a build\n\
         cargo prometeu explain registry-missing  say where this error comes from, and what cures it\n",
    );
}

#[test]
fn a_project_without_assets_is_to_have_a_first_one() {
    check(
        &Place::project(),
        0,
        "assets     none registered\n\
         registry   current: the registry and the disk agree\n\
         problems   none\n\
         last pack  none yet\n\n\
         cargo prometeu create ui/atlas --type glyph_bank  make a first asset, which packs at once\n\
         cargo prometeu --help                             show all commands\n",
    );
}

#[test]
fn what_was_never_packed_is_to_be_packed() {
    let place = Place::blobs(&["a", "b"]);
    place.ok(&["create", "steps", "--type", "sound_bank"]);
    place.ok(&["exclude", "b"]);
    check(
        &place,
        0,
        "assets     3, 2 in builds: 2 blob_bank, 1 sound_bank\n\
         registry   current: the registry and the disk agree\n\
         problems   none seen from outside; `doctor` looks into the files\n\
         last pack  none yet\n\n\
         cargo prometeu pack    pack into `build/`\n\
         cargo prometeu list    show what there is\n\
         cargo prometeu doctor  look into every file\n",
    );
    let response = told(&place, 0);
    assert_eq!(response["families"][0], json!({"asset_family": "blob_bank", "assets": 2, "included": 1}));
    assert_eq!(response["packs"], json!([]));
    assert_eq!(response["next"][0]["command"], "cargo prometeu pack");
}

#[test]
fn a_pack_that_is_what_the_assets_make_is_fresh_also_under_other_dates() {
    let place = packed(&["a", "b"]);
    let fresh = "assets     2: 2 blob_bank\n\
         registry   current: the registry and the disk agree\n\
         problems   none\n\
         last pack  fresh: build/assets.pa, 4.2 kB, just now\n\n\
         cargo prometeu pack --check  prove the pack against its sources\n\
         cargo prometeu list          show what there is\n\
         cargo prometeu doctor        look into every file\n";
    check(&place, 0, fresh);
    place.write("assets/a/data.txt", place.read("assets/a/data.txt"));
    check(&place, 0, fresh);
    let response = told(&place, 0);
    let pack = &response["packs"][0];
    assert_eq!((&pack["maker"], &pack["standing"]), (&json!("pack"), &json!("fresh")));
    assert_eq!(pack["size"], fs::metadata(place.path("build/assets.pa")).unwrap().len());
}

#[test]
fn a_pack_is_older_than_what_was_edited_came_or_went_since() {
    let place = packed(&["a", "b", "c", "d"]);
    place.write("assets/a/data.txt", "something else");
    place.edit("assets/b/asset.json", "\"name\": \"b\"", "\"name\": \"bee\"");
    place.ok(&["exclude", "c"]);
    place.ok(&["create", "e", "--type", "blob_bank"]);
    place.ok(&[]).prints("\nlast pack  older than 4 assets: build/assets.pa, ").prints("pack what changed");
    let response = told(&place, 0);
    assert_eq!(response["packs"][0]["changed"], json!([1, 2, 3, 5]));
    place.ok(&["pack"]);
    assert_eq!(told(&place, 0)["packs"][0]["standing"], "fresh");
    fs::remove_file(place.path("assets/a/data.txt")).unwrap();
    let response = told(&place, 1);
    assert_eq!((&response["packs"][0]["changed"], &response["counts"]["blocking"]), (&json!([1]), &json!(1)));
}

#[test]
fn of_a_pack_without_a_record_nothing_is_claimed() {
    let place = packed(&["a"]);
    place.ok(&["cache", "clear"]);
    place
        .ok(&[])
        .prints("not known whether it is fresh: build/assets.pa")
        .prints("pack --check  say whether");
    place.ok(&["pack"]);
    let mut pack = fs::read(place.path("build/assets.pa")).unwrap();
    *pack.last_mut().unwrap() ^= 1;
    place.write("build/assets.pa", pack);
    assert_eq!(told(&place, 0)["packs"][0]["standing"], "unknown", "somebody wrote into the pack");
}

#[test]
fn problems_are_counted_and_the_first_two_named() {
    let place = packed(&["a", "b", "c"]);
    for root in ["a", "b", "c"] {
        place.edit(&format!("assets/{root}/asset.json"), "\"NONE\"", "\"ZIP\"");
    }
    let run = place.run(&NOTHING).code(1);
    let run =
        run.prints("\nproblems   3 errors in 3 assets\n").prints("\n           error[").prints("]: a: ");
    let run = run.prints("\n           and 1 more\n").prints("\nlast pack  older than 3 assets: ");
    let run = run.prints("cargo prometeu doctor ").prints("show where 3 findings stop a build");
    assert!(!run.stdout.contains(": c: "), "{}", run.stdout);
    let response = told(&place, 1);
    assert_eq!(response["diagnostics"].as_array().unwrap().len(), 3);
    let code = response["diagnostics"][0]["code"].as_str().unwrap();
    assert_eq!(response["next"][1]["command"], format!("cargo prometeu explain {code}"));
}

#[test]
fn what_is_not_registered_and_what_was_moved_is_followed_by_the_command_that_cures_it() {
    let place = Place::blobs(&["a"]);
    let declaration = place.read("assets/a/asset.json");
    let fresh = |n: u32| {
        let (before, rest) = declaration.split_once("\"asset_uuid\": \"").unwrap();
        format!("{before}\"asset_uuid\": \"0198c0de-0000-7000-8000-{n:012}{}", &rest[36..])
    };
    place.write("assets/two words/asset.json", fresh(1));
    place.write("assets/x/asset.json", fresh(2));
    let run = place.ok(&[]).prints("; 2 not registered\n");
    run.prints("\ncargo prometeu register 'two words' x  give them ids\n");

    fs::rename(place.path("assets/a"), place.path("assets/z")).unwrap();
    let run = place.run(&NOTHING).code(1);
    place.run(&["--project", "none"]).code(2).says("there is no folder");
    run.prints("\nregistry   diverged: asset 1 was moved from `a` to `z`\n")
        .prints("\ncargo prometeu reconcile 1 ")
        .prints("let asset 1 follow to `z`\n");
}

#[test]
fn a_registry_that_cannot_be_read_is_a_problem_like_others() {
    let place = packed(&["a"]);
    place.write("assets/.prometeu/index.json", "{");
    let before = place.listing();
    let run = place.run(&NOTHING).code(1);
    run.prints("\nassets     nobody knows which there are; 1 declaration is there\n")
        .prints("\nregistry   diverged: ")
        .prints("error[registry-");
    assert!(place.listing() == before);
    assert_eq!(told(&place, 1)["packs"][0]["standing"], "unknown");
}

#[test]
fn a_change_that_was_interrupted_is_told_and_left_to_who_makes_changes() {
    let place = Place::interrupted();
    check(
        &place,
        1,
        "assets     1: 1 blob_bank; 1 not registered\n\
         registry   reconciling: a change is under way, register `b` as asset 2\n\
         problems   1 error\n           \
         error[journal-unfinished]: a change was interrupted: register `b` as asset 2\n\
         last pack  none yet\n\n\
         cargo prometeu status                      settle what was interrupted\n\
         cargo prometeu doctor                      show where 1 finding stops a build\n\
         cargo prometeu explain journal-unfinished  say where this error comes from, and what cures it\n",
    );
    place.ok(&["status"]).says("Recovered");
    place.ok(&[]).prints("\nregistry   current: ");
}

#[test]
fn a_game_that_packs_in_its_build_is_shown_that_pack() {
    let place = Place::package();
    place.write("build.rs", "fn main() {}");
    place.write("assets/.prometeu/index.json", r#"{"schema_version": 1, "next_asset_id": 1, "assets": []}"#);
    place.ok(&["create", "a", "--type", "blob_bank"]);
    place.ok(&[]).prints("\nlast pack  none yet\n").prints("\ncargo build  ");
    // What its build script does, where cargo would have it done.
    let out = "target/debug/build/game-0123456789abcdef/out";
    place.run_with("PROMETEU_CACHE_DIR", out, &["pack", "--out", out]).code(0);
    place.ok(&[]).prints("\nlast pack  fresh: of `cargo build`, ");
    let pack = &told(&place, 0)["packs"][0];
    assert_eq!((&pack["maker"], &pack["standing"]), (&json!("build_script"), &json!("fresh")));
    place.write("assets/a/data.txt", "something else");
    place.ok(&[]).prints("\nlast pack  older than 1 asset: of `cargo build`, ").prints("\ncargo build  ");
}

#[test]
fn commands_that_come_next_lead_to_the_project_that_was_named() {
    let place = Place::project();
    let folder = place.path("").display().to_string();
    let run =
        Run::of(place.command(&["--project", &folder]).current_dir(std::env::temp_dir()).output().unwrap());
    run.code(0).prints(&format!("\ncargo prometeu --project {folder} create ui/atlas"));
}

#[test]
fn cargo_itself_is_led_to_the_package_that_was_named() {
    let place = Place::package();
    place.write("build.rs", "fn main() {}");
    place.write("assets/.prometeu/index.json", r#"{"schema_version": 1, "next_asset_id": 1, "assets": []}"#);
    place.ok(&["create", "a", "--type", "blob_bank"]);
    place.edit("Cargo.toml", "edition", "version = \"0.1.0\"\nedition");
    let check = |folder: &str, flags: &[&str], command: &str| {
        fs::create_dir_all(place.path("odd one/deep")).unwrap();
        let run = place.run_in(folder, flags).code(0);
        assert!(run.stdout.lines().any(|line| line.split("  ").next() == Some(command)), "{}", run.stdout);
    };
    check("", &[], "cargo build");
    check("src", &["--project", ".."], "cargo build --manifest-path ../Cargo.toml");
    check("src", &["-m", "../Cargo.toml"], "cargo build --manifest-path ../Cargo.toml");
    check("", &["-p", "game"], "cargo build -p game");
    check("src", &["--project", "../odd one/.."], "cargo build --manifest-path '../odd one/../Cargo.toml'");
}

#[test]
fn a_project_whose_name_a_terminal_would_obey_is_shown_by_what_it_is() {
    let place = Place::empty();
    place.write("\u{7}\u{202e}/assets/readme.txt", "x");
    for (flag, named) in [("--project", "\u{7}\u{202e}"), ("-m", "\u{7}\u{202e}/Cargo.toml")] {
        place.write("\u{7}\u{202e}/Cargo.toml", "[package]\nname = \"game\"\n");
        let run = place
            .run(&[flag, named])
            .code(1)
            .prints(&format!("\ncargo prometeu {flag} '\\u{{7}}\\u{{202e}}"));
        assert!(!run.stdout.contains('\u{7}'), "{}", run.stdout);
    }
}

#[test]
fn that_there_are_no_problems_is_said_where_everything_was_looked_into() {
    let place = packed(&["a"]);
    place.ok(&["create", "tiles", "--type", "glyph_bank"]);
    place.write("assets/tiles/tile.png", "no picture");
    place.ok(&["exclude", "tiles"]);
    place.ok(&["pack"]);
    let seen = "\nproblems   none seen from outside; `doctor` looks into the files\n";
    place.ok(&[]).prints("\nlast pack  fresh").prints(seen);
    place.ok(&["doctor"]).prints("error[");
    place.ok(&["exclude", "a"]);
    place.ok(&[]).prints(seen);
}

#[test]
fn a_pack_is_not_called_fresh_where_something_stops_a_build() {
    let place = packed(&["a", "b"]);
    place.edit("assets/.prometeu/index.json", "\"next_asset_id\": 3", "\"next_asset_id\": 1");
    let run = place.run(&NOTHING).code(1).prints("\nlast pack  ");
    let run = run.prints("as it was made: build/assets.pa");
    assert!(!run.stdout.contains("fresh: "), "{}", run.stdout);
    assert_eq!(told(&place, 1)["packs"][0]["standing"], "unknown");
}

#[test]
fn a_pack_that_cannot_be_looked_at_is_told_with_the_reason() {
    let place = Place::package();
    let out = "x".repeat(300);
    let manifest = format!("[package]\nname = \"game\"\n\n[package.metadata.prometeu]\nout = \"{out}\"\n");
    place.write("Cargo.toml", manifest);
    place.write("assets/.prometeu/index.json", r#"{"schema_version": 1, "next_asset_id": 1, "assets": []}"#);
    place.ok(&[]).prints("\nlast pack  cannot be looked at: ").prints("too long");
    let pack = &told(&place, 0)["packs"][0];
    assert_eq!((&pack["standing"], &pack["size"]), (&json!("unknown"), &Value::Null));
    assert!(pack["problem"].as_str().unwrap().contains("too long"), "{pack}");
}

#[test]
fn a_pack_is_known_by_whatever_way_leads_to_its_project() {
    let place = packed(&["a"]);
    for (folder, way) in [("assets", ".."), ("assets/a", "../.."), ("", "../game"), ("", "assets/.././")] {
        let run = place.run_in(folder, &["--project", way]).code(0);
        run.prints("\nlast pack  fresh: ").prints(&format!("\nin         {}\n", place.path("").display()));
    }
}

#[test]
fn a_target_directory_is_named_from_where_cargo_is_called() {
    let place = Place::package();
    place.write("build.rs", "fn main() {}");
    place.write("assets/.prometeu/index.json", r#"{"schema_version": 1, "next_asset_id": 1, "assets": []}"#);
    place.ok(&["create", "a", "--type", "blob_bank"]);
    let out = "elsewhere/debug/build/game-0123456789abcdef/out";
    place.run_with("PROMETEU_CACHE_DIR", out, &["pack", "--out", out]).code(0);
    for name in ["CARGO_TARGET_DIR", "CARGO_BUILD_TARGET_DIR"] {
        place.run_with(name, "elsewhere", &[]).code(0).prints("\nlast pack  fresh: of `cargo build`, ");
    }
}

#[test]
fn quiet_leaves_out_what_comes_next() {
    let place = packed(&["a"]);
    let run = place.ok(&["-q"]).prints("\nlast pack  fresh");
    assert!(run.stdout.ends_with("just now\n"), "{}", run.stdout);
}
