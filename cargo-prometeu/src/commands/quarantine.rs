//! `quarantine`: an asset, or a folder that could be one, is put out of the way as it is.

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
    asset: OsString,

    #[command(flatten)]
    consent: Consent,
}

pub(super) fn run(context: &Context<'_>, request: &Quarantine) -> Result<Exit, Blocker> {
    let project = session::open(context.global, context.printer)?;
    let asset = asset::resolve_or_unregistered(&project, &request.asset)?;
    let mutation = Mutation::QuarantineAsset(QuarantineAsset { asset });
    let outcome = consent::mutate(context.printer, &project, &mutation, &request.consent);
    if let Some(plan) = &outcome.applied
        && context.printer.for_people()
    {
        constants_gone(context.printer.shell(), plan);
    }
    Ok(outcome.exit)
}
