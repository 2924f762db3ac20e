//! A checkout that ships `assets/.prometeu/local/journal`: with a digest that fits, and whatever its
//! author would have us write, read or wait for.

use std::fs::File;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use packer_tests::journal::{JOURNAL, file, pending, signed};
use packer_tests::listing::Listing;
use packer_tests::packing::on_disk;
use packer_tests::{assets, cargo, tally};
use prometeu_packer::ops::Status;
use serde_json::{Value, json};

use super::siege::Expect::Code;
use super::siege::{SECRET, Siege};
use super::trees::Thing;

/// The longest that one command may take.
const PATIENCE: Duration = Duration::from_secs(2);

/// What a journal may not name.
const PLACES: [&str; 20] = [
    "build.rs",
    "Cargo.toml",
    ".git/hooks/pre-commit",
    ".cargo/config.toml",
    "../x",
    "../outside/map.txt",
    "$OUTSIDE/asset.json",
    "assets/../build.rs",
    "assets/../../outside/a/asset.json",
    "assets/a/../../../outside/asset.json",
    "assets/a/map.txt",
    "assets/asset.json",
    "assets/.prometeu/local/lock",
    "assets/.prometeu/local/journal",
    "assets/.prometeu/quarantine/x/asset.json",
    "assets/.PROMETEU/x/asset.json",
    "assets\\a\\asset.json",
    "C:/x/asset.json",
    "assets/a\u{0}/asset.json",
    "",
];

/// A sound project with one more folder, which can be registered.
fn siege() -> Siege {
    let siege = Siege::new();
    siege.write("assets/n/asset.json", assets::text(&assets::blob_bank(&assets::uuid(3), "n", &["map.txt"])));
    siege.write("assets/n/map.txt", "#");
    siege
}

impl Siege {
    fn project_listing(&self) -> Listing {
        Listing::of(&self.project)
    }

