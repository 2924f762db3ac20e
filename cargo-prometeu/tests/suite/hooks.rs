//! The hook, run by git itself in real repositories.
#![cfg(unix)]

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use crate::harness::{Place, Run, alone};
use crate::shells::is_here;

/// A repository in the folder `game`, with the project in the folder of that name below it.
struct Repository {
    place: Place,
    project: &'static str,
}

impl Repository {
    /// With one asset, committed; nothing where git is not installed.
    fn new(project: &'static str) -> Option<Self> {
        if !is_here("git") {
            return None;
        }
        let place = Place::empty();
        fs::create_dir_all(place.path(project)).unwrap();
        let repository = Self { place, project };
        repository.git(&["init", "-q", "-b", "main"]).code(0);
        repository.prometeu(&["init", "--yes"]).code(0);
        repository.prometeu(&["create", "a", "--type", "blob_bank"]).code(0);
        repository.commit("first").code(0);
        Some(repository)
    }

    /// As for everybody, without what lies in somebody's home.
    fn alone(&self, command: &mut Command, is_installed: bool) {
        alone(command, &self.place.path("../home"), is_installed);
        command.env("HOME", self.place.path(""));
    }

    fn git_as(&self, is_installed: bool, folder: &str, arguments: &[&str]) -> Run {
        let mut git = Command::new("git");
        git.args(arguments).current_dir(self.place.path(folder));
        self.alone(&mut git, is_installed);
        Run::of(git.output().unwrap())
    }

    fn git(&self, arguments: &[&str]) -> Run {
        self.git_as(true, "", arguments)
    }

    fn commit(&self, message: &str) -> Run {
        self.git(&["add", "-A", "."]).code(0);
        self.git(&["commit", "-q", "-m", message])
    }

    fn prometeu_in(&self, folder: &str, arguments: &[&str]) -> Run {
        let mut command = self.place.command(arguments);
        self.alone(command.current_dir(self.place.path(folder)), true);
        Run::of(command.output().unwrap())
    }

    fn prometeu(&self, arguments: &[&str]) -> Run {
        self.prometeu_in(self.project, arguments)
    }

    /// A file of the project.
    fn file(&self, path: &str) -> String {
        Path::new(self.project).join(path).to_str().unwrap().to_owned()
    }

    fn break_the_asset(&self) {
        self.place.edit(&self.file("assets/a/asset.json"), "\"NONE\"", "\"ZIP\"");
    }

    fn own_hook(&self, path: &str, text: &str, mode: u32) {
        self.place.write(path, text);
        fs::set_permissions(self.place.path(path), fs::Permissions::from_mode(mode)).unwrap();
    }
}

#[test]
fn a_commit_of_broken_assets_is_stopped_and_any_other_is_not() {
    for project in ["", "the game/in here"] {
        let Some(repository) = Repository::new(project) else { return };
        repository.prometeu(&["hooks", "install", "--yes"]).code(0).says("Installed").prints_nothing();
        repository.place.write(&repository.file("assets/a/data.txt"), "sound");
        repository.commit("sound").code(0);
        repository.break_the_asset();
        let run = repository.commit("broken").code(1).says("there is no codec `ZIP`");
        run.says("`git commit --no-verify`");
        // What has nothing to do with assets is nobody's business.
        repository.git(&["reset", "-q"]).code(0);
        repository.place.write("README", "x");
        repository.git(&["add", "README"]).code(0);
        repository.git(&["commit", "-q", "-m", "words"]).code(0);
        repository.git(&["commit", "-q", "-a", "--no-verify", "-m", "broken"]).code(0);
    }
}

#[test]
fn who_has_staged_a_part_is_told_what_was_looked_at() {
    let Some(repository) = Repository::new("") else { return };
    repository.prometeu(&["hooks", "install", "--yes"]).code(0);
    repository.place.write("assets/a/data.txt", "staged");
    repository.git(&["add", "-A"]).code(0);
    repository.place.write("assets/a/data.txt", "not staged");
    repository.git(&["commit", "-q", "-m", "part"]).code(0).says("as they are on disk");
}

