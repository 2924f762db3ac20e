//! Making a change that is prepared, and settling one that was interrupted: steps 4 to 7 of the commit.

use std::fmt;
use std::path::{Path, PathBuf};

use super::journal::write::Unwritten;
use super::journal::{Change, Found, Journal, Step};
use super::last;
use super::place::Place;
use super::settle::{Disk, Settled, Way, settle};
use super::sweep::sweep;
use crate::Error;
use crate::id::PlanId;
use crate::lane::Turn;
use crate::workspace::Layout;

/// A change that is ready: what it expects was found, and what it needs is written. Nothing that
/// anybody looks at was touched.
#[derive(Debug)]
#[must_use = "nothing was done yet: commit it, or abandon it"]
pub(crate) struct Prepared<'a> {
    pub(super) turn: &'a Turn<'a>,
    pub(super) disk: Disk<'a>,
    /// The journal before.
    pub(super) journal: Journal,
    pub(super) change: Box<Change>,
}

/// A change that was made.
#[derive(Debug, Default)]
pub(crate) struct Committed {
    /// Where what somebody else wrote meanwhile is kept now, its own name being taken; relative to the
    /// project.
    pub(crate) kept: Vec<String>,
    /// Whether it can be taken back: what is needed for that was written down.
    pub(crate) can_be_undone: bool,
}

/// What became of a change that was interrupted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recovered {
    /// The plan that was being applied.
    pub plan_id: PlanId,
    /// The change in one line, in plain form: register `ui/atlas` as asset 3.
    pub title: String,
    /// Whether it stands now; otherwise it was taken back.
    pub finished: bool,
    /// Where somebody else wrote meanwhile, relative to the project; that is as they left it.
    pub foreign: Vec<String>,
    /// Where what somebody else wrote stands now, when its own name was taken; relative to the project.
    pub kept: Vec<String>,
}

impl fmt::Display for Recovered {
    /// One line for people.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = if self.finished { "finished" } else { "took back" };
        write!(f, "{what} a change that was interrupted: {}", self.title.escape_debug())?;
        if !self.foreign.is_empty() {
            write!(f, "; left as it is, since somebody else changed it: {}", self.foreign.join(", "))?;
        }
        for kept in &self.kept {
            write!(f, "; somebody else's version is kept as {kept}")?;
        }
        Ok(())
    }
}

/// Finishes, or takes back, what was interrupted, and removes what crashes left of our own. Gives the
/// journal, which is clean.
///
/// # Errors
///
/// [`Error::Journal`] when the journal cannot be followed; otherwise when the file system refuses, and
/// then the journal still says `pending`.
pub(crate) fn recover(turn: &Turn<'_>) -> Result<(Journal, Option<Recovered>), Error> {
    let disk = Disk { storage: turn.storage(), layout: turn.layout() };
    let path = disk.layout.journal();
    let journal =
        match Journal::read(disk.storage, disk.layout).map_err(|error| Error::io("read", &path, error))? {
            Found::Journal(journal) => journal,
            Found::Damaged(why) => return Err(Error::Journal { path, why }),
        };
    let Some(change) = &journal.pending else {
        sweep(disk);
        return Ok((journal, None));
    };
    // The process may have died between naming the journal and syncing it: a power cut now must not
    // lose it any more while half of the change stands.
    for place in [path, disk.layout.local()] {
        disk.storage.sync(&place).map_err(|error| Error::io("sync", place, error))?;
    }
    turn.confirm()?;
    let mut kept = Vec::new();
    let (settled, closed, _) = conclude(disk, &journal, change, &mut kept)?;
    sweep(disk);
    let recovered = Recovered {
        plan_id: change.plan_id,
        title: change.title.clone(),
        finished: settled.way == Way::Forward,
        foreign: settled.foreign.iter().map(Place::to_string).collect(),
        kept: kept.iter().map(|path| shown(disk.layout, path)).collect(),
    };
    Ok((closed.journal, Some(recovered)))
}

