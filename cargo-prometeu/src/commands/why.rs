//! `why`: whether an asset is in the pack, what decides that, and what it brings; also of a folder that nobody
//! registered, of a file wherever it lies, of what lies in quarantine, and of the packer's own files.
//!
//! It looks into the whole pack set, as `validate` does: a sound asset is in no pack while another one
//! stops it from being made. It repairs nothing.

mod facts;
mod meant;
mod others;

use std::ffi::OsString;

use clap::Args;
use prometeu_packer::Project;
use prometeu_packer::diagnostics::Diagnostic;
use prometeu_packer::diagnostics::render::visible;
use prometeu_packer::ops::{AssetDetails, Blocker, DetailsRequest, OperationClass, Status, ValidateRequest};
use serde_json::{Value, json};

use super::Context;
use super::own::{self, Answer};
use crate::exit::{self, Exit};
use crate::printer::human::counted;
use crate::printer::{findings, human};
use crate::session;
use crate::settings::Settings;
use crate::shell::Shell;
use crate::wire::{self, Payload as _};
use meant::Meant;

/// The name in `operation`.
pub(super) const OPERATION: &str = "why";

/// `why`
#[derive(Debug, Args)]
pub(crate) struct Why {
    /// Its id, its uuid, its root or a path to it, or a name that no other asset has; or a folder or file below
    /// assets/, or what lies in quarantine
    asset: OsString,
}

/// So many others are named.
const NAMED: usize = 3;

/// What there is to say.
#[derive(Debug)]
struct Story {
    /// `packed`, `held_up`, `blocks`, `excluded`, `unregistered`, `quarantined` or `no_asset`.
    verdict: &'static str,
    /// One sentence, about `assets/…` or an asset.
    message: String,
    /// What changes that.
    help: Option<String>,
    /// What stands in the way of the asset.
    reasons: Vec<Diagnostic>,
    /// What is known of a registered asset.
    details: Option<AssetDetails>,
    /// The file that was named, with what becomes of it.
    file: Option<(String, String)>,
}

impl Story {
    fn new(verdict: &'static str, message: String, help: Option<String>) -> Self {
        Self { verdict, message, help, reasons: Vec::new(), details: None, file: None }
    }
}

pub(super) fn run(context: &Context<'_>, request: &Why) -> Result<Exit, Blocker> {
    let printer = context.printer;
    // Its questions are its own affair, and no operation that a program waits for.
    let project = session::open_to_ask(context.global, printer)?;
    let snapshot = project.snapshot().map_err(|error| Blocker::from(&error))?;
    let story = match meant::find(&project, &snapshot, &request.asset)? {
        Meant::Asset { words, file } => {
            let response = project.get_asset_details(&DetailsRequest { asset: words });
            match (&response.payload, response.status) {
                (Some(details), Status::Ok) => {
                    let settings = Settings::of_and_tell(project.layout().project(), printer.shell())?;
                    let strict = settings.strict(false).value;
                    of_asset(&project, details, &response.diagnostics, file, strict)
                }
                _ => match response.blockers.first() {
                    Some(blocker) => return Err(blocker.clone()),
                    None => return Ok(printer.response(&response, human::trouble)),
                },
            }
        }
        Meant::Unregistered { root, file } => {
            let file = file.map(|file| {
                let words = match file.as_str() {
                    "asset.json" => "is its declaration, which is not packed itself",
                    _ => "lies in it, and of a folder that nobody registered nothing is packed",
                };
                (file, words.to_owned())
            });
            Story { file, ..others::unregistered(&project, &snapshot, &root) }
        }
        Meant::Quarantined { found, file } => {
            let words = "lies there with it, and nothing in quarantine is packed";
            let file = file.map(|file| (file, words.to_owned()));
            Story { file, ..others::quarantined(&found) }
        }
        Meant::Folder { root, holds, loose } => others::folder(&root, &holds, &loose),
        Meant::Loose(path) => others::loose(&path),
        Meant::Own(path) => others::own(&path),
        Meant::All => others::all(),
    };
    let answer = Answer {
        operation: OPERATION,
        class: OperationClass::ReadOnly,
        summary: &story.message,
        members: members(&story),
    };
    own::answer(printer, answer, |shell| print(shell, &story));
    Ok(exit::DONE)
}

