//! The variables of a build script, with real cargo: what each does, and that cargo knows of it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::fs;

use packer_tests::cargo::{self, Outcome};
use packer_tests::game::GameCrate;

fn with(game: &GameCrate, name: &str, value: &str) -> Outcome {
    game.cargo("build").env(name, value).run()
}

fn constants(built: &Outcome) -> String {
    fs::read_to_string(built.out_dir().join("assets.rs")).unwrap()
}

/// How many assets the header of a pack names.
fn assets(built: &Outcome) -> usize {
    let pack = built.pack();
    let length = usize::try_from(u64::from_le_bytes(pack[8..16].try_into().unwrap())).unwrap();
    let header: serde_json::Value = serde_json::from_slice(&pack[32..32 + length]).unwrap();
    header["asset_table"].as_array().unwrap().len()
}

#[test]
fn a_warning_stops_a_strict_build_and_no_other() {
    let game = GameCrate::with_assets("strict");
    let mut declaration = game.declaration("ui/atlas");
    declaration["colour"] = 1.into();
    game.declare("ui/atlas", &declaration);
    let warned = game.build().passed();
    assert!(warned.stderr.contains("unknown member `colour` [unknown-member]"), "{}", warned.stderr);

    let strict = with(&game, "PROMETEU_STRICT", "1").failed();
    assert!(strict.script_ran(), "the variable is another one than in the last build");
    let said = strict.errors_of_the_script();
    assert!(said.starts_with("warning[unknown-member]: unknown member `colour`"), "{said}");
    assert!(said.ends_with("this build is strict (`PROMETEU_STRICT`), so warnings stop it\n"), "{said}");

    let lax = game.build().passed();
    assert!(lax.pack() == warned.pack());
    let zero = with(&game, "PROMETEU_STRICT", "0").passed();
    assert!(zero.script_ran(), "cargo compares values and knows nothing of their meaning");
    assert!(!with(&game, "PROMETEU_STRICT", "0").passed().script_ran());
}

#[test]
fn a_strict_build_of_assets_without_a_warning_is_like_any_other() {
    let game = GameCrate::with_assets("strict-clean");
    let lax = game.build().passed();
    let strict = with(&game, "PROMETEU_STRICT", "1").passed();
    assert!(strict.script_ran());
    assert!(lax.pack() == strict.pack());
    assert!(!with(&game, "PROMETEU_STRICT", "1").passed().script_ran());
}

#[test]
fn a_skipped_build_has_an_empty_pack_and_all_constants_until_the_variable_is_gone() {
    let game = GameCrate::with_assets("skip");
    // So that every constant has to be there.
    let main = game.read("src/main.rs").replace(
        "fn main() {",
        "fn main() {\n    let _ = (assets::ui::atlas::HEART, assets::levels::first::MAP);",
    );
    game.write("src/main.rs", main);
    let whole = game.build().passed();
    assert_eq!(assets(&whole), 2);
    for name in ["PROMETEU_SKIP", "DOCS_RS"] {
        let whole_constants = constants(&whole);
        let skipped = with(&game, name, "1").passed();
        assert!(skipped.script_ran(), "{name}");
        assert_eq!(assets(&skipped), 0, "{name}");
        assert_eq!(constants(&skipped), whole_constants, "{name}");
        assert!(!with(&game, name, "1").passed().script_ran(), "{name}: nothing changed");

        let back = game.build().passed();
        assert!(back.script_ran(), "{name}: the variable is gone");
        assert!(back.pack() == whole.pack(), "{name}");
    }
}

#[test]
fn a_cache_elsewhere_changes_no_byte() {
    let game = GameCrate::with_assets("cached");
    let here = game.build().passed();
    let cache = game.surroundings().join("a cache");
    let there = with(&game, "PROMETEU_CACHE_DIR", cache.to_str().unwrap()).passed();
    assert!(there.script_ran());
    assert!(here.pack() == there.pack());
    assert_eq!(fs::read_dir(&cache).unwrap().count(), 1, "one record for one output folder");
}

#[test]
fn one_cache_serves_both_profiles_two_games_and_the_command() {
    let games = [GameCrate::with_assets("cache-of-one"), GameCrate::with_assets("cache-of-two")];
    let cache = games[0].surroundings().join("shared");
    let named = cache.to_str().unwrap();
    let alone: Vec<Outcome> = games.iter().map(|game| game.build().passed()).collect();
    // What a later one finds in it is of others: whatever it takes from there, the bytes are its own.
    for round in 0..2 {
        for (game, alone) in games.iter().zip(&alone) {
            for release in [false, true] {
                // Its outputs are gone, and the cache is all that is left.
                let run = || {
                    let run = game.cargo("build").env("PROMETEU_CACHE_DIR", named);
                    if release { run.release().run().passed() } else { run.run().passed() }
                };
                let built = run();
                assert!(built.pack() == alone.pack(), "{} release {release} round {round}", game.name());
                assert_eq!(constants(&built), constants(alone));
                fs::remove_file(built.out_dir().join("assets.pa")).unwrap();
                game.write("assets/levels/first/map.txt", b"#..#\n");
                let again = run();
                assert!(again.script_ran());
                assert!(again.pack() == alone.pack(), "{} release {release} round {round}", game.name());
            }
        }
        let mut pack = cargo::scrubbed(cargo::subcommand());
        pack.args(["pack", "--project"]).arg(games[1].project()).env("PROMETEU_CACHE_DIR", named);
        assert!(pack.output().unwrap().status.success());
        let packed = fs::read(games[1].path("build/assets.pa")).unwrap();
        assert!(packed == alone[1].pack(), "the command, round {round}");
    }
    let records = fs::read_dir(&cache)
        .unwrap()
        .filter(|entry| entry.as_ref().unwrap().file_name().to_string_lossy().ends_with(".record"));
    assert_eq!(records.count(), 5, "one for each output folder: two profiles of two games, and `build`");
}
