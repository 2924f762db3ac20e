//! `reconcile`: the registry follows what was moved by hand; what it leaves to a person is named.

use crate::cli::Consent;
use clap::Args;
use prometeu_packer::mutate::{Mutation, ReconcileAssets};
use prometeu_packer::ops::Blocker;
use std::ffi::OsString;

use super::{Context, status};
use crate::exit::{self, Exit};
use crate::{asset, consent, session};

/// `reconcile`
#[derive(Debug, Args)]
pub(crate) struct Reconcile {
    /// Those assets alone: for each its id, its uuid, its root, or a name that no other asset has
    #[arg(value_name = "ASSET")]
    assets: Vec<OsString>,

    #[command(flatten)]
    consent: Consent,
}

pub(super) fn run(context: &Context<'_>, request: &Reconcile) -> Result<Exit, Blocker> {
    let project = session::open(context.global, context.printer)?;
    let assets = request.assets.iter().map(|typed| asset::resolve(&project, typed));
    let assets = assets.collect::<Result<_, _>>()?;
    let mutation = Mutation::Reconcile(ReconcileAssets { assets });
    let outcome = consent::mutate(context.printer, &project, &mutation, &request.consent);
    if outcome.remains.is_empty() {
        return Ok(outcome.exit);
    }
    if context.printer.for_people() {
        let shell = context.printer.shell();
        shell.gap();
        shell.note("this is for you to decide:");
        for divergence in &outcome.remains {
            shell.err("");
            shell.err(status::words_of(divergence));
        }
    }
    Ok(if outcome.exit == exit::DONE { exit::FINDINGS } else { outcome.exit })
}
