//! `refresh`: reads the disk again, and tells the programs that listen. A command has read nothing before,
//! so it tells a person how much is wrong, and who says what.

use prometeu_packer::Project;
use prometeu_packer::ops::{Blocker, Refreshed, Response};
use prometeu_packer::snapshot::State;

use super::{Context, status};
use crate::exit::Exit;
use crate::printer::human::{counted, trouble};
use crate::session;
use crate::shell::Shell;

pub(super) fn run(context: &Context<'_>) -> Result<Exit, Blocker> {
    let project = session::open(context.global, context.printer)?;
    let response = project.refresh_workspace();
    let exit = context.printer.response(&response, print);
    if context.printer.for_people() && response.payload.is_some() {
        hint(context.printer.shell(), &project);
    }
    Ok(exit)
}

/// Where to learn more: what was just read has nothing before it that it could differ from.
fn hint(shell: &Shell, project: &Project) {
    let Some(status) = project.workspace_status().payload else { return };
    if status.state == State::Diverged {
        shell.hint("`cargo prometeu status` shows what contradicts each other, and the ways out");
    }
    let counts = [
        (status.counts.blocking, "that stops a build", "that stop a build"),
        (status.counts.warnings, "that is a warning", "that are warnings"),
    ];
    let counts: Vec<String> = counts
        .into_iter()
        .filter(|(count, ..)| *count > 0)
        .map(|(count, one, several)| {
            format!("{} {}", counted(count, "finding"), if count == 1 { one } else { several })
        })
        .collect();
    if counts.is_empty() {
        shell.hint("`cargo prometeu doctor` looks into the files as well, `cargo prometeu status` at what others do to them");
    } else {
        shell.hint(format_args!("`cargo prometeu doctor` shows {}", counts.join(", ")));
    }
}

fn print(shell: &Shell, response: &Response<Refreshed>) {
    trouble(shell, response);
    let Some(refreshed) = &response.payload else { return };
    status::changes(shell, &refreshed.changes);
    shell.status("Read", &response.summary);
}
