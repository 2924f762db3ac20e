//! Settling a change: in the end every step of it stands, or none does, and nothing that somebody
//! else wrote is gone.
//!
//! Each step is looked at before it is brought on its way. It stands as before, or as after, or is
//! *foreign*: somebody else wrote there. Without anything foreign the change goes the way that is
//! preferred: forward, or back after an error. With something foreign it goes forward where the
//! registry, which is written last, holds the change already, and back everywhere else; what is
//! foreign is left as it is and told.
//!
//! How one file or folder is brought, see [`super::aside`]. A root that was moved is known by its number
//! on the device: when somebody made another one where it was, the change can only go forward, and is
//! told as one that was made only when the registry has it; but a root that was to be removed for good
//! comes back beside its place.
//!
//! All of it can be begun again at any point: after a crash, and after a crash in that.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

use super::aside::{Aside, or_foreign};
use super::journal::{Change, Move, Step};
use super::place::Place;
use super::stage;
use super::standing::{Content, Eyes, Standing};
use crate::Error;
use crate::id::OperationId;
use crate::schema::registry;
use crate::storage::{FileKind, Rename, Storage, is_absent};
use crate::workspace::Layout;

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
    /// Whether it went forward only because a root could not go back, and the registry, which somebody
    /// else wrote, does not know of it.
    pub(crate) is_unknown: bool,
}

/// Whether a step could be brought on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Brought {
    Done,
    /// Somebody else wrote there after it was looked at.
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
        for n in by_depth(change) {
            kept.extend(disk.clear(change, n)?);
        }
        let standings: Vec<Standing> =
            change.steps.iter().map(|step| disk.eyes().standing(step)).collect::<Result<_, _>>()?;
        let way = disk.way(change, &standings, preferred)?;
        let mut order: Vec<usize> = (0..standings.len()).collect();
        if way == Way::Back {
            order.reverse();
        }
        let mut foreign = None;
        for n in order {
            if (standings[n] != Standing::Foreign || disk.is_held(&change.steps[n], way)?)
                && disk.bring(change, n, standings[n], way, kept)? == Brought::Foreign
            {
                foreign = Some(&change.steps[n]);
                break;
            }
        }
        if let Some(step) = foreign {
            moved = step.place().path(disk.layout);
            continue;
        }
        disk.sync_folders(change)?;
        for step in &change.steps {
            if let Step::Move(Move { from: from @ Place::Staged(_), to, made, .. }) = step {
                kept.extend(stage::discard(disk, from, to, made)?);
            }
        }
        let foreign =
            change.steps.iter().zip(&standings).filter_map(|(step, standing)| match (step, standing) {
                (step, Standing::Foreign) => Some(step.place().clone()),
                // Somebody made another folder where the root was.
                (Step::Move(Move { from, .. }), Standing::After)
                    if way == Way::Forward
                        && !change.steps.iter().any(|step| step.place() == from)
                        && matches!(disk.kind(&from.path(disk.layout)), Ok(Some(_))) =>
                {
                    Some(from.clone())
                }
                _ => None,
            });
        let foreign: Vec<Place> = foreign.collect();
        let is_foreign = foreign.contains(&Place::Registry);
        let is_unknown =
            way == Way::Forward && is_foreign && disk.registered(change, &standings)? == Some(false);
        return Ok(Settled { way, foreign, is_unknown });
    }
    Err(Error::edit_conflict(moved, std::mem::take(kept)))
}

impl<'a> Disk<'a> {
    /// Which way the change goes.
    fn way(self, change: &Change, standings: &[Standing], preferred: Way) -> Result<Way, Error> {
        for (step, standing) in change.steps.iter().zip(standings) {
            let Step::Move(Move { from, to, .. }) = step else { continue };
            let from = from.path(self.layout);
            let is_taken = self.kind(&from).map_err(|error| Error::io("look at", &from, error))?.is_some();
            match standing {
                // It has no place to go back to. What was removed for good is no place to leave it in:
                // it comes back beside its own.
                Standing::After if is_taken && !matches!(to, Place::Removed(_)) => return Ok(Way::Forward),
                // Its new place is taken.
                Standing::Foreign if is_taken => return Ok(Way::Back),
                _ => {}
            }
        }
        if !standings.contains(&Standing::Foreign) {
            return Ok(preferred);
        }
        let is_registered = self.registered(change, standings)?.unwrap_or_default();
        Ok(if is_registered { Way::Forward } else { Way::Back })
    }

