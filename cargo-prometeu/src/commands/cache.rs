//! `cache`: where the cache is and why there, and what it holds; `cache clear` empties it.
//!
//! It opens no project: neither a registry that is broken nor somebody who is changing it stands in
//! the way of looking after a folder in which nothing is an authority.

use clap::Args;
use clap::Subcommand;
use prometeu_packer::Error;
use prometeu_packer::cache::{self, Cleared, Held, Usage};
use prometeu_packer::diagnostics::render::visible;
use prometeu_packer::ops::{Blocker, OperationClass};
use prometeu_packer::storage::os::OsStorage;
use serde_json::{Value, json};

use super::Context;
use super::own::{self, Answer};
use crate::cache_folder::{self, Because, CacheFolder, VARIABLE};
use crate::exit::{self, Exit};
use crate::printer::human::counted;
use crate::printer::table::{Align, Table};
use crate::printer::{display_path, units};
use crate::project;
use crate::shell::Shell;

/// `cache`
#[derive(Debug, Args)]
pub(crate) struct Cache {
    #[command(subcommand)]
    action: Option<CacheAction>,
}

/// What to do with the cache.
#[derive(Debug, Clone, Copy, Subcommand)]
pub(crate) enum CacheAction {
    /// Remove everything that the packer keeps there; no byte of a pack depends on it
    Clear,
}

pub(super) fn run(context: &Context<'_>, request: &Cache) -> Result<Exit, Blocker> {
    let Context { global, printer } = context;
    let folder = cache_folder::find(&project::find(global)?);
    let failed = |error: Error| Blocker::from(&error);
    match request.action {
        None => {
            let usage = cache::usage(&OsStorage, &folder.path).map_err(failed)?;
            let total = usage.total();
            let summary = format!("{} in {}", told(total), folder.path.display());
            let answer = Answer {
                operation: operation(request),
                class: OperationClass::ReadOnly,
                summary: &summary,
                members: vec![("folder", place(&folder)), ("usage", members(&usage))],
            };
            own::answer(printer, answer, |shell| print(shell, &folder, &usage));
        }
        Some(CacheAction::Clear) => {
            let cleared = cache::clear(&OsStorage, &folder.path).map_err(failed)?;
            let summary = format!("removed {} from {}", told(cleared.removed.total()), folder.path.display());
            let left = cleared.left.iter().map(|path| path.to_string_lossy()).collect::<Vec<_>>();
            let removed = members(&cleared.removed);
            let answer = Answer {
                operation: operation(request),
                // What it removes is what builds have made.
                class: OperationClass::Build,
                summary: &summary,
                members: vec![("folder", place(&folder)), ("removed", removed), ("left", json!(left))],
            };
            own::answer(printer, answer, |shell| print_cleared(shell, &folder, &cleared));
        }
    }
    Ok(exit::DONE)
}

/// The name in `operation`.
pub(super) fn operation(request: &Cache) -> &'static str {
    match request.action {
        None => "cache",
        Some(CacheAction::Clear) => "clear_cache",
    }
}

fn place(folder: &CacheFolder) -> Value {
    json!({ "path": folder.path.to_string_lossy(), "because": folder.because.as_str() })
}

fn members(usage: &Usage) -> Value {
    let held = |held: Held| json!({ "files": held.files, "bytes": held.bytes });
    json!({
        "records": held(usage.records),
        "payloads": held(usage.payloads),
        "leftovers": held(usage.leftovers),
        "total": held(usage.total()),
    })
}

/// `3 files, 1.2 MB`
fn told(held: Held) -> String {
    let files = usize::try_from(held.files).unwrap_or(usize::MAX);
    format!("{}, {}", counted(files, "file"), units::bytes(held.bytes))
}

fn print(shell: &Shell, folder: &CacheFolder, usage: &Usage) {
    shell.print(display_path(&folder.path));
    shell.print(because(&folder.because));
    if usage.total().files == 0 {
        shell.print("it is empty");
        return;
    }
    let mut table = Table::new([("", Align::Left), ("FILES", Align::Right), ("SIZE", Align::Right)]);
    let mut row = |of: &str, held: Held| {
        table.row([of.to_owned(), held.files.to_string(), units::bytes(held.bytes)]);
    };
    row("records of packs", usage.records);
    row("payloads", usage.payloads);
    if usage.leftovers.files > 0 {
        row("of no use any more", usage.leftovers);
    }
    row("together", usage.total());
    shell.print("");
    table.lines().for_each(|line| shell.print(line));
    shell.hint("`cargo prometeu cache clear` empties it; that costs the next pack time and changes no byte");
}

fn because(because: &Because) -> String {
    match because {
        Because::Variable => format!("`{VARIABLE}` names it"),
        Because::TargetDirectory => "it is in cargo's target directory".to_owned(),
        Because::NoManifest => "the project has no `Cargo.toml`, and so no target directory".to_owned(),
        Because::CargoCannotTell(reason) => {
            format!("cargo cannot tell its target directory: {}", visible(reason))
        }
    }
}

fn print_cleared(shell: &Shell, folder: &CacheFolder, cleared: &Cleared) {
    let path = display_path(&folder.path);
    match cleared.removed.total() {
        Held { files: 0, .. } if cleared.left.is_empty() => {
            shell.status("Finished", format_args!("{path} is empty, nothing to do"));
        }
        removed => shell.status("Removed", format_args!("{} from {path}", told(removed))),
    }
    for left in &cleared.left {
        let left = display_path(left);
        shell.warn(format_args!(
            "`{left}` was left alone: no cache makes such a thing, or a build uses it now"
        ));
    }
}
