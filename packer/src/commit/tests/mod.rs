//! What a commit costs, and what it survives.

pub(crate) mod scenario;

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
            // Two files, their folder, and that of staged roots twice: it is new. Then the folders.
            ("create below new folders", 15),
            ("create in an empty folder", 13),
            ("create from files", 15),
            ("register", 6),
            ("register and write a uuid", 8),
            ("relocate below new folders", 9),
            ("relocate beside", 7),
            ("exclude two", 6),
        ]
    );
    println!("syncs of a change of two files: 8, of at most 9");
}
