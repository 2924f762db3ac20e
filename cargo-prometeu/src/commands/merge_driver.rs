//! `merge-driver`: what git calls to merge two registries that grew apart.
//!
//! Git hands over three files that it made for this, and takes the result out of the second one; the
//! registry in the work tree may be anything meanwhile. So this opens no project, takes no lock, and has
//! no plan: nothing of the project is read or written here. What git does next, it does with its own
//! files.
//!
//! Guarantees: exit 0 only when nothing is left to decide. Else the file holds everything that is settled, and
//! markers around exactly what is not; where a registry cannot be read, it holds what git would have
//! made of the lines.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use clap::Args;
use prometeu_packer::Error;
use prometeu_packer::diagnostics::render::visible;
use prometeu_packer::merge::{self, Labels, Markers, Merge, merge};
use prometeu_packer::ops::{Blocker, BlockerCode, OperationClass, Status};
use prometeu_packer::schema::Document;
use prometeu_packer::schema::registry::{self, Entry, Registry};
use prometeu_packer::workspace::layout::REGISTRY_FILE;
use serde_json::{Value, json};

use super::Context;
use super::own::{self, Answer};
use crate::exit::{self, Exit};
use crate::printer::human::counted;
use crate::shell::Shell;

/// The name in `operation`.
pub(super) const OPERATION: &str = "merge_driver";

/// `merge-driver`
#[derive(Debug, Args)]
pub(crate) struct MergeDriver {
    /// The registry where both began: git's `%O`
    base: PathBuf,

    /// Ours, which gets the result: git's `%A`
    ours: PathBuf,

    /// Theirs: git's `%B`
    theirs: PathBuf,

    /// Where the registry is in the repository, for messages: git's `%P`
    #[arg(default_value = REGISTRY_FILE, hide_default_value = true)]
    path: String,

    /// How long the markers of a conflict are: git's `%L`
    #[arg(long, value_name = "N", default_value_t = 7, value_parser = clap::value_parser!(u16).range(1..=200))]
    marker_size: u16,

    /// What our side is called: git's `%X`
    #[arg(long, value_name = "NAME", default_value = "ours", hide_default_value = true)]
    label_ours: String,

    /// What their side is called: git's `%Y`
    #[arg(long, value_name = "NAME", default_value = "theirs", hide_default_value = true)]
    label_theirs: String,

    /// What to end with where conflicts are left; git takes 1, and so do others who fail
    #[arg(long, value_name = "CODE", default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..))]
    conflict_code: u8,
}

pub(super) fn run(context: &Context<'_>, request: &MergeDriver) -> Result<Exit, Blocker> {
    // A git that does not know a name of sides hands over its own word for it.
    let label = |given: &str, else_: &str| {
        if given.is_empty() || given.starts_with('%') { else_.to_owned() } else { visible(given) }
    };
    let (ours, theirs) = (label(&request.label_ours, "ours"), label(&request.label_theirs, "theirs"));
    let labels = Labels { ours: &ours, theirs: &theirs };
    let is_of_ancestors = request.label_ours.starts_with(ANCESTOR);
    let merged = match read(request, labels) {
        Ok([base, ours, theirs]) => match merge(&base, &ours, &theirs) {
            Ok(merged) if is_of_ancestors => return of_ancestors(request, &merged.undecided(&base)),
            Ok(merged) => merged,
            Err(unsound) => return by_lines(context, request, labels, &unsound.message(&labels)),
        },
        Err(Unmerged::Unreadable(why)) => return by_lines(context, request, labels, &why),
        Err(Unmerged::Failed(blocker)) => return Err(blocker),
    };
    let markers = Markers { ours: &ours, theirs: &theirs, size: usize::from(request.marker_size) };
    let text = merged.to_text(&markers);
    if let Some(why) = too_large(&text) {
        return by_lines(context, request, labels, &why);
    }
    write(request, &text)?;
    let conflicts = merged.conflicts.len();
    let summary = match conflicts {
        0 => format!("merged {}", request.path),
        n => format!("{} left in {}", counted(n, "conflict"), request.path),
    };
    let answer = Answer {
        operation: OPERATION,
        class: OperationClass::RegistryMutation,
        summary: &summary,
        members: members(&merged, &labels),
    };
    let status = if conflicts == 0 { Status::Ok } else { Status::Blocked };
    own::answer_with(context.printer, status, answer, |shell| print(shell, request, &merged, &labels));
    Ok(if conflicts == 0 { exit::DONE } else { Exit::of_code(request.conflict_code) })
}

/// What git calls a side where two branches have several common ancestors, which it merges for itself first.
const ANCESTOR: &str = "Temporary merge branch ";

/// Nobody is told of a merge that nobody gets, and nobody decides anything in it.
fn of_ancestors(request: &MergeDriver, registry: &Registry) -> Result<Exit, Blocker> {
    write(request, &registry.to_text())?;
    Ok(exit::DONE)
}

/// Why nobody could read the result.
fn too_large(text: &str) -> Option<String> {
    let limit = Document::Registry.limit();
    let mebibytes = limit >> 20;
    (text.len() > limit).then(|| {
        format!(
            "both together are more than the {mebibytes} MiB that a registry may have, {} bytes",
            text.len()
        )
    })
}

/// In one step: on a full disk our side stays as it is, for whoever merges the lines instead.
fn write(request: &MergeDriver, text: &str) -> Result<(), Blocker> {
    let mut aside = request.ours.clone().into_os_string();
    aside.push(".prometeu");
    let written = fs::write(&aside, text).and_then(|()| fs::rename(&aside, &request.ours));
    written.map_err(|error| {
        drop(fs::remove_file(&aside));
        Blocker::from(&Error::io("write", &request.ours, error))
    })
}

