//! `remove`: an asset and its files go, into quarantine or for good.

use crate::cli::Consent;
use clap::Args;
use prometeu_packer::mutate::{Mutation, RemoveAsset};
use prometeu_packer::ops::Blocker;
use std::ffi::OsString;

use super::{Context, constants_gone};
use crate::exit::Exit;
use crate::{asset, consent, session};

/// `remove`
#[derive(Debug, Args)]
pub(crate) struct Remove {
    /// Its id, its uuid, its root or a path to it, or a name that no other asset has
    asset: OsString,

    /// Delete its files instead of putting them into quarantine
    #[arg(long)]
    purge: bool,

    #[command(flatten)]
    consent: Consent,
}

pub(super) fn run(context: &Context<'_>, request: &Remove) -> Result<Exit, Blocker> {
    let project = session::open(context.global, context.printer)?;
    let asset = asset::resolve(&project, &request.asset)?;
    let mutation = Mutation::RemoveAsset(RemoveAsset { asset, purge: request.purge });
    let outcome = consent::mutate(context.printer, &project, &mutation, &request.consent);
    if let Some(plan) = &outcome.applied
        && context.printer.for_people()
    {
        constants_gone(context.printer.shell(), plan);
    }
    Ok(outcome.exit)
}
