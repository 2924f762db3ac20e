//! `watch`: a real process beside real saves, and what is in the pack in the end.

mod files;
mod habits;
#[cfg(unix)]
mod program;
mod programs;

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use packer_format::PackFile;

use crate::harness::{Place, code_of};

/// No step of a test takes so long, however slow the machine.
const DEADLINE: Duration = Duration::from_secs(30);

/// For so long nothing is to come: longer than the first look without a sign waits.
const QUIET: Duration = Duration::from_millis(700);

/// A watch that runs.
struct Watched {
    child: Child,
    /// Of standard error, or of standard output for programs.
    lines: Receiver<String>,
    pack: PathBuf,
}

impl Watched {
    /// One of a project that is sound, which has told of its first pack.
    fn start(place: &Place, arguments: &[&str]) -> Self {
        let mut watched = Self::begin(place, arguments);
        watched.until("Packed");
        watched
    }

    /// One whose first words are still to come.
    fn begin(place: &Place, arguments: &[&str]) -> Self {
        Self::spawn(place, place.command(&[&["watch"], arguments].concat()))
    }

    fn spawn(place: &Place, mut command: Command) -> Self {
        let mut child = in_a_group(command.stdout(Stdio::null()).stderr(Stdio::piped())).spawn().unwrap();
        let lines = lines_of(child.stderr.take().unwrap());
        Self { child, lines, pack: place.path("build/assets.pa") }
    }

    /// One that talks to a program.
    fn of_stdout(place: &Place, mut command: Command) -> Self {
        let mut child = in_a_group(command.stdout(Stdio::piped()).stderr(Stdio::null())).spawn().unwrap();
        let lines = lines_of(child.stdout.take().unwrap());
        Self { child, lines, pack: place.path("build/assets.pa") }
    }

    /// The next line; none when it has ended.
    #[track_caller]
    fn line(&mut self) -> Option<String> {
        match self.lines.recv_timeout(DEADLINE) {
            Ok(line) => Some(line),
            Err(RecvTimeoutError::Disconnected) => None,
            Err(RecvTimeoutError::Timeout) => panic!("nothing is told any more"),
        }
    }

    /// The lines up to one that has these words.
    #[track_caller]
    fn until(&mut self, words: &str) -> Vec<String> {
        let mut told = Vec::new();
        loop {
            let Some(line) = self.line() else { panic!("no `{words}` in:\n{}", told.join("\n")) };
            told.push(line);
            if told.last().unwrap().contains(words) {
                return told;
            }
        }
    }

    /// What is told within a time in which nothing is to be told.
    fn quiet(&mut self) -> Vec<String> {
        let (until, mut told) = (Instant::now() + QUIET, Vec::new());
        while let Ok(line) = self.lines.recv_timeout(until.saturating_duration_since(Instant::now())) {
            told.push(line);
        }
        told
    }

    /// The bytes of each blob in the pack, by the name of its asset and its file. None while there is no pack.
    fn blobs(&self) -> Option<BTreeMap<(String, String), Vec<u8>>> {
        let pack = PackFile::open(&self.pack).ok()?;
        let mut blobs = BTreeMap::new();
        for entry in pack.header().entries() {
            let bank = pack.blob_bank(entry.asset_id.into()).unwrap();
            for index in 0..bank.count() {
                let blob = bank.blob_at(index).unwrap();
                let key = (entry.asset_name.clone(), blob.name().to_owned());
                blobs.insert(key, blob.bytes().to_vec());
            }
        }
        Some(blobs)
    }

    /// Waits until the pack is as it should be; what was told on the way.
    #[track_caller]
    fn until_pack(&mut self, is_so: impl Fn(&BTreeMap<(String, String), Vec<u8>>) -> bool) -> Vec<String> {
        let (began, mut told) = (Instant::now(), Vec::new());
        while !self.blobs().as_ref().is_some_and(&is_so) {
            assert!(began.elapsed() < DEADLINE, "the pack is not so:\n{}", told.join("\n"));
            told.extend(self.lines.recv_timeout(Duration::from_millis(20)));
        }
        told
    }

    /// Waits until `data.txt` of an asset has these bytes in the pack.
    #[track_caller]
    fn until_data(&mut self, asset: &str, bytes: &[u8]) -> Vec<String> {
        let key = (asset.to_owned(), "data.txt".to_owned());
        self.until_pack(|blobs| blobs.get(&key).is_some_and(|found| found == bytes))
    }

    /// Waits for its end.
    #[track_caller]
    fn code(&mut self) -> Option<i32> {
        code_of(&mut self.child, DEADLINE)
    }
}

/// A test that ends leaves no watch behind, and one that fails no program of a watch either.
impl Drop for Watched {
    fn drop(&mut self) {
        #[cfg(unix)]
        if std::thread::panicking() || matches!(self.child.try_wait(), Ok(None)) {
            use rustix::process::{Pid, Signal, kill_process_group};
            // Where nobody is left in it, there is nothing to end.
            let _ = kill_process_group(Pid::from_child(&self.child), Signal::KILL);
        }
        drop(self.child.kill().and_then(|()| self.child.wait()));
    }
}

/// Has a process begin a group of its own, with all that it starts.
fn in_a_group(command: &mut Command) -> &mut Command {
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(command, 0);
    command
}

/// Saves a file in one step: one that is written in place may be seen while it is empty, which is a change more.
fn save(place: &Place, path: &str, text: impl AsRef<[u8]>) {
    place.write("saved", text);
    std::fs::rename(place.path("saved"), place.path(path)).unwrap();
}

/// Replaces a part of a file that has it, in one step.
#[track_caller]
fn save_with(place: &Place, path: &str, from: &str, to: &str) {
    let text = place.read(path);
    assert!(text.contains(from), "{path} has no `{from}`:\n{text}");
    save(place, path, text.replacen(from, to, 1));
}

/// The lines of a stream, as they come.
fn lines_of(stream: impl Read + Send + 'static) -> Receiver<String> {
    let (heard, lines) = channel();
    std::thread::spawn(move || {
        for line in BufReader::new(stream).lines() {
            let Ok(line) = line else { break };
            if heard.send(line).is_err() {
                break;
            }
        }
    });
    lines
}
