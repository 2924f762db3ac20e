//! What a power cut may leave: sets of operations closed under what they depend on, times what
//! each un-synced content may be.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::{Arc, Mutex};

use super::MemoryStorage;
use super::pending::{Pending, needs};
use super::state::{State, reachable};
use super::tree::{Content, Node};
#[cfg(doc)]
use crate::storage::Storage;

/// The states that a power cut may leave: see [`MemoryStorage::crash_states`].
#[derive(Debug)]
pub struct CrashStates {
    /// What is durable, with nothing pending.
    ground: State,
    pending: Arc<Vec<Pending>>,
    files: Arc<Vec<File>>,
    plans: std::vec::IntoIter<Plan>,
    exhaustive: bool,
}

/// One state to come.
#[derive(Debug, Clone)]
struct Plan {
    /// Which operations survived.
    survived: Vec<bool>,
    /// Which content each of the files has; [`GONE`] for one that no name leads to.
    chosen: Vec<u8>,
}

/// How a state came to be, kept to be told when a test fails.
#[derive(Debug)]
pub(super) struct Story {
    pending: Arc<Vec<Pending>>,
    files: Arc<Vec<File>>,
    plan: Plan,
}

const GONE: u8 = u8::MAX;

/// A file whose content is not durable.
#[derive(Debug)]
struct File {
    inode: u64,
    /// The contents that it may have, the durable one first.
    choices: Vec<(&'static str, Arc<Vec<u8>>)>,
    /// Which of them was written.
    written: u8,
    /// Whether its names depend on which operations survive.
    moves: bool,
}

impl Iterator for CrashStates {
    type Item = MemoryStorage;

    fn next(&mut self) -> Option<MemoryStorage> {
        let plan = self.plans.next()?;
        let mut state = self.ground.clone();
        for (pending, survived) in self.pending.iter().zip(&plan.survived) {
            if *survived {
                pending.operation.apply(&mut state.written);
            }
        }
        for (file, chosen) in self.files.iter().zip(&plan.chosen) {
            if *chosen != GONE
                && let Some(Node { content: Content::File { written, durable }, .. }) =
                    state.node_mut(file.inode)
            {
                let bytes = &file.choices[usize::from(*chosen)].1;
                *written = Arc::clone(bytes);
                *durable = Arc::clone(bytes);
            }
        }
        let (pending, files) = (Arc::clone(&self.pending), Arc::clone(&self.files));
        state.story = Some(Arc::new(Story { pending, files, plan }));
        Some(MemoryStorage(Arc::new(Mutex::new(state))))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.plans.size_hint()
    }
}

impl ExactSizeIterator for CrashStates {}

impl CrashStates {
    /// Whether these are all the states that there can be, and no sample.
    #[must_use]
    pub fn exhaustive(&self) -> bool {
        self.exhaustive
    }

