//! `adopt`: a folder that carries the uuid of an asset, registered or in quarantine, is taken in, as what
//! its owner says it is.

use crate::cli::Consent;
use clap::ArgGroup;
use clap::Args;
use prometeu_packer::Project;
use prometeu_packer::diagnostics::render::visible;
use prometeu_packer::mutate::{AdoptAsset, Adoption, Mutation};
use prometeu_packer::ops::Blocker;
use prometeu_packer::path::AssetPath;
use prometeu_packer::snapshot::{AssetQuery, Lookup};
use std::ffi::OsString;

use super::{Context, constant_moved};
use crate::exit::Exit;
use crate::{asset, consent, project, root, session};

/// `adopt`
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("adoption").required(true).args(["as_new", "as_asset"]))]
pub(crate) struct Adopt {
    /// A folder with an asset.json, relative to `assets/` or as a path into it
    root: OsString,

    /// It is a copy, or shares its id or uuid with another: it gets one of its own
    #[arg(long)]
    as_new: bool,

    /// It is this asset, whatever it carries: an id, a uuid, a root, or a name that no other asset has
    #[arg(long = "as", value_name = "ASSET")]
    as_asset: Option<OsString>,

    #[command(flatten)]
    consent: Consent,
}

pub(super) fn run(context: &Context<'_>, request: &Adopt) -> Result<Exit, Blocker> {
    let project = session::open(context.global, context.printer)?;
    let root = root::resolve(project.layout(), &project::current_dir()?, &request.root)?;
    let (adoption, old_root) = match &request.as_asset {
        Some(typed) => {
            // What lies in quarantine and was put back by hand is adopted as what it was.
            let asset = match (asset::resolve(&project, typed), typed.to_str()) {
                (Err(_), Some(typed)) if is_away(&project, typed) => typed.to_owned(),
                (asset, _) => asset?,
            };
            let old_root = root_of(&project, &asset);
            (Adoption::Existing(asset), old_root)
        }
        None => (Adoption::New, None),
    };
    let mutation = Mutation::AdoptAsset(AdoptAsset { root: root.clone(), adoption });
    let outcome = consent::mutate(context.printer, &project, &mutation, &request.consent);
    if outcome.applied.is_some()
        && context.printer.for_people()
        && let Some(old_root) = old_root
    {
        let shell = context.printer.shell();
        if project.layout().root(&old_root).symlink_metadata().is_ok() {
            let old_root = visible(old_root.as_str());
            shell.hint(format_args!("`assets/{old_root}` is as it was, and not registered any more"));
        }
        constant_moved(shell, &old_root, &root);
    }
    Ok(outcome.exit)
}

/// Whether that is the id or the uuid of something in quarantine.
fn is_away(project: &Project, typed: &str) -> bool {
    let away = project.list_quarantined().payload.unwrap_or_default();
    away.iter().filter_map(|found| found.record.as_ref().ok()?.registered).any(|registered| {
        registered.asset_id.to_string() == typed || registered.asset_uuid.to_string() == typed
    })
}

/// Where the registry says that the asset is.
fn root_of(project: &Project, asset: &str) -> Option<AssetPath> {
    match project.snapshot().ok()?.find(AssetQuery(asset)) {
        Lookup::Found(asset) => Some(asset.entry.root.clone()),
        Lookup::Ambiguous(_) | Lookup::Unknown(_) => None,
    }
}
