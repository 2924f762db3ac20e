//! The same on this machine's disk, with its clock, and packs that are killed in their midst.

use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use packer_tests::cargo;
use packer_tests::dice::Dice;
use tempfile::TempDir;

use super::eyes;
use super::ground::{Ground, Place};
use super::judge::Ask;
use super::world::World;

/// Everything of one history.
#[derive(Debug)]
pub(crate) struct Disk {
    top: TempDir,
    /// For packs from nothing, which nobody kills: in memory, where the system has such a folder.
    fresh: TempDir,
}

impl Disk {
    pub(crate) fn top(&self) -> PathBuf {
        // Where temporary files lie behind a link.
        self.top.path().canonicalize().unwrap()
    }

    pub(crate) fn fresh(&self) -> PathBuf {
        self.fresh.path().join("out")
    }
}

/// New ground on the disk that temporary files lie on.
pub(crate) fn ground() -> Ground {
    let fresh = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir());
    let disk = Disk { top: tempfile::tempdir().unwrap(), fresh: fresh.unwrap() };
    Ground { place: Place::Disk(Arc::new(disk)), eyes: eyes::ALL[0] }
}

/// Now and then waits until stamps are believed, and lets another process pack, and kills it.
pub(crate) fn disturb(world: &mut World, _ask: Ask, dice: &mut Dice) -> Option<String> {
    if dice.once_in(2) {
        world.ground.settle();
    }
    if !dice.once_in(2) {
        return None;
    }
    let mut pack = cargo::scrubbed(env!("CARGO_BIN_EXE_pack"));

    pack.args([world.game(), world.outs(world.out), world.cache()]);
    pack.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let micros = dice.below(30_000) as u64;
    let mut child = pack.spawn().unwrap();
    std::thread::sleep(Duration::from_micros(micros));
    child.kill().unwrap();
    let status = child.wait().unwrap();
    world.disturbed[world.out] = true;
    Some(format!("  another process packs, killed after {micros} us: {status}"))
}
