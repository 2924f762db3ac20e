//! What `docs/ci.md` and `.pre-commit-hooks.yaml` tell people to use works.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::harness::{Place, Run};
use crate::shells::is_here;

const PAGE: &str = include_str!("../../../docs/ci.md");
const OFFERED: &str = include_str!("../../../.pre-commit-hooks.yaml");

fn checkout() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_path_buf()
}

/// The blocks of the page in a language.
fn blocks(language: &str) -> Vec<&'static str> {
    let begin = format!("```{language}\n");
    PAGE.split(&begin).skip(1).map(|rest| rest.split("```").next().unwrap()).collect()
}

#[test]
fn every_command_of_the_page_is_one() {
    let place = Place::empty();
    let mut seen = 0;
    let lines = PAGE.lines().flat_map(|line| line.split('`'));
    for line in lines.filter_map(|line| line.split_once("cargo prometeu ").map(|(_, rest)| rest)) {
        let typed = line.split(['#', '>', '|']).next().unwrap();
        let mut words: Vec<&str> = typed.split_whitespace().collect();
        words.push("--help");
        place.ok(&words).prints("Usage: cargo prometeu ");
        seen += 1;
    }
    assert!(seen >= 8, "only {seen}");
}

#[test]
fn the_yaml_of_the_page_and_of_the_file_is_yaml() {
    let all = [blocks("yaml"), vec![OFFERED]].concat();
    assert_eq!(all.len(), 4);
    for text in &all {
        assert!(!text.contains('\t'), "{text}");
    }
    if !is_here("python3") {
        return;
    }
    let place = Place::empty();
    for (n, text) in all.iter().enumerate() {
        place.write(&format!("{n}.yml"), text);
    }
    let program = r#"
import sys
try:
    import yaml
except ImportError:
    print("skipped"); sys.exit()
workflow, config, lefthook, offered = (yaml.safe_load(open(f"{n}.yml")) for n in range(4))
steps = workflow["jobs"]["assets"]["steps"]
assert any("--message-format github" in step.get("run", "") for step in steps)
assert any("upload-sarif" in step.get("uses", "") for step in steps)
assert all(("run" in step) != ("uses" in step) for step in steps)
ids = [hook["id"] for hook in offered]
assert ids == ["prometeu-doctor", "prometeu-doctor-system"], ids
for hook in offered:
    assert hook["pass_filenames"] is False and hook["require_serial"] is True and hook["files"], hook
assert all(hook["id"] in ids for repo in config["repos"] for hook in repo["hooks"])
assert lefthook["pre-commit"]["commands"]["prometeu"]["run"].startswith("cargo prometeu ")
print("read")
"#;
    let run =
        Run::of(Command::new("python3").args(["-c", program]).current_dir(place.path("")).output().unwrap());
    if run.stdout.trim() == "skipped" {
        // Nobody can be told when standard error is gone.
        let _ = writeln!(std::io::stderr(), "skipped: Python has no `yaml` here");
    } else {
        run.code(0).prints("read");
    }
}

#[test]
#[cfg(unix)]
fn what_the_file_offers_to_run_can_be_run() {
    use std::os::unix::fs::PermissionsExt as _;
    let entries: Vec<&str> = OFFERED.lines().filter_map(|line| line.strip_prefix("  entry: ")).collect();
    let [script, installed] = entries[..] else { panic!("{entries:?}") };
    let (script, arguments) = script.split_once(' ').unwrap();
    assert_eq!(arguments, "doctor");
    let script = checkout().join(script);
    assert!(script.metadata().unwrap().permissions().mode() & 0o111 != 0, "git keeps that");
    assert!(fs::read_to_string(script).unwrap().contains("--package cargo-prometeu -- prometeu \"$@\""));
    let mut words = installed.split(' ');
    assert_eq!(
        (words.next(), words.next(), words.next()),
        (Some("cargo-prometeu"), Some("prometeu"), Some("doctor"))
    );
}

/// The framework itself, on a repository of its own: it reads our file, and runs the hook.
#[test]
#[cfg(unix)]
fn pre_commit_runs_the_hook_and_heeds_what_it_says() {
    if !is_here("git") || !is_here("pre-commit") {
        return;
    }
    let place = Place::project();
    place.ok(&["create", "a", "--type", "blob_bank"]);
    let offers = place.path("../offers");
    fs::create_dir(&offers).unwrap();
    fs::write(offers.join(".pre-commit-hooks.yaml"), OFFERED).unwrap();
    let folder = Path::new(env!("CARGO_BIN_EXE_cargo-prometeu")).parent().unwrap().to_path_buf();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let path = std::env::join_paths(std::iter::once(folder).chain(std::env::split_paths(&path))).unwrap();
    let run = |folder: &Path, words: &[&str]| {
        let mut command = Command::new(words[0]);
        command.args(&words[1..]).current_dir(folder).env("PATH", &path).env("HOME", place.path(".."));
        command.env("GIT_CONFIG_NOSYSTEM", "1").env("PRE_COMMIT_COLOR", "never");
        for name in ["GIT_AUTHOR_NAME", "GIT_COMMITTER_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_EMAIL"] {
            command.env(name, "somebody");
        }
        for name in ["GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE", "PRE_COMMIT_HOME", "XDG_CACHE_HOME"] {
            command.env_remove(name);
        }
        Run::of(command.output().unwrap())
    };
    for folder in [&offers, &place.path("")] {
        run(folder, &["git", "init", "-q"]).code(0);
        run(folder, &["git", "add", "-A"]).code(0);
        run(folder, &["git", "commit", "-q", "-m", "first"]).code(0);
    }
    let hook = ["pre-commit", "try-repo", "../offers", "prometeu-doctor-system", "--all-files"];
    run(&place.path(""), &hook).code(0).prints("Passed");
    place.edit("assets/a/asset.json", "\"NONE\"", "\"ZIP\"");
    run(&place.path(""), &hook).code(1).prints("there is no codec `ZIP`").prints("Failed");
}
