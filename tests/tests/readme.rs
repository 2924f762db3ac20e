//! What `README.md` shows is what happens.
//!
//! Its `asset.json` packs, its program runs, its failing build fails with those very words.

use std::process::Command;

use packer_tests::game::{GameCrate, Place};
use packer_tests::{assets, page};

/// The game of the README: its folder, its declaration, its program.
fn game(name: &str) -> GameCrate {
    let readme = page::text("README.md");
    let game = Place::new(name).create();
    game.add_glyph_bank("ui/atlas", &[("heart.png", assets::heart()), ("star.png", assets::star())]);
    game.write("assets/ui/atlas/asset.json", &page::fenced(&readme, "json")[0]);
    game.register("ui/atlas");
    game.write("src/main.rs", &page::fenced(&readme, "rust")[0]);
    game
}

#[test]
fn the_program_of_the_readme_draws_the_heart() {
    let game = game("readme-program");
    let built = game.build().passed();
    let output = Command::new(built.executable()).env_remove("PROMETEU_ASSETS_PA").output().unwrap();
    let drawn = String::from_utf8(output.stdout).unwrap();
    let opaque =
        (0..16_u32).flat_map(|y| (0..16_u32).map(move |x| x.abs_diff(7) + y)).filter(|d| *d < 14).count();
    assert_eq!(drawn.lines().count(), 16, "{drawn}");
    assert_eq!(drawn.matches("██").count(), opaque, "{drawn}");
}

#[test]
fn the_failing_build_of_the_readme_fails_with_those_words_and_its_fix_mends_it() {
    let game = game("my-game");
    let declaration = game.read("assets/ui/atlas/asset.json");
    let broken = declaration.replace("#ffec27", "#ffec72");
    assert_ne!(declaration, broken);
    game.write("assets/ui/atlas/asset.json", broken);
    let failed = game.cargo("build").without_v().run().failed();

    let shown = &page::fenced(&page::text("README.md"), "console")[0];
    let shown = shown.lines().filter_map(|line| line.strip_prefix("error: my-game@0.1.0: "));
    let shown: String = shown.flat_map(|line| [line, "\n"]).collect();
    assert_eq!(shown.trim_end(), failed.errors_of_the_script().trim_end());

    game.write("assets/ui/atlas/asset.json", declaration);
    game.build().passed();
}
