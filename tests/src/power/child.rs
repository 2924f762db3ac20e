//! Programs that are waited for, but not for ever.

use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

/// From here on it hangs.
const HUNG: Duration = Duration::from_secs(30);

/// Begins it, so that what it says can be read later.
pub(super) fn start(mut command: Command) -> Child {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}"))
}

/// Waits for its end; what hangs is killed.
pub(super) fn end(mut child: Child) -> Output {
    // What these programs say fits into a pipe, so nobody has to read before they end.
    until(&mut child, Duration::from_micros(100), || false);
    child.wait_with_output().expect("its pipes are ours")
}

/// Waits until it is so, or the program has ended; looks that often. What hangs is killed.
pub(super) fn until(child: &mut Child, every: Duration, is_so: impl Fn() -> bool) {
    let begun = Instant::now();
    while !is_so() && !is_gone(child) {
        if begun.elapsed() > HUNG {
            child.kill().expect("a child of ours");
            panic!("it hangs: {:?}", child.wait());
        }
        if !every.is_zero() {
            std::thread::sleep(every);
        }
    }
}

/// Whether it has ended by itself.
fn is_gone(child: &mut Child) -> bool {
    child.try_wait().expect("a child of ours").is_some()
}

/// How it ended, and what it said.
pub(super) fn said(output: &Output) -> String {
    let [out, err] = [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes));
    format!("{}\n{out}{err}", output.status)
}

/// Runs a tool of the system to its end.
///
/// # Errors
///
/// What it said, or that it is not there.
pub(super) fn tool(words: &[&str]) -> Result<(), String> {
    let mut command = system(words[0]);
    command.args(&words[1..]).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = command.spawn().map_err(|error| format!("`{}` cannot be run: {error}", words[0]))?;
    let output = end(child);
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(format!("`{}` says: {}", words.join(" "), said.trim()))
}

/// A tool of the system, not yet begun. Where it lies is not always in the path of one who became root.
pub(super) fn system(tool: &str) -> Command {
    let mut command = Command::new(tool);
    let path = std::env::var("PATH").unwrap_or_default();
    command.env("PATH", format!("{path}:/usr/sbin:/sbin"));
    command
}
