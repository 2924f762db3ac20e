//! What somebody does to a project with their own tools, as one line each.
//!
//! | line | does |
//! | --- | --- |
//! | `move A B`, `swap A B`, `copy A B` | with a file or a folder; folders on the way are made |
//! | `delete A`, `folder A` | |
//! | `write A TEXT`, `replace A OLD => NEW` | a file; `\n` is a line end |
//! | `fill A N` | a file with so many bytes |
//! | `uuid A B`, `no-uuid A` | gives the declaration of A the uuid of B's, or none |
//! | `link A B` | makes A a link to B, as it is written |
//! | `forbid A` | takes the permission to read it away |
//! | `age A` | gives every file in A the times of twenty years ago |
//! | `backup A`, `restore A` | copies it elsewhere with its times, and back over what is there |
//! | `git WORDS`, `prometeu WORDS` | |
//! | `look around` | whoever watches reads everything again |
//!
//! A path is relative to `assets/`, or to the project when it begins with `./`.

use std::fs::{self, File, FileTimes};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, SystemTime};

use super::super::harness::Place;

/// A project to do things to.
pub(super) struct Ground(Place);

/// Why a situation cannot be made on this machine.
#[derive(Debug)]
pub(super) struct Skipped(pub(super) String);

impl Ground {
    /// Four blobs: `1 ui/atlas`, `2 ui/font`, `3 sfx/jump`, and `4 old/logo`, which builds leave out.
    pub(super) fn new() -> Self {
        let place = Place::blobs(&["ui/atlas", "ui/font", "sfx/jump", "old/logo"]);
        place.ok(&["exclude", "old/logo"]);
        for root in ["ui/atlas", "ui/font", "sfx/jump", "old/logo"] {
            // So that no two are of one content.
            place.write(&format!("assets/{root}/data.txt"), root);
        }
        Self(place)
    }

    pub(super) fn project(&self) -> PathBuf {
        self.0.path("")
    }

    /// The same once more.
    pub(super) fn copy(&self) -> Self {
        let place = Place::empty();
        copy(&self.project().join("assets"), &place.path("assets"));
        Self(place)
    }

    fn at(&self, path: &str) -> PathBuf {
        match path.strip_prefix("./") {
            Some(path) => self.project().join(path),
            None => self.project().join("assets").join(path),
        }
    }

    pub(super) fn does(&self, step: &str) -> Result<(), Skipped> {
        let (verb, rest) = step.split_once(' ').unwrap();
        let (one, two) = rest.split_once(' ').map_or((rest, ""), |(one, two)| (one, two));
        let (a, b) = (self.at(one), self.at(two));
        let text = two.replace("\\n", "\n");
        match verb {
            "move" => {
                fs::create_dir_all(b.parent().unwrap()).unwrap();
                fs::rename(&a, &b).unwrap();
            }
            "swap" => {
                let aside = self.project().join("aside");
                fs::rename(&a, &aside).unwrap();
                fs::rename(&b, &a).unwrap();
                fs::rename(&aside, &b).unwrap();
            }
            "copy" => copy(&a, &b),
            "delete" if a.is_dir() => fs::remove_dir_all(&a).unwrap(),
            "delete" => fs::remove_file(&a).unwrap(),
            "folder" => fs::create_dir_all(&a).unwrap(),
            "fill" => fs::write(&a, "x".repeat(two.parse().unwrap())).unwrap(),
            "write" => {
                fs::create_dir_all(a.parent().unwrap()).unwrap();
                fs::write(&a, text).unwrap();
            }
            "replace" => {
                let (old, new) = text.split_once(" => ").unwrap();
                let before = fs::read_to_string(&a).unwrap();
                assert!(before.contains(old), "{step}:\n{before}");
                fs::write(&a, before.replacen(old, new, 1)).unwrap();
            }
            "uuid" => {
                let text = fs::read_to_string(a.join("asset.json")).unwrap();
                let other = uuid(&fs::read_to_string(b.join("asset.json")).unwrap());
                fs::write(a.join("asset.json"), text.replace(&uuid(&text), &other)).unwrap();
            }
            "no-uuid" => {
                let text = fs::read_to_string(a.join("asset.json")).unwrap();
                let rest = text.lines().filter(|line| !line.contains("asset_uuid"));
                fs::write(a.join("asset.json"), rest.collect::<Vec<_>>().join("\n")).unwrap();
            }
            "link" => link(Path::new(two), &a)?,
            "forbid" => forbid(&a)?,
            "age" => age(&a),
            "backup" => self.backup(&a),
            "restore" => self.restore(&a),
            "git" => self.git(rest)?,
            "prometeu" => drop(self.0.ok(&rest.split(' ').collect::<Vec<_>>())),
            verb => panic!("nobody knows how to {verb}"),
        }
        Ok(())
    }

