//! Cargo's manners: how it is called, help, colours, pipes.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::Stdio;

use crate::harness::Place;

#[test]
fn cargo_may_call_it_and_so_may_people() {
    let place = Place::blobs(&["a"]);
    let direct = place.ok(&["list"]).stdout;
    assert_eq!(place.ok(&["prometeu", "list"]).stdout, direct);
}

#[test]
fn without_a_command_and_a_project_it_shows_what_there_is() {
    let place = Place::empty();
    let help = place.ok(&[]).prints("Usage: cargo prometeu").prints("\n  doctor ").stdout;
    assert!(help.lines().count() < 72, "{help}");
    place.ok(&["--help"]).prints("Exit codes:").prints("   75  ");
    place.ok(&["help", "pack"]).prints("--check");
    place.ok(&["--version"]).prints("assets.pa version 1");
}

#[test]
fn a_misspelt_command_or_flag_gets_the_nearest() {
    let place = Place::empty();
    place.run(&["docter"]).code(2).says("'doctor'").prints_nothing();
    place.run(&["pack", "--chek"]).code(2).says("'--check'");
    place.run(&["list", "-q", "-v"]).code(2);
    place.run(&["list", "--project", "a", "-m", "b"]).code(2);
}

#[test]
fn colours_are_for_terminals_and_for_who_asks() {
    let place = Place::blobs(&["a"]);
    let colour = |arguments: &[&str], variables: &[(&str, &str)]| {
        let output = place.command(arguments).envs(variables.iter().copied()).output().unwrap();
        output.stderr.contains(&0x1b)
    };
    assert!(!colour(&["pack"], &[]));
    assert!(colour(&["pack", "--color", "always"], &[]));
    assert!(colour(&["pack"], &[("CARGO_TERM_COLOR", "always")]));
    assert!(!colour(&["pack", "--color", "never"], &[("CARGO_TERM_COLOR", "always")]));
    assert!(colour(&["pack"], &[("CLICOLOR_FORCE", "1")]));
    assert!(!colour(&["pack"], &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]));
}

#[test]
fn a_reader_that_goes_away_is_no_accident() {
    let place = Place::project();
    // More than a pipe holds.
    let roots: Vec<String> = (0..400).map(|n| format!("{}{n}", "name".repeat(50))).collect();
    for root in &roots {
        place.write(&format!("assets/{root}/asset.json"), "{}");
    }
    for format in ["human", "json"] {
        let mut child = place
            .command(&["list", "--message-format", format])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut stdout = BufReader::with_capacity(16, child.stdout.take().unwrap());
        if format == "human" {
            stdout.read_line(&mut line).unwrap();
            assert!(line.starts_with("ID"), "{line}");
        }
        drop(stdout);
        let status = child.wait().unwrap();
        let mut stderr = String::new();
        child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
        assert!(status.success() && !stderr.contains("panicked"), "{status}: {stderr}");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_behind_stdout_is_a_failure() {
    let place = Place::blobs(&["a"]);
    let into_full = |arguments: &[&str]| {
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        place.command(arguments).stdout(full).stderr(Stdio::piped()).output().unwrap()
    };
    for arguments in [&["list"][..], &[]] {
        let output = into_full(arguments);
        assert_eq!(output.status.code(), Some(4), "{arguments:?}");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(said.contains("failed to write to stdout"), "{arguments:?}: {said}");
    }
    assert_eq!(into_full(&["--help"]).status.code(), Some(4));
}

#[test]
fn the_colour_that_is_asked_for_is_that_of_help_and_of_mistakes_as_well() {
    let place = Place::blobs(&["a"]);
    for arguments in [&["--help"][..], &["lsit"]] {
        for (choice, is_coloured) in [("always", true), ("never", false)] {
            let output = place.command(&[&["--color", choice][..], arguments].concat()).output().unwrap();
            let said = [output.stdout, output.stderr].concat();
            assert_eq!(said.contains(&b'\x1b'), is_coloured, "{arguments:?} {choice}");
        }
    }
}

#[test]
fn names_from_files_cannot_steer_a_terminal() {
    let place = Place::blobs(&["a"]);
    place.edit("assets/a/asset.json", "\"name\": \"a\"", "\"name\": \"\\u001b[2J\\u202e\"");
    let run = place.ok(&["list"]).prints("\\u{1b}[2J\\u{202e}");
    assert!(!run.stdout.contains(['\u{1b}', '\u{202e}']), "{run:?}");
}
