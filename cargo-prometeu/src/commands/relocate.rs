//! `relocate`: an asset's folder gets another place inside `assets/`.

use crate::cli::Consent;
use clap::Args;
use prometeu_packer::Project;
use prometeu_packer::mutate::{EditKind, Mutation, Plan, RelocateAsset};
use prometeu_packer::ops::{Blocker, Status, quoted};
use prometeu_packer::path::AssetPath;
use std::ffi::OsString;

use super::{Context, constant_moved};
use crate::exit::Exit;
use crate::{asset, consent, project, root, session};

/// `relocate`
#[derive(Debug, Args)]
pub(crate) struct Relocate {
    /// Its id, its uuid, its root or a path to it, or a name that no other asset has
    asset: OsString,

    /// The folder that it gets, relative to `assets/` or as a path into it; it must not be there yet
    new_root: OsString,

    #[command(flatten)]
    consent: Consent,
}

pub(super) fn run(context: &Context<'_>, request: &Relocate) -> Result<Exit, Blocker> {
    let project = session::open(context.global, context.printer)?;
    let new_root = root::resolve(project.layout(), &project::current_dir()?, &request.new_root)?;
    let asset = asset::resolve(&project, &request.asset)?;
    let mutation = Mutation::RelocateAsset(RelocateAsset { asset, new_root: new_root.clone() });
    let outcome = consent::mutate(context.printer, &project, &mutation, &request.consent);
    if let Some(plan) = &outcome.applied
        && context.printer.for_people()
        && let Some(old_root) = old_root(plan)
    {
        let shell = context.printer.shell();
        constant_moved(shell, &old_root, &new_root);
        let moved = asset::exactly(&plan.affected_assets);
        let back = quoted(old_root.as_str());
        // A folder that should not have been called so may not be called so again.
        if is_open(&project, plan, old_root) {
            shell.hint(format_args!("`cargo prometeu relocate {moved} {back}` moves it back"));
        }
    }
    Ok(outcome.exit)
}

/// Whether the asset that the plan has moved could go back.
fn is_open(project: &Project, plan: &Plan, old_root: AssetPath) -> bool {
    let id = plan.affected_assets.first().and_then(|asset| asset.asset_id);
    id.is_some_and(|id| {
        let back = RelocateAsset { asset: id.to_string(), new_root: old_root };
        project.preview(&Mutation::RelocateAsset(back), None).status == Status::Ok
    })
}

/// Where the asset was before.
fn old_root(plan: &Plan) -> Option<AssetPath> {
    plan.edits.iter().find_map(|edit| match &edit.kind {
        EditKind::MoveFolder { from } => AssetPath::parse(from.strip_prefix("assets/")?).ok(),
        _ => None,
    })
}
