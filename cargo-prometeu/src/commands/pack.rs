//! `pack`: makes `assets.pa` and its companions, or says whether they are what the sources make.

use clap::Args;
use std::path::Path;
use std::path::PathBuf;

use prometeu_packer::Project;
use prometeu_packer::diagnostics::render::{self, visible};
use prometeu_packer::ops::{
    Blocker, Listing, PackContents, PackGoal, PackRequest, PackResult, PackedFile, Response, Status,
};

use serde_json::Value;

use super::{Context, glance};
use crate::cache_folder::{self, Because};
use crate::exit::{self, Exit};
use crate::printer::human::{self, counted};
use crate::printer::table::{Align, Table};
use crate::printer::{Printer, display_path, units};
use crate::report::{Wanted, Written};
use crate::settings::Settings;
use crate::shell::Shell;
use crate::wire::Payload;
use crate::{project, session};

/// `pack`
#[derive(Debug, Args)]
pub(crate) struct Pack {
    /// Where to write; what the project's settings say unless given, or `build/` in it
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,

    /// Write nothing: say whether what is there is what the sources make
    #[arg(long)]
    check: bool,

    /// Say of each asset whether its payload was kept or made, and why; programs hear it from the events
    #[arg(long, conflicts_with = "check")]
    explain: bool,

    /// Let warnings block like errors
    #[arg(long)]
    strict: bool,

    /// Write a page about the pack: sizes, pictures, sounds, and what changed since the report that is there
    #[arg(long, value_name = "FILE", conflicts_with = "check")]
    report: Option<PathBuf>,

    /// Compare with this older report instead of the one that is written over
    #[arg(long, value_name = "OLD", requires = "report")]
    since: Option<PathBuf>,
}

pub(super) fn run(context: &Context<'_>, request: &Pack) -> Result<Exit, Blocker> {
    let project = session::open_to_build(context.global, context.printer)?;
    let goal = if request.check { PackGoal::Check } else { PackGoal::Publish };
    let mut make = make(context, &project, request.out.as_deref(), request.strict, goal)?;
    if request.explain || request.report.is_some() {
        make.listing = Listing::Whole;
    }
    let report = request.report.as_deref().map(|file| {
        let (layout, since) = (project.layout(), request.since.as_deref());
        Wanted::at(file, since, &project, &make.out_dir, glance::package(layout.project()))
    });
    let report = report.transpose()?;
    context.printer.begin(if request.check { "Comparing" } else { "Packing" });
    let response = reported(project.pack(&make), report);
    let print = |shell: &Shell, response: &Response<Packed>| {
        human::trouble(shell, response);
        match &response.payload {
            Some(Packed { result, .. }) if request.check => compared(shell, result, request.out.as_deref()),
            Some(Packed { result, report }) => {
                if request.explain {
                    explained(shell, result);
                }
                finished(shell, result);
                if let Some(report) = report {
                    shell.status("Reported", report.summary());
                }
            }
            None if response.status == Status::Blocked && response.blockers.is_empty() => {
                let done = if request.check { "compared" } else { "packed" };
                shell.error(format_args!("nothing was {done}: {}", stopped(response)));
            }
            None => {}
        }
    };
    let exit = context.printer.response(&response, print);
    let differs = request.check
        && response.payload.as_ref().is_some_and(|packed| files(&packed.result).any(|f| f.changed));
    Ok(if differs { exit::FINDINGS } else { exit })
}

/// A pack, and the page about it where one was asked for.
#[derive(Debug)]
struct Packed {
    result: PackResult,
    report: Option<Written>,
}

impl Payload for Packed {
    fn members(&self) -> Value {
        let mut members = self.result.members();
        if let Some(report) = &self.report {
            members["report"] = report.members();
        }
        members
    }
}

/// Writes the page about what was packed. Where that fails the response did: the pack is there, and the page is not.
fn reported(response: Response<PackResult>, report: Option<Wanted>) -> Response<Packed> {
    let mut response = Response {
        payload: response.payload.map(|result| Packed { result, report: None }),
        status: response.status,
        operation: response.operation,
        operation_id: response.operation_id,
        generation: response.generation,
        summary: response.summary,
        affected_assets: response.affected_assets,
        diagnostics: response.diagnostics,
        proposed_actions: response.proposed_actions,
        applied_actions: response.applied_actions,
        blockers: response.blockers,
    };
    if let (Some(packed), Some(report)) = (&mut response.payload, report) {
        match report.write(&packed.result) {
            Ok(written) => packed.report = Some(written),
            Err(blocker) => {
                response.status = Status::Failed;
                response.summary = format!("the pack was made, and no report: {}", blocker.message);
                response.blockers.push(blocker);
            }
        }
    }
    response
}

