//! `init`: everything once, nothing twice, nothing lost.

use std::process::Command;

use crate::harness::Place;

#[test]
fn a_fresh_game_is_ready_and_the_second_time_there_is_nothing_to_do() {
    let game = Place::package();
    game.ok(&["init", "--yes"])
        .says("Created assets/.prometeu/index.json")
        .says("Edited Cargo.toml")
        .says("`cargo prometeu init --packer CHECKOUT`")
        .prints_nothing();
    let version = env!("CARGO_PKG_VERSION");
    let manifest = game.read("Cargo.toml");
    for part in [
        "[package]\nname = \"game\" # mine\n",
        &format!("[dependencies]\npacker-format = \"{version}\"\n"),
        &format!("[build-dependencies]\npacker-build = \"{version}\"\n"),
        "[profile.dev.package]\n",
        "[profile.release.package]\n",
        "png = { opt-level = 3 }\n",
    ] {
        assert!(manifest.contains(part), "no {part} in:\n{manifest}");
    }
    assert_eq!(game.read("build.rs"), "fn main() {\n    packer_build::run();\n}\n");
    assert_eq!(game.read(".gitignore"), "/build/\n");
    let before = game.listing();
    game.ok(&["init", "--yes"]).says("already set up, nothing to do");
    game.ok(&["init"]).says("already set up, nothing to do");
    game.ok(&["init", "--dry-run"]).says("already set up, nothing to do");
    assert_eq!(game.listing(), before);
}

#[test]
fn a_dry_run_shows_everything_and_writes_nothing() {
    let game = Place::package();
    let before = game.listing();
    let run = game.ok(&["init", "--dry-run"]).says("nothing was written");
    for line in [
        "create assets/.prometeu/index.json",
        "edit   Cargo.toml: `packer-format`, `packer-build`, `profile.dev`, `profile.release`",
        "create build.rs: ",
        "create .gitattributes: ",
        "create .gitignore: ",
    ] {
        assert!(run.stdout.contains(&format!("\n  {line}")), "no `{line}` in:\n{}", run.stdout);
    }
    assert_eq!(game.listing(), before);
}

#[test]
fn without_a_yes_and_nobody_to_ask_nothing_is_written() {
    let game = Place::package();
    let before = game.listing();
    game.run(&["init"]).code(3).says("create build.rs").says("`--yes`").prints_nothing();
    let (run, lines) = game.json(&["init"]);
    assert_eq!(run.code, 3);
    assert_eq!(lines.last().unwrap()["blockers"][0]["code"], "consent-required");
    assert_eq!(game.listing(), before);
}

#[test]
fn a_plan_that_was_seen_is_applied_and_another_one_is_not() {
    let game = Place::package();
    let seen = game.ok(&["init", "--dry-run"]).plan_id();
    game.write(".gitignore", "/target/\n");
    let before = game.listing();
    game.run(&["init", "--plan", &seen]).code(1).says("another one by now");
    assert_eq!(game.listing(), before);
    let seen = game.ok(&["init", "--dry-run"]).plan_id();
    game.ok(&["init", "--plan", &seen]).says("Edited .gitignore");
    assert_eq!(game.read(".gitignore"), "/target/\n/build/\n");
}

#[test]
fn a_checkout_of_the_packer_is_depended_on_by_path() {
    let game = Place::package();
    let checkout = game.path("../packer");
    for name in ["packer-build", "packer-format"] {
        std::fs::create_dir_all(checkout.join(name)).unwrap();
        std::fs::write(checkout.join(name).join("Cargo.toml"), "").unwrap();
    }
    game.run(&["init", "--yes", "--packer", "../nowhere"]).code(2).says("has no `packer-build`");
    game.ok(&["init", "--yes", "--packer", "../packer"]);
    assert!(game.read("Cargo.toml").contains("packer-build = { path = \"../packer/packer-build\" }\n"));
    assert!(game.read("Cargo.toml").contains("packer-format = { path = \"../packer/packer-format\" }\n"));
}

#[test]
fn a_build_script_that_is_there_is_not_touched() {
    let game = Place::package();
    let own = "fn main() { println!(\"mine\"); }\n";
    game.write("build.rs", own);
    game.ok(&["init", "--yes"]).says("add `packer_build::run();` to its `main`");
    assert_eq!(game.read("build.rs"), own);
    game.write("build.rs", "fn main() { packer_build::run(); }\n");
    let run = game.ok(&["init"]);
    assert!(!run.stderr.contains("packer_build"), "{}", run.stderr);
}

#[test]
fn profile_lines_go_to_the_root_of_the_workspace() {
    let game = Place::package();
    let root = game.path("../Cargo.toml");
    std::fs::write(&root, "# all of it\n[workspace]\nmembers = [\"game\"]\nresolver = \"3\"\n").unwrap();
    game.ok(&["init", "--yes"]).says("Edited ../Cargo.toml");
    let text = std::fs::read_to_string(&root).unwrap();
    assert!(
        text.starts_with("# all of it\n[workspace]\n") && text.contains("[profile.dev.package]"),
        "{text}"
    );
    assert!(!game.read("Cargo.toml").contains("profile"));
    game.run_in("..", &["init", "--yes"]).code(2).says("`-p PACKAGE`");
    game.run_in("..", &["init", "-p", "game"]).code(0).says("already set up");
    game.run_in("..", &["init", "-p", "gme"]).code(2).says("It has: game.");
}

