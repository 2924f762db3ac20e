//! A change that was interrupted: who settles it, what people and programs hear of it, and who does not
//! touch it.

use std::fs;
use std::process::Command;

use prometeu_packer::Digest;
use serde_json::{Value, json};

use crate::harness::Place;

const JOURNAL: &str = "assets/.prometeu/local/journal";
const INDEX: &str = "assets/.prometeu/index.json";
const RECOVERED: &str = "   Recovered from an interrupted change by finishing it: register `b` as asset 2\n";

impl Place {
    /// A project with the asset `a` and the folder `b`, whose process died once it was decided that `b`
    /// is registered.
    pub(crate) fn interrupted() -> Self {
        let place = Self::blobs(&["a"]);
        place.copy_of_a("b");
        let before = place.read(INDEX);
        place.ok(&["register", "b"]);
        let after = place.read(INDEX);
        place.write(INDEX, &before);
        place.pending(&[("assets/.prometeu/index.json", &before, &after)]);
        place
    }

    /// An asset that is not registered, with a uuid of its own.
    fn copy_of_a(&self, root: &str) {
        let declaration: Value = serde_json::from_str(&self.read("assets/a/asset.json")).unwrap();
        let uuid = declaration["asset_uuid"].as_str().unwrap();
        let mut other = uuid.to_owned();
        other.replace_range(..8, "0198c0de");
        let text = self.read("assets/a/asset.json").replace(uuid, &other);
        self.write(&format!("assets/{root}/asset.json"), text);
        fs::copy(self.path("assets/a/data.txt"), self.path(&format!("assets/{root}/data.txt"))).unwrap();
    }

    /// A journal which says that the registration of `b` is under way, with those files before and after.
    fn pending(&self, files: &[(&str, &str, &str)]) {
        let step = |(file, before, after): &(&str, &str, &str)| json!({ "file": file, "before": before, "after": after });
        let body = json!({
            "format": 1,
            "sequence": "2",
            "state": "pending",
            "plan_id": format!("{}.0198c0de-0000-7000-8000-000000000001", Digest::of(b"a plan")),
            "title": "register `b` as asset 2",
            "steps": files.iter().map(step).collect::<Vec<_>>(),
        });
        let body = format!("{body}\n");
        self.write(JOURNAL, format!("{}\n{body}", Digest::of(body.as_bytes())));
    }
}

#[test]
fn whoever_opens_the_project_finishes_it_and_says_so_once() {
    for command in [
        &["list"][..],
        &["show", "b"],
        &["doctor"],
        &["exclude", "a"],
        &["exclude", "a", "--dry-run"],
        &["init", "--yes"],
    ] {
        let place = Place::interrupted();
        let run = place.ok(command);
        assert!(run.stderr.starts_with(RECOVERED), "{command:?}: {}", run.stderr);
        assert!(place.read(INDEX).contains("\"root\": \"b\""));
        let again = place.ok(&["list"]);
        assert!(!again.stderr.contains("Recovered"), "{}", again.stderr);
    }
    let quiet = Place::interrupted().ok(&["-q", "list"]);
    assert_eq!(quiet.stderr, "");
}

#[test]
fn programs_hear_of_it_as_an_event_of_an_operation_of_its_own() {
    let (run, lines) = Place::interrupted().json(&["list"]);
    assert_eq!((run.code, &*run.stderr), (0, ""));
    let [state, event, response] = &lines[..] else { panic!("{lines:?}") };
    assert_eq!(state["kind"], "snapshot_state_changed");
    assert_eq!(state["operation_id"], event["operation_id"]);
    assert_eq!((&event["reason"], &event["kind"]), (&"event".into(), &"action_applied".into()));
    assert_eq!(event["summary"], "finished a change that was interrupted: register `b` as asset 2");
    assert_ne!(event["operation_id"], response["operation_id"]);
    assert_eq!(response["assets"].as_array().unwrap().len(), 2);
}

