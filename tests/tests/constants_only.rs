//! A game in two crates, with real cargo: a library that names assets, and a thin binary that packs
//! them. What makes the library compile again, and what does not.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::fs;
use std::process::Command;

use packer_tests::cargo::{self, Outcome};
use packer_tests::game::GameCrate;
use packer_tests::{assets, checkout};
use serde_json::{Value, json};

/// The binary is a [`GameCrate`], the library lies in its folder `logic`.
struct TwoCrates {
    game: GameCrate,
    library: String,
}

const LIBRARY: &str = "
pub mod assets {
    packer_format::include_assets!();
}

/// What the player has too few of.
pub const LIFE: packer_format::Tile = assets::ui::atlas::HEART;
";

const PROGRAM: &str = "
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let pack = packer_format::PackFile::open(packer_format::locate!())?;
    let life = pack.glyph_bank(logic::assets::ui::ATLAS)?.tile(logic::LIFE)?.pixels().filter(|(_, _, c)| *c != 0).count();
    println!(\"{life}\");
    Ok(())
}
";

const LIBRARYS_SCRIPT: &str = r#"
fn main() {
    packer_build::Config::new().project_dir("..").constants_only().run();
}
"#;

impl TwoCrates {
    /// The indices of `ui/atlas` are stated, so that no picture decides them.
    fn new(name: &str) -> Self {
        let game = GameCrate::with_assets(name);
        let mut declaration = game.declaration("ui/atlas");
        declaration["artifacts"] =
            json!([{ "file": "heart.png", "index": 0 }, { "file": "star.png", "index": 1 }]);
        game.declare("ui/atlas", &declaration);
        let library = format!("{name}-logic");
        let path = |package: &str| Value::from(checkout().join(package).display().to_string());
        game.write(
            "logic/Cargo.toml",
            format!(
                "[package]\nname = {library:?}\nversion = \"0.1.0\"\nedition = \"2024\"\n\n\
                 [dependencies]\npacker-format = {{ path = {} }}\n\n\
                 [build-dependencies]\npacker-build = {{ path = {} }}\n",
                path("packer-format"),
                path("packer-build")
            ),
        );
        game.write("logic/build.rs", LIBRARYS_SCRIPT);
        game.write("logic/src/lib.rs", LIBRARY);
        let dependency = format!("[dependencies]\nlogic = {{ package = {library:?}, path = \"logic\" }}\n");
        game.write("Cargo.toml", game.read("Cargo.toml").replacen("[dependencies]\n", &dependency, 1));
        game.write("src/main.rs", PROGRAM);
        Self { game, library }
    }

    /// Builds, and says whether the library and whether the binary were compiled.
    #[track_caller]
    fn build(&self) -> (Outcome, [bool; 2]) {
        let built = self.game.build().passed();
        let compiled = self.compiled(&built);
        (built, compiled)
    }

    fn compiled(&self, outcome: &Outcome) -> [bool; 2] {
        [&*self.library, self.game.name()].map(|package| {
            let says = |verb: &str| {
                let start = format!("{verb} {package} v");
                outcome.stderr.lines().any(|line| line.trim_start().starts_with(&start))
            };
            assert_ne!(says("Compiling"), says("Fresh"), "{package}:\n{}", outcome.stderr);
            says("Compiling")
        })
    }

    /// `assets.rs` of the library and of the binary.
    fn constants(&self, outcome: &Outcome) -> [String; 2] {
        let scripts = outcome.stdout.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let library = scripts
            .filter(|message| message["reason"] == "build-script-executed")
            .find(|message| message["package_id"].as_str().unwrap().contains(&self.library))
            .expect("cargo names the out_dir of each build script");
        let of_library = library["out_dir"].as_str().unwrap();
        [of_library.into(), outcome.out_dir()]
            .map(|dir: std::path::PathBuf| fs::read_to_string(dir.join("assets.rs")).unwrap())
    }
}

impl Drop for TwoCrates {
    /// The game cleans up after itself, and knows nothing of the library.
    fn drop(&mut self) {
        let mut clean = cargo::command();
        clean.current_dir(self.game.project()).args(["clean", "--offline", "-q", "-p", &self.library]);
        // A leftover costs room on disk and nothing else.
        let _ = clean.env("CARGO_TARGET_DIR", cargo::shared_target_dir()).status();
    }
}

