//! Runs a real cargo on a game, and reads what it did.
//!
//! Whether the build script ran is read from cargo's own `-v` report, and where it wrote from
//! `--message-format=json`; both are there for that. Nothing is guessed from paths below the target
//! directory, whose layout belongs to cargo.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::checkout;
use crate::game::GameCrate;

/// The target directory that the games of all tests share, so that the packer is compiled once.
///
/// Cargo's own lock keeps tests that run at once apart: they wait for each other.
#[must_use]
pub fn shared_target_dir() -> PathBuf {
    checkout_target_dir().join("tests").join("games")
}

/// The target directory of this checkout.
#[must_use]
pub fn checkout_target_dir() -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into());
    checkout().join(target)
}

/// The cargo that runs these tests, in a clean environment: nothing of the outer build reaches the
/// inner one but where cargo and its toolchain live.
#[must_use]
pub fn command() -> Command {
    scrubbed(cargo())
}

fn cargo() -> OsString {
    std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}

/// Any program in that clean environment, which may run cargo itself.
#[must_use]
pub fn scrubbed(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        let of_a_build = ["CARGO", "RUST", "PROMETEU", "DOCS_RS", "TARGET", "PROFILE", "OUT_DIR"]
            .iter()
            .any(|start| text.starts_with(start));
        let of_the_toolchain = ["CARGO_HOME", "RUSTUP_HOME", "RUSTUP_TOOLCHAIN"].contains(&&*text);
        if of_a_build && !of_the_toolchain {
            command.env_remove(&name);
        }
    }
    command.env("CARGO_TERM_COLOR", "never").env("CARGO_INCREMENTAL", "0").stdin(Stdio::null());
    command
}

/// One run of cargo on a game, not yet begun.
#[derive(Debug)]
#[must_use = "a run that is not begun proves nothing"]
pub struct CargoRun<'g> {
    game: &'g GameCrate,
    subcommand: &'static str,
    release: bool,
    verbose: bool,
    target_dir: PathBuf,
    environment: Vec<(OsString, OsString)>,
    more: &'static [&'static str],
}

impl<'g> CargoRun<'g> {
    pub(crate) fn new(game: &'g GameCrate, subcommand: &'static str) -> Self {
        let target_dir = shared_target_dir();
        let environment = Vec::new();
        Self { game, subcommand, release: false, verbose: true, target_dir, environment, more: &[] }
    }

    /// In the release profile.
    pub fn release(mut self) -> Self {
        self.release = true;
        self
    }

    /// As people run it, without `-v`. Whether the script ran cannot be read from that.
    pub fn without_v(mut self) -> Self {
        self.verbose = false;
        self
    }

    /// With another target directory than the shared one.
    pub fn target_dir(mut self, path: impl Into<PathBuf>) -> Self {
        self.target_dir = path.into();
        self
    }

    /// With a variable in the environment.
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.into(), value.into()));
        self
    }

    /// With more arguments, after the others.
    pub fn args(mut self, args: &'static [&'static str]) -> Self {
        self.more = args;
        self
    }

    /// Runs it.
    ///
    /// # Panics
    ///
    /// When cargo cannot be started.
    #[must_use]
    pub fn run(self) -> Outcome {
        let mut command = command();
        command.current_dir(self.game.project()).arg(self.subcommand).arg("--offline");
        if self.subcommand != "clippy" {
            command.arg("--message-format=json-render-diagnostics");
        }
        if self.release {
            command.arg("--release");
        }
        if self.verbose {
            command.arg("-v");
        }
        command.args(self.more);
        command.env("CARGO_TARGET_DIR", &self.target_dir).envs(self.environment);
        let output = command.output().expect("cargo can be started");
        self.game.remember_profile(self.release);
        let mut outcome = Outcome {
            package: self.game.name().to_owned(),
            target_dir: self.target_dir,
            verbose: self.verbose,
            success: output.status.success(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
            pack: None,
        };
        // Now, not when somebody asks: the next build writes to the same place.
        outcome.pack = outcome.named_out_dir().and_then(|dir| fs::read(dir.join("assets.pa")).ok());
        outcome
    }
}

/// What cargo did.
#[derive(Debug)]
pub struct Outcome {
    package: String,
    target_dir: PathBuf,
    verbose: bool,
    /// Whether it exited with 0.
    pub success: bool,
    /// Cargo's messages, one JSON object a line.
    pub stdout: String,
    /// What a person sees.
    pub stderr: String,
    pack: Option<Vec<u8>>,
}

impl Outcome {
    /// The same, if the build succeeded.
    ///
    /// # Panics
    ///
    /// When it failed, with everything that cargo said.
    #[track_caller]
    pub fn passed(self) -> Self {
        assert!(self.success, "the build of `{}` failed:\n{}", self.package, self.without_commands());
        self
    }

    /// The same, if the build failed.
    ///
    /// # Panics
    ///
    /// When it succeeded.
    #[track_caller]
    pub fn failed(self) -> Self {
        assert!(
            !self.success,
            "the build of `{}` should have failed:\n{}",
            self.package,
            self.without_commands()
        );
        self
    }

    /// Whether the game's build script was run, not merely found fresh.
    ///
    /// # Panics
    ///
    /// When the run was [`CargoRun::without_v`], which does not tell.
    #[must_use]
    pub fn script_ran(&self) -> bool {
        assert!(self.verbose, "only `cargo -v` says which commands it ran");
        self.stderr.lines().any(|line| {
            let line = line.trim_start();
            // The command that compiles the script has a crate name; the script itself has none.
            line.starts_with("Running `")
                && line.replace('_', "-").contains("build-script-build")
                && line.contains(&*self.package)
                && !line.contains("--crate-name")
        })
    }

