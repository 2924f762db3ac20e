//! `init`: a game that is ready for assets.
//!
//! One plan, two hands: what is under `assets/` is the library's `init_workspace`, the rest are the
//! command's own edits ([`setup`]). The plan's id covers both, and a person sees both before one
//! byte is written. The registry comes first: it takes the project's lock.

use std::path::Path;

use prometeu_packer::id::OperationId;
use prometeu_packer::mutate::{FileEdit, Mutation, Plan, PlanId};
use prometeu_packer::ops::{Blocker, BlockerCode, OperationClass, Preview, Status};
use prometeu_packer::{Beside, Digest, Error};

use super::Context;
use crate::consent::What;
use crate::exit::Exit;
use crate::printer::human;
use crate::setup::{self, Setup};
use crate::shell::Shell;
use crate::{cli, consent, project, session};

pub(super) fn run(context: &Context<'_>, request: &cli::Init) -> Result<Exit, Blocker> {
    let printer = context.printer;
    let folder = project::find_or_choose(context.global)?;
    let setup = setup::plan(&folder, request.packer.as_deref())?;
    let project = session::open_folder(&folder, printer)?;
    let seen = request.consent.plan;
    let beside = Own { setup: &setup, folder: &folder };
    let operation_id = seen.map(|seen| seen.operation_id());
    let preview = project.preview_beside(&Mutation::InitWorkspace, operation_id, &beside);
    let Some(Preview { plan }) = preview.payload.clone() else {
        return Ok(printer.response(&preview, human::trouble));
    };
    let what = |edit: &FileEdit| what(edit, &setup);

    if request.consent.dry_run {
        return Ok(printer.response(&preview, |shell, _| {
            if plan.is_done() {
                return nothing_to_do(shell, &setup);
            }
            consent::show(shell, &plan, &what);
            tell_notes(shell, &setup);
        }));
    }
    let is_other = seen.is_some_and(|seen| !seen.same_plan(&plan.plan_id));
    if !is_other
        && !plan.is_done()
        && let Err(exit) = consent::agree(printer, &project, preview, &request.consent, true, &what)
    {
        return Ok(exit);
    }
    let seen = seen.unwrap_or(plan.plan_id);
    let response = project.apply_beside(&Mutation::InitWorkspace, &seen, true, &beside);
    session::tell_recovered(printer, &project);
    Ok(printer.response(&response, |shell, response| {
        human::trouble(shell, response);
        if response.status == Status::Ok && plan.is_done() {
            nothing_to_do(shell, &setup);
        } else if response.status == Status::Ok {
            done(shell, &plan, &what);
            tell_notes(shell, &setup);
            next(shell, &folder);
        }
    }))
}

/// The command's part: the edits outside `assets/`.
struct Own<'a> {
    setup: &'a Setup,
    folder: &'a Path,
}

impl Own<'_> {
    fn edits(&self) -> impl Iterator<Item = &FileEdit> {
        self.setup.steps.iter().map(|step| &step.edit)
    }
}

impl Beside for Own<'_> {
    fn together(&self, own: &Plan) -> Plan {
        let mut edits = own.edits.clone();
        edits.extend(self.setup.steps.iter().map(|step| step.edit.clone()));
        // The library's id names its edits and what they expect; ours are added in the same manner.
        let mut text = format!("{}\n", own.plan_id.to_string().split('.').next().unwrap_or_default());
        for edit in self.setup.steps.iter().map(|step| &step.edit) {
            text.push_str(&format!(
                "{} {} {} {}\n",
                edit.kind.as_str(),
                edit.path.len(),
                edit.path,
                edit.expected
            ));
        }
        let id = format!("{}.{}", Digest::of(text.as_bytes()), own.plan_id.operation_id());
        Plan {
            plan_id: PlanId::parse(&id).expect("a digest and an operation id are a plan's id"),
            class: OperationClass::WorkspaceMutation,
            title: format!("make `{}` ready for assets", setup::project_name(self.folder)),
            edits,
            ..own.clone()
        }
    }

    fn check(&self) -> Result<Option<Blocker>, Error> {
        let changed = setup::check(self.folder, self.edits())?;
        Ok(changed.map(|edit| outdated().at(edit.path.clone())))
    }

    fn apply(&self, operation_id: OperationId) -> Result<(), Error> {
        setup::apply(self.folder, self.edits(), operation_id)
    }
}

fn outdated() -> Blocker {
    Blocker::new(BlockerCode::PlanOutdated, "the plan is another one by now")
        .help("Nothing was changed. `cargo prometeu init --dry-run` shows the new plan.")
}

/// What an edit is for.
fn what(edit: &FileEdit, setup: &Setup) -> Option<String> {
    let own = setup.steps.iter().find(|step| step.edit.path == edit.path);
    own.map(|step| step.what.clone())
}

fn done(shell: &Shell, plan: &Plan, what: What<'_>) {
    use prometeu_packer::mutate::EditKind;
    for edit in &plan.edits {
        let verb = match &edit.kind {
            // The files in it say that it is there.
            EditKind::CreateFolder | EditKind::CreateRoot => continue,
            EditKind::CreateFile(_) => "Created",
            EditKind::ReplaceFile(_) => "Edited",
            EditKind::RemoveFile | EditKind::RemoveFolder => "Removed",
            EditKind::MoveFolder { .. } => "Moved",
        };
        let what = what(edit).map_or(String::new(), |what| format!(": {what}"));
        shell.status(verb, format_args!("{}{what}", edit.path));
    }
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
