//! Programs of others, as far as they are installed: they put the same files into one file, or tell whether
//! files changed.
//!
//! None of them checks what is in the files, makes tiles of pictures, or promises what is left by a crash.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::floor;
use crate::program::{Floor, Program, run, shell_words, words};
use crate::scenario::Scenario;
use packer_tests::bench::ground::{Ground, empty};

/// All that are installed, those that are not, and what the installed ones say of their versions.
#[derive(Default)]
pub(crate) struct Peers {
    pub(crate) found: Vec<Box<dyn Program>>,
    pub(crate) missing: Vec<&'static str>,
    pub(crate) versions: Vec<String>,
}

impl Peers {
    pub(crate) fn find(ground: &Ground, floor: &Floor) -> io::Result<Self> {
        let mut peers = Self::default();
        let project = ground.project();
        let archive = |name: &str, cold: &str, again: &str| -> io::Result<Box<dyn Program>> {
            let out = ground.beside(name)?;
            let (name, project) = (name.to_owned(), project.clone());
            Ok(Box::new(Archiver { name, project, out, cold: cold.to_owned(), again: again.to_owned() }))
        };
        if peers.has("tar", &["--version"]) {
            let cold = "tar --sort=name --format=ustar -cf ARCHIVE assets";
            let again = "tar --sort=name --format=ustar -uf ARCHIVE assets";
            peers.found.push(archive("tar", cold, again)?);
        }
        if peers.has("zip", &["-v"]) {
            let cold = "zip -q -0 -X -r ARCHIVE assets";
            peers.found.push(archive("zip -0", cold, "zip -q -0 -X -FS -r ARCHIVE assets")?);
        }
        if peers.has("7z", &["i"]) {
            let cold = "7z a -bd -mx0 ARCHIVE assets";
            peers.found.push(archive("7z -mx0", cold, "7z u -bd -mx0 ARCHIVE assets")?);
        }
        if peers.has("git", &["--version"]) {
            let repository = ground.beside("git")?;
            for status in [false, true] {
                let (project, repository) = (project.clone(), repository.clone());
                peers.found.push(Box::new(Git { project, repository, status }));
            }
        }
        if peers.has("ninja", &["--version"]) {
            let out = ground.beside("ninja")?;
            write_ninja(&out, &ground.assets(), floor)?;
            peers.found.push(Box::new(Ninja { out }));
        }
        Ok(peers)
    }

    /// Whether the program is there; remembers it either way.
    fn has(&mut self, name: &'static str, version: &[&str]) -> bool {
        let asked = Command::new(name).args(version).stdin(Stdio::null()).output();
        let Ok(answer) = asked else {
            self.missing.push(name);
            return false;
        };
        let said = String::from_utf8_lossy(&answer.stdout).into_owned();
        let is_version = |word: &str| {
            let word = word.trim_end_matches(|c: char| !c.is_ascii_digit());
            word.contains('.') && word.split('.').all(|part| part.parse::<u32>().is_ok())
        };
        let version = said.split_whitespace().find(|word| is_version(word)).unwrap_or("of some version");
        self.versions.push(format!("{name} {version}"));
        true
    }
}

/// A program that makes an archive, and brings one up to date.
#[derive(Debug)]
struct Archiver {
    name: String,
    project: PathBuf,
    out: PathBuf,
    cold: String,
    again: String,
}

impl Archiver {
    fn line(&self, line: &str) -> Command {
        let archive = self.out.join("assets.archive");
        let line = words(line).map(|word| if word == "ARCHIVE" { archive.clone().into() } else { word });
        let line: Vec<_> = line.collect();
        let mut command = Command::new(&line[0]);
        command.args(&line[1..]).current_dir(&self.project).env("LC_ALL", "C").stdin(Stdio::null());
        command
    }
}

impl Program for Archiver {
    fn name(&self) -> String {
        self.name.clone()
    }

    fn command(&self, scenario: Scenario) -> Option<Command> {
        let none = [
            Scenario::Young,
            Scenario::Check,
            Scenario::CheckUnknown,
            Scenario::CargoNoop,
            Scenario::CargoOne,
        ];
        let line = if scenario == Scenario::Cold { &self.cold } else { &self.again };
        (!none.contains(&scenario)).then(|| self.line(line))
    }

