//! What a first pack costs in a build script with and without the profile lines that `init` writes, and more:
//! `cargo run -p packer-tests --bin profile_lines [ROUNDS [CHOICE]]`.
//!
//! A game of 60 MB: 32 MB of blobs, 8 MB of sounds, and sheets of tiles of 21 MB of pixels. For each
//! choice of lines and each profile a real cargo compiles its build script, told to skip the assets; then the
//! script packs them into an empty folder, as often as asked for, the choices in turn. Prints CPU seconds
//! of the whole compilation and of a pack, the median, which a busy machine disturbs less than the clock.
//! `CHOICE` measures those alone whose name has these words.
//!
//! It measures and does not judge. Linux alone tells what a child's children used.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use packer_tests::dice::Dice;
use packer_tests::game::{GameCrate, Place};
use packer_tests::{assets, wav};
use serde_json::Value;

const NAME: &str = "profile-lines";

const PROFILES: [&str; 2] = ["dev", "release"];

/// What loops over the bytes of art.
const BYTES: [&str; 5] = ["sha2", "png", "fdeflate", "crc32fast", "simd-adler32"];

/// What only writes pictures.
const WRITING: [&str; 2] = ["flate2", "miniz_oxide"];

/// Our own.
const OURS: [&str; 2] = ["prometeu-packer", "packer-format"];

/// One way to set up the game.
struct Choice {
    what: &'static str,
    lines: String,
    /// Of dev and release.
    scripts: Vec<Script>,
}

/// A compiled build script.
struct Script {
    profile: &'static str,
    path: PathBuf,
    /// CPU seconds that compiling all of it took.
    compiled: f64,
    /// CPU seconds of each pack.
    packs: Vec<f64>,
}

fn main() {
    let rounds = std::env::args().nth(1).and_then(|rounds| rounds.parse().ok()).unwrap_or(5);
    let game = game();
    let manifest = game.read("Cargo.toml");
    let choice = |what, crates: &[&[&str]]| {
        let lines = PROFILES.map(|profile| lines(profile, &crates.concat())).concat();
        Choice { what, lines, scripts: Vec::new() }
    };
    let everything = PROFILES.map(|profile| format!("\n[profile.{profile}.build-override]\nopt-level = 1\n"));
    let everything = Choice { what: "build-override", lines: everything.concat(), scripts: Vec::new() };
    let mut choices = vec![
        choice("no lines", &[]),
        choice("sha2 alone", &[&["sha2"]]),
        choice("what reads bytes", &[&BYTES]),
        choice("and what writes", &[&BYTES, &WRITING]),
        choice("and our own", &[&BYTES, &OURS]),
        everything,
    ];
    if let Some(only) = std::env::args().nth(2) {
        choices.retain(|choice| choice.what.contains(&only));
    }
    for choice in &mut choices {
        game.write("Cargo.toml", format!("{manifest}{}", choice.lines));
        let target = game.surroundings().join("target");
        for profile in PROFILES {
            let script = compile(&game, profile, &target, choice.what);
            // The first is thrown away: it reads files that nobody has read before.
            pack(&game, &script.path);
            choice.scripts.push(script);
        }
        fs::remove_dir_all(target).expect("it was just made");
    }
    for _ in 0..rounds {
        for script in choices.iter_mut().flat_map(|choice| &mut choice.scripts) {
            let packed = pack(&game, &script.path);
            script.packs.push(packed);
        }
    }
    packer_tests::say(&format!(
        "{:<18} {:<8} {:>12} {:>10} {:>10}",
        "", "profile", "compile", "pack", "least"
    ));
    for choice in &mut choices {
        for script in &mut choice.scripts {
            script.packs.sort_by(f64::total_cmp);
            let (median, least) = (script.packs[script.packs.len() / 2], script.packs[0]);
            let Script { profile, compiled, .. } = script;
            let what = choice.what;
            packer_tests::say(&format!(
                "{what:<18} {profile:<8} {compiled:>10.1} s {median:>8.2} s {least:>8.2} s"
            ));
        }
    }
}

/// The lines of a profile for those crates.
fn lines(profile: &str, crates: &[&str]) -> String {
    let lines: String = crates.iter().map(|name| format!("{name} = {{ opt-level = 3 }}\n")).collect();
    format!("\n[profile.{profile}.package]\n{lines}")
}