    /// Whether the registry, as it was found, holds what the change does to it; `None` when it does
    /// nothing to it.
    fn registered(self, change: &Change, standings: &[Standing]) -> Result<Option<bool>, Error> {
        for (step, standing) in change.steps.iter().zip(standings) {
            let Step::File { place: Place::Registry, before, after } = step else { continue };
            return Ok(Some(match standing {
                Standing::After => true,
                Standing::Before => false,
                Standing::Foreign => {
                    let path = self.layout.registry();
                    let found = self.content(&path).map_err(|error| Error::io("read", &path, error))?;
                    matches!(found, Content::File(text) if holds(&text, before.as_deref(), after.as_deref()))
                }
            }));
        }
        Ok(None)
    }

    /// Whether a step that somebody else came in the way of has to be brought all the same: what lies
    /// where it will be deleted comes back, wherever its old place leads by now.
    fn is_held(self, step: &Step, way: Way) -> Result<bool, Error> {
        let Step::Move(Move { to: to @ Place::Removed(_), .. }) = step else { return Ok(false) };
        let reached = to.is_reached_without_links(self.storage, self.layout);
        let path = to.path(self.layout);
        Ok(way == Way::Back && reached.map_err(|error| Error::io("look at", path, error))?)
    }

    fn bring(
        self,
        change: &Change,
        n: usize,
        standing: Standing,
        way: Way,
        kept: &mut Vec<PathBuf>,
    ) -> Result<Brought, Error> {
        let step = &change.steps[n];
        let aside = Aside::of(change, n, step.place().path(self.layout));
        let brought = match step {
            Step::Folder { after, .. } if *after == (way == Way::Forward) => {
                or_foreign(self.storage.create_dir(&aside.path))
            }
            Step::Folder { .. } => self.clear_folder(&aside, &self.left(change, &aside.path), kept),
            Step::Move(step) if way == Way::Forward && standing == Standing::After => {
                self.look_after_move(step, &aside, kept)
            }
            Step::Move(step) => match way {
                Way::Forward => self.move_there(step, &aside, kept),
                Way::Back => self.move_back(step, &aside, kept),
            },
            Step::File { before, after, .. } => {
                let (from, to) = match way {
                    Way::Forward => (before, after),
                    Way::Back => (after, before),
                };
                let brought = self.bring_file(&aside, from.as_deref(), to.as_deref(), kept);
                match brought {
                    // Somebody took the folder away that held it, and there is nothing to put it back into.
                    Ok(Brought::Foreign) if way == Way::Back && self.is_nowhere(&aside.path) => {
                        Ok(Brought::Done)
                    }
                    brought => brought,
                }
            }
        };
        brought.map_err(|error| Error::io("write", &aside.path, error))
    }

    /// What makes it durable that a root was moved out of `folder`, if one was: the two folders of that
    /// move, and before them those in which the change made others on the way.
    fn left(self, change: &Change, folder: &Path) -> BTreeSet<PathBuf> {
        let above = |place: &Place| place.path(self.layout).parent().map(Path::to_path_buf);
        let both = |step: &Step| match step {
            Step::Move(Move { from, to, .. }) => Some([above(from)?, above(to)?]),
            _ => None,
        };
        let moved = change.steps.iter().filter_map(both);
        let mut left: BTreeSet<PathBuf> =
            moved.filter(|both| both.iter().any(|above| above == folder)).flatten().collect();
        if !left.is_empty() {
            let folders = change.steps.iter().filter(|step| matches!(step, Step::Folder { .. }));
            left.extend(folders.filter_map(|step| above(step.place())));
        }
        left
    }

    /// Removes a folder if nothing is left in it, once the folders `left` are durable.
    fn clear_folder(
        self,
        aside: &Aside,
        left: &BTreeSet<PathBuf>,
        kept: &mut Vec<PathBuf>,
    ) -> io::Result<Brought> {
        let path = &aside.path;
        // It is not there, or something lies in it that is not of this change.
        if self.kind(path)? != Some(FileKind::Folder) || !self.eyes().is_empty(path)? {
            return Ok(Brought::Done);
        }
        // A power cut could lose that move and keep the next one: the root would lie where nobody looks.
        for folder in left {
            match self.storage.sync(folder) {
                Err(error) if is_absent(&error) => {}
                synced => synced?,
            }
        }
        self.remove_empty(aside, kept)
    }

    fn move_there(self, step: &Move, aside: &Aside, kept: &mut Vec<PathBuf>) -> io::Result<Brought> {
        if step.onto_empty
            && self.kind(&aside.path)? == Some(FileKind::Folder)
            && self.remove_empty(aside, kept)? == Brought::Foreign
        {
            return Ok(Brought::Foreign);
        }
        let from = step.from.path(self.layout);
        if self.move_folder(&from, &aside.path)? == Brought::Foreign {
            return Ok(Brought::Foreign);
        }
        self.look_after_move(step, aside, kept)
    }

