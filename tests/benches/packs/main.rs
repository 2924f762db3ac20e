//! How fast whole packs are, beside the least that the same files could cost and beside what others
//! do with them.
//!
//! ```sh
//! cargo bench -p packer-tests --bench packs -- [WORKLOAD…] [SCENARIO…] [--rounds N] [--idle SECONDS]
//!     [--floor-only] [--no-peers] [--plain] [--calls] [--in FOLDER] [--write]
//! cargo bench -p packer-tests --bench packs -- --scale [--point ASSETS BYTES…] [--write]
//! cargo bench -p packer-tests --bench packs -- --micro
//! ```
//!
//! A workload is `small`, `game` (when none is named) or `huge`; scenarios are those of
//! [`scenario::Scenario`], all when none is named. `--plain` adds the build script of a game without
//! profile lines, `--calls` counts system calls instead of time, `--in` has projects on another file system, `--write` puts the tables into
//! `docs/performance.md`. `--scale` shows how costs grow with files and with bytes, `--micro` times the loops
//! inside a pack.
//!
//! What is measured are processes, since that is what people wait for: a framework that times a closure in
//! a loop would show neither the start of one, nor the state of the disk that it meets. All of it happens
//! below the target directory. Nothing is asserted but that what is packed is right; work is counted and
//! asserted in the tests.

#[cfg(target_os = "linux")]
mod calls;
#[cfg(target_os = "linux")]
mod floor;
#[cfg(target_os = "linux")]
mod launcher;
#[cfg(target_os = "linux")]
mod machine;
#[cfg(target_os = "linux")]
mod measure;
#[cfg(target_os = "linux")]
mod micro;
#[cfg(target_os = "linux")]
mod package;
#[cfg(target_os = "linux")]
mod page;
#[cfg(target_os = "linux")]
mod peers;
#[cfg(target_os = "linux")]
mod program;
#[cfg(target_os = "linux")]
mod scale;
#[cfg(target_os = "linux")]
mod scenario;
#[cfg(target_os = "linux")]
mod session;
#[cfg(target_os = "linux")]
mod table;

use std::process::ExitCode;

/// What goes wrong here is told to a person, in words, and by nothing else.
#[cfg(target_os = "linux")]
type Result<T> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;

#[cfg(target_os = "linux")]
fn main() -> ExitCode {
    let arguments: Vec<std::ffi::OsString> = std::env::args_os().skip(1).collect();
    let result = match arguments.split_first() {
        Some((first, rest)) if first == launcher::FLAG => launcher::main(rest).map_err(Into::into),
        Some((first, rest)) if first == floor::FLAG => {
            let rest: Vec<String> = rest.iter().map(|word| word.to_string_lossy().into_owned()).collect();
            floor::main(&rest).map_err(Into::into)
        }
        _ => session::main(&arguments),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            packer_tests::say(&format!("error: {error}"));
            ExitCode::FAILURE
        }
    }
}

#[cfg(not(target_os = "linux"))]
fn main() -> ExitCode {
    packer_tests::skip("packs", "the floor and the launcher are written for Linux");
    ExitCode::SUCCESS
}
