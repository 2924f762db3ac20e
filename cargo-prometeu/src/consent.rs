//! Mutations: shown, agreed to, applied. Every command that changes a project comes through here.
//!
//! `--dry-run` shows the plan and its id. `--plan ID` agrees to exactly that one; `--yes` to whatever
//! the plan is when its turn has come. Without them, a plan that needs no consent is applied to the
//! project as it is when its turn has come; one that does is shown first, a person is asked, and
//! what was shown is what is applied. Where nobody can be asked it is refused. What was done comes with
//! the command that takes it back.

pub(crate) mod beside;
mod words;

use prometeu_packer::Project;
use prometeu_packer::diagnostics::render::visible;
use prometeu_packer::mutate::{FileEdit, Mutation, Plan};
use prometeu_packer::ops::{Applied, Blocker, BlockerCode, Operation, Preview, Response, Status};
use prometeu_packer::snapshot::Divergence;

use crate::cli::Consent;
use crate::exit::{self, Exit};
use crate::printer::{Printer, human};
use crate::session;
use crate::shell::{Shell, Verbosity};

/// What became of a mutation.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) exit: Exit,
    /// The plan, if it was applied and something was to be done.
    pub(crate) applied: Option<Plan>,
    /// What the plan leaves to a person.
    pub(crate) remains: Vec<Divergence>,
    /// How it is taken back, in words, as long as it can be.
    back: Option<String>,
}

/// What an edit of a plan is for, where its path does not say so.
pub(crate) type What<'a> = &'a dyn Fn(&FileEdit) -> Option<String>;

/// Does what `consent` says with `mutation`, and prints what came of it, and the way back.
pub(crate) fn mutate(
    printer: &Printer,
    project: &Project,
    mutation: &Mutation,
    consent: &Consent,
) -> Outcome {
    let outcome = mutate_one_of_several(printer, project, mutation, consent);
    if let Some(back) = outcome.back.as_ref().filter(|_| printer.for_people()) {
        printer.shell().hint(back);
    }
    outcome
}

/// The same without the way back, which leads from the last of them only.
pub(crate) fn mutate_one_of_several(
    printer: &Printer,
    project: &Project,
    mutation: &Mutation,
    consent: &Consent,
) -> Outcome {
    if consent.dry_run {
        let preview = project.preview(mutation, None);
        let exit = printer.response(&preview, |shell, response| {
            if response.operation == Operation::Reconcile {
                human::blockers(shell, response);
            } else {
                human::trouble(shell, response);
            }
            match &response.payload {
                Some(Preview { plan }) if plan.is_done() => nothing_to_do(shell, plan),
                Some(Preview { plan }) => show_with(shell, plan, &words::followed(plan, project), &|edit| {
                    words::about(edit, plan, project)
                }),
                None => {}
            }
        });
        let remains = left(preview.payload.map(|preview| preview.plan));
        return Outcome { exit, applied: None, remains, back: None };
    }
    let response = match &consent.plan {
        Some(seen) => project.apply_seen(mutation, seen, true),
        None if consent.yes || !mutation.may_need_consent() => project.change(mutation, consent.yes),
        None => match ask_first(printer, project, mutation, consent) {
            Ok(response) => response,
            Err(exit) => return Outcome { exit, applied: None, remains: Vec::new(), back: None },
        },
    };
    session::tell_recovered(printer, project);
    let exit = printer.response(&response, done);
    let plan = applied(&response);
    let applied = plan.clone().filter(|plan| !plan.is_done());
    // What could not be kept cannot be brought back, and is not proposed.
    let is_open = |plan: &&Plan| {
        let back = plan.way_back().map(|action| action.action_id);
        back.is_some_and(|back| response.proposed_actions.iter().any(|action| action.action_id == back))
    };
    let back = applied.as_ref().filter(is_open).and_then(words::way_back);
    Outcome { exit, remains: left(plan), applied, back }
}

fn left(plan: Option<Plan>) -> Vec<Divergence> {
    plan.map_or_else(Vec::new, |plan| plan.remains.divergences)
}

/// Applies the plan that somebody was shown, if it needed that.
fn ask_first(
    printer: &Printer,
    project: &Project,
    mutation: &Mutation,
    consent: &Consent,
) -> Result<Response<Applied>, Exit> {
    let preview = project.preview(mutation, None);
    let Some(Preview { plan }) = preview.payload.clone() else {
        return Err(printer.response(&preview, human::trouble));
    };
    if plan.needs_consent() {
        // What moves or removes something takes more than an empty line.
        agree(printer, project, preview, consent, false, &|edit| words::about(edit, &plan, project))?;
    }
    Ok(project.apply(&plan, true))
}