    pub(super) fn of(mut state: State, limit: usize, seed: u64) -> Self {
        let pending = std::mem::take(&mut state.pending);
        let unsynced = std::mem::take(&mut state.unsynced);
        state.handles.clear();
        state.locks.clear();
        if let Some(durable) = state.durable.take() {
            state.written = durable;
        }
        let entries = Entries::of(&state, &pending);
        // What no operation moves is there or not: only these few need a look at the whole tree.
        let still = unsynced.iter().any(|inode| !entries.nodes.contains(inode));
        let there = if still { reachable(&state.written) } else { BTreeSet::new() };
        let files = unsynced.iter().filter_map(|inode| {
            let moves = entries.nodes.contains(inode);
            (moves || there.contains(inode)).then(|| File::of(&state, *inode, moves))?
        });
        let files: Vec<File> = files.collect();
        let planner = Planner { needs: needs(&pending), entries, files: &files, limit };
        let (plans, exhaustive) = match planner.all() {
            Some(plans) => (plans, true),
            None => (planner.sample(seed), false),
        };
        Self {
            ground: state,
            pending: Arc::new(pending),
            plans: plans.into_iter(),
            exhaustive,
            files: Arc::new(files),
        }
    }
}

impl File {
    fn of(state: &State, inode: u64, moves: bool) -> Option<Self> {
        let Some(Node { content: Content::File { written, durable }, .. }) = state.node(inode) else {
            return None;
        };
        let half = written[..written.len() / 2].to_vec();
        let all = [
            ("durable", Arc::clone(durable)),
            ("written", Arc::clone(written)),
            ("half", Arc::new(half)),
            ("zeros", Arc::new(vec![0; written.len()])),
        ];
        let mut choices: Vec<(_, Arc<Vec<u8>>)> = Vec::with_capacity(all.len());
        for (name, bytes) in all {
            if choices.iter().all(|(_, have)| *have != bytes) {
                choices.push((name, bytes));
            }
        }
        let written = u8::from(choices.get(1).is_some_and(|(_, bytes)| bytes == written));
        Some(Self { inode, choices, written, moves })
    }
}

/// The entries that operations touch, numbered.
struct Entries {
    /// What is durably at each; 0 for nothing.
    durable: Vec<u64>,
    /// For each operation, what it puts at which entry.
    changes: Vec<Vec<(usize, u64)>>,
    /// Every node that is at one of them at some time.
    nodes: BTreeSet<u64>,
}

impl Entries {
    fn of(ground: &State, pending: &[Pending]) -> Self {
        let mut numbers = BTreeMap::new();
        let mut durable = Vec::new();
        let mut changes = Vec::new();
        for one in pending {
            let mut puts = Vec::new();
            for change in &one.operation.changes {
                let number = *numbers.entry((change.folder, &change.name)).or_insert_with(|| {
                    let listing = ground.written.get(change.folder);
                    durable.push(listing.and_then(|have| have.get(&change.name)).copied().unwrap_or(0));
                    durable.len() - 1
                });
                puts.push((number, change.is.unwrap_or(0)));
            }
            changes.push(puts);
        }
        let nodes = durable.iter().copied().chain(changes.iter().flatten().map(|(_, is)| *is)).collect();
        Self { durable, changes, nodes }
    }

    /// What is at each entry when these operations survived.
    fn after(&self, survived: &[bool]) -> Vec<u64> {
        let mut there = self.durable.clone();
        for (puts, survived) in self.changes.iter().zip(survived) {
            if *survived {
                for (entry, inode) in puts {
                    there[*entry] = *inode;
                }
            }
        }
        there
    }
}

struct Planner<'a> {
    needs: Vec<Vec<usize>>,
    entries: Entries,
    files: &'a [File],
    limit: usize,
}

