//! Packages that cargo builds: a game, and packages that cost cargo as much as a game without packing.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use packer_tests::checkout;
use serde_json::Value;
use toml::Table;

/// `cargo build` of a package, quiet and without a network.
pub(crate) fn cargo_build(package: &Path, target: &Path) -> Command {
    let mut command = packer_tests::cargo::command();
    command.current_dir(package).args(["build", "--offline", "-q"]).env("CARGO_TARGET_DIR", target);
    command
}

/// Writes a game's package around a project's assets, or one without any. In a target directory that is shared,
/// packages of one name are one to cargo, wherever they lie. With `lines`, crates that loop over
/// every byte are optimised in build scripts, as in this workspace.
///
/// # Errors
///
/// What the system says.
pub(crate) fn write_game(folder: &Path, name: &str, lines: bool) -> io::Result<()> {
    let crates = checkout();
    let mut manifest = manifest(name, true);
    if lines {
        manifest += "\n[profile.dev.package]\n";
        let workspace: Table =
            fs::read_to_string(crates.join("Cargo.toml"))?.parse().map_err(io::Error::other)?;
        let packages = workspace["profile"]["dev"]["package"].as_table();
        for (name, profile) in packages.into_iter().flatten() {
            if let Some(level) = profile.get("opt-level") {
                manifest += &format!("{name} = {{ opt-level = {level} }}\n");
            }
        }
    }
    let main = "mod assets {\n    packer_format::include_assets!();\n}\n\n\
                fn main() {\n    println!(\"{}\", env!(\"PROMETEU_ASSETS_PA\"));\n}\n";
    fs::create_dir_all(folder.join("src"))?;
    write_if_changed(&folder.join("Cargo.toml"), &manifest)?;
    write_if_changed(&folder.join("build.rs"), "fn main() {\n    packer_build::run();\n}\n")?;
    write_if_changed(&folder.join("src/main.rs"), main)?;
    write_if_changed(&folder.join("Cargo.lock"), &fs::read_to_string(crates.join("Cargo.lock"))?)
}

/// The manifest of a package, with the dependencies of a game if it is one.
fn manifest(name: &str, of_a_game: bool) -> String {
    let mut text = format!(
        "[package]\nname = {name:?}\nversion = \"0.1.0\"\nedition = \"2024\"\npublish = false\n\n[workspace]\n"
    );
    if of_a_game {
        let crates = checkout();
        for (kind, name) in [("dependencies", "packer-format"), ("build-dependencies", "packer-build")] {
            text += &format!("\n[{kind}]\n{name} = {{ path = {:?} }}\n", crates.join(name));
        }
    }
    text
}

/// Writes a package whose build script prints what was printed before, and does nothing. With `tree`, it has
/// the dependencies of a game.
///
/// # Errors
///
/// What the system says.
pub(crate) fn write_printer(folder: &Path, name: &str, printed: &str, tree: bool) -> io::Result<()> {
    let script = "fn main() {\n    print!(\"{}\", include_str!(\"printed.txt\"));\n}\n";
    fs::create_dir_all(folder.join("src"))?;
    write_if_changed(&folder.join("Cargo.toml"), &manifest(name, tree))?;
    if tree {
        let lock = fs::read_to_string(checkout().join("Cargo.lock"))?;
        write_if_changed(&folder.join("Cargo.lock"), &lock)?;
    }
    write_if_changed(&folder.join("build.rs"), script)?;
    write_if_changed(&folder.join("printed.txt"), printed)?;
    write_if_changed(&folder.join("src/main.rs"), "fn main() {}\n")
}

/// A package that stays as it was is not compiled again.
fn write_if_changed(path: &Path, text: &str) -> io::Result<()> {
    if fs::read_to_string(path).is_ok_and(|old| old == text) {
        return Ok(());
    }
    fs::write(path, text)
}

/// What cargo made of a package.
#[derive(Debug)]
pub(crate) struct Made {
    /// The compiled build script.
    pub(crate) script: PathBuf,
    /// The folder into which the script wrote.
    pub(crate) out: PathBuf,
}

impl Made {
    /// What the build script printed.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub(crate) fn printed(&self) -> io::Result<String> {
        fs::read_to_string(self.out.with_file_name("output"))
    }
}

/// Builds a package with a build script, and reads from cargo's messages where things are.
///
/// # Errors
///
/// The build failed, or cargo did not say.
pub(crate) fn build(package: &Path, target: &Path) -> io::Result<Made> {
    let mut command = cargo_build(package, target);
    command.arg("--message-format=json-render-diagnostics");
    let output = command.output()?;
    let said = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        return Err(io::Error::other(format!("{} does not build:\n{said}", package.display())));
    }
    let manifest = package.join("Cargo.toml");
    let (mut id, mut script, mut out) = (Value::Null, None, None);
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        let Ok(message) = serde_json::from_str::<Value>(line) else { continue };
        let is_of_script = message["target"]["kind"][0] == "custom-build";
        if is_of_script && message["manifest_path"].as_str().map(Path::new) == Some(&manifest) {
            id = message["package_id"].clone();
            script = message["filenames"][0].as_str().map(PathBuf::from);
        }
        if message["reason"] == "build-script-executed" && message["package_id"] == id {
            out = message["out_dir"].as_str().map(PathBuf::from);
        }
    }
    match (script, out) {
        (Some(script), Some(out)) => Ok(Made { script, out }),
        _ => Err(io::Error::other(format!("cargo does not say where it built {}", package.display()))),
    }
}
