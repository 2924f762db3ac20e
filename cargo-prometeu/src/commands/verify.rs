//! `verify`: whether a pack is what the project makes, proved by content, and where it is not, which assets
//! differ and in what.
//!
//! The project is packed anew, from its sources alone, into a folder of the cache that is gone afterwards;
//! then the two packs are held against each other. Nothing is taken from times, records or caches. With
//! `--built` [cargo](built) says where the pack of the build script is.
//!
//! Guarantees: exit 0 only when every byte of the pack is what the project makes. Not here: the companions,
//! which `pack --check` looks at as well; and what does not belong to a pack, such as the constants.

mod built;
mod compare;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use packer_format::PackFile;
use prometeu_packer::diagnostics::render::visible;
use prometeu_packer::event::{Event, EventSink};
use prometeu_packer::ops::{
    Blocker, BlockerCode, Listing, PackContents, PackGoal, PackRequest, PackResult, Response, Status,
};
use prometeu_packer::snapshot::Snapshot;
use prometeu_packer::{Error, IdSource as _};
use serde_json::{Value, json};

use super::{Context, inspect};
use crate::exit::{self, Exit};
use crate::printer::human::{self, counted};
use crate::printer::{Printer, display_path};
use crate::session::{self, Uuids};
use crate::{cache_folder, project, wire};
use built::NoPack;
use compare::{Differing, Sides};

/// The name in `operation`.
pub(super) const OPERATION: &str = "verify";

/// `verify`
#[derive(Debug, Args)]
pub(crate) struct Verify {
    /// An `assets.pa`
    #[arg(required_unless_present = "built")]
    pack: Option<PathBuf>,

    /// The pack that the game's build script made; cargo is asked where, and builds what is out of date
    #[arg(long, conflicts_with = "pack")]
    built: bool,

    /// The profile of that build
    #[arg(long, value_name = "NAME", requires = "built")]
    profile: Option<String>,
}

pub(super) fn run(context: &Context<'_>, request: &Verify) -> Result<Exit, Blocker> {
    let printer = context.printer;
    let pack = match &request.pack {
        Some(pack) => pack.clone(),
        None => {
            let folder = project::find(context.global)?;
            match built::find(context.global, &folder, request.profile.as_deref(), printer.shell())? {
                Ok(pack) => pack,
                Err(none) => return Ok(nothing_built(printer, &none)),
            }
        }
    };
    let (given, payloads) = match inspect::read(&pack)? {
        Ok(read) => read,
        Err(error) => return inspect::unreadable(printer, OPERATION, &error),
    };
    let project = session::open_to_build_and_tell(context.global, printer, Arc::new(Deaf))?;
    let place = Scratch::new(project.layout().project())?;
    let response = project.pack(&PackRequest {
        out_dir: place.0.clone(),
        cache_dir: None,
        // What warnings are worth changes no byte.
        strict: false,
        contents: PackContents::PackSet,
        goal: PackGoal::Publish,
        listing: Listing::UnlessUnchanged,
    });
    let Some(result) = response.payload.as_ref().filter(|_| response.status == Status::Ok) else {
        return Ok(not_packed(printer, &response, &pack));
    };
    let made = PackFile::open(&result.artifact.path)
        .map_err(|error| Blocker::new(BlockerCode::IoError, error.to_string()))?;
    let mut differing = compare::differing(&Sides { made: &made, given: &given })
        .map_err(|error| Blocker::new(BlockerCode::IoError, error.to_string()))?;
    let snapshot = project.snapshot().map_err(|error| Blocker::from(&error))?;
    tell_places(&mut differing, &snapshot);
    let digest = inspect::digest(&given, &payloads)?;
    let is_same = differing.is_empty() && digest == result.digest;
    let named = display_path(&pack);
    let summary = match (is_same, differing.len()) {
        (true, _) => format!("{named} is what the project makes, {}", counted(result.total_assets, "asset")),
        // The reader takes one layout only, so this is the proof's last word and not an asset's.
        (false, 0) => format!("{named} is not what the project makes, and each asset is"),
        (false, n) => format!("{named} is not what the project makes: {} differ", counted(n, "asset")),
    };
    let summary =
        if differing.len() == 1 { summary.replace("1 asset differ", "1 asset differs") } else { summary };
    if printer.for_people() {
        print(printer, request, &differing, (is_same, &summary));
    } else {
        let id = Uuids.operation_id().to_string();
        let mut answer = wire::Response::of_command(OPERATION, id, &summary);
        answer.status = if is_same { Status::Ok } else { Status::Blocked }.as_str();
        let differences: Value = differing.iter().map(member).collect();
        let members = json!({
            "artifact": inspect::artifact(&pack, given.header().file_len(), &digest),
            "expected_digest": result.digest,
            "total_assets": result.total_assets,
            "same": is_same,
            "differing": differences,
        });
        answer.payload = members.as_object().cloned();
        printer.line(answer.line());
    }
    Ok(if is_same { exit::DONE } else { exit::FINDINGS })
}