/// Why there is nothing to merge.
enum Unmerged {
    Unreadable(String),
    Failed(Blocker),
}

fn read(request: &MergeDriver, labels: Labels<'_>) -> Result<[Registry; 3], Unmerged> {
    let bytes = |path: &Path| {
        fs::read(path).map_err(|error| Unmerged::Failed(Blocker::from(&Error::io("read", path, error))))
    };
    let one = |bytes: Vec<u8>, whose: &str| {
        let (_, reading) = registry::read_bytes(bytes);
        let why = reading.findings.first().map_or("it cannot be read", |finding| &finding.message);
        reading
            .registry
            .ok_or_else(|| Unmerged::Unreadable(format!("the registry of {whose} cannot be read: {why}")))
    };
    let base = match bytes(&request.base)? {
        // Both made it: nothing was there before.
        nothing if nothing.is_empty() => Registry { next_asset_id: 1, assets: Vec::new() },
        base => one(base, "the common ancestor")?,
    };
    let [ours, theirs] = [bytes(&request.ours)?, bytes(&request.theirs)?];
    Ok([base, one(ours, labels.ours)?, one(theirs, labels.theirs)?])
}

/// Leaves what git makes of the lines, and says why.
fn by_lines(
    context: &Context<'_>,
    request: &MergeDriver,
    labels: Labels<'_>,
    why: &str,
) -> Result<Exit, Blocker> {
    let size = request.marker_size.to_string();
    let arguments =
        ["merge-file", "-q", "--marker-size", &size, "-L", labels.ours, "-L", "base", "-L", labels.theirs];
    let files = [&request.ours, &request.base, &request.theirs];
    let status = Command::new("git").args(arguments).arg("--").args(files).status();
    // More than 127 conflicts are 127.
    if !status.as_ref().is_ok_and(|status| status.code().is_some_and(|code| code <= 127)) {
        let message = format!("{}, and git cannot merge its lines either", visible(why));
        return Err(Blocker::new(BlockerCode::IoError, message)
            .help("The file is as it was on our side.")
            .at(request.path.clone()));
    }
    let summary = format!("{} was merged line by line: {why}", request.path);
    let answer = Answer {
        operation: OPERATION,
        class: OperationClass::RegistryMutation,
        summary: &summary,
        members: vec![("merged", json!(false)), ("unreadable", json!(why))],
    };
    own::answer_with(context.printer, Status::Blocked, answer, |shell| {
        shell.error(visible(&summary));
        shell.help(format_args!(
            "Look at the file and mend it; `cargo prometeu doctor` checks it, and `git add {}` ends this.",
            visible(&request.path)
        ));
    });
    Ok(Exit::of_code(request.conflict_code))
}

fn members(merged: &Merge, labels: &Labels<'_>) -> Vec<(&'static str, Value)> {
    let entry = |entry: &Entry| {
        json!({
            "asset_id": entry.asset_id.get(),
            "asset_uuid": entry.asset_uuid.to_string(),
            "root": entry.root.as_str(),
            "included_in_build": entry.included_in_build,
        })
    };
    let renumbered = merged.renumbered.iter().map(|told| {
        json!({
            "asset_uuid": told.asset_uuid.to_string(),
            "root": told.root.as_str(),
            "from": told.from.get(),
            "to": told.to.get(),
            "message": told.message(),
            "is_a_choice": told.is_a_choice(),
        })
    });
    let alike = merged.alike.iter().map(|alike| {
        let asset_ids = [&alike.first, &alike.second].map(|(id, _)| id.get());
        json!({ "asset_ids": asset_ids, "message": alike.message(), "help": alike.help() })
    });
    let conflicts = merged.conflicts.iter().map(|conflict| {
        let contradictions = conflict.contradictions.iter();
        let contradictions =
            contradictions.map(|found| json!({ "message": found.message(labels), "help": found.help() }));
        json!({
            "ours": conflict.ours.iter().map(entry).collect::<Vec<_>>(),
            "theirs": conflict.theirs.iter().map(entry).collect::<Vec<_>>(),
            "contradictions": contradictions.collect::<Vec<_>>(),
        })
    });
    vec![
        ("merged", json!(merged.conflicts.is_empty())),
        ("next_asset_id", json!(merged.next_asset_id)),
        ("renumbered", renumbered.collect()),
        ("alike", alike.collect()),
        ("conflicts", conflicts.collect()),
    ]
}

/// Git says itself that it merges the file; what it cannot know follows.
fn print(shell: &Shell, request: &MergeDriver, merged: &Merge, labels: &Labels<'_>) {
    for told in &merged.renumbered {
        shell.alert(visible(&told.message()));
    }
    if !merged.renumbered.is_empty() {
        shell.hint(
            "constants have the new id with the next build; a number that was written down by hand has not",
        );
    }
    if let Some(help) = merge::exchange(&merged.renumbered, &request.path) {
        shell.help(visible(&help));
    }
    for alike in &merged.alike {
        shell.alert(visible(&alike.message()));
        shell.help(alike.help());
    }
    for contradiction in merged.conflicts.iter().flat_map(|conflict| &conflict.contradictions) {
        shell.error(visible(&contradiction.message(labels)));
        shell.help(contradiction.help());
    }
    if !merged.conflicts.is_empty() {
        let path = visible(&request.path);
        shell.note(format_args!(
            "everything else is merged; `{path}` has markers around what is to be decided. Without them \
             `cargo prometeu doctor` checks it, and `git add {path}` ends the conflict"
        ));
    }
}
