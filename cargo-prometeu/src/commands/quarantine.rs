//! `quarantine`: an asset, or a folder that could be one, is put out of the way as it is.

use prometeu_packer::mutate::{Mutation, QuarantineAsset};
use prometeu_packer::ops::Blocker;

use super::{Context, constants_gone};
use crate::exit::Exit;
use crate::{asset, cli, consent, session};

pub(super) fn run(context: &Context<'_>, request: &cli::Quarantine) -> Result<Exit, Blocker> {
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
