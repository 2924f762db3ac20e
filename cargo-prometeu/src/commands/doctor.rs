//! `doctor`: everything that is wrong, drawn the way the compiler draws its own.

use prometeu_packer::Project;
use prometeu_packer::diagnostics::render;
use prometeu_packer::ops::{Blocker, DoctorRequest, Response, Status};

use super::{Context, switched_on};
use crate::exit::Exit;
use crate::printer::human;
use crate::shell::Shell;
use crate::{cli, session};

pub(super) fn run(context: &Context<'_>, request: &cli::Doctor) -> Result<Exit, Blocker> {
    let project = session::open(context.global, context.printer)?;
    let strict = request.strict || switched_on("PROMETEU_STRICT");
    let response = project.doctor(DoctorRequest { strict, ..DoctorRequest::default() });
    let exit = context.printer.response(&response, print);
    if context.printer.for_people() {
        hint(context.printer.shell(), &project);
    }
    Ok(exit)
}

/// Says that there is more than doctor looked at. It is no finding: nobody has to register a folder.
fn hint(shell: &Shell, project: &Project) {
    // The snapshot that doctor made, which it read all of `assets/` for.
    let Ok(snapshot) = project.snapshot() else { return };
    let words = match snapshot.unregistered.as_ref().map_or(0, Vec::len) {
        0 => return,
        1 => "1 folder holds an `asset.json` and is".to_owned(),
        several => format!("{several} folders hold an `asset.json` and are"),
    };
    shell.hint(format_args!("{words} not registered: `cargo prometeu list --unregistered`"));
}

/// The findings are what was asked for, so they are on stdout.
fn print(shell: &Shell, response: &Response<()>) {
    if !response.diagnostics.is_empty() {
        shell.print(render::render_all(&response.diagnostics, &shell.out_style()));
        shell.gap();
    }
    human::blockers(shell, response);
    match (response.status, response.blocking()) {
        (Status::Ok, _) => shell.status("Checked", &response.summary),
        (_, 0) => {}
        (_, 1) => shell.error(format_args!("1 finding stops the build ({})", response.summary)),
        (_, n) => shell.error(format_args!("{n} findings stop the build ({})", response.summary)),
    }
}
