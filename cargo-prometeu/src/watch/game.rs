//! The program that runs beside the watch: the game, reading the pack that is made anew.
//!
//! It has standard input, output and errors of its own, those of the watch, and belongs to the same group of
//! processes, so that a terminal's Ctrl-C reaches both. It is told where the pack is by two variables:
//!
//! | variable | counts |
//! | --- | --- |
//! | `PROMETEU_ASSETS_PA` | for the program itself |
//! | `PROMETEU_WATCHED_PA` | where cargo stands between, which sets the other one to the pack of the build: `cargo run` |
//!
//! # Where it stops
//!
//! It is asked to end, and in the end killed, with this process, but for two cases in which it goes on: this process
//! is killed by SIGKILL; or one of the signals that [`crate::interrupt`] hears is ignored from the start, as under
//! `nohup` and in the background of a script, where none of them is taken over and another one ends this process at
//! once. What the program started itself is its own to end.

use std::ffi::OsString;
use std::path::Path;
use std::process::{Child, Command, ExitStatus};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use prometeu_packer::ops::{Blocker, BlockerCode};

use crate::exit::{self, Exit};

/// The variables that tell where the pack is.
const VARIABLES: [&str; 2] = ["PROMETEU_ASSETS_PA", "PROMETEU_WATCHED_PA"];

/// How often it is asked whether the program has ended.
const PAUSE: Duration = Duration::from_millis(20);

/// How long it may take to end by itself: the terminal has told it when it told us.
const BY_ITSELF: Duration = Duration::from_millis(300);

/// How long it may take to end when it was asked to.
const ASKED: Duration = Duration::from_secs(5);

/// A program that runs.
#[derive(Debug, Clone)]
pub(super) struct Game(Arc<Mutex<Child>>);

impl Game {
    /// Starts `command` for the pack at `pack`; `ended` is called with what it ended with, in another thread.
    ///
    /// # Errors
    ///
    /// When it cannot be started.
    pub(super) fn start(
        command: &[OsString],
        pack: &Path,
        ended: impl FnOnce(ExitStatus) + Send + 'static,
    ) -> Result<Self, Blocker> {
        let (program, arguments) = command.split_first().expect("clap asks for a program behind `--`");
        let mut command = Command::new(program);
        command.args(arguments).envs(VARIABLES.map(|name| (name, pack)));
        let child = command.spawn().map_err(|error| {
            let message = format!("`{}` cannot be started: {error}", program.to_string_lossy());
            Blocker::new(BlockerCode::InvalidArgument, message)
                .help("Behind `--` stands a program with its arguments, such as `cargo run`.")
        })?;
        let game = Self(Arc::new(Mutex::new(child)));
        let waiting = game.clone();
        let wait = move || {
            loop {
                // What cannot be asked any more has ended.
                let status = waiting.child().try_wait().unwrap_or_else(|_| Some(ExitStatus::default()));
                if let Some(status) = status {
                    return ended(status);
                }
                std::thread::sleep(PAUSE);
            }
        };
        let thread = std::thread::Builder::new().name("waits".to_owned()).spawn(wait);
        drop(thread.expect("a process that has begun has room for ten threads"));
        Ok(game)
    }

    /// Has it end: by itself when it was told already, then asked to, then killed.
    pub(super) fn end(&self) {
        if !self.ends_within(BY_ITSELF) {
            self.ask();
            if !self.ends_within(ASKED) {
                self.kill();
            }
        }
    }

    /// Ends it at once.
    pub(super) fn kill(&self) {
        let mut child = self.child();
        // One that has ended is where it should be.
        drop(child.kill().and_then(|()| child.wait()));
    }

    /// Asks it to end.
    fn ask(&self) {
        let mut child = self.child();
        // Its number is its own as long as nobody has waited for its end.
        if let Ok(None) = child.try_wait() {
            #[cfg(unix)]
            {
                use rustix::process::{Pid, Signal, kill_process};
                // One that has ended meanwhile is where it should be.
                let _ = kill_process(Pid::from_child(&child), Signal::TERM);
            }
            #[cfg(not(unix))]
            drop(child.kill());
        }
    }

    fn ends_within(&self, time: Duration) -> bool {
        let began = Instant::now();
        loop {
            if !matches!(self.child().try_wait(), Ok(None)) {
                return true;
            }
            if began.elapsed() >= time {
                return false;
            }
            std::thread::sleep(PAUSE);
        }
    }

    /// Nothing panics while it holds the child.
    fn child(&self) -> MutexGuard<'_, Child> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// With what the watch ends after a program that ended so: the same code, and for a signal what a shell makes of it.
pub(super) fn exit_of(status: ExitStatus) -> Exit {
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        return Exit::of_code(u8::try_from(128 + signal).unwrap_or(u8::MAX));
    }
    match status.code().map(u8::try_from) {
        Some(Ok(code)) => Exit::of_code(code),
        // What Windows says of a crash fits into no byte.
        _ => exit::FAILED,
    }
}
