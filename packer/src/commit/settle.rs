//! Settling a change: in the end every step of it stands, or none does, and nothing that somebody
//! else wrote is gone.
//!
//! Each step is looked at before it is brought on its way. It stands as before, or as after, or is
//! *foreign*: somebody else wrote there. Without anything foreign the change goes the way that is
//! preferred: forward, or back after an error. With something foreign it goes forward where the
//! registry, which is written last, holds the change already, and back everywhere else; what is
//! foreign is left as it is and told.
//!
//! A file is replaced by exchanging names with the new one, which was written and synced beside it;
//! what the exchange brought out is compared with what was expected, and put back when it is not that.
//! So an edit that comes in at any moment is found, not overwritten. A temporary file is removed only
//! when what it holds is what the change itself wrote or replaced; whatever else it may hold comes
//! back to its name, or is kept beside it as `<name>.conflict-<operation>`.
//!
//! All of it can be begun again at any point: after a crash, and after a crash in that.
//!
//! # Where the guarantee stops
//!
//! Where the file system cannot exchange names (`Unsupported`), an edit between the look and the rename
//! is overwritten. A program that holds the replaced file open and writes into it later writes into a
//! file that has no name any more.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

use super::control::{Check, skips};
use super::journal::{Change, Step};
use super::place::Place;
use super::stage;
use super::standing::{Content, Eyes, Standing, is_absent};
use crate::Error;
use crate::schema::registry;
use crate::storage::{FileKind, Rename, Storage};
use crate::workspace::Layout;
use crate::workspace::layout::temporary_name;

/// How often a change begins anew because somebody wrote where it was about to.
const ROUNDS: u32 = 8;

/// Where the work is done.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Disk<'a> {
    pub(crate) storage: &'a dyn Storage,
    pub(crate) layout: &'a Layout,
}

/// Which way a change went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// All of it stands.
    Forward,
    /// None of it stands.
    Back,
}

/// What became of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Settled {
    /// Which way it went.
    pub(crate) way: Way,
    /// Where somebody else wrote; that is as they left it.
    pub(crate) foreign: Vec<Place>,
}

/// Names beside that of a file or folder.
#[derive(Debug)]
struct Aside {
    /// Where the new one is written, and the old one looked at.
    temporary: PathBuf,
    /// Where somebody else's is kept when its own name is taken.
    conflict: PathBuf,
}

/// Whether a step could be brought on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Brought {
    Done,
    Foreign,
}

/// Brings all steps of the change on one way, durably. The journal is the caller's. What somebody else
/// wrote and what had to get a name of its own is added to `kept`, also when this fails.
///
/// # Errors
///
/// At the first step that the file system refuses; [`Error::EditConflict`] when somebody kept writing.
pub(crate) fn settle(
    disk: Disk<'_>,
    change: &Change,
    preferred: Way,
    kept: &mut Vec<PathBuf>,
) -> Result<Settled, Error> {
    let mut moved = disk.layout.registry();
    for _ in 0..ROUNDS {
        for step in &change.steps {
            kept.extend(disk.clear(change, step)?);
        }
        let standings: Vec<Standing> =
            change.steps.iter().map(|step| disk.eyes().standing(step)).collect::<Result<_, _>>()?;
        let way = disk.way(change, &standings, preferred)?;
        let mut steps: Vec<(&Step, Standing)> = change.steps.iter().zip(standings).collect();
        if way == Way::Back {
            steps.reverse();
        }
        let mut foreign = None;
        for (step, standing) in &steps {
            if *standing != Standing::Foreign && disk.bring(change, step, way, kept)? == Brought::Foreign {
                foreign = Some(step);
                break;
            }
        }
        if let Some(step) = foreign {
            moved = step.place().path(disk.layout);
            continue;
        }
        disk.sync_folders(change)?;
        for step in &change.steps {
            if let Step::Move { from: from @ Place::Staged(_), to, made, .. } = step {
                kept.extend(stage::discard(disk, from, to, made)?);
            }
        }
        let foreign = steps.iter().filter(|(_, standing)| *standing == Standing::Foreign);
        let foreign = foreign.map(|(step, _)| step.place().clone()).collect();
        return Ok(Settled { way, foreign });
    }
    Err(Error::edit_conflict(moved, std::mem::take(kept)))
}

