//! The profile lines that `init` and `doctor --fix` write, before a real cargo: each names a crate that a
//! build script's tree has, and that crate is optimised then, in both profiles.
//!
//! Whether that pays is measured elsewhere (`src/bin/profile_lines.rs`); here crates of those names
//! hold nothing, so that compiling them costs nothing.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use packer_tests::{cargo, checkout};
use toml::{Table, Value};

fn prometeu(project: &Path, arguments: &[&str]) -> Output {
    let mut command = cargo::scrubbed(cargo::subcommand());
    command.args(arguments).current_dir(project).output().unwrap()
}

/// A game whose build script has a tree of these crates, all of them empty.
fn game(folder: &Path, crates: &[String]) {
    let package = |name: &str, more: &str| {
        let manifest =
            format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n{more}");
        fs::create_dir_all(folder.join(name).join("src")).unwrap();
        fs::write(folder.join(name).join("Cargo.toml"), manifest).unwrap();
        fs::write(folder.join(name).join("src/lib.rs"), "").unwrap();
    };
    let mut dependencies = "[dependencies]\n".to_owned();
    for name in crates {
        dependencies += &format!("{name} = {{ path = \"../{name}\" }}\n");
        package(name, "");
    }
    package("packer-build", &dependencies);
    package("packer-format", "");
    package(
        "game",
        "[workspace]\n[dependencies]\npacker-format = { path = \"../packer-format\" }\n\
         [build-dependencies]\npacker-build = { path = \"../packer-build\" }\n",
    );
    fs::create_dir_all(folder.join("game/assets")).unwrap();
    fs::write(folder.join("game/build.rs"), "fn main() {}\n").unwrap();
}

/// The crates that have lines in that profile.
fn lines(manifest: &Path, profile: &str) -> Vec<String> {
    let manifest: Table = fs::read_to_string(manifest).unwrap().parse().unwrap();
    let lines = manifest["profile"][profile]["package"].as_table().unwrap();
    let level = |line: &Value| line["opt-level"].as_integer();
    assert!(lines.values().all(|line| level(line) == Some(3)), "{lines:?}");
    lines.keys().cloned().collect()
}

/// The levels at which a build compiles each crate for the build script, by cargo's own report.
fn levels(stderr: &str, name: &str) -> BTreeSet<String> {
    let name = format!("--crate-name {} ", name.replace('-', "_"));
    let of = |line: &str| {
        let level = line.split("opt-level=").nth(1).unwrap_or("0");
        level.split([' ', '`']).next().unwrap_or_default().to_owned()
    };
    stderr.lines().filter(|line| line.contains(&name)).map(of).collect()
}

fn build(project: &Path, release: bool) -> String {
    let mut build: Command = cargo::command();
    build.current_dir(project).args(["build", "-v", "--offline"]);
    build.args(release.then_some("--release"));
    let output = build.env("CARGO_TARGET_DIR", project.join("target")).output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{stderr}");
    stderr
}

#[test]
fn what_doctor_adds_is_what_cargo_then_optimises_in_both_profiles() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = temporary.path().canonicalize().unwrap();
    // Which crates there are lines for is read from what `init` writes.
    game(&folder, &[]);
    let project = folder.join("game");
    let manifest = project.join("Cargo.toml");
    let init = prometeu(&project, &["init", "--yes"]);
    assert!(init.status.success(), "{}", String::from_utf8_lossy(&init.stderr));
    let crates = lines(&manifest, "dev");
    assert_eq!(lines(&manifest, "release"), crates);

    game(&folder, &crates);
    for release in [false, true] {
        let before = build(&project, release);
        // The game itself has the same crate, which release optimises.
        let slow = |name: &String| levels(&before, name).contains("0");
        assert!(crates.iter().all(slow), "build scripts are not optimised by themselves: {before}");
    }
    let fixed = prometeu(&project, &["doctor", "--fix=slow-build-profile", "--yes"]);
    assert!(fixed.status.success(), "{}", String::from_utf8_lossy(&fixed.stderr));
    assert_eq!((lines(&manifest, "dev"), lines(&manifest, "release")), (crates.clone(), crates.clone()));
    for release in [false, true] {
        let after = build(&project, release);
        for name in &crates {
            // One that the game uses too is now the same for both, and was compiled before.
            let levels = levels(&after, name);
            let is_fresh = levels.is_empty() && after.contains(&format!("Fresh {name} v"));
            assert!(is_fresh || levels == BTreeSet::from(["3".to_owned()]), "{name} {levels:?}: {after}");
        }
        assert!(!after.contains("did not match any packages"), "{after}");
        assert_eq!(levels(&after, "build_script_build"), BTreeSet::from(["0".to_owned()]), "{after}");
    }
}

#[test]
fn each_line_names_a_crate_that_a_build_script_compiles() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = temporary.path().canonicalize().unwrap();
    game(&folder, &[]);
    let project = folder.join("game");
    assert!(prometeu(&project, &["init", "--yes"]).status.success());
    let mut tree = cargo::command();
    let words = ["tree", "--offline", "-p", "packer-build", "-e", "normal", "--prefix", "none"];
    let output = tree.current_dir(checkout()).args(words).output().unwrap();
    let tree = String::from_utf8(output.stdout).unwrap();
    for name in lines(&project.join("Cargo.toml"), "dev") {
        assert!(tree.contains(&format!("{name} v")), "no build script compiles `{name}`:\n{tree}");
    }
}
