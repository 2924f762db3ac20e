//! `remove`: an asset and its files go, into quarantine or for good.

use prometeu_packer::mutate::{Mutation, RemoveAsset};
use prometeu_packer::ops::Blocker;

use super::{Context, constants_gone};
use crate::exit::Exit;
use crate::{asset, cli, consent, session};

pub(super) fn run(context: &Context<'_>, request: &cli::Remove) -> Result<Exit, Blocker> {
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
