//! Plays a session in a folder of its own.
//!
//! `cargo prometeu` is the binary under test. Of a shell there is what a session needs to have something
//! happen to the files: `cp`, `mv`, `rm`, `mkdir`, `sed -i 's/…/…/'` of plain words, `echo '…' > FILE`,
//! `echo '…' | cargo prometeu serve`, and `git init`. Nothing of the caller's environment is heeded but
//! where cargo and git are.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rustix::process::{Pid, Signal, kill_process};

use crate::placeholder::{Placeholders, without_steps};
use crate::session::{Form, Part, Session, Typed, words};

/// Somebody else holds the project while the command runs.
const LOCKED: &str = "while another process is changing the project";

/// The same, and the person does not wait for its end.
const INTERRUPTED: &str = "Ctrl-C while another process is changing the project";

/// Of the fixture's files, so that `CHANGED` shows always the same: in 2020.
const LAST_CHANGE: Duration = Duration::from_secs(1_582_200_000);

/// The page with what is printed now; nothing where it cannot be played.
pub(crate) fn play(session: &Session) -> Option<String> {
    let mut stage = Stage::new(session.form);
    let mut page = String::new();
    let mut is_first = true;
    for part in &session.parts {
        match part {
            Part::Words(line) => {
                is_first = line == "```console";
                page += &format!("{line}\n");
            }
            Part::End => page += "```\n",
            Part::Typed(typed) => {
                if typed.meanwhile.as_deref() == Some(INTERRUPTED) && !can_be_interrupted() {
                    return None;
                }
                if !is_first {
                    page.push('\n');
                }
                is_first = !typed.is_ours();
                page += &typed.shown();
                page += &stage.perform(typed, &session.name);
            }
        }
    }
    Some(page)
}

/// Whether Ctrl-C is heard here: what began in the background of a script may not hear it, and hands that on.
fn can_be_interrupted() -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let ignored = ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or_default();
    let is_ignored = ignored >> (Signal::INT.as_raw() - 1) & 1 == 1;
    if is_ignored {
        // Nobody can be told when standard error is gone.
        drop(writeln!(std::io::stderr(), "skipped what is interrupted: signals are ignored here"));
    }
    !is_ignored
}

/// A folder with a copy of the fixture.
struct Stage {
    temporary: tempfile::TempDir,
    game: PathBuf,
    form: Form,
    placeholders: Placeholders,
}

impl Stage {
    fn new(form: Form) -> Self {
        let temporary = tempfile::tempdir().unwrap();
        let game = temporary.path().canonicalize().unwrap().join("game");
        let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/explained");
        copy(&fixture, &game);
        fs::create_dir(temporary.path().join("home")).unwrap();
        let placeholders = Placeholders::new(game.to_str().unwrap());
        Self { temporary, game, form, placeholders }
    }

    /// Does what was typed; what that prints and ends with.
    fn perform(&mut self, typed: &Typed, name: &str) -> String {
        let line = self.placeholders.take(&typed.line);
        if !typed.is_ours() {
            self.have_happen(&words(&line)).unwrap_or_else(|error| panic!("{name}: {line}: {error}"));
            return String::new();
        }
        let (said, line) = match line.strip_prefix("echo ").and_then(|line| line.split_once(" | ")) {
            Some((said, line)) => (Some(words(said).concat() + "\n"), line),
            None => (None, &*line),
        };
        let mut words = words(line);
        let command = words.iter().position(|word| word == "cargo").expect("it is ours");
        let variables: Vec<String> = words.drain(..=command).collect();
        let mut process = self.command(&words);
        for variable in &variables[..command] {
            let (name, value) = variable.split_once('=').unwrap();
            process.env(name, value);
        }
        let (stdout, stderr, code) = match typed.meanwhile.as_deref() {
            None => self.run(process, said.as_deref()),
            Some(LOCKED) => self.locked(|stage| stage.run(process, None)),
            Some(INTERRUPTED) => self.locked(|stage| stage.interrupt(process)),
            Some(words) => panic!("{name}: nobody knows what `{words}` means"),
        };
        let stdout = if self.form == Form::Json { without_steps(&stdout) } else { stdout };
        let (mut shown, stderr) = (self.placeholders.put(&stdout), self.placeholders.put(&stderr));
        for line in stderr.lines() {
            let gap = if line.is_empty() { "" } else { " " };
            writeln!(shown, "!{gap}{line}").unwrap();
        }
        writeln!(shown, "? {code}").unwrap();
        shown
    }

    /// The binary as cargo calls it, in an environment that is everywhere the same.
    fn command(&self, arguments: &[String]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-prometeu"));
        command.args(arguments);
        self.set(&mut command);
        command
    }

