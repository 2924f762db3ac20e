//! `init`
use prometeu_packer::mutate::Mutation;
use prometeu_packer::ops::Blocker;

use super::Context;
use crate::exit::Exit;
use crate::{cli, consent, project, session};

pub(super) fn run(context: &Context<'_>, request: &cli::Init) -> Result<Exit, Blocker> {
    let folder = project::find_or_choose(context.global)?;
    let project = session::open_folder(&folder, context.printer)?;
    Ok(consent::mutate(context.printer, &project, &Mutation::InitWorkspace, &request.consent).exit)
}
