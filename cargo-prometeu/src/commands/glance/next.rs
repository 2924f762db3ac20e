//! The likely next commands, three at most: what stands in the way first.

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
    let flags = flags(global);
    for step in &mut steps {
        if let Some(words) = step.command.strip_prefix("cargo prometeu ") {
            step.command = format!("cargo prometeu {flags}{words}");
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
        Some(&pack.last.standing)
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
    let mut add = |flag: &str, value: Option<String>| {
        if let Some(value) = value {
            let plain = value.chars().all(|c| c.is_alphanumeric() || "/_-.".contains(c));
            let value = if plain { value } else { format!("'{}'", value.replace('\'', r"'\''")) };
            flags.push_str(&format!("{flag} {value} "));
        }
    };
    let path =
        |path: &Option<std::path::PathBuf>| path.as_ref().map(|path| path.to_string_lossy().into_owned());
    add("--project", path(&global.project));
    add("-m", path(&global.manifest_path));
    add("-p", global.package.clone());
    flags
}
