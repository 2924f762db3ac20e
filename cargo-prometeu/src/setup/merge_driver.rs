//! The driver by which git merges the registry: an attribute, which is versioned with the project, and its
//! command in the configuration of each clone, which is not.
//!
//! A clone that has the one without the other merges the registry line by line, as any text; nothing breaks.
//! Nor does it where the command is not there, or too old, when git calls it: a driver that fails leaves our
//! side as it is, without a marker, so that the other side's work would be lost unseen. A driver that somebody
//! configured, wherever git looks, stays.

use std::path::Path;
use std::process::Command;

use prometeu_packer::ops::Blocker;
use prometeu_packer::workspace::layout::REGISTRY_FILE;

use super::draft::Drafts;

/// What the attribute is called.
pub(super) const ATTRIBUTE: &str = "assets/.prometeu/index.json merge=prometeu";

/// Its command, in git's configuration.
const KEY: &str = "merge.prometeu.driver";

/// What is added to the configuration. Two codes are an answer of ours about a merge: 0, and the one that is asked for
/// here. With 1 ends what else may stand between git and us, such as a `cargo` whose toolchain is not installed.
const SECTION: &str = r#"[merge "prometeu"]
	name = registries of assets, entry by entry
	driver = "cargo prometeu merge-driver %O %A %B %P --marker-size=%L --label-ours=%X --label-theirs=%Y --conflict-code=10; case $? in 0) exit 0;; 10) exit 1;; esac; echo 'the registry is merged line by line' >&2; git merge-file --marker-size=%L %A %O %B"
"#;

/// Drafts what the configuration of this clone lacks.
pub(super) fn plan(drafts: &mut Drafts, folder: &Path) -> Result<(), Blocker> {
    if !is_unknown(folder) {
        return Ok(());
    }
    // As seen from the folder, and in a linked worktree the one that all share.
    let Some(Answer::Said(path)) = ask(folder, &["rev-parse", "--git-path", "config"]) else { return Ok(()) };
    // One that cannot be read as text, as of an old clone, is no reason to refuse the rest: `doctor` says what is
    // missing.
    let Ok(text) = drafts.read(&path) else { return Ok(()) };
    let mut text = text.unwrap_or_default();
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    let what = "git merges registries entry by entry, in this clone".to_owned();
    drafts.write(&path, text + SECTION, vec![what])
}

/// Whether this is a clone in which git does not know the driver that the project's attributes name.
pub(crate) fn is_missing(folder: &Path) -> bool {
    let attribute = ask(folder, &["check-attr", "merge", "--", REGISTRY_FILE]);
    let names_it = |said: &Answer| matches!(said, Answer::Said(said) if said.ends_with(": merge: prometeu"));
    attribute.as_ref().is_some_and(names_it) && is_unknown(folder)
}

/// Whether `folder` is in a repository whose git knows no driver of that name.
fn is_unknown(folder: &Path) -> bool {
    ask(folder, &["rev-parse", "--git-dir"]).is_some_and(|answer| answer != Answer::No)
        && ask(folder, &["config", "--get", KEY]) == Some(Answer::No)
}

/// What git answers.
#[derive(Debug, PartialEq, Eq)]
enum Answer {
    /// One line.
    Said(String),
    No,
}

/// Asks git in `folder`; `None` where it is not installed.
fn ask(folder: &Path, arguments: &[&str]) -> Option<Answer> {
    let output = Command::new("git").args(arguments).current_dir(folder).output().ok()?;
    if !output.status.success() {
        return Some(Answer::No);
    }
    let said = String::from_utf8(output.stdout).ok()?;
    Some(Answer::Said(said.trim_end_matches(['\r', '\n']).to_owned()))
}