fn nothing_built(printer: &Printer, none: &NoPack) -> Exit {
    if printer.for_people() {
        printer.shell().error(visible(&none.message));
        printer.shell().help(none.help);
    } else {
        let id = Uuids.operation_id().to_string();
        let mut answer = wire::Response::of_command(OPERATION, id, &none.message);
        answer.status = Status::Blocked.as_str();
        printer.line(answer.line());
    }
    exit::FINDINGS
}

/// A project that does not pack proves nothing, and says why.
fn not_packed(printer: &Printer, response: &Response<PackResult>, pack: &Path) -> Exit {
    let exit = printer.response(response, |shell, response| {
        human::trouble(shell, response);
        shell.error(format_args!("nothing is known of {}: the project does not pack", display_path(pack)));
    });
    if exit == exit::DONE { exit::FINDINGS } else { exit }
}

/// Adds where each asset is, and of one that only the pack has, what the project knows of it.
fn tell_places(differing: &mut [Differing], snapshot: &Snapshot) {
    for asset in differing {
        let known = snapshot.assets.iter().find(|known| known.id() == asset.id());
        asset.root = known.map(|known| known.entry.root.to_string());
        if let (None, Some(known)) = (asset.made, known)
            && !known.entry.included_in_build
        {
            for difference in &mut asset.differences {
                "it is in the pack, and the project keeps it out of builds"
                    .clone_into(&mut difference.message);
            }
        }
    }
}

fn print(printer: &Printer, request: &Verify, differing: &[Differing], (is_same, summary): (bool, &str)) {
    let shell = printer.shell();
    if is_same {
        return shell.status("Verified", summary);
    }
    for asset in differing {
        let name = format!("{} (asset {})", asset.root.as_ref().unwrap_or(&asset.name), asset.id());
        match &asset.differences[..] {
            [only] => shell.print(visible(&format!("{name}: {}", only.message))),
            several => {
                shell.print(visible(&name));
                several.iter().for_each(|found| shell.print(visible(&format!("  {}", found.message))));
            }
        }
    }
    shell.gap();
    shell.error(summary);
    if request.built {
        shell.help(
            "The build script did not notice a change, or packs something else: touch `build.rs`, build, and verify \
             again.",
        );
    } else {
        shell.help("`cargo prometeu pack` makes it anew, in `build/` or with `--out` elsewhere.");
    }
}

fn member(asset: &Differing) -> Value {
    let differences = asset.differences.iter().map(|difference| {
        json!({
            "kind": difference.kind,
            "member": difference.member,
            "expected": difference.expected,
            "found": difference.found,
            "message": difference.message,
        })
    });
    json!({
        "asset_id": asset.id().get(),
        "asset_name": asset.name,
        "root": asset.root,
        "differences": differences.collect::<Vec<_>>(),
    })
}

/// A folder for one pack, gone when it is done with.
struct Scratch(PathBuf);

impl Scratch {
    fn new(project: &Path) -> Result<Self, Blocker> {
        let path = cache_folder::find(project).path.join(format!("verify-{}", Uuids.operation_id()));
        fs::create_dir_all(&path).map_err(|error| Blocker::from(&Error::io("create", &path, error)))?;
        Ok(Self(path))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What stays is a leftover in a cache, where nothing is an authority.
        drop(fs::remove_dir_all(&self.0));
    }
}

/// Nobody asked for a pack, so nobody hears of one.
#[derive(Debug)]
struct Deaf;

impl EventSink for Deaf {
    fn take(&self, _: &Event) {}

    fn is_heard(&self) -> bool {
        false
    }
}
