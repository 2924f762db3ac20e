//! A project as it was at a revision: git is asked to write its `assets/` into a temporary folder, as a
//! checkout would, through the filters that the repository asks for.
//!
//! Neither the work tree nor the index is touched: git gets a work tree and an index of its own.

use std::ffi::OsStr;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use prometeu_packer::Error;
use prometeu_packer::ops::{Blocker, BlockerCode};

use crate::printer::display_path;

/// A tree of git, or why there is none.
pub(super) enum Resolved {
    /// By the name that git has for it.
    Tree(String),
    /// Git knows no such revision, or does not look: with its words, where it has any.
    Unknown(Option<String>),
}

/// The tree that a revision names.
///
/// # Errors
///
/// When git cannot be run.
pub(super) fn resolve(project: &Path, revision: &str) -> Result<Resolved, Blocker> {
    let tree = format!("{revision}^{{tree}}");
    let mut git = git(project);
    let output = git.args(["rev-parse", "--verify", "--quiet", "--end-of-options", &tree]).output();
    let output = output.map_err(|error| {
        Blocker::new(BlockerCode::InvalidArgument, format!("git cannot be asked for `{revision}`: {error}"))
            .help("Install git, or name packs and folders.")
    })?;
    let name = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    // The flag that ends options comes back on some versions.
    let name = name.lines().last().unwrap_or_default().to_owned();
    if output.status.success() && !name.is_empty() {
        return Ok(Resolved::Tree(name));
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let said = said.trim();
    Ok(Resolved::Unknown((!said.is_empty()).then(|| said.to_owned())))
}

/// Where the project lies in its repository: nothing, or a path that ends with `/`.
pub(super) fn prefix(project: &Path) -> String {
    let said = output(git(project).args(["rev-parse", "--show-prefix"]), None).unwrap_or_default();
    String::from_utf8_lossy(said.strip_suffix(b"\n").unwrap_or(&said)).into_owned()
}

/// Writes the assets of that tree into `scratch`, and yields the folder of the project in it.
///
/// Git is given a work tree of its own there, so that the revision's own attributes say what becomes of its
/// line ends and which filters it goes through, and not those of the work tree as it is.
///
/// # Errors
///
/// When the revision has no assets, or git fails.
pub(super) fn check_out(
    project: &Path,
    revision: &str,
    tree: &str,
    scratch: &Path,
) -> Result<PathBuf, Blocker> {
    let (index, to) = (scratch.join("index"), scratch.join("tree"));
    std::fs::create_dir(&to).map_err(|error| Blocker::from(&Error::io("create", &to, error)))?;
    let failed = |what: &str, why: &str| {
        Blocker::new(BlockerCode::IoError, format!("git did not {what} `{revision}`: {}", first_line(why)))
    };
    let run = |mut git: Command, arguments: &[&OsStr], input: Option<&[u8]>, what: &str| {
        git.env("GIT_INDEX_FILE", &index).args(arguments);
        output(&mut git, input).map_err(|why| failed(what, &why))
    };
    let words =
        |words: &[&'static str]| -> Vec<&'static OsStr> { words.iter().copied().map(OsStr::new).collect() };
    let mut arguments = words(&["read-tree"]);
    arguments.push(OsStr::new(tree));
    run(git(project), &arguments, None, "read")?;
    let files = run(git(project), &words(&["ls-files", "-z", "--full-name", "--", "assets"]), None, "list")?;
    if files.is_empty() {
        let message = format!("`{revision}` has no `assets/` in `{}`", display_path(project));
        let help = "Name a revision that has some; `git log -- assets` shows which ones changed them.";
        return Err(Blocker::new(BlockerCode::InvalidArgument, message).help(help));
    }
    let own =
        run(git(project), &words(&["rev-parse", "--absolute-git-dir"]), None, "find the repository of")?;
    let own = String::from_utf8_lossy(own.strip_suffix(b"\n").unwrap_or(&own)).into_owned();
    let mut elsewhere = git(&to);
    elsewhere.arg("--git-dir").arg(&own).arg("--work-tree").arg(&to);
    let arguments = words(&["checkout-index", "--quiet", "--force", "-z", "--stdin"]);
    run(elsewhere, &arguments, Some(&files), "write")?;
    Ok(to.join(prefix(project).trim_end_matches('/')))
}

/// What went wrong, without how bad git thinks it is.
pub(super) fn first_line(said: &str) -> &str {
    let line = said.lines().next().unwrap_or_default();
    ["fatal: ", "error: "].into_iter().find_map(|word| line.strip_prefix(word)).unwrap_or(line)
}

/// The command that git itself says would help.
pub(super) fn advised(said: &str) -> Option<&str> {
    said.lines().map(str::trim).find(|line| line.starts_with("git "))
}

/// Git in the folder of the project, without anything that would make it write there.
fn git(project: &Path) -> Command {
    let mut git = Command::new("git");
    git.current_dir(project).env("GIT_OPTIONAL_LOCKS", "0").args(["-c", "core.fsmonitor=false"]);
    git.args(["-c", "core.splitIndex=false", "-c", "core.sparseCheckout=false"]);
    git
}

/// What git prints, or what it says went wrong.
fn output(git: &mut Command, input: Option<&[u8]>) -> Result<Vec<u8>, String> {
    let stdin = if input.is_some() { Stdio::piped() } else { Stdio::null() };
    let child = git.stdin(stdin).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut child = child.map_err(|error| error.to_string())?;
    let stdin = child.stdin.take();
    // Filters print while they are fed: who only writes and reads later may wait for ever.
    let output = std::thread::scope(|scope| {
        if let (Some(input), Some(mut stdin)) = (input, stdin) {
            // Where it ends early it says why.
            scope.spawn(move || drop(stdin.write_all(input)));
        }
        child.wait_with_output().map_err(|error| error.to_string())
    })?;
    if output.status.success() {
        Ok(output.stdout)
    } else {
        Err(String::from_utf8_lossy(&output.stderr).into_owned())
    }
}
