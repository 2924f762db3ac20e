//! `init`: a game that is ready for assets.
//!
//! One plan, two hands: what is under `assets/` is the library's `init_workspace`, the rest are the
//! command's own edits ([`setup`]), [beside] it.

use crate::cli::Consent;
use clap::Args;
use std::path::Path;
use std::path::PathBuf;

use prometeu_packer::mutate::{Mutation, Plan};
use prometeu_packer::ops::Blocker;

use super::Context;
use crate::consent::What;
use crate::consent::beside::{self, Own, Stage};
use crate::exit::Exit;
use crate::setup::{self, Editor, Setup};
use crate::shell::Shell;
use crate::{project, session};

/// `init`
#[derive(Debug, Args)]
pub(crate) struct Init {
    /// Depend on the packer in this checkout of it, instead of on a release
    #[arg(long, value_name = "CHECKOUT")]
    packer: Option<PathBuf>,

    /// Tell this editor what asset.json and index.json may hold, in its settings of the project
    #[arg(long, value_name = "EDITOR")]
    editor: Option<Editor>,

    #[command(flatten)]
    consent: Consent,
}

pub(super) fn run(context: &Context<'_>, request: &Init) -> Result<Exit, Blocker> {
    let printer = context.printer;
    let folder = project::find_or_choose(context.global)?;
    let setup = setup::plan(&folder, request.packer.as_deref(), request.editor)?;
    let project = session::open_folder(&folder, printer)?;
    let together =
        |plan: &mut Plan| plan.title = format!("make `{}` ready for assets", setup::project_name(&folder));
    let again = "cargo prometeu init --dry-run";
    let own = Own { steps: &setup.steps, folder: &folder, together: &together, again };
    let tell = |shell: &Shell, plan: &Plan, stage: Stage, what: What<'_>| {
        match stage {
            _ if plan.is_done() => return nothing_to_do(shell, &setup),
            Stage::Shown => {}
            Stage::Applied => beside::edited(shell, plan, what),
        }
        tell_notes(shell, &setup);
        if stage == Stage::Applied {
            next(shell, &folder);
        }
    };
    let (mutation, consent) = (Mutation::InitWorkspace, &request.consent);
    Ok(beside::mutate_beside(printer, &project, &mutation, &own, consent, &tell))
}

fn nothing_to_do(shell: &Shell, setup: &Setup) {
    shell.status("Finished", "already set up, nothing to do");
    tell_notes(shell, setup);
}

fn tell_notes(shell: &Shell, setup: &Setup) {
    setup.notes.iter().for_each(|note| shell.note(note));
}

fn next(shell: &Shell, folder: &Path) {
    shell.hint("`cargo prometeu create ui/atlas --type glyph_bank` makes a first asset");
    if folder.join("Cargo.toml").is_file() {
        shell.hint(
            "`mod assets { packer_format::include_assets!(); }` in the game gives each asset a constant",
        );
    }
}
