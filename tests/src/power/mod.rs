//! Power cuts under the command that people run, on real file systems of the kernel.
//!
//! A file system in memory is mounted through a loop device, a mutation works on a project in it, and in
//! the middle of that the file system is shut down: from then on nothing reaches the disk any more. It
//! is mounted again, the kernel replays its own journal, and what is found there is looked at: what was
//! acknowledged is there, the next command makes of the project the one before the mutation or the one
//! after it, byte for byte, nothing of the packer's own lies about, and the next mutation works. Often
//! the power goes once or twice more while the next command recovers.
//!
//! Everything stands in a mount namespace of its own, which the kernel takes down with the process,
//! whatever ends that: mounts, loop devices and images cannot be left behind.
//!
//! Where it stops: the cut is made above the block device. No sector is torn, nothing is reordered inside
//! a device, and no cache lies; and which moment a cut hits is the machine's choice, not the seed's alone.

mod case;
mod child;
mod disk;
mod mutations;
mod project;

use std::path::{Path, PathBuf};

use case::{Aim, Bench, Cut};
use disk::Disk;
pub use disk::{FileSystem, NAMESPACE, namespace, scratch};
use mutations::MUTATIONS;

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
    /// Whether the program's syncs are swallowed, which must be found out.
    pub without_syncs: bool,
}

/// What the cuts on one file system came to.
#[derive(Debug, Default)]
pub struct Figures {
    /// Mutations that met with a cut.
    pub cases: usize,
    /// Cuts, those in recovery among them.
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
    let disk = Disk::new(file_system, &folder)?;
    let mut bench = Bench::new(disk, plan, &folder)?;
    let mut dice = Dice::new(plan.seed ^ file_system as u64);
    let mut figures = Figures::default();
    for n in 0..plan.cases {
        // Every mutation in turn, and each meets with every aim and both kinds of cut in turn.
        let turn = n + n / MUTATIONS.len();
        let aim = [Aim::Decided, Aim::Acknowledged, Aim::Decided, Aim::AnyTime][turn % 4];
        let cut = [Cut::Sudden, Cut::Flushed][turn / 4 % 2];
        bench.cut(n % MUTATIONS.len(), aim, cut, &mut dice, &mut figures);
    }
    Ok(figures)
}

/// The folder of a project below a mount, or beside one.
fn project_in(folder: &Path) -> PathBuf {
    folder.join("game")
}
