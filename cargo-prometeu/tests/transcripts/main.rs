//! What is printed, as a person at a console sees it, and as a program reads it.
//!
//! Each file in `human/` is a session: commands one after the other in one folder, with all that they
//! print and end with. The file of the same name in `json/` is the same session for a program: it is never
//! written by hand, since its commands are those of the other with `--message-format json` behind them.
//! [`session`] says how a file is read, and [`placeholder`] what stands for what differs from run to run.
//!
//! `SNAPSHOTS=overwrite cargo test -p cargo-prometeu --test transcripts` writes anew what has changed; a new
//! session needs its commands alone. Then read the difference, aloud.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod coverage;
mod placeholder;
mod play;
mod session;

use std::path::{Path, PathBuf};
use std::sync::Mutex;

use snapbox::data::DataFormat;
use snapbox::{Assert, Data};

use session::{Form, Session};

/// How many sessions go on at a time: more than there are processors, since some wait for somebody.
const AT_A_TIME: usize = 4;

/// The files of one form, in the order of their names.
fn files(form: Form) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/transcripts").join(form.folder());
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

/// Plays every session in one form, and holds what was printed against the files.
fn check(form: Form) {
    let sessions = files(Form::Human);
    let (left, failures) = (Mutex::new(sessions.iter()), Mutex::new(Vec::new()));
    let assert = Assert::new().action_env(snapbox::assert::DEFAULT_ACTION_ENV);
    let work = || {
        loop {
            let Some(path) = left.lock().unwrap().next() else { return };
            let session = Session::read(path, form);
            let Some(played) = play::play(&session) else { continue };
            let file = path.parent().unwrap().with_file_name(form.folder()).join(path.file_name().unwrap());
            let expected = Data::read_from(&file, Some(DataFormat::Text)).raw();
            if let Err(error) = assert.try_eq(None, Data::text(played), expected) {
                failures.lock().unwrap().push(error.to_string());
            }
        }
    };
    std::thread::scope(|scope| (0..AT_A_TIME).for_each(|_| drop(scope.spawn(work))));
    let failures = failures.into_inner().unwrap();
    assert!(failures.is_empty(), "{} of {}:\n{}", failures.len(), sessions.len(), failures.join("\n"));
}

#[test]
fn people_read_what_is_on_file() {
    check(Form::Human);
}

#[test]
fn programs_read_what_is_on_file() {
    check(Form::Json);
}
