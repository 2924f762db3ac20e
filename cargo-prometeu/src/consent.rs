//! Mutations: shown, agreed to, applied.
//!
//! `--dry-run` prints the plan and its id; `--plan ID` applies exactly that one; else what is asked
//! for is done to the project as it is when its turn has come. What removes or moves something asks first; nothing here does yet.

use prometeu_packer::Project;
use prometeu_packer::mutate::{Mutation, Plan};
use prometeu_packer::ops::{Applied, Response, Status};

use crate::cli::Consent;
use crate::exit::Exit;
use crate::printer::{Printer, human};
use crate::shell::Verbosity;

/// What became of a mutation.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) exit: Exit,
    /// The plan, if it was applied.
    pub(crate) applied: Option<Plan>,
}

/// Does what `consent` says with `mutation`, and prints what came of it.
pub(crate) fn mutate(
    printer: &Printer,
    project: &Project,
    mutation: &Mutation,
    consent: &Consent,
) -> Outcome {
    if consent.dry_run {
        let preview = project.preview(mutation, None);
        let exit = printer.response(&preview, |shell, response| {
            human::trouble(shell, response);
            if let Some(found) = &response.payload {
                show(printer, &found.plan);
            }
        });
        return Outcome { exit, applied: None };
    }
    let response = match &consent.plan {
        Some(seen) => project.apply_seen(mutation, seen, true),
        None => project.change(mutation, consent.yes),
    };
    Outcome { exit: printer.response(&response, done), applied: applied(&response) }
}

/// Shows a plan that is not applied.
fn show(printer: &Printer, plan: &Plan) {
    printer.shell().print(human::plan(plan, &|_| None));
    printer.shell().print(format_args!("plan {}", plan.plan_id));
    printer.shell().note("nothing was written; `--plan ID` applies exactly this plan");
}

/// The plan of a response that says it was applied.
pub(crate) fn applied(response: &Response<Applied>) -> Option<Plan> {
    let applied = response.payload.as_ref().filter(|_| response.status == Status::Ok)?;
    Some(applied.plan.clone())
}

/// Tells that a plan was applied: ` Registered `ui/atlas` as asset 3`.
fn done(shell: &crate::shell::Shell, response: &Response<Applied>) {
    human::trouble(shell, response);
    let Some(plan) = applied(response) else { return };
    let (verb, rest) = plan.title.split_once(' ').unwrap_or((&plan.title, ""));
    shell.status(&past(verb), rest);
    if shell.verbosity() >= Verbosity::Verbose {
        plan.edits.iter().for_each(|edit| shell.err(human::edit(edit, None)));
    }
}

/// `Created` for `create`.
fn past(verb: &str) -> String {
    let mut past = verb.to_owned();
    past[..1].make_ascii_uppercase();
    past.push_str(if past.ends_with('e') { "d" } else { "ed" });
    past
}

#[cfg(test)]
mod tests {
    #[test]
    fn what_was_to_be_done_was_done() {
        assert_eq!(["create", "register"].map(super::past), ["Created", "Registered"]);
    }
}
