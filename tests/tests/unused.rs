//! What `cargo prometeu unused` learns from the compiler, of real games.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use packer_tests::assets;
use packer_tests::cargo::{command, scrubbed, shared_target_dir, subcommand};
use packer_tests::game::GameCrate;
use serde_json::Value;

/// The response about a game, and what was said beside it.
fn unused(game: &GameCrate, args: &[&str]) -> (i32, Value, String) {
    let mut run = scrubbed(subcommand());
    run.args(["prometeu", "unused", "--message-format", "json"]).args(args).current_dir(game.project());
    run.env("CARGO_TARGET_DIR", shared_target_dir()).env("CARGO_NET_OFFLINE", "true");
    run.env("CARGO", command().get_program());
    let output = run.output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    let stdout = String::from_utf8(output.stdout).unwrap();
    let last = stdout.lines().last().unwrap_or_else(|| panic!("no response; stderr:\n{stderr}"));
    (output.status.code().unwrap(), serde_json::from_str(last).unwrap(), stderr)
}

/// Root, confidence and evidence of each asset in an answer.
fn told(answer: &Value) -> Vec<(String, String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let one = |asset: &Value| {
        let evidence: Vec<String> = asset["evidence"].as_array().unwrap().iter().map(text).collect();
        (text(&asset["root"]), text(&asset["confidence"]), evidence.join("; "))
    };
    answer["assets"].as_array().unwrap().iter().map(one).collect()
}

/// `ui/atlas`, `levels/first`, `ui/old` and `ui/spare`, with a program that is the rest of a `main.rs`.
fn game(name: &str, program: &str) -> GameCrate {
    let game = GameCrate::with_assets(name);
    for root in ["ui/old", "ui/spare"] {
        game.add_glyph_bank(root, &[("heart.png", assets::heart())]);
        game.register(root);
    }
    game.write(
        "src/main.rs",
        format!("mod assets {{\n    packer_format::include_assets!();\n}}\n\n{program}"),
    );
    game
}

#[test]
fn what_no_code_names_is_told_with_what_speaks_for_and_against_it() {
    let game = game(
        "unused-told",
        "fn main() {\n    println!(\"{:?}\", assets::ui::atlas::HEART);\n    println!(\"ui/spare\");\n}\n\n\
         #[cfg(test)]\nmod tests {\n    #[test]\n    fn levels() {\n        drop(crate::assets::levels::first::MAP);\n    }\n}\n",
    );
    game.write("assets/ui/atlas/atlas.psd", b"people draw here");
    game.write("assets/ui/atlas/left.png", assets::star());
    let (code, answer, said) = unused(&game, &[]);
    assert_eq!(code, 0, "{said}");
    assert_eq!(answer["status"], "ok");
    assert_eq!(answer["asked"].as_array().unwrap().len(), 1, "{answer}");
    let nothing = "nothing in bin `unused-told` names";
    assert_eq!(
        told(&answer),
        [
            ("ui/old".into(), "high".into(), format!("{nothing} `assets::ui::OLD` or one of its artifacts")),
            (
                "levels/first".into(),
                "low".into(),
                format!(
                    "{nothing} `assets::levels::FIRST` or one of its artifacts; src/main.rs:14 names it in what \
                     was not compiled now"
                )
            ),
            (
                "ui/spare".into(),
                "low".into(),
                format!(
                    "{nothing} `assets::ui::SPARE` or one of its artifacts; src/main.rs:7 holds the string \
                     \"ui/spare\""
                )
            ),
        ]
    );
    let files = answer["files"].as_array().unwrap();
    let files: Vec<[&str; 2]> = files
        .iter()
        .map(|file| [&file["file"], &file["confidence"]].map(|value| value.as_str().unwrap()))
        .collect();
    assert_eq!(files, [["assets/ui/atlas/left.png", "high"], ["assets/ui/atlas/atlas.psd", "low"]]);
    // What was asked leaves nothing behind in the next build.
    let built = game.cargo("check").without_v().run().passed();
    assert!(!built.stderr.contains("never used"), "{}", built.stderr);
}

#[test]
fn what_one_of_several_programs_names_is_used() {
    let game = game("unused-several", "fn main() {\n    println!(\"{:?}\", assets::ui::ATLAS);\n}\n");
    let other = "mod assets {\n    packer_format::include_assets!();\n}\n\nfn main() {\n    \
                 println!(\"{:?}\", assets::ui::old::HEART);\n}\n";
    game.write("src/bin/editor.rs", other);
    // A program without the constants says nothing of them.
    game.write("examples/hello.rs", "fn main() {}\n");
    let (_, answer, _) = unused(&game, &[]);
    let roots: Vec<String> = told(&answer).into_iter().map(|(root, ..)| root).collect();
    assert_eq!(roots, ["levels/first", "ui/spare"], "{answer}");
    let asked: Vec<&str> =
        answer["asked"].as_array().unwrap().iter().map(|asked| asked["target"].as_str().unwrap()).collect();
    assert_eq!(asked.len(), 2, "{answer}");
    assert!(asked.contains(&"editor"), "{asked:?}");
}

#[test]
fn what_the_library_beside_a_program_leaves_unused_is_not_held_against_the_program() {
    let game = game("unused-beside", "fn main() {\n    println!(\"{:?}\", assets::ui::ATLAS);\n}\n");
    let warned = "fn main() {\n    packer_build::Config::new().warn_unused(true).run();\n}\n";
    game.write("build.rs", warned);
    game.write(
        "src/lib.rs",
        "mod assets {\n    packer_format::include_assets!();\n}\n\npub fn old() -> String {\n    \
         format!(\"{:?}\", assets::ui::old::HEART)\n}\n",
    );
    let (_, answer, _) = unused(&game, &[]);
    let roots: Vec<String> = told(&answer).into_iter().map(|(root, ..)| root).collect();
    assert_eq!(roots, ["levels/first", "ui/spare"], "{answer}");
}

#[test]
fn of_a_library_that_exports_its_constants_nothing_is_claimed() {
    let game = game("unused-exported", "fn main() {}\n");
    game.write("src/lib.rs", "pub mod assets {\n    packer_format::include_assets!();\n}\n");
    game.write(
        "src/main.rs",
        "fn main() {\n    println!(\"{:?}\", unused_exported::assets::ui::ATLAS);\n}\n",
    );
    let (code, answer, _) = unused(&game, &[]);
    assert_eq!((code, told(&answer)), (0, vec![]), "{answer}");
    let notes = answer["notes"].to_string();
    assert!(notes.contains("exports its constants"), "{notes}");
}

#[test]
fn a_game_that_does_not_compile_says_so_and_its_files_can_be_looked_at_all_the_same() {
    let game = game("unused-broken", "fn main() {\n    nonsense();\n}\n");
    let (code, answer, said) = unused(&game, &[]);
    assert_eq!((code, &answer["status"]), (1, &"blocked".into()), "{answer}");
    assert!(said.contains("cannot find function `nonsense`"), "{said}");
    let (code, answer, _) = unused(&game, &["--no-compiler"]);
    assert_eq!((code, told(&answer)), (0, vec![]), "{answer}");
}
