//! One file or folder of a change: how it gets its new content, or goes, without a byte of anybody
//! else's being lost.
//!
//! What is new is written and synced beside its place and exchanged with what is there; what goes is
//! first put aside. So what was there can be looked at undisturbed, and gets its name back when it is
//! not what was expected. What cannot get it back, since it is taken once more, is kept beside it as
//! `<name>.conflict-<operation>`, and told.
//!
//! A temporary file that a crash left is removed only when what it holds is a part of what the change
//! wrote or replaced; everything else in it comes back as above.
//!
//! # Where the guarantee stops
//!
//! Where the file system cannot exchange names (`Unsupported`), an edit between the look and the rename
//! is overwritten. A program that holds the replaced file open and writes into it later writes into a
//! file that has no name any more. When a crash comes between an exchange and the look at what it
//! brought out, and somebody had just then saved a file that is the beginning of the old one, it is
//! taken for what the crash left of ours.

use std::io;
use std::path::{Path, PathBuf};

use super::control::{Check, skips};
use super::journal::{Change, Step};
use super::settle::{Brought, Disk};
use super::standing::Content;
use crate::Error;
use crate::id::OperationId;
use crate::storage::{FileKind, Rename, is_absent};

/// The longest file name that every file system in use holds, in bytes.
const LONGEST_NAME: usize = 255;

/// So many versions of one file are kept under names of their own.
const VERSIONS: u32 = 1_000;

/// The place of a step, and the names beside it.
#[derive(Debug)]
pub(super) struct Aside {
    /// The place.
    pub(super) path: PathBuf,
    /// Where the new one is written, and the old one looked at. Its length does not depend on that of
    /// the name, which may be as long as a name can be.
    temporary: PathBuf,
    operation: OperationId,
}

impl Aside {
    /// For the step of that number.
    pub(super) fn of(change: &Change, n: usize, path: PathBuf) -> Self {
        let operation = change.operation_id();
        let temporary = path.with_file_name(format!(".pm-{operation}-{n}"));
        Self { path, temporary, operation }
    }
}

/// The name for the `version`th thing that is kept because `name` is taken.
fn conflict_name(name: &str, operation: OperationId, version: u32) -> String {
    let version = if version > 1 { format!("-{version}") } else { String::new() };
    let end = format!(".conflict-{operation}{version}");
    let room = LONGEST_NAME - end.len();
    let cut = (0..=room.min(name.len())).rev().find(|at| name.is_char_boundary(*at)).unwrap_or(0);
    format!("{}{end}", &name[..cut])
}

/// A name that was taken or lost meanwhile is somebody else's doing.
pub(super) fn or_foreign(renamed: io::Result<()>) -> io::Result<Brought> {
    match renamed {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists || is_absent(&error) => {
            Ok(Brought::Foreign)
        }
        renamed => renamed.map(|()| Brought::Done),
    }
}

