//! A temporary project, and the binary run in it.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

/// A folder of its own, with a project `game` in it or not.
pub(crate) struct Place {
    temporary: TempDir,
}

/// What a run came to.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Place {
    /// An empty folder `game`.
    pub(crate) fn empty() -> Self {
        let place = Self { temporary: tempfile::tempdir().unwrap() };
        std::fs::create_dir(place.path("")).unwrap();
        place
    }

    /// A project without assets.
    pub(crate) fn project() -> Self {
        let place = Self::empty();
        place.ok(&["init", "--yes"]);
        place
    }

    /// A project with one asset of each of these roots, a blob.
    pub(crate) fn blobs(roots: &[&str]) -> Self {
        let place = Self::project();
        for root in roots {
            place.ok(&["create", root, "--type", "blob_bank"]);
        }
        place
    }

    /// A cargo package without dependencies.
    pub(crate) fn package() -> Self {
        let place = Self::empty();
        place
            .write("Cargo.toml", "[package]\nname = \"game\" # mine\nedition = \"2024\"\n\n[dependencies]\n");
        place.write("src/main.rs", "fn main() {}\n");
        place
    }

    /// `path` in the folder `game`.
    pub(crate) fn path(&self, path: &str) -> PathBuf {
        let game = self.temporary.path().canonicalize().unwrap().join("game");
        if path.is_empty() { game } else { game.join(path) }
    }

    pub(crate) fn write(&self, path: &str, text: impl AsRef<[u8]>) {
        let path = self.path(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    pub(crate) fn read(&self, path: &str) -> String {
        std::fs::read_to_string(self.path(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    /// Replaces a part of a file that has it.
    pub(crate) fn edit(&self, path: &str, from: &str, to: &str) {
        let text = self.read(path);
        assert!(text.contains(from), "{path} has no `{from}`:\n{text}");
        self.write(path, text.replacen(from, to, 1));
    }

    /// Every file with its bytes, and every link with where it leads.
    pub(crate) fn listing(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let mut files = BTreeMap::new();
        let mut folders = vec![self.path("")];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if let Ok(target) = std::fs::read_link(&path) {
                    files.insert(path, target.into_os_string().into_encoded_bytes());
                } else if path.is_dir() {
                    files.insert(path.clone(), Vec::new());
                    folders.push(path);
                } else {
                    files.insert(path.clone(), std::fs::read(&path).unwrap());
                }
            }
        }
        files
    }

    /// The binary, without anything of the environment that it would heed.
    pub(crate) fn command(&self, arguments: &[impl AsRef<OsStr>]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-prometeu"));
        command.args(arguments).current_dir(self.path("")).stdin(Stdio::null());
        for name in [
            "CARGO_TERM_COLOR",
            "CARGO_TERM_HYPERLINKS",
            "CARGO_TERM_PROGRESS_WHEN",
            "CARGO_TERM_PROGRESS_WIDTH",
            "CARGO_TERM_QUIET",
            "CARGO_TERM_UNICODE",
            "CARGO_TERM_VERBOSE",
            "CI",
            "CLICOLOR_FORCE",
            "FORCE_HYPERLINK",
            "NO_COLOR",
            "PROMETEU_CACHE_DIR",
            "PROMETEU_STRICT",
            "TF_BUILD",
        ] {
            command.env_remove(name);
        }
        // A target folder that all tests share must not lead to one record for all of them.
        command.env_remove("CARGO_TARGET_DIR").env_remove("CARGO_BUILD_TARGET_DIR");
        command
    }

    pub(crate) fn run(&self, arguments: &[impl AsRef<OsStr>]) -> Run {
        Run::of(self.command(arguments).output().unwrap())
    }

    /// Runs it with a variable of the environment.
    pub(crate) fn run_with(&self, name: &str, value: &str, arguments: &[&str]) -> Run {
        Run::of(self.command(arguments).env(name, value).output().unwrap())
    }

    /// Runs it in a folder of the project.
    pub(crate) fn run_in(&self, folder: impl AsRef<Path>, arguments: &[&str]) -> Run {
        Run::of(self.command(arguments).current_dir(self.path("").join(folder)).output().unwrap())
    }

    /// Runs what must be done.
    #[track_caller]
    pub(crate) fn ok(&self, arguments: &[&str]) -> Run {
        self.run(arguments).code(0)
    }

    /// Runs it for a program, and yields all lines; the last one is the response.
    #[track_caller]
    pub(crate) fn json(&self, arguments: &[&str]) -> (Run, Vec<Value>) {
        let run = self.run(&[&["--message-format", "json"], arguments].concat());
        let lines: Vec<Value> = run
            .stdout
            .lines()
            .map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}")))
            .collect();
        assert_eq!(lines.last().unwrap()["reason"], "response", "{run:?}");
        (run, lines)
    }
}

impl Run {
    pub(crate) fn of(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    #[track_caller]
    pub(crate) fn code(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{self:?}");
        self
    }

    /// That stderr has these words.
    #[track_caller]
    pub(crate) fn says(self, words: &str) -> Self {
        assert!(self.stderr.contains(words), "no `{words}` in:\n{}", self.stderr);
        self
    }

    /// That stdout has these words.
    #[track_caller]
    pub(crate) fn prints(self, words: &str) -> Self {
        assert!(self.stdout.contains(words), "no `{words}` in:\n{}", self.stdout);
        self
    }

    /// That stdout is empty.
    #[track_caller]
    pub(crate) fn prints_nothing(self) -> Self {
        assert_eq!(self.stdout, "", "{}", self.stderr);
        self
    }

    /// The id of the plan that a dry run printed.
    #[track_caller]
    pub(crate) fn plan_id(&self) -> String {
        let line = self.stdout.lines().find_map(|line| line.strip_prefix("plan "));
        line.unwrap_or_else(|| panic!("no plan in:\n{}", self.stdout)).to_owned()
    }
}

/// Waits for the end of a program, for so long at most, and yields its exit code.
#[track_caller]
pub(crate) fn code_of(child: &mut Child, deadline: Duration) -> Option<i32> {
    let began = Instant::now();
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return status.code();
        }
        assert!(began.elapsed() < deadline, "it does not end");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Gives a command the environment of somebody who has set up nothing: no configuration of git, of cargo what lies in
/// `cargo_home`, a name to commit by, and this command in `PATH` or nowhere.
pub(crate) fn alone(command: &mut Command, cargo_home: &Path, is_installed: bool) {
    let folder = Path::new(env!("CARGO_BIN_EXE_cargo-prometeu")).parent().unwrap().to_path_buf();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let others = std::env::split_paths(&path).filter(|folder| !folder.join("cargo-prometeu").exists());
    let path: Vec<_> = is_installed.then_some(folder).into_iter().chain(others).collect();
    command.env("PATH", std::env::join_paths(path).unwrap());
    // Cargo looks beside itself as well.
    command.env("CARGO_HOME", cargo_home);
    let none = if cfg!(windows) { "NUL" } else { "/dev/null" };
    for (name, value) in [("GIT_CONFIG_GLOBAL", none), ("GIT_CONFIG_NOSYSTEM", "1"), ("LC_ALL", "C")] {
        command.env(name, value);
    }
    for name in ["GIT_AUTHOR_NAME", "GIT_COMMITTER_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_EMAIL"] {
        command.env(name, "somebody");
    }
    // The tests themselves may be run by a hook, or by CI.
    for name in ["CI", "GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE", "GIT_PREFIX", "PROMETEU_STRICT"] {
        command.env_remove(name);
    }
    command.stdin(Stdio::null());
}
