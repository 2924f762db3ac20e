//! A project as it was at a revision: git is asked to write its `assets/` into a temporary folder, as a
//! checkout would, through the filters that the repository asks for.
//!
//! Neither the work tree nor the index is touched: git gets an index of its own, beside the folder.

use std::ffi::OsStr;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use prometeu_packer::ops::{Blocker, BlockerCode};
use tempfile::TempDir;

use crate::printer::display_path;

/// The tree that a revision names, as git writes it; `None` when it names none, or there is no repository.
pub(super) fn resolve(project: &Path, revision: &str) -> Result<Option<String>, Blocker> {
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
    Ok((output.status.success() && !name.is_empty()).then_some(name))
}

/// Writes the assets of that tree into `temporary`, and yields the folder of the project in it.
pub(super) fn check_out(
    project: &Path,
    revision: &str,
    tree: &str,
    temporary: &TempDir,
) -> Result<PathBuf, Blocker> {
    let index = temporary.path().join("index");
    let to = temporary.path().join("tree");
    let failed = |what: &str, why: &str| {
        let why = why.lines().next().unwrap_or_default().trim_start_matches("fatal: ");
        Blocker::new(BlockerCode::IoError, format!("git did not {what} `{revision}`: {why}"))
    };
    let run = |arguments: &[&OsStr], input: Option<&[u8]>, what: &str| {
        let mut git = git(project);
        git.env("GIT_INDEX_FILE", &index).args(arguments);
        output(&mut git, input).map_err(|why| failed(what, &why))
    };
    let words =
        |words: &[&'static str]| -> Vec<&'static OsStr> { words.iter().copied().map(OsStr::new).collect() };
    let mut arguments = words(&["read-tree"]);
    arguments.push(OsStr::new(tree));
    run(&arguments, None, "read")?;
    let files = run(&words(&["ls-files", "-z", "--", "assets"]), None, "list")?;
    if files.is_empty() {
        let message = format!("`{revision}` has no `assets/` in `{}`", display_path(project));
        let help = "Name a revision that has some; `git log -- assets` shows which ones changed them.";
        return Err(Blocker::new(BlockerCode::InvalidArgument, message).help(help));
    }
    let mut prefix = OsStr::new("--prefix=").to_os_string();
    prefix.push(&to);
    prefix.push("/");
    let mut arguments = words(&["checkout-index", "--quiet", "--force", "-z", "--stdin"]);
    arguments.push(&prefix);
    run(&arguments, Some(&files), "write")?;
    let inside = run(&words(&["rev-parse", "--show-prefix"]), None, "place")?;
    let inside = inside.strip_suffix(b"\n").unwrap_or(&inside);
    Ok(to.join(String::from_utf8_lossy(inside).trim_end_matches('/')))
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
    if let (Some(input), Some(mut stdin)) = (input, child.stdin.take()) {
        // It prints nothing before it has read all; where it ends early it says why.
        drop(stdin.write_all(input));
    }
    let output = child.wait_with_output().map_err(|error| error.to_string())?;
    if output.status.success() {
        Ok(output.stdout)
    } else {
        Err(String::from_utf8_lossy(&output.stderr).into_owned())
    }
}
