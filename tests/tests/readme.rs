//! What `README.md` shows is what happens.
//!
//! Its commands make a game of nothing, its program runs, its failing build fails with those very
//! words, and its picture shows them. With `PROMETEU_WRITE_PICTURES` in the environment the picture is made
//! anew of what cargo prints in colours.

#![cfg(unix)] // the commands are a shell's

use std::fs;
use std::path::Path;

use anstyle_svg::{Term, WIN10_CONSOLE};
use packer_tests::game::{GameCrate, Place};
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

    let is_asked = std::env::var_os(WRITE).is_some();
    let coloured = |game: &GameCrate| game.cargo("build").without_v().env("CARGO_TERM_COLOR", "always").run();
    let in_colours = is_asked.then(|| coloured(&game).failed().stderr);
    game.write("assets/ui/atlas/asset.json", declaration);
    if let Some(failed) = in_colours {
        let mended = coloured(&game).passed().stderr;
        let said = |words: String| as_at_home(&words, game.project());
        let typed = |command: &str| format!("\x1b[1m$ {command}\x1b[0m\n");
        let (failed, mended) = (typed("cargo build") + &said(failed), typed("cargo build") + &said(mended));
        let mends = typed("sed -i s/#ffec72/#ffec27/ assets/ui/atlas/asset.json");
        let picture = Term::new().palette(WIN10_CONSOLE).render_svg(&(failed + &mends + &mended));
        fs::write(checkout().join(PICTURE), picture).unwrap();
    }
    game.build().passed();
}

/// A real run in colours; its text is the readme's.
const PICTURE: &str = "docs/pictures/failing-build.svg";

/// With this variable the picture is made anew, for a person to look at.
const WRITE: &str = "PROMETEU_WRITE_PICTURES";

/// What cargo prints for a game of one's own: its folder, a time, the debug information that games of tests are
/// compiled without, and no other test that has the target directory.
fn as_at_home(words: &str, project: &Path) -> String {
    let words = words.replace(&project.display().to_string(), "/home/me/my-game");
    let words = words.replace("[unoptimized]", "[unoptimized + debuginfo]");
    let in_time = |line: &str| match line.split_once(" target(s) in ") {
        Some((before, _)) => format!("{before} target(s) in 0.31s\n"),
        None => format!("{line}\n"),
    };
    words.lines().filter(|line| !line.contains("Blocking")).map(in_time).collect()
}

#[test]
fn the_picture_of_the_readme_says_what_its_text_says() {
    let readme = page::text("README.md");
    assert!(readme.contains(&format!("]({PICTURE})")), "the readme does not show the picture");
    let lines = page::text(PICTURE);
    let lines = lines.lines().filter_map(|line| line.trim_start().strip_prefix("<tspan x="));
    let text_of = |line: &str| {
        let words = line.split('<').filter_map(|part| Some(part.split_once('>')?.1));
        let words: String = words.collect();
        let escaped = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#x27;", "'"), ("&amp;", "&")];
        escaped.iter().fold(words, |words, (from, to)| words.replace(from, to)).trim_end().to_owned()
    };
    let mut shown: Vec<String> = lines.map(text_of).collect();
    shown.retain(|line| !line.is_empty());
    let said = &page::fenced(&readme, "console")[0];
    assert_eq!(shown, said.lines().map(str::trim_end).collect::<Vec<_>>(), "`{WRITE}=1` makes it anew");
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