#[test]
fn without_the_command_nobody_is_stopped_and_it_is_said() {
    let Some(repository) = Repository::new("") else { return };
    repository.prometeu(&["hooks", "install", "--yes"]).code(0);
    repository.break_the_asset();
    repository.git(&["add", "-A"]).code(0);
    let run = repository.git_as(false, "", &["commit", "-q", "-m", "broken"]).code(0);
    run.says("cargo-prometeu is not installed here, so nobody looked at assets");
}

#[test]
fn a_hook_that_is_there_comes_first_and_is_as_it_was_afterwards() {
    let Some(repository) = Repository::new("") else { return };
    let own = "#!/bin/sh\necho mine $#; test ! -e stop\n";
    repository.own_hook(".git/hooks/pre-commit", own, 0o750);
    let before = repository.place.listing();
    let run = repository.prometeu(&["hooks", "install", "--dry-run"]).code(0).says("nothing was written");
    run.prints("  move   .git/hooks/pre-commit to .git/hooks/pre-commit.before-prometeu")
        .prints("    #!/bin/sh");
    repository.prometeu(&["hooks", "install"]).code(3).says("  write  .git/hooks/pre-commit").says("`--yes`");
    let run = repository.prometeu(&["--message-format", "json", "hooks", "install", "--dry-run"]).code(0);
    let response: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!((&response["operation"], &response["status"]), (&"install_hook".into(), &"ok".into()));
    let kinds = response["steps"].as_array().unwrap().iter().map(|step| step["kind"].as_str().unwrap());
    assert_eq!(kinds.collect::<Vec<_>>(), ["move_file", "write_file"]);
    assert_eq!(repository.place.listing(), before);

    repository.prometeu(&["hooks", "install", "--yes"]).code(0);
    let installed = repository.place.listing();
    repository.prometeu(&["hooks", "install", "--yes"]).code(0).says("nothing to do");
    repository.prometeu(&["hooks", "install"]).code(0).says("nothing to do");
    assert_eq!(repository.place.listing(), installed);

    repository.place.write("assets/a/data.txt", "1");
    repository.commit("sound").code(0).says("mine 0");
    repository.break_the_asset();
    repository.commit("broken").code(1).says("mine 0").says("ZIP");
    repository.place.edit("assets/a/asset.json", "\"ZIP\"", "\"NONE\"");
    repository.place.write("stop", "");
    let run = repository.commit("theirs says no").code(1);
    assert!(!run.stderr.contains("prometeu"), "{}", run.stderr);

    repository.prometeu(&["hooks", "uninstall"]).code(3);
    repository.prometeu(&["hooks", "uninstall", "--yes"]).code(0).says("as it was before");
    let path = repository.place.path(".git/hooks/pre-commit");
    assert_eq!(fs::read_to_string(&path).unwrap(), own);
    assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o750);
    assert!(!repository.place.path(".git/hooks/pre-commit.before-prometeu").exists());
    repository.prometeu(&["hooks", "uninstall", "--yes"]).code(0).says("nothing to do");
}

#[test]
fn a_hook_that_is_a_link_or_switched_off_stays_so() {
    let Some(repository) = Repository::new("") else { return };
    repository.own_hook("tools/hook", "#!/bin/sh\necho linked\n", 0o755);
    let path = repository.place.path(".git/hooks/pre-commit");
    std::os::unix::fs::symlink("../../tools/hook", &path).unwrap();
    repository.prometeu(&["hooks", "install", "--yes"]).code(0);
    repository.commit("linked").code(0).says("linked");
    repository.prometeu(&["hooks", "uninstall", "--yes"]).code(0);
    assert_eq!(fs::read_link(&path).unwrap(), Path::new("../../tools/hook"));
    fs::remove_file(&path).unwrap();

    repository.own_hook(".git/hooks/pre-commit", "#!/bin/sh\necho off\nexit 1\n", 0o644);
    repository.prometeu(&["hooks", "install", "--yes"]).code(0);
    repository.place.write("assets/a/data.txt", "2");
    let run = repository.commit("off").code(0);
    assert!(!run.stderr.contains("off"), "git runs no such hook, and neither do we: {}", run.stderr);
}

