//! Names of the project at hand, for the arguments that take them.
//!
//! Read from the registry's file and the declarations, as they are on disk now.

use std::ffi::OsStr;
use std::path::PathBuf;

use clap::{Arg, Command};
use clap_complete::engine::{ArgValueCandidates, ArgValueCompleter, CompletionCandidate};
use prometeu_packer::schema::declaration;
use prometeu_packer::schema::registry::{self, Entry};
use prometeu_packer::workspace::Layout;

use super::words::Words;
use crate::cli::Global;
use crate::project;

/// The folders that are looked through for declarations that nobody registered, at most: a key was
/// pressed, and somebody waits.
const MOST_FOLDERS: usize = 5000;

/// The grammar, in which each argument that takes a name knows the names that there are. What an
/// argument takes is what its help calls it.
pub(super) fn taught(command: Command, words: &Words) -> Command {
    let Some(project) = project_of(words) else { return command };
    command.mut_subcommands(|command| {
        let is_register = command.get_name() == "register";
        command.mut_args(|argument| with_names(argument, is_register, &project))
    })
}

fn with_names(argument: Arg, is_register: bool, project: &Layout) -> Arg {
    let called = argument.get_value_names().and_then(<[_]>::first).map(ToString::to_string);
    let layout = project.clone();
    match called.as_deref().unwrap_or_default() {
        "ASSET" | "ASSET|ROOT" => {
            argument.add(ArgValueCompleter::new(move |typed: &OsStr| assets(&layout, typed)))
        }
        "ROOT" if is_register => argument.add(ArgValueCandidates::new(move || unregistered(&layout))),
        "ROOT" => argument.add(ArgValueCandidates::new(move || folders(&layout))),
        "ENTRY" => argument.add(ArgValueCandidates::new(move || quarantined(&layout))),
        _ => argument,
    }
}

/// The project that the line is about.
fn project_of(words: &Words) -> Option<Layout> {
    let path = |names: &[&str]| words.value_of(names).map(PathBuf::from);
    let text = |names: &[&str]| words.value_of(names).and_then(|word| word.to_str()).map(str::to_owned);
    let global = Global {
        project: path(&["--project"]),
        manifest_path: path(&["--manifest-path", "-m"]),
        package: text(&["--package", "-p"]),
        ..Global::default()
    };
    project::nearest(&global).ok()?.map(Layout::new)
}

fn entries(layout: &Layout) -> Vec<Entry> {
    let bytes = std::fs::read(layout.registry()).unwrap_or_default();
    registry::read_bytes(bytes).1.registry.map(|registry| registry.assets).unwrap_or_default()
}

/// Roots of assets, and where none goes on like what was typed, their names.
fn assets(layout: &Layout, typed: &OsStr) -> Vec<CompletionCandidate> {
    let Some(typed) = typed.to_str() else { return Vec::new() };
    let entries = entries(layout);
    let of_root = |entry: &Entry| {
        let state = if entry.included_in_build { "" } else { ", excluded" };
        let help = format!("asset {}{state}", entry.asset_id.get());
        CompletionCandidate::new(entry.root.as_str()).help(Some(help.into()))
    };
    let mut found: Vec<_> =
        entries.iter().filter(|entry| entry.root.as_str().starts_with(typed)).map(of_root).collect();
    if found.is_empty() {
        let of_name = |entry: &Entry| {
            let bytes = std::fs::read(layout.declaration(&entry.root)).ok()?;
            let name = declaration::read_bytes(bytes).1.name.filter(|name| name.starts_with(typed))?;
            let help = format!("asset {}, {}", entry.asset_id.get(), entry.root);
            Some(CompletionCandidate::new(name).help(Some(help.into())))
        };
        found = entries.iter().filter_map(of_name).collect();
    }
    found.sort();
    found
}

/// Folders with a declaration.
fn folders(layout: &Layout) -> Vec<CompletionCandidate> {
    let mut found = Vec::new();
    let mut folders = vec![(layout.assets(), String::new())];
    let mut looked = 0;
    while let Some((folder, root)) = folders.pop() {
        looked += 1;
        if looked > MOST_FOLDERS {
            break;
        }
        if !root.is_empty() && folder.join("asset.json").is_file() {
            found.push(CompletionCandidate::new(root));
            continue;
        }
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let name = entry.file_name();
            let Some(name) = name.to_str().filter(|name| !name.starts_with('.')) else { continue };
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                let below = if root.is_empty() { name.to_owned() } else { format!("{root}/{name}") };
                folders.push((entry.path(), below));
            }
        }
    }
    found.sort();
    found
}

fn unregistered(layout: &Layout) -> Vec<CompletionCandidate> {
    let entries = entries(layout);
    let is_registered =
        |folder: &CompletionCandidate| entries.iter().any(|entry| folder.get_value() == entry.root.as_str());
    folders(layout).into_iter().filter(|folder| !is_registered(folder)).collect()
}

fn quarantined(layout: &Layout) -> Vec<CompletionCandidate> {
    let entries = std::fs::read_dir(layout.quarantine()).into_iter().flatten().flatten();
    let mut found: Vec<_> = entries.map(|entry| CompletionCandidate::new(entry.file_name())).collect();
    found.sort();
    found
}
