//! `restore`: what lies in quarantine comes back to where it was.

use prometeu_packer::mutate::{Mutation, RestoreAsset};
use prometeu_packer::ops::Blocker;

use super::Context;
use crate::exit::Exit;
use crate::{asset, cli, consent, session};

pub(super) fn run(context: &Context<'_>, request: &cli::Restore) -> Result<Exit, Blocker> {
    let project = session::open(context.global, context.printer)?;
    let entry = asset::resolve_quarantined(&project, &request.entry)?;
    let mutation = Mutation::RestoreAsset(RestoreAsset { entry });
    Ok(consent::mutate(context.printer, &project, &mutation, &request.consent).exit)
}