impl<'a> Disk<'a> {
    /// Which way the change goes.
    fn way(self, change: &Change, standings: &[Standing], preferred: Way) -> Result<Way, Error> {
        if !standings.contains(&Standing::Foreign) {
            return Ok(preferred);
        }
        for (step, standing) in change.steps.iter().zip(standings) {
            let Step::File { place: Place::Registry, before, after } = step else { continue };
            return Ok(match standing {
                Standing::After => Way::Forward,
                Standing::Before => Way::Back,
                Standing::Foreign => {
                    let path = self.layout.registry();
                    let found = self.content(&path).map_err(|error| Error::io("read", &path, error))?;
                    match found {
                        Content::File(text) if holds(&text, before.as_deref(), after) => Way::Forward,
                        _ => Way::Back,
                    }
                }
            });
        }
        Ok(Way::Back)
    }

    fn bring(
        self,
        change: &Change,
        step: &Step,
        way: Way,
        kept: &mut Vec<PathBuf>,
    ) -> Result<Brought, Error> {
        let path = step.place().path(self.layout);
        let aside = Aside { temporary: temporary(&path, change), conflict: conflict(&path, change) };
        let brought = match step {
            Step::Folder { .. } => self.bring_folder(&path, &aside, way, kept),
            Step::Move { from, made, onto_empty, .. } => {
                let from = from.path(self.layout);
                match way {
                    Way::Forward if *onto_empty => self.move_onto_empty(&from, &path, &aside, kept),
                    Way::Forward => self.move_folder(&from, &path),
                    Way::Back if made.is_empty() || stage::holds_exactly(self, &path, made) => {
                        self.move_folder(&path, &from)
                    }
                    // Not moved yet.
                    Way::Back if matches!(self.kind(&from), Ok(Some(_))) => Ok(Brought::Done),
                    Way::Back => {
                        // Somebody works in it by now: an asset that is not registered, and theirs.
                        kept.push(path.clone());
                        Ok(Brought::Done)
                    }
                }
                .and_then(|brought| match self.kind(&path)? {
                    None if way == Way::Back && *onto_empty => {
                        self.storage.create_dir(&path).map(|()| brought)
                    }
                    _ => Ok(brought),
                })
            }
            Step::File { before, after, .. } => {
                let (from, to) = match way {
                    Way::Forward => (before.as_deref(), Some(after.as_str())),
                    Way::Back => (Some(after.as_str()), before.as_deref()),
                };
                self.bring_file(&path, &aside, from, to, kept)
            }
        };
        brought.map_err(|error| Error::io("write", &path, error))
    }

    fn bring_folder(
        self,
        path: &Path,
        aside: &Aside,
        way: Way,
        kept: &mut Vec<PathBuf>,
    ) -> io::Result<Brought> {
        match way {
            Way::Forward => or_foreign(self.storage.create_dir(path)),
            // It is not there, or something lies in it that is not of this change.
            Way::Back if self.kind(path)? != Some(FileKind::Folder) || !self.eyes().is_empty(path)? => {
                Ok(Brought::Done)
            }
            Way::Back => self.remove_empty(path, aside, kept),
        }
    }

    fn move_folder(self, from: &Path, to: &Path) -> io::Result<Brought> {
        if self.kind(from)?.is_none() && self.kind(to)? == Some(FileKind::Folder) {
            return Ok(Brought::Done);
        }
        if or_foreign(self.storage.rename(from, to, Rename::New))? == Brought::Foreign {
            return Ok(Brought::Foreign);
        }
        if self.kind(to)? == Some(FileKind::Folder) {
            return Ok(Brought::Done);
        }
        // Somebody put something else in its place after the look, such as a link: that goes back.
        or_foreign(self.storage.rename(to, from, Rename::New))?;
        Ok(Brought::Foreign)
    }