fn of_asset(
    project: &Project,
    details: &AssetDetails,
    found: &[Diagnostic],
    file: Option<String>,
    strict: bool,
) -> Story {
    let id = details.asset_id;
    let named = format!("`{}` (asset {id})", details.root);
    let reasons: Vec<Diagnostic> = found.to_vec();
    let validation = project.validate_pack(ValidateRequest { strict });
    let of_assets = validation.payload.iter().flat_map(|payload| &payload.assets);
    let (own, others): (Vec<_>, Vec<_>) = of_assets.partition(|asset| asset.asset_id == id);
    let (verdict, message, help) = if !details.included_in_build {
        let wrong = if found.is_empty() { "" } else { "; what is wrong with it stops nothing now" };
        let message = format!("{named} is not in the pack: it is kept out of builds{wrong}");
        ("excluded", message, Some(format!("`cargo prometeu include {id}` takes it in.")))
    } else if let Some(own) = own.first() {
        let wrong = counted(own.diagnostics.len(), "finding");
        let message = format!("{named} would be in the pack, and keeps it from being made: {wrong}");
        ("blocks", message, None)
    } else if validation.status != Status::Ok {
        // What belongs to no asset, such as a slot too few, is nobody's in particular.
        let mut whose: Vec<String> =
            others.iter().take(NAMED).map(|asset| format!("`{}`", within(&asset.asset_path))).collect();
        if let more @ 1.. = others.len().saturating_sub(NAMED) {
            whose.push(format!("{more} more"));
        }
        let (by, stand) = match whose.as_slice() {
            [] => ("the project itself".to_owned(), "stands"),
            [one] => (one.clone(), "stands"),
            several => (several.join(", "), "stand"),
        };
        let message = format!("{named} is in order, but no pack can be made: {by} {stand} in the way");
        ("held_up", message, Some("`cargo prometeu validate` shows what stands in the way.".to_owned()))
    } else {
        let message =
            format!("{named} is in the pack: it is registered, included, and nothing stands in its way");
        ("packed", message, Some(format!("`cargo prometeu exclude {id}` keeps it out of builds.")))
    };
    let file = file.map(|file| {
        let path = project.layout().root(&details.root).join(&file);
        let words = facts::of_file(details, &file, path.symlink_metadata().is_ok());
        (file, words)
    });
    Story { reasons, details: Some(details.clone()), file, ..Story::new(verdict, message, help) }
}

/// The root of an asset's folder in the project.
fn within(folder: &str) -> &str {
    folder.strip_prefix("assets/").unwrap_or(folder)
}

fn print(shell: &Shell, story: &Story) {
    shell.print(visible(&story.message));
    if let Some((file, words)) = &story.file {
        shell.print(visible(&format!("`{file}` {words}")));
    }
    if let Some(details) = &story.details {
        shell.print("");
        facts::of(details)
            .iter()
            .for_each(|(what, fact)| shell.print(visible(&format!("{what:<9}  {fact}"))));
    }
    if !story.reasons.is_empty() {
        shell.print("");
        findings::print(shell, &story.reasons);
        if story.help.is_some() {
            shell.gap();
        }
    }
    if let Some(help) = &story.help {
        shell.help(visible(help));
    }
}

fn members(story: &Story) -> Vec<(&'static str, Value)> {
    let text = |text: &Option<String>| text.as_deref().map(Value::from);
    let mut members = vec![
        ("verdict", json!(story.verdict)),
        ("message", json!(story.message)),
        ("reasons", story.reasons.iter().map(wire::diagnostic).collect()),
    ];
    members.extend(text(&story.help).map(|help| ("help", help)));
    members.extend(story.details.as_ref().map(|details| ("asset", details.members())));
    if let Some((file, words)) = &story.file {
        members.push(("of_file", json!({ "file": file, "message": words })));
    }
    members
}
