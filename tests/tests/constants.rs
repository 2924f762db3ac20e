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

/// A game of two tile sheets and a level that names one tile and one level.
fn sparing(name: &str) -> GameCrate {
    let game = GameCrate::with_assets(name);
    game.add_glyph_bank("ui/old_atlas", &[("heart.png", packer_tests::assets::heart())]);
    game.register("ui/old_atlas");
    let uses = "fn main() {\n    println!(\"{:?}\", assets::ui::atlas::HEART);\n}\n";
    let module = "mod assets {\n    packer_format::include_assets!();\n}\n\n";
    game.write("src/main.rs", format!("{module}{uses}"));
    game
}

/// The constants that rustc calls unused.
fn unused(said: &str) -> Vec<&str> {
    let named = said.split("warning: constant `").skip(1);
    named.map(|rest| rest.split_once("` is never used").expect("rustc's words").0).collect()
}

#[test]
fn where_a_game_asks_for_it_rustc_warns_of_each_asset_that_nothing_names_and_of_no_artifact() {
    let game = sparing("unused-assets");
    let run = |what: &str| {
        game.write("build.rs", format!("fn main() {{\n    {what};\n}}\n"));
        game.cargo("check").without_v().run().passed().stderr
    };
    let warned = run("packer_build::Config::new().warn_unused(true).run()");
    assert_eq!(unused(&warned), ["FIRST", "OLD_ATLAS"], "{warned}");
    assert_eq!(warned.matches("warning: ").count(), 3, "two, and how many:\n{warned}");
    assert!(warned.contains("assets.rs:"), "where:\n{warned}");
    let quiet = run("packer_build::run()");
    assert!(!quiet.contains("warning"), "{quiet}");
}

#[test]
fn a_flag_for_rustc_alone_makes_it_tell_of_the_same_assets() {
    let game = sparing("unused-by-flag");
    let args = &["--profile", "check", "--", "--force-warn", "dead_code"];
    let said = game.cargo("rustc").without_v().args(args).run().passed().stderr;
    assert_eq!(unused(&said), ["FIRST", "MAP", "OLD_ATLAS", "STAR", "HEART"], "{said}");
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