#[test]
fn a_pack_stops_at_it_touches_nothing_and_names_the_command_that_settles_it() {
    let place = Place::interrupted();
    let before = place.listing();
    for command in [&["pack"][..], &["pack", "--check"]] {
        let run = place.run(command).code(1).prints_nothing();
        assert!(
            run.stderr.starts_with(
                "error[journal-unfinished]: a change was interrupted: register `b` as asset 2\n \
                 --> assets/.prometeu/local/journal\n"
            ),
            "{}",
            run.stderr
        );
        run.says("help: Run `cargo prometeu doctor`: it finishes the change, or takes it back.")
            .says("error: nothing was ");
    }
    let (run, lines) = place.json(&["pack", "--check"]);
    let response = lines.last().unwrap();
    assert_eq!((run.code, &response["status"]), (1, &"blocked".into()));
    assert_eq!(response["diagnostics"][0]["code"], "journal-unfinished");
    let assets = |path: &std::path::PathBuf| path.starts_with(place.path("assets"));
    let mut after = place.listing();
    after.retain(|path, _| assets(path) || before.contains_key(path));
    assert_eq!(after, before);
    let doctor = place.ok(&["doctor"]).says("2 assets, nothing wrong");
    assert!(doctor.stderr.starts_with(RECOVERED), "{}", doctor.stderr);
    place.ok(&["pack"]).says("2 assets");
}

#[test]
fn what_somebody_else_wrote_meanwhile_is_pointed_at_however_quiet() {
    let place = Place::blobs(&["a"]);
    place.copy_of_a("b");
    let (before, declaration) = (place.read(INDEX), place.read("assets/b/asset.json"));
    let after = before.replace("\"next_asset_id\": 2", "\"next_asset_id\": 3");
    place.pending(&[("assets/b/asset.json", "{}", &declaration), (INDEX, &before, &after)]);
    let edited = declaration.replace("\"a\"", "\"edited\"");
    place.write("assets/b/asset.json", &edited);
    let run = place.ok(&["-q", "list"]);
    assert_eq!(
        run.stderr,
        "warning: `assets/b/asset.json` was changed by somebody else meanwhile, and is as they left it\n\
         help: Look at that, and then make the change anew if you still want it.\n"
    );
    assert_eq!((place.read("assets/b/asset.json"), place.read(INDEX)), (edited, before));
}

#[test]
fn a_journal_that_cannot_be_followed_stops_changes_and_packs_and_reads_say_so() {
    let place = Place::interrupted();
    place.write(JOURNAL, place.read(JOURNAL).replace("asset 2", "asset 3"));
    let before = place.listing();
    place.ok(&["list"]).says("error[journal-unfinished]: ").says("its digest does not fit");
    place.ok(&["show", "a"]).prints("error[journal-unfinished]: ");
    place.run(&["doctor"]).code(1).prints("error[journal-unfinished]: ").prints("then delete that file");
    place.run(&["pack", "--check"]).code(1).says("error[journal-unfinished]: ");
    place.run(&["register", "b"]).code(1).says("cannot be followed").says("then delete that file");
    let (_, lines) = place.json(&["register", "b"]);
    assert_eq!(lines.last().unwrap()["blockers"][0]["code"], "journal-unfinished");
    let mut after = place.listing();
    after.retain(|path, _| !path.ends_with("build") && !path.starts_with(place.path("build")));
    assert_eq!(after, before);
    fs::remove_file(place.path(JOURNAL)).unwrap();
    place.ok(&["register", "b"]);
}

#[test]
fn git_never_sees_anything_of_a_change_but_the_change() {
    let game = Place::package();
    let git = |arguments: &[&str]| {
        let output = Command::new("git").args(arguments).current_dir(game.path("")).output().ok()?;
        output.status.success().then(|| String::from_utf8(output.stdout).unwrap())
    };
    if git(&["init", "-q"]).is_none() {
        eprintln!("skipped: git is not here");
        return;
    }
    let check = |command: &[&str], assets: &[&str]| {
        game.ok(command);
        let seen = git(&["ls-files", "--others", "--exclude-standard", "--", "assets"]).unwrap();
        let files = std::iter::once(&INDEX).chain(assets).flat_map(|file| [*file, "\n"]);
        assert_eq!(seen, files.collect::<String>(), "after {command:?}");
        let status = git(&["status", "--porcelain", "-uall", "--ignored=no"]).unwrap();
        assert!(!status.contains("local"), "{status}");
    };
    check(&["init", "--yes"], &[]);
    check(&["create", "a", "--type", "blob_bank"], &["assets/a/asset.json", "assets/a/data.txt"]);
    let moved = ["assets/ui/c/asset.json", "assets/ui/c/data.txt"];
    check(&["relocate", "a", "ui/c", "--yes"], &moved);
    check(&["exclude", "ui/c"], &moved);
    check(&["include", "ui/c"], &moved);
    // Without a uuid, so that its declaration is edited too.
    let text = game.read("assets/ui/c/asset.json");
    let line = text.lines().find(|line| line.contains("asset_uuid")).unwrap();
    game.write("assets/b/asset.json", text.replace(&format!("{line}\n"), ""));
    check(&["register", "b"], &[&["assets/b/asset.json"], &moved[..]].concat());
}
