//! A checkout that cannot be written: everything that only reads works and makes nothing, and a change
//! is refused.
//!
//! Root may write whatever the modes say, so the file system itself is mounted read-only where this
//! machine lets us, and root also tries it as somebody else.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use packer_tests::listing::Listing;
use packer_tests::{cargo, journal, skip, tally};
use serde_json::Value;

use super::checkout::{Checkout, PACK, PROMETEU, Run};

const INDEX: &str = "assets/.prometeu/index.json";

/// What a program is run by, so that it cannot write into the project.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum By {
    /// Root, in a mount namespace of its own.
    Mount,
    /// Anybody, in a user namespace as well.
    UserMount,
    /// Root, as somebody else, by modes.
    SomebodyElse,
    /// An ordinary user, by modes.
    Modes,
}

/// Mounts the project on itself, read-only, and runs the rest.
const MOUNT: &str = r#"mount --bind "$0" "$0" && mount -o remount,ro,bind "$0" && exec "$@""#;

impl By {
    const ALL: [Self; 4] = [Self::Mount, Self::UserMount, Self::SomebodyElse, Self::Modes];

    fn command(self, project: &Path, program: &Path) -> Command {
        let words: &[&str] = match self {
            Self::Mount => &["unshare", "-m", "sh", "-c", MOUNT],
            Self::UserMount => &["unshare", "-r", "-m", "sh", "-c", MOUNT],
            Self::SomebodyElse => &["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"],
            Self::Modes => &[],
        };
        let mut command = match words {
            [] => return cargo::scrubbed(program),
            [first, ..] => cargo::scrubbed(first),
        };
        command.args(&words[1..]);
        if matches!(self, Self::Mount | Self::UserMount) {
            command.arg(project);
        }
        command.arg(program).current_dir("/");
        command
    }

    /// Whether it is so here: a program that writes is refused, and one that reads is not.
    fn works(self, project: &Path) -> bool {
        let run = |program: &str, file: &Path| {
            let mut command = self.command(project, Path::new(program));
            command.arg(file).output().is_ok_and(|output| output.status.success())
        };
        let file = project.join("written");
        let writes = run("touch", &file);
        // It is there when writing was not refused.
        let _ = fs::remove_file(&file);
        !writes && run("cat", &project.join(INDEX))
    }
}

/// A project in which nothing can be written.
struct Closed {
    checkout: Checkout,
    by: By,
    outs: usize,
}

impl Closed {
    fn new(by: By, prepare: impl FnOnce(&Checkout)) -> Option<Self> {
        let checkout = Checkout::new(&std::env::temp_dir(), true);
        prepare(&checkout);
        // Its own copies: the target directory may be closed to others.
        for program in [&*PROMETEU, Path::new(PACK)] {
            let copy = checkout.top.join(program.file_name().unwrap());
            fs::copy(program, &copy).unwrap();
        }
        mode(&checkout.top, 0o777);
        set_modes(&checkout.project, false);
        let works = by.works(&checkout.project);
        works.then_some(Self { checkout, by, outs: 0 })
    }

    fn prometeu(&self, arguments: &[&str]) -> Run {
        let mut command = self.by.command(&self.checkout.project, &self.checkout.top.join("cargo-prometeu"));
        Run::of({
            command.arg("--project").arg(&self.checkout.project).args(arguments);
            command
        })
    }

    fn out(&mut self) -> PathBuf {
        self.outs += 1;
        self.checkout.top.join(format!("out{}", self.outs))
    }

    fn pack(&mut self) -> Run {
        let out = self.out();
        self.prometeu(&["pack", "--out", out.to_str().unwrap()])
    }

    fn build(&mut self, script: bool) -> Run {
        let out = self.out();
        let mut command = self.by.command(&self.checkout.project, &self.checkout.top.join("pack"));
        command.args(script.then_some("--script")).args([&self.checkout.project, &out]);
        Run::of(command)
    }
}

impl Drop for Closed {
    /// So that an ordinary user can remove it.
    fn drop(&mut self) {
        set_modes(&self.checkout.project, true);
    }
}

fn mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// Lets everybody read all of it, and the owner write it or not.
fn set_modes(folder: &Path, writable: bool) {
    let write = if writable { 0o200 } else { 0 };
    mode(folder, 0o555 | write);
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        if entry.file_type().unwrap().is_dir() {
            set_modes(&entry.path(), writable);
        } else {
            mode(&entry.path(), 0o444 | write);
        }
    }
}

