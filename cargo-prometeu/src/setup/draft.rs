//! Texts on their way: what is in the files, and what shall be.

use std::io;
use std::path::{Component, Path, PathBuf};

use prometeu_packer::mutate::{EditKind, Expected, FileEdit};
use prometeu_packer::ops::{Blocker, BlockerCode};
use prometeu_packer::{Digest, Error};

use super::Step;

/// The files of one setup, by their paths relative to the project.
#[derive(Debug)]
pub(super) struct Drafts {
    folder: PathBuf,
    drafts: Vec<Draft>,
}

#[derive(Debug)]
struct Draft {
    path: String,
    before: Option<String>,
    after: Option<String>,
    what: Vec<String>,
}

impl Drafts {
    pub(super) fn new(folder: &Path) -> Self {
        Self { folder: folder.to_path_buf(), drafts: Vec::new() }
    }

    /// The text of the file as drafted so far; `None` when there is none.
    ///
    /// # Errors
    ///
    /// When it cannot be read, or is not UTF-8.
    pub(super) fn read(&mut self, path: &str) -> Result<Option<String>, Blocker> {
        self.draft(path).map(|draft| draft.after.clone())
    }

    /// Gives the file this text, which adds `what` to it; with nothing added it stays as it is.
    ///
    /// # Errors
    ///
    /// When a line of the old text would be lost: then an editor of ours is wrong, and the person is
    /// told what to write by hand.
    pub(super) fn write(&mut self, path: &str, text: String, what: Vec<String>) -> Result<(), Blocker> {
        if what.is_empty() {
            return Ok(());
        }
        let draft = self.draft(path)?;
        if !keeps_every_line(draft.before.as_deref().unwrap_or_default(), &text) {
            let message = format!("`{path}` cannot be edited without changing what is in it");
            let help = format!("Add to it by hand: {}.", what.join("; "));
            return Err(Blocker::new(BlockerCode::InvalidArgument, message).help(help).at(path));
        }
        draft.after = Some(text);
        draft.what.extend(what);
        Ok(())
    }

    /// Gives the file this text, whatever it held: it is one that this command makes, or the text was made
    /// of all that was in it.
    ///
    /// # Errors
    ///
    /// When it cannot be read, or is not UTF-8.
    pub(super) fn replace(&mut self, path: &str, text: String, what: String) -> Result<(), Blocker> {
        let draft = self.draft(path)?;
        draft.after = Some(text);
        draft.what.push(what);
        Ok(())
    }

    /// The edits of the files that have another text now.
    pub(super) fn finish(self) -> Vec<Step> {
        let changed = self.drafts.into_iter().filter(|draft| draft.after != draft.before);
        changed
            .map(|draft| {
                let bytes = draft.after.unwrap_or_default().into_bytes();
                let kind = match draft.before {
                    None => EditKind::CreateFile(bytes),
                    Some(_) => EditKind::ReplaceFile(bytes),
                };
                let expected = expected(draft.before.as_deref().map(str::as_bytes));
                let edit = FileEdit { path: draft.path, kind, expected };
                Step { edit, what: draft.what.join(", ") }
            })
            .collect()
    }

    fn draft(&mut self, path: &str) -> Result<&mut Draft, Blocker> {
        if let Some(known) = self.drafts.iter().position(|draft| draft.path == path) {
            return Ok(&mut self.drafts[known]);
        }
        let bytes = content(&self.folder.join(path)).map_err(|error| Blocker::from(&error))?;
        let before = bytes.map(String::from_utf8).transpose().map_err(|_| {
            Blocker::new(BlockerCode::InvalidArgument, format!("`{path}` is not UTF-8"))
                .help("Save it as UTF-8, and run this again.")
                .at(path)
        })?;
        self.drafts.push(Draft { path: path.to_owned(), after: before.clone(), before, what: Vec::new() });
        Ok(self.drafts.last_mut().expect("one was pushed"))
    }
}

/// The bytes of a file; `None` when there is none.
pub(super) fn content(path: &Path) -> Result<Option<Vec<u8>>, Error> {
    match std::fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Error::io("read", path, error)),
    }
}

/// What an edit of a file with this content expects to find.
pub(super) fn expected(content: Option<&[u8]>) -> Expected {
    content.map_or(Expected::Absent, |content| Expected::Content(Digest::of(content)))
}

/// Whether every line of `before` is in `after`, in the same order.
fn keeps_every_line(before: &str, after: &str) -> bool {
    let mut after = after.lines();
    before.lines().all(|line| after.any(|kept| kept == line))
}

/// The folder `to` as seen from the folder `from`, both absolute: `../` parts, then names, each with
/// `/` behind it. `None` when they have no more than the root in common.
pub(super) fn relative(from: &Path, to: &Path) -> Option<String> {
    let mut from = from.components().peekable();
    let mut to = to.components().peekable();
    let mut common = 0;
    while let (Some(a), Some(b)) = (from.peek(), to.peek())
        && a == b
    {
        common += usize::from(matches!(a, Component::Normal(_)));
        from.next();
        to.next();
    }
    if common == 0 {
        return None;
    }
    let mut path = "../".repeat(from.count());
    for part in to {
        path.push_str(part.as_os_str().to_str()?);
        path.push('/');
    }
    Some(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_seen_from_another() {
        let seen = |from: &str, to: &str| relative(Path::new(from), Path::new(to));
        assert_eq!(seen("/a/b", "/a/b").as_deref(), Some(""));
        assert_eq!(seen("/a/b", "/a").as_deref(), Some("../"));
        assert_eq!(seen("/a/b/c", "/a/x/y").as_deref(), Some("../../x/y/"));
        assert_eq!(seen("/a", "/b"), None);
    }

    #[test]
    fn a_lost_line_is_noticed() {
        assert!(keeps_every_line("a\nb\n", "a\nnew\nb\n"));
        assert!(!keeps_every_line("a\nb\n", "b\na\n"));
        assert!(!keeps_every_line("a # why\n", "a\n"));
    }
}