/// Sees to it that somebody agrees to the plan of `preview`: by a flag, or by answering; an empty
/// line means `default`. When nobody does, the operation ends with that.
///
/// # Errors
///
/// When nobody does: with what the process ends. Why has been said.
pub(crate) fn agree(
    printer: &Printer,
    project: &Project,
    preview: Response<Preview>,
    consent: &Consent,
    default: bool,
    what: What<'_>,
) -> Result<(), Exit> {
    if consent.yes || consent.plan.is_some() {
        return Ok(());
    }
    let shell = printer.shell();
    let Some(Preview { plan }) = &preview.payload else { return Ok(()) };
    if !printer.for_people() || !shell.can_ask() {
        if printer.for_people() {
            shell.note(human::plan(plan, &words::followed(plan, project), shell.verbosity(), what));
        }
        let declined = project.decline_with(plan, consent_required(plan));
        let refused = Response {
            status: declined.status,
            summary: declined.summary,
            blockers: declined.blockers,
            ..preview
        };
        return Err(printer.response(&refused, human::trouble));
    }
    printer.settle();
    shell.err(human::plan(plan, &words::followed(plan, project), shell.verbosity(), what));
    if shell.ask(words::question(plan), default) {
        return Ok(());
    }
    drop(project.decline(plan));
    shell.note("nothing was changed");
    Err(exit::CONSENT)
}

fn consent_required(plan: &Plan) -> Blocker {
    let what = words::wanted(plan);
    let message = format!("this needs a yes, and nobody can be asked here: {what}");
    Blocker::new(BlockerCode::ConsentRequired, message).help(format!(
        "Run it again with `--yes`, or agree to exactly this plan with `--plan {}`.",
        plan.plan_id
    ))
}

/// Shows a plan that is not applied.
pub(crate) fn show(shell: &Shell, plan: &Plan, what: What<'_>) {
    show_with(shell, plan, &[], what);
}

/// The same, with lines of its own for its assets.
fn show_with(shell: &Shell, plan: &Plan, assets: &[String], what: What<'_>) {
    shell.print(human::plan(plan, assets, shell.verbosity(), what));
    shell.print(format_args!("plan {}", plan.plan_id));
    shell.note("nothing was written; `--plan ID` applies exactly this plan");
}

fn nothing_to_do(shell: &Shell, plan: &Plan) {
    shell.status("Finished", format_args!("nothing to do: {}", visible(&plan.title)));
}

/// The plan of a response that says it was applied.
fn applied(response: &Response<Applied>) -> Option<Plan> {
    let applied = response.payload.as_ref().filter(|_| response.status == Status::Ok)?;
    Some(applied.plan.clone())
}

/// Tells that a plan was applied: ` Registered `ui/atlas` as asset 3`.
fn done(shell: &Shell, response: &Response<Applied>) {
    // What is left to a person of a reconciliation is told by its command, with the ways out.
    if response.operation == Operation::Reconcile {
        human::blockers(shell, response);
    } else {
        human::trouble(shell, response);
    }
    let Some(plan) = applied(response) else { return };
    if plan.is_done() {
        return nothing_to_do(shell, &plan);
    }
    let (verb, rest) = words::done(&plan.title);
    if plan.operation == Operation::Undo {
        shell.status(verb, format_args!("the change: {}", visible(rest)));
    } else {
        shell.status(verb, visible(rest));
        // What `undo CHANGE` takes.
        shell.detail("Change", plan.plan_id);
    }
    if let Some(more) = beside(&response.summary, &plan.title) {
        shell.alert(visible(more));
    }
    // What nobody was asked about in so many words is shown file by file.
    let many = plan.operation == Operation::Doctor && shell.verbosity() >= Verbosity::Normal;
    if many || shell.verbosity() >= Verbosity::Verbose {
        let what = |edit| words::mended(edit, &plan);
        plan.edits.iter().for_each(|edit| shell.err(human::edit(edit, what(edit).as_deref())));
    }
}

/// What a summary tells beside the plan's title: where something of somebody else's is kept now. A
/// person has to look at that.
fn beside<'a>(summary: &'a str, title: &str) -> Option<&'a str> {
    summary.strip_prefix(title)?.strip_prefix("; ")
}

#[cfg(test)]
mod tests {
    #[test]
    fn what_a_summary_tells_beside_the_plan_is_told() {
        let summary = "include `a` (asset 1); what somebody else wrote meanwhile is kept as `x`";
        let told = super::beside(summary, "include `a` (asset 1)");
        assert_eq!(told, Some("what somebody else wrote meanwhile is kept as `x`"));
        assert_eq!(super::beside("include `a` (asset 1)", "include `a` (asset 1)"), None);
    }
}
