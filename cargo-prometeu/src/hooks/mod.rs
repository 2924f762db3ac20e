//! The hook that looks at assets before a commit: where it goes, and what is there already.
//!
//! Git says where hooks are, so that worktrees and `core.hooksPath` are as they should be. A hook that is
//! there stays: it is moved beside ours, which calls it first, and `uninstall` moves it back, whatever it
//! is. Where another program manages the hooks, nothing is written: it would write over ours, or we over
//! its own; what to tell that program is in the [`Refusal`].
//!
//! Not here: what a repository's history or other hooks hold.

mod manager;

use std::fs;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;

use prometeu_packer::Error;
use prometeu_packer::ops::{Blocker, BlockerCode};

use crate::project;
use manager::Manager;

/// The hook, as it is written.
pub(crate) const HOOK: &str = include_str!("pre-commit");

/// What tells ours from others.
const MARK: &str = "# prometeu-hook ";

/// The name that a hook has beside ours which was there before.
const BEFORE: &str = "pre-commit.before-prometeu";

/// The hook of one repository.
#[derive(Debug)]
pub(crate) struct Hook {
    /// Where git looks for it.
    pub(crate) path: PathBuf,
    found: Option<Vec<u8>>,
    before: bool,
}

/// Why nothing is installed.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) blocker: Blocker,
    /// What to add to another program's file, where one looks after the hooks.
    pub(crate) lines: Option<&'static str>,
}

/// One thing to do, in this order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Step {
    Move {
        from: PathBuf,
        to: PathBuf,
    },
    /// Ours, over whatever is there.
    Write(PathBuf),
    Remove(PathBuf),
}

impl Hook {
    /// Looks at the repository around `folder`.
    ///
    /// # Errors
    ///
    /// When there is none, git is not there, or the hook cannot be read.
    pub(crate) fn find(folder: &Path) -> Result<Self, Blocker> {
        let hooks = git(folder, &["rev-parse", "--git-path", "hooks"])?;
        // Git answers as seen from where this folder really is.
        let real = folder.canonicalize().unwrap_or_else(|_| folder.to_path_buf());
        let from = if hooks.starts_with("..") { &real } else { folder };
        let path = project::without_dots(&from.join(hooks)).join("pre-commit");
        let found = match fs::read(&path) {
            Ok(bytes) => Some(bytes),
            // A link that leads nowhere is something of a person's all the same.
            Err(error) if error.kind() == ErrorKind::NotFound && path.is_symlink() => Some(Vec::new()),
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            Err(error) => return Err(Blocker::from(&Error::io("read", &path, error))),
        };
        let before = path.with_file_name(BEFORE).symlink_metadata().is_ok();
        Ok(Self { path, found, before })
    }

    /// What has to be done for it to be there; nothing when it is.
    ///
    /// # Errors
    ///
    /// When another program manages the hooks, or two hooks would have one name.
    pub(crate) fn install(&self) -> Result<Vec<Step>, Refusal> {
        let write = Step::Write(self.path.clone());
        match &self.found {
            Some(found) if found == HOOK.as_bytes() => Ok(Vec::new()),
            Some(found) if is_ours(found) => Ok(vec![write]),
            Some(found) => {
                if let Some(manager) = Manager::of(&self.path, Some(found)) {
                    return Err(manager.refusal(&self.path));
                }
                if self.before {
                    let message = "there is a hook, and another one that was there before ours".to_owned();
                    let help = format!("Make one of `pre-commit` and `{BEFORE}`, and run this again.");
                    return Err(Refusal { blocker: refused(message, help, &self.path), lines: None });
                }
                let to = self.path.with_file_name(BEFORE);
                Ok(vec![Step::Move { from: self.path.clone(), to }, write])
            }
            None => match Manager::of(&self.path, None) {
                Some(manager) => Err(manager.refusal(&self.path)),
                None => Ok(vec![write]),
            },
        }
    }

    /// What has to be done for it to be gone; nothing when it is.
    pub(crate) fn uninstall(&self) -> Vec<Step> {
        let before = self.path.with_file_name(BEFORE);
        match &self.found {
            Some(found) if is_ours(found) && self.before => {
                vec![Step::Move { from: before, to: self.path.clone() }]
            }
            Some(found) if is_ours(found) => vec![Step::Remove(self.path.clone())],
            // Ours was removed by hand: what it called has its name back.
            None if self.before => vec![Step::Move { from: before, to: self.path.clone() }],
            _ => Vec::new(),
        }
    }

    /// Does it, when what was found is still there.
    ///
    /// # Errors
    ///
    /// When it is not, or the file system fails. A step that was done stays, and the next run goes on.
    pub(crate) fn apply(&self, steps: &[Step]) -> Result<(), Error> {
        if fs::read(&self.path).ok().unwrap_or_default() != self.found.clone().unwrap_or_default() {
            return Err(Error::EditConflict { path: self.path.clone() });
        }
        for step in steps {
            match step {
                Step::Move { from, to } => {
                    fs::rename(from, to).map_err(|error| Error::io("move", from, error))?;
                }
                Step::Remove(path) => {
                    fs::remove_file(path).map_err(|error| Error::io("remove", path, error))?;
                }
                Step::Write(path) => write(path).map_err(|error| Error::io("write", path, error))?,
            }
        }
        Ok(())
    }
}

/// Writes ours, which git can run from the moment that it is there.
fn write(path: &Path) -> std::io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let temporary = folder.join(format!(".pre-commit.{}", std::process::id()));
    let written = fs::File::create(&temporary).and_then(|mut file| {
        file.write_all(HOOK.as_bytes())?;
        #[cfg(unix)]
        file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o755))?;
        file.sync_all()
    });
    written.and_then(|()| fs::rename(&temporary, path)).inspect_err(|_| {
        // What could not be put in place is of no use.
        drop(fs::remove_file(&temporary));
    })
}

fn is_ours(text: &[u8]) -> bool {
    text.split(|byte| *byte == b'\n').any(|line| line.starts_with(MARK.as_bytes()))
}

fn refused(message: String, help: String, path: &Path) -> Blocker {
    Blocker::new(BlockerCode::InvalidArgument, message).help(help).at(path.display().to_string())
}

/// What git answers, a path.
fn git(folder: &Path, arguments: &[&str]) -> Result<PathBuf, Blocker> {
    let output = Command::new("git").args(arguments).current_dir(folder).output();
    let (message, help) = match output {
        Ok(output) if output.status.success() => {
            let line = output.stdout.strip_suffix(b"\n").unwrap_or(&output.stdout);
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            return Ok(path_of(line));
        }
        Ok(output) => {
            let said = String::from_utf8_lossy(&output.stderr);
            let said = said.lines().next().unwrap_or_default().trim_start_matches("fatal: ").to_owned();
            (format!("git knows of no hooks here: {said}"), "Run this in a repository of git.")
        }
        Err(error) => {
            (format!("git cannot be asked where hooks are: {error}"), "Install git, and run this again.")
        }
    };
    Err(Blocker::new(BlockerCode::InvalidArgument, message).help(help))
}

#[cfg(unix)]
fn path_of(bytes: &[u8]) -> PathBuf {
    use std::os::unix::ffi::OsStrExt as _;
    std::ffi::OsStr::from_bytes(bytes).into()
}

#[cfg(not(unix))]
fn path_of(bytes: &[u8]) -> PathBuf {
    String::from_utf8_lossy(bytes).into_owned().into()
}
