//! `serve`: the project, for a program at the other end of standard input and output.

use clap::Args;
use prometeu_packer::diagnostics::render::visible;
use prometeu_packer::ops::Blocker;

use super::Context;
use crate::exit::{self, Exit};
use crate::printer::Printer;
use crate::serve::{self, Looking};
use crate::{cli, project};

/// `serve`
#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// Do not look at the files; tell what others do to them only when asked
    #[arg(long)]
    no_observe: bool,

    /// Look at the files every two seconds, where the system does not tell of changes: on network drives
    #[arg(long, conflicts_with = "no_observe")]
    poll: bool,
}

pub(super) fn run(context: &Context<'_>, request: &Serve) -> Result<Exit, Blocker> {
    let cli::Global { project, manifest_path, package, .. } = context.global;
    // A host that names a folder may want to make it a project; without one it means one that is there.
    let is_named = project.is_some() || manifest_path.is_some() || package.is_some();
    let folder =
        if is_named { project::find_or_choose(context.global)? } else { project::find(context.global)? };
    let looking = match (request.no_observe, request.poll) {
        (true, _) => Looking::Never,
        (false, true) => Looking::Often,
        (false, false) => Looking::WhenTold,
    };
    serve::run(context.printer, &folder, looking)
}

/// Says why there is nothing to serve. Not on stdout: that is for answers.
pub(super) fn refuse(printer: &Printer, blocker: &Blocker) -> Exit {
    printer.shell().error(visible(&blocker.message));
    if let Some(help) = &blocker.help {
        printer.shell().help(visible(help));
    }
    exit::of_blocker(blocker)
}