    /// Runs a program, which has to end soon.
    #[track_caller]
    fn ends(&self, name: &str, mut command: Command, code: i32) -> String {
        let begun = Instant::now();
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        while child.try_wait().unwrap().is_none() {
            if begun.elapsed() > PATIENCE {
                child.kill().unwrap();
                panic!("{name}: {command:?} takes longer than {PATIENCE:?}: {:?}", child.wait_with_output());
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        let output = child.wait_with_output().unwrap();
        let said = [&output.stdout, &output.stderr]
            .map(|bytes| String::from_utf8_lossy(bytes).into_owned())
            .concat();
        assert_eq!(output.status.code(), Some(code), "{name}: {command:?}: {said}");
        let obeyed =
            said.chars().find(|c| c.is_control() && *c != '\n' || ('\u{202a}'..='\u{202e}').contains(c));
        assert_eq!(obeyed, None, "{name}: a terminal would obey this:\n{said}");
        assert!(!said.contains(SECRET), "{name}: words from outside:\n{said}");
        said
    }

    fn prometeu(&self, program: &Path, arguments: &[&str]) -> Command {
        let mut command = cargo::scrubbed(program);
        command.current_dir(&self.project).args(arguments);
        command
    }

    /// Every command, in a process of its own; then nothing was written but the lane's own files.
    #[track_caller]
    fn commands_stop(&self, name: &str, before: &Listing) -> usize {
        let program = cargo::subcommand();
        let out = self.out.to_str().unwrap();
        let mut cases = 0;
        for (arguments, code) in [
            (&["doctor"][..], 1),
            (&["list"], 0),
            (&["show", "a"], 0),
            (&["register", "n"], 1),
            (&["relocate", "a", "moved", "--yes"], 1),
            (&["pack", "--out", out], 1),
        ] {
            let said = self.ends(name, self.prometeu(&program, arguments), code);
            let is_named =
                said.contains("error[journal-unfinished]: ") || said.contains("cannot be followed: ");
            assert!(is_named && said.contains("help: "), "{name}: {arguments:?}: {said}");
            assert!(said.contains("delete that file"), "{name}: {arguments:?} names no way out: {said}");
            cases += 1;
        }
        let mut build = cargo::scrubbed(env!("CARGO_BIN_EXE_pack"));
        build.args([&self.project, &self.out]);
        let said = self.ends(name, build, 1);
        assert!(said.contains("error[journal-unfinished]: "), "{name}: {said}");
        self.clear(JOURNAL);
        self.nothing_written(name, before);
        cases + 1
    }

    #[track_caller]
    fn nothing_written(&self, name: &str, before: &Listing) {
        let mut changed = before.changed(&self.project_listing());
        changed.retain(|path| {
            let own = ["assets/.prometeu/local", "build"];
            path != Path::new("assets/.prometeu")
                && !path.as_os_str().is_empty()
                && !own.iter().any(|own| path.starts_with(own))
        });
        assert_eq!(changed, Vec::<PathBuf>::new(), "{name}: written in the project");
        self.nothing_leaked(name);
    }
}

/// A journal that has to be refused, whoever asks.
#[track_caller]
fn check(name: &str, put: impl FnOnce(&Siege)) -> usize {
    let siege = siege();
    let before = siege.project_listing();
    put(&siege);
    Code("journal-unfinished").check(name, &siege.attack(name));
    1 + siege.commands_stop(name, &before)
}

fn check_steps(name: &str, steps: &[Value]) -> usize {
    check(name, |siege| {
        let outside = siege.outside.to_str().unwrap();
        let text = Value::from(steps).to_string().replace("$OUTSIDE", outside);
        let steps: Vec<Value> = serde_json::from_str(&text).unwrap();
        siege.write(JOURNAL, pending("nothing of interest", &steps));
    })
}

#[test]
fn a_journal_that_names_another_place_is_refused_whole() {
    let mut cases = 0;
    for place in PLACES {
        let good = file("assets/a/asset.json", None, "{}");
        cases += check_steps(&format!("a file {place:?}"), &[good, file(place, None, "evil")]);
        // A folder that is no root may be made, so those are not in question here.
        if !matches!(place, "assets/a/map.txt" | "assets/asset.json") {
            cases += check_steps(&format!("a folder {place:?}"), &[json!({ "folder": place })]);
            let out = json!({ "move": "assets/a", "to": place, "made": [] });
            cases += check_steps(&format!("a move to {place:?}"), &[out]);
            let steal = json!({ "move": place, "to": "assets/stolen", "made": [] });
            cases += check_steps(&format!("a move from {place:?}"), &[steal]);
        }
    }
    tally("hostile, places in journals", cases, 0);
}

#[test]
fn a_journal_that_makes_no_sense_is_refused_and_nothing_counts_beyond_its_numbers() {
    let body = |member: &str, value: Value| {
        let mut body = json!({ "format": 1, "sequence": "7", "state": "clean" });
        body[member] = value;
        signed(&body)
    };
    let mut cases = 0;
    for (name, bytes) in [
        ("nothing", Vec::new()),
        ("a digest alone", signed(&json!({}))[..65].to_vec()),
        ("no digest", b"{\"format\":1}\n".to_vec()),
        ("a newer format", body("format", json!(2))),
        ("no format", signed(&json!({ "sequence": "7", "state": "clean" }))),
        ("a number below all", body("sequence", json!("-1"))),
        ("a number above all", body("sequence", json!("18446744073709551616"))),
        ("the last number", body("sequence", json!("18446744073709551615"))),
        ("a state that there is not", body("state", json!("half"))),
        ("pending, and nothing else", body("state", json!("pending"))),
        ("a list", signed(&json!([1, 2, 3]))),
        ("steps within steps", pending("x", &[json!({ "steps": [[[[]]]] })])),
        ("zeros", vec![0; 100_000]),
        ("endless work", pending("x", &vec![json!({ "folder": "assets/f" }); 20_000])),
    ] {
        cases += check(name, |siege| siege.write(JOURNAL, &bytes));
    }
    tally("hostile, journals without sense", cases, 0);
}

#[test]
fn a_journal_is_a_regular_file_of_a_size_that_a_change_can_have() {
    let mut cases = 0;
    for thing in [
        Thing::Link("$OUTSIDE/map.txt"),
        Thing::Link("/dev/zero"),
        Thing::Link("journal"),
        Thing::Link("nothing"),
        Thing::Pipe,
        Thing::Socket,
        Thing::Folder,
    ] {
        cases += check(&format!("{thing:?}"), |siege| siege.put(JOURNAL, thing));
    }
    for size in [(16 << 20) + 1, 5 << 30] {
        cases += check(&format!("a file of {size} bytes"), |siege| {
            siege.write(JOURNAL, "");
            File::options().write(true).open(siege.path(JOURNAL)).unwrap().set_len(size).unwrap();
        });
    }
    tally("hostile, journals in trees", cases, 0);
}

#[test]
fn a_journal_behind_a_link_is_nobodys() {
    let mut cases = 0;
    for (place, rest) in [("assets/.prometeu/local", "journal"), ("assets/.prometeu", "local/journal")] {
        let siege = siege();
        let name = format!("`{place}` leads to another project's");
        let elsewhere = siege.project.parent().unwrap().join("elsewhere");
        let journal = pending(SECRET, &[file("assets/a/asset.json", Some(SECRET), SECRET)]);
        std::fs::create_dir_all(elsewhere.join(rest).parent().unwrap()).unwrap();
        std::fs::write(elsewhere.join(rest), journal).unwrap();
        let before = Listing::of(&elsewhere);
        symlink(&elsewhere, siege.clear(place)).unwrap();
        let verdict = siege.attack(&name);
        assert!(!verdict.codes.contains("journal-unfinished"), "{name}: {verdict:?}");
        let program = cargo::subcommand();
        let refused = if place.ends_with("local") { 4 } else { 1 };
        siege.ends(&name, siege.prometeu(&program, &["register", "n"]), refused);
        assert_eq!(before.changed(&Listing::of(&elsewhere)), Vec::<PathBuf>::new(), "{name}");
        cases += 2;
    }
    tally("hostile, journals behind links", cases, 0);
}

#[test]
fn a_journal_reaches_nothing_through_a_link() {
    let secret = json!({ SECRET: SECRET, "name": SECRET, "inputs": SECRET }).to_string();
    let mut cases = 0;
    for (name, step) in [
        ("edits a file", file("assets/link/asset.json", Some(&secret), "evil")),
        ("edits a file that is not there", file("assets/link/new/asset.json", Some("x"), "evil")),
        ("makes a folder", json!({ "folder": "assets/link/new" })),
        ("takes a folder", json!({ "move": "assets/link/old", "to": "assets/stolen", "made": [] })),
        ("gives a folder", json!({ "move": "assets/a", "to": "assets/link/given", "made": [] })),
        ("takes the link", json!({ "move": "assets/link", "to": "assets/stolen", "made": [] })),
    ] {
        let siege = siege();
        symlink(&siege.outside, siege.path("assets/link")).unwrap();
        siege.write(JOURNAL, pending("through a link", &[step]));
        let name = format!("a journal {name} through a link");
        let begun = Instant::now();
        // It is one that could have been of a change, so it is settled: without a step outside.
        let project = on_disk(&siege.project);
        assert!(begun.elapsed() < PATIENCE, "{name}");
        let recovered = project.take_recovered();
        siege.nothing_leaked(&name);
        assert!(!siege.path("assets/stolen").exists(), "{name}: {recovered:?}");
        let verdict = siege.attack(&name);
        assert_eq!(verdict.status, Status::Ok, "{name}: {verdict:?}");
        cases += 1;
    }
    tally("hostile, journals through links", cases, 0);
}

#[test]
fn what_a_journal_says_is_no_order_to_a_terminal() {
    let siege = siege();
    let title = format!("\u{1b}[2J\u{202e}{}", "long ".repeat(1000));
    siege.write(JOURNAL, pending(&title, &[file("assets/n\u{202e}/asset.json", Some("x"), "y")]));
    let mut build = cargo::scrubbed(env!("CARGO_BIN_EXE_pack"));
    build.args([&siege.project, &siege.out]);
    assert!(siege.ends("a build", build, 1).contains("journal-unfinished"));
    let said = siege.ends("a list", siege.prometeu(&cargo::subcommand(), &["list"]), 0);
    assert!(said.contains("Recovered from an interrupted change"), "{said}");
    tally("hostile, words in journals", 2, 0);
}