    /// Has a process see the game, where programs are, and nothing else of ours.
    fn set(&self, command: &mut Command) {
        command.current_dir(&self.game).env_clear();
        for name in ["PATH", "CARGO", "RUSTUP_TOOLCHAIN", "TMPDIR"] {
            if let Some(value) = std::env::var_os(name) {
                command.env(name, value);
            }
        }
        // The folder of toolchains is where it is, also for a cargo that is rustup's. What else is at home, such as a
        // configuration of cargo's with a target directory, is not for us.
        let home = std::env::home_dir();
        let toolchains = std::env::var_os("RUSTUP_HOME").map(PathBuf::from);
        command.envs(toolchains.or(home.map(|home| home.join(".rustup"))).map(|path| ("RUSTUP_HOME", path)));
        command
            .env("HOME", self.temporary.path().join("home"))
            .env("CARGO_HOME", self.temporary.path().join("home/.cargo"))
            .envs([("LC_ALL", "C.UTF-8"), ("TERM", "xterm-256color"), ("CARGO_NET_OFFLINE", "true")])
            .envs([("GIT_CONFIG_GLOBAL", "/dev/null"), ("GIT_CONFIG_NOSYSTEM", "1")])
            // A repository above the temporary folders is none of the game's.
            .env("GIT_CEILING_DIRECTORIES", self.temporary.path());
    }

    fn run(&self, mut command: Command, said: Option<&str>) -> (String, String, i32) {
        let stdin = if said.is_some() { Stdio::piped() } else { Stdio::null() };
        let mut child = command.stdin(stdin).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        if let Some(said) = said {
            child.stdin.take().unwrap().write_all(said.as_bytes()).unwrap();
        }
        let output = child.wait_with_output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (text(output.stdout), text(output.stderr), output.status.code().unwrap())
    }

    /// Has somebody else hold the project as long as `work` goes on.
    fn locked<T>(&self, work: impl FnOnce(&Self) -> T) -> T {
        let local = self.game.join("assets/.prometeu/local");
        let lock = File::open(local.join("lock")).expect("a command before has made it");
        lock.lock().unwrap();
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis();
        let holder = local.join("holder.json");
        let text = format!(
            r#"{{"operation":"relocate_asset","operation_id":"x","process":"cargo prometeu, process 4242","since":{now}}}"#
        );
        fs::write(&holder, text).unwrap();
        let done = work(self);
        fs::remove_file(holder).unwrap();
        done
    }

    /// Runs it, and interrupts it once it says that it waits.
    fn interrupt(&self, mut command: Command) -> (String, String, i32) {
        let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child: Child = child.spawn().unwrap();
        let (mut stdout, mut stderr) =
            (BufReader::new(child.stdout.take().unwrap()), BufReader::new(child.stderr.take().unwrap()));
        let (mut printed, mut said) = (String::new(), String::new());
        // A program hears it on the other stream.
        match self.form {
            Form::Human => stderr.read_line(&mut said).unwrap(),
            Form::Json => stdout.read_line(&mut printed).unwrap(),
        };
        kill_process(Pid::from_child(&child), Signal::INT).unwrap();
        stdout.read_to_string(&mut printed).unwrap();
        stderr.read_to_string(&mut said).unwrap();
        (printed, said, child.wait().unwrap().code().unwrap())
    }

    /// What a person does to the files without us.
    fn have_happen(&self, words: &[String]) -> std::io::Result<()> {
        let at = |path: &str| self.game.join(path);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        match words[..] {
            ["cp", "-r", from, to] => copy(&at(from), &at(to)),
            ["cp", from, to] => drop(fs::copy(at(from), at(to))?),
            ["mv", from, to] => fs::rename(at(from), at(to))?,
            ["rm", "-r", path] => fs::remove_dir_all(at(path))?,
            ["rm", path] => fs::remove_file(at(path))?,
            ["mkdir", "-p", path] => fs::create_dir_all(at(path))?,
            ["echo", text, ">", path] => fs::write(at(path), format!("{}\n", text.replace("\\n", "\n")))?,
            ["sed", "-i", script, path] => {
                let parts: Vec<&str> = script.split('/').collect();
                let ["s", from, to, ""] = parts[..] else { panic!("not `s/…/…/`: {script}") };
                let text = fs::read_to_string(at(path))?;
                assert!(text.contains(from), "{path} has no `{from}`:\n{text}");
                fs::write(at(path), text.replacen(from, &to.replace("\\n", "\n"), 1))?;
            }
            ["git", "init"] => {
                let mut git = Command::new("git");
                self.set(git.args(["init", "-q", "--template="]));
                let done = git.status()?;
                assert!(done.success(), "git did not");
            }
            _ => panic!("nobody knows how to do this"),
        }
        Ok(())
    }
}

/// Copies a folder with what is in it. Its files were changed last when all files of the fixture were.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let (from, to) = {
            let entry = entry.unwrap();
            (entry.path(), to.join(entry.file_name()))
        };
        if from.is_dir() {
            copy(&from, &to);
            continue;
        }
        fs::write(&to, fs::read(&from).unwrap()).unwrap();
        let file = File::options().write(true).open(&to).unwrap();
        file.set_modified(UNIX_EPOCH + LAST_CHANGE).unwrap();
    }
}
