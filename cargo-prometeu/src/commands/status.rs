//! `status`: how the project relates to the disk, and the command that cures each contradiction.

use prometeu_packer::diagnostics::Diagnostic;
use prometeu_packer::diagnostics::render::visible;
use prometeu_packer::observe::{AssetChange, ChangeKind};
use prometeu_packer::ops::{Blocker, Response, WorkspaceStatus};
use prometeu_packer::snapshot::{Divergence, State};

use super::Context;
use crate::exit::{self, Exit};
use crate::printer::findings;
use crate::printer::human::{counted, trouble};
use crate::session;
use crate::shell::Shell;

pub(super) fn run(context: &Context<'_>) -> Result<Exit, Blocker> {
    let project = session::open(context.global, context.printer)?;
    let response = project.workspace_status();
    let exit = context.printer.response(&response, print);
    let needs_somebody = response.payload.as_ref().is_some_and(|status| {
        status.counts.blocking > 0 || !matches!(status.state, State::Current | State::Stale)
    });
    Ok(if exit == exit::DONE && needs_somebody { exit::FINDINGS } else { exit })
}

fn print(shell: &Shell, response: &Response<WorkspaceStatus>) {
    let Some(status) = &response.payload else { return trouble(shell, response) };
    let counts = &status.counts;
    let cannot_be_read = status.divergences.iter().any(|found| found.kind.as_str().starts_with("registry-"));
    let mut words = vec![match (counts.assets, counts.included) {
        (0, _) if cannot_be_read => match counts.unregistered {
            0 => "no registry that can be read".to_owned(),
            there => format!(
                "no registry that can be read, so nobody knows which assets there are; {} {} there",
                counted(there, "declaration"),
                if there == 1 { "is" } else { "are" }
            ),
        },
        (0, _) => "no assets yet".to_owned(),
        (assets, included) if assets == included => counted(assets, "asset"),
        (assets, included) => format!("{} ({included} in builds)", counted(assets, "asset")),
    }];
    let unregistered = if cannot_be_read { 0 } else { counts.unregistered };
    for (count, what) in [(unregistered, "not registered"), (counts.quarantined, "in quarantine")] {
        if count > 0 {
            words.push(format!("{count} {what}"));
        }
    }
    shell.print(words.join(", "));
    shell.print(match &status.state {
        State::Current => "current: the registry and the disk agree".to_owned(),
        State::Stale => "stale: the files have moved on since they were read".to_owned(),
        State::Diverged => "diverged: the registry and the disk contradict each other".to_owned(),
        State::Reconciling { title } => format!("reconciling: a change is under way, {}", visible(title)),
        State::Failed { why } => format!("failed: the journal cannot be followed, {}", visible(why)),
        other => other.as_str().to_owned(),
    });
    changes(shell, &status.changes);
    // What is wrong in the text of the registry is shown at its place.
    let of_registry = |found: &&Diagnostic| {
        found.code.as_str().starts_with("registry-") || found.code.as_str() == "journal-unfinished"
    };
    let shown: Vec<&Diagnostic> = response.diagnostics.iter().filter(of_registry).collect();
    if !shown.is_empty() {
        shell.print("");
        findings::print(shell, shown);
    }
    let others = status.divergences.iter().filter(|found| !found.kind.as_str().starts_with("registry-"));
    for divergence in others {
        shell.print("");
        shell.print(words_of(divergence));
    }
    if counts.blocking > 0 {
        shell.hint(format_args!(
            "{} a build; `cargo prometeu doctor` shows where",
            if counts.blocking == 1 {
                "1 finding stops".to_owned()
            } else {
                format!("{} findings stop", counts.blocking)
            }
        ));
    } else if counts.unregistered > 0 && status.divergences.is_empty() {
        shell.hint("`cargo prometeu list --unregistered` shows what is not registered");
    }
}

/// What differs from what was read before, a line each.
pub(super) fn changes(shell: &Shell, changes: &[AssetChange]) {
    for change in changes {
        let folder = visible(&change.folder);
        shell.print(match &change.kind {
            ChangeKind::Moved { from } => format!("  moved   {} -> {folder}", visible(from)),
            kind => format!("  {:<7} {folder}", kind.as_str()),
        });
    }
}

/// A contradiction, and under it the command of each way out with what that does.
pub(super) fn words_of(divergence: &Divergence) -> String {
    let ways: Vec<(String, String)> =
        divergence.ways.iter().filter_map(|way| Some((way.command()?, visible(&way.title)))).collect();
    let width = ways.iter().map(|(command, _)| command.chars().count()).max().unwrap_or(0);
    let ways = ways.iter().map(|(command, title)| format!("\n  {command:width$}  {title}"));
    let by_hand = if divergence.ways.is_empty() { "\n  only you can settle this, in the files" } else { "" };
    format!("{}{}{by_hand}", visible(&divergence.message), ways.collect::<String>())
}
