//! `undo`: the last change is taken back.

use prometeu_packer::mutate::{Mutation, Undo};
use prometeu_packer::ops::Blocker;

use super::Context;
use crate::exit::Exit;
use crate::{cli, consent, session};

pub(super) fn run(context: &Context<'_>, request: &cli::Undo) -> Result<Exit, Blocker> {
    let project = session::open(context.global, context.printer)?;
    Ok(consent::mutate(
        context.printer,
        &project,
        &Mutation::Undo(Undo { change: request.change }),
        &request.consent,
    )
    .exit)
}
