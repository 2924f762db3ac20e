//! What a commit costs, and what it survives.

mod controls;
mod crash;
mod errors;
pub(crate) mod scenario;
mod suite;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::ops::Status;
use crate::storage::faulty::FaultyStorage;

#[test]
fn a_change_costs_a_sync_for_each_file_and_folder_and_four_for_the_journal() {
    let counted: Vec<(&str, usize)> = scenario::ALL
        .iter()
        .map(|scenario| {
            let fixture = (scenario.before)();
            fixture.lane();
            let disk = FaultyStorage::new(&fixture.files);
            let project = fixture.project_on(Arc::new(disk.clone()), Duration::ZERO);
            assert_eq!(scenario.change(&project).status, Status::Ok, "{}", scenario.name);
            (scenario.name, disk.syncs().len())
        })
        .collect();
    assert_eq!(
        counted,
        [
            ("init in an empty folder", 6),
            ("init beside files", 6),
            // Two files, their folder and the one above; where they come from and go to; the registry
            // and its folder.
            ("create below new folders", 14),
            ("create in an empty folder", 12),
            ("create from files", 14),
            ("register", 6),
            ("register and write a uuid", 8),
            ("relocate below new folders", 9),
            ("relocate beside", 7),
            ("exclude two", 6),
        ]
    );
    println!("syncs of a change of two files: 8, of at most 9");
}

/// The seed of the suites: `PROMETEU_SEED`, or always the same.
fn seed() -> u64 {
    #[expect(clippy::disallowed_methods, reason = "a test may be asked to be another one")]
    let asked = std::env::var("PROMETEU_SEED");
    asked.ok().and_then(|seed| seed.parse().ok()).unwrap_or(20_261_121)
}

/// Does `work` for each of `jobs` on as many threads as the machine has processors.
fn in_parallel<J: Sync, T: Send>(jobs: &[J], work: impl Fn(&J) -> T + Sync) -> Vec<T> {
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::new());
    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some(job) = jobs.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let result = work(job);
                    done.lock().unwrap().push(result);
                }
            });
        }
    });
    done.into_inner().unwrap()
}
