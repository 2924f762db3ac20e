//! What `README.md` shows is what happens.
//!
//! Its commands make a game of nothing, its program runs, its failing build fails with those very
//! words.

#![cfg(unix)] // the commands are a shell's

use std::fs;

use packer_tests::game::Place;
use packer_tests::{assets, cargo, checkout, page};

#[test]
fn the_failing_build_of_the_readme_fails_with_those_words_and_its_fix_mends_it() {
    let readme = page::text("README.md");
    let game = Place::new("my-game").create();
    game.add_glyph_bank("ui/atlas", &[("heart.png", assets::heart()), ("star.png", assets::star())]);
    let declaration = &page::fenced(&readme, "json")[0];
    let broken = declaration.replace("#ffec27", "#ffec72");
    assert_ne!(*declaration, broken);
    game.write("assets/ui/atlas/asset.json", broken);
    game.register("ui/atlas");
    let failed = game.cargo("build").without_v().run().failed();

    let shown = &page::fenced(&readme, "console")[0];
    let shown = shown.lines().filter_map(|line| line.strip_prefix("error: my-game@0.1.0: "));
    let shown: String = shown.flat_map(|line| [line, "\n"]).collect();
    assert_eq!(shown.trim_end(), failed.errors_of_the_script().trim_end());

    game.write("assets/ui/atlas/asset.json", declaration);
    game.build().passed();
}

#[test]
fn under_ten_commands_make_a_game_that_draws_out_of_its_pack() {
    let readme = page::text("README.md");
    let commands = &page::fenced(&readme, "bash")[0];
    assert!(commands.lines().count() < 10, "{commands}");
    for command in ["init", "create", "register", "doctor", "pack", "inspect"] {
        assert!(
            commands.contains(&format!("cargo prometeu {command} "))
                || commands.contains(&format!("cargo prometeu {command}\n"))
        );
    }

    // The clone is this checkout, and the name is one that no other test builds.
    let checkout = checkout().display().to_string();
    let commands =
        commands.replace("../prometeu-packer", &format!("'{checkout}'")).replace("my-game", "quick-start");
    let (new, rest) = commands.split_once('\n').unwrap();
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("main.rs"), &page::fenced(&readme, "rust")[0]).unwrap();
    // The program is pasted, and the versions are those of the checkout: nothing is fetched.
    let script = format!(
        "set -e\n{new}\ncp ../main.rs src/main.rs\ncp '{checkout}/Cargo.lock' .\n{rest}\ncargo clean -q -p quick-start\n"
    );

    let command = cargo::subcommand();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let path = std::iter::once(command.parent().unwrap().to_owned()).chain(std::env::split_paths(&path));
    let mut shell = cargo::scrubbed("sh");
    shell.arg("-c").arg(script).current_dir(folder.path()).env("PATH", std::env::join_paths(path).unwrap());
    shell.env("CARGO_TARGET_DIR", cargo::shared_target_dir()).env("CARGO_NET_OFFLINE", "true");
    let output = shell.output().unwrap();
    let [said, told] =
        [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes).into_owned());
    assert!(output.status.success(), "{told}\n{said}");

    // The heart is eight pixels wide; the last eight lines are what the game drew.
    let drawn: Vec<&str> = said.lines().rev().take(8).collect();
    assert!(drawn.iter().all(|row| row.chars().count() == 16), "{said}");
    assert!(drawn.iter().any(|row| row.contains("██")), "{said}");
    assert!(said.contains("ui/hud") || said.contains("ui_hud"), "the pack was looked at:\n{said}");
}
