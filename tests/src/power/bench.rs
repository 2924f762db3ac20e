//! A disk, and every mutation of the table made ready to be tried on it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use super::Plan;
use super::child::{end, said, start, tool, until};
use super::disk::Disk;
use super::mutations::{MUTATIONS, Mutation};
use super::project::{State, copy, state};
use super::syncs::{Syncs, command, purposes, under_strace};
use crate::journal;

/// So often a mutation is timed.
const TIMED: usize = 3;

/// A change takes no less, whatever a clock says that looks too late.
const SHORTEST_CHANGE: Duration = Duration::from_millis(1);

/// A disk, and all mutations that can be tried on it.
#[derive(Debug)]
pub(super) struct Bench<'p> {
    pub(super) disk: Disk,
    pub(super) program: &'p Path,
    /// What becomes of the mutation's syncs; the commands that come next keep theirs.
    pub(super) syncs: Syncs,
    prepared: Vec<Prepared>,
}

/// One mutation, the project before it and what it makes of that.
#[derive(Debug)]
pub(super) struct Prepared {
    pub(super) mutation: &'static Mutation,
    before: PathBuf,
    pub(super) old: State,
    pub(super) new: State,
    /// How long it takes when the power stays.
    pub(super) took: Duration,
    /// How much of that comes after the journal says `pending`.
    pub(super) in_change: Duration,
}

impl<'p> Bench<'p> {
    /// Runs every mutation some times on that disk. What it sets out from is kept in `folder`.
    ///
    /// # Errors
    ///
    /// That syncs are to be swallowed, and nothing is here that can.
    pub(super) fn new(disk: Disk, plan: &'p Plan, folder: &Path) -> Result<Self, String> {
        if plan.syncs != Syncs::Kept {
            tool(&["strace", "--version"])?;
        }
        let mut bench = Self { disk, program: &plan.program, syncs: plan.syncs, prepared: Vec::new() };
        for (n, mutation) in MUTATIONS.iter().enumerate() {
            let project = folder.join(format!("before-{n}"));
            fs::create_dir(&project).expect("memory takes a folder");
            mutation.prepare(&project, |words| {
                let output = end(start(command(bench.program, words, &project)));
                assert!(output.status.success(), "{}: {words:?}: {}", mutation.name, said(&output));
            });
            let prepared = bench.timed(mutation, project);
            bench.prepared.push(prepared);
        }
        Ok(bench)
    }

    pub(super) fn prepared(&self, which: usize) -> &Prepared {
        &self.prepared[which]
    }

    /// Runs it on the disk, with nothing in its way.
    fn timed(&self, mutation: &'static Mutation, before: PathBuf) -> Prepared {
        let old = state(&before);
        let mut prepared = Prepared {
            mutation,
            before,
            new: old.clone(),
            old,
            took: Duration::ZERO,
            in_change: Duration::ZERO,
        };
        let mut times: Vec<[Duration; 2]> = Vec::new();
        for _ in 0..TIMED {
            let project = self.place(&prepared);
            let begun = Instant::now();
            let mut child = start(self.subject(mutation, &project));
            until(&mut child, Duration::ZERO, || journal::is_pending(&project));
            let decided = begun.elapsed();
            let output = end(child);
            assert!(output.status.success(), "{}: {}", mutation.name, said(&output));
            times.push([begun.elapsed(), begun.elapsed() - decided]);
            prepared.new = state(&project);
            assert_ne!(prepared.old, prepared.new, "{}", mutation.name);
        }
        let [took, in_change] = [0, 1].map(|which| {
            let mut times: Vec<_> = times.iter().map(|times| times[which]).collect();
            times.sort_unstable();
            times[TIMED / 2]
        });
        Prepared { took, in_change: in_change.max(SHORTEST_CHANGE), ..prepared }
    }

    /// Sets the project on the disk back to before the mutation, so that it survives a cut.
    pub(super) fn place(&self, prepared: &Prepared) -> PathBuf {
        let project = self.disk.folder().join("game");
        if project.exists() {
            fs::remove_dir_all(&project).expect("it is ours");
        }
        copy(&prepared.before, &project);
        self.disk.settle();
        project
    }

    /// What each sync of a mutation is there for; `log` is a file for that.
    pub(super) fn purposes(&self, which: usize, log: &Path) -> Vec<&'static str> {
        let prepared = self.prepared(which);
        let project = self.place(prepared);
        purposes(&command(self.program, &prepared.mutation.words(), &project), log)
    }

    /// The mutation, with its syncs or without.
    pub(super) fn subject(&self, mutation: &Mutation, project: &Path) -> Command {
        let plain = command(self.program, &mutation.words(), project);
        let Some(swallow) = self.syncs.injection() else { return plain };
        under_strace(&plain, &["--output=/dev/null", &swallow])
    }
}