    fn settle(&self) -> Command {
        // One that only appends would grow without end.
        let _ = self.wipe();
        self.line(&self.cold)
    }

    fn wipe(&self) -> io::Result<()> {
        empty(&self.out)
    }
}

/// `git add`, or `git status`, with a repository outside of the project and no compression.
#[derive(Debug)]
struct Git {
    project: PathBuf,
    repository: PathBuf,
    status: bool,
}

impl Git {
    fn git(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("git");
        command.args([
            "-c",
            "core.compression=0",
            "-c",
            "gc.auto=0",
            "-c",
            "core.autocrlf=false",
            "--git-dir",
        ]);
        command.arg(&self.repository).arg("--work-tree").arg(&self.project).args(arguments);
        command.current_dir(&self.project).env("LC_ALL", "C").env("GIT_CONFIG_GLOBAL", "/dev/null");
        command.stdin(Stdio::null());
        command
    }
}

impl Program for Git {
    fn name(&self) -> String {
        if self.status { "git status" } else { "git add" }.to_owned()
    }

    fn command(&self, scenario: Scenario) -> Option<Command> {
        match scenario {
            Scenario::Young
            | Scenario::Check
            | Scenario::CheckUnknown
            | Scenario::CargoNoop
            | Scenario::CargoOne => None,
            Scenario::Noop if self.status => Some(self.git(&["status", "--porcelain", "-uall", "assets"])),
            _ if self.status => None,
            _ => Some(self.settle()),
        }
    }

    fn settle(&self) -> Command {
        self.git(&["add", "-A", "assets"])
    }

    fn wipe(&self) -> io::Result<()> {
        if self.status {
            return Ok(());
        }
        empty(&self.repository)?;
        run(self.git(&["init", "-q"])).map_err(io::Error::other)
    }
}

/// `ninja` with one edge that every file leads into, and the floor as what it runs.
#[derive(Debug)]
struct Ninja {
    out: PathBuf,
}

fn write_ninja(out: &Path, assets: &Path, floor: &Floor) -> io::Result<()> {
    let made = out.join("made");
    fs::create_dir(&made)?;
    let mut action = floor.run(floor::COLD);
    action = {
        let mut other = Command::new(action.get_program());
        // The floor of ninja writes beside ninja's own files.
        let arguments: Vec<_> = action.get_args().map(ToOwned::to_owned).collect();
        other.args(&arguments[..3]).arg(&made).args(&arguments[4..]);
        other
    };
    let escaped =
        |path: &Path| path.to_string_lossy().replace('$', "$$").replace(' ', "$ ").replace(':', "$:");
    let mut text = format!("rule pack\n  command = {}\n", shell_words(&action).replace('$', "$$"));
    text += &format!("build {}: pack", escaped(&made.join("floor.pa")));
    let mut folders = vec![assets.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder)? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                folders.push(entry.path());
            } else {
                text += &format!(" $\n  {}", escaped(&entry.path()));
            }
        }
    }
    fs::write(out.join("build.ninja"), text + "\n")
}

impl Program for Ninja {
    fn name(&self) -> String {
        "ninja, the floor its action".to_owned()
    }

    fn command(&self, scenario: Scenario) -> Option<Command> {
        let knows = [
            Scenario::Cold,
            Scenario::Noop,
            Scenario::One,
            Scenario::OneGrow,
            Scenario::OnePng,
            Scenario::Touch,
            Scenario::Branch,
            Scenario::FreshClone,
        ];
        knows.contains(&scenario).then(|| self.settle())
    }

    fn settle(&self) -> Command {
        let mut command = Command::new("ninja");
        command.arg("-C").arg(&self.out).arg("--quiet").stdin(Stdio::null());
        command
    }

    fn wipe(&self) -> io::Result<()> {
        empty(&self.out.join("made"))?;
        for file in [".ninja_log", ".ninja_deps"] {
            let _ = fs::remove_file(self.out.join(file));
        }
        Ok(())
    }
}