impl Prepared<'_> {
    /// Makes the change: when this returns without an error, it is durable, whole, and nobody sees
    /// anything else any more.
    ///
    /// # Errors
    ///
    /// Nothing was changed then, but for [`Error::Unfinished`]: whoever opens the project next decides.
    pub(crate) fn commit(self) -> Result<Committed, Error> {
        let Self { turn, disk, journal, change } = self;
        // Whoever took the lane from us has what is staged now.
        turn.confirm()?;
        // From here on the change is finished, whoever asks it to stop.
        turn.check().inspect_err(|_| sweep(disk))?;
        let (operation, path) = (change.operation_id(), disk.layout.journal());
        let pending = journal.begun(change.clone());
        match pending.write(disk.storage, disk.layout, operation) {
            Ok(()) => {}
            Err(Unwritten::Before(source)) => {
                sweep(disk);
                return Err(Error::io("write", path, source));
            }
            Err(Unwritten::Unknown(source)) => {
                if journal.write(disk.storage, disk.layout, operation).is_err() {
                    return Err(Error::Unfinished { path, source });
                }
                sweep(disk);
                return Err(Error::io("sync", disk.layout.local(), source));
            }
        }
        let mut kept = Vec::new();
        let (settled, closed, error) = conclude(disk, &pending, &change, &mut kept)?;
        if settled.is_unknown {
            let roots = change.steps.iter().filter_map(|step| match step {
                Step::Move(step) => Some(step.to.path(disk.layout)),
                _ => None,
            });
            kept.extend(roots);
            sweep(disk);
            return Err(Error::edit_conflict(disk.layout.registry(), kept));
        }
        if settled.way == Way::Forward {
            sweep(disk);
            let kept = kept.iter().map(|path| shown(disk.layout, path)).collect();
            return Ok(Committed { kept, can_be_undone: closed.can_be_undone });
        }
        match error {
            Some(error) if kept.is_empty() => Err(error),
            Some(error) => Err(Error::edit_conflict(error.path().to_path_buf(), kept)),
            None => {
                let path = settled.foreign.first().map_or(path, |place| place.path(disk.layout));
                Err(Error::edit_conflict(path, kept))
            }
        }
    }

    /// Leaves everything as it is.
    pub(crate) fn abandon(self) {
        sweep(self.disk);
    }
}

/// Settles a change and closes its journal: forward, or back after an error, which is given as well.
/// Nobody has seen it, and nobody was told that it is done.
///
/// # Errors
///
/// [`Error::Unfinished`] when neither can be done now; the journal still says `pending`.
fn conclude(
    disk: Disk<'_>,
    journal: &Journal,
    change: &Change,
    kept: &mut Vec<PathBuf>,
) -> Result<(Settled, Closed, Option<Error>), Error> {
    let (settled, error) = match settle(disk, change, Way::Forward, kept) {
        Ok(settled) => (settled, None),
        Err(error) => match settle(disk, change, Way::Back, kept) {
            Ok(settled) => (settled, Some(error)),
            Err(_) => return Err(error.unfinished()),
        },
    };
    let closed = close(disk, journal, change, settled.way).map_err(Error::unfinished)?;
    Ok((settled, closed, error))
}

/// Says in the journal that nothing is under way any more. Where that cannot be written (a full disk),
/// no journal says the same.
fn close(disk: Disk<'_>, journal: &Journal, change: &Change, way: Way) -> Result<Closed, Error> {
    let can_be_undone = way == Way::Forward && last::keep(disk, journal, change);
    let last = match way {
        // Also of one that could not be kept: what it removed for good stays until the next change.
        Way::Forward => (!change.takes_back).then(|| change.operation_id()),
        Way::Back => journal.last,
    };
    let (path, local) = (disk.layout.journal(), disk.layout.local());
    let clean = Journal::clean(journal.sequence, last);
    let Err(Unwritten::Before(error) | Unwritten::Unknown(error)) =
        clean.write(disk.storage, disk.layout, change.operation_id())
    else {
        if last.is_none() {
            last::forget(disk);
        }
        return Ok(Closed { journal: clean, can_be_undone });
    };
    let removed = disk.storage.remove(&path).and_then(|()| disk.storage.sync(&local));
    removed.map_err(|_| Error::io("write", path, error))?;
    Ok(Closed { journal: Journal::NONE, can_be_undone: false })
}

/// A journal that was closed.
struct Closed {
    journal: Journal,
    can_be_undone: bool,
}

fn shown(layout: &Layout, path: &Path) -> String {
    path.strip_prefix(layout.project()).unwrap_or(path).display().to_string()
}
