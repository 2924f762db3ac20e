//! `undo`: the last change is taken back.

use crate::cli::Consent;
use crate::cli::plan_id;
use clap::Args;
use prometeu_packer::mutate::PlanId;
use prometeu_packer::mutate::{self, Mutation};
use prometeu_packer::ops::Blocker;

use super::Context;
use crate::exit::Exit;
use crate::{consent, session};

/// `undo`
#[derive(Debug, Args)]
pub(crate) struct Undo {
    /// The id of the plan that it applied, which -v told: another change is not taken back then
    #[arg(value_name = "CHANGE", value_parser = plan_id)]
    change: Option<PlanId>,

    #[command(flatten)]
    consent: Consent,
}

pub(super) fn run(context: &Context<'_>, request: &Undo) -> Result<Exit, Blocker> {
    let project = session::open(context.global, context.printer)?;
    Ok(consent::mutate(
        context.printer,
        &project,
        &Mutation::Undo(mutate::Undo { change: request.change }),
        &request.consent,
    )
    .exit)
}
