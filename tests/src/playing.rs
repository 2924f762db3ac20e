//! The example game at a terminal of its own, beside `cargo prometeu watch`, on a copy of its assets.
//!
//! One picture of the copy, the treeline, is of one of two colours that nothing else in the game has: so the bytes
//! that the terminal gets tell whether a save has reached the picture. What the watch tells stands in a file.

use std::fs::{self, File};
use std::io::{Cursor, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};
use serde_json::Value;

use crate::{assets, checkout};

/// Columns and rows: so many that each pixel is drawn as it is.
const TERMINAL: (u16, u16) = (160, 50);

/// No change takes so long.
const DEADLINE: Duration = Duration::from_secs(30);

/// What is painted over.
const BANK: &str = "sky/hills";
const PICTURE: &str = "treeline.png";

/// A colour that nothing else has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Paint {
    /// `#ff00ff`
    Magenta,
    /// `#00ffff`
    Cyan,
}

impl Paint {
    const fn rgba(self) -> [u8; 4] {
        match self {
            Self::Magenta => [0xff, 0x00, 0xff, 0xff],
            Self::Cyan => [0x00, 0xff, 0xff, 0xff],
        }
    }

    /// As the game tells a terminal of it.
    const fn told(self) -> &'static str {
        match self {
            Self::Magenta => ";255;0;255",
            Self::Cyan => ";0;255;255",
        }
    }

    /// The other one.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::Magenta => Self::Cyan,
            Self::Cyan => Self::Magenta,
        }
    }
}

/// A copy of the game's assets, to be painted over.
#[derive(Debug)]
pub struct Copy {
    folder: tempfile::TempDir,
    /// Columns and rows of the picture.
    size: (u32, u32),
}

impl Copy {
    /// One whose treeline is magenta, in a new folder.
    ///
    /// # Panics
    ///
    /// When the file system refuses.
    #[must_use]
    pub fn new() -> Self {
        let folder = tempfile::tempdir().expect("there is room for a small folder");
        copy(&checkout().join("example-game/assets"), &folder.path().join("assets"));
        let mut copy = Self { folder, size: (0, 0) };
        let png = fs::read(copy.picture()).expect("the game has a treeline");
        let png = png::Decoder::new(Cursor::new(png)).read_info().expect("which is a picture");
        copy.size = png.info().size();
        let declaration = copy.folder.path().join("assets").join(BANK).join("asset.json");
        let text = fs::read_to_string(&declaration).expect("it is declared");
        let mut value: Value = serde_json::from_str(&text).expect("it packs");
        for palette in value["output"]["pipeline"]["palettes"].as_array_mut().expect("it has palettes") {
            let colors = palette["palette"]["colors"].as_array_mut().expect("they have colours");
            colors.extend(["#ff00ff", "#00ffff"].map(Value::from));
        }
        fs::write(&declaration, value.to_string()).expect("it can be written");
        copy.paint(Paint::Magenta);
        copy
    }

    /// The folder of the project.
    #[must_use]
    pub fn project(&self) -> &Path {
        self.folder.path()
    }

    /// The file that is painted over.
    #[must_use]
    pub fn picture(&self) -> PathBuf {
        self.folder.path().join("assets").join(BANK).join(PICTURE)
    }

    /// The picture in one colour, as a PNG file.
    #[must_use]
    pub fn png(&self, paint: Paint) -> Vec<u8> {
        let (width, height) = self.size;
        assets::png(width, height, &paint.rgba().repeat(width as usize * height as usize))
    }

    /// Saves the picture in one colour, in place.
    ///
    /// # Panics
    ///
    /// When it cannot be written.
    pub fn paint(&self, paint: Paint) {
        fs::write(self.picture(), self.png(paint)).expect("it can be written");
    }
}

impl Default for Copy {
    fn default() -> Self {
        Self::new()
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("there is room");
    for entry in fs::read_dir(from).expect("it is there") {
        let entry = entry.expect("it can be listed");
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        if from.is_dir() {
            // What the packer keeps for itself belongs to the place.
            if !from.ends_with(".prometeu/local") {
                copy(&from, &to);
            }
        } else {
            fs::copy(from, to).expect("there is room");
        }
    }
}

/// A watch, and the game in the terminal.
#[derive(Debug)]
pub struct Playing {
    child: Child,
    keyboard: File,
    /// Each change of the colour, with when the terminal got it, and words of the last row.
    seen: Receiver<(Instant, Seen)>,
    /// What the watch tells.
    log: PathBuf,
}

/// What the terminal got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Seen {
    Paint(Paint),
    Trouble,
}

