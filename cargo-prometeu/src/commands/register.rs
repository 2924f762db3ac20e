//! `register`: folders that are there already get an id.
//!
//! Several roots are several operations, one after the other, each whole. The first that is refused
//! ends it; those before it stay registered.

use crate::cli::Consent;
use clap::Args;
use prometeu_packer::diagnostics::render::visible;
use prometeu_packer::mutate::{Mutation, RegisterAsset};
use prometeu_packer::ops::{Blocker, BlockerCode};
use prometeu_packer::path::AssetPath;
use std::ffi::OsString;

use super::Context;
use crate::exit::{self, Exit};
use crate::{consent, project, root, session};

/// `register`
#[derive(Debug, Args)]
pub(crate) struct Register {
    /// Folders with an asset.json, relative to `assets/` or as paths into it
    #[arg(required = true, value_name = "ROOT")]
    roots: Vec<OsString>,

    /// Register them, but keep them out of builds for now
    #[arg(long)]
    excluded: bool,

    #[command(flatten)]
    consent: Consent,
}

pub(super) fn run(context: &Context<'_>, request: &Register) -> Result<Exit, Blocker> {
    let project = session::open(context.global, context.printer)?;
    let here = project::current_dir()?;
    let roots: Result<Vec<AssetPath>, Blocker> =
        request.roots.iter().map(|typed| root::resolve(project.layout(), &here, typed)).collect();
    let roots = roots?;
    if roots.len() > 1 && (request.consent.dry_run || request.consent.plan.is_some()) {
        let message = "a plan is for one root: each registration changes what the next one finds";
        return Err(Blocker::new(BlockerCode::InvalidArgument, message)
            .help("Give one root together with `--dry-run` or `--plan`."));
    }
    let shell = context.printer.shell();
    for (done, root) in roots.iter().enumerate() {
        let mutation =
            Mutation::RegisterAsset(RegisterAsset { root: root.clone(), included: !request.excluded });
        let mutate = if roots.len() == 1 { consent::mutate } else { consent::mutate_one_of_several };
        let outcome = mutate(context.printer, &project, &mutation, &request.consent);
        if outcome.exit != exit::DONE {
            if context.printer.for_people() {
                for (what, roots) in
                    [("registered before that", &roots[..done]), ("not tried", &roots[done + 1..])]
                {
                    if !roots.is_empty() {
                        shell.note(format_args!("{what}: {}", named(roots)));
                    }
                }
            }
            return Ok(outcome.exit);
        }
    }
    if context.printer.for_people() && !request.consent.dry_run {
        if roots.len() > 1 {
            shell.hint("`cargo prometeu undo` takes back the last of them");
        }
        shell.hint("`cargo prometeu doctor` says whether the content is right, `cargo prometeu pack` packs");
    }
    Ok(exit::DONE)
}

/// The roots in backticks.
fn named(roots: &[AssetPath]) -> String {
    let named: Vec<String> = roots.iter().map(|root| format!("`{root}`")).collect();
    visible(&named.join(", "))
}
