//! `create`: a new asset that packs at once.

use prometeu_packer::mutate::{CreateAsset, Mutation};
use prometeu_packer::ops::Blocker;

use super::Context;
use crate::exit::Exit;
use crate::{cli, consent, project, root, session};

pub(super) fn run(context: &Context<'_>, request: &cli::Create) -> Result<Exit, Blocker> {
    let project = session::open(context.global, context.printer)?;
    let root = root::resolve(project.layout(), &project::current_dir()?, &request.root)?;
    let mutation = Mutation::CreateAsset(CreateAsset {
        root: root.clone(),
        family: request.family.clone(),
        name: request.name.clone(),
        from: None,
    });
    let outcome = consent::mutate(context.printer, &project, &mutation, &request.consent);
    if outcome.applied.is_some() && context.printer.for_people() {
        let shell = context.printer.shell();
        let folder = crate::printer::display_path(&project.layout().root(&root));
        shell.hint(format_args!("put your own files into `{folder}` and name them in its `asset.json`"));
        shell.hint("`cargo prometeu doctor` then says what is missing, `cargo prometeu pack` packs");
    }
    Ok(outcome.exit)
}
