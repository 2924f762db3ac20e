//! `completions`: the script that teaches a shell what `cargo prometeu` can be followed by.

use clap::Args;
use prometeu_packer::ops::Blocker;

use super::Context;
use crate::completion::Shell;
use crate::exit::{self, Exit};

/// The name in `operation`.
pub(super) const OPERATION: &str = "completions";

/// `completions`
#[derive(Debug, Args)]
pub(crate) struct Completions {
    /// The shell that is to read it
    #[arg(value_name = "SHELL")]
    shell: Shell,
}

#[expect(clippy::unnecessary_wraps, reason = "every command can be refused but this one")]
pub(super) fn run(context: &Context<'_>, request: &Completions) -> Result<Exit, Blocker> {
    // A shell reads it, whatever format was asked for.
    context.printer.shell().print(request.shell.script().trim_end());
    Ok(exit::DONE)
}
