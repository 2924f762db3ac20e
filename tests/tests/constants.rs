//! The constants in a game's `assets.rs`: what they are, and what the compiler says when one is gone
//! or of another kind.
//!
//! The constants stand in a golden file, which the generator must still make letter by letter; the
//! programs in `tests/ui` are compiled against that file.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::fs;
use std::process::Command;

use packer_tests::game::GameCrate;
use packer_tests::golden::{self, Redactions};
use packer_tests::{checkout, skip};

/// The compiler whose exact words stand in `tests/ui/*.stderr`. They change between versions.
const COMPILER: &str = "rustc 1.95.";

#[test]
fn the_constants_of_a_game_are_made_from_its_folders_and_file_names() {
    let game = GameCrate::with_assets("constants");
    let built = game.build().passed();
    let text = fs::read_to_string(built.out_dir().join("assets.rs")).unwrap();
    assert!(
        !text.contains(&game.project().display().to_string()),
        "they depend on where the game lies:\n{text}"
    );
    golden::check("assets.rs", &Redactions::new().apply(&text));
}

/// Checks the program `tests/ui/<name>.rs` against the constants of a real game.
fn refusal(game: &GameCrate, name: &str) -> String {
    let program = fs::read_to_string(checkout().join(format!("tests/ui/{name}.rs"))).unwrap();
    game.write(
        "src/main.rs",
        program.replace("include!(\"../golden/assets.rs\")", "packer_format::include_assets!()"),
    );
    game.cargo("check").without_v().run().failed().stderr
}

#[test]
fn a_constant_that_is_gone_or_of_another_kind_does_not_compile_with_any_compiler() {
    let game = GameCrate::with_assets("refused");
    let cases: [(&str, &[&str]); 4] = [
        ("removed_asset", &["E0425", "SECOND", "assets::levels"]),
        ("removed_tile", &["E0425", "MOON", "assets::ui::atlas"]),
        ("renamed_asset", &["E0425", "ATLASS", "similar name", "assets::ui::ATLAS"]),
        ("wrong_kind", &["E0308", "assets::levels::FIRST", "GlyphBankId", "BlobBankId"]),
    ];
    for (name, words) in cases {
        let said = refusal(&game, name);
        for word in words {
            assert!(said.contains(word), "{name}: nothing about `{word}` in:\n{said}");
        }
        assert_eq!(
            said.matches("\nerror[").count() + usize::from(said.starts_with("error[")),
            1,
            "{name}:\n{said}"
        );
    }
}

#[test]
fn the_message_about_a_wrong_constant_helps() {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let version = Command::new(rustc).arg("--version").output().unwrap().stdout;
    let version = String::from_utf8(version).unwrap();
    if !version.starts_with(COMPILER) {
        skip(
            "the compiler's exact words",
            &format!("they were written down for {COMPILER}x, this is {version}"),
        );
        return;
    }
    let cases = trybuild::TestCases::new();
    cases.compile_fail("ui/*.rs");
}
