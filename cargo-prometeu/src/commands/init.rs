//! `init`: a game that is ready for assets.
//!
//! One plan, two hands: what is under `assets/` is the library's `init_workspace`, the rest are the
//! command's own edits ([`setup`]). The plan's id covers both, and a person sees both before one
//! byte is written. The registry comes first: it takes the project's lock.

use prometeu_packer::mutate::{FileEdit, Mutation, Plan, PlanId};
use prometeu_packer::ops::{
    Applied, Blocker, BlockerCode, Operation, OperationClass, Preview, Response, Status,
};
use prometeu_packer::{Digest, Project};

use super::Context;
use crate::consent::What;
use crate::exit::Exit;
use crate::printer::{human, refused};
use crate::setup::{self, Setup};
use crate::shell::Shell;
use crate::{cli, consent, project, session};

pub(super) fn run(context: &Context<'_>, request: &cli::Init) -> Result<Exit, Blocker> {
    let printer = context.printer;
    let folder = project::find_or_choose(context.global)?;
    let setup = setup::plan(&folder, request.packer.as_deref())?;
    let project = session::open_folder(&folder, printer)?;
    let seen = request.consent.plan;
    let preview = project.preview(&Mutation::InitWorkspace, seen.map(|seen| seen.operation_id()));
    let Some(Preview { plan: registry }) = preview.payload.clone() else {
        return Ok(printer.response(&preview, human::trouble));
    };
    let plan = together(&registry, &setup, &folder);
    let what = |edit: &FileEdit| what(edit, &setup);
    let preview = Response { payload: Some(Preview { plan: plan.clone() }), ..of_plan(preview, &plan) };

    if request.consent.dry_run {
        return Ok(printer.response(&preview, |shell, _| {
            if plan.is_done() {
                return nothing_to_do(shell, &setup);
            }
            consent::show(shell, &plan, &what);
            tell_notes(shell, &setup);
        }));
    }
    if let Some(seen) = seen
        && !seen.same_plan(&plan.plan_id)
    {
        return Ok(printer.refuse(Operation::InitWorkspace, outdated()));
    }
    if plan.is_done() {
        return Ok(printer.response(&preview, |shell, _| nothing_to_do(shell, &setup)));
    }
    if let Err(exit) = consent::agree(printer, preview, &request.consent, true, &what) {
        return Ok(exit);
    }
    let response = apply(&project, &registry, &setup, &plan);
    session::tell_recovered(printer, &project);
    Ok(printer.response(&response, |shell, response| {
        human::trouble(shell, response);
        if response.status == Status::Ok {
            done(shell, &plan, &what);
            tell_notes(shell, &setup);
            next(shell, &folder);
        }
    }))
}

/// One plan of what the library and what this command would do.
fn together(registry: &Plan, setup: &Setup, folder: &std::path::Path) -> Plan {
    let mut edits = registry.edits.clone();
    edits.extend(setup.steps.iter().map(|step| step.edit.clone()));
    // The library's id names its edits and what they expect; ours are added in the same manner.
    let mut text = format!("{}\n", registry.plan_id.to_string().split('.').next().unwrap_or_default());
    for edit in setup.steps.iter().map(|step| &step.edit) {
        text.push_str(&format!(
            "{} {} {} {}\n",
            edit.kind.as_str(),
            edit.path.len(),
            edit.path,
            edit.expected
        ));
    }
    let id = format!("{}.{}", Digest::of(text.as_bytes()), registry.plan_id.operation_id());
    Plan {
        plan_id: PlanId::parse(&id).expect("a digest and an operation id are a plan's id"),
        class: OperationClass::WorkspaceMutation,
        title: format!("make `{}` ready for assets", setup::project_name(folder)),
        edits,
        ..registry.clone()
    }
}

/// The response to the library's part, as one to the whole plan.
fn of_plan<T>(response: Response<T>, plan: &Plan) -> Response<T> {
    let summary = if plan.is_done() { "nothing to do".to_owned() } else { plan.title.clone() };
    let actions = if plan.is_done() { Vec::new() } else { vec![plan.action()] };
    Response { summary, proposed_actions: actions, ..response }
}

fn apply(project: &Project, registry: &Plan, setup: &Setup, plan: &Plan) -> Response<Applied> {
    let folder = project.layout().project();
    let edits = || setup.steps.iter().map(|step| &step.edit);
    let failed = |blocker: Blocker| {
        let refused = refused(Operation::InitWorkspace, blocker);
        Response { payload: None, ..without_payload(refused) }
    };
    match setup::check(folder, edits()) {
        Err(error) => return failed(Blocker::from(&error)),
        Ok(Some(edit)) => return failed(outdated().at(edit.path.clone())),
        Ok(None) => {}
    }
    let response = project.apply(&Plan { plan_id: plan.plan_id, ..registry.clone() }, true);
    if response.status != Status::Ok {
        return response;
    }
    if let Err(error) = setup::apply(folder, edits(), plan.plan_id.operation_id()) {
        return failed(Blocker::from(&error));
    }
    Response {
        summary: plan.title.clone(),
        applied_actions: vec![plan.action()],
        payload: Some(Applied { plan: plan.clone() }),
        ..response
    }
}

fn without_payload<T>(response: Response<()>) -> Response<T> {
    Response {
        payload: None,
        status: response.status,
        operation: response.operation,
        operation_id: response.operation_id,
        generation: response.generation,
        summary: response.summary,
        affected_assets: response.affected_assets,
        diagnostics: response.diagnostics,
        proposed_actions: response.proposed_actions,
        applied_actions: response.applied_actions,
        blockers: response.blockers,
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

fn next(shell: &Shell, folder: &std::path::Path) {
    shell.hint("`cargo prometeu create ui/atlas --type glyph_bank` makes a first asset");
    if folder.join("Cargo.toml").is_file() {
        shell.hint(
            "`mod assets { packer_format::include_assets!(); }` in the game gives each asset a constant",
        );
    }
}