    fn move_onto_empty(
        self,
        from: &Path,
        to: &Path,
        aside: &Aside,
        kept: &mut Vec<PathBuf>,
    ) -> io::Result<Brought> {
        if self.kind(from)?.is_some()
            && self.kind(to)? == Some(FileKind::Folder)
            && self.remove_empty(to, aside, kept)? == Brought::Foreign
        {
            return Ok(Brought::Foreign);
        }
        self.move_folder(from, to)
    }

    /// Removes a folder that was just found empty: first aside, where it can be looked at undisturbed,
    /// since somebody may have put something there.
    fn remove_empty(self, path: &Path, aside: &Aside, kept: &mut Vec<PathBuf>) -> io::Result<Brought> {
        if or_foreign(self.storage.rename(path, &aside.temporary, Rename::New))? == Brought::Foreign {
            return Ok(Brought::Foreign);
        }
        if self.is_removed(&aside.temporary)? {
            return Ok(Brought::Done);
        }
        kept.extend(self.put_back(path, aside)?);
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
    fn put_back(self, path: &Path, aside: &Aside) -> io::Result<Option<PathBuf>> {
        match or_foreign(self.storage.rename(&aside.temporary, path, Rename::New))? {
            Brought::Done => Ok(None),
            Brought::Foreign => self.keep(&aside.temporary, aside.conflict.clone()).map(Some),
        }
    }

    fn bring_file(
        self,
        path: &Path,
        aside: &Aside,
        from: Option<&str>,
        to: Option<&str>,
        kept: &mut Vec<PathBuf>,
    ) -> io::Result<Brought> {
        let temporary = &*aside.temporary;
        if self.content(path)?.is(to) {
            // It may be in the system's memory only.
            if to.is_some() {
                self.storage.sync(path)?;
            }
            return Ok(Brought::Done);
        }
        let Some(to) = to else {
            // What was made is taken away: first aside, where it can be looked at undisturbed.
            if or_foreign(self.storage.rename(path, temporary, Rename::New))? == Brought::Foreign {
                return Ok(Brought::Foreign);
            }
            if self.content(temporary)?.is(from) {
                self.storage.remove(temporary)?;
                return Ok(Brought::Done);
            }
            kept.extend(self.put_back(path, aside)?);
            return Ok(Brought::Foreign);
        };
        if let Err(error) = self.write_beside(path, temporary, to) {
            // The first error is the one to tell.
            drop(self.storage.remove(temporary));
            return Err(error);
        }
        let Some(from) = from else {
            let brought = or_foreign(self.storage.rename(temporary, path, Rename::New))?;
            if brought == Brought::Foreign {
                self.storage.remove(temporary)?;
            }
            return Ok(brought);
        };
        match self.storage.rename(temporary, path, Rename::Exchange) {
            Err(error) if error.kind() == io::ErrorKind::Unsupported => {
                if !self.content(path)?.is(Some(from)) && !skips(Check::Standing) {
                    self.storage.remove(temporary)?;
                    return Ok(Brought::Foreign);
                }
                self.storage.rename(temporary, path, Rename::Replace)?;
                return Ok(Brought::Done);
            }
            exchanged => {
                if or_foreign(exchanged)? == Brought::Foreign {
                    self.storage.remove(temporary)?;
                    return Ok(Brought::Foreign);
                }
            }
        }
        if self.content(temporary)?.is(Some(from)) || skips(Check::Exchanged) {
            self.storage.remove(temporary)?;
            return Ok(Brought::Done);
        }
        // Somebody wrote after the look; `clear` puts that back.
        Ok(Brought::Foreign)
    }

    fn write_beside(self, path: &Path, temporary: &Path, bytes: &str) -> io::Result<()> {
        let mut file = self.storage.create(temporary)?;
        if self.kind(path)?.is_some() {
            file.take_rights_of(path)?;
        }
        file.write_all(bytes.as_bytes())?;
        file.sync()
    }

    /// Removes the temporary file of a step, if that holds nothing of anybody else's; names the file
    /// under which something of somebody else's had to be kept.
    fn clear(self, change: &Change, step: &Step) -> Result<Option<PathBuf>, Error> {
        let place = step.place();
        let path = place.path(self.layout);
        let aside = Aside { temporary: temporary(&path, change), conflict: conflict(&path, change) };
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
                return self.put_back(&path, &aside);
            };
            let ours = |found: &Content| found.is_of(before.as_deref()) || found.is_of(Some(after));
            let found = self.content(temporary)?;
            if found == Content::Nothing {
                return Ok(None);
            }
            if !ours(&found) {
                // An exchange brought it out, and it was not put back yet.
                let there = self.content(&path)?;
                let put = match there {
                    Content::Nothing => or_foreign(self.storage.rename(temporary, &path, Rename::New))?,
                    there if there.is(before.as_deref()) || there.is(Some(after)) => {
                        or_foreign(self.storage.rename(temporary, &path, Rename::Exchange))?
                    }
                    _ => Brought::Foreign,
                };
                let left = self.content(temporary)?;
                if left != Content::Nothing && !ours(&left) {
                    return self.keep(temporary, aside.conflict.clone()).map(Some);
                }
                debug_assert!(put == Brought::Done || left == Content::Nothing);
            }
            self.storage.remove(temporary).map(|()| None)
        };
        clear().map_err(|error| Error::io("write", temporary, error))
    }

    pub(super) fn kind(self, path: &Path) -> io::Result<Option<FileKind>> {
        self.eyes().kind(path)
    }

    pub(super) fn content(self, path: &Path) -> io::Result<Content> {
        self.eyes().content(path)
    }

    const fn eyes(self) -> Eyes<'a> {
        Eyes { source: self.storage, layout: self.layout }
    }

    fn keep(self, temporary: &Path, conflict: PathBuf) -> io::Result<PathBuf> {
        self.storage.rename(temporary, &conflict, Rename::New)?;
        Ok(conflict)
    }

    /// Makes every entry that the change touched durable.
    fn sync_folders(self, change: &Change) -> Result<(), Error> {
        let mut folders = BTreeSet::new();
        for step in &change.steps {
            let other = if let Step::Move { from, .. } = step { Some(from) } else { None };
            for place in [Some(step.place()), other].into_iter().flatten() {
                folders.extend(place.path(self.layout).parent().map(Path::to_path_buf));
            }
        }
        for folder in folders {
            match self.storage.sync(&folder) {
                // It was taken back, or never made; the folder that held it is in the list.
                Err(error) if is_absent(&error) => {}
                synced => synced.map_err(|error| Error::io("sync", &folder, error))?,
            }
        }
        Ok(())
    }
}