impl Playing {
    /// Starts the watch `command` with `game` beside it.
    ///
    /// # Panics
    ///
    /// When the system has no terminal for it, or the game does not begin.
    #[must_use]
    pub fn start(copy: &Copy, command: &Path, game: &Path, flags: &[&str]) -> Self {
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("the system has terminals");
        grantpt(&master).and_then(|()| unlockpt(&master)).expect("it is ours");
        let name = ptsname(&master, Vec::new()).expect("it has a name");
        let name = name.to_str().expect("which is plain");
        let person = File::options().read(true).write(true).open(name).expect("it opens");
        let (ws_col, ws_row) = TERMINAL;
        tcsetwinsize(&person, Winsize { ws_row, ws_col, ws_xpixel: 0, ws_ypixel: 0 }).expect("it has a size");
        let stream = || Stdio::from(person.try_clone().expect("there are files left"));
        let mut watch = Command::new(command);
        watch.arg("watch").args(flags).arg("--project").arg(copy.project()).arg("--").arg(game);
        watch.env("TERM", "xterm-256color").env("COLORTERM", "truecolor").env_remove("NO_COLOR");
        watch.env_remove("CARGO_TARGET_DIR").env_remove("PROMETEU_CACHE_DIR");
        let log = copy.project().join("watch.log");
        let told = File::create(&log).expect("there is room");
        let child = watch.stdin(stream()).stdout(stream()).stderr(told).spawn().expect("it starts");
        drop((watch, person));
        let screen = File::from(master);
        let keyboard = screen.try_clone().expect("there are files left");
        let playing = Self { child, keyboard, seen: look(screen), log };
        playing.until(Seen::Paint(Paint::Magenta));
        playing
    }

    /// When the terminal got the picture in this colour.
    ///
    /// # Panics
    ///
    /// When it does not.
    #[track_caller]
    #[must_use]
    pub fn until_painted(&self, paint: Paint) -> Instant {
        self.until(Seen::Paint(paint))
    }

    /// Waits until the game says that it goes on with the picture that it has.
    ///
    /// # Panics
    ///
    /// When it does not.
    #[track_caller]
    pub fn until_trouble(&self) {
        self.until(Seen::Trouble);
    }

    #[track_caller]
    fn until(&self, wanted: Seen) -> Instant {
        let until = Instant::now() + DEADLINE;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            match self.seen.recv_timeout(left) {
                Ok((when, seen)) if seen == wanted => return when,
                Ok(_) => {}
                Err(why) => panic!("{wanted:?} was never seen: {why}"),
            }
        }
    }

    /// All that the watch has told so far.
    ///
    /// # Panics
    ///
    /// When it told that nowhere.
    #[must_use]
    pub fn told(&self) -> String {
        fs::read_to_string(&self.log).expect("it was made before the watch")
    }

    /// Waits until the watch tells these words, behind what it has told `before`.
    ///
    /// # Panics
    ///
    /// When it does not.
    #[track_caller]
    pub fn until_told(&self, before: &str, words: &str) {
        let until = Instant::now() + DEADLINE;
        while !self.told()[before.len()..].contains(words) {
            assert!(Instant::now() < until, "no `{words}` in:\n{}", self.told());
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Whether the terminal got nothing else since it was asked last, and gets nothing for so long.
    #[must_use]
    pub fn is_as_it_was(&self, long: Duration) -> bool {
        self.seen.recv_timeout(long) == Err(RecvTimeoutError::Timeout)
    }

    /// Presses a key, and waits for the end of both.
    ///
    /// # Panics
    ///
    /// When they do not end.
    #[must_use]
    pub fn quit(mut self) -> ExitStatus {
        self.keyboard.write_all(b"q").expect("somebody reads the keys");
        let until = Instant::now() + DEADLINE;
        loop {
            if let Some(status) = self.child.try_wait().expect("it is ours") {
                return status;
            }
            assert!(Instant::now() < until, "it does not end");
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

/// Whoever fails leaves nothing behind: the watch ends with its terminal, and the game with the watch.
impl Drop for Playing {
    fn drop(&mut self) {
        let pid = rustix::process::Pid::from_child(&self.child);
        if matches!(self.child.try_wait(), Ok(None)) {
            // One that has ended meanwhile is where it should be.
            let _ = rustix::process::kill_process(pid, rustix::process::Signal::TERM);
            drop(self.child.wait());
        }
    }
}

/// Looks at what the terminal gets, in a thread.
fn look(mut screen: File) -> Receiver<(Instant, Seen)> {
    /// Longer than anything that is looked for.
    const TAIL: usize = 32;
    let (saw, seen) = channel();
    std::thread::spawn(move || {
        let (mut text, mut piece, mut paint) = (Vec::new(), vec![0; 1 << 16], None);
        let has =
            |text: &[u8], words: &str| text.windows(words.len()).any(|window| window == words.as_bytes());
        // The other end is closed: Linux calls that an error.
        while let Ok(read) = screen.read(&mut piece) {
            let now = Instant::now();
            text.extend_from_slice(&piece[..read]);
            let other = [Paint::Magenta, Paint::Cyan]
                .into_iter()
                .find(|new| Some(*new) != paint && has(&text, new.told()));
            if let Some(new) = other {
                paint = Some(new);
                // Whoever waited may be gone.
                let _ = saw.send((now, Seen::Paint(new)));
            }
            if has(&text, "the picture stays") {
                // Whoever waited may be gone.
                let _ = saw.send((now, Seen::Trouble));
            }
            let kept = text.len().saturating_sub(TAIL);
            text.drain(..kept);
            if read == 0 {
                break;
            }
        }
    });
    seen
}

/// The program of the example game, as cargo built it for the tests or for a bench.
#[must_use]
pub fn game(release: bool) -> PathBuf {
    crate::cargo::program("example-game", "example-game", release)
}
