//! What doctor says of the profiles of a game whose build script packs, and how that is mended: a finding
//! of the command's own, since no library reads a `Cargo.toml`.
//!
//! The finding stops nothing. To mend it edits a person's manifest, so, unlike the library's fixes, it
//! is shown and agreed to first; asked for together, they are one plan.

use prometeu_packer::Project;
use prometeu_packer::diagnostics::{Code, Diagnostic, render};
use prometeu_packer::mutate::{Fix, Mutation, Plan};
use prometeu_packer::ops::{
    Action, Argument, Blocker, BlockerCode, Operation, OperationClass, Response, Status,
};

use crate::cli::Consent;
use crate::consent::What;
use crate::consent::beside::{self, Own, Stage};
use crate::exit::Exit;
use crate::printer::Printer;
use crate::setup::Step;
use crate::shell::Shell;

/// The finding, and its fix.
const CODE: Code = Code::SlowBuildProfile;

/// What mending it comes to.
const TITLE: &str = "let build scripts hash and decode at full speed";

/// Which fixes of those that were asked for are the library's, and whether ours is one of them. `step`
/// is what it would do.
///
/// # Errors
///
/// When ours was asked for by its name and nothing is missing.
pub(super) fn chosen(fixes: &[String], step: Option<&Step>) -> Result<(Fix, bool), Blocker> {
    let (ours, theirs): (Vec<String>, Vec<String>) =
        fixes.iter().cloned().partition(|fix| fix == CODE.as_str());
    let fix = match (ours.is_empty(), theirs.is_empty()) {
        (true, true) => return Ok((Fix::All, step.is_some())),
        (false, true) => Fix::Nothing,
        (_, false) => Fix::These(theirs),
    };
    if !ours.is_empty() && step.is_none() {
        let message = format!("there is no fix `{CODE}`: no profile line is missing");
        let help = "`cargo prometeu doctor` shows what can be mended.";
        return Err(Blocker::new(BlockerCode::InvalidArgument, message).help(help));
    }
    Ok((fix, !ours.is_empty()))
}

/// Mends it, and `fix` with it.
pub(super) fn mend(printer: &Printer, project: &Project, fix: &Fix, step: &Step, consent: &Consent) -> Exit {
    let together = |plan: &mut Plan| {
        // Ours is among the edits already.
        let is_alone = plan.edits.len() == 1;
        plan.title = if is_alone { TITLE.to_owned() } else { format!("{}, and {TITLE}", plan.title) };
        plan.takes_hold = true;
        let fixes = plan.arguments.iter_mut().find(|(name, _)| *name == "fix");
        if let Some((_, Argument::List(fixes))) = fixes {
            fixes.push(CODE.to_string());
        }
    };
    let again = "cargo prometeu doctor --fix --dry-run";
    let folder = project.layout().project();
    let own = Own { steps: std::slice::from_ref(step), folder, together: &together, again };
    let tell = |shell: &Shell, plan: &Plan, stage: Stage, what: What<'_>| {
        if stage == Stage::Applied {
            beside::edited(shell, plan, what);
            if plan.edits.len() > 1 {
                shell.hint("`cargo prometeu undo` takes back what was changed in `assets/`");
            }
        }
    };
    beside::mutate_beside(printer, project, &Mutation::Fix(fix.clone()), &own, consent, &tell)
}

/// Adds the finding to what doctor came to. `strictly` lets it count as everything untidy does.
pub(super) fn add(response: &mut Response<()>, step: &Step, strictly: bool) {
    let Step { edit, what } = step;
    response.diagnostics.push(Diagnostic {
        code: CODE,
        severity: CODE.severity(),
        blocking: false,
        asset_id: None,
        asset_uuid: None,
        asset_root: None,
        file: Some(edit.path.clone()),
        line: None,
        column: None,
        message: format!("build scripts hash and decode the art unoptimised: no lines for that in {what}"),
        help: Some(format!(
            "Run `cargo prometeu doctor --fix={CODE}`: it shows the edit of `{}`, and asks. A line of your own \
             for a crate is left as it is, and counts.",
            edit.path
        )),
        related: Vec::new(),
        fix: Some(CODE.to_string()),
        snippet: None,
    });
    response.proposed_actions.push(Action {
        action_id: CODE.to_string(),
        operation: Operation::Doctor,
        arguments: vec![("fix", vec![CODE.to_string()].into())],
        operation_class: OperationClass::WorkspaceMutation,
        needs_consent: true,
        title: TITLE.to_owned(),
    });
    response.summary = render::summary(&response.diagnostics).unwrap_or_default();
    if strictly && response.status == Status::Ok {
        response.status = Status::Blocked;
    }
}
