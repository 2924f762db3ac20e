//! How the steps of a change are found: as before it, as after it, or foreign.
//!
//! Only looking, so that a reader without the right to write can ask as well.

use std::io;
use std::path::Path;

use super::control::{Check, skips};
use super::journal::{Move, Number, Step};
use super::place::Place;
use crate::Error;
use crate::digest::{Digest, Hasher};
use crate::schema::SourceText;
use crate::storage::{FileKind, Source, Stamp, Stat, is_absent, read_up_to};
use crate::workspace::Layout;

/// Who looks, and where.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Eyes<'a> {
    pub(crate) source: &'a dyn Source,
    pub(crate) layout: &'a Layout,
}

/// How a step is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// As it was before the change.
    Before,
    /// As the change wants it.
    After,
    /// Neither: somebody else wrote there.
    Foreign,
}

/// What stands at a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Content {
    Nothing,
    /// A file's bytes; of one that is longer than any of ours, the first.
    File(Vec<u8>),
    /// A folder, a link.
    Other,
}

impl Content {
    pub(super) fn is(&self, text: Option<&str>) -> bool {
        match (self, text) {
            (Self::Nothing, None) => true,
            (Self::File(bytes), Some(text)) => bytes == text.as_bytes(),
            _ => false,
        }
    }
}

impl Step {
    /// The place that it changes.
    pub(crate) const fn place(&self) -> &Place {
        match self {
            Self::Folder { place, .. } | Self::File { place, .. } | Self::Move(Move { to: place, .. }) => {
                place
            }
        }
    }
}

impl Eyes<'_> {
    /// How a step is found.
    pub(crate) fn standing(self, step: &Step) -> Result<Standing, Error> {
        let path = step.place().path(self.layout);
        let look = || {
            if !step.place().is_reached_without_links(self.source, self.layout)? {
                return Ok(Standing::Foreign);
            }
            match step {
                Step::Folder { after, .. } => Ok(match self.kind(&path)? {
                    None if *after => Standing::Before,
                    Some(FileKind::Folder) if !*after => Standing::Before,
                    None | Some(FileKind::Folder) => Standing::After,
                    Some(_) => Standing::Foreign,
                }),
                Step::Move(step) => self.standing_of_move(step, &path),
                Step::File { before, after, .. } => {
                    let found = self.content(&path)?;
                    Ok(if found.is(after.as_deref()) {
                        Standing::After
                    } else if found.is(before.as_deref()) || skips(Check::Standing) {
                        Standing::Before
                    } else {
                        Standing::Foreign
                    })
                }
            }
        };
        look().map_err(|error| Error::io("look at", &path, error))
    }

    fn standing_of_move(self, step: &Move, to: &Path) -> io::Result<Standing> {
        if !step.from.is_reached_without_links(self.source, self.layout)? {
            return Ok(Standing::Foreign);
        }
        let there = self.source.stat(to)?;
        let is_it = there.is_some() && there.and_then(Number::of) == step.folder && step.folder.is_some();
        let is_folder = |kind| kind == Some(FileKind::Folder);
        let from_path = step.from.path(self.layout);
        let (from, to_kind) = (self.kind(&from_path)?, there.map(|stat| stat.kind));
        Ok(match (is_folder(from), is_folder(to_kind)) {
            (true, false) if to_kind.is_none() => {
                // What comes back from where roots are removed to comes back as it is.
                if matches!(step.from, Place::Removed(_)) || self.holds(&from_path, step.tree)? {
                    Standing::Before
                } else {
                    Standing::Foreign
                }
            }
            (_, true) if is_it => Standing::After,
            (from, true) if step.onto_empty && self.is_empty(to)? => {
                // An empty folder is no root that was made; it may have been there before.
                if from { Standing::Before } else { Standing::Foreign }
            }
            (false, true) if from.is_none() => Standing::After,
            _ => Standing::Foreign,
        })
    }

    /// Whether a folder holds what it must hold to be moved.
    pub(super) fn holds(self, folder: &Path, tree: Option<Digest>) -> io::Result<bool> {
        let Some(tree) = tree else { return Ok(true) };
        match tree_of(self.source, folder) {
            // It went between two looks.
            Err(error) if is_absent(&error) => Ok(false),
            found => Ok(found? == tree || skips(Check::Tree)),
        }
    }

    pub(super) fn kind(self, path: &Path) -> io::Result<Option<FileKind>> {
        Ok(self.source.stat(path)?.map(|stat| stat.kind))
    }

    pub(super) fn is_empty(self, folder: &Path) -> io::Result<bool> {
        match self.source.walk(folder, &mut |_| false) {
            // It went between two looks.
            Err(error) if is_absent(&error) => Ok(false),
            entries => Ok(entries?.is_empty()),
        }
    }

    pub(super) fn content(self, path: &Path) -> io::Result<Content> {
        match self.kind(path)? {
            None => return Ok(Content::Nothing),
            Some(FileKind::File) => {}
            Some(_) => return Ok(Content::Other),
        }
        match read_up_to(self.source, path, SourceText::LIMIT as u64) {
            Err(error) if is_absent(&error) => Ok(Content::Nothing),
            read => Ok(Content::File(read?.0)),
        }
    }
}

/// What a folder holds, without reading it: a digest over the name and the kind of everything in it,
/// and of each file and link its size, its number, and when it and its attributes were changed.
pub(crate) fn tree_of(source: &dyn Source, folder: &Path) -> io::Result<Digest> {
    let mut hasher = Hasher::default();
    let mut item = |bytes: &[u8]| {
        hasher.update(&(bytes.len() as u64).to_le_bytes());
        hasher.update(bytes);
    };
    for entry in source.walk(folder, &mut |_| true)? {
        let name = entry.path.strip_prefix(folder).unwrap_or(&entry.path);
        item(name.as_os_str().as_encoded_bytes());
        item(format!("{:?} {}", entry.kind, entry.unreadable.is_some()).as_bytes());
        match source.stat(&entry.path)? {
            Some(Stat { kind: FileKind::Folder, .. }) | None => {}
            Some(Stat { stamp: Stamp { size, modified, changed, inode, .. }, .. }) => {
                item(format!("{size} {inode} {modified} {changed}").as_bytes());
            }
        }
    }
    Ok(hasher.finish())
}
