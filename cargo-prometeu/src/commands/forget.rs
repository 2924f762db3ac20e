//! `forget`: an asset is registered no longer; its files stay.

use crate::cli::Consent;
use clap::Args;
use prometeu_packer::diagnostics::render::visible;
use prometeu_packer::mutate::{ForgetAsset, Mutation};
use prometeu_packer::ops::{Blocker, quoted};
use std::ffi::OsString;

use super::{Context, constants_gone};
use crate::exit::Exit;
use crate::{asset, consent, session};

/// `forget`
#[derive(Debug, Args)]
pub(crate) struct Forget {
    /// Its id, its uuid, its root or a path to it, or a name that no other asset has
    asset: OsString,

    #[command(flatten)]
    consent: Consent,
}

pub(super) fn run(context: &Context<'_>, request: &Forget) -> Result<Exit, Blocker> {
    let project = session::open(context.global, context.printer)?;
    let asset = asset::resolve(&project, &request.asset)?;
    let mutation = Mutation::ForgetAsset(ForgetAsset { asset });
    let outcome = consent::mutate(context.printer, &project, &mutation, &request.consent);
    if let Some(plan) = &outcome.applied
        && context.printer.for_people()
    {
        let shell = context.printer.shell();
        for asset in &plan.affected_assets {
            // What is there may be another asset, or nothing.
            let advice = project.snapshot().ok().and_then(|snapshot| snapshot.advice(asset.root.as_str()));
            let root = format!("cargo prometeu register {}", quoted(asset.root.as_str()));
            match advice {
                Some(advice) if advice.contains(&root) => {
                    shell.hint(format_args!("every file stays; `{root}` takes it in again, with a new id"));
                }
                Some(advice) => shell.hint(format_args!("every file stays. {}", visible(&advice))),
                None => shell.hint("every file stays"),
            }
        }
        constants_gone(shell, plan);
    }
    Ok(outcome.exit)
}
