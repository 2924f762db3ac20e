//! Syncs that are swallowed: what shows that a cut is not made, or looked at, beside the mark.

use std::path::Path;
use std::process::Command;

use super::child::{end, said, start};
use crate::cargo;

/// Every system call that makes anything durable.
const SYNCS: &str = "fsync,fdatasync,sync_file_range,syncfs,sync";

/// What becomes of a program's syncs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Syncs {
    /// They do what they do.
    Kept,
    /// None does anything, and each says that it did.
    Swallowed,
    /// So does only that one, counted from 1.
    AllBut(usize),
}

impl Syncs {
    /// What strace is told.
    pub(super) fn injection(self) -> Option<String> {
        match self {
            Self::Kept => None,
            Self::Swallowed => Some(format!("--inject={SYNCS}:retval=0")),
            // Each call has a count of its own, so it is one call: the only one that is ever made.
            Self::AllBut(n) => Some(format!("--inject=fsync:retval=0:when={n}")),
        }
    }
}

/// The program on a project, not yet begun.
pub(super) fn command(program: &Path, words: &[&str], project: &Path) -> Command {
    let mut command = cargo::scrubbed(program);
    command.args(words).current_dir(project);
    command
}

/// The same, watched where it syncs.
pub(super) fn under_strace(plain: &Command, more: &[&str]) -> Command {
    let mut watched = cargo::scrubbed("strace");
    watched.args(["--follow-forks", "--seccomp-bpf", "--quiet=all"]).arg(format!("--trace={SYNCS}"));
    watched.args(more).arg(plain.get_program()).args(plain.get_args());
    watched.current_dir(plain.get_current_dir().expect("it has one"));
    watched
}

/// What each sync of a command is there for, in their order.
pub(super) fn purposes(plain: &Command, log: &Path) -> Vec<&'static str> {
    let output = format!("--output={}", log.display());
    let ended = end(start(under_strace(plain, &["--decode-fds=path", &output])));
    assert!(ended.status.success(), "{}", said(&ended));
    let text = std::fs::read_to_string(log).expect("strace wrote it");
    let calls: Vec<&str> = text.lines().filter(|line| !line.contains("+++")).collect();
    let mut journals = 0;
    let mut purposes = Vec::new();
    for call in calls {
        let path = call.split_once('<').and_then(|(before, rest)| {
            assert!(before.contains("fsync("), "another call makes durable here: {call}");
            rest.rsplit_once('>')
        });
        let path = Path::new(path.expect("strace names the file").0);
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        journals += usize::from(name.starts_with(".journal.pm-"));
        purposes.push(match (&*name, journals) {
            ("local", 0 | 1) => "the name of a journal that says `pending`",
            ("local", _) => "the name of a journal that says `clean`",
            (name, 1) if name.starts_with(".journal.pm-") => "a journal that says `pending`",
            (name, _) if name.starts_with(".journal.pm-") => "a journal that says `clean`",
            (name, _) if name.starts_with(".pm-") => "a file, before it gets its name",
            _ if path.components().any(|part| part.as_os_str() == "staged") => "a new root in `staged/`",
            _ => "a folder that was touched",
        });
    }
    purposes
}
