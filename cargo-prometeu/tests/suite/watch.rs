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

use crate::harness::Place;

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

    fn spawn(place: &Place, command: Command) -> Self {
        Self::try_spawn(place, command).unwrap()
    }

    /// The same of a program that may not be there.
    fn try_spawn(place: &Place, mut command: Command) -> std::io::Result<Self> {
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn()?;
        let lines = lines_of(child.stderr.take().unwrap());
        Ok(Self { child, lines, pack: place.path("build/assets.pa") })
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
        let began = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code();
            }
            assert!(began.elapsed() < DEADLINE, "it does not end");
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

/// A test that fails leaves no watch behind.
impl Drop for Watched {
    fn drop(&mut self) {
        drop(self.child.kill().and_then(|()| self.child.wait()));
    }
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