/// The request of a pack of the whole pack set.
///
/// # Errors
///
/// When the current folder cannot be told, from which `out` begins, or the project's settings cannot be read.
pub(super) fn make(
    context: &Context<'_>,
    project: &Project,
    out: Option<&Path>,
    strict: bool,
    goal: PackGoal,
) -> Result<PackRequest, Blocker> {
    let folder = project.layout().project();
    let settings = Settings::of_and_tell(folder, context.printer.shell())?;
    Ok(PackRequest {
        out_dir: match out {
            Some(out) => project::absolute(out)?,
            None => folder.join(settings.out(None).value),
        },
        cache_dir: (goal == PackGoal::Publish).then(|| cache_dir(context.printer, project)),
        strict: settings.strict(strict).value,
        contents: PackContents::PackSet,
        goal,
        listing: Listing::UnlessUnchanged,
    })
}

/// The request of a pack that is made to be compared with another: from the sources alone, beside everything.
pub(crate) fn aside(out_dir: PathBuf) -> PackRequest {
    PackRequest {
        out_dir,
        cache_dir: None,
        // What warnings are worth changes no byte.
        strict: false,
        contents: PackContents::PackSet,
        goal: PackGoal::Publish,
        listing: Listing::UnlessUnchanged,
    }
}

/// `3 errors in 2 assets`, and in strict mode why warnings are among them.
pub(crate) fn stopped<T>(response: &Response<T>) -> String {
    let blocking = response.diagnostics.iter().filter(|diagnostic| diagnostic.blocking);
    render::summary(blocking).unwrap_or_else(|| response.summary.clone())
}

/// Where what is known of the last pack is kept. It saves work and changes no byte, so a cargo that
/// cannot answer is no reason to stop.
pub(crate) fn cache_dir(printer: &Printer, project: &Project) -> PathBuf {
    let folder = cache_folder::find(project.layout().project());
    if let Because::CargoCannotTell(reason) = &folder.because {
        printer.shell().warn(format_args!("{reason}; the cache goes to `build/.cache`"));
    }
    folder.path
}

pub(crate) fn files(result: &PackResult) -> impl Iterator<Item = &PackedFile> {
    std::iter::once(&result.artifact).chain(&result.companions)
}

/// Of each asset, whether its payload was kept, or why not.
fn explained(shell: &Shell, result: &PackResult) {
    let head =
        [("ID", Align::Right), ("ROOT", Align::Left), ("SIZE", Align::Right), ("PAYLOAD", Align::Left)];
    let mut table = Table::new(head);
    for asset in &result.assets {
        let why = match &asset.made {
            Some(reason) => format!("made: {}", human::reason(reason)),
            None => "kept: nothing that goes into it changed".to_owned(),
        };
        let size = units::bytes(asset.size);
        table.row([asset.asset_id.to_string(), visible(asset.root.as_str()), size, visible(&why)]);
    }
    table.lines().for_each(|line| shell.print(line));
}

fn finished(shell: &Shell, result: &PackResult) {
    shell.status("Finished", in_words(result));
    if result.total_assets == 0 {
        shell.hint(EMPTY);
    }
}

/// A pack and what it cost: `build/assets.pa 1.2 MB, 3 assets (2 kept, 1 made) in 0.08s`.
pub(crate) fn in_words(result: &PackResult) -> String {
    format!(
        "{} {}, {}{} in {}",
        display_path(&result.artifact.path),
        units::bytes(result.artifact.size),
        counted(result.total_assets, "asset"),
        work(result),
        units::millis(result.duration_ms),
    )
}

/// What a pack without assets is followed by.
pub(crate) const EMPTY: &str = "the pack is empty: `cargo prometeu create ui/atlas --type glyph_bank` makes an \
                                asset, `cargo prometeu include` takes one in that is excluded";

/// How many payloads were kept and made: ` (2 kept, 1 made)`.
pub(super) fn work(result: &PackResult) -> String {
    match (result.cache.hits, result.cache.misses) {
        (0, 0) => String::new(),
        (_, 0) => " (all kept)".to_owned(),
        (0, _) => " (all made)".to_owned(),
        (kept, made) => format!(" ({kept} kept, {made} made)"),
    }
}

fn compared(shell: &Shell, result: &PackResult, out: Option<&Path>) {
    let differing: Vec<&PackedFile> = files(result).filter(|file| file.changed).collect();
    if differing.is_empty() {
        let path = display_path(&result.artifact.path);
        let assets = counted(result.total_assets, "asset");
        shell.status("Checked", format_args!("{path}: it is what the sources make, {assets}"));
        return;
    }
    for file in &differing {
        let path = display_path(&file.path);
        if file.path.exists() {
            shell.error(format_args!("`{path}` is not what the sources make"));
        } else {
            shell.error(format_args!("`{path}` is missing"));
        }
    }
    let out = out.map_or(String::new(), |out| format!(" --out {}", out.display()));
    shell.help(format_args!(
        "Run `cargo prometeu pack{out}` to write {}.",
        if differing.len() == 1 { "it" } else { "them" }
    ));
}
