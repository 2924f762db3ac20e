//! `validate`: what would block a pack, drawn the way the compiler draws its own.

use clap::Args;
use prometeu_packer::diagnostics::Diagnostic;
use prometeu_packer::ops::{Blocker, PackValidation, Response, Status, ValidateRequest};

use super::Context;
use crate::exit::Exit;
use crate::printer::{findings, human};
use crate::session;
use crate::settings::Settings;
use crate::shell::Shell;

/// `validate`
#[derive(Debug, Args)]
pub(crate) struct Validate {
    /// Let warnings block like errors
    #[arg(long)]
    strict: bool,
}

pub(super) fn run(context: &Context<'_>, request: &Validate) -> Result<Exit, Blocker> {
    let project = session::open(context.global, context.printer)?;
    let settings = Settings::of_and_tell(project.layout().project(), context.printer.shell())?;
    context.printer.begin("Validating");
    let response = project.validate_pack(ValidateRequest { strict: settings.strict(request.strict).value });
    Ok(context.printer.response(&response, print))
}

/// Also the second phase of the wizard. The findings are what was asked for, so they are on stdout.
pub(super) fn print(shell: &Shell, response: &Response<PackValidation>) {
    let of_assets = response.payload.iter().flat_map(|validation| &validation.assets);
    let found: Vec<&Diagnostic> =
        response.diagnostics.iter().chain(of_assets.flat_map(|asset| &asset.diagnostics)).collect();
    if found.is_empty() {
        human::blockers(shell, response);
        if response.status == Status::Ok {
            shell.status("Validated", &response.summary);
        }
        return;
    }
    let stops = match found.len() {
        1 => "1 finding stops".to_owned(),
        count => format!("{count} findings stop"),
    };
    findings::print(shell, found);
    shell.gap();
    shell.error(format_args!("{stops} the pack ({})", response.summary));
}