    fn look_after_move(self, step: &Move, aside: &Aside, kept: &mut Vec<PathBuf>) -> io::Result<Brought> {
        let Place::Removed(operation) = step.to else { return Ok(Brought::Done) };
        if self.eyes().holds(&aside.path, step.tree)? {
            return Ok(Brought::Done);
        }
        // Somebody wrote into it after it was looked at: it is not what was to be removed.
        self.give_back(&aside.path, &step.from.path(self.layout), operation, kept)?;
        Ok(Brought::Foreign)
    }

    /// Gives a root its place back that is not to be removed after all; where it lies is told when that
    /// is beside its place.
    fn give_back(
        self,
        root: &Path,
        place: &Path,
        operation: OperationId,
        kept: &mut Vec<PathBuf>,
    ) -> io::Result<()> {
        let to = stage::give_back(self, root, place, operation)?;
        if to != place {
            kept.push(to);
        }
        Ok(())
    }

    fn move_back(self, step: &Move, aside: &Aside, kept: &mut Vec<PathBuf>) -> io::Result<Brought> {
        let (from, path) = (&step.from.path(self.layout), &aside.path);
        if let Place::Removed(operation) = step.to {
            if self.kind(path)? == Some(FileKind::Folder) {
                self.give_back(path, from, operation, kept)?;
            }
            return Ok(Brought::Done);
        }
        let is_moved = self.kind(from)?.is_none() && self.kind(path)? == Some(FileKind::Folder);
        if is_moved && !step.made.is_empty() && !self.eyes().holds_exactly(path, &step.made) {
            // Somebody works in it by now: an asset that is not registered, and theirs.
            kept.push(path.clone());
            return Ok(Brought::Done);
        }
        if is_moved && self.move_folder(path, from)? == Brought::Foreign {
            return Ok(Brought::Foreign);
        }
        if let Place::Removed(operation) = step.from
            && self.kind(from)? == Some(FileKind::Folder)
            && !self.eyes().holds(from, step.tree)?
        {
            // Somebody works in it by now, and what was removed goes with the next change.
            let to = stage::give_back(self, from, path, operation)?;
            kept.push(to);
        }
        if step.onto_empty && self.kind(path)?.is_none() {
            self.storage.create_dir(path)?;
        }
        Ok(Brought::Done)
    }

    /// Whether there is no folder in which a file of that name could lie.
    fn is_nowhere(self, file: &Path) -> bool {
        file.parent().is_none_or(|folder| matches!(self.kind(folder), Ok(None)))
    }

    fn move_folder(self, from: &Path, to: &Path) -> io::Result<Brought> {
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

    pub(super) fn kind(self, path: &Path) -> io::Result<Option<FileKind>> {
        self.eyes().kind(path)
    }

    pub(super) fn content(self, path: &Path) -> io::Result<Content> {
        self.eyes().content(path)
    }

    pub(super) const fn eyes(self) -> Eyes<'a> {
        Eyes { source: self.storage, layout: self.layout }
    }

    /// Makes every entry that the change touched durable.
    fn sync_folders(self, change: &Change) -> Result<(), Error> {
        let mut folders = BTreeSet::new();
        for step in &change.steps {
            let other = if let Step::Move(Move { from, .. }) = step { Some(from) } else { None };
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

/// The steps of a change, folders before what lies in them: what is put back is looked into after that.
fn by_depth(change: &Change) -> Vec<usize> {
    let mut order: Vec<usize> = (0..change.steps.len()).collect();
    order.sort_by_key(|n| match &change.steps[*n] {
        Step::Folder { place, .. } => place.to_string().split('/').count(),
        Step::Move(_) | Step::File { .. } => usize::MAX,
    });
    order
}

/// Whether a registry that somebody else wrote holds what the change did to it.
fn holds(found: &[u8], before: Option<&str>, after: Option<&str>) -> bool {
    let read = |text: &[u8]| registry::read_bytes(text.to_vec()).1.registry;
    let after = after.and_then(|after| read(after.as_bytes()));
    let (Some(found), Some(after)) = (read(found), after) else { return false };
    let before = before.and_then(|before| read(before.as_bytes()));
    let key = |entry: &registry::Entry| {
        (entry.asset_id, entry.root.clone(), entry.asset_uuid, entry.included_in_build)
    };
    let keys = |registry: &registry::Registry| registry.assets.iter().map(key).collect::<Vec<_>>();
    let (found, after, before) = (keys(&found), keys(&after), before.as_ref().map(keys).unwrap_or_default());
    after.iter().filter(|entry| !before.contains(entry)).all(|entry| found.contains(entry))
        && before.iter().filter(|entry| !after.contains(entry)).all(|entry| !found.contains(entry))
}
