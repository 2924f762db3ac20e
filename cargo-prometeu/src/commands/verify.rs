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

use std::path::PathBuf;

use clap::{ArgGroup, Args};
use packer_format::PackFile;
use prometeu_packer::diagnostics::render::visible;
use prometeu_packer::ops::{Blocker, BlockerCode, OperationClass, Status};
use prometeu_packer::snapshot::Snapshot;
use serde_json::{Value, json};

use super::own::{self, Answer};
use super::{Context, inspect, pack};
use crate::exit::{self, Exit};
use crate::printer::human::counted;
use crate::printer::{Printer, display_path};
use crate::project;
use crate::scratch::Scratch;
use crate::session;
use crate::shell::Shell;
use crate::wire::present;
use built::NoPack;
use compare::{Differing, Sides};

/// The name in `operation`.
pub(super) const OPERATION: &str = "verify";

/// `verify`
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("of").required(true).args(["pack", "built"]))]
pub(crate) struct Verify {
    /// An `assets.pa`
    pack: Option<PathBuf>,

    /// The pack that the game's build script made; cargo is asked where, and builds what is out of date
    #[arg(long)]
    built: bool,

    /// The profile of that build
    #[arg(long, value_name = "NAME", requires = "built", conflicts_with = "pack")]
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
    let project = session::open_to_ask(context.global, printer)?;
    let place = Scratch::of(project.layout().project())?;
    let response = project.pack(&pack::aside(place.path().join("out")));
    let Some(result) = response.payload.as_ref().filter(|_| response.status == Status::Ok) else {
        let message = format!("nothing is known of {}: the project does not pack", display_path(&pack));
        let exit = own::not_packed(printer, OPERATION, &response, &message);
        // One that was stopped half-way proves nothing either.
        return Ok(if exit == exit::DONE { exit::FINDINGS } else { exit });
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
    let differences: Value = differing.iter().map(member).collect();
    let answer = Answer {
        operation: OPERATION,
        class: OperationClass::ReadOnly,
        summary: &summary,
        members: vec![
            ("artifact", inspect::artifact(&pack, given.header().file_len(), &digest)),
            ("expected_digest", json!(result.digest)),
            ("total_assets", json!(result.total_assets)),
            ("same", json!(is_same)),
            ("differing", differences),
        ],
    };
    let status = if is_same { Status::Ok } else { Status::Blocked };
    own::answer_with(printer, status, answer, |shell| print(shell, request, &differing, (is_same, &summary)));
    Ok(if is_same { exit::DONE } else { exit::FINDINGS })
}

fn nothing_built(printer: &Printer, none: &NoPack) -> Exit {
    let class = OperationClass::ReadOnly;
    let answer = Answer { operation: OPERATION, class, summary: &none.message, members: Vec::new() };
    own::answer_with(printer, Status::Blocked, answer, |shell| {
        shell.error(visible(&none.message));
        shell.help(none.help);
    });
    exit::FINDINGS
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

fn print(shell: &Shell, request: &Verify, differing: &[Differing], (is_same, summary): (bool, &str)) {
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
    let known = |value: &Value| Some(value.clone()).filter(|value| !value.is_null());
    let differences = asset.differences.iter().map(|difference| {
        present([
            ("kind", Some(json!(difference.kind))),
            ("member", difference.member.as_deref().map(Value::from)),
            ("expected", known(&difference.expected)),
            ("found", known(&difference.found)),
            ("message", Some(json!(difference.message))),
        ])
    });
    present([
        ("asset_id", Some(json!(asset.id().get()))),
        ("asset_name", Some(json!(asset.name))),
        ("root", asset.root.as_deref().map(Value::from)),
        ("differences", Some(differences.collect())),
    ])
}
