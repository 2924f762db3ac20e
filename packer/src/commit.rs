//! Applying a plan: every edit durable, the registry last.
//!
//! First all expectations are checked, then nothing was done; then the edits are made in order, each
//! of them whole after a crash and durable before the next. So a crash leaves the state before, or an
//! empty folder, or a root that nobody has registered yet (its declaration is written before its
//! inputs), or the state after. An edit that fails takes back what the plan created before it.
//!
//! # Where the guarantee stops
//!
//! Several files are not one step yet: a crash between them leaves the first ones. An edit that
//! somebody else makes between the check and the rename is overwritten; both are for the journal.

use std::path::{Path, PathBuf};

use crate::Error;
use crate::digest::Digest;
use crate::mutate::{EditKind, Expected, FileEdit, Plan};
use crate::schema::SourceText;
use crate::storage::{FileKind, Rename, Stat, Storage, read_up_to, replace_durably};
use crate::workspace::layout::temporary_name;

/// Whether every edit of the plan finds what it expects; the first that does not.
///
/// # Errors
///
/// When a file cannot be looked at.
pub(crate) fn check(
    storage: &dyn Storage,
    project: &Path,
    plan: &Plan,
) -> Result<Result<(), PathBuf>, Error> {
    for edit in &plan.edits {
        let path = project.join(&edit.path);
        let found = storage.stat(&path).map_err(|error| Error::io("look at", &path, error))?;
        let as_expected = match (edit.expected, found) {
            (Expected::Absent | Expected::FolderOrAbsent | Expected::EmptyOrAbsent, None) => true,
            (Expected::FolderOrAbsent | Expected::EmptyOrAbsent, Some(Stat { kind, .. })) => {
                kind == FileKind::Folder
            }
            (Expected::Content(digest), Some(Stat { kind: FileKind::File, .. })) => {
                let (bytes, _) = read_up_to(storage, &path, SourceText::LIMIT as u64)
                    .map_err(|error| Error::io("read", &path, error))?;
                Digest::of(&bytes) == digest
            }
            _ => false,
        };
        if !as_expected {
            return Ok(Err(path));
        }
    }
    Ok(Ok(()))
}

/// Makes the edits. The caller holds the project's lock and has checked the plan under it.
///
/// # Errors
///
/// At the first edit that cannot be made. What was created before it is gone again; a file that was
/// replaced keeps its new content. [`Error::Indeterminate`] when a file was replaced and nobody knows
/// whether the power may fail now.
pub(crate) fn apply(storage: &dyn Storage, project: &Path, plan: &Plan) -> Result<(), Error> {
    let mut created: Vec<PathBuf> = Vec::new();
    for edit in &plan.edits {
        let path = project.join(&edit.path);
        // A folder that was there before is not ours to take back.
        let is_new = matches!(storage.stat(&path), Ok(None));
        if is_new {
            created.push(path.clone());
        }
        if let Err(source) = make(storage, project, &path, edit, plan) {
            if !is_new && has_new_content(storage, &path, edit) {
                // It names what was created: taking that back would break it.
                return Err(Error::Indeterminate { path, source });
            }
            for path in created.iter().rev() {
                // The first error is the one to tell.
                drop(storage.remove(path));
            }
            return Err(Error::io("write", &path, source));
        }
    }
    Ok(())
}

/// Whether a replaced file is there as it should be, and only its being durable is in doubt.
fn has_new_content(storage: &dyn Storage, path: &Path, edit: &FileEdit) -> bool {
    let EditKind::ReplaceFile(bytes) = &edit.kind else { return false };
    read_up_to(storage, path, SourceText::LIMIT as u64).is_ok_and(|(there, _)| there == *bytes)
}

fn make(
    storage: &dyn Storage,
    project: &Path,
    path: &Path,
    edit: &FileEdit,
    plan: &Plan,
) -> std::io::Result<()> {
    match &edit.kind {
        EditKind::MoveFolder { from } => storage.rename(&project.join(from), path, Rename::New),
        EditKind::CreateFolder | EditKind::CreateRoot => {
            storage.create_dir(path)?;
            path.parent().map_or(Ok(()), |parent| storage.sync(parent))
        }
        EditKind::CreateFile(bytes) | EditKind::ReplaceFile(bytes) => {
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or("file");
            replace_durably(storage, path, &temporary_name(name, plan.plan_id.operation_id()), bytes)
        }
    }
}