    fn backup(&self, what: &Path) {
        copy_with_times(what, &self.project().join("backup"));
    }

    fn restore(&self, what: &Path) {
        copy_with_times(&self.project().join("backup"), what);
    }

    fn git(&self, words: &str) -> Result<(), Skipped> {
        let settings = ["-c", "user.name=a", "-c", "user.email=a@b", "-c", "init.defaultBranch=main"];
        let mut git = Command::new("git");
        git.current_dir(self.project()).args(settings).args(words.split(' '));
        git.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
        // A merge that leaves conflicts ends with 1.
        match git.output() {
            Ok(output) if output.status.code().is_some_and(|code| code <= 1) => Ok(()),
            Ok(output) => panic!("git {words}: {output:?}"),
            Err(_) => Err(Skipped("there is no `git` here".to_owned())),
        }
    }
}

impl Drop for Ground {
    fn drop(&mut self) {
        // What may not be read cannot be deleted with the folder that it lies in.
        allow(&self.project().join("assets"));
    }
}

/// The uuid in the text of a declaration.
fn uuid(declaration: &str) -> String {
    let (_, rest) = declaration.split_once("\"asset_uuid\"").unwrap();
    rest.split('"').nth(1).unwrap().to_owned()
}

fn copy(from: &Path, to: &Path) {
    if from.symlink_metadata().unwrap().is_symlink() {
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        return drop(link(&fs::read_link(from).unwrap(), to));
    }
    if !from.is_dir() {
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        if fs::copy(from, to).is_err() {
            fs::write(to, "").unwrap();
            drop(forbid(to));
        }
        return;
    }
    // Before the copy is there: it may lie in what is copied.
    let entries = fs::read_dir(from).map(|entries| entries.map(Result::unwrap).collect::<Vec<_>>());
    fs::create_dir_all(to).unwrap();
    let Ok(entries) = entries else { return drop(forbid(to)) };
    entries.iter().for_each(|entry| copy(&entry.path(), &to.join(entry.file_name())));
}

fn copy_with_times(from: &Path, to: &Path) {
    if from.is_dir() {
        fs::create_dir_all(to).unwrap();
        for entry in fs::read_dir(from).unwrap() {
            let entry = entry.unwrap();
            copy_with_times(&entry.path(), &to.join(entry.file_name()));
        }
        return;
    }
    fs::copy(from, to).unwrap();
    let modified = fs::metadata(from).unwrap().modified().unwrap();
    File::options().write(true).open(to).unwrap().set_modified(modified).unwrap();
}

fn age(what: &Path) {
    if what.is_dir() {
        fs::read_dir(what).unwrap().for_each(|entry| age(&entry.unwrap().path()));
        return;
    }
    let then = SystemTime::now() - Duration::from_secs(20 * 365 * 24 * 3600);
    File::options().write(true).open(what).unwrap().set_times(FileTimes::new().set_modified(then)).unwrap();
}

#[cfg(unix)]
fn link(to: &Path, at: &Path) -> Result<(), Skipped> {
    std::os::unix::fs::symlink(to, at).unwrap();
    Ok(())
}

#[cfg(not(unix))]
fn link(_: &Path, _: &Path) -> Result<(), Skipped> {
    Err(Skipped("not everybody may make links here".to_owned()))
}

#[cfg(unix)]
fn forbid(what: &Path) -> Result<(), Skipped> {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(what, fs::Permissions::from_mode(0o000)).unwrap();
    if fs::read_dir(what).is_ok() || File::open(what).is_ok() {
        return Err(Skipped("permissions do not bind this user".to_owned()));
    }
    Ok(())
}

#[cfg(not(unix))]
fn forbid(_: &Path) -> Result<(), Skipped> {
    Err(Skipped("permissions are something else here".to_owned()))
}

#[cfg(unix)]
fn allow(folder: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    let Ok(metadata) = folder.symlink_metadata() else { return };
    if metadata.is_dir() {
        if fs::read_dir(folder).is_err() {
            drop(fs::set_permissions(folder, fs::Permissions::from_mode(0o755)));
        }
        fs::read_dir(folder).into_iter().flatten().flatten().for_each(|entry| allow(&entry.path()));
    }
}

#[cfg(not(unix))]
fn allow(_: &Path) {}
