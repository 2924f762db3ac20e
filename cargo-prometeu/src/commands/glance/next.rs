//! The likely next commands, three at most: what stands in the way first.

use std::path::Path;

use prometeu_packer::diagnostics::Severity;
use prometeu_packer::ops::{Operation, quoted};
use prometeu_packer::pack::Standing;

use super::Glance;
use super::packs::Maker;
use crate::cli::Global;

/// How many are named.
const MOST: usize = 3;

/// How many roots stand in one command.
const ROOTS: usize = 3;

/// A command, and what it does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Step {
    pub(super) command: String,
    pub(super) title: String,
}

pub(super) fn steps(glance: &Glance, global: &Global) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut add = |command: &str, title: &str| {
        steps.push(Step { command: command.to_owned(), title: title.to_owned() });
    };
    contradictions(glance, &mut add);
    if let Some(found) = glance.problems.first() {
        let title = match glance.problems.iter().filter(|found| found.blocking).count() {
            0 => "show each problem at its place".to_owned(),
            1 => "show where 1 finding stops a build".to_owned(),
            count => format!("show where {count} findings stop a build"),
        };
        add("cargo prometeu doctor", &title);
        let severity = if found.severity == Severity::Error { "error" } else { "warning" };
        add(
            &format!("cargo prometeu explain {}", found.code),
            &format!("say where this {severity} comes from, and what cures it"),
        );
    }
    if glance.divergences.is_empty() {
        register(glance, &mut add);
    }
    if glance.counts.blocking == 0 && glance.divergences.is_empty() {
        if glance.counts.assets == 0 && glance.unregistered.is_empty() {
            add(
                "cargo prometeu create ui/atlas --type glyph_bank",
                "make a first asset, which packs at once",
            );
        } else if glance.counts.included > 0 {
            pack(glance, &mut add);
        }
    }
    if glance.problems.is_empty() && glance.counts.assets > 0 {
        add("cargo prometeu list", "show what there is");
        add("cargo prometeu doctor", "look into every file");
        add("cargo prometeu wizard", "pack step by step");
    }
    add("cargo prometeu --help", "show all commands");
    steps.truncate(MOST);
    let (flags, of_cargo) = (flags(global), flags_of_cargo(global));
    for step in &mut steps {
        if let Some(words) = step.command.strip_prefix("cargo prometeu ") {
            step.command = format!("cargo prometeu {flags}{words}");
        } else if step.command == "cargo build" {
            step.command.push_str(&of_cargo);
        }
    }
    steps
}

/// The ways out of what the registry and the disk say against each other.
fn contradictions(glance: &Glance, add: &mut impl FnMut(&str, &str)) {
    match glance.divergences.as_slice() {
        [] => {}
        [one] => {
            let ways = one.ways.iter().filter_map(|way| Some((way.command()?, way)));
            ways.take(2).for_each(|(command, way)| add(&command, &way.title));
        }
        several => {
            let can_follow = several.iter().any(|found| found.can_be_reconciled);
            if can_follow {
                add("cargo prometeu reconcile", "let the registry follow what was moved");
            }
            if !can_follow || several.iter().any(|found| !found.can_be_reconciled) {
                add("cargo prometeu status", "show each contradiction and its ways out");
            }
        }
    }
    if glance.divergences.is_empty() && !glance.state.is_settled() {
        let settles = glance.ways.iter().find(|way| way.operation == Operation::Reconcile);
        let title = settles.map_or("settle what was interrupted", |way| &way.title);
        add("cargo prometeu status", title);
    }
}

fn register(glance: &Glance, add: &mut impl FnMut(&str, &str)) {
    match glance.unregistered.as_slice() {
        [] => {}
        roots if roots.len() <= ROOTS => {
            let roots: Vec<String> = roots.iter().map(|root| quoted(root)).collect();
            let title = if roots.len() == 1 { "give it an id" } else { "give them ids" };
            add(&format!("cargo prometeu register {}", roots.join(" ")), title);
        }
        _ => add("cargo prometeu list --unregistered", "show what is not registered"),
    }
}

fn pack(glance: &Glance, add: &mut impl FnMut(&str, &str)) {
    let standing = |maker| {
        let pack = glance.packs.iter().find(|pack| pack.maker == maker)?;
        Some(pack.standing())
    };
    if glance.has_build_script && standing(Maker::BuildScript) != Some(&Standing::Fresh) {
        return add("cargo build", "pack, and build the game");
    }
    match standing(Maker::Command) {
        None if glance.has_build_script => {}
        None => add("cargo prometeu pack", "pack into `build/`"),
        Some(Standing::Fresh) => add("cargo prometeu pack --check", "prove the pack against its sources"),
        Some(Standing::Older(_)) => add("cargo prometeu pack", "pack what changed"),
        Some(Standing::Unknown) => {
            add("cargo prometeu pack --check", "say whether the pack is what the assets make");
        }
    }
}

/// The flags that lead to the same project, with a blank behind.
fn flags(global: &Global) -> String {
    let mut flags = String::new();
    let mut add = |flag: &str, value: Option<&str>| {
        if let Some(value) = value {
            flags.push_str(&format!("{flag} {} ", word(value)));
        }
    };
    add("--project", global.project.as_deref().map(Path::to_string_lossy).as_deref());
    add("-m", global.manifest_path.as_deref().map(Path::to_string_lossy).as_deref());
    add("-p", global.package.as_deref());
    flags
}

/// Those that lead cargo itself to the package, with a blank before.
fn flags_of_cargo(global: &Global) -> String {
    if let Some(folder) = &global.project {
        return format!(" --manifest-path {}", word(&folder.join("Cargo.toml").to_string_lossy()));
    }
    let manifest = global.manifest_path.as_deref().map(Path::to_string_lossy);
    let manifest = manifest.map(|path| format!(" --manifest-path {}", word(&path)));
    let package = global.package.as_deref().map(|name| format!(" -p {}", word(name)));
    [manifest, package].into_iter().flatten().collect()
}

/// A value as it is typed.
fn word(value: &str) -> String {
    let plain = value.chars().all(|c| c.is_alphanumeric() || "/_-.".contains(c));
    if plain { value.to_owned() } else { format!("'{}'", value.replace('\'', r"'\''")) }
}
