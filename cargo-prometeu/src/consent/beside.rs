//! A mutation with edits of the command's own beside it, in files that the library knows nothing of: one
//! plan, which is shown, agreed to and applied as one.
//!
//! The plan's id covers both, and a person sees both before one byte is written. The library's part
//! comes first: it takes the project's lock.

use std::path::Path;

use prometeu_packer::id::OperationId;
use prometeu_packer::mutate::{FileEdit, Mutation, Plan, PlanId};
use prometeu_packer::ops::{Blocker, BlockerCode, OperationClass, Preview, Status};
use prometeu_packer::{Beside, Digest, Error, Project};

use super::{agree, show, words};
use crate::cli::Consent;
use crate::exit::Exit;
use crate::printer::{Printer, human};
use crate::session;
use crate::setup::{self, Step};
use crate::shell::Shell;

/// The command's part of a mutation.
pub(crate) struct Own<'a> {
    /// The edits, with a few words for each.
    pub(crate) steps: &'a [Step],
    /// The project's, from which their paths begin.
    pub(crate) folder: &'a Path,
    /// Makes of the library's plan that of both, but for id and edits: at least its title.
    pub(crate) together: &'a dyn Fn(&mut Plan),
    /// What shows a new plan when this one is outdated.
    pub(crate) again: &'a str,
}

/// Tells of a plan that was shown or applied; its last argument is what each edit is for.
pub(crate) type Tell<'a> = &'a dyn Fn(&Shell, &Plan, Stage, super::What<'_>);

/// How far a plan has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    /// It was shown, if anything is to be done, and nothing was written.
    Shown,
    /// It was applied.
    Applied,
}

/// Does what `consent` says with `mutation` and what is beside it. An empty line means yes.
pub(crate) fn mutate_beside(
    printer: &Printer,
    project: &Project,
    mutation: &Mutation,
    own: &Own<'_>,
    consent: &Consent,
    tell: Tell<'_>,
) -> Exit {
    let seen = consent.plan;
    let operation_id = seen.map(|seen| seen.operation_id());
    let preview = project.preview_beside(mutation, operation_id, own);
    let Some(Preview { plan }) = preview.payload.clone() else {
        return printer.response(&preview, human::trouble);
    };
    let what = |edit: &FileEdit| own.what(edit).or_else(|| words::about(edit, &plan, project));
    if consent.dry_run {
        return printer.response(&preview, |shell, _| {
            if !plan.is_done() {
                show(shell, &plan, &what);
            }
            tell(shell, &plan, Stage::Shown, &what);
        });
    }
    let is_other = seen.is_some_and(|seen| !seen.same_plan(&plan.plan_id));
    if !is_other
        && !plan.is_done()
        && let Err(exit) = agree(printer, project, preview, consent, true, &what)
    {
        return exit;
    }
    let seen = seen.unwrap_or(plan.plan_id);
    let response = project.apply_beside(mutation, &seen, true, own);
    session::tell_recovered(printer, project);
    printer.response(&response, |shell, response| {
        human::trouble(shell, response);
        if response.status == Status::Ok {
            tell(shell, &plan, Stage::Applied, &what);
        }
    })
}

impl Own<'_> {
    fn edits(&self) -> impl Iterator<Item = &FileEdit> {
        self.steps.iter().map(|step| &step.edit)
    }

    /// What an edit of ours is for.
    fn what(&self, edit: &FileEdit) -> Option<String> {
        let own = self.steps.iter().find(|step| step.edit.path == edit.path);
        own.map(|step| step.what.clone())
    }
}

impl Beside for Own<'_> {
    fn together(&self, own: &Plan) -> Plan {
        let mut edits = own.edits.clone();
        edits.extend(self.edits().cloned());
        // The library's id names its edits and what they expect; ours are added in the same manner.
        let mut text = format!("{}\n", own.plan_id.to_string().split('.').next().unwrap_or_default());
        for edit in self.edits() {
            text.push_str(&format!(
                "{} {} {} {}\n",
                edit.kind.as_str(),
                edit.path.len(),
                edit.path,
                edit.expected
            ));
        }
        let id = format!("{}.{}", Digest::of(text.as_bytes()), own.plan_id.operation_id());
        let plan_id = PlanId::parse(&id).expect("a digest and an operation id are a plan's id");
        let mut plan = Plan { plan_id, class: OperationClass::WorkspaceMutation, edits, ..own.clone() };
        (self.together)(&mut plan);
        plan
    }

    fn check(&self) -> Result<Option<Blocker>, Error> {
        let changed = setup::check(self.folder, self.edits())?;
        Ok(changed.map(|edit| {
            Blocker::new(BlockerCode::PlanOutdated, "the plan is another one by now")
                .help(format!("Nothing was changed. `{}` shows the new plan.", self.again))
                .at(edit.path.clone())
        }))
    }

    fn apply(&self, operation_id: OperationId) -> Result<(), Error> {
        setup::apply(self.folder, self.edits(), operation_id)
    }
}

/// Tells each edit that was made: `      Edited Cargo.toml: …`.
pub(crate) fn edited(shell: &Shell, plan: &Plan, what: super::What<'_>) {
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
