//! `quarantine`: assets, or folders that could be some, are put out of the way as they are, all of them or none.

use crate::cli::Consent;
use clap::Args;
use prometeu_packer::mutate::{Mutation, QuarantineAsset};
use prometeu_packer::ops::Blocker;
use std::ffi::OsString;

use super::{Context, constants_gone};
use crate::exit::Exit;
use crate::{asset, consent, session};

/// `quarantine`
#[derive(Debug, Args)]
pub(crate) struct Quarantine {
    /// An asset, as for the other commands; or the folder of one that nobody registered
    #[arg(required = true, value_name = "ASSET|ROOT")]
    assets: Vec<OsString>,

    #[command(flatten)]
    consent: Consent,
}

pub(super) fn run(context: &Context<'_>, request: &Quarantine) -> Result<Exit, Blocker> {
    let project = session::open(context.global, context.printer)?;
    let assets: Result<Vec<String>, Blocker> =
        request.assets.iter().map(|typed| asset::resolve_or_unregistered(&project, typed)).collect();
    let mutation = Mutation::QuarantineAsset(QuarantineAsset { assets: assets? });
    let outcome = consent::mutate(context.printer, &project, &mutation, &request.consent);
    if let Some(plan) = &outcome.applied
        && context.printer.for_people()
    {
        constants_gone(context.printer.shell(), plan);
    }
    Ok(outcome.exit)
}
