//! `cargo prometeu`: look after a game's assets, for people, hooks and CI.
//!
//! Everything that it knows about assets is the library's (`prometeu-packer`). Here is what a
//! command line adds, one room each:
//!
//! | room | holds |
//! | --- | --- |
//! | `cli` | the grammar |
//! | `commands` | one file a command: make a request, call one operation, print the response |
//! | `completion` | what a line can go on with, for shells |
//! | `project`, `root`, `asset` | which project, asset root and asset a person meant |
//! | `settings` | defaults of flags that the manifests hold |
//! | `cache_folder` | where the cache is |
//! | `scratch` | a folder in it for what one command makes on its way |
//! | `session` | a project opened with this process's clock, identities and ears |
//! | `watch` | packing again on each change, with a game beside it |
//! | `eyes` | being told by the system that files may have changed |
//! | `serve` | the same operations for programs in any language, over standard input and output |
//! | `consent` | plans: show, ask, apply exactly what was seen |
//! | `hooks` | the hook of a repository of git |
//! | `comparison` | two states of a project, and what tells them apart |
//! | `report` | the page about a pack that was made |
//! | `setup` | the files outside `assets/` that `init` edits |
//! | `printer`, `wire` | responses for people, and for programs |
//! | `explanations` | the page on diagnostics as data |
//! | `shell` | the two streams, colours, verbosity |
//! | `interrupt` | Ctrl-C |
//! | `exit` | what the process ends with |
//!
//! It writes nothing that a plan did not name before, and nothing under `assets/` but through the
//! library.

mod asset;
mod cache_folder;
mod cli;
mod commands;
mod comparison;
mod completion;
mod consent;
mod exit;
mod explanations;
mod eyes;
mod hooks;
mod interrupt;
mod printer;
mod project;
mod report;
mod root;
mod scratch;
mod serve;
mod session;
mod settings;
mod setup;
mod shell;
mod watch;
mod wire;

#[cfg(test)]
mod page;

use std::process::ExitCode;

fn main() -> ExitCode {
    commands::run(std::env::args_os()).into()
}
