//! `restore`: what lies in quarantine comes back to where it was.

use crate::cli::Consent;
use clap::Args;
use prometeu_packer::mutate::{Mutation, RestoreAsset};
use prometeu_packer::ops::Blocker;
use std::ffi::OsString;

use super::Context;
use crate::exit::Exit;
use crate::{asset, consent, session};

/// `restore`
#[derive(Debug, Args)]
pub(crate) struct Restore {
    /// What `list --quarantined` calls it; or the id, the uuid or the root that it had
    entry: OsString,

    #[command(flatten)]
    consent: Consent,
}

pub(super) fn run(context: &Context<'_>, request: &Restore) -> Result<Exit, Blocker> {
    let project = session::open(context.global, context.printer)?;
    let entry = asset::resolve_quarantined(&project, &request.entry)?;
    let mutation = Mutation::RestoreAsset(RestoreAsset { entry });
    Ok(consent::mutate(context.printer, &project, &mutation, &request.consent).exit)
}
