//! Runs a program and says what it cost.
//!
//! Between this process and the program there is another one, which is this bench started with
//! [`FLAG`]: small, and with no other child. So what the system says of its children is said of the
//! program and of whatever the program started and waited for, and a peak of memory is the program's
//! own (a new process begins with the peak of the one that started it).

use std::ffi::OsString;
use std::fs;
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::Result;
use crate::program::shell_words;
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike as _;

/// What this process was started with if it is to be the one in between.
pub(crate) const FLAG: &str = "--launch";

/// How busy the machine may be, and for how long it has to be that idle.
const IDLE: (f64, Duration) = (0.08, Duration::from_millis(400));

/// What one run cost.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Sample {
    /// Milliseconds from start to end.
    pub(crate) wall: f64,
    /// Milliseconds of processors, in the program and in the system for it.
    pub(crate) cpu: f64,
    /// The most memory of any one process, in MiB.
    pub(crate) memory: f64,
    /// Whether others were at work on this machine.
    pub(crate) noisy: bool,
}

/// Is the process in between: runs the program that the arguments are and reports.
///
/// # Errors
///
/// The program cannot be started, or it failed.
pub(crate) fn main(arguments: &[OsString]) -> io::Result<()> {
    let (program, arguments) =
        arguments.split_first().ok_or_else(|| io::Error::other("nothing to launch"))?;
    let begun = Instant::now();
    let status = Command::new(program).args(arguments).stdout(Stdio::null()).status()?;
    let wall = begun.elapsed();
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    let cpu = usage.user_time().num_microseconds() + usage.system_time().num_microseconds();
    writeln!(io::stdout(), "{} {cpu} {} {status}", wall.as_nanos(), usage.max_rss())?;
    if status.success() { Ok(()) } else { Err(io::Error::other(format!("it ended with {status}"))) }
}

/// Runs a program when the machine is idle, or when it was waited for that for as long as `patience`. The
/// sample is a noisy one when others used more of the processors meanwhile than an idle machine has of them.
///
/// # Errors
///
/// In words, with what the program said, when it did not succeed.
pub(crate) fn sample(program: &Command, patience: Duration) -> Result<Sample> {
    let idle = becomes_idle(patience);
    let mut launcher = Command::new(this()?);
    launcher.arg(FLAG).arg(program.get_program()).args(program.get_args());
    for (name, value) in program.get_envs() {
        match value {
            Some(value) => launcher.env(name, value),
            None => launcher.env_remove(name),
        };
    }
    if let Some(folder) = program.get_current_dir() {
        launcher.current_dir(folder);
    }
    // Cargo has it set for the bench; every start of a process would look for its libraries there first.
    launcher.env_remove("LD_LIBRARY_PATH");
    let before = ticks();
    let output = launcher.stdin(Stdio::null()).output()?;
    let after = ticks();
    let said = String::from_utf8_lossy(&output.stdout);
    if !output.status.success() {
        let errors = String::from_utf8_lossy(&output.stderr);
        return Err(format!("{} failed\n{said}{errors}", shell_words(program)).into());
    }
    let mut numbers = said.split(' ').map_while(|number| number.parse::<f64>().ok());
    let (Some(wall), Some(cpu), Some(memory)) = (numbers.next(), numbers.next(), numbers.next()) else {
        return Err(format!("{}: the launcher said `{said}`", shell_words(program)).into());
    };
    let others = match (before, after) {
        // A tick is ten milliseconds, so a short sample says nothing of others.
        (Some((busy, all)), Some((busy_now, all_now))) if all_now - all >= 20.0 => {
            (busy_now - busy - cpu / 1e4) / (all_now - all)
        }
        _ => 0.0,
    };
    let noisy = !idle || others > IDLE.0;
    Ok(Sample { wall: wall / 1e6, cpu: cpu / 1e3, memory: memory / 1024.0, noisy })
}

/// This program, in a copy of this process's own: one that is compiled anew meanwhile is another.
///
/// # Errors
///
/// What the system says.
pub(crate) fn this() -> io::Result<PathBuf> {
    static COPY: OnceLock<PathBuf> = OnceLock::new();
    if let Some(copy) = COPY.get() {
        return Ok(copy.clone());
    }
    let original = std::env::current_exe()?;
    let copy = original.with_file_name(format!("packs-running-{}", std::process::id()));
    fs::copy(original, &copy)?;
    Ok(COPY.get_or_init(|| copy).clone())
}

/// Takes the copy away.
pub(crate) fn tidy() {
    if let Ok(copy) = this() {
        let _ = fs::remove_file(copy);
    }
}

/// Waits until nobody else works on this machine; no, when that did not come to pass in time.
fn becomes_idle(patience: Duration) -> bool {
    let begun = Instant::now();
    let (limit, long_enough) = IDLE;
    loop {
        let before = ticks();
        sleep(long_enough.min(patience));
        match (before, ticks()) {
            (Some((busy, all)), Some((busy_now, all_now))) if all_now > all => {
                if (busy_now - busy) / (all_now - all) < limit {
                    return true;
                }
            }
            // A system that does not tell is taken for idle.
            _ => return true,
        }
        if begun.elapsed() >= patience {
            return false;
        }
    }
}

/// Ticks of all processors since the start: those that worked, and all.
fn ticks() -> Option<(f64, f64)> {
    let text = fs::read_to_string("/proc/stat").ok()?;
    let ticks: Vec<f64> =
        text.lines().next()?.split_whitespace().skip(1).map_while(|tick| tick.parse().ok()).collect();
    // user nice system idle iowait irq softirq steal; what follows is counted in user already.
    let all: f64 = ticks.iter().take(8).sum();
    let idle = ticks.get(3)? + ticks.get(4)?;
    Some((all - idle, all))
}
