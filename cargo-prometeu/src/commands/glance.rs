//! No command: the project at a glance, and what to do next.
//!
//! What it says is found by names, dates and headers. Content is read only where files have other dates than
//! when they were packed, so after a fresh clone or a change of branches it takes as long as reading those,
//! and shows that it is at it. It writes nothing, not even to settle a change that was interrupted, and it
//! answers whatever state the project is in. Where there is no project, it is the help.

mod next;
mod packs;
mod screen;

use std::path::PathBuf;

use prometeu_packer::IdSource as _;
use prometeu_packer::diagnostics::{Diagnostic, Severity};
use prometeu_packer::ops::{Action, Blocker, Counts, Response, Status};
use prometeu_packer::pack::Standing;
use prometeu_packer::snapshot::{Divergence, Snapshot, State};
use serde_json::{Map, Value, json};

use self::next::Step;
use self::packs::Pack;
use super::Context;
use crate::cli::{self, MessageFormat};
use crate::exit::{self, Exit};
use crate::printer::human::{counted, trouble};
use crate::session::Uuids;
use crate::settings::Settings;
use crate::{project, session, wire};

/// The name in `operation`.
const OPERATION: &str = "glance";

/// What there is to see of a project.
#[derive(Debug)]
struct Glance {
    folder: PathBuf,
    /// What cargo calls its package, where it is one.
    package: Option<String>,
    /// Whether a build script packs it.
    has_build_script: bool,
    state: State,
    counts: Counts,
    /// The registered assets by their type, in the order of its name.
    families: Vec<Family>,
    /// Errors first, then warnings.
    problems: Vec<Diagnostic>,
    divergences: Vec<Divergence>,
    /// The ways out of those.
    ways: Vec<Action>,
    /// Folders with a declaration that nobody registered and that is a root.
    unregistered: Vec<String>,
    /// The newest first.
    packs: Vec<Pack>,
}

/// How many assets there are of a type.
#[derive(Debug)]
struct Family {
    /// Absent for those whose declaration does not say.
    name: Option<String>,
    assets: usize,
    included: usize,
}

/// What there is when nothing is asked for.
pub(super) fn run(context: &Context<'_>) -> Exit {
    let Context { global, printer } = context;
    let ended = match project::nearest(global) {
        // A program that asks for a project wants to hear that there is none.
        Ok(None) if printer.for_people() => return help(context),
        Ok(_) => glance(context),
        Err(blocker) => Err(blocker),
    };
    ended.unwrap_or_else(|blocker| printer.refuse_own(OPERATION, &blocker))
}

/// Where there is no project: everything that could be typed, and what makes one.
fn help(context: &Context<'_>) -> Exit {
    let shell = context.printer.shell();
    shell.print(cli::command().render_help().ansi());
    let members = project::members_with_assets();
    if members.is_empty() {
        shell.hint("there is no project here; `cargo prometeu init` makes one");
    } else {
        let names = members.iter().map(|(name, _)| format!("`-p {name}`")).collect::<Vec<_>>().join(", ");
        shell.hint(format_args!("this workspace has projects; add which one is meant: {names}"));
    }
    exit::DONE
}

fn glance(context: &Context<'_>) -> Result<Exit, Blocker> {
    let Context { global, printer } = context;
    let folder = project::find(global)?;
    printer.begin("Looking");
    // Who only looks repairs nothing.
    let project = session::open_to_build(global, printer)?;
    let response = project.workspace_status();
    let Some(status) = response.payload.as_ref().filter(|_| response.status == Status::Ok) else {
        return Ok(printer.response(&response, trouble));
    };
    let snapshot = project.snapshot().map_err(|error| Blocker::from(&error))?;
    let manifest = package(&folder);
    // A manifest that cargo cannot read is told by every command that needs it.
    let out = Settings::of(&folder).unwrap_or_default().out(None).value;
    let glance = Glance {
        has_build_script: manifest.is_some() && folder.join("build.rs").is_file(),
        packs: packs::find(&project, &folder.join(out), manifest.as_deref())?,
        package: manifest,
        folder,
        state: status.state.clone(),
        counts: status.counts,
        families: families(&snapshot),
        problems: problems(&snapshot),
        divergences: status.divergences.clone(),
        ways: response.proposed_actions.clone(),
        unregistered: unregistered(&snapshot),
    };
    printer.settle();
    let next = next::steps(&glance, global);
    match global.message_format {
        MessageFormat::Json => {
            let summary = glance.summary();
            let id = Uuids.operation_id().to_string();
            let mut answer =
                wire::Response::of_command(OPERATION, id, &summary).with(&glance.problems, &glance.ways);
            answer.generation = response.generation.get();
            answer.payload = Some(glance.members(&next));
            printer.line(answer.line());
        }
        format if format.is_of_findings() => {
            let found = Response { diagnostics: glance.problems.clone(), ..response };
            printer.response(&found, |_, _| {});
        }
        _ => screen::print(printer.shell(), &glance, &next),
    }
    Ok(if glance.needs_somebody() { exit::FINDINGS } else { exit::DONE })
}

