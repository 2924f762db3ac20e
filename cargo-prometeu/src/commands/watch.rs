//! `watch`: packs again on each change, with a game beside it.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::Args;
use prometeu_packer::ops::{Blocker, BlockerCode, PackGoal};

use super::{Context, pack};
use crate::exit::Exit;
use crate::session;
use crate::watch;

/// The name in `operation` of what it says of itself; each pack is a `pack`.
pub(super) const OPERATION: &str = watch::OPERATION;

/// `watch`
#[derive(Debug, Args)]
pub(crate) struct Watch {
    /// Look at the files twice a second, where the system does not tell of changes: on network drives
    #[arg(long)]
    poll: bool,

    /// Where to write; what the project's settings say unless given, or `build/` in it
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,

    /// Let warnings block like errors
    #[arg(long)]
    strict: bool,

    /// A program to run beside it, with its arguments; it starts with the first pack, and when it ends, so does this
    #[arg(last = true, value_name = "COMMAND")]
    command: Vec<OsString>,
}

pub(super) fn run(context: &Context<'_>, request: &Watch) -> Result<Exit, Blocker> {
    if !context.printer.for_people() && !request.command.is_empty() {
        let message = "stdout cannot be both for the lines of `--message-format json` and for COMMAND";
        return Err(Blocker::new(BlockerCode::InvalidArgument, message).help(
            "Run `watch` without it, and COMMAND beside that with the path of the pack in `PROMETEU_ASSETS_PA`.",
        ));
    }
    let project = session::open_to_build(context.global, context.printer)?;
    let make = pack::make(context, &project, request.out.as_deref(), request.strict, PackGoal::Publish)?;
    let command = request.command.clone();
    watch::run(context.printer, watch::Request { project, make, polls: request.poll, command })
}
