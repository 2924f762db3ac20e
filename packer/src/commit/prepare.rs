//! Making a change ready: every edit finds what its plan expects, and becomes a step with all that is
//! needed to make it and to take it back. A new root is made whole beside the lock. Nothing that
//! anybody looks at is touched.

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;

use super::Prepared;
use super::control::{Check, skips};
use super::journal::{Change, Journal, Move, Number, Step};
use super::place::Place;
use super::settle::Disk;
use super::stage;
use super::standing::tree_of;
use super::sweep::sweep;
use crate::Error;
use crate::digest::Digest;
use crate::lane::Turn;
use crate::mutate::{EditKind, Expected, FileEdit, Plan, Requirement};
use crate::ops::Operation;
use crate::path::AssetPath;
use crate::schema::SourceText;
use crate::storage::{FileKind, read_up_to};

/// Makes a change ready; the path of the first edit that does not find what it expects otherwise. The
/// caller has recovered in this turn, which gave `journal`.
///
/// # Errors
///
/// When the file system refuses; [`Error::Cancelled`]. Nothing was changed.
pub(crate) fn prepare<'a>(
    turn: &'a Turn<'a>,
    journal: Journal,
    plan: &Plan,
) -> Result<Result<Prepared<'a>, PathBuf>, Error> {
    let (storage, layout) = (turn.storage(), turn.layout());
    let disk = Disk { storage, layout };
    let mut trees = BTreeMap::new();
    for Requirement { path, expected } in &plan.requires {
        if !look(disk, path, *expected)?.as_expected {
            return Ok(Err(layout.project().join(path)));
        }
        if let Expected::Tree(tree) = expected {
            trees.insert(path.as_str(), *tree);
        }
    }
    let mut steps = Vec::new();
    let mut new_root: Option<(&FileEdit, stage::Files<'_>)> = None;
    let mut onto_empty = false;
    for edit in &plan.edits {
        if let (Some((root, files)), EditKind::CreateFile(bytes)) = (&mut new_root, &edit.kind)
            && let Some(inside) = edit.path.strip_prefix(&root.path).and_then(|rest| rest.strip_prefix('/'))
        {
            files.push((AssetPath::parse(inside).map_err(|_| misplaced(&edit.path))?, bytes));
            continue;
        }
        let found = look(disk, &edit.path, edit.expected)?;
        if !found.as_expected {
            return Ok(Err(layout.project().join(&edit.path)));
        }
        // What is there now is moved away by a step before.
        let goes =
            steps.iter().any(|step| matches!(step, Step::Move(step) if step.from.to_string() == edit.path));
        match &edit.kind {
            EditKind::CreateFolder if found.kind.is_some() && !goes => {}
            EditKind::CreateFolder => steps.push(Step::Folder { place: folder(edit)?, after: true }),
            EditKind::RemoveFolder if found.kind.is_none() => {}
            EditKind::RemoveFolder => steps.push(Step::Folder { place: folder(edit)?, after: false }),
            EditKind::CreateRoot => {
                new_root = Some((edit, Vec::new()));
                onto_empty = found.kind.is_some();
            }
            EditKind::MoveFolder { from } => {
                let mut tree = trees.get(from.as_str()).copied();
                let from = Place::parse_folder(from).ok_or_else(|| misplaced(&edit.path))?;
                let source = from.path(layout);
                let failed = |error| Error::io("look at", &source, error);
                if !is_there(disk, &from).map_err(failed)? {
                    return Ok(Err(source));
                }
                if matches!(from, Place::Removed(_)) {
                    // It may go back there, if it is still the same by then.
                    tree = Some(tree_of(storage, &source).map_err(failed)?);
                }
                let step = Move {
                    folder: number(disk, &from)?,
                    from,
                    to: folder(edit)?,
                    made: Vec::new(),
                    onto_empty: false,
                    tree,
                };
                if matches!(step.to, Place::Removed(_)) {
                    // Its own name is durable with the journal's, which lies in the same folder.
                    let removed = layout.removed();
                    storage.create_dir(&removed).map_err(|error| Error::io("write", &removed, error))?;
                }
                steps.push(Step::Move(step));
            }
            EditKind::CreateFile(_) | EditKind::ReplaceFile(_) | EditKind::RemoveFile => {
                let place = Place::parse_file(&edit.path).ok_or_else(|| misplaced(&edit.path))?;
                let text =
                    |bytes: &[u8]| String::from_utf8(bytes.to_vec()).map_err(|_| misplaced(&edit.path));
                let before = found.content.as_deref().map(text).transpose()?;
                let after = edit.kind.content().map(text).transpose()?;
                steps.push(Step::File { place, before, after });
            }
        }
    }
    for step in &steps {
        if !step.makes_sense() {
            return Err(misplaced(&step.place().to_string()));
        }
        let reached = step.place().is_reached_without_links(storage, layout);
        let path = step.place().path(layout);
        if !reached.map_err(|error| Error::io("look at", &path, error))? {
            return Ok(Err(path));
        }
    }
    if let Some((edit, files)) = new_root {
        let operation = plan.plan_id.operation_id();
        let made = stage::make(turn, operation, &files).inspect_err(|_| sweep(disk))?;
        let from = Place::Staged(operation);
        let registry = steps.iter().position(|step| matches!(step, Step::File { .. })).unwrap_or(steps.len());
        let folder_number = number(disk, &from)?;
        let to = folder(edit)?;
        let step = Move { from, to, made, onto_empty, folder: folder_number, tree: None };
        steps.insert(registry, Step::Move(step));
    }
    let takes_back = plan.operation == Operation::Undo;
    let change = Box::new(Change { plan_id: plan.plan_id, title: plan.title.clone(), takes_back, steps });
    Ok(Ok(Prepared { turn, disk, journal, change }))
}

