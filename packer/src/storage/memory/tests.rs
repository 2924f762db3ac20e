//! What the model says of a crash, state by state.

use std::collections::BTreeSet;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use super::MemoryStorage;
use crate::storage::{FileKind, LockKind, Output, Rename, Source, Storage, write_synced};

/// What is there, in one line: `d/ d/f=text` and, for zeros, `f=000`.
fn picture(files: &MemoryStorage) -> String {
    let mut words = Vec::new();
    for path in files.paths().into_iter().skip(1) {
        let name = path.strip_prefix("/").unwrap().to_str().unwrap();
        words.push(match files.content(&path) {
            Some(bytes) => format!("{name}={}", String::from_utf8(bytes).unwrap().replace('\0', "0")),
            None => format!("{name}/"),
        });
    }
    words.join(" ")
}

/// Everything that a power cut may leave.
fn pictures(files: &MemoryStorage) -> BTreeSet<String> {
    let states = files.crash_states(10_000, 1);
    assert!(states.exhaustive());
    states.map(|state| picture(&state)).collect()
}

/// Holds what a power cut may leave after `script` against `expected`, from the folders `a` and `b`,
/// and `a/f=old`.
fn check(script: impl FnOnce(&MemoryStorage) -> io::Result<()>, expected: &[&str]) {
    let files = MemoryStorage::default();
    for folder in ["/a", "/b"] {
        files.folder(folder);
    }
    files.write("/a/f", "old");
    script(&files).unwrap();
    let expected: BTreeSet<String> = expected.iter().map(|&state| state.to_owned()).collect();
    assert_eq!(pictures(&files), expected);
}

fn path(text: &str) -> &Path {
    Path::new(text)
}

fn create(files: &MemoryStorage, path: &str, text: &str) -> io::Result<Box<dyn Output>> {
    let mut file = files.create(Path::new(path))?;
    file.write_all(text.as_bytes())?;
    Ok(file)
}

#[test]
fn a_file_whose_folder_was_not_synced_may_be_gone_after_a_crash() {
    check(|files| write_synced(files, path("/b/n"), b"new"), &["a/ a/f=old b/", "a/ a/f=old b/ b/n=new"]);
    let synced = |files: &MemoryStorage| {
        write_synced(files, path("/b/n"), b"new")?;
        files.sync(path("/b"))
    };
    check(synced, &["a/ a/f=old b/ b/n=new"]);
}

#[test]
fn content_that_was_not_synced_may_be_missing_cut_short_or_zeros() {
    let named = |files: &MemoryStorage| {
        create(files, "/b/n", "data")?;
        files.sync(path("/b"))
    };
    let all =
        ["a/ a/f=old b/ b/n=", "a/ a/f=old b/ b/n=da", "a/ a/f=old b/ b/n=data", "a/ a/f=old b/ b/n=0000"];
    check(named, &all);
    let more = |files: &MemoryStorage| {
        let mut file = create(files, "/b/n", "data")?;
        file.sync()?;
        file.write_all(b"++")?;
        files.sync(path("/b"))
    };
    let all = [
        "a/ a/f=old b/ b/n=data",
        "a/ a/f=old b/ b/n=dat",
        "a/ a/f=old b/ b/n=data++",
        "a/ a/f=old b/ b/n=000000",
    ];
    check(more, &all);
    let by_path = |files: &MemoryStorage| {
        create(files, "/b/n", "data")?;
        files.sync(path("/b/n"))?;
        files.sync(path("/b"))
    };
    check(by_path, &["a/ a/f=old b/ b/n=data"]);
}

