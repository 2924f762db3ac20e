//! `exclude`: builds leave assets out, which stay registered.

use prometeu_packer::ops::Blocker;

use super::include::Assets;
use super::{Context, include};
use crate::asset;
use crate::exit::Exit;

pub(super) fn run(context: &Context<'_>, request: &Assets) -> Result<Exit, Blocker> {
    include::set(context, request, false, |shell, plan| {
        let (its, it) = if plan.affected_assets.len() == 1 {
            ("its constant", "it")
        } else {
            ("their constants", "them")
        };
        let assets = asset::exactly(&plan.affected_assets);
        shell.hint(format_args!(
            "`cargo prometeu include {assets}` takes {it} in again; until then a game that uses {its} does not compile"
        ));
    })
}
