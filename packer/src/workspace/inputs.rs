//! What stands on disk for each input of a declaration: `stat` alone, nothing is opened.
//!
//! A name counts as it is written. Where the file system takes another spelling for the same name,
//! the folder's own entries decide, so that a project that is right on one system is right on all.
//! They are listed only where that can matter: when a file is missing (to say what is there
//! instead), when the file system answers to another spelling of `asset.json`, and for names beyond
//! ASCII, which one may spell in two ways.

use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::Path;

use super::layout::DECLARATION;
use crate::path::AssetPath;
use crate::schema::declaration::Input;
use crate::schema::suggest::nearest;
use crate::spelling;
use crate::storage::{FileKind, Source, Stamp, Stat};

/// What stands at an input's path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InputFile {
    /// The path breaks a rule, so nobody looked.
    BadPath,
    /// Nothing is there.
    Missing {
        /// A file of the same root whose path is nearly that one.
        similar: Option<String>,
    },
    /// The file system finds a file that in truth is spelt in another way.
    OtherSpelling {
        /// Its path in its own spelling.
        real: String,
    },
    /// A folder, a pipe, a device.
    NotAFile(FileKind),
    /// A link that leads out of the asset root.
    Outside,
    /// It could not be looked at; the reason.
    Unreadable(String),
    /// A regular file.
    There(Stamp),
}

/// One for each of the first `count` of `inputs`, those of the declaration in `folder`, in its order; and the folders
/// in it on the way to them, as paths relative to it, with their stamps: `None` where a link leads to one, so
/// that their stamps do not tell all that matters.
pub(crate) fn look_at_inputs(
    source: &dyn Source,
    folder: &Path,
    inputs: &[Input],
    count: usize,
) -> (Vec<InputFile>, Option<Vec<(String, Stamp)>>) {
    let names = Names {
        source,
        folder,
        other_spellings: OnceCell::new(),
        files: OnceCell::new(),
        by_key: OnceCell::new(),
    };
    let folders = RefCell::new(Some(BTreeMap::new()));
    let look = |input: &Input| match &input.path {
        Ok(path) => names.compare(path.as_str(), look_at_input(source, folder, path, &folders)),
        Err(_) => InputFile::BadPath,
    };
    let inputs = inputs.iter().take(count).map(look).collect();
    (inputs, folders.into_inner().map(|folders| folders.into_iter().collect()))
}

fn look_at_input(
    source: &dyn Source,
    folder: &Path,
    path: &AssetPath,
    folders: &RefCell<Option<BTreeMap<String, Stamp>>>,
) -> InputFile {
    let look = || -> io::Result<InputFile> {
        let mut step = folder.to_path_buf();
        let mut stat = None;
        let mut end = 0;
        for part in path.parts() {
            step.push(part);
            end += part.len();
            stat = source.stat(&step)?;
            match stat {
                None => return Ok(MISSING),
                Some(Stat { kind: FileKind::Link, .. }) => {
                    *folders.borrow_mut() = None;
                    return follow_link(source, folder, &path.below(folder));
                }
                Some(Stat { kind: FileKind::Folder, stamp }) => {
                    if let Some(folders) = &mut *folders.borrow_mut() {
                        folders.entry(path.as_str()[..end].to_owned()).or_insert(stamp);
                    }
                }
                Some(_) => {}
            }
            end += 1;
        }
        Ok(what_stands(stat))
    };
    look().unwrap_or_else(|error| InputFile::Unreadable(error.to_string()))
}

/// A link serves when it ends at a regular file of the same root.
fn follow_link(source: &dyn Source, folder: &Path, place: &Path) -> io::Result<InputFile> {
    let target = match source.resolve(place) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(MISSING),
        other => other?,
    };
    if !target.starts_with(source.resolve(folder)?) {
        return Ok(InputFile::Outside);
    }
    Ok(what_stands(source.stat(&target)?))
}

const MISSING: InputFile = InputFile::Missing { similar: None };

fn what_stands(stat: Option<Stat>) -> InputFile {
    match stat {
        None => MISSING,
        Some(Stat { kind: FileKind::File, stamp }) => InputFile::There(stamp),
        Some(stat) => InputFile::NotAFile(stat.kind),
    }
}

/// How many files are asked whether one that is missing may have meant them: a root may miss as many
/// as it holds, and each would be compared with each.
const SIMILAR: usize = 200;

/// The entries of an asset root, listed when somebody asks.
struct Names<'a> {
    source: &'a dyn Source,
    folder: &'a Path,
    /// Whether the file system answers to other spellings here.
    other_spellings: OnceCell<bool>,
    /// Paths of everything in the root that an input may name, relative to it.
    files: OnceCell<BTreeSet<String>>,
    /// The same by what all their spellings have in common.
    by_key: OnceCell<BTreeMap<String, String>>,
}

impl Names<'_> {
    /// What the names on disk add to what the file system said of the input `path`.
    fn compare(&self, path: &str, found: InputFile) -> InputFile {
        match found {
            InputFile::Missing { .. } => InputFile::Missing { similar: self.similar(path) },
            InputFile::There(_) if !path.is_ascii() || self.other_spellings() => {
                // What is in the list by no spelling was reached through a link.
                let real = if self.files().contains(path) { None } else { self.other_spelling(path) };
                real.map_or(found, |real| InputFile::OtherSpelling { real: real.to_owned() })
            }
            found => found,
        }
    }

    fn similar(&self, path: &str) -> Option<String> {
        let nearest = || {
            let files = self.files().iter().map(String::as_str).filter(|file| *file != DECLARATION);
            nearest(path, files.take(SIMILAR))
        };
        self.other_spelling(path).or_else(nearest).map(str::to_owned)
    }

    /// The file that is not called `path`, and is on some systems.
    fn other_spelling(&self, path: &str) -> Option<&str> {
        let by_key = || {
            let mut by_key = BTreeMap::new();
            by_key.extend(self.files().iter().map(|file| (spelling::key(file), file.clone())));
            by_key
        };
        let real = self.by_key.get_or_init(by_key).get(&spelling::key(path))?;
        (real != path).then_some(real)
    }

    /// A root holds an `asset.json`; a file system that finds it by another name finds all so.
    fn other_spellings(&self) -> bool {
        *self.other_spellings.get_or_init(|| {
            matches!(self.source.stat(&self.folder.join(DECLARATION.to_uppercase())), Ok(Some(_)))
        })
    }

    fn files(&self) -> &BTreeSet<String> {
        self.files.get_or_init(|| {
            let entries = self.source.walk(self.folder, &mut |_| true).unwrap_or_default();
            let relative =
                entries.iter().filter(|entry| entry.kind != FileKind::Folder).filter_map(|entry| {
                    let parts: Option<Vec<&str>> =
                        entry.path.strip_prefix(self.folder).ok()?.iter().map(|part| part.to_str()).collect();
                    AssetPath::parse(&parts?.join("/")).ok()
                });
            let mut files = BTreeSet::new();
            files.extend(relative.map(|path| path.as_str().to_owned()));
            files
        })
    }
}
