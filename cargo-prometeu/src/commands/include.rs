//! `include`: builds take assets in.

use crate::cli::Consent;
use clap::Args;
use prometeu_packer::mutate::{Mutation, Plan, SetIncluded};
use prometeu_packer::ops::Blocker;
use std::ffi::OsString;

use super::Context;
use crate::exit::Exit;
use crate::shell::Shell;
use crate::{asset, consent, session};

/// `include`, `exclude`
#[derive(Debug, Args)]
pub(crate) struct Assets {
    /// For each its id, its uuid, its root or a path to it, or a name that no other asset has
    #[arg(required = true, value_name = "ASSET")]
    assets: Vec<OsString>,

    #[command(flatten)]
    consent: Consent,
}

pub(super) fn run(context: &Context<'_>, request: &Assets) -> Result<Exit, Blocker> {
    set(context, request, true, |shell, _| {
        shell.hint("`cargo prometeu doctor` says whether the content is right, `cargo prometeu pack` packs");
    })
}

/// Includes or excludes; `next` hints at what may follow a change.
pub(super) fn set(
    context: &Context<'_>,
    request: &Assets,
    included: bool,
    next: impl FnOnce(&Shell, &Plan),
) -> Result<Exit, Blocker> {
    let project = session::open(context.global, context.printer)?;
    let assets: Result<Vec<String>, Blocker> =
        request.assets.iter().map(|typed| asset::resolve(&project, typed)).collect();
    let mutation = Mutation::SetIncluded(SetIncluded { assets: assets?, included });
    let outcome = consent::mutate(context.printer, &project, &mutation, &request.consent);
    if let Some(plan) = &outcome.applied
        && context.printer.for_people()
    {
        next(context.printer.shell(), plan);
    }
    Ok(outcome.exit)
}