impl Glance {
    /// As `status` says it.
    fn needs_somebody(&self) -> bool {
        self.counts.blocking > 0 || !matches!(self.state, State::Current | State::Stale)
    }

    /// Whether something stops a build, so that the assets make no pack at all.
    fn is_blocked(&self) -> bool {
        self.counts.blocking > 0
    }

    /// Whether somebody has looked into everything that is registered: what is packed was, and what is kept out of
    /// builds was not.
    fn is_looked_into(&self) -> bool {
        let is_fresh = self.packs.iter().any(|pack| *pack.standing() == Standing::Fresh);
        self.counts.assets == 0 || (self.counts.included == self.counts.assets && is_fresh)
    }

    /// `12 assets, current, 1 problem`
    fn summary(&self) -> String {
        let problems = match self.problems.len() {
            0 => String::new(),
            count => format!(", {}", counted(count, "problem")),
        };
        format!("{}, {}{problems}", counted(self.counts.assets, "asset"), self.state.as_str())
    }

    fn members(&self, next: &[Step]) -> Map<String, Value> {
        let family = |family: &Family| json!({ "asset_family": family.name, "assets": family.assets, "included": family.included });
        let step = |step: &Step| json!({ "command": step.command, "title": step.title });
        let members = json!({
            "project": self.folder.to_string_lossy(),
            "package": self.package,
            "state": self.state.as_str(),
            "counts": wire::counts(self.counts),
            "families": self.families.iter().map(family).collect::<Vec<_>>(),
            "packs": self.packs.iter().map(|pack| pack.members(self.is_blocked())).collect::<Vec<_>>(),
            "next": next.iter().map(step).collect::<Vec<_>>(),
        });
        members.as_object().cloned().unwrap_or_default()
    }
}

/// The name of the package in a folder, where that can be read.
pub(super) fn package(folder: &std::path::Path) -> Option<String> {
    let text = std::fs::read_to_string(folder.join("Cargo.toml")).ok()?;
    let document = text.parse::<toml_edit::DocumentMut>().ok()?;
    Some(document.get("package")?.get("name")?.as_str()?.to_owned())
}

fn families(snapshot: &Snapshot) -> Vec<Family> {
    let mut families: Vec<Family> = Vec::new();
    let included: Vec<usize> = snapshot.pack_set().collect();
    for (n, asset) in snapshot.assets.iter().enumerate() {
        let name = asset.family().map(|family| family.name().to_owned());
        let is_included = usize::from(included.binary_search(&n).is_ok());
        match families.iter_mut().find(|family| family.name == name) {
            Some(family) => {
                (family.assets, family.included) = (family.assets + 1, family.included + is_included);
            }
            None => families.push(Family { name, assets: 1, included: is_included }),
        }
    }
    // What says nothing comes last.
    families.sort_by(|a, b| (a.name.is_none(), &a.name).cmp(&(b.name.is_none(), &b.name)));
    families
}

fn problems(snapshot: &Snapshot) -> Vec<Diagnostic> {
    let mut problems = snapshot.diagnostics(false);
    problems.retain(|found| found.severity != Severity::Info);
    problems.sort_by_key(|found| (!found.blocking, found.severity != Severity::Error));
    problems
}

fn unregistered(snapshot: &Snapshot) -> Vec<String> {
    let found = snapshot.unregistered.iter().flatten();
    found.filter_map(|(found, _)| Some(found.root.as_ref().ok()?.to_string())).collect()
}
