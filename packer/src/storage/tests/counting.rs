//! A counted storage does what the one behind it does, and counts exactly that.

use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;

use super::super::counted::{Counted, Counts};
use super::super::{LockKind, Rename, Source, Storage, read_up_to, replace_durably};
use super::{both, look, make};

/// `stats resolves listed opens read written copied syncs`.
fn numbers(counts: &Counts) -> [u64; 8] {
    [
        counts.stats(),
        counts.resolves(),
        counts.listed(),
        counts.opens(),
        counts.bytes_read(),
        counts.bytes_written(),
        counts.bytes_copied(),
        counts.syncs(),
    ]
}

#[test]
fn each_call_is_counted_once_and_done() {
    both(|files, folder| {
        let counted = Counted::new(files, Arc::default());
        let at = |name: &str| folder.join(name);
        let mut before = [0; 8];
        let mut came = |what: &str, expected: [u64; 8]| {
            let now = numbers(counted.counts());
            let came: Vec<u64> = now.iter().zip(before).map(|(now, before)| now - before).collect();
            assert_eq!(came, expected, "{what} on {files:?}");
            before = now;
        };
        make(&counted, folder, "d/ d/f=12345");
        came("a folder and a file", [0, 0, 0, 0, 0, 5, 0, 1]);
        assert_eq!(counted.stat(&at("d/f")).unwrap(), files.stat(&at("d/f")).unwrap());
        assert!(counted.stat(&at("none")).unwrap().is_none());
        came("looks", [2, 0, 0, 0, 0, 0, 0, 0]);
        assert!(counted.resolve(&at("none")).is_err());
        assert_eq!(counted.resolve(&at("d/../d")).unwrap(), files.resolve(&at("d")).unwrap());
        came("places", [0, 2, 0, 0, 0, 0, 0, 0]);
        assert_eq!(look(files, folder), "d/ d/f=12345");
        came("what is not asked through it", [0; 8]);
        assert_eq!(counted.walk(folder, &mut |_| true).unwrap().len(), 2);
        came("a walk", [0, 0, 1, 0, 0, 0, 0, 0]);
        assert!(counted.open(&at("none")).is_err());
        let input = counted.open(&at("d/f")).unwrap();
        let mut buffer = [0; 10];
        assert_eq!(input.read_at(&mut buffer, 2).unwrap(), 3);
        assert_eq!(input.stamp().unwrap().size, 5);
        came("a file", [0, 0, 0, 2, 3, 0, 0, 0]);
        let direct = files.open(&at("d/f")).unwrap();
        assert_eq!(input.place(), direct.place());
        assert_eq!(input.file().is_some(), direct.file().is_some());
        assert!(input.try_lock(LockKind::Exclusive).unwrap());
        assert!(!direct.try_lock(LockKind::Exclusive).unwrap(), "it is one file");
        let mut output = counted.create(&at("new")).unwrap();
        output.write_all_at(b"abcd", 1).unwrap();
        output.copy_at(&*input, 1, 3, 5).unwrap();
        came("a new file", [0, 0, 0, 0, 0, 4, 3, 0]);
        assert!(output.copy_at(&*input, 3, 3, 8).is_err());
        output.copy_at(&*direct, 0, 2, 8).unwrap();
        output.sync().unwrap();
        came("a copy that fails, and one of a file that is not counted", [0, 0, 0, 0, 0, 0, 2, 1]);
        assert_eq!(read_up_to(files, &at("new"), 100).unwrap().0, b"\0abcd23412");
        counted.rename(&at("new"), &at("d/new"), Rename::New).unwrap();
        counted.remove(&at("d/new")).unwrap();
        counted.sync(&at("d")).unwrap();
        came("names", [0, 0, 0, 0, 0, 0, 0, 1]);
        replace_durably(&counted, &at("d/f"), ".t", b"xy").unwrap();
        came("a replacement", [1, 0, 0, 0, 0, 2, 0, 2]);
        assert_eq!(look(files, folder), "d/ d/f=xy");
        let mut plain = counted.create(&at("plain")).unwrap();
        plain.write_all(b"one").unwrap();
        plain.flush().unwrap();
        came("another new file", [0, 0, 0, 0, 0, 3, 0, 0]);
    });
}

#[test]
fn what_can_only_read_is_counted_as_well_and_counts_can_be_shared() {
    both(|files, folder| {
        make(files, folder, "f=12345");
        let counts = Arc::new(Counts::default());
        let reading: &dyn Source = files;
        let one: Counted<&dyn Source> = Counted::new(reading, Arc::clone(&counts));
        let two = Counted::new(files, Arc::clone(&counts));
        let read = |source: &dyn Source, folder: &Path| read_up_to(source, &folder.join("f"), 2).unwrap().0;
        assert_eq!((read(&one, folder), read(&two, folder)), (b"123".to_vec(), b"123".to_vec()));
        assert_eq!(numbers(&counts), [0, 0, 0, 2, 6, 0, 0, 0]);
        // One that counts what another counts, which is handed through.
        let above = Counted::new(&one, Arc::default());
        read(&above, folder);
        assert_eq!((above.counts().bytes_read(), counts.bytes_read()), (3, 9));
    });
}
