//! `refresh`: reads the disk again, and tells the programs that listen.

use prometeu_packer::ops::{Blocker, Refreshed, Response};
use prometeu_packer::snapshot::State;

use super::{Context, status};
use crate::exit::Exit;
use crate::printer::human::trouble;
use crate::session;
use crate::shell::Shell;

pub(super) fn run(context: &Context<'_>) -> Result<Exit, Blocker> {
    let project = session::open(context.global, context.printer)?;
    Ok(context.printer.response(&project.refresh_workspace(), print))
}

fn print(shell: &Shell, response: &Response<Refreshed>) {
    trouble(shell, response);
    let Some(refreshed) = &response.payload else { return };
    status::changes(shell, &refreshed.changes);
    shell.status("Read", &response.summary);
    if refreshed.state == State::Diverged {
        shell.hint("`cargo prometeu status` shows what contradicts each other, and the ways out");
    }
}