impl Disk<'_> {
    /// Gives a file the content `to`, or none, when it has the content `from`.
    pub(super) fn bring_file(
        self,
        aside: &Aside,
        from: Option<&str>,
        to: Option<&str>,
        kept: &mut Vec<PathBuf>,
    ) -> io::Result<Brought> {
        let Aside { path, temporary, .. } = aside;
        if self.content(path)?.is(to) {
            // It may be in the system's memory only.
            if to.is_some() {
                self.storage.sync(path)?;
            }
            return Ok(Brought::Done);
        }
        let Some(to) = to else {
            if or_foreign(self.storage.rename(path, temporary, Rename::New))? == Brought::Foreign {
                return Ok(Brought::Foreign);
            }
            if self.content(temporary)?.is(from) {
                self.storage.remove(temporary)?;
                return Ok(Brought::Done);
            }
            kept.extend(self.put_back(aside)?);
            return Ok(Brought::Foreign);
        };
        if let Err(error) = self.write_beside(aside, to) {
            // The first error is the one to tell.
            drop(self.storage.remove(temporary));
            return if is_absent(&error) { Ok(Brought::Foreign) } else { Err(error) };
        }
        let renamed = match from {
            None => or_foreign(self.storage.rename(temporary, path, Rename::New))?,
            Some(from) => match self.storage.rename(temporary, path, Rename::Exchange) {
                Err(error) if error.kind() == io::ErrorKind::Unsupported => {
                    if self.content(path)?.is(Some(from)) || skips(Check::Standing) {
                        return self.storage.rename(temporary, path, Rename::Replace).map(|()| Brought::Done);
                    }
                    Brought::Foreign
                }
                exchanged => or_foreign(exchanged)?,
            },
        };
        if renamed == Brought::Foreign {
            self.storage.remove(temporary)?;
            return Ok(Brought::Foreign);
        }
        let Some(from) = from else { return Ok(Brought::Done) };
        if self.content(temporary)?.is(Some(from)) || skips(Check::Exchanged) {
            self.storage.remove(temporary)?;
            return Ok(Brought::Done);
        }
        // Somebody wrote after the look: that gets its name back.
        match or_foreign(self.storage.rename(temporary, path, Rename::Exchange))? {
            Brought::Foreign => kept.extend(self.put_back(aside)?),
            Brought::Done if self.content(temporary)?.is(Some(to)) => self.storage.remove(temporary)?,
            // And once more, before it had it.
            Brought::Done => kept.push(self.keep(aside)?),
        }
        Ok(Brought::Foreign)
    }

    fn write_beside(self, aside: &Aside, bytes: &str) -> io::Result<()> {
        let mut file = self.storage.create(&aside.temporary)?;
        if self.kind(&aside.path)?.is_some() {
            file.take_rights_of(&aside.path)?;
        }
        file.write_all(bytes.as_bytes())?;
        file.sync()
    }

    /// Removes a folder that was just found empty, unless somebody put something there meanwhile.
    pub(super) fn remove_empty(self, aside: &Aside, kept: &mut Vec<PathBuf>) -> io::Result<Brought> {
        if or_foreign(self.storage.rename(&aside.path, &aside.temporary, Rename::New))? == Brought::Foreign {
            return Ok(Brought::Foreign);
        }
        if self.is_removed(&aside.temporary)? {
            return Ok(Brought::Done);
        }
        kept.extend(self.put_back(aside)?);
        Ok(Brought::Foreign)
    }

    /// Whether what was put aside was an empty folder, which is removed.
    fn is_removed(self, temporary: &Path) -> io::Result<bool> {
        if self.kind(temporary)? != Some(FileKind::Folder) {
            return Ok(false);
        }
        match self.storage.remove(temporary) {
            Err(error) if error.kind() == io::ErrorKind::DirectoryNotEmpty => Ok(false),
            removed => removed.map(|()| true),
        }
    }

    /// Gives what was put aside its name back; the name under which it is kept where that is taken.
    fn put_back(self, aside: &Aside) -> io::Result<Option<PathBuf>> {
        match or_foreign(self.storage.rename(&aside.temporary, &aside.path, Rename::New))? {
            Brought::Done => Ok(None),
            Brought::Foreign => self.keep(aside).map(Some),
        }
    }

    /// Keeps what is under the temporary name, which is somebody else's, under one that can be seen.
    fn keep(self, aside: &Aside) -> io::Result<PathBuf> {
        self.keep_beside(&aside.temporary, &aside.path, aside.operation)
    }

    /// Gives what lies at `from`, which is somebody else's, the first free name beside `path`.
    pub(super) fn keep_beside(self, from: &Path, path: &Path, operation: OperationId) -> io::Result<PathBuf> {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or("file");
        let mut taken = io::Error::from(io::ErrorKind::AlreadyExists);
        for version in 1..=VERSIONS {
            let conflict = path.with_file_name(conflict_name(name, operation, version));
            match self.storage.rename(from, &conflict, Rename::New) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => taken = error,
                renamed => return renamed.map(|()| conflict),
            }
        }
        Err(taken)
    }

    /// Removes what a crash left under the temporary name of a step, if that holds nothing of anybody
    /// else's; names the file under which something of somebody else's had to be kept.
    pub(super) fn clear(self, change: &Change, n: usize) -> Result<Option<PathBuf>, Error> {
        let step = &change.steps[n];
        let place = step.place();
        let aside = Aside::of(change, n, place.path(self.layout));
        let temporary = &*aside.temporary;
        let clear = || {
            // Behind a link it is not ours, and the step is foreign.
            if !place.is_reached_without_links(self.storage, self.layout)? {
                return Ok(None);
            }
            let Step::File { before, after, .. } = step else {
                // A folder that was being removed.
                if self.kind(temporary)?.is_none() || self.is_removed(temporary)? {
                    return Ok(None);
                }
                return self.put_back(&aside);
            };
            let ours = |found: &Content| found.is_of(before.as_deref()) || found.is_of(after.as_deref());
            let found = self.content(temporary)?;
            if found == Content::Nothing {
                return Ok(None);
            }
            if !ours(&found) {
                // An exchange brought it out, and it was not put back yet.
                match self.content(&aside.path)? {
                    Content::Nothing => return self.put_back(&aside),
                    there if there.is(before.as_deref()) || there.is(after.as_deref()) => {
                        or_foreign(self.storage.rename(temporary, &aside.path, Rename::Exchange))?;
                    }
                    _ => {}
                }
                match self.content(temporary)? {
                    Content::Nothing => return Ok(None),
                    left if !ours(&left) => return self.keep(&aside).map(Some),
                    _ => {}
                }
            }
            self.storage.remove(temporary).map(|()| None)
        };
        clear().map_err(|error| Error::io("write", temporary, error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_of_any_length_can_be_kept_beside_itself() {
        let operation = OperationId::parse("0be00000-0000-7000-8000-000000000001").unwrap();
        for name in ["asset.json".to_owned(), "a".repeat(255), "\u{65e5}".repeat(85)] {
            for version in [1, 2, 1_000] {
                let kept = conflict_name(&name, operation, version);
                assert!(kept.len() <= LONGEST_NAME, "{kept}");
                assert!(kept.contains(".conflict-0be00000"), "{kept}");
            }
        }
        assert_eq!(
            conflict_name("asset.json", operation, 2),
            "asset.json.conflict-0be00000-0000-7000-8000-000000000001-2"
        );
    }
}
