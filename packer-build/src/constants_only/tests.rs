use std::fs;

use prometeu_packer::diagnostics::Code;

use super::*;
use crate::job::tests::Game;

fn config() -> ConstantsOnly {
    Config::new().constants_only()
}

/// What a run prints.
fn said(game: &Game, constants_only: &ConstantsOnly) -> String {
    constants_only.told(&game.environment()).as_str().to_owned()
}

const VARIABLES: &str = "\
cargo::rerun-if-env-changed=PROMETEU_SKIP
cargo::rerun-if-env-changed=PROMETEU_STRICT
cargo::rerun-if-env-changed=DOCS_RS
";

#[test]
fn constants_are_all_that_is_written_and_declarations_all_that_is_hinted() {
    let mut game = Game::new(&["levels/first night", "drafts"]);
    game.roots[1].1 = false;
    game.register();
    assert_eq!(
        said(&game, &config()),
        format!(
            "cargo::rerun-if-changed=assets/.prometeu/index.json\n\
             cargo::rerun-if-changed=assets/levels/first night/asset.json\n{VARIABLES}"
        )
    );
    let written: Vec<_> = fs::read_dir(game.path("out")).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(written, ["assets.rs"]);
}

#[test]
fn the_text_is_that_of_a_whole_build() {
    let game = Game::new(&["levels/first night", "níveis"]);
    let report = config().write(&game.environment()).unwrap().report;
    assert_eq!((report.total_assets, &report.constants), (2, &game.path("out/assets.rs")));
    let alone = game.constants();
    fs::remove_file(&report.constants).unwrap();
    game.build(&Config::new());
    assert_eq!(alone, game.constants());
}

#[test]
fn what_is_wrong_with_a_file_stops_the_whole_build_alone() {
    let game = Game::new(&["a"]);
    fs::remove_file(game.path("game/assets/a/map.txt")).unwrap();
    assert_eq!(game.fail(&Config::new()).diagnostics()[0].code, Code::InputMissing);
    assert_eq!(config().write(&game.environment()).unwrap().report.total_assets, 1);
}

#[test]
fn what_is_wrong_with_a_declaration_stops_it_and_leaves_the_last_constants() {
    let game = Game::new(&["a"]);
    config().write(&game.environment()).unwrap();
    let before = game.constants();
    game.declare(1, "a", "\n  \"asset_id\": 1,");
    let said = said(&game, &config());
    assert!(said.lines().all(|line| line.starts_with("cargo::error=")), "{said}");
    assert!(said.contains("field-belongs-to-registry"), "{said}");
    assert_eq!(before, game.constants());
}

#[test]
fn warnings_are_told_and_a_strict_build_stops_at_them() {
    let game = Game::new(&["a"]);
    game.declare(1, "a", "\n  \"colour\": 1,");
    assert!(said(&game, &config()).contains("cargo::warning=assets/a/asset.json:4:3: unknown member"));
    assert_eq!(config().write(&game.environment()).unwrap().report.warnings.len(), 1);
    let strict = Config::new().strict(true).constants_only();
    assert!(strict.write(&game.environment()).is_err());
}

#[test]
fn a_skipped_build_names_what_can_be_read_and_needs_nothing() {
    let game = Game::new(&["good", "gone", "broken"]);
    fs::remove_dir_all(game.path("game/assets/gone")).unwrap();
    game.write("assets/broken/asset.json", "{ not JSON");
    let skip = Config::new().skip(true).constants_only();
    assert_eq!(
        said(&game, &skip),
        format!(
            "cargo::rerun-if-changed=assets/.prometeu/index.json\n\
             cargo::rerun-if-changed=assets/good/asset.json\n\
             cargo::rerun-if-changed=assets/broken/asset.json\n{VARIABLES}"
        )
    );
    let constants = game.constants();
    assert!(constants.contains("const GOOD:") && !constants.contains("const BROKEN:"), "{constants}");
    let bare = Game::bare();
    assert_eq!(said(&bare, &skip), VARIABLES);
}

#[test]
fn outside_cargo_the_output_folder_is_made_and_nothing_is_printed() {
    let game = Game::new(&["a"]);
    let config = Config::new()
        .project_dir(game.path("game"))
        .out_dir(game.path("somewhere/new"))
        .cargo_directives(false)
        .constants_only();
    let written = config.write(&Environment::default()).unwrap();
    assert_eq!(written.directives.as_str(), "");
    assert!(game.path("somewhere/new/assets.rs").is_file());
}
