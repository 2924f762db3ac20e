//! What is measured: the packer in its three forms, and the floor.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use packer_tests::cargo::scrubbed;

use crate::Result;
use crate::floor;
use crate::launcher;
use crate::package::cargo_build;
use crate::scenario::{Form, Scenario};
use packer_tests::bench::ground::{Ground, empty};

/// Something that can be run again and again on one project, and keeps what it makes to itself.
pub(crate) trait Program {
    /// What it is called in tables.
    fn name(&self) -> String;

    /// The process that is measured in a scenario, if the program has one there.
    fn command(&self, scenario: Scenario) -> Option<Command>;

    /// The process that makes everything up to date, whatever happened before.
    fn settle(&self) -> Command;

    /// Takes away all that it ever made.
    ///
    /// # Errors
    ///
    /// What the system says.
    fn wipe(&self) -> io::Result<()>;

    /// Makes ready what a scenario needs and no sample should hold.
    ///
    /// # Errors
    ///
    /// What the system says.
    fn ready(&self, scenario: Scenario) -> io::Result<()> {
        if scenario == Scenario::Cold { self.wipe() } else { Ok(()) }
    }

    /// For one of ours, which.
    fn form(&self) -> Option<Form> {
        None
    }

    /// The folder of the set that it writes, if it writes one.
    fn set(&self) -> Option<PathBuf> {
        None
    }
}

/// The program that a scenario is measured against.
#[derive(Debug)]
pub(crate) struct Floor {
    bench: PathBuf,
    assets: PathBuf,
    out: PathBuf,
    /// The size of our pack, which the floor's is not to be smaller than.
    pub(crate) size: u64,
}

impl Floor {
    pub(crate) fn new(ground: &Ground) -> io::Result<Self> {
        let bench = launcher::this()?;
        Ok(Self { bench, assets: ground.assets(), out: ground.beside("floor")?, size: 0 })
    }

    pub(crate) fn run(&self, program: floor::Program) -> Command {
        let mut command = Command::new(&self.bench);
        command.args(program.arguments(&self.assets, &self.out, self.size));
        command
    }
}

impl Program for Floor {
    fn name(&self) -> String {
        "floor".to_owned()
    }

    fn command(&self, scenario: Scenario) -> Option<Command> {
        let program = match scenario {
            Scenario::Cold => floor::COLD,
            Scenario::Noop | Scenario::Touch | Scenario::Branch | Scenario::Check => floor::KNOWN,
            Scenario::One
            | Scenario::OneGrow
            | Scenario::OnePng
            | Scenario::Young
            | Scenario::Add
            | Scenario::Remove => floor::ONE,
            Scenario::CheckUnknown => floor::HASH,
            Scenario::FreshClone => floor::COMPARE,
            Scenario::CargoNoop | Scenario::CargoOne => return None,
        };
        Some(self.run(program))
    }

    fn settle(&self) -> Command {
        self.run(floor::COLD)
    }

    fn wipe(&self) -> io::Result<()> {
        empty(&self.out)
    }
}

/// `cargo prometeu pack`, optimised.
#[derive(Debug)]
pub(crate) struct Packer {
    program: PathBuf,
    project: PathBuf,
    out: PathBuf,
    /// The folder of the cache; without one the command asks cargo where it would be.
    cache: PathBuf,
    nothing: PathBuf,
}

impl Packer {
    /// `name` is that of its folders, below which nobody else writes.
    pub(crate) fn new(program: &Path, ground: &Ground, name: &str) -> io::Result<Self> {
        Ok(Self {
            program: program.to_owned(),
            project: ground.project(),
            out: ground.beside(&format!("{name}-out"))?,
            cache: ground.beside(&format!("{name}-cache"))?,
            nothing: ground.beside(&format!("{name}-nothing"))?,
        })
    }

    fn pack(&self, cache: &Path) -> Command {
        let mut command = scrubbed(&self.program);
        command.current_dir(&self.project).args(["prometeu", "-q", "pack", "--out"]).arg(&self.out);
        command.env("PROMETEU_CACHE_DIR", cache);
        command
    }

    /// The size of the pack that was made.
    pub(crate) fn size(&self) -> io::Result<u64> {
        Ok(fs::metadata(self.out.join("assets.pa"))?.len())
    }
}

impl Program for Packer {
    fn name(&self) -> String {
        "O: `cargo prometeu pack`".to_owned()
    }

    fn command(&self, scenario: Scenario) -> Option<Command> {
        match scenario {
            Scenario::Check | Scenario::CheckUnknown => {
                let knows = scenario == Scenario::Check;
                let mut command = self.pack(if knows { &self.cache } else { &self.nothing });
                command.arg("--check");
                Some(command)
            }
            _ if scenario.is_of_cargo() => None,
            _ => Some(self.pack(&self.cache)),
        }
    }

    fn settle(&self) -> Command {
        self.pack(&self.cache)
    }

    fn wipe(&self) -> io::Result<()> {
        empty(&self.out)?;
        empty(&self.cache)
    }

    fn ready(&self, scenario: Scenario) -> io::Result<()> {
        match scenario {
            Scenario::Cold => self.wipe(),
            Scenario::CheckUnknown => empty(&self.nothing),
            _ => Ok(()),
        }
    }

    fn form(&self) -> Option<Form> {
        Some(Form::Command)
    }

    fn set(&self) -> Option<PathBuf> {
        Some(self.out.clone())
    }
}