#[test]
fn what_was_written_at_places_and_not_synced_may_be_missing_cut_short_or_zeros() {
    let placed = |files: &MemoryStorage| {
        let from = files.open(path("/a/f"))?;
        let output = files.create(path("/b/n"))?;
        output.write_all_at(b"++", 4)?;
        output.copy_at(&*from, 0, 3, 0)?;
        files.sync(path("/b"))
    };
    let all = [
        "a/ a/f=old b/ b/n=",
        "a/ a/f=old b/ b/n=old",
        "a/ a/f=old b/ b/n=old0++",
        "a/ a/f=old b/ b/n=000000",
    ];
    check(placed, &all);
    let synced = |files: &MemoryStorage| {
        placed(files)?;
        files.sync(path("/b/n"))
    };
    check(synced, &["a/ a/f=old b/ b/n=old0++"]);
}

#[test]
fn a_rename_between_two_folders_is_durable_once_both_are_synced() {
    let old = "a/ a/f=old b/";
    let new = "a/ b/ b/g=old";
    for (synced, expected) in [
        (&[][..], &[old, new][..]),
        (&["/a"], &[old, new]),
        (&["/b"], &[old, new]),
        (&["/a", "/b"], &[new]),
        (&["/b", "/a"], &[new]),
    ] {
        let script = |files: &MemoryStorage| {
            // A sync before the rename does not count.
            files.sync(path("/a"))?;
            files.rename(path("/a/f"), path("/b/g"), Rename::New)?;
            synced.iter().try_for_each(|folder| files.sync(path(folder)))
        };
        check(script, expected);
    }
}

#[test]
fn a_rename_has_happened_as_a_whole_or_not_at_all() {
    let exchange = |files: &MemoryStorage| {
        write_synced(files, path("/b/g"), b"new")?;
        files.sync(path("/b"))?;
        files.rename(path("/a/f"), path("/b/g"), Rename::Exchange)
    };
    check(exchange, &["a/ a/f=old b/ b/g=new", "a/ a/f=new b/ b/g=old"]);
    let replace = |files: &MemoryStorage| {
        write_synced(files, path("/a/t"), b"new")?;
        files.rename(path("/a/t"), path("/a/f"), Rename::Replace)
    };
    check(replace, &["a/ a/f=old b/", "a/ a/f=old a/t=new b/", "a/ a/f=new b/"]);
    let unsynced_content = |files: &MemoryStorage| {
        create(files, "/a/t", "new!")?;
        files.rename(path("/a/t"), path("/a/f"), Rename::Replace)?;
        files.sync(path("/a"))
    };
    check(unsynced_content, &["a/ a/f= b/", "a/ a/f=ne b/", "a/ a/f=new! b/", "a/ a/f=0000 b/"]);
}

#[test]
fn an_operation_never_survives_without_what_it_depends_on() {
    let in_a_new_folder = |files: &MemoryStorage| {
        files.create_dir(path("/n"))?;
        write_synced(files, path("/n/x"), b"x")
    };
    check(in_a_new_folder, &["a/ a/f=old b/", "a/ a/f=old b/ n/", "a/ a/f=old b/ n/ n/x=x"]);
    let synced_below = |files: &MemoryStorage| {
        in_a_new_folder(files)?;
        files.sync(path("/n"))
    };
    // The new folder's own name is an entry of the folder above.
    check(synced_below, &["a/ a/f=old b/", "a/ a/f=old b/ n/ n/x=x"]);
    let same_entry = |files: &MemoryStorage| {
        files.remove(path("/a/f"))?;
        write_synced(files, path("/a/f"), b"new")
    };
    check(same_entry, &["a/ a/f=old b/", "a/ b/", "a/ a/f=new b/"]);
    let emptied_and_removed = |files: &MemoryStorage| {
        files.rename(path("/a/f"), path("/b/f"), Rename::New)?;
        files.remove(path("/a"))?;
        files.sync(path("/"))
    };
    check(emptied_and_removed, &["b/ b/f=old"]);
    let turned_inside_out = |files: &MemoryStorage| {
        files.create_dir(path("/a/in"))?;
        files.sync(path("/a"))?;
        files.rename(path("/a/in"), path("/out"), Rename::New)?;
        files.rename(path("/a"), path("/out/a"), Rename::New)
    };
    let all = ["a/ a/f=old a/in/ b/", "a/ a/f=old b/ out/", "b/ out/ out/a/ out/a/f=old"];
    check(turned_inside_out, &all);
}