fn game() -> GameCrate {
    let game = Place::new(NAME).create();
    let mut dice = Dice::new(1);
    for n in 0..8 {
        let root = format!("levels/level_{n}");
        game.add_blob_bank(&root, &[("map.bin", dice.bytes(4 << 20))]);
        game.register(&root);
    }
    for n in 0..8 {
        let samples: Vec<i16> =
            dice.bytes(1 << 20).chunks_exact(2).map(|pair| i16::from_le_bytes([pair[0], pair[1]])).collect();
        let file = wav::file(&[wav::fmt(1, 1, 44_100, 16), wav::data(&samples)], true);
        let root = format!("music/song_{n}");
        game.write(&format!("assets/{root}/song.wav"), file);
        game.declare(&root, &assets::sound_bank(&assets::uuid(9000 + n), "song", 44_100, &["song.wav"]));
        game.register(&root);
    }
    for n in 0..80 {
        let root = format!("tiles/sheet_{n}");
        game.add_glyph_bank(&root, &[("sheet.png", sheet(&mut dice))]);
        // There are not as many slots as sheets.
        let mut declaration = game.declaration(&root);
        declaration["preload"]["enabled"] = false.into();
        game.declare(&root, &declaration);
        game.register(&root);
    }
    game
}

/// 256 tiles in three colours, in short runs as drawn pictures have them.
fn sheet(dice: &mut Dice) -> Vec<u8> {
    const COLORS: [[u8; 4]; 3] = [[0, 0, 0, 0], [0xff, 0x00, 0x4d, 0xff], [0xff, 0xec, 0x27, 0xff]];
    let mut pixels = Vec::with_capacity(256 * 256 * 4);
    while pixels.len() < 256 * 256 * 4 {
        let color = COLORS[dice.below(3)];
        for _ in 0..=dice.below(8) {
            pixels.extend_from_slice(&color);
        }
    }
    pixels.truncate(256 * 256 * 4);
    assets::png(256, 256, &pixels)
}

/// Compiles the game with cargo, and keeps its build script.
fn compile(game: &GameCrate, profile: &'static str, target: &Path, what: &str) -> Script {
    let before = cpu_of_children();
    let build = game.cargo("build").target_dir(target).env("PROMETEU_SKIP", "1");
    let built = if profile == "release" { build.release().run() } else { build.run() }.passed();
    let compiled = cpu_of_children() - before;
    let script = built.stdout.lines().find_map(|line| {
        let message: Value = serde_json::from_str(line).ok()?;
        let is_it = message["reason"] == "compiler-artifact"
            && message["target"]["kind"][0] == "custom-build"
            && message["package_id"].as_str()?.contains(NAME);
        is_it.then(|| PathBuf::from(message["filenames"][0].as_str().expect("a path is text")))
    });
    let script = script.unwrap_or_else(|| panic!("cargo named no build script:\n{}", built.stdout));
    let path = game.surroundings().join(format!("{profile} {what}"));
    fs::copy(script, &path).expect("room for a program");
    Script { profile, path, compiled, packs: Vec::new() }
}

/// Packs everything into an empty folder, as cargo would; the CPU seconds of it.
fn pack(game: &GameCrate, script: &Path) -> f64 {
    let out = game.surroundings().join("out");
    fs::create_dir(&out).expect("it is not there");
    let before = cpu_of_children();
    let mut run = Command::new(script);
    run.current_dir(game.project()).env("CARGO_MANIFEST_DIR", game.project()).env("OUT_DIR", &out);
    let output = run.stdin(Stdio::null()).output().expect("it was just compiled");
    let used = cpu_of_children() - before;
    assert!(out.join("assets.pa").is_file(), "{}", String::from_utf8_lossy(&output.stdout));
    fs::remove_dir_all(out).expect("it was just made");
    used
}

/// CPU seconds of all processes that this one waited for, and of those that they waited for.
fn cpu_of_children() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").expect("Linux tells what children used");
    // The name in parentheses may hold blanks; of what follows the 14th and 15th are meant.
    let numbers = stat.rsplit(')').next().unwrap_or_default();
    let ticks = numbers.split_whitespace().skip(13).take(2).filter_map(|ticks| ticks.parse::<f64>().ok());
    ticks.sum::<f64>() / 100.0
}