/// Whether a registry that somebody else wrote holds what the change did to it.
fn holds(found: &[u8], before: Option<&str>, after: &str) -> bool {
    let read = |text: &[u8]| registry::read_bytes(text.to_vec()).1.registry;
    let (Some(found), Some(after)) = (read(found), read(after.as_bytes())) else { return false };
    let before = before.and_then(|before| read(before.as_bytes()));
    let key = |entry: &registry::Entry| {
        (entry.asset_id, entry.root.clone(), entry.asset_uuid, entry.included_in_build)
    };
    let keys = |registry: &registry::Registry| registry.assets.iter().map(key).collect::<Vec<_>>();
    let (found, after, before) = (keys(&found), keys(&after), before.as_ref().map(keys).unwrap_or_default());
    after.iter().filter(|entry| !before.contains(entry)).all(|entry| found.contains(entry))
        && before.iter().filter(|entry| !after.contains(entry)).all(|entry| !found.contains(entry))
}

/// A name that was taken or lost meanwhile is somebody else's doing.
fn or_foreign(renamed: io::Result<()>) -> io::Result<Brought> {
    match renamed {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists || is_absent(&error) => {
            Ok(Brought::Foreign)
        }
        renamed => renamed.map(|()| Brought::Done),
    }
}

/// The name under which a file is written before it takes its place.
fn temporary(path: &Path, change: &Change) -> PathBuf {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or("file");
    path.with_file_name(temporary_name(name, change.operation_id()))
}

/// The name under which something of somebody else's is kept when its own is taken.
fn conflict(path: &Path, change: &Change) -> PathBuf {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or("file");
    path.with_file_name(format!("{name}.conflict-{}", change.operation_id()))
}