#[track_caller]
fn said(outcome: &Outcome) -> String {
    let output = Command::new(outcome.executable()).env_remove("PROMETEU_ASSETS_PA").output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn an_edited_tile_compiles_the_thin_crate_and_an_edited_declaration_both() {
    let crates = TwoCrates::new("thin");
    let (first, compiled) = crates.build();
    assert_eq!(compiled, [true, true]);
    let [of_library, of_game] = crates.constants(&first);
    assert_eq!(of_library, of_game);
    assert_ne!(said(&first), "1\n");
    assert_eq!(crates.build().1, [false, false], "nothing changed");

    crates.game.write("assets/ui/atlas/heart.png", assets::tile(|x, y| usize::from((x, y) == (0, 0))));
    let (edited, compiled) = crates.build();
    assert_eq!(compiled, [false, true], "a tile is the binary's business:\n{}", edited.stderr);
    assert_eq!(said(&edited), "1\n");

    let mut declaration = crates.game.declaration("ui/atlas");
    declaration["name"] = "pictures".into();
    crates.game.declare("ui/atlas", &declaration);
    let (renamed, compiled) = crates.build();
    assert_eq!(compiled, [true, true]);
    assert!(crates.constants(&renamed).iter().all(|text| text.contains("`pictures`")));

    crates.game.add_blob_bank("levels/second", &[("map.txt", b"####\n".to_vec())]);
    crates.game.register("levels/second");
    let (registered, compiled) = crates.build();
    assert_eq!(compiled, [true, true]);
    let [of_library, of_game] = crates.constants(&registered);
    assert_eq!(of_library, of_game);
    assert!(of_library.contains("const SECOND:"), "{of_library}");
}

#[test]
fn an_asset_that_was_renamed_does_not_compile_where_the_library_names_it() {
    let crates = TwoCrates::new("gone");
    crates.build();
    crates.game.rename("assets/ui/atlas", "assets/ui/icons");
    let registry = crates.game.read("assets/.prometeu/index.json");
    crates.game.write("assets/.prometeu/index.json", registry.replace("ui/atlas", "ui/icons"));
    let failed = crates.game.build().failed();
    for words in ["error[E0433]", "atlas", "logic/src/lib.rs"] {
        assert!(failed.stderr.contains(words), "nothing about `{words}` in:\n{}", failed.stderr);
    }
    crates.game.write("logic/src/lib.rs", LIBRARY.replace("atlas", "icons"));
    crates.game.write("src/main.rs", PROGRAM.replace("ATLAS", "ICONS"));
    crates.build();
}

#[test]
fn a_tile_that_is_gone_stops_the_crate_that_packs_and_not_the_library() {
    let crates = TwoCrates::new("halved");
    crates.build();
    crates.game.remove("assets/ui/atlas/star.png");
    let failed = crates.game.build().failed();
    assert!(failed.errors_of_the_script().contains("star.png"), "{}", failed.stderr);
    assert!(!failed.stderr.contains(&format!("error: {}@", crates.library)), "{}", failed.stderr);
    crates.game.write("assets/ui/atlas/star.png", assets::star());
    assert_eq!(crates.build().1, [false, true]);
}

#[test]
fn a_sheet_that_grows_shifts_the_constants_of_both_crates() {
    let crates = TwoCrates::new("sheets");
    let sheet = |tiles: u32| assets::png(tiles * 16, 16, &[0; 16 * 16 * 4].repeat(tiles as usize));
    crates.game.add_glyph_bank("ui/walk", &[("a.png", sheet(2)), ("b.png", sheet(1))]);
    crates.game.register("ui/walk");
    let b = |built: &Outcome| {
        let [of_library, of_game] = crates.constants(built);
        assert_eq!(of_library, of_game);
        let line = of_library.lines().find(|line| line.contains("const B:")).unwrap();
        line.trim().to_owned()
    };
    assert!(b(&crates.build().0).ends_with(".tile(2);"));
    crates.game.write("assets/ui/walk/a.png", sheet(4));
    let (grown, compiled) = crates.build();
    assert!(compiled[0] && b(&grown).ends_with(".tile(4);"), "{}", b(&grown));
    // After the last one nothing comes that it could shift.
    crates.game.write("assets/ui/walk/b.png", sheet(3));
    assert_eq!(crates.build().1, [false, true]);

    // Indices that are stated are nobody else's to decide.
    let mut declaration = crates.game.declaration("ui/walk");
    declaration["artifacts"] = json!([{ "file": "a.png", "index": 0 }, { "file": "b.png", "index": 4 }]);
    crates.game.declare("ui/walk", &declaration);
    assert_eq!(crates.build().1, [true, true]);
    crates.game.write("assets/ui/walk/a.png", assets::png(32, 32, &[0; 32 * 32 * 4]));
    assert_eq!(crates.build().1, [false, true]);
}

#[test]
fn the_variables_mean_the_same_to_both_and_a_cache_nothing_to_the_library() {
    let crates = TwoCrates::new("switched");
    crates.build();
    let with = |name: &str, value: &str| crates.game.cargo("build").env(name, value).run();
    let cache = crates.game.surroundings().join("cache");
    let cached = with("PROMETEU_CACHE_DIR", cache.to_str().unwrap()).passed();
    assert_eq!(crates.compiled(&cached), [false, true]);

    let skipped = with("PROMETEU_SKIP", "1").passed();
    assert_eq!(crates.compiled(&skipped), [true, true]);
    let [of_library, of_game] = crates.constants(&skipped);
    assert_eq!(of_library, of_game);

    let mut declaration = crates.game.declaration("ui/atlas");
    declaration["colour"] = 1.into();
    crates.game.declare("ui/atlas", &declaration);
    let strict = with("PROMETEU_STRICT", "1").failed();
    let stopped = format!("error: {}@0.1.0: warning[unknown-member]", crates.library);
    assert!(strict.stderr.contains(&stopped), "{}", strict.stderr);
    crates.build();
}