impl Planner<'_> {
    /// Every plan; `None` when there are more than the limit.
    fn all(&self) -> Option<Vec<Plan>> {
        let mut sets = Vec::new();
        // One set more than there are operations is the least there can be.
        if self.needs.len() >= self.limit || !self.closed_sets(&mut Vec::new(), &mut sets) {
            return None;
        }
        let mut plans = Vec::new();
        let mut seen = BTreeSet::new();
        for survived in sets {
            let there = self.entries.after(&survived);
            let mut chosen: Vec<u8> =
                self.files.iter().map(|file| if is_there(file, &there) { 0 } else { GONE }).collect();
            if !seen.insert(there) {
                continue;
            }
            loop {
                if plans.len() == self.limit {
                    return None;
                }
                plans.push(Plan { survived: survived.clone(), chosen: chosen.clone() });
                if !self.count_up(&mut chosen) {
                    break;
                }
            }
        }
        Some(plans)
    }

    /// Collects the sets that hold what their members depend on; `false` when there are too many.
    fn closed_sets(&self, chosen: &mut Vec<bool>, sets: &mut Vec<Vec<bool>>) -> bool {
        let Some(needs) = self.needs.get(chosen.len()) else {
            sets.push(chosen.clone());
            return sets.len() <= self.limit;
        };
        let possible = needs.iter().all(|needed| chosen[*needed]);
        for survives in [false, true] {
            if survives && !possible {
                continue;
            }
            chosen.push(survives);
            let room = self.closed_sets(chosen, sets);
            chosen.pop();
            if !room {
                return false;
            }
        }
        true
    }

    /// The next choice of contents; `false` after the last.
    fn count_up(&self, chosen: &mut [u8]) -> bool {
        for (file, choice) in self.files.iter().zip(chosen) {
            if *choice == GONE {
                continue;
            }
            if usize::from(*choice) + 1 < file.choices.len() {
                *choice += 1;
                return true;
            }
            *choice = 0;
        }
        false
    }

    fn sample(&self, seed: u64) -> Vec<Plan> {
        let count = self.needs.len();
        let mut plans = Vec::new();
        let mut seen = BTreeSet::new();
        let mut add = |survived: Vec<bool>, choose: &mut dyn FnMut(&File) -> u8| {
            let there = self.entries.after(&survived);
            let choice = |file: &File| if is_there(file, &there) { choose(file) } else { GONE };
            let chosen: Vec<u8> = self.files.iter().map(choice).collect();
            if seen.insert((there, chosen.clone())) {
                plans.push(Plan { survived, chosen });
            }
            plans.len()
        };
        let first = |survivors: usize| (0..count).map(|at| at < survivors).collect::<Vec<_>>();
        add(first(0), &mut |_| 0);
        let mut found = add(first(count), &mut |file| file.written);
        for survivors in 0..=count {
            add(first(survivors), &mut |_| 0);
            found = add(first(survivors), &mut |file| file.written);
        }
        let mut random = Random(seed);
        let mut tries = 0;
        while found < self.limit && tries < 4 * self.limit {
            tries += 1;
            // Few, half or most of them.
            let density = [1, 4, 7][random.below(3)];
            let mut survived: Vec<bool> = Vec::with_capacity(count);
            for needs in &self.needs {
                let possible = needs.iter().all(|needed| survived[*needed]);
                survived.push(possible && random.below(8) < density);
            }
            found = add(survived, &mut |file| {
                u8::try_from(random.below(file.choices.len())).expect("there are at most four")
            });
        }
        plans
    }
}

/// Whether a name leads to the file, where `there` is at the touched entries.
fn is_there(file: &File, there: &[u64]) -> bool {
    !file.moves || there.contains(&file.inode)
}

/// `SplitMix64`: what it draws depends on nothing but the seed.
struct Random(u64);

impl Random {
    fn below(&mut self, count: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let count = u64::try_from(count).expect("no machine counts further");
        usize::try_from((mixed ^ (mixed >> 31)) % count).expect("it is below a usize")
    }
}

impl Story {
    /// One line for each operation and each content that was not synced.
    pub(super) fn lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        for (pending, survived) in self.pending.iter().zip(&self.plan.survived) {
            let mut line = String::from(if *survived { "kept:" } else { "lost:" });
            for change in &pending.operation.changes {
                let node =
                    |inode: Option<u64>| inode.map_or("nothing".to_owned(), |inode| format!("#{inode}"));
                let (name, was, is) = (change.name.display(), node(change.was), node(change.is));
                // Writing to a string does not fail.
                let _ = write!(line, " `{name}` in #{} from {was} to {is};", change.folder);
            }
            lines.push(line);
        }
        for (file, chosen) in self.files.iter().zip(&self.plan.chosen) {
            let what = match file.choices.get(usize::from(*chosen)) {
                Some((name, bytes)) => format!("{name}, {} bytes", bytes.len()),
                None => "no name leads to it".to_owned(),
            };
            lines.push(format!("content of #{}: {what}", file.inode));
        }
        lines
    }
}
