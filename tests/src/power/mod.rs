//! Power cuts under the command that people run, on real file systems of the kernel.
//!
//! A file system in memory is mounted through a loop device, a mutation works on a project in it, and in
//! the middle of that the file system is shut down: from then on nothing reaches the disk any more. It
//! is mounted again, the kernel replays its own journal, and what is found there is looked at: what was
//! acknowledged is there, the next command makes of the project the one before the mutation or the one
//! after it, byte for byte, nothing of the packer's own lies about, and the next mutation works. Often
//! the power goes once or twice more while the next command recovers, and always once more in the end, when
//! what came next was acknowledged.
//!
//! Everything stands in a mount namespace of its own, which the kernel takes down with the process,
//! whatever ends that: mounts, loop devices and images cannot be left behind.
//!
//! Where it stops: the cut is made above the block device. No sector is torn, nothing is reordered inside
//! a device, and no cache lies; and which moment a cut hits is the machine's choice, not the seed's alone.

mod bench;
mod case;
mod child;
mod disk;
mod mutations;
mod project;
mod syncs;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use bench::Bench;
use case::{Aim, Cut};
use disk::Disk;
pub use disk::{FileSystem, NAMESPACE, namespace, scratch};
use mutations::MUTATIONS;
pub use syncs::Syncs;

use crate::dice::Dice;

/// What is tried, and how often.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The `cargo-prometeu` that is at work.
    pub program: PathBuf,
    /// How many mutations meet with a cut, on each file system.
    pub cases: usize,
    /// Decides on every mutation, aim, delay and kind of cut.
    pub seed: u64,
    /// What becomes of the mutation's syncs: without them, cases have to fail.
    pub syncs: Syncs,
}

/// What the cuts on one file system came to.
#[derive(Debug, Default)]
pub struct Figures {
    /// Mutations that met with a cut.
    pub cases: usize,
    /// Cuts, those in recovery and those in the end among them.
    pub cuts: usize,
    /// Cases in which the mutation had been acknowledged.
    pub acknowledged: usize,
    /// Cases in which the disk held a mutation that was decided and not done.
    pub pending: usize,
    /// Cuts while such a mutation was recovered.
    pub nested: usize,
    /// Those of them after which it was still not done.
    pub pending_again: usize,
    /// Cases that ended in the state before the mutation.
    pub old: usize,
    /// Cases that ended in the state after it.
    pub new: usize,
    /// What was wrong, one text a case.
    pub failed: Vec<String>,
}

/// What cuts see of the syncs that are there for one purpose.
#[derive(Debug, Default)]
pub struct Seen {
    /// So many, of all mutations together.
    pub syncs: usize,
    /// Those of them that were missed in a case.
    pub missed: usize,
    /// Cases, each with one of them swallowed.
    pub cases: usize,
    /// Those of them that failed, as they should.
    pub failed: usize,
}

/// Cuts the power so often on that file system, whose image lies in the folder from [`scratch`].
///
/// # Errors
///
/// Why this machine does not allow it.
///
/// # Panics
///
/// When the machine stops to allow it half-way, or the program does not do its work without a cut.
pub fn run(file_system: FileSystem, plan: &Plan, scratch: &Path) -> Result<Figures, String> {
    let folder = scratch.join(file_system.name());
    let mut bench = Bench::new(Disk::new(file_system, &folder)?, plan, &folder)?;
    let mut dice = Dice::new(plan.seed ^ file_system as u64);
    let mut figures = Figures::default();
    // Each begins elsewhere in the table, so that few cases on both meet with all of it.
    let first = file_system as usize * MUTATIONS.len() / 2;
    for n in 0..plan.cases {
        // Every mutation in turn, and each meets with every aim and both kinds of cut in turn.
        let turn = n + n / MUTATIONS.len();
        let aim = [Aim::Decided, Aim::Acknowledged, Aim::Decided, Aim::AnyTime][turn % 4];
        let cut = [Cut::Sudden, Cut::Flushed][turn / 4 % 2];
        bench.cut((first + n) % MUTATIONS.len(), aim, cut, &mut dice, &mut figures);
    }
    Ok(figures)
}

/// Swallows each sync of each mutation in turn, and says by purpose what that came to. Each is tried as
/// often as the plan says.
///
/// # Errors
///
/// Why this machine does not allow it.
///
/// # Panics
///
/// As [`run`].
pub fn without_one_sync(
    file_system: FileSystem,
    plan: &Plan,
    scratch: &Path,
) -> Result<BTreeMap<&'static str, Seen>, String> {
    let folder = scratch.join(file_system.name());
    let mut bench = Bench::new(Disk::new(file_system, &folder)?, plan, &folder)?;
    let mut dice = Dice::new(plan.seed ^ file_system as u64);
    let mut seen = BTreeMap::<_, Seen>::new();
    for which in 0..MUTATIONS.len() {
        for (n, purpose) in bench.purposes(which, &folder.join("syncs")).into_iter().enumerate() {
            bench.syncs = Syncs::AllBut(n + 1);
            let mut figures = Figures::default();
            for case in 0..plan.cases {
                let aim = [Aim::Acknowledged, Aim::Decided][case % 2];
                let cut = [Cut::Sudden, Cut::Flushed][case / 2 % 2];
                bench.cut(which, aim, cut, &mut dice, &mut figures);
            }
            let seen = seen.entry(purpose).or_default();
            seen.syncs += 1;
            seen.missed += usize::from(!figures.failed.is_empty());
            seen.cases += figures.cases;
            seen.failed += figures.failed.len();
        }
    }
    Ok(seen)
}