/// What stands where an edit is to be made.
struct Look {
    as_expected: bool,
    kind: Option<FileKind>,
    content: Option<Vec<u8>>,
}

fn look(disk: Disk<'_>, path: &str, expected: Expected) -> Result<Look, Error> {
    let path = disk.layout.project().join(path);
    let failed = |error| Error::io("look at", &path, error);
    let kind = disk.kind(&path).map_err(failed)?;
    let content = match kind {
        Some(FileKind::File) => {
            let read = read_up_to(disk.storage, &path, SourceText::LIMIT as u64);
            Some(read.map_err(|error| Error::io("read", &path, error))?.0)
        }
        _ => None,
    };
    let as_expected = match (expected, kind) {
        (Expected::Absent | Expected::FolderOrAbsent | Expected::EmptyOrAbsent, None)
        | (Expected::FolderOrAbsent, Some(FileKind::Folder)) => true,
        (Expected::EmptyOrAbsent, Some(FileKind::Folder)) => {
            disk.storage.walk(&path, &mut |_| false).map_err(failed)?.is_empty()
        }
        (Expected::Content(digest), _) => {
            content.as_deref().is_some_and(|bytes| Digest::of(bytes) == digest || skips(Check::Expected))
        }
        (Expected::Tree(tree), Some(FileKind::Folder)) => {
            tree_of(disk.storage, &path).map_err(failed)? == tree || skips(Check::Expected)
        }
        _ => false,
    };
    Ok(Look { as_expected, kind, content })
}

/// Whether the folder that an edit moves is there, in its own place.
fn is_there(disk: Disk<'_>, from: &Place) -> io::Result<bool> {
    Ok(disk.kind(&from.path(disk.layout))? == Some(FileKind::Folder)
        && from.is_reached_without_links(disk.storage, disk.layout)?)
}

/// What tells the folder at a place from every other one.
fn number(disk: Disk<'_>, place: &Place) -> Result<Option<Number>, Error> {
    let path = place.path(disk.layout);
    let found = disk.storage.stat(&path).map_err(|error| Error::io("look at", path, error))?;
    Ok(found.and_then(Number::of))
}

fn folder(edit: &FileEdit) -> Result<Place, Error> {
    Place::parse_folder(&edit.path).ok_or_else(|| misplaced(&edit.path))
}

/// For an edit that no plan of ours makes.
fn misplaced(path: &str) -> Error {
    let source = io::Error::new(io::ErrorKind::InvalidInput, "no change of the packer writes there");
    Error::io("write", path, source)
}
