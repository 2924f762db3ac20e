//! What a commit costs, and what it survives.

mod controls;
mod crash;
mod edits;
mod errors;
mod model;
mod readers;
pub(crate) mod scenario;
pub(in crate::commit) mod suite;

use std::sync::Arc;
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
    suite::say("syncs of a change of two files: 8, of at most 9");
}
