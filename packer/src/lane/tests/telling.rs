//! Who is waited for, and how people are told.

use std::time::Duration;

use super::super::busy::Busy;
use super::super::holder::Holder;
use super::*;

/// What a writer without patience is told.
fn told(storage: &dyn Storage, layout: &Layout) -> String {
    let lane = Lane::default();
    let busy = take(&lane, storage, layout, NONE).expect_err("somebody has it");
    let blocker = busy.blocker();
    assert_eq!(blocker.code.as_str(), "project-locked");
    assert_eq!(blocker.path.as_deref(), Some("assets/.prometeu/local/lock"));
    assert!(blocker.help.is_some());
    blocker.message
}

#[test]
fn a_writer_that_gives_up_names_the_writer_that_it_waited_for() {
    let (files, layout) = used();
    let lane = Lane::default();
    let turn = take(&lane, &files, &layout, NONE).unwrap();
    assert_eq!(
        told(&files, &layout),
        "`cargo prometeu, process 4242` is changing this project (register_asset)"
    );
    // A thread of the same process waits in line, and is told the same.
    let busy = lane
        .take(&files, &layout, &claim(), Wait::new(&At(NOW + 12_345), Duration::from_millis(2), &mut |_| {}))
        .unwrap()
        .expect_err("it is taken");
    assert_eq!(
        busy.blocker().message,
        "`cargo prometeu, process 4242` has been changing this project for 12 s (register_asset)"
    );
    let Visit::Busy(busy) = enter(&files, &layout, Duration::from_millis(2)) else { panic!("it is taken") };
    assert!(busy.blocker().message.starts_with("`cargo prometeu, process 4242` "));
    files.delete(layout.holder());
    assert_eq!(told(&files, &layout), "another process is changing this project");
    drop(turn);
}

#[test]
fn what_a_killed_writer_left_is_not_blamed_for_a_build() {
    let (files, layout) = used();
    claim::write(&files, &layout, &claim(), NOW);
    let build = enter(&files, &layout, NONE);
    assert!(is_held(&build) && files.content(layout.holder()).is_some());
    assert_eq!(told(&files, &layout), "a build is reading this project");
    drop(build);
    let lane = Lane::default();
    let turn = take(&lane, &files, &layout, NONE).unwrap();
    drop(turn);
    assert_eq!(files.content(layout.holder()), None, "the next writer takes it away with its own");
}

#[test]
fn times_are_told_in_whole_seconds_and_nonsense_is_not() {
    let message = |since: u64, waited: u64| {
        let holder = Holder { process: "p".into(), operation: "o".into(), since };
        let who = Who::Writer(Some(holder));
        Busy { who, waited: Duration::from_millis(waited), now: NOW }.blocker().message
    };
    assert_eq!(message(NOW - 3_999, 500), "`p` has been changing this project for 3 s (o)");
    assert_eq!(
        message(NOW + 1, 10_020),
        "`p` has been changing this project for 10 s (o)",
        "the clock was set back"
    );
    let busy = Busy { who: Who::Builds, waited: Duration::from_secs(10), now: NOW };
    assert_eq!(busy.blocker().message, "a build has been reading this project for 10 s");
    let busy = Busy { who: Who::Writer(None), waited: Duration::from_secs(10), now: NOW };
    assert_eq!(busy.blocker().message, "another process has been changing this project for 10 s");
}

#[test]
fn a_holder_file_with_anything_in_it_is_harmless() {
    let (files, layout) = used();
    let lane = Lane::default();
    let turn = take(&lane, &files, &layout, NONE).unwrap();
    let good = r#"{"operation":"o","process":"p","since":1}"#;
    let nested = format!("{}1{}", "[".repeat(3000), "]".repeat(3000));
    let long = format!(r#"{{"operation":"o","process":"{}","since":1}}"#, "p".repeat(121));
    let large = format!("{good}{}", " ".repeat(5000));
    for nonsense in [
        "",
        "nonsense",
        "[]",
        "{}",
        "null",
        r#"{"operation":"o","process":"p","since":-1}"#,
        r#"{"operation":"o","process":"p","since":99999999999999999999}"#,
        r#"{"operation":"o","process":"p","since":"1"}"#,
        r#"{"operation":"o","process":"  ","since":1}"#,
        r#"{"operation":7,"process":"p","since":1}"#,
        nested.as_str(),
        long.as_str(),
        large.as_str(),
    ] {
        files.write(layout.holder(), nonsense);
        assert_eq!(told(&files, &layout), "another process is changing this project", "{nonsense:.60}");
    }
    files.write(layout.holder(), [0xff, 0xfe, 0x00]);
    assert_eq!(told(&files, &layout), "another process is changing this project");
    files.write(layout.holder(), good);
    assert!(told(&files, &layout).starts_with("`p` has been changing"), "the helper can tell");
    let forged = "{\"operation\":\"o\",\"process\":\"\\u001b[2Jp\\nerror: forged \u{202e}\",\"since\":1}";
    files.write(layout.holder(), forged);
    let shown = told(&files, &layout);
    assert!(shown.starts_with(r"`\u{1b}[2Jp\nerror: forged \u{202e}` has been"), "{shown}");
    // Neither a link nor a folder is read or kept.
    files.write("/secret", good);
    files.delete(layout.holder());
    files.link(layout.holder(), "/secret");
    assert_eq!(told(&files, &layout), "another process is changing this project");
    drop(turn);
    assert!(files.content("/secret").is_some());
}

#[test]
fn a_folder_in_the_place_of_the_holder_file_stops_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let (storage, layout) = (&OsStorage, &Layout::new(folder.path()));
    let lane = Lane::default();
    drop(take(&lane, storage, layout, NONE).unwrap());
    std::fs::create_dir_all(layout.holder().join("not empty")).unwrap();
    let turn = take(&lane, storage, layout, NONE).unwrap();
    assert_eq!(told(storage, layout), "another process is changing this project");
    drop(turn);
    assert!(take(&lane, storage, layout, NONE).is_ok());
}

#[test]
fn people_are_told_once_whom_a_long_wait_is_for() {
    let (files, layout) = used();
    let lane = Lane::default();
    let turn = take(&lane, &files, &layout, NONE).unwrap();
    let other = Lane::default();
    let told = |waits: &mut dyn FnMut(Wait<'_>)| {
        let mut told = Vec::new();
        let mut tell = |words: String| told.push(words);
        let mut wait = Wait::new(&At(NOW), Duration::from_millis(20), &mut tell);
        wait.tell_after = Duration::from_millis(2);
        waits(wait);
        told
    };
    let expected =
        ["waiting for `cargo prometeu, process 4242`, which is changing this project (register_asset)"];
    for lane in [&lane, &other] {
        let waited = told(&mut |wait| assert!(lane.take(&files, &layout, &claim(), wait).unwrap().is_err()));
        assert_eq!(waited, expected);
    }
    let waited = told(&mut |wait| assert!(matches!(visit(&files, &layout, wait), Ok(Visit::Busy(_)))));
    assert_eq!(waited, expected);
    drop(turn);
    let waited = told(&mut |wait| assert!(is_held(&visit(&files, &layout, wait).unwrap())));
    assert_eq!(waited, Vec::<String>::new(), "nobody waited");
    let build = enter(&files, &layout, NONE);
    let waited = told(&mut |wait| assert!(other.take(&files, &layout, &claim(), wait).unwrap().is_err()));
    assert_eq!(waited, ["waiting for a build, which is reading this project"]);
    drop(build);
}
