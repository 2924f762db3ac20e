//! The line that shows how far it is: for work that lasts, on a terminal, and gone in the end.

use std::fs;
use std::time::Duration;

use rustix::process::Signal;

use crate::harness::Place;
use crate::signals::{MANY, Terminal, many};

/// What takes the line away, and begins the next.
const ANEW: &str = "\r\x1b[2K";

/// Packs so many assets that it can be held up in the midst of it, for longer than work lasts of which
/// nothing is shown; what then stood on a terminal.
fn held_up(place: &Place, columns: u16, arguments: &[&str], variables: &[(&str, &str)]) -> String {
    let staging = place.path("build/.staging");
    let is_staging = || fs::read_dir(&staging).is_ok_and(|mut staged| staged.next().is_some());
    // A process that was faster than we were is no proof.
    for round in 0..20 {
        for n in 1..=MANY {
            place.write(&format!("assets/a{n}/data.txt"), format!("{columns}{round}{n}").repeat(3_000));
        }
        let mut command = place.command(arguments);
        command.env("TERM", "xterm").envs(variables.iter().copied());
        let mut terminal = Terminal::spawn(columns, command);
        if !terminal.until(is_staging) {
            continue;
        }
        terminal.signal(Signal::STOP);
        std::thread::sleep(Duration::from_millis(700));
        let was_staging = is_staging();
        terminal.signal(Signal::CONT);
        let shown = terminal.read("never to be read");
        assert_eq!(terminal.code(), Some(0), "{shown}");
        if was_staging {
            return shown;
        }
    }
    panic!("it was never held up");
}

#[test]
fn work_that_lasts_shows_how_far_it_is_and_takes_that_away() {
    let place = many();
    for columns in [100, 40] {
        let shown = held_up(&place, columns, &["pack", "--color", "never"], &[]);
        let lines: Vec<&str> = shown.split(ANEW).collect();
        let drawn: Vec<&str> =
            lines.iter().copied().filter(|line| line.starts_with("     Packing")).collect();
        assert!(!drawn.is_empty(), "{shown:?}");
        for line in drawn {
            assert!(line.chars().count() < usize::from(columns).min(79), "{line:?}");
            // It may not know yet how much it is.
            let is_without_bar = line.strip_prefix("     Packing").is_some_and(|rest| !rest.contains('['));
            assert!(is_without_bar || line.contains("/600"), "{line:?}");
        }
        // What stands there in the end is what is said of it.
        assert!(lines.last().unwrap().starts_with("    Finished "), "{shown:?}");
    }
}

#[test]
fn who_does_not_want_to_see_how_far_it_is_does_not() {
    let place = many();
    for (arguments, variables) in [
        (&["pack"][..], &[("CARGO_TERM_PROGRESS_WHEN", "never")][..]),
        (&["pack"], &[("CI", "true")]),
        (&["pack"], &[("TERM", "dumb")]),
        (&["pack", "-q"], &[]),
        (&["pack"], &[("CARGO_TERM_QUIET", "true")]),
        (&["pack", "-v"], &[]),
    ] {
        let shown = held_up(&place, 100, arguments, &[variables, &[("NO_COLOR", "1")]].concat());
        assert!(!shown.contains('\x1b'), "{arguments:?} {variables:?}: {shown:?}");
    }
}

#[test]
fn the_variables_of_cargo_say_how_much_is_said() {
    let place = Place::blobs(&["a"]);
    let stderr = |variables: &[(&str, &str)], arguments: &[&str]| {
        let output = place.command(arguments).envs(variables.iter().copied()).output().unwrap();
        String::from_utf8(output.stderr).unwrap()
    };
    assert_eq!(stderr(&[("CARGO_TERM_QUIET", "true")], &["pack"]), "");
    assert!(stderr(&[("CARGO_TERM_VERBOSE", "true")], &["pack"]).contains("       Fresh a\n"));
    // A flag says more than a variable.
    assert_eq!(stderr(&[("CARGO_TERM_VERBOSE", "true")], &["pack", "-q"]), "");
    assert!(stderr(&[("CARGO_TERM_QUIET", "true")], &["pack", "-v"]).contains("       Fresh a\n"));
    assert!(stderr(&[("CARGO_TERM_QUIET", "maybe")], &["pack"]).starts_with("    Finished "));
}

#[test]
fn help_and_mistakes_have_colours_where_cargo_says_so() {
    let place = Place::empty();
    let coloured = |variables: &[(&str, &str)], arguments: &[&str]| {
        let output = place.command(arguments).envs(variables.iter().copied()).output().unwrap();
        [output.stdout, output.stderr].concat().contains(&0x1b)
    };
    for arguments in [&["--help"][..], &["docter"]] {
        assert!(!coloured(&[], arguments), "{arguments:?}");
        assert!(coloured(&[("CARGO_TERM_COLOR", "always")], arguments), "{arguments:?}");
        assert!(
            !coloured(&[("CARGO_TERM_COLOR", "never"), ("CLICOLOR_FORCE", "1")], arguments),
            "{arguments:?}"
        );
    }
}
