//! A repository of git with a project in it, as somebody has it who set up nothing else.

use std::path::PathBuf;
use std::process::Command;

use crate::harness::{Place, Run, alone};
use crate::shells::is_here;

/// Where the registry is.
pub(crate) const REGISTRY: &str = "assets/.prometeu/index.json";

pub(crate) struct Repository {
    pub(crate) place: Place,
}

impl Repository {
    /// With a project without assets, committed; nothing where git is not installed, which is said.
    pub(crate) fn new() -> Option<Self> {
        if !is_here("git") {
            return None;
        }
        let repository = Self { place: Place::empty() };
        repository.git(&["init", "-q", "-b", "main"]).code(0);
        repository.prometeu(&["init", "--yes"]).code(0);
        repository.commit("a project");
        Some(repository)
    }

    /// Has git call the very binary of this test, which need not go through cargo.
    pub(crate) fn calls_the_binary(&self) {
        let binary = env!("CARGO_BIN_EXE_cargo-prometeu");
        let words = "merge-driver %O %A %B %P --marker-size=%L --label-ours=%X --label-theirs=%Y";
        let driver = format!("'{binary}' {words}");
        self.git(&["config", "merge.prometeu.driver", &driver]).code(0);
    }

    pub(crate) fn git_in(&self, folder: &str, arguments: &[&str]) -> Run {
        self.git_as(true, folder, arguments)
    }

    /// Where the command is installed, or is not.
    pub(crate) fn git_as(&self, is_installed: bool, folder: &str, arguments: &[&str]) -> Run {
        let mut git = Command::new("git");
        git.args(arguments).current_dir(self.path(folder));
        alone(&mut git, &self.path("../home"), is_installed);
        Run::of(git.output().unwrap())
    }

    /// The same where `cargo` itself fails, as one does whose toolchain is not there.
    #[cfg(unix)]
    pub(crate) fn git_without_toolchain(&self, arguments: &[&str]) -> Run {
        use std::os::unix::fs::PermissionsExt as _;

        let folder = self.path("../broken");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("cargo"), "#!/bin/sh\necho 'error: no toolchain' >&2\nexit 1\n").unwrap();
        std::fs::set_permissions(folder.join("cargo"), std::fs::Permissions::from_mode(0o755)).unwrap();
        let mut git = Command::new("git");
        git.args(arguments).current_dir(self.path(""));
        alone(&mut git, &self.path("../home"), true);
        let path = std::env::var_os("PATH").unwrap_or_default();
        let path = [folder].into_iter().chain(std::env::split_paths(&path));
        Run::of(git.env("PATH", std::env::join_paths(path).unwrap()).output().unwrap())
    }

    pub(crate) fn git(&self, arguments: &[&str]) -> Run {
        self.git_in("", arguments)
    }

    pub(crate) fn commit(&self, message: &str) {
        self.git(&["add", "-A", "."]).code(0);
        self.git(&["commit", "-q", "--allow-empty", "-m", message]).code(0);
    }

    pub(crate) fn prometeu_in(&self, folder: &str, arguments: &[&str]) -> Run {
        let mut command = self.place.command(arguments);
        alone(command.current_dir(self.path(folder)), &self.path("../home"), true);
        Run::of(command.output().unwrap())
    }

    pub(crate) fn prometeu(&self, arguments: &[&str]) -> Run {
        self.prometeu_in("", arguments)
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.place.path(path)
    }

    pub(crate) fn registry(&self) -> String {
        self.place.read(REGISTRY)
    }
}
