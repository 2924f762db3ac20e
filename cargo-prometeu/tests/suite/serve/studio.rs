//! A studio in Python, with its standard library alone: it changes a project and packs it by what it is told.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use crate::harness::Place;

/// The Python that is here; without one the tests are skipped, and say so.
fn python() -> Option<&'static str> {
    let runs = |name: &&str| {
        let run = Command::new(name).args(["-c", "import sys; sys.exit(sys.version_info < (3, 8))"]).output();
        run.is_ok_and(|output| output.status.success())
    };
    let found = ["python3", "python"].into_iter().find(runs);
    if found.is_none() {
        // Past what a test captures: nobody would see it else.
        let _ = writeln!(std::io::stderr(), "SKIPPED: there is no Python 3.8 here, so no studio was tried");
    }
    found
}

fn fixture() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/studio.py")
}

/// What the studio draws that does all it was told.
#[track_caller]
fn drawn(place: &Place, python: &str, arguments: &[&str]) -> String {
    drawn_to_the_end(place, python, arguments, 0)
}

/// What the studio draws that does not.
#[track_caller]
fn drawn_in_part(place: &Place, python: &str, arguments: &[&str]) -> String {
    drawn_to_the_end(place, python, arguments, 1)
}

#[track_caller]
fn drawn_to_the_end(place: &Place, python: &str, arguments: &[&str], code: i32) -> String {
    // What the harness takes from the environment.
    let serve = place.command(&["--project", ".", "-q", "serve"]);
    let mut command = Command::new(python);
    command.arg(fixture()).args(arguments).arg("--").arg(serve.get_program()).args(serve.get_args());
    for (name, value) in serve.get_envs() {
        assert!(value.is_none(), "{name:?}");
        command.env_remove(name);
    }
    command.env("PYTHONIOENCODING", "utf-8").current_dir(place.path("")).stdin(Stdio::null());
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let began = Instant::now();
    while child.try_wait().unwrap().is_none() {
        if began.elapsed() > super::DEADLINE {
            child.kill().unwrap();
            panic!("the studio does not end");
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    let output = child.wait_with_output().unwrap();
    let (out, err) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    assert_eq!(output.status.code(), Some(code), "{out}{err}");
    assert!(out.lines().all(|line| line == line.trim_end()), "{out}");
    out
}

/// That the studio draws these lines, in this order.
#[track_caller]
fn draws(drawn: &str, lines: &[&str]) {
    let mut rest = drawn;
    for line in lines {
        let at = rest.find(line).unwrap_or_else(|| panic!("no `{line}` (there) in:\n{drawn}"));
        rest = &rest[at + line.len()..];
    }
}

#[test]
fn a_studio_changes_a_project_as_its_person_agrees() {
    let Some(python) = python() else { return };
    let place = Place::project();
    let create = r#"{"root":"ui/words","type":"blob_bank"}"#;
    let text = drawn(&place, python, &["--do", "create_asset", create]);
    draws(
        &text,
        &[
            "serves ",
            "== create_asset",
            "create folder assets/ui/words\n",
            "ok: create the blob_bank `ui/words` as asset 1",
            "next: take back: ",
            "1 ui/words",
        ],
    );
    let moved = r#"{"asset":1,"new_root":"text"}"#;
    let text = drawn_in_part(&place, python, &["--do", "relocate_asset", moved]);
    draws(
        &text,
        &[
            "move folder assets/text from assets/ui/words",
            "blocked: somebody said no to this plan: move `ui/words` to `text`",
            "1 ui/words",
        ],
    );
    let text = drawn(&place, python, &["--yes", "--do", "relocate_asset", moved]);
    draws(&text, &["ok: move `ui/words` to `text`", "1 text"]);
    let text = drawn_in_part(&place, python, &["--do", "forget_asset", r#"{"asset":"nobody"}"#]);
    draws(&text, &["refused: no asset", "[unknown-asset]"]);
}

#[test]
fn a_studio_draws_the_four_phases_while_it_packs() {
    let Some(python) = python() else { return };
    let place = Place::blobs(&["a", "b"]);
    let text = drawn(&place, python, &["--out", "out"]);
    draws(
        &text,
        &[
            "== 1 of 4: summary\n  2 included\n    1 a (blob_bank): 1 of 1 to ",
            "2 b (blob_bank)",
            "== 2 of 4: validation\n  green\n",
            "== 3 of 4: packing\n  1 packing\n",
            "] 1/2 assets",
            "[##########] 2/2 assets",
            "== 4 of 4: result\n  ok: 2 assets in ",
            "assets.pa, ",
            "2 assets, 0 kept, 2 made",
        ],
    );
    assert!(place.path("out/assets.pa").exists());

    place.edit("assets/b/asset.json", "\"data.txt\"", "\"date.txt\"");
    let text = drawn_in_part(&place, python, &[]);
    draws(
        &text,
        &["== 2 of 4", "b (assets/b)", "error[input-missing] assets/b/asset.json:", "help: ", "red: "],
    );
    assert!(!text.contains("3 of 4") && !place.path("build/assets.pa").exists(), "{text}");

    place.write("assets/b/asset.json", "{");
    let text = drawn_in_part(&place, python, &[]);
    draws(&text, &["    2 - (-)\n", "== 2 of 4"]);
}

#[test]
fn the_studio_knows_no_rule_of_the_packer() {
    let studio = std::fs::read_to_string(fixture()).unwrap();
    for family in ["glyph", "sound_bank", "blob", "-invalid", "-missing", "plan-outdated", "consent-required"]
    {
        assert!(!studio.contains(family), "it knows `{family}`");
    }
}
