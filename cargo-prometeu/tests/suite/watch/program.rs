//! The program beside a watch: what it is told, when it starts, how both end.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process, test_kill_process};

use super::{DEADLINE, Watched, save, save_with};
use crate::harness::Place;
use crate::signals::{Terminal, can_be_interrupted};

/// A watch with a script of a shell's beside it.
fn command(place: &Place, script: &str) -> Command {
    place.command(&["watch", "--", "sh", "-c", script])
}

fn begin(place: &Place, script: &str) -> Watched {
    Watched::spawn(place, command(place, script))
}

/// The number that a script wrote into a file, once it did.
fn pid_in(file: &Path) -> Pid {
    let began = Instant::now();
    loop {
        if let Some(pid) = fs::read_to_string(file).ok().and_then(|text| text.trim().parse().ok()) {
            return Pid::from_raw(pid).unwrap();
        }
        assert!(began.elapsed() < DEADLINE, "the program never began");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Waits until a process is gone.
fn is_gone(pid: Pid) -> bool {
    let began = Instant::now();
    while test_kill_process(pid).is_ok() {
        if began.elapsed() > Duration::from_secs(3) {
            return false;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    true
}

#[test]
fn a_program_is_told_where_the_pack_is_and_its_code_is_that_of_the_watch() {
    let place = Place::blobs(&["a"]);
    for code in [0, 3, 130] {
        let script = format!("cmp \"$PROMETEU_ASSETS_PA\" \"$PROMETEU_WATCHED_PA\" && exit {code}");
        let run = crate::harness::Run::of(command(&place, &script).output().unwrap());
        let run = run.code(code).says("     Running `sh -c cmp").prints_nothing();
        let how =
            if code == 0 { "Ended `sh`\n".to_owned() } else { format!("Ended `sh` with exit code {code}\n") };
        assert!(run.stderr.ends_with(&how), "{}", run.stderr);
    }
    let script = "case $PROMETEU_ASSETS_PA in /*/game/build/assets.pa) exit 5;; esac";
    assert_eq!(command(&place, script).output().unwrap().status.code(), Some(5), "the path is absolute");
    assert_eq!(command(&place, "kill -KILL $$").output().unwrap().status.code(), Some(128 + 9));
}

#[test]
fn a_program_has_the_streams_of_the_watch() {
    let place = Place::blobs(&["a"]);
    let mut watch = command(&place, "read line; echo \"it read $line\"; echo told >&2");
    let mut child =
        watch.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(b"words\n").unwrap();
    let run = crate::harness::Run::of(child.wait_with_output().unwrap());
    assert_eq!(run.stdout, "it read words\n");
    run.says("\ntold\n").code(0);
}

#[test]
fn a_program_waits_for_the_first_pack_and_then_changes_reach_it() {
    let place = Place::blobs(&["a"]);
    place.edit("assets/a/asset.json", "data.txt", "gone.txt");
    let mut watched = begin(
        &place,
        "echo begins >&2; while ! grep -q 'the new text' \"$PROMETEU_ASSETS_PA\"; do sleep 0.02; done",
    );
    let told = watched.until("Waiting");
    assert_eq!(told.last().unwrap(), "     Waiting for changes; `sh` starts once there is a pack");
    assert!(!told.iter().any(|line| line == "begins"), "{told:?}");
    place.edit("assets/a/asset.json", "gone.txt", "data.txt");
    watched.until("begins");
    place.write("assets/a/data.txt", "the new text");
    let told = watched.until("Ended `sh`");
    assert!(told.iter().any(|line| line == "     Changed a (data.txt)"), "{told:?}");
    assert_eq!(watched.code(), Some(0));
}

#[test]
fn a_program_that_cannot_be_started_ends_the_watch() {
    let place = Place::blobs(&["a"]);
    let run = place.run(&["watch", "--", "no-such-game", "--fast"]).code(2);
    let run = run.says("error: `no-such-game` cannot be started: ");
    run.says("help: Behind `--` stands a program with its arguments, such as `cargo run`.");
}

#[test]
fn who_ends_a_watch_ends_its_program() {
    if !can_be_interrupted() {
        return;
    }
    let place = Place::blobs(&["a"]);
    for signal in [Signal::TERM, Signal::INT, Signal::HUP] {
        let file = place.path("pid");
        // It has a word to say before it ends.
        let mut watched = begin(
            &place,
            "trap 'echo asked to end >&2; exit 9' TERM; echo $$ > pid; while :; do sleep 0.02; done",
        );
        let pid = pid_in(&file);
        kill_process(Pid::from_child(&watched.child), signal).unwrap();
        watched.until("asked to end");
        assert_eq!(watched.until("Stopped").last().unwrap(), "     Stopped watching assets");
        assert_eq!(watched.code(), Some(130), "{signal:?}");
        assert!(is_gone(pid), "{signal:?}");
        fs::remove_file(file).unwrap();
    }
}

#[test]
fn who_asks_twice_ends_a_program_that_does_not_listen() {
    if !can_be_interrupted() {
        return;
    }
    let place = Place::blobs(&["a"]);
    let mut watched = begin(&place, "trap '' TERM INT; echo $$ > pid; while :; do sleep 0.02; done");
    let pid = pid_in(&place.path("pid"));
    let began = Instant::now();
    while watched.child.try_wait().unwrap().is_none() {
        assert!(began.elapsed() < DEADLINE, "it does not end");
        kill_process(Pid::from_child(&watched.child), Signal::TERM).unwrap();
        // What comes sooner is taken for the echo of the first.
        std::thread::sleep(Duration::from_millis(300));
    }
    assert_eq!(watched.code(), Some(130));
    assert!(began.elapsed() < Duration::from_secs(4), "it waited for the program to end by itself");
    assert!(is_gone(pid));
}

#[test]
fn nothing_is_written_over_what_a_program_draws() {
    let place = Place::blobs(&["a"]);
    let script = "stty raw; echo drawing > state; while [ ! -e end ]; do sleep 0.02; done; stty sane";
    let mut terminal = Terminal::spawn(100, {
        let mut command = command(&place, script);
        command.env("NO_COLOR", "1");
        command
    });
    let shown = terminal.read("Running");
    assert!(shown.contains("Packed build/assets.pa"), "{shown}");
    let began = Instant::now();
    while !place.path("state").exists() {
        assert!(began.elapsed() < DEADLINE);
        std::thread::sleep(Duration::from_millis(5));
    }
    // Two changes, the second of which is wrong.
    save(&place, "assets/a/data.txt", "the new text");
    let pack = place.path("build/assets.pa");
    let has = |words: &[u8]| fs::read(&pack).is_ok_and(|pack| pack.windows(words.len()).any(|w| w == words));
    while !has(b"the new text") {
        assert!(began.elapsed() < DEADLINE);
        std::thread::sleep(Duration::from_millis(5));
    }
    save_with(&place, "assets/a/asset.json", "data.txt", "gone.txt");
    // Until it is told, which nobody can see.
    std::thread::sleep(Duration::from_secs(2));
    place.write("end", "");
    let shown = terminal.read("Ended");
    assert_eq!(terminal.code(), Some(0));
    let (before, after) =
        shown.split_once(" changes while `sh` had the terminal").unwrap_or_else(|| panic!("{shown}"));
    let (before, count) = before.split_once("Watched ").unwrap_or_else(|| panic!("{shown}"));
    // A copy of the same news is one more where the machine is busy.
    assert!(count.parse::<usize>().unwrap() >= 2, "{shown}");
    assert!(!before.contains("Changed") && !before.contains("Packed"), "{before}");
    assert!(after.contains("error[input-missing]") && !after.contains("Packed"), "{after}");
}

#[test]
fn lines_that_go_elsewhere_are_told_while_a_program_draws() {
    let place = Place::blobs(&["a"]);
    let (_screen, person) = Terminal::open(100);
    let script = "stty raw; echo drawing >&2; while [ ! -e end ]; do sleep 0.02; done; stty sane";
    let mut command = command(&place, script);
    command.stdin(person);
    let mut watched = Watched::spawn(&place, command);
    watched.until("drawing");
    save(&place, "assets/a/data.txt", "the new text");
    watched.until("Changed a (data.txt)");
    watched.until("Packed");
    place.write("end", "");
    watched.until("Ended");
}