#[test]
fn git_says_where_hooks_are() {
    let Some(repository) = Repository::new("") else { return };
    repository.git(&["worktree", "add", "-q", "-b", "other", "../another tree"]).code(0);
    let run = repository.prometeu_in("../another tree", &["hooks", "install", "--yes"]).code(0);
    assert!(repository.place.path(".git/hooks/pre-commit").exists(), "{}", run.stderr);
    repository.place.edit("../another tree/assets/a/asset.json", "\"NONE\"", "\"ZIP\"");
    let run = repository.git_as(true, "../another tree", &["commit", "-q", "-a", "-m", "broken"]);
    run.code(1).says("there is no codec `ZIP`");
    repository.prometeu(&["hooks", "uninstall", "--yes"]).code(0);

    repository.git(&["config", "core.hooksPath", "our hooks"]).code(0);
    repository.prometeu_in("assets", &["hooks", "install", "--yes"]).code(0).says("our hooks/pre-commit");
    assert!(repository.place.path("our hooks/pre-commit").exists());
    repository.break_the_asset();
    repository.commit("broken").code(1).says("there is no codec `ZIP`");
}

#[test]
fn a_project_that_is_reached_by_a_link_has_the_hook_of_its_own_repository() {
    let Some(repository) = Repository::new("games/mine") else { return };
    fs::create_dir(repository.place.path("../elsewhere")).unwrap();
    let link = repository.place.path("../elsewhere/link");
    std::os::unix::fs::symlink(repository.place.path("games/mine"), link).unwrap();
    repository.prometeu_in("../elsewhere", &["--project", "link", "hooks", "install", "--yes"]).code(0);
    assert!(repository.place.path(".git/hooks/pre-commit").is_file());
}

#[test]
fn who_manages_hooks_is_told_what_to_add() {
    let Some(repository) = Repository::new("") else { return };
    for (text, words) in [
        (
            "#!/usr/bin/env bash\n# File generated by pre-commit: https://pre-commit.com\n",
            "`.pre-commit-config.yaml`",
        ),
        ("#!/bin/sh\ncall_lefthook run \"pre-commit\" \"$@\"\n", "`lefthook.yml`"),
        ("#!/bin/sh\n# This hook was set by cargo-husky v1.5.0\n", "`.cargo-husky/hooks/pre-commit`"),
        ("#!/usr/bin/env sh\n. \"$(dirname -- \"$0\")/_/husky.sh\"\n", "`.husky/pre-commit`"),
    ] {
        repository.own_hook(".git/hooks/pre-commit", text, 0o755);
        repository.prometeu(&["hooks", "install", "--yes"]).code(2).says("looks after the hooks").says(words);
        assert_eq!(repository.place.read(".git/hooks/pre-commit"), text);
    }
    fs::remove_file(repository.place.path(".git/hooks/pre-commit")).unwrap();
    repository.git(&["config", "core.hooksPath", ".husky/_"]).code(0);
    repository.prometeu(&["hooks", "install", "--yes"]).code(2).says("`.husky/pre-commit`");
}

#[test]
fn ci_gets_no_hook_and_neither_does_a_folder_without_a_repository() {
    let Some(repository) = Repository::new("") else { return };
    let mut command = repository.place.command(&["hooks", "install", "--yes"]);
    repository.alone(&mut command, true);
    Run::of(command.env("CI", "true").output().unwrap()).code(2).says("where nobody commits");
    assert!(!repository.place.path(".git/hooks/pre-commit").exists());
    fs::remove_dir_all(repository.place.path(".git")).unwrap();
    let mut command = repository.place.command(&["hooks", "install", "--yes"]);
    repository.alone(&mut command, true);
    command.env("GIT_CEILING_DIRECTORIES", repository.place.path("").parent().unwrap());
    Run::of(command.output().unwrap()).code(2).says("Run this in a repository of git.");
}