/// Changes of every kind, which are refused.
fn check_changes(closed: &Closed, name: &str, mut cases: usize) -> usize {
    for command in [
        &["register", "b"][..],
        &["exclude", "a"],
        &["create", "new", "--type", "blob_bank"],
        &["relocate", "a", "z", "--yes"],
    ] {
        let told =
            closed.prometeu(command).code(4).says("cannot be written").says("help: The change was not made.");
        assert!(told.text().contains("/assets/"), "{name}: no path: {told:?}");
        let json = closed.prometeu(&[&["--message-format", "json"], command].concat()).code(4);
        let response: Value = serde_json::from_str(json.stdout.lines().last().unwrap()).unwrap();
        assert_eq!(response["status"], "blocked", "{name}: {response}");
        assert_eq!(response["blockers"][0]["code"], "read-only-project", "{name}: {response}");
        cases += 2;
    }
    cases
}

/// Runs `check` by every means that this machine has; there is none only where it is told.
fn by_every_means(test: &str, prepare: impl Fn(&Checkout), check: impl Fn(&mut Closed, &str) -> usize) {
    let mut cases = 0;
    let mut means = Vec::new();
    for by in By::ALL {
        let Some(mut closed) = Closed::new(by, &prepare) else { continue };
        let before = Listing::of(&closed.checkout.project);
        cases += check(&mut closed, &format!("{by:?}"));
        let changed = before.changed(&Listing::of(&closed.checkout.project));
        assert!(changed.is_empty(), "{by:?}: written: {changed:?}");
        means.push(by);
    }
    if means.is_empty() {
        return skip(test, "neither a mount nor modes keep this user from writing");
    }
    if !means.iter().any(|by| matches!(by, By::Mount | By::UserMount)) {
        skip(test, "this user may mount nothing, so only modes were tried");
    }
    tally(&format!("{test} by {means:?}"), cases, 0);
}

/// Everything that only reads, on a project in which nothing is under way.
fn check_readers(closed: &mut Closed, name: &str) -> usize {
    closed.prometeu(&["list"]).code(0).says("Listed 2 assets");
    closed.prometeu(&["show", "a"]).code(0).says("assets::A");
    closed.prometeu(&["doctor"]).code(0).says("1 asset, nothing wrong");
    closed.pack().code(0).says("Finished");
    closed.build(false).code(0);
    closed.build(true).code(0).says("cargo::rustc-env=");
    check_changes(closed, name, 6)
}

#[test]
fn a_project_that_cannot_be_written_is_read_and_built_and_not_changed() {
    by_every_means("durability, read-only", |_| {}, check_readers);
}

#[test]
fn a_fresh_clone_that_cannot_be_written_is_read_and_built_and_not_changed() {
    let clone = |checkout: &Checkout| fs::remove_dir_all(checkout.path("assets/.prometeu/local")).unwrap();
    by_every_means("durability, a read-only clone", clone, check_readers);
}

#[test]
fn an_interrupted_change_that_cannot_be_settled_is_told_and_read_as_before_it() {
    let interrupt = |checkout: &Checkout| {
        let before = checkout.read(INDEX);
        checkout.ok(&["register", "b"]);
        // Half of it stands, so that the state before is what the journal keeps of it.
        let step = journal::file(INDEX, Some(&before), &checkout.read(INDEX));
        checkout.write(journal::JOURNAL, journal::pending("register `b` as asset 2", &[step]));
    };
    by_every_means("durability, read-only and interrupted", interrupt, |closed, name| {
        let interrupted = "error[journal-unfinished]: a change was interrupted: register `b` as asset 2";
        let why = "where the project can be written; until then the project is read as it was before.";
        let list = closed.prometeu(&["list"]).code(0).says(interrupted).says(why);
        assert!(list.stdout.contains(" -  b "), "{name}: `b` is registered before its time: {list:?}");
        closed.prometeu(&["show", "a"]).code(0).says(interrupted).says(why);
        closed.prometeu(&["doctor"]).code(1).says(interrupted).says(why);
        closed.pack().code(1).says(interrupted).says("Run `cargo prometeu doctor`");
        closed.build(false).code(1).says(interrupted).says("Run `cargo prometeu doctor`");
        closed.build(true).code(0).says("cargo::error=").says("a change was interrupted");
        check_changes(closed, name, 6)
    });
}