#[test]
fn independent_operations_survive_in_any_combination() {
    let script = |files: &MemoryStorage| {
        files.remove(path("/a/f"))?;
        write_synced(files, path("/b/x"), b"x")?;
        write_synced(files, path("/b/y"), b"y")
    };
    let mut all = Vec::new();
    for f in ["a/f=old ", ""] {
        for x in [" b/x=x", ""] {
            for y in [" b/y=y", ""] {
                all.push(format!("a/ {f}b/{x}{y}"));
            }
        }
    }
    check(script, &all.iter().map(String::as_str).collect::<Vec<_>>());
}

#[test]
fn what_people_do_is_durable_at_once_with_what_it_depends_on() {
    let in_our_folder = |files: &MemoryStorage| {
        files.create_dir(path("/n"))?;
        files.remove(path("/a/f"))?;
        files.write("/n/theirs", "kept");
        Ok(())
    };
    check(in_our_folder, &["a/ a/f=old b/ n/ n/theirs=kept", "a/ b/ n/ n/theirs=kept"]);
    let over_our_file = |files: &MemoryStorage| {
        create(files, "/b/n", "ours")?;
        files.write("/b/n", "theirs");
        Ok(())
    };
    check(over_our_file, &["a/ a/f=old b/ b/n=theirs"]);
    let renamed_and_deleted = |files: &MemoryStorage| {
        create(files, "/b/n", "ours")?;
        files.rename_by_hand("/a", "/b/a", Rename::New)?;
        files.delete("/b/n");
        Ok(())
    };
    check(renamed_and_deleted, &["b/ b/a/ b/a/f=old"]);
    let deleted_after_our_move = |files: &MemoryStorage| {
        files.rename(path("/a/f"), path("/b/f"), Rename::New)?;
        files.delete("/a");
        Ok(())
    };
    check(deleted_after_our_move, &["b/ b/f=old"]);
}

#[test]
fn a_folder_moves_with_all_that_it_holds() {
    let files = MemoryStorage::default();
    files.write("/a/deep/f", "text");
    files.folder("/b");
    files.rename(path("/a"), path("/b/c"), Rename::New).unwrap();
    assert_eq!(picture(&files), "b/ b/c/ b/c/deep/ b/c/deep/f=text");
    let error = files.rename(path("/b"), path("/b/c/deep/b"), Rename::New).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::InvalidInput, "a folder cannot lie in itself");
    files.write("/x/y", "other");
    files.rename(path("/x"), path("/b/c/deep"), Rename::Exchange).unwrap();
    assert_eq!(picture(&files), "b/ b/c/ b/c/deep/ b/c/deep/y=other x/ x/f=text");
}

#[test]
fn after_a_kill_everything_is_there_and_still_un_synced_and_nobody_holds_a_lock() {
    let files = MemoryStorage::default();
    files.write("/lock", "");
    let held = files.open(path("/lock")).unwrap();
    assert!(held.try_lock(LockKind::Exclusive).unwrap());
    create(&files, "/n", "data").unwrap();
    let locked =
        |files: &MemoryStorage| !files.open(path("/lock")).unwrap().try_lock(LockKind::Shared).unwrap();
    let killed = files.killed();
    assert_eq!(picture(&killed), "lock= n=data");
    assert_eq!(pictures(&killed), pictures(&files));
    assert_eq!(pictures(&killed).len(), 5);
    assert!(locked(&files) && locked(&files.fork()) && !locked(&killed));
    for state in files.crash_states(10, 1) {
        assert!(!locked(&state));
        assert_eq!((state.unsynced(), state.now()), ((0, 0), files.now()));
        assert_eq!(pictures(&state).len(), 1);
    }
}

