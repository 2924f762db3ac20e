//! Operations on entries: what each touches, what it depends on, and when it is durable.

use std::ffi::OsString;
use std::sync::Arc;

use super::state::State;
use super::tree::{Listing, Table};

/// So many operations stay un-synced at most. Of more, the older half become durable: a real disk
/// writes them after a while as well, and a test that makes so many does not look at each.
const PATIENCE: usize = 256;

/// One entry before and after an operation; `None` where nothing is.
#[derive(Debug, Clone)]
pub(super) struct Change {
    pub(super) folder: u64,
    pub(super) name: OsString,
    pub(super) was: Option<u64>,
    pub(super) is: Option<u64>,
}

/// What survives a crash as a whole or not at all.
#[derive(Debug)]
pub(super) struct Operation {
    /// Its number; later ones are greater.
    number: u64,
    /// One or two.
    pub(super) changes: Vec<Change>,
    /// The folder that it makes.
    makes: Option<u64>,
    /// The numbers of those that it directly depends on.
    needs: Vec<u64>,
    /// The numbers of those that made the folders in which it happens. When they are lost, it is
    /// lost to sight; but a folder that is synced keeps its entries, and not its own name.
    within: Vec<u64>,
}

/// An operation that is not durable yet.
#[derive(Debug, Clone)]
pub(super) struct Pending {
    pub(super) operation: Arc<Operation>,
    /// Whether the folder of each change was synced since.
    synced: [bool; 2],
    /// Whether it was done by hand, and lasts with the folders that it happened in.
    at_once: bool,
}

/// When an operation is durable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lasting {
    /// Once its folders are synced.
    WhenSynced,
    /// With all that it depends on, now: it was done by hand.
    AtOnce,
}

impl Change {
    pub(super) fn apply(&self, folders: &mut Table<Listing>) {
        // A folder that was just made has no listing in this image yet.
        if folders.get(self.folder).is_none() {
            folders.insert(self.folder, Listing::default());
        }
        let listing = Arc::make_mut(folders.get_mut(self.folder).expect("it was inserted above"));
        match self.is {
            Some(inode) => listing.insert(self.name.clone(), inode),
            None => listing.remove(&self.name),
        };
    }

    pub(super) fn same_entry(&self, other: &Self) -> bool {
        self.folder == other.folder && self.name == other.name
    }
}

impl Operation {
    pub(super) fn apply(&self, folders: &mut Table<Listing>) {
        for change in &self.changes {
            change.apply(folders);
        }
    }

    fn touches(&self, folder: u64) -> bool {
        self.changes.iter().any(|change| change.folder == folder)
    }

    fn places(&self, inode: u64) -> bool {
        self.changes.iter().any(|change| change.is == Some(inode))
    }
}

/// The position of an operation in the list; `None` for one that is durable already.
fn position(pending: &[Pending], number: u64) -> Option<usize> {
    pending.binary_search_by_key(&number, |other| other.operation.number).ok()
}

/// For each of `pending`, the positions of those that it directly depends on.
pub(super) fn needs(pending: &[Pending]) -> Vec<Vec<usize>> {
    let of = |one: &Pending| {
        let numbers = one.operation.needs.iter().chain(&one.operation.within);
        numbers.filter_map(|number| position(pending, *number)).collect()
    };
    pending.iter().map(of).collect()
}

impl State {
    /// Does an operation. `makes` is the folder that it makes; `above` are folders at or above the
    /// places to which it moves folders.
    pub(super) fn operate(
        &mut self,
        changes: Vec<Change>,
        makes: Option<u64>,
        above: &[u64],
        lasting: Lasting,
    ) {
        if self.pending.is_empty() && lasting == Lasting::AtOnce {
            debug_assert!(self.durable.is_none(), "BUG: an image of its own, and nothing to tell it apart");
            for change in &changes {
                change.apply(&mut self.written);
            }
            return;
        }
        if self.durable.is_none() {
            self.durable = Some(self.written.clone());
        }
        let (needs, within) = self.needed(&changes, above);
        self.operations += 1;
        let operation = Operation { number: self.operations, changes, makes, needs, within };
        operation.apply(&mut self.written);
        let at_once = lasting == Lasting::AtOnce;
        self.pending.push(Pending { operation: Arc::new(operation), synced: [at_once; 2], at_once });
        if self.pending.len() > PATIENCE {
            for oldest in self.pending.iter_mut().take(PATIENCE / 2) {
                (oldest.synced, oldest.at_once) = ([true; 2], true);
            }
            self.settle();
        } else if lasting == Lasting::AtOnce {
            self.settle();
        }
    }

    /// The numbers of what an operation with these changes directly depends on, and of what made the
    /// folders in which it happens.
    fn needed(&self, changes: &[Change], above: &[u64]) -> (Vec<u64>, Vec<u64>) {
        let removed = match changes {
            [Change { was: Some(inode), is: None, .. }] => Some(*inode),
            _ => None,
        };
        let (mut needs, mut within) = (Vec::new(), Vec::new());
        // Of those on the same entry the last one will do: it depends on the one before it.
        let mut found = [false; 2];
        for earlier in self.pending.iter().rev() {
            let earlier = &*earlier.operation;
            let mut needed = removed.is_some_and(|folder| earlier.touches(folder))
                || above.iter().any(|folder| earlier.places(*folder) && earlier.makes != Some(*folder));
            if above.iter().any(|folder| earlier.makes == Some(*folder)) {
                within.push(earlier.number);
            }
            for (ours, found) in changes.iter().zip(&mut found) {
                if earlier.makes == Some(ours.folder) {
                    within.push(earlier.number);
                }
                if !*found && earlier.changes.iter().any(|theirs| ours.same_entry(theirs)) {
                    *found = true;
                    needed = true;
                }
            }
            if needed {
                needs.push(earlier.number);
            }
        }
        (needs, within)
    }

    /// Makes the entries of a folder durable.
    pub(super) fn sync_folder(&mut self, folder: u64) {
        let mut touched = false;
        for pending in &mut self.pending {
            for (change, synced) in pending.operation.changes.iter().zip(&mut pending.synced) {
                if change.folder == folder {
                    *synced = true;
                    touched = true;
                }
            }
        }
        if touched {
            self.settle();
        }
    }

    /// Moves what is durable now, with what it depends on, to the durable image.
    fn settle(&mut self) {
        let whole = |pending: &Pending| {
            pending.synced.iter().take(pending.operation.changes.len()).all(|synced| *synced)
        };
        let mut durable: Vec<bool> = self.pending.iter().map(whole).collect();
        let mut with_folders: Vec<bool> = self.pending.iter().map(|pending| pending.at_once).collect();
        for at in (0..durable.len()).rev() {
            let operation = &self.pending[at].operation;
            let within = operation.within.iter().filter(|_| with_folders[at]);
            let needed: Vec<usize> = if durable[at] {
                operation
                    .needs
                    .iter()
                    .chain(within)
                    .filter_map(|number| position(&self.pending, *number))
                    .collect()
            } else {
                Vec::new()
            };
            for needed in needed {
                durable[needed] = true;
                with_folders[needed] |= with_folders[at];
            }
        }
        if durable.iter().all(|durable| *durable) {
            self.pending.clear();
            self.durable = None;
        } else if let Some(image) = &mut self.durable {
            let mut marks = durable.iter();
            self.pending.retain(|pending| {
                let settled = marks.next() == Some(&true);
                if settled {
                    pending.operation.apply(image);
                }
                !settled
            });
        }
        self.sweep();
    }
}
