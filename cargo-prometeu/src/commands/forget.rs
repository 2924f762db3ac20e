//! `forget`: an asset is registered no longer; its files stay.

use prometeu_packer::mutate::{ForgetAsset, Mutation};
use prometeu_packer::ops::Blocker;

use super::{Context, constants_gone};
use crate::exit::Exit;
use crate::{asset, cli, consent, session};
use prometeu_packer::ops::quoted;

pub(super) fn run(context: &Context<'_>, request: &cli::Forget) -> Result<Exit, Blocker> {
    let project = session::open(context.global, context.printer)?;
    let asset = asset::resolve(&project, &request.asset)?;
    let mutation = Mutation::ForgetAsset(ForgetAsset { asset });
    let outcome = consent::mutate(context.printer, &project, &mutation, &request.consent);
    if let Some(plan) = &outcome.applied
        && context.printer.for_people()
    {
        let shell = context.printer.shell();
        for asset in &plan.affected_assets {
            let root = quoted(asset.root.as_str());
            shell.hint(format_args!(
                "every file stays; `cargo prometeu register {root}` takes it in again, with a new id"
            ));
        }
        constants_gone(shell, plan);
    }
    Ok(outcome.exit)
}
