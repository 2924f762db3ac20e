//! A project on disk that is set back again and again, and the programs that are run on it.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use packer_tests::{assets, cargo};
use tempfile::TempDir;

/// From here on it hangs.
pub(crate) const HUNG: Duration = Duration::from_secs(120);

/// The command that people run.
pub(crate) static PROMETEU: LazyLock<PathBuf> = LazyLock::new(cargo::subcommand);

/// What packs as a build script does, in a process of its own.
pub(crate) const PACK: &str = env!("CARGO_BIN_EXE_pack");

/// Every file and folder of `assets/` but `local/`; uuids that a command made are all the same.
pub(crate) type State = BTreeMap<PathBuf, Option<String>>;

/// A project in a folder of its own.
#[derive(Debug)]
pub(crate) struct Checkout {
    pub(crate) top: PathBuf,
    pub(crate) project: PathBuf,
    _temporary: TempDir,
}

/// What a run came to.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) status: ExitStatus,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) took: Duration,
}

/// A folder in memory where the system has one, else the one for temporary files.
pub(crate) fn in_memory() -> PathBuf {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() { memory.to_owned() } else { std::env::temp_dir() }
}

impl Checkout {
    /// An empty folder for a project, below `parent`.
    pub(crate) fn empty(parent: &Path) -> Self {
        let temporary = tempfile::Builder::new().prefix("prometeu-durable-").tempdir_in(parent).unwrap();
        let top = temporary.path().canonicalize().unwrap();
        let project = top.join("game");
        fs::create_dir(&project).unwrap();
        Self { top, project, _temporary: temporary }
    }

    /// A project with the registered blob `a` and the blob `b`, which is not registered; in its
    /// declaration is a uuid, or none.
    pub(crate) fn new(parent: &Path, b_has_uuid: bool) -> Self {
        let checkout = Self::empty(parent);
        checkout.ok(&["init", "--yes"]);
        checkout.ok(&["create", "a", "--type", "blob_bank"]);
        let mut declaration = assets::blob_bank(&assets::uuid(0xb), "b", &["map.txt"]);
        if !b_has_uuid {
            declaration.as_object_mut().unwrap().remove("asset_uuid");
        }
        checkout.write("assets/b/asset.json", assets::text(&declaration));
        checkout.write("assets/b/map.txt", "#..#\n");
        checkout
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.project.join(path)
    }

    pub(crate) fn write(&self, path: &str, content: impl AsRef<[u8]>) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    pub(crate) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    /// `cargo prometeu`, not yet begun.
    pub(crate) fn command(&self, arguments: &[impl AsRef<OsStr>]) -> Command {
        let mut command = cargo::scrubbed(&*PROMETEU);
        command.args(arguments).current_dir(&self.project);
        command
    }

    /// The build of a script, not yet begun.
    pub(crate) fn build(&self, out: &Path) -> Command {
        let mut command = cargo::scrubbed(PACK);
        command.args([&self.project, out]);
        command
    }

    #[track_caller]
    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        Run::of(self.command(arguments))
    }

    #[track_caller]
    pub(crate) fn ok(&self, arguments: &[&str]) -> Run {
        self.run(arguments).code(0)
    }

    /// What everybody but the packer's own bookkeeping sees.
    pub(crate) fn state(&self) -> State {
        let assets = self.path("assets");
        let mut state = State::new();
        let mut folders = vec![assets.clone()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).into_iter().flatten().map(Result::unwrap) {
                let path = entry.path();
                if path.ends_with(".prometeu/local") {
                    continue;
                }
                let is_folder = entry.file_type().unwrap().is_dir();
                let content =
                    (!is_folder).then(|| without_uuids(&String::from_utf8_lossy(&fs::read(&path).unwrap())));
                state.insert(path.strip_prefix(&assets).unwrap().to_owned(), content);
                if is_folder {
                    folders.push(path);
                }
            }
        }
        state
    }

    /// That nothing lies in `local/` but what is always there; after a change that removed nothing.
    #[track_caller]
    pub(crate) fn has_no_leftovers(&self, name: &str) {
        let local = self.path("assets/.prometeu/local");
        let inside = |folder: &Path| fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        let folders = ["staged", "removed"].map(|folder| local.join(folder));
        let (folders, mut others): (Vec<_>, Vec<_>) = inside(&local).partition(|path| folders.contains(path));
        others.extend(folders.iter().flat_map(|folder| inside(folder)));
        let known = [".gitignore", "gate", "lock", "journal", "last-change"].map(|file| local.join(file));
        others.retain(|path| !known.contains(path));
        assert!(others.is_empty(), "{name}: left over: {others:?}");
    }
}

impl Run {
    /// Runs it to its end.
    #[track_caller]
    pub(crate) fn of(command: Command) -> Self {
        let begun = Instant::now();
        Self::end(start(command), begun)
    }

    /// Waits for its end.
    #[track_caller]
    pub(crate) fn end(mut child: Child, begun: Instant) -> Self {
        // What these programs say fits into a pipe, so nobody has to read before they end.
        while child.try_wait().unwrap().is_none() {
            if begun.elapsed() > HUNG {
                child.kill().unwrap();
                panic!("it hangs: {:?}", child.wait_with_output());
            }
            std::thread::sleep(Duration::from_micros(200));
        }
        let took = begun.elapsed();
        let output = child.wait_with_output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Self { status: output.status, stdout: text(&output.stdout), stderr: text(&output.stderr), took }
    }

    #[track_caller]
    pub(crate) fn code(self, code: i32) -> Self {
        assert_eq!(self.status.code(), Some(code), "{}\n{}", self.stdout, self.stderr);
        self
    }

    /// That it has these words on either stream.
    #[track_caller]
    pub(crate) fn says(self, words: &str) -> Self {
        assert!(self.text().contains(words), "no `{words}` in:\n{}", self.text());
        self
    }

    pub(crate) fn text(&self) -> String {
        format!("{}{}", self.stdout, self.stderr)
    }
}

/// Begins it, so that what it says can be read later.
pub(crate) fn start(mut command: Command) -> Child {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

/// Copies a folder and all below it.
pub(crate) fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).unwrap();
        }
    }
}

/// The text with `<uuid>` for each.
pub(crate) fn without_uuids(text: &str) -> String {
    let is_uuid = |bytes: &[u8]| {
        bytes.iter().enumerate().all(|(n, byte)| match n {
            8 | 13 | 18 | 23 => *byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
    };
    let mut kept = String::new();
    let mut rest = text;
    while let Some(character) = rest.chars().next() {
        let uuid = rest.as_bytes().get(..36).is_some_and(is_uuid);
        let (words, length) = if uuid { ("<uuid>", 36) } else { ("", character.len_utf8()) };
        kept.push_str(if uuid { words } else { &rest[..length] });
        rest = &rest[length..];
    }
    kept
}