#[test]
fn a_folder_without_a_manifest_gets_the_registry_only() {
    let place = Place::empty();
    place.ok(&["init", "--yes"]);
    let names: Vec<_> =
        std::fs::read_dir(place.path("")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, ["assets"]);
    place.run(&["init", "--yes", "--packer", "."]).code(2).says("no `Cargo.toml`");
}

#[test]
fn a_manifest_that_cannot_be_read_stops_everything() {
    let game = Place::package();
    game.write("Cargo.toml", "[package\n");
    let before = game.listing();
    game.run(&["init", "--yes"]).code(2).says("not TOML");
    assert_eq!(game.listing(), before);
}

#[test]
fn git_takes_the_bytes_of_assets_as_they_are() {
    let game = Place::package();
    game.ok(&["init", "--yes"]);
    let git = |arguments: &[&str]| {
        let output = Command::new("git").args(arguments).current_dir(game.path("")).output().ok()?;
        output.status.success().then(|| String::from_utf8(output.stdout).unwrap())
    };
    if git(&["init", "-q"]).is_none() {
        eprintln!("skipped: git is not here");
        return;
    }
    let attributes = |path: &str| git(&["check-attr", "text", "eol", "--", path]).unwrap();
    for path in ["assets/ui/atlas/asset.json", "assets/a/asset.json", "assets/.prometeu/index.json"] {
        assert_eq!(attributes(path), format!("{path}: text: set\n{path}: eol: lf\n"));
    }
    for path in ["assets/ui/atlas/heart.png", "assets/story/intro.txt", "assets/story/other.json"] {
        assert_eq!(attributes(path), format!("{path}: text: unset\n{path}: eol: unspecified\n"));
    }
    assert_eq!(git(&["check-ignore", "build/assets.pa"]).unwrap(), "build/assets.pa\n");
}

#[test]
fn git_does_not_see_what_is_this_checkouts_own() {
    let game = Place::package();
    game.ok(&["init", "--yes"]);
    let git = |arguments: &[&str]| {
        let output = Command::new("git").args(arguments).current_dir(game.path("")).output().ok()?;
        output.status.success().then(|| String::from_utf8(output.stdout).unwrap())
    };
    if git(&["init", "-q"]).is_none() {
        eprintln!("skipped: git is not here");
        return;
    }
    let lock = "assets/.prometeu/local/lock";
    assert!(game.path(lock).is_file());
    assert_eq!(git(&["check-ignore", lock]).unwrap(), format!("{lock}\n"));
}

#[test]
fn at_the_root_of_a_workspace_the_packages_with_assets_are_named() {
    let game = Place::package();
    std::fs::write(game.path("../Cargo.toml"), "[workspace]\nmembers = [\"*\"]\nresolver = \"3\"\n").unwrap();
    game.ok(&["init", "--yes"]);
    let list = || game.run_in("..", &["list"]).code(2).says("no project in");
    list().says("add `-p game`, or `--project game`");
    game.write("../tool/Cargo.toml", "[package]\nname = \"tool\"\nedition = \"2024\"\n");
    game.write("../tool/src/lib.rs", "");
    list().says("add `-p game`, or `--project game`");
    std::fs::create_dir(game.path("../tool/assets")).unwrap();
    list().says("add which one: `-p game`, `-p tool`");
}

#[test]
fn an_editor_is_told_what_the_files_may_hold_and_settings_with_comments_are_left_alone() {
    let game = Place::package();
    game.ok(&["init", "--yes"]);
    let arguments = ["init", "--editor", "vscode", "--yes"];
    let before = game.listing();
    let run = game.ok(&["init", "--editor", "vscode", "--dry-run"]).prints("create .vscode/settings.json");
    run.prints("create .vscode/prometeu/asset.schema.json");
    game.run(&arguments[..3]).code(3);
    assert_eq!(game.listing(), before);
    game.ok(&arguments).says("Created .vscode/settings.json");
    assert_eq!(game.read(".vscode/prometeu/asset.schema.json"), game.ok(&["schema", "asset"]).stdout);
    let page = include_str!("../../../docs/editors.md");
    assert!(
        page.contains(&format!("```json\n{}```", game.read(".vscode/settings.json"))),
        "the page shows it"
    );
    let before = game.listing();
    game.ok(&arguments).says("nothing to do");
    assert_eq!(game.listing(), before);

    let own = "{\n  // mine\n  \"editor.rulers\": [80]\n}\n";
    game.write(".vscode/settings.json", own);
    game.write(".vscode/prometeu/index.schema.json", "{ \"$id\": \"urn:prometeu:schema:index:0\" }");
    game.ok(&arguments).says("left alone").says("\"json.schemas\": [").says("Edited .vscode/prometeu/index");
    assert_eq!(game.read(".vscode/settings.json"), own);
    game.write(".vscode/prometeu/index.schema.json", "mine");
    game.run(&arguments).code(2).says("is no schema of the packer's");
    assert_eq!(game.read(".vscode/prometeu/index.schema.json"), "mine");
}

#[test]
fn an_editor_opens_the_repository() {
    let game = Place::package();
    std::fs::create_dir_all(game.path("../.git")).unwrap();
    game.ok(&["init", "--editor", "vscode", "--yes"]).says("../.vscode/settings.json");
    assert!(game.path("../.vscode/prometeu/asset.schema.json").is_file());
}