    /// What the game's build script reported as errors, one line each, without cargo's own words
    /// before and around them, which change between its versions.
    #[must_use]
    pub fn errors_of_the_script(&self) -> String {
        let prefix = format!("error: {}@0.1.0: ", self.package);
        let lines = self.stderr.lines().filter_map(|line| line.strip_prefix(&prefix));
        lines.flat_map(|line| [line, "\n"]).collect()
    }

    /// Cargo's words for why the game was not fresh, if it was not.
    #[must_use]
    pub fn dirty_reason(&self) -> Option<&str> {
        let start = format!("Dirty {} ", self.package);
        self.stderr.lines().map(str::trim_start).find(|line| line.starts_with(&start))
    }

    /// The folder into which the game's build script writes.
    ///
    /// # Panics
    ///
    /// When cargo named none, which is so after a failure.
    #[must_use]
    #[track_caller]
    pub fn out_dir(&self) -> PathBuf {
        self.named_out_dir()
            .unwrap_or_else(|| panic!("cargo named no out_dir of `{}`:\n{}", self.package, self.stderr))
    }

    fn named_out_dir(&self) -> Option<PathBuf> {
        out_dir_of(&self.package, &self.stdout)
    }

    /// The bytes of the pack as this run left it.
    ///
    /// # Panics
    ///
    /// When there was none.
    #[must_use]
    #[track_caller]
    pub fn pack(&self) -> &[u8] {
        self.pack
            .as_deref()
            .unwrap_or_else(|| panic!("no `assets.pa` of `{}`:\n{}", self.package, self.stderr))
    }

    /// The program that the build made.
    ///
    /// # Panics
    ///
    /// When cargo named none.
    #[must_use]
    #[track_caller]
    pub fn executable(&self) -> PathBuf {
        let named = executable_of(&self.package, &self.stdout);
        named.unwrap_or_else(|| panic!("cargo named no executable of `{}`", self.package))
    }

    /// The target directory that was used.
    #[must_use]
    pub fn target_dir(&self) -> &Path {
        &self.target_dir
    }

    /// What a person sees, without the long commands that `-v` adds.
    fn without_commands(&self) -> String {
        let lines = self.stderr.lines().filter(|line| !line.trim_start().starts_with("Running `"));
        lines.collect::<Vec<_>>().join("\n")
    }
}

/// Builds this checkout's example game, and yields the folder into which its build script wrote.
///
/// # Panics
///
/// When the build fails.
#[must_use]
pub fn example_out_dir() -> PathBuf {
    let messages = build_member("example-game");
    out_dir_of("example-game", &messages).expect("cargo names the out_dir of each build script")
}

/// Builds this checkout's `cargo-prometeu`, and yields the program.
///
/// # Panics
///
/// When the build fails.
#[must_use]
pub fn subcommand() -> PathBuf {
    let messages = build_member("cargo-prometeu");
    executable_of("cargo-prometeu", &messages).expect("cargo names each program that it made")
}

/// Builds a member of this checkout, and yields cargo's messages.
///
/// It uses the checkout's own target directory and the environment as it is: mostly, there is nothing
/// left to do.
fn build_member(package: &str) -> String {
    let mut build = Command::new(cargo());
    build.args(["build", "--offline", "--message-format=json-render-diagnostics", "-p", package]);
    build.current_dir(checkout()).env("CARGO_TARGET_DIR", checkout_target_dir()).stdin(Stdio::null());
    let output = build.output().expect("cargo can be started");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "`{package}` does not build:\n{said}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// The program that a package made, by cargo's messages.
fn executable_of(package: &str, stdout: &str) -> Option<PathBuf> {
    messages(stdout, "compiler-artifact").find_map(|message| {
        let of_package = message["target"]["name"] == package;
        of_package.then(|| message["executable"].as_str().map(PathBuf::from))?
    })
}

/// Builds a program of this checkout's workspace, optimised or not, and yields where it lies.
///
/// # Panics
///
/// When the build fails.
#[must_use]
pub fn program(package: &str, name: &str, release: bool) -> PathBuf {
    let mut build = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    build.args([
        "build",
        "--offline",
        "-p",
        package,
        "--bin",
        name,
        "--message-format=json-render-diagnostics",
    ]);
    if release {
        build.arg("--release");
    }
    build.current_dir(checkout()).env("CARGO_TARGET_DIR", checkout_target_dir()).stdin(Stdio::null());
    let output = build.output().expect("cargo can be started");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "`{name}` does not build:\n{said}");
    let artifacts = String::from_utf8_lossy(&output.stdout);
    let built = messages(&artifacts, "compiler-artifact").find_map(|message| {
        let executable = message["executable"].as_str().map(PathBuf::from);
        executable.filter(|_| message["target"]["name"] == name)
    });
    built.unwrap_or_else(|| panic!("cargo named no program `{name}`:\n{said}"))
}

/// The folder of a package's build script, by cargo's messages.
fn out_dir_of(package: &str, stdout: &str) -> Option<PathBuf> {
    // A package id ends in `/folder#0.1.0` where the folder has the package's name, and in
    // `#package@0.1.0` where it has another.
    let [named, folder] = [format!("#{package}@"), format!("/{package}#")];
    messages(stdout, "build-script-executed").find_map(|message| {
        let id = message["package_id"].as_str()?;
        let out_dir = message["out_dir"].as_str()?;
        (id.contains(&named) || id.contains(&folder)).then(|| out_dir.into())
    })
}

fn messages(stdout: &str, reason: &'static str) -> impl Iterator<Item = Value> {
    let lines = stdout.lines().filter(|line| line.starts_with('{'));
    lines.filter_map(|line| serde_json::from_str::<Value>(line).ok()).filter(move |m| m["reason"] == reason)
}