#[test]
fn a_copy_and_its_original_do_not_see_each_other() {
    let files = MemoryStorage::default();
    files.write("/a/f", "one");
    let mut file = create(&files, "/a/n", "new").unwrap();
    let copy = files.fork();
    let before = (picture(&copy), pictures(&copy));
    file.write_all(b"er").unwrap();
    file.sync().unwrap();
    files.sync(path("/a")).unwrap();
    files.rename(path("/a"), path("/b"), Rename::New).unwrap();
    assert_eq!(picture(&files), "b/ b/f=one b/n=newer");
    assert_eq!((picture(&copy), pictures(&copy)), before);
    copy.delete("/a");
    assert_eq!(picture(&files), "b/ b/f=one b/n=newer");
    let limited = copy.without_exchange();
    let error = limited.fork().rename(path("/a"), path("/b"), Rename::Exchange).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::Unsupported);
}

#[test]
fn an_open_file_outlives_its_name() {
    let files = MemoryStorage::default();
    files.write("/f", "text");
    let open = files.open(path("/f")).unwrap();
    files.delete("/f");
    // Enough to have nodes without a name forgotten.
    for n in 0..1000 {
        files.write("/g", format!("{n}"));
    }
    let mut buffer = [0; 4];
    assert_eq!(open.read_at(&mut buffer, 0).unwrap(), 4);
    assert_eq!(&buffer, b"text");
    assert!(files.state().node(500).is_none(), "what nothing leads to is forgotten");
}

#[test]
fn a_sample_has_the_extremes_and_every_beginning_and_follows_its_seed() {
    let files = MemoryStorage::default();
    for n in 0..30 {
        create(&files, &format!("/{n:02}"), "data").unwrap();
    }
    let states = files.crash_states(200, 7);
    assert!(!states.exhaustive());
    assert_eq!(states.len(), 200);
    let pictures: Vec<String> = states.map(|state| picture(&state)).collect();
    let unique: BTreeSet<&String> = pictures.iter().collect();
    assert_eq!(unique.len(), 200, "no state is given twice");
    assert_eq!((&*pictures[0], &pictures[1]), ("", &picture(&files)));
    for survivors in 0..=30 {
        let beginning =
            |text: &str| (0..survivors).map(|n| format!("{n:02}={text}")).collect::<Vec<_>>().join(" ");
        assert!(unique.contains(&beginning("")) && unique.contains(&beginning("data")), "{survivors}");
    }
    let again = |seed| files.crash_states(200, seed).map(|state| picture(&state)).collect::<Vec<_>>();
    assert_eq!(again(7), pictures);
    assert_ne!(again(8), pictures);
    assert_eq!(files.crash_states(1, 1).len(), 61, "the beginnings are there whatever the limit");
}

#[test]
fn a_state_tells_how_it_came_to_be() {
    let files = MemoryStorage::default();
    create(&files, "/f", "data").unwrap();
    let stories: Vec<Vec<String>> = files.crash_states(9, 1).map(|state| state.crash_story()).collect();
    assert_eq!(stories[0], ["lost: `f` in #1 from nothing to #2;", "content of #2: no name leads to it"]);
    assert_eq!(stories[3], ["kept: `f` in #1 from nothing to #2;", "content of #2: half, 2 bytes"]);
    assert_eq!(stories.len(), 5);
}

