//! Kills a program right before one of its system calls, with `strace`.
//!
//! A call is named by its name and by how often the thread has made it before, so the same program on
//! the same files dies at the same place every time. It is killed before the call is done: to be killed
//! behind it is to be killed before the next.
//!
//! What it does not do: a program of several threads is killed by the first that gets there.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Stdio};

/// The calls that make, change, remove, lock, sync or open something, say something, or end the program.
/// All others leave the disk as the call before them did.
///
/// `?` is for those that not every processor has.
const CALLS: &str = "?open,openat,?openat2,?creat,?mkdir,mkdirat,?rmdir,?unlink,unlinkat,?rename,?renameat,\
                     renameat2,?link,linkat,?symlink,symlinkat,write,writev,pwrite64,copy_file_range,ftruncate,\
                     ?truncate,fallocate,fchmod,?chmod,fchmodat,fchown,utimensat,fsync,fdatasync,sync,\
                     syncfs,sync_file_range,flock,exit_group";

/// One call of a program.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Call {
    /// Its name.
    pub name: String,
    /// Which of those of that name, counted from 1.
    pub nth: usize,
    /// Whether it is about files, and does more than open one that is there.
    pub changes: bool,
}

/// The tracer, which is there and works.
#[derive(Debug)]
pub struct Strace(());

impl Strace {
    /// The tracer, or why there is none.
    ///
    /// # Errors
    ///
    /// `strace` is not installed, or the system does not let it trace or kill.
    pub fn find() -> Result<Self, String> {
        let this = Self(());
        let first = Call { name: "exit_group".to_owned(), nth: 1, changes: false };
        match this.killing(&Command::new("true"), &first).stdin(Stdio::null()).output() {
            Err(error) => Err(format!("`strace` cannot be started: {error}")),
            Ok(output) if output.status.code().is_some() => {
                Err(format!("`strace` cannot trace here: {}", String::from_utf8_lossy(&output.stderr).trim()))
            }
            Ok(_) => Ok(this),
        }
    }

    /// The program with its calls written to `log`.
    pub fn listening(&self, program: &Command, log: &Path) -> Command {
        around(program, log, &["-e".as_ref(), format!("trace={CALLS}").as_ref()])
    }

    /// The program, which is killed as it makes that call. The tracer ends as the program does.
    pub fn killing(&self, program: &Command, at: &Call) -> Command {
        let Call { name, nth, .. } = at;
        let trace = format!("trace={name}");
        let inject = format!("inject={name}:signal=KILL:when={nth}");
        let flags = ["-e".as_ref(), trace.as_ref(), "-e".as_ref(), inject.as_ref()];
        around(program, Path::new("/dev/null"), &flags)
    }
}

fn around(program: &Command, log: &Path, flags: &[&OsStr]) -> Command {
    let mut command = Command::new("strace");
    command.args(["-f", "-qq", "-e", "signal=none", "-o"]).arg(log).args(flags);
    command.arg("--").arg(program.get_program()).args(program.get_args());
    for (name, value) in program.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    if let Some(folder) = program.get_current_dir() {
        command.current_dir(folder);
    }
    command
}

/// The calls in a log, in their order; of a program of several threads, those of the one that made most.
///
/// # Panics
///
/// When the log is not one of [`Strace::listening`].
#[must_use]
pub fn calls(log: &str) -> Vec<Call> {
    let mut threads: BTreeMap<&str, Vec<Call>> = BTreeMap::new();
    for line in log.lines() {
        let (thread, rest) = line.trim_start().split_once(' ').expect("a line begins with its thread");
        let name = rest.trim_start().split('(').next().unwrap_or_default();
        // What is not a call: `<... write resumed>`, `+++ exited with 0 +++`.
        if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
            continue;
        }
        let calls = threads.entry(thread).or_default();
        let nth = 1 + calls.iter().filter(|call| call.name == name).count();
        let changes = match name {
            "open" | "openat" | "openat2" => rest.contains("O_CREAT"),
            "write" | "writev" => !rest.contains("(1,") && !rest.contains("(2,"),
            "exit_group" => false,
            _ => true,
        };
        calls.push(Call { name: name.to_owned(), nth, changes });
    }
    threads.into_values().max_by_key(Vec::len).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_counted_among_those_of_its_name_and_thread() {
        let log = "12 openat(AT_FDCWD, \"a(b\", O_RDONLY) = 3\n12 write(3, \"x\", 1 <unfinished ...>\n\
                   13 write(1, \"y\", 1) = 1\n12 <... write resumed>) = 1\n12 write(2, \"z\", 1) = 1\n\
                   12 exit_group(0) = ?\n12 +++ exited with 0 +++\n";
        let call = |name: &str, nth, changes| Call { name: name.to_owned(), nth, changes };
        let expected =
            [("openat", 1, false), ("write", 1, true), ("write", 2, false), ("exit_group", 1, false)];
        assert_eq!(calls(log), expected.map(|(name, nth, changes)| call(name, nth, changes)));
    }
}
