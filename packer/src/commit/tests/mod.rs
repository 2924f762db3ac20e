//! What a commit costs, and what it survives.

mod back;
mod cancel;
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
            ("forget", 6),
            // Where it was and where it is, the record, and the two folders that it lies in.
            ("remove", 10),
            ("remove for good", 8),
            ("quarantine", 10),
            ("quarantine beside another", 10),
            ("quarantine an orphan", 9),
            ("quarantine three together", 15),
            // Before a folder goes that a root came out of, that move is durable.
            ("restore", 13),
            ("restore below folders that are gone", 15),
            ("adopt as new", 8),
            ("adopt as the asset", 6),
            ("mend an old name", 6),
            ("mend everything", 10),
            ("reconcile a moved one", 6),
            ("reconcile two that changed places", 6),
            ("reconcile an allocator that is behind", 6),
            ("adopt a root whose uuid was edited", 6),
            ("undo a reconciliation", 6),
            ("undo a creation", 8),
            ("undo a relocation", 12),
            ("undo a removal for good", 8),
            ("undo a quarantine", 13),
            ("undo a quarantine of three", 24),
            ("undo a restoration", 10),
            ("undo an adoption", 8),
            ("undo an exclusion", 6),
            ("undo mending everything", 10),
            ("undo init", 5),
        ]
    );
    suite::say("syncs of a change of two files: 8, of at most 9");
}

#[test]
fn a_moved_root_is_known_when_somebody_makes_another_one_where_it_was() {
    let relocate = scenario::ALL.iter().find(|scenario| scenario.name == "relocate beside").unwrap();
    let mut cases = 0;
    for at in 1..200 {
        let fixture = (relocate.before)();
        fixture.lane();
        let disk = FaultyStorage::new(&fixture.files).die_at(at, false);
        drop(relocate.change(&fixture.project_on(Arc::new(disk.clone()), Duration::ZERO)));
        let left = fixture.on(fixture.files.killed());
        let is_moved = left.files.content("/game/assets/b/asset.json").is_some();
        if !is_moved || suite::is_settled(&left.files) {
            continue;
        }
        // An editor that still has the old place saves there.
        left.write("assets/a/data.txt", "saved late");
        let recovered = left.project().take_recovered().expect("it was pending");
        assert!(recovered.finished, "it cannot go back where something is: {recovered:?}");
        assert_eq!(recovered.foreign, ["assets/a"]);
        assert_eq!(left.files.content("/game/assets/a/data.txt").unwrap(), b"saved late");
        assert_eq!(left.diagnostics(), []);
        cases += 1;
    }
    assert!(cases > 3, "{cases}");
}