#[test]
fn links_lead_on_and_a_circle_of_them_ends() {
    let files = MemoryStorage::default();
    files.write("/real/deep/f", "text");
    for (link, target) in [("/to", "real"), ("/real/up", ".."), ("/abs", "/real/deep"), ("/loop", "loop")] {
        files.link(link, target);
    }
    for (given, expected) in [
        ("/to/deep/f", Some("/real/deep/f")),
        ("/to/up/to/up/abs/f", Some("/real/deep/f")),
        ("/abs/../deep/./f", Some("/real/deep/f")),
        ("/../real", Some("/real")),
        ("/loop", None),
        ("/to/none", None),
        ("/real/deep/f/x", None),
    ] {
        assert_eq!(files.resolve(path(given)).ok(), expected.map(PathBuf::from), "{given}");
    }
    write_synced(&files, path("/abs/g"), b"through a link").unwrap();
    assert_eq!(files.content("/real/deep/g").unwrap(), b"through a link");
    assert_eq!(files.stat(path("/loop/x")).unwrap(), None);
}

/// One step of a random script, on the names of a small tree.
#[derive(Debug, Clone)]
enum Step {
    Folder(usize),
    File(usize),
    Rename(usize, usize, Rename),
    Remove(usize),
    Sync(usize),
    ByHand(usize),
}

const NAMES: [&str; 8] = ["/", "/a", "/b", "/a/x", "/a/y", "/b/x", "/a/x/i", "/b/x/i"];

fn step() -> impl Strategy<Value = Step> {
    let name = || 0..NAMES.len();
    let how = prop_oneof![Just(Rename::Replace), Just(Rename::New), Just(Rename::Exchange)];
    prop_oneof![
        name().prop_map(Step::Folder),
        name().prop_map(Step::File),
        (name(), name(), how).prop_map(|(from, to, how)| Step::Rename(from, to, how)),
        name().prop_map(Step::Remove),
        name().prop_map(Step::Sync),
        name().prop_map(Step::ByHand),
    ]
}

#[test]
fn whatever_is_done_no_file_is_in_two_places_and_none_is_lost_that_nobody_removed() {
    let seed = [7; 32];
    let config = Config { cases: 1000, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &seed));
    let run = |steps: Vec<Step>| {
        let files = MemoryStorage::default();
        files.write("/a/x/i", "durable");
        for (n, step) in steps.iter().enumerate() {
            let name = |at: &usize| path(NAMES[*at]);
            // Many of these cannot be done, which changes nothing.
            let _ = match step {
                Step::Folder(at) => files.create_dir(name(at)),
                Step::File(at) => write_synced(&files, name(at), format!("{n}").as_bytes()),
                Step::Rename(from, to, how) => files.rename(name(from), name(to), *how),
                Step::Remove(at) => files.remove(name(at)),
                Step::Sync(at) => files.sync(name(at)),
                Step::ByHand(at) => {
                    let parent = name(at).parent().and_then(|parent| files.stat(parent).ok()?);
                    if parent.is_some_and(|parent| parent.kind == FileKind::Folder)
                        && files.stat(name(at)).unwrap().is_none()
                    {
                        files.write(name(at), format!("hand{n}"));
                    }
                    Ok(())
                }
            };
        }
        let lossy =
            steps.iter().any(|step| matches!(step, Step::Remove(_) | Step::Rename(_, _, Rename::Replace)));
        let now = picture(&files);
        let states: Vec<_> = files.crash_states(300, 3).map(|state| picture(&state)).collect();
        prop_assert!(states.contains(&now), "everything may have survived");
        for state in &states {
            let contents: Vec<&str> =
                state.split(' ').filter_map(|word| Some(word.split_once('=')?.1)).collect();
            let unique: BTreeSet<&&str> = contents.iter().collect();
            prop_assert_eq!(contents.len(), unique.len(), "a file has two names in {}", state);
            prop_assert!(lossy || contents.contains(&"durable"), "it is lost in {}", state);
        }
        // Folders elsewhere may have been renamed away from these names.
        for folder in ["/", "/a", "/b", "/a/x", "/b/x"] {
            let _ = files.sync(path(folder));
        }
        if files.unsynced().0 == 0 {
            prop_assert_eq!(pictures(&files), BTreeSet::from([now]));
        }
        Ok(())
    };
    runner.run(&prop::collection::vec(step(), 1..14), run).unwrap();
}