/// `cargo prometeu pack` as it is typed: without a folder for the cache it asks cargo where there is one.
#[derive(Debug)]
pub(crate) struct AsTyped {
    program: PathBuf,
    project: PathBuf,
    out: PathBuf,
    target: PathBuf,
}

impl AsTyped {
    pub(crate) fn new(program: &Path, ground: &Ground) -> io::Result<Self> {
        let (out, target) = (ground.beside("typed-out")?, ground.beside("typed-target")?);
        Ok(Self { program: program.to_owned(), project: ground.project(), out, target })
    }
}

impl Program for AsTyped {
    fn name(&self) -> String {
        "O, and asks cargo for its folder".to_owned()
    }

    fn command(&self, scenario: Scenario) -> Option<Command> {
        (scenario == Scenario::Noop).then(|| self.settle())
    }

    fn settle(&self) -> Command {
        let mut command = scrubbed(&self.program);
        command.current_dir(&self.project).args(["prometeu", "-q", "pack", "--out"]).arg(&self.out);
        command.env("CARGO_TARGET_DIR", &self.target).env("CARGO_NET_OFFLINE", "true");
        command
    }

    fn wipe(&self) -> io::Result<()> {
        empty(&self.out)?;
        empty(&self.target)
    }

    fn set(&self) -> Option<PathBuf> {
        Some(self.out.clone())
    }
}

/// The compiled build script of a game, called as cargo calls it.
#[derive(Debug)]
pub(crate) struct Script {
    program: PathBuf,
    project: PathBuf,
    out: PathBuf,
    plain: bool,
}

impl Script {
    /// `plain` for one that was compiled without the profile lines.
    pub(crate) fn new(program: PathBuf, ground: &Ground, plain: bool) -> io::Result<Self> {
        let out = ground.beside(if plain { "script-plain-out" } else { "script-out" })?;
        Ok(Self { program, project: ground.project(), out, plain })
    }
}

impl Program for Script {
    fn name(&self) -> String {
        if self.plain { "B without the profile lines" } else { "B: build script" }.to_owned()
    }

    fn command(&self, scenario: Scenario) -> Option<Command> {
        let none = [Scenario::Check, Scenario::CheckUnknown, Scenario::CargoNoop, Scenario::CargoOne];
        (!none.contains(&scenario)).then(|| self.settle())
    }

    fn settle(&self) -> Command {
        let mut command = scrubbed(&self.program);
        command.current_dir(&self.project);
        command.env("CARGO_MANIFEST_DIR", &self.project).env("OUT_DIR", &self.out);
        let jobs = std::thread::available_parallelism().map_or(1, usize::from).to_string();
        let host = format!("{}-unknown-linux-gnu", std::env::consts::ARCH);
        let variables = [
            ("CARGO_PKG_NAME", "bench-game"),
            ("CARGO_PKG_VERSION", "0.1.0"),
            ("CARGO_MANIFEST_LINKS", ""),
            ("NUM_JOBS", &jobs),
            ("PROFILE", "debug"),
            ("OPT_LEVEL", "0"),
            ("DEBUG", "true"),
            ("TARGET", &host),
            ("HOST", &host),
        ];
        command.envs(variables);
        command
    }

    fn wipe(&self) -> io::Result<()> {
        empty(&self.out)
    }

    fn form(&self) -> Option<Form> {
        (!self.plain).then_some(Form::Script)
    }

    fn set(&self) -> Option<PathBuf> {
        Some(self.out.clone())
    }
}

/// A whole `cargo build`.
#[derive(Debug)]
pub(crate) struct Build {
    name: &'static str,
    package: PathBuf,
    target: PathBuf,
    /// The folder of the set, for a package that packs.
    out: Option<PathBuf>,
}

impl Build {
    /// Of the package in that folder.
    pub(crate) fn new(name: &'static str, package: &Path, target: &Path, out: Option<PathBuf>) -> Self {
        Self { name, package: package.to_owned(), target: target.to_owned(), out }
    }
}

impl Program for Build {
    fn name(&self) -> String {
        self.name.to_owned()
    }

    fn command(&self, scenario: Scenario) -> Option<Command> {
        scenario.is_of_cargo().then(|| self.settle())
    }

    fn settle(&self) -> Command {
        cargo_build(&self.package, &self.target)
    }

    fn wipe(&self) -> io::Result<()> {
        Ok(())
    }

    fn form(&self) -> Option<Form> {
        self.out.as_ref().map(|_| Form::Cargo)
    }

    fn set(&self) -> Option<PathBuf> {
        self.out.clone()
    }
}

/// Runs a program that is not measured.
///
/// # Errors
///
/// In words, with what it said, when it did not succeed.
pub(crate) fn run(mut command: Command) -> Result<()> {
    let output = command
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("{}: {error}", shell_words(&command)))?;
    if output.status.success() {
        return Ok(());
    }
    let said = [output.stdout, output.stderr].map(|said| String::from_utf8_lossy(&said).into_owned());
    Err(format!("{} failed\n{}", shell_words(&command), said.concat()).into())
}

/// The arguments as words for a shell.
pub(crate) fn shell_words(command: &Command) -> String {
    let word = |word: &OsStr| format!("'{}'", word.to_string_lossy().replace('\'', "'\\''"));
    let words: Vec<String> =
        std::iter::once(command.get_program()).chain(command.get_args()).map(word).collect();
    words.join(" ")
}

/// Words of a command line.
pub(crate) fn words(line: &str) -> impl Iterator<Item = OsString> + '_ {
    line.split_whitespace().map(OsString::from)
}
