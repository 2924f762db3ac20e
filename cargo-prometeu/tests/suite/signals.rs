//! Ctrl-C, sent to the real process: while it works, while it waits, while it asks.

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::Path;
use std::process::{Child, ChildStderr, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};
use serde_json::Value;

use crate::harness::Place;

/// No step of a test takes so long, however slow the machine.
const DEADLINE: Duration = Duration::from_secs(60);

/// A process that is sent signals.
struct Running(Child);

/// What it ended with.
#[derive(Debug)]
struct Ended {
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

impl Running {
    /// Starts it with both streams in pipes.
    fn start(place: &Place, arguments: &[&str]) -> Self {
        Self::spawn(place.command(arguments))
    }

    fn spawn(mut command: Command) -> Self {
        Self(command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap())
    }

    fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.0), signal).unwrap();
    }

    fn stderr(&mut self) -> BufReader<ChildStderr> {
        BufReader::new(self.0.stderr.take().unwrap())
    }

    fn stdout(&mut self) -> BufReader<ChildStdout> {
        BufReader::new(self.0.stdout.take().unwrap())
    }

    /// Waits until `what` is so; whether the process still runs then.
    fn until(&mut self, what: impl Fn() -> bool) -> bool {
        let began = Instant::now();
        while !what() {
            if self.0.try_wait().unwrap().is_some() {
                return false;
            }
            assert!(began.elapsed() < DEADLINE, "it never came to that");
            std::thread::sleep(Duration::from_millis(1));
        }
        true
    }

    /// Waits for its end.
    fn code(&mut self) -> Option<i32> {
        let began = Instant::now();
        loop {
            if let Some(status) = self.0.try_wait().unwrap() {
                return status.code();
            }
            if began.elapsed() > DEADLINE {
                self.0.kill().unwrap();
                panic!("it did not end");
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Reads what nobody has read so far, and waits for its end.
    fn end(mut self) -> Ended {
        let (mut stdout, mut stderr) = (String::new(), String::new());
        if let Some(mut pipe) = self.0.stdout.take() {
            pipe.read_to_string(&mut stdout).unwrap();
        }
        if let Some(mut pipe) = self.0.stderr.take() {
            pipe.read_to_string(&mut stderr).unwrap();
        }
        Ended { code: self.code(), stdout, stderr }
    }
}

/// Whether this process lets its children be interrupted: one that runs in the background of a script
/// may not, and hands that on.
pub(crate) fn can_be_interrupted() -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let ignored = ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or_default();
    let ours = [Signal::HUP, Signal::INT, Signal::TERM];
    let is_ignored = ours.iter().any(|signal| ignored >> (signal.as_raw() - 1) & 1 == 1);
    if is_ignored {
        // Nobody can be told when standard error is gone.
        let _ = writeln!(std::io::stderr(), "skipped: signals are ignored here");
    }
    !is_ignored
}

/// Nothing of ours lies about in the project.
fn check_tidy(place: &Place) {
    for (path, _) in place.listing() {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let is_staged = path.parent().is_some_and(|parent| parent.ends_with("local/staged"));
        assert!(!name.contains(".pm-") && name != "holder.json" && !is_staged, "{}", path.display());
        assert_ne!(name, ".staging", "{}", path.display());
    }
}

/// What people made: without the files of the lane and the lock of the output folder.
fn of_people(place: &Place) -> std::collections::BTreeMap<std::path::PathBuf, Vec<u8>> {
    let (local, build) = (place.path("assets/.prometeu/local"), place.path("build"));
    let mut files = place.listing();
    files.retain(|path, _| !path.starts_with(&local) && *path != build && *path != build.join(".lock"));
    files
}

/// More assets than the events of which fit into a pipe that nobody reads.
pub(crate) const MANY: usize = 600;

/// A project of many assets, packed once and then changed, so that all of it has to be packed anew.
pub(crate) fn many() -> Place {
    let place = Place::project();
    let entry = |n: usize| {
        format!(
            r#"{{"asset_id": {n}, "included_in_build": true, "root": "a{n}", "asset_uuid": "0198c0de-0000-7000-8000-{n:012}"}}"#
        )
    };
    for n in 1..=MANY {
        place.write(&format!("assets/a{n}/data.txt"), format!("{n}").repeat(2_000));
        let declaration = format!(
            r#"{{"schema_version": 1, "asset_uuid": "0198c0de-0000-7000-8000-{n:012}", "name": "a{n}", "type": "blob_bank", "inputs": {{"files": ["data.txt"]}}, "output": {{"format": "BLOB/raw_v1", "codec": "NONE"}}, "preload": {{"enabled": false}}}}"#
        );
        place.write(&format!("assets/a{n}/asset.json"), declaration);
    }
    let entries: Vec<String> = (1..=MANY).map(entry).collect();
    let registry = format!(
        r#"{{"schema_version": 1, "next_asset_id": {}, "assets": [{}]}}"#,
        MANY + 1,
        entries.join(",")
    );
    place.write("assets/.prometeu/index.json", registry);
    place.ok(&["pack"]);
    for n in 1..=MANY {
        place.write(&format!("assets/a{n}/data.txt"), format!("{n}").repeat(2_001));
    }
    place
}

/// Begins a pack whose events nobody reads, so that it cannot say all, and gives it with what reads them.
fn stuck_pack(place: &Place) -> (Running, BufReader<ChildStdout>) {
    stuck(Running::start(place, &["pack", "--message-format", "json"]))
}

fn stuck(mut pack: Running) -> (Running, BufReader<ChildStdout>) {
    let mut stdout = pack.stdout();
    let mut line = String::new();
    while !line.contains("cache_miss") {
        line.clear();
        assert!(stdout.read_line(&mut line).unwrap() > 0, "it never packed");
    }
    (pack, stdout)
}

#[test]
fn a_pack_that_is_interrupted_leaves_the_last_one_and_answers_that_it_was_cancelled() {
    if !can_be_interrupted() {
        return;
    }
    let place = many();
    let staging = place.path("build/.staging");
    let is_staging = || fs::read_dir(&staging).is_ok_and(|mut staged| staged.next().is_some());
    for signal in [Signal::INT, Signal::TERM, Signal::HUP] {
        let mut cancelled = false;
        // A process that was faster than we were has packed.
        for _ in 0..20 {
            for n in 1..=MANY {
                place.write(&format!("assets/a{n}/data.txt"), format!("{signal:?}{n}").repeat(5_000));
            }
            let before = of_people(&place);
            let mut pack = Running::start(&place, &["pack", "--message-format", "json"]);
            if pack.until(is_staging) {
                pack.signal(signal);
            }
            let ended = pack.end();
            check_tidy(&place);
            if ended.code == Some(0) {
                continue;
            }
            assert_eq!((ended.code, &*ended.stderr), (Some(130), ""), "{signal:?}");
            let response: Value = serde_json::from_str(ended.stdout.lines().last().unwrap()).unwrap();
            assert_eq!(response["reason"], "response");
            assert_eq!(response["status"], "failed");
            let blocker = &response["blockers"][0];
            assert_eq!((&blocker["code"], blocker.get("path")), (&"cancelled".into(), None));
            assert_eq!(blocker["message"], "cancelled before anything was changed");
            let finished = ended.stdout.lines().rev().nth(1).unwrap();
            assert!(finished.contains(r#""kind":"build_finished""#), "{finished}");
            assert!(finished.contains(r#""data":{"status":"failed"}"#), "{finished}");
            assert!(of_people(&place) == before, "something was changed");
            cancelled = true;
            break;
        }
        assert!(cancelled, "no pack was ever interrupted by {signal:?}");
    }
    place.ok(&["pack"]);
    place.ok(&["pack", "--check"]);
}

#[test]
fn who_is_not_to_hear_of_a_closed_terminal_goes_on() {
    if !can_be_interrupted() {
        return;
    }
    let place = many();
    let pack = place.command(&["pack", "--message-format", "json"]);
    let mut nohup = Command::new("sh");
    nohup.args(["-c", r#"trap '' HUP; exec "$@""#, "sh"]).arg(pack.get_program()).args(pack.get_args());
    nohup.current_dir(place.path("")).stdin(Stdio::null());
    for (name, _) in pack.get_envs() {
        nohup.env_remove(name);
    }
    let (pack, mut stdout) = stuck(Running::spawn(nohup));
    pack.signal(Signal::HUP);
    std::thread::sleep(Duration::from_millis(100));
    let mut rest = String::new();
    stdout.read_to_string(&mut rest).unwrap();
    let ended = pack.end();
    assert_eq!((ended.code, &*ended.stderr), (Some(0), ""));
    place.ok(&["pack", "--check"]);
}

// It is known here how much a pipe holds.
#[cfg(target_os = "linux")]
#[test]
fn who_waits_for_a_reader_goes_on_waiting_and_interrupted_twice_ends_at_once() {
    if !can_be_interrupted() {
        return;
    }
    let place = many();
    let (mut pack, stdout) = stuck_pack(&place);
    let unread = || rustix::io::ioctl_fionread(stdout.get_ref()).unwrap();
    assert!(pack.until(|| unread() > 60_000), "it waits for who reads its events");
    // What fits yet.
    std::thread::sleep(Duration::from_millis(300));
    pack.signal(Signal::INT);
    // One that comes at once after the first is taken for its echo.
    std::thread::sleep(Duration::from_millis(400));
    assert_eq!(pack.0.try_wait().unwrap(), None, "it waits for who reads its events");
    // On a busy machine both may be heard at one time, and the second be taken for an echo as well.
    let began = Instant::now();
    while pack.0.try_wait().unwrap().is_none() && began.elapsed() < DEADLINE {
        pack.signal(Signal::INT);
        std::thread::sleep(Duration::from_millis(400));
    }
    assert_eq!(pack.code(), Some(130));
    drop(stdout);
    assert_eq!(pack.end().stderr, "interrupted: the next command settles what was under way\n");
    place.ok(&["pack"]);
    check_tidy(&place);
}

#[test]
fn a_creation_that_is_interrupted_is_made_or_leaves_nothing() {
    if !can_be_interrupted() {
        return;
    }
    let place = Place::blobs(&["a"]);
    let files: Vec<String> = (0..400).map(|n| format!("from/{n}.bin")).collect();
    for (n, file) in files.iter().enumerate() {
        place.write(file, vec![u8::try_from(n % 256).unwrap(); 100_000]);
    }
    let staged = place.path("assets/.prometeu/local/staged");
    let copies = |folder: &Path| {
        let roots = fs::read_dir(folder).into_iter().flatten().flatten();
        roots.filter_map(|root| Some(fs::read_dir(root.path()).ok()?.count())).sum::<usize>()
    };
    // A process that was faster than we were has made it.
    let mut cancelled = 0;
    for n in 0..20 {
        let before = of_people(&place);
        let root = format!("new{n}");
        let mut arguments = vec!["create", &root, "--type", "blob_bank", "--from"];
        arguments.extend(files.iter().map(String::as_str));
        let mut create = Running::start(&place, &arguments);
        if create.until(|| copies(&staged) > 20) {
            create.signal(Signal::INT);
        }
        let ended = create.end();
        check_tidy(&place);
        match ended.code {
            Some(130) => {
                assert_eq!((&*ended.stdout, &*ended.stderr), ("", "interrupted: nothing was changed\n"));
                assert!(of_people(&place) == before, "something was changed");
                cancelled += 1;
            }
            code => {
                assert_eq!(code, Some(0), "{ended:?}");
                place.ok(&["show", &root]);
            }
        }
        if cancelled == 2 {
            break;
        }
    }
    assert!(cancelled > 0, "no creation was ever interrupted");
    place.ok(&["doctor"]);
}

#[test]
fn whoever_waits_for_another_process_is_interrupted_at_once() {
    if !can_be_interrupted() {
        return;
    }
    let place = Place::blobs(&["a"]);
    let before = place.listing();
    let held = ["gate", "lock"].map(|name| {
        let file = File::open(place.path("assets/.prometeu/local").join(name)).unwrap();
        file.lock().unwrap();
        file
    });
    for arguments in [&["exclude", "a"][..], &["pack"]] {
        let mut waiting = Running::start(&place, arguments);
        let mut stderr = waiting.stderr();
        let mut line = String::new();
        stderr.read_line(&mut line).unwrap();
        assert!(line.starts_with("    Blocking waiting for another process"), "{line}");
        let asked = Instant::now();
        waiting.signal(Signal::INT);
        let mut rest = String::new();
        stderr.read_to_string(&mut rest).unwrap();
        assert_eq!(waiting.code(), Some(130), "{rest}");
        assert_eq!(rest, "interrupted: nothing was changed\n");
        // It would have waited for ten seconds.
        assert!(asked.elapsed() < Duration::from_secs(8), "{:?}", asked.elapsed());
    }
    drop(held);
    let mut after = place.listing();
    after.retain(|path, _| !path.starts_with(place.path("build")));
    assert_eq!(after, before);
    place.ok(&["exclude", "a"]);
}

/// A terminal, and a process that believes to talk to a person there.
pub(crate) struct Terminal {
    process: Running,
    screen: File,
}

impl Terminal {
    pub(crate) fn start(place: &Place, arguments: &[&str]) -> Self {
        Self::of_columns(100, place, arguments)
    }

    /// The same at one that is so many characters wide.
    pub(crate) fn of_columns(columns: u16, place: &Place, arguments: &[&str]) -> Self {
        let mut command = place.command(arguments);
        command.env("TERM", "xterm");
        Self::spawn(columns, command)
    }

    /// The same of a command that was made already.
    pub(crate) fn spawn(columns: u16, mut command: Command) -> Self {
        let (screen, person) = Self::open(columns);
        command.stdout(Stdio::piped());
        command.stdin(person.try_clone().unwrap()).stderr(person);
        let process = Running(command.spawn().unwrap());
        Self { process, screen }
    }

    /// Both ends of one: what stands on the screen, and where a process reads and writes.
    pub(crate) fn open(columns: u16) -> (File, File) {
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&master).unwrap();
        unlockpt(&master).unwrap();
        let name = ptsname(&master, Vec::new()).unwrap();
        let person = File::options().read(true).write(true).open(name.to_str().unwrap()).unwrap();
        let size = Winsize { ws_row: 24, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
        tcsetwinsize(&person, size).unwrap();
        (File::from(master), person)
    }

    /// Reads until `words` stand on the screen, or nobody writes there any more; what stands there.
    pub(crate) fn read(&mut self, words: &str) -> String {
        let mut shown = Vec::new();
        let mut piece = [0; 1024];
        while !String::from_utf8_lossy(&shown).contains(words) {
            match self.screen.read(&mut piece) {
                // The other end is closed: Linux calls that an error.
                Ok(0) | Err(_) => break,
                Ok(read) => shown.extend(&piece[..read]),
            }
        }
        String::from_utf8(shown).unwrap()
    }

    /// Sends it a signal.
    pub(crate) fn signal(&self, signal: Signal) {
        self.process.signal(signal);
    }

    /// Waits until `what` is so; whether the process still runs then.
    pub(crate) fn until(&mut self, what: impl Fn() -> bool) -> bool {
        self.process.until(what)
    }

    /// Types a line.
    pub(crate) fn type_line(&mut self, line: &str) {
        self.screen.write_all(format!("{line}\n").as_bytes()).unwrap();
    }

    /// Waits for its end; the code.
    pub(crate) fn code(mut self) -> Option<i32> {
        self.process.code()
    }
}

#[test]
fn a_question_that_is_interrupted_ends_it_at_once_and_changes_nothing() {
    if !can_be_interrupted() {
        return;
    }
    let place = Place::blobs(&["a"]);
    let before = place.listing();
    for signal in [Signal::INT, Signal::TERM] {
        let mut terminal = Terminal::start(&place, &["relocate", "a", "b", "--color", "never"]);
        let asked = terminal.read("[y/N] ");
        assert!(asked.ends_with("Do this? [y/N] "), "{asked}");
        terminal.process.signal(signal);
        let rest = terminal.read("never to be read");
        assert_eq!(rest, "\r\ninterrupted: nothing was changed\r\n");
        let ended = terminal.process.end();
        assert_eq!((ended.code, &*ended.stdout), (Some(130), ""));
        assert_eq!(place.listing(), before);
    }
}
